//! How deliveries went, in numbers: of this process, since it started.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::line::{JobLine, Queue};
use super::model::JobWork;
use super::settle::Attempt;
use crate::notification::Channel;

/// How often, and how long, something was brought to the outside in one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryCount {
    /// Attempts that succeeded.
    pub delivered: u64,
    /// Attempts that failed for now, and are made again.
    pub failed: u64,
    /// Attempts that failed for ever.
    pub refused: u64,
    /// What was given up, for either reason.
    pub dead: u64,
    /// How long all attempts took together.
    pub took: Duration,
}

impl DeliveryCount {
    /// All attempts that were made.
    #[must_use]
    pub const fn attempts(&self) -> u64 {
        self.delivered + self.failed + self.refused
    }
}

/// By what something is brought to the outside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// To people, by a channel.
    Channel(&'static str),
    /// To another system, by the publisher of this name.
    Publisher(String),
    /// To the webhooks of organizers and admins.
    Webhooks,
}

impl Way {
    /// By what a job brings something to the outside; none for one that brings neither a message nor a fact.
    pub(super) fn of(work: &JobWork) -> Option<Self> {
        Some(match work {
            JobWork::Deliver { channel, .. } => Self::Channel(channel.as_str()),
            JobWork::DeliverToken { .. } | JobWork::DeliverDigest { .. } => {
                Self::Channel(Channel::Email.as_str())
            }
            JobWork::Publish { publisher, .. } => Self::Publisher(publisher.clone()),
            JobWork::DeliverWebhook { .. } => Self::Webhooks,
            _ => return None,
        })
    }
}

impl Way {
    /// By what the jobs of a queue bring something to one other side; none where each has its own.
    pub(super) fn of_queue(queue: &Queue) -> Option<Self> {
        let Queue::In(line) = queue else { return None };
        match line {
            JobLine::Publisher(name) => Some(Self::Publisher(name.clone())),
            line => line.channel().map(|channel| Self::Channel(channel.as_str())),
        }
    }
}

/// How an attempt ended, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Delivered,
    Failed,
    Refused,
    /// Nothing was tried, or there was nobody to try it with, so that nothing is counted.
    Nothing,
}

impl From<&Attempt> for Ending {
    fn from(attempt: &Attempt) -> Self {
        match attempt {
            Attempt::Done { nobody: true, .. } | Attempt::Busy { .. } | Attempt::Away { .. } => Self::Nothing,
            Attempt::Done { .. } => Self::Delivered,
            Attempt::Again { .. }
            | Attempt::Partly { .. }
            | Attempt::Unanswered { .. }
            | Attempt::Failed { for_ever: false, .. } => Self::Failed,
            Attempt::Failed { for_ever: true, .. } => Self::Refused,
        }
    }
}

/// The numbers of all ways. There are as many as there are channels, and publishers whose names are stored with jobs.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<Way, DeliveryCount>>);

/// Ways that are counted: publishers that were renamed leave their names in jobs for a while.
const WAYS_MAX: usize = 64;

impl Tally {
    /// Counts an attempt; nothing of work that has no way.
    pub(super) fn attempt(&self, way: Option<&Way>, ending: Ending, took: Duration) {
        let way = way.filter(|_| ending != Ending::Nothing);
        self.note(way, |count| {
            count.took += took;
            match ending {
                Ending::Delivered => count.delivered += 1,
                Ending::Failed => count.failed += 1,
                Ending::Refused => count.refused += 1,
                Ending::Nothing => {}
            }
        });
    }

    /// Counts what was given up.
    pub(super) fn gave_up(&self, way: Option<&Way>) {
        self.note(way, |count| count.dead += 1);
    }

    fn note(&self, way: Option<&Way>, change: impl FnOnce(&mut DeliveryCount)) {
        let Some(way) = way else { return };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < WAYS_MAX || all.contains_key(way) {
            change(all.entry(way.clone()).or_default());
        }
    }

    pub(super) fn read(&self) -> BTreeMap<Way, DeliveryCount> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
