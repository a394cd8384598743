//! Apache Kafka, the real one: a node of KRaft from its published jars (`scripts/need-kafka`), started by the tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod broker_support;

use std::time::Duration;

use broker_support::absence::an_hour_without;
use broker_support::certificates::Certificates;
use broker_support::facts::{
    assert_all, assert_in_order, assert_is, fact, facts, kept_out_because, large_fact, permanent, tell,
    tell_until_taken, transient,
};
use broker_support::kafka::{Node, PASSWORD, config};
use broker_support::proxy::Proxy;
use eventify_core::account::SecretText;
use eventify_core::notification::Publisher;
use eventify_notify::broker::{Limits, Tls};
use eventify_notify::kafka::{Kafka, KafkaConfig, KafkaLogin, Mechanism};
use rdkafka::mocking::MockCluster;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

#[tokio::test(flavor = "multi_thread")]
async fn facts_arrive_in_their_order_and_a_repeat_has_the_same_id() {
    let node = Node::shared();
    node.make("arrive").await;
    let kafka = Kafka::new(node.config("arrive")).unwrap();
    assert_eq!(kafka.name(), "kafka");
    kafka.publish(&fact(9, 7)).await.unwrap();
    kafka.publish(&fact(9, 7)).await.unwrap();
    let arrived = node.read_all("arrive", 2).await;
    assert_is(&arrived[0], &fact(9, 7));
    assert_is(&arrived[1], &fact(9, 7));
    assert_eq!(arrived.len(), 2);
    node.make("many").await;
    let kafka = Kafka::new(node.config("many")).unwrap();
    let many = facts(5, 40);
    tell(&kafka, &many).await;
    let arrived = node.read_all("many", many.len()).await;
    assert_in_order(&arrived);
    assert_eq!(arrived.len(), many.len());
    kafka.close().await;
    transient(kafka.publish(&fact(1, 8)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_says_why_and_harms_nobody_else() {
    let node = Node::shared();
    let kafka = Kafka::new(node.config("refuse")).unwrap();
    kept_out_because(&kafka, &fact(1, 1), "Kafka has no topic refuse").await;
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
    assert_all(&node.read_all("refuse", small.len()).await, &small);
}

fn login(mechanism: Mechanism, password: &str) -> Option<KafkaLogin> {
    Some(KafkaLogin { mechanism, user: "eventify".to_owned(), password: SecretText::new(password) })
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
    let why = kept_out_because(&stranger, &fact(1, 2), "Authentication failed").await;
    assert!(!format!("{why} {stranger:?}").contains(PASSWORD), "{why} {stranger:?}");
    assert_all(&node.read_all("users", 1).await, &[fact(1, 1)]);
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
    kept_out_because(&with(Certificates::make(other.path()).ca), &fact(1, 2), "certificate").await;
    assert_all(&node.read_all("tls", 1).await, &[fact(1, 1)]);
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
    assert_all(&node.read_all("repeat", 2).await, &[fact(1, 1), fact(1, 2)]);
    proxy.mend();
    tell_until_taken(&kafka, &fact(1, 2)).await;
    assert_all(&node.read_all("repeat", 2).await, &[fact(1, 1), fact(1, 2)]);
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
    assert_all(&node.read_all("outage", told.len()).await, &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_it_loses_nothing() {
    let node = Node::start();
    node.make("hour").await;
    // Its client waits for it as long as it may, however long that is.
    let limits = Limits { timeout: Duration::from_secs(2), ..Limits::default() };
    let kafka = Kafka::new(KafkaConfig { limits, ..node.config("hour") }).unwrap();
    let read = async || node.read("hour").await;
    an_hour_without(kafka, || node.server.stop(), || node.server.start_again(), read).await;
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

/// What Kafka says of a fact that it takes for a repeat: one came in before it that was sent after it, as happens in a new topic. The
/// client counts it as acknowledged; it has no place.
#[tokio::test(flavor = "multi_thread")]
async fn a_fact_without_a_place_in_the_topic_is_told_again() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("places", 1, 1).unwrap();
    let kafka = Kafka::new(config(&cluster.bootstrap_servers(), "places")).unwrap();
    tell_until_taken(&kafka, &fact(1, 1)).await;
    cluster.request_errors(
        RDKafkaApiKey::Produce,
        &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER],
    );
    let why = transient(kafka.publish(&fact(1, 2)).await);
    assert_eq!(why, "Kafka does not say where it keeps it");
    kafka.publish(&fact(1, 2)).await.unwrap();
}
