//! How mail leaves the house.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use eventify_core::account::SecretText;
use eventify_core::text::Texts;
use lettre::Address;
use lettre::message::Mailbox;
use url::Host;

use super::MailError;
use crate::links::PublicUrl;

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// TLS from the first byte; port 465 by default.
    Tls,
    /// A plain connection that becomes TLS before anything is said, or is given up; port 587 by default.
    #[default]
    StartTls,
    /// Plain; port 25 by default. Only to this machine, unless [`MailSettings::allow_plain`] says otherwise.
    None,
}

impl Security {
    /// The port that is usual for it.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

/// Who logs in to the mail server.
#[derive(Debug, Clone)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password.
    pub password: SecretText,
}

/// How mail leaves the house.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The mail server's name, or its address.
    pub host: String,
    /// Its port; the usual one of the protection by default.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub security: Security,
    /// Whether mail, and a password, may cross a network unprotected.
    pub allow_plain: bool,
    /// Who logs in, if the server wants that.
    pub login: Option<Login>,
    /// Certificate authorities to trust beside the system's, as PEM.
    pub authorities: Vec<Vec<u8>>,
    /// From whom mail comes, such as `Box office <tickets@example.org>`.
    pub from: String,
    /// Where answers go, when not there.
    pub reply_to: Option<String>,
    /// The service's public address; without it mail has no links.
    pub public_url: Option<PublicUrl>,
    /// What stands around what a mail says – a greeting, the words on a ticket – in each language; the built-in ones by
    /// default. A host with texts of its own gives the same to the engine.
    pub texts: Arc<Texts>,
    /// How many connections there are at most; 4 by default. If there are several, one of them is never used for mail that
    /// can wait, and of three or more another one never for what goes last, such as an announcement.
    pub connections_max: usize,
    /// How long handing one mail over may take, connecting included; 20 s by default. A quarter of that more it may wait for
    /// a connection.
    pub timeout: Duration,
    /// How long an unused connection is kept; 30 s by default.
    pub idle_timeout: Duration,
}

impl MailSettings {
    /// The usual settings for a server and a sender: STARTTLS, no login.
    pub fn new(host: impl Into<String>, from: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: None,
            security: Security::default(),
            allow_plain: false,
            login: None,
            authorities: Vec::new(),
            from: from.into(),
            reply_to: None,
            public_url: None,
            texts: Arc::new(Texts::bundled()),
            connections_max: 4,
            timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(30),
        }
    }

    pub(super) fn check(&self) -> Result<(), MailError> {
        let refused = |why: &str| Err(MailError::Settings(why.to_owned()));
        if self.host.is_empty() {
            return refused("the mail server has no name");
        }
        if self.connections_max == 0 {
            return refused("there must be at least one connection to the mail server");
        }
        if self.security == Security::None && !self.allow_plain && !is_own(&self.host) {
            return refused("mail would cross a network unprotected: use STARTTLS or TLS, or allow it");
        }
        Ok(())
    }
}

fn is_own(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A person or house with an address, such as `Box office <tickets@example.org>`.
pub(super) fn mailbox(text: &str, what: &str) -> Result<Mailbox, MailError> {
    let mailbox: Mailbox = text
        .parse()
        .map_err(|_| MailError::Settings(format!("{what} must be an address, or `Name <address>`")))?;
    let address = ascii_domain(mailbox.email.as_ref())
        .ok_or_else(|| MailError::Settings(format!("{what} has no valid domain")))?;
    Ok(Mailbox::new(mailbox.name, address))
}

/// An address whose domain every mail server understands: international names as they are in DNS (`xn--…`).
pub(super) fn ascii_domain(address: &str) -> Option<Address> {
    let (user, domain) = address.rsplit_once('@')?;
    let domain = match Host::parse(domain) {
        Ok(Host::Domain(ascii)) => ascii,
        // An address literal such as [192.0.2.1], or nothing that lettre takes either.
        _ => domain.to_owned(),
    };
    Address::new(user, domain).ok()
}
