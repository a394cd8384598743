//! Reading records by key.

use std::collections::{BTreeMap, BTreeSet};

use eventify_core::store::{Key, Kind, Versioned, encode_key};
use redb::{ReadOnlyTable, ReadTransaction};

use super::codec::decode_value;
use super::error::Failure;
use super::tables::{Bytes, records};

/// The tables of one read transaction, each opened once.
pub(crate) struct Tables<'a> {
    txn: &'a ReadTransaction,
    open: BTreeMap<Kind, ReadOnlyTable<Bytes, Bytes>>,
}

impl<'a> Tables<'a> {
    pub(crate) const fn new(txn: &'a ReadTransaction) -> Self {
        Self { txn, open: BTreeMap::new() }
    }

    pub(crate) fn of(&mut self, kind: Kind) -> Result<&ReadOnlyTable<Bytes, Bytes>, Failure> {
        use std::collections::btree_map::Entry;
        Ok(match self.open.entry(kind) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(self.txn.open_table(records(kind))?),
        })
    }

    pub(crate) fn record(&mut self, key: Key) -> Result<Versioned, Failure> {
        let bytes = encode_key(&key);
        match self.of(key.kind())?.get(bytes.as_slice())? {
            Some(value) => Ok(decode_value(key, &bytes, value.value())?),
            None => Ok(Versioned::absent(key)),
        }
    }
}

/// The records at these keys, in the same order.
pub(crate) fn load(txn: &ReadTransaction, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, Failure> {
    let mut tables = Tables::new(txn);
    keys.iter().map(|key| tables.record(key.clone())).collect()
}
