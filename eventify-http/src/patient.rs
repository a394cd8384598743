//! Connections to those who have to go on reading.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::{Listener, ListenerExt, TapIo};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream that breaks off when the other end takes nothing for too long, and what is held for as long as it is open:
/// also while it speaks another protocol than it began with. An answer that goes on cannot do this by itself: nobody asks it for
/// more while the other end takes nothing.
#[derive(Debug)]
pub struct Patient<S, H = ()> {
    stream: S,
    patience: Duration,
    /// Made when it has to wait, so that whoever reads costs no timer.
    stalled: Option<Pin<Box<Sleep>>>,
    _held: H,
}

impl<S, H> Patient<S, H> {
    /// Breaks off when nothing was taken for `patience`, and drops `held` then, or whenever it is closed.
    pub const fn new(stream: S, patience: Duration, held: H) -> Self {
        Self { stream, patience, stalled: None, _held: held }
    }

    fn watch<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(self.patience)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

/// Takes connections for a server, each of which breaks off when its other end takes nothing for so long.
///
/// ```no_run
/// use std::net::SocketAddr;
/// use std::time::Duration;
///
/// # async fn serve(app: axum::Router) -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// let listener = eventify_http::patient(listener, Duration::from_secs(30));
/// axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
/// # }
/// ```
pub fn patient<L: Listener>(listener: L, patience: Duration) -> Patiently<L> {
    let taps_nothing: fn(&mut Patient<L::Io>) = |_| ();
    PatientListener { listener, patience }.tap_io(taps_nothing)
}

/// What [`patient`] makes: axum knows the address of a client with its own listeners alone, so that ours is within one.
pub type Patiently<L> = TapIo<PatientListener<L>, fn(&mut Patient<<L as Listener>::Io>)>;

/// See [`patient`].
#[derive(Debug)]
pub struct PatientListener<L> {
    listener: L,
    patience: Duration,
}

impl<L: Listener> Listener for PatientListener<L> {
    type Io = Patient<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = self.listener.accept().await;
        (Patient::new(stream, self.patience, ()), address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl<S: AsyncRead + Unpin, H: Unpin> AsyncRead for Patient<S, H> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin, H: Unpin> AsyncWrite for Patient<S, H> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.watch(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use futures_util::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::{Instant, advance};

    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::mpsc;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_is_cut_off_and_who_reads_slowly_is_not() {
        let (near, mut far) = duplex(8);
        let mut patient = Patient::new(near, PATIENCE, ());
        patient.write_all(&[1; 8]).await.unwrap();
        let slow = async {
            let mut taken = [0; 8];
            for _ in 0..5 {
                advance(PATIENCE - Duration::from_secs(1)).await;
                far.read_exact(&mut taken).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(patient.write_all(&[2; 40]), slow);
        written.unwrap();
        let start = Instant::now();
        let refused = patient.write_all(&[3; 40]).await.unwrap_err();
        assert_eq!((refused.kind(), start.elapsed()), (io::ErrorKind::TimedOut, PATIENCE));
    }

    #[tokio::test]
    async fn a_server_lets_go_of_who_takes_nothing_of_an_answer_that_goes_on() {
        let (open, mut closed) = mpsc::channel::<()>(1);
        let without_end = move || {
            let open = open.clone();
            let more =
                stream::unfold(open, |open| async { Some((Ok::<_, io::Error>(vec![0; 65_536]), open)) });
            async move { Body::from_stream(more) }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let listener = patient(listener, Duration::from_millis(100));
        let server = axum::serve(listener, Router::new().route("/", get(without_end)).into_make_service());
        let server = tokio::spawn(server.into_future());
        let mut client = TcpStream::connect(at).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
        let mut begun = [0; 1];
        client.read_exact(&mut begun).await.unwrap();
        server.abort();
        let _ = server.await;
        // Nobody but the answer itself holds on to it any more.
        let gone = tokio::time::timeout(Duration::from_secs(60), closed.recv()).await;
        assert_eq!(gone, Ok(None));
    }
}
