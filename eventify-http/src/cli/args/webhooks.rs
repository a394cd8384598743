//! Whether organizers and admins may have other systems told of facts.

use clap::{Args, ValueEnum};

/// Whether organizers and admins may have other systems told of facts.
#[derive(Debug, Clone, Args)]
pub(crate) struct WebhookArgs {
    /// Which addresses organizers and admins may have told of facts.
    #[arg(long = "webhooks", env = "EVENTIFY_WEBHOOKS", value_name = "REACH", value_enum, default_value_t)]
    pub(crate) reach: WebhookReach,
}

/// Which addresses webhooks may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum WebhookReach {
    /// None: there are no webhooks.
    #[default]
    Off,
    /// `https` on the public internet.
    Public,
    /// Also this machine's own, by plain `http` too: for development.
    Loopback,
}
