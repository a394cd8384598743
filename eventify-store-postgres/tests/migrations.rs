//! The schema's way up and down.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use eventify_core::store::Kind;
use eventify_store_postgres::migrations::{self, State};
use eventify_store_postgres::testing::Server;
use eventify_store_postgres::{OpenError, PostgresStore};
use support::Stranger;
use support::shop::{Shop, assert_sound, count};

#[tokio::test]
async fn a_schema_goes_up_and_down_and_up_again() {
    let database = Server::shared().empty_database().await;
    let url = database.url();
    assert!(migrations::status(url).await.unwrap().iter().all(|m| m.state == State::Pending));
    let old = PostgresStore::connect(url).await.unwrap_err();
    assert!(matches!(old, OpenError::SchemaTooOld { found: 0, .. }), "{old}");
    assert!(old.to_string().contains("eventify migrate up"), "{old}");

    let all = migrations::ALL.len();
    assert_eq!(migrations::up(url).await.unwrap().len(), all);
    assert!(migrations::up(url).await.unwrap().is_empty(), "a second time there is nothing to do");
    assert!(migrations::status(url).await.unwrap().iter().all(|m| matches!(m.state, State::Applied { .. })));
    PostgresStore::connect(url).await.unwrap().close().await;

    assert_eq!(migrations::down(url, 0).await.unwrap().len(), all);
    assert_eq!(migrations::up(url).await.unwrap().len(), all, "nothing was left behind");
}

#[tokio::test]
async fn several_may_migrate_at_once() {
    let database = Server::shared().empty_database().await;
    let climbs = (0..4).map(|_| {
        let url = database.url().to_owned();
        tokio::spawn(async move { migrations::up(&url).await.unwrap().len() })
    });
    let mut applied = 0;
    for climb in climbs.collect::<Vec<_>>() {
        applied += climb.await.unwrap();
    }
    assert_eq!(applied, migrations::ALL.len(), "each migration was applied by one of them");
}

/// How many tables of ours there are.
async fn tables(url: &str) -> i64 {
    let ours: Vec<String> = Kind::ALL.iter().map(|kind| format!("'{}'", kind.table())).collect();
    let question = format!("SELECT count(*) FROM pg_class WHERE relname IN ({})", ours.join(", "));
    Stranger::at(url).await.number(&question).await
}

async fn sell(url: &str) {
    let store = PostgresStore::connect(url).await.unwrap();
    let shop = Shop::open(store.clone(), 10).await;
    for buyer in 0..5 {
        shop.hold(buyer).await.unwrap();
    }
    shop.eventify.shut_down().await;
    assert_eq!(count(&store, Kind::Booking).await, 5);
    assert_sound(&store).await;
    store.close().await;
}

#[tokio::test]
async fn a_schema_full_of_data_goes_down_and_up_again() {
    let database = Server::shared().empty_database().await;
    let url = database.url();
    migrations::up(url).await.unwrap();
    sell(url).await;
    assert!(migrations::up(url).await.unwrap().is_empty());
    migrations::down(url, 0).await.unwrap();
    assert_eq!(tables(url).await, 0);
    let gone = PostgresStore::connect(url).await.unwrap_err();
    assert!(matches!(gone, OpenError::SchemaTooOld { found: 0, .. }), "{gone}");
    assert!(migrations::down(url, 0).await.unwrap().is_empty(), "a second time there is nothing to do");
    migrations::up(url).await.unwrap();
    sell(url).await;
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_left_alone() {
    let database = Server::shared().database().await;
    let url = database.url();
    sell(url).await;
    let newer =
        "INSERT INTO eventify_migrations (number, name, checksum) VALUES (999, '0999_later', '\\x00')";
    database.execute(newer).await;
    let words = format!(
        "the database's schema is at migration 999, this version knows up to {}: use a newer version",
        migrations::newest()
    );
    assert_eq!(PostgresStore::connect(url).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::up(url).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::down(url, 0).await.unwrap_err().to_string(), words);
    let status = migrations::status(url).await.unwrap();
    assert!(matches!(status.last().unwrap().state, State::Unknown { .. }), "{status:?}");
    // Without it, all is as it was.
    database.execute("DELETE FROM eventify_migrations WHERE number = 999").await;
    let store = PostgresStore::connect(url).await.unwrap();
    assert_eq!(count(&store, Kind::Booking).await, 5);
}

#[tokio::test]
async fn a_schema_of_another_wording_is_left_alone() {
    let database = Server::shared().database().await;
    let url = database.url();
    sell(url).await;
    database.execute("UPDATE eventify_migrations SET checksum = '\\x00' WHERE number = 1").await;
    let words = "migration 1 was applied in another wording than this version has: \
                 the schema is not ours to trust";
    assert_eq!(PostgresStore::connect(url).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::up(url).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::down(url, 0).await.unwrap_err().to_string(), words);
    let status = migrations::status(url).await.unwrap();
    assert!(matches!(status.first().unwrap().state, State::Changed { .. }), "{status:?}");
    assert_eq!(tables(url).await, i64::try_from(Kind::ALL.len()).unwrap());
}

#[tokio::test]
async fn what_others_made_is_left_alone() {
    let database = Server::shared().empty_database().await;
    let url = database.url();
    database
        .execute("CREATE TABLE events (id int); INSERT INTO events VALUES (7); CREATE TABLE users (id int)")
        .await;
    let words =
        "not an Eventify database: it has tables of these names that Eventify did not make: events, users.";
    for error in [
        PostgresStore::connect(url).await.unwrap_err().to_string(),
        migrations::up(url).await.unwrap_err().to_string(),
    ] {
        assert!(error.starts_with(words) && error.contains("?options=-csearch_path="), "{error}");
    }
    assert_eq!(tables(url).await, 2, "something was made");

    // A schema of our own beside it.
    let join = if url.contains('?') { '&' } else { '?' };
    let apart = format!("{url}{join}options=-csearch_path=tickets");
    let missing = migrations::up(&apart).await.unwrap_err().to_string();
    assert!(
        missing.contains("the schema that its search_path names does not exist: create it first"),
        "{missing}"
    );
    database.execute("CREATE SCHEMA tickets").await;
    migrations::up(&apart).await.unwrap();
    sell(&apart).await;
    migrations::down(&apart, 0).await.unwrap();
    assert_eq!(Stranger::at(url).await.number("SELECT id::bigint FROM events").await, 7);

    let database = Server::shared().empty_database().await;
    database.execute("CREATE TABLE eventify_migrations (id int)").await;
    let words = "not an Eventify database: its table eventify_migrations has other columns than ours";
    assert_eq!(PostgresStore::connect(database.url()).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::up(database.url()).await.unwrap_err().to_string(), words);
}
