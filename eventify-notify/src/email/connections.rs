//! Connections to the mail server, kept for the next mail.
//!
//! Ours rather than lettre's pool: that one takes a connection back also when nobody waited for its answer, and then takes the
//! late answer to one mail for the answer to the next.

use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventify_core::account::SecretText;
use eventify_core::notification::FactName;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::MailError;
use super::settings::{Login, MailSettings, Security};
use super::verdict::{Refusal, Stage};
use crate::absence::{Absence, IsAway};

/// Mails over one connection: servers end those that never do.
const MAILS_MAX: u32 = 100;
/// A mail waits for a connection for this part of the time that handing it over may take: with the default settings both together
/// are less than the engine waits.
const TURN_PART: u32 = 4;

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotSent {
    /// Another attempt may succeed.
    Later(String),
    /// Nothing was tried: all connections are taken, or the server takes no more of them.
    Busy(String),
    /// Nothing was tried: the server is away, or does not let us in.
    Away(IsAway),
    /// No attempt will.
    Never(String),
}

/// A connection may be used as long as it is kept.
struct Turn<'a> {
    _last: Option<SemaphorePermit<'a>>,
    _later: Option<SemaphorePermit<'a>>,
    _free: SemaphorePermit<'a>,
}

struct Parked {
    connection: AsyncSmtpConnection,
    since: Instant,
    mails: u32,
    /// As long as anybody has one of these there is a connection.
    _open: Arc<()>,
}

/// Connections to one mail server.
pub(super) struct Connections {
    host: String,
    port: u16,
    tls: Option<(TlsParameters, Security)>,
    login: Option<Login>,
    hello: ClientId,
    timeout: Duration,
    idle_timeout: Duration,
    free: Semaphore,
    /// For mail that can wait, one fewer if there are several: there is one left for mail that somebody waits for.
    free_for_later: Semaphore,
    /// For mail that goes last, one fewer again: announcements leave one for what is to be known.
    free_for_last: Semaphore,
    parked: Mutex<Vec<Parked>>,
    /// Each connection in use, or parked, has another one.
    open: Arc<()>,
    absence: Absence,
}

