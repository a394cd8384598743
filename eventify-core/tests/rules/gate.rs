//! Gates without network: whatever they scanned is taken in, and every order of uploads comes to the same end.

use std::collections::BTreeMap;

use eventify_core::testing::model::Snapshot;
use eventify_core::ticket::{
    Direction, GateScan, OfflineScan, Passages, Scan, ScanOutcome, Ticket, TicketStatus, UploadScans,
};
use eventify_core::ticket_type::{CreateTicketType, ReEntry};
use eventify_core::{Actor, Error, EventId, PageRequest, Reason, Timestamp};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn uploading() -> Vec<Row> {
    rows! {
        "by the organizer" => [] |w| { let (e, code) = sold(w).await; upload(w, &organizer(), e, vec![scan(w, "1", &code)]).await };
        "by an admin" => [] |w| { let (e, code) = sold(w).await; upload(w, &admin(), e, vec![scan(w, "1", &code)]).await };
        "by another organizer" => [NotEventStaff] |w| {
            let (e, code) = sold(w).await;
            upload(w, &other_organizer(), e, vec![scan(w, "1", &code)]).await
        };
        "by the ticket's person" => [NotEventStaff] |w| {
            let (e, code) = sold(w).await;
            upload(w, &attendee(), e, vec![scan(w, "1", &code)]).await
        };
        "by nobody" => [NotAuthenticated] |w| {
            let (e, code) = sold(w).await;
            upload(w, &anonymous(), e, vec![scan(w, "1", &code)]).await
        };
        "to no event" => [EventNotFound] |w| {
            let (_, code) = sold(w).await;
            upload(w, &organizer(), EventId::from_bytes([9; 16]), vec![scan(w, "1", &code)]).await
        };
        "of nothing" => [InvalidValue] |w| { let (e, _) = sold(w).await; upload(w, &organizer(), e, Vec::new()).await };
        "of 200 scans" => [] |w| {
            let (e, _) = sold(w).await;
            upload(w, &organizer(), e, (0..200).map(|n| scan(w, &n.to_string(), "0000-0000-0000")).collect()).await
        };
        "of 201 scans" => [InvalidValue] |w| {
            let (e, _) = sold(w).await;
            upload(w, &organizer(), e, (0..201).map(|n| scan(w, &n.to_string(), "0000-0000-0000")).collect()).await
        };
        "of a scan without an id" => [InvalidValue] |w| {
            let (e, code) = sold(w).await;
            upload(w, &organizer(), e, vec![scan(w, " ", &code)]).await
        };
        "of two scans with one id" => [InvalidValue] |w| {
            let (e, code) = sold(w).await;
            upload(w, &organizer(), e, vec![scan(w, "1", &code), scan(w, "1", &code)]).await
        };
        "listing scans as a stranger" => [NotEventStaff] |w| {
            let (e, _) = sold(w).await;
            w.eventify.tickets().scans(&attendee(), e, false, &PageRequest::default()).await
        };
        "the door list for a stranger" => [NotEventStaff] |w| {
            let (e, _) = sold(w).await;
            w.eventify.tickets().door_list(&attendee(), e, &PageRequest::default()).await
        };
        "searching as a stranger" => [NotEventStaff] |w| {
            let (e, _) = sold(w).await;
            w.eventify.tickets().find_attendees(&attendee(), e, "ada", &PageRequest::default()).await
        };
        "searching for nothing" => [InvalidValue] |w| {
            let (e, _) = sold(w).await;
            w.eventify.tickets().find_attendees(&organizer(), e, " -", &PageRequest::default()).await
        };
        "searching for 101 characters" => [InvalidValue] |w| {
            let (e, _) = sold(w).await;
            w.eventify.tickets().find_attendees(&organizer(), e, &"a".repeat(101), &PageRequest::default()).await
        };
    }
}

async fn sold(w: &World) -> (EventId, String) {
    let (e, t) = w.sale(5).await;
    (e, w.ticket(e, t).await)
}

fn scan(w: &World, scan_id: &str, code: &str) -> OfflineScan {
    scan_at(w.now(), scan_id, code)
}

fn scan_at(at: Timestamp, scan_id: &str, code: &str) -> OfflineScan {
    OfflineScan {
        scan_id: scan_id.to_owned(),
        code: code.to_owned(),
        scanned_at: at,
        direction: Direction::In,
        gate: Some("North".to_owned()),
        device: None,
    }
}

