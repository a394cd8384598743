//! The statements. Each is set-based: what it costs in round trips does not depend on how many rows it is about.
//!
//! All of it is made of our own names; every value is an argument.

use std::fmt::Write;

use crate::cells::SqlType;
use crate::columns::{List, Spec, Table, What};

/// The rows of a batch, as `n(c0, c1, …)`, whose columns are arguments from this one on; `more` names further columns
/// of numbers.
///
/// Asked for side by side in a list, arrays are walked row by row. A table function would first make a table of each
/// column: a third of what it costs to write a booking.
fn given(specs: &[Spec], more: &[&str], first: usize) -> String {
    let own = specs.iter().enumerate().map(|(nth, spec)| (spec.ty.carrier().name(), format!("c{nth}")));
    let more = more.iter().map(|name| (SqlType::Int.name(), (*name).to_owned()));
    let columns = own.chain(more).enumerate();
    let columns = columns.map(|(nth, (ty, name))| format!("unnest(${}::{ty}[]) AS {name}", first + nth));
    format!("(SELECT {}) AS n", joined(columns, ", "))
}

/// `t.key = n.c0 AND …`.
fn same_key(keys: &[Spec], one: &str, other: &str) -> String {
    let equal = |(nth, key): (usize, &Spec)| format!("{one}.{} = {other}.c{nth}", key.quoted());
    joined(keys.iter().enumerate().map(equal), " AND ")
}

fn names(specs: &[Spec], of: &str) -> String {
    joined(specs.iter().map(|spec| format!("{of}{}", spec.quoted())), ", ")
}

fn values(specs: &[Spec]) -> String {
    joined(specs.iter().enumerate().map(|(nth, spec)| spec.ty.unpacked(&format!("n.c{nth}"))), ", ")
}

pub(crate) fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

/// What a commit does to the rows of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Arguments: columns. Rows that are there already are left alone and not counted, or [refused](Table::is_inserted_plainly).
    Insert,
    /// Arguments: columns.
    Update,
    /// Arguments: key columns.
    Delete,
    /// Puts the parts of records into the list of this number. Arguments: the list's columns.
    InsertList(usize),
    /// Takes all parts of some records out of the list of this number. Arguments: key columns of the records.
    DeleteList(usize),
}

/// All changes in one statement, which answers how many rows each concerned, in their order. Arguments: version, then
/// those of each change, then those of [`moved`] for what else is looked at: how much of that moved comes behind the changes.
///
/// A part of a statement that changes rows is run when its rows are asked for, and the parts of a union are asked one
/// after another: that is the order of the changes. What is looked at is as it was before them.
pub(crate) fn write(changes: &[(&Table, Change)], looked_at: &[&Table]) -> String {
    let mut first = 2;
    let mut with = Vec::new();
    for (nth, (table, change)) in changes.iter().enumerate() {
        let (statement, arguments) = change.statement(table, first);
        with.push(format!("w{nth} AS ({statement} RETURNING 1)"));
        first += arguments;
    }
    // The version is an argument also when nothing but deletions is asked for.
    let counts = (0..changes.len()).map(|nth| format!("SELECT count(*) FROM w{nth}"));
    let moved = (!looked_at.is_empty()).then(|| moved(looked_at, first));
    let counts = counts.chain(moved.map(|moved| format!("SELECT count(*) FROM ({moved}) AS m")));
    format!("WITH v AS (SELECT $1::bigint), {} {}", with.join(", "), joined(counts, " UNION ALL "))
}

impl Change {
    /// As a statement whose arguments begin with this one, and how many it has.
    fn statement(self, table: &Table, first: usize) -> (String, usize) {
        let list = |nth: usize| table.layout.lists.get(nth);
        match self {
            Self::Insert => (insert(table, first), table.layout.columns.len()),
            Self::Update => (update(table, What::Everything, false, first), table.layout.columns.len()),
            Self::Delete => (delete(table.name, table.keys(), table.keys(), first), table.layout.keys),
            Self::InsertList(nth) => list(nth)
                .map_or_else(Default::default, |list| (insert_list(table, list, first), list.columns.len())),
            Self::DeleteList(nth) => list(nth).map_or_else(Default::default, |list| {
                let owner = list.columns.get(..1).unwrap_or(&[]);
                (delete(list.table, owner, table.keys(), first), table.layout.keys)
            }),
        }
    }
}

fn insert(table: &Table, first: usize) -> String {
    let columns = &table.layout.columns;
    let insert = format!(
        "INSERT INTO {} (version, {}) SELECT $1, {} FROM {}",
        table.name,
        names(columns, ""),
        values(columns),
        given(columns, &[], first),
    );
    if table.is_inserted_plainly() {
        return insert;
    }
    format!("{insert} ON CONFLICT ({}) DO NOTHING", names(table.keys(), ""))
}

