//! Signals between processes, by NOTIFY and LISTEN.
//!
//! What is to be told is collected and sent behind the commits, on a connection that does nothing else: a NOTIFY within a
//! commit would make all commits of the server wait for each other. The same connection listens. Whatever goes wrong
//! with it becomes [`Signal::Missed`], later: for the others, as what was to be sent may be lost, and for us, as what
//! was sent meanwhile is.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::future::Future;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventify_core::store::{EngineId, Signal, Signals};
use eventify_core::{EventId, UserId};
use futures_util::stream;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Executor, PgPool};
use tokio::sync::{Notify, broadcast, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

const CHANNEL: &str = "eventify";
/// What a sender collects before it sends.
const COLLECT_FOR: Duration = Duration::from_millis(10);
/// How long to wait before a connection that was lost, or could not be made, is made anew.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How long the server may take for anything that is asked here.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long the last signals, and the goodbye, may take when the store is closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// Signals that are collected at most; beyond that everybody looks after everything.
const COLLECTED_MAX: usize = 20_000;
/// Ids in one message: 32 bytes each, and a message has at most 8,000.
const IDS_PER_MESSAGE: usize = 240;
/// Signals that a listener of this process may be behind before it is told that it missed some.
const BEHIND_MAX: usize = 16_384;

/// Both ends of the wire in this process.
#[derive(Debug)]
pub(crate) struct Wire {
    ends: Arc<Ends>,
    /// False once it is closed; gone with the store.
    open: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Ends {
    options: PgConnectOptions,
    /// How long the server may be silent before it is asked whether it is there.
    probe_after: Duration,
    collected: Mutex<BTreeSet<(EngineId, Signal)>>,
    collecting: Notify,
    /// What is heard, and from whom; from nobody what concerns everybody here.
    heard: broadcast::Sender<(Option<EngineId>, Signal)>,
}

impl Wire {
    /// Over one connection of its own, made when there is something to send or somebody to hear.
    pub(crate) fn new(options: PgConnectOptions, probe_after: Duration) -> Self {
        let ends = Ends {
            options,
            probe_after,
            collected: Mutex::default(),
            collecting: Notify::new(),
            heard: broadcast::Sender::new(BEHIND_MAX),
        };
        Self { ends: Arc::new(ends), open: watch::Sender::new(true), task: Mutex::default() }
    }

    /// Takes signals in to be sent soon.
    pub(crate) fn send(&self, from: EngineId, signals: &BTreeSet<Signal>) {
        if *self.open.borrow() {
            self.ends.collect(signals.iter().map(|signal| (from, *signal)));
            self.start();
        }
    }

    /// Everything that others than `to` signal from now on.
    pub(crate) fn hear(&self, to: EngineId) -> Signals {
        let ends = (self.ends.heard.subscribe(), self.open.subscribe());
        self.start();
        Box::pin(stream::unfold(ends, move |(mut heard, mut open)| async move {
            loop {
                let next = tokio::select! {
                    next = heard.recv() => next,
                    () = closed(&mut open) => return None,
                };
                let signal = match next {
                    Ok((from, _)) if from == Some(to) => continue,
                    Ok((_, signal)) => signal,
                    Err(broadcast::error::RecvError::Lagged(_)) => Signal::Missed,
                    Err(broadcast::error::RecvError::Closed) => return None,
                };
                return Some((signal, (heard, open)));
            }
        }))
    }

    fn start(&self) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.is_none() && *self.open.borrow() {
            *task = Some(tokio::spawn(run(self.ends.clone(), self.open.subscribe())));
        }
    }

    /// Sends what was collected, if that can be done soon, and closes the connection.
    pub(crate) async fn close(&self) {
        self.open.send_replace(false);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut task) = task
            && timeout(CLOSE_WITHIN, &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

impl Ends {
    fn collect(&self, signals: impl IntoIterator<Item = (EngineId, Signal)>) {
        {
            let mut collected = self.collected.lock().unwrap_or_else(PoisonError::into_inner);
            collected.extend(signals);
            if collected.len() > COLLECTED_MAX {
                *collected = missed(&collected);
            }
        }
        self.collecting.notify_one();
    }

    async fn send(&self, listener: &mut PgListener) -> Result<(), sqlx::Error> {
        let signals = std::mem::take(&mut *self.collected.lock().unwrap_or_else(PoisonError::into_inner));
        if signals.is_empty() {
            return Ok(());
        }
        let notify = sqlx::query("SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message");
        let sent = answer(notify.bind(CHANNEL).bind(messages(&signals)).execute(listener)).await;
        if sent.is_err() {
            self.collect(missed(&signals));
        }
        sent.map(drop)
    }

    /// Passes on what a message says; an engine that does not listen misses nothing.
    fn hear(&self, message: &str) {
        let (from, signals) = read(message).unwrap_or_else(|| (None, vec![Signal::Missed]));
        for signal in signals {
            let _ = self.heard.send((from, signal));
        }
    }
}

/// What becomes of signals that cannot be told.
fn missed(signals: &BTreeSet<(EngineId, Signal)>) -> BTreeSet<(EngineId, Signal)> {
    signals.iter().map(|(from, _)| (*from, Signal::Missed)).collect()
}

/// Waits until the wire is closed, or gone with its store.
async fn closed(open: &mut watch::Receiver<bool>) {
    let _ = open.wait_for(|open| !open).await;
}

/// The server's answer, if it comes in time.
async fn answer<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(ANSWER_WITHIN, asked).await.unwrap_or_else(|_| Err(lost(ErrorKind::TimedOut)))
}

fn lost(how: ErrorKind) -> sqlx::Error {
    sqlx::Error::Io(how.into())
}

async fn run(ends: Arc<Ends>, mut open: watch::Receiver<bool>) {
    loop {
        // A pool of its own for each connection: one that is dead may never be given back.
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ANSWER_WITHIN);
        let pool = pool.max_lifetime(None).idle_timeout(None).test_before_acquire(false);
        let pool = pool.connect_lazy_with(ends.options.clone());
        let talked = talk(&ends, &pool, &mut open).await;
        let _ = timeout(CLOSE_WITHIN, pool.close()).await;
        let Err(error) = talked else { return };
        tracing::debug!(%error, "signals can neither be sent nor heard");
        if timeout(RETRY_AFTER, closed(&mut open)).await.is_ok() {
            return;
        }
    }
}

/// Sends and hears over one connection, until it fails or the wire is closed.
async fn talk(ends: &Ends, pool: &PgPool, open: &mut watch::Receiver<bool>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A connection that is lost ends here: whatever is said until the next one listens is lost, and that is told.
    listener.eager_reconnect(false);
    answer(listener.listen(CHANNEL)).await?;
    let _ = ends.heard.send((None, Signal::Missed));
    // What the last connection failed with, or before it could send it, is still collected.
    let mut send_at = Some(Instant::now());
    let mut probe_at = Instant::now() + ends.probe_after;
    loop {
        tokio::select! {
            heard = listener.try_recv() => {
                let message = heard?.ok_or_else(|| lost(ErrorKind::ConnectionAborted))?;
                ends.hear(message.payload());
                probe_at = Instant::now() + ends.probe_after;
            }
            () = ends.collecting.notified(), if send_at.is_none() => {
                send_at = Some(Instant::now() + COLLECT_FOR);
            }
            () = sleep_until(send_at.unwrap_or(probe_at)), if send_at.is_some() => {
                send_at = None;
                ends.send(&mut listener).await?;
            }
            // A network that was cut says nothing: nothing would be heard for ever.
            () = sleep_until(probe_at) => {
                answer(listener.execute("SELECT 1")).await?;
                probe_at = Instant::now() + ends.probe_after;
            }
            () = closed(open) => return ends.send(&mut listener).await,
        }
    }
}

/// As messages of at most 8,000 bytes: whom they are from, a letter for what it is, and who.
fn messages(signals: &BTreeSet<(EngineId, Signal)>) -> Vec<String> {
    let mut messages = Vec::new();
    // Signals of one kind stand together.
    let mut named: Vec<(EngineId, char, Uuid)> = Vec::new();
    for (from, signal) in signals {
        let letter = match signal {
            Signal::Told(user_id) => {
                named.push((*from, 'T', user_id.uuid()));
                continue;
            }
            Signal::Watched(event_id) => {
                named.push((*from, 'W', event_id.uuid()));
                continue;
            }
            Signal::Changed(event_id) => {
                named.push((*from, 'C', event_id.uuid()));
                continue;
            }
            Signal::JobDue => 'J',
            Signal::NewKeys => 'K',
            Signal::Missed => 'M',
        };
        messages.push(format!("{:016x}{letter}", from.number()));
    }
    for of_one in named.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
        for some in of_one.chunks(IDS_PER_MESSAGE) {
            let mut message = String::new();
            for (from, letter, id) in some {
                if message.is_empty() {
                    // Writing to a string never fails.
                    let _ = write!(message, "{:016x}{letter}", from.number());
                }
                let _ = write!(message, "{}", id.simple());
            }
            messages.push(message);
        }
    }
    messages
}

