//! Refusals, as exceptions of the front.

use eventify_core::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Why there is no answer.
pub(crate) enum Failure {
    /// The engine refused, or failed.
    Core(Error),
    /// The engine was closed.
    Closed,
    /// The process is a fork of the one that opened the engine.
    Forked,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl Failure {
    pub(crate) fn into_exception(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Core(error) => exception(py, &error),
            Self::Closed => own(py, "closed"),
            Self::Forked => own(py, "forked"),
        }
    }
}

/// The exception of a refusal.
pub(crate) fn raise(error: &Error) -> PyErr {
    Python::attach(|py| exception(py, error))
}

fn exception(py: Python<'_>, error: &Error) -> PyErr {
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let kind = format!("{:?}", error.category());
    let fields = serde_json::to_string(error.fields()).unwrap_or_default();
    let details = serde_json::to_string(error.details()).unwrap_or_default();
    let retry_after = error.retry_after().map(|wait| wait.as_secs_f64());
    let code = error.reason().code();
    let said = (kind, code, error.message(), error.is_retryable(), retry_after, fields, details);
    let made = MAKE.import(py, "eventify._error", "made").and_then(|make| make.call1(said));
    made.map_or_else(|failed| failed, PyErr::from_value)
}

fn own(py: Python<'_>, which: &str) -> PyErr {
    static OWN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let made = OWN.import(py, "eventify._error", "own").and_then(|make| make.call1((which,)));
    made.map_or_else(|failed| failed, PyErr::from_value)
}
