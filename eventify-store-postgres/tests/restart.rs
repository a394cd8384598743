//! The server goes away under an engine that sells, and comes back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use eventify_core::store::{Kind, Store};
use eventify_store_postgres::PostgresStore;
use eventify_store_postgres::testing::Server;
use support::shop::{Shop, assert_sound, count};
use support::*;

/// Sales at several counters until they are told to stop.
#[derive(Clone)]
struct Sale {
    shop: Shop,
    next: Arc<AtomicU16>,
    sold: Arc<AtomicUsize>,
    failed: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Sale {
    fn of(shop: Shop) -> Self {
        Self {
            shop,
            next: Arc::default(),
            sold: Arc::default(),
            failed: Arc::default(),
            over: Arc::default(),
        }
    }

    /// Serves one buyer after the other, each until they have their seat.
    async fn counter(self) {
        while !self.over.load(Ordering::SeqCst) {
            let buyer = self.next.fetch_add(1, Ordering::SeqCst);
            while let Err(error) = soon("an answer", self.shop.hold(buyer)).await {
                assert!(error.is_retryable(), "{error}");
                self.failed.fetch_add(1, Ordering::SeqCst);
                // A test that has failed can end only where this lets it.
                tokio::task::yield_now().await;
            }
            self.sold.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Waits until so many more were sold.
    async fn until_sold(&self, more: usize) {
        let goal = self.sold.load(Ordering::SeqCst) + more;
        let selling = async {
            while self.sold.load(Ordering::SeqCst) < goal {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        soon("sales that go on", selling).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_finds_everything_and_everybody_again() {
    let server = Arc::new(tokio::task::spawn_blocking(Server::start).await.unwrap());
    let database = server.database().await;
    let builder = PostgresStore::builder(database.url());
    let store = builder.acquire_timeout(Duration::from_millis(500)).connect().await.unwrap();
    let shop = Shop::open(store.clone(), 60_000).await;
    let sale = Sale::of(shop.clone());
    let counters: Vec<_> = (0..6).map(|_| tokio::spawn(sale.clone().counter())).collect();

    for order in [Server::stop, Server::kill] {
        sale.until_sold(20).await;
        let (down, up) = (server.clone(), server.clone());
        tokio::task::spawn_blocking(move || order(&down)).await.unwrap();
        let failed = sale.failed.load(Ordering::SeqCst);
        let told = async {
            while sale.failed.load(Ordering::SeqCst) < failed + 6 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        soon("everybody is told to try again", told).await;
        assert!(store.ping().await.is_err(), "a server that is down does not answer");
        tokio::task::spawn_blocking(move || up.start_again()).await.unwrap();
    }
    sale.until_sold(20).await;
    sale.over.store(true, Ordering::SeqCst);
    for counter in counters {
        soon("a counter closes", counter).await.unwrap();
    }
    let sold = sale.sold.load(Ordering::SeqCst);
    assert_eq!(count(&store, Kind::Booking).await, sold, "acknowledged is what is there");
    shop.eventify.shut_down().await;
    assert_sound(&store).await;
    let mut stranger = Stranger::at(database.url()).await;
    stranger.assert_nobody_is_in_a_transaction().await;
}
