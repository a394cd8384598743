//! The records of money, and their states.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::dispute::Dispute;
use super::port::{Charge, ChargeKey, ChargeStatus};
use crate::id::{BookingId, EventId, PaymentId, RefundId, UserId};
use crate::money::Money;
use crate::time::Timestamp;

/// One attempt to pay for a booking, and what came of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its id: the order's number at the provider.
    pub id: PaymentId,
    /// Of a charge that the provider made once more under the number of another payment: that payment.
    pub double_of: Option<PaymentId>,
    /// What is paid for.
    pub booking_id: BookingId,
    /// The booking's event.
    pub event_id: EventId,
    /// Who pays: the person who booked.
    pub user_id: UserId,
    /// The provider's name.
    pub provider: String,
    /// Whether staff takes the money and gives it back, and says so.
    pub by_hand: bool,
    /// What is to be paid; above zero.
    pub amount: Money,
    /// Where it is in its life.
    pub state: PaymentState,
    /// The provider's name for it, once that is known.
    pub reference: Option<String>,
    /// Another charge under the same number that may bring money, too, as long as it is looked after: beside the one that did, or that was begun
    /// first.
    pub other: Option<OtherCharge>,
    /// What the provider calls the movement of money by when somebody disputes it, once that is known.
    pub transaction: Option<String>,
    /// Where the payer has to go, while it is open. Whoever knows it can pay, or see who does.
    pub redirect_url: Option<String>,
    /// Where the payer's browser goes afterwards.
    pub return_url: Option<String>,
    /// What the payer reads at the provider: the event's title when it was begun. Asked for again it has to be the same charge, word for word.
    pub description: String,
    /// What the provider keeps for itself, when it says so.
    pub fee: Option<Money>,
    /// What is given back, in the order in which it was decided; at most [`REFUNDS_MAX`], and one for each of them that came back.
    pub refunds: Vec<Refund>,
    /// What the payer's bank was asked to take back; at most [`DISPUTES_MAX`].
    pub disputes: Vec<Dispute>,
    /// Why somebody has to look at it: every reason that there is.
    pub attention: BTreeSet<Attention>,
    /// Why it failed, in the provider's words for the payer.
    pub failure: Option<String>,
    /// What went wrong last, for those who see to it.
    pub last_error: Option<String>,
    /// The last instant at which the payer may pay.
    pub expires_at: Timestamp,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// Refunds that one payment may have.
pub const REFUNDS_MAX: usize = 20;
/// Of them those that people ask for: the rest is for what follows from other decisions.
pub const REFUNDS_ASKED_MAX: usize = 16;
/// Payments of one booking that people may begin.
pub const PAYMENTS_OF_BOOKING_MAX: usize = 20;
/// Those that are written down: with what staff takes, and with what a provider charges that it was not asked for.
pub(super) const PAYMENTS_KEPT_MAX: usize = 40;
/// Disputes that one payment may have.
pub const DISPUTES_MAX: usize = 10;

/// A charge under a payment's number whose money is not the payment's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OtherCharge {
    /// The money came before anybody heard what the charge that was begun is called: it may be that one, or another.
    Unnamed,
    /// The money came, or is to come, by another one than this, which was begun.
    Named(String),
}

impl fmt::Debug for Payment {
    /// Without addresses: who has them can pay, or see who does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("id", &self.id)
            .field("booking_id", &self.booking_id)
            .field("provider", &self.provider)
            .field("amount", &self.amount)
            .field("state", &self.state)
            .field("refunds", &self.refunds)
            .field("attention", &self.attention)
            .finish_non_exhaustive()
    }
}

/// Where a payment is in its life, with what it learned there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentState {
    /// The provider was not told yet, or did not answer.
    Created,
    /// The payer has not finished.
    Pending,
    /// The money came; parts or all of it may have been given back since.
    Succeeded {
        /// Since when.
        at: Timestamp,
        /// How much came, as the provider says.
        received: Money,
    },
    /// It did not come. Should it come after all, it succeeds.
    Failed {
        /// Since when.
        at: Timestamp,
    },
    /// The payer took too long. Should the money come after all, it succeeds.
    Expired {
        /// Since when.
        at: Timestamp,
    },
}

