//! What comes one after another: feeds, and lists that are read piece by piece.

use std::pin::pin;
use std::sync::Arc;

use eventify_core::Error;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use pyo3::prelude::*;
use tokio::sync::{Mutex, watch};

use crate::answers::Answers;
use crate::call::{Items, Pending, Reply};
use crate::engine::Engine;
use crate::own::Own;

/// Answers that come one after another, as JSON; `None` behind the last.
#[pyclass(frozen, module = "eventify._eventify")]
pub(crate) struct Stream {
    open: Own<Open>,
}

struct Open {
    /// `None` once it is closed.
    items: Arc<Mutex<Option<Items>>>,
    /// True once it is closed; gone with the stream.
    is_closed: watch::Sender<bool>,
}

impl Stream {
    pub(crate) fn new(items: Items) -> Self {
        let items = Arc::new(Mutex::new(Some(items)));
        Self { open: Own::new(Open { items, is_closed: watch::Sender::new(false) }) }
    }

    fn pending(&self) -> Pending {
        let Some(Open { items, is_closed }) = self.open.get() else {
            // The engine says first that this is a fork.
            return Box::pin(async { Ok(Reply::End) });
        };
        let (items, mut closed) = (items.clone(), is_closed.subscribe());
        Box::pin(async move {
            let next = next(&items, &mut closed).await;
            // Who closed it while the next one was waited for could not let go of it.
            if is_over(&closed)
                && let Ok(mut items) = items.try_lock()
            {
                *items = None;
            }
            next
        })
    }
}

/// Closed, or nobody has it any more.
fn is_over(closed: &watch::Receiver<bool>) -> bool {
    *closed.borrow() || closed.has_changed().is_err()
}

async fn next(items: &Mutex<Option<Items>>, closed: &mut watch::Receiver<bool>) -> Result<Reply, Error> {
    let mut items = items.lock().await;
    let Some(open) = items.as_mut() else { return Ok(Reply::End) };
    let closing = pin!(closed.wait_for(|is_closed| *is_closed));
    match select(closing, open.next()).await {
        Either::Right((Some(item), _)) => item.map(Reply::Json),
        Either::Right((None, _)) | Either::Left(_) => Ok(Reply::End),
    }
}

#[pymethods]
impl Stream {
    /// Waits for the next one.
    fn next(&self, py: Python<'_>, engine: &Engine) -> PyResult<Py<PyAny>> {
        engine.wait_for_next(py, self.pending())
    }

    /// The next one, for a future of asyncio's.
    fn ask(&self, py: Python<'_>, engine: &Engine, answers: &Answers, future: Py<PyAny>) -> PyResult<()> {
        engine.answer(py, self.pending(), answers, future)
    }

    /// Lets go of it. Whoever waits for the next one hears that there is none. A fork leaves what is the parent's.
    fn close(&self) {
        let Some(Open { items, is_closed }) = self.open.get() else { return };
        is_closed.send_replace(true);
        // Otherwise whoever waits lets go of it.
        if let Ok(mut items) = items.try_lock() {
            *items = None;
        }
    }
}
