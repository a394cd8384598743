//! Who asks.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{ApiKeyId, DeviceId, EventId, SessionId, UserId};
use crate::scope::Scope;

/// What a person may do throughout the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Books, attends, reviews.
    Attendee,
    /// Also publishes events and sells tickets to them.
    Organizer,
    /// May do everything.
    Admin,
}

impl Role {
    /// The role's word, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attendee => "attendee",
            Self::Organizer => "organizer",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "attendee" => Ok(Self::Attendee),
            "organizer" => Ok(Self::Organizer),
            "admin" => Ok(Self::Admin),
            _ => Err(Error::invalid("role", "must be attendee, organizer or admin")),
        }
    }
}

/// Who asks: every operation takes one, and the use case decides what it may do.
///
/// An app with a login of its own makes actors directly ([`Actor::user`]); the account noun makes them from
/// access tokens for apps that have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    kind: Kind,
    origin: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Anonymous,
    User {
        id: UserId,
        role: Role,
        session: Option<SessionId>,
        api_key: Option<ApiKeyId>,
    },
    /// Somebody's program. May do nothing before a use case has asked for its scope.
    Program {
        id: UserId,
        role: Role,
        api_key: ApiKeyId,
        scopes: BTreeSet<Scope>,
    },
    Device {
        id: DeviceId,
        event_id: EventId,
    },
    System,
}

