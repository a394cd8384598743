//! The engine that an interpreter holds.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use eventify_core::{Actor, Error, Eventify, Settings};
use eventify_notify::outgoing::{OutgoingSettings, Reach};
use eventify_notify::webhooks::HttpWebhooks;
use eventify_store_redb::RedbStore;
use pyo3::prelude::*;
use tokio::runtime::Runtime;

use crate::actor::PyActor;
use crate::answers::Answers;
use crate::call::{Arguments, Pending, Who};
use crate::error::{Failure, raise};
use crate::hosts::{CALLS_MAX, HostNotifier, HostProvider, Provider, Threads};
use crate::operations::OPERATIONS;
use crate::own::Own;
use crate::store;
use crate::wait::Place;

/// How long closing waits for hosts' own code that is still running.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);
/// Threads for the engine's own blocking work, such as passwords. What hosts' code may have comes on top of it.
const BLOCKING_THREADS_MAX: usize = 32;
/// What has hosts' own code read and answer on the thread that drives it.
const BY_HOSTS_CODE: &str = "payments.callback";

/// A running engine.
#[pyclass(frozen, module = "eventify._eventify")]
pub(crate) struct Engine {
    held: Own<Held>,
}

struct Held {
    /// `None` once it is closed.
    running: RwLock<Option<Running>>,
    /// Whoever closes it waits for one who does already.
    closing: Mutex<()>,
}

struct Running {
    eventify: Eventify,
    place: Place,
    /// For callbacks, which hosts' own code reads.
    callbacks: Threads,
    /// `None` for an engine without a file.
    file: Option<Arc<RedbStore>>,
    runtime: OwnRuntime,
}

/// Ends without waiting: whoever collects an engine that nobody closed must not block.
struct OwnRuntime(Option<Runtime>);

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// What a call needs of a running engine.
struct Link {
    eventify: Eventify,
    place: Place,
    callbacks: Threads,
}

impl Held {
    fn link(&self) -> Result<Link, Failure> {
        let running = self.running.read().unwrap_or_else(PoisonError::into_inner);
        let Running { eventify, place, callbacks, .. } = running.as_ref().ok_or(Failure::Closed)?;
        Ok(Link { eventify: eventify.clone(), place: place.clone(), callbacks: callbacks.clone() })
    }

    /// Finishes what was accepted, and lets go of the store, whoever still holds something of it.
    fn close(&self) {
        let _closing = self.closing.lock().unwrap_or_else(PoisonError::into_inner);
        let running = self.running.write().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { eventify, place, file, mut runtime, .. }) = running else { return };
        place.runtime().block_on(eventify.shut_down());
        drop(eventify);
        place.end();
        if let Some(runtime) = runtime.0.take() {
            runtime.shutdown_timeout(CLOSE_WITHIN);
        }
        if let Some(file) = file {
            file.close();
        }
    }
}

impl Engine {
    fn held(&self) -> Result<&Held, Failure> {
        self.held.get().ok_or(Failure::Forked)
    }

    fn link(&self) -> Result<Link, Failure> {
        self.held()?.link()
    }

    fn begin(
        &self,
        number: usize,
        actor: Option<&PyActor>,
        key: Option<String>,
        arguments: String,
    ) -> Result<(Pending, Place), Failure> {
        let Link { eventify, place, callbacks } = self.link()?;
        let unknown = || Error::internal(format!("there is no operation {number}"));
        let (name, operation) = OPERATIONS.get(number).ok_or_else(unknown)?;
        let actor = actor.map_or_else(Actor::anonymous, |of| of.actor.clone());
        let pending = operation(eventify, Who { actor, key }, Arguments::new(arguments));
        Ok((if *name == BY_HOSTS_CODE { callbacks.drive(pending) } else { pending }, place))
    }

    /// Waits for the next of what comes one after another, without the interpreter's lock, and for signals.
    pub(crate) fn wait_for_next(&self, py: Python<'_>, pending: Pending) -> PyResult<Py<PyAny>> {
        let link = self.link().map_err(|failure| failure.into_exception(py))?;
        link.place.wait_for_next(py, pending)
    }

    /// Gives the answer to a future of asyncio's. The work goes on if nobody awaits it any more.
    pub(crate) fn answer(
        &self,
        py: Python<'_>,
        pending: Pending,
        answers: &Answers,
        future: Py<PyAny>,
    ) -> PyResult<()> {
        let link = self.link().map_err(|failure| failure.into_exception(py))?;
        spawn(&link.place, pending, answers, future);
        Ok(())
    }
}