/// Whom a message is from, and what it says; `None` for one that another version sent.
fn read(message: &str) -> Option<(Option<EngineId>, Vec<Signal>)> {
    let (from, said) = message.split_at_checked(16)?;
    let from = EngineId::from_number(u64::from_str_radix(from, 16).ok()?);
    let signals = match said.split_at_checked(1)? {
        ("J", "") => vec![Signal::JobDue],
        ("K", "") => vec![Signal::NewKeys],
        ("M", "") => vec![Signal::Missed],
        ("T", people) => named(people, |id| Signal::Told(UserId::from_uuid(id)))?,
        ("W", events) => named(events, |id| Signal::Watched(EventId::from_uuid(id)))?,
        ("C", events) => named(events, |id| Signal::Changed(EventId::from_uuid(id)))?,
        _ => return None,
    };
    Some((Some(from), signals))
}

fn named(ids: &str, signal: impl Fn(Uuid) -> Signal) -> Option<Vec<Signal>> {
    let one = |hex: &[u8]| Some(signal(Uuid::try_parse_ascii(hex).ok()?));
    ids.as_bytes().chunks(32).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_heard() {
        let person = |n: u16| Signal::Told(UserId::from_uuid(Uuid::from_u128(u128::from(n) << 64)));
        let all = |from| {
            let event = |n: u128| EventId::from_uuid(Uuid::from_u128(n));
            let named = [Signal::Watched(event(1)), Signal::Changed(event(1)), Signal::Changed(event(2))];
            let others = [Signal::JobDue, Signal::NewKeys, Signal::Missed];
            let signals = (0..1_000).map(person).chain(named).chain(others);
            signals.map(move |signal| (EngineId::from_number(from), signal))
        };
        let sent: BTreeSet<(EngineId, Signal)> = all(1).chain(all(u64::MAX)).collect();
        let messages = messages(&sent);
        assert!(messages.iter().all(|message| message.len() < 8_000));
        let mut heard = BTreeSet::new();
        for message in messages {
            let (from, signals) = read(&message).unwrap_or_else(|| panic!("{message}"));
            heard.extend(signals.into_iter().filter_map(|signal| Some((from?, signal))));
        }
        assert_eq!(heard, sent);
    }

    #[test]
    fn what_is_not_understood_makes_everybody_look() {
        let from = "0123456789abcdef";
        for said in ["", "X", "Jx", "Tabc", "T0123456789abcdef0123456789abcdef0", "Ж"] {
            assert_eq!(read(&format!("{from}{said}")), None, "{said}");
        }
        for message in ["", "J", "0123456789abcdeЖJ", "x123456789abcdefJ"] {
            assert_eq!(read(message), None, "{message}");
        }
    }
}
