//! Who calls, and whether a repeat is the same call.

use std::ops::Deref;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Command;
use crate::actor::Actor;
use crate::error::Error;
use crate::scope::Scope;
use crate::store::IdempotencyHash;

/// Who asks, and under which idempotency key. Made from an [`Actor`]:
///
/// ```
/// use eventify_core::{Actor, Call};
/// let actor = Actor::system();
/// let once = actor.with_idempotency_key("order-42");
/// let plain = Call::from(&actor);
/// assert_eq!(plain.actor(), once.actor());
/// ```
#[derive(Debug, Clone)]
pub struct Call {
    actor: Actor,
    idempotency_key: Option<String>,
}

impl Call {
    /// Who asks.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The same call within a scope, as [`Actor::within`].
    ///
    /// # Errors
    /// `insufficient_scope`.
    pub(crate) fn within(self, scope: Scope) -> Result<Self, Error> {
        let actor = self.actor.within(scope)?.into_owned();
        Ok(Self { actor, ..self })
    }

    pub(crate) fn idempotency<C: Command + Serialize>(
        &self,
        command: &C,
    ) -> Result<Option<Idempotency>, Error> {
        let Some(key) = &self.idempotency_key else {
            return Ok(None);
        };
        if key.is_empty() || key.len() > IDEMPOTENCY_KEY_BYTES_MAX || key.chars().any(char::is_control) {
            let message =
                format!("must be 1 to {IDEMPOTENCY_KEY_BYTES_MAX} bytes without control characters");
            return Err(Error::invalid("idempotency_key", message));
        }
        let who = self.actor.label();
        let mut hash = Sha256::new();
        hash.update(who.as_bytes());
        hash.update([0]);
        hash.update(key.as_bytes());
        let body = serde_json::to_vec(command)
            .map_err(|e| Error::internal(format!("a request is unreadable: {e}")))?;
        let mut fingerprint = Sha256::new();
        fingerprint.update(C::NAME.as_bytes());
        fingerprint.update([0]);
        fingerprint.update(&body);
        Ok(Some(Idempotency {
            hash: IdempotencyHash::new(hash.finalize().into()),
            fingerprint: fingerprint.finalize().into(),
        }))
    }
}

/// The bytes that an idempotency key may have.
pub(crate) const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

impl From<&Actor> for Call {
    fn from(actor: &Actor) -> Self {
        Self { actor: actor.clone(), idempotency_key: None }
    }
}

impl From<Actor> for Call {
    fn from(actor: Actor) -> Self {
        Self { actor, idempotency_key: None }
    }
}

impl From<&Self> for Call {
    fn from(call: &Self) -> Self {
        call.clone()
    }
}

impl Actor {
    /// Makes a call that happens once however often it is repeated: the same key with the same request gets the
    /// first answer again, for as long as `Settings::idempotency_for`. A refusal is not kept: it changed nothing.
    #[must_use]
    pub fn with_idempotency_key(&self, key: impl Into<String>) -> Call {
        Call { actor: self.clone(), idempotency_key: Some(key.into()) }
    }
}

/// The answer to a call that may carry an idempotency key. Use it like the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    value: T,
    replayed: bool,
}

impl<T> Answer<T> {
    pub(crate) const fn new(value: T, replayed: bool) -> Self {
        Self { value, replayed }
    }

    /// Whether this is the stored answer to an earlier call with the same key.
    #[must_use]
    pub const fn is_replayed(&self) -> bool {
        self.replayed
    }

    /// The value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: f(self.value), replayed: self.replayed }
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// An idempotency key as it is looked up and compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Idempotency {
    pub(crate) hash: IdempotencyHash,
    pub(crate) fingerprint: [u8; 32],
}
