//! Everything of an event's attendees, bookings and money, piece by piece.

use std::sync::Arc;

use eventify_core::EventId;
use eventify_core::export::{self, ExportedAttendee, ExportedBooking};
use eventify_core::ffi::Refusal;
use eventify_core::payment::LedgerEntryView;
use tokio::sync::Mutex;

use crate::actor::Actor;
use crate::shared::Shared;

/// Everything of an event's attendees and bookings, piece by piece.
#[derive(Debug, uniffi::Object)]
pub struct Exports(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Exports {
    /// Begins to read all of an event's attendees, in the order in which they bought.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `event_not_found`, `not_event_owner`.
    pub async fn attendees(&self, actor: &Actor, event_id: EventId) -> Result<Arc<AttendeeExport>, Refusal> {
        let export = self.0.engine()?.exports().attendees(actor, event_id).await?;
        Ok(Arc::new(AttendeeExport { eventify: self.0.clone(), export: Mutex::new(export) }))
    }

    /// Begins to read all of an event's bookings, in the order in which they were made.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `event_not_found`, `not_event_owner`.
    pub async fn bookings(&self, actor: &Actor, event_id: EventId) -> Result<Arc<BookingExport>, Refusal> {
        let export = self.0.engine()?.exports().bookings(actor, event_id).await?;
        Ok(Arc::new(BookingExport { eventify: self.0.clone(), export: Mutex::new(export) }))
    }

    /// Begins to read all of an event's ledger.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `event_not_found`, `not_event_owner`.
    pub async fn ledger(&self, actor: &Actor, event_id: EventId) -> Result<Arc<LedgerExport>, Refusal> {
        let export = self.0.engine()?.exports().ledger(actor, event_id).await?;
        Ok(Arc::new(LedgerExport { eventify: self.0.clone(), export: Mutex::new(export) }))
    }
}

macro_rules! exports {
    ($($(#[$doc:meta])* $name:ident, $next:ident of $entry:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, uniffi::Object)]
        pub struct $name {
            eventify: Arc<Shared>,
            export: Mutex<export::$name>,
        }

        #[uniffi::export(async_runtime = "tokio")]
        impl $name {
            /// The next piece; nothing at the end. A piece that nobody waited for is not given again.
            ///
            /// # Errors
            /// `store_unavailable`, and what its beginning refuses.
            pub async fn next(&self) -> Result<Option<Vec<$entry>>, Refusal> {
                Ok(self.eventify.engine()?.exports().$next(&mut *self.export.lock().await).await?)
            }
        }
    )+};
}

exports! {
    /// Attendees on their way out.
    AttendeeExport, next_attendees of ExportedAttendee;
    /// Bookings on their way out.
    BookingExport, next_bookings of ExportedBooking;
    /// A ledger on its way out.
    LedgerExport, next_ledger of LedgerEntryView;
}
