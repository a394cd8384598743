//! The outside world in memory: it remembers what it was told, and fails when it is asked to.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::notification::{
    Channel, Delivered, DeliveryError, Envelope, Message, Notifier, Publisher, Recipient,
};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A notifier that keeps every message. Clones share what they keep.
#[derive(Debug, Clone)]
pub struct MemoryNotifier {
    channels: BTreeSet<Channel>,
    delivered: Arc<Mutex<Vec<(Channel, Recipient, Message)>>>,
    failures: Arc<Mutex<VecDeque<DeliveryError>>>,
}

impl MemoryNotifier {
    /// Serves these channels.
    pub fn new(channels: impl IntoIterator<Item = Channel>) -> Self {
        let channels = channels.into_iter().collect();
        Self { channels, delivered: Arc::default(), failures: Arc::default() }
    }

    /// The next deliveries fail like this, one after another.
    pub fn fail_next(&self, failures: impl IntoIterator<Item = DeliveryError>) {
        lock(&self.failures).extend(failures);
    }

    /// What was delivered so far.
    #[must_use]
    pub fn delivered(&self) -> Vec<(Channel, Recipient, Message)> {
        lock(&self.delivered).clone()
    }
}

#[async_trait]
impl Notifier for MemoryNotifier {
    fn channels(&self) -> BTreeSet<Channel> {
        self.channels.clone()
    }

    async fn deliver(
        &self,
        channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        if let Some(failure) = lock(&self.failures).pop_front() {
            return Err(failure);
        }
        lock(&self.delivered).push((channel, to.clone(), message.clone()));
        Ok(Delivered::default())
    }
}

/// A publisher that keeps every fact. Clones share what they keep.
#[derive(Debug, Clone)]
pub struct MemoryPublisher {
    name: String,
    published: Arc<Mutex<Vec<Envelope>>>,
    failures: Arc<Mutex<VecDeque<DeliveryError>>>,
}

impl Default for MemoryPublisher {
    fn default() -> Self {
        Self::named("memory")
    }
}

impl MemoryPublisher {
    /// One of several.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), published: Arc::default(), failures: Arc::default() }
    }

    /// The next facts fail like this, one after another.
    pub fn fail_next(&self, failures: impl IntoIterator<Item = DeliveryError>) {
        lock(&self.failures).extend(failures);
    }

    /// What was published so far.
    #[must_use]
    pub fn published(&self) -> Vec<Envelope> {
        lock(&self.published).clone()
    }
}

#[async_trait]
impl Publisher for MemoryPublisher {
    fn name(&self) -> &str {
        &self.name
    }

    async fn publish(&self, envelope: &Envelope) -> Result<(), DeliveryError> {
        if let Some(failure) = lock(&self.failures).pop_front() {
            return Err(failure);
        }
        lock(&self.published).push(envelope.clone());
        Ok(())
    }
}
