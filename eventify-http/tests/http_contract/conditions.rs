//! Pages, conditional requests and idempotency keys.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::world::{World, draft, event_body};

#[tokio::test]
async fn a_list_is_paged_without_repeating_or_losing_anything() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let publish = async |day: u32| {
        let mut body = event_body();
        body["starts_at"] = format!("2026-12-{day:02}T10:00:00Z").into();
        body["ends_at"] = format!("2026-12-{day:02}T11:00:00Z").into();
        let id = draft(service, olga, &body).await;
        service.post(&format!("/api/events/{id}/publish")).by(olga).send().await.ok(200);
        id
    };
    let mut expected = BTreeSet::from([world.event.clone()]);
    for day in 2..=10 {
        expected.insert(publish(day).await);
    }
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = service.get(&format!("/api/events?limit=3&cursor={next}")).send().await.ok(200);
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= 3);
        seen.extend(data.iter().map(|e| e["id"].as_str().unwrap().to_owned()));
        // What comes before the page's end meanwhile moves nothing.
        publish(1 + u32::try_from(seen.len() % 2).unwrap()).await;
        match page["next_cursor"].as_str() {
            Some(cursor) => next = cursor.to_owned(),
            None => break,
        }
    }
    let unique: BTreeSet<String> = seen.iter().cloned().collect();
    assert_eq!(unique.len(), seen.len(), "nothing twice");
    assert!(expected.is_subset(&unique), "nothing lost");
}

#[tokio::test]
async fn a_cursor_is_only_good_for_its_own_list() {
    let world = World::new().await;
    let (service, bob, olga) = (&world.service, &world.bob, &world.olga);
    for _ in 0..2 {
        world.ticket(bob).await;
    }
    let page = service.get("/api/tickets?limit=1").by(bob).send().await.ok(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let path = |list: &str, cursor: &str| format!("{list}?limit=1&cursor={cursor}");
    service.get(&path("/api/tickets", cursor)).by(bob).send().await.ok(200);
    let other = if cursor.starts_with('A') { "B" } else { "A" };
    let flipped = format!("{other}{}", &cursor[1..]);
    let long = "A".repeat(5_000);
    for forged in [flipped.as_str(), "x", "AAAA", "%2e%2e", long.as_str()] {
        let refused = service.get(&path("/api/tickets", forged)).by(bob).send().await;
        assert_eq!(refused.refused(400, "malformed")["errors"][0]["field"], "cursor");
    }
    for list in ["/api/bookings", "/api/notifications", "/api/events", "/api/categories"] {
        service.get(&path(list, cursor)).by(bob).send().await.refused(400, "malformed");
    }
    service.get(&path("/api/tickets", cursor)).by(olga).send().await.refused(400, "malformed");
    let attendees = world.path("/attendees");
    service.get(&path(&attendees, cursor)).by(olga).send().await.refused(400, "malformed");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    let ticket = world.ticket(bob).await;
    let told = service.get("/api/notifications").by(bob).send().await.ok(200);
    let paths = [
        "/api/users/me".to_owned(),
        format!("/api/users/{}", world.olga.id),
        world.path(""),
        world.path(&format!("/ticket-types/{}", world.free)),
        format!("/api/bookings/{}", ticket["booking_id"].as_str().unwrap()),
        format!("/api/tickets/{}", ticket["code"].as_str().unwrap()),
        format!("/api/notifications/{}", told["data"][0]["id"].as_str().unwrap()),
    ];
    for path in paths {
        let first = service.get(&path).by(bob).send().await;
        let tag = first.header("etag").unwrap_or_else(|| panic!("{path} has no tag")).to_owned();
        first.ok(200);
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = service.get(&path).by(bob).header("if-none-match", &known).send().await;
            assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path} {known}");
            assert_eq!(again.header("etag"), Some(tag.as_str()));
        }
        for other in ["\"0000000000000000\"", "nonsense", ""] {
            service.get(&path).by(bob).header("if-none-match", other).send().await.ok(200);
        }
    }
}

