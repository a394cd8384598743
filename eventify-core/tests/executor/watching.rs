//! An event's sale and door as they go, whichever process changes them.

use std::time::Duration;

use eventify_core::booking::HoldTickets;
use eventify_core::staff::{GrantStaff, StaffRight};
use eventify_core::stats::{LiveFeed, LiveView};
use eventify_core::testing::FakeClock;
use eventify_core::ticket::Scan;
use eventify_core::{Actor, EventId, Eventify, Reason};
use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use crate::common::{id_of, organizer, other_organizer};
use crate::rigged::*;

struct Hall {
    here: Eventify,
    there: Eventify,
    store: Rigged,
    clock: FakeClock,
    olga: Actor,
    event_id: EventId,
}

async fn hall() -> Hall {
    let (store, clock) = (Rigged::new(), FakeClock::default());
    let here = engine(store.clone(), 1, &clock).await;
    let there = engine(store.clone(), 2, &clock).await;
    let (event_id, _) = fill(&here, &clock, 500).await;
    Hall { here, there, store, clock, olga: organizer(), event_id }
}

impl Hall {
    async fn watch(&self, actor: &Actor) -> LiveFeed {
        self.here.stats().watch(actor, self.event_id).await.unwrap()
    }

    async fn buy(&self, by: &Eventify, n: usize) -> String {
        self.clock.advance(Duration::from_millis(1));
        let bought = by.bookings().buy(&buyer(n), HoldTickets::only(self.event_id, 1)).await.unwrap();
        bought.tickets[0].code.clone()
    }
}

async fn next(feed: &mut LiveFeed) -> LiveView {
    feed.next().await.unwrap().unwrap()
}

fn sold(view: &LiveView) -> u32 {
    view.sales.as_ref().unwrap().sold
}

#[tokio::test(start_paused = true)]
async fn what_any_process_sells_is_seen_together_and_soon() {
    let hall = hall().await;
    let mut feed = hall.watch(&hall.olga).await;
    assert_eq!(sold(&next(&mut feed).await), 0);
    let start = Instant::now();
    for n in 0..20 {
        hall.buy(if n % 2 == 0 { &hall.here } else { &hall.there }, n).await;
    }
    assert_eq!(sold(&next(&mut feed).await), 20, "one look for all of them");
    assert!(start.elapsed() <= Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(feed.next().now_or_never().is_none());
    // Told of the first, it finds those that nobody tells it of as well.
    let start = Instant::now();
    hall.buy(&hall.there, 20).await;
    assert_eq!(sold(&next(&mut feed).await), 21);
    hall.buy(&hall.there, 21).await;
    assert_eq!(sold(&next(&mut feed).await), 22);
    assert!(start.elapsed() <= Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_no_signal_tells_is_seen_all_the_same() {
    let hall = hall().await;
    let mut feed = hall.watch(&hall.olga).await;
    next(&mut feed).await;
    hall.store.mute();
    hall.buy(&hall.there, 1).await;
    let start = Instant::now();
    assert_eq!(sold(&next(&mut feed).await), 1);
    assert!(start.elapsed() <= Duration::from_secs(10), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_last_who_came_in_are_shown_newest_first() {
    let hall = hall().await;
    let mut codes = Vec::new();
    for n in 0..12 {
        codes.push(hall.buy(&hall.here, n).await);
    }
    let enter = async |code: &str, gate: &str| {
        hall.clock.advance(Duration::from_secs(1));
        let scan = Scan { gate: Some(gate.to_owned()), ..Scan::default() };
        hall.there.tickets().check_in(&hall.olga, code, scan).await.unwrap().id
    };
    let mut ids = Vec::new();
    for (n, code) in codes.iter().take(11).enumerate() {
        ids.push(enter(code, &n.to_string()).await);
    }
    let mut feed = hall.watch(&hall.olga).await;
    let door = next(&mut feed).await.door;
    assert_eq!((door.checked_in, door.inside), (11, 11));
    let newest: Vec<_> = door.newest.iter().map(|entry| entry.ticket_id).collect();
    assert_eq!(newest, ids.iter().rev().take(10).copied().collect::<Vec<_>>());
    assert_eq!(door.newest[0].gate.as_deref(), Some("10"));
    let last = enter(&codes[11], "South").await;
    assert_eq!(next(&mut feed).await.door.newest[0].ticket_id, last);
    hall.here.tickets().undo_check_in(&hall.olga, &codes[11]).await.unwrap();
    let door = next(&mut feed).await.door;
    assert_eq!((door.checked_in, door.newest[0].ticket_id), (11, ids[10]));
}

#[tokio::test(start_paused = true)]
async fn who_may_see_what_is_asked_at_every_look() {
    let hall = hall().await;
    let bob = buyer(77);
    let refused = async |actor: &Actor| {
        let feed = hall.here.stats().watch(actor, hall.event_id).await;
        feed.err().map(|error| error.reason())
    };
    assert_eq!(refused(&Actor::anonymous()).await, Some(Reason::NotAuthenticated));
    assert_eq!(refused(&bob).await, Some(Reason::NotEventStaff));
    assert_eq!(refused(&other_organizer()).await, Some(Reason::NotEventStaff));
    let nowhere = hall.here.stats().watch(&hall.olga, EventId::from_bytes([9; 16])).await;
    assert_eq!(nowhere.err().map(|error| error.reason()), Some(Reason::EventNotFound));
    let staff = hall.there.staff(hall.event_id);
    let grant = |right| GrantStaff { user_id: bob.user_id(), email: None, right };
    staff.grant(&hall.olga, grant(StaffRight::Manager)).await.unwrap();
    let mut feed = hall.watch(&bob).await;
    assert!(next(&mut feed).await.sales.is_some(), "a manager sees the sale");
    staff.revoke(&hall.olga, id_of(&bob)).await.unwrap();
    staff.grant(&hall.olga, grant(StaffRight::Scanner)).await.unwrap();
    assert!(next(&mut feed).await.sales.is_none(), "a scanner the door only");
    staff.revoke(&hall.olga, id_of(&bob)).await.unwrap();
    let refused = feed.next().await.unwrap().unwrap_err();
    assert_eq!(refused.reason(), Reason::NotEventStaff);
    assert!(feed.next().await.is_none());
    let mut open = hall.watch(&hall.olga).await;
    next(&mut open).await;
    hall.here.close_feeds();
    assert!(open.next().await.is_none(), "it ends with the engine");
    assert!(open.next().await.is_none(), "as often as it is asked");
}
