//! Events, schedules, categories, and who may do what with them.

use serde_json::{Value, json};

use crate::support::world::{World, draft, event_body};
use crate::support::{Person, Service, assert_members};

const EVENT: &str = "id organizer_id title description status category tags venue city starts_at ends_at \
    doors_at time_zone capacity reminders rating review_policy cancellation cancellable_until created_at updated_at";

#[tokio::test]
async fn an_event_lives_from_draft_to_cancelled() {
    let service = Service::new().await;
    let olga = service.organizer("Olga").await;
    let made = service.post("/api/events").by(&olga).json(&event_body()).send().await;
    let event = made.ok(201);
    assert_members(&event, EVENT);
    assert_eq!(event["status"], "draft");
    assert_eq!(event["organizer_id"], olga.id.as_str());
    assert_eq!(event["rating"], json!({"average": null, "count": 0}));
    let place = made.header("location").unwrap().to_owned();
    assert_eq!(place, format!("/api/events/{}", event["id"].as_str().unwrap()));
    let shown = service.get(&place).by(&olga).send().await;
    assert_eq!(shown.ok(200), event);
    assert_eq!(shown.header("etag"), made.header("etag"));

    let changed = service.put(&place).by(&olga).json(&json!({"title": "Jazz", "city": null})).send().await;
    let changed = changed.ok(200);
    assert_eq!((&changed["title"], &changed["city"]), (&json!("Jazz"), &Value::Null));
    assert_eq!(changed["venue"], event["venue"]);

    let published = service.post(&format!("{place}/publish")).by(&olga).send().await.ok(200);
    assert_eq!(published["status"], "published");
    service.delete(&place).by(&olga).send().await.refused(409, "event_not_draft");
    service.post(&format!("{place}/publish")).by(&olga).send().await.refused(409, "event_not_draft");

    let why = json!({"reason": "The hall has burst a pipe."});
    let cancelled = service.post(&format!("{place}/cancel")).by(&olga).json(&why).send().await.ok(200);
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["cancel_reason"], why["reason"]);
    service.post(&format!("{place}/cancel")).by(&olga).send().await.refused(409, "event_cancelled");
    service.put(&place).by(&olga).json(&json!({"title": "No"})).send().await.refused(409, "event_cancelled");

    let other = draft(&service, &olga, &json!({})).await;
    service.delete(&format!("/api/events/{other}")).by(&olga).send().await.ok(204);
    service.get(&format!("/api/events/{other}")).by(&olga).send().await.refused(404, "event_not_found");
}

