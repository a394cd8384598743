//! Taking people onto an event's staff, and letting them go.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::{StaffGrant, StaffRight};
use super::view::StaffView;
use super::{StaffOf, find};
use crate::account::{EmailClaim, User, probe};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event;
use crate::id::{EventId, UserId};
use crate::store::{EmailKey, Key};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// Whom to take on: by e-mail address, or by id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
#[serde(deny_unknown_fields)]
pub struct GrantStaff {
    /// The person's id. A host with a login of its own may name people who have no account here.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub user_id: Option<UserId>,
    /// The e-mail address of the person's account, instead of the id.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub email: Option<String>,
    /// What they may do.
    pub right: StaffRight,
}

impl fmt::Debug for GrantStaff {
    /// Personal data stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantStaff").field("right", &self.right).finish_non_exhaustive()
    }
}

impl StaffOf<'_> {
    /// Takes a person onto the event's staff. For its organizer. Another right is a new grant: let them go first.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `invalid_value` (neither or both of id and address; too many),
    /// `user_not_found`, `too_many_attempts` after ten addresses of nobody, `grant_exists` (the organizer needs none).
    pub async fn grant(&self, actor: &Actor, request: GrantStaff) -> Result<StaffView, Error> {
        let mut check = Check::new();
        let one = request.user_id.is_some() != request.email.is_some();
        check.require(one, "user_id", "or email must be given, and not both");
        check.length("email", request.email.as_deref().unwrap_or_default(), 254);
        check.finish()?;
        let by_address = request.email.is_some();
        let command = Grant { actor: actor.clone(), event_id: self.event_id, request };
        let decided = self.engine.executor.decide(command);
        let guess = ("address", Reason::UserNotFound);
        let granted =
            if by_address { probe(self.engine, guess, actor, decided).await? } else { decided.await? };
        let user = self.engine.load::<User>(&granted.user_id).await?;
        Ok(StaffView::new(&granted, user.as_ref().map(|user| user.name.as_str())))
    }

    /// Lets a person go: from the next request on they may nothing that others may not. For the event's organizer.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `grant_not_found`.
    pub async fn revoke(&self, actor: &Actor, user_id: UserId) -> Result<(), Error> {
        let command = Revoke { actor: actor.clone(), event_id: self.event_id, user_id };
        self.engine.executor.decide(command).await
    }
}

struct Grant {
    actor: Actor,
    event_id: EventId,
    request: GrantStaff,
}

impl Command for Grant {
    type Reply = StaffGrant;
    const NAME: &'static str = "grant_staff";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Staff(self.event_id)]);
        keys.extend(self.request.email.as_deref().map(|email| Key::EmailClaim(EmailKey::new(email))));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<StaffGrant> {
        let event = event::find(work, self.event_id)?;
        event::require_owner(work, &self.actor, &event)?;
        let user_id = self.person(work)?;
        let mut staff = find(work, self.event_id)?;
        if event.organizer_id == user_id {
            return Err(Error::new(Reason::GrantExists, "The organizer may do everything already.").into());
        }
        let granted = StaffGrant { user_id, right: self.request.right, granted_at: cx.now };
        staff.add(granted.clone())?;
        work.put(staff);
        let act = audit::Act::new("staff.granted", "user", user_id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(granted)
    }
}

impl Grant {
    fn person(&self, work: &mut Work) -> Decision<UserId> {
        let unknown = || Error::new(Reason::UserNotFound, "There is no such user.");
        match (&self.request.email, self.request.user_id) {
            (Some(email), _) => {
                let claim = work.find::<EmailClaim>(&EmailKey::new(email))?;
                Ok(claim.ok_or_else(|| unknown().at_field("email"))?.user_id)
            }
            (None, Some(user_id)) => Ok(user_id),
            (None, None) => Err(unknown().into()),
        }
    }
}

struct Revoke {
    actor: Actor,
    event_id: EventId,
    user_id: UserId,
}

impl Command for Revoke {
    type Reply = ();
    const NAME: &'static str = "revoke_staff";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Staff(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = event::find(work, self.event_id)?;
        event::require_owner(work, &self.actor, &event)?;
        let mut staff = find(work, self.event_id)?;
        if staff.right_of(self.user_id).is_none() {
            return Err(super::grant_not_found().into());
        }
        staff.grants.retain(|grant| grant.user_id != self.user_id);
        work.put(staff);
        let act = audit::Act::new("staff.revoked", "user", self.user_id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
