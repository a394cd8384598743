//! Values on their way to and from the server, in its binary format.
//!
//! A batch goes as one array per column, written once and bound as it is; a row is read straight from the bytes that
//! arrived. No value is boxed and nothing is parsed from text.

use eventify_core::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgRow, PgTypeInfo};
use sqlx::{Encode, Postgres, Row, Type};

/// The SQL types of our columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SqlType {
    Bool,
    Bytes,
    Instant,
    Int,
    Lexemes,
    Text,
    Texts,
    Uuid,
    Uuids,
}

impl SqlType {
    /// Its name in SQL.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Bytes => "bytea",
            Self::Instant => "timestamptz",
            Self::Int => "bigint",
            Self::Lexemes => "tsvector",
            Self::Text => "text",
            Self::Texts => "text[]",
            Self::Uuid => "uuid",
            Self::Uuids => "uuid[]",
        }
    }

    /// What it travels as: an array of arrays would have to be a rectangle, so lists go as text.
    pub(crate) const fn carrier(self) -> Self {
        match self {
            Self::Lexemes | Self::Text | Self::Texts | Self::Uuids => Self::Text,
            other => other,
        }
    }

    /// The value itself, from what it travelled as.
    pub(crate) fn unpacked(self, carried: &str) -> String {
        match self {
            Self::Lexemes => format!("array_to_tsvector({carried}::text[])"),
            Self::Texts | Self::Uuids => format!("{carried}::{}", self.name()),
            _ => carried.to_owned(),
        }
    }

    /// The built-in types' numbers: of one, and of an array of it.
    const fn oids(self) -> (u32, u32) {
        match self.carrier() {
            Self::Bool => (16, 1000),
            Self::Bytes => (17, 1001),
            Self::Instant => (1184, 1185),
            Self::Int => (20, 1016),
            Self::Uuid => (2950, 2951),
            _ => (25, 1009),
        }
    }
}

/// Why bytes are not the value that they should be.
#[derive(Debug)]
pub(crate) struct Bad(pub(crate) String);

impl Bad {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// A value of one column.
pub(crate) trait Value: Sized {
    const TYPE: SqlType;
    fn encode(&self, out: &mut Vec<u8>);
    fn decode(bytes: &[u8]) -> Result<Self, Bad>;
}

/// One column of a batch: as many values as the batch has rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    ty: SqlType,
    count: u32,
    nulls: bool,
    bytes: Vec<u8>,
}

impl Column {
    pub(crate) const fn new(ty: SqlType) -> Self {
        Self { ty, count: 0, nulls: false, bytes: Vec::new() }
    }

    /// Makes room for so many values of a usual size, an id's.
    pub(crate) fn reserve(&mut self, values: usize) {
        self.bytes.reserve(values.saturating_mul(4 + 16));
    }

    pub(crate) fn of<V: Value>(values: impl IntoIterator<Item = V>) -> Self {
        let mut column = Self::new(V::TYPE);
        values.into_iter().for_each(|value| column.push(&value));
        column
    }

    pub(crate) fn push<V: Value>(&mut self, value: &V) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        value.encode(&mut self.bytes);
        // A value of 2 GiB would not fit the protocol either; the server refuses what was cut.
        let length = i32::try_from(self.bytes.len() - start - 4).unwrap_or(0);
        if let Some(prefix) = self.bytes.get_mut(start..start + 4) {
            prefix.copy_from_slice(&length.to_be_bytes());
        }
        self.count += 1;
    }

    pub(crate) fn push_null(&mut self) {
        self.nulls = true;
        self.bytes.extend_from_slice(&(-1i32).to_be_bytes());
        self.count += 1;
    }

    /// The only value of a column that has one.
    pub(crate) fn single(self) -> Single {
        let bytes = self.bytes.get(4..).unwrap_or(&[]).to_vec();
        Single { ty: self.ty, bytes }
    }
}

impl Type<Postgres> for Column {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(SqlType::Text.oids().1))
    }
}

impl Encode<'_, Postgres> for Column {
    fn encode_by_ref(&self, out: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let (one, _) = self.ty.oids();
        // One dimension, whether there are nulls, of which type, how many, counted from 1.
        for word in [1, u32::from(self.nulls), one, self.count, 1] {
            out.extend_from_slice(&word.to_be_bytes());
        }
        out.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.ty.oids().1)))
    }

    fn size_hint(&self) -> usize {
        20 + self.bytes.len()
    }
}

/// One value as an argument.
#[derive(Debug, Clone)]
pub(crate) struct Single {
    ty: SqlType,
    bytes: Vec<u8>,
}

impl Single {
    pub(crate) fn of<V: Value>(value: &V) -> Self {
        let mut bytes = Vec::new();
        value.encode(&mut bytes);
        Self { ty: V::TYPE, bytes }
    }
}

impl Type<Postgres> for Single {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(SqlType::Text.oids().0))
    }
}

impl Encode<'_, Postgres> for Single {
    fn encode_by_ref(&self, out: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        out.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.ty.oids().0)))
    }
}

/// The cells of a row, read one after another.
pub(crate) struct Cells<'r> {
    cells: Vec<Option<&'r [u8]>>,
    next: usize,
}

impl<'r> Cells<'r> {
    /// Those at some places of a row.
    pub(crate) fn of(row: &'r PgRow, places: &[usize]) -> Result<Self, sqlx::Error> {
        let mut cells = Vec::with_capacity(places.len());
        for place in places {
            let value = row.try_get_raw(*place)?;
            cells.push(if sqlx::ValueRef::is_null(&value) {
                None
            } else {
                Some(value.as_bytes().map_err(sqlx::Error::Decode)?)
            });
        }
        Ok(Self { cells, next: 0 })
    }

