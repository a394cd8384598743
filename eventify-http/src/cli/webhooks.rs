//! The service's webhooks.

use eventify_core::Builder;

use super::args::WebhookReach;
use super::exit::Failure;

/// The engine with webhooks, if it is to have any.
#[cfg(feature = "webhooks")]
pub(crate) fn attach(builder: Builder, reach: WebhookReach) -> Result<Builder, Failure> {
    use eventify_notify::outgoing::{OutgoingSettings, Reach};
    use eventify_notify::webhooks::HttpWebhooks;

    let reach = match reach {
        WebhookReach::Off => return Ok(builder),
        WebhookReach::Public => Reach::Public,
        WebhookReach::Loopback => Reach::PublicAndLoopback,
    };
    let settings = OutgoingSettings { reach, ..OutgoingSettings::default() };
    let failed = |error: eventify_notify::outgoing::CannotCall| {
        super::setup::wrong("--webhooks / EVENTIFY_WEBHOOKS", format!("they cannot be called: {error}"))
    };
    Ok(builder.webhooks(HttpWebhooks::new(settings).map_err(failed)?))
}

/// This build has none.
#[cfg(not(feature = "webhooks"))]
pub(crate) fn attach(builder: Builder, reach: WebhookReach) -> Result<Builder, Failure> {
    super::setup::absent("webhooks", reach != WebhookReach::Off)?;
    Ok(builder)
}