async fn upload(
    w: &World,
    who: &Actor,
    e: EventId,
    scans: Vec<OfflineScan>,
) -> Result<Vec<ScanOutcome>, Error> {
    let kept = w.eventify.tickets().upload_scans(who, e, UploadScans { scans }).await?;
    Ok(kept.into_iter().map(|scan| scan.outcome).collect())
}

async fn outcomes(w: &World, e: EventId, conflicts: bool) -> BTreeMap<String, ScanOutcome> {
    let page = PageRequest::first(100);
    let found = w.eventify.tickets().scans(&organizer(), e, conflicts, &page).await.unwrap();
    found.data.into_iter().map(|scan| (scan.scan_id, scan.outcome)).collect()
}

#[tokio::test]
async fn uploading_scans_has_rules() {
    run(uploading()).await;
}

#[tokio::test]
async fn the_earliest_scan_wins_also_over_one_that_was_made_online() {
    let w = World::new().await;
    let (e, code) = sold(&w).await;
    let at = w.now();
    w.clock.advance(HOUR);
    let online =
        Scan { scan_id: Some("online".to_owned()), gate: Some("South".to_owned()), ..Scan::default() };
    w.eventify.tickets().check_in(&organizer(), &code, online).await.unwrap();
    w.clock.advance(HOUR);
    let later = scan_at(w.now(), "later", &code);
    assert_eq!(upload(&w, &organizer(), e, vec![later]).await.unwrap(), [ScanOutcome::Duplicate]);
    let earlier = scan_at(at, "earlier", &code);
    assert_eq!(upload(&w, &organizer(), e, vec![earlier.clone()]).await.unwrap(), [ScanOutcome::Accepted]);
    let conflicts = outcomes(&w, e, true).await;
    let expected = [("later", ScanOutcome::Duplicate), ("online", ScanOutcome::Duplicate)];
    assert_eq!(conflicts, expected.map(|(id, outcome)| (id.to_owned(), outcome)).into());
    let ticket = w.eventify.tickets().get(&organizer(), &code).await.unwrap();
    assert_eq!((ticket.status, ticket.used_at), (TicketStatus::Used, Some(at)));
    w.mark().await;
    let again = upload(&w, &organizer(), e, vec![earlier]).await.unwrap();
    assert_eq!(again, [ScanOutcome::Accepted], "the same scan is kept once");
    assert_eq!(outcomes(&w, e, false).await.len(), 3);
    let told = w.told(&attendee()).await;
    assert_eq!(told.iter().filter(|t| t.fact.as_str() == "ticket.checkin").count(), 1);
    w.assert_sound("offline scans").await;
}

#[tokio::test]
async fn what_was_not_good_at_the_door_is_reported_and_not_dropped() {
    let w = World::new().await;
    let (e, t) = w.sale(9).await;
    let (foreign, of) = w.sale(9).await;
    let elsewhere = w.ticket(foreign, of).await;
    let late = w.ticket(e, t).await;
    let old = w.ticket(e, t).await;
    w.eventify.tickets().reissue(&attendee(), &old).await.unwrap();
    let gone = w.buy(&attendee(), e, t, 1).await;
    w.eventify.bookings().cancel(&attendee(), gone.booking.id).await.unwrap();
    let mut out = scan(&w, "out", &late);
    out.direction = Direction::Out;
    let at = w.now();
    let end = w.event(e).await.ends_at.unwrap();
    w.pass(11 * DAY).await;
    let scans = vec![
        scan_at(at, "elsewhere", &elsewhere),
        scan_at(at, "old", &old),
        scan_at(at, "gone", &gone.tickets[0].code),
        scan_at(at, "none", "0000-0000-0000"),
        scan_at(at, "forged", &"A".repeat(156)),
        scan_at(end, "after the end", &late),
        scan_at(end.minus(HOUR), "before the end", &late),
        out,
    ];
    upload(&w, &organizer(), e, scans).await.unwrap();
    let expected = [
        ("elsewhere", ScanOutcome::WrongEvent),
        ("old", ScanOutcome::Reissued),
        ("gone", ScanOutcome::Cancelled),
        ("none", ScanOutcome::Unknown),
        ("forged", ScanOutcome::BadSignature),
        ("after the end", ScanOutcome::Expired),
        ("before the end", ScanOutcome::Accepted),
        ("out", ScanOutcome::NoReEntry),
    ];
    assert_eq!(outcomes(&w, e, false).await, expected.map(|(id, outcome)| (id.to_owned(), outcome)).into());
    let (cancelled, of) = w.sale(9).await;
    let code = w.ticket(cancelled, of).await;
    w.cancel_event(cancelled).await;
    let outcome = upload(&w, &organizer(), cancelled, vec![scan(&w, "1", &code)]).await.unwrap();
    assert_eq!(outcome, [ScanOutcome::EventCancelled]);
    w.assert_sound("reported scans").await;
}

