//! Sessions that end, limits that are reached, and doors that stay shut: each with its own answer, nothing half done,
//! and no session left in the middle of something.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::time::Duration;

use eventify_core::store::{ChangeSet, Commit, Store, StoreError, StoreErrorKind};
use eventify_store_postgres::testing::Server;
use eventify_store_postgres::{OpenError, PostgresStore};
use support::*;
use tokio::task::JoinHandle;
use tokio::time::Instant;

const X: u32 = 1;
const Y: u32 = 2;

/// Changes X, and makes Y, which takes the latch as well.
fn change() -> ChangeSet {
    set(11, &[(X, 1), (Y, 0), (3, 0)], &[X, Y])
}

async fn stage() -> Stage {
    with_x(Stage::new().await).await
}

async fn with_x(stage: Stage) -> Stage {
    stage.applied(&set(1, &[(X, 0)], &[X])).await;
    stage
}

async fn failure(commit: JoinHandle<Result<Commit, StoreError>>) -> StoreError {
    soon("a commit's answer", commit).await.unwrap().unwrap_err()
}

/// The change can still be made, exactly once, and everybody is at rest afterwards.
async fn assert_unharmed(stage: &Stage, stranger: &mut Stranger) {
    stranger.assert_nobody_is_in_a_transaction().await;
    assert_eq!(stage.versions(&[X, Y]).await, [1, 0], "half written");
    stage.applied(&change()).await;
    assert_eq!(stage.versions(&[X, Y]).await, [11, 11]);
    stranger.assert_nobody_is_in_a_transaction().await;
}

const BLOCKED: &str = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[tokio::test]
async fn sessions_that_ended_while_nobody_used_them_are_replaced() {
    let stage = stage().await;
    let many: Vec<_> = (0..8).map(|_| stage.commit(&set(12, &[(X, 1)], &[]))).collect();
    for checked in many {
        assert_eq!(answer(checked).await, Commit::Applied);
    }
    for _ in 0..3 {
        stage.database.terminate_sessions().await;
        assert_eq!(stage.versions(&[X]).await, [1]);
        stage.database.terminate_sessions().await;
        let changed = set(12, &[(X, 1)], &[X]);
        stage.applied(&changed).await;
        stage.applied(&set(1, &[(X, 12)], &[X])).await;
    }
}

#[tokio::test]
async fn a_session_that_ends_during_a_commit_has_done_nothing() {
    let points =
        [HOLD_LATCH.to_owned(), format!("BEGIN; SELECT 1 FROM inventories WHERE {} FOR UPDATE", row(X))];
    for point in points {
        let stage = stage().await;
        let mut stranger = stage.stranger().await;
        stranger.run(&point).await;
        let commit = stage.commit(&change());
        stranger.until_blocked(1).await;
        assert_eq!(stranger.number(&format!("SELECT count(pg_terminate_backend(pid)) {BLOCKED}")).await, 1);
        let error = failure(commit).await;
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
        stranger.run("ROLLBACK").await;
        assert_unharmed(&stage, &mut stranger).await;
    }
}

/// The server says that the session is over, not what became of the COMMIT it was in.
#[tokio::test]
async fn a_session_that_ends_in_the_middle_of_its_commit_is_not_known() {
    let stage = stage().await;
    stage.database.execute(&gate_at_commit(X)).await;
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_GATE).await;
    let commit = stage.commit(&change());
    stranger.until_blocked(1).await;
    stranger.run(&format!("SELECT pg_terminate_backend(pid) {BLOCKED}")).await;
    let error = failure(commit).await;
    assert_eq!(error.kind(), StoreErrorKind::Indeterminate, "{error}");
    stranger.run("ROLLBACK").await;
    assert_unharmed(&stage, &mut stranger).await;
}

/// A COMMIT that the server refuses, and says so, did not happen.
#[tokio::test]
async fn a_commit_that_the_server_gave_up_did_nothing() {
    let stage = stage().await;
    stage.database.execute(&gate_at_commit(X)).await;
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_GATE).await;
    let commit = stage.commit(&change());
    stranger.until_blocked(1).await;
    stranger.run(&format!("SELECT pg_cancel_backend(pid) {BLOCKED}")).await;
    let error = failure(commit).await;
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    stranger.run("ROLLBACK").await;
    assert_unharmed(&stage, &mut stranger).await;
}

