//! Exports: whole or broken off, safe to open in a spreadsheet, and only for those who may.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use eventify_core::booking::HoldTickets;
use eventify_core::store::{
    ChangeSet, Commit, Index, Key, MemoryStore, Page, Scan, Store, StoreError, StoreErrorKind, Versioned,
};
use eventify_core::{Actor, Role};
use eventify_http::Config;
use http_body_util::BodyExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::support::world::World;
use crate::support::{Service, assert_members};

#[tokio::test]
async fn attendees_come_as_json_that_says_when_it_is_whole() {
    let world = World::new().await;
    let ticket = world.ticket(&world.bob).await;
    let reply = world.service.get(&world.path("/attendees/export")).by(&world.olga).send().await;
    let all = reply.ok(200);
    assert_members(&all, "event_id exported_at data complete");
    assert_eq!((&all["complete"], &all["event_id"]), (&json!(true), &json!(world.event)));
    assert_eq!(all["data"].as_array().unwrap().len(), 1);
    let row = &all["data"][0];
    assert_members(
        row,
        "ticket_id booking_id ticket_type_id ticket_type seat status purchased_at used_at user_id name email",
    );
    assert_eq!(
        (&row["ticket_id"], &row["name"], &row["email"]),
        (&ticket["id"], &json!("Bob"), &json!(world.bob.email))
    );
    assert!(!reply.text().contains(ticket["short_code"].as_str().unwrap()), "no code lets anybody in");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let name = format!("attachment; filename=\"attendees-{}.json\"", world.event);
    assert_eq!(reply.header("content-disposition"), Some(name.as_str()));
}

#[tokio::test]
async fn attendees_come_as_csv_in_which_no_name_is_a_formula() {
    let world = World::new().await;
    let formula = world.service.person("=2+5,\"x\"").await;
    let ticket = world.ticket(&formula).await;
    let reply = world.service.get(&world.path("/attendees/export?format=csv")).by(&world.olga).send().await;
    assert_eq!(reply.status, 200);
    let text = reply.text();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    let header = "ticket_id,booking_id,ticket_type_id,ticket_type,seat_section,seat_row,seat_number,status,purchased_at,\
                  used_at,user_id,name,email";
    let value = |name: &str| ticket[name].as_str().unwrap();
    let row = format!(
        "{},{},{},Free,,,,active,{},,{},\"'=2+5,\"\"x\"\"\",\"'=2+5,\"\"x\"\"@example.org\"",
        value("id"),
        value("booking_id"),
        world.free,
        value("purchased_at"),
        formula.id
    );
    assert_eq!(lines, [header, row.as_str()]);
    assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let name = format!("attachment; filename=\"attendees-{}.csv\"", world.event);
    assert_eq!(reply.header("content-disposition"), Some(name.as_str()));
}

