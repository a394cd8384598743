//! From the fields of records to columns and back.

use eventify_core::store::{Key, Kind, Record, Recorded};

use crate::cells::{Bad, Cells, Column, SqlType, Value};

/// What a field or a group of fields is kept as: one column or several side by side.
pub(crate) trait Columns: Sized {
    /// Their names and types; `name` is the field's.
    fn list(name: &str, to: &mut Vec<Spec>);
    /// Writes one row's cells.
    fn put(&self, row: &mut Batch);
    /// Reads one row's cells.
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad>;
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) ty: SqlType,
    pub(crate) nullable: bool,
}

impl Spec {
    pub(crate) fn new<V: Value>(name: &str) -> Self {
        Self { name: name.to_owned(), ty: V::TYPE, nullable: false }
    }

    /// Its name in a statement: a field may be called what is a word of SQL.
    pub(crate) fn quoted(&self) -> String {
        format!("\"{}\"", self.name)
    }

    pub(crate) fn nullable<V: Value>(name: &str) -> Self {
        Self { nullable: true, ..Self::new::<V>(name) }
    }
}

/// Rows of one table on their way to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: usize,
    next: usize,
}

impl Batch {
    pub(crate) fn new<'a>(specs: impl IntoIterator<Item = &'a Spec>) -> Self {
        let columns = specs.into_iter().map(|spec| Column::new(spec.ty)).collect();
        Self { columns, rows: 0, next: 0 }
    }

    pub(crate) fn put<V: Value>(&mut self, value: &V) {
        self.cell(|column| column.push(value));
    }

    pub(crate) fn put_null(&mut self) {
        self.cell(Column::push_null);
    }

    pub(crate) fn put_option<V: Value>(&mut self, value: Option<&V>) {
        match value {
            Some(value) => self.put(value),
            None => self.put_null(),
        }
    }

    /// Cells come in the order of the columns, row after row.
    fn cell(&mut self, put: impl FnOnce(&mut Column)) {
        if let Some(column) = self.columns.get_mut(self.next) {
            put(column);
        }
        self.next += 1;
        if self.next == self.columns.len() {
            self.next = 0;
            self.rows += 1;
        }
    }
}

impl<V: Value> Columns for V {
    fn list(name: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<V>(name));
    }
    fn put(&self, row: &mut Batch) {
        row.put(self);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        V::decode(row.take()?.ok_or_else(|| Bad::new("it is null"))?)
    }
}

impl<V: Value> Columns for Option<V> {
    fn list(name: &str, to: &mut Vec<Spec>) {
        to.push(Spec::nullable::<V>(name));
    }
    fn put(&self, row: &mut Batch) {
        row.put_option(self.as_ref());
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        row.take()?.map(V::decode).transpose()
    }
}

/// How a kind of record lies in its table: what [`table!`] writes down.
pub(crate) trait Row: Recorded {
    fn layout() -> Layout;
    fn put(&self, row: &mut Batch);
    fn take(row: &mut Cells<'_>, lists: &[List]) -> Result<Self, Bad>;
    /// Writes the parts that are kept in tables of their own.
    fn put_lists(&self, _lists: &mut [Batch]) {}
    /// Whether those parts are the same.
    fn same_lists(&self, _other: &Self) -> bool {
        true
    }
}

/// The columns of a table.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// The key, then the other fields, then what is derived from them for the indexes.
    pub(crate) columns: Vec<Spec>,
    /// How many columns the key has.
    pub(crate) keys: usize,
    /// How many columns the record is read from.
    pub(crate) read: usize,
    /// The key, then what alone a sale changes; empty where there is no such thing.
    pub(crate) counted: Vec<Spec>,
    /// Parts in tables of their own.
    pub(crate) lists: Vec<List>,
    /// The column by which the sweeper finds what is over.
    pub(crate) expires: Option<&'static str>,
}

/// A part of a record that is kept in a table of its own, in order.
#[derive(Debug)]
pub(crate) struct List {
    /// The table.
    pub(crate) table: &'static str,
    /// The column that names the record, the place in the list, what is carried along, and the part itself.
    pub(crate) columns: Vec<Spec>,
    /// Where the part itself begins.
    pub(crate) own: usize,
}

