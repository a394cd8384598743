//! The writer: one thread that commits whatever queued, in order.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use eventify_core::store::{ChangeSet, Commit, Key, StoreError, StoreErrorKind, Version};
use tokio::sync::{mpsc, oneshot};

use super::commit::{Ended, Outcome, commit_all, version_at};
use super::engine::{Engine, Opened, panic_message};
use super::error::Failure;

/// Requests that may wait for the writer; more wait outside.
const QUEUE_REQUESTS_MAX: usize = 1_024;
/// Change sets that one transaction takes.
const GROUP_SETS_MAX: usize = 64;

/// Something that is to be done with the database alone.
pub(crate) type Chore = Box<dyn FnOnce(&Engine) + Send>;

enum Request {
    Commit(ChangeSet, oneshot::Sender<Outcome>),
    Chore(Chore),
}

/// The writer's thread and the way to it.
#[derive(Debug)]
pub(crate) struct Writer {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(engine: Arc<Engine>) -> std::io::Result<Self> {
        let (requests, queue) = mpsc::channel(QUEUE_REQUESTS_MAX);
        let thread = thread::Builder::new()
            .name("eventify-redb-writer".to_owned())
            .spawn(move || serve(&engine, queue))?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Commits a change set. A caller that goes away does not take it back.
    pub(crate) async fn commit(&self, set: ChangeSet) -> Outcome {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Commit(set, reply), "commit").await?;
        answer.await.unwrap_or_else(|_| {
            Err(StoreError::new(
                StoreErrorKind::Indeterminate,
                "commit",
                "the writer ended before it answered",
            ))
        })
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

fn serve(engine: &Engine, mut queue: mpsc::Receiver<Request>) {
    let mut next = queue.blocking_recv();
    while let Some(request) = next.take() {
        match request {
            Request::Chore(work) => work(engine),
            Request::Commit(set, reply) => {
                let mut sets = vec![set];
                let mut replies = vec![reply];
                // Whatever queued while the last transaction was written goes into this one.
                while sets.len() < GROUP_SETS_MAX {
                    match queue.try_recv() {
                        Ok(Request::Commit(set, reply)) => {
                            sets.push(set);
                            replies.push(reply);
                        }
                        Ok(chore) => {
                            next = Some(chore);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                let sets: Vec<&ChangeSet> = sets.iter().collect();
                for (reply, outcome) in replies.into_iter().zip(commit(engine, &sets)) {
                    let _ = reply.send(outcome);
                }
            }
        }
        if next.is_none() {
            next = queue.blocking_recv();
        }
    }
}

/// Commits change sets together; one outcome for each.
fn commit(engine: &Engine, sets: &[&ChangeSet]) -> Vec<Outcome> {
    let all = |error: StoreError| sets.iter().map(|_| Err(error.clone())).collect();
    let mut failure = Failure::Broken("not tried".to_owned());
    // The database may have been broken before this: by a read, or by the previous commit.
    for _ in 0..2 {
        match attempt(engine, sets) {
            Ok(Ok(outcomes)) => return outcomes,
            Ok(Err(Ended::Unknown(failure, outcomes))) => return settle(engine, sets, failure, outcomes),
            Ok(Err(Ended::NotWritten(Failure::Store(error) | Failure::Panicked(error)))) => {
                return all(error);
            }
            Ok(Err(Ended::NotWritten(broken))) => failure = broken,
            Err(error) => return all(error),
        }
    }
    all(failure.into_store_error("commit"))
}

fn attempt(engine: &Engine, sets: &[&ChangeSet]) -> Result<Result<Vec<Outcome>, Ended>, StoreError> {
    let attempt = engine.with("commit", |opened: &Opened| {
        let work = std::panic::AssertUnwindSafe(|| commit_all(opened, sets));
        // A panic may have been on either side of the moment at which the transaction became durable.
        let done = std::panic::catch_unwind(work)
            .unwrap_or_else(|panic| Err(Ended::Unknown(Failure::Broken(panic_message(&*panic)), Vec::new())));
        Ok(done)
    })?;
    let done = attempt.map_err(|failure| failure.into_store_error("commit"))?;
    let is_broken = match &done {
        Ok(_) => false,
        Err(Ended::Unknown(..)) => true,
        Err(Ended::NotWritten(failure)) => failure.is_broken(),
    };
    if is_broken {
        engine.mark_broken();
    }
    Ok(done)
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
