//! E-mail over SMTP.
//!
//! A mail has its words as text and as HTML (readable in light and dark, nothing loaded from elsewhere), each ticket's QR
//! code as an inline picture beside the code that a person can type, and one calendar entry for what was bought. It can be
//! unsubscribed from with one click where the person may (RFC 8058). A repeat of a message has the same `Message-ID`.
//!
//! ```no_run
//! use eventify_core::{Eventify, store::MemoryStore};
//! use eventify_notify::email::{Login, MailSettings, Mailer};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mailer = Mailer::new(MailSettings {
//!     login: Some(Login { user: "tickets".into(), password: std::env::var("MAIL_PASSWORD")?.as_str().into() }),
//!     public_url: Some("https://tickets.example.org".parse()?),
//!     ..MailSettings::new("smtp.example.org", "Box office <tickets@example.org>")
//! })?;
//! let eventify = Eventify::builder(MemoryStore::new()).notifier(mailer).start().await?;
//! # Ok(()) }
//! ```

mod compose;
mod connections;
mod settings;
mod verdict;

use std::collections::BTreeSet;

use async_trait::async_trait;
use eventify_core::notification::{Channel, Delivered, DeliveryError, Message, Notifier, Recipient};
use eventify_core::{Clock, SystemClock};

use crate::absence::IsAway;
use compose::Sender;
use connections::{Connections, NotSent};
pub use settings::{Login, MailSettings, Security};

/// The mailer cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// A setting is of no use.
    #[error("{0}")]
    Settings(String),
}

/// Brings messages to mailboxes.
#[derive(Debug)]
pub struct Mailer {
    sender: Sender,
    connections: Connections,
}

impl Mailer {
    /// A mailer; connects with the first mail.
    ///
    /// # Errors
    /// [`MailError`] when a setting is of no use: an address that is none, an unprotected connection that nobody allowed.
    pub fn new(settings: MailSettings) -> Result<Self, MailError> {
        settings.check()?;
        let from = settings::mailbox(&settings.from, "the sender")?;
        let reply_to = settings.reply_to.as_deref();
        let reply_to = reply_to.map(|text| settings::mailbox(text, "the address for answers")).transpose()?;
        let connections = Connections::new(&settings, from.email.domain())?;
        let MailSettings { public_url, texts, .. } = settings;
        Ok(Self { sender: Sender { from, reply_to, public_url, texts }, connections })
    }
}

#[async_trait]
impl Notifier for Mailer {
    fn channels(&self) -> BTreeSet<Channel> {
        [Channel::Email].into()
    }

    async fn deliver(
        &self,
        _channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        let mail = self
            .sender
            .compose(to, message, SystemClock.now().to_jiff().into())
            .map_err(|error| DeliveryError::Permanent(error.to_string()))?;
        // Servers like to quote whom they refuse; who that was is known from the job.
        let hidden = |text: String| {
            let address = mail.envelope.to().iter().map(ToString::to_string);
            address.chain([to.email.clone()]).fold(text, |text, address| without(&text, &address))
        };
        match self.connections.send(&mail.envelope, &mail.bytes, message.fact).await {
            Ok(()) => Ok(Delivered::default()),
            Err(NotSent::Later(error)) => Err(DeliveryError::Transient(hidden(error))),
            Err(NotSent::Busy(why)) => Err(DeliveryError::Busy { why: hidden(why), pause: None }),
            Err(NotSent::Away(IsAway { why, pause })) => Err(DeliveryError::Away { why: hidden(why), pause }),
            Err(NotSent::Never(error)) => Err(DeliveryError::Permanent(hidden(error))),
        }
    }
}

/// A text without an address, in whatever case it has it.
fn without(text: &str, address: &str) -> String {
    let (mut left, mut rest) = (String::with_capacity(text.len()), text);
    let (lower, address) = (text.to_ascii_lowercase(), address.to_ascii_lowercase());
    // The same bytes in another case, so that places are the same.
    let mut lower = lower.as_str();
    while let Some(at) = lower.find(&address).filter(|_| !address.is_empty()) {
        let (before, after) = rest.split_at(at);
        left.push_str(before);
        left.push('…');
        rest = after.get(address.len()..).unwrap_or_default();
        lower = lower.get(at + address.len()..).unwrap_or_default();
    }
    left + rest
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn whom_a_server_quotes_is_not_shown_in_any_case() {
        let said = "550 <ADA@Example.ORG>: no ada@example.org here, жаль";
        assert_eq!(without(said, "Ada@example.org"), "550 <…>: no … here, жаль");
        assert_eq!(without(said, ""), said);
        assert_eq!(without("nobody", "ada@example.org"), "nobody");
    }
}