impl List {
    /// The part's own columns.
    pub(crate) fn parts(&self) -> &[Spec] {
        self.columns.get(self.own..).unwrap_or(&[])
    }
}

/// The type of a field, found by how it is reached.
pub(crate) fn list_field<R, C: Columns>(_: fn(&R) -> &C, name: &str, to: &mut Vec<Spec>) {
    C::list(name, to);
}

/// The type of what is derived.
pub(crate) fn list_derived<R, C: Columns>(_: fn(&R) -> C, name: &str, to: &mut Vec<Spec>) {
    C::list(name, to);
}

/// Writes what is derived.
pub(crate) fn put_derived<R, C: Columns>(derive: fn(&R) -> C, record: &R, row: &mut Batch) {
    derive(record).put(row);
}

/// The type of the parts in a list.
pub(crate) fn list_part<R, C: Columns>(_: fn(&R) -> &Vec<C>, to: &mut Vec<Spec>) {
    C::list("", to);
}

/// The columns of the key and those of these names, in their order.
pub(crate) fn counted(columns: &[Spec], keys: usize, names: &[&str]) -> Vec<Spec> {
    let all = columns.iter().enumerate();
    all.filter(|(nth, spec)| *nth < keys || names.contains(&&*spec.name))
        .map(|(_, spec)| spec.clone())
        .collect()
}

/// Reads a list's parts.
pub(crate) fn take_list<C: Columns>(row: &mut Cells<'_>, list: Option<&List>) -> Result<Vec<C>, Bad> {
    let width = list.map_or(0, |list| list.parts().len());
    row.take_rows(width)?.iter_mut().map(C::take).collect()
}

/// Where a kind of record lies. One line per field:
///
/// ```text
/// table! {
///     Booking: id;                                      // the field that is the key
///     fields event_id, state, total;                    // columns named as the fields are
///     list lines in "booking_lines" by booking_id carrying event_id;   // a list in a table of its own
///     derive listed_at = |b| b.created_at;              // a column for an index, not read back
///     counts "sold", "held";                            // columns that change without the others, and much more often
///     expires "forget_at";                              // the column that the sweeper looks at
/// }
/// ```
macro_rules! table {
    (
        $record:ident: $key:ident;
        $(fields $($field:ident),+;)?
        $(list $list:ident in $list_table:literal by $owner:ident $(carrying $carried:ident)?;)*
        $(derive $derived:ident = |$from:ident| $derive:expr;)*
        $(counts $($counted:literal),+;)?
        $(expires $expires:literal;)?
    ) => {
        impl $crate::columns::Row for $record {
            fn layout() -> $crate::columns::Layout {
                let mut columns = Vec::new();
                $crate::columns::list_field(|r: &Self| &r.$key, stringify!($key), &mut columns);
                let keys = columns.len();
                $($($crate::columns::list_field(|r: &Self| &r.$field, stringify!($field), &mut columns);)+)?
                let read = columns.len();
                $($crate::columns::list_derived(|$from: &Self| $derive, stringify!($derived), &mut columns);)*
                #[allow(unused_mut, reason = "most records have no lists")]
                let mut lists = Vec::new();
                $({
                    let mut columns = Vec::new();
                    $crate::columns::list_field(|r: &Self| &r.$key, stringify!($owner), &mut columns);
                    columns.push($crate::columns::Spec::new::<i64>("nth"));
                    $($crate::columns::list_field(|r: &Self| &r.$carried, stringify!($carried), &mut columns);)?
                    let own = columns.len();
                    $crate::columns::list_part(|r: &Self| &r.$list, &mut columns);
                    lists.push($crate::columns::List { table: $list_table, columns, own });
                })*
                #[allow(unused_mut, unused_assignments, reason = "few records are counters")]
                let mut counted = Vec::new();
                $(counted = $crate::columns::counted(&columns, keys, &[$($counted),+]);)?
                #[allow(unused_mut, unused_assignments, reason = "few records expire")]
                let mut expires = None;
                $(expires = Some($expires);)?
                $crate::columns::Layout { columns, keys, read, counted, lists, expires }
            }

            fn put(&self, row: &mut $crate::columns::Batch) {
                $crate::columns::Columns::put(&self.$key, row);
                $($($crate::columns::Columns::put(&self.$field, row);)+)?
                $($crate::columns::put_derived(|$from: &Self| $derive, self, row);)*
            }

            #[allow(unused_variables, unused_mut, unused_assignments, reason = "most records have no lists")]
            fn take(
                row: &mut $crate::cells::Cells<'_>,
                lists: &[$crate::columns::List],
            ) -> Result<Self, $crate::cells::Bad> {
                let mut lists = lists.iter();
                Ok(Self {
                    $key: $crate::columns::Columns::take(row)?,
                    $($($field: $crate::columns::Columns::take(row)?,)+)?
                    $($list: $crate::columns::take_list(row, lists.next())?,)*
                })
            }

            #[allow(unused_variables, unused_mut, reason = "most records have no lists")]
            fn put_lists(&self, lists: &mut [$crate::columns::Batch]) {
                let mut lists = lists.iter_mut();
                $(if let Some(rows) = lists.next() {
                    for (nth, part) in (0i64..).zip(&self.$list) {
                        $crate::columns::Columns::put(&self.$key, rows);
                        rows.put(&nth);
                        $($crate::columns::Columns::put(&self.$carried, rows);)?
                        $crate::columns::Columns::put(part, rows);
                    }
                })*
            }

            #[allow(unused_variables, reason = "most records have no lists")]
            fn same_lists(&self, other: &Self) -> bool {
                true $(&& self.$list == other.$list)*
            }
        }
    };
}

