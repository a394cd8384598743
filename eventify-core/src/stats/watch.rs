//! An event's sale and door as they go.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{self, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Stats;
use super::model::EventTally;
use super::of_event::{by_type, is_over, sum, views};
use super::view::{TakingsView, TypeStats};
use crate::account;
use crate::actor::Actor;
use crate::audit::AuditEntry;
use crate::error::Error;
use crate::event::{Event, EventStatus, Standing, event_not_found};
use crate::eventify::of_kind;
use crate::executor::Core;
use crate::id::{EventId, TicketId, TicketTypeId};
use crate::scope::Scope;
use crate::staff::Staff;
use crate::store::{Index, Key, Position, Scan, Signal};
use crate::ticket::{self, Ticket};
use crate::ticket_type::{Inventory, TicketType};
use crate::time::Timestamp;

/// The last ones who came in that are shown.
const ENTRIES_MAX: usize = 10;
/// What was done at an event is read in such pages to find them.
const PAGE_MAX: usize = 100;
/// Pages that are read when a feed begins; later only the newest.
const PAGES_MAX: usize = 5;
/// However much happens, so often is looked at most.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(500);
/// As long as something changes, so often is looked at least: not every change is signalled.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// And so often in any case: a signal may be lost.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How often other processes are told that somebody watches.
const SAY_SO_EVERY: Duration = Duration::from_secs(30);

/// What an event comes to, as it changes. Ends with the engine, or behind an error that is not for now only: that the
/// session was ended, or the person let go, too.
pub struct LiveFeed(Pin<Box<dyn Stream<Item = Result<LiveView, Error>> + Send>>);

impl fmt::Debug for LiveFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveFeed").finish_non_exhaustive()
    }
}

impl Stream for LiveFeed {
    type Item = Result<LiveView, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

/// What an event comes to at one instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LiveView {
    /// The event.
    pub event_id: EventId,
    /// Where it is in its life.
    pub status: EventStatus,
    /// When it was counted.
    pub as_of: Timestamp,
    /// Who came.
    pub door: LiveDoor,
    /// What was sold; `null` for those who only let people in.
    pub sales: Option<LiveSales>,
}

/// Who came so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LiveDoor {
    /// Tickets with which somebody came in.
    pub checked_in: u32,
    /// Tickets whose person came in and did not go out again.
    pub inside: u32,
    /// Who came in last, newest first: at most 10, found among the newest 500 things that were done at the event, and
    /// among those that were shown before.
    pub newest: Vec<Entry>,
}

/// A ticket with which somebody came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Entry {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its type.
    pub ticket_type_id: TicketTypeId,
    /// When.
    pub at: Timestamp,
    /// At which gate.
    pub gate: Option<String>,
    /// By which device.
    pub device: Option<String>,
}

/// What was sold so far: as in [`EventStats`](super::EventStats).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LiveSales {
    /// Seats over all ticket types; no limit of its own when `null`.
    pub capacity: Option<u32>,
    /// Valid tickets.
    pub sold: u32,
    /// Seats held by bookings that are not confirmed yet.
    pub held: u32,
    /// What can be booked now, over all types.
    pub available: u32,
    /// What was to be paid, by currency.
    pub takings: Vec<TakingsView>,
    /// The same by ticket type, in the order they were made.
    pub types: Vec<TypeStats>,
}

