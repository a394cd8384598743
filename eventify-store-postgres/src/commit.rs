//! Committing a change set.
//!
//! # How it goes
//!
//! One transaction in READ COMMITTED, and one set-based statement a step, whatever the number of records:
//!
//! 1. **Take hold of what is there.** Every row that was read as present and still has the version it was read at. Where
//!    all such rows of a table are changed, they are changed at once, which locks them: the counters of a sale are
//!    visited once and not twice, and where nothing but counters differs nothing else is sent. Otherwise all of a table are locked: FOR UPDATE where some are written, FOR SHARE
//!    where they were only read. Table by table, hottest first, and in key order within a table, the same order in
//!    every process, so that locks alone never make a deadlock. Fewer rows than expected is a conflict.
//! 2. **Write the rest.** Updates and deletions of locked rows cannot fail. Insertions wait for somebody who is inserting
//!    the same key. What is there already is left alone (`ON CONFLICT DO NOTHING`), and fewer than expected is a conflict;
//!    or the server refuses it, which is one, too. Lists of parts that are replaced are emptied in a statement before.
//! 3. **Check what is absent** and is not written: lock a row of `absence_latch`, then look in a statement that begins
//!    after the lock was taken. Absences that nearly every sale rests on ([`COMMON`]) have rows of their own, one for
//!    every so many people: shared by those who look and taken whole by who makes such a record, both behind the locks of
//!    the first step and in their statement. Where nothing else is absent, the second step looks by the way: it begins
//!    after those locks were taken.
//! 4. **COMMIT.**
//!
//! A change set without writes is one statement and takes no lock. Applied, it means that all it expected was stored
//! together at one moment while it ran. That moment need not lie in the order below: B may have inserted what A looked
//! for in vain and be committed while A is not yet; who looks then sees what B did and not what A did, though A comes
//! first. Only a refusal can rest on that. It changes nothing, nobody rests on it, and whoever asks again is told anew.
//!
//! # Why that is enough
//!
//! What was read as present, and what is written, is locked from before the commit until after it, so those
//! expectations hold at the commit. Only an absence that was read and is not written holds nothing: somebody may insert
//! the row between check and commit. Suppose that change sets nevertheless form a cycle in which each precedes the next
//! one (it did not see what the next one wrote). Let *c* be a change set's check of absences – by then it holds all its
//! locks – and *e* its commit.
//!
//! - If A precedes B because of a lock (B waited for A's row or for its share of a common absence, or found the row
//!   changed), A committed before B had all its locks: *e(A) < c(B)*.
//! - If A precedes B because of an absence, B inserted what A looked for in vain: *c(A) < e(B)*.
//!
//! "Absence" means one of the others from here on. A common one is an edge of the first sort: A shares its row of the
//! latch from its locks to its commit, and B had to take that row whole.
//!
//! So a cycle needs an absence in it, and from one that rests on absences, A, to the next one along the cycle, B:
//! either B inserted what A missed, and since both held the latch from *c* to *e* and the one did not see the other's
//! row, *c(A) < e(A) < c(B)*; or others lie between, the first of which committed after *c(A)* and all of which passed
//! their turn on by locks, so *c(A) < c(B)* again. Around the cycle *c* would grow and come back to itself. There is no
//! such cycle: what was committed is what some order of one after another would have given.
//!
//! Engines that make transactions serializable by themselves need neither locks nor latch; see [`Isolation`].

use std::collections::BTreeMap;

use eventify_core::store::{ChangeSet, Key, Kind, Record, Version, encode_key};
use sqlx::{PgConnection, Row};

use crate::cells::Column;
use crate::columns::{Batch, Table};
use crate::error::Failure;
use crate::rows;
use crate::session::{Read, query};
use crate::sql::{self, Change, Grasp, Hold};

/// The kind whose absence nearly every sale rests on: hardly anybody ever chooses what they want to be told. Those who
/// look share a latch; were it everybody's one latch, all sales of the database would commit one after another.
///
/// It has a row for each 256th part of the people. Who shares a row overtakes who waits to take it whole, so with one
/// row for all a steady stream of sales would never let anybody make such a record.
const COMMON: Kind = Kind::Preferences;

