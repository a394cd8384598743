//! Waiting for an answer on the thread that asked.
//!
//! That thread drives its call itself: what is there already costs no other thread a turn. Whoever closes the engine meanwhile ends
//! the waiting, and what is under way when somebody gives up goes on without them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use eventify_core::Error;
use pyo3::prelude::*;
use tokio::runtime::Handle;

use crate::call::{Pending, Reply};
use crate::error::Failure;

/// How often whoever waits looks after signals, such as Ctrl-C, and after the end of the engine.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Where calls are driven, as long as it is there.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    runtime: Handle,
    /// True once the runtime is about to end: what uses its timers and sockets panics then.
    is_over: Arc<RwLock<bool>>,
}

/// How far a call came while somebody looked.
enum Look {
    Answered(Result<Reply, Failure>),
    NotYet,
}

impl Place {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self { runtime, is_over: Arc::default() }
    }

    pub(crate) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Ends the waiting of everybody, before the runtime ends. Waits for those who drive their call at this moment.
    pub(crate) fn end(&self) {
        *self.is_over.write().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Waits for an answer without the interpreter's lock, and for signals. What was asked for is done wholly or not at all, whoever
    /// waits for it.
    pub(crate) fn wait(&self, py: Python<'_>, pending: Pending) -> PyResult<Py<PyAny>> {
        self.wait_or(py, pending, |pending| drop(self.runtime.spawn(pending)))
    }

    /// The same for what comes one after another: nobody takes the next one from whoever asks again.
    pub(crate) fn wait_for_next(&self, py: Python<'_>, pending: Pending) -> PyResult<Py<PyAny>> {
        self.wait_or(py, pending, drop)
    }

    fn wait_or(
        &self,
        py: Python<'_>,
        mut pending: Pending,
        give_up: impl FnOnce(Pending),
    ) -> PyResult<Py<PyAny>> {
        loop {
            match py.detach(|| self.look(&mut pending)) {
                Look::Answered(answer) => {
                    return answer.map_err(|failure| failure.into_exception(py))?.into_python(py);
                }
                Look::NotYet => {}
            }
            if let Err(given_up) = py.check_signals() {
                give_up(pending);
                return Err(given_up);
            }
        }
    }

    /// Drives a call until there is an answer, or nothing happened for a while.
    fn look(&self, pending: &mut Pending) -> Look {
        let bell = Arc::new(Bell { rung: AtomicBool::new(false), sleeper: thread::current() });
        let waker = Waker::from(bell.clone());
        loop {
            if let Some(answer) = self.poll(pending, &mut Context::from_waker(&waker)) {
                return Look::Answered(answer);
            }
            thread::park_timeout(LOOK_EVERY);
            if !bell.rung.swap(false, Ordering::Acquire) {
                return Look::NotYet;
            }
        }
    }

    fn poll(&self, pending: &mut Pending, context: &mut Context<'_>) -> Option<Result<Reply, Failure>> {
        let is_over = self.is_over.read().unwrap_or_else(PoisonError::into_inner);
        if *is_over {
            return Some(Err(Failure::Closed));
        }
        let _runtime = self.runtime.enter();
        match catch_unwind(AssertUnwindSafe(|| pending.as_mut().poll(context))) {
            Ok(Poll::Ready(answer)) => Some(answer.map_err(Failure::from)),
            Ok(Poll::Pending) => None,
            Err(_) => Some(Err(Failure::Core(Error::internal("the engine panicked")))),
        }
    }
}

/// Wakes the thread that waits.
struct Bell {
    rung: AtomicBool,
    sleeper: Thread,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.sleeper.unpark();
    }
}
