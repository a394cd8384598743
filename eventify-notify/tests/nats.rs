//! NATS, the real one: Debian's `nats-server`, started by the tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod broker_support;

use broker_support::absence::an_hour_without;
use broker_support::certificates::Certificates;
use broker_support::facts::{
    assert_all, assert_in_order, assert_is, fact, facts, kept_out_because, large_fact, not_now, permanent,
    tell, tell_until_taken, transient, untried,
};
use broker_support::nats::{PASSWORD, Reader, config, start};
use broker_support::proxy::Proxy;
use eventify_core::notification::Publisher;
use eventify_notify::broker::{Limits, Tls};
use eventify_notify::nats::{Nats, NatsConfig};

#[tokio::test(flavor = "multi_thread")]
async fn facts_arrive_in_their_order_and_a_repeat_is_dropped() {
    let server = start("");
    let reader = Reader::new(server.port()).await;
    reader.keep("eventify").await;
    let nats = Nats::new(config(server.port())).unwrap();
    assert_eq!(nats.name(), "nats");
    nats.publish(&fact(1, 7)).await.unwrap();
    assert_is(&reader.read("eventify").await[0], &fact(1, 7));
    nats.publish(&fact(1, 7)).await.unwrap();
    assert_eq!(reader.read("eventify").await.len(), 1, "the stream knows the id");
    let many = facts(5, 40);
    tell(&nats, &many).await;
    let arrived = reader.read("eventify").await;
    assert_in_order(&arrived[1..]);
    // One of the many was there before.
    assert_eq!(arrived.len(), many.len());
    nats.close().await;
    transient(nats.publish(&fact(1, 8)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_says_why() {
    let server = start("");
    let nats = Nats::new(config(server.port())).unwrap();
    let why = transient(nats.publish(&fact(1, 1)).await);
    assert_eq!(why, "no stream keeps the subject eventify.ticket.purchased");
    let reader = Reader::new(server.port()).await;
    reader.keep("eventify").await;
    nats.publish(&fact(1, 1)).await.unwrap();
    // More than the stream takes, than the server takes, than we send.
    let why = permanent(nats.publish(&large_fact(1, 12_000)).await);
    assert!(why.contains("exceeds maximum"), "{why}");
    let why = permanent(nats.publish(&large_fact(2, 30_000)).await);
    assert!(why.contains("20000"), "{why}");
    let limits = Limits { message_bytes_max: 1_000, ..Limits::default() };
    let small = Nats::new(NatsConfig { limits, ..config(server.port()) }).unwrap();
    let why = permanent(small.publish(&large_fact(3, 1_000)).await);
    assert!(why.contains("message_bytes_max"), "{why}");
    assert_all(&reader.read("eventify").await, &[fact(1, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_not_shown() {
    let server = start("");
    let url = format!("nats://eventify:wrong-{PASSWORD}@localhost:{}", server.port()).parse().unwrap();
    let nats = Nats::new(NatsConfig { urls: vec![url], ..config(server.port()) }).unwrap();
    let why = untried(nats.publish(&fact(1, 1)).await);
    assert!(why.to_lowercase().contains("authorization violation"), "{why}");
    assert!(!format!("{why} {nats:?}").contains(PASSWORD), "{why} {nats:?}");
    assert!(!format!("{nats:?}").contains("eventify:"), "{nats:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_still_stops_and_dies_loses_nothing() {
    let server = start("");
    let nats = Nats::new(config(server.port())).unwrap();
    Reader::new(server.port()).await.keep("eventify").await;
    let told: Vec<_> = (0..4).map(|nth| fact(1, nth)).collect();
    nats.publish(&told[0]).await.unwrap();
    server.pause();
    transient(nats.publish(&told[1]).await);
    server.resume();
    tell_until_taken(&nats, &told[1]).await;
    server.stop();
    not_now(nats.publish(&told[2]).await);
    server.start_again();
    tell_until_taken(&nats, &told[2]).await;
    server.kill();
    not_now(nats.publish(&told[3]).await);
    server.start_again();
    tell_until_taken(&nats, &told[3]).await;
    assert_all(&Reader::new(server.port()).await.read("eventify").await, &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_it_loses_nothing_and_doubles_nothing() {
    let server = start("");
    Reader::new(server.port()).await.keep("eventify").await;
    let nats = Nats::new(config(server.port())).unwrap();
    let read = async || Reader::new(server.port()).await.read("eventify").await;
    let twice = an_hour_without(nats, || server.stop(), || server.start_again(), read).await;
    assert_eq!(twice, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_a_repeat_with_the_same_id() {
    let server = start("");
    let reader = Reader::new(server.port()).await;
    reader.keep("eventify").await;
    let proxy = Proxy::to(server.port()).await;
    let nats = Nats::new(config(proxy.port())).unwrap();
    nats.publish(&fact(1, 1)).await.unwrap();
    proxy.mute();
    transient(nats.publish(&fact(1, 2)).await);
    assert_all(&reader.read("eventify").await, &[fact(1, 1), fact(1, 2)]);
    proxy.mend();
    tell_until_taken(&nats, &fact(1, 2)).await;
    assert_eq!(reader.read("eventify").await.len(), 2, "the stream knows the id");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_trusts_whom_it_is_told_to() {
    let files = tempfile::tempdir().unwrap();
    let made = Certificates::make(files.path());
    let tls = format!(
        "tls {{ cert_file: \"{}\", key_file: \"{}\" }}\n",
        made.certificate.display(),
        made.key.display()
    );
    let server = start(&tls);
    let with = |ca_file| {
        let url = format!("tls://eventify:{PASSWORD}@localhost:{}", server.port()).parse().unwrap();
        let tls = Tls { ca_file: Some(ca_file), identity: None };
        Nats::new(NatsConfig { urls: vec![url], tls, ..config(server.port()) }).unwrap()
    };
    // There is no stream: whoever is told so has got through.
    let why = transient(with(made.ca.clone()).publish(&fact(1, 1)).await);
    assert_eq!(why, "no stream keeps the subject eventify.ticket.purchased");
    let other = tempfile::tempdir().unwrap();
    kept_out_because(&with(Certificates::make(other.path()).ca), &fact(1, 1), "certificate").await;
}

#[test]
fn what_cannot_be_is_named() {
    let url = |text: &str| text.parse().unwrap();
    let field = |change: fn(&mut NatsConfig)| {
        let mut config = NatsConfig::new(vec![url("nats://localhost")]);
        change(&mut config);
        Nats::new(config).err().map(|error| error.field)
    };
    assert_eq!(field(|_| {}), None);
    assert_eq!(field(|c| c.urls = vec![]), Some("urls"));
    assert_eq!(field(|c| c.urls = vec!["amqp://localhost".parse().unwrap()]), Some("urls"));
    assert_eq!(field(|c| c.urls.push("nats://somebody@localhost".parse().unwrap())), Some("urls"));
    assert_eq!(field(|c| c.urls = vec![c.urls[0].clone(); 33]), Some("urls"));
    assert_eq!(field(|c| c.urls = vec![c.urls[0].clone(); 32]), None);
    assert_eq!(field(|c| c.subject = "a..b".to_owned()), Some("subject"));
    assert_eq!(field(|c| c.subject = "a b".to_owned()), Some("subject"));
    assert_eq!(field(|c| c.limits.in_flight_max = 0), Some("in_flight_max"));
    let missing = |c: &mut NatsConfig| {
        c.urls = vec!["tls://localhost".parse().unwrap()];
        c.tls.ca_file = Some("/nowhere/ca.pem".into());
    };
    assert_eq!(field(missing), Some("tls.ca_file"));
}