/// The fields of a part, or of a group of columns, in order.
macro_rules! group {
    ($part:ident: $($field:ident),+;) => {
        impl $crate::columns::Columns for $part {
            fn list(_: &str, to: &mut Vec<$crate::columns::Spec>) {
                $($crate::columns::list_field(|p: &Self| &p.$field, stringify!($field), to);)+
            }
            fn put(&self, row: &mut $crate::columns::Batch) {
                $($crate::columns::Columns::put(&self.$field, row);)+
            }
            fn take(row: &mut $crate::cells::Cells<'_>) -> Result<Self, $crate::cells::Bad> {
                Ok(Self { $($field: $crate::columns::Columns::take(row)?,)+ })
            }
        }
    };
}

/// Types that are kept as the bytes or text of something else.
macro_rules! values {
    ($($type:ty: $as:ty = $put:expr, $take:expr;)+) => {$(
        impl $crate::cells::Value for $type {
            const TYPE: $crate::cells::SqlType = <$as as $crate::cells::Value>::TYPE;
            fn encode(&self, out: &mut Vec<u8>) {
                let put: fn(&Self, &mut Vec<u8>) = $put;
                put(self, out);
            }
            fn decode(bytes: &[u8]) -> Result<Self, $crate::cells::Bad> {
                let take: fn($as) -> Result<Self, $crate::cells::Bad> = $take;
                take(<$as as $crate::cells::Value>::decode(bytes)?)
            }
        }
    )+};
}

/// A closed set of words, kept as text.
macro_rules! words {
    ($($type:ty: $($variant:ident = $word:literal),+;)+) => {$(
        impl $crate::cells::Value for $type {
            const TYPE: $crate::cells::SqlType = $crate::cells::SqlType::Text;
            fn encode(&self, out: &mut Vec<u8>) {
                let word = match self { $(Self::$variant => $word,)+ };
                out.extend_from_slice(word.as_bytes());
            }
            fn decode(bytes: &[u8]) -> Result<Self, $crate::cells::Bad> {
                match std::str::from_utf8(bytes) {
                    $(Ok($word) => Ok(Self::$variant),)+
                    other => Err($crate::cells::Bad::new(format!("{other:?} is unknown"))),
                }
            }
        }
    )+};
}

/// Types that are kept as JSON, in text: what nests deeper than a list of parts, and is never looked into by a statement.
macro_rules! documents {
    ($($type:ty),+) => {$(
        impl $crate::cells::Value for $type {
            const TYPE: $crate::cells::SqlType = $crate::cells::SqlType::Text;
            fn encode(&self, out: &mut Vec<u8>) {
                $crate::cells::document(self, out);
            }
            fn decode(bytes: &[u8]) -> Result<Self, $crate::cells::Bad> {
                $crate::cells::take_document(bytes)
            }
        }
    )+};
}

