//! Access tokens: JWTs that only this deployment issues and accepts (RFC 7519, RFC 8725).

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::grant::Grant;
use super::view::Tokens;
use crate::context::Settings;
use crate::error::{Error, Reason};
use crate::executor::Core;
use crate::id::{SessionId, UserId};
use crate::kept::Kept;
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
fn key_id(token: &str) -> Option<u16> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    jsonwebtoken::decode_header(token).ok()?.kid?.parse().ok()
}

/// What a good token says, whatever the time is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass {
    key_id: u16,
    user_id: UserId,
    session_id: SessionId,
    not_before: i64,
    expires: i64,
}

/// Passes that were read lately: to check a signature and to take JSON apart costs a tenth of a purchase, and who asks once
/// asks again. Keeps hashes of tokens, no tokens; only what was signed here comes in.
#[derive(Debug, Default)]
pub(crate) struct Passes(Kept<[u8; 32], Pass, PASSES_MAX>);

/// Some 500 kB.
const PASSES_MAX: usize = 4_096;

impl Passes {
    /// Whose token it is, of which session, and for how long it is good.
    ///
    /// # Errors
    /// `invalid_token` for every token that is not good now: the same words whatever is wrong with it. `store_unavailable`.
    pub(super) async fn verify(
        &self,
        token: &str,
        core: &Core,
    ) -> Result<(UserId, SessionId, Duration), Error> {
        let refused = || Error::new(Reason::InvalidToken, "The access token is not valid.");
        let hash = Sha256::digest(token).into();
        // A key that was taken out of the keyring takes its tokens along.
        let pass = match self.0.get(&hash).filter(|pass| pass.is_by(&core.keyring())) {
            Some(pass) => pass,
            None => {
                let key_id = key_id(token).ok_or_else(refused)?;
                // Another process may sign with a key that this one has not seen yet.
                let keyring = core.keys.knowing(Some(key_id), &*core.store).await?;
                let pass = read(token, key_id, &keyring).ok_or_else(refused)?;
                self.0.keep(hash, &pass);
                pass
            }
        };
        let left = pass.left(core.clock.now()).ok_or_else(refused)?;
        Ok((pass.user_id, pass.session_id, left))
    }
}

impl Pass {
    fn is_by(&self, keyring: &Keyring) -> bool {
        keyring.access_token_keys.iter().any(|key| key.id == self.key_id)
    }

    /// How long it is good from now on; `None` when it is not.
    fn left(&self, now: Timestamp) -> Option<Duration> {
        let second = now.as_seconds();
        // Processes of one deployment may disagree by a few seconds about "not before", never about "expired".
        let is_good = second < self.expires && second >= self.not_before.saturating_sub(5);
        let left = self.expires.saturating_mul(1_000_000).saturating_sub(now.as_micros());
        is_good.then(|| Duration::from_micros(u64::try_from(left).unwrap_or(0)))
    }
}

/// What a token says that this key signed for this deployment; its times are not looked at.
fn read(token: &str, key_id: u16, keyring: &Keyring) -> Option<Pass> {
    let key = keyring.access_token_keys.iter().find(|key| key.id == key_id)?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[keyring.deployment.to_string()]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    // The times are compared with our own clock.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let key = DecodingKey::from_secret(key.secret.expose());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?.claims;
    let Claims { sub, sid, nbf, exp, .. } = claims;
    Some(Pass { key_id, user_id: sub, session_id: sid, not_before: nbf, expires: exp })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::account::{Login, Register};
    use crate::store::MemoryStore;
    use crate::{Actor, Eventify};

    /// An engine's keyring, and a token of Ada's.
    async fn issued() -> (Arc<Keyring>, String) {
        let eventify = Eventify::builder(MemoryStore::new()).start().await.unwrap();
        let token = log_in(&eventify).await;
        (eventify.engine().core().keyring(), token)
    }

    async fn log_in(eventify: &Eventify) -> String {
        let ada = Register::new("Ada", "ada@example.org", "three quiet rivers");
        eventify.accounts().register(&Actor::anonymous(), ada).await.unwrap();
        let login = Login::new("ada@example.org", "three quiet rivers");
        eventify.accounts().login(&Actor::anonymous(), login).await.unwrap().access_token
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
        let pass = |token: &str| key_id(token).and_then(|id| read(token, id, &keyring));
        let good = |token: &str| pass(token).is_some_and(|pass| pass.left(at("iat")).is_some());
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
        assert!(pass(&token).unwrap().left(at("exp")).is_none());
    }

    #[tokio::test]
    async fn only_what_was_signed_here_is_kept() {
        let eventify = Eventify::builder(MemoryStore::new()).start().await.unwrap();
        let token = log_in(&eventify).await;
        let core = eventify.engine().core();
        let passes = Passes::default();
        let first = passes.verify(&token, core).await.unwrap();
        let kept = passes.0.get(&Sha256::digest(&token).into()).unwrap();
        let again = passes.verify(&token, core).await.unwrap();
        assert_eq!((first.0, first.1), (again.0, again.1));
        assert!(again.2 <= first.2, "it is good no longer than before");
        // The clock decides each time.
        assert!(kept.left(Timestamp::from_micros(kept.expires * 1_000_000).unwrap()).is_none());
        let mut forged = token.into_bytes();
        let last = forged.len() - 2;
        forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(passes.verify(&forged, core).await.unwrap_err().reason(), Reason::InvalidToken);
        assert_eq!(passes.0.len(), 1);
    }

    #[tokio::test]
    async fn a_pass_goes_with_the_key_that_signed_its_token_and_there_are_never_too_many() {
        let (keyring, token) = issued().await;
        let pass = read(&token, key_id(&token).unwrap(), &keyring).unwrap();
        assert!(pass.is_by(&keyring));
        let other = Keyring { access_token_keys: Vec::new(), ..(*keyring).clone() };
        assert!(!pass.is_by(&other));
        let passes = Passes::default();
        for nth in 0..PASSES_MAX + 1 {
            passes.0.keep(Sha256::digest(nth.to_string()).into(), &pass);
            assert!(passes.0.len() <= PASSES_MAX);
        }
        assert_eq!(format!("{passes:?}"), "Passes(…)");
    }
}