/// The state's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The provider was not told yet, or did not answer.
    Created,
    /// The payer has not finished.
    Pending,
    /// The money came.
    Succeeded,
    /// It did not come.
    Failed,
    /// The payer took too long.
    Expired,
}

impl PaymentState {
    /// The state's name.
    #[must_use]
    pub const fn status(&self) -> PaymentStatus {
        match self {
            Self::Created => PaymentStatus::Created,
            Self::Pending => PaymentStatus::Pending,
            Self::Succeeded { .. } => PaymentStatus::Succeeded,
            Self::Failed { .. } => PaymentStatus::Failed,
            Self::Expired { .. } => PaymentStatus::Expired,
        }
    }

    /// Whether the payer may still pay.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Created | Self::Pending)
    }

    /// What came.
    #[must_use]
    pub const fn received(&self) -> Option<Money> {
        match self {
            Self::Succeeded { received, .. } => Some(*received),
            _ => None,
        }
    }

    /// The state after the provider said how the charge stands; `None` when that is no news. Reports may come twice,
    /// late and out of order: money that came is never forgotten, and nothing else moves what has ended.
    #[must_use]
    pub const fn reported(&self, charge: &Charge, at: Timestamp) -> Option<Self> {
        match (self, charge.status) {
            (Self::Succeeded { .. }, _) => None,
            (_, ChargeStatus::Succeeded) => Some(Self::Succeeded { at, received: charge.amount }),
            (Self::Created, ChargeStatus::Pending) => Some(Self::Pending),
            (Self::Created | Self::Pending, ChargeStatus::Failed) => Some(Self::Failed { at }),
            (Self::Created | Self::Pending, ChargeStatus::Expired) => Some(Self::Expired { at }),
            (Self::Pending, ChargeStatus::Pending) | (Self::Failed { .. } | Self::Expired { .. }, _) => None,
        }
    }
}

impl Payment {
    /// Whether no provider was heard to have begun it.
    pub(crate) fn is_untold(&self) -> bool {
        self.state == PaymentState::Created && self.reference.is_none()
    }

    /// What is given back of it in all: done, due, or failed and still owed.
    #[must_use]
    pub fn booked(&self) -> Money {
        self.sum(|refund| !refund.state.is_void())
    }

    /// What was given back, or is on its way.
    #[must_use]
    pub fn refunded(&self) -> Money {
        self.sum(|refund| refund.state.is_gone())
    }

    /// What the provider gave back: not what people paid out by hand instead.
    #[must_use]
    pub fn refunded_by_provider(&self) -> Money {
        self.sum(|refund| refund.state.is_gone() && !refund.by_hand)
    }

    /// Since when it is known that the last of what the provider accepted to give back came back.
    pub(super) fn came_back_at(&self) -> Option<Timestamp> {
        let returned = |refund: &Refund| match refund.state {
            RefundState::Returned { at, .. } => Some(at),
            _ => None,
        };
        self.refunds.iter().filter_map(returned).max()
    }

    /// Since when the last that is known of its refunds is so: an answer about sums is worth something only if it was asked for later.
    pub(super) fn refunds_moved_at(&self) -> Option<Timestamp> {
        let moved = |refund: &Refund| match refund.state {
            RefundState::Sent { at } | RefundState::Done { at } | RefundState::Returned { at, .. } => {
                Some(at)
            }
            RefundState::Due | RefundState::Failed { .. } | RefundState::Superseded { .. } => None,
        };
        self.refunds.iter().filter_map(moved).max()
    }

    /// What disputes have taken back.
    #[must_use]
    pub fn charged_back(&self) -> Money {
        let currency = self.state.received().unwrap_or(self.amount).currency;
        let amounts = self.disputes.iter().map(Dispute::kept_minor);
        Money::new(amounts.fold(0, i64::saturating_add), currency)
    }

