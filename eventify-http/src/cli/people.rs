//! How the service reaches people outside of the app.

use std::path::Path;
use std::sync::Arc;

use eventify_core::Builder;
use eventify_core::text::Texts;

use super::args::PeopleArgs;
use super::exit::Failure;
#[cfg(not(all(feature = "email", feature = "push", feature = "sms")))]
use super::setup::absent;
#[cfg(any(feature = "email", feature = "push", feature = "sms"))]
use super::setup::{read, secret, wrong};

/// Whoever brings messages, and what browsers subscribe with.
#[derive(Debug, Default)]
pub(crate) struct People {
    #[cfg(any(feature = "email", feature = "push", feature = "sms"))]
    channels: eventify_notify::Channels,
    push_key: Option<String>,
}

impl People {
    /// Reads the settings, and everything that they name. Connects to nothing.
    pub(crate) fn chosen(
        args: &PeopleArgs,
        #[cfg_attr(
            not(feature = "email"),
            expect(unused_variables, reason = "mail alone has texts of its own")
        )]
        texts: &Arc<Texts>,
    ) -> Result<Self, Failure> {
        #[cfg(not(feature = "email"))]
        absent("email", args.mail_server.is_some())?;
        #[cfg(not(feature = "sms"))]
        absent("sms", args.sms_gateway_file.is_some())?;
        #[cfg(not(feature = "push"))]
        absent("push", args.push_key_file.is_some() || args.fcm_account_file.is_some())?;
        #[cfg_attr(
            not(any(feature = "email", feature = "push", feature = "sms")),
            expect(unused_mut, reason = "nobody is there to be added")
        )]
        let mut people = Self::default();
        #[cfg(feature = "email")]
        if let Some(mailer) = mail::chosen(args, texts)? {
            people.add(mailer)?;
        }
        #[cfg(feature = "sms")]
        if let Some(gateway) = sms::chosen(args)? {
            people.add(gateway)?;
        }
        #[cfg(feature = "push")]
        if let Some((push, public)) = push::chosen(args)? {
            people.push_key = public;
            people.add(push)?;
        }
        Ok(people)
    }

    #[cfg(any(feature = "email", feature = "push", feature = "sms"))]
    fn add(&mut self, notifier: impl eventify_core::notification::Notifier) -> Result<(), Failure> {
        let channels = std::mem::take(&mut self.channels);
        self.channels = channels.and(notifier).map_err(|error| Failure::refused(error.to_string()))?;
        Ok(())
    }

    /// What browsers subscribe with, when they are served.
    pub(crate) const fn push_key(&self) -> Option<&String> {
        self.push_key.as_ref()
    }

    /// An engine that tells people by these channels.
    pub(crate) fn told_by(self, engine: Builder) -> Builder {
        #[cfg(any(feature = "email", feature = "push", feature = "sms"))]
        if !self.channels.is_empty() {
            return engine.notifier(self.channels);
        }
        engine
    }
}

/// Makes a key for push services in a new file.
#[cfg(feature = "push")]
pub(crate) fn make_vapid_key(file: &Path) -> Result<(), Failure> {
    use eventify_notify::push::VapidKey;

    use super::out::{Out, Terminal};

    let failed = |error: eventify_notify::push::PushError| Failure::refused(error.to_string());
    let private = VapidKey::generate().map_err(failed)?;
    let public = VapidKey::new(&private).map_err(failed)?;
    write_secret(file, private.expose())?;
    Terminal.line(&format!("The key is in {}. Keep it, and keep it to yourself.", file.display()));
    Terminal.line(&format!("vapid public={}", public.public()));
    Ok(())
}

#[cfg(not(feature = "push"))]
pub(crate) fn make_vapid_key(_file: &Path) -> Result<(), Failure> {
    absent("push", true)
}

