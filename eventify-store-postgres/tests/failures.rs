//! Sessions that end and limits that are reached: each with its own answer, nothing half done, and no session left in the
//! middle of something.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventify_core::EventId;
use eventify_core::store::{
    ChangeSet, Commit, Damaged, EngineId, Expectation, Index, Key, Kind, Record, Scan, Signal, Store,
    StoreError, StoreErrorKind, Version, Versioned, Write,
};
use eventify_core::testing::sample;
use eventify_store_postgres::PostgresStore;
use eventify_store_postgres::testing::Server;
use futures_util::StreamExt;
use futures_util::future::join_all;
use support::proxy::Proxy;
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

/// What becomes of a commit to whose session somebody does something in the middle of its COMMIT.
async fn meddle_with_commit(with: &str) -> StoreErrorKind {
    let stage = stage().await;
    stage.database.execute(&gate_at_commit(X)).await;
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_GATE).await;
    let commit = stage.commit(&change());
    stranger.until_blocked(1).await;
    stranger.run(&format!("SELECT {with}(pid) {BLOCKED}")).await;
    let error = failure(commit).await;
    stranger.run("ROLLBACK").await;
    assert_unharmed(&stage, &mut stranger).await;
    error.kind()
}

/// The server says that the session is over, not what became of the COMMIT it was in. A COMMIT that it refuses, and
/// says so, did not happen.
#[tokio::test]
async fn a_commit_that_is_broken_off_is_not_known_and_one_that_is_refused_did_nothing() {
    assert_eq!(meddle_with_commit("pg_terminate_backend").await, StoreErrorKind::Indeterminate);
    assert_eq!(meddle_with_commit("pg_cancel_backend").await, StoreErrorKind::Unavailable);
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
async fn when_every_connection_is_busy_with_a_commit_others_are_told_to_try_again_and_who_asks_is_answered() {
    let stage =
        with_x(Stage::with(|builder| builder.pool_max(4).acquire_timeout(Duration::from_millis(300))).await)
            .await;
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_LATCH).await;
    // Of four connections, one is to commit on, and another one to ask on.
    let busy = stage.commit(&set(12, &[(4, 0), (3, 0)], &[4]));
    stranger.until_blocked(1).await;
    let told = (StoreErrorKind::Unavailable, "no connection was free or could be made in time");
    let error = soon("a refusal", stage.store.commit(&change())).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), told);
    soon("an answer", stage.store.ping()).await.unwrap();
    stranger.run("COMMIT").await;
    assert_eq!(answer(busy).await, Commit::Applied);
    assert_unharmed(&stage, &mut stranger).await;
}

/// Work, turns and signals together: the operator's number is the whole.
#[tokio::test]
async fn a_process_has_no_more_connections_than_it_was_given() {
    const ALL: u32 = 7;
    let stage = Stage::with(|builder| builder.pool_max(ALL).acquire_timeout(Duration::from_secs(2))).await;
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_LATCH).await;
    let mut signals = stage.store.signals(EngineId::from_number(1)).unwrap();
    assert_eq!(soon("a signal", signals.next()).await, Some(Signal::Missed));
    // At once, so that there are all of those on which is asked.
    let asked = soon("answers", join_all((0..ALL).map(|_| stage.store.ping()))).await;
    assert!(asked.iter().all(Result::is_ok), "{asked:?}");
    let commits: Vec<_> = (0..2 * ALL)
        .map(|n| stage.commit(&set(u64::from(20 + n), &[(20 + n, 0), (3, 0)], &[20 + n])))
        .collect();
    let is_over = Arc::new(AtomicBool::new(false));
    let turns = (0..2 * ALL).map(|n| {
        let (store, is_over) = (stage.store.clone(), is_over.clone());
        // Those at events have connections of their own.
        let place =
            if n % 2 == 0 { Key::Event(EventId::from_uuid(sample::uuid(40 + n))) } else { key(40 + n) };
        let at = BTreeSet::from([place]);
        tokio::spawn(async move {
            while !is_over.load(Ordering::SeqCst) {
                drop(store.turn(&at).await);
            }
        })
    });
    let turns: Vec<_> = turns.collect();
    let all = "application_name = 'eventify'";
    stranger.until(i64::from(ALL), all).await;
    let more: Vec<_> = (0..ALL).map(|n| set(u64::from(60 + n), &[(60 + n, 0), (3, 0)], &[60 + n])).collect();
    let more = more.iter().map(|set| stage.store.commit(set));
    let refused = soon("refusals", join_all(more)).await;
    assert!(refused.iter().all(Result::is_err), "nobody is given a connection beyond: {refused:?}");
    stranger.until(i64::from(ALL), all).await;
    stranger.run("COMMIT").await;
    for commit in commits {
        let _ = soon("a commit's answer", commit).await.unwrap();
    }
    is_over.store(true, Ordering::SeqCst);
    for turn in turns {
        soon("a turn, or none", turn).await.unwrap();
    }
    soon("the end", stage.store.close()).await;
    stranger.until(0, all).await;
}

