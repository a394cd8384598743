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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::account::{Login, Register};
    use crate::store::MemoryStore;
    use crate::{Actor, Eventify};

    /// An engine's keyring, and a token of Ada's.
    async fn issued() -> (std::sync::Arc<Keyring>, String) {
        let eventify = Eventify::builder(MemoryStore::new()).start().await.unwrap();
        let ada = Register::new("Ada", "ada@example.org", "three quiet rivers");
        eventify.accounts().register(&Actor::anonymous(), ada).await.unwrap();
        let login = Login::new("ada@example.org", "three quiet rivers");
        let tokens = eventify.accounts().login(&Actor::anonymous(), login).await.unwrap();
        (eventify.engine().core().keyring(), tokens.access_token)
    }

    #[tokio::test]
    async fn what_the_right_key_signs_still_has_to_say_the_right_things() {
        let (keyring, token) = issued().await;
        let key = &keyring.access_token_keys[0];
        let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(&token).unwrap();
        let at = |claim: &str| Timestamp::from_micros(claims[claim].as_i64().unwrap() * 1_000_000).unwrap();
        let another = |algorithm: Algorithm, kid: &str, changes: Value| {
            let mut header = jsonwebtoken::Header::new(algorithm);
            header.kid = Some(kid.to_owned());
            let mut claims = claims.clone();
            claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.secret.expose())).unwrap()
        };
        let kid = key.id.to_string();
        let good = |token: &str| decode(token, &keyring, at("iat")).is_some();
        assert!(good(&token) && good(&another(Algorithm::HS256, &kid, json!({}))));
        for (algorithm, kid, changes) in [
            (Algorithm::HS512, kid.as_str(), json!({})),
            (Algorithm::HS256, "7", json!({})),
            (Algorithm::HS256, "one", json!({})),
            (Algorithm::HS256, kid.as_str(), json!({"iss": "somebody"})),
            (Algorithm::HS256, kid.as_str(), json!({"aud": "another deployment"})),
            (Algorithm::HS256, kid.as_str(), json!({"sub": "ada"})),
            (Algorithm::HS256, kid.as_str(), json!({"exp": "late"})),
            (Algorithm::HS256, kid.as_str(), json!({"exp": claims["iat"]})),
            (Algorithm::HS256, kid.as_str(), json!({"nbf": claims["exp"]})),
        ] {
            assert!(!good(&another(algorithm, kid, changes.clone())), "{algorithm:?} {kid} {changes}");
        }
        // One text for one token: another spelling of the same bytes is none.
        for other in [format!("{token}="), format!("{token}."), format!(".{token}"), token.replace('.', "..")]
        {
            assert!(!good(&other), "{other}");
        }
        assert!(decode(&token, &keyring, at("exp")).is_none());
    }
}