#[tokio::test]
async fn bookings_come_with_a_row_per_line() {
    let world = World::new().await;
    let (paid, held) = world.held(&world.bob).await;
    world.service.clock.advance(Duration::from_secs(1));
    let lines =
        json!([{"ticket_type_id": world.free, "quantity": 1}, {"ticket_type_id": paid, "quantity": 2}]);
    let both = json!({"event_id": world.event, "lines": lines});
    let both = world.service.post("/api/bookings").by(&world.bob).json(&both).send().await.ok(201);
    let path = format!("/api/bookings/{}", both["id"].as_str().unwrap());
    world.service.post(&format!("{path}/confirm")).by(&world.olga).send().await.ok(200);
    world.service.delete(&path).by(&world.bob).send().await.ok(204);

    let all = world.service.get(&world.path("/bookings/export")).by(&world.olga).send().await.ok(200);
    let [first, second] = &all["data"].as_array().unwrap()[..] else { panic!("{all}") };
    assert_members(
        first,
        "booking_id status status_at created_at lines total refund promo_code_id from_waitlist user_id name email",
    );
    assert_eq!((&first["booking_id"], &first["status"]), (&held["id"], &json!("held")));
    assert_eq!((&second["booking_id"], &second["status"]), (&both["id"], &json!("cancelled")));
    assert_members(
        &second["lines"][1],
        "ticket_type_id ticket_type quantity unit_price unit_discount amount refund seats",
    );
    let due = json!({"amount_minor": 300_000, "currency": "KZT"});
    assert_eq!((&second["lines"][1]["amount"], &second["lines"][1]["refund"]), (&due, &due));
    assert_eq!((&second["refund"], &first["refund"]), (&due, &json!(null)));

    let reply = world.service.get(&world.path("/bookings/export?format=csv")).by(&world.olga).send().await;
    let text = reply.text();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let place = |name: &str| rows[0].iter().position(|column| *column == name).unwrap();
    let columns = [
        "booking_id",
        "quantity",
        "currency",
        "unit_price_minor",
        "unit_discount_minor",
        "amount_minor",
        "refund_minor",
    ];
    let cells = |row: &[&str]| columns.map(|column| row[place(column)].to_owned()).join(" ");
    let (held, both) = (held["id"].as_str().unwrap(), both["id"].as_str().unwrap());
    let expected = [
        format!("{held} 2 KZT 150000 0 300000 "),
        format!("{both} 1 XXX 0 0 0 0"),
        format!("{both} 2 KZT 150000 0 300000 300000"),
    ];
    assert_eq!(rows[1..].iter().map(|row| cells(row)).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn lists_of_people_are_for_those_who_manage_the_event() {
    let world = World::new().await;
    let service = &world.service;
    world.ticket(&world.bob).await;
    let mia = service.person("Mia").await;
    let sam = service.person("Sam").await;
    for (person, right) in [(&mia, "manager"), (&sam, "scanner")] {
        let grant = json!({"user_id": person.id, "right": right});
        service.post(&world.path("/staff")).by(&world.olga).json(&grant).send().await.ok(201);
    }
    let device = json!({"name": "North gate"});
    let device = service.post(&world.path("/devices")).by(&world.olga).json(&device).send().await.ok(201);
    let rival = service.organizer("Rita").await;
    for path in ["/attendees/export", "/bookings/export", "/attendees/export?format=csv"] {
        let path = world.path(path);
        for person in [&world.bob, &sam, &rival] {
            service.get(&path).by(person).send().await.refused(403, "not_event_owner");
        }
        let at_the_door = service.get(&path).token(device["key"].as_str().unwrap()).send().await;
        at_the_door.refused(403, "not_event_owner");
        service.get(&path).send().await.refused(401, "not_authenticated");
    }
    let seen = service.get(&world.path("/attendees/export")).by(&mia).send().await.ok(200);
    assert_eq!((&seen["data"][0]["name"], &seen["data"][0]["email"]), (&json!("Bob"), &json!(null)));
    let wrong = service.get(&world.path("/attendees/export?format=xml")).by(&world.olga).send().await;
    assert_eq!(wrong.fields(), ["format"]);
    let trail =
        service.get(&format!("/api/audit?event_id={}", world.event)).by(&world.olga).send().await.ok(200);
    let exported = trail["data"].as_array().unwrap().iter().filter(|e| e["action"] == "attendees.exported");
    assert_eq!(exported.count(), 1, "refusals export nothing");
}

/// Memory that does not go on with a list.
#[derive(Debug)]
struct Breaking(MemoryStore);

#[async_trait]
impl Store for Breaking {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.0.load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        match scan.index {
            Index::TicketsOfEvent(_) if scan.after.is_some() => {
                Err(StoreError::new(StoreErrorKind::Unavailable, "scan", "it is gone"))
            }
            _ => self.0.scan(scan).await,
        }
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        self.0.commit(set).await
    }
}

#[tokio::test]
async fn what_fails_half_way_does_not_end_as_if_it_were_whole() {
    let store = Arc::new(Breaking(MemoryStore::new()));
    let world = World::of(Service::over(store, Config::default(), |builder| builder).await).await;
    let many = world.ticket_type(&json!({"name": "Many", "quantity": 300})).await.parse().unwrap();
    let event = world.event.parse().unwrap();
    let buyer = Actor::user("01920000-0000-7000-8000-000000000000".parse().unwrap(), Role::Attendee);
    for _ in 0..6 {
        let line = eventify_core::booking::LineRequest { ticket_type_id: many, quantity: 50 };
        let request = HoldTickets::new(event, vec![line]);
        world.service.eventify.bookings().buy(&buyer, request).await.unwrap();
    }
    for format in ["json", "csv"] {
        let path = world.path(&format!("/attendees/export?format={format}"));
        let authorization = format!("Bearer {}", world.olga.token);
        let request = Request::get(&path).header("authorization", authorization).body(Body::empty()).unwrap();
        let mut body = world.service.router.clone().oneshot(request).await.unwrap().into_body();
        let mut text = Vec::new();
        let end = loop {
            match body.frame().await {
                Some(Ok(frame)) => text.extend_from_slice(&frame.into_data().unwrap()),
                end => break end,
            }
        };
        assert!(end.is_some_and(|frame| frame.is_err()), "{format} ends by failing");
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.matches(",active,").count() + text.matches("\"active\"").count(), 200, "{format}");
        assert!(!text.contains("complete"), "{format}");
        on_the_wire(&world, &path).await;
    }
}

/// A client that knows nothing of the list sees that it broke off, too.
async fn on_the_wire(world: &World, path: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = world.service.router.clone();
    let serving = tokio::spawn(async move {
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
    });
    let token = &world.olga.token;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // However the connection ends: what counts is what came before.
    let _ = socket.read_to_end(&mut answer).await;
    assert!(!answer.ends_with(b"\r\n0\r\n\r\n"), "the last chunk would say that it is whole");
    assert!(!answer.windows(8).any(|part| part == b"complete"));
    serving.abort();
}
