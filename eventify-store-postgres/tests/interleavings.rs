//! Commits that are under way at the same time, held at chosen points: never both when they exclude each other.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use eventify_core::store::{
    ChangeSet, Commit, Expectation, Kind, Record, Store, StoreErrorKind, Version, Write,
};
use eventify_core::testing::sample;
use support::*;

// Counters by number.
const X: u32 = 1;
const Y: u32 = 2;
const Z: u32 = 3;
const P: u32 = 4;

const BOTH: [bool; 2] = [true, false];

async fn stage(serializable: bool) -> Stage {
    Stage::with(|builder| if serializable { builder.serializable() } else { builder }).await
}

/// "X is absent, so Y", and "Y is absent, so X": whichever comes first, and wherever each is when the other begins.
#[tokio::test]
async fn each_rests_on_the_absence_that_the_other_ends() {
    for first_is_a in BOTH {
        let stage = stage(false).await;
        let mut stranger = stage.stranger().await;
        let a = set(11, &[(X, 0), (Y, 0)], &[Y]);
        let b = set(12, &[(X, 0), (Y, 0)], &[X]);
        let (first, second) = if first_is_a { (&a, &b) } else { (&b, &a) };

        stranger.run(HOLD_LATCH).await;
        let first = stage.commit(first);
        stranger.until_blocked(1).await;
        let second = stage.commit(second);
        // Each has made its own record, which the other cannot see, and waits to look for the other's.
        stranger.until_blocked(2).await;
        stranger.run("COMMIT").await;

        let answers = (answer(first).await, answer(second).await);
        let lost = if first_is_a { Y } else { X };
        let won = if first_is_a { X } else { Y };
        // Waiting is first come first served, but nothing rests on that.
        let expected = [(Commit::Applied, conflict(&[lost])), (conflict(&[won]), Commit::Applied)];
        assert!(expected.contains(&answers), "{answers:?}");
        let versions = stage.versions(&[X, Y]).await;
        assert_eq!(versions.iter().filter(|version| **version == 0).count(), 1, "{versions:?}");
        stranger.assert_nobody_is_in_a_transaction().await;
    }
}

/// The first is held in the middle of its COMMIT: it has looked, but nobody can see yet what it made.
#[tokio::test]
async fn an_absence_is_not_checked_while_somebody_else_is_committing_one() {
    for serializable in BOTH {
        let stage = stage(serializable).await;
        stage.database.execute(&gate_at_commit(Y)).await;
        let mut stranger = stage.stranger().await;
        stranger.run(HOLD_GATE).await;
        let a = stage.commit(&set(11, &[(X, 0), (Y, 0)], &[Y]));
        stranger.until_blocked(1).await;
        let b = stage.commit(&set(12, &[(X, 0), (Y, 0)], &[X]));
        let (a, b) = if serializable {
            // No lock holds it up: the engine finds out who of both has to give way.
            let b = answer(b).await;
            stranger.run("COMMIT").await;
            (answer(a).await, b)
        } else {
            stranger.until_blocked(2).await;
            stranger.run("COMMIT").await;
            (answer(a).await, answer(b).await)
        };
        let found = (a, b, stage.versions(&[X, Y]).await);
        let a_won = (Commit::Applied, conflict(&[Y]), vec![0, 11]);
        let b_won = (conflict(&[X]), Commit::Applied, vec![12, 0]);
        assert!(found == a_won || found == b_won, "serializable: {serializable}, {found:?}");
        stranger.assert_nobody_is_in_a_transaction().await;
    }
}

/// A ring of three, each resting on the absence that the next one ends: not all of them.
#[tokio::test]
async fn a_ring_of_absences_is_broken() {
    let stage = stage(false).await;
    let mut stranger = stage.stranger().await;
    stranger.run(HOLD_LATCH).await;
    let ring = [
        set(11, &[(X, 0), (Y, 0)], &[Y]),
        set(12, &[(Y, 0), (Z, 0)], &[Z]),
        set(13, &[(Z, 0), (X, 0)], &[X]),
    ];
    let commits = ring.each_ref().map(|set| stage.commit_elsewhere(set));
    stranger.until_blocked(3).await;
    stranger.run("COMMIT").await;
    let mut applied = 0;
    for commit in commits {
        applied += usize::from(answer(commit).await == Commit::Applied);
    }
    // In some order one after another, the first is applied, and so may be one that it does not concern.
    assert!((1..=2).contains(&applied), "{applied} of a ring were applied");
    let there = stage.versions(&[X, Y, Z]).await.iter().filter(|version| **version > 0).count();
    assert_eq!(there, applied);
}

