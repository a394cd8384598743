//! Claims make things unique: each names what it stands for, and is named by it.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::walk::{Pages, Walk};
use crate::account::{ApiKeys, Credential, EmailClaim, Erasure, MailTokens, SecondFactor, Session, User};
use crate::event::{Category, CategoryName};
use crate::notification::{PushClaim, PushSubscription, PushSubscriptions};
use crate::store::{CategoryNameKey, EmailKey, Key, Recorded, StoreError};
use crate::ticket::{ShortCodeClaim, Ticket};

/// A claim: e-mail addresses, category names and short codes work the same way.
trait Claim: Recorded {
    type Of: Recorded;
    const RULE: &'static str;
    /// What it stands for.
    fn of(&self) -> <Self::Of as Recorded>::Id;
    /// The claim that a record has to have.
    fn id_of(record: &Self::Of) -> Self::Id;
    fn id(&self) -> &Self::Id;
    /// Whether the record has it, or is known to have had it.
    fn is_of(&self, record: &Self::Of) -> bool
    where
        Self::Id: PartialEq,
    {
        Self::id_of(record) == *self.id()
    }
}

impl Claim for EmailClaim {
    type Of = User;
    const RULE: &'static str = "email_claim";
    fn of(&self) -> crate::UserId {
        self.user_id
    }
    fn id_of(user: &User) -> EmailKey {
        EmailKey::new(&user.email)
    }
    fn id(&self) -> &EmailKey {
        &self.email
    }
}

impl Claim for CategoryName {
    type Of = Category;
    const RULE: &'static str = "category_name";
    fn of(&self) -> crate::CategoryId {
        self.category_id
    }
    fn id_of(category: &Category) -> CategoryNameKey {
        CategoryNameKey::new(&category.name)
    }
    fn id(&self) -> &CategoryNameKey {
        &self.name
    }
}

impl Claim for ShortCodeClaim {
    type Of = Ticket;
    const RULE: &'static str = "short_code";
    fn of(&self) -> crate::TicketId {
        self.ticket_id
    }
    fn id_of(ticket: &Ticket) -> crate::store::ShortCode {
        ticket.short_code
    }
    fn id(&self) -> &crate::store::ShortCode {
        &self.short_code
    }
    /// Each issue has its own; those of older issues stay.
    fn is_of(&self, ticket: &Ticket) -> bool {
        let known = match self.issue.cmp(&ticket.issue) {
            Ordering::Less => true,
            Ordering::Equal => self.short_code == ticket.short_code,
            Ordering::Greater => false,
        };
        known && self.event_id == ticket.event_id
    }
}

pub(super) async fn check(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    both_ways::<EmailClaim>(walk).await?;
    both_ways::<CategoryName>(walk).await?;
    both_ways::<ShortCodeClaim>(walk).await?;
    belongings(walk).await?;
    push(walk).await?;
    erased(walk).await
}

