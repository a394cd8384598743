//! What lies between a broker and us: a wire that can lose answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Carries bytes from its port to the broker's and back. Ends with it.
pub struct Proxy {
    port: u16,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    /// Whether what the broker says is lost.
    mute: AtomicBool,
    /// Bytes that went to the broker while it could not be heard.
    unheard: AtomicUsize,
    /// How long what the broker says is on its way, in milliseconds.
    delay_ms: AtomicU64,
    cut: Notify,
}

impl Proxy {
    /// To the broker's port, on a port of its own.
    pub async fn to(target: u16) -> Self {
        Self::on(0, target).await
    }

    /// The same on this port.
    pub async fn on(port: u16, target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let shared = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target, shared.clone()));
            }
        });
        Self { port, state, task }
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// From now on what the broker says takes so long.
    pub fn slow_down(&self, delay: Duration) {
        self.state.delay_ms.store(u64::try_from(delay.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// From now on the broker hears us, and we do not hear the broker.
    pub fn mute(&self) {
        self.state.unheard.store(0, Ordering::SeqCst);
        self.state.mute.store(true, Ordering::SeqCst);
    }

    /// Bytes that the broker has been told since [`Proxy::mute`].
    pub fn unheard(&self) -> usize {
        self.state.unheard.load(Ordering::SeqCst)
    }

    /// Cuts every connection, and carries new ones faithfully.
    pub fn mend(&self) {
        self.state.mute.store(false, Ordering::SeqCst);
        self.state.cut.notify_waiters();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.state.cut.notify_waiters();
    }
}

async fn carry(client: TcpStream, target: u16, state: Arc<State>) {
    let cut = state.cut.notified();
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let at_once = || Duration::ZERO;
    let there = pump(from_client, to_server, at_once, |bytes| {
        if state.mute.load(Ordering::SeqCst) {
            state.unheard.fetch_add(bytes, Ordering::SeqCst);
        }
        true
    });
    let delay = || Duration::from_millis(state.delay_ms.load(Ordering::SeqCst));
    let back = pump(from_server, to_client, delay, |_| !state.mute.load(Ordering::SeqCst));
    tokio::select! {
        () = there => {}
        () = back => {}
        () = cut => {}
    }
}

/// Carries what `passes`, after a while, and drops the rest.
async fn pump(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    delay: impl Fn() -> Duration,
    passes: impl Fn(usize) -> bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        tokio::time::sleep(delay()).await;
        if passes(read) && to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