#[tokio::test]
async fn a_scan_before_the_doors_is_too_early_and_one_of_the_future_is_now() {
    let w = World::new().await;
    let e = w.published().await;
    let doors_at = Some(w.now().plus(HOUR));
    let t = w.type_of(e, CreateTicketType { doors_at, ..seats(5) }).await;
    let (one, two) = (w.ticket(e, t).await, w.ticket(e, t).await);
    let early = scan(&w, "early", &one);
    w.clock.advance(2 * HOUR);
    let future = scan_at(w.now().plus(DAY), "future", &two);
    let found = upload(&w, &organizer(), e, vec![early, future]).await.unwrap();
    assert_eq!(found, [ScanOutcome::NotYetValid, ScanOutcome::Accepted]);
    let seen = w.eventify.tickets().get(&organizer(), &two).await.unwrap();
    assert_eq!(seen.used_at, Some(w.now()), "a clock that is ahead wins nothing");
}

#[tokio::test]
async fn a_scan_that_was_taken_back_is_marked() {
    let w = World::new().await;
    let (e, code) = sold(&w).await;
    upload(&w, &organizer(), e, vec![scan(&w, "1", &code)]).await.unwrap();
    w.eventify.tickets().undo_check_in(&organizer(), &code).await.unwrap();
    assert_eq!(outcomes(&w, e, false).await, [("1".to_owned(), ScanOutcome::Undone)].into());
    let error = w.eventify.tickets().undo_check_in(&organizer(), &code).await.unwrap_err();
    assert_eq!(error.reason(), Reason::NotCheckedIn);
}

#[tokio::test]
async fn a_device_that_lost_the_answer_uploads_the_same_scan_and_adds_nothing() {
    for re_entry in [ReEntry::Once, ReEntry::InOut] {
        let w = World::new().await;
        let e = w.published().await;
        let t = w.type_of(e, CreateTicketType { re_entry, ..seats(5) }).await;
        let code = w.ticket(e, t).await;
        let at = w.now();
        let online =
            Scan { scan_id: Some("1".to_owned()), gate: Some("North".to_owned()), ..Scan::default() };
        w.eventify.tickets().check_in(&organizer(), &code, online).await.unwrap();
        let before = w.everything().await;
        w.clock.advance(HOUR);
        let lost = scan_at(at.plus(std::time::Duration::from_secs(1)), "1", &code);
        for _ in 0..2 {
            let again = upload(&w, &organizer(), e, vec![lost.clone()]).await.unwrap();
            assert_eq!(again, [ScanOutcome::Accepted], "it is the scan that let them in");
        }
        let after = w.everything().await;
        let tickets = |all: &Snapshot| all.of::<Ticket>().map(|t| (**t).clone()).collect::<Vec<_>>();
        let passages = |all: &Snapshot| all.of::<Passages>().map(|p| (**p).clone()).collect::<Vec<_>>();
        assert_eq!((tickets(&before), passages(&before)), (tickets(&after), passages(&after)));
        assert_eq!(outcomes(&w, e, true).await.len(), 0);
        assert_eq!(w.actions("ticket.checked_in").await, 1);
        w.eventify.tickets().undo_check_in(&organizer(), &code).await.unwrap();
        let undone = upload(&w, &organizer(), e, vec![lost]).await.unwrap();
        assert_eq!(undone, [ScanOutcome::Undone], "what was taken back does not come back");
        w.assert_sound("a lost answer").await;
    }
}

