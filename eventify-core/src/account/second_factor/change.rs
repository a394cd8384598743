//! Turning a second factor off, and new recovery codes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::confirm::RecoveryCodes;
use super::model::SecondFactor;
use super::totp::{self, Proof};
use super::{Proven, prove, wrong_code};
use crate::account::model::User;
use crate::account::notice::notice;
use crate::account::password::Password;
use crate::account::reauthenticate;
use crate::account::secret_text::SecretText;
use crate::account::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::notification::Words;
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// A person who shows both factors: the password, and a code of either kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct ProveSecondFactor {
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

impl Accounts<'_> {
    /// Turns the second factor off.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_credentials`, `second_factor_off`, `second_factor_required`,
    /// `invalid_code`, `too_many_attempts`.
    pub async fn disable_second_factor(
        &self,
        actor: &Actor,
        request: ProveSecondFactor,
    ) -> Result<(), Error> {
        self.change_second_factor(actor, request, Wish::TurnOff).await.map(drop)
    }

    /// Makes new recovery codes; the old ones are void.
    ///
    /// # Errors
    /// As [`Accounts::disable_second_factor`].
    pub async fn renew_recovery_codes(
        &self,
        actor: &Actor,
        request: ProveSecondFactor,
    ) -> Result<RecoveryCodes, Error> {
        let recovery_codes = self.change_second_factor(actor, request, Wish::NewCodes).await?;
        Ok(RecoveryCodes { recovery_codes })
    }

    /// Takes the second factor from somebody who lost the app and the recovery codes. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `user_not_found`, `second_factor_off`.
    pub async fn remove_second_factor(&self, actor: &Actor, user_id: UserId) -> Result<(), Error> {
        actor.require_admin()?;
        self.engine.executor.decide(Remove { actor: actor.clone(), user_id }).await
    }

    async fn change_second_factor(
        &self,
        actor: &Actor,
        request: ProveSecondFactor,
        wish: Wish,
    ) -> Result<Vec<SecretText>, Error> {
        let user_id = actor.require_user()?;
        let proof = Proof::of(request.code, request.recovery_code)?;
        let (_, seen) = self.reauthenticate(actor, user_id, &request.password).await?;
        let command = Change { actor: actor.clone(), user_id, seen, proof, wish };
        self.engine.executor.decide(command).await?.ok_or_else(wrong_code)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    TurnOff,
    NewCodes,
}

struct Change {
    actor: Actor,
    user_id: UserId,
    seen: Timestamp,
    proof: Option<Proof>,
    wish: Wish,
}

impl Command for Change {
    /// The new codes, if any are wanted; nothing for a wrong code, which was counted.
    type Reply = Option<Vec<SecretText>>;
    const NAME: &'static str = "change_second_factor";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.user_id;
        keys.extend([Key::User(id), Key::Credential(id), Key::SecondFactor(id), Key::Preferences(id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Self::Reply> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        reauthenticate::still(work, self.user_id, self.seen)?;
        match prove(work, cx, &self.actor, &user, self.proof.as_ref())? {
            Proven::NotAsked => return Err(off().into()),
            Proven::Wrong => return Ok(None),
            Proven::ByCode | Proven::ByRecoveryCode(_) => {}
        }
        let used = work.find::<SecondFactor>(&self.user_id)?.ok_or_else(off)?;
        let (codes, action, words) = match self.wish {
            Wish::TurnOff => {
                work.delete::<SecondFactor>(&self.user_id);
                (Vec::new(), "second_factor.turned_off", Words::AccountSecondFactorOff {})
            }
            Wish::NewCodes => {
                let (codes, hashes) = totp::recovery_codes(cx, self.user_id);
                work.put(SecondFactor { recovery_codes: hashes, ..(*used).clone() });
                (codes, "second_factor.codes_renewed", Words::AccountCodesRenewed {})
            }
        };
        notice(work, cx, &user, &words)?;
        audit::record(work, cx, &self.actor, &audit::Act::new(action, "user", self.user_id));
        Ok(Some(codes))
    }
}

struct Remove {
    actor: Actor,
    user_id: UserId,
}

impl Command for Remove {
    type Reply = ();
    const NAME: &'static str = "remove_second_factor";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.user_id;
        keys.extend([Key::User(id), Key::SecondFactor(id), Key::Preferences(id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        self.actor.require_admin()?;
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        work.find::<SecondFactor>(&self.user_id)?.filter(|factor| factor.is_on()).ok_or_else(off)?;
        work.delete::<SecondFactor>(&self.user_id);
        notice(work, cx, &user, &Words::AccountSecondFactorRemoved {})?;
        let act = audit::Act::new("second_factor.removed", "user", self.user_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

fn off() -> Error {
    Error::new(Reason::SecondFactorOff, "The account has no second factor.")
}
