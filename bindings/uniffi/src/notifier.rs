//! The host's notifier.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::ffi::Refusal;
use eventify_core::notification::{self, Channel, Delivered, Message, Recipient};
use eventify_core::{Error, PushSubscriptionId};

/// Brings messages to people, by the app's own means.
///
/// - Called at least once per message; a repeat has the same `dedupeKey`.
/// - May take its time: nobody waits for it, and other messages go on meanwhile.
#[uniffi::export(foreign)]
#[async_trait]
pub trait Notifier: Send + Sync {
    /// The channels that it serves; asked once, when the engine starts.
    ///
    /// # Errors
    /// `DeliveryError`, which keeps the engine from starting.
    fn channels(&self) -> Result<HashSet<Channel>, DeliveryError>;

    /// Hands a message over, and names the browsers and phones that turned out to be gone for good.
    ///
    /// # Errors
    /// `DeliveryError`; anything else that is thrown counts as transient.
    async fn deliver(
        &self,
        channel: Channel,
        to: Recipient,
        message: Message,
    ) -> Result<Vec<PushSubscriptionId>, DeliveryError>;
}

/// Why a delivery failed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
pub enum DeliveryError {
    /// It may succeed later: tried again with growing pauses.
    Transient {
        /// What went wrong; shown to operators.
        reason: String,
    },
    /// Nothing was tried, there is too much to do just now: it comes again soon, and this counts as no attempt.
    Busy {
        /// What there is too much of; shown to operators.
        reason: String,
    },
    /// Nothing was tried, and that is so for everything of this channel: one message asks again after ten seconds, and the others
    /// wait until it arrives. This counts as no attempt.
    Away {
        /// Who is away; shown to operators.
        reason: String,
    },
    /// It never will: a dead letter at once.
    Permanent {
        /// What went wrong; shown to operators.
        reason: String,
    },
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Transient { reason }
        | Self::Busy { reason }
        | Self::Away { reason }
        | Self::Permanent { reason }) = self;
        f.write_str(reason)
    }
}

impl std::error::Error for DeliveryError {}

/// Something else was thrown: it may be over the next time.
impl From<uniffi::UnexpectedUniFFICallbackError> for DeliveryError {
    fn from(_thrown: uniffi::UnexpectedUniFFICallbackError) -> Self {
        // What it says is the host's own: a stack trace, perhaps with an address and its secrets, and this is stored.
        Self::Transient { reason: "the host's notifier threw something that is no DeliveryError".to_owned() }
    }
}

impl From<DeliveryError> for notification::DeliveryError {
    fn from(failed: DeliveryError) -> Self {
        match failed {
            DeliveryError::Transient { reason } => Self::Transient(reason),
            DeliveryError::Busy { reason } => Self::Busy { why: reason, pause: None },
            DeliveryError::Away { reason } => Self::away(reason),
            DeliveryError::Permanent { reason } => Self::Permanent(reason),
        }
    }
}

/// The host's notifier as the engine calls it.
pub(crate) struct HostNotifier {
    channels: BTreeSet<Channel>,
    host: Arc<dyn Notifier>,
}

impl HostNotifier {
    /// # Errors
    /// `invalid_value` (notifier) when it does not say what it serves.
    pub(crate) fn new(host: Arc<dyn Notifier>) -> Result<Self, Refusal> {
        let channels = host.channels().map_err(|e| Error::invalid("notifier", e.to_string()))?;
        Ok(Self { channels: channels.into_iter().collect(), host })
    }
}

impl fmt::Debug for HostNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostNotifier").field("channels", &self.channels).finish_non_exhaustive()
    }
}

#[async_trait]
impl notification::Notifier for HostNotifier {
    fn channels(&self) -> BTreeSet<Channel> {
        self.channels.clone()
    }

    async fn deliver(
        &self,
        channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, notification::DeliveryError> {
        let gone = self.host.deliver(channel, to.clone(), message.clone()).await?;
        Ok(Delivered { gone, ..Delivered::default() })
    }
}
