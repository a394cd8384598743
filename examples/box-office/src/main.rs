//! A box office in one file: publish an event, sell tickets over the counter, let people in – as a plain library.
//!
//! Run it with `cargo run -p example-box-office -- /tmp/box-office.redb`. Nothing here is async and no server runs:
//! `start_blocking` brings the two threads that it needs, and `wait` waits for an answer. Every answer is on disk
//! when it comes.
#![allow(clippy::print_stdout, reason = "a program for people to watch")]

use std::time::Duration;

use eventify_core::account::Register;
use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::ticket::Scan;
use eventify_core::ticket_type::{CreateTicketType, TicketTypeView};
use eventify_core::{Actor, BookingId, Clock, Eventify, Money, PageRequest, Role, SystemClock};
use eventify_store_redb::RedbStore;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result {
    let path = std::env::args().nth(1).ok_or("usage: example-box-office FILE.redb")?;
    let eventify = Eventify::builder(RedbStore::open(path)?).start_blocking()?;

    // The house has its own idea of who works there: it makes actors itself, and needs accounts only to sell to.
    let house = person(&eventify, "Театр на Абая", "kassa@example.kz", Role::Organizer)?;
    let stalls = put_on_sale(&eventify, &house)?;
    for (nth, name) in ["Aigerim", "Boris", "Chen"].into_iter().enumerate() {
        let buyer = person(&eventify, name, &format!("{name}@example.org"), Role::Attendee)?;
        // A key makes the sale happen once, even if the till crashes here and asks again.
        let order = buyer.with_idempotency_key(format!("till-1/receipt-{nth}"));
        let lines = vec![LineRequest { ticket_type_id: stalls.id, quantity: 2 }];
        let hold = HoldTickets::new(stalls.event_id, lines);
        match eventify.wait(eventify.bookings().hold(&order, hold)) {
            Ok(booking) => pay_and_enter(&eventify, &house, name, booking.id)?,
            Err(refused) => println!("{name} gets nothing: {refused}"),
        }
    }
    let left =
        eventify.wait(eventify.ticket_types().list(&house, stalls.event_id, &PageRequest::default()))?;
    for of in left.data {
        println!("{}: {} sold, {} held, {} left", of.name, of.sold, of.held, of.available);
    }
    eventify.wait(eventify.shut_down());
    Ok(())
}

/// An event next week, with three seats to sell.
fn put_on_sale(eventify: &Eventify, house: &Actor) -> Result<TicketTypeView> {
    let premiere = SystemClock.now().plus(Duration::from_secs(7 * 24 * 3600));
    let event = CreateEvent {
        title: Some("Қыз Жібек – premiere".to_owned()),
        city: Some("Almaty".to_owned()),
        starts_at: Some(premiere),
        ends_at: Some(premiere.plus(Duration::from_secs(3 * 3600))),
        time_zone: Some("Asia/Almaty".parse()?),
        ..CreateEvent::default()
    };
    let event = eventify.wait(eventify.events().create(house, event))?;
    let stalls = CreateTicketType {
        name: "Stalls".to_owned(),
        price: Some(Money::new(1_200_000, "KZT".parse()?)),
        quantity: 3,
        per_person_max: Some(2),
        ..CreateTicketType::default()
    };
    let stalls = eventify.wait(eventify.ticket_types().create(house, event.id, stalls))?;
    eventify.wait(eventify.events().publish(house, event.id))?;
    println!("{} – {} seats at {}", event.title, stalls.quantity, stalls.price);
    Ok(stalls)
}

/// Cash over the counter: the house marks the booking paid, which issues the tickets; then to the door.
fn pay_and_enter(eventify: &Eventify, house: &Actor, name: &str, booking: BookingId) -> Result {
    let paid = eventify.wait(eventify.bookings().confirm(house, booking))?;
    println!("{name} paid {} for {} tickets", paid.total, paid.tickets.len());
    let first = paid.tickets.first().ok_or("a paid booking has tickets")?;
    let door = Scan { gate: Some("Main entrance".to_owned()), ..Scan::default() };
    eventify.wait(eventify.tickets().check_in(house, &first.code, door.clone()))?;
    let again = eventify.wait(eventify.tickets().check_in(house, &first.short_code, door));
    println!("{name} was let in; a second time: {}", again.map_or_else(|e| e.reason().code(), |_| "?"));
    Ok(())
}

/// An account, and the actor that stands for it.
fn person(eventify: &Eventify, name: &str, email: &str, role: Role) -> Result<Actor> {
    let account = Register::new(name, email, "not used at the counter");
    let user = eventify.wait(eventify.accounts().register(&Actor::system(), account))?;
    Ok(Actor::user(user.id, role))
}
