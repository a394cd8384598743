//! Beginning with an authenticator app: its secret is made and shown once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::SecondFactor;
use super::totp;
use crate::account::model::User;
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
use crate::store::Key;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// A person who wants a second factor shows their password.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct BeginSecondFactor {
    /// The account's password.
    pub password: Password,
}

/// What goes into the authenticator app. Shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Enrolment {
    /// The secret in base 32, for typing.
    pub secret: SecretText,
    /// The same with all that belongs to it as an `otpauth:` URI, for a QR code.
    pub uri: SecretText,
}

impl Accounts<'_> {
    /// Makes the secret of an authenticator app. Logins ask for codes once a first code confirmed it
    /// ([`Accounts::confirm_second_factor`]); beginning again before that makes another secret.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_credentials`, `too_many_attempts`, `second_factor_on`.
    pub async fn begin_second_factor(
        &self,
        actor: &Actor,
        request: BeginSecondFactor,
    ) -> Result<Enrolment, Error> {
        let user_id = actor.require_user()?;
        let (user, seen) = self.reauthenticate(actor, user_id, &request.password).await?;
        let seed = self.engine.executor.decide(Begin { actor: actor.clone(), user_id, seen }).await?;
        let core = self.engine.core();
        let secret = totp::secret(&core.keyring(), user_id, &seed);
        let uri = totp::uri(secret, &core.settings.deployment_name, &user.email);
        Ok(Enrolment { secret: SecretText::new(totp::as_base32(secret)), uri: SecretText::new(uri) })
    }
}

struct Begin {
    actor: Actor,
    user_id: UserId,
    seen: Timestamp,
}

impl Command for Begin {
    /// The seed.
    type Reply = [u8; 16];
    const NAME: &'static str = "begin_second_factor";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.user_id;
        keys.extend([Key::User(id), Key::Credential(id), Key::SecondFactor(id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<[u8; 16]> {
        work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        reauthenticate::still(work, self.user_id, self.seen)?;
        if work.find::<SecondFactor>(&self.user_id)?.is_some_and(|factor| factor.is_on()) {
            return Err(Error::new(Reason::SecondFactorOn, "The account has a second factor already.").into());
        }
        let seed = cx.random::<16>();
        work.put(SecondFactor {
            user_id: self.user_id,
            seed,
            confirmed_at: None,
            last_step: 0,
            recovery_codes: Vec::new(),
            created_at: cx.now,
        });
        let act = audit::Act::new("second_factor.begun", "user", self.user_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(seed)
    }
}
