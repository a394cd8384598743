//! The writer: one thread that makes transactions of whatever queued, in order; written out they are beside it (`gate.rs`).

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use eventify_core::store::{ChangeSet, Commit, Key, StoreError, StoreErrorKind, Version};
use tokio::sync::{Notify, mpsc, oneshot};

use super::commit::{Ended, Outcome, commit_all, version_at};
use super::engine::{Engine, Opened, panic_message};
use super::error::Failure;
use super::gate::Done;
use super::snapshots::Snapshot;

/// Requests that may wait for the writer; more wait outside.
const QUEUE_REQUESTS_MAX: usize = 1_024;
/// Change sets that one transaction takes.
const GROUP_SETS_MAX: usize = 64;
/// Records of a transaction that is written out by who made it: three purchases.
const SMALL_WRITES_MAX: usize = 64;

/// Something that is to be done with the database alone.
pub(crate) type Chore = Box<dyn FnOnce(&Engine) + Send>;

enum Request {
    Commit(ChangeSet, oneshot::Sender<Outcome>),
    Chore(Chore),
    /// Something was lost, see [`Lost`].
    Settle,
}

/// The writer's thread and the way to it.
#[derive(Debug)]
pub(crate) struct Writer {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
    unmade: Arc<Unmade>,
}

/// Change sets that were handed in and are not made into a transaction yet.
#[derive(Debug, Default)]
struct Unmade {
    count: AtomicUsize,
    none: Notify,
}

/// Counts one, and takes it back unless it arrives.
struct HandingIn<'u>(&'u Unmade);

impl<'u> HandingIn<'u> {
    fn new(unmade: &'u Unmade) -> Self {
        unmade.add();
        Self(unmade)
    }

    fn arrived(self) {
        std::mem::forget(self);
    }
}

impl Drop for HandingIn<'_> {
    fn drop(&mut self) {
        self.0.remove(1);
    }
}

impl Unmade {
    fn add(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
    }

    fn remove(&self, sets: usize) {
        if self.count.fetch_sub(sets, Ordering::AcqRel) == sets {
            self.none.notify_waiters();
        }
    }

    async fn until_none(&self) {
        let mut none = pin!(self.none.notified());
        loop {
            // Before it is counted, so that nothing is missed.
            none.as_mut().enable();
            if self.count.load(Ordering::Acquire) == 0 {
                return;
            }
            none.as_mut().await;
            none.set(self.none.notified());
        }
    }
}

impl Writer {
    pub(crate) fn start(engine: Arc<Engine>) -> std::io::Result<Self> {
        let (requests, queue) = mpsc::channel(QUEUE_REQUESTS_MAX);
        let unmade = Arc::<Unmade>::default();
        let made = unmade.clone();
        let lost = Lost { groups: Arc::default(), wake: requests.downgrade() };
        let thread = thread::Builder::new()
            .name("eventify-redb-writer".to_owned())
            .spawn(move || serve(&engine, queue, &lost, &made))?;
        Ok(Self { requests: Some(requests), thread: Some(thread), unmade })
    }

    /// Commits a change set. A caller that goes away does not take it back.
    pub(crate) async fn commit(&self, set: ChangeSet) -> Outcome {
        let (reply, answer) = oneshot::channel();
        let handing_in = HandingIn::new(&self.unmade);
        self.send(Request::Commit(set, reply), "commit").await?;
        handing_in.arrived();
        answer.await.unwrap_or_else(|_| {
            Err(StoreError::new(
                StoreErrorKind::Indeterminate,
                "commit",
                "the writer ended before it answered",
            ))
        })
    }

    /// Waits until it would begin with a change set at once. That those before it may not be durable yet is no
    /// reason to wait: it is made behind them, and answered behind them.
    pub(crate) async fn until_idle(&self) {
        self.unmade.until_none().await;
    }

    /// Does something between two commits.
    pub(crate) async fn chore<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Engine) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let chore: Chore = Box::new(move |engine| {
            // Nobody waits for it any more: the work is done all the same.
            let _ = reply.send(work(engine));
        });
        self.send(Request::Chore(chore), operation).await?;
        answer.await.unwrap_or_else(|_| Err(ended(operation)))
    }

    async fn send(&self, request: Request, operation: &'static str) -> Result<(), StoreError> {
        match &self.requests {
            Some(requests) => requests.send(request).await.map_err(|_| ended(operation)),
            None => Err(ended(operation)),
        }
    }

    /// Finishes what was taken in and ends the thread.
    pub(crate) fn stop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // It catches every panic of the database; there is nothing else to learn from it.
            let _ = thread.join();
        }
    }
}

fn ended(operation: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, operation, "the writer has ended")
}

/// Change sets that share a transaction, and those who wait for them.
struct Group {
    sets: Vec<ChangeSet>,
    replies: Vec<oneshot::Sender<Outcome>>,
}

impl Group {
    fn answer(self, outcomes: Vec<Outcome>) {
        for (reply, outcome) in self.replies.into_iter().zip(outcomes) {
            // Whoever waited may have gone away.
            let _ = reply.send(outcome);
        }
    }

