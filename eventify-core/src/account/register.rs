//! Registering an account.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::mail_token;
use super::model::{Credential, EmailClaim, User};
use super::password::Password;
use super::view::UserView;
use crate::actor::{Actor, Role};
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::language::Language;
use crate::notification::Preferences;
use crate::store::{EmailKey, Key};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// A new account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// What to call the person; 1 to 100 characters.
    pub name: String,
    /// The e-mail address; unique whatever its case.
    pub email: String,
    /// 8 to 128 characters.
    pub password: Password,
    /// In which language the person is told things; the one that the request prefers, or English, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub language: Option<Language>,
}

impl Register {
    /// A new account that is told things in English.
    pub fn new(name: impl Into<String>, email: impl Into<String>, password: impl Into<Password>) -> Self {
        Self { name: name.into(), email: email.into(), password: password.into(), language: None }
    }
}

pub(super) const NAME_CHARS_MAX: usize = 100;
pub(super) const EMAIL_CHARS_MAX: usize = 254;

/// An address with one `@`, something before it and a domain behind it; RFC 5321 allows 254 characters. Whether mail
/// arrives there only mail can tell.
pub(super) fn check_email(check: &mut Check, email: &str) -> String {
    let email = check.line("email", email, EMAIL_CHARS_MAX);
    let (local, domain) = email.rsplit_once('@').unwrap_or_default();
    let dotted = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
    let plain = !email.chars().any(char::is_whitespace) && !local.contains('@');
    if !email.is_empty() && (local.is_empty() || !(dotted || domain == "localhost") || !plain) {
        check.fail("email", "must be an e-mail address such as ada@example.org");
    }
    email
}

impl Accounts<'_> {
    /// Makes an account. Anybody may; its role is attendee.
    ///
    /// # Errors
    /// `invalid_value` (name, email), `weak_password`, `email_taken`.
    pub async fn register(&self, actor: &Actor, request: Register) -> Result<UserView, Error> {
        let mut check = Check::new();
        let name = check.line("name", &request.name, NAME_CHARS_MAX);
        let email = check_email(&mut check, &request.email);
        check.finish()?;
        request.password.check_strength("password")?;
        let core = self.engine.core();
        let password_hash = self.engine.hasher.hash(&request.password, &*core.entropy).await?;
        let (actor, language) = (actor.clone(), request.language);
        let command = CreateAccount { actor, name, email, password_hash, language };
        self.engine.executor.decide(command).await.map(|user| UserView::from(&user))
    }
}

struct CreateAccount {
    actor: Actor,
    name: String,
    email: String,
    password_hash: String,
    language: Option<Language>,
}

impl Command for CreateAccount {
    type Reply = User;
    const NAME: &'static str = "register";

    fn lane(&self) -> LaneKey {
        LaneKey::Deployment
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::EmailClaim(EmailKey::new(&self.email)));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<User> {
        let email = EmailKey::new(&self.email);
        if work.find::<EmailClaim>(&email)?.is_some() {
            let taken = Error::new(Reason::EmailTaken, "Another account has this e-mail address.");
            return Err(taken.at_field("email").into());
        }
        let user = User {
            id: UserId::from_uuid(cx.new_uuid()),
            name: self.name.clone(),
            email: self.email.clone(),
            role: Role::Attendee,
            session_generation: 0,
            email_verified_at: None,
            created_at: cx.now,
            updated_at: cx.now,
        };
        work.put(EmailClaim { email, user_id: user.id });
        let password_hash = self.password_hash.clone();
        work.put(Credential { user_id: user.id, password_hash, changed_at: cx.now });
        work.put(user.clone());
        if let Some(language) = self.language.clone() {
            // Nobody has chosen anything for this id: it is a new one each time.
            work.put(Preferences { language: Some(language), ..Preferences::everything(user.id) });
        }
        mail_token::issue_to_new(work, cx, &user);
        let who = audit::by(user.id, self.actor.origin());
        audit::record(work, cx, &who, &audit::Act::new("user.registered", "user", user.id));
        Ok(user)
    }
}
