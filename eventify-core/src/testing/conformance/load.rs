//! Loading.

use std::collections::BTreeSet;

use super::keeper::Keeper;
use crate::store::{Key, Kind, Store, Version};
use crate::testing::sample;

/// A written record is loaded with its version.
pub async fn what_was_written_is_loaded(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    keeper.put([sample::record(Kind::User, 3)]).await;
    keeper.check([]).await;
}

/// A record that is not there has [`Version::ABSENT`] and no content.
pub async fn an_absent_record_has_no_version(store: &dyn Store) {
    let key = sample::record(Kind::User, 3).key();
    let found = store.load(&BTreeSet::from([key.clone()])).await.unwrap();
    assert_eq!(found.len(), 1, "one answer for one key");
    assert_eq!(found[0].key, key);
    assert_eq!(found[0].version, Version::ABSENT);
    assert!(found[0].record.is_none());
}

/// One answer per key, present or absent, in key order across kinds.
pub async fn a_load_answers_every_key_once_in_key_order(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    let records = |n| Kind::ALL.iter().map(move |kind| sample::record(*kind, n));
    keeper.put(records(3)).await;
    keeper.put(records(7).filter(|r| r.kind() != Kind::Keyring)).await;
    let absent: Vec<Key> = records(9).chain(records(12)).map(|r| r.key()).collect();
    keeper.check(absent).await;
}

/// No keys, no answers.
pub async fn a_load_of_nothing_answers_nothing(store: &dyn Store) {
    assert!(store.load(&BTreeSet::new()).await.unwrap().is_empty());
}

/// Every kind of record, with odd texts and extreme numbers, comes back exactly.
pub async fn every_kind_of_record_comes_back_as_it_was(store: &dyn Store) {
    let mut keeper = Keeper::new(store);
    for n in 0..24 {
        keeper.put(Kind::ALL.iter().map(|kind| sample::record(*kind, n))).await;
    }
    keeper.check([]).await;
}

/// A store that can serve says so.
pub async fn a_ping_is_answered(store: &dyn Store) {
    store.ping().await.unwrap();
}
