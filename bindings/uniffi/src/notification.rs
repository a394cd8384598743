//! What people were told, and what they want to be told.

use eventify_core::account::SecretText;
use eventify_core::ffi::Refusal;
use eventify_core::notification::{
    AddPushSubscription, NotificationView, PreferencesView, PushSubscriptionView, SendNotification,
    Unsubscription,
};
use eventify_core::{NotificationId, PageRequest, PushSubscriptionId};

use std::sync::Arc;

use crate::actor::Actor;
use crate::feed::{NotificationFeed, opened};
use crate::page::{NotificationPage, PushSubscriptionPage};
use crate::shared::Shared;

/// What people were told, and what they want to be told.
#[derive(Debug, uniffi::Object)]
pub struct Notifications(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl Notifications {
    /// What the caller wants to be told, and how.
    ///
    /// # Errors
    /// `not_authenticated`.
    pub async fn preferences(&self, actor: &Actor) -> Result<PreferencesView, Refusal> {
        Ok(self.0.engine()?.notifications().preferences(actor).await?)
    }

    /// Changes what the caller wants to be told; kinds and channels that are not named stay as they are. Quiet hours hold back
    /// what is sent from then on.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` for switching security off, and for quiet hours that never end.
    pub async fn set_preferences(
        &self,
        actor: &Actor,
        change: PreferencesView,
    ) -> Result<PreferencesView, Refusal> {
        Ok(self.0.engine()?.notifications().set_preferences(actor, change).await?)
    }

    /// Has a browser or phone take the caller's push messages, and nobody else's any more. The eleventh takes the place of
    /// the oldest. One that is there already stays as it is.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_value`.
    pub async fn add_push_subscription(
        &self,
        actor: &Actor,
        request: AddPushSubscription,
    ) -> Result<PushSubscriptionView, Refusal> {
        Ok(self.0.engine()?.notifications().add_push_subscription(actor, request).await?)
    }

    /// Has one of the caller's browsers or phones take no more of their push messages.
    ///
    /// # Errors
    /// `not_authenticated`, `push_subscription_not_found`.
    pub async fn remove_push_subscription(
        &self,
        actor: &Actor,
        id: PushSubscriptionId,
    ) -> Result<(), Refusal> {
        Ok(self.0.engine()?.notifications().remove_push_subscription(actor, id).await?)
    }

    /// The browsers and phones that take the caller's push messages, oldest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn push_subscriptions(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<PushSubscriptionPage, Refusal> {
        Ok(self.0.engine()?.notifications().push_subscriptions(actor, &page).await?.into())
    }

    /// The caller's history, newest first; only what is not read yet when `unread`.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn list(
        &self,
        actor: &Actor,
        unread: bool,
        page: PageRequest,
    ) -> Result<NotificationPage, Refusal> {
        Ok(self.0.engine()?.notifications().list(actor, unread, &page).await?.into())
    }

    /// One of the caller's notifications.
    ///
    /// # Errors
    /// `not_authenticated`, `notification_not_found`.
    pub async fn get(&self, actor: &Actor, id: NotificationId) -> Result<NotificationView, Refusal> {
        Ok(self.0.engine()?.notifications().get(actor, id).await?.into_inner())
    }

    /// Marks one as read; once read it stays so.
    ///
    /// # Errors
    /// `not_authenticated`, `notification_not_found`.
    pub async fn mark_read(&self, actor: &Actor, id: NotificationId) -> Result<NotificationView, Refusal> {
        Ok(self.0.engine()?.notifications().mark_read(actor, id).await?)
    }

    /// Marks everything as read that is there now, and says how many were not.
    ///
    /// # Errors
    /// `not_authenticated`.
    pub async fn mark_all_read(&self, actor: &Actor) -> Result<u64, Refusal> {
        Ok(self.0.engine()?.notifications().mark_all_read(actor).await?)
    }

    /// Sends a person a message by every channel that they allow. For admins.
    ///
    /// # Errors
    /// `not_authenticated`, `not_allowed`, `invalid_value`, `user_not_found`, `idempotency_key_reused`.
    #[uniffi::method(default(idempotency_key))]
    pub async fn send(
        &self,
        actor: &Actor,
        request: SendNotification,
        idempotency_key: Option<String>,
    ) -> Result<NotificationView, Refusal> {
        Ok(self.0.engine()?.notifications().send(actor.call(idempotency_key), request).await?.into_inner())
    }

    /// What the caller is told from now on, or behind a notification that they have seen and up to a minute before it, each once, in the order
    /// of the history. Nothing is lost or held up by a reader who is slow; whoever goes on drops what they have by its id. Called `listen` in Kotlin,
    /// where a cancelled coroutine would lose it, and in Swift.
    ///
    /// # Errors
    /// `not_authenticated`, `notification_not_found` (`after`), `too_far_behind` (more than 1,000 behind `after`),
    /// `overloaded` (64 feeds of one person), `shutting_down`; within the feed also `session_revoked`, and `invalid_token` and
    /// `token_expired` of an API key.
    #[uniffi::method(default(after))]
    pub async fn open_feed(
        &self,
        actor: &Actor,
        after: Option<NotificationId>,
    ) -> Result<Arc<NotificationFeed>, Refusal> {
        Ok(opened(self.0.engine()?.notifications().listen(actor, after).await?))
    }

    /// What the token of a message's link would end; changes nothing. For whoever has it.
    ///
    /// # Errors
    /// `invalid_token`.
    pub async fn unsubscription(&self, token: SecretText) -> Result<Unsubscription, Refusal> {
        Ok(self.0.engine()?.notifications().unsubscription(&token).await?)
    }

    /// Ends messages of a kind by a channel, for whoever has the token of such a message's link. Doing so again changes
    /// nothing. The person turns them on again in their preferences.
    ///
    /// # Errors
    /// `invalid_token`.
    pub async fn unsubscribe(&self, actor: &Actor, token: SecretText) -> Result<Unsubscription, Refusal> {
        Ok(self.0.engine()?.notifications().unsubscribe(actor, &token).await?)
    }
}
