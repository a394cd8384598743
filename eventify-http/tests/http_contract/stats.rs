//! Statistics: what they show, of when, and to whom.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::world::World;
use crate::support::{Person, assert_members};

async fn confirmed(world: &World, held: &Value) -> Value {
    let path = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
    world.service.post(&path).by(&world.olga).send().await.ok(200)
}

async fn stats(world: &World, query: &str) -> Value {
    world.service.get(&world.path(&format!("/stats{query}"))).by(&world.olga).send().await.ok(200)
}

#[tokio::test]
async fn an_event_shows_what_came_of_it() {
    let mut world = World::new().await;
    let service = world.service.clone();
    let free = world.ticket(&world.bob).await;
    let (paid, held) = world.held(&world.bob).await;
    let sold = confirmed(&world, &held).await;
    service.clock.advance(Duration::from_secs(3_600));
    world.olga = service.log_in(&world.olga.id, &world.olga.email).await;
    world.bob = service.log_in(&world.bob.id, &world.bob.email).await;
    let path = format!("/api/tickets/{}/checkin", free["code"].as_str().unwrap());
    service.post(&path).by(&world.olga).send().await.ok(200);

    let found = stats(&world, "").await;
    assert_members(
        &found,
        "event_id status as_of capacity sold held available checked_in inside no_show_rate takings types time_zone \
         bucket curve",
    );
    assert_eq!((&found["sold"], &found["held"], &found["available"]), (&json!(3), &json!(0), &json!(12)));
    assert_eq!(
        (&found["checked_in"], &found["inside"], &found["no_show_rate"]),
        (&json!(1), &json!(1), &Value::Null)
    );
    let money = |amount: i64| json!({"amount_minor": amount, "currency": "KZT"});
    let takings = json!([{"gross": money(300_000), "refunds_due": money(0), "revenue": money(300_000)}]);
    assert_eq!(found["takings"], takings);
    let of_paid = found["types"].as_array().unwrap().iter().find(|of| of["ticket_type_id"] == paid.as_str());
    let of_paid = of_paid.unwrap();
    assert_members(
        of_paid,
        "ticket_type_id name quantity sold held available checked_in inside no_show_rate takings",
    );
    assert_eq!(
        (&of_paid["name"], &of_paid["sold"], &of_paid["takings"]),
        (&json!("Paid"), &json!(2), &takings)
    );
    assert_eq!((&found["time_zone"], &found["bucket"]), (&json!("Asia/Almaty"), &json!("day")));
    let day = json!({"starts_at": "2026-11-20T19:00:00Z", "sold": 3, "cancelled": 0, "checked_in": 1, "takings": takings});
    assert_eq!(found["curve"], json!([day]));

    let path = format!("/api/bookings/{}", sold["id"].as_str().unwrap());
    service.delete(&path).by(&world.bob).send().await.ok(204);
    let found = stats(&world, "?bucket=hour&from=2026-11-21T09:30:00Z&to=2026-11-21T10:00:01Z").await;
    assert_eq!(found["takings"][0]["refunds_due"], money(300_000));
    assert_eq!(found["takings"][0]["revenue"], money(0));
    let hours = found["curve"].as_array().unwrap().iter();
    let hours: Vec<_> =
        hours.map(|h| (&h["starts_at"], &h["sold"], &h["cancelled"], &h["checked_in"])).collect();
    let [nine, ten] = ["2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"].map(Value::from);
    let [none, one, two, three] = [0, 1, 2, 3].map(Value::from);
    assert_eq!(hours, [(&nine, &three, &none, &none), (&ten, &none, &two, &one)]);
}

#[tokio::test]
async fn numbers_are_for_those_who_manage_the_event() {
    let world = World::new().await;
    let service = &world.service;
    let mia = service.person("Mia").await;
    let sam = service.person("Sam").await;
    for (person, right) in [(&mia, "manager"), (&sam, "scanner")] {
        let grant = json!({"user_id": person.id, "right": right});
        service.post(&world.path("/staff")).by(&world.olga).json(&grant).send().await.ok(201);
    }
    let rival = service.organizer("Rita").await;
    let root = service.admin("Root").await;
    let path = world.path("/stats");
    for person in [&world.olga, &mia, &root] {
        service.get(&path).by(person).send().await.ok(200);
    }
    for person in [&world.bob, &sam, &rival] {
        service.get(&path).by(person).send().await.refused(403, "not_event_owner");
    }
    service.get(&path).send().await.refused(401, "not_authenticated");
    let nowhere = "/api/events/01920000-0000-7000-8000-000000000000/stats";
    service.get(nowhere).by(&root).send().await.refused(404, "event_not_found");

    let own = "/api/users/me/stats";
    service.get(own).by(&world.bob).send().await.refused(403, "not_allowed");
    service.get(own).send().await.refused(401, "not_authenticated");
    let none = service.get(own).by(&rival).send().await.ok(200);
    assert_eq!((&none["organizer_id"], &none["sold"]), (&json!(rival.id), &json!(0)));
}

#[tokio::test]
async fn a_period_that_makes_no_sense_is_refused_by_name() {
    let world = World::new().await;
    let asked = async |path: &str| world.service.get(path).by(&world.olga).send().await;
    for (query, field) in [
        ("bucket=week", "bucket"),
        ("from=yesterday", "from"),
        ("from=2026-11-21T09:00:00Z&to=2026-11-21T09:00:00Z", "from"),
        ("bucket=hour&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:01Z", "from"),
        ("from=2025-01-01T00:00:00Z&to=2026-01-02T00:00:01Z", "from"),
        ("until=now", "until"),
    ] {
        assert_eq!(asked(&world.path(&format!("/stats?{query}"))).await.fields(), [field], "{query}");
    }
    for (query, field) in [
        ("to=soon", "to"),
        ("from=2026-11-21T09:00:00Z&to=2026-11-21T09:00:00Z", "from"),
        ("bucket=day", "bucket"),
    ] {
        assert_eq!(asked(&format!("/api/users/me/stats?{query}")).await.fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn an_organizer_sees_the_sums_of_all_events() {
    let world = World::new().await;
    let (_, held) = world.held(&world.bob).await;
    confirmed(&world, &held).await;
    let sums = async |who: &Person, query: &str| {
        world.service.get(&format!("/api/users/me/stats{query}")).by(who).send().await.ok(200)
    };
    let all = sums(&world.olga, "").await;
    assert_members(&all, "organizer_id as_of events sold held checked_in no_show_rate takings");
    assert_eq!(all["events"], json!({"published": 1, "completed": 0, "cancelled": 0}));
    assert_eq!((&all["sold"], &all["takings"][0]["revenue"]["amount_minor"]), (&json!(2), &json!(300_000)));
    let later = sums(&world.olga, "?from=2027-01-01T00:00:00Z").await;
    assert_eq!((&later["sold"], &later["takings"]), (&json!(0), &json!([])));
}
