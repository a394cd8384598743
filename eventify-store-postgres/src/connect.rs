//! The address of a database, and connections to it.

use std::fmt;
use std::fs::File;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use url::Url;

use crate::error::{OpenError, refused};

/// A database's address as users of libpq write it. Shows no password.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) options: PgConnectOptions,
    shown: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// How long one attempt to connect may take outside of a pool.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(OpenError::Address("it begins with postgres:// or postgresql://".to_owned()));
        }
        known_parameters(url)?;
        let options = PgConnectOptions::from_str(url).map_err(|error| refused("", &error))?;
        readable_files(&options)?;
        let name = options.get_application_name().unwrap_or("eventify").to_owned();
        // What goes wrong is said by whoever asked; a line per statement helps nobody.
        let mut options = options.application_name(&name).disable_statement_logging();
        if !has_parameter(url, CACHE_PARAMETER) {
            options = options.statement_cache_capacity(STATEMENTS_CACHED);
        }
        let place = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => options.get_host().to_owned(),
        };
        let database = options.get_database().unwrap_or(options.get_username());
        let shown = format!("{place}:{}/{database}", options.get_port());
        Ok(Self { options, shown })
    }

    /// One connection without any of the store's time limits: for migrations.
    pub(crate) async fn connect(&self) -> Result<PgConnection, OpenError> {
        match tokio::time::timeout(CONNECT_TIMEOUT, self.options.connect()).await {
            Ok(connected) => connected.map_err(|error| refused(&self.shown, &error)),
            Err(_) => Err(OpenError::Unreachable {
                address: self.shown.clone(),
                reason: format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()),
            }),
        }
    }
}

const CACHE_PARAMETER: &str = "statement-cache-capacity";
/// Prepared statements that a connection keeps, unless its address says otherwise. A statement is about a combination of
/// tables, of which there may be hundreds; one that was dropped costs a round trip and a plan when it comes again.
const STATEMENTS_CACHED: usize = 512;

fn has_parameter(url: &str, name: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.query_pairs().any(|(found, _)| found == name))
}

/// What may stand behind the `?` of an address. The driver would log any other one with its value, and ignore it.
const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    CACHE_PARAMETER,
    "user",
];

/// Refuses parameters that nobody would heed. Values are not repeated, and neither is what may be a part of one.
fn known_parameters(url: &str) -> Result<(), OpenError> {
    let url = Url::parse(url).map_err(|error| OpenError::Address(error.to_string()))?;
    let mut behind_password = false;
    for (name, _) in url.query_pairs() {
        let setting = name.strip_prefix("options[").is_some_and(|rest| rest.ends_with(']'));
        if !setting && !PARAMETERS.contains(&&*name) {
            let is_word =
                name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
            return Err(OpenError::Address(if is_word && !behind_password {
                format!("the parameter {name} is not one of {}", PARAMETERS.join(", "))
            } else {
                "it has a parameter that is unknown; in a password, ? and & are written %3F and %26"
                    .to_owned()
            }));
        }
        behind_password = name == "password";
    }
    Ok(())
}

/// The files of certificates and keys that an address names are there: later nobody would say which one is not.
fn readable_files(options: &PgConnectOptions) -> Result<(), OpenError> {
    for (parameter, value) in options.to_url_lossy().query_pairs() {
        // What is spelled out in the address itself is no file.
        let file = value.strip_prefix("file: ").filter(|_| parameter.starts_with("ssl"));
        if let Some(Err(error)) = file.map(File::open) {
            let file = file.unwrap_or_default();
            return Err(OpenError::Address(format!("{parameter}: {file} cannot be read: {error}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn an_address_may_say_how_many_statements_are_kept() {
        for (url, kept) in [
            ("postgres://ada@db/eventify", STATEMENTS_CACHED.to_string()),
            ("postgres://ada@db/eventify?statement-cache-capacity=7", "7".to_owned()),
        ] {
            let url = Address::parse(url).unwrap().options.to_url_lossy();
            assert!(
                url.query_pairs().any(|pair| pair == (CACHE_PARAMETER.into(), kept.as_str().into())),
                "{url}"
            );
        }
    }
}
