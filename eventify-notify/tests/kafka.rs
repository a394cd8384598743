//! Apache Kafka, the real one: a node of KRaft from its published jars (`scripts/need-kafka`), started by the tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod broker_support;

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use broker_support::certificates::Certificates;
use broker_support::facts::{
    Arrived, assert_all, assert_in_order, assert_is, fact, facts, large_fact, permanent, tell,
    tell_until_taken, transient,
};
use broker_support::proxy::Proxy;
use broker_support::server::{Server, directory, free_ports};
use eventify_core::notification::Publisher;
use eventify_notify::broker::{Limits, Secret, Tls};
use eventify_notify::kafka::{Kafka, KafkaConfig, KafkaLogin, Mechanism};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

const PASSWORD: &str = "hunter2-of-kafka";
const PARTITIONS: i32 = 4;

/// A node that is broker and controller, with a port for everybody, one behind a proxy, one for users and one for users over TLS.
struct Node {
    server: Server,
    proxied: u16,
    proxy: u16,
    users: u16,
    tls: u16,
    certificates: Certificates,
}

impl Node {
    fn start() -> Self {
        let dir = directory("kafka");
        let certificates = Certificates::make(&dir);
        let [open, controller, proxied, proxy, users, tls] = free_ports();
        let login = "org.apache.kafka.common.security";
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
             log.dirs={}/kept\nnum.partitions={PARTITIONS}\nauto.create.topics.enable=false\noffsets.topic.replication.factor=1\n\
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
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Node> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn config(&self, topic: &str) -> KafkaConfig {
        config(&format!("127.0.0.1:{}", self.server.port()), topic)
    }

    fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", format!("127.0.0.1:{}", self.server.port()));
        client
    }

