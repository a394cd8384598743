//! What came and went for an event, in a period.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Payments;
use super::model::{LedgerEntry, LedgerKind};
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

/// A period of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct LedgerPeriod {
    /// From this instant on; from the beginning when absent.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub from: Option<Timestamp>,
    /// Before this instant; without an end when absent.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub to: Option<Timestamp>,
}

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
    /// What went back, in minor units.
    pub refunded_minor: i64,
    /// What the provider kept, as far as it says so, in minor units.
    pub fees_minor: i64,
    /// What is left: came less went back less kept, in minor units.
    pub net_minor: i64,
}

/// Entries that are read at once.
const PIECE_RECORDS_MAX: usize = 500;

impl LedgerPeriod {
    /// # Errors
    /// `invalid_value` when it ends before it begins.
    fn check(&self) -> Result<(), Error> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to <= from => Err(Error::invalid("to", "must be after from")),
            _ => Ok(()),
        }
    }

    fn has(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
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
            LedgerKind::Fee => self.fees_minor = self.fees_minor.saturating_add(amount),
        }
        self.net_minor =
            self.charged_minor.saturating_sub(self.refunded_minor).saturating_sub(self.fees_minor);
    }
}

impl Payments<'_> {
    /// Every movement of an event's money in a period, newest first. For its organizer and admins. A page may have fewer entries than
    /// asked for, also none, and go on.
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
        let found = self.engine.list::<LedgerEntry>(Index::LedgerOfEvent(event_id), true, page).await?;
        // What comes behind is older still.
        let over = found.data.last().is_some_and(|last| period.from.is_some_and(|from| last.at < from));
        let entries = found.data.iter().filter(|entry| period.has(entry.at));
        let data = entries.map(|entry| LedgerEntryView::from(&**entry)).collect();
        Ok(Listing { data, next_cursor: found.next_cursor.filter(|_| !over) })
    }

    /// What came and went for an event in a period, by currency and provider. For its organizer and admins. Reads the ledger piece by
    /// piece: what is written meanwhile may be in it or not.
    ///
    /// # Errors
    /// As [`Payments::ledger`].
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
        let mut scan = Scan::first(Index::LedgerOfEvent(event_id), PIECE_RECORDS_MAX);
        loop {
            let piece = self.engine.core().store.scan(&scan).await?;
            for entry in of_kind::<LedgerEntry>(&piece.items).filter(|entry| period.has(entry.at)) {
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
        fees_minor: 0,
        net_minor: 0,
    }
}
