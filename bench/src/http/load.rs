//! Load over HTTP/1.1, from few cycles: requests are bytes made beforehand, answers are counted and not parsed further.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;
use crate::crowd::{Outcome, Waits};

/// When requests are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// Each connection sends when it has its answer.
    Closed,
    /// So many a second over all connections, whether or not answers come. How long one waits counts from the instant
    /// at which the request should have been sent: a server that stalls makes everybody behind it wait, too.
    PerSecond(f64),
}

/// What connections send: the request of a connection's n-th turn, as bytes, and the status that it is to be answered with.
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Vec<Arc<[u8]>>,
    pub(crate) status: u16,
}

/// A request as it is sent.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Arc<[u8]> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes().into()
}

impl Load {
    /// Sends for a while over so many connections; any other status is an error.
    #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    pub(crate) async fn run(&self, connections: usize, seconds: f64, pace: Pace) -> Result<Outcome> {
        self.run_from(Instant::now(), connections, seconds, pace).await
    }

    /// The same from an instant on.
    #[allow(clippy::cast_precision_loss, reason = "a few millions")]
    pub(crate) async fn run_from(
        &self,
        start: Instant,
        connections: usize,
        seconds: f64,
        pace: Pace,
    ) -> Result<Outcome> {
        let waits = self.waits_from(start, connections, seconds, pace).await?;
        let done = waits.len();
        Ok(Outcome { done, per_second: done as f64 / start.elapsed().as_secs_f64(), waits: Waits::of(waits) })
    }

    /// The same; how long each of them waited.
    #[allow(clippy::cast_precision_loss, clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    pub(crate) async fn waits_from(
        &self,
        start: Instant,
        connections: usize,
        seconds: f64,
        pace: Pace,
    ) -> Result<Vec<Duration>> {
        let mut open = Vec::with_capacity(connections);
        for _ in 0..connections {
            open.push(Connection::open(self.address).await?);
        }
        let patience = Duration::from_secs_f64(seconds);
        let tasks = open.into_iter().enumerate().map(|(nth, connection)| {
            let requests: Vec<_> =
                self.requests.iter().skip(nth % self.requests.len()).step_by(connections).cloned().collect();
            let step = match pace {
                Pace::Closed => None,
                Pace::PerSecond(rate) => Some((connections as f64 / rate, nth as f64 / rate)),
            };
            let (status, shift) = (self.status, step);
            tokio::spawn(
                async move { connection.send_all(&requests, status, (start, patience), shift).await },
            )
        });
        let mut waits = Vec::new();
        for task in join_all(tasks).await {
            waits.extend(task??);
        }
        Ok(waits)
    }
}

/// One request, and the answer's head and body.
pub(crate) async fn ask(address: SocketAddr, request: &[u8]) -> Result<(String, String)> {
    let mut connection = Connection::open(address).await?;
    connection.stream.write_all(request).await?;
    connection.answer().await?;
    let answer = String::from_utf8(connection.buffer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    Ok((head.to_owned(), body.to_owned()))
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// How long each took.
    #[allow(clippy::cast_precision_loss, clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    async fn send_all(
        mut self,
        requests: &[Arc<[u8]>],
        status: u16,
        (start, patience): (Instant, Duration),
        pace: Option<(f64, f64)>,
    ) -> Result<Vec<Duration>> {
        let mut waits = Vec::new();
        for (nth, request) in requests.iter().cycle().enumerate() {
            let due = match pace {
                Some((step, shift)) => start + Duration::from_secs_f64(shift + step * nth as f64),
                None => Instant::now(),
            };
            if due.saturating_duration_since(start) >= patience {
                break;
            }
            if pace.is_some() {
                tokio::time::sleep_until(due.into()).await;
            }
            self.stream.write_all(request).await?;
            let answered = self.answer().await?;
            if answered != status {
                let text = String::from_utf8_lossy(&self.buffer).into_owned();
                return Err(format!("answered {answered} instead of {status}: {text}").into());
            }
            waits.push(due.elapsed());
        }
        Ok(waits)
    }

    /// Reads one answer wholly; its status.
    async fn answer(&mut self) -> Result<u16> {
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the connection was closed".into());
            }
            let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(self.buffer.get(..end).unwrap_or_default())?;
            let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
            });
            // An answer without a body has no length: 304.
            let whole = end + 4 + length.transpose()?.unwrap_or(0);
            while self.buffer.len() < whole {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    return Err("the connection was closed within an answer".into());
                }
            }
            return Ok(status);
        }
    }
}
