//! What lies between redb and its storage, and holds back what must not reach it yet. Reads see what is held back.
//!
//! - **Until a file is known to be a store that we understand**, everything that opening a database writes: redb marks
//!   and repairs a file before anybody could look inside. A file that is refused is never written to.
//! - **What a commit writes**, until somebody writes it out: making a transaction takes a processor and making it
//!   durable takes the disk, so the next one is made while the last one is written out. The storage gets the same
//!   writes and syncs, in redb's order, only later, so a power cut leaves what it would have left a moment before.
//!   Nobody is told of a commit before its sync is through, and nobody reads it (`snapshots.rs`).

use std::collections::VecDeque;
use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use redb::{BackendError, StorageBackend};

use super::engine::panic_message;
use super::pages::{Pages, width};

/// Commits that may wait to be written out: one that is, and one behind it.
const COMMITS_MAX: usize = 2;

/// What a commit may hold back in memory; more is written out while it is made.
const HELD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Is told that what a commit wrote is durable, or why nobody can know.
pub(crate) type Done = Box<dyn FnOnce(Result<(), String>) + Send>;

/// The gate; clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Handle>);

/// Its thread ends with it.
#[derive(Debug)]
struct Handle {
    gate: Arc<Inner>,
    /// Writes out; started when first needed.
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Inner {
    backend: Box<dyn StorageBackend>,
    /// As it was set last, so that asking costs no system call.
    len: AtomicU64,
    /// Whether nothing is held back, so that everything goes straight to the storage.
    is_open: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    /// In the order in which they came.
    ops: VecDeque<Op>,
    /// How many of them may be written out.
    ready: usize,
    /// What the others hold.
    held_bytes: usize,
    /// Somebody is at the first of them.
    is_flushing: bool,
    /// Commits among them.
    commits: usize,
    /// Why what was held back is lost, and nothing goes through any more.
    lost: Option<String>,
    is_over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Everything is held back until the file is known.
    Shut,
    /// A commit is made.
    Behind,
    /// Whatever comes waits for what is held back, and goes through.
    Through,
}

/// Something that is to happen to the storage.
enum Op {
    Write(Arc<Pages>),
    SetLen(u64),
    Sync,
    Tell(Done),
}

impl std::fmt::Debug for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Write(_) => "Write",
            Self::SetLen(_) => "SetLen",
            Self::Sync => "Sync",
            Self::Tell(_) => "Tell",
        })
    }
}

impl Gate {
    pub(crate) fn new(backend: Box<dyn StorageBackend>) -> io::Result<Self> {
        let len = AtomicU64::new(backend.len()?);
        let state = State {
            mode: Mode::Shut,
            ops: VecDeque::new(),
            ready: 0,
            held_bytes: 0,
            is_flushing: false,
            commits: 0,
            lost: None,
            is_over: false,
        };
        let (is_open, changed) = (AtomicBool::new(false), Condvar::new());
        let gate = Arc::new(Inner { backend, len, is_open, state: Mutex::new(state), changed });
        Ok(Self(Arc::new(Handle { gate, thread: Mutex::default() })))
    }

    /// Does what was held back, in the same order, and holds nothing back from now on.
    pub(crate) fn release(&self) -> io::Result<()> {
        self.hand_over(None);
        self.0.gate.flush();
        let state = self.0.gate.state();
        state.check()
    }

    /// The length of the storage in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.gate.len.load(Ordering::Relaxed)
    }

    /// Holds back from now on what a commit writes. Waits while too many wait to be written out.
    pub(crate) fn begin(&self) -> io::Result<()> {
        let gate = &self.0.gate;
        let mut state = gate.wait_while(|state| state.commits >= COMMITS_MAX);
        state.check()?;
        state.mode = Mode::Behind;
        gate.is_open.store(false, Ordering::Release);
        Ok(())
    }

    /// Ends what [`Gate::begin`] began: what it held back is written out, on the thread that asks if it is to be `now`.
    /// `done` is called when all of it is durable, on whatever thread.
    pub(crate) fn finish(&self, done: Option<Done>, now: bool) {
        self.hand_over(done);
        if now || !self.0.has_thread() {
            self.0.gate.flush();
        } else {
            self.0.gate.changed.notify_all();
        }
    }

    fn hand_over(&self, done: Option<Done>) {
        let mut state = self.0.gate.state();
        state.mode = Mode::Through;
        if let Some(why) = state.lost.clone() {
            drop(state);
            return tell(done.map(Op::Tell), Err(why));
        }
        if let Some(done) = done {
            state.commits += 1;
            state.ops.push_back(Op::Tell(done));
        }
        state.let_out();
        self.0.gate.reopen(&state);
    }

    /// Waits until everything is written out that is to be, or lost.
    pub(crate) fn drain(&self) {
        drop(self.0.gate.drained());
    }
}

