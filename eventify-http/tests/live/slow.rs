//! Who listens and reads nothing, over a real connection: what is written for them is bounded, and it ends with the reason that the
//! API names. By a clock that stands still while anybody has something to do.

use std::net::SocketAddr;
use std::time::Duration;

use eventify_core::Actor;
use eventify_core::notification::SendNotification;
use eventify_http::{Config, patient};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::support::{Person, Service};

/// What this machine keeps of what was not read, on either side of a connection; it may take somewhat more.
const BUFFER_BYTES: u32 = 16 * 1024;
/// What is not written for somebody who reads nothing.
const MUCH: usize = 2_000_000;
/// Messages that somebody missed: together far more than that.
const MISSED: usize = 600;
/// How long the service's connections wait for somebody who takes nothing.
const PATIENCE: Duration = Duration::from_secs(30);
const JUST: Duration = Duration::from_millis(1);
/// Goes on behind the beginning, so that everything is said at once.
const FROM: &str = "last_event_id=00000000-0000-0000-0000-000000000000";

/// Bob, who missed much, and may have one feed.
struct Hall {
    at: SocketAddr,
    bob: Person,
}

impl Hall {
    async fn open() -> Self {
        let mut config = Config::default();
        config.feeds.per_person_max = 1;
        let service = Service::with(config).await;
        let bob = service.person("Bob").await;
        for nth in 0..MISSED {
            let words = SendNotification {
                user_id: bob.id.parse().unwrap(),
                title: format!("No. {nth}"),
                body: "\u{1f39f}".repeat(2_000),
                event_id: None,
            };
            service.eventify.notifications().send(&Actor::system(), words).await.unwrap();
        }
        let socket = TcpSocket::new_v4().unwrap();
        // Those that are accepted have it from the one that listens.
        socket.set_send_buffer_size(BUFFER_BYTES).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener: TcpListener = socket.listen(16).unwrap();
        let at = listener.local_addr().unwrap();
        let router = service.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(axum::serve(patient(listener, PATIENCE), router).into_future());
        Self { at, bob }
    }

    /// Asks for a feed, and reads nothing of it.
    async fn ask(&self, path: &str, headers: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(BUFFER_BYTES).unwrap();
        let mut stream = socket.connect(self.at).await.unwrap();
        let token = &self.bob.token;
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    async fn stream(&self) -> TcpStream {
        self.ask(&format!("/api/notifications/stream?{FROM}"), "connection: close\r\n").await
    }
}

/// Everything that was written before the other end closed, or broke off.
async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all).await;
    all
}

/// Reads until so many of these came.
async fn read(stream: &mut TcpStream, what: &str, count: usize) -> usize {
    let (mut all, mut found, mut bytes) = (Vec::new(), 0, 0);
    while found < count {
        let mut more = vec![0; 65_536];
        let read = stream.read(&mut more).await.unwrap();
        assert!(read > 0, "it ended behind {found}: {}", String::from_utf8_lossy(&all));
        bytes += read;
        all.extend_from_slice(&more[..read]);
        let text = String::from_utf8_lossy(&all).into_owned();
        found += text.matches(what).count();
        // What may be the beginning of one.
        all = text.rfind(what).map_or(text.as_str(), |at| &text[at + what.len()..]).as_bytes().to_vec();
    }
    bytes
}

#[tokio::test]
async fn a_stream_is_broken_off_that_nobody_reads() {
    let hall = Hall::open().await;
    let silent = hall.stream().await;
    silent.readable().await.unwrap();
    let mut refused = hall.stream().await;
    read(&mut refused, "HTTP/1.1 429 ", 1).await;
    tokio::time::pause();
    tokio::time::sleep(PATIENCE + JUST).await;
    tokio::time::resume();
    // Its place is free, and whoever reads gets everything.
    let mut reader = hall.stream().await;
    let everything = read(&mut reader, "\"title\":\"No. ", MISSED).await;
    let written = rest(silent).await;
    assert!(written.starts_with(b"HTTP/1.1 200 "));
    assert!(everything > 2 * MUCH && written.len() < MUCH, "{} of {everything} bytes", written.len());
}

#[tokio::test]
async fn a_socket_that_nobody_reads_is_closed_with_the_reason() {
    let hall = Hall::open().await;
    let path = format!("/api/notifications/ws?{FROM}");
    let upgrade = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let silent = hall.ask(&path, upgrade).await;
    silent.readable().await.unwrap();
    let mut refused = hall.stream().await;
    read(&mut refused, "HTTP/1.1 429 ", 1).await;
    tokio::time::pause();
    tokio::time::sleep(Config::default().feeds.read_within + JUST).await;
    // From here on somebody reads again: what was written, and behind it why it is over.
    tokio::time::resume();
    let written = rest(silent).await;
    assert!(written.starts_with(b"HTTP/1.1 101 ") && written.len() < MUCH, "{} bytes", written.len());
    let mut close = vec![0x88, 2 + 13];
    close.extend_from_slice(&4408_u16.to_be_bytes());
    close.extend_from_slice(b"slow_consumer");
    let end = String::from_utf8_lossy(&written[written.len().saturating_sub(100)..]).into_owned();
    assert!(written.ends_with(&close), "{end}");
    let mut reader = hall.stream().await;
    read(&mut reader, "\"title\":\"No. ", MISSED).await;
}
