//! A person's history: reading it, and saying that it was read.

use std::collections::BTreeSet;

use super::Notifications;
use super::model::Notification;
use super::say::Voice;
use super::view::NotificationView;
use crate::actor::Actor;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::Fetched;
use crate::eventify::of_kind;
use crate::id::{NotificationId, UserId};
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Key, Scan};
use crate::work::{Decision, Work};

/// Notifications that one commit marks.
const CHUNK_MAX: usize = 200;

pub(super) fn not_found() -> Error {
    Error::new(Reason::NotificationNotFound, "There is no such notification.")
}

impl Notifications<'_> {
    /// The caller's history, newest first; only what is not read yet when `unread`.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn list(
        &self,
        actor: &Actor,
        unread: bool,
        page: &PageRequest,
    ) -> Result<Listing<NotificationView>, Error> {
        let actor = &*actor.within(Scope::NotificationsRead)?;
        let user_id = actor.require_user()?;
        let index = if unread { Index::UnreadOfUser(user_id) } else { Index::NotificationsOfUser(user_id) };
        let found = self.engine.list::<Notification>(index, true, page).await?;
        let voice = Voice::of(self.engine.core(), user_id).await?;
        Ok(found.map(|notification| voice.view(&notification)))
    }

    /// One of the caller's notifications.
    ///
    /// # Errors
    /// `not_authenticated`, `notification_not_found`.
    pub async fn get(&self, actor: &Actor, id: NotificationId) -> Result<Fetched<NotificationView>, Error> {
        let actor = &*actor.within(Scope::NotificationsRead)?;
        let user_id = actor.require_user()?;
        let found = self.engine.fetch::<Notification>(&id).await?;
        let (found, version) =
            found.filter(|(n, _)| n.user_id == user_id && n.shown).ok_or_else(not_found)?;
        let voice = Voice::of(self.engine.core(), user_id).await?;
        Ok(Fetched::new(voice.view(&found), version))
    }

    /// Marks one as read; once read it stays so.
    ///
    /// # Errors
    /// `not_authenticated`, `notification_not_found`.
    pub async fn mark_read(&self, actor: &Actor, id: NotificationId) -> Result<NotificationView, Error> {
        let actor = &*actor.within(Scope::NotificationsWrite)?;
        let user_id = actor.require_user()?;
        let known = self.engine.load::<Notification>(&id).await?.filter(|n| n.user_id == user_id && n.shown);
        known.ok_or_else(not_found)?;
        self.engine.executor.decide(MarkRead { user_id, ids: vec![id] }).await?;
        self.get(actor, id).await.map(Fetched::into_inner)
    }

    /// Marks everything as read that is there now, and says how many were not.
    ///
    /// # Errors
    /// `not_authenticated`.
    pub async fn mark_all_read(&self, actor: &Actor) -> Result<u64, Error> {
        let actor = &*actor.within(Scope::NotificationsWrite)?;
        let user_id = actor.require_user()?;
        let mut scan = Scan::first(Index::UnreadOfUser(user_id), CHUNK_MAX);
        let mut marked = 0;
        loop {
            let page = self.engine.core().store.scan(&scan).await?;
            let ids: Vec<NotificationId> = of_kind::<Notification>(&page.items).map(|n| n.id).collect();
            if !ids.is_empty() {
                marked += self.engine.executor.decide(MarkRead { user_id, ids }).await?;
            }
            match page.next {
                Some(next) => scan.after = Some(next),
                None => return Ok(marked),
            }
        }
    }
}

struct MarkRead {
    user_id: UserId,
    ids: Vec<NotificationId>,
}

impl Command for MarkRead {
    /// How many were not read before.
    type Reply = u64;
    const NAME: &'static str = "mark_read";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend(self.ids.iter().copied().map(Key::Notification));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<u64> {
        let mut marked = 0;
        for id in &self.ids {
            let Some(found) = work.find::<Notification>(id)? else {
                continue;
            };
            if found.user_id == self.user_id && found.read_at.is_none() {
                work.put(Notification { read_at: Some(cx.now), ..(*found).clone() });
                marked += 1;
            }
        }
        Ok(marked)
    }
}
