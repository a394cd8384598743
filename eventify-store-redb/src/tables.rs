//! Every table of the file, with the layout of its keys and values.
//!
//! | table | key | value |
//! |---|---|---|
//! | `eventify_meta` | a name, see [`meta`] | see [`meta`] |
//! | one per [`Kind`], named [`Kind::table`] | the key as core encodes it, which sorts as the key does | version (8 bytes LE), checksum (4 bytes LE), the record as core encodes it |
//! | `index_entries` | the entry as core makes it: index, partition, instant, kind, key; or, while it is one of the newest of its person or event, behind a zero, see `newest.rs` | nothing |
//!
//! Types are plain bytes throughout, so that no Rust type's identity is part of the format.

use eventify_core::store::Kind;
use redb::TableDefinition;

/// Keys and values of a record table.
pub(crate) type Bytes = &'static [u8];

/// What the file is.
pub(crate) const META: TableDefinition<'static, &'static str, Bytes> = TableDefinition::new("eventify_meta");

/// The entries of all indexes.
pub(crate) const INDEX: TableDefinition<'static, Bytes, ()> = TableDefinition::new("index_entries");

/// The records of one kind.
pub(crate) const fn records(kind: Kind) -> TableDefinition<'static, Bytes, Bytes> {
    TableDefinition::new(kind.table())
}

/// The names in `eventify_meta`.
pub(crate) mod meta {
    /// Says that the file is ours; its value is [`MAGIC_VALUE`].
    pub(crate) const MAGIC: &str = "magic";
    pub(crate) const MAGIC_VALUE: &[u8] = b"eventify";
    /// The number of the file's format, 4 bytes LE: see [`crate::migrate`].
    pub(crate) const FORMAT: &str = "format";
    /// The edition of the index entries, 4 bytes LE: see `eventify_core::store::INDEX_EDITION`.
    pub(crate) const INDEX_EDITION: &str = "index_edition";
    /// The edition of the records' layouts, 4 bytes LE: see `eventify_core::store::RECORD_EDITION`.
    pub(crate) const RECORD_EDITION: &str = "record_edition";
    /// The version of this crate that made the file, for whoever looks at it.
    pub(crate) const CREATED_BY: &str = "created_by";
}
