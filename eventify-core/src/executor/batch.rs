//! One batch: load, decide, commit once, answer everybody.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::lane::Lane;
use super::pending::{Pending, Ran};
use super::settle::Settled;
use crate::command::LaneMark;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::store::{
    ChangeSet, Commit, Expectation, Key, Record, Recorded, StoreErrorKind, Version, Versioned, Write,
};
use crate::work::Work;

/// Loads that one try may take: the first, and some for records that only other records name.
const LOAD_ROUNDS_MAX: usize = 8;
/// How often one set of commands is tried before it is split, and a single one before it is given up.
const TRIES_BEFORE_SPLIT: u32 = 2;
const TRIES_MAX: u32 = 24;

/// Some commands that are committed together.
pub(super) struct Batch {
    commands: Vec<Box<dyn Pending>>,
    tries: u32,
    /// What an earlier try had loaded.
    hint: BTreeSet<Key>,
    /// Commands that had to give way to the others of the last try.
    later: Vec<Box<dyn Pending>>,
}

/// What became of a try.
enum Try {
    /// Durable (or nothing to be made durable): everybody may know.
    Done,
    /// Others were faster, at these records as far as is known; nothing was written.
    Conflict(Vec<Key>),
    /// The store failed; nothing was written, or nobody can know.
    Failed(Error),
}

impl Batch {
    pub(super) fn new(commands: Vec<Box<dyn Pending>>) -> Self {
        Self { commands, tries: 0, hint: BTreeSet::new(), later: Vec::new() }
    }

    /// Sees every command to its answer.
    pub(super) async fn run(self, lane: &mut Lane) {
        let mut queue = VecDeque::from([self]);
        while let Some(mut batch) = queue.pop_front() {
            let contended = lane.contended(&batch.commands);
            lane.take_turn(contended).await;
            let tried = batch.attempt(lane).await;
            if !batch.later.is_empty() {
                let later = std::mem::take(&mut batch.later);
                queue.push_front(Self { hint: batch.hint.clone(), ..Self::new(later) });
            }
            match tried {
                Try::Done => batch.commands.into_iter().for_each(|c| c.answer()),
                // A damaged record is the fate of those who need it, not of everybody who queued beside them.
                Try::Failed(error) if batch.commands.len() > 1 && !error.is_retryable() => {
                    let (first, second) = batch.split();
                    queue.push_front(second);
                    queue.push_front(first);
                }
                Try::Failed(error) => batch.commands.into_iter().for_each(|c| c.fail(error.clone())),
                Try::Conflict(moved) => {
                    batch.tries += 1;
                    lane.note_conflict(&batch.commands, &moved);
                    if batch.commands.len() == 1 {
                        if batch.tries >= TRIES_MAX {
                            batch.commands.into_iter().for_each(|c| c.fail(contention()));
                            continue;
                        }
                        lane.back_off(batch.tries).await;
                        queue.push_front(batch);
                    } else if batch.tries < TRIES_BEFORE_SPLIT {
                        queue.push_front(batch);
                    } else {
                        // The order of the commands is kept: the first half goes first.
                        let (first, second) = batch.split();
                        queue.push_front(second);
                        queue.push_front(first);
                    }
                }
            }
        }
    }

    fn split(mut self) -> (Self, Self) {
        let second = self.commands.split_off(self.commands.len() / 2);
        (
            Self { hint: self.hint.clone(), ..Self::new(self.commands) },
            Self { hint: self.hint, ..Self::new(second) },
        )
    }

    async fn attempt(&mut self, lane: &mut Lane) -> Try {
        let core = lane.core.clone();
        let keyring = core.keyring();
        let mut work = Work::default();
        if let Err(error) = self.decide(lane, &mut work, &keyring).await {
            return Try::Failed(error);
        }
        let mut set = work.into_changes(lane.new_stamp());
        let tried = if set.writes.is_empty() { lane.check(&set).await } else { lane.commit(&mut set).await };
        // Whoever is tried again reads the same, most likely. Nearly always that is nobody.
        if !matches!(tried, Try::Done) || !self.later.is_empty() {
            let mark = Key::LaneMark(lane.id);
            let read = set.expectations.into_iter().map(|expected| expected.key);
            self.hint = read.filter(|key| *key != mark).collect();
        }
        tried
    }

