//! A few threads for reads that may take long.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use eventify_core::store::{StoreError, StoreErrorKind};
use tokio::sync::{Semaphore, oneshot};

/// Reads that may wait for a thread; more wait outside.
const QUEUE_READS_MAX: usize = 1_024;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that run short reads.
#[derive(Debug)]
pub(crate) struct Pool {
    queue: Arc<Queue>,
    room: Arc<Semaphore>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    is_over: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

impl Pool {
    pub(crate) fn start(threads: usize) -> std::io::Result<Self> {
        let queue = Arc::<Queue>::default();
        let mut pool = Self {
            queue: queue.clone(),
            room: Arc::new(Semaphore::new(QUEUE_READS_MAX)),
            threads: Vec::new(),
        };
        for n in 0..threads {
            let queue = queue.clone();
            let thread = thread::Builder::new()
                .name(format!("eventify-redb-reader-{n}"))
                .spawn(move || queue.serve())?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// Runs a read on one of the threads.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        read: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = || StoreError::new(StoreErrorKind::Unavailable, operation, "the store is closed");
        let room = self.room.clone().acquire_owned().await.map_err(|_| gone())?;
        let (reply, answer) = oneshot::channel();
        self.queue.push(Box::new(move || {
            // The place is given back when the read was, also when nobody waits for it any more.
            let _room = room;
            if !reply.is_closed() {
                // Whoever waited may have gone away meanwhile.
                let _ = reply.send(read());
            }
        }));
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Finishes what was taken in and ends the threads.
    pub(crate) fn stop(&mut self) {
        self.queue.state().is_over = true;
        self.queue.changed.notify_all();
        for thread in self.threads.drain(..) {
            // Reads catch the database's panics; there is nothing else to learn from it.
            let _ = thread.join();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) {
        self.state().jobs.push_back(job);
        self.changed.notify_one();
    }

    fn serve(&self) {
        let mut state = self.state();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job();
                state = self.state();
            } else if state.is_over {
                return;
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}