impl Handle {
    /// Whether there is a thread to write out; none can be started where the system has none left.
    fn has_thread(&self) -> bool {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let gate = self.gate.clone();
            let named = thread::Builder::new().name("eventify-redb-disk".to_owned());
            *thread = named.spawn(move || gate.serve()).ok();
        }
        thread.is_some()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.gate.state().is_over = true;
        self.gate.changed.notify_all();
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // What it told somebody may have been the last that held the database.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != thread::current().id()) {
            // It catches what its callers panic with; there is nothing else to learn from it.
            let _ = thread.join();
        }
    }
}

impl State {
    /// All that is held back may be written out.
    fn let_out(&mut self) {
        self.ready = self.ops.len();
        self.held_bytes = 0;
    }

    fn check(&self) -> io::Result<()> {
        self.lost.as_ref().map_or(Ok(()), |why| Err(io::Error::other(why.clone())))
    }

    fn hold(&mut self, offset: u64, data: &[u8]) {
        self.held_bytes = self.held_bytes.saturating_add(data.len());
        // Not into what may be written out already.
        if self.ops.len() > self.ready
            && let Some(Op::Write(pages)) = self.ops.back_mut()
            && let Some(pages) = Arc::get_mut(pages)
            && pages.put(offset, data)
        {
            return;
        }
        let mut pages = Pages::default();
        pages.put(offset, data);
        self.ops.push_back(Op::Write(Arc::new(pages)));
    }

    /// The newest of what is held back for this place or for parts of it.
    fn newest_over(&self, offset: u64, len: usize) -> Option<(u64, &[u8])> {
        self.ops.iter().rev().find_map(|op| match op {
            Op::Write(pages) => pages.over(offset, len).next(),
            _ => None,
        })
    }

    /// Lays all that is held back over what the storage has in a place.
    fn overlay(&self, offset: u64, out: &mut [u8]) {
        for op in &self.ops {
            match op {
                Op::Write(pages) => pages.overlay(offset, out),
                Op::SetLen(len) => {
                    let kept = usize::try_from(len.saturating_sub(offset)).unwrap_or(usize::MAX);
                    out.iter_mut().skip(kept).for_each(|byte| *byte = 0);
                }
                Op::Sync | Op::Tell(_) => {}
            }
        }
    }

    fn sets_len(&self) -> bool {
        self.ops.iter().any(|op| matches!(op, Op::SetLen(_)))
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, is_so: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let mut state = self.state();
        while state.lost.is_none() && is_so(&state) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }

