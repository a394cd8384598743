//! The statements. Each is set-based: what it costs in round trips does not depend on how many rows it is about.
//!
//! All of it is made of our own names; every value is an argument.

use std::fmt::Write;

use crate::cells::SqlType;
use crate::columns::{List, Spec, Table};

/// `$first::type[], …`: the columns of a batch as arguments.
fn arrays(specs: &[Spec], first: usize) -> String {
    let array = |(nth, spec): (usize, &Spec)| format!("${}::{}[]", first + nth, spec.ty.carrier().name());
    joined(specs.iter().enumerate().map(array), ", ")
}

/// `c0, c1, …`: what the columns of a batch are called in a statement.
fn places(count: usize) -> String {
    joined((0..count).map(|nth| format!("c{nth}")), ", ")
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

/// A table's own statements, made once.
#[derive(Debug)]
pub(crate) struct Statements {
    /// Arguments: version, columns. Rows that are there already are left alone and not counted.
    pub(crate) insert: String,
    /// Arguments: version, columns.
    pub(crate) update: String,
    /// Arguments: key columns.
    pub(crate) delete: String,
    /// For each list, arguments: columns.
    pub(crate) insert_lists: Vec<String>,
    /// For each list, arguments: key columns of the records.
    pub(crate) delete_lists: Vec<String>,
}

impl Statements {
    pub(crate) fn of(table: &Table) -> Self {
        let lists = &table.layout.lists;
        Self {
            insert: insert(table),
            update: update(table),
            delete: delete(table),
            insert_lists: lists.iter().map(insert_list).collect(),
            delete_lists: lists.iter().map(|list| delete_list(table, list)).collect(),
        }
    }
}

fn insert(table: &Table) -> String {
    let columns = &table.layout.columns;
    format!(
        "INSERT INTO {} (version, {}) SELECT $1, {} FROM unnest({}) AS n({}) ON CONFLICT ({}) DO NOTHING",
        table.name,
        names(columns, ""),
        values(columns),
        arrays(columns, 2),
        places(columns.len()),
        names(table.keys(), ""),
    )
}

fn update(table: &Table) -> String {
    let columns = &table.layout.columns;
    let mut set = String::from("version = $1");
    for (nth, spec) in columns.iter().enumerate().skip(table.layout.keys) {
        let _ = write!(set, ", {} = {}", spec.quoted(), spec.ty.unpacked(&format!("n.c{nth}")));
    }
    format!(
        "UPDATE {} AS t SET {set} FROM unnest({}) AS n({}) WHERE {}",
        table.name,
        arrays(columns, 2),
        places(columns.len()),
        same_key(table.keys(), "t", "n"),
    )
}

fn delete(table: &Table) -> String {
    format!(
        "DELETE FROM {} AS t USING unnest({}) AS n({}) WHERE {}",
        table.name,
        arrays(table.keys(), 1),
        places(table.layout.keys),
        same_key(table.keys(), "t", "n"),
    )
}

fn insert_list(list: &List) -> String {
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM unnest({}) AS n({})",
        list.table,
        names(&list.columns, ""),
        values(&list.columns),
        arrays(&list.columns, 1),
        places(list.columns.len()),
    )
}

fn delete_list(table: &Table, list: &List) -> String {
    let owner = list.columns.get(..1).unwrap_or(&[]);
    format!(
        "DELETE FROM {} AS t USING unnest({}) AS n({}) WHERE {}",
        list.table,
        arrays(table.keys(), 1),
        places(table.layout.keys),
        same_key(owner, "t", "n"),
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

/// Locks the rows that are at the expected versions, table by table, each in key order, and answers how many they are.
/// For each table, arguments: key columns, versions.
pub(crate) fn lock(tables: &[(&Table, Hold)]) -> String {
    let mut first = 1;
    let mut with = Vec::new();
    for (nth, (table, hold)) in tables.iter().enumerate() {
        let keys = table.layout.keys;
        let strength = if *hold == Hold::Write { "UPDATE" } else { "SHARE" };
        with.push(format!(
            "l{nth} AS (SELECT 1 FROM unnest({}, ${}::bigint[]) AS n({}, v) JOIN {} AS t ON {} AND t.version = n.v \
             ORDER BY {} FOR {strength} OF t)",
            arrays(table.keys(), first),
            first + keys,
            places(keys),
            table.name,
            same_key(table.keys(), "t", "n"),
            names(table.keys(), "t."),
        ));
        first += keys + 1;
    }
    // The parts of a union are run one after another: that is the order of the locks.
    let all = joined((0..tables.len()).map(|nth| format!("SELECT 1 FROM l{nth}")), " UNION ALL ");
    format!("WITH {} SELECT count(*) FROM ({all}) AS locked", with.join(", "))
}

/// Which of the expectations do not hold. For each table, arguments: key columns, versions (0 for an absence), numbers.
pub(crate) fn moved(tables: &[&Table]) -> String {
    let mut first = 1;
    let mut parts = Vec::new();
    for table in tables {
        let keys = table.layout.keys;
        parts.push(format!(
            "SELECT n.i FROM unnest({}, ${}::bigint[], ${}::bigint[]) AS n({}, v, i) LEFT JOIN {} AS t ON {} \
             WHERE coalesce(t.version, 0) <> n.v",
            arrays(table.keys(), first),
            first + keys,
            first + keys + 1,
            places(keys),
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
                "unnest({}) AS n({}) JOIN {} AS t ON {}{}",
                arrays(keys, first),
                places(keys.len()),
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
