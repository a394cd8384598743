//! A disk in memory that can be full, can fail, and forgets what was not synced when the power goes.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use eventify_core::testing::SeededEntropy;
use eventify_store_redb::{Medium, StorageBackend};

/// Writes of this size reach the disk wholly or not at all.
const SECTOR: usize = 512;

/// The disk. Clones are the same disk.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<State>>, Arc<Condvar>);

#[derive(Default)]
struct State {
    /// What is on the disk for good.
    durable: Vec<u8>,
    /// What was done since, in order.
    unsynced: Vec<Op>,
    /// What a read sees: all of it.
    seen: Vec<u8>,
    operations: u64,
    power_off_after: Option<u64>,
    full: Full,
    opened: u64,
    /// Syncs wait.
    is_held: bool,
    /// Syncs that do.
    waiting: u64,
}

enum Op {
    Write(usize, Vec<u8>),
    SetLen(usize),
}

/// How full the disk is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Full {
    /// Not.
    #[default]
    No,
    /// What is written already can be written over.
    NoNewBlocks(usize),
    /// Nothing can be written.
    Wholly,
    /// Writing works, making it durable does not.
    NoSync,
    /// The next sync fails, and no other.
    NoSyncOnce,
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

impl Disk {
    /// A disk with this content.
    pub fn with(content: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.state().durable = content.clone();
        disk.state().seen = content;
        disk
    }

    /// What is on it for good.
    pub fn content(&self) -> Vec<u8> {
        self.state().durable.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// How many writes and syncs there were.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// How often it was opened.
    pub fn opened(&self) -> u64 {
        self.state().opened
    }

    /// Lets every operation fail from the one with this number on.
    pub fn power_off_after(&self, operations: u64) {
        self.state().power_off_after = Some(operations);
    }

    /// Lets every sync wait until told otherwise.
    pub fn hold_syncs(&self, is_held: bool) {
        self.state().is_held = is_held;
        self.1.notify_all();
    }

    /// Waits until a sync waits.
    pub fn until_a_sync_waits(&self) {
        drop(self.1.wait_while(self.state(), |state| state.waiting == 0).unwrap());
    }

    /// Fills it, or makes room.
    pub fn set_full(&self, full: Full) {
        self.state().full = full;
    }

    /// Fills it but for what is written already.
    pub fn fill(&self) {
        let mut state = self.state();
        let used = state.seen.iter().rposition(|byte| *byte != 0).unwrap_or(0);
        state.full = Full::NoNewBlocks(used + 1);
    }

    /// What a power cut leaves: everything that was synced, and by chance some sectors of what was not.
    pub fn after_power_cut(&self, chance: &SeededEntropy) -> Self {
        let state = self.state();
        let mut left = state.durable.clone();
        for op in &state.unsynced {
            match op {
                Op::SetLen(len) => {
                    if chance.chance(500) || *len > left.len() {
                        left.resize(*len, 0);
                    }
                }
                Op::Write(offset, data) => {
                    for (n, sector) in data.chunks(SECTOR).enumerate() {
                        let at = offset + n * SECTOR;
                        if chance.chance(500) && at + sector.len() <= left.len() {
                            left[at..at + sector.len()].copy_from_slice(sector);
                        }
                    }
                }
            }
        }
        Self::with(left)
    }
}

impl Medium for Disk {
    fn open(&self) -> io::Result<Box<dyn StorageBackend>> {
        let mut state = self.state();
        state.opened += 1;
        state.check_power()?;
        Ok(Box::new(self.clone()))
    }
}

impl State {
    fn check_power(&self) -> io::Result<()> {
        if self.power_off_after.is_some_and(|at| self.operations >= at) {
            return Err(io::Error::other("the power is off"));
        }
        Ok(())
    }

    fn operate(&mut self, end: usize) -> io::Result<()> {
        self.check_power()?;
        self.operations += 1;
        let refused = match self.full {
            Full::No | Full::NoSync | Full::NoSyncOnce => false,
            Full::NoNewBlocks(used) => end > used,
            Full::Wholly => true,
        };
        if refused {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        let state = self.state();
        state.check_power()?;
        Ok(u64::try_from(state.seen.len()).unwrap())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        state.check_power()?;
        let offset = index(offset);
        let found = state.seen.get(offset..offset + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        // A longer file is sparse at first, so that a full disk does not mind.
        state.operate(0)?;
        state.seen.resize(index(len), 0);
        state.unsynced.push(Op::SetLen(index(len)));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        if state.is_held {
            state.waiting += 1;
            self.1.notify_all();
            state = self.1.wait_while(state, |state| state.is_held).unwrap();
            state.waiting -= 1;
        }
        state.operate(0)?;
        if state.full == Full::NoSyncOnce {
            state.full = Full::No;
            return Err(io::Error::other("the disk did not answer"));
        }
        if state.full == Full::NoSync {
            return Err(io::Error::other("the disk does not answer"));
        }
        state.durable = state.seen.clone();
        state.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let offset = index(offset);
        state.operate(offset + data.len())?;
        state.seen[offset..offset + data.len()].copy_from_slice(data);
        state.unsynced.push(Op::Write(offset, data.to_vec()));
        Ok(())
    }
}
