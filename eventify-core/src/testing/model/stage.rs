//! Where a run takes place: the store, its faults, the engines over it, and what they are about.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::Model;
use super::oracle::{self, ORGANIZER, USERS, address, is_verified, user};
use super::outside::Outside;
use crate::account::{Credential, EmailClaim, User};
use crate::actor::{Actor, Role};
use crate::context::{Clock, Settings};
use crate::error::Error;
use crate::event::CreateEvent;
use crate::eventify::Eventify;
use crate::id::{EventId, TicketTypeId, UserId};
use crate::money::Money;
use crate::promo_code::CreatePromoCode;
use crate::seat_map::{PutBlock, PutRow, PutSeatMap, PutSection};
use crate::store::{ChangeSet, EmailKey, Expectation, Recorded, Store, Version, Write};
use crate::testing::{FakeClock, FaultPlan, FaultStore, SeededEntropy};
use crate::ticket_type::{CreateTicketType, ReEntry};
use crate::time::Timestamp;

pub(super) struct Stage {
    pub(super) truth: Arc<dyn Store>,
    pub(super) front: Arc<FaultStore<Arc<dyn Store>>>,
    pub(super) clock: FakeClock,
    pub(super) outside: Outside,
    pub(super) engines: Vec<Eventify>,
    /// In the order in which they were made.
    pub(super) events: Vec<EventId>,
    model: Model,
    seed: u64,
    starts: u64,
}

impl Stage {
    pub(super) async fn set(truth: Arc<dyn Store>, model: Model, seed: u64) -> Result<Self, Error> {
        let mut stage = Self {
            front: Arc::new(FaultStore::new(truth.clone(), seed, FaultPlan::NONE)),
            truth,
            clock: FakeClock::default(),
            outside: Outside::new(seed),
            engines: Vec::new(),
            events: Vec::new(),
            model,
            seed,
            starts: 0,
        };
        stage.people().await?;
        stage.start().await?;
        for published in [true, true, false] {
            stage.open(published).await?;
        }
        Ok(stage)
    }

    /// Accounts without the work of hashing passwords.
    async fn people(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut set = ChangeSet { stamp: Version::new(7), expectations: Vec::new(), writes: Vec::new() };
        for n in 0..USERS {
            let (user_id, email) = (user(n), address(n));
            let user = User {
                id: user_id,
                name: format!("Person {n}"),
                email: email.clone(),
                role: Role::Attendee,
                session_generation: 0,
                email_verified_at: is_verified(n).then_some(now),
                created_at: now,
                updated_at: now,
            };
            let claim = EmailClaim { email: EmailKey::new(&email), user_id };
            let credential = Credential { user_id, password_hash: String::new(), changed_at: now };
            for record in
                [User::wrap(user.into()), EmailClaim::wrap(claim.into()), Credential::wrap(credential.into())]
            {
                let key = record.key();
                set.expectations.push(Expectation { key: key.clone(), version: Version::ABSENT });
                set.writes.push(Write { key, before: None, after: Some(record) });
            }
        }
        set.expectations.sort_by(|a, b| a.key.cmp(&b.key));
        set.writes.sort_by(|a, b| a.key.cmp(&b.key));
        self.truth.commit(&set).await?;
        Ok(())
    }

    /// Lets the faults begin, or end.
    pub(super) fn storm(&self, on: bool) {
        self.front.set_plan(if on { self.model.faults } else { FaultPlan::NONE });
    }

    /// Everything that is under way arrives.
    pub(super) async fn settle(&self) {
        self.front.let_late_commits_arrive().await;
    }

    /// Starts the engines, after ending those that run.
    pub(super) async fn start(&mut self) -> Result<(), Error> {
        for engine in self.engines.drain(..) {
            engine.shut_down().await;
        }
        for _ in 0..self.model.engines {
            self.starts += 1;
            let entropy = SeededEntropy::new(self.seed.wrapping_mul(1_000_003).wrapping_add(self.starts));
            let settings = Settings {
                hold_for: oracle::HOLD,
                waitlist_offer_for: oracle::OFFER,
                transfer_for: oracle::GIFT,
                waitlist_people_max: u32::try_from(oracle::LINE_MAX).unwrap_or(u32::MAX),
                ..Settings::default()
            };
            let builder = Eventify::builder_over(self.front.clone())
                .settings(settings)
                .clock(self.clock.clone())
                .entropy(entropy)
                .notifier(self.outside.clone())
                .publisher(self.outside.clone())
                .without_worker();
            self.engines.push(builder.start().await?);
        }
        Ok(())
    }

