//! What came and went for an event, in a period.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Payments;
use super::ledger::{LedgerEntry, LedgerKind, LedgerPeriod};
use super::view::LedgerEntryView;
use crate::actor::Actor;
use crate::error::Error;
use crate::event::{Event, event_not_found};
use crate::eventify::of_kind;
use crate::id::EventId;
use crate::money::Currency;
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Scan};
use crate::time::Timestamp;

/// What came and went for an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PaymentReport {
    /// The event.
    pub event_id: EventId,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// The sums, by currency and provider.
    pub sums: Vec<PaymentSum>,
}

/// What came and went by one provider in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PaymentSum {
    /// The currency of the amounts.
    pub currency: Currency,
    /// The provider's name.
    pub provider: String,
    /// How many payments came.
    pub charges: u32,
    /// What came, in minor units.
    pub charged_minor: i64,
    /// How many refunds went back.
    pub refunds: u32,
    /// What went back and did not come again, in minor units.
    pub refunded_minor: i64,
    /// How many disputes took money.
    pub chargebacks: u32,
    /// What disputes took and did not bring back, in minor units.
    pub charged_back_minor: i64,
    /// What the provider kept, as far as it says so, in minor units.
    pub fees_minor: i64,
    /// What is left: came less went back less taken less kept, in minor units.
    pub net_minor: i64,
}

/// Entries that are read at once.
const PIECE_RECORDS_MAX: usize = 500;
/// And so many times for one report.
const PIECES_MAX: usize = 400;

impl LedgerPeriod {
    /// # Errors
    /// `invalid_value` (`to`) when it ends before it begins.
    fn check(&self) -> Result<(), Error> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to <= from => Err(Error::invalid("to", "must be after from")),
            _ => Ok(()),
        }
    }
}

impl PaymentSum {
    fn add(&mut self, entry: &LedgerEntry) {
        let amount = entry.amount.amount_minor;
        match entry.kind {
            LedgerKind::Charge => {
                self.charges = self.charges.saturating_add(1);
                self.charged_minor = self.charged_minor.saturating_add(amount);
            }
            LedgerKind::Refund => {
                self.refunds = self.refunds.saturating_add(1);
                self.refunded_minor = self.refunded_minor.saturating_add(amount);
            }
            LedgerKind::RefundReturned => self.refunded_minor = self.refunded_minor.saturating_sub(amount),
            LedgerKind::Fee => self.fees_minor = self.fees_minor.saturating_add(amount),
            LedgerKind::Chargeback => {
                self.chargebacks = self.chargebacks.saturating_add(1);
                self.charged_back_minor = self.charged_back_minor.saturating_add(amount);
            }
            LedgerKind::ChargebackReturned => {
                self.charged_back_minor = self.charged_back_minor.saturating_sub(amount);
            }
        }
        let went = [self.refunded_minor, self.charged_back_minor, self.fees_minor];
        self.net_minor = went.into_iter().fold(self.charged_minor, i64::saturating_sub);
    }
}

impl Payments<'_> {
    /// Every movement of an event's money in a period, newest first. For its organizer and admins.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `event_not_found`, `not_event_owner`, `invalid_value` (`to`, `limit`), `malformed` (cursor).
    pub async fn ledger(
        &self,
        actor: &Actor,
        event_id: EventId,
        period: LedgerPeriod,
        page: &PageRequest,
    ) -> Result<Listing<LedgerEntryView>, Error> {
        let actor = &*actor.within(Scope::PaymentsRead)?;
        period.check()?;
        self.owned(actor, event_id).await?;
        let index = Index::LedgerOfEvent(event_id, period);
        let found = self.engine.list::<LedgerEntry>(index, true, page).await?;
        Ok(found.map(|entry| LedgerEntryView::from(&*entry)))
    }

    /// What came and went for an event in a period, by currency and provider. For its organizer and admins. Reads the period's entries
    /// piece by piece, 200,000 at most: what is written meanwhile may be in it or not. The sums of two periods that follow each
    /// other are those of both.
    ///
    /// # Errors
    /// As [`Payments::ledger`]; also `invalid_value` (`to`) for a period with more entries.
    pub async fn report(
        &self,
        actor: &Actor,
        event_id: EventId,
        period: LedgerPeriod,
    ) -> Result<PaymentReport, Error> {
        let actor = &*actor.within(Scope::PaymentsRead)?;
        period.check()?;
        self.owned(actor, event_id).await?;
        let mut sums: BTreeMap<(String, String), PaymentSum> = BTreeMap::new();
        let mut scan = Scan::first(Index::LedgerOfEvent(event_id, period), PIECE_RECORDS_MAX);
        for nth in 0.. {
            if nth == PIECES_MAX {
                let sentence = format!(
                    "the period has more than {} movements; ask for shorter ones, and add them up",
                    PIECES_MAX * PIECE_RECORDS_MAX
                );
                return Err(Error::invalid("to", sentence));
            }
            let piece = self.engine.core().store.scan(&scan).await?;
            for entry in of_kind::<LedgerEntry>(&piece.items) {
                let currency = entry.amount.currency;
                let key = (currency.code().to_owned(), entry.provider.clone());
                sums.entry(key).or_insert_with(|| none(currency, &entry.provider)).add(entry);
            }
            match piece.next {
                Some(next) => scan.after = Some(next),
                None => break,
            }
        }
        Ok(PaymentReport { event_id, from: period.from, to: period.to, sums: sums.into_values().collect() })
    }

    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`.
    async fn owned(&self, actor: &Actor, event_id: EventId) -> Result<(), Error> {
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_owner(actor, &event).await
    }
}

fn none(currency: Currency, provider: &str) -> PaymentSum {
    PaymentSum {
        currency,
        provider: provider.to_owned(),
        charges: 0,
        charged_minor: 0,
        refunds: 0,
        refunded_minor: 0,
        chargebacks: 0,
        charged_back_minor: 0,
        fees_minor: 0,
        net_minor: 0,
    }
}