async fn both_ways<C: Claim>(walk: &mut Walk<'_>) -> Result<(), StoreError>
where
    C::Id: PartialEq,
    <C::Of as Recorded>::Id: PartialEq,
{
    let mut claims = Pages::<C>::new();
    while let Some(page) = claims.next(walk).await? {
        let keys = page.iter().map(|claim| C::Of::key_of(&claim.of())).collect();
        let related = walk.load(keys).await?;
        for claim in page {
            let of = related.get::<C::Of>(&claim.of());
            let agrees = of.is_some_and(|record| claim.is_of(record));
            let message = || "it stands for a record that is not there or has another one".to_owned();
            walk.report.require(agrees, C::RULE, claim.key(), message);
        }
    }
    let mut records = Pages::<C::Of>::new();
    while let Some(page) = records.next(walk).await? {
        let keys = page.iter().map(|record| C::key_of(&C::id_of(record))).collect();
        let related = walk.load(keys).await?;
        for record in page {
            let claim = related.get::<C>(&C::id_of(&record));
            let agrees =
                claim.is_some_and(|claim| C::Of::key_of(&claim.of()) == record.key() && claim.is_of(&record));
            let message = || "its claim is not there or stands for another record".to_owned();
            walk.report.require(agrees, C::RULE, record.key(), message);
        }
    }
    Ok(())
}

/// What belongs to an account has its account.
async fn belongings(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut credentials = Pages::<Credential>::new();
    while let Some(page) = credentials.next(walk).await? {
        let owners: BTreeSet<Key> = page.iter().map(|c| Key::User(c.user_id)).collect();
        let related = walk.load(owners).await?;
        for credential in page {
            let there = related.has::<User>(&credential.user_id);
            let message = || "there is no such user".to_owned();
            walk.report.require(there, "credential_user", credential.key(), message);
        }
    }
    let mut sessions = Pages::<Session>::new();
    while let Some(page) = sessions.next(walk).await? {
        let owners = page.iter().flat_map(|s| [Key::User(s.user_id), Key::Erasure(s.user_id)]).collect();
        let related = walk.load(owners).await?;
        for session in page {
            // Those of an account that is being erased go with the next chunks.
            let going = related.get::<Erasure>(&session.user_id).is_some_and(|e| e.finished_at.is_none());
            let there = going || related.has::<User>(&session.user_id);
            let message = || "there is no such user".to_owned();
            walk.report.require(there, "session_user", session.key(), message);
        }
    }
    Ok(())
}

/// A browser or phone takes one person's messages.
async fn push(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut claims = Pages::<PushClaim>::new();
    while let Some(page) = claims.next(walk).await? {
        let owners = page.iter().map(|claim| Key::PushSubscriptions(claim.user_id)).collect();
        let related = walk.load(owners).await?;
        for claim in page {
            let theirs = related.get::<PushSubscriptions>(&claim.user_id);
            let agrees =
                theirs.is_some_and(|all| all.subscriptions.iter().any(|one| one.hash() == claim.hash));
            let message = || "its person has no such browser or phone".to_owned();
            walk.report.require(agrees, "push_claim", claim.key(), message);
        }
    }
    let mut people = Pages::<PushSubscriptions>::new();
    while let Some(page) = people.next(walk).await? {
        let all = page.iter().flat_map(|of| &of.subscriptions);
        let related = walk.load(all.map(|one| Key::PushClaim(one.hash())).collect()).await?;
        for of in page {
            let is_claimed = |one: &PushSubscription| {
                related.get::<PushClaim>(&one.hash()).is_some_and(|claim| claim.user_id == of.user_id)
            };
            let agrees = of.subscriptions.iter().all(is_claimed);
            let message = || "one of them takes somebody else's messages, or nobody's".to_owned();
            walk.report.require(agrees, "push_claim", of.key(), message);
        }
    }
    Ok(())
}

/// Nothing that opens an account outlives it.
async fn erased(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut erasures = Pages::<Erasure>::new();
    while let Some(page) = erasures.next(walk).await? {
        let left = |id| {
            let opens = [Key::Credential(id), Key::ApiKeys(id), Key::SecondFactor(id), Key::MailTokens(id)];
            opens.into_iter().chain([Key::User(id), Key::PushSubscriptions(id)])
        };
        let related = walk.load(page.iter().flat_map(|e| left(e.user_id)).collect()).await?;
        for erasure in page {
            let id = &erasure.user_id;
            let account = related.has::<User>(id) || related.has::<Credential>(id);
            let keys = related.has::<ApiKeys>(id)
                || related.has::<PushSubscriptions>(id)
                || related.has::<SecondFactor>(id)
                || related.has::<MailTokens>(id);
            let message = || "something is left of the account that was erased".to_owned();
            walk.report.require(!account && !keys, "erased_account", erasure.key(), message);
        }
    }
    Ok(())
}
