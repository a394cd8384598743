//! Making the season, step by step, on an empty stage.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use eventify_core::account::{Register, SetRole};
use eventify_core::announcement::MakeAnnouncement;
use eventify_core::event::{CancelEvent, CreateEvent, ImportedItem, PutScheduleItem};
use eventify_core::store::Store;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, Clock, EventId, Eventify, Money, Role, Settings, SystemClock, Timestamp, UserId};
use tokio::task::JoinSet;

use super::mailbox::Mailbox;
use super::people::{self, ADMIN, ATTENDEES, ORGANIZERS, Person};
use super::season::{Fate, Item, SEASON, Sales, Show, Type, When};
use crate::cli::exit::Failure;

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// The season's preparations began so long ago.
const BEGAN_AGO: Duration = Duration::from_secs(60 * 24 * 3_600);
/// Payments that the demo leaves open stay open for as long.
const HOLD_FOR: Duration = Duration::from_secs(3 * 24 * 3_600);

/// Tells the time that the season has got to.
#[derive(Debug, Clone)]
pub(super) struct StoryClock(Arc<AtomicI64>);

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed)).unwrap_or(Timestamp::MAX)
    }
}

/// An engine that lives through the season.
pub(super) struct Filling {
    pub(super) engine: Eventify,
    pub(super) mailbox: Mailbox,
    clock: StoryClock,
    /// The real present.
    pub(super) now: Timestamp,
}

/// How much was made.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) accounts: u32,
    pub(super) events: u32,
    pub(super) types: u32,
    pub(super) bookings: u32,
    pub(super) tickets: u32,
    pub(super) check_ins: u32,
    pub(super) reviews: u32,
    pub(super) waiting: u32,
    pub(super) transfers: u32,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accounts, events, types, bookings, tickets, .. } = self;
        let Self { check_ins, reviews, waiting, transfers, .. } = self;
        write!(
            f,
            "{accounts} accounts, {events} events, {types} ticket types, {bookings} bookings, {tickets} tickets, \
             {check_ins} check-ins, {reviews} reviews, {waiting} people waiting, {transfers} tickets offered to others"
        )
    }
}

impl Filling {
    pub(super) async fn start(stage: Arc<dyn Store>) -> Result<Self, Failure> {
        let now = SystemClock.now();
        let clock = StoryClock(Arc::new(AtomicI64::new(now.as_micros())));
        let mut settings = Settings::default();
        settings.hold_for = HOLD_FOR;
        let mailbox = Mailbox::default();
        let builder = Eventify::builder_over(stage).clock(clock.clone()).settings(settings);
        let builder = builder.notifier(mailbox.clone());
        // Jobs are done when the story has come to them.
        let engine = builder.without_worker().start().await?;
        Ok(Self { engine, mailbox, clock, now })
    }

    /// Goes to an instant of the story, and never beyond the present.
    pub(super) fn go_to(&self, at: Timestamp) {
        self.clock.0.store(at.min(self.now).as_micros(), Ordering::Relaxed);
    }

    /// When the season's preparations began.
    pub(super) fn began(&self) -> Timestamp {
        self.now.minus(BEGAN_AGO)
    }

    pub(super) async fn everything(&self, password: &str) -> Result<Made, Failure> {
        let mut made = Made::default();
        self.go_to(self.began());
        let ids = self.accounts(password, &mut made).await?;
        let organizers: Vec<UserId> = ORGANIZERS.iter().filter_map(|p| ids.get(p.email).copied()).collect();
        let attendees: Vec<UserId> = ATTENDEES.iter().filter_map(|p| ids.get(p.email).copied()).collect();
        for (nth, show) in SEASON.iter().enumerate() {
            let Some(&organizer) = organizers.get(show.organizer) else { continue };
            let organizer = Actor::user(organizer, Role::Organizer);
            let start = self.start_of(show)?;
            self.go_to(self.began().plus(DAY * u32::try_from(nth).unwrap_or(0)));
            let event = self.event(show, start, &organizer, &mut made).await?;
            self.take_on(event, &organizer, &attendees).await?;
            self.sell(nth, show, event, &organizer, &attendees, &mut made).await?;
            if start <= self.now {
                self.admit(event, start, &organizer, &mut made).await?;
                self.look_back(event, start, &organizer, &mut made).await?;
            } else {
                self.change_hands(show, event, &organizer, &attendees, &mut made).await?;
            }
            self.go_to(self.now);
            self.settle(show, event, &organizer).await?;
        }
        Ok(made)
    }

