//! A call on its way in, and its answer on the way out.

use std::pin::Pin;

use eventify_core::error::{Error, Reason};
use eventify_core::store::Version;
use eventify_core::{Actor, Answer, Call, Eventify, Fetched, IfMatch};
use futures_util::{Stream, StreamExt, TryStreamExt};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::actor::PyActor;
use crate::{positions, stream};

/// A call that is under way.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send>>;
/// One line of the table of operations.
pub(crate) type Operation = fn(Eventify, Who, Arguments) -> Pending;
/// Answers that come one after another, as JSON.
pub(crate) type Items = Pin<Box<dyn Stream<Item = Result<String, Error>> + Send>>;

/// Who asks, and under which idempotency key.
pub(crate) struct Who {
    pub(crate) actor: Actor,
    pub(crate) key: Option<String>,
}

impl Who {
    pub(crate) fn call(&self) -> Call {
        match &self.key {
            Some(key) => self.actor.with_idempotency_key(key),
            None => Call::from(&self.actor),
        }
    }
}

/// What a call asks for: a line of JSON for each parameter.
pub(crate) struct Arguments {
    text: String,
    at: usize,
}

impl Arguments {
    pub(crate) const fn new(text: String) -> Self {
        Self { text, at: 0 }
    }

    /// The next parameter.
    pub(crate) fn value<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let mut json = serde_json::Deserializer::from_str(line);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let message = error.inner().to_string();
            // A position tells a person nothing who wrote no JSON.
            let message = message.rfind(" at line ").and_then(|end| message.get(..end)).unwrap_or(&message);
            match error.path().to_string().as_str() {
                "." => Error::new(Reason::InvalidValue, message),
                path => Error::invalid(path, message),
            }
        })?;
        self.at += line.len() + 1;
        Ok(value)
    }

    /// The version that was seen.
    pub(crate) fn if_match(&mut self) -> Result<IfMatch, Error> {
        let seen: Option<u64> = self.value()?;
        Ok(seen.map_or(IfMatch::Any, |number| IfMatch::Version(Version::new(number))))
    }
}

/// An answer, before the interpreter sees it.
pub(crate) enum Reply {
    Json(String),
    Fetched(String, u64),
    Replayed(String, bool),
    Bytes(Vec<u8>),
    Actor(Actor),
    Items(Items),
    /// A stream is over.
    End,
}

impl Reply {
    pub(crate) fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(match self {
            Self::Json(text) => PyString::new(py, &text).into_any().unbind(),
            Self::Fetched(text, version) => (text, version).into_pyobject(py)?.into_any().unbind(),
            Self::Replayed(text, replayed) => (text, replayed).into_pyobject(py)?.into_any().unbind(),
            Self::Bytes(bytes) => PyBytes::new(py, &bytes).into_any().unbind(),
            Self::Actor(actor) => Bound::new(py, PyActor::from(actor))?.into_any().unbind(),
            Self::Items(items) => Bound::new(py, stream::Stream::new(items))?.into_any().unbind(),
            Self::End => py.None(),
        })
    }
}

/// A value as the front reads it.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Error> {
    positions::to_string(value).map_err(|e| Error::internal(format!("an answer cannot be written: {e}")))
}

#[allow(clippy::needless_pass_by_value, reason = "the answer is over when it is written")]
pub(crate) fn plain(value: impl Serialize) -> Result<Reply, Error> {
    json(&value).map(Reply::Json)
}

#[allow(clippy::needless_pass_by_value, reason = "as above")]
pub(crate) fn fetched<T: Serialize>(answer: Fetched<T>) -> Result<Reply, Error> {
    Ok(Reply::Fetched(json(&*answer)?, answer.version().number()))
}

#[allow(clippy::needless_pass_by_value, reason = "as above")]
pub(crate) fn replayed<T: Serialize>(answer: Answer<T>) -> Result<Reply, Error> {
    Ok(Reply::Replayed(json(&*answer)?, answer.is_replayed()))
}

#[allow(clippy::unnecessary_wraps, reason = "as the others")]
pub(crate) const fn bytes(answer: Vec<u8>) -> Result<Reply, Error> {
    Ok(Reply::Bytes(answer))
}

#[allow(clippy::unnecessary_wraps, reason = "as the others")]
pub(crate) const fn actor(answer: Actor) -> Result<Reply, Error> {
    Ok(Reply::Actor(answer))
}

#[allow(clippy::unnecessary_wraps, reason = "as the others")]
pub(crate) fn feed<T: Serialize>(
    feed: impl Stream<Item = Result<T, Error>> + Send + 'static,
) -> Result<Reply, Error> {
    Ok(Reply::Items(feed.and_then(|item| std::future::ready(json(&item))).boxed()))
}

/// A line of the table.
macro_rules! operation {
    ($e:ident, $who:ident, $a:ident => $reply:expr) => {
        |$e: eventify_core::Eventify, $who: $crate::call::Who, mut $a: $crate::call::Arguments| {
            let _ = (&$who, &mut $a);
            Box::pin(async move { $reply })
        }
    };
}

/// An answer that is read piece by piece.
macro_rules! pieces {
    ($e:ident, $x:ident, $begun:expr, $next:expr) => {{
        let begun = $begun;
        let pieces = futures_util::stream::try_unfold(($e.clone(), begun), |($e, mut $x)| async move {
            let piece = $next.await?;
            let piece = piece.map(|piece| $crate::call::json(&piece)).transpose()?;
            Ok::<_, eventify_core::Error>(piece.map(|piece| (piece, ($e, $x))))
        });
        Ok($crate::call::Reply::Items(Box::pin(pieces)))
    }};
}

pub(crate) use operation;
pub(crate) use pieces;