/// Whoever asked went away: the work is done all the same, and its session is free again.
#[tokio::test]
async fn a_commit_that_nobody_waits_for_any_more_is_done() {
    let stage = stage().await;
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_LATCH).await;
    let commit = stage.commit(&change());
    stranger.until_blocked(1).await;
    commit.abort();
    assert!(commit.await.unwrap_err().is_cancelled());
    stranger.until_blocked(1).await;
    stranger.run("COMMIT").await;
    stranger.assert_nobody_is_in_a_transaction().await;
    assert_eq!(stage.versions(&[X, Y]).await, [11, 11]);
}

#[tokio::test]
async fn when_every_connection_is_busy_others_are_told_to_try_again() {
    let stage =
        with_x(Stage::with(|builder| builder.pool_max(2).acquire_timeout(Duration::from_millis(300))).await)
            .await;
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_LATCH).await;
    let busy =
        [stage.commit(&set(12, &[(4, 0), (3, 0)], &[4])), stage.commit(&set(13, &[(5, 0), (3, 0)], &[5]))];
    stranger.until_blocked(2).await;
    let begun = Instant::now();
    let error = stage.store.commit(&change()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    let error = stage.store.ping().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    stranger.run("COMMIT").await;
    for commit in busy {
        assert_eq!(answer(commit).await, Commit::Applied);
    }
    assert_unharmed(&stage, &mut stranger).await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() {
    let stage =
        with_x(Stage::with(|builder| builder.statement_timeout(Duration::from_millis(200))).await).await;
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_LATCH).await;
    let error = soon("the end of a statement", stage.store.commit(&change())).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    stranger.run("ROLLBACK").await;
    assert_unharmed(&stage, &mut stranger).await;
}

/// What the database's own second line refuses would be refused again.
#[tokio::test]
async fn what_cannot_be_kept_is_not_tried_again() {
    let stage = stage().await;
    stage.database.execute("ALTER TABLE inventories ADD CHECK (sold < 11)").await;
    let mut stranger = stage.stranger().await;
    let error = stage.store.commit(&change()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
    stage.database.execute("ALTER TABLE inventories DROP CONSTRAINT inventories_sold_check1").await;
    assert_unharmed(&stage, &mut stranger).await;
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let stage = stage().await;
    stage.store.close().await;
    let error = stage.store.commit(&change()).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (StoreErrorKind::Unavailable, "the store is closed"));
    let mut stranger = stage.stranger().await;
    stranger.until(0, "true").await;
}

/// A server that asks this person for a password.
async fn guarded() -> Server {
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    let mut admin = Stranger::at(&server.url("postgres")).await;
    admin.run("CREATE ROLE guarded LOGIN PASSWORD 'the-right-one'").await;
    let rules = server.dir().unwrap().join("data/pg_hba.conf");
    let before = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, format!("host all guarded 127.0.0.1/32 scram-sha-256\n{before}")).unwrap();
    server.restart();
    server
}

#[tokio::test]
async fn whoever_is_not_let_in_is_told_why_without_the_password() {
    let server = guarded().await;
    let database = server.database().await;
    let tcp = server.tcp_url(database.name());
    let right = tcp.replace("eventify@", "guarded:the-right-one@");
    database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guarded").await;
    PostgresStore::connect(&right).await.unwrap().close().await;

    let cases = [
        (right.replace("right", "wrong"), "password authentication failed for user \"guarded\" (28P01)"),
        (tcp.replace("eventify@", "nobody:the-wrong-one@"), "role \"nobody\" does not exist (28000)"),
        (right.replace(database.name(), "elsewhere"), "database \"elsewhere\" does not exist (3D000)"),
    ];
    for (url, words) in cases {
        let error = PostgresStore::connect(&url).await.unwrap_err();
        assert!(matches!(error, OpenError::Refused { .. }), "{error:?}");
        let shown = format!("{error} {error:?} {:?}", PostgresStore::builder(&url));
        assert!(shown.contains(&words.replace('"', "\\\"")) || shown.contains(words), "{shown}");
        assert!(shown.contains("127.0.0.1:"), "{shown}");
        assert!(!shown.contains("-one"), "the password is shown: {shown}");
    }
    let unreadable = tcp.replace("eventify@", "guarded:the-wrong-one@").replace("127.0.0.1:", "127.0.0.1:x");
    let error = PostgresStore::connect(&unreadable).await.unwrap_err();
    assert!(matches!(error, OpenError::Address(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("-one"), "{error:?}");

    server.stop();
    let error = PostgresStore::connect(&right).await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("-one"), "{error:?}");
}
