//! Ticket types, bookings, tickets and the door.

use serde_json::{Value, json};

use crate::support::assert_members;
use crate::support::world::{World, draft};

const TICKET_TYPE: &str = "id event_id name price quantity sold held available sales_start sales_end \
    per_person_max hidden seated waiting waitlist_skips doors_at re_entry";
const BOOKING: &str = "id event_id user_id status lines total cancellation refund paid_elsewhere promo_code_id from_waitlist \
    expires_at created_at tickets";
const TICKET: &str =
    "id code short_code event_id ticket_type_id seat booking_id user_id status purchased_at used_at";

#[tokio::test]
async fn a_ticket_type_is_made_shown_and_changed() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let body = json!({
        "name": "Stalls", "price": {"amount_minor": 150_000, "currency": "KZT"}, "quantity": 30,
        "sales_start": "2026-11-01T00:00:00Z", "sales_end": "2026-12-20T00:00:00Z", "per_person_max": 4
    });
    let made = service.post(&world.path("/ticket-types")).by(olga).json(&body).send().await;
    let stalls = made.ok(201);
    assert_members(&stalls, TICKET_TYPE);
    assert_eq!((&stalls["sold"], &stalls["held"], &stalls["available"]), (&json!(0), &json!(0), &json!(30)));
    let place = made.header("location").unwrap().to_owned();
    let shown = service.get(&place).send().await;
    assert_eq!(shown.ok(200), stalls);
    let more = json!({"quantity": 40, "per_person_max": null});
    let tag = shown.header("etag").unwrap();
    let changed = service.put(&place).by(olga).json(&more).header("if-match", tag).send().await.ok(200);
    assert_eq!((&changed["quantity"], &changed["per_person_max"]), (&json!(40), &Value::Null));
    let stale = service.put(&place).by(olga).json(&more).header("if-match", tag).send().await;
    stale.refused(412, "precondition_failed");
    let listed = service.get(&world.path("/ticket-types")).send().await.ok(200);
    assert_members(&listed, "data next_cursor");
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn free_tickets_are_bought_at_once() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    let line = json!({"ticket_type_id": world.free, "quantity": 2});
    let reply = service.post(&world.path("/tickets")).by(bob).json(&line).send().await;
    let bought = reply.ok(201);
    assert_members(&bought, "booking tickets");
    assert_members(&bought["booking"], BOOKING);
    assert_eq!(bought["booking"]["status"], "confirmed");
    assert_eq!(bought["tickets"].as_array().unwrap().len(), 2);
    assert_members(&bought["tickets"][0], TICKET);
    let place = reply.header("location").unwrap();
    assert_eq!(service.get(place).by(bob).send().await.ok(200), bought["booking"]);
    let mine = service.get("/api/tickets").by(bob).send().await.ok(200);
    assert_eq!(mine["data"].as_array().unwrap().len(), 2);
    let told = service.get("/api/notifications?unread=true").by(bob).send().await.ok(200);
    assert_eq!(told["data"][0]["kind"], "ticket.purchased");

    let attendees = service.get(&world.path("/attendees")).by(&world.olga).send().await.ok(200);
    assert_eq!(attendees["data"].as_array().unwrap().len(), 2);
    assert_eq!(attendees["data"][0]["name"], "Bob");
    assert!(attendees["data"][0].get("code").is_none(), "the organizer's list lets nobody in");
    service.delete(place).by(bob).send().await.ok(204);
    let cancelled = service.get(place).by(bob).send().await.ok(200);
    assert_eq!(
        (&cancelled["status"], &cancelled["tickets"][0]["status"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    service.delete(place).by(bob).send().await.refused(409, "booking_not_held");
}

#[tokio::test]
async fn a_paid_booking_is_held_until_the_organizer_marks_it_paid() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    let (paid, held) = world.held(bob).await;
    assert_members(&held, BOOKING);
    assert_eq!((&held["status"], &held["tickets"]), (&json!("held"), &json!([])));
    assert_eq!(held["expires_at"], "2026-11-21T09:15:00Z");
    assert_eq!(held["total"], json!({"amount_minor": 300_000, "currency": "KZT"}));
    assert_members(&held["lines"][0], "ticket_type_id quantity unit_price unit_discount seats");
    let of_type = world.path(&format!("/ticket-types/{paid}"));
    let left = service.get(&of_type).send().await.ok(200);
    assert_eq!((&left["held"], &left["available"]), (&json!(2), &json!(3)));

    let place = format!("/api/bookings/{}", held["id"].as_str().unwrap());
    let confirm = format!("{place}/confirm");
    let refused = service.post(&confirm).by(bob).send().await.refused(409, "payment_required");
    assert_eq!(refused["total"]["amount_minor"], 300_000);
    let eve = service.organizer("Eve").await;
    service.post(&confirm).by(&eve).send().await.refused(404, "booking_not_found");
    service.get(&place).by(&eve).send().await.refused(404, "booking_not_found");
    service.delete(&place).by(&eve).send().await.refused(404, "booking_not_found");
    let confirmed = service.post(&confirm).by(&world.olga).json(&json!({})).send().await.ok(200);
    assert_eq!(confirmed["status"], "confirmed");
    assert_eq!(confirmed["tickets"].as_array().unwrap().len(), 2);
    let again = service.post(&confirm).by(&world.olga).send().await.refused(409, "booking_not_held");
    assert_eq!(again["booking_status"], "confirmed");

    let line = json!({"ticket_type_id": paid, "quantity": 1});
    let bought = service.post(&world.path("/tickets")).by(bob).json(&line).send().await.ok(201);
    assert_eq!((&bought["booking"]["status"], &bought["tickets"]), (&json!("held"), &json!([])));
    let listed = service.get("/api/bookings").by(bob).send().await.ok(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn seats_stand_for_lines_when_there_is_one_type() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    let seats = json!({"event_id": world.event, "seats": 2});
    let held = service.post("/api/bookings").by(bob).json(&seats).send().await;
    let booking = held.ok(201);
    assert_eq!(booking["status"], "held");
    let confirm = format!("{}/confirm", held.header("location").unwrap());
    assert_eq!(service.post(&confirm).by(bob).send().await.ok(200)["status"], "confirmed");
    world.ticket_type(&json!({"name": "Second", "quantity": 1})).await;
    let ambiguous = service.post("/api/bookings").by(bob).json(&seats).send().await;
    assert_eq!(ambiguous.fields(), ["lines"]);
    let none = json!({"event_id": world.event, "seats": 0});
    assert_eq!(service.post("/api/bookings").by(bob).json(&none).send().await.fields(), ["seats"]);
}

#[tokio::test]
async fn a_ticket_is_shown_as_a_picture_validated_and_used_once() {
    let world = World::new().await;
    let (service, bob, olga) = (&world.service, &world.bob, &world.olga);
    let ticket = world.ticket(bob).await;
    let path = format!("/api/tickets/{}", ticket["code"].as_str().unwrap());
    let short = format!("/api/tickets/{}", ticket["short_code"].as_str().unwrap());
    assert_eq!(service.get(&path).by(bob).send().await.ok(200), ticket);
    assert_eq!(service.get(&short).by(olga).send().await.ok(200), ticket);
    let eve = service.organizer("Eve").await;
    service.get(&path).by(&eve).send().await.refused(404, "ticket_not_found");

    let svg = service.get(&format!("{path}/qr.svg")).by(bob).send().await;
    assert_eq!(svg.header("content-type"), Some("image/svg+xml"));
    assert!(svg.text().contains("<svg") && svg.header("cache-control") == Some("no-store"));
    let png = service.get(&format!("{path}/qr.png")).by(bob).send().await;
    assert_eq!(png.header("content-type"), Some("image/png"));
    assert!(png.body.starts_with(b"\x89PNG"));

    let validate = format!("{path}/validate");
    let valid = service.post(&validate).by(olga).send().await.ok(200);
    assert_members(&valid, "valid reason ticket");
    assert_eq!((&valid["valid"], &valid["reason"]), (&json!(true), &json!("valid")));
    let seen = service.post(&validate).by(&eve).send().await.ok(200);
    assert_eq!(seen["ticket"], Value::Null, "a stranger does not see the ticket");

    let check_in = format!("{path}/checkin");
    service.post(&check_in).by(bob).send().await.refused(403, "not_event_staff");
    service.post(&check_in).by(&eve).send().await.refused(403, "not_event_staff");
    let other = draft(service, olga, &json!({})).await;
    let elsewhere = json!({"event_id": other});
    service.post(&check_in).by(olga).json(&elsewhere).send().await.refused(409, "wrong_event");
    let scan = json!({"gate": "North", "device": "s7", "scan_id": "s7-1"});
    let used = service.post(&check_in).by(olga).json(&scan).send().await.ok(200);
    assert_members(&used, TICKET);
    assert_eq!((&used["status"], &used["used_at"]), (&json!("used"), &json!("2026-11-21T09:00:00Z")));
    assert_eq!(service.post(&check_in).by(olga).json(&scan).send().await.ok(200), used, "the same scan");
    let again = service.post(&check_in).by(olga).send().await.refused(409, "already_used");
    assert_eq!(
        (&again["used_at"], &again["gate"], &again["device"]),
        (&used["used_at"], &json!("North"), &json!("s7"))
    );
    let spent = service.post(&validate).by(olga).send().await.ok(200);
    assert_eq!((&spent["valid"], &spent["reason"]), (&json!(false), &json!("already_used")));
}

#[tokio::test]
async fn codes_that_are_none_are_told_apart_at_the_door() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let code = world.ticket(&world.bob).await["code"].as_str().unwrap().to_owned();
    let last = if code.ends_with('A') { 'B' } else { 'A' };
    let forged = format!("{}{last}", &code[..code.len() - 1]);
    for (code, status, reason) in
        [(forged.as_str(), 409, "bad_signature"), ("NOSUCHCODE12", 404, "unknown"), ("%20", 404, "unknown")]
    {
        let path = format!("/api/tickets/{code}");
        service.get(&path).by(olga).send().await.refused(404, "ticket_not_found");
        service.post(&format!("{path}/checkin")).by(olga).send().await.refused(status, reason);
        let seen = service.post(&format!("{path}/validate")).by(olga).send().await.ok(200);
        assert_eq!(
            (&seen["valid"], &seen["reason"], &seen["ticket"]),
            (&json!(false), &json!(reason), &Value::Null)
        );
    }
    let keys = service.get(&world.path("/ticket-keys")).send().await.ok(200);
    assert_members(&keys["data"][0], "key_id public_key");
    let keys = serde_json::from_value::<Vec<eventify_core::ticket::TicketKey>>(keys["data"].clone()).unwrap();
    let verifier = eventify_core::ticket::TicketVerifier::new(world.event.parse().unwrap(), &keys).unwrap();
    assert!(verifier.verify(&code).is_ok() && verifier.verify(&forged).is_err());
}

#[tokio::test]
async fn who_cancels_late_gets_less_back() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let policy = json!({"until": "PT12H", "refund": [{"until": "P30D", "percent": 100}, {"until": "P2W", "percent": 50}]});
    let shown =
        service.put(&world.path("")).by(olga).json(&json!({"cancellation": policy})).send().await.ok(200);
    let steps = json!([{"until": "P30D", "percent": 100}, {"until": "P14D", "percent": 50}]);
    assert_eq!(shown["cancellation"], json!({"until": "PT12H", "refund": steps}));
    assert_eq!(shown["cancellable_until"], "2026-12-21T01:00:00Z");
    let (_, held) = world.held(bob).await;
    let place = format!("/api/bookings/{}", held["id"].as_str().unwrap());
    let sold = service.post(&format!("{place}/confirm")).by(olga).send().await.ok(200);
    assert_eq!((&sold["cancellation"], &sold["refund"]), (&shown["cancellation"], &Value::Null));

    service.clock.set("2026-12-01T09:00:00Z".parse().unwrap());
    let bob = &service.log_in(&bob.id, &bob.email).await;
    service.delete(&place).by(bob).send().await.ok(204);
    let cancelled = service.get(&place).by(bob).send().await.ok(200);
    assert_eq!(cancelled["refund"], json!({"amount_minor": 150_000, "currency": "KZT"}));
}

#[tokio::test]
async fn a_policy_that_makes_no_sense_is_named() {
    let world = World::new().await;
    let change = async |policy: Value| {
        let request = world.service.put(&world.path("")).by(&world.olga);
        request.json(&json!({"cancellation": policy})).send().await
    };
    let step = |until: &str, percent: u8| json!({"until": until, "percent": percent});
    let late = change(json!({"until": "P1D", "refund": [step("PT1H", 50), step("PT2H", 60)]})).await;
    assert_eq!(
        late.fields(),
        [
            "cancellation.refund[0].until",
            "cancellation.refund[1].until",
            "cancellation.refund[1].until",
            "cancellation.refund[1].percent"
        ]
    );
    assert_eq!(change(json!({"until": "tomorrow"})).await.fields(), ["cancellation.until"]);
    assert_eq!(
        change(json!({"refund": [step("P1D", 0)]})).await.fields(),
        ["cancellation.refund[0].percent"]
    );
    assert_eq!(change(json!({"untill": "P1D"})).await.fields(), ["cancellation.untill"]);
}
