//! Accepting connections, so many at a time, and serving each within limits.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use eventify_core::Eventify;
use eventify_http::Patient;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::StopSignal;
use super::connections::{Clients, Slot};

/// Whether the service goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It does.
    NotYet,
    /// It finishes what it has begun.
    Now,
}

/// The most bytes that the head of a request may have.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How long a client may take to take anything of what it is sent.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// How long to wait when the system has no file handle left for another connection.
const EXHAUSTED_FOR: Duration = Duration::from_millis(100);

/// An open address and how it is served.
pub(crate) struct Listening {
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
    /// Its feeds end when the service is told to stop.
    pub(crate) eventify: Eventify,
    pub(crate) connections_max: u32,
    pub(crate) header_timeout: Duration,
    pub(crate) finish_within: Duration,
}

impl Listening {
    /// Serves until told to stop, then until what is under way is finished or its time is over.
    pub(crate) async fn run(self, mut stop: StopSignal) {
        // HTTP/1.1 and nothing else: telling protocols apart reads the first bytes before any timer runs, and whoever
        // sends none would keep the connection for ever.
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.header_timeout).max_buf_size(HEAD_BYTES_MAX);
        let slots = Arc::new(Semaphore::new(usize::try_from(self.connections_max).unwrap_or(1024)));
        let clients = Clients::new(self.connections_max);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &slots, &clients) => accepted,
                () = told(&mut stop) => break,
            };
            let Some((stream, address, slot)) = accepted else {
                continue;
            };
            let router = self.router.clone();
            let service = hyper_util::service::TowerToHyperService::new(tower::service_fn(move |request| {
                respond(router.clone(), address, request)
            }));
            // The slot goes with the stream, which outlives HTTP where WebSocket is spoken.
            let stream = TokioIo::new(Patient::new(stream, TAKEN_WITHIN, slot));
            let connection = http.serve_connection(stream, service).with_upgrades();
            let mut stop = stop.clone();
            tokio::spawn(async move {
                let mut connection = pin!(connection);
                let ended = tokio::select! {
                    ended = connection.as_mut() => ended,
                    () = told(&mut stop) => {
                        connection.as_mut().graceful_shutdown();
                        connection.await
                    }
                };
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke off");
                }
            });
        }
        drop(self.listener);
        self.eventify.close_feeds();
        // Every connection has one.
        let finished = slots.acquire_many(self.connections_max);
        if tokio::time::timeout(self.finish_within, finished).await.is_err() {
            tracing::warn!(
                seconds = self.finish_within.as_secs(),
                "some requests were not finished in time and are broken off"
            );
        }
    }
}

/// Waits until the service is told to stop.
async fn told(stop: &mut StopSignal) {
    let _ = stop.wait_for(|stop| *stop == Stop::Now).await;
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    clients: &Clients,
) -> Option<(TcpStream, SocketAddr, Slot)> {
    let permit = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // Answers are small and wanted at once.
            let _ = stream.set_nodelay(true);
            let slot = clients.enter(address.ip(), permit);
            if slot.is_none() {
                tracing::debug!("one address has too many connections");
            }
            slot.map(|slot| (stream, address, slot))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(EXHAUSTED_FOR).await;
            None
        }
    }
}

async fn respond(
    router: Router,
    address: SocketAddr,
    request: Request<hyper::body::Incoming>,
) -> Result<axum::response::Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(address));
    router.oneshot(request).await
}
