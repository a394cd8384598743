//! The handle of a running engine, and how one is started.

mod reads;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Handle, Runtime};
use tokio::sync::{Mutex, Notify};

use crate::account::{Accounts, Hasher, Passes, install_crypto};
use crate::announcement::Announcements;
use crate::audit::AuditTrail;
use crate::bells::Bells;
use crate::booking::Bookings;
use crate::context::{Clock, Entropy, Settings, SystemClock, SystemEntropy};
use crate::error::Error;
use crate::event::{Categories, Events};
use crate::executor::{Core, Ear, Executor};
use crate::export::Exports;
use crate::id::EventId;
use crate::job::{Absences, Claims, Jobs, Tally, Worker};
use crate::keyring::{self, Keys};
use crate::notification::{Notifications, Notifier, Outlets, Publisher};
use crate::payment::{PaymentProvider, Payments, Providers};
use crate::promo_code::PromoCodes;
use crate::review::Reviews;
use crate::seat_map::SeatMaps;
use crate::signing::SigningKeys;
use crate::staff::StaffOf;
use crate::stats::{Stats, Watchers};
use crate::store::{EngineId, Position, Store};
use crate::text::Texts;
use crate::ticket::Tickets;
use crate::ticket_type::TicketTypes;
use crate::transfer::Transfers;
use crate::waitlist::Waitlists;
use crate::webhook::{WebhookSender, Webhooks};

pub(crate) use reads::of_kind;

/// A running engine. Cheap to clone; every clone is the same engine.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use eventify_core::{Actor, Eventify, account::Register, store::MemoryStore};
///
/// let eventify = Eventify::builder(MemoryStore::new()).start().await?;
/// let ada = Register::new("Ada", "ada@example.org", "a long secret");
/// let user = eventify.accounts().register(&Actor::anonymous(), ada).await?;
/// assert_eq!(user.name, "Ada");
/// eventify.shut_down().await;
/// # Ok::<(), eventify_core::Error>(()) }).map_err(|e| e.to_string())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Eventify {
    engine: Arc<Engine>,
}

impl fmt::Debug for Eventify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Eventify").field("store", &self.engine.core().store).finish_non_exhaustive()
    }
}

/// RFC 9700: what cannot be taken back lives briefly.
const ACCESS_TOKEN_FOR_MAX: Duration = Duration::from_secs(15 * 60);
/// A notification is also the mark that its fact was told: it outlives whoever may tell it again.
const KEPT_MIN: Duration = Duration::from_secs(24 * 3600);
/// For longer nobody keeps seats for money that may never come.
const PAYMENT_BY_HAND_FOR_MAX: Duration = Duration::from_secs(90 * 24 * 3600);

/// What the nouns work with.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) executor: Executor,
    pub(crate) hasher: Hasher,
    /// Who showed an access token lately.
    pub(crate) passes: Passes,
    /// `None` once it has stopped.
    worker: Mutex<Option<Worker>>,
    pub(crate) claims: Claims,
    pub(crate) absences: Absences,
    pub(crate) tally: Tally,
    /// How far the marks of lanes were looked through.
    pub(crate) marks_swept_to: Mutex<Option<Position>>,
    /// The same for notifications.
    pub(crate) told_swept_to: Mutex<Option<Position>>,
    /// The same for dead letters.
    pub(crate) dead_swept_to: Mutex<Option<Position>>,
    /// The same for what nobody serves.
    pub(crate) unserved_swept_to: Mutex<Option<Position>>,
    /// Hears what other processes signal.
    _ear: Option<Ear>,
    /// Kept only to live as long as the engine.
    _runtime: OwnRuntime,
}

/// A runtime of the engine's own, when it was started outside of any.
#[derive(Debug, Default)]
struct OwnRuntime(Option<Runtime>);

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Dropping a runtime where it may not block panics; this never blocks.
            runtime.shutdown_background();
        }
    }
}

/// Starts an engine: where it keeps its records, and how it is set up.
#[derive(Debug)]
pub struct Builder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    settings: Settings,
    outlets: Outlets,
    providers: Providers,
    texts: Arc<Texts>,
    background: bool,
}

impl Builder {
    /// Another clock than the machine's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another source of randomness than the operating system.
    #[must_use]
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// Other settings than the default ones.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Who brings messages to people outside of the app.
    #[must_use]
    pub fn notifier(mut self, notifier: impl Notifier) -> Self {
        self.outlets.notifier = Some(Arc::new(notifier));
        self
    }

    /// Who tells other systems of facts; may be called for several, which have different names.
    #[must_use]
    pub fn publisher(mut self, publisher: impl Publisher) -> Self {
        self.outlets.publishers.push(Arc::new(publisher));
        self
    }

