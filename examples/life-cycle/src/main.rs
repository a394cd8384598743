//! From registration to the door. Every answer is on disk when it comes.
use eventify_core::account::Register;
use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::ticket::Scan;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, Clock, Eventify, Role, SystemClock};
use eventify_store_redb::RedbStore;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let eventify = Eventify::builder(RedbStore::open("box-office.redb")?).start().await?;
    let ada = Register::new("Ada", "ada@example.org", "ada secret");
    let ada = Actor::user(eventify.accounts().register(&Actor::anonymous(), ada).await?.id, Role::Organizer);

    let start = SystemClock.now().plus(Duration::from_secs(24 * 3600));
    let draft = CreateEvent {
        title: Some("An evening with the Analytical Engine".into()),
        starts_at: Some(start),
        ends_at: Some(start.plus(Duration::from_secs(2 * 3600))),
        ..CreateEvent::default()
    };
    let event_id = eventify.events().create(&ada, draft).await?.id;
    let free = CreateTicketType { name: "Free seat".into(), quantity: 100, ..CreateTicketType::default() };
    let ticket_type_id = eventify.ticket_types().create(&ada, event_id, free).await?.id;
    eventify.events().publish(&ada, event_id).await?;

    let bob = Register::new("Bob", "bob@example.org", "bob secret");
    let bob = Actor::user(eventify.accounts().register(&Actor::anonymous(), bob).await?.id, Role::Attendee);
    let order = bob.with_idempotency_key("order-1"); // asking again gives the same two tickets
    let lines = vec![LineRequest { ticket_type_id, quantity: 2 }];
    let bought = eventify.bookings().buy(&order, HoldTickets::new(event_id, lines)).await?;
    let seen = eventify.tickets().check_in(&ada, &bought.tickets[0].code, Scan::default()).await?;
    assert!(seen.used_at.is_some());
    eventify.shut_down().await;
    Ok(())
}