/// Held by whoever rests on the absence of anything else.
const TAKE_OTHERS: &str = "SELECT 1 FROM absence_latch WHERE absence = 'others' FOR UPDATE";

/// Who keeps change sets from overtaking each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Our locks, over READ COMMITTED.
    Locks,
    /// The engine's SERIALIZABLE.
    Serializable,
}

/// What is done to one table, and the columns of it.
#[derive(Debug)]
struct Step {
    table: &'static Table,
    change: Change,
    columns: Vec<Column>,
    /// How many rows it has to concern; `None` for parts of records, which the records answer for.
    rows: Option<usize>,
}

/// Everything about a commit, ready to be sent.
#[derive(Debug)]
pub(crate) struct Plan {
    stamp: i64,
    isolation: Isolation,
    holding: Option<Holding>,
    /// Empties lists of parts, before they are filled anew.
    empty: Vec<Step>,
    steps: Vec<Step>,
    absent: Option<Absent>,
    all: Check,
}

/// What is absent and not written.
#[derive(Debug)]
enum Absent {
    /// Common ones alone, for which the locks stand.
    Common(Check),
    /// Others among them.
    Others(Check),
}

/// Rows of the common latch that are held alike, one behind the other.
#[derive(Debug)]
struct Latch {
    hold: Hold,
    parts: Vec<u8>,
}

impl Latch {
    /// What stands for the common records that are missed or made, in the order of its rows, each held as strongly as it
    /// has to be.
    fn common(parts: &BTreeMap<(u8, Kind), Part<'_>>) -> Vec<Self> {
        let mut wanted: BTreeMap<u8, Hold> = BTreeMap::new();
        for (_, part) in parts.iter().filter(|((_, kind), _)| *kind == COMMON) {
            wanted.extend(part.absent.iter().map(|(key, _)| (latch_part(key), Hold::Read)));
            wanted.extend(part.inserted.iter().map(|record| (latch_part(&record.key()), Hold::Write)));
        }
        let mut latches: Vec<Self> = Vec::new();
        for (part, hold) in wanted {
            match latches.last_mut() {
                Some(last) if last.hold == hold => last.parts.push(part),
                _ => latches.push(Self { hold, parts: vec![part] }),
            }
        }
        latches
    }
}

/// Which row of the common latch stands for a key. Every byte counts, so that people are spread wherever ids come from.
fn latch_part(key: &Key) -> u8 {
    encode_key(key).iter().fold(0, |part, byte| part.rotate_left(3) ^ byte)
}

/// What takes hold of what is there.
#[derive(Debug)]
struct Holding {
    statement: String,
    columns: Vec<Column>,
    rows: usize,
}

/// Expectations to compare with what is stored.
#[derive(Debug)]
pub(crate) struct Check {
    tables: Vec<&'static Table>,
    columns: Vec<Column>,
}

/// How a try went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    Applied,
    /// Nothing was written: something moved, or the engine gave up on this one of several.
    Conflict,
    /// Nothing was written: a key is taken.
    Taken,
    /// Nothing was written: somebody else held a record for too long.
    WaitedInVain,
}

/// The order in which tables are locked and written: what crowds want first, so that who loses finds out at once, and
/// nobody waits in a crowd while holding something else.
fn rank(kind: Kind) -> (u8, Kind) {
    let heat = match kind {
        Kind::Inventory => 0,
        Kind::TicketType => 1,
        _ => 2,
    };
    (heat, kind)
}

/// What a change set does to one table.
#[derive(Default)]
struct Part<'s> {
    /// Present ones.
    held: Vec<(&'s Key, Version)>,
    hold: Option<Hold>,
    inserted: Vec<&'s Record>,
    updated: Vec<Update<'s>>,
    deleted: Vec<&'s Key>,
    /// Absent ones that are not written.
    absent: Vec<(&'s Key, i64)>,
}

/// A record that is there and becomes another.
struct Update<'s> {
    before: Option<&'s Record>,
    after: &'s Record,
    /// Whether its lists become others.
    lists: bool,
}

