//! Tokens that are mailed: how they are made, kept and recognised.
//!
//! A token follows from a random seed under a key of the deployment. The record keeps its hash; the seed waits in the
//! job that delivers it, and is gone with it. So the token itself is in no record, and once it was delivered nothing
//! in the store leads to it any more.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::model::{MailToken, MailTokens, User};
use super::secret_text::SecretText;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{JobId, UserId};
use crate::job::{self, JobWork};
use crate::keyring::{Keyring, Secret};
use crate::notification::{Channel, FactName, Message, OneTimeToken};
use crate::page::keyed_hash;
use crate::store::{EmailKey, TokenHash};
use crate::text::Said;
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// What a mailed token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailPurpose {
    /// To prove that mail to an address arrives.
    VerifyEmail,
    /// To set a new password.
    ResetPassword,
}

impl MailPurpose {
    const fn label(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
        }
    }
}

impl MailTokens {
    pub(crate) fn of(&self, purpose: MailPurpose) -> Option<&MailToken> {
        match purpose {
            MailPurpose::VerifyEmail => self.verification.as_ref(),
            MailPurpose::ResetPassword => self.reset.as_ref(),
        }
    }

    fn set(&mut self, purpose: MailPurpose, token: Option<MailToken>) {
        match purpose {
            MailPurpose::VerifyEmail => self.verification = token,
            MailPurpose::ResetPassword => self.reset = token,
        }
    }
}

/// The token of a seed: the person's id and what only the deployment can compute.
pub(crate) fn token_of(
    keyring: &Keyring,
    purpose: MailPurpose,
    user_id: UserId,
    seed: &Secret,
) -> OneTimeToken {
    let parts: [&[u8]; 4] = [b"mail", purpose.label().as_bytes(), user_id.as_bytes(), seed.expose()];
    let mac = keyed_hash(&keyring.account_key, &parts);
    let bytes = [user_id.as_bytes().as_slice(), &mac].concat();
    OneTimeToken::new(data_encoding::BASE64URL_NOPAD.encode(&bytes))
}

fn hash_of(token: &str) -> TokenHash {
    TokenHash::new(Sha256::digest(token.as_bytes()).into())
}

/// Makes a token that replaces the one before, and the job that mails it. Does nothing where nobody serves e-mail.
pub(super) fn issue(work: &mut Work, cx: &Context<'_>, user: &User, purpose: MailPurpose) -> Decision<()> {
    let before = work.find::<MailTokens>(&user.id)?;
    make(work, cx, user, purpose, before.map_or_else(|| none(user.id), |before| (*before).clone()));
    Ok(())
}

/// The same for an account that is made in this decision: it has no record yet, and its id is a new one each time.
pub(super) fn issue_to_new(work: &mut Work, cx: &Context<'_>, user: &User) {
    make(work, cx, user, MailPurpose::VerifyEmail, none(user.id));
}

const fn none(user_id: UserId) -> MailTokens {
    MailTokens { user_id, verification: None, reset: None }
}

fn make(work: &mut Work, cx: &Context<'_>, user: &User, purpose: MailPurpose, mut tokens: MailTokens) {
    if !cx.outlets.channels().contains(&Channel::Email) {
        return;
    }
    let seed = Secret::new(cx.random::<32>());
    let lifetime = match purpose {
        MailPurpose::VerifyEmail => cx.settings.email_token_for,
        MailPurpose::ResetPassword => cx.settings.reset_token_for,
    };
    let token = token_of(cx.keyring, purpose, user.id, &seed);
    let (hash, email) = (hash_of(token.expose()), EmailKey::new(&user.email));
    tokens.set(purpose, Some(MailToken { hash, email, ends_at: cx.now.plus(lifetime) }));
    work.put(tokens);
    let deliver = JobWork::DeliverToken { user_id: user.id, purpose, seed };
    job::schedule(work, cx, JobId::from_uuid(cx.new_uuid()), deliver, cx.now);
}

/// What a shown token names: a person, whose record says whether it is good.
pub(super) fn named(token: &SecretText) -> Result<UserId, Error> {
    // 48 bytes are 64 characters.
    let text = Some(token.expose()).filter(|text| text.len() == 64).ok_or_else(invalid)?;
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| invalid())?;
    let id: [u8; 16] = bytes.get(..16).and_then(|id| id.try_into().ok()).ok_or_else(invalid)?;
    Ok(UserId::from_bytes(id))
}

/// Whether a shown token is the one that was mailed, and its time is not over.
///
/// # Errors
/// `invalid_token`, `token_expired`.
pub(super) fn check(
    tokens: Option<&MailTokens>,
    purpose: MailPurpose,
    shown: &SecretText,
    user: &User,
    now: Timestamp,
) -> Result<(), Error> {
    let mailed = tokens.and_then(|tokens| tokens.of(purpose)).ok_or_else(invalid)?;
    let same = bool::from(mailed.hash.as_bytes().ct_eq(hash_of(shown.expose()).as_bytes()));
    if !same || mailed.email != EmailKey::new(&user.email) {
        return Err(invalid());
    }
    if now >= mailed.ends_at {
        return Err(Error::new(Reason::TokenExpired, "The token's time is over; ask for another one."));
    }
    Ok(())
}

/// The token was used: it is not good a second time.
pub(super) fn use_up(work: &mut Work, user_id: UserId, purpose: MailPurpose) -> Decision<()> {
    let Some(tokens) = work.find::<MailTokens>(&user_id)? else {
        return Ok(());
    };
    let mut tokens = (*tokens).clone();
    tokens.set(purpose, None);
    if tokens.verification.is_none() && tokens.reset.is_none() {
        work.delete::<MailTokens>(&user_id);
    } else {
        work.put(tokens);
    }
    Ok(())
}

pub(super) fn invalid() -> Error {
    Error::new(Reason::InvalidToken, "The token is not valid, or was used before.")
}

/// Whether a token was made for this address: the account may have another one by now.
pub(crate) fn is_address_of(tokens: &MailTokens, purpose: MailPurpose, email: &str) -> bool {
    tokens.of(purpose).is_some_and(|mailed| mailed.email == EmailKey::new(email))
}

/// The message that brings a token, in words that are made for the minutes that are left; `None` when it was used or replaced, or its time is over.
pub(crate) fn token_message(
    tokens: &MailTokens,
    purpose: MailPurpose,
    token: &OneTimeToken,
    dedupe_key: String,
    now: Timestamp,
    say: impl FnOnce(&str, u64) -> Said,
) -> Option<Message> {
    let hash = hash_of(token.expose());
    let mailed = tokens.of(purpose).filter(|mailed| mailed.hash == hash && now < mailed.ends_at)?;
    let minutes = mailed.ends_at.since(now).as_secs().div_ceil(60);
    let (fact, name) = match purpose {
        MailPurpose::VerifyEmail => (FactName::EmailVerification, "email-verification"),
        MailPurpose::ResetPassword => (FactName::PasswordReset, "password-reset"),
    };
    let Said { title, body } = say(name, minutes);
    let token = Some(token.clone());
    Some(Message {
        dedupe_key,
        fact,
        event_id: None,
        title,
        body,
        tickets: Vec::new(),
        unsubscribe: None,
        token,
    })
}
