//! One batch: load, decide, commit once, answer everybody.

use std::collections::{BTreeSet, VecDeque};
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, MaybeDone, maybe_done};

use super::lane::Lane;
use super::line::Line;
use super::pending::{Pending, Ran};
use super::recall::Found;
use super::settle::Settled;
use super::{BATCH_COMMANDS_MAX, BATCH_WEIGHT_MAX};
use crate::command::LaneMark;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::store::{
    ChangeSet, Commit, Expectation, Key, Record, Recorded, StoreError, StoreErrorKind, Version, Versioned,
    Write,
};
use crate::work::Work;

/// Loads that one try may take: the first, and some for records that only other records name.
const LOAD_ROUNDS_MAX: usize = 8;
/// How often one set of commands is tried before it is split, and a single one before it is given up.
const TRIES_BEFORE_SPLIT: u32 = 2;
const TRIES_MAX: u32 = 24;

/// Some commands that are committed together.
#[derive(Default)]
pub(super) struct Batch {
    commands: Vec<Box<dyn Pending>>,
    /// How many of them were looked at …
    seen: usize,
    /// … and which of those still need records.
    undecided: Vec<usize>,
    /// Records to load: those, and what an earlier try had loaded.
    wanted: BTreeSet<Key>,
    /// Records that a try found in the lane's memory alone.
    recalled: Vec<Key>,
    /// What those that are decided come to.
    work: Work,
    tries: u32,
    /// Commands that had to give way to the others of the last try.
    later: Vec<Box<dyn Pending>>,
    /// What was handed in already.
    sent: Option<Sent>,
}

/// A change set that was handed in behind another one.
struct Sent {
    set: Arc<ChangeSet>,
    recalled: Vec<Key>,
    commit: MaybeDone<BoxFuture<'static, Result<Commit, StoreError>>>,
}

/// What became of a try.
pub(super) enum Try {
    /// Durable (or nothing to be made durable): everybody may know.
    Done,
    /// Others were faster, at these records as far as is known; nothing was written.
    Conflict(Vec<Key>),
    /// Something was not as it was remembered; nothing was written.
    Stale,
    /// The store failed; nothing was written, or nobody can know.
    Failed(Error),
}

