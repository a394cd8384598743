//! Crowds: three hundred people at once want what there is less of, at all engines over one database. Each of these
//! ends exactly right, or panics.
//!
//! A store is given once for each engine: the same one, or several that lead to one database.
//!
//! ```
//! use std::sync::Arc;
//! use eventify_core::store::{MemoryStore, Store};
//! use eventify_core::testing::crowd;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
//! crowd::wants_promo_codes(&[store.clone(), store]).await;
//! # }
//! ```
#![allow(clippy::unwrap_used, clippy::panic, reason = "a check fails by panicking, and runs in tests alone")]

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::model::{Snapshot, violations};
use super::{FakeClock, SeededEntropy};
use crate::actor::{Actor, Role};
use crate::booking::{BookingView, HoldTickets, LineRequest};
use crate::command::Answer;
use crate::context::Clock;
use crate::error::{Error, Reason};
use crate::event::CreateEvent;
use crate::eventify::Eventify;
use crate::id::{BookingId, EventId, TicketTypeId, UserId};
use crate::money::Money;
use crate::page::PageRequest;
use crate::promo_code::CreatePromoCode;
use crate::seat_map::{PutBlock, PutRow, PutSection, SeatId};
use crate::store::Store;
use crate::ticket_type::CreateTicketType;
use crate::waitlist::JoinWaitlist;

/// How many people come.
const CROWD: u16 = 300;
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// How often somebody asks again who is told to.
const TRIES_MAX: u32 = 200;

struct Sale<'a> {
    engines: Vec<Eventify>,
    store: &'a dyn Store,
    clock: FakeClock,
    organizer: Actor,
    event: EventId,
    kind: TicketTypeId,
}