/// "P is as I read it, so Y", and "Y is absent, so P changes".
#[tokio::test]
async fn one_rests_on_what_the_other_changes_and_the_other_on_an_absence() {
    for reader_first in BOTH {
        let stage = stage(false).await;
        stage.applied(&set(1, &[(P, 0)], &[P])).await;
        let mut stranger = stage.stranger().await;
        // An absence that nobody ends makes the reader take the latch too, so that it can be held there.
        let reader = set(11, &[(P, 1), (Y, 0), (Z, 0)], &[Y]);
        let changer = set(12, &[(P, 1), (Y, 0)], &[P]);
        stranger.run(HOLD_LATCH).await;
        let (first, second) = if reader_first { (&reader, &changer) } else { (&changer, &reader) };
        let first = stage.commit(first);
        stranger.until_blocked(1).await;
        let second = stage.commit(second);
        // At the row P, which the first one holds.
        stranger.until_blocked(2).await;
        stranger.run("COMMIT").await;
        assert_eq!(answer(first).await, Commit::Applied);
        let (moved, versions) = if reader_first { (Y, [1, 11]) } else { (P, [12, 0]) };
        assert_eq!(answer(second).await, conflict(&[moved]));
        assert_eq!(stage.versions(&[P, Y]).await, versions);
    }
}

