//! Where people get to from a message: addresses of the service's pages, built from its public one.

use std::fmt::{self, Debug};

use eventify_core::EventId;
use eventify_core::notification::{FactName, Message, OneTimeToken};
use url::Url;

/// The public address of the service, from which the links of messages are built.
///
/// A token that works once goes into the fragment (`…/verify-email#token=`): browsers keep that to themselves, so it is in
/// no log of a server or proxy, and in no `Referer`. Only the address that ends messages of a kind has its token
/// in the query: mail programs call it by themselves (RFC 8058).
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

/// The text is no public address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an address such as https://tickets.example.org, without user, query and fragment")]
pub struct NotAPublicUrl;

impl Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicUrl({})", self.0)
    }
}

impl std::str::FromStr for PublicUrl {
    type Err = NotAPublicUrl;

    fn from_str(text: &str) -> Result<Self, NotAPublicUrl> {
        let mut url = Url::parse(text).map_err(|_| NotAPublicUrl)?;
        let plain = url.username().is_empty() && url.password().is_none();
        let bare = url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain || !bare {
            return Err(NotAPublicUrl);
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }
}

/// What a message leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Event,
    ConfirmAddress,
    SetPassword,
}

impl PublicUrl {
    /// The service's host.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The page that a message is about, if there is one.
    pub(crate) fn of(&self, message: &Message) -> Option<(Target, String)> {
        match (&message.token, message.fact, message.event_id) {
            (Some(token), FactName::EmailVerification, _) => {
                Some((Target::ConfirmAddress, self.with_token("verify-email", token)))
            }
            (Some(token), FactName::PasswordReset, _) => {
                Some((Target::SetPassword, self.with_token("reset-password", token)))
            }
            (_, _, Some(event_id)) => Some((Target::Event, self.event(event_id))),
            _ => None,
        }
    }

    fn event(&self, event_id: EventId) -> String {
        format!("{}events/{event_id}", self.0)
    }

    fn with_token(&self, page: &str, token: &OneTimeToken) -> String {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{page}", self.0.path()));
        url.set_fragment(Some(&format!("token={}", token.expose())));
        url.into()
    }

    /// Where messages of a kind end.
    #[cfg(feature = "email")]
    pub(crate) fn unsubscribe(&self, token: &OneTimeToken) -> String {
        let mut url = self.0.clone();
        url.set_path(&format!("{}api/notifications/unsubscribe", self.0.path()));
        url.query_pairs_mut().append_pair("token", token.expose());
        url.into()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn secrets_are_in_fragments_but_where_programs_call() {
        let token = OneTimeToken::new("a b&c=d".to_owned());
        let url: PublicUrl = "https://tickets.example.org/shop".parse().unwrap();
        assert_eq!(
            url.with_token("verify-email", &token),
            "https://tickets.example.org/shop/verify-email#token=a%20b&c=d"
        );
        #[cfg(feature = "email")]
        assert_eq!(
            url.unsubscribe(&token),
            "https://tickets.example.org/shop/api/notifications/unsubscribe?token=a+b%26c%3Dd"
        );
    }

    #[test]
    fn a_public_address_is_bare() {
        for text in [
            "",
            "tickets",
            "ftp://a.example",
            "mailto:a@b.example",
            "https://u:p@a.example",
            "https://a.example/?b",
        ] {
            assert_eq!(text.parse::<PublicUrl>(), Err(NotAPublicUrl), "{text}");
        }
    }
}
