//! The schema's way up and down.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use eventify_store_postgres::migrations::{self, State};
use eventify_store_postgres::testing::Server;
use eventify_store_postgres::{OpenError, PostgresStore};

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
