//! Seeing where one's push messages go.

use serde::{Deserialize, Serialize};

use super::model::{PushSubscription, PushSubscriptions};
use crate::actor::Actor;
use crate::error::Error;
use crate::id::PushSubscriptionId;
use crate::notification::{Notifications, PushAddress};
use crate::page::{self, Listing, PageRequest};
use crate::scope::Scope;
use crate::time::Timestamp;

/// A browser or phone as its person sees it: without what reaches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PushSubscriptionView {
    /// Its id.
    pub id: PushSubscriptionId,
    /// `web` for a browser, `fcm` for an app.
    pub kind: String,
    /// Who brings messages to a browser: the name of the push service's host.
    pub service: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
}

impl From<&PushSubscription> for PushSubscriptionView {
    fn from(of: &PushSubscription) -> Self {
        let (kind, service) = match &of.address {
            PushAddress::Web { endpoint, .. } => ("web", host(endpoint).map(str::to_owned)),
            PushAddress::Fcm { .. } => ("fcm", None),
        };
        Self { id: of.id, kind: kind.to_owned(), service, created_at: of.created_at }
    }
}

/// The host of an `https:` address, if it names one and nobody's password.
pub(super) fn host(endpoint: &str) -> Option<&str> {
    let rest = endpoint.strip_prefix("https://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    (!host.is_empty() && !authority.contains('@')).then_some(host)
}

impl Notifications<'_> {
    /// The browsers and phones that take the caller's push messages, oldest first.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn push_subscriptions(
        &self,
        actor: &Actor,
        page: &PageRequest,
    ) -> Result<Listing<PushSubscriptionView>, Error> {
        let actor = &*actor.within(Scope::NotificationsRead)?;
        let user_id = actor.require_user()?;
        let found = self.engine.load::<PushSubscriptions>(&user_id).await?;
        let mut all = found.map_or_else(Vec::new, |found| found.subscriptions.clone());
        all.sort_by_key(|one| (one.created_at, one.id));
        let place = |one: &PushSubscription| {
            [&one.created_at.as_micros().max(0).to_be_bytes()[..], one.id.as_bytes()].concat()
        };
        let list = format!("push_subscriptions/{user_id}");
        let keyring = self.engine.core().keyring();
        Ok(page::of_slice(&all, page, place, &list, &keyring)?.map(PushSubscriptionView::from))
    }
}
