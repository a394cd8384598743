//! The engine: how it is opened, and its nouns.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::store::{MemoryStore, Store};
use eventify_core::{Error, Settings};
use eventify_store_redb::RedbStore;

use crate::account::Accounts;
use crate::announcement::Announcements;
use crate::audit::AuditTrail;
use crate::booking::Bookings;
use crate::category::Categories;
use crate::clock::{Clock, HostClock};
use crate::event::Events;
use crate::export::Exports;
use crate::job::Jobs;
use crate::notification::Notifications;
use crate::notifier::{HostNotifier, Notifier};
use crate::payment::Payments;
use crate::payment_callbacks::PaymentCallbacks;
use crate::payment_provider::{HostPaymentProvider, PaymentProvider};
use crate::promo_code::PromoCodes;
use crate::review::Reviews;
use crate::seat_map::SeatMaps;
use crate::shared::Shared;
use crate::staff::Staff;
use crate::stats::Stats;
use crate::ticket::Tickets;
use crate::ticket_type::TicketTypes;
use crate::transfer::Transfers;
use crate::waitlist::Waitlists;

/// The settings that an engine has unless it is given others: to be changed and given to `Eventify.open`.
#[uniffi::export]
pub fn default_settings() -> Settings {
    Settings::default()
}

/// What an app chooses for its engine, besides the store.
#[derive(Default, uniffi::Record)]
pub struct EngineOptions {
    /// Other settings than `defaultSettings()`.
    #[uniffi(default)]
    pub settings: Option<Settings>,
    /// Brings messages to people.
    #[uniffi(default)]
    pub notifier: Option<Arc<dyn Notifier>>,
    /// Moves money.
    #[uniffi(default)]
    pub payment_provider: Option<Arc<dyn PaymentProvider>>,
    /// Reads what the payment provider says by itself.
    #[uniffi(default)]
    pub payment_callbacks: Option<Arc<dyn PaymentCallbacks>>,
    /// Another clock than the machine's.
    #[uniffi(default)]
    pub clock: Option<Arc<dyn Clock>>,
    /// Leaves jobs (hold expiry, deliveries …) to calls of `Jobs.runDue` instead of a worker in the background: for tests,
    /// and for apps that may not run in the background.
    #[uniffi(default)]
    pub without_worker: bool,
}

/// A running engine, with two threads of its own. One file has one engine at a time.
///
/// Every answer is on disk when it comes. End it with `shutDown`: the file is free then, and what was made of the engine says `closed`. An
/// engine that is dropped without it loses nothing that was answered, and lives on in its nouns. Called `Eventify` in Kotlin, where a class
/// around it closes it, and in Swift.
#[derive(Debug, uniffi::Object)]
pub struct Engine(Arc<Shared>);

#[uniffi::export]
impl Engine {
    /// Opens the engine over a file, and makes it if it is missing. Blocks while it does.
    ///
    /// # Errors
    /// `store_unavailable` when the file cannot be opened, or is open elsewhere; `invalid_value` for a notifier or provider that does
    /// not say what it serves.
    #[uniffi::constructor(default(options))]
    pub fn open(path: String, options: EngineOptions) -> Result<Arc<Self>, Refusal> {
        let file = RedbStore::builder()
            .reads_at_once(false)
            .open(path)
            .map_err(|e| Error::new(eventify_core::Reason::StoreUnavailable, e.to_string()))?;
        let file = Arc::new(file);
        start(file.clone(), Some(file), options)
    }

    /// Starts an engine that keeps everything in memory, and forgets it in the end.
    ///
    /// # Errors
    /// `invalid_value` for a notifier or provider that does not say what it serves.
    #[uniffi::constructor(default(options))]
    pub fn in_memory(options: EngineOptions) -> Result<Arc<Self>, Refusal> {
        start(Arc::new(MemoryStore::new()), None, options)
    }

    /// Accounts: register, login, profile, roles.
    pub fn accounts(&self) -> Arc<Accounts> {
        Arc::new(Accounts(self.0.clone()))
    }

    /// Events and their schedules.
    pub fn events(&self) -> Arc<Events> {
        Arc::new(Events(self.0.clone()))
    }

    /// Categories of events.
    pub fn categories(&self) -> Arc<Categories> {
        Arc::new(Categories(self.0.clone()))
    }

    /// Ticket types and what is left of them.
    pub fn ticket_types(&self) -> Arc<TicketTypes> {
        Arc::new(TicketTypes(self.0.clone()))
    }

    /// Promo codes.
    pub fn promo_codes(&self) -> Arc<PromoCodes> {
        Arc::new(PromoCodes(self.0.clone()))
    }