    /// What came, is still there, and nobody has decided to give back.
    #[must_use]
    pub fn left(&self) -> Money {
        let (booked, back) = (self.booked(), self.charged_back());
        let received = self.state.received().map_or(0, |received| received.amount_minor);
        let left = received.saturating_sub(booked.amount_minor).saturating_sub(back.amount_minor);
        Money::new(left.max(0), booked.currency)
    }

    /// What the provider knows it by.
    pub(crate) fn charge_key(&self) -> ChargeKey {
        ChargeKey { payment_id: self.double_of.unwrap_or(self.id), reference: self.reference.clone() }
    }

    /// What the provider knows the other charge under the same number by.
    pub(super) fn other_key(&self) -> Option<ChargeKey> {
        let reference = match self.other.as_ref()? {
            OtherCharge::Unnamed => None,
            OtherCharge::Named(reference) => Some(reference.clone()),
        };
        Some(ChargeKey { payment_id: self.id, reference })
    }

    /// Whether a report is about another charge than the one whose money this is.
    pub(super) fn is_other_charge(&self, charge: &Charge) -> bool {
        let own = self.reference.as_deref().filter(|_| self.state.received().is_some());
        own.is_some_and(|own| own != charge.reference)
    }

    /// Whether a report is about another charge than the one that was begun, and no money came by that one: it says nothing of this payment.
    pub(super) fn is_of_nobody(&self, charge: &Charge) -> bool {
        let own = self.reference.as_deref().filter(|_| self.state.received().is_none());
        own.is_some_and(|own| own != charge.reference) && charge.status != ChargeStatus::Succeeded
    }

    /// Has somebody look after a charge that was begun beside the one that is known, if there is none such yet.
    pub(super) fn look_after(&mut self, charge: &Charge) {
        if charge.status == ChargeStatus::Pending && self.other.is_none() {
            self.other = Some(OtherCharge::Named(charge.reference.clone()));
        }
    }

    /// Whether a report is about the charge that was begun beside the one that is known, while no money came by that.
    pub(super) fn is_beside(&self, charge: &Charge) -> bool {
        let named = |other: &OtherCharge| *other == OtherCharge::Named(charge.reference.clone());
        self.state.received().is_none() && self.other.as_ref().is_some_and(named)
    }

    /// The refund that is on its way: the first that is due, or that the provider has not made yet.
    #[must_use]
    pub fn under_way(&self) -> Option<&Refund> {
        self.refunds.iter().find(|refund| matches!(refund.state, RefundState::Due | RefundState::Sent { .. }))
    }

    fn sum(&self, counts: impl Fn(&Refund) -> bool) -> Money {
        let currency = self.state.received().unwrap_or(self.amount).currency;
        let amounts = self.refunds.iter().filter(|refund| counts(refund)).map(|r| r.amount.amount_minor);
        Money::new(amounts.fold(0, i64::saturating_add), currency)
    }

    /// Why somebody has to look at it, after its refunds moved.
    pub(super) fn look_again(&mut self) {
        let failed = |refund: &Refund| matches!(refund.state, RefundState::Failed { .. });
        let derived = [
            (Attention::RefundFailed, self.refunds.iter().any(failed)),
            (Attention::PayOut, self.by_hand && self.under_way().is_some()),
        ];
        for (why, holds) in derived {
            if holds {
                self.attention.insert(why);
            } else {
                self.attention.remove(&why);
            }
        }
    }
}

/// A part of a payment, or all of it, to give back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Its id: what makes the provider do it once. What the provider says has failed for good, and what becomes another amount, gets another.
    pub id: RefundId,
    /// How much; above zero, of the currency that came.
    pub amount: Money,
    /// What it follows from.
    pub cause: RefundCause,
    /// Why, in the words of who asked for it.
    pub reason: Option<String>,
    /// Where it is in its life.
    pub state: RefundState,
    /// The provider's name for it since it accepted it; where it has none, what it was asked for by. What went back outside has no name.
    pub reference: Option<String>,
    /// Whether people paid it out: the provider did not make it, as far as is known.
    pub by_hand: bool,
    /// How often it was tried anew after it failed.
    pub retries: u32,
    /// When it was decided.
    pub created_at: Timestamp,
}