#[tokio::test]
async fn other_systems_hear_of_every_entry_of_an_upload() {
    let w = World::connected().await;
    let e = w.published().await;
    let t = w.type_of(e, CreateTicketType { re_entry: ReEntry::InOut, ..seats(5) }).await;
    let code = w.ticket(e, t).await;
    let at = w.now();
    w.clock.advance(HOUR);
    let of = |n: u64, direction| {
        let later = at.plus(std::time::Duration::from_secs(n));
        OfflineScan { direction, ..scan_at(later, &n.to_string(), &code) }
    };
    let scans = vec![of(1, Direction::In), of(2, Direction::Out), of(3, Direction::In)];
    assert_eq!(upload(&w, &organizer(), e, scans).await.unwrap(), [ScanOutcome::Accepted; 3]);
    w.run_jobs().await;
    assert_eq!(w.wire.sent_of("ticket.checkin").len(), 2);
    // At the same instant, too, a check-in that is made again is another one.
    let tickets = w.eventify.tickets();
    let code = w.ticket(e, t).await;
    for _ in 0..2 {
        tickets.check_in(&organizer(), &code, Scan::default()).await.unwrap();
        tickets.undo_check_in(&organizer(), &code).await.unwrap();
    }
    w.run_jobs().await;
    assert_eq!(w.wire.sent_of("ticket.checkin").len(), 4);
}

#[tokio::test]
async fn two_devices_may_both_begin_at_one() {
    use eventify_core::staff::AddDevice;
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let mut scanned = Vec::new();
    for name in ["North", "South"] {
        let made =
            w.eventify.staff(e).add_device(&organizer(), AddDevice { name: name.to_owned() }).await.unwrap();
        let device = Actor::device(made.id, e);
        // Neither can pass for the other.
        let own = OfflineScan { device: Some("South".to_owned()), ..scan(&w, "1", &w.ticket(e, t).await) };
        let kept =
            w.eventify.tickets().upload_scans(&device, e, UploadScans { scans: vec![own] }).await.unwrap();
        assert_eq!(
            (kept[0].outcome, kept[0].device.as_ref()),
            (ScanOutcome::Accepted, Some(&device.label()))
        );
        scanned.push(kept[0].ticket_id);
    }
    assert_ne!(scanned[0], scanned[1]);
    let scans = w.eventify.tickets().scans(&organizer(), e, false, &PageRequest::default()).await.unwrap();
    assert_eq!(scans.data.len(), 2);
    let code = w.ticket(e, t).await;
    for device in ["a", "b"] {
        let named =
            Scan { scan_id: Some("1".to_owned()), device: Some(device.to_owned()), ..Scan::default() };
        let passed = w.eventify.tickets().check_in(&organizer(), &code, named).await;
        let expected = if device == "a" { None } else { Some(Reason::AlreadyUsed) };
        assert_eq!(passed.err().map(|e| e.reason()), expected, "another device's scan is no repetition");
    }
    let named =
        |device: &str| OfflineScan { device: Some(device.to_owned()), ..scan(&w, "2", "0000-0000-0000") };
    let both = upload(&w, &organizer(), e, vec![named("a"), named("b")]).await.unwrap();
    assert_eq!(both.len(), 2);
    w.assert_sound("two devices").await;
}

/// What is left of the tickets and scans of an event, without when it became known.
async fn end_of(w: &World) -> (Vec<Ticket>, Vec<GateScan>) {
    let all = w.everything().await;
    let scans = all.of::<GateScan>().map(|s| GateScan { uploaded_at: Timestamp::MIN, ..(**s).clone() });
    (all.of::<Ticket>().map(|t| (**t).clone()).collect(), scans.collect())
}

