//! What one process signals reaches the others, whatever happens to their connections: it is heard, or they are told that
//! they missed something.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use eventify_core::account::Register;
use eventify_core::notification::{Feed, SendNotification};
use eventify_core::store::{EngineId, Signal, Signals, Store};
use eventify_core::testing::FakeClock;
use eventify_core::{Actor, Eventify, UserId};
use eventify_store_postgres::testing::{Database, Server};
use eventify_store_postgres::{Builder, PostgresStore};
use futures_util::StreamExt;
use support::proxy::Proxy;
use support::{Stranger, patient, server, soon};

const HERE: EngineId = EngineId::from_number(1);
const THERE: EngineId = EngineId::from_number(2);

fn told(n: u8) -> BTreeSet<Signal> {
    BTreeSet::from([Signal::Told(UserId::from_bytes([n; 16]))])
}

/// Waits until one of these is heard.
async fn hear(signals: &mut Signals, wanted: &BTreeSet<Signal>) -> Signal {
    let heard = async {
        loop {
            let signal = signals.next().await.unwrap();
            if wanted.contains(&signal) {
                return signal;
            }
        }
    };
    soon("a signal", heard).await
}

async fn hear_missed(signals: &mut Signals) {
    hear(signals, &BTreeSet::from([Signal::Missed])).await;
}

/// A store with a straight way to the database, and one whose every word goes through a proxy.
struct Pair {
    here: PostgresStore,
    there: PostgresStore,
    proxy: Proxy,
    _database: Database,
}

impl Pair {
    async fn new(choose: impl FnOnce(Builder) -> Builder) -> Self {
        let database = server().database().await;
        let tcp = server().tcp_url(database.name());
        let proxy = Proxy::before(&tcp).await;
        let here = patient(database.url()).connect().await.unwrap();
        let there = choose(patient(&proxy.url(&tcp))).connect().await.unwrap();
        Self { here, there, proxy, _database: database }
    }

    /// Both listen, and hear each other.
    async fn listen(&self) -> (Signals, Signals) {
        let (mut here, mut there) = (self.here.signals(HERE).unwrap(), self.there.signals(THERE).unwrap());
        hear_missed(&mut here).await;
        hear_missed(&mut there).await;
        self.here.signal(HERE, &told(1));
        hear(&mut there, &told(1)).await;
        self.there.signal(THERE, &told(2));
        hear(&mut here, &told(2)).await;
        (here, there)
    }
}

