//! A person's history as it grows.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{self, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::watch;

use super::Notifications;
use super::model::Notification;
use super::read::not_found;
use super::say::Voice;
use super::view::NotificationView;
use crate::account;
use crate::actor::Actor;
use crate::error::{Error, Reason};
use crate::eventify::of_kind;
use crate::executor::Core;
use crate::id::{NotificationId, UserId};
use crate::scope::Scope;
use crate::store::{Index, Page, Position, Scan, Versioned};
use crate::time::Timestamp;

/// What a person is told, as it happens. Ends with the engine, or behind an error that is not for now only: that the
/// session was ended, too.
pub struct Feed {
    seen: NotificationId,
    /// Asked once more, it says once more that it is over.
    told: Pin<Box<dyn Stream<Item = Result<NotificationView, Error>> + Send>>,
}

impl Feed {
    /// What it comes behind: the newest notification that was there when it was opened, or the one that was named. A
    /// feed that breaks off before anything came is resumed behind this.
    #[must_use]
    pub const fn seen(&self) -> NotificationId {
        self.seen
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Stream for Feed {
    type Item = Result<NotificationView, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        self.told.as_mut().poll_next(cx)
    }
}

/// What stands before every notification.
const BEGINNING: NotificationId = NotificationId::from_bytes([0; 16]);
/// Pages that a feed makes up for; whoever missed more reads the history.
const MISSED_PAGES_MAX: usize = 10;
/// Notifications that are read at a time, and wait for their reader at most.
const PAGE_MAX: usize = 100;
/// A notification may become visible so much later than it says, by another process's clock or by a slow commit.
const OVERLAP: Duration = Duration::from_secs(60);
/// Notifications that a feed remembers to have given, within the overlap …
const GIVEN_MAX: usize = 4_096;
/// … and at any rate: a clock that goes back tells something new before them.
const GIVEN_MIN: usize = 64;
/// How often a feed looks by itself: a signal may be lost, for example with the process that was about to send it.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long a feed waits for a store that does not answer.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Notifications<'_> {
    /// What the caller is told from now on, or behind a notification that they have seen: whichever process over the
    /// same store tells it, each once, in the order of the history. Nothing is lost or held up by a reader who is
    /// slow: the feed holds 100 notifications and gets the rest from the store. Whoever loses their session, or whose
    /// password or role changes, gets nothing more.
    ///
    /// Behind `after` comes what the history lists behind it, and up to a minute before it: something may have been told
    /// earlier, by a slow commit or a clock that lags, that was not there yet when `after` was given. Whoever goes on drops
    /// what they have by its id. The id of zeros stands before everything.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use eventify_core::notification::SendNotification;
    /// use eventify_core::{Actor, Eventify, Role, account::Register, store::MemoryStore};
    /// use futures_util::StreamExt;
    ///
    /// let eventify = Eventify::builder(MemoryStore::new()).start().await?;
    /// # let bob = Register::new("Bob", "bob@example.org", "three quiet rivers");
    /// # let user_id = eventify.accounts().register(&Actor::anonymous(), bob).await?.id;
    /// # let bob = Actor::user(user_id, Role::Attendee);
    /// # let words = |title: &str| SendNotification { user_id, title: title.into(), body: "At six.".into(), event_id: None };
    /// let mut feed = eventify.notifications().listen(&bob, None).await?;
    /// eventify.notifications().send(&Actor::system(), words("Doors open")).await?;
    /// let told = feed.next().await.ok_or("the feed goes on")??;
    /// assert_eq!(told.title, "Doors open");
    ///
    /// // It broke off; the next one goes on behind what was seen.
    /// drop(feed);
    /// eventify.notifications().send(&Actor::system(), words("Last call")).await?;
    /// let mut feed = eventify.notifications().listen(&bob, Some(told.id)).await?;
    /// assert_eq!(feed.next().await.ok_or("the feed goes on")??.title, "Last call");
    /// # eventify.shut_down().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `not_authenticated`, `notification_not_found` (`after`), `too_far_behind` (more than 1,000 behind `after`),
    /// `overloaded` (64 feeds of one person), `shutting_down`; within the feed also `session_revoked`, and
    /// `invalid_token` and `token_expired` of an API key.
    pub async fn listen(&self, actor: &Actor, after: Option<NotificationId>) -> Result<Feed, Error> {
        let actor = &*actor.within(Scope::NotificationsRead)?;
        let user_id = actor.require_user()?;
        let core = self.engine.core();
        let mut listener = Listener::open(core, actor, user_id)?;
        match after {
            Some(BEGINNING) => listener.require_near(core).await?,
            Some(id) => {
                let seen = self.engine.load::<Notification>(&id).await?;
                let seen = seen.filter(|n| n.user_id == user_id && n.shown).ok_or_else(not_found)?;
                listener.floor = Some(settled(seen.created_at));
                listener.given.insert(place(&seen));
                listener.require_near(core).await?;
            }
            None => listener.skip_history(core).await?,
        }
        let newest = listener.given.last().map(|(_, id)| *id);
        let seen = after.or(newest).unwrap_or(BEGINNING);
        let told = stream::unfold(Some(listener), |listener| async move {
            let mut listener = listener?;
            match listener.next().await? {
                Ok(told) => Some((Ok(told), Some(listener))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(Feed { seen, told: Box::pin(told.fuse()) })
    }
}

/// Where a notification stands in its history.
type Place = (Timestamp, NotificationId);

fn place(notification: &Notification) -> Place {
    (notification.created_at, notification.id)
}

/// Behind this there may still come something new, when the newest is of that instant.
fn settled(newest: Timestamp) -> Place {
    (newest.minus(OVERLAP), BEGINNING)
}

#[derive(Debug)]
struct Listener {
    /// Not kept alive by those who listen.
    core: Weak<Core>,
    actor: Actor,
    user_id: UserId,
    /// Always there but while the listener is dropped.
    bell: Option<watch::Receiver<()>>,
    /// Whatever stands here or before is settled.
    floor: Option<Place>,
    /// What was given and stands behind the floor, as far as it is remembered.
    given: BTreeSet<Place>,
    /// The ends of newer pages, while the oldest page of a long backlog is given first.
    backlog: Vec<Position>,
    ready: VecDeque<NotificationView>,
    /// Whether there may be something to give in the store.
    stale: bool,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.bell = None;
        if let Some(core) = self.core.upgrade() {
            core.feeds.close_unused(self.user_id);
        }
    }
}

impl Listener {
    fn open(core: &Arc<Core>, actor: &Actor, user_id: UserId) -> Result<Self, Error> {
        Ok(Self {
            core: Arc::downgrade(core),
            actor: actor.clone(),
            user_id,
            bell: Some(core.feeds.open(user_id)?),
            floor: None,
            given: BTreeSet::new(),
            backlog: Vec::new(),
            ready: VecDeque::new(),
            stale: true,
        })
    }

    /// # Errors
    /// `too_far_behind`.
    async fn require_near(&self, core: &Core) -> Result<(), Error> {
        let mut after = None;
        for _ in 0..MISSED_PAGES_MAX {
            let page = self.page(core, after).await?;
            if page.next.is_none() || self.reaches_floor(&page) {
                return Ok(());
            }
            after = page.next;
        }
        let sentence = "More came since than a feed makes up for; read the history, and listen from now on.";
        Err(Error::new(Reason::TooFarBehind, sentence))
    }

    /// Counts everything as given that is there now.
    async fn skip_history(&mut self, core: &Core) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.page(core, after).await?;
            // The first page has the newest: what is settled is decided by it.
            self.give(&page, core.clock.now(), |_| {});
            if page.next.is_none() {
                break;
            }
            let oldest = of_kind::<Notification>(&page.items).last().map(|told| place(told));
            if oldest <= self.settled(core.clock.now()) || self.given.len() >= GIVEN_MAX {
                // What is older was there before.
                self.floor = self.floor.max(oldest);
                break;
            }
            after = page.next;
        }
        self.stale = false;
        Ok(())
    }

    async fn next(&mut self) -> Option<Result<NotificationView, Error>> {
        loop {
            if let Some(told) = self.ready.pop_front() {
                return Some(Ok(told));
            }
            if !self.stale {
                self.wait(LOOK_EVERY).await?;
                self.stale = true;
            }
            let core = self.core.upgrade()?;
            let looked = self.look(&core).await;
            drop(core);
            match looked {
                Ok(()) => {}
                Err(error) if error.is_retryable() => self.wait(RETRY_AFTER).await?,
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Until the bell rings, at most so long; `None` when the engine is gone.
    async fn wait(&mut self, at_most: Duration) -> Option<()> {
        let bell = self.bell.as_mut()?;
        match tokio::time::timeout(at_most, bell.changed()).await {
            Ok(Err(_)) => None,
            Ok(Ok(())) | Err(_) => Some(()),
        }
    }

    /// Fetches the oldest page of what was not given yet, for somebody who may still see it.
    async fn look(&mut self, core: &Core) -> Result<(), Error> {
        account::require_good(core, &self.actor).await?;
        if let Some(position) = self.backlog.pop() {
            let page = self.page(core, Some(position)).await?;
            let voice = Voice::of(core, self.user_id).await?;
            self.take(&page, core, &voice);
            return Ok(());
        }
        let mut starts = Vec::new();
        let mut oldest_news = None;
        let mut page = self.page(core, None).await?;
        loop {
            let next = page.next.take().filter(|_| !self.reaches_floor(&page));
            if self.has_news(&page) {
                oldest_news = Some((starts.len(), page));
            }
            let Some(next) = next else { break };
            page = self.page(core, Some(next.clone())).await?;
            starts.push(next);
        }
        // The page in hand is given now; those between it and the newest come next, then everything is looked at anew.
        let Some((nth, page)) = oldest_news else {
            self.stale = false;
            return Ok(());
        };
        let voice = Voice::of(core, self.user_id).await?;
        starts.truncate(nth);
        self.stale = starts.pop().is_some();
        self.backlog = starts;
        self.take(&page, core, &voice);
        Ok(())
    }

    fn has_news(&self, page: &Page<Versioned>) -> bool {
        let is_new = |place: Place| Some(place) > self.floor && !self.given.contains(&place);
        of_kind::<Notification>(&page.items).any(|told| is_new(place(told)))
    }

    async fn page(&self, core: &Core, after: Option<Position>) -> Result<Page<Versioned>, Error> {
        let index = Index::NotificationsOfUser(self.user_id);
        Ok(core.store.scan(&Scan { after, ..Scan::last(index, PAGE_MAX) }).await?)
    }

    /// Whether everything behind this page is settled.
    fn reaches_floor(&self, page: &Page<Versioned>) -> bool {
        let last = of_kind::<Notification>(&page.items).last();
        last.is_none_or(|last| Some(place(last)) <= self.floor)
    }

    fn take(&mut self, page: &Page<Versioned>, core: &Core, voice: &Voice<'_>) {
        let mut ready = std::mem::take(&mut self.ready);
        self.give(page, core.clock.now(), |told| ready.push_back(voice.view(told)));
        self.ready = ready;
    }

    /// What is too old for anything new to come behind it. A clock that went back counts, and not how far it was ahead.
    fn settled(&self, now: Timestamp) -> Option<Place> {
        self.given.last().map(|(newest, _)| settled((*newest).min(now)))
    }

    /// Gives what was not given before, oldest first, and forgets what need not be remembered.
    fn give(&mut self, page: &Page<Versioned>, now: Timestamp, mut give: impl FnMut(&Notification)) {
        let found: Vec<&Arc<Notification>> = of_kind::<Notification>(&page.items).collect();
        for told in found.iter().rev() {
            if Some(place(told)) > self.floor && self.given.insert(place(told)) {
                give(told);
            }
        }
        let settled = self.settled(now);
        while let Some(first) = self.given.first()
            && (self.given.len() > GIVEN_MAX || self.given.len() > GIVEN_MIN && Some(*first) <= settled)
        {
            self.floor = self.floor.max(Some(*first));
            self.given.pop_first();
        }
    }
}
