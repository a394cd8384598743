//! Options for reaching people.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MailSecurity {
    Starttls,
    Tls,
    None,
}

/// How people are reached outside of the app. Secrets come from files.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reaching people")]
pub(crate) struct PeopleArgs {
    /// The service's address as people know it, as in https://tickets.example.org: links in messages begin with
    /// it, and payment providers and their payers' browsers call it.
    #[arg(long, env = "EVENTIFY_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Send mail through this server: HOST or HOST:PORT.
    #[arg(long, env = "EVENTIFY_MAIL_SERVER", value_name = "HOST[:PORT]", requires = "mail_from")]
    pub(crate) mail_server: Option<String>,
    /// How the connection to it is protected: `starttls` (port 587 if none is given), `tls` (465) or `none` (25; to this
    /// machine only).
    #[arg(long, env = "EVENTIFY_MAIL_SECURITY", value_name = "HOW", value_enum, default_value = "starttls")]
    pub(crate) mail_security: MailSecurity,
    /// Let mail, and the password, cross a network unprotected.
    #[arg(long, env = "EVENTIFY_MAIL_ALLOW_PLAIN")]
    pub(crate) mail_allow_plain: bool,
    /// From whom mail comes, as in "Box office <tickets@example.org>".
    #[arg(long, env = "EVENTIFY_MAIL_FROM", value_name = "ADDRESS")]
    pub(crate) mail_from: Option<String>,
    /// Where answers to it go, when not there.
    #[arg(long, env = "EVENTIFY_MAIL_REPLY_TO", value_name = "ADDRESS")]
    pub(crate) mail_reply_to: Option<String>,
    /// Who logs in to the mail server, if it asks for that.
    #[arg(long, env = "EVENTIFY_MAIL_USER", value_name = "NAME", requires = "mail_password_file")]
    pub(crate) mail_user: Option<String>,
    /// A file with that user's password.
    #[arg(long, env = "EVENTIFY_MAIL_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) mail_password_file: Option<PathBuf>,
    /// How many connections to the mail server there are at most.
    #[arg(long, env = "EVENTIFY_MAIL_CONNECTIONS_MAX", value_name = "COUNT", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) mail_connections_max: u16,
    /// Send text messages: a JSON file that says how the provider's gateway is asked.
    #[arg(long, env = "EVENTIFY_SMS_GATEWAY_FILE", value_name = "FILE")]
    pub(crate) sms_gateway_file: Option<PathBuf>,
    /// A secret that the gateway is asked with, and the file that holds it, as in key=/run/secrets/sms; may be repeated, or
    /// separated by commas.
    #[arg(
        long = "sms-secret",
        env = "EVENTIFY_SMS_SECRETS",
        value_name = "NAME=FILE",
        value_delimiter = ','
    )]
    pub(crate) sms_secrets: Vec<String>,
    /// Send push messages to browsers: a file with the key by which push services know this deployment; see `eventify keys
    /// vapid`.
    #[arg(long, env = "EVENTIFY_PUSH_KEY_FILE", value_name = "FILE", requires = "push_contact")]
    pub(crate) push_key_file: Option<PathBuf>,
    /// Whom push services ask if something is wrong: mailto:office@example.org, or an https: address.
    #[arg(long, env = "EVENTIFY_PUSH_CONTACT", value_name = "ADDRESS")]
    pub(crate) push_contact: Option<String>,
    /// Also call push services on this machine: for trying out.
    #[arg(long, env = "EVENTIFY_PUSH_NEARBY")]
    pub(crate) push_nearby: bool,
    /// Send push messages to apps: the key file of a service account that may use Firebase Cloud Messaging.
    #[arg(long, env = "EVENTIFY_FCM_ACCOUNT_FILE", value_name = "FILE")]
    pub(crate) fcm_account_file: Option<PathBuf>,
    /// Where push messages to apps are handed over, if not to Google itself: a gateway in between.
    #[arg(
        long,
        env = "EVENTIFY_FCM_URL",
        value_name = "URL",
        requires = "fcm_account_file",
        default_value = "https://fcm.googleapis.com"
    )]
    pub(crate) fcm_url: String,
    /// A file with authorities that mail servers, gateways and push services may be known by, beside the system's; PEM.
    #[arg(long, env = "EVENTIFY_PEOPLE_CA_FILE", value_name = "FILE")]
    pub(crate) people_ca_file: Option<PathBuf>,
}

/// Keys that a deployment makes once.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make the key by which push services know this deployment (VAPID). Browsers subscribe with its public part: with
    /// another key they all have to subscribe again.
    #[command(after_help = "\
Example:
  eventify keys vapid /etc/eventify/push.key
  eventify serve --push-key-file /etc/eventify/push.key --push-contact mailto:office@example.org

It prints the public part, one line for programs:
  vapid public=BP4z9KsN6nGRTbVYI…")]
    Vapid {
        /// The new file; nothing that is there is ever overwritten.
        file: PathBuf,
    },
}
