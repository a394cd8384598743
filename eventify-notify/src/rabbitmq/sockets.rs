//! The sockets that AMQP's client works on: ours, for the sake of TLS and of an end.
//!
//! The client's own TLS brings a second set of cryptography for files that nobody here has. And it waits for a server
//! that does not answer for as long as that takes; a socket of ours ends when nobody wants it any more.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use async_compat::Compat;
use async_rs::traits::Reactor;
use async_rs::util::RuntimeParts;
use async_rs::{Runtime, Tokio};
use futures_util::{AsyncRead, AsyncWrite, Stream};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead as TokioRead, AsyncWrite as TokioWrite, DuplexStream, copy_bidirectional, duplex};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;

/// Bytes between the client and the network.
const BUFFER_BYTES: usize = 64 * 1024;

/// Makes sockets that end when what the other half of `wanted` is held by is dropped.
#[derive(Clone)]
pub(super) struct Sockets {
    tokio: Tokio,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    wanted: watch::Receiver<()>,
}

impl Sockets {
    /// A runtime whose sockets are these. Within tokio's.
    pub(super) fn runtime(
        tls: Option<(TlsConnector, ServerName<'static>)>,
        wanted: watch::Receiver<()>,
    ) -> Runtime<RuntimeParts<Tokio, Self>> {
        let tokio = Tokio::current();
        Runtime::new(RuntimeParts::new(tokio.clone(), Self { tokio, tls, wanted }))
    }
}

/// Carries bytes to and fro until either side is done, or nobody wants them any more.
fn carried(
    mut network: impl TokioRead + TokioWrite + Unpin + Send + 'static,
    mut wanted: watch::Receiver<()>,
) -> Compat<DuplexStream> {
    let (near, mut far) = duplex(BUFFER_BYTES);
    tokio::spawn(async move {
        tokio::select! {
            _ = copy_bidirectional(&mut network, &mut far) => {}
            _ = wanted.changed() => {}
        }
    });
    Compat::new(near)
}

impl Reactor for Sockets {
    type TcpStream = Compat<DuplexStream>;
    type Sleep = <Tokio as Reactor>::Sleep;

    /// Nobody has a socket of another kind: the client makes them all by the method below.
    fn register<H: Read + Write + Send + 'static>(
        &self,
        _socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Err::<Self::TcpStream, _>(io::Error::from(io::ErrorKind::Unsupported))
    }

    fn sleep(&self, dur: Duration) -> Self::Sleep {
        self.tokio.sleep(dur)
    }

    fn interval(&self, dur: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.tokio.interval(dur)
    }

    fn tcp_connect_addr(
        &self,
        addr: SocketAddr,
    ) -> impl Future<Output = io::Result<Self::TcpStream>> + Send + 'static {
        let Self { tls, wanted, .. } = self.clone();
        async move {
            let network = TcpStream::connect(addr).await?;
            network.set_nodelay(true)?;
            Ok(match tls {
                None => carried(network, wanted),
                Some((connector, name)) => carried(connector.connect(name, network).await?, wanted),
            })
        }
    }
}

impl fmt::Debug for Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sockets").field("tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}