    fn fail(self, error: &StoreError) {
        let outcomes = self.sets.iter().map(|_| Err(error.clone())).collect();
        self.answer(outcomes);
    }

    /// Whether making it takes so little that writing it out is what takes the time.
    fn is_small(&self) -> bool {
        self.sets.iter().map(|set| set.writes.len()).sum::<usize>() < SMALL_WRITES_MAX
    }
}

/// A group that was made and could not be written out, what was made of it, and why it could not.
type LostGroup = (Group, Vec<Outcome>, String);

/// Those that nobody saw to yet.
#[derive(Clone)]
struct Lost {
    groups: Arc<Mutex<Vec<LostGroup>>>,
    wake: mpsc::WeakSender<Request>,
}

impl Lost {
    fn add(&self, group: Group, outcomes: Vec<Outcome>, why: String) {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).push((group, outcomes, why));
        // A full queue keeps the writer awake, and a stopping one looks at the end.
        let _ = self.wake.upgrade().map(|writer| writer.try_send(Request::Settle));
    }

    fn is_empty(&self) -> bool {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn take(&self) -> Vec<LostGroup> {
        std::mem::take(&mut self.groups.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Finds out what became of them, before anything else is written.
    fn settle(&self, engine: &Engine) {
        for (group, outcomes, why) in self.take() {
            let sets: Vec<&ChangeSet> = group.sets.iter().collect();
            let settled = settle(engine, &sets, Failure::Broken(why), outcomes);
            group.answer(settled);
        }
    }
}

fn serve(engine: &Arc<Engine>, mut queue: mpsc::Receiver<Request>, lost: &Lost, unmade: &Unmade) {
    let mut next = queue.blocking_recv();
    while let Some(request) = next.take() {
        lost.settle(engine);
        match request {
            Request::Settle => {}
            Request::Chore(work) => work(engine),
            Request::Commit(set, reply) => {
                let mut group = Group { sets: vec![set], replies: vec![reply] };
                // Whatever queued while the last transaction was made goes into this one.
                while group.sets.len() < GROUP_SETS_MAX {
                    match queue.try_recv() {
                        Ok(Request::Commit(set, reply)) => {
                            group.sets.push(set);
                            group.replies.push(reply);
                        }
                        Ok(other) => {
                            next = Some(other);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                let sets = group.sets.len();
                commit(engine, group, lost);
                unmade.remove(sets);
            }
        }
        if next.is_none() {
            next = queue.blocking_recv();
        }
    }
    // Nobody is left behind: what was made is written out.
    let _ = engine.with("close", |opened| {
        opened.gate.drain();
        Ok(())
    });
    lost.settle(engine);
}

/// Commits change sets together, and sees to it that everybody is answered.
fn commit(engine: &Arc<Engine>, group: Group, lost: &Lost) {
    let mut failure = Failure::Broken("not tried".to_owned());
    let mut waiting = Some(group);
    // The database may have been broken before this: by a read, or by the previous commit, which may have been lost.
    for _ in 0..3 {
        let tried = attempt(engine, &mut waiting, lost);
        let Some(group) = waiting.take() else { return };
        // What was made before it comes first.
        lost.settle(engine);
        match tried {
            Ok(Ok(())) => waiting = Some(group),
            Ok(Err(Ended::Unknown(failure, outcomes))) => {
                let sets: Vec<&ChangeSet> = group.sets.iter().collect();
                let settled = settle(engine, &sets, failure, outcomes);
                return group.answer(settled);
            }
            Ok(Err(Ended::NotWritten(Failure::Store(error) | Failure::Panicked(error)))) | Err(error) => {
                return group.fail(&error);
            }
            Ok(Err(Ended::NotWritten(broken))) => {
                failure = broken;
                waiting = Some(group);
            }
        }
    }
    if let Some(group) = waiting {
        group.fail(&failure.into_store_error("commit"));
    }
}

/// One try. Takes the group when its transaction was made: it is answered when that is written out.
fn attempt(
    engine: &Arc<Engine>,
    waiting: &mut Option<Group>,
    lost: &Lost,
) -> Result<Result<(), Ended>, StoreError> {
    let attempt = engine.with("commit", |opened: &Opened| {
        // Lost since the last look, and the file was opened anew meanwhile: that one is settled before anything is
        // written over what tells how it ended.
        if !lost.is_empty() {
            let why = "what was made before it was lost".to_owned();
            return Ok(Err(Ended::NotWritten(Failure::Broken(why))));
        }
        if let Err(error) = opened.gate.begin() {
            opened.gate.drain();
            return Ok(Err(Ended::NotWritten(Failure::Broken(error.to_string()))));
        }
        match make(opened, waiting) {
            Ok((outcomes, snapshot)) => {
                if let Some(group) = waiting.take() {
                    let now = group.is_small();
                    let done = when_durable(engine, opened, lost, (group, outcomes), snapshot);
                    opened.gate.finish(Some(done), now);
                }
                Ok(Ok(()))
            }
            Err(ended) => {
                opened.gate.finish(None, true);
                // If it failed for what was lost before it, that is known now.
                opened.gate.drain();
                Ok(Err(ended))
            }
        }
    })?;
    let done = attempt.map_err(|failure| failure.into_store_error("commit"))?;
    let is_broken = match &done {
        Ok(()) => false,
        Err(Ended::Unknown(..)) => true,
        Err(Ended::NotWritten(failure)) => failure.is_broken(),
    };
    if is_broken {
        engine.mark_broken();
    }
    Ok(done)
}

/// Makes the transaction; answers what it made of each change set, and the state behind it if that is another one.
fn make(opened: &Opened, waiting: &Option<Group>) -> Result<(Vec<Outcome>, Option<Arc<Snapshot>>), Ended> {
    let sets: Vec<&ChangeSet> = waiting.iter().flat_map(|group| &group.sets).collect();
    opened.snapshots.begin(&opened.db)?;
    let work = std::panic::AssertUnwindSafe(|| {
        let outcomes = commit_all(opened, &sets)?;
        if !outcomes.iter().any(|outcome| matches!(outcome, Ok(Commit::Applied))) {
            return Ok((outcomes, None));
        }
        match Snapshot::newest(&opened.db) {
            Ok(made) => Ok((outcomes, Some(made))),
            Err(error) => Err(Ended::Unknown(error.into(), outcomes)),
        }
    });
    // A panic may have been on either side of the moment at which the transaction was made.
    let made = std::panic::catch_unwind(work)
        .unwrap_or_else(|panic| Err(Ended::Unknown(Failure::Broken(panic_message(&*panic)), Vec::new())));
    if matches!(made, Err(Ended::NotWritten(_))) {
        opened.snapshots.end(None);
    }
    made
}

/// Answers a group whose transaction was made. Also those who were refused hear of it when what they were refused for
/// is durable.
fn when_durable(
    engine: &Arc<Engine>,
    opened: &Opened,
    lost: &Lost,
    (group, outcomes): (Group, Vec<Outcome>),
    made: Option<Arc<Snapshot>>,
) -> Done {
    let (engine, snapshots, lost) = (engine.clone(), opened.snapshots.clone(), lost.clone());
    Box::new(move |written| match written {
        Ok(()) => {
            snapshots.end(made);
            group.answer(outcomes);
        }
        Err(why) => {
            // Nobody may read it: what was durable before is shown until the file is opened anew.
            drop(made);
            engine.mark_broken();
            lost.add(group, outcomes, why);
        }
    })
}

/// Opens the database again and looks whether the transaction is in it. It is wholly in it or not at all, so one
/// record tells; and the broken database is closed by then, so that it cannot land later.
fn settle(engine: &Engine, sets: &[&ChangeSet], failure: Failure, outcomes: Vec<Outcome>) -> Vec<Outcome> {
    let message = failure.into_store_error("commit").message().to_owned();
    let found = witness(sets, &outcomes).map(|(key, version)| {
        let found = engine.read("commit", |txn| version_at(txn, key));
        found.map(|found| found == version)
    });
    let kind = match found {
        Some(Ok(true)) => return outcomes,
        // Refused for what may not be there any more.
        None if outcomes.iter().all(|outcome| !matches!(outcome, Ok(Commit::Applied)))
            && !outcomes.is_empty() =>
        {
            StoreErrorKind::Unavailable
        }
        Some(Ok(false)) => StoreErrorKind::Unavailable,
        Some(Err(_)) | None => StoreErrorKind::Indeterminate,
    };
    let error = StoreError::new(kind, "commit", message);
    sets.iter().map(|_| Err(error.clone())).collect()
}

/// A record and the version that it has exactly if the transaction was written.
fn witness<'a>(sets: &[&'a ChangeSet], outcomes: &[Outcome]) -> Option<(&'a Key, Version)> {
    let applied = sets.iter().zip(outcomes);
    let mut applied = applied.filter(|(_, outcome)| matches!(outcome, Ok(Commit::Applied)));
    // The last one: nothing after it can have written the same record again.
    let (set, _) = applied.next_back()?;
    if let Some(write) = set.writes.iter().find(|write| write.after.is_some()) {
        return Some((&write.key, set.stamp));
    }
    // Deletions alone: what was there before the transaction is gone now. Behind another set of the same
    // transaction, that would say nothing.
    let was_there = |key: &Key| {
        let expected = set.expectations.iter().find(|e| e.key == *key);
        applied_alone(outcomes) && expected.is_some_and(|e| !e.version.is_absent())
    };
    let gone = set.writes.iter().find(|write| was_there(&write.key))?;
    Some((&gone.key, Version::ABSENT))
}

fn applied_alone(outcomes: &[Outcome]) -> bool {
    outcomes.iter().filter(|o| matches!(o, Ok(Commit::Applied))).count() == 1
}
