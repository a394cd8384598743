//! What a decision may know besides records: the time, fresh ids, randomness, settings and keys.

use std::cell::RefCell;
use std::fmt::Debug;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::keyring::Keyring;
use crate::time::Timestamp;

/// Tells the time. A parameter, so that tests decide what time it is.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // The one place where the ambient clock is read. A machine whose clock is out of range gets its edge.
        #[allow(clippy::disallowed_methods, reason = "the clock that is handed to everything else")]
        Timestamp::from_jiff(jiff::Timestamp::now()).unwrap_or(Timestamp::MAX)
    }
}

/// Makes randomness. A parameter, so that tests repeat.
pub trait Entropy: Debug + Send + Sync + 'static {
    /// Fills the bytes; what it gives must be fit for keys.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness every key, token and id would be forgeable: there is no safe way to go on, and the
        // systems that we run on do not fail here once they have booted.
        #[allow(clippy::expect_used, clippy::disallowed_methods, reason = "see above")]
        getrandom::fill(bytes).expect("the operating system provides randomness");
    }
}

/// How a deployment is set up: the numbers that an operator may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[non_exhaustive]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What people call the deployment: authenticator apps show it beside the account; `Eventify`.
    pub deployment_name: String,
    /// How long a hold reserves its seats; 15 minutes.
    pub hold_for: Duration,
    /// How long what came back is offered to somebody who waited; 24 hours, less near the event's start.
    pub waitlist_offer_for: Duration,
    /// How many people may wait for one ticket type; 10,000.
    pub waitlist_people_max: u32,
    /// How long an offered ticket waits for the other person; three days, and never beyond the event's end.
    pub transfer_for: Duration,
    /// How long an access token is good; 15 minutes, the most that is allowed.
    pub access_token_for: Duration,
    /// How long a session lasts, however often it is refreshed; 30 days.
    pub session_for: Duration,
    /// How long a mailed token sets a new password; an hour.
    pub reset_token_for: Duration,
    /// How long a mailed token proves an e-mail address; 24 hours.
    pub email_token_for: Duration,
    /// How long the answer to an idempotency key is kept; 24 hours.
    pub idempotency_for: Duration,
    /// How long people's notifications are kept; 365 days, at least one.
    pub notifications_kept: Duration,
    /// How long the audit trail is kept, at least a day; for ever when `None`.
    pub audit_kept: Option<Duration>,
    /// How long something is tried again at a webhook at which it does not arrive; three days.
    pub webhook_retry_for: Duration,
    /// After how long in which nothing arrived a webhook is disabled; five days.
    pub webhook_disable_after: Duration,
    /// How long messages and facts are kept that were given up, for an operator to look at or to try again; 90 days, at least one.
    /// What the engine itself gave up, and what is about money, is kept until somebody has seen to it.
    pub dead_letters_kept: Duration,
    /// How long it is kept what webhooks were told; seven days, at least one more than it is tried.
    pub webhook_log_kept: Duration,
    /// Whether paid tickets are paid through Eventify; they are.
    pub payments: PaymentPolicy,
    /// How long a payer may take, and their seats are held meanwhile; 30 minutes. However often somebody begins anew, a hold is
    /// stretched by no more than this, and not beyond the event's start.
    pub payment_for: Duration,
    /// The same of a payment by hand – an invoice, a transfer, cash –, for which staff says that the money came; three days, at most 90, and not beyond
    /// the event's start. So long its seats are kept from others.
    pub payment_by_hand_for: Duration,
    /// How long a provider is still asked about a payment whose time is over, for money may come late; 7 days.
    pub late_money_for: Duration,
    /// How often a job is tried before it becomes a dead letter; 24.
    pub job_attempts_max: u32,
    /// How long one worker may take for one job before another may try; 60 seconds.
    pub job_lease_for: Duration,
}

/// Whether paid tickets are paid through Eventify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum PaymentPolicy {
    /// No: they are sold like free ones, and money is somebody else's business.
    Off,
    /// Yes: a paid booking stays held until a provider says that its money came, or those who manage the event do.
    On,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deployment_name: "Eventify".to_owned(),
            hold_for: Duration::from_secs(15 * 60),
            waitlist_offer_for: Duration::from_secs(24 * 3600),
            waitlist_people_max: 10_000,
            transfer_for: Duration::from_secs(3 * 24 * 3600),
            access_token_for: Duration::from_secs(15 * 60),
            session_for: Duration::from_secs(30 * 24 * 3600),
            reset_token_for: Duration::from_secs(3600),
            email_token_for: Duration::from_secs(24 * 3600),
            idempotency_for: Duration::from_secs(24 * 3600),
            notifications_kept: Duration::from_secs(365 * 24 * 3600),
            audit_kept: None,
            webhook_retry_for: Duration::from_secs(3 * 24 * 3600),
            webhook_disable_after: Duration::from_secs(5 * 24 * 3600),
            dead_letters_kept: Duration::from_secs(90 * 24 * 3600),
            webhook_log_kept: Duration::from_secs(7 * 24 * 3600),
            payments: PaymentPolicy::On,
            payment_for: Duration::from_secs(30 * 60),
            payment_by_hand_for: Duration::from_secs(3 * 24 * 3600),
            late_money_for: Duration::from_secs(7 * 24 * 3600),
            job_attempts_max: 24,
            job_lease_for: Duration::from_secs(60),
        }
    }
}

/// What a decision knows besides records. Made anew for each batch.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) now: Timestamp,
    pub(crate) settings: &'a Settings,
    pub(crate) keyring: &'a Keyring,
    /// Whether anybody outside wants to be told of facts, and by which channels people can be reached.
    pub(crate) outlets: &'a crate::notification::Outlets,
    /// Who moves money, and what they can.
    pub(crate) providers: &'a crate::payment::Providers,
    random: RefCell<Pool<'a>>,
}

#[derive(Debug)]
struct Pool<'a> {
    source: &'a dyn Entropy,
    bytes: [u8; 512],
    used: usize,
    ids: u16,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        now: Timestamp,
        settings: &'a Settings,
        keyring: &'a Keyring,
        outlets: &'a crate::notification::Outlets,
        providers: &'a crate::payment::Providers,
        source: &'a dyn Entropy,
    ) -> Self {
        // Filled on first use.
        let random = RefCell::new(Pool { source, bytes: [0; 512], used: 512, ids: 0 });
        Self { now, settings, keyring, outlets, providers, random }
    }

    /// Random bytes, at most 64 at a time.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut pool = self.random.borrow_mut();
        if pool.used + N > pool.bytes.len() {
            let source = pool.source;
            source.fill(&mut pool.bytes);
            pool.used = 0;
        }
        let mut out = [0; N];
        let used = pool.used;
        out.copy_from_slice(&pool.bytes[used..used + N]);
        pool.used += N;
        out
    }

    /// A new id: UUID version 7 that also counts within the batch, so that ids sort as they were made.
    pub(crate) fn new_uuid(&self) -> Uuid {
        let mut bytes = self.random::<10>();
        let micros = self.now.as_micros().max(0).cast_unsigned();
        let count = {
            let mut pool = self.random.borrow_mut();
            pool.ids = pool.ids.wrapping_add(1);
            pool.ids
        };
        // RFC 9562 §6.2: the bits behind the milliseconds hold the microseconds, then a counter, then chance.
        let fraction = u16::try_from(micros % 1_000).unwrap_or(0) << 2;
        bytes[..2].copy_from_slice(&fraction.to_be_bytes());
        bytes[2..4].copy_from_slice(&(count & 0x3FFF).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(micros / 1_000, &bytes).into_uuid()
    }
}
