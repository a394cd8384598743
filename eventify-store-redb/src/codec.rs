//! The bytes of a stored value: version, checksum, record.

use eventify_core::store::{
    Key, Kind, Record, StoreError, StoreErrorKind, Version, Versioned, decode_record, encode_record,
};

/// Bytes before the record: 8 of version, 4 of checksum.
const HEAD: usize = 12;

/// The checksum covers the key too, so that a value that ended up under another key is noticed. redb's own page
/// checksums are only verified by a repair, not by a read.
fn checksum(key: &[u8], version: [u8; 8], record: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(&version);
    hasher.update(record);
    hasher.finalize().to_le_bytes()
}

/// Puts a value together from a record that is encoded already.
pub(crate) fn seal(key: &[u8], version: Version, record: &[u8], out: &mut Vec<u8>) {
    let version = version.number().to_le_bytes();
    out.clear();
    out.extend_from_slice(&version);
    out.extend_from_slice(&checksum(key, version, record));
    out.extend_from_slice(record);
}

/// Writes the value of a record into `out`, replacing what was there.
pub(crate) fn encode_value(
    key: &[u8],
    version: Version,
    record: &Record,
    out: &mut Vec<u8>,
) -> Result<(), StoreError> {
    let version = version.number().to_le_bytes();
    out.clear();
    out.extend_from_slice(&version);
    out.extend_from_slice(&[0; 4]);
    encode_record(record, out).map_err(|error| corrupt("commit", error.to_string()))?;
    let sum = checksum(key, version, out.get(HEAD..).unwrap_or(&[]));
    if let Some(place) = out.get_mut(8..HEAD) {
        place.copy_from_slice(&sum);
    }
    Ok(())
}

/// The version of a stored value, without looking at the record.
pub(crate) fn version_of(kind: Kind, key: &[u8], value: &[u8]) -> Result<Version, StoreError> {
    let version = value.first_chunk::<8>().map(|v| u64::from_le_bytes(*v));
    version
        .filter(|&number| number != 0 && value.len() > HEAD)
        .map(Version::new)
        .ok_or_else(|| damaged(kind, key, "the value is too short"))
}

/// The inverse of [`encode_value`].
pub(crate) fn decode_value(key: Key, key_bytes: &[u8], value: &[u8]) -> Result<Versioned, StoreError> {
    let kind = key.kind();
    let version = version_of(kind, key_bytes, value)?;
    let record = value.get(HEAD..).unwrap_or(&[]);
    if value.get(8..HEAD) != Some(&checksum(key_bytes, version.number().to_le_bytes(), record)) {
        return Err(damaged(kind, key_bytes, "the checksum is wrong"));
    }
    let record = decode_record(kind, record).map_err(|error| damaged(kind, key_bytes, &error.to_string()))?;
    if record.key() != key {
        return Err(damaged(kind, key_bytes, "the record says that its key is another one"));
    }
    Ok(Versioned { key, version, record: Some(record) })
}

/// An error that names the record by table and key.
pub(crate) fn damaged(kind: Kind, key: &[u8], problem: &str) -> StoreError {
    corrupt("read", format!("table {}, key {}: {problem}", kind.table(), show(kind, key)))
}

pub(crate) fn corrupt(operation: &'static str, message: impl Into<String>) -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt, operation, message)
}

/// A key as an operator may see it: a UUID or hexadecimal digits. A key that is somebody's address stays unsaid; its
/// checksum tells two of them apart.
pub(crate) fn show(kind: Kind, key: &[u8]) -> String {
    match (kind, key.len()) {
        (Kind::EmailClaim | Kind::Throttle, _) => format!("with checksum {:08x}", crc32fast::hash(key)),
        (_, 16) => uuid::Uuid::from_slice(key).map_or_else(|_| hex(key), |id| id.to_string()),
        _ => hex(key),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes.iter().take(64) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
