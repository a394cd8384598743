//! A charge in a bank's own books.

use std::collections::BTreeMap;

use crate::id::{BookingId, PaymentId};
use crate::money::Money;
use crate::payment::{Charge, ChargeDispute, ChargeRequest, ChargeStatus, DisputeStatus, ReceiptStatus};
use crate::time::Timestamp;

/// A charge in the bank's own books.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) booking_id: BookingId,
    /// The number that it was asked for under.
    pub(super) order: PaymentId,
    /// What the bank calls it.
    pub(super) reference: String,
    pub(super) asked: Money,
    /// What it was begun with: asked for again it is the same, word for word.
    pub(super) request: ChargeRequest,
    /// Whether its fee is told by its status.
    pub(super) has_fee: bool,
    pub(super) expires_at: Timestamp,
    pub(super) status: ChargeStatus,
    pub(super) captured: Option<Money>,
    pub(super) refunds: BTreeMap<String, Given>,
    /// What people paid out because the bank gives no parts back: it knows nothing of that.
    pub(super) paid_out: Vec<Money>,
    /// What was given back on the bank's own pages, and may come back.
    pub(super) outside: Vec<Given>,
    pub(super) dispute: Option<Disputed>,
    /// What it said before.
    pub(super) past: Vec<Charge>,
}

/// What is given back of a charge where it is not all.
const PART: i64 = 130;

/// Money that the bank accepted to give back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) amount: Money,
    pub(super) status: ReceiptStatus,
}

/// Money that the payer's own bank took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disputed {
    pub(super) taken: Money,
    pub(super) status: DisputeStatus,
}

impl Account {
    /// How much the bank gave back, in minor units.
    pub(super) fn returned(&self) -> i64 {
        let gone = self.given().filter(|given| given.status != ReceiptStatus::Failed);
        gone.map(|given| given.amount.amount_minor).sum()
    }

    /// How much it ever accepted to give back, in minor units.
    pub(super) fn accepted(&self) -> i64 {
        self.given().map(|given| given.amount.amount_minor).sum()
    }

    fn given(&self) -> impl Iterator<Item = &Given> {
        self.refunds.values().chain(&self.outside)
    }

    /// Whoever asks hears its fee, too.
    pub(super) fn status(&self) -> Charge {
        Charge { fee: self.fee(), ..self.charge() }
    }

    /// What the bank keeps of it.
    pub(super) fn fee(&self) -> Option<Money> {
        let captured = self.captured.filter(|_| self.has_fee)?;
        Some(Money::new(captured.amount_minor / 33, captured.currency))
    }

    /// As it was before, but for what was given back and what the bank keeps: that is never old.
    pub(super) fn before(&self) -> Option<Charge> {
        let mut past = self.past.last()?.clone();
        if past.amount.currency == self.charge().amount.currency {
            past.refunded.amount_minor = self.returned();
            past.fee = self.fee();
        }
        Some(past)
    }

    /// Somebody gives back on the bank's own pages what is there, or a part of it. Answers whether there was anything.
    pub(super) fn give_back_outside(&mut self, part: bool) -> bool {
        let left = self.left();
        let Some(captured) = self.captured.filter(|_| left > 0) else { return false };
        self.past.push(self.charge());
        let amount = if part { left.min(PART) } else { left };
        let amount = Money::new(amount, captured.currency);
        self.outside.push(Given { amount, status: ReceiptStatus::Done });
        true
    }

    /// What a dispute keeps, in minor units.
    pub(super) fn disputed(&self) -> i64 {
        let kept = self.dispute.filter(|dispute| dispute.status != DisputeStatus::Won);
        kept.map_or(0, |dispute| dispute.taken.amount_minor)
    }

    /// What is there of it, whoever has the rest.
    pub(super) fn left(&self) -> i64 {
        let out: i64 = self.paid_out.iter().map(|paid| paid.amount_minor).sum();
        self.captured.map_or(0, |captured| captured.amount_minor) - self.returned() - self.disputed() - out
    }

    pub(super) fn charge(&self) -> Charge {
        let amount = self.captured.unwrap_or(self.asked);
        Charge {
            reference: self.reference.clone(),
            // Money that has not moved has no name.
            transaction: self.captured.map(|_| self.transaction()),
            status: self.status,
            amount,
            refunded: Money::new(self.returned(), amount.currency),
            fee: None,
            redirect_url: (self.status == ChargeStatus::Pending)
                .then(|| format!("https://{}.example", self.reference)),
            failure: (self.status == ChargeStatus::Failed).then(|| "no funds".to_owned()),
        }
    }

    fn transaction(&self) -> String {
        format!("money-{}", self.reference)
    }

    /// How its dispute stands.
    pub(super) fn news(&self) -> Option<ChargeDispute> {
        let Disputed { taken, status } = self.dispute?;
        let is_won = status == DisputeStatus::Won;
        Some(ChargeDispute {
            reference: format!("dispute-{}", self.reference),
            transaction: self.transaction(),
            amount: taken,
            reason: None,
            status,
            moves: if is_won { 2 } else { 1 },
            taken: Money::new(self.disputed(), taken.currency),
        })
    }

    /// The payer's bank takes what is there, or decides about what it took. Answers whether it did.
    pub(super) fn contest(&mut self, won: bool) -> bool {
        let returned = self.returned();
        match (&mut self.dispute, self.captured) {
            (Some(dispute), _) if dispute.status == DisputeStatus::Open => {
                dispute.status = if won { DisputeStatus::Won } else { DisputeStatus::Lost };
                true
            }
            (None, Some(captured)) if captured.amount_minor > returned => {
                let taken = Money::new(captured.amount_minor - returned, captured.currency);
                self.dispute = Some(Disputed { taken, status: DisputeStatus::Open });
                true
            }
            _ => false,
        }
    }
}