impl Plan {
    pub(crate) fn of(set: &ChangeSet, isolation: Isolation) -> Self {
        let parts = split(set);
        let misses_others = parts.iter().any(|((_, kind), part)| *kind != COMMON && !part.absent.is_empty());
        let (mut empty, mut steps) = (Vec::new(), Vec::new());
        for ((_, kind), part) in &parts {
            part.emptied(rows::table(*kind), &mut empty);
            let is_changed = isolation == Isolation::Locks && part.is_all_updated();
            part.changes(rows::table(*kind), is_changed, &mut steps);
        }
        // Behind all changes: insertions may have to wait for somebody, and hold everything meanwhile.
        for ((_, kind), part) in &parts {
            part.insertions(rows::table(*kind), &mut steps);
        }
        let absent: Vec<_> =
            parts.values().flat_map(|part| &part.absent).map(|(key, i)| (*key, 0, *i)).collect();
        Self {
            stamp: set.stamp.number().cast_signed(),
            isolation,
            holding: match isolation {
                Isolation::Locks => holding(&parts, &Latch::common(&parts)),
                Isolation::Serializable => None,
            },
            empty,
            steps,
            absent: (!absent.is_empty()).then(|| match Check::of_parts(absent) {
                check if misses_others => Absent::Others(check),
                check => Absent::Common(check),
            }),
            all: Check::of(set),
        }
    }

    pub(crate) const fn check(&self) -> &Check {
        &self.all
    }
}

/// By table, in the order of locks, and by key within each.
fn split(set: &ChangeSet) -> BTreeMap<(u8, Kind), Part<'_>> {
    let writes: BTreeMap<&Key, _> = set.writes.iter().map(|write| (&write.key, write)).collect();
    let mut expectations: Vec<_> = (0i64..).zip(&set.expectations).collect();
    expectations.sort_by(|(_, one), (_, other)| one.key.cmp(&other.key));
    let mut parts: BTreeMap<(u8, Kind), Part<'_>> = BTreeMap::new();
    for (nth, expected) in expectations {
        let part = parts.entry(rank(expected.key.kind())).or_default();
        let write = writes.get(&expected.key);
        if expected.version.is_absent() {
            match write.and_then(|write| write.after.as_ref()) {
                Some(record) => part.inserted.push(record),
                None => part.absent.push((&expected.key, nth)),
            }
            continue;
        }
        part.held.push((&expected.key, expected.version));
        let Some(write) = write else {
            part.hold.get_or_insert(Hold::Read);
            continue;
        };
        // One strength for all of a table, so that its locks are taken in one order.
        part.hold = Some(Hold::Write);
        match &write.after {
            None => part.deleted.push(&expected.key),
            Some(after) => {
                let table = rows::table(expected.key.kind());
                let before = write.before.as_ref();
                let lists = !before.is_some_and(|before| (table.same_lists)(before, after));
                part.updated.push(Update { before, after, lists });
            }
        }
    }
    parts
}

fn holding(parts: &BTreeMap<(u8, Kind), Part<'_>>, latches: &[Latch]) -> Option<Holding> {
    let mut tables = Vec::new();
    let mut columns = Vec::new();
    let mut rows_held = 0;
    for ((_, kind), part) in parts {
        let Some(hold) = part.hold else { continue };
        let table = rows::table(*kind);
        let (grasp, taken) = if part.is_all_updated() {
            let changes = part.updated.iter().map(|update| (update.before, update.after));
            let (what, changed) = table.changes(changes);
            (Grasp::Change(what), changed)
        } else {
            (Grasp::Lock(hold), keys(table, part.held.iter().map(|(key, _)| *key)))
        };
        columns.extend(taken);
        columns.push(Column::of(part.held.iter().map(|(_, version)| version.number().cast_signed())));
        rows_held += part.held.len();
        tables.push((table, grasp));
    }
    for latch in latches {
        columns.push(Column::of(latch.parts.iter().map(|part| i64::from(*part))));
        rows_held += latch.parts.len();
    }
    let holds: Vec<Hold> = latches.iter().map(|latch| latch.hold).collect();
    (rows_held > 0).then(|| Holding { statement: sql::hold(&tables, &holds), columns, rows: rows_held })
}

