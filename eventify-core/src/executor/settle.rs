//! Settling a commit whose answer was lost.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::batch::put_mark;
use super::lane::Lane;
use crate::command::LaneMark;
use crate::error::Error;
use crate::store::{ChangeSet, Commit, Key, Record, Recorded, StoreErrorKind, Version, Versioned};

/// What became of the commit.
pub(super) enum Settled {
    /// It happened.
    Applied,
    /// It did not, and never will.
    NotApplied,
    /// The store cannot be asked.
    Unknown,
}

/// How often a store that fails is asked before the callers are told so.
const SETTLE_TRIES_MAX: u32 = 10;
/// How long at most: they wait, and so does everybody behind them in the lane. Whoever asks again with their idempotency
/// key is told how it ended.
const SETTLE_FOR: Duration = Duration::from_secs(5);

impl Lane {
    /// Finds out whether a change set was applied: the one with the first of these stamps, which the others rest on.
    ///
    /// Reading the mark is not enough: the lost commit may still be under way in the store. So the mark is replaced
    /// on the same expectation. Only one of the two can ever be applied, and the mark's version says which.
    pub(super) async fn settle(&mut self, lost: &[Version]) -> Settled {
        let Some(before) = self.mark.take() else {
            return Settled::Unknown;
        };

        let until = Instant::now() + SETTLE_FOR;
        for attempt in 0..SETTLE_TRIES_MAX {
            if attempt > 0 {
                self.back_off(attempt).await;
            }
            // A fence that is given up may still arrive: then nobody expects the mark that it changes, as it is read anew.
            match timeout_at(until, self.fence(&before, lost)).await {
                Ok(Some(settled)) => return settled,
                Ok(None) => tracing::warn!(attempt, "a commit of unknown outcome is not settled yet"),
                Err(_) => break,
            }
        }
        tracing::warn!("a commit of unknown outcome stays open; its callers are told to ask again");
        Settled::Unknown
    }

    async fn fence(&mut self, before: &Versioned, lost: &[Version]) -> Option<Settled> {
        let mark = LaneMark { lane_id: self.id, at: self.core.clock.now() };
        let mut set = ChangeSet { stamp: self.new_stamp(), expectations: Vec::new(), writes: Vec::new() };
        put_mark(&mut set, before, LaneMark::wrap(Arc::new(mark)));
        match self.core.store.commit(&set).await {
            Ok(Commit::Applied) => {
                self.remember_mark(&set);
                Some(Settled::NotApplied)
            }
            Ok(Commit::Conflict(_)) => self.read_fate(before.version, lost).await,
            // A fence whose own answer was lost may be what the mark shows now.
            Err(error) if error.kind() == StoreErrorKind::Indeterminate => {
                self.read_fate(before.version, lost).await
            }
            Err(_) => None,
        }
    }

    /// Reads which of the commits on `before` won; `None` while none has.
    async fn read_fate(&mut self, before: Version, lost: &[Version]) -> Option<Settled> {
        let mark = self.read_mark().await.ok()?;
        let version = mark.version;
        if version == before {
            return None;
        }
        self.mark = Some(mark);
        Some(if lost.contains(&version) { Settled::Applied } else { Settled::NotApplied })
    }

    async fn read_mark(&self) -> Result<Versioned, Error> {
        let key = Key::LaneMark(self.id);
        let loaded = self.core.store.load(&BTreeSet::from([key.clone()])).await?;
        Ok(loaded.into_iter().next().unwrap_or(Versioned::absent(key)))
    }

    /// The mark as the store has it.
    pub(super) async fn known_mark(&mut self) -> Result<Versioned, Error> {
        if let Some(mark) = &self.mark {
            return Ok(mark.clone());
        }
        let mark = self.read_mark().await?;
        self.mark = Some(mark.clone());
        Ok(mark)
    }

    /// After a commit that wrote it.
    pub(super) fn remember_mark(&mut self, set: &ChangeSet) {
        self.mark = Some(self.mark_in(set));
    }

    /// The mark as a change set writes it.
    pub(super) fn mark_in(&self, set: &ChangeSet) -> Versioned {
        let key = Key::LaneMark(self.id);
        let written: Option<&Record> =
            set.writes.iter().find(|w| w.key == key).and_then(|w| w.after.as_ref());
        Versioned { key, version: set.stamp, record: written.cloned() }
    }

    /// Takes the mark away when the lane ends, so that restarts leave nothing behind.
    pub(super) async fn retire(&mut self) {
        let Ok(before) = self.known_mark().await else {
            return;
        };
        if before.version.is_absent() {
            return;
        }
        let mut set = ChangeSet { stamp: self.new_stamp(), expectations: Vec::new(), writes: Vec::new() };
        set.expectations.push(crate::store::Expectation { key: before.key.clone(), version: before.version });
        set.writes.push(crate::store::Write { key: before.key, before: before.record, after: None });
        if let Err(error) = self.core.store.commit(&set).await {
            // The sweeper of a later run finds it.
            tracing::debug!(%error, "a lane's mark stays behind");
        }
    }
}