    /// Runs every command over the same records, loading what they turn out to need.
    async fn decide(
        &mut self,
        lane: &Lane,
        work: &mut Work,
        keyring: &crate::keyring::Keyring,
    ) -> Result<(), Error> {
        let core = &lane.core;
        let mut wanted = std::mem::take(&mut self.hint);
        self.commands.iter().for_each(|c| c.reads(&mut wanted));
        let mut undecided: Vec<usize> = (0..self.commands.len()).collect();
        for _ in 0..LOAD_ROUNDS_MAX {
            if !wanted.is_empty() {
                work.insert(core.store.load(&wanted).await?);
            }
            // Made here, not across the await: it lends out a pool of randomness that is no thread's but this one's.
            let (outlets, providers) = (&core.outlets, &core.providers);
            let cx =
                Context::new(core.clock.now(), &core.settings, keyring, outlets, providers, &*core.entropy);
            undecided.retain(|&i| self.commands.get_mut(i).is_some_and(|c| c.run(work, &cx) == Ran::Missing));
            if undecided.is_empty() {
                return Ok(());
            }
            wanted = work.take_wanted();
        }
        // What the others change can lead a command from record to record: those that were decided go first. When
        // nobody was, the commands read in circles, which is a fault of theirs.
        let give_way = undecided.len() < self.commands.len();
        for i in undecided.into_iter().rev() {
            let command = self.commands.remove(i);
            if give_way {
                self.later.insert(0, command);
                continue;
            }
            tracing::error!(command = command.name(), "a command needs more rounds of loading than allowed");
            command.fail(Error::internal("a command needs more rounds of loading than allowed"));
        }
        Ok(())
    }
}

impl Lane {
    pub(super) fn new_stamp(&self) -> Version {
        let mut bytes = [0; 8];
        self.core.entropy.fill(&mut bytes);
        Version::new(u64::from_le_bytes(bytes).max(1))
    }

    /// Everything was refused: makes sure that what the refusals rest on is all of one moment.
    async fn check(&self, set: &ChangeSet) -> Try {
        if set.expectations.is_empty() {
            return Try::Done;
        }
        match self.core.store.commit(set).await {
            Ok(Commit::Applied) => Try::Done,
            Ok(Commit::Conflict(keys)) => Try::Conflict(keys),
            Err(error) => Try::Failed(error.into()),
        }
    }

    async fn commit(&mut self, set: &mut ChangeSet) -> Try {
        if let Err(error) = self.append_mark(set).await {
            return Try::Failed(error);
        }
        match self.commit_in_turn(set).await {
            Ok(Commit::Applied) => self.applied(set),
            Ok(Commit::Conflict(keys)) => {
                if keys.contains(&Key::LaneMark(self.id)) {
                    // Swept away after a week of silence, or written by a commit that we gave up on.
                    self.mark = None;
                }
                Try::Conflict(keys)
            }
            Err(error) if error.kind() == StoreErrorKind::Indeterminate => match self.settle(set.stamp).await
            {
                Settled::Applied => self.applied(set),
                Settled::NotApplied => Try::Conflict(Vec::new()),
                Settled::Unknown => Try::Failed(error.into()),
            },
            Err(error) => Try::Failed(error.into()),
        }
    }

    fn applied(&mut self, set: &ChangeSet) -> Try {
        self.remember_mark(set);
        self.core.tell(set);
        Try::Done
    }

    async fn append_mark(&mut self, set: &mut ChangeSet) -> Result<(), Error> {
        let before = self.known_mark().await?;
        let mark = LaneMark { lane_id: self.id, at: self.core.clock.now() };
        put_mark(set, &before, LaneMark::wrap(Arc::new(mark)));
        Ok(())
    }

    /// Lets whoever was faster finish; longer the more often it happened, and never in step with them.
    pub(super) async fn back_off(&self, tries: u32) {
        let mut chance = [0; 2];
        self.core.entropy.fill(&mut chance);
        let ceiling = 200u64 << tries.min(9);
        let micros = u64::from(u16::from_le_bytes(chance)) * ceiling / u64::from(u16::MAX);
        tokio::time::sleep(Duration::from_micros(micros)).await;
    }
}

/// Puts a lane's new mark into a change set, in key order.
pub(super) fn put_mark(set: &mut ChangeSet, before: &Versioned, after: Record) {
    let key = &before.key;
    let at = set.expectations.partition_point(|e| e.key < *key);
    set.expectations.insert(at, Expectation { key: key.clone(), version: before.version });
    let at = set.writes.partition_point(|w| w.key < *key);
    set.writes.insert(at, Write { key: key.clone(), before: before.record.clone(), after: Some(after) });
}

fn contention() -> Error {
    Error::new(Reason::Contention, "Others kept changing the same records; nothing was changed. Try again.")
}
