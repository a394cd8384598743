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
        Failure::new(super::exit::Exit::Usage, format!("webhooks cannot be called: {error}"))
    };
    Ok(builder.webhooks(HttpWebhooks::new(settings).map_err(failed)?))
}

/// This build has none.
#[cfg(not(feature = "webhooks"))]
pub(crate) fn attach(builder: Builder, reach: WebhookReach) -> Result<Builder, Failure> {
    match reach {
        WebhookReach::Off => Ok(builder),
        WebhookReach::Public | WebhookReach::Loopback => Err(Failure::new(
            super::exit::Exit::Usage,
            "this program was built without webhooks (feature `webhooks`)",
        )),
    }
}