/// A server that says nothing any more: whoever commits is told within the limits that were chosen, in a turn or without,
/// and does not wait for them twice.
#[tokio::test]
async fn a_server_that_falls_silent_is_given_up_in_time() {
    let stage = stage().await;
    let second = Duration::from_secs(1);
    // Two seconds more than the server is given for a statement, and two for what may still be its answer.
    let in_time = 2 * second + 4 * second;
    let tcp = server().tcp_url(stage.database.name());
    for in_turn in [false, true] {
        let proxy = Proxy::before(&tcp).await;
        let builder = PostgresStore::builder(proxy.url(&tcp)).statement_timeout(second);
        let store = builder.acquire_timeout(second).connect().await.unwrap();
        store.ping().await.unwrap();
        let at = BTreeSet::from([key(X)]);
        let turn = if in_turn { store.turn(&at).await.unwrap() } else { None };
        assert_eq!(turn.is_some(), in_turn);
        proxy.fall_silent();
        proxy.swallow(true);
        let begun = Instant::now();
        let set = change();
        let committed = match turn {
            Some(turn) => store.commit_in_turn(&set, turn).await,
            None => store.commit(&set).await,
        };
        assert_eq!(committed.unwrap_err().kind(), StoreErrorKind::Unavailable);
        assert!(begun.elapsed() < in_time, "in a turn: {in_turn}, {:?}", begun.elapsed());
    }
    let mut stranger = stage.stranger().await;
    assert_unharmed(&stage, &mut stranger).await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() {
    let stage = stage().await;
    let hasty = patient(stage.database.url()).statement_timeout(Duration::from_millis(200));
    let hasty = hasty.connect().await.unwrap();
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_LATCH).await;
    let error = soon("the end of a statement", hasty.commit(&change())).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    stranger.run("ROLLBACK").await;
    assert_unharmed(&stage, &mut stranger).await;
}

/// What the database's own second line refuses, and what is beyond the server's limits, would be refused again.
#[tokio::test]
async fn what_cannot_be_kept_is_not_tried_again() {
    let stage = stage().await;
    let mut stranger = stage.stranger().await;
    stranger.run("ALTER TABLE inventories ADD CONSTRAINT small CHECK (sold < 11)").await;
    let error = stage.store.commit(&change()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
    stranger.run("ALTER TABLE inventories DROP CONSTRAINT small").await;
    // An index whose entries have no room for what is written.
    stranger
        .run(
            "CREATE FUNCTION vast(bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT \
             string_agg(md5(n::text || $1::text), '') FROM generate_series(1, $1 * 10) AS n $$; \
             CREATE INDEX vast ON inventories (vast(sold))",
        )
        .await;
    let error = stage.store.commit(&change()).await.unwrap_err();
    assert!(error.message().ends_with("(54000)"), "{error}");
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
    stranger.run("DROP INDEX vast").await;
    assert_unharmed(&stage, &mut stranger).await;
}

/// A number that no release of ours can have written.
#[tokio::test]
async fn long_work_goes_on_without_a_row_that_cannot_be_read() {
    let stage = stage().await;
    let scan = Scan::first(Index::All(Kind::Inventory), 10);
    let whole = stage.store.scan(&scan).await.unwrap().items;
    assert!(!whole.is_empty());
    stage.database.execute("UPDATE inventories SET capacity = 99999999999").await;
    let error = stage.store.scan(&scan).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
    let rest = stage.store.scan(&Scan { damaged: Damaged::IsAbsent, ..scan }).await.unwrap().items;
    let absent: Vec<Versioned> = whole.into_iter().map(|found| Versioned::absent(found.key)).collect();
    assert_eq!(rest, absent);
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

fn made(stamp: u64, record: &Record) -> ChangeSet {
    let key = record.key();
    let expectations = vec![Expectation { key: key.clone(), version: Version::ABSENT }];
    let writes = vec![Write { key, before: None, after: Some(record.clone()) }];
    ChangeSet { stamp: Version::new(stamp), expectations, writes }
}

/// The server's own log quotes the key of what it refuses. An address of somebody's, or a code, is none of its business.
#[tokio::test]
async fn the_server_s_log_has_ids_alone_of_what_is_there_already() {
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    let database = server.database().await;
    let store = PostgresStore::connect(database.url()).await.unwrap();
    for kind in Kind::ALL {
        let record = sample::record(*kind, 1);
        // A new database has its keyring.
        store.commit(&made(1, &record)).await.unwrap();
        let taken: Vec<Key> = vec![record.key()];
        assert_eq!(store.commit(&made(2, &record)).await.unwrap(), Commit::Conflict(taken), "{kind:?}");
    }
    store.close().await;
    let log = std::fs::read_to_string(server.dir().unwrap().join("log")).unwrap();
    let quoted: Vec<&str> = log.lines().filter_map(|line| line.split(")=(").nth(1)).collect();
    assert!(quoted.len() > 20, "most keys are ids");
    for key in quoted {
        let ids = key.split(") already exists").next().unwrap();
        assert!(ids.split(", ").all(|id| uuid::Uuid::parse_str(id).is_ok()), "{ids}");
    }
}
