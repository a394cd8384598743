//! The worker: finds due jobs and sees to them, one process among possibly many.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{join, join_all};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Jobs;
use super::claims::Errands;
use super::lease::{Lease, LeaseJob};
use super::line::{JobLine, Queue};
use super::model::{Job, JobClass, JobState, JobWork};
use super::run::RunJob;
use super::settle::{Attempt, SettleJob};
use super::tally::Way;
use crate::account::{self, Whom};
use crate::error::Error;
use crate::eventify::{Engine, of_kind};
use crate::payment;
use crate::promo_code::PromoCode;
use crate::store::{Index, Page, Position, Scan, Versioned};
use crate::time::Timestamp;

/// Due jobs that one look finds.
const DUE_JOBS_MAX: usize = 256;
/// Records that one step of a long job takes.
pub(super) const STEP_RECORDS_MAX: usize = 25;
/// Jobs of each line of the outside that are under way at once, and as many to webhooks.
const ERRANDS_MAX: usize = 64;
/// How long a stopping worker waits for those that are under way.
const LAST_ERRANDS: Duration = Duration::from_secs(5);
/// The longest sleep: another process may have written a job that this one was not told of.
const POLL: Duration = Duration::from_secs(1);
/// How long other workers wait to see what this one leaves; well below what a store lets a turn be silent for.
const CLAIM_MAX: Duration = Duration::from_millis(250);
/// How long what no process serves waits for one that does.
const UNSERVED_FOR: Duration = Duration::from_secs(24 * 3600);
/// Pages of jobs that are looked through for such at a time.
const UNSERVED_PAGES_MAX: usize = 40;
/// Pages of a line that are looked through, the latest first, for one that somebody has had.
const TOUCHED_PAGES_MAX: usize = 8;
/// The longest that long work leaves to others between two of its steps.
const GAP_MAX: Duration = Duration::from_millis(100);
/// How often what is over is swept.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// A worker in the background.
#[derive(Debug)]
pub(crate) struct Worker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts it. It holds the engine only while it works, so that dropping the last handle ends it.
    pub(crate) fn start(engine: &Arc<Engine>, runtime: &Handle) -> Self {
        let (stop, stopped) = watch::channel(false);
        let warned = payment::warn_of_missing(Arc::downgrade(engine), stopped.clone());
        let work = run(Arc::downgrade(engine), stopped);
        let task = runtime.spawn(join(work, warned).map(|_| ()));
        Self { stop, task }
    }

    /// Finishes the jobs under way. Asked again by somebody else when whoever asked gave up waiting; once it has answered, never more.
    pub(crate) async fn stop(&mut self) {
        let _ = self.stop.send(true);
        let _ = (&mut self.task).await;
    }
}

async fn run(engine: Weak<Engine>, mut stopped: watch::Receiver<bool>) {
    let mut sweep_at = Instant::now();
    let mut errands = Errands::default();
    let mut rests_until = sweep_at;
    while !*stopped.borrow() {
        let Some(engine) = engine.upgrade() else { return };
        errands.reap();
        let jobs = Jobs { engine: &engine };
        let is_resting = Instant::now() < rests_until;
        let looked = if is_resting { Ok(Looked::default()) } else { jobs.look_inside().await };
        let looked = looked.map_err(|error| tracing::warn!(%error, "due jobs cannot be looked up"));
        let (waiting, sent) = jobs.send_out(&engine, &mut errands).await;
        if Instant::now() >= sweep_at {
            let more = matches!(jobs.sweep().await, Ok(true));
            sweep_at = Instant::now() + if more { POLL } else { SWEEP_EVERY };
        }
        let Looked { found, done, gap } = looked.unwrap_or(Looked { found: 1, ..Looked::default() });
        if !gap.is_zero() {
            rests_until = Instant::now() + gap;
        }
        let rest = rests_until.saturating_duration_since(Instant::now());
        if sent > 0 || rest.is_zero() && (done > 0 || is_resting) {
            continue;
        }
        // What is due and cannot be done waits for the store, or for another worker: looking again at once is no use.
        let wait = match rest {
            Duration::ZERO if found > 0 || waiting > 0 => POLL,
            Duration::ZERO => jobs.until_next_due().await.min(POLL),
            rest => rest,
        };
        let core = engine.core().clone();
        drop(engine);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = core.jobs_changed.notified() => {}
            () = errands.one_done() => {}
            // The sender is gone when the engine is: the loop ends either way.
            _ = stopped.changed() => {}
        }
    }
    // What was handed over is given a moment to be written down; another worker does the rest.
    errands.end(LAST_ERRANDS, engine.upgrade()).await;
}