/// Where `versions` come behind the columns, of rows that are at them only.
fn update(table: &Table, what: What, versions: bool, first: usize) -> String {
    let columns = table.changed(what);
    let (more, at_versions) = if versions { (&["v"][..], " AND t.version = n.v") } else { (&[][..], "") };
    let mut set = String::from("version = $1");
    for (nth, spec) in columns.iter().enumerate().skip(table.layout.keys) {
        let _ = write!(set, ", {} = {}", spec.quoted(), spec.ty.unpacked(&format!("n.c{nth}")));
    }
    format!(
        "UPDATE {} AS t SET {set} FROM {} WHERE {}{at_versions}",
        table.name,
        given(columns, more, first),
        same_key(table.keys(), "t", "n"),
    )
}

/// The rows of a table, or of a list of its parts, that belong to some keys.
fn delete(from: &str, owner: &[Spec], keys: &[Spec], first: usize) -> String {
    format!("DELETE FROM {from} AS t USING {} WHERE {}", given(keys, &[], first), same_key(owner, "t", "n"),)
}

fn insert_list(table: &Table, list: &List, first: usize) -> String {
    // Who is left alone keeps their list.
    let taken = if table.is_inserted_plainly() { "" } else { " ON CONFLICT DO NOTHING" };
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM {}{taken}",
        list.table,
        names(&list.columns, ""),
        values(&list.columns),
        given(&list.columns, &[], first),
    )
}

/// How strongly a row that is there is held until the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nobody else may read it for a commit of theirs.
    Write,
    /// Nobody else may change it.
    Read,
}

impl Hold {
    const fn strength(self) -> &'static str {
        match self {
            Self::Write => "UPDATE",
            Self::Read => "SHARE",
        }
    }
}

/// How the rows of a table get into one's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grasp {
    /// By being changed.
    Change(What),
    /// By a lock.
    Lock(Hold),
}

/// Takes hold of the rows that are at the expected versions, table by table, each in key order, then of rows of the latch
/// of common absences, and answers how many rows they are. Arguments: version; for each table the columns of what is
/// changed or the key columns of what is locked, and versions; then for each latch the numbers of its rows.
///
/// What is changed comes in key order, and is looked up one after another: see what a commit begins with.
pub(crate) fn hold(tables: &[(&Table, Grasp)], latches: &[Hold]) -> String {
    let mut first = 2;
    let mut with = vec!["v AS (SELECT $1::bigint)".to_owned()];
    for (nth, (table, grasp)) in tables.iter().enumerate() {
        let (held, arguments) = match grasp {
            Grasp::Change(what) => {
                (format!("{} RETURNING 1", update(table, *what, true, first)), table.changed(*what).len())
            }
            Grasp::Lock(hold) => (lock(table, *hold, first), table.layout.keys),
        };
        with.push(format!("l{nth} AS ({held})"));
        first += arguments + 1;
    }
    for (nth, hold) in latches.iter().enumerate() {
        with.push(format!(
            "l{} AS (SELECT 1 FROM absence_latch WHERE absence = 'common' AND part = ANY(${}::bigint[]) \
             ORDER BY part FOR {})",
            tables.len() + nth,
            first + nth,
            hold.strength(),
        ));
    }
    // The parts of a union are run one after another: that is the order of the locks.
    let all = (0..tables.len() + latches.len()).map(|nth| format!("SELECT 1 FROM l{nth}"));
    format!("WITH {} SELECT count(*) FROM ({}) AS held", with.join(", "), joined(all, " UNION ALL "))
}

fn lock(table: &Table, hold: Hold, first: usize) -> String {
    format!(
        "SELECT 1 FROM {} JOIN {} AS t ON {} AND t.version = n.v ORDER BY {} FOR {} OF t",
        given(table.keys(), &["v"], first),
        table.name,
        same_key(table.keys(), "t", "n"),
        names(table.keys(), "t."),
        hold.strength(),
    )
}

/// Which of the expectations do not hold. For each table, arguments, beginning with this one: key columns, versions (0
/// for an absence), numbers.
pub(crate) fn moved(tables: &[&Table], mut first: usize) -> String {
    let mut parts = Vec::new();
    for table in tables {
        let keys = table.layout.keys;
        parts.push(format!(
            "SELECT n.i FROM {} LEFT JOIN {} AS t ON {} WHERE coalesce(t.version, 0) <> n.v",
            given(table.keys(), &["v", "i"], first),
            table.name,
            same_key(table.keys(), "t", "n"),
        ));
        first += keys + 2;
    }
    parts.join(" UNION ALL ")
}

