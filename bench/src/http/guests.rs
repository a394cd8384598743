//! People with accounts and open sessions, as many as a measurement wants.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use eventify_core::account::{Credential, EmailClaim, RefreshToken, Register, Session, User};
use eventify_core::store::{
    ChangeSet, Commit, EmailKey, Expectation, Key, Record, Recorded, Store, TokenHash, Version, Write,
};
use eventify_core::{Actor, Clock, Eventify, SessionId, SystemClock, Timestamp, UserId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Result;

pub(super) const PASSWORD: &str = "three quiet rivers";
/// People who are written at once.
const PEOPLE_PER_COMMIT: usize = 500;
const SESSION_FOR: Duration = Duration::from_secs(24 * 3600);

/// The first one registers. The others are what registering and logging in would have written for them, with the
/// password's hash of the first: a measurement is not to hash thousands of passwords before it begins.
#[derive(Debug)]
pub(super) struct Guests {
    /// In the order of their addresses.
    pub(super) refresh_tokens: Vec<String>,
}

impl Guests {
    pub(super) async fn invite(eventify: &Eventify, store: &dyn Store, count: usize) -> Result<Self> {
        let first = Register::new("Guest 0", email(0), PASSWORD);
        let first = eventify.accounts().register(&Actor::anonymous(), first).await?.id;
        let keys = BTreeSet::from([Key::User(first), Key::Credential(first)]);
        let found: Vec<Record> =
            store.load(&keys).await?.into_iter().filter_map(|found| found.record).collect();
        let user = found.iter().find_map(User::unwrap).ok_or("nobody registered")?;
        let credential = found.iter().find_map(Credential::unwrap).ok_or("nobody has a password")?;
        let refresh_tokens: Vec<String> = (0..count).map(|nth| format!("session of guest {nth}")).collect();
        let now = SystemClock.now();
        let people: Vec<_> = refresh_tokens.iter().enumerate().collect();
        for some in people.chunks(PEOPLE_PER_COMMIT) {
            let mut records = Vec::new();
            for (nth, token) in some {
                let id = if *nth == 0 { first } else { UserId::from_uuid(new_uuid()) };
                if *nth > 0 {
                    records.extend(account(user, credential, *nth, id));
                }
                records.extend(session(id, token, now));
            }
            write(store, records).await?;
        }
        Ok(Self { refresh_tokens })
    }

    pub(super) const fn len(&self) -> usize {
        self.refresh_tokens.len()
    }
}

pub(crate) fn email(nth: usize) -> String {
    format!("guest{nth}@example.org")
}

fn account(like: &User, credential: &Credential, nth: usize, user_id: UserId) -> [Record; 3] {
    let (name, email) = (format!("Guest {nth}"), email(nth));
    let claim = EmailClaim { email: EmailKey::new(&email), user_id };
    [
        User::wrap(Arc::new(User { id: user_id, name, email, ..like.clone() })),
        EmailClaim::wrap(Arc::new(claim)),
        Credential::wrap(Arc::new(Credential { user_id, ..credential.clone() })),
    ]
}

fn session(user_id: UserId, token: &str, now: Timestamp) -> [Record; 2] {
    let (session_id, hash) =
        (SessionId::from_uuid(new_uuid()), TokenHash::new(Sha256::digest(token.as_bytes()).into()));
    let ends_at = now.plus(SESSION_FOR);
    let session = Session {
        id: session_id,
        user_id,
        generation: 0,
        newest_token: hash,
        created_at: now,
        used_at: now,
        ends_at,
        revoked_at: None,
        origin: None,
    };
    let token = RefreshToken { hash, session_id, issued_at: now, ends_at, used_at: None };
    [Session::wrap(Arc::new(session)), RefreshToken::wrap(Arc::new(token))]
}

/// Writes records that are not there yet.
async fn write(store: &dyn Store, mut records: Vec<Record>) -> Result {
    records.sort_by_key(Record::key);
    let keys = records.iter().map(Record::key);
    let expectations = keys.map(|key| Expectation { key, version: Version::ABSENT }).collect();
    let writes =
        records.into_iter().map(|record| Write { key: record.key(), before: None, after: Some(record) });
    let stamp = Version::new(new_uuid().as_u64_pair().1);
    match store.commit(&ChangeSet { stamp, expectations, writes: writes.collect() }).await? {
        Commit::Applied => Ok(()),
        Commit::Conflict(_) => Err("a guest was there already".into()),
    }
}

#[allow(clippy::disallowed_methods, reason = "guests are strangers")]
fn new_uuid() -> Uuid {
    Uuid::now_v7()
}