    /// Somebody who moves money; may be called for several, each with a name of its own. The first one is what is taken when
    /// nobody chooses.
    #[must_use]
    pub fn payment_provider(mut self, provider: impl PaymentProvider) -> Self {
        self.providers.add(Arc::new(provider));
        self
    }

    /// Other words than the ones that are built in: more languages, or texts of one's own.
    #[must_use]
    pub fn texts(mut self, texts: impl Into<Arc<Texts>>) -> Self {
        self.texts = texts.into();
        self
    }

    /// Lets organizers and admins name addresses that are told of facts, and says who brings it there.
    #[must_use]
    pub fn webhooks(mut self, sender: impl WebhookSender) -> Self {
        self.outlets.webhooks = Some(Arc::new(sender));
        self
    }

    /// Leaves jobs (hold expiry, deliveries …) to calls of [`Jobs::run_due`] instead of a worker in the background:
    /// for tests, and for hosts that may not run in the background.
    #[must_use]
    pub const fn without_worker(mut self) -> Self {
        self.background = false;
        self
    }

    /// Starts the engine on the current tokio runtime.
    ///
    /// # Errors
    /// `store_unavailable` or `internal` when the keyring cannot be read or made; `invalid_value` when two publishers or
    /// payment providers have one name, or a provider's is not well-formed.
    ///
    /// # Panics
    /// Outside of a tokio runtime; use [`Builder::start_blocking`] there.
    pub async fn start(self) -> Result<Eventify, Error> {
        self.start_on(Handle::current(), OwnRuntime::default()).await
    }

    /// Starts the engine with two threads of its own, for a host without tokio. Use [`Eventify::wait`] for its calls,
    /// and wait for [`Eventify::shut_down`] in the end: dropping the last handle ends the threads where they are.
    ///
    /// # Panics
    /// Inside of a tokio runtime; use [`Builder::start`] there.
    ///
    /// # Errors
    /// As [`Builder::start`], and `internal` when the threads cannot be started.
    pub fn start_blocking(self) -> Result<Eventify, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("eventify")
            .enable_time()
            .build()
            .map_err(|e| Error::internal(format!("the engine's threads cannot be started: {e}")))?;
        let handle = runtime.handle().clone();
        let starting = self.start_on(handle.clone(), OwnRuntime(Some(runtime)));
        handle.block_on(starting)
    }

    async fn start_on(self, handle: Handle, runtime: OwnRuntime) -> Result<Eventify, Error> {
        install_crypto();
        self.outlets.check()?;
        self.providers.check()?;
        let mut settings = self.settings;
        settings.access_token_for = settings.access_token_for.min(ACCESS_TOKEN_FOR_MAX);
        settings.payment_by_hand_for = settings.payment_by_hand_for.min(PAYMENT_BY_HAND_FOR_MAX);
        settings.notifications_kept = settings.notifications_kept.max(KEPT_MIN);
        settings.dead_letters_kept = settings.dead_letters_kept.max(KEPT_MIN);
        settings.webhook_log_kept =
            settings.webhook_log_kept.max(settings.webhook_retry_for.saturating_add(KEPT_MIN));
        settings.audit_kept = settings.audit_kept.map(|kept| kept.max(KEPT_MIN));
        let keyring = keyring::load_or_make(&*self.store, &*self.clock, &*self.entropy).await?;
        let core = Arc::new(Core {
            id: EngineId::random(),
            store: self.store,
            clock: self.clock,
            entropy: self.entropy,
            settings,
            outlets: self.outlets,
            providers: self.providers,
            texts: self.texts,
            keys: Keys::new(keyring),
            signing_keys: SigningKeys::default(),
            feeds: Bells::default(),
            watchers: Watchers::default(),
            has_worker: self.background,
            jobs_changed: Notify::new(),
        });
        let ear = Ear::start(&core, &handle);
        let executor = Executor::start(core, &handle);
        let hasher = Hasher::new(handle.clone());
        let engine = Arc::new(Engine {
            executor,
            hasher,
            passes: Passes::default(),
            worker: Mutex::new(None),
            claims: Claims::default(),
            absences: Absences::default(),
            tally: Tally::default(),
            marks_swept_to: Mutex::new(None),
            told_swept_to: Mutex::new(None),
            dead_swept_to: Mutex::new(None),
            unserved_swept_to: Mutex::new(None),
            _ear: ear,
            _runtime: runtime,
        });
        if self.background {
            let worker = Worker::start(&engine, &handle);
            *engine.worker.lock().await = Some(worker);
        }
        Ok(Eventify { engine })
    }
}

impl Eventify {
    /// Begins to start an engine over a store.
    pub fn builder(store: impl Store) -> Builder {
        Self::builder_over(Arc::new(store))
    }

