//! One run: round after round, and now and then everything comes to rest.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;

use super::super::client::leave_after;
use super::bank::Bank;
use super::hands::PayingOut;
use super::plan::{Op, Plan, Round, Step};
use super::{Till, TillReport};
use crate::actor::{Actor, Role};
use crate::booking::{Booking, BookingState, HoldTickets, LineRequest};
use crate::context::{Clock, Settings};
use crate::error::Error;
use crate::etag::IfMatch;
use crate::event::{CancelEvent, CreateEvent, PutCancellation, RefundStep, UpdateEvent};
use crate::eventify::Eventify;
use crate::id::{BookingId, EventId, PaymentId, RefundId, TicketTypeId, UserId};
use crate::lead_time::LeadTime;
use crate::money::Money;
use crate::payment::{PaymentProvider, ProviderCallback, RefundPayment, StartPayment};
use crate::store::{Kind, Store};
use crate::testing::model::Snapshot;
use crate::testing::{FakeClock, FaultPlan, FaultStore, SeededEntropy};
use crate::ticket_type::CreateTicketType;
use crate::time::Timestamp;

pub(super) const BANKS: [&str; 2] = ["amber", "birch"];
/// Seats of a type; there are two types of an event, and fewer seats in all.
pub(super) const SEATS: u32 = 3;
pub(super) const CAPACITY: u32 = 5;
pub(super) const PRICE: i64 = 1_050;
/// So many rounds are played between two rests.
const REST_EVERY: usize = 8;
/// And so many until another event is on sale.
const OPEN_EVERY: usize = 4;
/// People go to the newest.
const EVENTS_ON_SALE: usize = 2;
const HOLD_FOR: Duration = Duration::from_secs(10 * 60);
/// A bank takes late money for an hour: it is looked for longer than that.
const LATE_MONEY_FOR: Duration = Duration::from_secs(3 * 3_600);

pub(super) struct Run {
    till: Till,
    seed: u64,
    starts: u64,
    pub(super) truth: Arc<dyn Store>,
    pub(super) front: Arc<FaultStore<Arc<dyn Store>>>,
    pub(super) clock: FakeClock,
    pub(super) engines: Vec<Eventify>,
    pub(super) banks: [Bank; 2],
    pub(super) events: Vec<(EventId, [TicketTypeId; 2])>,
    /// What people did whose answers nobody may have heard: it may have happened.
    pub(super) tried: Mutex<Tried>,
    pub(super) report: TillReport,
    pub(super) began: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct Tried {
    /// Bookings that somebody took cash for.
    pub(super) cash: BTreeSet<BookingId>,
    /// Payments that an organizer gave something of back, here or on a bank's own pages, by their numbers at the banks.
    pub(super) refunds: BTreeSet<PaymentId>,
    /// Bookings that whoever booked cancelled.
    pub(super) cancelled: BTreeSet<BookingId>,
    /// Refunds that somebody is about to pay out, or has.
    pub(super) paying_out: BTreeMap<RefundId, Option<PayingOut>>,
    /// How often a refund that failed was tried again beside everything else.
    pub(super) retried: u32,
}

pub(super) fn organizer() -> Actor {
    Actor::user(UserId::from_bytes([0xEE; 16]), Role::Organizer)
}

fn payer(n: u8) -> Actor {
    Actor::user(UserId::from_bytes([n + 1; 16]), Role::Attendee)
}

/// Who cancels by themselves gets half back: of every other event, beginning with the first one.
fn half() -> PutCancellation {
    let until = LeadTime::ZERO;
    PutCancellation { until: Some(until), refund: Some(vec![RefundStep { until, percent: 50 }]) }
}

type Doing<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

impl Run {
    pub(super) async fn new(till: Till, truth: Arc<dyn Store>, seed: u64) -> Result<Self, Error> {
        let mut run = Self {
            till,
            seed,
            starts: 0,
            front: Arc::new(FaultStore::new(truth.clone(), seed, FaultPlan::NONE)),
            truth,
            clock: FakeClock::default(),
            engines: Vec::new(),
            banks: [
                Bank::new(BANKS[0], (true, till.bank_hangs), seed),
                Bank::new(BANKS[1], (false, till.bank_hangs), seed),
            ],
            events: Vec::new(),
            tried: Mutex::default(),
            report: TillReport::default(),
            began: FakeClock::default().now(),
        };
        run.start().await?;
        run.open().await?;
        Ok(run)
    }

