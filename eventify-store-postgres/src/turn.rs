//! Turns: a transaction of its own that holds advisory locks until it is let go.
//!
//! The locks belong to the transaction, so they are gone with it however it ends, also behind a pooler that hands
//! connections out by the transaction. An engine without advisory locks refuses the statement, and there are no turns.

use std::collections::BTreeSet;
use std::time::Duration;

use eventify_core::store::{Key, Turn, encode_key};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Executor, PgConnection, PgPool};
use tokio::sync::oneshot;

use crate::session::Session;

/// How long a turn is waited for; then the asker goes on without.
const WAIT_MAX: &str = "2s";
/// How long the holder may be silent before the server ends its turn: it may have been stopped.
const HELD_MAX: &str = "10s";
/// How long an answer of the server is waited for.
const PATIENCE: Duration = Duration::from_secs(4);

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

/// Waits for a turn; `None` when it does not come in time or the server gives none.
pub(crate) async fn take(pool: &PgPool, at: &BTreeSet<Key>) -> Option<Turn> {
    let (got, answer) = oneshot::channel();
    // A task of its own: whoever asked may go away in the middle of a statement.
    tokio::spawn(hold(pool.clone(), numbers(at), got));
    answer.await.ok()
}

async fn hold(pool: PgPool, numbers: BTreeSet<i64>, got: oneshot::Sender<Turn>) {
    let Ok(mut session) = Session::open(&pool, "take a turn").await else { return };
    let locked = tokio::time::timeout(PATIENCE, lock(session.db(), &numbers)).await;
    if let Ok(Ok(waited)) = locked {
        // Dropped with the turn.
        let (mine, over) = oneshot::channel::<()>();
        if got.send(Turn::new(waited, mine)).is_ok() {
            let _ = over.await;
        }
    }
    // Also when the lock was refused: the transaction is open all the same.
    let ended = tokio::time::timeout(PATIENCE, session.db().execute("ROLLBACK")).await;
    if matches!((locked, ended), (Ok(_), Ok(Ok(_)))) {
        session.close();
    }
}

/// Locks one after another, and says whether somebody else had one of them.
async fn lock(db: &mut PgConnection, numbers: &BTreeSet<i64>) -> Result<bool, sqlx::Error> {
    let mut waited = false;
    let mut begin = format!(
        "BEGIN; SET LOCAL lock_timeout = '{WAIT_MAX}'; \
         SET LOCAL idle_in_transaction_session_timeout = '{HELD_MAX}'; "
    );
    for number in numbers {
        // Numbers of our own making: nothing to escape. With BEGIN it is one round trip.
        let attempt = format!("{begin}SELECT pg_try_advisory_xact_lock({number})");
        begin.clear();
        let row = db.fetch_one(sqlx::raw_sql(AssertSqlSafe(attempt))).await?;
        if !sqlx::Row::try_get::<bool, _>(&row, 0)? {
            waited = true;
            let wait = format!("SELECT pg_advisory_xact_lock({number})");
            db.execute(sqlx::raw_sql(AssertSqlSafe(wait))).await?;
        }
    }
    Ok(waited)
}