impl Stats<'_> {
    /// What an event comes to now, and again whenever that changes, whichever process over the same store changes it: at
    /// most twice a second, each time as it is then. Sales for its organizer, those who manage it, and admins; who came
    /// also for those at the door. Whoever is let go gets nothing more.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use eventify_core::{Actor, Eventify, Role, booking::HoldTickets, store::MemoryStore};
    /// use futures_util::StreamExt;
    ///
    /// let eventify = Eventify::builder(MemoryStore::new()).start().await?;
    /// # use eventify_core::{Clock, SystemClock, event::CreateEvent, ticket_type::CreateTicketType};
    /// # let start = SystemClock.now().plus(std::time::Duration::from_secs(7 * 86_400));
    /// # let draft = CreateEvent {
    /// #     title: Some("Spring concert".into()),
    /// #     starts_at: Some(start),
    /// #     ends_at: Some(start.plus(std::time::Duration::from_secs(7_200))),
    /// #     ..CreateEvent::default()
    /// # };
    /// # let organizer = Actor::user("01978c5e-0000-7000-8000-000000000001".parse()?, Role::Organizer);
    /// # let event_id = eventify.events().create(&organizer, draft).await?.id;
    /// # let stalls = CreateTicketType { name: "Stalls".into(), quantity: 120, ..Default::default() };
    /// # eventify.ticket_types().create(&organizer, event_id, stalls).await?;
    /// # eventify.events().publish(&organizer, event_id).await?;
    /// # let bob = Actor::user("01978c5e-0000-7000-8000-000000000002".parse()?, Role::Attendee);
    /// let mut live = eventify.stats().watch(&organizer, event_id).await?;
    /// let sold = |view: eventify_core::stats::LiveView| view.sales.map(|sales| sales.sold);
    /// assert_eq!(sold(live.next().await.ok_or("it goes on")??), Some(0));
    /// eventify.bookings().buy(&bob, HoldTickets::only(event_id, 2)).await?;
    /// assert_eq!(sold(live.next().await.ok_or("it goes on")??), Some(2));
    /// # eventify.shut_down().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `event_not_found`, `not_event_staff`, `device_revoked`, `overloaded`
    /// (64 feeds of one event), `shutting_down`; within the feed also `session_revoked`, and `invalid_token` and
    /// `token_expired` of an API key.
    pub async fn watch(&self, actor: &Actor, event_id: EventId) -> Result<LiveFeed, Error> {
        let actor = &*actor.within(Scope::EventsRead)?;
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_door(actor, &event).await?;
        let watcher = Watcher::open(self.engine.core(), actor, event_id)?;
        let seen = stream::unfold(Some(watcher), |watcher| async move {
            let mut watcher = watcher?;
            match watcher.next().await? {
                Ok(view) => Some((Ok(view), Some(watcher))),
                Err(error) => Some((Err(error), None)),
            }
        });
        // Asked once more, it says once more that it is over.
        Ok(LiveFeed(Box::pin(seen.fuse())))
    }
}

struct Watcher {
    /// Not kept alive by those who watch.
    core: Weak<Core>,
    actor: Actor,
    event_id: EventId,
    /// Always there but while the watcher is dropped.
    bell: Option<watch::Receiver<()>>,
    /// What was given last.
    last: Option<LiveView>,
    /// Whether it was the same when it was looked at last.
    is_calm: bool,
    looked_at: Option<Instant>,
    said_so_at: Option<Instant>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.bell = None;
        if let Some(core) = self.core.upgrade() {
            core.watchers.close_unused(self.event_id);
        }
    }
}

impl Watcher {
    fn open(core: &Arc<Core>, actor: &Actor, event_id: EventId) -> Result<Self, Error> {
        Ok(Self {
            core: Arc::downgrade(core),
            actor: actor.clone(),
            event_id,
            bell: Some(core.watchers.open(event_id)?),
            last: None,
            is_calm: false,
            looked_at: None,
            said_so_at: None,
        })
    }

