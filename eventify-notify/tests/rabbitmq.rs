//! RabbitMQ, the real one: Debian's `rabbitmq-server`, started by the tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod broker_support;

use std::time::Duration;

use broker_support::absence::an_hour_without;
use broker_support::certificates::Certificates;
use broker_support::facts::{
    assert_all, assert_in_order, assert_is, fact, facts, kept_out_because, large_fact, not_now, permanent,
    tell, tell_until_taken, transient, untried,
};
use broker_support::proxy::Proxy;
use broker_support::rabbitmq::{PASSWORD, Rabbit, Reader, config};
use eventify_core::notification::Publisher;
use eventify_notify::broker::{Limits, Tls};
use eventify_notify::rabbitmq::{RabbitMq, RabbitMqConfig};
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn facts_arrive_in_their_order_and_a_repeat_has_the_same_id() {
    let rabbit = Rabbit::shared();
    let reader = Reader::new(rabbit.server.port()).await;
    let rabbitmq = RabbitMq::new(rabbit.config("arrive")).unwrap();
    assert_eq!(rabbitmq.name(), "rabbitmq");
    // The exchange is made by the first fact, for which there is no queue yet.
    let why = transient(rabbitmq.publish(&fact(1, 7)).await);
    assert_eq!(why, "no queue is bound to the exchange arrive for ticket.purchased");
    reader.bind("arrive", "ticket.*").await;
    rabbitmq.publish(&fact(1, 7)).await.unwrap();
    rabbitmq.publish(&fact(1, 7)).await.unwrap();
    let arrived = reader.read("arrive").await;
    assert_is(&arrived[0], &fact(1, 7));
    assert_is(&arrived[1], &fact(1, 7));
    assert_eq!(arrived.len(), 2);
    let many = facts(5, 40);
    tell(&rabbitmq, &many).await;
    let arrived = reader.read("arrive").await;
    assert_in_order(&arrived);
    assert_eq!(arrived.len(), many.len());
    rabbitmq.close().await;
    transient(rabbitmq.publish(&fact(1, 8)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_says_why_and_harms_nobody_else() {
    let rabbit = Rabbit::shared();
    let reader = Reader::new(rabbit.server.port()).await;
    let undeclared = RabbitMqConfig { declare: false, ..rabbit.config("refuse") };
    let rabbitmq = RabbitMq::new(undeclared).unwrap();
    let why = transient(rabbitmq.publish(&fact(1, 1)).await);
    assert!(why.starts_with("RabbitMQ has no exchange refuse: "), "{why}");
    // Once somebody has made it, the same fact goes.
    reader.declare("refuse").await;
    reader.bind("refuse", "#").await;
    // More than RabbitMQ takes, beside others.
    let (large, small) = (large_fact(1, 30_000), facts(3, 10));
    let (refused, ()) = tokio::join!(rabbitmq.publish(&large), tell(&rabbitmq, &small));
    let why = permanent(refused);
    assert!(why.contains("PRECONDITION"), "{why}");
    let limits = Limits { message_bytes_max: 1_000, ..Limits::default() };
    let narrow = RabbitMq::new(RabbitMqConfig { limits, ..rabbit.config("refuse") }).unwrap();
    let why = permanent(narrow.publish(&large_fact(2, 1_000)).await);
    assert!(why.contains("message_bytes_max"), "{why}");
    assert_all(&reader.read("refuse").await, &small);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_that_no_queue_takes_is_not_taken_for_another_one() {
    let rabbit = Rabbit::shared();
    let reader = Reader::new(rabbit.server.port()).await;
    reader.declare("sorted").await;
    reader.bind("sorted", "ticket.purchased").await;
    let rabbitmq = RabbitMq::new(rabbit.config("sorted")).unwrap();
    let wanted = facts(8, 20);
    let unwanted: Vec<_> = wanted
        .iter()
        .map(|fact| eventify_core::notification::Envelope {
            event: eventify_core::notification::FactName::TicketCheckin,
            ..fact.clone()
        })
        .collect();
    let refused = futures_util::future::join_all(unwanted.iter().map(|fact| rabbitmq.publish(fact)));
    let (refused, ()) = tokio::join!(refused, tell(&rabbitmq, &wanted));
    for told in refused {
        assert!(transient(told).contains("no queue is bound"));
    }
    assert_all(&reader.read("sorted").await, &wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_of_one_event_wait_for_their_answers_together() {
    const DELAY: Duration = Duration::from_millis(100);
    let rabbit = Rabbit::shared();
    let reader = Reader::new(rabbit.server.port()).await;
    reader.declare("together").await;
    reader.bind("together", "#").await;
    let proxy = Proxy::to(rabbit.server.port()).await;
    let rabbitmq = RabbitMq::new(config(proxy.port(), "together")).unwrap();
    rabbitmq.publish(&fact(0, 0)).await.unwrap();
    proxy.slow_down(DELAY);
    let (many, begun) = (facts(1, 64), Instant::now());
    tell(&rabbitmq, &many).await;
    let took = begun.elapsed();
    assert!(took >= DELAY && took < DELAY * 32, "one after the other it is 6.4 s at least: {took:?}");
    let arrived = reader.read("together").await;
    assert_in_order(&arrived[1..]);
    assert_all(&arrived, &many);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_refused_for_ever_takes_no_other_of_its_event_with_it() {
    let rabbit = Rabbit::shared();
    let reader = Reader::new(rabbit.server.port()).await;
    reader.declare("beside").await;
    reader.bind("beside", "#").await;
    let rabbitmq = RabbitMq::new(rabbit.config("beside")).unwrap();
    // More than RabbitMQ takes, which it says by closing the channel of all of them.
    let (small, large) = (facts(9, 30), large_fact(500, 30_000));
    let of_one: Vec<_> = small.into_iter().chain((0..30).map(|nth| fact(9, nth))).collect();
    let (refused, ()) = tokio::join!(rabbitmq.publish(&large), tell(&rabbitmq, &of_one));
    assert!(permanent(refused).contains("PRECONDITION"));
    assert_all(&reader.read("beside").await, &of_one);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_not_shown() {
    let rabbit = Rabbit::shared();
    let url = format!("amqp://eventify:wrong-{PASSWORD}@localhost:{}", rabbit.server.port());
    let rabbitmq =
        RabbitMq::new(RabbitMqConfig { url: url.parse().unwrap(), ..rabbit.config("password") }).unwrap();
    let why = untried(rabbitmq.publish(&fact(1, 1)).await);
    assert!(why.contains("ACCESS_REFUSED"), "{why}");
    assert!(!format!("{why} {rabbitmq:?}").contains(PASSWORD), "{why} {rabbitmq:?}");
    assert!(!format!("{rabbitmq:?}").contains("eventify:"), "{rabbitmq:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_a_repeat_with_the_same_id() {
    let rabbit = Rabbit::shared();
    let reader = Reader::new(rabbit.server.port()).await;
    reader.declare("repeat").await;
    reader.bind("repeat", "#").await;
    let proxy = Proxy::to(rabbit.server.port()).await;
    let rabbitmq = RabbitMq::new(config(proxy.port(), "repeat")).unwrap();
    rabbitmq.publish(&fact(1, 1)).await.unwrap();
    proxy.mute();
    transient(rabbitmq.publish(&fact(1, 2)).await);
    proxy.mend();
    tell_until_taken(&rabbitmq, &fact(1, 2)).await;
    let arrived = reader.read("repeat").await;
    assert_all(&arrived, &[fact(1, 1), fact(1, 2)]);
    assert_eq!(arrived.len(), 3, "it was there already when the answer was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_trusts_whom_it_is_told_to() {
    let rabbit = Rabbit::shared();
    let reader = Reader::new(rabbit.server.port()).await;
    reader.declare("tls").await;
    reader.bind("tls", "#").await;
    let with = |ca_file| {
        let url = format!("amqps://eventify:{PASSWORD}@localhost:{}", rabbit.tls_port).parse().unwrap();
        let tls = Tls { ca_file: Some(ca_file), identity: None };
        RabbitMq::new(RabbitMqConfig { url, tls, ..rabbit.config("tls") }).unwrap()
    };
    tell_until_taken(&with(rabbit.certificates.ca.clone()), &fact(1, 1)).await;
    assert_is(&reader.read("tls").await[0], &fact(1, 1));
    let other = tempfile::tempdir().unwrap();
    kept_out_because(&with(Certificates::make(other.path()).ca), &fact(1, 2), "certificate").await;
    // A certificate for another name.
    let url = format!("amqps://eventify:{PASSWORD}@127.0.0.1:{}", rabbit.tls_port).parse().unwrap();
    let tls = Tls { ca_file: Some(rabbit.certificates.ca.clone()), identity: None };
    let stranger = RabbitMq::new(RabbitMqConfig { url, tls, ..rabbit.config("tls") }).unwrap();
    let why = untried(stranger.publish(&fact(1, 3)).await);
    assert!(why.contains("certificate"), "{why}");
    assert!(reader.read("tls").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stands_still_stops_and_dies_loses_nothing() {
    let rabbit = Rabbit::start();
    let rabbitmq = RabbitMq::new(rabbit.config("outage")).unwrap();
    let reader = Reader::new(rabbit.server.port()).await;
    reader.declare("outage").await;
    reader.bind("outage", "#").await;
    let told: Vec<_> = (0..4).map(|nth| fact(1, nth)).collect();
    rabbitmq.publish(&told[0]).await.unwrap();
    rabbit.server.pause();
    let why = transient(rabbitmq.publish(&told[1]).await);
    assert_eq!(why, "no answer within 5000 ms");
    rabbit.server.resume();
    tell_until_taken(&rabbitmq, &told[1]).await;
    rabbit.server.stop();
    not_now(rabbitmq.publish(&told[2]).await);
    rabbit.server.start_again();
    tell_until_taken(&rabbitmq, &told[2]).await;
    rabbit.server.kill();
    not_now(rabbitmq.publish(&told[3]).await);
    rabbit.server.start_again();
    tell_until_taken(&rabbitmq, &told[3]).await;
    assert_all(&Reader::new(rabbit.server.port()).await.read("outage").await, &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_it_loses_nothing() {
    let rabbit = Rabbit::start();
    let reader = Reader::new(rabbit.server.port()).await;
    reader.declare("hour").await;
    reader.bind("hour", "#").await;
    let rabbitmq = RabbitMq::new(rabbit.config("hour")).unwrap();
    let mut read = Vec::new();
    let reading = async || {
        // What is read is gone from the queue.
        read.extend(Reader::new(rabbit.server.port()).await.read("hour").await);
        read.clone()
    };
    an_hour_without(rabbitmq, || rabbit.server.stop(), || rabbit.server.start_again(), reading).await;
}

#[test]
fn what_cannot_be_is_named() {
    let field = |change: fn(&mut RabbitMqConfig)| {
        let mut config = RabbitMqConfig::new("amqp://localhost".parse().unwrap());
        change(&mut config);
        RabbitMq::new(config).err().map(|error| error.field)
    };
    assert_eq!(field(|_| {}), None);
    assert_eq!(field(|c| c.url = "http://localhost".parse().unwrap()), Some("url"));
    assert_eq!(field(|c| c.url = format!("amqp://h/{}", "v".repeat(256)).parse().unwrap()), Some("url"));
    assert_eq!(field(|c| c.url = format!("amqp://h/{}", "v".repeat(255)).parse().unwrap()), None);
    assert_eq!(field(|c| c.exchange = "e".repeat(127)), None);
    assert_eq!(field(|c| c.exchange = "e".repeat(128)), Some("exchange"));
    assert_eq!(field(|c| c.exchange = String::new()), Some("exchange"));
    assert_eq!(field(|c| c.limits.in_flight_max = 1_000), None);
    assert_eq!(field(|c| c.limits.in_flight_max = 1_001), Some("in_flight_max"));
    let missing = |c: &mut RabbitMqConfig| {
        c.url = "amqps://localhost".parse().unwrap();
        c.tls.ca_file = Some("/nowhere/ca.pem".into());
    };
    assert_eq!(field(missing), Some("tls.ca_file"));
}