/// The connection is there, only nothing comes over it any more.
#[tokio::test]
async fn a_connection_that_fell_silent_is_noticed() {
    let pair = Pair::new(|builder| builder.probe_after(Duration::from_millis(200))).await;
    let (_here, mut there) = pair.listen().await;
    pair.proxy.fall_silent();
    pair.here.signal(HERE, &told(3));
    hear_missed(&mut there).await;
    pair.here.signal(HERE, &told(4));
    hear(&mut there, &told(4)).await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_as_missed() {
    let pair = Pair::new(|builder| builder).await;
    let (mut here, _there) = pair.listen().await;
    pair.proxy.fall_silent();
    pair.there.signal(THERE, &told(3));
    hear_missed(&mut here).await;
    pair.there.signal(THERE, &told(4));
    hear(&mut here, &told(4)).await;
}

#[tokio::test]
async fn what_is_signalled_last_is_sent_before_the_end() {
    let pair = Pair::new(|builder| builder).await;
    let (mut here, mut there) = pair.listen().await;
    pair.there.signal(THERE, &told(3));
    soon("the end", pair.there.close()).await;
    hear(&mut here, &told(3)).await;
    assert_eq!(there.next().await, None, "a store that is closed says so to who listens");
    pair.there.signal(THERE, &told(4));
    assert!(pair.there.signals(THERE).unwrap().next().await.is_none());
    // Also by one that never sent or heard anything before.
    let late = PostgresStore::connect(pair._database.url()).await.unwrap();
    late.signal(THERE, &told(5));
    soon("the end", late.close()).await;
    hear(&mut here, &told(5)).await;
}

#[tokio::test]
async fn a_store_whose_network_was_cut_can_be_closed() {
    let pair = Pair::new(|builder| builder).await;
    let _ears = pair.listen().await;
    pair.proxy.fall_silent();
    pair.there.signal(THERE, &told(3));
    soon("the end", pair.there.close()).await;
}

/// Two processes over one database, and somebody who listens at the first.
struct House {
    here: Eventify,
    there: Eventify,
    bob: Actor,
    feed: Feed,
}

impl House {
    async fn over(url: &str) -> Self {
        let (here, there) = (engine(url).await, engine(url).await);
        let bob = Register::new("Bob", "bob@example.org", "a long enough secret");
        let bob = here.accounts().register(&Actor::anonymous(), bob).await.unwrap();
        let bob = Actor::user(bob.id, bob.role);
        let feed = here.notifications().listen(&bob, None).await.unwrap();
        Self { here, there, bob, feed }
    }

    /// Told there, heard here. A feed looks by itself once a minute, which is later than soon.
    async fn tell(&mut self, title: &str) {
        let request = SendNotification {
            user_id: self.bob.user_id().unwrap(),
            title: title.to_owned(),
            body: "Doors open at six.".to_owned(),
            event_id: None,
        };
        loop {
            match self.there.notifications().send(&Actor::system(), request.clone()).await {
                Ok(_) => break,
                Err(error) => assert!(error.is_retryable(), "{error}"),
            }
            tokio::task::yield_now().await;
        }
        let heard = soon(title, self.feed.next()).await.unwrap().unwrap();
        assert_eq!(heard.title, title);
    }
}

async fn engine(url: &str) -> Eventify {
    let store = PostgresStore::builder(url).acquire_timeout(Duration::from_secs(20)).connect().await.unwrap();
    let builder = Eventify::builder(store).clock(FakeClock::default());
    builder.without_worker().start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_listens_at_another_process_is_told_whatever_became_of_its_connection() {
    let server = Arc::new(tokio::task::spawn_blocking(Server::start).await.unwrap());
    let database = server.database().await;
    let mut house = House::over(database.url()).await;
    house.tell("in peace").await;
    for _ in 0..3 {
        database.terminate_sessions().await;
        house.tell("sessions were ended").await;
    }
    for order in [Server::stop, Server::kill] {
        let (down, up) = (server.clone(), server.clone());
        tokio::task::spawn_blocking(move || order(&down)).await.unwrap();
        // Longer than any one look of the listener takes: it meets a server that is not there.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        tokio::task::spawn_blocking(move || up.start_again()).await.unwrap();
        house.tell("the server was away").await;
    }
    house.here.shut_down().await;
    house.there.shut_down().await;
}

/// The listener's connection is away while something is said, and comes back without a word from the server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_while_the_server_is_away_is_missed() {
    let server = Arc::new(tokio::task::spawn_blocking(Server::start).await.unwrap());
    let database = server.database().await;
    let store = PostgresStore::connect(database.url()).await.unwrap();
    let mut signals = store.signals(HERE).unwrap();
    hear_missed(&mut signals).await;
    for _ in 0..2 {
        let (down, up) = (server.clone(), server.clone());
        tokio::task::spawn_blocking(move || down.stop()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        tokio::task::spawn_blocking(move || up.start_again()).await.unwrap();
        hear_missed(&mut signals).await;
    }
}

/// A connection that ends while signals are collected takes none of them with it, though nobody signals again.
#[tokio::test]
async fn what_was_collected_when_the_connection_ended_is_sent_over_the_next() {
    let pair = Pair::new(|builder| builder).await;
    let (mut here, _there) = pair.listen().await;
    let mut stranger = Stranger::at(pair._database.url()).await;
    for n in 10..15 {
        // Only through the proxy does anybody come by TCP.
        let ours = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                    WHERE datname = current_database() AND client_addr IS NOT NULL";
        // Collected for some milliseconds: the end of the connection comes first, or not.
        pair.there.signal(THERE, &told(n));
        stranger.number(ours).await;
        hear(&mut here, &(&told(n) | &BTreeSet::from([Signal::Missed]))).await;
    }
    pair.here.close().await;
    pair.there.close().await;
}
