//! Webhooks, by HTTP: to addresses that organizers choose, so never into the network that this runs in.
//!
//! The engine signs what is sent and decides when and how often; here it is brought there, once. Redirects are not followed:
//! a moved address is a failure that its owner sees in the log.

use async_trait::async_trait;
use eventify_core::notification::DeliveryError;
use eventify_core::webhook::{WebhookAnswer, WebhookRequest, WebhookSender};
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};

use crate::outgoing::{Call, CannotCall, Outgoing, OutgoingError, OutgoingSettings};

/// Brings what webhooks are told to where they are. Clones share their connections.
///
/// ```
/// use eventify_core::webhook::WebhookSender;
/// use eventify_notify::outgoing::OutgoingSettings;
/// use eventify_notify::webhooks::HttpWebhooks;
///
/// let webhooks = HttpWebhooks::new(OutgoingSettings::default())?;
/// assert!(webhooks.check_url("https://shop.example.org/hooks").is_ok());
/// for url in ["http://shop.example.org", "https://localhost", "https://169.254.169.254", "https://[::ffff:10.0.0.1]"] {
///     assert!(webhooks.check_url(url).is_err());
/// }
/// # Ok::<(), eventify_notify::outgoing::CannotCall>(())
/// ```
#[derive(Debug, Clone)]
pub struct HttpWebhooks {
    outgoing: Outgoing,
}

impl HttpWebhooks {
    /// A sender that reaches what the settings say.
    ///
    /// # Errors
    /// [`CannotCall`] when the client cannot be made.
    pub fn new(settings: OutgoingSettings) -> Result<Self, CannotCall> {
        Ok(Self { outgoing: Outgoing::new(settings)? })
    }
}

#[async_trait]
impl WebhookSender for HttpWebhooks {
    fn check_url(&self, url: &str) -> Result<String, String> {
        let url = url.trim();
        self.outgoing.check(url).map_err(|refusal| refusal.to_string())?;
        Ok(url.to_owned())
    }

    async fn send(&self, request: &WebhookRequest) -> Result<WebhookAnswer, DeliveryError> {
        let header = |(name, value): &(&str, String)| {
            Some((HeaderName::try_from(*name).ok()?, HeaderValue::try_from(value).ok()?))
        };
        let headers: Option<Vec<_>> = request.headers.iter().map(header).collect();
        let odd = || DeliveryError::Permanent("it has a header that cannot be sent".to_owned());
        let call = Call {
            method: Method::POST,
            url: &request.url,
            headers: headers.ok_or_else(odd)?,
            body: request.body.clone().into_bytes(),
        };
        match self.outgoing.call(call).await {
            Ok(answer) => Ok(WebhookAnswer { status: answer.status, retry_after: answer.retry_after }),
            // A name may lead elsewhere tomorrow, and an operator may allow more: its owner sees it in the log meanwhile.
            Err(OutgoingError::Refused(why) | OutgoingError::Away(why) | OutgoingError::Failed(why)) => {
                Err(DeliveryError::Transient(why))
            }
        }
    }
}
