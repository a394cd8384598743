//! Facts that wait for the same channel go together: published in their order, then confirmed all at once.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use eventify_core::notification::{DeliveryError, Envelope};
use lapin::options::BasicPublishOptions;
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation};
use tokio::sync::oneshot;

use super::Inner;
use crate::broker::{Failure, Handed};

/// AMQP's word for a message that outlives a restart.
const PERSISTENT: u8 = 2;
/// Facts that go together at most.
const TOGETHER_MAX: usize = 64;

/// A channel, and what waits for it.
#[derive(Default)]
pub(super) struct Line {
    waiting: Mutex<Queue>,
    /// One lot at a time: RabbitMQ closes the whole channel on an error, and a message that comes back must not be taken for
    /// one of another lot.
    pub(super) channel: tokio::sync::Mutex<Option<Channel>>,
}

/// What waits, and how many came.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    came: u64,
}

/// A fact whose turn has not come.
struct Waiting {
    nth: u64,
    message: Message,
    told: oneshot::Sender<Result<(), DeliveryError>>,
}

/// A fact as RabbitMQ has it.
pub(super) struct Message {
    key: ShortString,
    id: String,
    properties: BasicProperties,
    text: Vec<u8>,
}

impl Message {
    pub(super) fn new(envelope: &Envelope, text: Vec<u8>) -> Self {
        let key = ShortString::from(envelope.event.as_str());
        let id = envelope.id.to_string();
        let properties = BasicProperties::default()
            .with_content_type(ShortString::from("application/json"))
            .with_delivery_mode(PERSISTENT)
            .with_message_id(ShortString::from(id.as_str()))
            .with_timestamp(u64::try_from(envelope.timestamp.as_seconds()).unwrap_or_default())
            .with_type(key.clone())
            .with_app_id(ShortString::from("eventify"));
        Self { key, id, properties, text }
    }
}

impl Line {
    /// Takes a place at the end; whoever has the channel next sees to it. The number is for leaving.
    pub(super) fn join(&self, message: Message) -> (u64, oneshot::Receiver<Result<(), DeliveryError>>) {
        let (told, answer) = oneshot::channel();
        let mut queue = self.queue();
        queue.came += 1;
        let nth = queue.came;
        queue.waiting.push_back(Waiting { nth, message, told });
        (nth, answer)
    }

    /// Gives a place up. Answers whether it was there: what is on its way is not waiting any more.
    pub(super) fn leave(&self, nth: u64) -> bool {
        let mut queue = self.queue();
        let place = queue.waiting.iter().position(|one| one.nth == nth);
        place.and_then(|place| queue.waiting.remove(place)).is_some()
    }

    /// Those whose turn it is. Whom nobody waits for any more is left out: the engine tells it again.
    pub(super) fn next(&self) -> (Vec<Message>, Vec<oneshot::Sender<Result<(), DeliveryError>>>) {
        let mut queue = self.queue();
        queue.waiting.retain(|one| !one.told.is_closed());
        let count = queue.waiting.len().min(TOGETHER_MAX);
        queue.waiting.drain(..count).map(|one| (one.message, one.told)).unzip()
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Publishes all of them in their order, and says of each whether RabbitMQ has it.
    ///
    /// # Errors
    /// What keeps all of those from being told that are not in the answer.
    pub(super) async fn hand_over(
        &self,
        messages: &[Message],
        place: &mut Option<Channel>,
        handed: &Handed,
        told: &mut Vec<Result<(), Failure>>,
    ) -> Result<(), Failure> {
        match self.publish_together(messages, place, handed).await? {
            Ok(answers) => told.extend(answers),
            // One of them made RabbitMQ close the channel; by themselves they say which.
            Err(_) if messages.len() > 1 => {
                for message in messages {
                    let alone = self.publish_together(std::slice::from_ref(message), place, handed).await?;
                    told.push(alone.and_then(|answers| answers.into_iter().collect()));
                }
            }
            Err(refused) => told.push(Err(refused)),
        }
        Ok(())
    }

    /// The inner error is about one of them that RabbitMQ refused with the channel.
    async fn publish_together(
        &self,
        messages: &[Message],
        place: &mut Option<Channel>,
        handed: &Handed,
    ) -> Result<Result<Vec<Result<(), Failure>>, Failure>, Failure> {
        // Put back only after clean answers: on a channel that was given up half way the next answer would be ours.
        let channel = match place.take().filter(|channel| channel.status().connected()) {
            Some(channel) => channel,
            None => self.links.channel().await?,
        };
        handed.over();
        let closed = |error: &lapin::Error| match self.failure(error) {
            away @ Failure::Away(_) => Err(away),
            refused => Ok(Err(refused)),
        };
        let mut confirms = Vec::with_capacity(messages.len());
        for Message { key, properties, text, .. } in messages {
            let options = BasicPublishOptions { mandatory: true, immediate: false };
            let (key, properties) = (key.clone(), properties.clone());
            match channel.basic_publish(self.exchange.clone(), key, options, text, properties).await {
                Ok(confirm) => confirms.push(confirm),
                Err(error) => return closed(&error),
            }
        }
        // What came back may be named beside another one's answer.
        let (mut answers, mut returned) = (Vec::with_capacity(messages.len()), BTreeSet::new());
        for confirm in confirms {
            let answer = match confirm.await {
                Ok(answer) => answer,
                Err(error) => return closed(&error),
            };
            if let Confirmation::Ack(Some(back)) | Confirmation::Nack(Some(back)) = &answer {
                let id = back.delivery.properties.message_id().as_ref().map(ToString::to_string);
                returned.insert((id, back.delivery.routing_key.to_string()));
            }
            answers.push(answer);
        }
        *place = Some(channel);
        let judged = messages.iter().zip(answers).map(|(message, answer)| {
            let refused = |why: &str| Err(Failure::Refused(why.to_owned()));
            match answer {
                _ if returned.contains(&(Some(message.id.clone()), message.key.to_string())) => {
                    let exchange = &self.config.exchange;
                    refused(&format!("no queue is bound to the exchange {exchange} for {}", message.key))
                }
                Confirmation::Ack(_) => Ok(()),
                Confirmation::Nack(_) => refused("RabbitMQ could not keep it"),
                Confirmation::NotRequested => refused("RabbitMQ did not confirm it"),
            }
        });
        Ok(Ok(judged.collect()))
    }
}
