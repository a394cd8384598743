//! What a store does for the processes that share it. A store that knows no turns, or hears no signals, says so every
//! time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{join, join_all};

use super::commit::counter;
use super::keeper::Keeper;
use crate::id::{EventId, UserId};
use crate::store::{Commit, EngineId, Key, Signal, Signals, Store, Turn};

/// What nobody has to wait for comes within this; what somebody has to wait for takes longer.
const MOMENT: Duration = Duration::from_millis(200);

fn things<const N: usize>(numbers: [u32; N]) -> BTreeSet<Key> {
    numbers.into_iter().map(|n| counter(n, 0).key()).collect()
}

async fn turn<const N: usize>(store: &dyn Store, numbers: [u32; N]) -> Option<Turn> {
    store.turn(&things(numbers)).await.expect("a turn, or none")
}

/// While somebody has a turn nobody else gets one at the same thing; at other things everybody does.
pub async fn a_turn_lasts_until_it_is_dropped(store: &dyn Store) {
    let Some(mine) = turn(store, [1]).await else {
        assert!(turn(store, [1]).await.is_none(), "a store that knows no turns never gives one");
        return;
    };
    assert!(!mine.waited(), "nobody else wanted it");
    let other = turn(store, [2]).await.expect("a turn at something else");
    assert!(!other.waited(), "nobody else wanted that");
    let theirs = turn(store, [1]);
    let mut theirs = std::pin::pin!(theirs);
    assert!(tokio::time::timeout(MOMENT, &mut theirs).await.is_err(), "it waits");
    drop(mine);
    let theirs = theirs.await.expect("its turn comes");
    assert!(theirs.waited(), "and it says that it waited");
    drop(theirs);
    // A turn that was given up while it was waited for is nobody's.
    let mine = turn(store, [1]).await.expect("a turn");
    assert!(tokio::time::timeout(MOMENT, turn(store, [1])).await.is_err());
    drop(mine);
    turn(store, [1]).await.expect("a turn");
}

/// What is committed in a turn ends it, whether it was applied or not, and is judged as any commit is.
pub async fn a_commit_in_a_turn_ends_it(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put([counter(1, 1)]).await;
    let set = keeper.set([(counter(1, 0).key(), Some(counter(1, 2)))]);
    for expected in [Commit::Applied, Commit::Conflict(vec![counter(1, 0).key()])] {
        let Some(mine) = turn(store, [1]).await else {
            assert!(turn(store, [1]).await.is_none(), "a store that knows no turns never gives one");
            return;
        };
        let mut theirs = std::pin::pin!(turn(store, [1]));
        assert!(tokio::time::timeout(MOMENT, &mut theirs).await.is_err(), "it waits");
        assert_eq!(store.commit_in_turn(&set, mine).await.expect("a commit"), expected);
        assert!(theirs.await.expect("its turn comes").waited());
        if expected == Commit::Applied {
            keeper.remember(&set);
        }
        keeper.check([]).await;
    }
}

/// One has the turn at a time, and everybody gets theirs, as often as they come. In which order they came only the
/// store knows: that they are served in it is for its own tests.
pub async fn everybody_gets_a_turn(store: &dyn Store) {
    let Some(first) = turn(store, [1]).await else {
        assert!(turn(store, [1]).await.is_none(), "a store that knows no turns never gives one");
        return;
    };
    let holders = AtomicUsize::new(0);
    let wait = |_| async {
        for _ in 0..4 {
            let held = turn(store, [1]).await.expect("a turn");
            assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two have the turn");
            tokio::task::yield_now().await;
            holders.fetch_sub(1, Ordering::SeqCst);
            drop(held);
        }
    };
    let begin = async { drop(first) };
    join(join_all((0..5).map(wait)), begin).await;
}

/// Those who want several things at once all get them in the end, whatever else they share.
pub async fn turns_at_several_things_do_not_lock_each_other_up(store: &dyn Store) {
    let Some(held) = turn(store, [1, 2, 3]).await else {
        assert!(turn(store, [1]).await.is_none(), "a store that knows no turns never gives one");
        return;
    };
    drop(held);
    let wanted = [[1, 2], [2, 3], [3, 1], [2, 1], [3, 2], [1, 3]];
    let each = |numbers: [u32; 2]| async move {
        for _ in 0..5 {
            turn(store, numbers).await.expect("a turn");
        }
    };
    join_all(wanted.map(each)).await;
}

const OURS: EngineId = EngineId::from_number(1);
const THEIRS: EngineId = EngineId::from_number(2);

const fn told(n: u8) -> Signal {
    Signal::Told(UserId::from_bytes([n; 16]))
}

/// Signals again and again until everything was heard, and answers what else was. Whoever has just begun to listen may
/// hear that they missed something before they hear anything else.
async fn heard(
    store: &dyn Store,
    from: EngineId,
    sent: &BTreeSet<Signal>,
    at: &mut Signals,
) -> BTreeSet<Signal> {
    let mut heard = BTreeSet::new();
    for _ in 0..10 {
        store.signal(from, sent);
        while let Ok(next) = tokio::time::timeout(MOMENT * 5, at.next()).await {
            heard.insert(next.expect("the signals go on"));
            if heard.is_superset(sent) {
                return &heard - sent;
            }
        }
    }
    panic!("a signal is never heard");
}

/// What one engine signals every other one hears, and it does not hear itself.
pub async fn what_is_signalled_is_heard(store: &dyn Store) {
    let (Some(mut ours), Some(mut theirs)) = (store.signals(OURS), store.signals(THEIRS)) else {
        assert!(store.signals(OURS).is_none(), "a store that hears nothing never hears anything");
        return;
    };
    let event = EventId::from_bytes([1; 16]);
    let others = [Signal::Watched(event), Signal::Changed(event), Signal::JobDue, Signal::NewKeys];
    let all: BTreeSet<Signal> = (1..=50).map(told).chain(others).collect();
    let stranger = EngineId::from_number(3);
    heard(store, stranger, &all, &mut ours).await;
    heard(store, stranger, &all, &mut theirs).await;
    let (mine, last) = (BTreeSet::from([told(100)]), BTreeSet::from([told(101)]));
    heard(store, OURS, &mine, &mut theirs).await;
    // By now it would have been heard, and what comes behind it is.
    let others = heard(store, stranger, &last, &mut ours).await;
    assert!(others.is_disjoint(&mine), "an engine hears itself");
}
