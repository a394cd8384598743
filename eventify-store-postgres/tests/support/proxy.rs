//! A way to the server that counts what is said on it, and breaks at a chosen word.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Where the next COMMIT is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It never gets to the server.
    Before,
    /// The server does it, its answer is lost.
    After,
    /// The client's end breaks at once; the server gets it when [`Proxy::let_it_arrive`] says so.
    Late,
}

#[derive(Default)]
struct Shared {
    cut: Mutex<Option<Cut>>,
    cuts: AtomicUsize,
    statements: AtomicUsize,
    arrive: Notify,
    arrived: Notify,
    accepted: AtomicUsize,
    /// New connections are accepted and lead nowhere.
    swallows: AtomicBool,
    /// Changes when the connections that there are fall silent.
    silent: watch::Sender<()>,
}

/// Listens on a port of its own until it is dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    listener: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Proxy {
    /// In front of the server that this address names, over TCP without TLS.
    pub async fn before(tcp_url: &str) -> Self {
        let server = authority(tcp_url).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let state = shared.clone();
        let listener = tokio::spawn(async move {
            let mut swallowed = Vec::new();
            while let Ok((client, _)) = listener.accept().await {
                state.accepted.fetch_add(1, Ordering::SeqCst);
                if state.swallows.load(Ordering::SeqCst) {
                    swallowed.push(client);
                    continue;
                }
                // A server that is down refuses: so does the way to it.
                if let Ok(server) = TcpStream::connect(&server).await {
                    tokio::spawn(carry(client, server, state.clone()));
                }
            }
        });
        Self { port, shared, listener }
    }

    /// The address of the same database through this.
    pub fn url(&self, tcp_url: &str) -> String {
        tcp_url.replace(authority(tcp_url), &format!("127.0.0.1:{}", self.port)) + "?sslmode=disable"
    }

    /// Carries nothing any more on the connections that there are, and closes none of them: as a network that was cut.
    pub fn fall_silent(&self) {
        self.shared.silent.send_replace(());
    }

    /// Whether new connections lead nowhere, without a word.
    pub fn swallow(&self, swallows: bool) {
        self.shared.swallows.store(swallows, Ordering::SeqCst);
    }

    /// How many connections were made.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Loses the next COMMIT.
    pub fn cut(&self, cut: Cut) {
        *self.shared.cut.lock().unwrap() = Some(cut);
    }

    /// How many COMMITs were lost.
    pub fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }

    /// Hands the late COMMIT to the server, and waits until that has done it.
    pub async fn let_it_arrive(&self) {
        self.shared.arrive.notify_one();
        super::soon("a late COMMIT", self.shared.arrived.notified()).await;
    }

    /// How many statements were run, BEGIN and COMMIT among them, since this was asked last.
    pub fn spent(&self) -> usize {
        self.shared.statements.swap(0, Ordering::SeqCst)
    }
}

fn authority(url: &str) -> &str {
    url.split_once('@').unwrap().1.split_once('/').unwrap().0
}

/// One message of the protocol as it is on the wire, with its type; the first one of a connection has none.
async fn message(from: &mut OwnedReadHalf, typed: bool) -> Option<(u8, Vec<u8>)> {
    let mut head = vec![0; if typed { 5 } else { 4 }];
    from.read_exact(&mut head).await.ok()?;
    let length = head.split_at(head.len() - 4).1.try_into().ok().map(u32::from_be_bytes)?;
    let mut all = head.clone();
    all.resize(head.len() + usize::try_from(length).ok()? - 4, 0);
    from.read_exact(&mut all[head.len()..]).await.ok()?;
    Some((if typed { head[0] } else { 0 }, all))
}

async fn carry(client: TcpStream, server: TcpStream, shared: Arc<Shared>) {
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let hush = Arc::new(Notify::new());
    let mut silent = shared.silent.subscribe();
    let mut answers = tokio::spawn(copy(from_server, to_client, hush.clone(), silent.clone()));
    let mut typed = false;
    loop {
        let next = tokio::select! {
            next = message(&mut from_client, typed) => next,
            // The server has hung up.
            _ = &mut answers => return,
            _ = silent.changed() => std::future::pending().await,
        };
        let Some((kind, bytes)) = next else { break };
        typed = true;
        shared.statements.fetch_add(usize::from(matches!(kind, b'Q' | b'E')), Ordering::SeqCst);
        let is_commit = kind == b'Q' && bytes[5..].starts_with(b"COMMIT");
        let cut = if is_commit { shared.cut.lock().unwrap().take() } else { None };
        if let Some(cut) = cut {
            shared.cuts.fetch_add(1, Ordering::SeqCst);
            hush.notify_one();
            if let Ok(Some(from_server)) = answers.await {
                lose(cut, &bytes, (from_server, to_server), from_client, &shared).await;
            }
            return;
        }
        if to_server.write_all(&bytes).await.is_err() {
            break;
        }
    }
    answers.abort();
}

/// Passes the server's answers on until it is told to hush: then gives back the server's end, and the client's is closed.
async fn copy(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    hush: Arc<Notify>,
    mut silent: watch::Receiver<()>,
) -> Option<OwnedReadHalf> {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            read = server.read(&mut bytes) => read.ok()?,
            () = hush.notified() => return Some(server),
            _ = silent.changed() => std::future::pending().await,
        };
        if read == 0 {
            return None;
        }
        client.write_all(&bytes[..read]).await.ok()?;
    }
}

async fn lose(
    cut: Cut,
    commit: &[u8],
    (mut from_server, mut to_server): (OwnedReadHalf, OwnedWriteHalf),
    from_client: OwnedReadHalf,
    shared: &Shared,
) {
    let pass_on = async {
        to_server.write_all(commit).await.unwrap();
        // The answer to it: it is done.
        let mut answer = [0; 64];
        assert!(from_server.read(&mut answer).await.unwrap() > 0, "the server ended before the COMMIT");
    };
    match cut {
        Cut::Before => drop(from_client),
        Cut::After => {
            pass_on.await;
            drop(from_client);
        }
        Cut::Late => {
            drop(from_client);
            shared.arrive.notified().await;
            pass_on.await;
            shared.arrived.notify_one();
        }
    }
}