/// A small generator, so that a failure repeats.
fn next(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// Four gates scan three tickets without hearing of each other, and upload in another order each time.
#[tokio::test]
async fn gates_that_were_cut_off_come_to_the_same_end_in_every_order() {
    for (round, re_entry) in
        (0_u64..16).map(|n| (n, [ReEntry::Once, ReEntry::InOut][usize::from(n % 2 == 1)]))
    {
        let mut ends = Vec::new();
        for order in 0..4_u64 {
            let w = World::new().await;
            let e = w.published().await;
            let t = w.type_of(e, CreateTicketType { re_entry, ..seats(5) }).await;
            let codes = w.buy(&attendee(), e, t, 3).await.tickets;
            let start = w.now();
            let mut seed = 0x9E37_79B9 + round * 7919;
            let mut scans: Vec<OfflineScan> = (0..24)
                .map(|n| {
                    let code = &codes[usize::try_from(next(&mut seed) % 3).unwrap()].code;
                    // Instants that meet, too.
                    let at = start.plus(std::time::Duration::from_secs(next(&mut seed) % 12));
                    let out = next(&mut seed).is_multiple_of(2);
                    let direction = if out { Direction::Out } else { Direction::In };
                    OfflineScan { direction, ..scan_at(at, &format!("scan {n}"), code) }
                })
                .collect();
            w.clock.advance(HOUR);
            let mut shuffle = 0xB529_7A4D + order * 104_729 + 1;
            for at in (1..scans.len()).rev() {
                scans.swap(at, usize::try_from(next(&mut shuffle)).unwrap_or(0) % (at + 1));
            }
            let size = usize::try_from(1 + order * 5).unwrap();
            for batch in scans.chunks(size) {
                upload(&w, &organizer(), e, batch.to_vec()).await.unwrap();
            }
            w.assert_sound("gates").await;
            ends.push(end_of(&w).await);
        }
        assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "round {round}: the order shows");
        assert_eq!(ends[0].1.len(), 24, "every scan is kept");
    }
}

#[tokio::test]
async fn a_device_has_what_it_needs_to_check_alone() {
    use eventify_core::ticket::TicketVerifier;
    let w = World::new().await;
    let ada = Actor::user(w.register("Ada").await.id, eventify_core::Role::Attendee);
    let (e, t) = w.sale(5).await;
    let ticket = w.buy(&ada, e, t, 1).await.tickets.remove(0);
    w.used(e, t).await;
    let keys = w.eventify.tickets().public_keys(&organizer(), e).await.unwrap();
    let claims = TicketVerifier::new(e, &keys).unwrap().verify(&ticket.code).unwrap();
    let list = w.eventify.tickets().door_list(&organizer(), e, &PageRequest::default()).await.unwrap().data;
    let seen = list.iter().find(|t| t.ticket_id == claims.ticket_id).unwrap();
    assert_eq!((seen.issue, seen.status, seen.name.as_str()), (claims.issue, TicketStatus::Active, "Ada"));
    use sha2::Digest as _;
    let typed = sha2::Sha256::digest(&ticket.short_code);
    assert_eq!(seen.short_code_sha256, data_encoding::BASE64URL_NOPAD.encode(&typed));
    assert_eq!(list.iter().filter(|t| t.status == TicketStatus::Used).count(), 1);
    assert!(!format!("{list:?}").contains("Ada"));
}

#[tokio::test]
async fn somebody_is_found_by_name_or_code() {
    let w = World::new().await;
    let (e, t) = w.sale(50).await;
    let mut codes = Vec::new();
    for name in ["Žofie Nováková", "Ёлкина Анна", "Zoe Norton", "Ann O'Neil"] {
        let email = format!("p{}@example.org", codes.len());
        let request = eventify_core::account::Register::new(name, email, PASSWORD);
        let user = w.eventify.accounts().register(&anonymous(), request).await.unwrap();
        let buyer = Actor::user(user.id, eventify_core::Role::Attendee);
        codes.push(w.buy(&buyer, e, t, 1).await.tickets[0].short_code.clone());
    }
    let found = async |q: &str, limit: u32| {
        let page = PageRequest::first(limit);
        let found = w.eventify.tickets().find_attendees(&organizer(), e, q, &page).await.unwrap();
        found.data.into_iter().map(|a| a.name).collect::<Vec<_>>()
    };
    assert_eq!(found("zo no", 20).await, ["Žofie Nováková", "Zoe Norton"]);
    assert_eq!(found("zo no", 1).await, ["Žofie Nováková"]);
    assert_eq!(found("елк", 20).await, ["Ёлкина Анна"]);
    assert_eq!(found("ovakova", 20).await, Vec::<String>::new());
    assert_eq!(found(&codes[3].to_lowercase()[..6], 20).await, ["Ann O'Neil"]);
    let first =
        w.eventify.tickets().find_attendees(&organizer(), e, "zo", &PageRequest::first(1)).await.unwrap();
    let rest = PageRequest::after(first.next_cursor.unwrap(), 5);
    let rest = w.eventify.tickets().find_attendees(&organizer(), e, "zo", &rest).await.unwrap();
    assert_eq!(rest.data[0].name, "Zoe Norton");
}
