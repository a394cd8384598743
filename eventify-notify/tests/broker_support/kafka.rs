//! Apache Kafka of our own, and somebody who reads from it.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use eventify_notify::broker::Limits;
use eventify_notify::kafka::KafkaConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::certificates::Certificates;
use super::facts::Arrived;
use super::server::{Server, directory, free_ports};

pub const PASSWORD: &str = "hunter2-of-kafka";
const PARTITIONS: i32 = 4;

/// A node that is broker and controller, with a port for everybody, one behind a proxy, one for users and one for users over TLS.
pub struct Node {
    pub server: Server,
    pub proxied: u16,
    pub proxy: u16,
    pub users: u16,
    pub tls: u16,
    pub certificates: Certificates,
}

impl Node {
    pub fn start() -> Self {
        let dir = directory("kafka");
        let certificates = Certificates::make(&dir);
        let [open, controller, proxied, proxy, users, tls] = free_ports();
        let login = "org.apache.kafka.common.security";
        // Retention is off: facts carry the instant at which they happened, and the tests' lie further back than a node keeps.
        let config = format!(
            "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:{controller}\n\
             listeners=OPEN://127.0.0.1:{open},CONTROLLER://127.0.0.1:{controller},PROXIED://127.0.0.1:{proxied},USERS://127.0.0.1:{users},TLS://127.0.0.1:{tls}\n\
             advertised.listeners=OPEN://127.0.0.1:{open},PROXIED://127.0.0.1:{proxy},USERS://127.0.0.1:{users},TLS://localhost:{tls}\n\
             listener.security.protocol.map=OPEN:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT,USERS:SASL_PLAINTEXT,TLS:SASL_SSL\n\
             controller.listener.names=CONTROLLER\ninter.broker.listener.name=OPEN\n\
             sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256\n\
             listener.name.users.plain.sasl.jaas.config={login}.plain.PlainLoginModule required user_eventify=\"{PASSWORD}\";\n\
             listener.name.users.sasl.enabled.mechanisms=PLAIN\nlistener.name.tls.sasl.enabled.mechanisms=SCRAM-SHA-256\n\
             listener.name.tls.scram-sha-256.sasl.jaas.config={login}.scram.ScramLoginModule required;\n\
             listener.name.tls.ssl.keystore.type=PEM\nlistener.name.tls.ssl.keystore.location={}\n\
             log.dirs={}/kept\nnum.partitions={PARTITIONS}\nlog.retention.ms=-1\nauto.create.topics.enable=false\noffsets.topic.replication.factor=1\n\
             transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n",
            certificates.both.display(),
            dir.display(),
        );
        let jars = jars();
        let server = format!(
            "java='java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn'\n\
             [ -d kept ] || $java -cp '{jars}/*' kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c config \
             --add-scram 'SCRAM-SHA-256=[name=eventify,password={PASSWORD}]' || exit 1\n\
             exec $java -cp '{jars}/*' kafka.Kafka config\n",
            jars = jars.display(),
        );
        let server = Server::start(dir, &[("config", config), ("server", server)], open);
        Self { server, proxied, proxy, users, tls, certificates }
    }

    /// The one that tests share that do not stop it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Node> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    pub fn config(&self, topic: &str) -> KafkaConfig {
        config(&format!("127.0.0.1:{}", self.server.port()), topic)
    }

    pub fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", format!("127.0.0.1:{}", self.server.port()));
        client
    }

    pub async fn make(&self, topic: &str) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().unwrap();
        let new =
            NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(1)).set("max.message.bytes", "20000");
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(60)));
        let made = admin.create_topics([&new], &options).await.unwrap();
        assert!(made.iter().all(Result::is_ok), "{made:?}");
    }

    /// The same once there are so many: what a producer was told of, readers may learn of a moment later.
    pub async fn read_all(&self, topic: &str, count: usize) -> Vec<Arrived> {
        for _ in 0..300 {
            let arrived = self.read(topic).await;
            if arrived.len() >= count {
                return arrived;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.read(topic).await
    }

    /// All that the topic has, partition after partition.
    pub async fn read(&self, topic: &str) -> Vec<Arrived> {
        let (config, topic) = (self.client(), topic.to_owned());
        tokio::task::spawn_blocking(move || read(config, &topic)).await.unwrap()
    }
}

/// Where `scripts/need-kafka` puts them.
fn jars() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let jars = root.join(target.unwrap_or_else(|| "target".into())).join("kafka/4.1.1");
    assert!(jars.is_dir(), "Kafka is missing: run scripts/need-kafka");
    jars
}

pub fn config(server: &str, topic: &str) -> KafkaConfig {
    let limits = Limits { timeout: Duration::from_secs(5), ..Limits::default() };
    KafkaConfig { topic: topic.to_owned(), limits, ..KafkaConfig::new(vec![server.to_owned()]) }
}

fn read(mut config: ClientConfig, topic: &str) -> Vec<Arrived> {
    let consumer: BaseConsumer = config.set("group.id", "reader").create().unwrap();
    let patience = Duration::from_secs(60);
    let mut arrived = Vec::new();
    for partition in 0..PARTITIONS {
        let (low, high) = consumer.fetch_watermarks(topic, partition, patience).unwrap();
        let mut from = TopicPartitionList::new();
        from.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
        consumer.assign(&from).unwrap();
        for _ in low..high {
            let message = next(&consumer);
            let headers = message.headers().unwrap();
            let header = |name: &str| {
                let found = headers.iter().find(|header| header.key == name).unwrap();
                String::from_utf8(found.value.unwrap().to_vec()).unwrap()
            };
            assert_eq!(header("content-type"), "application/json");
            let text = message.payload().unwrap().to_vec();
            let arrived_one = Arrived { id: header("id"), name: header("event"), text };
            if let Some(event_id) = arrived_one.json()["data"]["event_id"].as_str() {
                assert_eq!(message.key(), Some(event_id.as_bytes()));
            }
            arrived.push(arrived_one);
        }
    }
    arrived
}

/// The next message that there must be. A poll may find something else to do.
fn next(consumer: &BaseConsumer) -> BorrowedMessage<'_> {
    for _ in 0..120 {
        if let Some(message) = consumer.poll(Duration::from_secs(1)) {
            return message.unwrap();
        }
    }
    panic!("there should be more");
}
