//! Reading accounts, and finding out who shows an access token.

use super::access_token;
use super::api_key;
use super::model::{Session, User};
use super::view::{PublicProfile, UserView};
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::id::UserId;
use crate::scope::Scope;
use crate::store::{Key, Recorded};

impl Accounts<'_> {
    /// Who shows this access token or API key. The role is the person's present one, and a session that was ended is
    /// refused at once, however long the token would live.
    ///
    /// # Errors
    /// `invalid_token` (forged, foreign, expired, revoked), `session_revoked`, `token_expired` for an API key.
    pub async fn authenticate(&self, access_token: &str) -> Result<Actor, Error> {
        if access_token.starts_with(api_key::PREFIX) {
            return self.authenticate_key(access_token).await;
        }
        let core = self.engine.core();
        let now = core.clock.now();
        // Another process may sign with a key that this one has not seen yet.
        let keyring = core.keys.knowing(access_token::key_id(access_token), &*core.store).await?;
        let (user_id, session_id) = access_token::verify(access_token, &keyring, now)?;
        let loaded = self.engine.load_all([Key::User(user_id), Key::Session(session_id)]).await?;
        let mut user = None;
        let mut session = None;
        for record in loaded.iter().filter_map(|v| v.record.as_ref()) {
            user = user.or_else(|| User::unwrap(record));
            session = session.or_else(|| Session::unwrap(record));
        }
        match (user, session) {
            (Some(user), Some(session))
                if session.user_id == user.id && session.is_live(user.session_generation, now) =>
            {
                Ok(Actor::session(user.id, user.role, session.id))
            }
            _ => Err(Error::new(Reason::SessionRevoked, "The session was ended; log in again.")),
        }
    }

    /// The caller's own account.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`.
    pub async fn me(&self, actor: &Actor) -> Result<Fetched<UserView>, Error> {
        let user_id = actor.within(Scope::AccountRead)?.require_user()?;
        let (user, version) = self.engine.fetch::<User>(&user_id).await?.ok_or_else(user_not_found)?;
        Ok(Fetched::new(UserView::from(&*user), version))
    }

    /// Somebody's public profile. The e-mail address is only shown to the person and to admins.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn profile(&self, actor: &Actor, user_id: UserId) -> Result<Fetched<PublicProfile>, Error> {
        let (user, version) = self.engine.fetch::<User>(&user_id).await?.ok_or_else(user_not_found)?;
        let actor = &*actor.viewing(Scope::AccountRead);
        let private = actor.is_admin() || actor.user_id() == Some(user_id);
        Ok(Fetched::new(PublicProfile::new(&user, private), version))
    }
}
