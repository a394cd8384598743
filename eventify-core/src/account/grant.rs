//! Opening sessions, and the refresh tokens that keep them open.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::model::{RefreshToken, Session, User};
use crate::context::Context;
use crate::id::SessionId;
use crate::keyring::Keyring;
use crate::page::keyed_hash;
use crate::store::TokenHash;
use crate::time::Timestamp;
use crate::work::Work;

/// A refresh token as the client keeps it: opaque. Shows nothing of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct RefreshSecret(String);

impl RefreshSecret {
    /// A token as a client sent it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn random(cx: &Context<'_>) -> Self {
        Self(data_encoding::BASE64URL_NOPAD.encode(&cx.random::<32>()))
    }

    /// The token that follows this one. Only the deployment can compute it, and always the same way, so a client
    /// that lost the answer to a refresh can be given that answer again although no token is stored.
    pub(super) fn successor(&self, keyring: &Keyring) -> Self {
        let mac = keyed_hash(&keyring.refresh_key, &[b"refresh", self.0.as_bytes()]);
        Self(data_encoding::BASE64URL_NOPAD.encode(&mac))
    }

    pub(super) fn hash(&self) -> TokenHash {
        TokenHash::new(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for RefreshSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshSecret(…)")
    }
}

/// What a person gets who logged in or refreshed: turned into tokens outside of the decision.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(super) user: User,
    pub(super) session_id: SessionId,
    pub(super) refresh_token: RefreshSecret,
    pub(super) issued_at: Timestamp,
}

impl Grant {
    /// The access token's own id.
    pub(super) fn token_id(&self) -> String {
        let hash = self.refresh_token.hash();
        data_encoding::BASE64URL_NOPAD.encode(&hash.as_bytes()[..16])
    }
}

/// Opens a session for a person.
pub(super) fn open_session(work: &mut Work, cx: &Context<'_>, user: &User, origin: Option<&str>) -> Grant {
    let token = RefreshSecret::random(cx);
    let session = Session {
        id: SessionId::from_uuid(cx.new_uuid()),
        user_id: user.id,
        generation: user.session_generation,
        newest_token: token.hash(),
        created_at: cx.now,
        used_at: cx.now,
        ends_at: cx.now.plus(cx.settings.session_for),
        revoked_at: None,
        origin: origin.map(str::to_owned),
    };
    extend_session(work, cx, user, &session, token)
}

/// Gives a session its newest refresh token: whoever shows one from before it shows an old one.
pub(super) fn extend_session(
    work: &mut Work,
    cx: &Context<'_>,
    user: &User,
    session: &Session,
    token: RefreshSecret,
) -> Grant {
    work.put(RefreshToken {
        hash: token.hash(),
        session_id: session.id,
        issued_at: cx.now,
        ends_at: session.ends_at,
        used_at: None,
    });
    work.put(Session { newest_token: token.hash(), used_at: cx.now, ..session.clone() });
    Grant { user: user.clone(), session_id: session.id, refresh_token: token, issued_at: cx.now }
}
