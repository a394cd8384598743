//! The engine that an interpreter holds.

use std::mem::ManuallyDrop;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use eventify_core::{Actor, Error, Eventify, Settings};
use pyo3::prelude::*;
use tokio::runtime::{Handle, Runtime};

use crate::actor::PyActor;
use crate::answers::Answers;
use crate::call::{Arguments, Pending, Who};
use crate::error::{Failure, raise};
use crate::hosts::{HostNotifier, HostProvider, Provider};
use crate::operations::OPERATIONS;
use crate::store;

/// How often whoever waits looks after signals, such as Ctrl-C.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long closing waits for hosts' own code that is still running.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);
/// What a stuck callback of the host must not take from the engine.
const BLOCKING_THREADS_MAX: usize = 32;

/// A running engine.
#[pyclass(frozen, module = "eventify._eventify")]
pub(crate) struct Engine {
    /// `None` once it is closed.
    held: RwLock<Option<ManuallyDrop<Held>>>,
    /// The process that opened it: threads and files are not a fork's.
    process: u32,
}

struct Held {
    eventify: Eventify,
    runtime: Runtime,
}

impl Drop for Engine {
    fn drop(&mut self) {
        // In a fork there are no threads to stop, and the file is the parent's: it must not be touched.
        if self.process == std::process::id()
            && let Some(held) = self.held.get_mut().unwrap_or_else(PoisonError::into_inner).take()
        {
            ManuallyDrop::into_inner(held).runtime.shutdown_background();
        }
    }
}

impl Engine {
    fn require_own_process(&self) -> Result<(), Failure> {
        if self.process == std::process::id() { Ok(()) } else { Err(Failure::Forked) }
    }

    fn held(&self) -> Result<(Eventify, Handle), Failure> {
        self.require_own_process()?;
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let held = held.as_ref().ok_or(Failure::Closed)?;
        Ok((held.eventify.clone(), held.runtime.handle().clone()))
    }

    fn begin(
        &self,
        number: usize,
        actor: Option<&PyActor>,
        key: Option<String>,
        arguments: String,
    ) -> Result<(Pending, Handle), Failure> {
        let (eventify, handle) = self.held()?;
        let unknown = || Error::internal(format!("there is no operation {number}"));
        let (_, operation) = OPERATIONS.get(number).ok_or_else(unknown)?;
        let actor = actor.map_or_else(Actor::anonymous, |of| of.actor.clone());
        Ok((operation(eventify, Who { actor, key }, Arguments::new(arguments)), handle))
    }

    /// Waits for an answer without the interpreter's lock, and for signals.
    pub(crate) fn wait(&self, py: Python<'_>, pending: Pending) -> PyResult<Py<PyAny>> {
        let (_, handle) = self.held().map_err(|failure| failure.into_exception(py))?;
        wait_on(py, &handle, pending)
    }

    /// Gives the answer to a future of asyncio's. The work goes on if nobody awaits it any more.
    pub(crate) fn answer(
        &self,
        py: Python<'_>,
        pending: Pending,
        answers: &Answers,
        future: Py<PyAny>,
    ) -> PyResult<()> {
        let (_, handle) = self.held().map_err(|failure| failure.into_exception(py))?;
        spawn(&handle, pending, answers, future);
        Ok(())
    }
}

fn spawn(handle: &Handle, pending: Pending, answers: &Answers, future: Py<PyAny>) {
    let awaited = answers.awaited(future);
    handle.spawn(async move {
        let answer = pending.await;
        awaited.answer(answer.map_err(Failure::from));
    });
}

fn wait_on(py: Python<'_>, handle: &Handle, mut pending: Pending) -> PyResult<Py<PyAny>> {
    loop {
        let looked = async { tokio::time::timeout(LOOK_EVERY, &mut pending).await };
        match py.detach(|| handle.block_on(looked)) {
            Ok(answer) => return answer.map_err(|error| raise(&error))?.into_python(py),
            // What is under way goes on without whoever gives up here.
            Err(_) => py.check_signals()?,
        }
    }
}

#[pymethods]
impl Engine {
    /// Calls an operation and waits for its answer.
    fn call(
        &self,
        py: Python<'_>,
        number: usize,
        actor: Option<&PyActor>,
        key: Option<String>,
        arguments: String,
    ) -> PyResult<Py<PyAny>> {
        let begun = self.begin(number, actor, key, arguments);
        let (pending, handle) = begun.map_err(|failure| failure.into_exception(py))?;
        wait_on(py, &handle, pending)
    }

    /// Calls an operation, and gives its answer to a future of asyncio's.
    #[allow(clippy::too_many_arguments, reason = "the interpreter's side calls by position")]
    fn ask(
        &self,
        py: Python<'_>,
        answers: &Answers,
        future: Py<PyAny>,
        number: usize,
        actor: Option<&PyActor>,
        key: Option<String>,
        arguments: String,
    ) -> PyResult<()> {
        let begun = self.begin(number, actor, key, arguments);
        let (pending, handle) = begun.map_err(|failure| failure.into_exception(py))?;
        spawn(&handle, pending, answers, future);
        Ok(())
    }

    /// Finishes what was accepted, and lets go of the store.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.require_own_process().map_err(|failure| failure.into_exception(py))?;
        let held = self.held.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(held) = held {
            py.detach(|| {
                let Held { eventify, runtime } = ManuallyDrop::into_inner(held);
                runtime.block_on(eventify.shut_down());
                drop(eventify);
                runtime.shutdown_timeout(CLOSE_WITHIN);
            });
        }
        Ok(())
    }

    /// Whether it was closed, or is another process's.
    #[getter]
    fn closed(&self) -> bool {
        self.held().is_err()
    }
}

/// Opens a store and starts an engine over it.
#[pyfunction]
pub(crate) fn open(
    py: Python<'_>,
    url: &str,
    settings: String,
    migrate: bool,
    notifier: Option<(Vec<String>, Py<PyAny>)>,
    providers: Vec<Provider>,
) -> PyResult<Engine> {
    let settings: Settings = Arguments::new(settings).value().map_err(|error| raise(&error))?;
    let notifier = notifier.map(|(channels, deliver)| HostNotifier::new(&channels, deliver)).transpose();
    let notifier = notifier.map_err(|error| raise(&error))?;
    let providers = providers.into_iter().map(HostProvider::new).collect::<Result<Vec<_>, Error>>();
    let providers = providers.map_err(|error| raise(&error))?;
    let held = py.detach(|| {
        let runtime = runtime()?;
        let started = runtime.block_on(async {
            let mut builder = Eventify::builder_over(store::open(url, migrate).await?).settings(settings);
            if let Some(notifier) = notifier {
                builder = builder.notifier(notifier);
            }
            for provider in providers {
                builder = builder.payment_provider(provider);
            }
            builder.start().await
        });
        match started {
            Ok(eventify) => Ok(Held { eventify, runtime }),
            Err(error) => {
                runtime.shutdown_background();
                Err(error)
            }
        }
    });
    let held = held.map_err(|error: Error| raise(&error))?;
    Ok(Engine { held: RwLock::new(Some(ManuallyDrop::new(held))), process: std::process::id() })
}

fn runtime() -> Result<Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_name("eventify")
        .enable_all()
        .build()
        .map_err(|e| Error::internal(format!("the engine's threads cannot be started: {e}")))
}
