//! Deleting what is over: ended sessions, forgotten replies, old failures, marks of lanes that are gone, and history that is
//! older than the deployment keeps it.

use super::Jobs;
use super::model::{Job, JobWork};
use crate::account::{MailTokens, RefreshToken, Session, Throttle};
use crate::audit::AuditEntry;
use crate::command::{Command, IdempotentReply, LaneKey, LaneMark};
use crate::context::{Context, Settings};
use crate::error::Error;
use crate::eventify::of_kind;
use crate::notification::Notification;
use crate::store::{Expires, Index, Key, Kind, Record, Recorded, Scan, Versioned};
use crate::time::Timestamp;
use crate::webhook::WebhookDelivery;
use crate::work::{Decision, Work};

/// Records that one commit deletes at most.
const CHUNK_RECORDS_MAX: usize = 200;
/// Pages of marks, and of notifications, that one run looks at.
const WALK_PAGES_MAX: usize = 10;

impl Jobs<'_> {
    /// Deletes records whose use is over, and gives up what has been due for a day and nobody serves, a bounded number of them.
    /// Says whether there may be more.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn sweep(&self) -> Result<bool, Error> {
        let store = &self.engine.core().store;
        // By the instant: what is over comes first.
        let expired = store.scan(&Scan::first(Index::Expiring, CHUNK_RECORDS_MAX)).await?;
        let swept = self.sweep_over(&expired.items).await?;
        let more_expired = swept == expired.items.len() && expired.next.is_some();
        let more_history = self.sweep_history().await?;
        let more_dead = self.sweep_dead().await?;
        let more_unserved = self.give_up_unserved().await?;
        Ok(self.sweep_marks().await? || more_expired || more_history || more_dead || more_unserved)
    }

    /// What people were told, and the trail.
    async fn sweep_history(&self) -> Result<bool, Error> {
        let more_told = self.sweep_told().await?;
        Ok(match self.engine.core().settings.audit_kept {
            Some(_) => self.sweep_trail().await? || more_told,
            None => more_told,
        })
    }

    /// Notifications have no order by age: an entry in an index would cost every purchase something. They are walked
    /// through, some in each run; without a pause only when many of them were old.
    async fn sweep_told(&self) -> Result<bool, Error> {
        let mut swept_to = self.engine.told_swept_to.lock().await;
        let mut swept = 0;
        for _ in 0..WALK_PAGES_MAX {
            let after = swept_to.clone();
            let scan = Scan { after, ..Scan::first(Index::All(Kind::Notification), CHUNK_RECORDS_MAX) };
            let told = self.engine.core().store.scan(&scan).await?;
            swept += self.sweep_over(&told.items).await?;
            *swept_to = told.next;
            if swept_to.is_none() {
                break;
            }
        }
        Ok(swept >= CHUNK_RECORDS_MAX)
    }

    /// Dead letters begin with the oldest. Those that stay must not hide the others: each run looks behind the last.
    async fn sweep_dead(&self) -> Result<bool, Error> {
        let mut swept_to = self.engine.dead_swept_to.lock().await;
        let before = self.engine.core().clock.now().minus(self.engine.core().settings.dead_letters_kept);
        for _ in 0..WALK_PAGES_MAX {
            let after = swept_to.take();
            let scan = Scan { after, ..Scan::first(Index::JobsDead, CHUNK_RECORDS_MAX) };
            let dead = self.engine.core().store.scan(&scan).await?;
            self.sweep_over(&dead.items).await?;
            let newest = of_kind::<Job>(&dead.items).last().and_then(|job| job.dead_since());
            *swept_to = dead.next.filter(|_| newest.is_some_and(|at| at <= before));
            if swept_to.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The trail begins with the oldest: its ids are made in its order.
    async fn sweep_trail(&self) -> Result<bool, Error> {
        let scan = Scan::first(Index::All(Kind::AuditEntry), CHUNK_RECORDS_MAX);
        let oldest = self.engine.core().store.scan(&scan).await?;
        let swept = self.sweep_over(&oldest.items).await?;
        Ok(swept == oldest.items.len() && oldest.next.is_some())
    }

    /// Marks have no such order: all of them are looked at, some in each run, each run behind the last.
    async fn sweep_marks(&self) -> Result<bool, Error> {
        let mut swept_to = self.engine.marks_swept_to.lock().await;
        for _ in 0..WALK_PAGES_MAX {
            let after = swept_to.clone();
            let scan = Scan { after, ..Scan::first(Index::All(Kind::LaneMark), CHUNK_RECORDS_MAX) };
            let marks = self.engine.core().store.scan(&scan).await?;
            self.sweep_over(&marks.items).await?;
            *swept_to = marks.next;
            if swept_to.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Deletes those of the found that are over, and says how many that were.
    async fn sweep_over(&self, found: &[Versioned]) -> Result<usize, Error> {
        let core = self.engine.core();
        let now = core.clock.now();
        let over = |record: &Record| expiry(record, &core.settings).is_some_and(|at| at <= now);
        let found = found.iter().filter(|v| v.record.as_ref().is_some_and(over));
        let keys: Vec<Key> = found.map(|v| v.key.clone()).collect();
        let count = keys.len();
        if count > 0 {
            self.engine.executor.decide(Sweep { keys }).await?;
        }
        Ok(count)
    }
}

fn expiry(record: &Record, settings: &Settings) -> Option<Timestamp> {
    match record {
        Record::Session(session) => session.expires_at(),
        Record::RefreshToken(token) => token.expires_at(),
        Record::MailTokens(tokens) => tokens.expires_at(),
        Record::Throttle(throttle) => throttle.expires_at(),
        Record::IdempotentReply(reply) => reply.expires_at(),
        Record::WebhookDelivery(delivery) => delivery.expires_at(),
        Record::LaneMark(mark) => mark.expires_at(),
        Record::Job(job) => letter_until(job, settings),
        Record::Notification(told) => told_until(told, settings),
        Record::AuditEntry(entry) => entry_until(entry, settings),
        _ => None,
    }
}

/// Outsiders make these, by addresses that never take anything; the others are few, and something rests on them.
fn letter_until(job: &Job, settings: &Settings) -> Option<Timestamp> {
    let is_letter = matches!(
        job.work,
        JobWork::Deliver { .. }
            | JobWork::DeliverDigest { .. }
            | JobWork::DeliverToken { .. }
            | JobWork::DeliverWebhook { .. }
            | JobWork::Publish { .. }
    );
    job.dead_since().filter(|_| is_letter).map(|at| at.plus(settings.dead_letters_kept))
}

fn told_until(told: &Notification, settings: &Settings) -> Option<Timestamp> {
    Some(told.created_at.plus(settings.notifications_kept))
}

fn entry_until(entry: &AuditEntry, settings: &Settings) -> Option<Timestamp> {
    settings.audit_kept.map(|kept| entry.at.plus(kept))
}

struct Sweep {
    keys: Vec<Key>,
}

impl Command for Sweep {
    type Reply = ();
    const NAME: &'static str = "sweep";
    const BY_WORKER: bool = true;

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut std::collections::BTreeSet<Key>) {
        keys.extend(self.keys.iter().cloned());
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        for key in &self.keys {
            match key {
                Key::Session(id) => drop_if_over::<Session>(work, cx, id)?,
                Key::RefreshToken(id) => drop_if_over::<RefreshToken>(work, cx, id)?,
                Key::MailTokens(id) => drop_if_over::<MailTokens>(work, cx, id)?,
                Key::Throttle(id) => drop_if_over::<Throttle>(work, cx, id)?,
                Key::IdempotentReply(id) => drop_if_over::<IdempotentReply>(work, cx, id)?,
                Key::WebhookDelivery(id) => drop_if_over::<WebhookDelivery>(work, cx, id)?,
                Key::LaneMark(id) => drop_if_over::<LaneMark>(work, cx, id)?,
                Key::Job(id) => drop_if(work, id, cx.now, |job| letter_until(job, cx.settings))?,
                Key::Notification(id) => drop_if(work, id, cx.now, |told| told_until(told, cx.settings))?,
                Key::AuditEntry(id) => drop_if(work, id, cx.now, |entry| entry_until(entry, cx.settings))?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// It may have been used again since the scan.
fn drop_if_over<R: Recorded + Expires>(work: &mut Work, cx: &Context<'_>, id: &R::Id) -> Decision<()> {
    drop_if(work, id, cx.now, R::expires_at)
}

fn drop_if<R: Recorded>(
    work: &mut Work,
    id: &R::Id,
    now: Timestamp,
    until: impl Fn(&R) -> Option<Timestamp>,
) -> Decision<()> {
    if work.find::<R>(id)?.is_some_and(|record| until(&record).is_some_and(|at| at <= now)) {
        work.delete::<R>(id);
    }
    Ok(())
}
