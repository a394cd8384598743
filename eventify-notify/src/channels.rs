//! Several notifiers as one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use eventify_core::notification::{Channel, Delivered, DeliveryError, Message, Notifier, Recipient};

/// Several notifiers as one: each serves its channels.
#[derive(Debug, Clone, Default)]
pub struct Channels {
    serving: BTreeMap<Channel, Arc<dyn Notifier>>,
}

/// Two notifiers want to serve the same channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("two notifiers serve the channel {}", .0.as_str())]
pub struct ChannelTaken(pub Channel);

impl Channels {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more.
    ///
    /// # Errors
    /// [`ChannelTaken`] when one of its channels is served already.
    pub fn and(mut self, notifier: impl Notifier) -> Result<Self, ChannelTaken> {
        let notifier: Arc<dyn Notifier> = Arc::new(notifier);
        for channel in notifier.channels() {
            if self.serving.insert(channel, Arc::clone(&notifier)).is_some() {
                return Err(ChannelTaken(channel));
            }
        }
        Ok(self)
    }

    /// Whether nobody serves any channel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.serving.is_empty()
    }
}

#[async_trait]
impl Notifier for Channels {
    fn channels(&self) -> BTreeSet<Channel> {
        self.serving.keys().copied().collect()
    }

    async fn deliver(
        &self,
        channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        match self.serving.get(&channel) {
            Some(notifier) => notifier.deliver(channel, to, message).await,
            // It was served when the message was written: a restart with other settings may bring it back.
            None => Err(DeliveryError::Transient(format!("nobody serves the channel {}", channel.as_str()))),
        }
    }
}
