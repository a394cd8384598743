//! What has to be there after the store was opened again.

use super::commit::counter;
use super::index::every_index;
use super::keeper::Keeper;
use crate::store::{Commit, Kind, Store};
use crate::testing::sample;

/// How many rounds [`leave_a_round_behind`] knows.
pub const DURABLE_ROUNDS: u32 = 3;

/// The same commits for the same round: some records, changed and deleted in part.
async fn play(store: &dyn Store, round: u32, really: bool) -> Keeper<'_> {
    let mut keeper = Keeper::new(store);
    let numbers = 0..round * 8 + 1;
    let records = numbers.flat_map(|n| Kind::ALL.iter().map(move |kind| sample::record(*kind, n)));
    let records: Vec<_> = records.collect();
    let keys: Vec<_> = records.iter().map(|r| r.key()).collect();
    let first = keeper.set(records.into_iter().map(|r| (r.key(), Some(r))));
    step(&mut keeper, first, really).await;
    let second = keeper.set(keys.iter().step_by(3).map(|key| (key.clone(), None)));
    step(&mut keeper, second, really).await;
    let third = keeper.set((0..5).map(|n| (counter(n, 7).key(), Some(counter(n, 7)))));
    step(&mut keeper, third, really).await;
    keeper
}

async fn step(keeper: &mut Keeper<'_>, set: crate::store::ChangeSet, really: bool) {
    if really {
        assert_eq!(keeper.store.commit(&set).await.unwrap(), Commit::Applied);
    }
    keeper.remember(&set);
}

/// Commits a round to an empty store.
pub async fn leave_a_round_behind(store: &dyn Store, round: u32) {
    play(store, round, true).await.check([]).await;
}

/// Finds all of the round again, with its versions and in every index, and commits on top of it.
pub async fn find_a_round_again(store: &dyn Store, round: u32) {
    let mut keeper = play(store, round, false).await;
    keeper.check([]).await;
    for index in every_index() {
        keeper.check_index(&index, false, 50).await;
    }
    keeper.put([counter(1, 8), counter(1_000, 8)]).await;
    keeper.check([]).await;
}