/// One of the crowd.
fn person(n: u16) -> Actor {
    let mut bytes = [0xC0; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    Actor::user(UserId::from_bytes(bytes), Role::Attendee)
}

/// Asks again as long as that is what the answer says.
async fn until_told<T, F: Future<Output = Result<T, Error>>>(ask: impl Fn() -> F) -> Result<T, Error> {
    for _ in 0..TRIES_MAX {
        match ask().await {
            Err(error) if error.is_retryable() => tokio::task::yield_now().await,
            answer => return answer,
        }
    }
    panic!("somebody was told {TRIES_MAX} times to ask again");
}

fn refusals<T>(answers: &[Result<T, Error>]) -> Vec<Reason> {
    answers.iter().filter_map(|answer| answer.as_ref().err()).map(Error::reason).collect()
}

type Held = Result<Answer<BookingView>, Error>;

impl<'a> Sale<'a> {
    /// A published event with one ticket type.
    async fn open(stores: &'a [Arc<dyn Store>], quantity: u32, price: i64) -> Self {
        let clock = FakeClock::default();
        let mut engines = Vec::new();
        for (seed, store) in (1..).zip(stores) {
            let builder = Eventify::builder_over(store.clone()).clock(clock.clone());
            let builder = builder.entropy(SeededEntropy::new(seed));
            engines.push(builder.without_worker().start().await.unwrap());
        }
        let organizer = Actor::user(UserId::from_bytes([1; 16]), Role::Organizer);
        let start = clock.now().plus(30 * DAY);
        let concert = CreateEvent {
            title: Some("Concert".to_owned()),
            starts_at: Some(start),
            ends_at: Some(start.plus(DAY)),
            ..CreateEvent::default()
        };
        let event = engines[0].events().create(&organizer, concert).await.unwrap().id;
        let price = Some(Money::new(price, "KZT".parse().unwrap()));
        let kind =
            CreateTicketType { name: "Standard".to_owned(), price, quantity, ..CreateTicketType::default() };
        let kind = engines[0].ticket_types().create(&organizer, event, kind).await.unwrap().id;
        engines[0].events().publish(&organizer, event).await.unwrap();
        Self { engines, store: &*stores[0], clock, organizer, event, kind }
    }

    /// The engine that somebody asks.
    fn engine(&self, n: u16) -> &Eventify {
        &self.engines[usize::from(n) % self.engines.len()]
    }

    fn of(&self, quantity: u32) -> HoldTickets {
        HoldTickets::new(self.event, vec![LineRequest { ticket_type_id: self.kind, quantity }])
    }

    async fn hold(&self, n: u16, wish: HoldTickets) -> Held {
        let bookings = self.engine(n).bookings();
        until_told(|| bookings.hold(person(n), wish.clone())).await
    }

    /// Buys something free; the booking's id.
    async fn buy(&self, n: u16, wish: HoldTickets) -> Result<BookingId, Error> {
        let bookings = self.engine(n).bookings();
        until_told(|| bookings.buy(person(n), wish.clone())).await.map(|bought| bought.booking.id)
    }

    async fn cancel(&self, n: u16, id: BookingId) {
        let asking = || async { self.engine(n).bookings().cancel(&person(n), id).await };
        until_told(asking).await.unwrap();
    }

    async fn confirm(&self, who: &Actor, n: u16, id: BookingId) {
        let bookings = self.engine(n).bookings();
        until_told(|| bookings.confirm(who, id)).await.unwrap();
    }

    /// What somebody has booked, or was offered.
    async fn bookings(&self, n: u16) -> Vec<BookingId> {
        let own = self.engine(n).bookings().mine(&person(n), &PageRequest::default()).await.unwrap();
        own.data.iter().map(|booking| booking.id).collect()
    }

    /// All engines work until nothing is due.
    async fn run_jobs(&self) {
        loop {
            let rounds = self.engines.iter().map(|engine| async { engine.jobs().run_due().await.unwrap() });
            if join_all(rounds).await.iter().all(|done| *done == 0) {
                return;
            }
        }
    }

    /// Sold and held.
    async fn counted(&self) -> (u32, u32) {
        let types = self.engines[0].ticket_types();
        let found = types.get(&self.organizer, self.event, self.kind).await.unwrap();
        (found.sold, found.held)
    }

    /// Everything agrees, counted in both ways.
    async fn end(self) {
        let found = violations(&Snapshot::take(self.store).await.unwrap());
        assert!(found.is_empty(), "{found:#?}");
        let report = crate::check::check(self.store).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
        for engine in self.engines {
            engine.shut_down().await;
        }
    }
}

/// 300 people, and a promo code that is good for 50 bookings. Twenty of those who get it keep it, the others let it
/// go; then everybody else comes once more, for the thirty uses that came back.
///
/// # Panics
/// When it does not end so.
pub async fn wants_promo_codes(stores: &[Arc<dyn Store>]) {
    let sale = Sale::open(stores, 1_000, 1_000).await;
    let half = CreatePromoCode { percent_off: Some(50), uses_max: Some(50), ..CreatePromoCode::of("HALF") };
    let codes = sale.engines[0].promo_codes();
    let promo = codes.create(&sale.organizer, sale.event, half).await.unwrap().id;
    let wish = || HoldTickets { promo_code: Some("half".into()), ..sale.of(1) };
    let answers = join_all((0..CROWD).map(|n| sale.hold(n, wish()))).await;
    assert_eq!(refusals(&answers), [Reason::PromoUsedUp; 250]);
    assert_eq!(sale.counted().await, (0, 50));
    let got: Vec<&Answer<BookingView>> = answers.iter().flatten().collect();
    assert!(got.iter().all(|held| held.total.amount_minor == 500));
    for (n, held) in (0..20).zip(&got) {
        sale.confirm(&sale.organizer, n, held.id).await;
    }
    sale.clock.advance(DAY);
    sale.run_jobs().await;
    let used = || async { codes.get(&sale.organizer, sale.event, promo).await.unwrap().used };
    assert_eq!((used().await, sale.counted().await), (20, (20, 0)), "thirty uses came back");
    let others = (0..CROWD).zip(&answers).filter(|(_, first)| first.is_err()).map(|(n, _)| n);
    let answers = join_all(others.map(|n| sale.hold(n, wish()))).await;
    assert_eq!(refusals(&answers), [Reason::PromoUsedUp; 220]);
    assert_eq!((used().await, sale.counted().await), (50, (20, 30)));
    sale.end().await;
}

/// A section of rows of so many seats each.
async fn draw(sale: &Sale<'_>, rows: usize, seats: u16) {
    let row = PutRow {
        label: "A".to_owned(),
        blocks: vec![PutBlock { ticket_type_id: sale.kind, from: 1, to: seats }],
        ..PutRow::default()
    };
    let section = PutSection { name: "Stalls".to_owned(), rows: vec![row; rows] };
    sale.engines[0].seat_maps().put_section(&sale.organizer, sale.event, 1, section).await.unwrap();
}

/// 300 people, and 40 seats that each of them names one of.
///
/// # Panics
/// When it does not end so.
pub async fn wants_named_seats(stores: &[Arc<dyn Store>]) {
    let sale = Sale::open(stores, 1, 0).await;
    draw(&sale, 2, 20).await;
    let seat = |n: u16| SeatId { section: 1, row: 1 + n % 40 / 20, number: 1 + n % 20 };
    let named = |n: u16| HoldTickets::named(sale.event, vec![seat(n)]);
    let answers = join_all((0..CROWD).map(|n| sale.buy(n, named(n)))).await;
    assert_eq!(refusals(&answers), [Reason::SeatTaken; 260]);
    let had: BTreeSet<SeatId> =
        (0..CROWD).zip(&answers).filter(|(_, a)| a.is_ok()).map(|(n, _)| seat(n)).collect();
    assert_eq!((had.len(), sale.counted().await), (40, (40, 0)), "each seat has one person");
    sale.end().await;
}

/// 300 people who want two seats together, where twenty rows have room for eighty pairs and a seat that stays.
///
/// # Panics
/// When it does not end so.
pub async fn wants_the_best_seats(stores: &[Arc<dyn Store>]) {
    let sale = Sale::open(stores, 1, 0).await;
    draw(&sale, 20, 9).await;
    let answers = join_all((0..CROWD).map(|n| sale.buy(n, sale.of(2)))).await;
    assert_eq!(refusals(&answers), [Reason::SeatsNotTogether; 220]);
    assert_eq!(sale.counted().await, (160, 0));
    sale.end().await;
}

/// 300 people wait for 40 seats that four others have. Those give them back while a hundred newcomers try to be
/// quicker; every other one of the first offers is let pass, and all of the second. Everybody is served in order, and
/// nobody else.
///
/// # Panics
/// When it does not end so.
pub async fn waits_in_line(stores: &[Arc<dyn Store>]) {
    let sale = Sale::open(stores, 40, 0).await;
    let sellers = 2_000..2_004_u16;
    let sold = join_all(sellers.clone().map(|n| sale.buy(n, sale.of(10)))).await;
    let sold: Vec<(u16, BookingId)> = sellers.zip(sold.into_iter().map(Result::unwrap)).collect();
    let line = join_line(&sale).await;
    for (nth, both) in sold.chunks(2).enumerate() {
        let newcomers = (1_000..1_100).map(|n| sale.buy(n, sale.of(1)));
        let giving = both.iter().map(|(n, id)| sale.cancel(*n, *id));
        let ((), quick, _) = tokio::join!(sale.run_jobs(), join_all(newcomers), join_all(giving));
        let refused = refusals(&quick);
        assert!(refused == [Reason::NotEnoughLeft; 100], "nobody overtakes: {refused:?}");
        sale.run_jobs().await;
        for n in line.iter().take(20).step_by(2).filter(|_| nth == 0) {
            sale.confirm(&person(*n), *n, sale.bookings(*n).await[0]).await;
        }
    }
    assert_eq!(sale.counted().await, (10, 30));
    sale.clock.advance(DAY);
    sale.run_jobs().await;
    assert_eq!(sale.counted().await, (10, 30), "what was let pass is the next thirty's");
    for (nth, n) in line.iter().enumerate() {
        assert_eq!(sale.bookings(*n).await.len(), usize::from(nth < 70), "number {nth}");
    }
    sale.end().await;
}

/// Everybody gets in line at once; who they are, in its order.
async fn join_line(sale: &Sale<'_>) -> Vec<u16> {
    let one = JoinWaitlist { quantity: 1 };
    let join = |n: u16| async move {
        let asking =
            || async { sale.engine(n).waitlists().join(&person(n), sale.event, sale.kind, one).await };
        (until_told(asking).await.unwrap().ahead_max, n)
    };
    let mut line = join_all((0..CROWD).map(join)).await;
    line.sort_unstable();
    assert!(line.iter().map(|(ahead, _)| *ahead).eq(0..u32::from(CROWD)), "everybody has a place");
    line.into_iter().map(|(_, n)| n).collect()
}
