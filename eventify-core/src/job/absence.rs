//! Those who are away. What waits for them is left where it is, whatever comes to it; now and then one of it leaves as a scout, and once
//! one has arrived so does the rest. So an outage costs the store no more than a scout's writes, however many buy meanwhile.
//!
//! Each process finds that out by itself, and sends a scout of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::line::Queue;
use super::model::Job;
use super::settle::{Attempt, BUSY_FOR, asked_after};
use super::tally::Way;
use crate::id::JobId;
use crate::time::Timestamp;

/// The ways whose other side this process found away. There are as many as it serves.
#[derive(Debug, Default)]
pub(crate) struct Absences(Mutex<BTreeMap<Way, Absence>>);

#[derive(Debug)]
struct Absence {
    /// Nobody leaves before this.
    ask_at: Timestamp,
    /// How many leave then.
    at_once: usize,
    /// Who was sent, and has not said how that went.
    scouts: BTreeSet<JobId>,
}

impl Absence {
    /// One asks then.
    fn until(ask_at: Timestamp) -> Self {
        Self { ask_at, at_once: 1, scouts: BTreeSet::new() }
    }

    /// A scout is back, or never left. Behind the last of them the next ones leave, at once.
    fn is_over_for(&mut self, scout: JobId, now: Timestamp) {
        if self.scouts.remove(&scout) && self.scouts.is_empty() {
            self.ask_at = now;
        }
    }

    /// None when somebody may ask; also after the clock was set back.
    fn left(&self, now: Timestamp) -> Option<Duration> {
        let left = self.ask_at.since(now);
        (!left.is_zero() && asked_after(left) >= left).then_some(left)
    }
}

impl Absences {
    /// For how long nobody of a queue leaves, if that is so.
    pub(super) fn left(&self, queue: &Queue, now: Timestamp) -> Option<Duration> {
        self.lock().get(&Way::of_queue(queue)?)?.left(now)
    }

    /// Those of the due jobs of a queue who leave now: all, or the first of those whose way's other side is away, which are given
    /// so long to say how it went. Who has waited for so long that it counts goes along.
    pub(super) fn let_go(
        &self,
        queue: &Queue,
        due: Vec<Job>,
        (now, patience): (Timestamp, Duration),
    ) -> Vec<Job> {
        let mut all = self.lock();
        let absence = Way::of_queue(queue).and_then(|way| all.get_mut(&way));
        let Some(absence) = absence.filter(|_| !due.is_empty()) else { return due };
        if absence.left(now).is_some() {
            return Vec::new();
        }
        if !absence.scouts.is_empty() {
            // They never said how it went.
            absence.at_once = 1;
        }
        absence.scouts = due.iter().take(absence.at_once).map(|job| job.id).collect();
        absence.ask_at = now.plus(asked_after(patience));
        let counts = |job: &Job| absence.scouts.contains(&job.id) || now.since(job.created_at) >= BUSY_FOR;
        due.into_iter().filter(counts).collect()
    }

    /// One that was let go did not leave: the next one may, at once.
    pub(super) fn stayed(&self, job: &Job, now: Timestamp) {
        let mut all = self.lock();
        if let Some(absence) = Way::of(&job.work).and_then(|way| all.get_mut(&way)) {
            absence.is_over_for(job.id, now);
        }
    }

    /// How it went. Answers whether somebody was found back.
    pub(super) fn learn(&self, job: &Job, attempt: &Attempt, now: Timestamp) -> bool {
        let Some(way) = Way::of(&job.work) else { return false };
        match attempt {
            Attempt::Done { nobody: false, .. } | Attempt::Partly { .. } => {
                self.lock().remove(&way).is_some()
            }
            Attempt::Away { pause, .. } => {
                let mut all = self.lock();
                let known = all.entry(way).or_insert(Absence::until(now));
                // Who left before that was known says nothing of what the scout will find.
                if known.scouts.is_empty() || known.scouts.contains(&job.id) {
                    *known = Absence::until(now.plus(asked_after(*pause)));
                }
                false
            }
            // Somebody was there to refuse it; or it was refused here already, without a question. So more of them ask, and each that is
            // refused makes it more, until one arrives or finds nobody.
            Attempt::Failed { for_ever: true, .. } => {
                let mut all = self.lock();
                if let Some(absence) = all.get_mut(&way) {
                    if absence.scouts.contains(&job.id) {
                        absence.at_once = absence.at_once.saturating_mul(2);
                    }
                    absence.is_over_for(job.id, now);
                }
                false
            }
            // Whatever that was about, it says nothing of the others: the next one asks.
            _ => {
                self.stayed(job, now);
                false
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Way, Absence>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
