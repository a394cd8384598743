//! Where a broker is, and who we are to it.

use std::fmt;
use std::str::FromStr;

use eventify_core::account::SecretText;
use url::{Host, Url};

use super::InvalidConfig;

/// The address of a broker, such as `amqps://eventify:password@mq.example.org/production`. Shows neither user nor password.
///
/// What is special in a user or a password is written in percent (`%40` for `@`).
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl {
    scheme: String,
    user: Option<String>,
    password: Option<SecretText>,
    host: String,
    port: Option<u16>,
    path: Option<String>,
}

impl BrokerUrl {
    /// The same with this password, for an address that was written without one.
    ///
    /// # Errors
    /// An address without a user, or with a password of its own.
    pub fn with_password(self, password: SecretText) -> Result<Self, InvalidConfig> {
        if self.user.is_none() || self.password.is_some() {
            return Err(InvalidConfig::new(
                "url",
                "must name a user, and no password, when the password is in a file",
            ));
        }
        Ok(Self { password: Some(password), ..self })
    }

    pub(crate) fn scheme(&self) -> &str {
        &self.scheme
    }

    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub(crate) const fn password(&self) -> Option<&SecretText> {
        self.password.as_ref()
    }

    /// The name or address, IPv6 without brackets.
    #[cfg(any(feature = "rabbitmq", test))]
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    #[cfg(any(feature = "rabbitmq", test))]
    pub(crate) const fn port(&self) -> Option<u16> {
        self.port
    }

    /// What follows the first slash, decoded; none without a slash.
    #[cfg(any(feature = "rabbitmq", test))]
    pub(crate) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Host and port as they are written in an address.
    #[cfg(any(feature = "nats", test))]
    pub(crate) fn authority(&self, port: u16) -> String {
        let port = self.port.unwrap_or(port);
        if self.host.contains(':') {
            format!("[{}]:{port}", self.host)
        } else {
            format!("{}:{port}", self.host)
        }
    }
}

impl FromStr for BrokerUrl {
    type Err = InvalidConfig;

    /// Never quotes what it was given: that may be a password.
    fn from_str(text: &str) -> Result<Self, InvalidConfig> {
        let wrong = |problem: &str| InvalidConfig::new("url", problem);
        let url = Url::parse(text.trim()).map_err(|error| wrong(&format!("is no address: {error}")))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("must not have a query or a fragment"));
        }
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => return Err(wrong("must name a host, as in scheme://host")),
        };
        let decoded = |part: &str| {
            percent_decoded(part)
                .ok_or_else(|| wrong("has a % that is not followed by two hexadecimal digits of UTF-8"))
        };
        let user = if url.username().is_empty() { None } else { Some(decoded(url.username())?) };
        let password = url.password().map(decoded).transpose()?.map(SecretText::new);
        let path = url.path().strip_prefix('/').map(decoded).transpose()?;
        Ok(Self { scheme: url.scheme().to_owned(), user, password, host, port: url.port(), path })
    }
}

/// `None` when it is no UTF-8 or a `%` stands alone.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?].map(char::from);
            let value = digits.iter().try_fold(0, |value, digit| Some(value * 16 + digit.to_digit(16)?))?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(f, "{}://{host}", self.scheme)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        match &self.path {
            Some(path) => write!(f, "/{path}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BrokerUrl({self})")
    }
}
