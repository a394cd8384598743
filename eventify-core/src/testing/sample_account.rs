//! The sample records of an account's tokens, second factor and keys.

use super::sample::{hash, instant, some, text, user_id, uuid};
use crate::account::{ApiKey, ApiKeys, Credential, EmailClaim, Erasure, MailToken, MailTokens, SecondFactor};
use crate::event::OpenEvents;
use crate::id::{ApiKeyId, UserId};
use crate::scope::Scope;
use crate::store::{EmailKey, TokenHash};

pub(super) fn mail_tokens(n: u32) -> MailTokens {
    let token = |n: u32| MailToken {
        hash: TokenHash::new(hash(n)),
        email: EmailKey::new(&format!("Őrs+{n}@пример.KZ")),
        ends_at: instant(n),
    };
    MailTokens {
        user_id: UserId::from_uuid(uuid(n)),
        verification: some(n, token(n)),
        reset: some(n / 2, token(n + 3)),
    }
}

pub(super) fn second_factor(n: u32) -> SecondFactor {
    SecondFactor {
        user_id: UserId::from_uuid(uuid(n)),
        seed: *uuid(n + 1).as_bytes(),
        confirmed_at: some(n, instant(n)),
        last_step: i64::MAX - i64::from(n),
        recovery_codes: (0..n % 11).map(|i| TokenHash::new(hash(i))).collect(),
        created_at: instant(n),
    }
}

pub(super) fn api_keys(n: u32) -> ApiKeys {
    let key = |n: u32| ApiKey {
        id: ApiKeyId::from_uuid(uuid(n)),
        name: text(n),
        hash: TokenHash::new(hash(n)),
        scopes: Scope::ALL.iter().copied().take(usize::try_from(n % 11).unwrap_or(0)).collect(),
        created_at: instant(n),
        expires_at: instant(n + 3),
        used_at: some(n, instant(n + 1)),
    };
    ApiKeys { user_id: UserId::from_uuid(uuid(n)), keys: (n..n + n % 4).map(key).collect() }
}

pub(super) fn email_claim(n: u32) -> EmailClaim {
    EmailClaim { email: EmailKey::new(&format!("Őrs+{n}@пример.KZ")), user_id: user_id(n) }
}

pub(super) fn credential(n: u32) -> Credential {
    Credential {
        user_id: UserId::from_uuid(uuid(n)),
        password_hash: format!("$argon2id$v=19$m=19456,t=2,p=1${n}"),
        changed_at: instant(n),
    }
}

pub(super) fn erasure(n: u32) -> Erasure {
    Erasure {
        user_id: UserId::from_uuid(uuid(n)),
        requested_at: instant(n),
        finished_at: some(n, instant(n + 3)),
    }
}

pub(super) fn open_events(n: u32) -> OpenEvents {
    OpenEvents { organizer_id: UserId::from_uuid(uuid(n)), count: u32::MAX - n }
}
