//! The door over HTTP: in, out, back, and codes that leaked.

use serde_json::{Value, json};

use crate::support::assert_members;
use crate::support::world::World;

fn path(ticket: &Value, rest: &str) -> String {
    format!("/api/tickets/{}{rest}", ticket["short_code"].as_str().unwrap())
}

#[tokio::test]
async fn people_come_and_go_where_the_type_says_so() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let doors = "2026-12-21T12:00:00Z";
    let body = json!({"name": "Lawn", "quantity": 5, "re_entry": "in_out", "doors_at": doors});
    let lawn = world.ticket_type(&body).await;
    let line = json!({"ticket_type_id": lawn, "quantity": 1});
    let bought = service.post(&world.path("/tickets")).by(bob).json(&line).send().await.ok(201);
    let ticket = &bought["tickets"][0];
    let (come, go) = (path(ticket, "/checkin"), path(ticket, "/checkout"));
    let early = service.post(&come).by(olga).send().await.refused(409, "not_yet_valid");
    assert_eq!(early["doors_at"], doors);
    service.clock.set(doors.parse().unwrap());
    let olga = &service.log_in(&olga.id, &olga.email).await;
    let bob = &service.log_in(&bob.id, &bob.email).await;
    service.post(&go).by(olga).send().await.refused(409, "not_checked_in");
    service.post(&come).by(olga).send().await.ok(200);
    service.post(&go).by(bob).send().await.refused(403, "not_event_staff");
    let left = service.post(&go).by(olga).json(&json!({"gate": "East"})).send().await.ok(200);
    assert_eq!((&left["status"], &left["used_at"]), (&json!("left"), &json!(doors)));
    assert_eq!(service.post(&come).by(olga).send().await.ok(200)["status"], "used");
    let undo = path(ticket, "/checkin/undo");
    service.post(&undo).by(bob).send().await.refused(403, "not_event_staff");
    assert_eq!(service.post(&undo).by(olga).send().await.ok(200)["status"], "left");
}

#[tokio::test]
async fn a_check_in_is_taken_back_and_once_is_once() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let ticket = world.ticket(&world.bob).await;
    service.post(&path(&ticket, "/checkin")).by(olga).send().await.ok(200);
    service.post(&path(&ticket, "/checkout")).by(olga).send().await.refused(409, "no_re_entry");
    let undone = service.post(&path(&ticket, "/checkin/undo")).by(olga).send().await.ok(200);
    assert_eq!(undone, ticket_as_the_organizer_sees_it(&ticket));
    service.post(&path(&ticket, "/checkin/undo")).by(olga).send().await.refused(409, "not_checked_in");
}

fn ticket_as_the_organizer_sees_it(ticket: &Value) -> Value {
    let mut seen = ticket.clone();
    seen["status"] = json!("active");
    seen
}

#[tokio::test]
async fn a_code_that_leaked_is_replaced() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let ticket = world.ticket(bob).await;
    let eve = service.organizer("Eve").await;
    service.post(&path(&ticket, "/reissue")).by(&eve).send().await.refused(404, "ticket_not_found");
    let once = service.post(&path(&ticket, "/reissue")).by(bob).header("idempotency-key", "leak");
    let anew = once.send().await.ok(200);
    let again = service.post(&path(&ticket, "/reissue")).by(bob).header("idempotency-key", "leak");
    let again = again.send().await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.ok(200), anew);
    assert_eq!(anew["id"], ticket["id"]);
    for old in ["code", "short_code"] {
        let old = ticket[old].as_str().unwrap();
        let check_in = format!("/api/tickets/{old}/checkin");
        service.post(&check_in).by(olga).send().await.refused(409, "reissued");
        service.get(&format!("/api/tickets/{old}")).by(bob).send().await.refused(404, "ticket_not_found");
    }
    service.post(&path(&anew, "/checkin")).by(olga).send().await.ok(200);
}

#[tokio::test]
async fn even_the_door_has_its_bounds() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let lawn = world.ticket_type(&json!({"name": "Lawn", "quantity": 5, "re_entry": "in_out"})).await;
    let line = json!({"ticket_type_id": lawn, "quantity": 1});
    let bought = service.post(&world.path("/tickets")).by(bob).json(&line).send().await.ok(201);
    let mut ticket = bought["tickets"][0].clone();
    for _ in 0..100 {
        service.post(&path(&ticket, "/checkin")).by(olga).send().await.ok(200);
        service.post(&path(&ticket, "/checkout")).by(olga).send().await.ok(200);
        ticket = service.post(&path(&ticket, "/reissue")).by(bob).send().await.ok(200);
    }
    service.post(&path(&ticket, "/checkin")).by(olga).send().await.refused(409, "too_many_passages");
    service.post(&path(&ticket, "/reissue")).by(bob).send().await.refused(409, "too_many_issues");
}

#[tokio::test]
async fn a_gate_without_network_loads_scans_and_uploads() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let ticket = world.ticket(bob).await;
    let list = service.get(&world.path("/door-list")).by(olga).send().await.ok(200);
    assert_members(&list["data"][0], "ticket_id ticket_type_id issue status used_at name short_code_sha256");
    service.get(&world.path("/door-list")).by(bob).send().await.refused(403, "not_event_staff");
    let scan =
        |id: &str, at: &str| json!({"scan_id": id, "code": ticket["code"], "scanned_at": at, "gate": "West"});
    let upload = |scans: Value| service.post(&world.path("/scans")).by(olga).json(&json!({"scans": scans}));
    let later = upload(json!([scan("2", "2026-11-21T08:30:00Z")])).send().await.ok(200);
    assert_members(
        &later["data"][0],
        "scan_id outcome ticket_id direction scanned_at gate device uploaded_at",
    );
    assert_eq!(later["data"][0]["outcome"], "accepted");
    let earlier = upload(json!([scan("1", "2026-11-21T08:00:00Z")])).send().await.ok(200);
    assert_eq!(earlier["data"][0]["outcome"], "accepted");
    let conflicts = service.get(&world.path("/scans?conflicts=true")).by(olga).send().await.ok(200);
    assert_eq!(
        (&conflicts["data"][0]["scan_id"], &conflicts["data"][0]["outcome"]),
        (&json!("2"), &json!("duplicate"))
    );
    assert_eq!(upload(json!([])).send().await.fields(), ["scans"]);
    let found = service.get(&world.path("/attendees?q=bo")).by(olga).send().await.ok(200);
    assert_eq!(found["data"][0]["used_at"], "2026-11-21T08:00:00Z");
    assert_eq!(service.get(&world.path("/attendees?q=-")).by(olga).send().await.fields(), ["q"]);
}
