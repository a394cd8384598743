//! A mail server and a webhook's receiver: they take everything, and know how often they have had it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::Result;

/// What came, by its id, and how often.
#[derive(Clone, Default)]
struct Taken(Arc<Mutex<HashMap<String, usize>>>);

impl Taken {
    fn add(&self, id: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default() += 1;
    }

    /// How many came. None comes twice: nobody dies here before they write down what they handed over.
    fn count(&self) -> Result<usize> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.values().filter(|times| **times > 1).count() {
            0 => Ok(taken.len()),
            twice => Err(format!("{twice} of {} came more than once", taken.len()).into()),
        }
    }
}

/// A mail server (RFC 5321, as much of it as one client needs). Ends with it.
pub(super) struct Mailbox {
    taken: Taken,
    task: JoinHandle<()>,
}

impl Mailbox {
    pub(super) async fn open(port: u16) -> Result<Self> {
        let (listener, taken) = (TcpListener::bind(("127.0.0.1", port)).await?, Taken::default());
        let mails = taken.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever breaks off has not handed over what was begun.
                tokio::spawn(converse(stream, mails.clone()));
            }
        });
        Ok(Self { taken, task })
    }

    pub(super) fn told(&self) -> Result<usize> {
        self.taken.count()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(stream: TcpStream, mails: Taken) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 here\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-here\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut id = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    if id.is_empty() && line.to_ascii_lowercase().starts_with("message-id:") {
                        id = line;
                    }
                }
                mails.add(id);
                b"250 taken\r\n"
            }
            "QUIT" => return write.write_all(b"221 bye\r\n").await,
            _ => b"250 well\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

/// Where a webhook leads. Ends with it.
pub(super) struct Shop {
    taken: Taken,
    task: JoinHandle<()>,
}

impl Shop {
    pub(super) async fn open(port: u16) -> Result<Self> {
        let (listener, taken) = (TcpListener::bind(("127.0.0.1", port)).await?, Taken::default());
        let told = taken.clone();
        let hook = post(move |headers: HeaderMap, body: String| {
            let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
            if body.contains("\"ticket.purchased\"") {
                told.add(id);
            }
            async { StatusCode::NO_CONTENT }
        });
        let server = axum::serve(listener, Router::new().route("/hook", hook));
        let task = tokio::spawn(async move {
            // It ends with the task.
            let _ = server.await;
        });
        Ok(Self { taken, task })
    }

    pub(super) fn told(&self) -> Result<usize> {
        self.taken.count()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.task.abort();
    }
}