/// Writes a file that nobody else may read.
#[cfg(feature = "push")]
fn write_secret(file: &Path, secret: &str) -> Result<(), Failure> {
    use std::io::Write;

    let failed = |error| Failure::refused(format!("{}: {error}", file.display()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file).map_err(failed)?;
    writeln!(opened, "{secret}").and_then(|()| opened.sync_all()).map_err(failed)
}

#[cfg(any(feature = "email", feature = "push", feature = "sms"))]
fn authorities(args: &PeopleArgs) -> Result<Vec<Vec<u8>>, Failure> {
    let Some(file) = &args.people_ca_file else { return Ok(Vec::new()) };
    Ok(vec![read("--people-ca-file / EVENTIFY_PEOPLE_CA_FILE", file)?.into_bytes()])
}

#[cfg(any(feature = "email", feature = "push"))]
fn public_url(args: &PeopleArgs) -> Result<Option<eventify_notify::PublicUrl>, Failure> {
    let option = "--public-url / EVENTIFY_PUBLIC_URL";
    args.public_url.as_deref().map(|text| text.parse().map_err(|why| wrong(option, why))).transpose()
}

#[cfg(feature = "email")]
mod mail {
    use std::sync::Arc;

    use eventify_core::text::Texts;
    use eventify_notify::email::{Login, MailSettings, Mailer, Security};

    use super::{authorities, public_url, secret, wrong};
    use crate::cli::args::{MailSecurity, PeopleArgs};
    use crate::cli::exit::Failure;

    pub(super) fn chosen(args: &PeopleArgs, texts: &Arc<Texts>) -> Result<Option<Mailer>, Failure> {
        let (Some(server), Some(from)) = (&args.mail_server, &args.mail_from) else { return Ok(None) };
        let (host, port) = named(server).ok_or_else(|| {
            wrong(
                "--mail-server / EVENTIFY_MAIL_SERVER",
                "must be HOST or HOST:PORT, as in smtp.example.org:587",
            )
        })?;
        let login = match (&args.mail_user, &args.mail_password_file) {
            (Some(user), Some(file)) => Some(Login {
                user: user.clone(),
                password: secret("--mail-password-file / EVENTIFY_MAIL_PASSWORD_FILE", file)?,
            }),
            _ => None,
        };
        let settings = MailSettings {
            port,
            security: match args.mail_security {
                MailSecurity::Starttls => Security::StartTls,
                MailSecurity::Tls => Security::Tls,
                MailSecurity::None => Security::None,
            },
            allow_plain: args.mail_allow_plain,
            login,
            authorities: authorities(args)?,
            reply_to: args.mail_reply_to.clone(),
            public_url: public_url(args)?,
            texts: texts.clone(),
            connections_max: usize::from(args.mail_connections_max),
            ..MailSettings::new(host, from)
        };
        Mailer::new(settings).map(Some).map_err(|why| wrong("mail", why))
    }

    /// A host and perhaps its port; an IPv6 address with a port is in brackets.
    fn named(server: &str) -> Option<(String, Option<u16>)> {
        if let Some(rest) = server.strip_prefix('[') {
            let (host, rest) = rest.split_once(']')?;
            let port = match rest {
                "" => None,
                rest => Some(rest.strip_prefix(':')?.parse().ok()?),
            };
            return Some((host.to_owned(), port));
        }
        match server.split_once(':') {
            Some((host, port)) if !host.is_empty() && !port.contains(':') => {
                Some((host.to_owned(), Some(port.parse().ok()?)))
            }
            Some((host, _)) if host.is_empty() && !server.starts_with("::") => None,
            _ => Some((server.to_owned(), None)),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::named;

        #[test]
        fn servers_are_named_with_and_without_ports() {
            let with = |host: &str, port| Some((host.to_owned(), port));
            for (text, expected) in [
                ("smtp.example.org", with("smtp.example.org", None)),
                ("smtp.example.org:2525", with("smtp.example.org", Some(2525))),
                ("[::1]:25", with("::1", Some(25))),
                ("[::1]", with("::1", None)),
                ("::1", with("::1", None)),
                ("smtp.example.org:", None),
                ("smtp.example.org:x", None),
                ("smtp.example.org:70000", None),
                (":25", None),
                ("[::1]25", None),
            ] {
                assert_eq!(named(text), expected, "{text}");
            }
        }
    }
}

#[cfg(feature = "sms")]
mod sms {
    use std::path::Path;

    use eventify_notify::sms::{SmsGateway, SmsSettings};

    use super::{authorities, read, secret, wrong};
    use crate::cli::args::PeopleArgs;
    use crate::cli::exit::Failure;

    pub(super) fn chosen(args: &PeopleArgs) -> Result<Option<SmsGateway>, Failure> {
        let Some(file) = &args.sms_gateway_file else { return Ok(None) };
        let option = "--sms-gateway-file / EVENTIFY_SMS_GATEWAY_FILE";
        let mut settings: SmsSettings =
            serde_json::from_str(&read(option, file)?).map_err(|why| wrong(option, why))?;
        let secrets = "--sms-secret / EVENTIFY_SMS_SECRETS";
        for named in &args.sms_secrets {
            let (name, file) = named.split_once('=').ok_or_else(|| wrong(secrets, "must be NAME=FILE"))?;
            settings.secrets.insert(name.to_owned(), secret(secrets, Path::new(file))?);
        }
        settings.authorities = authorities(args)?;
        SmsGateway::new(settings).map(Some).map_err(|why| wrong(option, why))
    }
}

#[cfg(feature = "push")]
mod push {
    use eventify_notify::outgoing::Reach;
    use eventify_notify::push::{FcmSettings, Push, VapidKey, WebPushSettings};

    use super::{authorities, public_url, secret, wrong};
    use crate::cli::args::PeopleArgs;
    use crate::cli::exit::Failure;

    pub(super) fn chosen(args: &PeopleArgs) -> Result<Option<(Push, Option<String>)>, Failure> {
        let mut push = Push::new();
        let mut public = None;
        if let (Some(file), Some(contact)) = (&args.push_key_file, &args.push_contact) {
            let option = "--push-key-file / EVENTIFY_PUSH_KEY_FILE";
            let key = VapidKey::new(&secret(option, file)?).map_err(|why| wrong(option, why))?;
            public = Some(key.public().to_owned());
            let mut settings = WebPushSettings::new(key, contact);
            settings.public_url = public_url(args)?;
            settings.outgoing.authorities = authorities(args)?;
            if args.push_nearby {
                settings.outgoing.reach = Reach::PublicAndLoopback;
            }
            push = push
                .with_web(settings)
                .map_err(|why| wrong("--push-contact / EVENTIFY_PUSH_CONTACT", why))?;
        }
        if let Some(file) = &args.fcm_account_file {
            let option = "--fcm-account-file / EVENTIFY_FCM_ACCOUNT_FILE";
            let mut settings = FcmSettings::new(secret(option, file)?);
            settings.api.clone_from(&args.fcm_url);
            settings.public_url = public_url(args)?;
            settings.outgoing.authorities = authorities(args)?;
            if args.push_nearby {
                settings.outgoing.reach = Reach::PublicAndLoopback;
            }
            push = push.with_fcm(settings).map_err(|why| wrong(option, why))?;
        }
        let any = args.push_key_file.is_some() || args.fcm_account_file.is_some();
        Ok(any.then_some((push, public)))
    }
}
