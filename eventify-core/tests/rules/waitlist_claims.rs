//! What those who wait are entitled to: no more than can ever come, and no less than what came back.

use eventify_core::booking::HoldTickets;
use eventify_core::event::{CreateEvent, UpdateEvent};
use eventify_core::notification::FactName;
use eventify_core::seat_map::{PutBlock, PutRow, PutSection};
use eventify_core::ticket_type::UpdateTicketType;
use eventify_core::waitlist::{JoinWaitlist, WaitlistEntry};
use eventify_core::{Change, Error, EventId, PageRequest, Settings, TicketTypeId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn claiming() -> Vec<Row> {
    rows! {
        "for as many seats as the longest row has" => [] |w| {
            let (e, t) = full_hall(w, 2, 4).await;
            join(w, 0, e, t, 4).await
        };
        "for more seats than are ever together" => [InvalidValue] |w| {
            let (e, t) = full_hall(w, 2, 4).await;
            join(w, 0, e, t, 5).await
        };
        "behind as many as may wait" => [WaitlistFull] |_w| {
            let mut two = Settings::default();
            two.waitlist_people_max = 2;
            let w = World::with(two).await;
            let (e, t) = sold_out(&w, 2).await;
            for n in 0..2 {
                join(&w, n, e, t, 1).await?;
            }
            join(&w, 2, e, t, 1).await
        };
        "another type takes the place that one's list is owed" => [NotEnoughLeft] |w| {
            let (e, _, other) = one_place_back(w).await;
            w.eventify.bookings().hold(&attendee(), lines(e, &[(other, 1)])).await
        };
        "another type's list takes it" => [] |w| {
            let (e, waited, other) = one_place_back(w).await;
            join(w, 7, e, other, 1).await?;
            w.run_jobs().await;
            assert_eq!(offers(w, 7).await, 0, "the other list was first");
            let types = w.eventify.ticket_types();
            let left = |view: eventify_core::ticket_type::TicketTypeView| view.available;
            assert_eq!(left(types.get(&attendee(), e, other).await?.into_inner()), 0);
            w.eventify.waitlists().leave(&someone(0), e, waited).await?;
            w.run_jobs().await;
            assert_eq!(offers(w, 7).await, 1, "nobody else waits for it");
            Ok::<_, Error>(())
        };
        "another type, when the list's own sales are over" => [] |w| {
            let (e, waited, other) = one_place_back(w).await;
            let sales_end = Some(Change::To(w.now().plus(HOUR)));
            w.change_type(e, waited, UpdateTicketType { sales_end, ..UpdateTicketType::default() }).await;
            w.clock.advance(HOUR);
            let left = w.eventify.ticket_types().get(&attendee(), e, other).await?.available;
            assert_eq!(left, 1);
            w.eventify.bookings().hold(&attendee(), lines(e, &[(other, 1)])).await.map(drop)
        };
        "another type, while what the list waits for is not there" => [] |w| {
            let e = w.draft_of(CreateEvent { capacity: Some(9), ..w.concert() }).await;
            let (few, many) = (w.free(e, 1).await, w.free(e, 9).await);
            w.publish(e).await;
            w.buy(&attendee(), e, few, 1).await;
            join(w, 0, e, few, 1).await?;
            w.eventify.bookings().hold(&attendee(), lines(e, &[(many, 8)])).await.map(drop)
        };
    }
}

async fn join(w: &World, n: u16, e: EventId, t: TicketTypeId, quantity: u32) -> Result<(), Error> {
    w.eventify.waitlists().join(&someone(n), e, t, JoinWaitlist { quantity }).await?;
    w.mark().await;
    Ok(())
}

async fn sold_out(w: &World, quantity: u32) -> (EventId, TicketTypeId) {
    let (e, t) = w.sale(quantity).await;
    w.buy(&attendee(), e, t, quantity).await;
    (e, t)
}

/// So many rows of so many seats each.
async fn draw(w: &World, e: EventId, t: TicketTypeId, rows: usize, seats: u16) {
    let blocks = vec![PutBlock { ticket_type_id: t, from: 1, to: seats }];
    let row = PutRow { label: "A".to_owned(), blocks, ..PutRow::default() };
    let section = PutSection { name: "Stalls".to_owned(), rows: vec![row; rows] };
    w.eventify.seat_maps().put_section(&organizer(), e, 1, section).await.unwrap();
    w.mark().await;
}

/// A hall whose seats are all sold, row by row.
async fn full_hall(w: &World, rows: usize, seats: u16) -> (EventId, TicketTypeId) {
    let (e, t) = w.sale(1).await;
    draw(w, e, t, rows, seats).await;
    for _ in 0..rows {
        w.buy(&attendee(), e, t, u32::from(seats)).await;
    }
    (e, t)
}

/// A full hall of three with two types; somebody waits for two of the first, and one place came back: of the second.
async fn one_place_back(w: &World) -> (EventId, TicketTypeId, TicketTypeId) {
    let e = w.draft_of(CreateEvent { capacity: Some(3), ..w.concert() }).await;
    let (waited, other) = (w.free(e, 9).await, w.free(e, 9).await);
    w.publish(e).await;
    w.buy(&attendee(), e, waited, 2).await;
    let last = w.buy(&attendee(), e, other, 1).await.booking.id;
    join(w, 0, e, waited, 2).await.unwrap();
    w.clock.advance(HOUR);
    w.eventify.bookings().cancel(&attendee(), last).await.unwrap();
    w.run_jobs().await;
    w.mark().await;
    (e, waited, other)
}

async fn offers(w: &World, n: u16) -> usize {
    let own = w.eventify.bookings().mine(&someone(n), &PageRequest::default()).await.unwrap();
    own.data.iter().filter(|booking| booking.from_waitlist).count()
}

async fn was_told_of_the_end(w: &World, n: u16) -> bool {
    w.told(&someone(n)).await.iter().any(|told| told.fact == FactName::WaitlistEnded)
}

#[tokio::test]
async fn what_is_owed_to_those_who_wait_has_rules() {
    run(claiming()).await;
}

#[tokio::test]
async fn who_is_first_after_somebody_left_is_not_passed_by_another_list() {
    let w = World::new().await;
    // Which of the two lists is looked at first depends on their ids.
    for hall in 0..6 {
        let (e, waited, other) = one_place_back(&w).await;
        let (second, late) = (10 * hall + 1, 10 * hall + 2);
        join(&w, second, e, waited, 1).await.unwrap();
        w.clock.advance(HOUR);
        join(&w, late, e, other, 1).await.unwrap();
        w.run_jobs().await;
        assert_eq!(offers(&w, second).await, 0, "the first waits for two");
        w.eventify.waitlists().leave(&someone(0), e, waited).await.unwrap();
        w.run_jobs().await;
        assert_eq!((offers(&w, second).await, offers(&w, late).await), (1, 0), "in hall {hall}");
    }
    w.assert_sound("six halls").await;
}

#[tokio::test]
async fn who_waits_for_what_can_never_come_is_passed_and_told() {
    for case in 0..3 {
        let w = World::new().await;
        let (e, t) = w.sale(4).await;
        let (two, one) = (w.buy(&attendee(), e, t, 2).await, w.buy(&attendee(), e, t, 1).await);
        join(&w, 0, e, t, 4).await.unwrap();
        join(&w, 1, e, t, 1).await.unwrap();
        w.run_jobs().await;
        assert_eq!(offers(&w, 1).await, 0, "the first may still have four");
        let of_type = UpdateTicketType::default();
        match case {
            0 => w.change_type(e, t, UpdateTicketType { quantity: Some(3), ..of_type }).await,
            1 => {
                w.change_type(e, t, UpdateTicketType { per_person_max: Some(Change::To(3)), ..of_type })
                    .await;
            }
            _ => {
                w.update_event(e, UpdateEvent { capacity: Some(Change::To(3)), ..UpdateEvent::default() })
                    .await;
            }
        }
        w.eventify.bookings().cancel(&attendee(), one.booking.id).await.unwrap();
        w.run_jobs().await;
        assert!(was_told_of_the_end(&w, 0).await, "case {case}");
        assert_eq!(offers(&w, 1).await, 1, "case {case}: the next one has it");
        w.eventify.bookings().cancel(&attendee(), two.booking.id).await.unwrap();
        w.buy(&attendee(), e, t, 1).await;
        w.assert_sound("the sale goes on").await;
    }
}

#[tokio::test]
async fn who_waits_for_seats_that_are_never_together_any_more_is_passed() {
    let w = World::new().await;
    let (e, t) = w.sale(1).await;
    draw(&w, e, t, 2, 6).await;
    let first = w.buy(&attendee(), e, t, 6).await.booking.id;
    let last = w.buy(&attendee(), e, t, 6).await.booking.id;
    join(&w, 0, e, t, 6).await.unwrap();
    w.eventify.bookings().cancel(&attendee(), last).await.unwrap();
    // Before anybody sees to it the rows are cut in two, where nobody sits.
    w.eventify.bookings().cancel(&attendee(), first).await.unwrap();
    let half = |from, to| PutBlock { ticket_type_id: t, from, to };
    let cut = PutRow { label: "A".to_owned(), blocks: vec![half(1, 3), half(4, 6)], ..PutRow::default() };
    let section = PutSection { name: "Stalls".to_owned(), rows: vec![cut; 2] };
    w.eventify.seat_maps().put_section(&organizer(), e, 1, section).await.unwrap();
    w.run_jobs().await;
    assert_eq!(offers(&w, 0).await, 0);
    assert!(was_told_of_the_end(&w, 0).await);
    assert_eq!(w.buy(&attendee(), e, t, 3).await.tickets.len(), 3, "the sale goes on");
    w.assert_sound("cut in two").await;
}

#[tokio::test]
async fn who_waits_for_a_cancelled_event_hears_of_it() {
    for cancelled in [true, false] {
        let w = World::new().await;
        let (e, t) = sold_out(&w, 1).await;
        join(&w, 0, e, t, 1).await.unwrap();
        if cancelled {
            w.cancel_event(e).await;
        } else {
            w.clock.advance(11 * DAY);
        }
        w.run_jobs().await;
        assert_eq!(w.everything().await.of::<WaitlistEntry>().count(), 0);
        assert_eq!(was_told_of_the_end(&w, 0).await, cancelled, "an event that is over needs no word");
    }
}

#[tokio::test]
async fn a_booking_of_many_lines_and_many_waiters_find_their_seats_in_one_decision() {
    let w = World::new().await;
    let (e, t) = w.sale(1).await;
    draw(&w, e, t, 20, 2).await;
    let all = HoldTickets { promo_code: None, ..lines(e, &[(t, 2); 20]) };
    let held = w.eventify.bookings().hold(&attendee(), all).await.unwrap();
    assert_eq!(held.lines.iter().map(|line| line.seats.len()).sum::<usize>(), 40);
    for n in 0..10 {
        join(&w, n, e, t, 2).await.unwrap();
    }
    w.eventify.bookings().cancel(&attendee(), held.id).await.unwrap();
    // One job offers everything.
    w.run_jobs().await;
    for n in 0..10 {
        assert_eq!(offers(&w, n).await, 1, "number {n}");
    }
    assert!(w.jobs("serve_waitlist").await.is_empty());
    w.assert_sound("ten rows").await;
}

#[tokio::test]
async fn a_type_without_a_seat_is_changed_and_sold_without_seats_again() {
    let w = World::new().await;
    let (e, t) = w.sale(1).await;
    draw(&w, e, t, 2, 4).await;
    w.eventify.seat_maps().delete_section(&organizer(), e, 1).await.unwrap();
    let renamed = UpdateTicketType { name: Some("Stalls".to_owned()), ..UpdateTicketType::default() };
    w.change_type(e, t, renamed).await;
    let view = w.eventify.ticket_types().get(&organizer(), e, t).await.unwrap();
    assert_eq!((view.seated, view.quantity, view.name.as_str()), (true, 0, "Stalls"));
    w.change_type(e, t, UpdateTicketType { quantity: Some(5), ..UpdateTicketType::default() }).await;
    let view = w.eventify.ticket_types().get(&organizer(), e, t).await.unwrap();
    assert_eq!((view.seated, view.quantity, view.available), (false, 5, 5));
    assert!(w.buy(&attendee(), e, t, 2).await.tickets[0].seat.is_none());
    w.assert_sound("without seats").await;
}