impl Refund {
    /// Whether it is known by its provider's sums alone, as long as they have it: made outside, for one of ours that failed or for none.
    pub(super) fn is_by_sum(&self) -> bool {
        matches!(self.state, RefundState::Done { .. }) && !self.by_hand && self.reference.is_none()
    }
}

/// Where a refund is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefundState {
    /// It is to be made: by the provider, or by hand.
    Due,
    /// The provider accepted it, and may still fail to make it.
    Sent {
        /// Since when.
        at: Timestamp,
    },
    /// It is made.
    Done {
        /// Since when.
        at: Timestamp,
    },
    /// The provider does not make it. It is owed all the same: somebody has to see to it.
    Failed {
        /// Since when.
        at: Timestamp,
        /// Why, for those who see to it.
        error: String,
    },
    /// The provider did not make it, and the payer's bank took the money itself: as long as that holds nothing is owed.
    Superseded {
        /// Since when.
        at: Timestamp,
    },
    /// The provider accepted it, and the money came back. What is owed is another refund.
    Returned {
        /// Since when.
        at: Timestamp,
        /// Why, for those who see to it.
        error: String,
    },
}

/// The state's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// It is to be made.
    Due,
    /// The provider accepted it.
    Sent,
    /// It is made.
    Done,
    /// The provider does not make it.
    Failed,
    /// The payer's bank took the money instead.
    Superseded,
    /// The provider accepted it, and the money came back.
    Returned,
}

impl RefundState {
    /// The state's name.
    #[must_use]
    pub const fn status(&self) -> RefundStatus {
        match self {
            Self::Due => RefundStatus::Due,
            Self::Sent { .. } => RefundStatus::Sent,
            Self::Done { .. } => RefundStatus::Done,
            Self::Failed { .. } => RefundStatus::Failed,
            Self::Superseded { .. } => RefundStatus::Superseded,
            Self::Returned { .. } => RefundStatus::Returned,
        }
    }

    /// Whether it counts for nothing any more: the payer's bank, or another refund, took its place.
    #[must_use]
    pub const fn is_void(&self) -> bool {
        matches!(self, Self::Superseded { .. } | Self::Returned { .. })
    }

    /// Whether the money has left: it is the payer's, or on its way there.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        matches!(self, Self::Sent { .. } | Self::Done { .. })
    }
}

/// What a refund follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum RefundCause {
    /// The booking was cancelled.
    BookingCancelled,
    /// The event was cancelled.
    EventCancelled,
    /// The money came when the seats were gone.
    TooLate,
    /// The booking had been paid already.
    PaidTwice,
    /// Another amount came than was asked for.
    AmountMismatch,
    /// Somebody who may asked for it.
    Requested,
    /// The provider gave it back by itself: from its own pages, or because the payer disputed it.
    Outside,
}

/// Why somebody has to look at a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// Another amount or currency came than was asked for; it is given back.
    AmountMismatch,
    /// The provider does not give money back that is owed.
    RefundFailed,
    /// The provider gave money back that nobody here asked for.
    RefundedOutside,
    /// Somebody has to give money back by hand, and say so.
    PayOut,
    /// The provider charged more than once for one payment; what came again is given back.
    ChargedTwice,
    /// The payer has their bank take the money back.
    Disputed,
    /// The provider is not attached any more: nobody learns how the payment stands.
    ProviderMissing,
    /// Nobody learns from the provider how the payment stands: it would not say so to the last, or the job that asks was given up.
    Unwatched,
}

impl Attention {
    /// Whether it ends only when the money is given back: nobody can leave it alone before.
    pub(super) const fn is_owed(self) -> bool {
        matches!(self, Self::RefundFailed | Self::PayOut)
    }
}

/// The payments of one booking: what makes a second start the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingPayments {
    /// The booking.
    pub booking_id: BookingId,
    /// Its event.
    pub event_id: EventId,
    /// Its payments, oldest first: [`PAYMENTS_OF_BOOKING_MAX`] that people began, and as many that were not asked for.
    pub payments: Vec<PaymentId>,
}
