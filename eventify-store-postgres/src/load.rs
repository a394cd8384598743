//! Reading records by their keys.

use std::collections::{BTreeMap, BTreeSet};

use eventify_core::store::{
    Damaged, Key, Kind, Record, StoreError, StoreErrorKind, Version, Versioned, decode_key,
};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use crate::cells::{Cells, Column};
use crate::columns::{Batch, Table};
use crate::error::Failure;
use crate::rows;
use crate::session::{Read, query};
use crate::sql::{self, Shape};

/// Keys by kind, as the columns of an argument.
fn by_table(keys: &BTreeSet<Key>) -> Vec<(&'static Table, Vec<Column>)> {
    let mut found: BTreeMap<Kind, (&'static Table, Batch)> = BTreeMap::new();
    for key in keys {
        let table = rows::table(key.kind());
        let (_, batch) = found.entry(table.kind).or_insert_with(|| (table, Batch::new(table.keys())));
        (table.put_key)(key, batch);
    }
    found.into_values().map(|(table, batch)| (table, batch.columns)).collect()
}

/// What has to be asked for some keys.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    statement: String,
    arguments: Vec<Column>,
    reader: Reader,
}

impl Load {
    pub(crate) fn of(keys: &BTreeSet<Key>) -> Self {
        let asked = by_table(keys);
        let tables: Vec<&'static Table> = asked.iter().map(|(table, _)| *table).collect();
        let shape = Shape::of(&tables);
        Self {
            statement: sql::load(&tables, &shape),
            arguments: asked.into_iter().flat_map(|(_, columns)| columns).collect(),
            reader: Reader::new(&tables, &shape),
        }
    }
}

impl Read for Load {
    type Answer = Vec<Versioned>;

    /// Asks in one statement, which reads one state whatever it is about.
    async fn run(&self, db: &mut PgConnection) -> Result<Vec<Versioned>, Failure> {
        let mut asked = query(self.statement.clone());
        for column in &self.arguments {
            asked = asked.bind(column);
        }
        self.reader.read(&asked.fetch_all(db).await?, "load", Damaged::Fails)
    }
}

/// What was found, with what was not: one answer per key, in key order.
pub(crate) fn complete(keys: &BTreeSet<Key>, found: Vec<Versioned>) -> Vec<Versioned> {
    let mut found: BTreeMap<Key, Versioned> = found.into_iter().map(|v| (v.key.clone(), v)).collect();
    keys.iter().map(|key| found.remove(key).unwrap_or_else(|| Versioned::absent(key.clone()))).collect()
}

/// Turns rows of one shape into records.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    places: Vec<(Kind, Vec<usize>)>,
}

impl Reader {
    pub(crate) fn new(tables: &[&'static Table], shape: &Shape) -> Self {
        Self { places: tables.iter().map(|table| (table.kind, shape.places(table))).collect() }
    }

    pub(crate) fn read(
        &self,
        found: &[PgRow],
        operation: &'static str,
        damaged: Damaged,
    ) -> Result<Vec<Versioned>, Failure> {
        let read = |row: &PgRow| match self.record(row, operation) {
            Err(failure) if damaged == Damaged::IsAbsent => self.absent(row).ok_or(failure),
            read => read,
        };
        found.iter().map(read).collect()
    }

    /// Which record a row is of, where its key is an id, when more cannot be read of it.
    fn absent(&self, row: &PgRow) -> Option<Versioned> {
        let number: i64 = row.try_get(0).ok()?;
        let (kind, places) = self.places.iter().find(|(kind, _)| i64::from(*kind as u8) == number)?;
        let id = row.try_get_raw(*places.first()?).ok()?;
        let key = decode_key(*kind, id.as_bytes().ok()?).ok()?;
        tracing::error!(table = kind.table(), "a scan goes on without a row that cannot be read");
        Some(Versioned::absent(key))
    }

    fn record(&self, row: &PgRow, operation: &'static str) -> Result<Versioned, Failure> {
        let number: i64 = row.try_get(0)?;
        let version: i64 = row.try_get(1)?;
        let place = self.places.iter().find(|(kind, _)| i64::from(*kind as u8) == number);
        let (kind, places) =
            place.ok_or_else(|| corrupt(operation, format!("a row of no kind: {number}")))?;
        let table = rows::table(*kind);
        let mut cells = Cells::of(row, places)?;
        let record: Record = (table.take)(&mut cells, &table.layout.lists).map_err(|bad| {
            corrupt(
                operation,
                format!("{}: {}: {}", name(table, row, places), column(table, cells.read()), bad.0),
            )
        })?;
        Ok(Versioned {
            key: record.key(),
            version: Version::new(version.cast_unsigned()),
            record: Some(record),
        })
    }
}

fn corrupt(operation: &'static str, message: String) -> Failure {
    Failure::Store(StoreError::new(StoreErrorKind::Corrupt, operation, message))
}

/// The column that was read last.
fn column(table: &Table, read: usize) -> &str {
    let last = table.read().get(read.saturating_sub(1));
    last.map_or("a list", |spec| spec.name.as_str())
}

/// A row for an operator: its table and, where that tells nothing of a person, its key.
fn name(table: &Table, row: &PgRow, places: &[usize]) -> String {
    let id = places.first().and_then(|place| row.try_get_raw(*place).ok());
    let id = id.and_then(|value| value.as_bytes().ok()).and_then(|bytes| uuid::Uuid::from_slice(bytes).ok());
    id.map_or_else(|| format!("a row of {}", table.name), |id| format!("{} {id}", table.name))
}