pub(crate) use {documents, group, table, values, words};

/// How much of a row is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// All of its columns.
    Everything,
    /// Those that change without the others.
    Counters,
}

/// A kind's table as the store uses it, whatever the kind.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    pub(crate) layout: Layout,
    pub(crate) put: fn(&Record, &mut Batch),
    pub(crate) put_lists: fn(&Record, &mut [Batch]),
    pub(crate) same_lists: fn(&Record, &Record) -> bool,
    pub(crate) take: fn(&mut Cells<'_>, &[List]) -> Result<Record, Bad>,
    pub(crate) put_key: fn(&Key, &mut Batch),
}

impl Table {
    pub(crate) fn of<R: Row>(put_key: fn(&Key, &mut Batch)) -> Self {
        Self {
            kind: R::KIND,
            name: R::KIND.table(),
            layout: R::layout(),
            put: |record, batch| {
                if let Some(record) = R::unwrap(record) {
                    record.put(batch);
                }
            },
            put_lists: |record, batches| {
                if let Some(record) = R::unwrap(record) {
                    record.put_lists(batches);
                }
            },
            same_lists: |one, other| match (R::unwrap(one), R::unwrap(other)) {
                (Some(one), Some(other)) => one.same_lists(other),
                _ => false,
            },
            take: |cells, lists| R::take(cells, lists).map(|record| R::wrap(std::sync::Arc::new(record))),
            put_key,
        }
    }

    /// The columns of the key.
    pub(crate) fn keys(&self) -> &[Spec] {
        self.layout.columns.get(..self.layout.keys).unwrap_or(&[])
    }

    /// Whether an insertion of a row that is there already is refused by the server, instead of left alone: that saves a third
    /// of what it costs, to look first and to mark the row as one that may be taken back. Only where keys are ids: the
    /// server writes the key that it refuses into its log.
    pub(crate) fn is_inserted_plainly(&self) -> bool {
        self.keys().iter().all(|key| key.ty == SqlType::Uuid)
    }

    /// Records as rows.
    pub(crate) fn rows<'r>(&self, records: impl Iterator<Item = &'r Record>) -> Batch {
        let mut batch = Batch::new(&self.layout.columns);
        let (rows, _) = records.size_hint();
        batch.columns.iter_mut().for_each(|column| column.reserve(rows));
        records.for_each(|record| (self.put)(record, &mut batch));
        batch
    }

    /// What rows become, as far as it differs, of records before and after. A row that has the version at which it was read
    /// has the columns that the record then had.
    pub(crate) fn changes<'r>(
        &self,
        records: impl Iterator<Item = (Option<&'r Record>, &'r Record)> + Clone,
    ) -> (What, Vec<Column>) {
        let after = self.rows(records.clone().map(|(_, after)| after));
        let before: Option<Vec<_>> = records.map(|(before, _)| before).collect();
        let Layout { columns, counted, .. } = &self.layout;
        let Some(before) = before.filter(|_| !counted.is_empty()) else {
            return (What::Everything, after.columns);
        };
        let before = self.rows(before.into_iter());
        let mut others = columns
            .iter()
            .zip(before.columns.iter().zip(&after.columns))
            .filter(|(spec, _)| !counted.contains(spec));
        if others.any(|(_, (before, after))| before != after) {
            return (What::Everything, after.columns);
        }
        let counters = columns.iter().zip(after.columns).filter(|(spec, _)| counted.contains(spec));
        (What::Counters, counters.map(|(_, column)| column).collect())
    }

    /// The columns that a change is about.
    pub(crate) fn changed(&self, what: What) -> &[Spec] {
        match what {
            What::Everything => &self.layout.columns,
            What::Counters => &self.layout.counted,
        }
    }

    /// The columns that a record is read from.
    pub(crate) fn read(&self) -> &[Spec] {
        self.layout.columns.get(..self.layout.read).unwrap_or(&[])
    }
}