    async fn next(&mut self) -> Option<Result<LiveView, Error>> {
        loop {
            self.wait().await?;
            let core = self.core.upgrade()?;
            self.say_so(&core);
            self.looked_at = Some(Instant::now());
            let seen = self.look(&core).await;
            drop(core);
            match seen {
                Ok(view) if self.last.as_ref().is_some_and(|last| is_same(last, &view)) => {
                    self.is_calm = true;
                }
                Ok(view) => {
                    self.is_calm = false;
                    self.last = Some(view.clone());
                    return Some(Ok(view));
                }
                Err(error) if error.is_retryable() => self.is_calm = false,
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Until there is a reason to look; `None` when the engine is gone.
    async fn wait(&mut self) -> Option<()> {
        let bell = self.bell.as_mut()?;
        let Some(looked_at) = self.looked_at else {
            return Some(());
        };
        let at_most = if self.is_calm { LOOK_EVERY } else { LOOK_AGAIN_AFTER };
        match tokio::time::timeout_at(looked_at + at_most, bell.changed()).await {
            Ok(Err(_)) => return None,
            Ok(Ok(())) => self.is_calm = false,
            Err(_) => {}
        }
        tokio::time::sleep_until(looked_at + LOOK_AT_MOST_EVERY).await;
        bell.mark_unchanged();
        Some(())
    }

    /// Others say what changes only while they know that somebody wants to hear it.
    fn say_so(&mut self, core: &Core) {
        let now = Instant::now();
        if self.said_so_at.is_none_or(|at| now.duration_since(at) >= SAY_SO_EVERY) {
            self.said_so_at = Some(now);
            core.store.signal(core.id, &[Signal::Watched(self.event_id)].into());
        }
    }

    async fn look(&self, core: &Core) -> Result<LiveView, Error> {
        account::require_good(core, &self.actor).await?;
        // An event has fewer ticket types than a page has entries.
        let types = Scan::first(Index::TicketTypesOfEvent(self.event_id), PAGE_MAX);
        let types = core.store.scan(&types).await?;
        let types: Vec<TicketTypeId> = of_kind::<TicketType>(&types.items).map(|of| of.id).collect();
        let id = self.event_id;
        let own = [Key::Event(id), Key::Inventory(id), Key::EventTally(id), Key::Staff(id)];
        let keys: BTreeSet<Key> = own.into_iter().chain(types.iter().copied().map(Key::TicketType)).collect();
        let loaded = core.store.load(&keys).await?;
        let event = of_kind::<Event>(&loaded).next().ok_or_else(event_not_found)?;
        let standing = event.met_by(&self.actor, of_kind::<Staff>(&loaded).next().map(|staff| &**staff))?;
        standing.require(Standing::Scanner, &self.actor, event)?;
        let inventory = of_kind::<Inventory>(&loaded).next().ok_or_else(event_not_found)?;
        let tally = of_kind::<EventTally>(&loaded).next().map(|tally| &**tally);
        let all = sum(tally.into_iter().flat_map(|tally| tally.types.values()));
        let now = core.clock.now();
        let found = |id: &TicketTypeId| of_kind::<TicketType>(&loaded).find(|of| of.id == *id);
        let known: Vec<&Arc<TicketType>> = types.iter().filter_map(found).collect();
        let (types, available) = by_type(inventory, tally, &known, now, is_over(event, now));
        let sales = LiveSales {
            capacity: inventory.capacity,
            sold: inventory.sold,
            held: inventory.held,
            available,
            takings: views(&all.takings),
            types,
        };
        let newest = self.newest_entries(core).await?;
        Ok(LiveView {
            event_id: self.event_id,
            status: event.state.status(),
            as_of: now,
            door: LiveDoor { checked_in: all.checked_in, inside: all.inside, newest },
            sales: (standing >= Standing::Manager).then_some(sales),
        })
    }

    /// Who came in last, by what the trail says was done last.
    async fn newest_entries(&self, core: &Core) -> Result<Vec<Entry>, Error> {
        let shown = self.last.iter().flat_map(|last| &last.door.newest);
        let mut tickets: BTreeSet<TicketId> = shown.map(|entry| entry.ticket_id).collect();
        let pages_max = if self.last.is_none() { PAGES_MAX } else { 1 };
        let mut after = None;
        for _ in 0..pages_max {
            let (found, next) = self.scanned(core, after).await?;
            tickets.extend(found);
            if next.is_none() || tickets.len() >= ENTRIES_MAX {
                break;
            }
            after = next;
        }
        let keys: BTreeSet<Key> = tickets.into_iter().map(Key::Ticket).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let loaded = core.store.load(&keys).await?;
        let mut entries: Vec<Entry> = of_kind::<Ticket>(&loaded).filter_map(|ticket| entry(ticket)).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.ticket_id)));
        entries.truncate(ENTRIES_MAX);
        Ok(entries)
    }

    /// The tickets that a page of the trail says were scanned on their way in.
    async fn scanned(
        &self,
        core: &Core,
        after: Option<Position>,
    ) -> Result<(Vec<TicketId>, Option<Position>), Error> {
        let scan = Scan { after, ..Scan::last(Index::AuditOfEvent(self.event_id), PAGE_MAX) };
        let page = core.store.scan(&scan).await?;
        let scanned = of_kind::<AuditEntry>(&page.items).filter(|act| act.action == ticket::CHECKED_IN);
        Ok((scanned.filter_map(|act| act.subject_id.parse().ok()).collect(), page.next))
    }
}

fn entry(ticket: &Ticket) -> Option<Entry> {
    let check_in = ticket.state.check_in()?;
    Some(Entry {
        ticket_id: ticket.id,
        ticket_type_id: ticket.ticket_type_id,
        at: check_in.at,
        gate: check_in.gate.clone(),
        device: check_in.device.clone(),
    })
}

fn is_same(one: &LiveView, other: &LiveView) -> bool {
    (one.status, &one.door, &one.sales) == (other.status, &other.door, &other.sales)
}
