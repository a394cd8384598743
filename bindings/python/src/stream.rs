//! What comes one after another: feeds, and lists that are read piece by piece.

use std::sync::Arc;

use eventify_core::Error;
use futures_util::StreamExt;
use pyo3::prelude::*;
use tokio::sync::Mutex;

use crate::answers::Answers;
use crate::call::{Items, Pending, Reply};
use crate::engine::Engine;

/// Answers that come one after another, as JSON; `None` behind the last.
#[pyclass(frozen, module = "eventify._eventify")]
pub(crate) struct Stream {
    /// `None` once it is closed.
    items: Arc<Mutex<Option<Items>>>,
}

impl Stream {
    pub(crate) fn new(items: Items) -> Self {
        Self { items: Arc::new(Mutex::new(Some(items))) }
    }

    fn pending(&self) -> Pending {
        let items = self.items.clone();
        Box::pin(async move {
            let mut items = items.lock().await;
            let Some(open) = items.as_mut() else { return Ok(Reply::End) };
            match open.next().await {
                Some(item) => item.map(Reply::Json),
                None => Ok::<_, Error>(Reply::End),
            }
        })
    }
}

#[pymethods]
impl Stream {
    /// Waits for the next one.
    fn next(&self, py: Python<'_>, engine: &Engine) -> PyResult<Py<PyAny>> {
        engine.wait(py, self.pending())
    }

    /// The next one, for a future of asyncio's.
    fn ask(&self, py: Python<'_>, engine: &Engine, answers: &Answers, future: Py<PyAny>) -> PyResult<()> {
        engine.answer(py, self.pending(), answers, future)
    }

    /// Lets go of it, unless somebody waits for the next one: then it ends with them.
    fn close(&self) {
        if let Ok(mut items) = self.items.try_lock() {
            *items = None;
        }
    }
}
