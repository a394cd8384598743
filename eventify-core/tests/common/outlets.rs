//! Outlets that remember what they were given, and fail when told to.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, Envelope, Message, NoticeKind, Notifier, Publisher, Recipient,
};
use eventify_core::{PushSubscriptionId, UserId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub channel: Channel,
    pub to: UserId,
    pub email: String,
    pub recipient: Recipient,
    pub message: Message,
}

/// Serves e-mail, text messages and push. What is about accounts lies apart from the rest, and never fails.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    of_accounts: Arc<Mutex<Vec<Delivery>>>,
    attempts: Arc<Mutex<Vec<Delivery>>>,
    delivered: Arc<Mutex<Vec<Delivery>>>,
    failures: Arc<Mutex<VecDeque<DeliveryError>>>,
    gone: Arc<Mutex<Vec<PushSubscriptionId>>>,
    left: Arc<Mutex<Vec<PushSubscriptionId>>>,
    nobody: Arc<AtomicBool>,
}

impl Mail {
    /// From now on these browsers and phones turn out to be gone.
    pub fn say_gone(&self, ids: impl IntoIterator<Item = PushSubscriptionId>) {
        self.gone.lock().unwrap().extend(ids);
    }

    /// From now on there is nobody whom anything can be brought to.
    pub fn reach_nobody(&self) {
        self.nobody.store(true, Ordering::SeqCst);
    }

    /// The next message to them reaches the others alone.
    pub fn leave_next(&self, ids: impl IntoIterator<Item = PushSubscriptionId>) {
        self.left.lock().unwrap().extend(ids);
    }

    pub fn fail_next(&self, failures: impl IntoIterator<Item = DeliveryError>) {
        self.failures.lock().unwrap().extend(failures);
    }

    /// What was delivered about accounts.
    pub fn of_accounts(&self) -> Vec<Delivery> {
        self.of_accounts.lock().unwrap().clone()
    }

    /// The newest token that was mailed to an address.
    pub fn token(&self, email: &str, purpose: &str) -> Option<String> {
        let to = self.of_accounts();
        let mut tokens = to.iter().filter(|d| d.email == email && d.message.fact.as_str() == purpose);
        tokens.next_back().and_then(|d| d.message.token.as_ref()).map(|token| token.expose().to_owned())
    }

    pub fn attempts(&self) -> Vec<Delivery> {
        self.attempts.lock().unwrap().clone()
    }

    pub fn delivered(&self) -> Vec<Delivery> {
        self.delivered.lock().unwrap().clone()
    }
}

#[async_trait]
impl Notifier for Mail {
    fn channels(&self) -> BTreeSet<Channel> {
        // The history is no outside channel: naming it must not make anything go out by it.
        BTreeSet::from([Channel::Email, Channel::Sms, Channel::Push, Channel::InApp])
    }

    async fn deliver(
        &self,
        channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        let (email, recipient, message) = (to.email.clone(), to.clone(), message.clone());
        let delivery = Delivery { channel, to: to.user_id, email, recipient, message };
        if delivery.message.fact.notice_kind() == NoticeKind::Security {
            self.of_accounts.lock().unwrap().push(delivery);
            return Ok(Delivered::default());
        }
        self.attempts.lock().unwrap().push(delivery.clone());
        if let Some(failure) = self.failures.lock().unwrap().pop_front() {
            return Err(failure);
        }
        self.delivered.lock().unwrap().push(delivery);
        let nobody = self.nobody.load(Ordering::SeqCst);
        if channel != Channel::Push {
            return Ok(Delivered { nobody, ..Delivered::default() });
        }
        let is_here = |id: &&PushSubscriptionId| to.push.iter().any(|target| target.id == **id);
        let gone = self.gone.lock().unwrap().iter().filter(is_here).copied().collect();
        let left = self.left.lock().unwrap().extract_if(.., |id| is_here(&&*id)).collect();
        Ok(Delivered { gone, left, nobody })
    }
}

/// Tells other systems.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    sent: Arc<Mutex<Vec<Envelope>>>,
    failures: Arc<Mutex<VecDeque<DeliveryError>>>,
}

impl Wire {
    pub fn fail_next(&self, failures: impl IntoIterator<Item = DeliveryError>) {
        self.failures.lock().unwrap().extend(failures);
    }

    /// Every attempt, also those that failed.
    pub fn sent(&self) -> Vec<Envelope> {
        self.sent.lock().unwrap().clone()
    }

    pub fn sent_of(&self, name: &str) -> Vec<Envelope> {
        self.sent().into_iter().filter(|e| e.event.as_str() == name).collect()
    }
}

#[async_trait]
impl Publisher for Wire {
    fn name(&self) -> &str {
        "wire"
    }

    async fn publish(&self, envelope: &Envelope) -> Result<(), DeliveryError> {
        self.sent.lock().unwrap().push(envelope.clone());
        self.failures.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }
}