fn keys<'k>(table: &Table, keys: impl IntoIterator<Item = &'k Key>) -> Vec<Column> {
    let mut batch = Batch::new(table.keys());
    keys.into_iter().for_each(|key| (table.put_key)(key, &mut batch));
    batch.columns
}

impl Part<'_> {
    /// Whether the rows that are there are taken hold of by being changed: in one way for all of a table, so that it is in
    /// one order.
    fn is_all_updated(&self) -> bool {
        self.hold.is_some() && self.updated.len() == self.held.len()
    }

    /// Empties the lists of what goes, and of what gets others.
    fn emptied(&self, table: &'static Table, steps: &mut Vec<Step>) {
        let gone = self.deleted.iter().map(|key| (**key).clone());
        let torn = self.updated.iter().filter(|update| update.lists).map(|update| update.after.key());
        let owners: Vec<Key> = gone.chain(torn).collect();
        if owners.is_empty() {
            return;
        }
        for nth in 0..table.layout.lists.len() {
            let change = Change::DeleteList(nth);
            steps.push(Step { table, change, columns: keys(table, &owners), rows: None });
        }
    }

    /// What is done to rows that are held; `is_changed`: they were changed when they were taken hold of.
    fn changes(&self, table: &'static Table, is_changed: bool, steps: &mut Vec<Step>) {
        if !self.updated.is_empty() {
            if !is_changed {
                let batch = table.rows(self.updated.iter().map(|update| update.after));
                let rows = Some(batch.rows);
                steps.push(Step { table, change: Change::Update, columns: batch.columns, rows });
            }
            let changed = self.updated.iter().filter(|update| update.lists).map(|update| update.after);
            lists(table, changed, steps);
        }
        if !self.deleted.is_empty() {
            let columns = keys(table, self.deleted.iter().copied());
            steps.push(Step { table, change: Change::Delete, columns, rows: Some(self.deleted.len()) });
        }
    }

    fn insertions(&self, table: &'static Table, steps: &mut Vec<Step>) {
        if self.inserted.is_empty() {
            return;
        }
        let batch = table.rows(self.inserted.iter().copied());
        let rows = Some(batch.rows);
        steps.push(Step { table, change: Change::Insert, columns: batch.columns, rows });
        lists(table, self.inserted.iter().copied(), steps);
    }
}

fn lists<'r>(table: &'static Table, records: impl Iterator<Item = &'r Record>, steps: &mut Vec<Step>) {
    let mut batches: Vec<Batch> = table.layout.lists.iter().map(|list| Batch::new(&list.columns)).collect();
    records.for_each(|record| (table.put_lists)(record, &mut batches));
    for (nth, batch) in batches.into_iter().enumerate().filter(|(_, batch)| batch.rows > 0) {
        steps.push(Step { table, change: Change::InsertList(nth), columns: batch.columns, rows: None });
    }
}

impl Check {
    /// All expectations of a change set.
    pub(crate) fn of(set: &ChangeSet) -> Self {
        let all = (0i64..).zip(&set.expectations);
        Self::of_parts(all.map(|(nth, e)| (&e.key, e.version.number().cast_signed(), nth)).collect())
    }

    /// Keys with the versions they are expected at and their numbers.
    fn of_parts(expectations: Vec<(&Key, i64, i64)>) -> Self {
        let mut by_kind: BTreeMap<Kind, Vec<(&Key, i64, i64)>> = BTreeMap::new();
        for expected in expectations {
            by_kind.entry(expected.0.kind()).or_default().push(expected);
        }
        let tables: Vec<&'static Table> = by_kind.keys().map(|kind| rows::table(*kind)).collect();
        let mut columns = Vec::new();
        for (table, expected) in tables.iter().zip(by_kind.values()) {
            columns.extend(keys(table, expected.iter().map(|(key, _, _)| *key)));
            columns.push(Column::of(expected.iter().map(|(_, version, _)| *version)));
            columns.push(Column::of(expected.iter().map(|(_, _, nth)| *nth)));
        }
        Self { tables, columns }
    }
}

