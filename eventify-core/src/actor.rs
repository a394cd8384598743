//! Who asks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason};
use crate::id::{DeviceId, EventId, SessionId, UserId};

/// What a person may do throughout the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    User { id: UserId, role: Role, session: Option<SessionId> },
    Device { id: DeviceId, event_id: EventId },
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
        Self { kind: Kind::User { id, role, session: None }, origin: None }
    }

    /// A person who shows an access token of a session.
    #[must_use]
    pub const fn session(id: UserId, role: Role, session: SessionId) -> Self {
        Self { kind: Kind::User { id, role, session: Some(session) }, origin: None }
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
            Kind::Anonymous | Kind::Device { .. } | Kind::System => None,
        }
    }

    /// The device and its event, if it is one.
    #[must_use]
    pub const fn as_device(&self) -> Option<(DeviceId, EventId)> {
        match self.kind {
            Kind::Device { id, event_id } => Some((id, event_id)),
            Kind::Anonymous | Kind::User { .. } | Kind::System => None,
        }
    }

    /// The person's session, if a token was shown.
    #[must_use]
    pub const fn session_id(&self) -> Option<SessionId> {
        match self.kind {
            Kind::User { session, .. } => session,
            Kind::Anonymous | Kind::Device { .. } | Kind::System => None,
        }
    }

    /// The person.
    ///
    /// # Errors
    /// `not_authenticated` when it is nobody, or the app itself; `not_allowed` when it is a device.
    pub fn require_user(&self) -> Result<UserId, Error> {
        self.require(!matches!(self.kind, Kind::Device { .. }), "Only a person may do this.")?;
        self.user_id().ok_or_else(|| Error::new(Reason::NotAuthenticated, "Log in first."))
    }

    /// Whether it is nobody in particular.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        matches!(self.kind, Kind::Anonymous)
    }

    /// Somebody: a person, a device, or the app itself.
    ///
    /// # Errors
    /// `not_authenticated` when it is nobody.
    pub fn require_somebody(&self) -> Result<(), Error> {
        self.require(!self.is_anonymous(), "Log in first.")
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
        if allowed {
            Ok(())
        } else if matches!(self.kind, Kind::Anonymous) {
            Err(Error::new(Reason::NotAuthenticated, "Log in first."))
        } else {
            Err(Error::new(Reason::NotAllowed, otherwise))
        }
    }

    /// How the audit trail names it: a user's id, `device:` and its id, `system` or `anonymous`.
    #[must_use]
    pub fn label(&self) -> String {
        match self.kind {
            Kind::User { id, .. } => id.to_string(),
            Kind::Device { id, .. } => format!("device:{id}"),
            Kind::System => "system".to_owned(),
            Kind::Anonymous => "anonymous".to_owned(),
        }
    }
}