#[tokio::test]
async fn a_change_meant_for_another_version_is_refused() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let of_type = world.path(&format!("/ticket-types/{}", world.free));
    let rows = [
        ("/api/users/me".to_owned(), json!({"name": "Olga B."})),
        (world.path(""), json!({"title": "Jazz"})),
        (of_type.clone(), json!({"name": "Gratis"})),
    ];
    for (path, body) in rows {
        let put = || service.put(&path).by(olga).json(&body);
        let read = service.get(&path).by(olga).send().await.header("etag").unwrap().to_owned();
        let changed = put().header("if-match", &read).send().await;
        changed.ok(200);
        let now = changed.header("etag").unwrap().to_owned();
        assert_ne!(now, read);
        for stale in [read.as_str(), "\"0000000000000001\"", "nonsense", "W/\"x\"", ""] {
            put().header("if-match", stale).send().await.refused(412, "precondition_failed");
        }
        put().header("if-match", &format!("W/{now}")).send().await.refused(412, "precondition_failed");
        put().header("if-match", &now).send().await.ok(200);
        put().header("if-match", "*").send().await.ok(200);
        put().send().await.ok(200);
    }
    // A sale of another type changes what is available under the event's capacity, and so the tag.
    let tag = service.get(&of_type).send().await.header("etag").unwrap().to_owned();
    world.held(&world.bob).await;
    let after = service.get(&of_type).header("if-none-match", &tag).send().await;
    assert_eq!(after.status.as_u16(), 200);
}

#[tokio::test]
async fn a_repeated_request_happens_once() {
    let world = World::new().await;
    let (service, bob, olga) = (&world.service, &world.bob, &world.olga);
    let buy = |quantity: u32| {
        let line = json!({"ticket_type_id": world.free, "quantity": quantity});
        service.post(&world.path("/tickets")).by(bob).json(&line)
    };
    let first = buy(2).key("k1").send().await;
    assert_eq!(first.header("idempotency-replayed"), None);
    let again = buy(2).key("k1").send().await;
    assert_eq!(again.ok(201), first.ok(201));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.header("location"), first.header("location"));
    buy(3).key("k1").send().await.refused(422, "idempotency_key_reused");
    let other = buy(2).key("k2").send().await;
    assert_ne!(other.ok(201)["booking"]["id"], first.json()["booking"]["id"]);
    // Another person's key is another key.
    let line = json!({"ticket_type_id": world.free, "quantity": 2});
    let theirs = service.post(&world.path("/tickets")).by(olga).json(&line).key("k1").send().await;
    assert_eq!(theirs.header("idempotency-replayed"), None);
    // A refusal is not kept: it changed nothing.
    buy(9).key("k3").send().await.refused(409, "not_enough_left");
    buy(1).key("k3").send().await.ok(201);
    for bad in ["", &"x".repeat(256)] {
        assert_eq!(buy(1).key(bad).send().await.fields(), ["idempotency_key"]);
    }
    let odd = buy(1);
    let reply = odd.header("idempotency-key", "ключ").send().await;
    assert_eq!(reply.fields(), ["idempotency_key"]);

    let body = json!({"event_id": world.event, "seats": 1});
    let hold = || service.post("/api/bookings").by(bob).json(&body).key("h1");
    let held = hold().send().await.ok(201);
    assert_eq!(hold().send().await.ok(201), held);
    let confirm = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
    let confirm = || service.post(&confirm).by(bob).key("c1");
    let confirmed = confirm().send().await.ok(200);
    let again = confirm().send().await;
    assert_eq!((again.ok(200), again.header("idempotency-replayed")), (confirmed.clone(), Some("true")));
    let check_in =
        format!("/api/tickets/{}/checkin", confirmed["tickets"][0]["short_code"].as_str().unwrap());
    let check_in = || service.post(&check_in).by(olga).key("d1");
    let used = check_in().send().await.ok(200);
    assert_eq!(check_in().send().await.ok(200), used);
    let admin = service.admin("Root").await;
    let message = json!({"user_id": bob.id, "title": "Doors open late"});
    let send = || service.post("/api/notifications").by(&admin).json(&message).key("n1");
    let sent: Value = send().send().await.ok(201);
    assert_eq!(send().send().await.ok(201), sent);
}
