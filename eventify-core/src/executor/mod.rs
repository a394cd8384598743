//! Between commands and the store: lanes that turn whatever queued into one commit.

mod batch;
mod drive;
mod lane;
mod line;
mod peers;
mod pending;
mod recall;
mod settle;
mod turns;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, RwLock};

use serde::Serialize;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use crate::bells::Bells;
use crate::command::{Answer, Call, Command, Idempotency, LaneKey};
use crate::context::{Clock, Entropy, Settings};
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::keyring::{Keyring, Keys};
use crate::notification::Outlets;
use crate::payment::Providers;
use crate::signing::SigningKeys;
use crate::stats::Watchers;
use crate::store::{EngineId, Store};
use crate::text::Texts;
use drive::{Drive, Idle};
use line::Line;
pub(crate) use peers::Ear;
use pending::{Pending, Submission};

/// Commands that one lane may have waiting; more are refused with `overloaded`.
pub(crate) const QUEUE_COMMANDS_MAX: usize = 8_192;
/// Commands that one commit may carry.
pub(crate) const BATCH_COMMANDS_MAX: usize = 512;
/// What the commands of one commit may weigh together (`Command::weight`): some ten thousand records.
pub(crate) const BATCH_WEIGHT_MAX: u32 = 2_000;

/// What every lane needs.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) id: EngineId,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) settings: Settings,
    pub(crate) outlets: Outlets,
    pub(crate) providers: Providers,
    pub(crate) texts: Arc<Texts>,
    pub(crate) keys: Keys,
    /// By which tickets are signed.
    pub(crate) signing_keys: SigningKeys,
    /// Who waits for news of a person's history.
    pub(crate) feeds: Bells<UserId>,
    /// Who watches an event, here and elsewhere.
    pub(crate) watchers: Watchers,
    /// Whether this process works off jobs by itself.
    pub(crate) has_worker: bool,
    /// Wakes the worker when a commit wrote a job.
    pub(crate) jobs_changed: Notify,
}

impl Core {
    pub(crate) fn keyring(&self) -> Arc<Keyring> {
        self.keys.newest()
    }
}

/// The way into a lane.
#[derive(Debug, Clone)]
struct Entrance {
    sender: mpsc::Sender<Box<dyn Pending>>,
    drive: Arc<Drive>,
}

/// The lanes of one running engine.
#[derive(Debug)]
pub(crate) struct Executor {
    entrances: RwLock<Vec<Entrance>>,
    tasks: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
    core: Arc<Core>,
    runtime: tokio::runtime::Handle,
    /// Commands of others than the worker.
    handed_in: AtomicU64,
}

impl Executor {
    /// Starts the lanes on a runtime.
    pub(crate) fn start(core: Arc<Core>, runtime: &tokio::runtime::Handle) -> Self {
        let lanes = core.store.lanes_max().max(1);
        let mut entrances = Vec::with_capacity(lanes);
        let mut tasks = Vec::with_capacity(lanes);
        for _ in 0..lanes {
            let (sender, receiver) = mpsc::channel(QUEUE_COMMANDS_MAX);
            let is_idle = Idle::default();
            let drive = Drive::new(lane::run(core.clone(), Line::new(receiver, is_idle.clone())), is_idle);
            tasks.push(runtime.spawn(drive.clone().run()));
            entrances.push(Entrance { sender, drive });
        }
        Self {
            entrances: RwLock::new(entrances),
            tasks: tokio::sync::Mutex::new(tasks),
            core,
            runtime: runtime.clone(),
            handed_in: AtomicU64::new(0),
        }
    }

    /// How many commands were ever handed in, but for the worker's own.
    pub(crate) fn handed_in(&self) -> u64 {
        self.handed_in.load(Relaxed)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Where the lanes run.
    pub(crate) const fn runtime(&self) -> &tokio::runtime::Handle {
        &self.runtime
    }

    /// Hands a command in and waits for its durable answer. Dropping the future does not take the command back.
    pub(crate) async fn submit<C: Command + Serialize>(
        &self,
        call: &Call,
        command: C,
    ) -> Result<Answer<C::Reply>, Error> {
        let idempotency = call.idempotency(&command)?;
        self.enqueue(command, idempotency).await
    }

    /// The same for commands that nobody repeats with a key.
    pub(crate) async fn decide<C: Command>(&self, command: C) -> Result<C::Reply, Error> {
        self.enqueue(command, None).await.map(Answer::into_inner)
    }

    async fn enqueue<C: Command>(
        &self,
        command: C,
        idempotency: Option<Idempotency>,
    ) -> Result<Answer<C::Reply>, Error> {
        let Entrance { sender, drive } = self.entrance(command.lane())?;
        self.handed_in.fetch_add(u64::from(!C::BY_WORKER), Relaxed);
        let (submission, reply) = Submission::new(command, idempotency);
        let sent = drive.hand_in(&self.runtime, || sender.try_send(Box::new(submission)));
        sent.map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::new(
                Reason::Overloaded,
                "Too many requests wait for the same thing; try again in a moment.",
            ),
            mpsc::error::TrySendError::Closed(_) => shutting_down(),
        })?;
        // The lane answers everything that it accepted, also while shutting down; it is gone only with its runtime.
        reply.await.unwrap_or_else(|_| Err(Error::internal("the answer to a command was lost")))
    }

    fn entrance(&self, key: LaneKey) -> Result<Entrance, Error> {
        let entrances = self.entrances.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let lanes = u64::try_from(entrances.len()).unwrap_or(1);
        if lanes == 0 {
            return Err(shutting_down());
        }
        let lane = usize::try_from(hasher.finish() % lanes).unwrap_or(0);
        entrances.get(lane).cloned().ok_or_else(shutting_down)
    }

    /// Accepts nothing more, finishes what was accepted, and ends the lanes. Whoever comes behind one who gave up waiting waits for
    /// what that one waited for.
    pub(crate) async fn shut_down(&self) {
        self.entrances.write().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        let mut tasks = self.tasks.lock().await;
        while let Some(task) = tasks.last_mut() {
            if let Err(error) = task.await {
                tracing::error!(%error, "a write lane ended badly");
            }
            tasks.pop();
        }
    }
}

fn shutting_down() -> Error {
    Error::new(Reason::ShuttingDown, "The engine is shutting down; try again in a moment.")
}