/// What was only read is being changed by somebody whose commit comes first.
#[tokio::test]
async fn what_was_only_read_is_changed_meanwhile() {
    let ends = [
        ("UPDATE inventories SET version = 77", "COMMIT", false),
        ("DELETE FROM inventories", "COMMIT", false),
        ("UPDATE inventories SET version = 77", "ROLLBACK", true),
        ("DELETE FROM inventories", "ROLLBACK", true),
    ];
    for serializable in BOTH {
        for (change, end, holds) in ends {
            let stage = stage(serializable).await;
            stage.applied(&set(1, &[(P, 0), (X, 0)], &[P, X])).await;
            let mut stranger = stage.stranger().await;
            // In serializable mode what is read is not waited for, so there the change is behind a written row.
            let held = if serializable { format!("{} OR {}", row(P), row(X)) } else { row(P) };
            stranger.run(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {change} WHERE {held}")).await;
            let commit = stage.commit(&set(11, &[(P, 1), (X, 1), (Y, 0)], &[X, Y]));
            stranger.until_blocked(1).await;
            stranger.run(end).await;
            let situation = format!("{change}, {end}, serializable: {serializable}");
            if holds {
                assert_eq!(answer(commit).await, Commit::Applied, "{situation}");
                assert_eq!(stage.versions(&[P, X, Y]).await, [1, 11, 11], "{situation}");
            } else {
                let moved: &[u32] = if serializable { &[P, X] } else { &[P] };
                assert_eq!(answer(commit).await, conflict(moved), "{situation}");
                assert_eq!(stage.versions(&[Y]).await, [0], "{situation}: half written");
            }
        }
    }
}

/// Two make the same record: the second waits for the first, and goes by what became of it.
#[tokio::test]
async fn two_make_the_same_record() {
    for first_succeeds in BOTH {
        let stage = stage(false).await;
        let mut stranger = stage.stranger().await;
        stranger.run(HOLD_LATCH).await;
        let first = stage.commit(&set(11, &[(X, 0), (Z, 0)], &[X]));
        stranger.until_blocked(1).await;
        let second = stage.commit(&set(12, &[(X, 0)], &[X]));
        stranger.until_blocked(2).await;
        if !first_succeeds {
            stranger.run("INSERT INTO inventories SELECT gen_random_uuid(), 5, NULL, 0, 0, 0, 0").await;
            let z = format!("UPDATE inventories SET event_id = '{}'", sample_uuid(Z));
            stranger.run(&z).await;
        }
        stranger.run("COMMIT").await;
        if first_succeeds {
            assert_eq!((answer(first).await, answer(second).await), (Commit::Applied, conflict(&[X])));
            assert_eq!(stage.versions(&[X]).await, [11]);
        } else {
            // What moved is looked up once it is over, and by then the second may have made X.
            let (first, second) = (answer(first).await, answer(second).await);
            assert!(first == conflict(&[Z]) || first == conflict(&[X, Z]), "{first:?}");
            assert_eq!(second, Commit::Applied);
            assert_eq!(stage.versions(&[X]).await, [12]);
        }
    }
}

fn sample_uuid(n: u32) -> String {
    eventify_core::testing::sample::uuid(n).to_string()
}

/// Rows are taken hold of one after another by their keys, however they lie in the table and whether they are changed at
/// once or locked first: two commits of ours never wait for each other in a ring.
#[tokio::test]
async fn rows_are_taken_hold_of_in_the_order_of_their_keys() {
    const ROWS: usize = 20;
    for changes_all in BOTH {
        let stage = stage(false).await;
        let mut numbers: Vec<u32> = (1..).take(ROWS).collect();
        numbers.sort_by_key(|n| key(*n));
        for n in numbers.iter().rev() {
            stage.applied(&set(1, &[(*n, 0)], &[*n])).await;
        }
        stage.database.execute("VACUUM ANALYZE inventories").await;
        let mut stranger = stage.stranger().await;
        let mut watcher = stage.stranger().await;
        let mut stamp = 1;
        for place in 0..ROWS {
            let expected: Vec<_> =
                numbers.iter().rev().map(|n| (*n, stamp_of(*n, stamp, &numbers, changes_all))).collect();
            let written = if changes_all { &numbers[..] } else { &numbers[1..] };
            stamp += 1;
            stranger
                .run(&format!("BEGIN; SELECT 1 FROM inventories WHERE {} FOR UPDATE", row(numbers[place])))
                .await;
            let commit = stage.commit(&set(stamp, &expected, written));
            watcher.until_blocked(1).await;
            let free = "SELECT count(*) FROM (SELECT 1 FROM inventories FOR UPDATE SKIP LOCKED) AS free";
            let held = i64::try_from(ROWS).unwrap() - 1 - watcher.number(free).await;
            assert_eq!(held, i64::try_from(place).unwrap(), "rows before the one that is waited for");
            stranger.run("COMMIT").await;
            assert_eq!(answer(commit).await, Commit::Applied);
        }
    }
}

/// What is only read stays at its first version.
fn stamp_of(n: u32, stamp: u64, numbers: &[u32], changes_all: bool) -> u64 {
    if !changes_all && n == numbers[0] { 1 } else { stamp }
}

/// Somebody who locks in another order than we do: one of both has to give way, and it is us.
#[tokio::test]
async fn a_deadlock_with_a_stranger_is_tried_again() {
    for changes in BOTH {
        let stage = stage(false).await;
        stage.applied(&set(1, &[(X, 0), (Y, 0)], &[X, Y])).await;
        // Who looks first gives way. Ours looks late enough for the ring to be closed by then.
        let settings = format!("ALTER DATABASE \"{}\" SET deadlock_timeout = '1s'", stage.database.name());
        stage.database.execute(&settings).await;
        stage.database.terminate_sessions().await;
        let mut stranger = stage.stranger().await;
        let mut watcher = stage.stranger().await;
        stranger.run("SET deadlock_timeout = '1h'").await;
        let (low, high) = if key(X) < key(Y) { (X, Y) } else { (Y, X) };
        stranger.run(&format!("BEGIN; SELECT 1 FROM inventories WHERE {} FOR UPDATE", row(high))).await;
        let commit = stage.commit(&set(11, &[(X, 1), (Y, 1), (Z, 0)], &[X, Y, Z]));
        watcher.until_blocked(1).await;
        // Waits for ours until ours gives way.
        soon(
            "the lock of the row that ours had",
            stranger.run(&format!("SELECT 1 FROM inventories WHERE {} FOR UPDATE", row(low))),
        )
        .await;
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        // The second try.
        watcher.until_blocked(1).await;
        if changes {
            stranger.run(&format!("UPDATE inventories SET version = 77 WHERE {}", row(high))).await;
        }
        stranger.run("COMMIT").await;
        let (expected, versions) =
            if changes { (conflict(&[high]), [1, 77, 0]) } else { (Commit::Applied, [11, 11, 11]) };
        assert_eq!(answer(commit).await, expected);
        assert_eq!(stage.versions(&[low, high, Z]).await, versions);
        // Sessions report what they counted when they end, at the latest.
        stage.store.close().await;
        assert_eq!(watcher.number(deadlocks).await, 1, "there was no deadlock");
    }
}

/// The engine gives up on a transaction (40001) because of a change that did not concern what was expected.
#[tokio::test]
async fn a_serialization_failure_is_tried_again() {
    for (version, expected) in [(1, Commit::Applied), (77, conflict(&[X]))] {
        let stage = stage(true).await;
        stage.applied(&set(1, &[(X, 0)], &[X])).await;
        let mut stranger = stage.stranger().await;
        stranger
            .run(&format!("BEGIN; UPDATE inventories SET types = 1, version = {version} WHERE {}", row(X)))
            .await;
        let commit = stage.commit(&set(11, &[(X, 1), (Y, 0)], &[X, Y]));
        stranger.until_blocked(1).await;
        stranger.run("COMMIT").await;
        let applied = expected == Commit::Applied;
        assert_eq!(answer(commit).await, expected);
        let versions = if applied { [11, 11] } else { [77, 0] };
        assert_eq!(stage.versions(&[X, Y]).await, versions);
    }
}

/// Whoever waits for a record for too long may try again later, and nothing of theirs is left.
#[tokio::test]
async fn waiting_in_vain_is_answered() {
    let stage = Stage::with(|builder| builder.lock_timeout(Duration::from_millis(100))).await;
    stage.applied(&set(1, &[(X, 0)], &[X])).await;
    let mut stranger = stage.stranger().await;
    stranger.run(&format!("BEGIN; SELECT 1 FROM inventories WHERE {} FOR UPDATE", row(X))).await;
    let commit = set(11, &[(X, 1), (Y, 0)], &[X, Y]);
    // Nothing has moved, so it is no conflict.
    assert_eq!(stage.store.commit(&commit).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert_eq!(stage.versions(&[X, Y]).await, [1, 0]);
    stranger.run("ROLLBACK").await;
    stranger.assert_nobody_is_in_a_transaction().await;
    stage.applied(&commit).await;
}

/// Makes somebody's preferences, or misses them while it changes X.
fn preferences(stamp: u64, version: u64, after: Option<Record>) -> ChangeSet {
    let record = sample::record(Kind::Preferences, 1);
    let before = (version > 0).then(|| record.clone());
    ChangeSet {
        stamp: Version::new(stamp),
        expectations: vec![Expectation { key: record.key(), version: Version::new(version) }],
        writes: vec![Write { key: record.key(), before, after }],
    }
}

fn misses_preferences(stamp: u64, version: u64) -> ChangeSet {
    let mut set = set(stamp, &[(X, version)], &[X]);
    let key = sample::record(Kind::Preferences, 1).key();
    set.expectations.push(Expectation { key, version: Version::ABSENT });
    set
}

/// A steady stream of sales shares rows of the latch for ever, one overlapping the other: whoever makes preferences waits
/// for none but those who share the one row for their part of the people.
#[tokio::test]
async fn who_makes_a_common_record_waits_for_one_row_of_the_latch() {
    let stage = stage(false).await;
    let mut stranger = stage.stranger().await;
    let make = preferences(11, 0, Some(sample::record(Kind::Preferences, 1)));
    let share = |which: &str| {
        format!("BEGIN; SELECT 1 FROM absence_latch WHERE absence = 'common' AND {which} FOR SHARE")
    };
    let (mut low, mut high) = (0, 256);
    while high - low > 1 {
        let middle = (low + high) / 2;
        stranger.run(&share(&format!("part >= {low} AND part < {middle}"))).await;
        let mut made = stage.commit(&make);
        let waits = tokio::select! {
            made = &mut made => {
                assert_eq!(made.unwrap().unwrap(), Commit::Applied);
                false
            }
            () = stranger.until_blocked(1) => true,
        };
        stranger.run("ROLLBACK").await;
        if waits {
            assert_eq!(answer(made).await, Commit::Applied);
            high = middle;
        } else {
            low = middle;
        }
        stage.applied(&preferences(12, 11, None)).await;
    }
    stranger.run(&share(&format!("part <> {low}"))).await;
    assert_eq!(answer(stage.commit(&make)).await, Commit::Applied);
    stage.applied(&preferences(12, 11, None)).await;
    stranger.run("ROLLBACK").await;

    // Those who miss it share the row with each other, and with nobody who makes it.
    stage.applied(&set(1, &[(X, 0)], &[X])).await;
    stranger.run(&share("true")).await;
    assert_eq!(answer(stage.commit(&misses_preferences(13, 1))).await, Commit::Applied);
    stranger.run("ROLLBACK").await;
    stranger.run(&share(&format!("part = {low}")).replace("SHARE", "UPDATE")).await;
    let missed = stage.commit(&misses_preferences(14, 13));
    stranger.until_blocked(1).await;
    stranger.run("ROLLBACK").await;
    assert_eq!(answer(missed).await, Commit::Applied);

    // Nor is that row taken for good: what they miss may have been made by then, and nothing is changed.
    stranger.run(&share(&format!("part = {low}")).replace("SHARE", "UPDATE")).await;
    let missed = stage.commit(&misses_preferences(15, 14));
    stranger.until_blocked(1).await;
    let of = format!("('{}', 99, '{{}}')", sample::uuid(1));
    stranger.run(&format!("INSERT INTO preferences (user_id, version, off) VALUES {of}")).await;
    stranger.run("COMMIT").await;
    let key = sample::record(Kind::Preferences, 1).key();
    assert_eq!(answer(missed).await, Commit::Conflict(vec![key]));
    assert_eq!(stage.versions(&[X]).await, [14]);
    stranger.assert_nobody_is_in_a_transaction().await;
}
