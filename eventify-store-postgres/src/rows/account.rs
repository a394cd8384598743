//! Accounts.

use eventify_core::Role;
use eventify_core::account::{Credential, EmailClaim, RefreshToken, Session, Throttle, User};
use eventify_core::store::Expires;

use crate::cells::Bad;
use crate::columns::{table, values};

values! {
    Role: String = |role, out| out.extend_from_slice(role.as_str().as_bytes()),
        |text| text.parse().map_err(|_| Bad::new(format!("{text:?} is no role")));
}

table! {
    User: id;
    fields name, email, role, session_generation, created_at, updated_at;
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
    fields user_id, generation, newest_token, created_at, ends_at, revoked_at, origin;
    derive expires_at = |session| session.expires_at();
    expires "expires_at";
}

table! {
    RefreshToken: hash;
    fields session_id, issued_at, ends_at, used_at;
    derive expires_at = |token| token.expires_at();
    expires "expires_at";
}