    async fn accounts(
        &self,
        password: &str,
        made: &mut Made,
    ) -> Result<HashMap<&'static str, UserId>, Failure> {
        let mut hashing = JoinSet::new();
        for person in people::everybody() {
            let engine = self.engine.clone();
            let request = registration(person, password);
            // Side by side: hashing a password takes a while.
            hashing.spawn(async move {
                let user = engine.accounts().register(&Actor::anonymous(), request).await?;
                Ok::<_, eventify_core::Error>((person.email, user.id))
            });
        }
        let mut ids = HashMap::new();
        while let Some(done) = hashing.join_next().await {
            let done = done.map_err(|error| Failure::refused(format!("an account was not made: {error}")))?;
            ids.extend([done?]);
            made.accounts += 1;
        }
        self.prove_addresses().await?;
        let role = Role::Organizer;
        for id in ORGANIZERS.iter().filter_map(|person| ids.get(person.email)) {
            self.engine.accounts().set_role(&Actor::system(), *id, SetRole { role }).await?;
        }
        self.engine.accounts().promote(&Actor::system(), ADMIN.email).await?;
        Ok(ids)
    }

    fn start_of(&self, show: &Show) -> Result<Timestamp, Failure> {
        let hour = Duration::from_secs(3_600);
        match show.when {
            When::HoursAgo(hours) => {
                let into_hour = u64::try_from(self.now.as_seconds()).unwrap_or(0) % 3_600;
                Ok(self.now.minus(Duration::from_secs(into_hour) + hour * u32::try_from(hours).unwrap_or(0)))
            }
            When::Day(days, hour) => civil(self.now, show.time_zone, days, hour)
                .map_err(|error| Failure::refused(format!("{}: no such time: {error}", show.title))),
        }
    }

    async fn event(
        &self,
        show: &Show,
        start: Timestamp,
        organizer: &Actor,
        made: &mut Made,
    ) -> Result<EventId, Failure> {
        let events = self.engine.events();
        let event = events.create(organizer, creation(show, start)?).await?.id;
        made.events += 1;
        for kind in show.types {
            self.engine.ticket_types().create(organizer, event, self.ticket_type(kind)?).await?;
            made.types += 1;
        }
        let items = show.schedule.iter().enumerate().map(|(nth, item)| entry(nth, item, start)).collect();
        events.import_schedule(organizer, event, items).await?;
        self.promo_codes(show, event, organizer).await?;
        self.seat_map(show, event, organizer).await?;
        if show.fate != Fate::Draft {
            events.publish(organizer, event).await?;
        }
        Ok(event)
    }

    fn ticket_type(&self, kind: &Type) -> Result<CreateTicketType, Failure> {
        let (sales_start, sales_end) = match kind.sales {
            Sales::Open => (None, None),
            Sales::BeginInDays(days) => (Some(self.now.plus(DAY * u32::try_from(days).unwrap_or(0))), None),
            Sales::EndedDaysAgo(days) => (None, Some(self.now.minus(DAY * u32::try_from(days).unwrap_or(0)))),
        };
        Ok(CreateTicketType {
            name: kind.name.to_owned(),
            price: Some(Money::new(kind.price.0, kind.price.1.parse().map_err(unreadable)?)),
            quantity: kind.quantity,
            sales_start,
            sales_end,
            per_person_max: kind.per_person_max,
            re_entry: kind.re_entry,
            ..CreateTicketType::default()
        })
    }

    /// What has become of it by now.
    async fn settle(&self, show: &Show, event: EventId, organizer: &Actor) -> Result<(), Failure> {
        if let Fate::Cancelled(reason) = show.fate {
            let reason = reason.to_owned();
            self.engine.events().cancel(organizer, event, CancelEvent { reason }).await?;
            let body = "Everybody who had a ticket gets the money back within a week.".to_owned();
            let words = MakeAnnouncement { body, ..MakeAnnouncement::default() };
            self.engine.announcements().make(organizer, event, words).await?;
        }
        while self.engine.jobs().run_due().await? > 0 {}
        Ok(())
    }
}

fn registration(person: &Person, password: &str) -> Register {
    Register::new(person.name, person.email, password)
}

fn creation(show: &Show, start: Timestamp) -> Result<CreateEvent, Failure> {
    Ok(CreateEvent {
        title: Some(show.title.to_owned()),
        description: Some(show.description.to_owned()),
        category: Some(show.category.to_owned()),
        tags: Some(show.tags.iter().map(|&tag| tag.to_owned()).collect()),
        venue: Some(show.venue.to_owned()),
        city: Some(show.city.to_owned()),
        starts_at: Some(start),
        ends_at: Some(start.plus(minutes(show.minutes))),
        doors_at: Some(start.minus(minutes(45))),
        time_zone: Some(show.time_zone.parse().map_err(unreadable)?),
        capacity: show.capacity,
        reminders: (!show.schedule.is_empty())
            .then(|| ["P7D", "P1D", "PT1H"].into_iter().filter_map(|lead| lead.parse().ok()).collect()),
        review_policy: Some(show.review_policy()),
        cancellation: show.cancellation()?,
    })
}

fn entry(nth: usize, Item(after, lasts, name, speaker, room): &Item, start: Timestamp) -> ImportedItem {
    let starts_at = start.plus(minutes(*after));
    ImportedItem {
        source_id: format!("demo-{nth}"),
        item: PutScheduleItem {
            activity_name: (*name).to_owned(),
            speaker: speaker.map(str::to_owned),
            starts_at,
            ends_at: starts_at.plus(minutes(*lasts)),
            room: Some((*room).to_owned()),
        },
    }
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// A whole hour of another day, as the clocks of a zone show it.
fn civil(now: Timestamp, zone: &str, days: i16, hour: i8) -> Result<Timestamp, jiff::Error> {
    use jiff::ToSpan;
    let zone = jiff::tz::TimeZone::get(zone)?;
    let day = now.to_jiff().to_zoned(zone.clone()).date().checked_add(i32::from(days).days())?;
    let at = day.at(hour, 0, 0, 0).to_zoned(zone)?.timestamp();
    Ok(Timestamp::from_jiff(at).unwrap_or(now))
}

fn unreadable(error: impl fmt::Display) -> Failure {
    Failure::refused(format!("the demo's own data is unreadable: {error}"))
}
