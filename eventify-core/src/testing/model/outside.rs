//! The world outside: takes messages and facts, sometimes only at the second attempt, and remembers all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::id::{FactId, UserId};
use crate::notification::{
    Channel, Delivered, DeliveryError, Envelope, FactName, Message, Notifier, Publisher, Recipient,
};
use crate::testing::SeededEntropy;

/// What reached the outside.
#[derive(Debug, Clone)]
pub(super) struct Outside(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    random: SeededEntropy,
    seen: Mutex<Seen>,
}

/// Everything that was taken, and what was wrong with it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The keys of the messages that a person got by a channel of a fact.
    pub(super) messages: BTreeMap<(UserId, Channel, FactName), BTreeSet<String>>,
    pub(super) facts: BTreeMap<FactId, Envelope>,
    /// The keys of messages that were taken, and the engine was told so.
    acknowledged: BTreeSet<String>,
    /// Messages that came again all the same.
    pub(super) repeated: u32,
    pub(super) wrong: Vec<String>,
}

impl Outside {
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(Inner { random: SeededEntropy::new(seed), seen: Mutex::default() }))
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails before or after it took what it was given.
    fn fails(&self) -> bool {
        self.0.random.chance(120)
    }

    /// Why nothing was taken.
    fn refusal(&self) -> DeliveryError {
        if self.0.random.chance(250) {
            return DeliveryError::Away { why: "nobody is there".to_owned(), pause: AWAY };
        }
        later()
    }
}

/// Now and then nobody is there, for so long.
const AWAY: Duration = Duration::from_secs(5);

fn later() -> DeliveryError {
    DeliveryError::Transient("not now".to_owned())
}

#[async_trait]
impl Notifier for Outside {
    fn channels(&self) -> BTreeSet<Channel> {
        BTreeSet::from([Channel::Email])
    }

    async fn deliver(
        &self,
        channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        if self.fails() {
            return Err(self.refusal());
        }
        let mut seen = self.seen();
        seen.messages
            .entry((to.user_id, channel, message.fact))
            .or_default()
            .insert(message.dedupe_key.clone());
        // It got there, and the answer is lost: it comes again, under the same key.
        if self.fails() {
            return Err(later());
        }
        if !seen.acknowledged.insert(message.dedupe_key.clone()) {
            seen.repeated += 1;
        }
        Ok(Delivered::default())
    }
}

#[async_trait]
impl Publisher for Outside {
    fn name(&self) -> &str {
        "outside"
    }

    async fn publish(&self, envelope: &Envelope) -> Result<(), DeliveryError> {
        if self.fails() {
            return Err(self.refusal());
        }
        let mut seen = self.seen();
        let before = seen.facts.insert(envelope.id, envelope.clone());
        if before.is_some_and(|before| before != *envelope) {
            seen.wrong.push(format!("fact {} was told in two ways", envelope.id));
        }
        drop(seen);
        if self.fails() { Err(later()) } else { Ok(()) }
    }
}
