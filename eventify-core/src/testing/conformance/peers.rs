//! What a store does for the processes that share it. A store that knows no turns, or hears no signals, says so every
//! time.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{join, join_all};

use super::commit::counter;
use super::keeper::Keeper;
use crate::id::UserId;
use crate::store::{Commit, Key, Signal, Store, Turn};

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

/// First come, first served.
pub async fn turns_go_to_those_who_came_first(store: &dyn Store) {
    let Some(first) = turn(store, [1]).await else {
        assert!(turn(store, [1]).await.is_none(), "a store that knows no turns never gives one");
        return;
    };
    let order = Mutex::new(Vec::new());
    let wait = |n: u32| {
        let order = &order;
        async move {
            // Apart, so that there is a first and a second.
            tokio::time::sleep(MOMENT / 4 * n).await;
            let held = turn(store, [1]).await.expect("a turn");
            order.lock().unwrap().push(n);
            drop(held);
        }
    };
    let begin = async {
        tokio::time::sleep(MOMENT * 2).await;
        drop(first);
    };
    join(join_all((0..5).map(wait)), begin).await;
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
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

/// What one process signals every other one hears.
pub async fn what_is_signalled_is_heard(store: &dyn Store) {
    let (Some(mut ours), Some(mut theirs)) = (store.signals(), store.signals()) else {
        assert!(store.signals().is_none(), "a store that hears nothing never hears anything");
        return;
    };
    let told = |n: u8| Signal::Told(UserId::from_bytes([n; 16]));
    let sent: BTreeSet<Signal> = (1..=50).map(told).chain([Signal::JobDue, Signal::NewKeys]).collect();
    // One that has just begun to listen may hear that it missed something before it hears anything else.
    for _ in 0..10 {
        store.signal(&sent);
        let heard = async |stream: &mut crate::store::Signals| {
            let mut heard = BTreeSet::new();
            while heard.len() < sent.len() {
                match tokio::time::timeout(MOMENT * 5, stream.next()).await {
                    Ok(Some(Signal::Missed)) => {}
                    Ok(Some(signal)) => drop(heard.insert(signal)),
                    Ok(None) => panic!("the signals ended"),
                    Err(_) => return false,
                }
            }
            heard == sent
        };
        if heard(&mut ours).await && heard(&mut theirs).await {
            return;
        }
    }
    panic!("a signal is never heard");
}
