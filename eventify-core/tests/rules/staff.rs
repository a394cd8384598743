//! Staff and devices: who is taken on, who takes on, and that whoever was let go is out at once.

use eventify_core::staff::{AddDevice, DeviceKey, DeviceView, GrantStaff, Staff, StaffRight, StaffView};
use eventify_core::ticket::Scan;
use eventify_core::{Actor, DeviceId, Error, EventId, PageRequest, Reason, UserId};

use crate::common::*;
use crate::table::{Row, rows, run};

pub fn granting() -> Vec<Row> {
    rows! {
        "a scanner by id" => [] |w| { let e = w.published().await; grant(w, e, scanner()).await };
        "a manager of a draft" => [] |w| { let e = w.draft().await; grant(w, e, manager()).await };
        "by an admin" => [] |w| { let e = w.draft().await; w.eventify.staff(e).grant(&admin(), scanner()).await };
        "by e-mail, however it is written" => [] |w| {
            w.register("Ada").await;
            let e = w.draft().await;
            grant(w, e, by_email(" ADA@example.ORG")).await
        };
        "by an e-mail address that nobody has" => [UserNotFound] |w| {
            let e = w.draft().await;
            grant(w, e, by_email("nobody@example.org")).await
        };
        "by an address of 255 characters" => [InvalidValue] |w| {
            let e = w.draft().await;
            grant(w, e, by_email(&"x".repeat(255))).await
        };
        "nobody at all" => [InvalidValue] |w| {
            let e = w.draft().await;
            grant(w, e, GrantStaff { user_id: None, email: None, right: StaffRight::Scanner }).await
        };
        "by id and by e-mail" => [InvalidValue] |w| {
            let e = w.draft().await;
            grant(w, e, GrantStaff { email: Some("ada@example.org".to_owned()), ..scanner() }).await
        };
        "twice" => [GrantExists] |w| {
            let e = w.draft().await;
            taken_on(w, e, scanner()).await;
            grant(w, e, scanner()).await
        };
        "another right besides" => [GrantExists] |w| {
            let e = w.draft().await;
            taken_on(w, e, scanner()).await;
            grant(w, e, GrantStaff { right: StaffRight::Manager, ..scanner() }).await
        };
        "another right instead" => [] |w| {
            let e = w.draft().await;
            taken_on(w, e, scanner()).await;
            w.eventify.staff(e).revoke(&organizer(), id_of(&attendee())).await.unwrap();
            grant(w, e, GrantStaff { right: StaffRight::Manager, ..scanner() }).await
        };
        "the organizer" => [GrantExists] |w| {
            let e = w.draft().await;
            grant(w, e, GrantStaff { user_id: organizer().user_id(), ..scanner() }).await
        };
        "at an event that is not there" => [EventNotFound] |w| grant(w, nowhere(), scanner()).await;
        "letting somebody go who never came" => [GrantNotFound] |w| {
            let e = w.draft().await;
            w.eventify.staff(e).revoke(&organizer(), id_of(&attendee())).await
        };
        "seeing somebody who never came" => [GrantNotFound] |w| {
            let e = w.draft().await;
            w.eventify.staff(e).get(&organizer(), id_of(&attendee())).await
        };
        "deleting a draft with staff" => [] |w| {
            let e = w.draft().await;
            taken_on(w, e, scanner()).await;
            w.eventify.events().delete(&organizer(), e).await
        };
    }
}

pub fn devices() -> Vec<Row> {
    rows! {
        "a device" => [] |w| { let e = w.published().await; add(w, e, "North").await };
        "a name of 100 characters" => [] |w| { let e = w.draft().await; add(w, e, &"ё".repeat(100)).await };
        "a name of 101 characters" => [InvalidValue] |w| { let e = w.draft().await; add(w, e, &"ё".repeat(101)).await };
        "a name of spaces" => [InvalidValue] |w| { let e = w.draft().await; add(w, e, "  ").await };
        "revoking one that is not there" => [DeviceNotFound] |w| {
            let e = w.draft().await;
            w.eventify.staff(e).revoke_device(&organizer(), DeviceId::from_bytes([9; 16])).await
        };
        "revoking one of another event" => [DeviceNotFound] |w| {
            let (here, there) = (w.draft().await, w.draft().await);
            let device = added(w, here).await;
            w.eventify.staff(there).revoke_device(&organizer(), device.id).await
        };
        "revoking one twice" => [] |w| {
            let e = w.draft().await;
            let device = added(w, e).await;
            w.eventify.staff(e).revoke_device(&organizer(), device.id).await.unwrap();
            w.eventify.staff(e).revoke_device(&organizer(), device.id).await
        };
        "a revoked key" => [DeviceRevoked] |w| {
            let e = w.draft().await;
            let device = added(w, e).await;
            w.eventify.staff(e).revoke_device(&organizer(), device.id).await.unwrap();
            w.mark().await;
            w.eventify.authenticate_device(key(&device).expose()).await
        };
        "a key with another secret" => [InvalidToken] |w| {
            let e = w.draft().await;
            let key = key(&added(w, e).await);
            let cut = key.expose().len() - 8;
            w.eventify.authenticate_device(&format!("{}AAAAAAAA", &key.expose()[..cut])).await
        };
        "a key of an event that is not there" => [InvalidToken] |w| {
            w.eventify.authenticate_device(&format!("evd_{}", "A".repeat(86))).await
        };
        "half a key" => [InvalidToken] |w| {
            let e = w.draft().await;
            let key = key(&added(w, e).await);
            w.eventify.authenticate_device(&key.expose()[..40]).await
        };
        "no key" => [InvalidToken] |w| w.eventify.authenticate_device("evd_").await;
    }
}

fn nowhere() -> EventId {
    EventId::from_bytes([9; 16])
}

