//! Who does which job, among the workers of several processes over one store.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::Jobs;
use super::crowds::{Crowds, UnderWay};
use super::lease::ReturnJob;
use super::line::Queue;
use super::model::Job;
use crate::error::Error;
use crate::eventify::Engine;
use crate::store::Turn;

/// How long a worker reckons with others, after it was last too late for a job.
const RIVALS_FOR: Duration = Duration::from_secs(10);

/// Where other workers want the same jobs, and until when that is reckoned with.
#[derive(Debug, Default)]
pub(crate) struct Claims(Mutex<HashMap<Queue, Instant>>);

impl Claims {
    /// Another worker was faster, or is at it.
    pub(super) fn note_rival(&self, queue: &Queue) {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.insert(queue.clone(), Instant::now() + RIVALS_FOR);
    }

    fn has_rivals(&self, queue: &Queue) -> bool {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(queue).is_some_and(|until| *until > Instant::now())
    }
}

impl Jobs<'_> {
    /// Due jobs for this worker to take. Where several want the same ones, each takes some when it is its turn, which
    /// lasts as long as the guard: then nobody else finds what it takes. A lease or the job's end still decides.
    pub(super) async fn claim(&self, queue: &Queue, limit: usize) -> Result<(Vec<Job>, Option<Turn>), Error> {
        let due = self.due(queue, limit).await?;
        if due.is_empty() || !self.engine.claims.has_rivals(queue) {
            return Ok((due, None));
        }
        let Ok(Some(turn)) = self.engine.core().store.turn(&BTreeSet::from([queue.place()])).await else {
            return Ok((due, None));
        };
        if turn.waited() {
            self.engine.claims.note_rival(queue);
        }
        Ok((self.due(queue, limit).await?, Some(turn)))
    }
}

impl Jobs<'_> {
    /// Those of a queue of the outside that leave now, as [`Jobs::claim`] finds them: none is looked up while whoever takes them is
    /// known to be away, and then one.
    pub(super) async fn leaving(
        &self,
        queue: &Queue,
        limit: usize,
    ) -> Result<(Vec<Job>, Option<Turn>), Error> {
        if self.engine.absences.left(queue, self.engine.core().clock.now()).is_some() {
            return Ok((Vec::new(), None));
        }
        let (due, turn) = self.claim(queue, limit).await?;
        Ok((self.let_go(queue, due), turn))
    }

    /// Those of the due jobs that leave now.
    pub(super) fn let_go(&self, queue: &Queue, due: Vec<Job>) -> Vec<Job> {
        let core = self.engine.core();
        self.engine.absences.let_go(queue, due, (core.clock.now(), core.settings.job_lease_for))
    }
}

/// Jobs of the outside that this worker has reserved and is about.
#[derive(Debug, Default)]
pub(super) struct Errands {
    /// Each answers how long it took until it was handed over and written down.
    tasks: JoinSet<Duration>,
    jobs: HashMap<Id, Errand>,
    crowds: Crowds,
}

#[derive(Debug)]
struct Errand {
    /// The number of its queue.
    queue: usize,
    job: Job,
}

impl Errands {
    /// How many are from a queue.
    pub(super) fn of(&self, queue: usize) -> usize {
        self.jobs.values().filter(|errand| errand.queue == queue).count()
    }

    /// For how long each of these is put off, if it is: there are as many on their way to its webhook, or to those of its owner,
    /// as may be.
    pub(super) fn put_off(&mut self, due: &[Job]) -> Vec<Option<Duration>> {
        let mut under_way = UnderWay::default();
        self.jobs.values().for_each(|errand| under_way.add(&errand.job));
        self.crowds.plan(under_way, due)
    }

    pub(super) fn start(&mut self, engine: &Arc<Engine>, queue: usize, job: Job) {
        let (engine, errand) = (engine.clone(), job.clone());
        let task = self.tasks.spawn(async move {
            let begun = Instant::now();
            Jobs { engine: &engine }.run_errand(errand).await;
            begun.elapsed()
        });
        self.jobs.insert(task.id(), Errand { queue, job });
    }

    /// Forgets those that are done.
    pub(super) fn reap(&mut self) {
        while let Some(done) = self.tasks.try_join_next_with_id() {
            self.forget(&done);
        }
    }

    /// Waits for one to be done; for ever when there is none.
    pub(super) async fn one_done(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(done) => self.forget(&done),
            None => std::future::pending().await,
        }
    }

    fn forget(&mut self, done: &Result<(Id, Duration), JoinError>) {
        let (id, took) = match done {
            Ok((id, took)) => (*id, Some(*took)),
            Err(error) => (error.id(), None),
        };
        // By when it is forgotten tells more of this worker than of whoever was called.
        if let (Some(errand), Some(took)) = (self.jobs.remove(&id), took) {
            self.crowds.took(&errand.job, took);
        }
    }

    /// Gives them a while to be done, then leaves the rest where it is and gives it back, so that another worker need
    /// not wait for the end of its lease.
    pub(super) async fn end(mut self, patience: Duration, engine: Option<Arc<Engine>>) {
        let all_done = async {
            while let Some(done) = self.tasks.join_next_with_id().await {
                self.forget(&done);
            }
        };
        if tokio::time::timeout(patience, all_done).await.is_ok() {
            return;
        }
        self.tasks.shutdown().await;
        let Some(engine) = engine else { return };
        let back =
            self.jobs.into_values().map(|errand| engine.executor.decide(ReturnJob { job: errand.job }));
        for outcome in join_all(back).await {
            if let Err(error) = outcome {
                tracing::warn!(%error, "a job cannot be given back; it waits for the end of its lease");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::job::model::JobWork;
    use crate::testing::sample;

    #[tokio::test(start_paused = true)]
    async fn a_crowd_learns_how_long_its_webhook_takes_however_late_the_worker_looks() {
        let is_for_webhook = |job: &Job| matches!(job.work, JobWork::DeliverWebhook { .. });
        let job = (0..200).map(sample::job).find(is_for_webhook).unwrap();
        // Four have places, and two wait.
        let due = vec![job.clone(); 6];
        let mut errands = Errands::default();
        let pace = |errands: &mut Errands| {
            let turns: Vec<_> = errands.put_off(&due).into_iter().flatten().collect();
            turns[1] - turns[0]
        };
        let before = pace(&mut errands);
        for _ in 0..20 {
            let task = errands.tasks.spawn(std::future::ready(Duration::from_millis(1)));
            errands.jobs.insert(task.id(), Errand { queue: 0, job: job.clone() });
        }
        // The worker is about something else.
        tokio::time::sleep(Duration::from_secs(60)).await;
        errands.reap();
        assert!(errands.jobs.is_empty());
        let after = pace(&mut errands);
        assert!(after < before / 4, "{before:?}, then {after:?}");
        // One whose task was ended tells nothing.
        let task = errands.tasks.spawn(std::future::pending());
        task.abort();
        errands.jobs.insert(task.id(), Errand { queue: 0, job });
        tokio::time::sleep(Duration::from_secs(60)).await;
        errands.reap();
        assert!(errands.jobs.is_empty());
        assert_eq!(pace(&mut errands), after);
    }
}