impl Read for Check {
    /// The numbers of the expectations that do not hold.
    type Answer = Vec<usize>;

    async fn run(&self, db: &mut PgConnection) -> Result<Vec<usize>, Failure> {
        if self.columns.is_empty() {
            return Ok(Vec::new());
        }
        let mut asked = query(sql::moved(&self.tables, 1));
        for column in &self.columns {
            asked = asked.bind(column);
        }
        let found = asked.fetch_all(db).await?;
        let numbers = found.iter().map(|row| row.try_get::<i64, _>(0)).collect::<Result<Vec<_>, _>>()?;
        let mut moved: Vec<usize> = numbers.into_iter().filter_map(|nth| usize::try_from(nth).ok()).collect();
        moved.sort_unstable();
        Ok(moved)
    }
}

impl Plan {
    /// Everything between BEGIN and COMMIT.
    pub(crate) async fn run(&self, db: &mut PgConnection) -> Result<Tried, Failure> {
        let free = match self.isolation {
            Isolation::Locks => self.take_hold(db).await?,
            Isolation::Serializable => self.all.run(db).await?.is_empty(),
        };
        if !free {
            return Ok(Tried::Conflict);
        }
        let absent = self.absent.as_ref().filter(|_| self.isolation == Isolation::Locks);
        let (on_the_way, behind) = match absent {
            Some(Absent::Common(check)) => (Some(check), None),
            Some(Absent::Others(check)) => (None, Some(check)),
            None => (None, None),
        };
        if !self.write(&self.empty, None, db).await? || !self.write(&self.steps, on_the_way, db).await? {
            return Ok(Tried::Conflict);
        }
        if let Some(check) = behind {
            sqlx::query(TAKE_OTHERS).execute(&mut *db).await?;
            if !check.run(db).await?.is_empty() {
                return Ok(Tried::Conflict);
            }
        }
        Ok(Tried::Applied)
    }

    async fn take_hold(&self, db: &mut PgConnection) -> Result<bool, Failure> {
        let Some(holding) = &self.holding else {
            return Ok(true);
        };
        let mut asked = query(holding.statement.clone()).bind(self.stamp);
        for column in &holding.columns {
            asked = asked.bind(column);
        }
        let held: i64 = asked.fetch_one(db).await?.try_get(0)?;
        Ok(usize::try_from(held) == Ok(holding.rows))
    }

    /// Makes some changes, and says whether each concerned the rows that it should, and what is looked at holds.
    async fn write(
        &self,
        steps: &[Step],
        looked_at: Option<&Check>,
        db: &mut PgConnection,
    ) -> Result<bool, Failure> {
        if steps.is_empty() {
            return match looked_at {
                Some(check) => Ok(check.run(db).await?.is_empty()),
                None => Ok(true),
            };
        }
        let changes: Vec<_> = steps.iter().map(|step| (step.table, step.change)).collect();
        let tables = looked_at.map_or(&[][..], |check| &check.tables);
        let mut asked = query(sql::write(&changes, tables)).bind(self.stamp);
        let columns = steps.iter().flat_map(|step| &step.columns);
        for column in columns.chain(looked_at.iter().flat_map(|check| &check.columns)) {
            asked = asked.bind(column);
        }
        let done = asked.fetch_all(db).await?;
        if looked_at.is_some() && done.last().map(|row| row.try_get::<i64, _>(0)).transpose()? != Some(0) {
            return Ok(false);
        }
        for (step, row) in steps.iter().zip(&done) {
            let rows: i64 = row.try_get(0)?;
            if step.rows.is_some_and(|expected| usize::try_from(rows) != Ok(expected)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
