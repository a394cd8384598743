//! The browsers and phones that take a person's push messages.

mod add;
mod model;
mod remove;
mod show;

pub use add::{AddPushSubscription, FcmSubscription, WebPushKeys, WebPushSubscription};
pub use model::{PushClaim, PushSubscription, PushSubscriptions};
pub(crate) use model::{is_place, places};
pub(crate) use remove::{forget, forget_all};
pub use show::PushSubscriptionView;