    /// How many were read.
    pub(crate) const fn read(&self) -> usize {
        self.next
    }

    pub(crate) fn take(&mut self) -> Result<Option<&'r [u8]>, Bad> {
        let cell = self.cells.get(self.next).copied().ok_or_else(|| Bad::new("a column is missing"))?;
        self.next += 1;
        Ok(cell)
    }

    /// The next `width` cells, which are arrays side by side, as rows.
    pub(crate) fn take_rows(&mut self, width: usize) -> Result<Vec<Self>, Bad> {
        let mut rows: Vec<Self> = Vec::new();
        for nth in 0..width {
            let elements = self.take()?.map_or_else(|| Ok(Vec::new()), elements)?;
            if nth == 0 {
                rows = elements.iter().map(|_| Self { cells: Vec::with_capacity(width), next: 0 }).collect();
            }
            if elements.len() != rows.len() {
                return Err(Bad::new("lists of different lengths"));
            }
            rows.iter_mut().zip(elements).for_each(|(row, cell)| row.cells.push(cell));
        }
        Ok(rows)
    }
}

/// The elements of an array of one dimension.
pub(crate) fn elements(bytes: &[u8]) -> Result<Vec<Option<&[u8]>>, Bad> {
    let short = || Bad::new("an array that is too short");
    let word = |at: usize| {
        let bytes = bytes.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
        bytes.map(i32::from_be_bytes).ok_or_else(short)
    };
    if word(0)? == 0 {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut at = 20;
    for _ in 0..word(12)? {
        let length = word(at)?;
        at += 4;
        if let Ok(length) = usize::try_from(length) {
            found.push(Some(bytes.get(at..at + length).ok_or_else(short)?));
            at += length;
        } else {
            found.push(None);
        }
    }
    Ok(found)
}

/// Writes a list as the text of an array: every element quoted.
pub(crate) fn list<'a>(elements: impl IntoIterator<Item = &'a str>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (nth, element) in elements.into_iter().enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        out.push(b'"');
        for byte in element.bytes() {
            if matches!(byte, b'"' | b'\\') {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b'"');
    }
    out.push(b'}');
}

/// Writes a document. Ours have no keys but text, so they can be written; of one that could not, the server is given what it
/// refuses.
pub(crate) fn document<D: Serialize>(document: &D, out: &mut Vec<u8>) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, document).is_err() {
        out.truncate(start);
        out.push(0);
    }
}

/// Reads a document.
pub(crate) fn take_document<D: DeserializeOwned>(bytes: &[u8]) -> Result<D, Bad> {
    serde_json::from_slice(bytes).map_err(|error| Bad::new(error.to_string()))
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Bad> {
    bytes.try_into().map_err(|_| Bad::new(format!("{} bytes instead of {N}", bytes.len())))
}

impl Value for bool {
    const TYPE: SqlType = SqlType::Bool;
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        fixed::<1>(bytes).map(|[byte]| byte != 0)
    }
}

impl Value for i64 {
    const TYPE: SqlType = SqlType::Int;
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_be_bytes());
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        fixed(bytes).map(Self::from_be_bytes)
    }
}

macro_rules! small_numbers {
    ($($number:ident)+) => {$(
        impl Value for $number {
            const TYPE: SqlType = SqlType::Int;
            fn encode(&self, out: &mut Vec<u8>) {
                Value::encode(&i64::from(*self), out);
            }
            fn decode(bytes: &[u8]) -> Result<Self, Bad> {
                let number = <i64 as Value>::decode(bytes)?;
                Self::try_from(number).map_err(|_| Bad::new(format!("{number} is out of range")))
            }
        }
    )+};
}
small_numbers! { u8 u16 u32 i32 }

impl Value for String {
    const TYPE: SqlType = SqlType::Text;
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        Self::from_utf8(bytes.to_vec()).map_err(|_| Bad::new("not UTF-8"))
    }
}

impl Value for Vec<u8> {
    const TYPE: SqlType = SqlType::Bytes;
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        Ok(bytes.to_vec())
    }
}

impl<const N: usize> Value for [u8; N] {
    const TYPE: SqlType = SqlType::Bytes;
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        fixed(bytes)
    }
}

impl Value for uuid::Uuid {
    const TYPE: SqlType = SqlType::Uuid;
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        fixed(bytes).map(Self::from_bytes)
    }
}

/// The server counts its microseconds from the year 2000.
const Y2000_MICROS: i64 = 946_684_800_000_000;

impl Value for Timestamp {
    const TYPE: SqlType = SqlType::Instant;
    fn encode(&self, out: &mut Vec<u8>) {
        Value::encode(&(self.as_micros() - Y2000_MICROS), out);
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let micros = <i64 as Value>::decode(bytes)?.saturating_add(Y2000_MICROS);
        Self::from_micros(micros).map_err(|error| Bad::new(error.to_string()))
    }
}

impl Value for Vec<String> {
    const TYPE: SqlType = SqlType::Texts;
    fn encode(&self, out: &mut Vec<u8>) {
        list(self.iter().map(String::as_str), out);
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        elements(bytes)?
            .into_iter()
            .map(|element| <String as Value>::decode(element.unwrap_or(&[])))
            .collect()
    }
}
