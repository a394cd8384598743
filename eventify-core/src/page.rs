//! Pages of lists, and the cursors between them.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::error::{Error, Reason};
use crate::keyring::Keyring;
use crate::store::{Index, Position, Scan};

/// Which page of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PageRequest {
    /// How many entries at most: 1 to 100, 20 when `None`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub cursor: Option<String>,
}

impl PageRequest {
    /// The first page, of so many entries at most.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { limit: Some(limit), cursor: None }
    }

    /// The page behind a cursor.
    #[must_use]
    pub fn after(cursor: impl Into<String>, limit: u32) -> Self {
        Self { limit: Some(limit), cursor: Some(cursor.into()) }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listing<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Where the next page begins; `null` on the last one. Opaque, and only good for the same list.
    pub next_cursor: Option<String>,
}

impl<T> Listing<T> {
    /// The same page of something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listing<U> {
        Listing { data: self.data.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}

const LIMIT_DEFAULT: u32 = 20;
const LIMIT_MAX: u32 = 100;
const CURSOR_CHARS_MAX: usize = 1_024;
const TAG_BYTES: usize = 16;

/// The scan for a page of an index.
pub(crate) fn scan(
    index: Index,
    descending: bool,
    request: &PageRequest,
    keyring: &Keyring,
) -> Result<Scan, Error> {
    let mut scan = Scan { descending, ..Scan::first(index, request.limit()?) };
    if let Some(cursor) = &request.cursor {
        scan.after = Some(Position(open(cursor, &name_of(&scan), keyring)?));
    }
    Ok(scan)
}

/// The cursor behind a page of a scan.
pub(crate) fn cursor(position: &Position, scan: &Scan, keyring: &Keyring) -> String {
    seal(&position.0, &name_of(scan), keyring)
}

/// One page of a list that is a part of one record. `place` is unique and grows along the list.
pub(crate) fn of_slice<'a, T>(
    items: &'a [T],
    request: &PageRequest,
    place: impl Fn(&T) -> Vec<u8>,
    list: &str,
    keyring: &Keyring,
) -> Result<Listing<&'a T>, Error> {
    let limit = request.limit()?;
    let after = request.cursor.as_deref().map(|cursor| open(cursor, list, keyring)).transpose()?;
    let start = after.map_or(0, |after| items.partition_point(|item| place(item) <= after));
    let rest = items.get(start..).unwrap_or(&[]);
    let (page, more) = rest.split_at_checked(limit).unwrap_or((rest, &[]));
    let last = page.last().filter(|_| !more.is_empty());
    let next_cursor = last.map(|item| seal(&place(item), list, keyring));
    Ok(Listing { data: page.iter().collect(), next_cursor })
}

impl PageRequest {
    pub(crate) fn limit(&self) -> Result<usize, Error> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Error::invalid("limit", format!("must be 1 to {LIMIT_MAX}")));
        }
        Ok(usize::try_from(limit).unwrap_or(1))
    }
}

/// What a cursor is bound to: neither another list nor the same one asked differently takes it.
fn name_of(scan: &Scan) -> String {
    // A default "from now on" moves with the clock; the cursor already lies behind it.
    match &scan.index {
        Index::Events(query) => {
            let query = crate::store::EventQuery { from: None, ..query.clone() };
            format!("{query:?}")
        }
        index => format!("{index:?}/{}", scan.descending),
    }
}

fn seal(position: &[u8], list: &str, keyring: &Keyring) -> String {
    let mut bytes = tag(position, list, keyring).to_vec();
    bytes.extend_from_slice(position);
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

fn open(cursor: &str, list: &str, keyring: &Keyring) -> Result<Vec<u8>, Error> {
    let foreign = || Error::new(Reason::Malformed, "The cursor is not one of this list.").at_field("cursor");
    if cursor.len() > CURSOR_CHARS_MAX {
        return Err(foreign());
    }
    let bytes = data_encoding::BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| foreign())?;
    let (shown, position) = bytes.split_at_checked(TAG_BYTES).ok_or_else(foreign)?;
    let expected = tag(position, list, keyring);
    let genuine = bool::from(subtle::ConstantTimeEq::ct_eq(expected.as_slice(), shown));
    if genuine { Ok(position.to_vec()) } else { Err(foreign()) }
}

fn tag(position: &[u8], list: &str, keyring: &Keyring) -> [u8; TAG_BYTES] {
    let mac = keyed_hash(&keyring.cursor_key, &[b"cursor", list.as_bytes(), position]);
    let mut tag = [0; TAG_BYTES];
    tag.copy_from_slice(&mac[..TAG_BYTES]);
    tag
}

/// HMAC-SHA-256 over parts that cannot be shifted into each other.
pub(crate) fn keyed_hash(key: &crate::keyring::Secret, parts: &[&[u8]]) -> [u8; 32] {
    // A key of 32 bytes is always accepted; HMAC takes any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose()) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
