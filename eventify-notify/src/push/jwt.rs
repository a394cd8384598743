//! Signed claims (RFC 7519), as push services want them.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

/// The compact form of claims that `sign` signs by an algorithm.
///
/// # Errors
/// When it cannot be signed.
pub(super) fn signed<E>(
    header: &Value,
    claims: &Value,
    sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
) -> Result<String, E> {
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let said = format!("{}.{}", encode(header), encode(claims));
    let signature = BASE64URL_NOPAD.encode(&sign(said.as_bytes())?);
    Ok(format!("{said}.{signature}"))
}
