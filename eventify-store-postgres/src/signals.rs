//! Signals between processes, by NOTIFY and LISTEN.
//!
//! What is to be told is collected and sent behind the commits, on a connection of its own: a NOTIFY within a commit
//! would make all commits of the server wait for each other. Whatever goes wrong becomes [`Signal::Missed`] for
//! everybody, later.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use eventify_core::UserId;
use eventify_core::store::{Signal, Signals};
use futures_util::stream;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

const CHANNEL: &str = "eventify";
/// What a sender collects before it sends.
const COLLECT_FOR: Duration = Duration::from_millis(10);
/// How long a sender or listener waits for a server that does not answer.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Signals that are collected at most; beyond that everybody looks after everything.
const COLLECTED_MAX: usize = 20_000;
/// People in one message: 32 bytes each, and a message has at most 8,000.
const PEOPLE_PER_MESSAGE: usize = 240;
/// Signals that a listener of this process may be behind before it is told that it missed some.
const BEHIND_MAX: usize = 16_384;

/// Both ends of the wire in this process.
#[derive(Debug)]
pub(crate) struct Wire {
    pool: PgPool,
    collected: Mutex<BTreeSet<Signal>>,
    collecting: Notify,
    heard: broadcast::Sender<Signal>,
    sender: OnceLock<()>,
    listener: OnceLock<()>,
}

impl Wire {
    /// Over a pool of its own, of two connections.
    pub(crate) fn new(pool: PgPool) -> Arc<Self> {
        Arc::new(Self {
            pool,
            collected: Mutex::default(),
            collecting: Notify::new(),
            heard: broadcast::Sender::new(BEHIND_MAX),
            sender: OnceLock::new(),
            listener: OnceLock::new(),
        })
    }

    /// Takes signals in to be sent soon.
    pub(crate) fn send(self: &Arc<Self>, signals: &BTreeSet<Signal>) {
        {
            let mut collected = self.collected.lock().unwrap_or_else(PoisonError::into_inner);
            collected.extend(signals);
            if collected.len() > COLLECTED_MAX {
                *collected = BTreeSet::from([Signal::Missed]);
            }
        }
        self.collecting.notify_one();
        self.sender.get_or_init(|| drop(tokio::spawn(send(Arc::downgrade(self)))));
    }

    /// Everything that is heard from now on.
    pub(crate) fn hear(self: &Arc<Self>) -> Signals {
        let heard = self.heard.subscribe();
        self.listener.get_or_init(|| drop(tokio::spawn(listen(Arc::downgrade(self)))));
        Box::pin(stream::unfold(heard, |mut heard| async move {
            let signal = match heard.recv().await {
                Ok(signal) => signal,
                Err(broadcast::error::RecvError::Lagged(_)) => Signal::Missed,
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            Some((signal, heard))
        }))
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Sends what was collected, until the store is gone.
async fn send(wire: Weak<Wire>) {
    loop {
        tokio::time::sleep(COLLECT_FOR).await;
        let Some(wire) = wire.upgrade() else { return };
        let signals = std::mem::take(&mut *wire.collected.lock().unwrap_or_else(PoisonError::into_inner));
        if signals.is_empty() {
            // Looks up now and then whether there still is a store.
            let _ = tokio::time::timeout(RETRY_AFTER, wire.collecting.notified()).await;
            continue;
        }
        let sent = sqlx::query("SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message")
            .bind(CHANNEL)
            .bind(messages(&signals))
            .execute(&wire.pool)
            .await;
        if let Err(error) = sent {
            if wire.pool.is_closed() {
                return;
            }
            tracing::debug!(%error, "signals cannot be sent; the others are told that they missed some");
            wire.collected.lock().unwrap_or_else(PoisonError::into_inner).insert(Signal::Missed);
            drop(wire);
            tokio::time::sleep(RETRY_AFTER).await;
        }
    }
}

/// Passes on what is heard, until the store is gone.
async fn listen(wire: Weak<Wire>) {
    let Some(pool) = wire.upgrade().map(|wire| wire.pool.clone()) else { return };
    while !pool.is_closed() {
        if let Err(error) = listen_once(&wire, &pool).await {
            tracing::debug!(%error, "signals cannot be heard");
        }
        if wire.strong_count() == 0 {
            return;
        }
        tokio::time::sleep(RETRY_AFTER).await;
    }
}

async fn listen_once(wire: &Weak<Wire>, pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // What was sent until now may have been for nobody.
    let mut heard = vec![Signal::Missed];
    loop {
        let Some(wire) = wire.upgrade() else { return Ok(()) };
        for signal in heard.drain(..) {
            // An engine that does not listen misses nothing.
            let _ = wire.heard.send(signal);
        }
        drop(wire);
        match tokio::time::timeout(RETRY_AFTER, listener.try_recv()).await {
            Ok(Ok(Some(message))) => heard = signals(message.payload()),
            // The connection was lost, and is there again.
            Ok(Ok(None)) => heard.push(Signal::Missed),
            Ok(Err(error)) => return Err(error),
            // Nothing was said; the store may be gone.
            Err(_) => {}
        }
    }
}

/// As messages of at most 8,000 bytes: a letter for what it is, and who.
fn messages(signals: &BTreeSet<Signal>) -> Vec<String> {
    let mut messages = Vec::new();
    let mut people = Vec::new();
    for signal in signals {
        match signal {
            Signal::Told(user_id) => people.push(*user_id),
            Signal::JobDue => messages.push("J".to_owned()),
            Signal::NewKeys => messages.push("K".to_owned()),
            Signal::Missed => messages.push("M".to_owned()),
        }
    }
    for some in people.chunks(PEOPLE_PER_MESSAGE) {
        let mut message = "T".to_owned();
        for user_id in some {
            // Writing to a string never fails.
            let _ = write!(message, "{}", user_id.uuid().simple());
        }
        messages.push(message);
    }
    messages
}

/// What a message says; [`Signal::Missed`] for one that another version sent.
fn signals(message: &str) -> Vec<Signal> {
    let known = match message.split_at_checked(1) {
        Some(("J", "")) => Some(vec![Signal::JobDue]),
        Some(("K", "")) => Some(vec![Signal::NewKeys]),
        Some(("T", people)) => told(people),
        _ => None,
    };
    known.unwrap_or_else(|| vec![Signal::Missed])
}

fn told(people: &str) -> Option<Vec<Signal>> {
    let person = |hex: &[u8]| Some(Signal::Told(UserId::from_uuid(Uuid::try_parse_ascii(hex).ok()?)));
    people.as_bytes().chunks(32).map(person).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_heard() {
        let person = |n: u16| Signal::Told(UserId::from_uuid(Uuid::from_u128(u128::from(n) << 64)));
        let sent: BTreeSet<Signal> =
            (0..1_000).map(person).chain([Signal::JobDue, Signal::NewKeys, Signal::Missed]).collect();
        let messages = messages(&sent);
        assert!(messages.iter().all(|message| message.len() < 8_000));
        let heard: BTreeSet<Signal> = messages.iter().flat_map(|message| signals(message)).collect();
        assert_eq!(heard, sent);
    }

    #[test]
    fn what_is_not_understood_makes_everybody_look() {
        for message in ["", "X", "Jx", "Tabc", "T0123456789abcdef0123456789abcdef0", "Ж"] {
            assert_eq!(signals(message), [Signal::Missed], "{message}");
        }
    }
}
