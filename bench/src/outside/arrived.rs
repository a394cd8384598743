//! What brokers have, read from them as anybody would.

use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::pull;
use futures_util::StreamExt;
use lapin::options::{BasicConsumeOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::time::timeout;

use super::brokers::{PASSWORD, SUBJECT};
use crate::Result;

/// How long a broker may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// The facts that a broker has, by their names and ids.
#[derive(Debug, Default)]
pub(crate) struct Arrived {
    facts: HashMap<String, HashSet<String>>,
    /// Those that had come before.
    pub(crate) repeated: usize,
}

impl Arrived {
    fn add(&mut self, name: &str, id: String) {
        if !self.facts.entry(name.to_owned()).or_default().insert(id) {
            self.repeated += 1;
        }
    }

    /// How many different ones of this name.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.facts.get(name).map_or(0, HashSet::len)
    }
}

pub(super) async fn in_kafka(port: u16) -> Result<Arrived> {
    tokio::task::spawn_blocking(move || read_kafka(port)).await?
}

fn read_kafka(port: u16) -> Result<Arrived> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", format!("127.0.0.1:{port}")).set("group.id", "benchmark");
    let consumer: BaseConsumer = config.set("enable.partition.eof", "true").create()?;
    let about = consumer.fetch_metadata(Some(SUBJECT), PATIENCE)?;
    let topic = about.topics().first().ok_or("no topic")?;
    let mut from = TopicPartitionList::new();
    for partition in topic.partitions() {
        from.add_partition_offset(SUBJECT, partition.id(), Offset::Beginning)?;
    }
    consumer.assign(&from)?;
    let (mut arrived, mut read) = (Arrived::default(), HashSet::new());
    while read.len() < topic.partitions().len() {
        match consumer.poll(PATIENCE) {
            Some(Ok(message)) => {
                arrived.add(&header(&message, "event")?, header(&message, "id")?);
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                read.insert(partition);
            }
            Some(Err(error)) => return Err(error.into()),
            None => return Err("Kafka says nothing".into()),
        }
    }
    Ok(arrived)
}

fn header(message: &BorrowedMessage<'_>, name: &str) -> Result<String> {
    let headers = message.headers().ok_or("a fact without headers")?;
    let value = headers.iter().find(|header| header.key == name).and_then(|header| header.value);
    Ok(std::str::from_utf8(value.ok_or("a fact without a header")?)?.to_owned())
}

/// Takes all of it out of the queue.
pub(super) async fn in_rabbitmq(port: u16) -> Result<Arrived> {
    let url = format!("amqp://eventify:{PASSWORD}@{}:{port}", Ipv4Addr::LOCALHOST);
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let there = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let queue = channel.queue_declare(SUBJECT.into(), there, FieldTable::default()).await?;
    let at_once = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let mut messages =
        channel.basic_consume(SUBJECT.into(), "benchmark".into(), at_once, FieldTable::default()).await?;
    let mut arrived = Arrived::default();
    for _ in 0..queue.message_count() {
        let message = timeout(PATIENCE, messages.next()).await?.ok_or("RabbitMQ says nothing")??;
        let id = message.properties.message_id().as_ref().ok_or("a fact without an id")?.to_string();
        arrived.add(message.routing_key.as_str(), id);
    }
    Ok(arrived)
}

pub(super) async fn in_nats(port: u16) -> Result<Arrived> {
    let client = async_nats::connect(format!("nats://127.0.0.1:{port}")).await?;
    let mut stream = jetstream::new(client).get_stream(SUBJECT).await?;
    let count = stream.info().await?.state.messages;
    let consumer = stream.create_consumer(pull::Config::default()).await?;
    let mut messages = consumer.messages().await?;
    let mut arrived = Arrived::default();
    for _ in 0..count {
        let message = timeout(PATIENCE, messages.next()).await?.ok_or("NATS says nothing")??;
        let id = message.headers.as_ref().and_then(|headers| headers.get("Nats-Msg-Id"));
        let id = id.ok_or("a fact without an id")?.as_str().to_owned();
        let name = message.subject.strip_prefix(SUBJECT).and_then(|name| name.strip_prefix('.'));
        arrived.add(name.ok_or("a fact without a name")?, id);
        message.ack().await?;
    }
    Ok(arrived)
}
