//! Accounts: register, login, profile, roles.

use eventify_core::account::{
    self, BeginSecondFactor, ChangePassword, ConfirmSecondFactor, CreateApiKey, CreatedApiKey, Enrolment,
    EraseAccount, Login, ProveSecondFactor, PublicProfile, RecoveryCodes, Refresh, Register,
    RequestPasswordReset, ResetPassword, SecondFactorView, SecretText, SetRole, Tokens, UpdateProfile,
    UserView, UserWithTokens, VerifyEmail,
};
use eventify_core::ffi::Refusal;
use eventify_core::store::Version;
use eventify_core::{ApiKeyId, PageRequest, SessionId, UserId};

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::actor::Actor;
use crate::fetched::{FetchedUser, only};
use crate::page::{ApiKeyPage, SessionPage};
use crate::shared::Shared;

/// Accounts: register, login, profile, roles.
#[derive(Debug, uniffi::Object)]
pub struct Accounts(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Accounts {
    /// Makes a key that acts for the caller within its scopes, whatever happens to their sessions: until it is revoked,
    /// the password is reset by mail, or the person gets another role.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_value` (name, scopes, expires_at), `invalid_credentials`,
    /// `second_factor_required`, `invalid_code`, `too_many_attempts`, `not_allowed` for a scope above the caller's role,
    /// `too_many_api_keys` beyond 20 that have not expired.
    pub async fn create_api_key(
        &self,
        actor: &Actor,
        request: CreateApiKey,
    ) -> Result<CreatedApiKey, Refusal> {
        Ok(self.0.engine()?.accounts().create_api_key(actor, request).await?)
    }

    /// The caller's keys, oldest first, without the keys themselves.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn api_keys(&self, actor: &Actor, page: PageRequest) -> Result<ApiKeyPage, Refusal> {
        Ok(self.0.engine()?.accounts().api_keys(actor, &page).await?.into())
    }

    /// Revokes one of the caller's keys: it is refused from now on.
    ///
    /// # Errors
    /// `not_authenticated`, `api_key_not_found`.
    pub async fn revoke_api_key(&self, actor: &Actor, id: ApiKeyId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().revoke_api_key(actor, id).await?)
    }

    /// The caller's own account.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`.
    pub async fn me(&self, actor: &Actor) -> Result<FetchedUser, Refusal> {
        Ok(self.0.engine()?.accounts().me(actor).await?.into())
    }

    /// Somebody's public profile. The e-mail address is only shown to the person and to admins.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn profile(&self, actor: &Actor, user_id: UserId) -> Result<PublicProfile, Refusal> {
        Ok(self.0.engine()?.accounts().profile(actor, user_id).await?.into_inner())
    }

    /// Changes the caller's password. All of the person's sessions end; the caller gets a new one.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_credentials` when the current password is wrong,
    /// `weak_password`, `too_many_attempts`.
    pub async fn change_password(
        &self,
        actor: &Actor,
        request: ChangePassword,
    ) -> Result<UserWithTokens, Refusal> {
        Ok(self.0.engine()?.accounts().change_password(actor, request).await?)
    }

    /// Makes the caller an organizer, by their own word. The caller's other sessions and API keys end; this session gets
    /// fresh tokens.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `session_revoked`.
    pub async fn become_organizer(&self, actor: &Actor) -> Result<UserWithTokens, Refusal> {
        Ok(self.0.engine()?.accounts().become_organizer(actor).await?)
    }

    /// Gives a person a role. The person's sessions and API keys end.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed` for anybody but an admin, `user_not_found`, `session_revoked`, and
    /// `last_admin` when an admin takes the role from themselves.
    pub async fn set_role(
        &self,
        actor: &Actor,
        user_id: UserId,
        request: SetRole,
    ) -> Result<UserWithTokens, Refusal> {
        Ok(self.0.engine()?.accounts().set_role(actor, user_id, request).await?)
    }

    /// Makes the account with this address an admin: for the operator's command line.
    ///
    /// # Errors
    /// `not_allowed` for anybody but the system or an admin, `user_not_found`.
    pub async fn promote(&self, actor: &Actor, email: String) -> Result<UserView, Refusal> {
        Ok(self.0.engine()?.accounts().promote(actor, &email).await?)
    }

    /// Ends the caller's account for good. Name, address, password, second factor, API keys and choices go at once,
    /// sessions with them; words and origins in other records are forgotten by a job. Tickets stay good.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_credentials`, `second_factor_required`, `invalid_code`,
    /// `too_many_attempts`, `has_open_events` (with how many), `last_admin` for an admin.
    pub async fn erase_me(&self, actor: &Actor, request: EraseAccount) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().erase_me(actor, request).await?)
    }

    /// Ends somebody's account for good, at their wish. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `user_not_found`, `has_open_events`, `last_admin` for one's own.
    pub async fn erase(&self, actor: &Actor, user_id: UserId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().erase(actor, user_id).await?)
    }

    /// Opens a session. The actor says where the request comes from (`Actor::from_origin`).
    ///
    /// Answers the same, in the same time, for an unknown address and for a wrong password. After some failures the
    /// account and the origin have to wait, longer each time, at most 15 minutes. Wrong codes count like wrong
    /// passwords, and a code is good once.
    ///
    /// # Errors
    /// `invalid_credentials`, `second_factor_required` when the password is right and the account wants a code too (ask
    /// again with both), `invalid_code`, `too_many_attempts` (with when to come back), `invalid_value` for what no account's
    /// address can be.
    pub async fn login(&self, actor: &Actor, request: Login) -> Result<Tokens, Refusal> {
        Ok(self.0.engine()?.accounts().login(actor, request).await?)
    }

    /// Ends the caller's own session: its access and refresh tokens are dead from now on. Doing so twice is fine.
    ///
    /// # Errors
    /// `not_authenticated` without a session.
    pub async fn logout(&self, actor: &Actor) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().logout(actor).await?)
    }

    /// Exchanges a refresh token. Each is good once; using one again revokes the session, except that the newest used
    /// one gets the same answer again within 10 seconds.
    ///
    /// # Errors
    /// `invalid_token`, `token_expired`, `session_revoked`.
    pub async fn refresh(&self, actor: &Actor, request: Refresh) -> Result<Tokens, Refusal> {
        Ok(self.0.engine()?.accounts().refresh(actor, request).await?)
    }

    /// Makes an account. Anybody may; its role is attendee.
    ///
    /// # Errors
    /// `invalid_value` (name, email), `weak_password`, `email_taken`.
    pub async fn register(&self, actor: &Actor, request: Register) -> Result<UserView, Refusal> {
        Ok(self.0.engine()?.accounts().register(actor, request).await?)
    }

    /// Mails a token that sets a new password to the address, if it is an account's. The answer is the same, after the
    /// same work, whether anybody has the address: who it is is looked up by a job afterwards.
    ///
    /// # Errors
    /// `invalid_value` for what no account's address can be, `too_many_attempts` after three messages to one mailbox
    /// or fifty from one origin (with when to come back).
    pub async fn request_password_reset(
        &self,
        actor: &Actor,
        request: RequestPasswordReset,
    ) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().request_password_reset(actor, request).await?)
    }

    /// Sets a new password by the token that was mailed. All of the person's sessions and API keys end, and the address
    /// counts as proven. Logs nobody in: a second factor is still asked for.
    ///
    /// # Errors
    /// `weak_password`, `invalid_token`, `token_expired`, `too_many_attempts`.
    pub async fn reset_password(&self, actor: &Actor, request: ResetPassword) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().reset_password(actor, request).await?)
    }

    /// Makes the secret of an authenticator app. Logins ask for codes once a first code confirmed it
    /// (`Accounts::confirm_second_factor`); beginning again before that makes another secret.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_credentials`, `too_many_attempts`, `second_factor_on`.
    pub async fn begin_second_factor(
        &self,
        actor: &Actor,
        request: BeginSecondFactor,
    ) -> Result<Enrolment, Refusal> {
        Ok(self.0.engine()?.accounts().begin_second_factor(actor, request).await?)
    }

    /// Turns the second factor off.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_credentials`, `second_factor_off`, `second_factor_required`,
    /// `invalid_code`, `too_many_attempts`.
    pub async fn disable_second_factor(
        &self,
        actor: &Actor,
        request: ProveSecondFactor,
    ) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().disable_second_factor(actor, request).await?)
    }

    /// Makes new recovery codes; the old ones are void.
    ///
    /// # Errors
    /// As `Accounts::disable_second_factor`.
    pub async fn renew_recovery_codes(
        &self,
        actor: &Actor,
        request: ProveSecondFactor,
    ) -> Result<RecoveryCodes, Refusal> {
        Ok(self.0.engine()?.accounts().renew_recovery_codes(actor, request).await?)
    }

    /// Takes the second factor from somebody who lost the app and the recovery codes. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `user_not_found`, `second_factor_off`.
    pub async fn remove_second_factor(&self, actor: &Actor, user_id: UserId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().remove_second_factor(actor, user_id).await?)
    }

    /// Turns the second factor on: the code shows that the app has the secret. Sessions that are open stay open.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `second_factor_off` when none was begun, `second_factor_on`,
    /// `invalid_code`, `too_many_attempts`.
    pub async fn confirm_second_factor(
        &self,
        actor: &Actor,
        request: ConfirmSecondFactor,
    ) -> Result<RecoveryCodes, Refusal> {
        Ok(self.0.engine()?.accounts().confirm_second_factor(actor, request).await?)
    }

    /// Whether the caller has a second factor.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`.
    pub async fn second_factor(&self, actor: &Actor) -> Result<SecondFactorView, Refusal> {
        Ok(self.0.engine()?.accounts().second_factor(actor).await?)
    }

    /// The caller's sessions that are still good, newest first. Those that are over are left out, so a page may have
    /// fewer than it could.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn sessions(&self, actor: &Actor, page: PageRequest) -> Result<SessionPage, Refusal> {
        Ok(self.0.engine()?.accounts().sessions(actor, &page).await?.into())
    }

    /// Ends one of the caller's sessions: its tokens are dead from now on.
    ///
    /// # Errors
    /// `not_authenticated`, `session_not_found` for somebody else's and for one that is over.
    pub async fn end_session(&self, actor: &Actor, session_id: SessionId) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().end_session(actor, session_id).await?)
    }

    /// Ends all of the caller's sessions but the one that asks.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `session_revoked` when the caller's own is over.
    pub async fn end_other_sessions(&self, actor: &Actor) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().end_other_sessions(actor).await?)
    }

    /// Changes the caller's own profile. A new address is not proven yet: a token is mailed to it. The old one is told.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value`, `email_taken`, `precondition_failed`, `too_many_attempts` when too many
    /// messages went to the new address; for another address also `password_required`, `invalid_credentials`,
    /// `second_factor_required`, `invalid_code`, and `too_many_attempts` after wrong ones.
    #[uniffi::method(default(if_match))]
    pub async fn update_me(
        &self,
        actor: &Actor,
        request: UpdateProfile,
        if_match: Option<Version>,
    ) -> Result<FetchedUser, Refusal> {
        Ok(self.0.engine()?.accounts().update_me(actor, request, only(if_match)).await?.into())
    }

    /// Mails the caller a token that proves their address; nothing when it is proven already. Registering and changing
    /// the address do so by themselves.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `too_many_attempts` after three messages (with when to come back).
    pub async fn request_verification(&self, actor: &Actor) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().request_verification(actor).await?)
    }

    /// Proves an address by the token that was mailed to it. Whoever has the token may: it says whose it is.
    ///
    /// # Errors
    /// `invalid_token`, `token_expired`, `too_many_attempts`.
    pub async fn verify_email(&self, actor: &Actor, request: VerifyEmail) -> Result<(), Refusal> {
        Ok(self.0.engine()?.accounts().verify_email(actor, request).await?)
    }

    /// Finds out who shows an access token, an API key or a device's key.
    ///
    /// # Errors
    /// `invalid_token`, `token_expired`, `session_revoked`.
    pub async fn authenticate(&self, access_token: SecretText) -> Result<Arc<Actor>, Refusal> {
        Ok(Arc::new(Actor(self.0.engine()?.accounts().authenticate(access_token.expose()).await?)))
    }

    /// Begins an archive of all that is known of the caller. `Archive.next` gives it piece by piece.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`.
    pub async fn archive(&self, actor: &Actor) -> Result<Arc<Archive>, Refusal> {
        let archive = self.0.engine()?.accounts().archive(actor).await?;
        Ok(Arc::new(Archive { eventify: self.0.clone(), archive: Mutex::new(archive) }))
    }
}

/// An archive on its way out. Takes memory for a page, however long the history is.
#[derive(Debug, uniffi::Object)]
pub struct Archive {
    eventify: Arc<Shared>,
    archive: Mutex<account::Archive>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Archive {
    /// The archive's next piece; nothing at its end. All pieces together are one JSON object, whose last member `complete`
    /// says that it is whole.
    ///
    /// # Errors
    /// `user_not_found` when the account ended meanwhile, `store_unavailable`.
    pub async fn next(&self) -> Result<Option<String>, Refusal> {
        Ok(self.eventify.engine()?.accounts().read_archive(&mut *self.archive.lock().await).await?)
    }
}