    /// Makes an event with five ticket types, one of them hidden and one sold by seat: every other one starts within
    /// hours.
    pub(super) async fn open(&mut self, published: bool) -> Result<(), Error> {
        let engine = &self.engines[0];
        let (system, now) = (Actor::system(), self.clock.now());
        let nth = self.events.len();
        let hours = if nth.is_multiple_of(2) { 240 } else { 2 };
        let request = CreateEvent {
            title: Some(format!("Event {nth}")),
            venue: Some("venue 0".to_owned()),
            starts_at: Some(now.plus(hour(hours))),
            ends_at: Some(now.plus(hour(hours + 2))),
            capacity: (!nth.is_multiple_of(3)).then_some(9),
            ..CreateEvent::default()
        };
        let id = engine.events().create_for(&system, ORGANIZER, request).await?.id;
        let mut types = Vec::new();
        for (name, quantity, price, per_person_max) in [
            ("free", 2, 0, None),
            ("limited", 4, 0, Some(3)),
            ("paid", 2, 505, None),
            ("seated", 1, 300, None),
            ("hidden", 1, 0, None),
        ] {
            let request = CreateTicketType {
                name: name.to_owned(),
                price: Some(tenge(price)?),
                quantity,
                per_person_max,
                hidden: name == "hidden",
                waitlist_skips: name == "limited",
                re_entry: if name == "limited" { ReEntry::InOut } else { ReEntry::Once },
                ..CreateTicketType::default()
            };
            types.push(engine.ticket_types().create(&system, id, request).await?.id);
        }
        if let [_, _, paid, seated, hidden] = types[..] {
            self.draw_seats(id, seated, nth.is_multiple_of(2)).await?;
            self.make_promos(id, [paid, hidden]).await?;
        }
        if published {
            engine.events().publish(&system, id).await?;
        }
        self.events.push(id);
        Ok(())
    }

    async fn draw_seats(
        &self,
        event: EventId,
        ticket_type_id: TicketTypeId,
        no_single_gaps: bool,
    ) -> Result<(), Error> {
        let (maps, system) = (self.engines[0].seat_maps(), Actor::system());
        let row = |row: &RangeInclusive<u16>| {
            let block = PutBlock { ticket_type_id, from: row.start() % 10, to: row.end() % 10 };
            PutRow { label: (row.start() / 10).to_string(), blocks: vec![block], ..PutRow::default() }
        };
        let stalls = PutSection { name: "Stalls".to_owned(), rows: oracle::ROWS.iter().map(row).collect() };
        maps.put(&system, event, PutSeatMap { no_single_gaps }).await?;
        maps.put_section(&system, event, 1, stalls).await?;
        Ok(())
    }

    /// Half off everything, three times and once for each person; and for two hours what opens the hidden type and
    /// takes something off another.
    async fn make_promos(&self, event: EventId, types: [TicketTypeId; 2]) -> Result<(), Error> {
        let (promos, system) = (self.engines[0].promo_codes(), Actor::system());
        let half = CreatePromoCode {
            percent_off: Some(50),
            uses_max: Some(3),
            per_person_max: Some(1),
            ..CreatePromoCode::of("HALF")
        };
        let guest = CreatePromoCode {
            amount_off: Some(tenge(400)?),
            ticket_type_ids: types.to_vec(),
            ends_at: Some(self.clock.now().plus(hour(2))),
            uses_max: Some(2),
            ..CreatePromoCode::of("Guest")
        };
        promos.create(&system, event, half).await?;
        promos.create(&system, event, guest).await?;
        Ok(())
    }

    /// Waits until the lanes have done all that clients who went away left behind: who comes last is answered last.
    pub(super) async fn catch_up(&self) {
        let stranger = Actor::user(UserId::from_bytes([0xDD; 16]), Role::Attendee);
        let request =
            || CreateTicketType { name: "none".to_owned(), quantity: 1, ..CreateTicketType::default() };
        for engine in &self.engines {
            for event in &self.events {
                // Refused, whatever becomes of it.
                let _ = engine.ticket_types().create(&stranger, *event, request()).await;
            }
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn hour(hours: u64) -> Duration {
    Duration::from_secs(hours * 3_600)
}

fn tenge(amount: i64) -> Result<Money, Error> {
    let currency = "KZT".parse().map_err(|_| Error::internal("KZT is a currency"))?;
    Ok(Money::new(amount, currency))
}