    /// The same over a store that is shared or chosen at run time.
    #[must_use]
    pub fn builder_over(store: Arc<dyn Store>) -> Builder {
        Builder {
            store,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            settings: Settings::default(),
            outlets: Outlets::default(),
            providers: Providers::default(),
            texts: Arc::new(Texts::bundled()),
            background: true,
        }
    }

    /// Accounts: register, login, profile, roles.
    #[must_use]
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts { engine: &self.engine }
    }

    /// Events and their schedules.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        Events { engine: &self.engine }
    }

    /// Categories of events.
    #[must_use]
    pub fn categories(&self) -> Categories<'_> {
        Categories { engine: &self.engine }
    }

    /// Ticket types and what is left of them.
    #[must_use]
    pub fn ticket_types(&self) -> TicketTypes<'_> {
        TicketTypes { engine: &self.engine }
    }

    /// Promo codes.
    #[must_use]
    pub fn promo_codes(&self) -> PromoCodes<'_> {
        PromoCodes { engine: &self.engine }
    }

    /// Seat maps.
    #[must_use]
    pub fn seat_maps(&self) -> SeatMaps<'_> {
        SeatMaps { engine: &self.engine }
    }

    /// Waitlists.
    #[must_use]
    pub fn waitlists(&self) -> Waitlists<'_> {
        Waitlists { engine: &self.engine }
    }

    /// Bookings: hold, confirm, cancel, buy at once.
    #[must_use]
    pub fn bookings(&self) -> Bookings<'_> {
        Bookings { engine: &self.engine }
    }

    /// Tickets: codes, validation, check-in.
    #[must_use]
    pub fn tickets(&self) -> Tickets<'_> {
        Tickets { engine: &self.engine }
    }

    /// Transfers: tickets offered to somebody else.
    #[must_use]
    pub fn transfers(&self) -> Transfers<'_> {
        Transfers { engine: &self.engine }
    }

    /// The staff of one event, and the devices at its door.
    #[must_use]
    pub fn staff(&self, event_id: EventId) -> StaffOf<'_> {
        StaffOf { engine: &self.engine, event_id }
    }

    /// What those who were there think of events.
    #[must_use]
    pub fn reviews(&self) -> Reviews<'_> {
        Reviews { engine: &self.engine }
    }

    /// What came of events, in numbers.
    #[must_use]
    pub fn stats(&self) -> Stats<'_> {
        Stats { engine: &self.engine }
    }

    /// Everything of an event's attendees and bookings, piece by piece.
    #[must_use]
    pub fn exports(&self) -> Exports<'_> {
        Exports { engine: &self.engine }
    }

    /// Payments: start, callbacks, refunds, the ledger.
    #[must_use]
    pub fn payments(&self) -> Payments<'_> {
        Payments { engine: &self.engine }
    }

    /// What people were told, and what they want to be told.
    #[must_use]
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications { engine: &self.engine }
    }

    /// The words in which people are told things.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.engine.core().texts
    }

    /// What organizers tell those who have tickets.
    #[must_use]
    pub fn announcements(&self) -> Announcements<'_> {
        Announcements { engine: &self.engine }
    }

    /// Webhooks: addresses of other systems that are told of facts.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks<'_> {
        Webhooks { engine: &self.engine }
    }

    /// Who did what.
    #[must_use]
    pub fn audit(&self) -> AuditTrail<'_> {
        AuditTrail { engine: &self.engine }
    }

    /// What happens later, and what was given up.
    #[must_use]
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs { engine: &self.engine }
    }

    /// Answers when the store can serve.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn ping(&self) -> Result<(), Error> {
        Ok(self.engine.core().store.ping().await?)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Waits for a call, on a thread that runs no tokio: for an engine of [`Builder::start_blocking`].
    ///
    /// # Panics
    /// Inside of a tokio runtime, which must not be blocked: use `.await` there.
    pub fn wait<F: Future>(&self, call: F) -> F::Output {
        self.engine.executor.runtime().block_on(call)
    }

    /// Ends every feed ([`Notifications::listen`], [`Stats::watch`]), and opens none any more: for those who serve feeds, before they
    /// wait for what is under way. [`Eventify::shut_down`] does it too.
    pub fn close_feeds(&self) {
        self.engine.core().feeds.close();
        self.engine.core().watchers.close();
    }

    /// Accepts nothing more, finishes everything that was accepted, and stops the worker. Doing it twice, also side by side, is doing
    /// it once; whoever gives up waiting leaves the rest of it to the next one who asks.
    pub async fn shut_down(&self) {
        let mut worker = self.engine.worker.lock().await;
        if let Some(at_work) = worker.as_mut() {
            at_work.stop().await;
        }
        *worker = None;
        drop(worker);
        self.close_feeds();
        self.engine.executor.shut_down().await;
    }
}

impl Engine {
    pub(crate) fn core(&self) -> &Arc<Core> {
        self.executor.core()
    }
}
