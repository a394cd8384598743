//! Deleting what is over: ended sessions, forgotten replies, old failures, marks of lanes that are gone.

use super::Jobs;
use crate::account::{RefreshToken, Session, Throttle};
use crate::command::{Command, IdempotentReply, LaneKey, LaneMark};
use crate::context::Context;
use crate::error::Error;
use crate::store::{Expires, Index, Key, Kind, Record, Recorded, Scan};
use crate::work::{Decision, Work};

/// Records that one commit deletes at most.
const CHUNK_RECORDS_MAX: usize = 200;

impl Jobs<'_> {
    /// Deletes records whose use is over, a bounded number of them, and says whether there may be more.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn sweep(&self) -> Result<bool, Error> {
        let store = &self.engine.core().store;
        let all = |index| Scan::first(index, CHUNK_RECORDS_MAX);
        let now = self.engine.core().clock.now();
        let expired = store.scan(&all(Index::Expiring)).await?.items;
        let marks = store.scan(&all(Index::All(Kind::LaneMark))).await?.items;
        let over = |record: &Record| expiry(record).is_some_and(|at| at <= now);
        let found = expired.into_iter().chain(marks);
        let keys: Vec<Key> = found.filter(|v| v.record.as_ref().is_some_and(over)).map(|v| v.key).collect();
        let more = keys.len() >= CHUNK_RECORDS_MAX;
        if !keys.is_empty() {
            self.engine.executor.decide(Sweep { keys }).await?;
        }
        Ok(more)
    }
}

fn expiry(record: &Record) -> Option<crate::Timestamp> {
    match record {
        Record::Session(session) => session.expires_at(),
        Record::RefreshToken(token) => token.expires_at(),
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
