//! Who asks.

use std::ops::Deref;
use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::{Call, Role, UserId};

/// Who asks: every operation takes one, and the engine decides what it may do.
///
/// An app with a login of its own makes actors directly; `Accounts.authenticate` makes them from access tokens and keys.
#[derive(Debug, uniffi::Object)]
pub struct Actor(pub(crate) eventify_core::Actor);

#[uniffi::export]
impl Actor {
    /// Nobody in particular: reads what is public.
    #[uniffi::constructor]
    pub fn anonymous() -> Arc<Self> {
        Arc::new(Self(eventify_core::Actor::anonymous()))
    }

    /// A person whom the app has authenticated.
    ///
    /// # Errors
    /// `invalid_value` for an id that is no UUID.
    #[uniffi::constructor]
    pub fn user(id: UserId, role: Role) -> Result<Arc<Self>, Refusal> {
        Ok(Arc::new(Self(eventify_core::Actor::user(id, role))))
    }

    /// The app itself: may do everything.
    #[uniffi::constructor]
    pub fn system() -> Arc<Self> {
        Arc::new(Self(eventify_core::Actor::system()))
    }

    /// The same, with where the request came from (an address), for the audit trail; 64 characters at most.
    pub fn from_origin(&self, origin: String) -> Arc<Self> {
        Arc::new(Self(self.0.clone().from_origin(origin)))
    }

    /// The person, if it is one.
    pub fn user_id(&self) -> Option<UserId> {
        self.0.user_id()
    }
}

impl Actor {
    /// A call that happens once however often it is repeated, when it has a key.
    pub(crate) fn call(&self, idempotency_key: Option<String>) -> Call {
        match idempotency_key {
            Some(key) => self.0.with_idempotency_key(key),
            None => Call::from(&self.0),
        }
    }
}

impl Deref for Actor {
    type Target = eventify_core::Actor;

    fn deref(&self) -> &eventify_core::Actor {
        &self.0
    }
}