    pub(super) async fn play(&mut self, plan: &Plan) -> Result<(), String> {
        for (n, round) in plan.rounds.iter().enumerate() {
            self.prepare(n, round).await.map_err(|e| format!("round {n}: it cannot be prepared: {e}"))?;
            self.storm(true);
            self.act(&round.steps).await;
            self.storm(false);
            self.front.let_late_commits_arrive().await;
            if n % REST_EVERY == REST_EVERY - 1 || n + 1 == plan.rounds.len() {
                self.rest().await.map_err(|problem| format!("at rest after round {n}: {problem}"))?;
            }
        }
        Ok(())
    }

    pub(super) async fn end(&mut self) {
        for engine in self.engines.drain(..) {
            engine.shut_down().await;
        }
    }

    fn storm(&self, on: bool) {
        self.front.set_plan(if on { self.till.faults } else { FaultPlan::NONE });
        self.banks.iter().for_each(|bank| bank.behave(!(on && self.till.bad_banks)));
    }

    async fn start(&mut self) -> Result<(), Error> {
        self.end().await;
        // Settings change between two starts.
        self.banks.iter().for_each(|bank| bank.books().pages += 1);
        for _ in 0..self.till.engines.max(1) {
            self.starts += 1;
            let entropy = SeededEntropy::new(self.seed.wrapping_mul(1_000_003).wrapping_add(self.starts));
            let settings = Settings {
                hold_for: HOLD_FOR,
                payment_for: HOLD_FOR,
                late_money_for: LATE_MONEY_FOR,
                ..Settings::default()
            };
            let mut builder = Eventify::builder_over(self.front.clone())
                .settings(settings)
                .clock(self.clock.clone())
                .entropy(entropy)
                .without_worker();
            for bank in &self.banks {
                builder = builder.payment_provider(bank.clone());
            }
            self.engines.push(builder.start().await?);
        }
        Ok(())
    }

    /// Two types of which there are more seats than the event has.
    async fn open(&mut self) -> Result<(), Error> {
        let (engine, now) = (&self.engines[0], self.clock.now());
        let days = |days: u64| Duration::from_secs(days * 86_400);
        let request = CreateEvent {
            title: Some(format!("Event {}", self.events.len())),
            starts_at: Some(now.plus(days(30))),
            ends_at: Some(now.plus(days(31))),
            capacity: Some(CAPACITY),
            cancellation: self.events.len().is_multiple_of(2).then(half),
            ..CreateEvent::default()
        };
        let id = engine.events().create(&organizer(), request).await?.id;
        let mut types = Vec::new();
        for (name, dear) in [("plain", 1), ("dear", 3)] {
            let currency = "KZT".parse().map_err(|_| Error::internal("KZT is a currency"))?;
            let request = CreateTicketType {
                name: name.to_owned(),
                price: Some(Money::new(PRICE * dear, currency)),
                quantity: SEATS,
                ..CreateTicketType::default()
            };
            types.push(engine.ticket_types().create(&organizer(), id, request).await?.id);
        }
        engine.events().publish(&organizer(), id).await?;
        if let [plain, dear] = types[..] {
            self.events.push((id, [plain, dear]));
        }
        Ok(())
    }

    async fn prepare(&mut self, nth: usize, round: &Round) -> Result<(), Error> {
        self.clock.advance(round.pass);
        self.clock.set(self.clock.now().minus(round.back));
        if round.restart {
            self.start().await?;
        }
        self.storm(true);
        if let Some((bank, away)) = round.outage {
            self.banks[usize::from(bank) % 2].go_away(away);
        }
        self.front.set_plan(FaultPlan::NONE);
        // What is sold out or called off makes room for something new.
        if nth.is_multiple_of(OPEN_EVERY) {
            self.open().await?;
        }
        Ok(())
    }

    /// Everything of a round happens at once.
    async fn act(&self, steps: &[Step]) {
        let all = Snapshot::of_kinds(&*self.truth, &[Kind::Booking]).await;
        let bookings: Vec<Arc<Booking>> =
            all.map_or_else(|_| Vec::new(), |all| all.of::<Booking>().cloned().collect());
        let doing = steps.iter().map(|step| -> Doing<'_> {
            let engine = &self.engines[usize::from(step.engine) % self.engines.len()];
            let done = self.do_it(engine, step.op, &bookings);
            match step.left_after {
                Some(looks) => Box::pin(async move { leave_after(looks, done).await.unwrap_or(()) }),
                None => done,
            }
        });
        join_all(doing.collect::<Vec<_>>()).await;
        // Whatever was left goes on in the engines; their last commits are over when a read comes through.
        for engine in &self.engines {
            let _ = engine.ping().await;
        }
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }

    pub(super) fn tried(&self) -> MutexGuard<'_, Tried> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn event(&self, nth: u8) -> Option<(EventId, [TicketTypeId; 2])> {
        let newest = self.events.len().saturating_sub(EVENTS_ON_SALE);
        pick(nth, self.events.get(newest..)?).copied()
    }

    /// A charge of either bank.
    fn charge(&self, nth: u8, is_paid: bool) -> Option<(&Bank, PaymentId)> {
        let (first, second) = (&self.banks[usize::from(nth) % 2], &self.banks[usize::from(nth + 1) % 2]);
        let of = |bank: &'_ Bank| bank.nth(nth / 2, is_paid, self.clock.now());
        of(first).map(|id| (first, id)).or_else(|| of(second).map(|id| (second, id)))
    }

    fn do_it<'a>(&'a self, engine: &'a Eventify, op: Op, bookings: &'a [Arc<Booking>]) -> Doing<'a> {
        match op {
            Op::Hold { user, event, seats } => Box::pin(async move {
                let Some((id, types)) = self.event(event) else { return };
                let ticket_type_id = types[usize::from(event) % 2];
                let line = LineRequest { ticket_type_id, quantity: u32::from(seats) };
                let _ = engine.bookings().hold(&payer(user), HoldTickets::new(id, vec![line])).await;
            }),
            Op::Start { booking, bank } => Box::pin(async move {
                let held = |b: &&Arc<Booking>| matches!(b.state, BookingState::Held { .. });
                let held: Vec<&Arc<Booking>> = bookings.iter().filter(held).collect();
                let Some(booking) = pick(booking, &held) else { return };
                let method = BANKS[usize::from(bank) % 2].to_owned();
                let request =
                    StartPayment { booking_id: booking.id, payment_method: Some(method), return_url: None };
                let who = Actor::user(booking.user_id, Role::Attendee);
                let _ = engine.payments().start(&who, request).await;
            }),
            Op::Pay { charge, how, asked_first } => Box::pin(async move {
                let Some((bank, id)) = self.charge(charge, false) else { return };
                let question = bank.question(id).filter(|_| asked_first);
                if let Some(question) = question
                    && self.say(engine, bank, question).await != Some(200)
                {
                    return;
                }
                bank.pay(id, how, self.clock.now());
            }),
            Op::Cancel { booking, by_organizer } => Box::pin(async move {
                let Some(booking) = pick(booking, bookings) else { return };
                if !by_organizer {
                    self.tried().cancelled.insert(booking.id);
                }
                let who =
                    if by_organizer { organizer() } else { Actor::user(booking.user_id, Role::Attendee) };
                let _ = engine.bookings().cancel(&who, booking.id).await;
            }),
            Op::Refund { charge, part } => Box::pin(async move {
                let Some((bank, id)) = self.charge(charge, true) else { return };
                self.tried().refunds.extend(bank.order_of(id));
                let part = "KZT".parse().ok().map(|currency| Money::new(100, currency)).filter(|_| part);
                let request = RefundPayment { amount: part, reason: None };
                let _ = engine.payments().refund(&organizer(), id, request).await;
            }),
            Op::Cash { booking } => Box::pin(async move {
                let Some(booking) = pick(booking, bookings) else { return };
                self.tried().cash.insert(booking.id);
                let _ = engine.bookings().confirm(&organizer(), booking.id).await;
            }),
            Op::SellOut { event } => Box::pin(self.sell_out(engine, event)),
            Op::Rename { event } => Box::pin(self.rename(engine, event)),
            Op::CancelEvent { event } => Box::pin(async move {
                let Some((id, _)) = self.event(event) else { return };
                let _ = engine.events().cancel(&organizer(), id, CancelEvent::default()).await;
            }),
            Op::Dispute { charge, .. } | Op::PayAgain { charge } | Op::GiveBack { charge, .. } => {
                Box::pin(async move { self.happens_to(charge, op) })
            }
            Op::Retry { .. } | Op::PayOut { .. } => Box::pin(self.see_to_one(engine, op)),
            Op::Work => Box::pin(async move { drop(engine.jobs().run_due().await) }),
            Op::Arrive { .. }
            | Op::Again { .. }
            | Op::Forged { .. }
            | Op::Lose { .. }
            | Op::EndRefunds { .. } => Box::pin(self.call_back(engine, op)),
        }
    }

    /// What others do with money that a bank has.
    fn happens_to(&self, charge: u8, op: Op) {
        let Some((bank, id)) = self.charge(charge, true) else { return };
        match op {
            Op::Dispute { won, .. } => bank.contest(id, won),
            Op::PayAgain { .. } => bank.pay_again(id),
            Op::GiveBack { part, .. } => {
                // To the books it is as if the organizer had asked for it.
                self.tried().refunds.extend(bank.order_of(id));
                bank.give_back_outside(id, part);
            }
            _ => {}
        }
    }

    async fn rename(&self, engine: &Eventify, event: u8) {
        let Some((id, _)) = self.event(event) else { return };
        let title = Some(format!("Event {event}, mended"));
        let request = UpdateEvent { title, ..UpdateEvent::default() };
        let _ = engine.events().update(&organizer(), id, request, IfMatch::Any).await;
    }

    /// What is left is gone at once, and paid in cash.
    async fn sell_out(&self, engine: &Eventify, event: u8) {
        let Some((id, types)) = self.event(event) else { return };
        for ticket_type_id in types {
            for quantity in (1..=SEATS).rev() {
                let line = LineRequest { ticket_type_id, quantity };
                let held = engine.bookings().hold(&payer(9), HoldTickets::new(id, vec![line])).await;
                let Ok(held) = held else { continue };
                self.tried().cash.insert(held.id);
                let _ = engine.bookings().confirm(&organizer(), held.id).await;
                break;
            }
        }
    }

    async fn call_back(&self, engine: &Eventify, op: Op) {
        match op {
            Op::Arrive { callback, copies } => {
                let bank = &self.banks[usize::from(callback) % 2];
                self.arrive(engine, bank, callback / 2, copies).await;
            }
            Op::Again { callback } => {
                let bank = &self.banks[usize::from(callback) % 2];
                if let Some(old) = bank.old(callback / 2) {
                    self.say(engine, bank, old).await;
                }
            }
            Op::Forged { callback } => {
                let bank = &self.banks[usize::from(callback) % 2];
                if let Some(forged) = bank.forged(callback / 2)
                    && self.say(engine, bank, forged).await == Some(200)
                {
                    bank.books().wrong.push("what nobody signed is believed".to_owned());
                }
            }
            Op::EndRefunds { bank } => self.banks[usize::from(bank) % 2].end_refunds(false),
            Op::Lose { callback } => self.banks[usize::from(callback) % 2].lose(callback / 2),
            _ => {}
        }
    }

    /// A callback arrives, perhaps more than once; it is said again until it was taken in.
    pub(super) async fn arrive(&self, engine: &Eventify, bank: &Bank, nth: u8, copies: u8) -> bool {
        let Some((number, callback)) = bank.take(nth) else { return false };
        bank.books().repeated += u32::from(copies > 1);
        // Who goes away meanwhile has not said that it was taken in.
        let mut waiting = Waiting { bank, number, taken: false };
        for _ in 0..copies.max(1) {
            if self.say(engine, bank, callback.clone()).await == Some(200) {
                waiting.taken = true;
            }
        }
        true
    }

    async fn say(&self, engine: &Eventify, bank: &Bank, callback: ProviderCallback) -> Option<u16> {
        engine.payments().callback(bank.name(), callback).await.ok().map(|answer| answer.status)
    }

    pub(super) fn report(&self) -> TillReport {
        let mut report = self.report;
        {
            let tried = self.tried();
            let paid_out = tried.paying_out.values().filter(|paying| paying.is_none()).count();
            report.paid_out = u32::try_from(paid_out).unwrap_or(u32::MAX);
            report.retried = tried.retried;
        }
        for bank in &self.banks {
            let books = bank.books();
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            report.charges += count(books.accounts.len());
            report.captured += count(books.accounts.values().filter(|a| a.captured.is_some()).count());
            report.refunds += count(books.accounts.values().map(|a| a.refunds.len()).sum());
            report.disputes += books.disputes;
            report.doubles += books.doubles;
            report.accepted_only += books.accepted_only;
            report.failed_late += books.failed_late;
            report.outside += books.outside;
            report.outside_failed += books.outside_failed;
            report.outside_unsaid += books.outside_unsaid;
            report.fees += count(books.accounts.values().filter(|a| a.fee().is_some()).count());
            report.late += books.late;
            report.odd += books.odd;
            report.repeated += books.repeated;
            report.lost += books.lost;
            report.failed_calls += books.failed_calls;
            report.done_unsaid += books.done_unsaid;
        }
        report
    }
}

/// A callback that is being said.
struct Waiting<'a> {
    bank: &'a Bank,
    number: usize,
    taken: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.taken {
            self.bank.put_back(self.number);
        }
    }
}

pub(super) fn pick<T>(nth: u8, of: &[T]) -> Option<&T> {
    of.get(usize::from(nth).checked_rem(of.len())?)
}
