//! Accounts.

use std::collections::BTreeSet;

use eventify_core::account::{
    ApiKey, ApiKeys, Credential, EmailClaim, Erasure, MailToken, MailTokens, RefreshToken, SecondFactor,
    Session, Throttle, User,
};
use eventify_core::store::{Expires, TokenHash};
use eventify_core::{Role, Scope};

use crate::cells::{Bad, SqlType, Value};
use crate::columns::{documents, group, table, values};

values! {
    Role: String = |role, out| out.extend_from_slice(role.as_str().as_bytes()),
        |text| text.parse().map_err(|_| Bad::new(format!("{text:?} is no role")));
    Vec<TokenHash>: Vec<u8> = |hashes, out| hashes.iter().for_each(|hash| out.extend_from_slice(hash.as_bytes())),
        |bytes| hashes(&bytes);
}

/// Hashes one behind the other.
fn hashes(bytes: &[u8]) -> Result<Vec<TokenHash>, Bad> {
    let (whole, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() {
        Ok(whole.iter().copied().map(TokenHash::new).collect())
    } else {
        Err(Bad::new("hashes that are not of 32 bytes"))
    }
}

/// Separated by spaces, as in RFC 6749: parts of a record are gathered as arrays, which cannot hold arrays of their own.
impl Value for BTreeSet<Scope> {
    const TYPE: SqlType = SqlType::Text;
    fn encode(&self, out: &mut Vec<u8>) {
        let words: Vec<&str> = self.iter().map(|scope| scope.as_str()).collect();
        out.extend_from_slice(words.join(" ").as_bytes());
    }
    fn decode(bytes: &[u8]) -> Result<Self, Bad> {
        let text = String::decode(bytes)?;
        let scope = |word: &str| word.parse().map_err(|_| Bad::new(format!("{word:?} is no scope")));
        text.split_whitespace().map(scope).collect()
    }
}

documents!(MailToken);

table! {
    User: id;
    fields name, email, role, session_generation, email_verified_at, created_at, updated_at;
}

table! {
    EmailClaim: email;
    fields user_id;
}

table! {
    Credential: user_id;
    fields password_hash, changed_at;
}

table! {
    Throttle: key;
    fields failures, failed_at, blocked_until;
    derive expires_at = |throttle| throttle.expires_at();
    expires "expires_at";
}

table! {
    Session: id;
    fields user_id, generation, newest_token, created_at, used_at, ends_at, revoked_at, origin;
    derive expires_at = |session| session.expires_at();
    expires "expires_at";
}

table! {
    RefreshToken: hash;
    fields session_id, issued_at, ends_at, used_at;
    derive expires_at = |token| token.expires_at();
    expires "expires_at";
}

table! {
    MailTokens: user_id;
    fields verification, reset;
    derive expires_at = |tokens| tokens.expires_at();
    expires "expires_at";
}

table! {
    SecondFactor: user_id;
    fields seed, confirmed_at, last_step, recovery_codes, created_at;
}

group! {
    ApiKey: id, name, hash, scopes, created_at, expires_at, used_at;
}

table! {
    ApiKeys: user_id;
    list keys in "api_key_list" by user_id;
}

table! {
    Erasure: user_id;
    fields requested_at, finished_at;
}