    fn drained(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        while state.is_flushing || state.ready > 0 {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }

    fn reopen(&self, state: &State) {
        let is_open = state.mode == Mode::Through && state.ops.is_empty() && state.lost.is_none();
        self.is_open.store(is_open, Ordering::Release);
    }

    fn goes_through(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// Writes out what is ready, unless somebody does.
    fn flush(&self) {
        loop {
            let mut state = self.state();
            if state.is_flushing || state.ready == 0 {
                return;
            }
            state.is_flushing = true;
            let done = match state.ops.front() {
                Some(Op::Write(pages)) => {
                    let pages = pages.clone();
                    drop(state);
                    guarded(|| pages.write_to(&*self.backend))
                }
                Some(Op::SetLen(len)) => {
                    let len = *len;
                    drop(state);
                    guarded(|| self.backend.set_len(len))
                }
                Some(Op::Sync) => {
                    drop(state);
                    guarded(|| self.backend.sync_data())
                }
                Some(Op::Tell(_)) | None => {
                    let told = state.ops.pop_front();
                    state.ready -= 1;
                    state.commits -= usize::from(told.is_some());
                    drop(state);
                    tell(told, Ok(()));
                    self.end_op(false);
                    continue;
                }
            };
            match done {
                Ok(()) => self.end_op(true),
                Err(error) => self.lose(&error),
            }
        }
    }

    fn end_op(&self, is_to_go: bool) {
        let mut state = self.state();
        let gone = is_to_go.then(|| state.ops.pop_front());
        state.ready -= usize::from(is_to_go);
        state.is_flushing = false;
        self.reopen(&state);
        drop(state);
        self.changed.notify_all();
        drop(gone);
    }

    /// Nothing goes through any more, and whoever waits is told.
    fn lose(&self, error: &io::Error) {
        let why = error.to_string();
        let mut state = self.state();
        state.lost = Some(why.clone());
        let ops = std::mem::take(&mut state.ops);
        (state.ready, state.commits) = (0, 0);
        drop(state);
        ops.into_iter().for_each(|op| tell(Some(op), Err(why.clone())));
        self.state().is_flushing = false;
        self.changed.notify_all();
    }

    /// The thread.
    fn serve(&self) {
        loop {
            let mut state = self.state();
            while state.is_flushing || state.ready == 0 {
                if state.is_over {
                    return;
                }
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            drop(state);
            self.flush();
        }
    }
}

/// A storage that panics has failed, and whoever waits is told.
fn guarded(work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(io::Error::other(panic_message(&*panic))))
}

fn tell(op: Option<Op>, how: Result<(), String>) {
    if let Some(Op::Tell(done)) = op {
        // A panic in there must not keep everybody else from being told.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| done(how)));
    }
}

impl StorageBackend for Gate {
    fn len(&self) -> io::Result<u64> {
        if self.0.gate.goes_through() { self.0.gate.backend.len() } else { Ok(self.bytes()) }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let gate = &self.0.gate;
        if gate.goes_through() {
            return gate.backend.read(offset, out);
        }
        let state = gate.state();
        state.check()?;
        if state.mode != Mode::Shut && !state.sets_len() {
            match state.newest_over(offset, out.len()) {
                Some((at, page)) if at == offset && page.len() == out.len() => {
                    out.copy_from_slice(page);
                    return Ok(());
                }
                Some(_) => {}
                // Nobody writes where somebody reads, so it stays so.
                None => {
                    drop(state);
                    return gate.backend.read(offset, out);
                }
            }
        }
        if offset.saturating_add(width(out.len())) > self.bytes() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let stored = gate.backend.len()?.saturating_sub(offset);
        let within = usize::try_from(stored).unwrap_or(usize::MAX).min(out.len());
        let (there, beyond) = out.split_at_mut(within);
        gate.backend.read(offset, there)?;
        beyond.fill(0);
        state.overlay(offset, out);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let gate = &self.0.gate;
        let mut state = gate.drained();
        state.check()?;
        // What grows while a commit is made says at once if there is no room; what shrinks waits for the commit.
        let is_held = state.mode == Mode::Shut || len < self.bytes() || state.sets_len();
        if is_held && state.mode != Mode::Through {
            state.ops.push_back(Op::SetLen(len));
        } else {
            drop(state);
            gate.backend.set_len(len)?;
        }
        gate.len.store(len, Ordering::Relaxed);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let gate = &self.0.gate;
        if !gate.goes_through() {
            let mut state = gate.state();
            state.check()?;
            if state.mode != Mode::Through {
                state.ops.push_back(Op::Sync);
                return Ok(());
            }
            drop(state);
            gate.drained().check()?;
        }
        gate.backend.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let gate = &self.0.gate;
        if !gate.goes_through() {
            let mut state = gate.state();
            state.check()?;
            if state.mode != Mode::Through {
                state.hold(offset, data);
                let is_much = state.mode == Mode::Behind && state.held_bytes >= HELD_BYTES_MAX;
                if is_much {
                    state.let_out();
                }
                drop(state);
                if is_much {
                    gate.flush();
                    gate.drained().check()?;
                }
                gate.len.fetch_max(offset.saturating_add(width(data.len())), Ordering::Relaxed);
                return Ok(());
            }
            drop(state);
            gate.drained().check()?;
        }
        gate.backend.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.gate.backend.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.gate.backend.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.gate.backend.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.gate.backend.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.gate.backend.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.gate.backend.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.gate.backend.query_lock_range(start, end)
    }
}
