//! Turns: a transaction that holds advisory locks, and the commit that it is taken for.
//!
//! The locks belong to the transaction, so they are gone with it however it ends, also behind a pooler that hands
//! connections out by the transaction. What is committed in a turn is committed in its transaction: the next one has
//! theirs in the moment of the COMMIT, without a word from us. An engine without advisory locks refuses the statement,
//! and there are no turns.
//!
//! A turn at an event also holds the row that every sale of it changes. Whoever does not know yet that others sell too,
//! and asks for no turn, waits for that row and learns of it; otherwise they could be faster again and again.

use std::collections::BTreeSet;
use std::time::Duration;

use eventify_core::store::{Key, Turn, encode_key};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Executor, PgConnection, PgPool, Row};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::commit::Isolation;
use crate::session::Session;
use crate::unit::begin;

/// How long a turn is waited for; then the asker goes on without.
const WAIT_MAX: &str = "2s";
/// How long the holder may be silent before the server ends its turn: it may have been stopped, and others wait. Well
/// below [`WAIT_MAX`], so that they get theirs instead of giving up with it.
const HELD_MAX: &str = "500ms";
/// How long an answer of the server is waited for.
const PATIENCE: Duration = Duration::from_secs(4);

/// The transaction that holds a turn; taken back when it is dropped.
pub(crate) struct Held(Option<Session>);

impl Held {
    /// The transaction, to commit in.
    pub(crate) const fn take(&mut self) -> Option<Session> {
        self.0.take()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let (Some(session), Ok(runtime)) = (self.take(), Handle::try_current()) {
            runtime.spawn(give_back(session));
        }
    }
}

async fn give_back(mut session: Session) {
    if let Ok(Ok(_)) = tokio::time::timeout(PATIENCE, session.db().execute("ROLLBACK")).await {
        session.close();
    }
}

/// Waits for a turn; `None` when it does not come in time or the server gives none.
pub(crate) async fn take(pool: &PgPool, at: &BTreeSet<Key>, isolation: Isolation) -> Option<Turn> {
    let (got, answer) = oneshot::channel();
    let (pool, asked) = (pool.clone(), question(at, isolation));
    // A task of its own: whoever asked may go away in the middle of a statement.
    tokio::spawn(async move {
        let Ok(mut session) = Session::open(&pool, "take a turn").await else { return };
        let waited = tokio::time::timeout(PATIENCE, lock(session.db(), asked)).await;
        let held = Held(Some(session));
        if let Ok(Ok(waited)) = waited {
            // Taken back when nobody waits for it any more.
            let _ = got.send(Turn::new(waited, held));
        }
    });
    answer.await.ok()
}

/// Locks one after another, and says whether somebody else had one of them.
async fn lock(db: &mut PgConnection, question: String) -> Result<bool, sqlx::Error> {
    let answers = db.fetch_all(sqlx::raw_sql(AssertSqlSafe(question))).await?;
    let mut waited = answers.iter().map(|row| row.try_get::<bool, _>(0));
    waited.try_fold(false, |any, this| Ok(any | this?))
}

/// Everything in one round trip. Numbers and ids are of our own making: nothing to escape.
fn question(at: &BTreeSet<Key>, isolation: Isolation) -> String {
    let mut question = format!(
        "{}; SET LOCAL lock_timeout = '{WAIT_MAX}'; SET LOCAL idle_in_transaction_session_timeout = '{HELD_MAX}'",
        begin(isolation)
    );
    for number in numbers(at) {
        question.push_str(&format!(
            "; SELECT CASE WHEN pg_try_advisory_xact_lock({number}) THEN false \
             ELSE pg_advisory_xact_lock({number})::text IS NOT NULL END"
        ));
    }
    let events = at.iter().filter_map(|key| match key {
        Key::Event(id) => Some(format!("'{}'", id.uuid())),
        _ => None,
    });
    let events: Vec<String> = events.collect();
    if isolation == Isolation::Locks && !events.is_empty() {
        question.push_str(&format!(
            "; SELECT false FROM inventories WHERE event_id IN ({}) ORDER BY event_id FOR UPDATE",
            events.join(", ")
        ));
    }
    // What follows waits as long as any commit.
    question.push_str("; SET LOCAL lock_timeout TO DEFAULT");
    question
}

/// The numbers that stand for keys among advisory locks, in the same order in every process. Two keys with one number
/// wait for each other for nothing, which happens once in 2⁶⁴ pairs.
fn numbers(at: &BTreeSet<Key>) -> BTreeSet<i64> {
    let number = |key: &Key| {
        let mut hash = Sha256::new();
        hash.update([key.kind() as u8]);
        hash.update(encode_key(key));
        let digest: [u8; 32] = hash.finalize().into();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        i64::from_be_bytes(first)
    };
    at.iter().map(number).collect()
}
