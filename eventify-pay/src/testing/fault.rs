//! Misbehaviour on command.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream;

/// How a request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does nothing, and answers with this status.
    Status(u16),
    /// It does what it is asked, and never answers.
    Silent,
    /// It does nothing, and never answers.
    Deaf,
    /// It does what it is asked, and its answer begins and never ends.
    Trickle,
    /// It does what it is asked, and answers nonsense.
    Malformed,
    /// It does what it is asked, and answers a megabyte.
    Huge,
    /// It does what it is asked, and answers what somebody else changed on the way.
    Spoilt,
    /// It does nothing, and sends the caller elsewhere.
    Redirect,
}

/// The faults that are to come.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Vec<(String, Fault, usize)>>);

impl Faults {
    /// The next so many requests to paths that end so go wrong.
    pub(super) fn add(&self, path_end: &str, fault: Fault, times: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((path_end.to_owned(), fault, times));
    }

    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn next(&self, path: &str) -> Option<Fault> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = faults.iter().position(|(end, _, left)| *left > 0 && path.ends_with(end.as_str()))?;
        faults[at].2 -= 1;
        Some(faults[at].1)
    }

    /// Answers a request, or does not. What the work gives is a status and a body.
    pub(super) async fn answer(&self, path: &str, work: impl FnOnce() -> (u16, String)) -> Response {
        let Some(fault) = self.next(path) else { return respond(work()) };
        match fault {
            Fault::Status(status) => respond((status, String::new())),
            Fault::Redirect => (StatusCode::FOUND, [("location", "/elsewhere")]).into_response(),
            Fault::Deaf => std::future::pending().await,
            Fault::Silent => {
                work();
                std::future::pending().await
            }
            Fault::Trickle => {
                let start: String = work().1.chars().take(10).collect();
                let pieces = stream::once(async { Ok::<_, Infallible>(Bytes::from(start)) });
                Body::from_stream(pieces.chain(stream::pending())).into_response()
            }
            Fault::Malformed => {
                work();
                respond((200, "<<<{".to_owned()))
            }
            Fault::Huge => {
                work();
                respond((200, " ".repeat(1 << 20)))
            }
            Fault::Spoilt => {
                let (status, body) = work();
                respond((status, body.replacen("ok", "OK", 1)))
            }
        }
    }
}

fn respond((status, body): (u16, String)) -> Response {
    (StatusCode::from_u16(status).expect("a status"), body).into_response()
}
