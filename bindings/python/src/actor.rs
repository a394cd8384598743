//! Who asks.

use std::str::FromStr;

use eventify_core::{Actor, ApiKeyId, Role, Scope};
use pyo3::prelude::*;

use crate::error::raise;

/// Who asks: every call takes one, and the use case decides what it may do.
///
/// An app with a login of its own makes actors directly; `accounts.authenticate` makes them from access tokens.
///
/// >>> from eventify import Actor, Role
/// >>> Actor.user("01978c5e-0000-7000-8000-000000000001", Role.ORGANIZER)
/// Actor(01978c5e-0000-7000-8000-000000000001)
/// >>> Actor.anonymous() == Actor.anonymous()
/// True
#[pyclass(frozen, name = "Actor", module = "eventify", eq, hash)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyActor {
    pub(crate) actor: Actor,
}

impl std::hash::Hash for PyActor {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.actor.label().hash(state);
    }
}

impl From<Actor> for PyActor {
    fn from(actor: Actor) -> Self {
        Self { actor }
    }
}

fn id<T: FromStr>(name: &str, text: &str) -> PyResult<T> {
    text.parse().map_err(|_| raise(&eventify_core::Error::invalid(name, "must be a UUID")))
}

#[pymethods]
impl PyActor {
    /// Nobody in particular: reads what is public.
    #[staticmethod]
    const fn anonymous() -> Self {
        Self { actor: Actor::anonymous() }
    }

    /// The embedding app itself: may do everything.
    #[staticmethod]
    const fn system() -> Self {
        Self { actor: Actor::system() }
    }

    /// A person whom the embedding app has authenticated.
    #[staticmethod]
    fn user(user_id: &str, role: &str) -> PyResult<Self> {
        let role: Role = role.parse().map_err(|error| raise(&error))?;
        Ok(Self { actor: Actor::user(id("user_id", user_id)?, role) })
    }

    /// A person who shows an access token of a session.
    #[staticmethod]
    fn session(user_id: &str, role: &str, session_id: &str) -> PyResult<Self> {
        let role: Role = role.parse().map_err(|error| raise(&error))?;
        Ok(Self { actor: Actor::session(id("user_id", user_id)?, role, id("session_id", session_id)?) })
    }

    /// A person's program that shows an API key: does what its scopes name and no more.
    #[staticmethod]
    #[allow(clippy::needless_pass_by_value, reason = "the interpreter hands lists over")]
    fn api_key(user_id: &str, role: &str, api_key_id: &str, scopes: Vec<String>) -> PyResult<Self> {
        let role: Role = role.parse().map_err(|error| raise(&error))?;
        let scopes = scopes.iter().map(|scope| scope.parse::<Scope>().map_err(|error| raise(&error)));
        let scopes = scopes.collect::<PyResult<Vec<Scope>>>()?;
        let key: ApiKeyId = id("api_key_id", api_key_id)?;
        Ok(Self { actor: Actor::api_key(id("user_id", user_id)?, role, key, scopes) })
    }

    /// A device at an event's door that has shown its key.
    #[staticmethod]
    fn device(device_id: &str, event_id: &str) -> PyResult<Self> {
        Ok(Self { actor: Actor::device(id("device_id", device_id)?, id("event_id", event_id)?) })
    }

    /// The same, from an address: for the audit trail and for throttling; 64 characters at most.
    #[allow(clippy::wrong_self_convention, reason = "core's name; who asks is shared")]
    fn from_origin(&self, origin: &str) -> Self {
        Self { actor: self.actor.clone().from_origin(origin) }
    }

    /// The person, if it is one.
    #[getter]
    fn user_id(&self) -> Option<String> {
        self.actor.owner_id().map(|id| id.to_string())
    }

    fn __repr__(&self) -> String {
        format!("Actor({})", self.actor.label())
    }
}