fn spawn(place: &Place, pending: Pending, answers: &Answers, future: Py<PyAny>) {
    let awaited = answers.awaited(future);
    place.runtime().spawn(async move {
        let answer = pending.await;
        awaited.answer(answer.map_err(Failure::from));
    });
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
        let (pending, place) = begun.map_err(|failure| failure.into_exception(py))?;
        place.wait(py, pending)
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
        let (pending, place) = begun.map_err(|failure| failure.into_exception(py))?;
        spawn(&place, pending, answers, future);
        Ok(())
    }

    /// Finishes what was accepted, and lets go of the store.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let held = self.held().map_err(|failure| failure.into_exception(py))?;
        py.detach(|| held.close());
        Ok(())
    }

    /// Refuses to serve a fork.
    fn require_own_process(&self, py: Python<'_>) -> PyResult<()> {
        self.held().map(drop).map_err(|failure| failure.into_exception(py))
    }

    /// Whether it was closed, or is another process's.
    #[getter]
    fn closed(&self) -> bool {
        self.link().is_err()
    }
}

/// What the front says of the host.
#[derive(FromPyObject)]
pub(crate) struct Given {
    settings: String,
    migrate: bool,
    notifier: Option<(Vec<String>, Py<PyAny>)>,
    providers: Vec<Provider>,
    webhooks: Option<String>,
    without_worker: bool,
}

/// The same, understood.
struct Host {
    settings: Settings,
    migrate: bool,
    notifier: Option<HostNotifier>,
    providers: Vec<HostProvider>,
    webhooks: Option<HttpWebhooks>,
    without_worker: bool,
}

impl TryFrom<Given> for Host {
    type Error = Error;

    fn try_from(given: Given) -> Result<Self, Error> {
        let notifier = given.notifier.map(|(channels, deliver)| HostNotifier::new(&channels, deliver));
        Ok(Self {
            settings: Arguments::new(given.settings).value()?,
            migrate: given.migrate,
            notifier: notifier.transpose()?,
            providers: given.providers.into_iter().map(HostProvider::new).collect::<Result<_, Error>>()?,
            webhooks: given.webhooks.map(|reach| webhooks(&reach)).transpose()?,
            without_worker: given.without_worker,
        })
    }
}

/// Who brings facts to the addresses that organizers name.
fn webhooks(reach: &str) -> Result<HttpWebhooks, Error> {
    let reach = match reach {
        "public" => Reach::Public,
        "anywhere" => Reach::Anywhere,
        _ => return Err(Error::invalid("webhooks", "must be \"public\" or \"anywhere\"")),
    };
    HttpWebhooks::new(OutgoingSettings { reach, ..OutgoingSettings::default() })
        .map_err(|e| Error::internal(e.to_string()))
}

/// Opens a store and starts an engine over it.
#[pyfunction]
pub(crate) fn open(py: Python<'_>, url: &str, given: Given) -> PyResult<Engine> {
    let host = Host::try_from(given).map_err(|error| raise(&error))?;
    let running = py.detach(|| start(url, host)).map_err(|error| raise(&error))?;
    let held = Held { running: RwLock::new(Some(running)), closing: Mutex::default() };
    Ok(Engine { held: Own::new(held) })
}

fn start(url: &str, host: Host) -> Result<Running, Error> {
    let hosts = usize::from(host.notifier.is_some()) + host.providers.len();
    // One more for callbacks.
    let has_sockets = store::has_sockets(url) || host.webhooks.is_some();
    let runtime = runtime(BLOCKING_THREADS_MAX + CALLS_MAX * (hosts + 1), has_sockets)?;
    let place = Place::new(runtime.handle().clone());
    let runtime = OwnRuntime(Some(runtime));
    let (eventify, file) = place.runtime().block_on(async {
        let (store, file) = store::open(url, host.migrate).await?;
        let mut builder = Eventify::builder_over(store).settings(host.settings);
        if let Some(notifier) = host.notifier {
            builder = builder.notifier(notifier);
        }
        for provider in host.providers {
            builder = builder.payment_provider(provider);
        }
        if let Some(webhooks) = host.webhooks {
            builder = builder.webhooks(webhooks);
        }
        if host.without_worker {
            builder = builder.without_worker();
        }
        Ok::<_, Error>((builder.start().await?, file))
    })?;
    Ok(Running { eventify, place, callbacks: Threads::default(), file, runtime })
}

/// A thread that watches sockets sleeps in the system's poll, from which it is woken by a write and a read. Who has none sleeps without.
fn runtime(blocking_threads_max: usize, has_sockets: bool) -> Result<Runtime, Error> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime
        .worker_threads(2)
        .max_blocking_threads(blocking_threads_max)
        .thread_name("eventify")
        .enable_time();
    if has_sockets {
        runtime.enable_io();
    }
    runtime.build().map_err(|e| Error::internal(format!("the engine's threads cannot be started: {e}")))
}