    /// Seat maps.
    pub fn seat_maps(&self) -> Arc<SeatMaps> {
        Arc::new(SeatMaps(self.0.clone()))
    }

    /// Waitlists.
    pub fn waitlists(&self) -> Arc<Waitlists> {
        Arc::new(Waitlists(self.0.clone()))
    }

    /// Bookings: hold, confirm, cancel, buy at once.
    pub fn bookings(&self) -> Arc<Bookings> {
        Arc::new(Bookings(self.0.clone()))
    }

    /// Tickets: codes, validation, check-in.
    pub fn tickets(&self) -> Arc<Tickets> {
        Arc::new(Tickets(self.0.clone()))
    }

    /// Transfers: tickets offered to somebody else.
    pub fn transfers(&self) -> Arc<Transfers> {
        Arc::new(Transfers(self.0.clone()))
    }

    /// The staff of one event, and the devices at its door.
    pub fn staff(&self) -> Arc<Staff> {
        Arc::new(Staff(self.0.clone()))
    }

    /// What those who were there think of events.
    pub fn reviews(&self) -> Arc<Reviews> {
        Arc::new(Reviews(self.0.clone()))
    }

    /// What came of events, in numbers.
    pub fn stats(&self) -> Arc<Stats> {
        Arc::new(Stats(self.0.clone()))
    }

    /// Everything of an event's attendees and bookings, piece by piece.
    pub fn exports(&self) -> Arc<Exports> {
        Arc::new(Exports(self.0.clone()))
    }

    /// Payments: start, callbacks, refunds, the ledger.
    pub fn payments(&self) -> Arc<Payments> {
        Arc::new(Payments(self.0.clone()))
    }

    /// What people were told, and what they want to be told.
    pub fn notifications(&self) -> Arc<Notifications> {
        Arc::new(Notifications(self.0.clone()))
    }

    /// What organizers tell those who have tickets.
    pub fn announcements(&self) -> Arc<Announcements> {
        Arc::new(Announcements(self.0.clone()))
    }

    /// Who did what.
    pub fn audit(&self) -> Arc<AuditTrail> {
        Arc::new(AuditTrail(self.0.clone()))
    }

    /// What happens later, and what was given up.
    pub fn jobs(&self) -> Arc<Jobs> {
        Arc::new(Jobs(self.0.clone()))
    }

    /// Ends every feed, and opens none any more. `shutDown` does it too.
    ///
    /// # Errors
    /// `closed`.
    pub fn close_feeds(&self) -> Result<(), Refusal> {
        self.0.engine()?.close_feeds();
        Ok(())
    }

    /// As `shutDown`, for whoever cannot suspend: blocks until it is done, which is the end of the jobs under way. Kotlin's `close` calls it.
    pub fn let_go(&self) {
        let (eventify, shared) = (self.0.engine(), self.0.clone());
        // On a thread of its own: whoever calls may stand on one of a runtime's, which must not wait for another.
        let closing = std::thread::spawn(move || eventify.map(|eventify| eventify.wait(shared.close())));
        let _ = closing.join();
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Engine {
    /// Answers when the store can serve.
    ///
    /// # Errors
    /// `store_unavailable`, `closed`.
    pub async fn ping(&self) -> Result<(), Refusal> {
        Ok(self.0.engine()?.ping().await?)
    }

    /// Accepts nothing more, finishes everything that was accepted, stops the worker, and lets go of the file. Whatever is asked afterwards, of
    /// the engine or of a noun, is refused with `closed`. Goes on when whoever waits for it is cancelled.
    pub async fn shut_down(&self) {
        self.0.clone().close().await;
    }
}

/// Starts the engine with what the app chooses.
fn start(
    store: Arc<dyn Store>,
    file: Option<Arc<RedbStore>>,
    options: EngineOptions,
) -> Result<Arc<Engine>, Refusal> {
    let mut builder =
        eventify_core::Eventify::builder_over(store).settings(options.settings.unwrap_or_default());
    if let Some(notifier) = options.notifier {
        builder = builder.notifier(HostNotifier::new(notifier)?);
    }
    if let Some(provider) = options.payment_provider {
        builder = builder.payment_provider(HostPaymentProvider::new(provider, options.payment_callbacks)?);
    }
    if let Some(clock) = options.clock {
        builder = builder.clock(HostClock(clock));
    }
    if options.without_worker {
        builder = builder.without_worker();
    }
    Ok(Arc::new(Engine(Arc::new(Shared::new(builder.start_blocking()?, file)))))
}