/// Asks the same as everybody, and compares the statuses: nobody, an attendee, another organizer, the organizer.
async fn compare(world: &World, rows: &[(&str, &str, Value, [u16; 4])]) {
    let service = &world.service;
    let other = service.organizer("Other").await;
    let people: [(&str, Option<&Person>); 4] = [
        ("nobody", None),
        ("an attendee", Some(&world.bob)),
        ("another organizer", Some(&other)),
        ("the organizer", Some(&world.olga)),
    ];
    for (method, path, body, expected) in rows {
        for ((who, person), status) in people.iter().zip(expected) {
            let method: axum::http::Method = method.parse().unwrap();
            let mut call = service.call(method.clone(), path).maybe_by(*person);
            if !body.is_null() {
                call = call.json(body);
            }
            let reply = call.send().await;
            assert_eq!(reply.status.as_u16(), *status, "{method} {path} by {who}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn what_is_an_organizers_is_refused_to_everybody_else() {
    let world = World::new().await;
    let draft = draft(&world.service, &world.olga, &event_body()).await;
    let draft = format!("/api/events/{draft}");
    let item = json!({
        "activity_name": "Opening", "starts_at": "2026-12-21T13:00:00Z", "ends_at": "2026-12-21T14:00:00Z"
    });
    let of_type = world.path(&format!("/ticket-types/{}", world.free));
    let rows = [
        ("POST", "/api/events", json!({"title": "T"}), [401, 403, 201, 201]),
        ("POST", "/api/categories", json!({"name": "Theatre"}), [401, 403, 201, 409]),
        ("GET", &draft, Value::Null, [404, 404, 404, 200]),
        ("GET", &format!("{draft}/schedule"), Value::Null, [404, 404, 404, 200]),
        ("GET", &format!("{draft}/ticket-types"), Value::Null, [404, 404, 404, 200]),
        ("GET", &format!("{draft}/ticket-keys"), Value::Null, [404, 404, 404, 200]),
        ("PUT", &draft, json!({"title": "T"}), [401, 404, 404, 200]),
        ("POST", &format!("{draft}/publish"), Value::Null, [401, 404, 404, 200]),
        ("PUT", &world.path(""), json!({"title": "T"}), [401, 403, 403, 200]),
        ("POST", &world.path("/schedule"), item.clone(), [401, 403, 403, 201]),
        ("POST", &world.path("/ticket-types"), json!({"name": "T", "quantity": 1}), [401, 403, 403, 201]),
        ("PUT", &of_type, json!({"name": "T"}), [401, 403, 403, 200]),
        ("GET", &world.path("/attendees"), Value::Null, [401, 403, 403, 200]),
        ("GET", &format!("/api/audit?event_id={}", world.event), Value::Null, [401, 403, 403, 200]),
        ("GET", "/api/audit", Value::Null, [401, 403, 403, 403]),
        ("GET", "/api/jobs", Value::Null, [401, 403, 403, 403]),
        ("POST", &format!("/api/jobs/{}/retry", world.event), Value::Null, [401, 403, 403, 403]),
        ("PUT", &format!("/api/users/{}/role", world.bob.id), json!({"role": "admin"}), [401, 403, 403, 403]),
        (
            "POST",
            "/api/notifications",
            json!({"user_id": world.bob.id.clone(), "title": "T"}),
            [401, 403, 403, 403],
        ),
        ("DELETE", &world.path(""), Value::Null, [401, 403, 403, 409]),
        ("POST", &world.path("/cancel"), Value::Null, [401, 403, 403, 200]),
    ];
    compare(&world, &rows).await;
}

#[tokio::test]
async fn an_admin_may_do_what_an_organizer_may() {
    let world = World::new().await;
    let admin = world.service.admin("Root").await;
    let draft = draft(&world.service, &world.olga, &event_body()).await;
    let draft = format!("/api/events/{draft}");
    let service = &world.service;
    service.get(&draft).by(&admin).send().await.ok(200);
    service.put(&draft).by(&admin).json(&json!({"title": "T"})).send().await.ok(200);
    service.post(&format!("{draft}/publish")).by(&admin).send().await.ok(200);
    service.get(&format!("{draft}/attendees")).by(&admin).send().await.ok(200);
    service
        .get(&format!("/api/events?status=draft&organizer={}", world.olga.id))
        .by(&admin)
        .send()
        .await
        .ok(200);
    let ticket = world.ticket(&world.bob).await;
    let check_in = format!("/api/tickets/{}/checkin", ticket["code"].as_str().unwrap());
    service.post(&check_in).by(&admin).send().await.ok(200);
    service.post(&world.path("/cancel")).by(&admin).send().await.ok(200);
}

#[tokio::test]
async fn another_organizers_event_is_theirs() {
    let world = World::new().await;
    let eve = world.service.organizer("Eve").await;
    let put = world.service.put(&world.path("")).by(&eve).json(&json!({"title": "Mine"}));
    put.send().await.refused(403, "not_event_owner");
    let attendees = world.service.get(&world.path("/attendees")).by(&eve);
    attendees.send().await.refused(403, "not_event_staff");
}

#[tokio::test]
async fn what_needs_a_login_is_refused_to_nobody() {
    let world = World::new().await;
    let ticket = world.ticket(&world.bob).await;
    let code = format!("/api/tickets/{}", ticket["code"].as_str().unwrap());
    let booking = format!("/api/bookings/{}", ticket["booking_id"].as_str().unwrap());
    for (method, path) in [
        ("POST", "/api/auth/logout"),
        ("GET", "/api/users/me"),
        ("PUT", "/api/users/me"),
        ("POST", "/api/users/me/password"),
        ("POST", "/api/users/me/become-organizer"),
        ("POST", &world.path("/tickets")),
        ("POST", "/api/bookings"),
        ("GET", "/api/bookings"),
        ("GET", &booking),
        ("DELETE", &booking),
        ("POST", &format!("{booking}/confirm")),
        ("GET", "/api/tickets"),
        ("GET", &code),
        ("GET", &format!("{code}/qr.svg")),
        ("GET", &format!("{code}/qr.png")),
        ("GET", &format!("{code}/ticket.pdf")),
        ("GET", &format!("{code}/ticket.ics")),
        ("POST", &format!("{code}/validate")),
        ("POST", &format!("{code}/checkin")),
        ("GET", "/api/notifications"),
        ("PUT", "/api/notifications/read"),
        ("GET", "/api/notifications/preferences"),
        ("PUT", "/api/notifications/preferences"),
    ] {
        let reply = world.service.call(method.parse().unwrap(), path).send().await;
        let body = reply.refused(401, "not_authenticated");
        assert!(body.get("errors").is_none(), "{path}: the body was looked at first");
    }
}

#[tokio::test]
async fn a_schedule_is_kept_free_of_conflicts() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let item = |name: &str, from: &str, to: &str, room: &str| {
        json!({
            "activity_name": name, "speaker": "Ada", "room": room,
            "starts_at": format!("2026-12-21T{from}:00Z"), "ends_at": format!("2026-12-21T{to}:00Z"),
        })
    };
    let path = world.path("/schedule");
    let made = service.post(&path).by(olga).json(&item("Opening", "13:00", "14:00", "Hall")).send().await;
    let opening = made.ok(201);
    assert_members(&opening, "id activity_name speaker starts_at ends_at room");
    let place = made.header("location").unwrap().to_owned();
    for clash in [item("Talk", "13:30", "14:30", "Hall"), item("Late", "17:30", "18:30", "Attic")] {
        service.post(&path).by(olga).json(&clash).send().await.refused(409, "schedule_conflict");
    }
    service.post(&path).by(olga).json(&item("Aside", "13:30", "14:30", "Attic")).send().await.ok(201);
    let shown = service.get(&place).send().await;
    let tag = shown.header("etag").unwrap();
    assert_eq!(shown.ok(200), opening);
    let moved = item("Opening", "15:00", "16:00", "Hall");
    service.put(&place).by(olga).json(&moved).header("if-match", tag).send().await.ok(200);
    service
        .put(&place)
        .by(olga)
        .json(&moved)
        .header("if-match", tag)
        .send()
        .await
        .refused(412, "precondition_failed");
    let names: Vec<Value> = service.get(&path).send().await.ok(200)["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["activity_name"].clone())
        .collect();
    assert_eq!(names, ["Aside", "Opening"]);
    service.delete(&place).by(olga).send().await.ok(204);
    service.get(&place).send().await.refused(404, "schedule_item_not_found");
    service.delete(&place).by(olga).send().await.refused(404, "schedule_item_not_found");
}

#[tokio::test]
async fn categories_are_named_once_and_deleted_when_empty() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let listed = service.get("/api/categories").send().await.ok(200);
    assert_members(&listed, "data next_cursor");
    assert_members(&listed["data"][0], "id name events");
    let music = format!("/api/categories/{}", listed["data"][0]["id"].as_str().unwrap());
    service.delete(&music).by(olga).send().await.refused(409, "category_in_use");
    let twice = json!({"name": "MÚSIC"});
    service.post("/api/categories").by(olga).json(&twice).send().await.refused(409, "category_exists");
    let made = service.post("/api/categories").by(olga).json(&json!({"name": "Dance"})).send().await;
    let place = made.header("location").unwrap().to_owned();
    assert_eq!(service.get(&place).send().await.ok(200), made.ok(201));
    service.delete(&place).by(&world.bob).send().await.refused(403, "not_allowed");
    service.delete(&place).by(olga).send().await.ok(204);
    service.get(&place).send().await.refused(404, "category_not_found");
}

#[tokio::test]
async fn lists_are_filtered_by_what_is_asked() {
    let world = World::new().await;
    let (service, id) = (&world.service, world.event.as_str());
    let found = async |query: &str| {
        let page = service.get(&format!("/api/events?{query}")).send().await.ok(200);
        page["data"].as_array().unwrap().iter().any(|e| e["id"] == id)
    };
    for query in [
        "",
        "q=jazz",
        "q=kazakh+night",
        "category=music",
        "tag=LIVE",
        "city=almaty",
        "from=2026-12-01T00:00:00Z&to=2027-01-01T00:00:00Z",
        "status=published",
        &format!("organizer={}", world.olga.id),
        "q=&category=&tag=&city=&cursor=",
    ] {
        assert!(found(query).await, "{query}");
    }
    for query in [
        "q=opera",
        "category=Theatre",
        "tag=rock",
        "city=Astana",
        "to=2026-12-01T00:00:00Z",
        "status=cancelled",
    ] {
        assert!(!found(query).await, "{query}");
    }
    let drafts = service.get("/api/events?status=draft");
    drafts.send().await.refused(401, "not_authenticated");
    let others = format!("/api/events?status=draft&organizer={}", world.olga.id);
    service.get(&others).by(&world.bob).send().await.refused(403, "not_allowed");
}
