//! Ending push messages to a browser or phone.

use std::collections::BTreeSet;

use super::model::{PushClaim, PushSubscription, PushSubscriptions};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::{PushSubscriptionId, UserId};
use crate::notification::Notifications;
use crate::scope::Scope;
use crate::store::Key;
use crate::work::{Decision, Work};

impl Notifications<'_> {
    /// Has one of the caller's browsers or phones take no more of their push messages.
    ///
    /// # Errors
    /// `not_authenticated`, `push_subscription_not_found`.
    pub async fn remove_push_subscription(&self, actor: &Actor, id: PushSubscriptionId) -> Result<(), Error> {
        let actor = &*actor.within(Scope::NotificationsWrite)?;
        let user_id = actor.require_user()?;
        self.engine.executor.decide(Remove { actor: actor.clone(), user_id, id }).await
    }
}

struct Remove {
    actor: Actor,
    user_id: UserId,
    id: PushSubscriptionId,
}

impl Command for Remove {
    type Reply = ();
    const NAME: &'static str = "remove_push_subscription";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::PushSubscriptions(self.user_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        if forget(work, self.user_id, &[self.id])? == 0 {
            return Err(Error::new(
                Reason::PushSubscriptionNotFound,
                "There is no such browser or phone of yours.",
            )
            .into());
        }
        let act = audit::Act::new("push_subscription.removed", "push_subscription", self.id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

/// Forgets some of a person's browsers and phones, and says how many were there.
pub(crate) fn forget(work: &mut Work, user_id: UserId, ids: &[PushSubscriptionId]) -> Decision<usize> {
    let Some(before) = work.find::<PushSubscriptions>(&user_id)? else {
        return Ok(0);
    };
    let (gone, rest): (Vec<PushSubscription>, Vec<_>) =
        before.subscriptions.iter().cloned().partition(|one| ids.contains(&one.id));
    work.need(gone.iter().map(|one| Key::PushClaim(one.hash())))?;
    for one in &gone {
        if work.find::<PushClaim>(&one.hash())?.is_some_and(|claim| claim.user_id == user_id) {
            work.delete::<PushClaim>(&one.hash());
        }
    }
    if rest.is_empty() {
        work.delete::<PushSubscriptions>(&user_id);
    } else if !gone.is_empty() {
        work.put(PushSubscriptions { user_id, subscriptions: rest });
    }
    Ok(gone.len())
}

/// Forgets all of them: the account is another person's now, or nobody's.
pub(crate) fn forget_all(work: &mut Work, user_id: UserId) -> Decision<()> {
    let Some(all) = work.find::<PushSubscriptions>(&user_id)? else {
        return Ok(());
    };
    let ids: Vec<_> = all.subscriptions.iter().map(|one| one.id).collect();
    forget(work, user_id, &ids).map(drop)
}