fn scanner() -> GrantStaff {
    GrantStaff { user_id: attendee().user_id(), email: None, right: StaffRight::Scanner }
}

fn manager() -> GrantStaff {
    GrantStaff { right: StaffRight::Manager, ..scanner() }
}

fn by_email(email: &str) -> GrantStaff {
    GrantStaff { user_id: None, email: Some(email.to_owned()), ..scanner() }
}

async fn grant(w: &World, event: EventId, request: GrantStaff) -> Result<StaffView, Error> {
    w.eventify.staff(event).grant(&organizer(), request).await
}

async fn taken_on(w: &World, event: EventId, request: GrantStaff) {
    grant(w, event, request).await.unwrap();
    w.mark().await;
}

async fn add(w: &World, event: EventId, name: &str) -> Result<DeviceView, Error> {
    w.eventify.staff(event).add_device(&organizer(), AddDevice { name: name.to_owned() }).await
}

async fn added(w: &World, event: EventId) -> DeviceView {
    let device = add(w, event, "North").await.unwrap();
    w.mark().await;
    device
}

fn key(device: &DeviceView) -> DeviceKey {
    device.key.clone().unwrap()
}

#[tokio::test]
async fn grants_have_their_rules() {
    run(granting()).await;
}

#[tokio::test]
async fn devices_have_their_rules() {
    run(devices()).await;
}

#[tokio::test]
async fn whoever_was_let_go_is_out_at_the_next_request() {
    let w = World::new().await;
    let (e, t) = w.sale(9).await;
    let codes = [w.ticket(e, t).await, w.ticket(e, t).await, w.ticket(e, t).await];
    let (staff, tickets) = (w.eventify.staff(e), w.eventify.tickets());
    taken_on(&w, e, scanner()).await;
    let device = added(&w, e).await;
    let phone = w.eventify.authenticate_device(key(&device).expose()).await.unwrap();
    tickets.check_in(&attendee(), &codes[0], Scan::default()).await.unwrap();
    tickets.check_in(&phone, &codes[1], Scan::default()).await.unwrap();
    assert_eq!(w.trail().await.iter().filter(|a| a.actor == format!("device:{}", device.id)).count(), 1);
    staff.revoke(&organizer(), id_of(&attendee())).await.unwrap();
    staff.revoke_device(&organizer(), device.id).await.unwrap();
    w.mark().await;
    for (who, code) in [(attendee(), Reason::NotEventStaff), (phone, Reason::DeviceRevoked)] {
        let refused = tickets.check_in(&who, &codes[2], Scan::default()).await.unwrap_err();
        assert_eq!(refused.reason(), code, "{who:?}");
    }
    w.assert_unchanged("after they were let go").await;
    for action in ["staff.granted", "staff.revoked", "device.added", "device.revoked"] {
        assert_eq!(w.actions(action).await, 1, "{action}");
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_kept_nowhere() {
    let w = World::new().await;
    let e = w.published().await;
    let device = added(&w, e).await;
    let shown = key(&device);
    let secret = &shown.expose()[50..];
    let listed = w.eventify.staff(e).devices(&organizer(), &PageRequest::default()).await.unwrap();
    assert_eq!((listed.data[0].id, &listed.data[0].key), (device.id, &None));
    let again = w.eventify.staff(e).device(&organizer(), device.id).await.unwrap();
    let everything = w.everything().await;
    let stored: Vec<u8> = everything
        .records()
        .iter()
        .flat_map(|record| {
            let mut bytes = Vec::new();
            eventify_core::store::encode_record(record, &mut bytes).unwrap();
            bytes
        })
        .collect();
    assert!(!stored.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "the key is stored");
    for text in [format!("{device:?} {again:?}"), w.as_logged().await, format!("{:?}", w.trail().await)] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn staff_and_devices_are_bounded_and_paged() {
    let w = World::new().await;
    let e = w.published().await;
    let person = |n: usize| {
        let mut bytes = [7; 16];
        bytes[0] = u8::try_from(n).unwrap();
        UserId::from_bytes(bytes)
    };
    for n in 0..Staff::GRANTS_MAX {
        let one = GrantStaff { user_id: Some(person(n)), ..scanner() };
        grant(&w, e, one).await.unwrap();
        add(&w, e, "Phone").await.unwrap();
    }
    let one_more = grant(&w, e, GrantStaff { user_id: Some(person(255)), ..scanner() }).await;
    assert_eq!(one_more.unwrap_err().reason(), Reason::InvalidValue);
    assert_eq!(add(&w, e, "Phone").await.unwrap_err().reason(), Reason::InvalidValue);
    let staff = w.eventify.staff(e);
    let first = staff.list(&organizer(), &PageRequest::first(99)).await.unwrap();
    let rest = PageRequest::after(first.next_cursor.clone().unwrap(), 100);
    let rest = staff.list(&organizer(), &rest).await.unwrap();
    assert_eq!((first.data.len(), rest.data[0].user_id), (99, person(99)));
    let devices = staff.devices(&organizer(), &PageRequest::first(3)).await.unwrap();
    // A revoked one makes room for the next.
    staff.revoke_device(&organizer(), devices.data[1].id).await.unwrap();
    add(&w, e, "Phone").await.unwrap();
    let now = staff.devices(&organizer(), &PageRequest::first(2)).await.unwrap();
    assert_eq!((now.data[0].id, now.data[1].id), (devices.data[0].id, devices.data[2].id));
    let who = Actor::device(devices.data[1].id, e);
    let tickets = w.eventify.tickets();
    let forgotten = tickets.attendees(&who, e, &PageRequest::default()).await.unwrap_err();
    assert_eq!(forgotten.reason(), Reason::DeviceRevoked);
}
