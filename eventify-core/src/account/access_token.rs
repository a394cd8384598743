//! Access tokens: JWTs that only this deployment issues and accepts (RFC 7519, RFC 8725).

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::grant::Grant;
use super::view::Tokens;
use crate::context::Settings;
use crate::error::{Error, Reason};
use crate::id::{SessionId, UserId};
use crate::keyring::Keyring;
use crate::time::Timestamp;

const ISSUER: &str = "eventify";
const TOKEN_BYTES_MAX: usize = 2_048;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    role: crate::actor::Role,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
}

/// Lets jsonwebtoken use one known crypto backend, whatever else the host application links. A host that installed
/// one before keeps it: every backend does HS256.
pub(crate) fn install_crypto() {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

/// The pair of tokens that a grant stands for. The same grant gives the same pair.
pub(super) fn issue(grant: &Grant, keyring: &Keyring, settings: &Settings) -> Result<Tokens, Error> {
    let key =
        keyring.access_token_keys.last().ok_or_else(|| Error::internal("the keyring has no token key"))?;
    let issued = grant.issued_at.as_seconds();
    let lifetime = settings.access_token_for.as_secs();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: keyring.deployment.to_string(),
        sub: grant.user.id,
        sid: grant.session_id,
        role: grant.user.role,
        iat: issued,
        nbf: issued,
        exp: issued.saturating_add(i64::try_from(lifetime).unwrap_or(0)),
        jti: grant.token_id(),
    };
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(key.id.to_string());
    let access_token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.secret.expose()))
        .map_err(|e| Error::internal(format!("an access token cannot be signed: {e}")))?;
    Ok(Tokens {
        access_token,
        refresh_token: grant.refresh_token.expose().to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: lifetime,
    })
}

/// The number of the key that a token says it is signed with.
pub(super) fn key_id(token: &str) -> Option<u16> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    jsonwebtoken::decode_header(token).ok()?.kid?.parse().ok()
}

/// Whose token it is, of which session, and for how long it is good.
///
/// # Errors
/// `invalid_token` for every token that is not good now: the same words whatever is wrong with it.
pub(super) fn verify(
    token: &str,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<(UserId, SessionId, Duration), Error> {
    decode(token, keyring, now)
        .ok_or_else(|| Error::new(Reason::InvalidToken, "The access token is not valid."))
}

fn decode(token: &str, keyring: &Keyring, now: Timestamp) -> Option<(UserId, SessionId, Duration)> {
    let key_id = key_id(token)?;
    let key = keyring.access_token_keys.iter().find(|key| key.id == key_id)?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[keyring.deployment.to_string()]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    // The times are compared with our own clock, below.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let key = DecodingKey::from_secret(key.secret.expose());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?.claims;
    let second = now.as_seconds();
    // Processes of one deployment may disagree by a few seconds about "not before", never about "expired".
    let is_good = second < claims.exp && second >= claims.nbf.saturating_sub(5);
    let left = claims.exp.saturating_mul(1_000_000).saturating_sub(now.as_micros());
    let left = Duration::from_micros(u64::try_from(left).unwrap_or(0));
    is_good.then_some((claims.sub, claims.sid, left))
}
