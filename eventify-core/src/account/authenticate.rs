//! Reading accounts, and finding out who shows an access token.

use std::time::Duration;

use super::api_key::{self, ApiKeys};
use super::model::{Session, User};
use super::view::{PublicProfile, UserView};
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::eventify::of_kind;
use crate::executor::Core;
use crate::id::UserId;
use crate::scope::Scope;
use crate::staff::{Staff, device_revoked};
use crate::store::{Key, Recorded};

/// Who showed a token or a key, and for how long it is good: for ever if `None`, unless it is revoked.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// Who it is.
    pub actor: Actor,
    /// How long from now on.
    pub good_for: Option<Duration>,
}

fn session_revoked() -> Error {
    Error::new(Reason::SessionRevoked, "The session was ended; log in again.")
}

/// Whether an actor is still who they were: by a session, a key or a device that is good. Whom a host vouches for
/// without any of these is the host's to turn away.
///
/// # Errors
/// `session_revoked`, `invalid_token` and `token_expired` of an API key, `device_revoked`.
pub(crate) async fn require_good(core: &Core, actor: &Actor) -> Result<(), Error> {
    if let Some((device_id, event_id)) = actor.as_device() {
        let loaded = core.store.load(&[Key::Staff(event_id)].into()).await?;
        let staff = of_kind::<Staff>(&loaded).next().ok_or_else(device_revoked)?;
        return staff.live_device(device_id).map(drop);
    }
    let Some(user_id) = actor.user_id() else { return Ok(()) };
    let now = core.clock.now();
    if let Some(id) = actor.api_key_id() {
        let loaded = core.store.load(&[Key::User(user_id), Key::ApiKeys(user_id)].into()).await?;
        let keys = of_kind::<User>(&loaded).next().and_then(|_| of_kind::<ApiKeys>(&loaded).next());
        let key = keys.and_then(|keys| keys.keys.iter().find(|key| key.id == id));
        return key.ok_or_else(api_key::invalid)?.require_unexpired(now);
    }
    let Some(session_id) = actor.session_id() else { return Ok(()) };
    let loaded = core.store.load(&[Key::User(user_id), Key::Session(session_id)].into()).await?;
    let user = of_kind::<User>(&loaded).next().ok_or_else(session_revoked)?;
    let session = of_kind::<Session>(&loaded).next().ok_or_else(session_revoked)?;
    let is_live = session.user_id == user.id && session.is_live(user.session_generation, now);
    if is_live { Ok(()) } else { Err(session_revoked()) }
}

impl Accounts<'_> {
    /// Who shows this access token or API key. The role is the person's present one, and a session that was ended is
    /// refused at once, however long the token would live.
    ///
    /// # Errors
    /// `invalid_token` (forged, foreign, expired, revoked), `session_revoked`, `token_expired` for an API key.
    pub async fn authenticate(&self, access_token: &str) -> Result<Actor, Error> {
        Ok(self.examine(access_token).await?.actor)
    }

    /// The same, and for how long: for those who let somebody stay.
    ///
    /// # Errors
    /// As [`Accounts::authenticate`].
    pub async fn examine(&self, access_token: &str) -> Result<Bearer, Error> {
        if access_token.starts_with(api_key::PREFIX) {
            return self.authenticate_key(access_token).await;
        }
        let core = self.engine.core();
        let (user_id, session_id, good_for) = self.engine.passes.verify(access_token, core).await?;
        let now = core.clock.now();
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
                let actor = Actor::session(user.id, user.role, session.id);
                Ok(Bearer { actor, good_for: Some(good_for) })
            }
            _ => Err(session_revoked()),
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
