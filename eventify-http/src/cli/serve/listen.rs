//! Accepting connections, so many at a time, and serving each within limits.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
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
/// How long to wait when the system has no file handle left for another connection.
const EXHAUSTED_FOR: Duration = Duration::from_millis(100);

/// An open address and how it is served.
pub(crate) struct Listening {
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
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
        let graceful = GracefulShutdown::new();
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &slots, &clients) => accepted,
                _ = stop.wait_for(|stop| *stop == Stop::Now) => break,
            };
            let Some((stream, address, slot)) = accepted else {
                continue;
            };
            let router = self.router.clone();
            let service = hyper_util::service::TowerToHyperService::new(tower::service_fn(move |request| {
                respond(router.clone(), address, request)
            }));
            let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                let _slot = slot;
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection broke off");
                }
            });
        }
        drop(self.listener);
        if tokio::time::timeout(self.finish_within, graceful.shutdown()).await.is_err() {
            tracing::warn!(
                seconds = self.finish_within.as_secs(),
                "some requests were not finished in time and are broken off"
            );
        }
    }
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