impl Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Connections {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`MailError`] when an authority cannot be read.
    pub(super) fn new(settings: &MailSettings, domain: &str) -> Result<Self, MailError> {
        let tls = match settings.security {
            Security::None => None,
            security => Some((tls(settings)?, security)),
        };
        Ok(Self {
            host: settings.host.clone(),
            port: settings.port.unwrap_or(settings.security.port()),
            tls,
            login: settings.login.clone(),
            hello: ClientId::Domain(domain.to_owned()),
            timeout: settings.timeout,
            idle_timeout: settings.idle_timeout,
            free: Semaphore::new(settings.connections_max),
            free_for_later: Semaphore::new(settings.connections_max.saturating_sub(1).max(1)),
            free_for_last: Semaphore::new(settings.connections_max.saturating_sub(2).max(1)),
            parked: Mutex::default(),
            open: Arc::default(),
            absence: Absence::default(),
        })
    }

    /// Hands a mail over, when it is its turn.
    ///
    /// # Errors
    /// [`NotSent`].
    pub(super) async fn send(
        &self,
        envelope: &Envelope,
        mail: &[u8],
        about: FactName,
    ) -> Result<(), NotSent> {
        let turn = tokio::time::timeout(self.timeout / TURN_PART, self.turn(about)).await;
        let busy = |_| NotSent::Busy("all connections to the mail server are taken".to_owned());
        let _turn = turn.map_err(busy)?.map_err(|closed| NotSent::Later(closed.to_string()))?;
        let end = Instant::now() + self.timeout;
        let mut parked = self.connection(end).await?;
        // Whatever is given up half way is closed: nobody else ever sees the rest of its answers.
        match tokio::time::timeout_at(end, transact(&mut parked.connection, envelope, mail)).await {
            Ok(sent) => self.settle(parked, sent, end).await,
            Err(_) => Err(NotSent::Later(self.silence())),
        }
    }

    fn silence(&self) -> String {
        format!("the mail server did not answer in {} s", self.timeout.as_secs())
    }

    async fn turn(&self, about: FactName) -> Result<Turn<'_>, AcquireError> {
        let last = if about.goes_last() { Some(self.free_for_last.acquire().await?) } else { None };
        let later = if about.may_wait() { Some(self.free_for_later.acquire().await?) } else { None };
        Ok(Turn { _last: last, _later: later, _free: self.free.acquire().await? })
    }

    /// A connection that mails can be handed over by. While none can be had one asks for all, and nobody has tried anything.
    async fn connection(&self, end: Instant) -> Result<Parked, NotSent> {
        let known = tokio::time::timeout_at(end, self.reuse()).await;
        if let Ok(Some(parked)) = known {
            return Ok(parked);
        }
        let _leave = self.absence.leave().map_err(NotSent::Away)?;
        let connected = tokio::time::timeout_at(end, self.connect()).await;
        match connected.unwrap_or_else(|_| Err(self.silence())) {
            Ok(connection) => {
                self.absence.over();
                Ok(Parked { connection, since: Instant::now(), mails: 0, _open: self.open.clone() })
            }
            // It may allow fewer connections than we do: who has one goes on, and is no reason to stop.
            Err(why) if self.is_connected() => {
                self.absence.over();
                Err(NotSent::Busy(why))
            }
            Err(why) => Err(NotSent::Away(self.absence.found(&why))),
        }
    }

    /// Whether there is a connection, in use or parked.
    fn is_connected(&self) -> bool {
        Arc::strong_count(&self.open) > 1
    }

    /// Keeps a connection for the next mail, if it is good for one.
    async fn settle(
        &self,
        mut parked: Parked,
        sent: Result<(), Failure>,
        end: Instant,
    ) -> Result<(), NotSent> {
        parked.mails += 1;
        let is_usable = match &sent {
            Ok(()) => true,
            Err(failure) => failure.is_answer && is_reset(&mut parked.connection, end).await,
        };
        if is_usable && parked.mails < MAILS_MAX {
            parked.since = Instant::now();
            self.parked.lock().unwrap_or_else(PoisonError::into_inner).push(parked);
        } else if is_usable {
            // What was sent is sent, whatever comes of the farewell.
            let _ = tokio::time::timeout_at(end, parked.connection.quit()).await;
        }
        sent.map_err(|failure| failure.not_sent)
    }

    /// A connection that still answers.
    async fn reuse(&self) -> Option<Parked> {
        loop {
            let mut parked = self.parked.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if parked.since.elapsed() < self.idle_timeout && parked.connection.test_connected().await {
                return Some(parked);
            }
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let wrapper = match &self.tls {
            Some((tls, Security::Tls)) => Some(tls.clone()),
            _ => None,
        };
        let at = (self.host.as_str(), self.port);
        let failed = |error: Error| explained(&error);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(at, Some(self.timeout), &self.hello, wrapper, None)
                .await
                .map_err(failed)?;
        if let Some((tls, Security::StartTls)) = &self.tls {
            connection.starttls(tls.clone(), &self.hello).await.map_err(failed)?;
        }
        if let Some(Login { user, password }) = &self.login {
            let credentials = Credentials::new(user.clone(), SecretText::expose(password).to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(failed)?;
        }
        Ok(connection)
    }
}

/// Whether the server has forgotten what was begun.
async fn is_reset(connection: &mut AsyncSmtpConnection, end: Instant) -> bool {
    matches!(tokio::time::timeout_at(end, connection.command(Rset)).await, Ok(Ok(_)))
}

fn tls(settings: &MailSettings) -> Result<TlsParameters, MailError> {
    let failed = |error: Error| MailError::Settings(format!("TLS to the mail server: {error}"));
    let mut builder = TlsParameters::builder(settings.host.clone());
    for pem in &settings.authorities {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(failed)?);
    }
    builder.build_rustls().map_err(failed)
}

struct Failure {
    not_sent: NotSent,
    /// Whether the server answered, so that the connection is in a known state.
    is_answer: bool,
}

fn text_of(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// What went wrong, for operators.
fn explained(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server said {}: {}", u16::from(code), text_of(error)),
        None => error.to_string(),
    }
}

fn failure(stage: Stage, error: &Error) -> Failure {
    let said = explained(error);
    let Some(code) = error.status() else {
        return Failure { not_sent: NotSent::Later(said), is_answer: false };
    };
    let is_final = Refusal { stage, code: code.into(), text: &text_of(error) }.is_final();
    let not_sent = if is_final { NotSent::Never(said) } else { NotSent::Later(said) };
    Failure { not_sent, is_answer: true }
}

async fn transact(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    mail: &[u8],
) -> Result<(), Failure> {
    let mut parameters = Vec::new();
    let is_plain = |address: &lettre::Address| address.to_string().is_ascii();
    if !envelope.to().iter().chain(envelope.from()).all(is_plain) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let why = "the mail server takes no addresses with other than ASCII letters (SMTPUTF8)";
            return Err(Failure { not_sent: NotSent::Never(why.to_owned()), is_answer: true });
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    // Only such an address in a header makes a mail that is not ASCII; whoever takes the address takes that.
    if !mail.is_ascii() {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let sender = Mail::new(envelope.from().cloned(), parameters);
    connection.command(sender).await.map_err(|e| failure(Stage::Sender, &e))?;
    for to in envelope.to() {
        let recipient = Rcpt::new(to.clone(), Vec::new());
        connection.command(recipient).await.map_err(|e| failure(Stage::Recipient, &e))?;
    }
    connection.command(Data).await.map_err(|e| failure(Stage::Content, &e))?;
    connection.message(mail).await.map_err(|e| failure(Stage::Content, &e))?;
    Ok(())
}