/// What came of a look at the engine's own jobs.
#[derive(Debug, Default)]
struct Looked {
    /// How many were due.
    found: usize,
    /// How many of them were done.
    done: usize,
    /// For how long the engine's own jobs rest after a step of long work. Steps one behind the other would keep a commit under way all the time, and each of
    /// the others would wait for one step and share its commit with the next: so they have as long for themselves as a step took, as long as
    /// there are any.
    gap: Duration,
}

impl Jobs<'_> {
    /// Does every job that is due now, a bounded number of them, and says how many it saw to. Call it until it
    /// answers 0 to have nothing due left but what waits for somebody who is away.
    ///
    /// # Errors
    /// `store_unavailable` when the jobs cannot be looked up; a job's own failure is written on the job.
    pub async fn run_due(&self) -> Result<usize, Error> {
        let inside = self.look_inside().await?.done;
        let mut errands = Vec::new();
        for queue in self.queues() {
            errands.extend(self.let_go(&queue, self.due(&queue, ERRANDS_MAX).await?));
        }
        let outside = join_all(errands.into_iter().map(|job| self.see_to(job))).await;
        Ok(inside + outside.into_iter().filter(|seen| *seen).count())
    }

    pub(super) async fn due(&self, queue: &Queue, limit: usize) -> Result<Vec<Job>, Error> {
        let now = self.engine.core().clock.now();
        let scan = Scan::first(queue.index(), limit);
        let found = self.engine.core().store.scan(&scan).await?.items;
        Ok(of_kind::<Job>(&found).filter(|job| job.is_due(now)).map(|job| (**job).clone()).collect())
    }

    /// Does those of the engine's own jobs that are due.
    async fn look_inside(&self) -> Result<Looked, Error> {
        let (due, turn) = self.claim(&Queue::INSIDE, DUE_JOBS_MAX).await?;
        let (found, is_long) = (due.len(), due.iter().any(|job| job.work.is_long()));
        let (begun, before) = (Instant::now(), self.engine.executor.handed_in());
        // Side by side, so that they share commits as everybody else does.
        let mut all = std::pin::pin!(join_all(due.into_iter().map(|job| self.see_to(job))));
        // They are not reserved: while the turn lasts nobody else finds them. It is not kept for as long as they take.
        let soon = tokio::time::timeout(CLAIM_MAX, &mut all).await;
        drop(turn);
        let done = match soon {
            Ok(done) => done,
            Err(_) => all.await,
        };
        let done = done.into_iter().filter(|seen| *seen).count();
        let has_others = self.engine.executor.handed_in() > before;
        // What could not be done waits as anything does.
        let rests = is_long && has_others && done > 0;
        let gap = if rests { begun.elapsed().min(GAP_MAX) } else { Duration::ZERO };
        Ok(Looked { found, done, gap })
    }

    /// Where jobs of the outside wait that this process can do. What nobody serves here waits for another process.
    fn queues(&self) -> Vec<Queue> {
        let outlets = &self.engine.core().outlets;
        let channels = outlets.channels().into_iter().flat_map(JobLine::all_of).cloned();
        let publishers = outlets.publishers.iter().map(|one| JobLine::Publisher(one.name().to_owned()));
        let lines = [JobLine::Payments].into_iter().chain(channels).chain(publishers);
        let hooks = outlets.webhooks.as_ref().map(|_| Queue::WEBHOOKS);
        lines.map(Queue::In).chain(hooks).collect()
    }

    /// Gives up messages and facts that have been due for long and that this process has no way out for: nor had any other. Those
    /// that stay must not hide the others: each run looks behind the last.
    pub(super) async fn give_up_unserved(&self) -> Result<bool, Error> {
        let mut swept_to = self.engine.unserved_swept_to.lock().await;
        let (served, before) = (self.queues(), self.engine.core().clock.now().minus(UNSERVED_FOR));
        let after = swept_to.take();
        let mut scan = Scan { after, ..Scan::first(Index::JobsDue(JobClass::Outside), DUE_JOBS_MAX) };
        for _ in 0..UNSERVED_PAGES_MAX {
            let page = self.engine.core().store.scan(&scan).await?;
            let old: Vec<&Arc<Job>> =
                of_kind::<Job>(&page.items).take_while(|job| job.next_at() <= before).collect();
            let all_old = old.len() == DUE_JOBS_MAX;
            let left: Vec<Job> = old
                .into_iter()
                .filter(|job| !served.contains(&Queue::of(job)))
                .map(|job| (**job).clone())
                .collect();
            let left = self.abandoned(left, before).await?;
            let any = !left.is_empty();
            for job in left {
                let error = "nobody serves this any more".to_owned();
                let attempt = Attempt::Failed { error, for_ever: true };
                self.engine.executor.decide(SettleJob { job, attempt }).await?;
            }
            match page.next.filter(|_| all_old) {
                Some(_) if any => {
                    *swept_to = scan.after;
                    return Ok(true);
                }
                Some(next) => scan.after = Some(next),
                None => return Ok(false),
            }
        }
        *swept_to = scan.after;
        Ok(false)
    }

    /// Those of lines that nobody has touched since: another process may serve one, and have more to do than it can in a day.
    async fn abandoned(&self, jobs: Vec<Job>, since: Timestamp) -> Result<Vec<Job>, Error> {
        let mut served = HashMap::new();
        let mut left = Vec::new();
        for job in jobs {
            let queues = Queue::of(&job).served_together();
            let is_served = match served.get(&queues) {
                Some(is_served) => *is_served,
                None => self.is_served_elsewhere(&queues, since).await?,
            };
            served.insert(queues, is_served);
            if !is_served {
                left.push(job);
            }
        }
        Ok(left)
    }

    /// Whether somebody has had a job of any of these lines since then. While a channel is away all of its scouts may be of one line.
    async fn is_served_elsewhere(&self, queues: &[Queue], since: Timestamp) -> Result<bool, Error> {
        for queue in queues {
            if self.is_touched(queue, since).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether somebody has had a job of a line since then: its lease ends later, or it was put off. Where too many wait to tell, too:
    /// of what nobody serves no more is made, so that all of it is older one day.
    async fn is_touched(&self, queue: &Queue, since: Timestamp) -> Result<bool, Error> {
        let mut scan = Scan { descending: true, ..Scan::first(queue.index(), DUE_JOBS_MAX) };
        for _ in 0..TOUCHED_PAGES_MAX {
            let page = self.engine.core().store.scan(&scan).await?;
            let newer: Vec<_> = of_kind::<Job>(&page.items).take_while(|job| job.next_at() > since).collect();
            let is_touched =
                |job: &Arc<Job>| job.last_error.is_some() || matches!(job.state, JobState::Leased { .. });
            if newer.iter().any(|job| is_touched(job)) {
                return Ok(true);
            }
            let is_over = newer.is_empty();
            match page.next.filter(|_| !is_over) {
                Some(next) => scan.after = Some(next),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Sends due jobs of the outside on their way, and waits for none of them. Says how many were due (where all places
    /// are taken, that there may be some) and how many were sent, or put off.
    async fn send_out(&self, engine: &Arc<Engine>, errands: &mut Errands) -> (usize, usize) {
        let (mut found, mut due_now, mut reserved) = (0, Vec::new(), Vec::new());
        let queues = self.queues();
        // One look after another: together they would take a store's connections from everybody else.
        for (nth, queue) in queues.iter().enumerate() {
            let room = ERRANDS_MAX.saturating_sub(errands.of(nth));
            if room == 0 {
                found += 1;
                continue;
            }
            let (due, turn) = self.leaving(queue, room).await.unwrap_or_default();
            found += due.len();
            let put_off = errands.put_off(&due);
            let due = due.into_iter().zip(put_off).map(|(job, put_off)| (nth, LeaseJob { job, put_off }));
            if turn.is_some() {
                reserved.extend(self.reserve(due.collect()).await);
            } else {
                due_now.extend(due);
            }
        }
        reserved.extend(self.reserve(due_now).await);
        let mut sent = 0;
        for (nth, job, leased) in reserved {
            if !matches!(leased, Ok(Lease::Taken(_))) {
                self.engine.absences.stayed(&job, self.engine.core().clock.now());
            }
            match leased {
                Ok(Lease::Taken(job)) => errands.start(engine, nth, *job),
                Ok(Lease::Postponed) => {}
                Ok(Lease::GivenUp) => self.engine.tally.gave_up(Way::of(&job.work).as_ref()),
                Ok(Lease::Missed) => {
                    self.engine.claims.note_rival(&Queue::of(&job));
                    continue;
                }
                Err(_) => continue,
            }
            sent += 1;
        }
        (found, sent)
    }

    /// Reserves due jobs before they are sent, so that the next look does not find them again. Each has the number of its queue.
    async fn reserve(&self, due: Vec<(usize, LeaseJob)>) -> Vec<(usize, Job, Result<Lease, Error>)> {
        let reserve = |(nth, lease): (usize, LeaseJob)| async move {
            let job = lease.job.clone();
            (nth, job, self.engine.executor.decide(lease).await)
        };
        join_all(due.into_iter().map(reserve)).await
    }

    async fn until_next_due(&self) -> Duration {
        let mut wait = self.next_due(&Queue::INSIDE).await;
        for queue in self.queues() {
            wait = wait.min(self.next_due(&queue).await);
        }
        wait
    }

    async fn next_due(&self, queue: &Queue) -> Duration {
        let next = Scan::first(queue.index(), 1);
        let now = self.engine.core().clock.now();
        if let Some(left) = self.engine.absences.left(queue, now) {
            return left;
        }
        match self.engine.core().store.scan(&next).await {
            Ok(page) => of_kind::<Job>(&page.items).next().map_or(POLL, |job| job.next_at().since(now)),
            Err(_) => POLL,
        }
    }

    /// Whether anything was done about it.
    async fn see_to(&self, job: Job) -> bool {
        let outcome = match job.work.class() {
            JobClass::Outside | JobClass::Webhook => self.see_to_outside(&job).await,
            JobClass::Inside => self.see_to_inside(&job).await,
        };
        match outcome {
            Ok(seen) => seen,
            Err(error) if error.is_retryable() => {
                tracing::warn!(job = job.work.name(), %error, "a job has to wait for the store");
                false
            }
            Err(error) => {
                tracing::error!(job = job.work.name(), id = %job.id, %error, "a job failed");
                let attempt = Attempt::Failed { error: error.to_string(), for_ever: false };
                self.engine.executor.decide(SettleJob { job, attempt }).await.is_ok()
            }
        }
    }

    async fn see_to_inside(&self, job: &Job) -> Result<bool, Error> {
        let mut command = RunJob::new(job.clone());
        match &job.work {
            JobWork::SweepCancelledEvent { event_id, sweep } => {
                return self.cancel_next(job, *event_id, sweep).await;
            }
            JobWork::TellHolders { event_id, sweep, .. } => {
                return self.tell_next(job, *event_id, sweep).await;
            }
            JobWork::SweepDeletedEvent(event_id) => {
                let found = self.step(Index::PromoCodesOfEvent(*event_id), None).await?;
                command.promo_codes = of_kind::<PromoCode>(&found.items).map(|promo| promo.id).collect();
            }
            JobWork::EraseUser { user_id, email, step, after } => {
                let whom = Whom { user_id: *user_id, email: email.clone() };
                if let Some(index) = account::personal_index(&whom, *step) {
                    let page = self.step(index, after.clone()).await?;
                    command.personal = page.items.into_iter().map(|v| v.key).collect();
                    command.next = page.next.map(|position| position.0);
                }
            }
            JobWork::WatchWebhook { webhook_id, after, .. } => {
                (command.deliveries, command.next) = self.waiting_for(*webhook_id, after.clone()).await?;
            }
            _ => {}
        }
        self.run_inside(command).await
    }

    /// Whether it was there to be done.
    pub(super) async fn run_inside(&self, command: RunJob) -> Result<bool, Error> {
        let done = self.engine.executor.decide(command).await?;
        if !done {
            self.engine.claims.note_rival(&Queue::INSIDE);
        }
        Ok(done)
    }

    async fn step(&self, index: Index, after: Option<Vec<u8>>) -> Result<Page<Versioned>, Error> {
        let scan = Scan { after: after.map(Position), ..Scan::first(index, STEP_RECORDS_MAX) };
        Ok(self.engine.core().store.scan(&scan).await?)
    }

    async fn see_to_outside(&self, job: &Job) -> Result<bool, Error> {
        let leased = self.engine.executor.decide(LeaseJob { job: job.clone(), put_off: None }).await;
        if !matches!(leased, Ok(Lease::Taken(_))) {
            self.engine.absences.stayed(job, self.engine.core().clock.now());
        }
        match leased? {
            Lease::Taken(job) => self.run_errand(*job).await,
            // Nothing is due any more, which is something done.
            Lease::Postponed => {}
            Lease::GivenUp => self.engine.tally.gave_up(Way::of(&job.work).as_ref()),
            Lease::Missed => {
                self.engine.claims.note_rival(&Queue::of(job));
                return Ok(false);
            }
        }
        Ok(true)
    }
}
