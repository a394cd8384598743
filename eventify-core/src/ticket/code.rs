//! A ticket's code: a compact signed token that a door device verifies without network.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version: 1 |
//! | 2 | key id, big-endian |
//! | 16 | event |
//! | 16 | ticket |
//! | 16 | ticket type |
//! | 2 | issue: how often the code was issued anew, big-endian |
//! | 64 | Ed25519 signature (RFC 8032) over all bytes before it |
//!
//! Base64url without padding: 156 characters, a QR code of 53 × 53 modules at medium error correction.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::model::Ticket;
use crate::ed25519::{PublicKey, SIGNATURE_BYTES};
use crate::error::{Error, Reason};
use crate::executor::Core;
use crate::id::{EventId, TicketId, TicketTypeId};
use crate::keyring::{Keyring, NumberedKey};
use crate::signing::{SigningKeys, signing_key};

const VERSION: u8 = 1;
const BODY_BYTES: usize = 53;
const CODE_BYTES: usize = BODY_BYTES + SIGNATURE_BYTES;

/// What a ticket's code says, once its signature was found good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeClaims {
    /// The event that the ticket is for.
    pub event_id: EventId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The type that it was sold as.
    pub ticket_type_id: TicketTypeId,
    /// How often its code was issued anew.
    pub issue: u16,
}

/// The public half of an event's signing key: give it to door devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TicketKey {
    /// The number that codes name it by.
    pub key_id: u16,
    /// The 32 bytes of the Ed25519 public key, in base64url.
    pub public_key: String,
}

/// The code of a ticket, signed with the newest key.
pub(super) fn sign(ticket: &Ticket, core: &Core) -> Result<String, Error> {
    let keyring = core.keyring();
    let key = keyring.ticket_keys.last().ok_or_else(|| Error::internal("the keyring has no ticket key"))?;
    let mut bytes = Vec::with_capacity(CODE_BYTES);
    bytes.push(VERSION);
    bytes.extend_from_slice(&key.id.to_be_bytes());
    bytes.extend_from_slice(ticket.event_id.as_bytes());
    bytes.extend_from_slice(ticket.id.as_bytes());
    bytes.extend_from_slice(ticket.ticket_type_id.as_bytes());
    bytes.extend_from_slice(&ticket.issue.to_be_bytes());
    let signing = core.signing_keys.of(key, ticket.event_id)?;
    let signature = signing.sign(&bytes)?;
    core.signing_keys.keep(key, ticket.event_id, &signing);
    bytes.extend_from_slice(&signature);
    Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes))
}

/// The public keys that verify an event's codes, newest last.
///
/// # Errors
/// As [`signing_key`].
pub(super) fn public_keys(keyring: &Keyring, event_id: EventId) -> Result<Vec<TicketKey>, Error> {
    let public = |key: &NumberedKey| {
        let signing = signing_key(key, event_id)?;
        let public_key = data_encoding::BASE64URL_NOPAD.encode(signing.public().as_bytes());
        Ok(TicketKey { key_id: key.id, public_key })
    };
    keyring.ticket_keys.iter().map(public).collect()
}

/// A code that was taken apart and not verified yet.
struct Parsed {
    key_id: u16,
    claims: CodeClaims,
    body: [u8; BODY_BYTES],
    signature: [u8; SIGNATURE_BYTES],
}

/// Whether a text has the form of a signed code, as opposed to a short one.
pub(super) fn is_signed_form(text: &str) -> bool {
    text.len() > 32
}

