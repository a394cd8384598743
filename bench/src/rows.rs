//! What one booking writes, captured as bytes from the product: the same rows for product and yardstick.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use eventify_core::store::{
    ChangeSet, Commit, Key, MemoryStore, Page, Scan, Store, StoreError, Versioned, encode_key, encode_record,
    index_entries,
};

use crate::Result;
use crate::sale::Sale;

/// The rows and index entries of one booking.
#[derive(Debug, Clone, Default)]
pub(crate) struct Booking {
    /// Table, key, value.
    pub(crate) rows: Vec<(&'static str, Vec<u8>, Vec<u8>)>,
    pub(crate) index: Vec<Vec<u8>>,
}

impl Booking {
    pub(crate) fn entries(&self) -> usize {
        self.rows.len() + self.index.len()
    }
}

/// Keeps what is committed through it.
#[derive(Debug, Clone, Default)]
struct Recorder {
    store: Arc<MemoryStore>,
    sets: Arc<Mutex<Vec<ChangeSet>>>,
}

#[async_trait]
impl Store for Recorder {
    async fn load(&self, keys: &BTreeSet<Key>) -> std::result::Result<Vec<Versioned>, StoreError> {
        self.store.load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> std::result::Result<Page<Versioned>, StoreError> {
        self.store.scan(scan).await
    }

    async fn commit(&self, set: &ChangeSet) -> std::result::Result<Commit, StoreError> {
        self.sets.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(set.clone());
        self.store.commit(set).await
    }
}

/// The rows of so many bookings by different people.
pub(crate) async fn capture(bookings: usize) -> Result<Vec<Booking>> {
    let recorder = Recorder::default();
    let sale = Sale::open(Arc::new(recorder.clone()), 1).await?;
    let mut captured = Vec::with_capacity(bookings);
    for _ in 0..bookings {
        recorder.sets.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        sale.buy(0).await?;
        let sets = recorder.sets.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        captured.push(sets.iter().map(booking_of).next_back().transpose()?.unwrap_or_default());
    }
    sale.eventify.shut_down().await;
    Ok(captured)
}

fn booking_of(set: &ChangeSet) -> Result<Booking> {
    let mut booking = Booking::default();
    for write in &set.writes {
        let Some(record) = &write.after else { continue };
        let mut value = set.stamp.number().to_le_bytes().to_vec();
        encode_record(record, &mut value)?;
        booking.rows.push((write.key.kind().table(), encode_key(&write.key), value));
        let there = write.before.as_ref().map(index_entries).unwrap_or_default();
        booking.index.extend(index_entries(record).into_iter().filter(|entry| !there.contains(entry)));
    }
    Ok(booking)
}
