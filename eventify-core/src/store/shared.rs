//! A store that several hold is a store.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::{
    ChangeSet, Commit, EngineId, Key, Page, Scan, Signal, Signals, Store, StoreError, Turn, Versioned,
};

/// Every method is passed on, those that have a default too: a store keeps its own turns, signals and lanes.
#[async_trait]
impl<S: Store + ?Sized> Store for Arc<S> {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        (**self).load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        (**self).scan(scan).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        (**self).commit(set).await
    }

    fn lanes_max(&self) -> usize {
        (**self).lanes_max()
    }

    async fn may_follow(&self) -> bool {
        (**self).may_follow().await
    }

    async fn turn(&self, at: &BTreeSet<Key>) -> Result<Option<Turn>, StoreError> {
        (**self).turn(at).await
    }

    async fn commit_in_turn(&self, set: &ChangeSet, turn: Turn) -> Result<Commit, StoreError> {
        (**self).commit_in_turn(set, turn).await
    }

    fn signal(&self, from: EngineId, signals: &BTreeSet<Signal>) {
        (**self).signal(from, signals);
    }

    fn signals(&self, to: EngineId) -> Option<Signals> {
        (**self).signals(to)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        (**self).ping().await
    }
}
