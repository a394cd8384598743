//! Having a browser or phone take one's push messages.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::{PushClaim, PushSubscription, PushSubscriptions, SUBSCRIPTIONS_MAX, hash_of};
use super::show::{PushSubscriptionView, host};
use crate::account::{SecretText, User};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::notification::{Notifications, PushAddress};
use crate::store::Key;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A browser or phone that is to take one's push messages: exactly one of the two.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct AddPushSubscription {
    /// A browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub web: Option<WebPushSubscription>,
    /// An app.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub fcm: Option<FcmSubscription>,
}

/// A browser, in the words of its `PushSubscription.toJSON()`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WebPushSubscription {
    /// The push service's address for it, `https:`; at most 2,048 characters.
    pub endpoint: String,
    /// Not looked at: the push service says when it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub expiration_time: Option<f64>,
    /// With what messages to it are encrypted.
    pub keys: WebPushKeys,
}

/// With what messages to a browser are encrypted (RFC 8291), as base64url.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
#[serde(deny_unknown_fields)]
pub struct WebPushKeys {
    /// Its public key: an uncompressed P-256 point of 65 bytes.
    pub p256dh: String,
    /// Its authentication secret: 16 bytes.
    pub auth: SecretText,
}

/// An app that is reached by Firebase Cloud Messaging.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct FcmSubscription {
    /// Its registration token; at most 4,096 characters.
    pub token: SecretText,
}

impl fmt::Debug for WebPushSubscription {
    /// Whoever knows the address can send to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebPushSubscription(…)")
    }
}

impl fmt::Debug for WebPushKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebPushKeys(…)")
    }
}

const ENDPOINT_CHARS_MAX: usize = 2_048;
const FCM_TOKEN_CHARS_MAX: usize = 4_096;

impl AddPushSubscription {
    fn address(self) -> Result<PushAddress, Error> {
        let mut check = Check::new();
        let address = match (self.web, self.fcm) {
            (Some(web), None) => Some(web_address(&mut check, web)),
            (None, Some(fcm)) => {
                let token = fcm.token.expose();
                let good = is_plain(token, FCM_TOKEN_CHARS_MAX);
                check.require(good, "fcm.token", "must be a registration token of at most 4,096 characters");
                Some(PushAddress::Fcm { token: token.to_owned() })
            }
            _ => {
                check.fail("web", "must be there, or fcm, and not both");
                None
            }
        };
        check.finish()?;
        address.ok_or_else(|| Error::internal("a checked subscription without an address"))
    }
}

fn web_address(check: &mut Check, web: WebPushSubscription) -> PushAddress {
    let good = is_plain(&web.endpoint, ENDPOINT_CHARS_MAX) && host(&web.endpoint).is_some();
    check.require(good, "web.endpoint", "must be an https address of at most 2,048 characters");
    let p256dh = decoded(&web.keys.p256dh, 65).filter(|point| point.first() == Some(&4));
    check.require(p256dh.is_some(), "web.keys.p256dh", "must be an uncompressed P-256 point as base64url");
    let auth = decoded(web.keys.auth.expose(), 16);
    check.require(auth.is_some(), "web.keys.auth", "must be 16 bytes as base64url");
    let (p256dh, auth) = (p256dh.unwrap_or_default(), auth.unwrap_or_default());
    PushAddress::Web { endpoint: web.endpoint, p256dh, auth }
}

fn is_plain(text: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// So many bytes of base64url, with or without padding.
fn decoded(text: &str, bytes: usize) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    if text.len() > 2 * bytes {
        return None;
    }
    let found = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    (found.len() == bytes).then_some(found)
}

impl Notifications<'_> {
    /// Has a browser or phone take the caller's push messages, and nobody else's any more. The eleventh takes the place of
    /// the oldest. One that is there already stays as it is.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`, `invalid_value`.
    pub async fn add_push_subscription(
        &self,
        actor: &Actor,
        request: AddPushSubscription,
    ) -> Result<PushSubscriptionView, Error> {
        let user_id = actor.require_user()?;
        let address = request.address()?;
        self.engine.executor.decide(Add { actor: actor.clone(), user_id, address }).await
    }
}

struct Add {
    actor: Actor,
    user_id: UserId,
    address: PushAddress,
}

impl Command for Add {
    type Reply = PushSubscriptionView;
    const NAME: &'static str = "add_push_subscription";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        let id = self.user_id;
        keys.extend([Key::User(id), Key::PushSubscriptions(id), Key::PushClaim(hash_of(&self.address))]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<PushSubscriptionView> {
        if work.find::<User>(&self.user_id)?.is_none() {
            return Err(Error::new(Reason::UserNotFound, "There is no such user.").into());
        }
        let before = work.find::<PushSubscriptions>(&self.user_id)?;
        let mut all = before.map_or_else(Vec::new, |before| before.subscriptions.clone());
        let new = PushSubscription::new(self.user_id, self.address.clone(), cx.now);
        if let Some(known) = all.iter().find(|one| one.address == new.address) {
            return Ok(PushSubscriptionView::from(known));
        }
        let hash = new.hash();
        if let Some(claim) = work.find::<PushClaim>(&hash)?.filter(|claim| claim.user_id != self.user_id) {
            // Somebody else logged in before in the same browser: what is theirs is not shown there any more.
            let theirs = PushSubscription::new(claim.user_id, self.address.clone(), cx.now).id;
            super::forget(work, claim.user_id, &[theirs])?;
        }
        all.retain(|one| one.id != new.id);
        if let Some(oldest) = all.first().map(|one| one.id).filter(|_| all.len() >= SUBSCRIPTIONS_MAX) {
            super::forget(work, self.user_id, &[oldest])?;
            all.remove(0);
        }
        let view = PushSubscriptionView::from(&new);
        all.push(new);
        work.put(PushClaim { hash, user_id: self.user_id });
        work.put(PushSubscriptions { user_id: self.user_id, subscriptions: all });
        let act = audit::Act::new("push_subscription.added", "push_subscription", view.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(view)
    }
}
