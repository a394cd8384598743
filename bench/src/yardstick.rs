//! The yardstick: raw redb, writing the same rows with none of our code.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use redb::{Database, TableDefinition};

use crate::rows::Booking;
use crate::{Result, rate};

const INDEX: TableDefinition<'_, &[u8], ()> = TableDefinition::new("index");

/// Bookings per second, so many in each durable commit.
pub(crate) fn run(rows: &[Booking], bookings: usize, per_commit: usize) -> Result<f64> {
    let dir = tempfile::tempdir()?;
    let database = Database::create(dir.path().join("raw.redb"))?;
    let shared = shared(rows);
    let mut source = rows.iter().cycle();
    let mut nth = 0;
    #[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    let start = Instant::now();
    let mut done = 0;
    while done < bookings {
        let batch = per_commit.min(bookings - done);
        let mut transaction = database.begin_write()?;
        // What it saves after a crash it costs at every commit: right for large ones, and not held against small ones.
        transaction.set_quick_repair(per_commit > 1);
        // What bookings share is written once a commit, as the product does.
        let mut tables: BTreeMap<&str, BTreeMap<Vec<u8>, &[u8]>> = BTreeMap::new();
        let mut index: Vec<Vec<u8>> = Vec::new();
        for booking in source.by_ref().take(batch) {
            let round = u16::try_from(nth / rows.len())?;
            nth += 1;
            for (table, key, value) in &booking.rows {
                let key = if shared.contains(&(*table, key)) { key.clone() } else { fresh(key, round) };
                tables.entry(table).or_default().insert(key, value);
            }
            index.extend(booking.index.iter().map(|entry| fresh(entry, round)));
        }
        for (table, entries) in tables {
            let mut table = transaction.open_table(TableDefinition::<&[u8], &[u8]>::new(table))?;
            for (key, value) in entries {
                table.insert(key.as_slice(), value)?;
            }
        }
        index.sort_unstable();
        let mut table = transaction.open_table(INDEX)?;
        for entry in index {
            table.insert(entry.as_slice(), ())?;
        }
        drop(table);
        transaction.commit()?;
        done += batch;
    }
    Ok(rate(bookings, start))
}

/// Rows that bookings share, and therefore replace.
fn shared(rows: &[Booking]) -> BTreeSet<(&'static str, &Vec<u8>)> {
    let mut seen = BTreeSet::new();
    let all = rows.iter().flat_map(|booking| &booking.rows);
    all.map(|(table, key, _)| (*table, key)).filter(|row| !seen.insert(*row)).collect()
}

/// Captured rows are used again and again, so each use gets keys of its own.
fn fresh(key: &[u8], round: u16) -> Vec<u8> {
    let mut key = key.to_vec();
    // The last bytes are the random part of an id.
    let at = key.len().saturating_sub(2);
    for (byte, change) in key.iter_mut().skip(at).zip(round.to_be_bytes()) {
        *byte ^= change;
    }
    key
}
