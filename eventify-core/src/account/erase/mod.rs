//! Ending an account for good: what names the person goes, what others rely on stays.
//!
//! The account itself goes at once, and with it everything that opens it. What the nouns keep about the person is
//! forgotten by a job, part by part, in chunks. Bookings and tickets stay and stay good: they know an id, and the
//! sums over them are as before.

mod forget;
mod model;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub(crate) use forget::{erase_part, personal_index};
pub use model::Erasure;

use super::model::{Credential, EmailClaim, MailTokens, Throttle, User};
use super::password::Password;
use super::second_factor::{Proof, Proven, SecondFactor, prove, wrong_code};
use super::secret_text::SecretText;
use super::{Accounts, ApiKeys, reauthenticate, user_not_found};
use crate::actor::{Actor, Role};
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event::OpenEvents;
use crate::id::{JobId, UserId};
use crate::job::{self, JobWork};
use crate::notification::{self, DigestBox, Preferences};
use crate::store::{EmailKey, Key, Recorded, ThrottleKey};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// A person who wants to be forgotten shows their password, and a code if the account has a second factor.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct EraseAccount {
    /// The account's password.
    pub password: Password,
    /// What the authenticator app shows.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub code: Option<SecretText>,
    /// Instead of it, a recovery code.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub recovery_code: Option<SecretText>,
}

/// What was begun before the account ended is written by then, and forgotten with the rest.
const FORGET_AFTER: std::time::Duration = std::time::Duration::from_secs(60);

impl Accounts<'_> {
    /// Ends the caller's account for good. Name, address, password, second factor, API keys and choices go at once,
    /// sessions with them; words and origins in other records are forgotten by a job. Tickets stay good.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_credentials`, `second_factor_required`, `invalid_code`,
    /// `too_many_attempts`, `has_open_events` (with how many), `last_admin` for an admin.
    pub async fn erase_me(&self, actor: &Actor, request: EraseAccount) -> Result<(), Error> {
        let user_id = actor.require_user()?;
        let proof = Proof::of(request.code, request.recovery_code)?;
        let (_, seen) = self.reauthenticate(actor, user_id, &request.password).await?;
        let command = Erase { actor: actor.clone(), user_id, own: Some((seen, proof)) };
        self.engine.executor.decide(command).await?.then_some(()).ok_or_else(wrong_code)
    }

    /// Ends somebody's account for good, at their wish. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `user_not_found`, `has_open_events`, `last_admin` for one's own.
    pub async fn erase(&self, actor: &Actor, user_id: UserId) -> Result<(), Error> {
        actor.require_admin()?;
        self.engine.executor.decide(Erase { actor: actor.clone(), user_id, own: None }).await.map(drop)
    }
}

struct Erase {
    actor: Actor,
    user_id: UserId,
    /// For one's own: when the password was set that was compared, and the second factor.
    own: Option<(Timestamp, Option<Proof>)>,
}

impl Command for Erase {
    /// Whether it was done; not for a wrong code, which was counted.
    type Reply = bool;
    const NAME: &'static str = "erase_account";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.user_id;
        keys.extend([Key::User(id), Key::Credential(id), Key::SecondFactor(id), Key::MailTokens(id)]);
        keys.extend([Key::ApiKeys(id), Key::Preferences(id), Key::OpenEvents(id)]);
        keys.extend([Key::PushSubscriptions(id), Key::DigestBox(id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<bool> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        match &self.own {
            Some((seen, proof)) => {
                reauthenticate::still(work, user.id, *seen)?;
                if prove(work, cx, &self.actor, &user, proof.as_ref())? == Proven::Wrong {
                    return Ok(false);
                }
            }
            None => self.actor.require_admin()?,
        }
        if user.role == Role::Admin && self.actor.user_id() == Some(user.id) {
            return Err(Error::new(Reason::LastAdmin, "Another admin has to take this role from you.").into());
        }
        if let Some(open) = work.find::<OpenEvents>(&user.id)? {
            let sentence = "Finish or cancel your events, and delete your drafts, first.";
            return Err(Error::new(Reason::HasOpenEvents, sentence).with("open_events", open.count).into());
        }
        close(work, &user)?;
        work.put(Erasure { user_id: user.id, requested_at: cx.now, finished_at: None });
        let (user_id, email) = (user.id, EmailKey::new(&user.email));
        let forget = JobWork::EraseUser { user_id, email, step: 0, after: None };
        job::schedule(work, cx, JobId::from_uuid(user.id.uuid()), forget, cx.now.plus(FORGET_AFTER));
        // From where is what is to be forgotten, so it is not written down first.
        let who = if self.own.is_some() { audit::by(user.id, None) } else { self.actor.clone() };
        audit::record(work, cx, &who, &audit::Act::new("user.erased", "user", user.id));
        Ok(true)
    }
}

/// Deletes the account and everything that opens it.
fn close(work: &mut Work, user: &User) -> Decision<()> {
    let email = EmailKey::new(&user.email);
    let throttles = [ThrottleKey::account(&email), ThrottleKey::mail(&email)];
    work.need(throttles.iter().cloned().map(Key::Throttle).chain([Key::EmailClaim(email.clone())]))?;
    for key in &throttles {
        delete::<Throttle>(work, key)?;
    }
    delete::<EmailClaim>(work, &email)?;
    delete::<Credential>(work, &user.id)?;
    delete::<SecondFactor>(work, &user.id)?;
    delete::<MailTokens>(work, &user.id)?;
    delete::<ApiKeys>(work, &user.id)?;
    delete::<DigestBox>(work, &user.id)?;
    notification::forget_all_push(work, user.id)?;
    // Tickets stay, and with them the facts about their events: nothing of it is told any more.
    work.find::<Preferences>(&user.id)?;
    work.put(Preferences::nothing(user.id));
    work.delete::<User>(&user.id);
    Ok(())
}

fn delete<R: Recorded>(work: &mut Work, id: &R::Id) -> Decision<()> {
    if work.find::<R>(id)?.is_some() {
        work.delete::<R>(id);
    }
    Ok(())
}
