//! Asking for the password again before something grave.

use std::sync::Arc;

use super::model::{Credential, User};
use super::password::Password;
use super::throttle::{self, NoteFailure};
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::store::EmailKey;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

impl Accounts<'_> {
    /// The account of somebody who shows its password, and when that password was set: the decision that follows
    /// compares it ([`still`]). Guesses are counted like those at login.
    ///
    /// # Errors
    /// `user_not_found`, `invalid_credentials`, `too_many_attempts`.
    pub(super) async fn reauthenticate(
        &self,
        actor: &Actor,
        user_id: UserId,
        password: &Password,
    ) -> Result<(Arc<User>, Timestamp), Error> {
        let wrong = || Error::new(Reason::InvalidCredentials, "The current password is wrong.");
        let user = self.engine.load::<User>(&user_id).await?.ok_or_else(user_not_found)?;
        let keys = throttle::keys(&EmailKey::new(&user.email), actor);
        self.check_throttle(&keys).await?;
        let credential = self.engine.load::<Credential>(&user_id).await?.ok_or_else(wrong)?;
        if !self.engine.hasher.verify(password, Some(&credential.password_hash)).await? {
            self.engine.executor.decide(NoteFailure { actor: actor.clone(), keys }).await?;
            return Err(wrong());
        }
        // As at login: guesses that were made at the same moment do not count.
        self.check_throttle(&keys).await?;
        Ok((user, credential.changed_at))
    }
}

/// The password is the one that was compared.
///
/// # Errors
/// `invalid_credentials`.
pub(super) fn still(work: &mut Work, user_id: UserId, seen: Timestamp) -> Decision<Arc<Credential>> {
    let changed = || Error::new(Reason::InvalidCredentials, "The password was changed meanwhile.");
    let credential = work.find::<Credential>(&user_id)?.filter(|credential| credential.changed_at == seen);
    Ok(credential.ok_or_else(changed)?)
}