fn parse(text: &str) -> Option<Parsed> {
    if text.len() != CODE_BYTES.div_ceil(3) * 4 - (3 - CODE_BYTES % 3) % 3 {
        return None;
    }
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let (body, signature) = bytes.split_at_checked(BODY_BYTES)?;
    let (version, rest) = body.split_first()?;
    if *version != VERSION {
        return None;
    }
    let (key_id, rest) = rest.split_first_chunk::<2>()?;
    let (event, rest) = rest.split_first_chunk::<16>()?;
    let (ticket, rest) = rest.split_first_chunk::<16>()?;
    let (ticket_type, rest) = rest.split_first_chunk::<16>()?;
    let (issue, _) = rest.split_first_chunk::<2>()?;
    let claims = CodeClaims {
        event_id: EventId::from_bytes(*event),
        ticket_id: TicketId::from_bytes(*ticket),
        ticket_type_id: TicketTypeId::from_bytes(*ticket_type),
        issue: u16::from_be_bytes(*issue),
    };
    let signature = signature.try_into().ok()?;
    Some(Parsed { key_id: u16::from_be_bytes(*key_id), claims, body: body.try_into().ok()?, signature })
}

fn bad_signature() -> Error {
    Error::new(Reason::BadSignature, "The code was not signed by this deployment.")
}

/// The number of the key that a code says it is signed with.
pub(super) fn key_id(text: &str) -> Option<u16> {
    parse(text).map(|parsed| parsed.key_id)
}

/// What a code says, by the deployment's own keys.
///
/// Who has the secret half signs anew and compares: a key signs the same bytes in one way only, and to sign takes half as
/// long as to verify.
///
/// # Errors
/// `bad_signature` for every text that is no code of this deployment.
pub(super) fn verify(text: &str, keyring: &Keyring, known: &SigningKeys) -> Result<CodeClaims, Error> {
    let parsed = parse(text).ok_or_else(bad_signature)?;
    let key = keyring.ticket_keys.iter().find(|key| key.id == parsed.key_id).ok_or_else(bad_signature)?;
    let signing = known.of(key, parsed.claims.event_id)?;
    let genuine = signing.sign(&parsed.body)?;
    if !bool::from(genuine.ct_eq(&parsed.signature)) {
        return Err(bad_signature());
    }
    known.keep(key, parsed.claims.event_id, &signing);
    Ok(parsed.claims)
}

/// Verifies the codes of one event with its public keys alone: for a door device without network.
///
/// A good signature says that the deployment issued the code, not that the ticket was not used, cancelled or issued
/// anew since: compare with a door list, or check in later.
#[derive(Debug, Clone)]
pub struct TicketVerifier {
    event_id: EventId,
    keys: Vec<(u16, PublicKey)>,
}

impl TicketVerifier {
    /// A verifier for an event, from [`Tickets::public_keys`](super::Tickets::public_keys).
    ///
    /// # Errors
    /// `invalid_value` for a key that is not 32 bytes in base64url. One that is no key verifies nothing.
    pub fn new(event_id: EventId, keys: &[TicketKey]) -> Result<Self, Error> {
        let mut decoded = Vec::with_capacity(keys.len());
        for key in keys {
            let invalid = || Error::invalid("public_key", "must be the base64url of an Ed25519 public key");
            let bytes =
                data_encoding::BASE64URL_NOPAD.decode(key.public_key.as_bytes()).map_err(|_| invalid())?;
            let bytes: [u8; 32] = bytes.try_into().map_err(|_| invalid())?;
            decoded.push((key.key_id, PublicKey::from_bytes(&bytes).ok_or_else(invalid)?));
        }
        Ok(Self { event_id, keys: decoded })
    }

    /// What a code says.
    ///
    /// # Errors
    /// `bad_signature`, `wrong_event`.
    pub fn verify(&self, code: &str) -> Result<CodeClaims, Error> {
        let parsed = parse(code).ok_or_else(bad_signature)?;
        if parsed.claims.event_id != self.event_id {
            return Err(Error::new(Reason::WrongEvent, "The ticket is for another event."));
        }
        let key = self.keys.iter().find(|(id, _)| *id == parsed.key_id).ok_or_else(bad_signature)?;
        if !key.1.is_of(&parsed.body, &parsed.signature) {
            return Err(bad_signature());
        }
        Ok(parsed.claims)
    }
}