impl Actor {
    /// Nobody in particular: reads what is public.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self { kind: Kind::Anonymous, origin: None }
    }

    /// A person whom the embedding app has authenticated.
    #[must_use]
    pub const fn user(id: UserId, role: Role) -> Self {
        Self { kind: Kind::User { id, role, session: None, api_key: None }, origin: None }
    }

    /// A person who shows an access token of a session.
    #[must_use]
    pub const fn session(id: UserId, role: Role, session: SessionId) -> Self {
        Self { kind: Kind::User { id, role, session: Some(session), api_key: None }, origin: None }
    }

    /// A person's program that shows an API key. Every use case that it may do asks for a scope; those that ask for
    /// none are closed to it.
    pub fn api_key(
        id: UserId,
        role: Role,
        api_key: ApiKeyId,
        scopes: impl IntoIterator<Item = Scope>,
    ) -> Self {
        let scopes = scopes.into_iter().collect();
        Self { kind: Kind::Program { id, role, api_key, scopes }, origin: None }
    }

    /// The same for a use case that needs a scope: a program becomes its person, with no more than the scopes allow.
    /// Everybody else stays as they are.
    ///
    /// # Errors
    /// `insufficient_scope` for a program without it; `scope` names it.
    pub fn within(&self, scope: Scope) -> Result<Cow<'_, Self>, Error> {
        let Kind::Program { id, role, api_key, scopes } = &self.kind else {
            return Ok(Cow::Borrowed(self));
        };
        if !scopes.contains(&scope) {
            let sentence = format!("The API key lacks the scope {scope}.");
            return Err(Error::new(Reason::InsufficientScope, sentence).with("scope", scope));
        }
        // An admin's key is an organizer's unless it says otherwise.
        let role = if scopes.contains(&Scope::Admin) { *role } else { (*role).min(Role::Organizer) };
        let kind = Kind::User { id: *id, role, session: None, api_key: Some(*api_key) };
        Ok(Cow::Owned(Self { kind, origin: self.origin.clone() }))
    }

    /// The same for what anybody may see a part of: a program without the scope is a visitor.
    #[must_use]
    pub fn viewing(&self, scope: Scope) -> Cow<'_, Self> {
        self.within(scope).unwrap_or(Cow::Borrowed(self))
    }

    /// A device at an event's door that has shown its key: what it may do is read at each decision.
    #[must_use]
    pub const fn device(id: DeviceId, event_id: EventId) -> Self {
        Self { kind: Kind::Device { id, event_id }, origin: None }
    }

    /// The embedding app itself, or the operator's command line: may do everything.
    #[must_use]
    pub const fn system() -> Self {
        Self { kind: Kind::System, origin: None }
    }

    /// Says where the request came from (an address), for the audit trail and for throttling; 64 characters at most.
    #[must_use]
    pub fn from_origin(mut self, origin: impl Into<String>) -> Self {
        let mut origin = origin.into();
        if origin.len() > 64 {
            origin = origin.chars().take(64).collect();
        }
        self.origin = Some(origin);
        self
    }

    /// Where the request came from, if known.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The person, if it is one.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self.kind {
            Kind::User { id, .. } => Some(id),
            Kind::Anonymous | Kind::Program { .. } | Kind::Device { .. } | Kind::System => None,
        }
    }

    /// The person who acts, or for whom a program does, whatever it may do.
    #[must_use]
    pub const fn owner_id(&self) -> Option<UserId> {
        match self.kind {
            Kind::User { id, .. } | Kind::Program { id, .. } => Some(id),
            Kind::Anonymous | Kind::Device { .. } | Kind::System => None,
        }
    }

    /// The device and its event, if it is one.
    #[must_use]
    pub const fn as_device(&self) -> Option<(DeviceId, EventId)> {
        match self.kind {
            Kind::Device { id, event_id } => Some((id, event_id)),
            Kind::Anonymous | Kind::User { .. } | Kind::Program { .. } | Kind::System => None,
        }
    }

    /// The person's session, if a token was shown.
    #[must_use]
    pub const fn session_id(&self) -> Option<SessionId> {
        match self.kind {
            Kind::User { session, .. } => session,
            Kind::Anonymous | Kind::Program { .. } | Kind::Device { .. } | Kind::System => None,
        }
    }

    /// The API key that acts for the person, if it is one.
    #[must_use]
    pub const fn api_key_id(&self) -> Option<ApiKeyId> {
        match &self.kind {
            Kind::User { api_key, .. } => *api_key,
            Kind::Program { api_key, .. } => Some(*api_key),
            Kind::Anonymous | Kind::Device { .. } | Kind::System => None,
        }
    }

    /// The person.
    ///
    /// # Errors
    /// `not_authenticated` when it is nobody, or the app itself; `not_allowed` when it is a device; `insufficient_scope`
    /// for a program where no scope was asked for.
    pub fn require_user(&self) -> Result<UserId, Error> {
        self.require(!matches!(self.kind, Kind::Device { .. }), "Only a person may do this.")?;
        self.user_id().ok_or_else(|| self.refusal(Reason::NotAuthenticated, "Log in first."))
    }

    /// Whether it is nobody in particular.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        matches!(self.kind, Kind::Anonymous)
    }

    /// Somebody: a person, a device, or the app itself.
    ///
    /// # Errors
    /// `not_authenticated` when it is nobody, `insufficient_scope` for a program where no scope was asked for.
    pub fn require_somebody(&self) -> Result<(), Error> {
        self.require(!matches!(self.kind, Kind::Anonymous | Kind::Program { .. }), "Log in first.")
    }

    /// Whether it is an admin or the app itself.
    #[must_use]
    pub const fn is_admin(&self) -> bool {
        matches!(self.kind, Kind::System | Kind::User { role: Role::Admin, .. })
    }

    /// Whether it may publish events.
    #[must_use]
    pub const fn is_organizer(&self) -> bool {
        matches!(self.kind, Kind::System | Kind::User { role: Role::Admin | Role::Organizer, .. })
    }

    /// # Errors
    /// `not_authenticated` for nobody, `not_allowed` for anybody who is no admin.
    pub fn require_admin(&self) -> Result<(), Error> {
        self.require(self.is_admin(), "Only an admin may do this.")
    }

    /// # Errors
    /// `not_authenticated` for nobody, `not_allowed` for an attendee.
    pub fn require_organizer(&self) -> Result<(), Error> {
        self.require(self.is_organizer(), "Only an organizer may do this: become one first.")
    }

    fn require(&self, allowed: bool, otherwise: &str) -> Result<(), Error> {
        if allowed { Ok(()) } else { Err(self.refusal(Reason::NotAllowed, otherwise)) }
    }

    fn refusal(&self, reason: Reason, sentence: &str) -> Error {
        match self.kind {
            Kind::Anonymous => Error::new(Reason::NotAuthenticated, "Log in first."),
            Kind::Program { .. } => {
                Error::new(Reason::InsufficientScope, "This cannot be done with an API key.")
            }
            Kind::User { .. } | Kind::Device { .. } | Kind::System => Error::new(reason, sentence),
        }
    }

    /// How the audit trail names it: a user's id, `device:` and its id, `system` or `anonymous`.
    #[must_use]
    pub fn label(&self) -> String {
        match self.kind {
            Kind::User { id, .. } | Kind::Program { id, .. } => id.to_string(),
            Kind::Device { id, .. } => format!("device:{id}"),
            Kind::System => "system".to_owned(),
            Kind::Anonymous => "anonymous".to_owned(),
        }
    }
}
