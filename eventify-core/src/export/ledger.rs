//! Every movement of an event's money.

use super::{EventExport, Exports};
use crate::actor::Actor;
use crate::error::Error;
use crate::event::{Event, event_not_found};
use crate::id::EventId;
use crate::payment::{LedgerEntry, LedgerEntryView, LedgerPeriod};
use crate::scope::Scope;
use crate::store::Index;

/// An event's ledger on its way out. From [`Exports::ledger`].
pub type LedgerExport = EventExport<LedgerEntry>;

impl Exports<'_> {
    /// Begins to take out every movement of an event's money, oldest first. For its organizer and admins. The right is asked for
    /// here, once.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `insufficient_scope`.
    pub async fn ledger(&self, actor: &Actor, event_id: EventId) -> Result<LedgerExport, Error> {
        let actor = &*actor.within(Scope::PaymentsRead)?;
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        // An event keeps its organizer, so what is asked here holds for the decision that writes it down.
        self.engine.require_owner(actor, &event).await?;
        let whole = Index::LedgerOfEvent(event_id, LedgerPeriod::WHOLE);
        self.begin(actor, event_id, "ledger.exported", whole).await
    }

    /// The next piece; `None` behind the last. All that was there when the export began is in it once.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn next_ledger(
        &self,
        export: &mut LedgerExport,
    ) -> Result<Option<Vec<LedgerEntryView>>, Error> {
        let Some((entries, behind)) = export.pieces.next(self.engine).await? else { return Ok(None) };
        let rows = entries.iter().map(|entry| LedgerEntryView::from(&**entry)).collect();
        export.pieces.go_on(behind);
        Ok(Some(rows))
    }
}
