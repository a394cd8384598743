//! Looking whether everything in the file is as it should be.

use eventify_core::store::{Kind, StoreError, StoreErrorKind, decode_key, encode_key, index_entries};
use redb::{DatabaseError, ReadTransaction, ReadableTableMetadata as _, StorageError};

use super::codec::{decode_value, show};
use super::engine::Engine;
use super::error::Failure;
use super::newest;
use super::tables::{INDEX, records};

/// Problems that a report spells out.
const PROBLEMS_MAX: usize = 100;

/// What [`RedbStore::check`](crate::RedbStore::check) found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// Every table with the number of its records.
    pub tables: Vec<(&'static str, u64)>,
    /// How many index entries there are.
    pub index_entries: u64,
    /// What is wrong, naming tables and keys and no personal data; the first hundred.
    pub problems: Vec<String>,
    /// How many problems there are.
    pub problems_total: u64,
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.problems_total == 0
    }

    fn problem(&mut self, problem: impl Into<String>) {
        self.problems_total += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem.into());
        }
    }
}

/// Verifies the checksums of all pages, decodes every record and compares the index with them.
pub(crate) fn check(engine: &Engine) -> Result<CheckReport, StoreError> {
    let mut report =
        CheckReport { tables: Vec::new(), index_entries: 0, problems: Vec::new(), problems_total: 0 };
    if let Some(problem) = check_pages(engine)? {
        report.problem(problem);
    }
    match engine.read("check", |txn| {
        let mut found = report.clone();
        check_contents(txn, &mut found)?;
        Ok(found)
    }) {
        Ok(found) => Ok(found),
        // What cannot be read at all is a finding, too.
        Err(error) if error.kind() == StoreErrorKind::Corrupt => {
            report.problem(error.message());
            Ok(report)
        }
        Err(error) => Err(error),
    }
}

fn check_pages(engine: &Engine) -> Result<Option<String>, StoreError> {
    let found = engine.exclusively("check", |opened| match opened.db.check_integrity() {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some("the file's own structure was damaged and has been repaired".to_owned())),
        Err(DatabaseError::Storage(StorageError::Corrupted(message))) => {
            Ok(Some(format!("the file's own structure is damaged: {message}")))
        }
        Err(error) => Err(error.into()),
    });
    match found {
        Ok(found) => {
            if found.is_some() {
                engine.mark_broken();
            }
            Ok(found)
        }
        Err(error) if error.kind() == StoreErrorKind::Corrupt => {
            engine.mark_broken();
            Ok(Some(error.message().to_owned()))
        }
        Err(error) => Err(error),
    }
}

fn check_contents(txn: &ReadTransaction, report: &mut CheckReport) -> Result<(), Failure> {
    let index = txn.open_table(INDEX)?;
    report.index_entries = index.len()?;
    let mut expected = 0;
    for &kind in Kind::ALL {
        let mut count = 0;
        for row in txn.open_table(records(kind))?.range::<&[u8]>(..)? {
            let (key, value) = row?;
            count += 1;
            match entries_of(kind, key.value(), value.value()) {
                Err(error) => report.problem(error.message()),
                Ok(entries) => {
                    for entry in entries {
                        expected += 1;
                        if !newest::has(&index, &entry)? {
                            let name = show(kind, key.value());
                            report.problem(format!("table {}, key {name}: an index lacks it", kind.table()));
                        }
                    }
                }
            }
        }
        report.tables.push((kind.table(), count));
    }
    if report.is_clean() && expected != report.index_entries {
        report.problem(format!(
            "{} index entries belong to no record",
            report.index_entries.saturating_sub(expected)
        ));
    }
    Ok(())
}

fn entries_of(kind: Kind, key: &[u8], value: &[u8]) -> Result<Vec<Vec<u8>>, StoreError> {
    let decoded = decode_key(kind, key).ok().filter(|decoded| encode_key(decoded) == key);
    let decoded = decoded.ok_or_else(|| super::codec::damaged(kind, key, "not a key of this table"))?;
    let stored = decode_value(decoded, key, value)?;
    let mut entries: Vec<_> = stored.record.iter().flat_map(index_entries).collect();
    entries.sort_unstable();
    entries.dedup();
    Ok(entries)
}
