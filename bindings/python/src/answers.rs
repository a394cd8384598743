//! Answers on their way to an event loop.
//!
//! A thread of the engine puts an answer into a queue and, when the queue was empty, a byte into a socket; the event loop reads
//! the socket and takes everything that is there. So the engine's threads never wait for the interpreter's lock, and a crowd's
//! answers wake the loop once.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

use eventify_core::Error;
use pyo3::prelude::*;
use pyo3::{intern, types::PyAnyMethods};

use crate::call::Reply;
use crate::error::Failure;

type Answer = (Py<PyAny>, Result<Reply, Failure>);

/// The answers for one event loop.
#[pyclass(frozen, module = "eventify._eventify")]
pub(crate) struct Answers {
    queue: Arc<Queue>,
    bell: UnixStream,
}

/// Where the engine's threads put answers.
pub(crate) struct Queue {
    ready: Mutex<Vec<Answer>>,
    bell: UnixStream,
}

impl Queue {
    fn put(&self, answer: Answer) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.push(answer);
        let is_first = ready.len() == 1;
        drop(ready);
        if is_first {
            // A full socket has rung already, and a closed one has nobody to wake.
            let _ = (&self.bell).write(&[1]);
        }
    }
}

/// A future that somebody awaits. Whatever becomes of the work, it is answered.
pub(crate) struct Awaited {
    queue: Arc<Queue>,
    future: Option<Py<PyAny>>,
}

impl Awaited {
    pub(crate) fn answer(mut self, result: Result<Reply, Failure>) {
        if let Some(future) = self.future.take() {
            self.queue.put((future, result));
        }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            let failure = if std::thread::panicking() {
                Failure::Core(Error::internal("the engine panicked"))
            } else {
                Failure::Closed
            };
            self.queue.put((future, Err(failure)));
        }
    }
}

impl Answers {
    pub(crate) fn awaited(&self, future: Py<PyAny>) -> Awaited {
        Awaited { queue: self.queue.clone(), future: Some(future) }
    }
}

#[pymethods]
impl Answers {
    #[new]
    fn new() -> PyResult<Self> {
        let (bell, rung) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        rung.set_nonblocking(true)?;
        Ok(Self { queue: Arc::new(Queue { ready: Mutex::default(), bell: rung }), bell })
    }

    /// What the event loop reads.
    fn fileno(&self) -> i32 {
        self.bell.as_raw_fd()
    }

    /// Gives every answer that is there to its future.
    fn deliver(&self, py: Python<'_>) {
        let mut rings = [0; 64];
        while (&self.bell).read(&mut rings).is_ok_and(|n| n == rings.len()) {}
        let ready = std::mem::take(&mut *self.queue.ready.lock().unwrap_or_else(PoisonError::into_inner));
        for (future, result) in ready {
            let future = future.bind(py);
            // One that fails – its loop is closed – keeps no other from its answer.
            if let Err(failed) = give(py, future, result) {
                failed.write_unraisable(py, Some(future));
            }
        }
    }
}

fn give(py: Python<'_>, future: &Bound<'_, PyAny>, result: Result<Reply, Failure>) -> PyResult<()> {
    // Whoever awaited it may have been cancelled meanwhile: the work is done all the same.
    if future.call_method0(intern!(py, "done"))?.is_truthy()? {
        return Ok(());
    }
    match result.map_err(|failure| failure.into_exception(py)).and_then(|reply| reply.into_python(py)) {
        Ok(answer) => future.call_method1(intern!(py, "set_result"), (answer,))?,
        Err(exception) => future.call_method1(intern!(py, "set_exception"), (exception,))?,
    };
    Ok(())
}