impl Batch {
    fn of(commands: Vec<Box<dyn Pending>>, wanted: BTreeSet<Key>) -> Self {
        Self { commands, wanted, ..Self::default() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.later.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether others may still join: nobody overtakes a command that had to give way.
    pub(super) const fn is_open(&self) -> bool {
        self.later.is_empty()
    }

    /// Takes from those who wait what one commit may carry; says whether that was anything. At one place nobody
    /// overtakes anybody.
    pub(super) fn fill(
        &mut self,
        waiting: &mut Vec<Box<dyn Pending>>,
        may_come: impl Fn(usize, &dyn Pending) -> bool,
    ) -> bool {
        let (before, mut rest) = (self.commands.len(), Vec::new());
        let mut weight = self.commands.iter().fold(0u32, |sum, c| sum.saturating_add(c.weight()));
        let mut full = !self.is_open();
        for (nth, command) in waiting.drain(..).enumerate() {
            let heavier = weight.saturating_add(command.weight());
            // Whatever it weighs, the first one comes.
            full |= !self.commands.is_empty()
                && (heavier > BATCH_WEIGHT_MAX || self.commands.len() >= BATCH_COMMANDS_MAX);
            if full || !may_come(nth, &*command) {
                rest.push(command);
            } else {
                weight = heavier;
                self.commands.push(command);
            }
        }
        *waiting = rest;
        self.commands.len() > before
    }

    /// Whether all of it is decided, and comes to something.
    pub(super) fn is_decided(&self) -> bool {
        !self.commands.is_empty()
            && self.seen == self.commands.len()
            && self.undecided.is_empty()
            && self.is_open()
            && self.work.has_writes()
    }

    /// Hands in what was decided behind a change set that is under way.
    pub(super) async fn send(&mut self, lane: &Lane, behind: &ChangeSet) {
        let (mut set, recalled) = self.take_changes(lane);
        lane.put_own_mark(&mut set, &lane.mark_in(behind));
        let (store, set) = (lane.core.store.clone(), Arc::new(set));
        let sent = set.clone();
        let commit = AssertUnwindSafe(async move { store.commit(&sent).await }).catch_unwind();
        // A store's fault in here must not strike those whose commit is under way.
        let mut commit =
            maybe_done(commit.map(|done| done.unwrap_or_else(|_panic| Err(no_answer()))).boxed());
        // The store has it from its first poll on.
        poll_fn(|cx| Poll::Ready(Pin::new(&mut commit).poll(cx).is_ready())).await;
        self.sent = Some(Sent { set, recalled, commit });
    }

    pub(super) fn sent_set(&self) -> Option<&ChangeSet> {
        self.sent.as_ref().map(|sent| &*sent.set)
    }

    /// What the decisions come to, and which records they rest on that were only remembered.
    fn take_changes(&mut self, lane: &Lane) -> (ChangeSet, Vec<Key>) {
        let set = std::mem::take(&mut self.work).into_changes(lane.new_stamp());
        let recalled = std::mem::take(&mut self.recalled);
        self.forget();
        (set, recalled)
    }

    /// Nothing of it is decided any more.
    pub(super) fn forget(&mut self) {
        self.seen = 0;
        self.undecided.clear();
        self.wanted.clear();
        self.recalled.clear();
        self.work = Work::default();
    }

    /// Sees every command to its answer; what queues meanwhile may be decided ahead.
    pub(super) async fn run(self, lane: &mut Lane, line: &mut Line) {
        let mut queue = VecDeque::from([self]);
        while let Some(mut batch) = queue.pop_front() {
            if batch.sent.is_none() {
                let contended = lane.contended(&batch.commands);
                lane.take_turn(contended).await;
            }
            // Nothing is decided ahead of what is to be tried yet.
            let tried = batch.attempt(lane, queue.is_empty().then_some(&mut *line)).await;
            if !matches!(tried, Try::Done) {
                line.forget();
            }
            if !batch.later.is_empty() {
                let later = std::mem::take(&mut batch.later);
                queue.push_front(Self::of(later, batch.wanted.clone()));
            }
            match tried {
                Try::Done => batch.commands.into_iter().for_each(|c| c.answer()),
                // Now all of it is read.
                Try::Stale => queue.push_front(batch),
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
        (Self::of(self.commands, self.wanted.clone()), Self::of(second, self.wanted))
    }

    async fn attempt(&mut self, lane: &mut Lane, line: Option<&mut Line>) -> Try {
        let (set, recalled, tried) = match self.sent.take() {
            Some(Sent { set, recalled, commit }) => {
                let tried = lane.finish(&set, received(commit), line).await;
                (Arc::unwrap_or_clone(set), recalled, tried)
            }
            None => {
                if let Err(error) = self.decide(lane, &[]).await {
                    self.forget();
                    return Try::Failed(error);
                }
                let (mut set, recalled) = self.take_changes(lane);
                let line = line.filter(|_| self.later.is_empty());
                let tried = match set.writes.is_empty() {
                    true => lane.check(&set).await,
                    false => lane.commit(&mut set, line).await,
                };
                (set, recalled, tried)
            }
        };
        let tried = lane.recall.learn(&set, &recalled, tried);
        // Whoever is tried again reads the same, most likely. Nearly always that is nobody.
        if !matches!(tried, Try::Done) || !self.later.is_empty() {
            let mark = Key::LaneMark(lane.id);
            let read = set.expectations.into_iter().map(|expected| expected.key);
            self.wanted = read.filter(|key| *key != mark).collect();
        }
        tried
    }

    /// Runs every command that is not decided over the same records, loading what they turn out to need; over what commits
    /// under way write, as if it were written. Goes on where it was when it was given up.
    pub(super) async fn decide(&mut self, lane: &Lane, under_way: &[&ChangeSet]) -> Result<(), Error> {
        while !self.try_to_decide(lane, under_way).await? {
            if self.recalled.is_empty() {
                self.give_way();
                break;
            }
            // What others have changed since may lead from record to record: now all of it is read.
            lane.recall.distrust();
            self.forget();
        }
        Ok(())
    }

    /// Says whether all are decided.
    async fn try_to_decide(&mut self, lane: &Lane, under_way: &[&ChangeSet]) -> Result<bool, Error> {
        let core = &*lane.core;
        let keyring = core.keyring();
        self.undecided.extend(self.seen..self.commands.len());
        self.commands.iter().skip(self.seen).for_each(|c| c.reads(&mut self.wanted));
        self.seen = self.commands.len();
        for _ in 0..LOAD_ROUNDS_MAX {
            self.wanted.retain(|key| !self.work.knows(key));
            if !self.wanted.is_empty() {
                let Found { mut records, recalled } = lane.find(&self.wanted).await?;
                under_way.iter().for_each(|set| set.overlay(&mut records));
                self.work.insert(records);
                self.recalled.extend(recalled);
            }
            // Made here, not across the await: it lends out a pool of randomness that is no thread's but this one's.
            let (outlets, providers) = (&core.outlets, &core.providers);
            let cx =
                Context::new(core.clock.now(), &core.settings, &keyring, outlets, providers, &*core.entropy);
            let (commands, work) = (&mut self.commands, &mut self.work);
            self.undecided.retain(|&i| commands.get_mut(i).is_some_and(|c| c.run(work, &cx) == Ran::Missing));
            self.wanted = self.work.take_wanted();
            if self.undecided.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the others change can lead a command from record to record: those that were decided go first. When nobody
    /// was, the commands read in circles, which is a fault of theirs.
    fn give_way(&mut self) {
        let give_way = self.undecided.len() < self.commands.len();
        for i in std::mem::take(&mut self.undecided).into_iter().rev() {
            let command = self.commands.remove(i);
            if give_way {
                self.later.insert(0, command);
                continue;
            }
            tracing::error!(command = command.name(), "a command needs more rounds of loading than allowed");
            command.fail(Error::internal("a command needs more rounds of loading than allowed"));
        }
        self.seen = self.commands.len();
        self.wanted.clear();
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

    async fn commit(&mut self, set: &mut ChangeSet, line: Option<&mut Line>) -> Try {
        if let Err(error) = self.append_mark(set).await {
            return Try::Failed(error);
        }
        let commit = self.commit_in_turn(set);
        self.finish(set, commit, line).await
    }

    /// Waits for a commit, and sees what became of it.
    async fn finish(
        &mut self,
        set: &ChangeSet,
        commit: impl Future<Output = Result<Commit, StoreError>>,
        line: Option<&mut Line>,
    ) -> Try {
        let mut implied = vec![set.stamp];
        let committed = match line {
            // Where others write as well, what is decided ahead would most likely be in vain.
            Some(line) if self.is_alone() => {
                let committed = line.decide_during(commit, self, set).await;
                implied.extend(line.sent_stamp());
                committed
            }
            _ => commit.await,
        };
        match committed {
            Ok(Commit::Applied) => self.applied(set),
            Ok(Commit::Conflict(keys)) => {
                if keys.contains(&Key::LaneMark(self.id)) {
                    // Swept away after a week of silence, or written by a commit that we gave up on.
                    self.mark = None;
                }
                Try::Conflict(keys)
            }
            Err(error) if error.kind() == StoreErrorKind::Indeterminate => {
                match self.settle(&implied).await {
                    Settled::Applied => self.applied(set),
                    Settled::NotApplied => Try::Conflict(Vec::new()),
                    Settled::Unknown => Try::Failed(error.into()),
                }
            }
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
        self.put_own_mark(set, &before);
        Ok(())
    }

    fn put_own_mark(&self, set: &mut ChangeSet, before: &Versioned) {
        let mark = LaneMark { lane_id: self.id, at: self.core.clock.now() };
        put_mark(set, before, LaneMark::wrap(Arc::new(mark)));
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

fn no_answer() -> StoreError {
    StoreError::new(StoreErrorKind::Indeterminate, "commit", "the store failed before it answered")
}

/// The answer of a commit that was handed in before.
async fn received<F: Future<Output = T> + Unpin, T: Unpin>(mut commit: MaybeDone<F>) -> T {
    loop {
        Pin::new(&mut commit).await;
        if let Some(done) = Pin::new(&mut commit).take_output() {
            return done;
        }
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
