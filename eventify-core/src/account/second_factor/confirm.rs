//! The first code: from here on logins ask for one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::SecondFactor;
use super::totp::{self, Proof};
use super::{guess, wrong_code};
use crate::account::model::User;
use crate::account::notice::notice;
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
use crate::work::{Decision, Work};

/// What the authenticator app shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct ConfirmSecondFactor {
    /// Six digits.
    pub code: SecretText,
}

/// Codes for the day when the app is lost, each good once. Shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RecoveryCodes {
    /// Ten codes; those before them are void.
    pub recovery_codes: Vec<SecretText>,
}

impl Accounts<'_> {
    /// Turns the second factor on: the code shows that the app has the secret. Sessions that are open stay open.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `second_factor_off` when none was begun, `second_factor_on`,
    /// `invalid_code`, `too_many_attempts`.
    pub async fn confirm_second_factor(
        &self,
        actor: &Actor,
        request: ConfirmSecondFactor,
    ) -> Result<RecoveryCodes, Error> {
        let user_id = actor.require_user()?;
        let proof = Proof::Code(request.code);
        let confirmed = self.engine.executor.decide(Confirm { actor: actor.clone(), user_id, proof }).await?;
        confirmed.map(|recovery_codes| RecoveryCodes { recovery_codes }).ok_or_else(wrong_code)
    }
}

struct Confirm {
    actor: Actor,
    user_id: UserId,
    proof: Proof,
}

impl Command for Confirm {
    /// The recovery codes; nothing for a wrong code, which was counted.
    type Reply = Option<Vec<SecretText>>;
    const NAME: &'static str = "confirm_second_factor";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.user_id;
        keys.extend([Key::User(id), Key::SecondFactor(id), Key::Preferences(id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Self::Reply> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        let none = || Error::new(Reason::SecondFactorOff, "No second factor was begun.");
        let begun = work.find::<SecondFactor>(&self.user_id)?.ok_or_else(none)?;
        if begun.is_on() {
            return Err(Error::new(Reason::SecondFactorOn, "The account has a second factor already.").into());
        }
        if !guess(work, cx, &self.actor, &user, &begun, &self.proof)? {
            return Ok(None);
        }
        let used = work.find::<SecondFactor>(&self.user_id)?.ok_or_else(none)?;
        let (codes, hashes) = totp::recovery_codes(cx, self.user_id);
        work.put(SecondFactor { confirmed_at: Some(cx.now), recovery_codes: hashes, ..(*used).clone() });
        notice(work, cx, &user, &Words::AccountSecondFactorOn {})?;
        let act = audit::Act::new("second_factor.turned_on", "user", self.user_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(Some(codes))
    }
}
