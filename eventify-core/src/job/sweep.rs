//! Deleting what is over: ended sessions, forgotten replies, old failures, marks of lanes that are gone.

use super::Jobs;
use crate::account::{MailTokens, RefreshToken, Session, Throttle};
use crate::command::{Command, IdempotentReply, LaneKey, LaneMark};
use crate::context::Context;
use crate::error::Error;
use crate::store::{Expires, Index, Key, Kind, Record, Recorded, Scan, Versioned};
use crate::work::{Decision, Work};

/// Records that one commit deletes at most.
const CHUNK_RECORDS_MAX: usize = 200;
/// Pages of marks that one run looks at.
const MARK_PAGES_MAX: usize = 10;

impl Jobs<'_> {
    /// Deletes records whose use is over, a bounded number of them, and says whether there may be more.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn sweep(&self) -> Result<bool, Error> {
        let store = &self.engine.core().store;
        // By the instant: what is over comes first.
        let expired = store.scan(&Scan::first(Index::Expiring, CHUNK_RECORDS_MAX)).await?;
        let swept = self.sweep_over(&expired.items).await?;
        let more_expired = swept == expired.items.len() && expired.next.is_some();
        Ok(self.sweep_marks().await? || more_expired)
    }

    /// Marks have no such order: all of them are looked at, some in each run, each run behind the last.
    async fn sweep_marks(&self) -> Result<bool, Error> {
        let mut swept_to = self.engine.marks_swept_to.lock().await;
        for _ in 0..MARK_PAGES_MAX {
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
        let now = self.engine.core().clock.now();
        let over = |record: &Record| expiry(record).is_some_and(|at| at <= now);
        let found = found.iter().filter(|v| v.record.as_ref().is_some_and(over));
        let keys: Vec<Key> = found.map(|v| v.key.clone()).collect();
        let count = keys.len();
        if count > 0 {
            self.engine.executor.decide(Sweep { keys }).await?;
        }
        Ok(count)
    }
}

fn expiry(record: &Record) -> Option<crate::Timestamp> {
    match record {
        Record::Session(session) => session.expires_at(),
        Record::RefreshToken(token) => token.expires_at(),
        Record::MailTokens(tokens) => tokens.expires_at(),
        Record::Throttle(throttle) => throttle.expires_at(),
        Record::IdempotentReply(reply) => reply.expires_at(),
        Record::LaneMark(mark) => mark.expires_at(),
        _ => None,
    }
}

struct Sweep {
    keys: Vec<Key>,
}

impl Command for Sweep {
    type Reply = ();
    const NAME: &'static str = "sweep";

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
                Key::LaneMark(id) => drop_if_over::<LaneMark>(work, cx, id)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// It may have been used again since the scan.
fn drop_if_over<R: Recorded + Expires>(work: &mut Work, cx: &Context<'_>, id: &R::Id) -> Decision<()> {
    if work.find::<R>(id)?.is_some_and(|r| r.expires_at().is_some_and(|at| at <= cx.now)) {
        work.delete::<R>(id);
    }
    Ok(())
}