    async fn make(&self, topic: &str) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().unwrap();
        let new =
            NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(1)).set("max.message.bytes", "20000");
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(60)));
        let made = admin.create_topics([&new], &options).await.unwrap();
        assert!(made.iter().all(Result::is_ok), "{made:?}");
    }

    /// All that the topic has, partition after partition.
    async fn read(&self, topic: &str) -> Vec<Arrived> {
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

fn config(server: &str, topic: &str) -> KafkaConfig {
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
            assert_eq!(
                (header("event"), header("content-type")),
                ("ticket.purchased".into(), "application/json".into())
            );
            let arrived_one = Arrived { id: header("id"), text: message.payload().unwrap().to_vec() };
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

#[tokio::test(flavor = "multi_thread")]
async fn facts_arrive_in_their_order_and_a_repeat_has_the_same_id() {
    let node = Node::shared();
    node.make("arrive").await;
    let kafka = Kafka::new(node.config("arrive")).unwrap();
    assert_eq!(kafka.name(), "kafka");
    kafka.publish(&fact(9, 7)).await.unwrap();
    kafka.publish(&fact(9, 7)).await.unwrap();
    let arrived = node.read("arrive").await;
    assert_is(&arrived[0], &fact(9, 7));
    assert_is(&arrived[1], &fact(9, 7));
    assert_eq!(arrived.len(), 2);
    node.make("many").await;
    let kafka = Kafka::new(node.config("many")).unwrap();
    let many = facts(5, 40);
    tell(&kafka, &many).await;
    let arrived = node.read("many").await;
    assert_in_order(&arrived);
    assert_eq!(arrived.len(), many.len());
    kafka.close().await;
    transient(kafka.publish(&fact(1, 8)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_says_why_and_harms_nobody_else() {
    let node = Node::shared();
    let kafka = Kafka::new(node.config("refuse")).unwrap();
    let why = transient(kafka.publish(&fact(1, 1)).await);
    assert_eq!(why, "Kafka has no topic refuse");
    // Once somebody has made it, the same fact goes.
    node.make("refuse").await;
    tell_until_taken(&kafka, &fact(1, 1)).await;
    // More than the topic takes, beside others.
    let (large, small) = (large_fact(1, 30_000), facts(3, 10));
    let (refused, ()) = tokio::join!(kafka.publish(&large), tell(&kafka, &small));
    let why = permanent(refused);
    assert!(why.to_lowercase().contains("too large"), "{why}");
    let limits = Limits { message_bytes_max: 1_000, ..Limits::default() };
    let narrow = Kafka::new(KafkaConfig { limits, ..node.config("refuse") }).unwrap();
    let why = permanent(narrow.publish(&large_fact(2, 1_000)).await);
    assert!(why.contains("message_bytes_max"), "{why}");
    assert_all(&node.read("refuse").await, &small);
}

fn login(mechanism: Mechanism, password: &str) -> Option<KafkaLogin> {
    Some(KafkaLogin { mechanism, user: "eventify".to_owned(), password: Secret::new(password) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_let_in_and_a_wrong_password_is_not_shown() {
    let node = Node::shared();
    node.make("users").await;
    let server = format!("127.0.0.1:{}", node.users);
    let with = |password: &str| {
        let login = login(Mechanism::Plain, password);
        Kafka::new(KafkaConfig { login, ..config(&server, "users") }).unwrap()
    };
    tell_until_taken(&with(PASSWORD), &fact(1, 1)).await;
    let stranger = with(&format!("wrong-{PASSWORD}"));
    let why = transient(stranger.publish(&fact(1, 2)).await);
    assert!(why.contains("Authentication failed"), "{why}");
    assert!(!format!("{why} {stranger:?}").contains(PASSWORD), "{why} {stranger:?}");
    assert_all(&node.read("users").await, &[fact(1, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_trusts_whom_it_is_told_to() {
    let node = Node::shared();
    node.make("tls").await;
    let server = format!("localhost:{}", node.tls);
    let with = |ca_file| {
        let tls = Some(Tls { ca_file: Some(ca_file), identity: None });
        let login = login(Mechanism::ScramSha256, PASSWORD);
        Kafka::new(KafkaConfig { login, tls, ..config(&server, "tls") }).unwrap()
    };
    tell_until_taken(&with(node.certificates.ca.clone()), &fact(1, 1)).await;
    let other = tempfile::tempdir().unwrap();
    let why = transient(with(Certificates::make(other.path()).ca).publish(&fact(1, 2)).await);
    assert!(why.contains("certificate"), "{why}");
    assert_all(&node.read("tls").await, &[fact(1, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_a_repeat_with_the_same_id() {
    let node = Node::shared();
    node.make("repeat").await;
    let proxy = Proxy::on(node.proxy, node.proxied).await;
    let kafka = Kafka::new(config(&format!("127.0.0.1:{}", proxy.port()), "repeat")).unwrap();
    kafka.publish(&fact(1, 1)).await.unwrap();
    proxy.mute();
    transient(kafka.publish(&fact(1, 2)).await);
    assert_all(&node.read("repeat").await, &[fact(1, 1), fact(1, 2)]);
    proxy.mend();
    tell_until_taken(&kafka, &fact(1, 2)).await;
    assert_all(&node.read("repeat").await, &[fact(1, 1), fact(1, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stands_still_stops_and_dies_loses_nothing() {
    let node = Node::start();
    node.make("outage").await;
    let kafka = Kafka::new(node.config("outage")).unwrap();
    let told: Vec<_> = (0..4).map(|nth| fact(1, nth)).collect();
    kafka.publish(&told[0]).await.unwrap();
    node.server.pause();
    transient(kafka.publish(&told[1]).await);
    node.server.resume();
    tell_until_taken(&kafka, &told[1]).await;
    node.server.stop();
    transient(kafka.publish(&told[2]).await);
    node.server.start_again();
    tell_until_taken(&kafka, &told[2]).await;
    node.server.kill();
    transient(kafka.publish(&told[3]).await);
    node.server.start_again();
    tell_until_taken(&kafka, &told[3]).await;
    assert_all(&node.read("outage").await, &told);
}

#[test]
fn what_cannot_be_is_named() {
    let field = |change: fn(&mut KafkaConfig)| {
        let mut config = KafkaConfig::new(vec!["127.0.0.1:9".to_owned()]);
        change(&mut config);
        Kafka::new(config).err().map(|error| error.field)
    };
    assert_eq!(field(|_| {}), None);
    assert_eq!(field(|c| c.servers = vec![]), Some("servers"));
    for wrong in
        ["localhost", "localhost:", "localhost:0", "localhost:70000", ":9092", "a,b:9092", "kafka://h:9092"]
    {
        let config = KafkaConfig::new(vec![wrong.to_owned()]);
        assert_eq!(Kafka::new(config).unwrap_err().field, "servers", "{wrong}");
    }
    assert_eq!(field(|c| c.servers = vec!["[::1]:9".to_owned(); 32]), None);
    assert_eq!(field(|c| c.servers = vec!["[::1]:9".to_owned(); 33]), Some("servers"));
    assert_eq!(field(|c| c.topic = "t".repeat(249)), None);
    assert_eq!(field(|c| c.topic = "t".repeat(250)), Some("topic"));
    assert_eq!(field(|c| c.limits.message_bytes_max = 0), Some("message_bytes_max"));
    let missing = |c: &mut KafkaConfig| {
        c.tls = Some(Tls { ca_file: Some("/nowhere/ca.pem".into()), identity: None });
    };
    assert_eq!(field(missing), Some("kafka"));
}
