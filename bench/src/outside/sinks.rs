//! A mail server and a webhook's receiver: they take everything, and know how often they have had what is about purchases.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::free_ports;
use crate::Result;

/// What came, by its id, and how often.
#[derive(Clone, Default)]
pub(super) struct Taken(Arc<Mutex<HashMap<String, usize>>>);

impl Taken {
    fn add(&self, id: String) {
        *self.lock().entry(id).or_default() += 1;
    }

    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn repeats(&self) -> usize {
        self.lock().values().map(|times| times - 1).sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Clone, Copy)]
enum Takes {
    Mails,
    Calls,
}

/// A listener of our own, and what it took.
pub(super) struct Sink {
    pub(super) at: SocketAddr,
    pub(super) taken: Taken,
    takes: Takes,
    /// None while it is away. Its connections end with it.
    listening: Option<JoinHandle<()>>,
}

impl Sink {
    pub(super) async fn of_mails() -> Result<Self> {
        Self::open(Takes::Mails).await
    }

    pub(super) async fn of_calls() -> Result<Self> {
        Self::open(Takes::Calls).await
    }

    async fn open(takes: Takes) -> Result<Self> {
        let [port] = free_ports()?;
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut sink = Self { at, taken: Taken::default(), takes, listening: None };
        sink.come_back().await?;
        Ok(sink)
    }

    pub(super) async fn leave(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            // It was told to end: that it did not by itself is no news.
            let _ = listening.await;
        }
    }

    pub(super) async fn come_back(&mut self) -> Result {
        let listener = TcpListener::bind(self.at).await?;
        let (taken, takes) = (self.taken.clone(), self.takes);
        self.listening = Some(tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while open.try_join_next().is_some() {}
                let taken = taken.clone();
                // Whoever breaks off has not handed over what was begun.
                open.spawn(async move {
                    match takes {
                        Takes::Mails => take_mails(stream, taken).await,
                        Takes::Calls => take_calls(stream, taken).await,
                    }
                });
            }
        }));
        Ok(())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

/// What mails about purchases begin with. Others, such as about accounts, would be taken for one that is missing.
const PURCHASE: &[u8] = b"Subject: Your ticket for ";

/// As much of SMTP (RFC 5321) as it takes to be given mails.
async fn take_mails(stream: TcpStream, taken: Taken) -> Result {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 localhost ESMTP\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let said: &[u8] = match word.as_str() {
            "EHLO" => b"250-localhost\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let (mut part, mut id, mut is_of_purchase) = (Vec::new(), None, false);
                while part != b".\r\n" {
                    part.clear();
                    if stream.read_until(b'\n', &mut part).await? == 0 {
                        return Ok(());
                    }
                    id = id.or_else(|| message_id(&part));
                    is_of_purchase |= part.starts_with(PURCHASE);
                }
                let id = id.ok_or("a mail without an id")?;
                if is_of_purchase {
                    taken.add(id);
                }
                b"250 taken\r\n"
            }
            "QUIT" => return Ok(stream.write_all(b"221 bye\r\n").await?),
            _ => b"250 fine\r\n",
        };
        stream.write_all(said).await?;
        line.clear();
    }
    Ok(())
}

fn message_id(line: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, value) = line.split_once(':')?;
    name.eq_ignore_ascii_case("message-id").then(|| value.trim().to_owned())
}

/// As much of HTTP as it takes to be called.
async fn take_calls(stream: TcpStream, taken: Taken) -> Result {
    let mut stream = BufReader::new(stream);
    let (mut line, mut length, mut id) = (String::new(), 0, None);
    while stream.read_line(&mut line).await? > 0 {
        if let Some((name, value)) = line.split_once(':') {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse()?,
                "webhook-id" => id = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        if line == "\r\n" {
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await?;
            taken.add(id.take().ok_or("a call without an id")?);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
        }
        line.clear();
    }
    Ok(())
}
