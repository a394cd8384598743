//! Webhooks that have as many deliveries on their way as they may: what else waits for them is spread over the time that it
//! will need, so that it costs the store one write each and hides nothing behind it.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::model::{Job, JobWork};
use crate::id::WebhookId;
use crate::webhook::WebhookOwner;

/// Deliveries on their way to one webhook: one that answers slowly must not take the places of the others …
const TO_WEBHOOK_MAX: u32 = 4;
/// … nor must several of one organizer …
const TO_ORGANIZER_MAX: u32 = 8;
/// … nor those of the deployment.
const TO_DEPLOYMENT_MAX: u32 = 32;
/// What a delivery takes, until some were seen.
const TAKES: Duration = Duration::from_millis(100);
/// The soonest that it is anybody's turn again, …
const LATER_MIN: Duration = Duration::from_secs(2);
/// … and the latest: then it is looked at anew.
const LATER_MAX: Duration = Duration::from_secs(300);
/// Crowds that are remembered.
const CROWDS_MAX: usize = 1_024;

/// What has a number of places of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Webhook(WebhookId),
    Owner(WebhookOwner),
}

impl Place {
    /// Those that a job takes.
    pub(super) fn of(job: &Job) -> impl Iterator<Item = Self> + use<> {
        let both = match job.work {
            JobWork::DeliverWebhook { owner, webhook_id, .. } => {
                Some([Self::Webhook(webhook_id), Self::Owner(owner)])
            }
            _ => None,
        };
        both.into_iter().flatten()
    }

    const fn max(self) -> u32 {
        match self {
            Self::Webhook(_) => TO_WEBHOOK_MAX,
            Self::Owner(WebhookOwner::Organizer(_)) => TO_ORGANIZER_MAX,
            Self::Owner(WebhookOwner::Deployment) => TO_DEPLOYMENT_MAX,
        }
    }
}

/// How many are on their way, by what they take the places of.
#[derive(Debug, Default)]
pub(super) struct UnderWay(HashMap<Place, u32>);

impl UnderWay {
    /// Counts one more.
    pub(super) fn add(&mut self, job: &Job) {
        for place in Place::of(job) {
            *self.0.entry(place).or_default() += 1;
        }
    }

    fn is_full(&self, place: Place) -> bool {
        self.0.get(&place).is_some_and(|count| *count >= place.max())
    }
}

/// Those whose turns are planned.
#[derive(Debug, Default)]
pub(super) struct Crowds(HashMap<Place, Crowd>);

#[derive(Debug)]
struct Crowd {
    /// What a delivery takes, as those of late did.
    takes: Duration,
    /// Whose turn is planned next has it then.
    next: Instant,
}

impl Crowds {
    /// For how long each of these is put off, if it is: whoever finds a place is counted.
    pub(super) fn plan(&mut self, mut under_way: UnderWay, due: &[Job]) -> Vec<Option<Duration>> {
        let now = Instant::now();
        if self.0.len() > CROWDS_MAX {
            self.0.retain(|_, crowd| crowd.next > now);
        }
        let plan = due.iter().map(|job| {
            let full = Place::of(job).filter(|place| under_way.is_full(*place));
            let later = full.map(|place| self.turn(place, now)).max();
            if later.is_none() {
                under_way.add(job);
            }
            later
        });
        plan.collect()
    }

    /// When it is the turn of one more, from now on.
    fn turn(&mut self, place: Place, now: Instant) -> Duration {
        let crowd = self.0.entry(place).or_insert(Crowd { takes: TAKES, next: now });
        let (soonest, latest) = (now + LATER_MIN, now + LATER_MAX);
        let at = crowd.next.clamp(soonest, latest);
        if at < latest {
            // A little faster than they go: a place that waits costs more than a turn that comes to nothing.
            crowd.next = at + crowd.takes * 3 / (4 * place.max());
        }
        at - now
    }

    /// Learns from one that is done.
    pub(super) fn took(&mut self, job: &Job, took: Duration) {
        for place in Place::of(job) {
            if let Some(crowd) = self.0.get_mut(&place) {
                crowd.takes = (crowd.takes * 7 + took) / 8;
            }
        }
    }
}
