//! Waitlists: everybody who waits has one number, and is counted.

use std::collections::{HashMap, HashSet};

use super::walk::{Pages, Walk};
use crate::id::{EventId, TicketTypeId};
use crate::store::{AllowanceKey, Key, Recorded, StoreError, WaitlistKey};
use crate::waitlist::{Waitlist, WaitlistEntry, WaitlistPlace};

/// How many people wait, by ticket type, and for which ticket types, by event.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) people: HashMap<TicketTypeId, u32>,
    pub(super) types: HashMap<EventId, HashSet<TicketTypeId>>,
}

pub(super) async fn check(walk: &mut Walk<'_>) -> Result<Waiting, StoreError> {
    let mut waiting = Waiting::default();
    let mut pages = Pages::<WaitlistEntry>::new();
    while let Some(page) = pages.next(walk).await? {
        let person = |entry: &WaitlistEntry| AllowanceKey {
            ticket_type_id: entry.key.ticket_type_id,
            user_id: entry.user_id,
        };
        let around = |entry: &WaitlistEntry| {
            [Key::Waitlist(entry.key.ticket_type_id), Key::WaitlistPlace(person(entry))]
        };
        let related = walk.load(page.iter().flat_map(|entry| around(entry)).collect()).await?;
        for entry in page {
            let list = related.get::<Waitlist>(&entry.key.ticket_type_id);
            let within = list.is_some_and(|l| (l.head..l.tail).contains(&entry.key.number));
            let report = &mut walk.report;
            report.require(within, "waitlist_number", Recorded::key(&*entry), || {
                "its number is none of its list's".to_owned()
            });
            let place = related.get::<WaitlistPlace>(&person(&entry));
            let known = place.is_some_and(|place| place.number == entry.key.number);
            report.require(known, "waitlist_place", Recorded::key(&*entry), || {
                "its person has another number, or none".to_owned()
            });
            *waiting.people.entry(entry.key.ticket_type_id).or_default() += 1;
            waiting.types.entry(entry.event_id).or_default().insert(entry.key.ticket_type_id);
        }
    }
    places(walk).await?;
    Ok(waiting)
}

async fn places(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<WaitlistPlace>::new();
    while let Some(page) = pages.next(walk).await? {
        let number =
            |p: &WaitlistPlace| WaitlistKey { ticket_type_id: p.key.ticket_type_id, number: p.number };
        let related = walk.load(page.iter().map(|p| Key::WaitlistEntry(number(p))).collect()).await?;
        for place in page {
            let entry = related.get::<WaitlistEntry>(&number(&place));
            let own = entry
                .is_some_and(|entry| (entry.user_id, entry.event_id) == (place.key.user_id, place.event_id));
            walk.report.require(own, "waitlist_place", Recorded::key(&*place), || {
                "nobody, or somebody else, has this number".to_owned()
            });
        }
    }
    Ok(())
}
