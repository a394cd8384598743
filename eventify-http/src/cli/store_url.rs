//! How an operator names a store. A name may hold a password, so it is never shown whole.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::exit::Failure;
use super::setup::{self, secret};

/// What was typed, unread: a parser's complaint would show it.
#[derive(Clone)]
pub(crate) struct StoreText(String);

impl From<String> for StoreText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for StoreText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreText(…)")
    }
}

impl StoreText {
    /// Where the records are; with the password in a file, if there is one. `option` is how the operator said it.
    pub(crate) fn url(&self, password_file: Option<&Path>, option: &str) -> Result<StoreUrl, Failure> {
        let wrong = |why: &str| setup::wrong(option, why);
        let url: StoreUrl = self.0.parse().map_err(wrong)?;
        let Some(file) = password_file else { return Ok(url) };
        let StoreUrl::Postgres(named) = url else {
            // Only one of several stores has a password, and the environment speaks to all commands.
            return Ok(url);
        };
        let password = secret(&format!("{option}, its password file"), file)?;
        let with = named.with_password(password.expose()).map_err(wrong)?;
        Ok(StoreUrl::Postgres(with))
    }
}

/// Where the records are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreUrl {
    /// In one file.
    Redb(PathBuf),
    /// In a Postgres database, which several processes may share.
    Postgres(PostgresUrl),
    /// In memory, until the process ends.
    Memory,
}

impl FromStr for StoreUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("redb", path)) if !path.is_empty() => Ok(Self::Redb(PathBuf::from(path))),
            Some(("redb", _)) => Err("redb: needs a path, as in redb:./eventify.redb"),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Postgres(PostgresUrl(text.to_owned())))
            }
            Some(("memory", "")) => Ok(Self::Memory),
            _ => Err("must be redb:PATH, postgres://USER@HOST/DATABASE or memory:"),
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redb(path) => write!(f, "redb:{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

impl StoreUrl {
    /// The file, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Redb(path) => Some(path),
            Self::Postgres(_) | Self::Memory => None,
        }
    }
}

/// `postgres://user:password@host:port/database?options`. Shown without password and options.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PostgresUrl(String);

impl PostgresUrl {
    /// All of it, for whoever connects.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "nobody connects"))]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Scheme, user, password, host with port, path and options.
    fn parts(&self) -> Parts<'_> {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", &self.0));
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (path, options) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let (user, password) = match user.map(|user| user.split_once(':')) {
            Some(Some((user, password))) => (Some(user), Some(password)),
            Some(None) => (user, None),
            None => (None, None),
        };
        Parts { scheme, user, password, host, path, options }
    }

    fn with_password(&self, password: &str) -> Result<Self, &'static str> {
        let Parts { scheme, user, password: own, host, path, options } = self.parts();
        let Some(user) = user.filter(|user| !user.is_empty()) else {
            return Err("a password file needs a user, as in postgres://USER@HOST/DATABASE");
        };
        if own.is_some() {
            return Err("there is a password in the URL and one in a file; leave one out");
        }
        let password = utf8_percent_encode(password, NON_ALPHANUMERIC);
        Ok(Self(format!("{scheme}://{user}:{password}@{host}{path}{options}")))
    }
}

struct Parts<'a> {
    scheme: &'a str,
    user: Option<&'a str>,
    password: Option<&'a str>,
    host: &'a str,
    path: &'a str,
    options: &'a str,
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { user, host, path, .. } = self.parts();
        f.write_str("postgres://")?;
        if path.contains('@') {
            // A password with a slash that was not encoded.
            return f.write_str("…");
        }
        if let Some(user) = user {
            write!(f, "{user}@")?;
        }
        write!(f, "{host}{path}")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn store_urls_are_read_and_shown() {
        for text in
            ["redb:./eventify.redb", "redb:/a b/c:d.redb", "memory:", "postgres://ada@db:5433/tickets"]
        {
            assert_eq!(text.parse::<StoreUrl>().unwrap().to_string(), text);
        }
        for text in
            ["", "redb:", "redb", "./eventify.redb", "memory:x", "postgres:h/d", "mysql://h/d", "REDB:x"]
        {
            assert!(text.parse::<StoreUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn no_password_is_ever_shown() {
        for (text, shown) in [
            ("postgres://ada:s3cret@db/tickets", "postgres://ada@db/tickets"),
            ("postgresql://ada:s3:cr@et@db:1/t?sslmode=verify-full&password=s3cret", "postgres://ada@db:1/t"),
            ("postgres://:s3cret@/t", "postgres://@/t"),
            ("postgres:///t?host=/run&password=s3cret", "postgres:///t"),
            ("postgres://ada:s3/s3@db/t", "postgres://…"),
            ("postgres://db?password=s3cret", "postgres://db"),
        ] {
            let url: StoreUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?} {:?}", StoreText::from(text.to_owned())).contains("s3"), "{url:?}");
        }
        let wrong = StoreText::from("postgre://ada:s3cret@db/t".to_owned()).url(None, "--store").unwrap_err();
        assert!(wrong.message.starts_with("--store: must be ") && !wrong.message.contains("s3cret"));
    }

    #[test]
    fn a_password_comes_from_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "p@ss/w:rd ж?\r\n").unwrap();
        let url = |text: &str| StoreText::from(text.to_owned()).url(Some(file.path()), "--store");
        let StoreUrl::Postgres(found) = url("postgres://ada@db:1/t?sslmode=require").unwrap() else {
            panic!()
        };
        assert_eq!(found.expose(), "postgres://ada:p%40ss%2Fw%3Ard%20%D0%B6%3F@db:1/t?sslmode=require");
        assert_eq!(url("redb:x").unwrap(), StoreUrl::Redb("x".into()));
        for text in ["postgres://db/t", "postgres://ada:x@db/t", "postgres://@db/t"] {
            assert!(url(text).is_err(), "{text}");
        }
        let missing =
            StoreText::from("postgres://ada@db/t".to_owned()).url(Some(Path::new("/none")), "--store");
        assert!(missing.unwrap_err().message.contains("/none"));
    }
}