/// How rows of several tables share the columns of one answer: kind, version, then as many columns of each type as the
/// table that has most of them.
#[derive(Debug)]
pub(crate) struct Shape {
    slots: Vec<Slot>,
}

/// What a column of an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    ty: SqlType,
    /// Whether it is an array of them: a list's column.
    many: bool,
}

impl Shape {
    pub(crate) fn of(tables: &[&Table]) -> Self {
        let mut slots: Vec<Slot> = Vec::new();
        for table in tables {
            let mut free = slots.clone();
            for slot in wanted(table) {
                match free.iter().position(|other| *other == slot) {
                    Some(at) => {
                        free.swap_remove(at);
                    }
                    None => slots.push(slot),
                }
            }
        }
        Self { slots }
    }

    /// How many columns an answer has.
    pub(crate) const fn width(&self) -> usize {
        self.slots.len() + 2
    }

    /// Where a table's cells lie in a row: after kind and version.
    pub(crate) fn places(&self, table: &Table) -> Vec<usize> {
        let mut taken = vec![false; self.slots.len()];
        let mut place = |wanted: Slot| {
            let at = self.slots.iter().zip(&taken).position(|(slot, taken)| *slot == wanted && !taken);
            let at = at.unwrap_or(0);
            if let Some(taken) = taken.get_mut(at) {
                *taken = true;
            }
            at + 2
        };
        wanted(table).map(&mut place).collect()
    }

    /// `kind, version, columns`: what is selected from a table called `t` and its lists.
    pub(crate) fn columns(&self, table: &Table) -> String {
        let mut columns: Vec<String> =
            self.slots.iter().map(|slot| format!("NULL::{}", slot.name())).collect();
        let own = table.read().iter().map(|spec| format!("t.{}", spec.quoted()));
        let lists = table.layout.lists.iter().enumerate();
        let lists =
            lists.flat_map(|(nth, list)| (0..list.parts().len()).map(move |at| format!("p{nth}.a{at}")));
        for (place, column) in self.places(table).into_iter().zip(own.chain(lists)) {
            if let Some(slot) = columns.get_mut(place - 2) {
                *slot = column;
            }
        }
        let number = table.kind as u8;
        columns.splice(0..0, [format!("{number}::bigint AS kind"), "t.version".to_owned()]);
        columns.join(", ")
    }
}

impl Slot {
    fn name(self) -> String {
        format!("{}{}", self.ty.name(), if self.many { "[]" } else { "" })
    }
}

fn wanted(table: &Table) -> impl Iterator<Item = Slot> + '_ {
    let own = table.read().iter().map(|spec| Slot { ty: spec.ty, many: false });
    let lists = table.layout.lists.iter().flat_map(List::parts);
    own.chain(lists.map(|spec| Slot { ty: spec.ty, many: true }))
}

/// The lists of the row `t`, each as arrays side by side.
pub(crate) fn lists(table: &Table) -> String {
    let part = |(nth, list): (usize, &List)| {
        let parts = list.parts().iter().enumerate();
        let arrays =
            parts.map(|(at, spec)| format!("array_agg(q.{} ORDER BY q.nth) AS a{at}", spec.quoted()));
        let owner = list.columns.first().map_or("", |spec| &spec.name);
        let key = table.keys().first().map_or("", |spec| &spec.name);
        let arrays = joined(arrays, ", ");
        format!(
            " LEFT JOIN LATERAL (SELECT {arrays} FROM {} AS q WHERE q.{owner} = t.{key}) AS p{nth} ON true",
            list.table
        )
    };
    joined(table.layout.lists.iter().enumerate().map(part), "")
}

/// The records at some keys. For each table, arguments: key columns.
pub(crate) fn load(tables: &[&Table], shape: &Shape) -> String {
    let mut first = 1;
    let mut parts = Vec::new();
    for table in tables {
        let columns = shape.columns(table);
        let from = match table.keys() {
            [key] => format!(
                "{} AS t{} WHERE t.{} = ANY(${first}::{}[])",
                table.name,
                lists(table),
                key.quoted(),
                key.ty.name()
            ),
            keys => format!(
                "{} JOIN {} AS t ON {}{}",
                given(keys, &[], first),
                table.name,
                same_key(keys, "t", "n"),
                lists(table),
            ),
        };
        parts.push(format!("SELECT {columns} FROM {from}"));
        first += table.layout.keys;
    }
    parts.join(" UNION ALL ")
}
