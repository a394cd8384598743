//! Many buyers at once, and clients on real connections.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use eventify_core::{Actor, Role, UserId};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::support::Service;
use crate::support::world::World;

async fn crowded() -> (World, String) {
    let world = World::new().await;
    let hundred = world.ticket_type(&json!({"name": "Hundred", "quantity": 100})).await;
    (world, hundred)
}

fn user(nth: u16) -> UserId {
    format!("01920000-0000-7000-8000-00000000{nth:04x}").parse().unwrap()
}

/// Exactly 100 buy; everybody else is told that nothing is left.
async fn check_outcome(world: &World, of: &str, outcomes: BTreeMap<String, u32>) {
    let sold_out = outcomes.get("409 sold_out").copied().unwrap_or(0);
    let not_enough = outcomes.get("409 not_enough_left").copied().unwrap_or(0);
    assert_eq!((outcomes["201 "], sold_out + not_enough), (100, 400), "{outcomes:?}");
    let path = world.path(&format!("/ticket-types/{of}"));
    let left = world.service.get(&path).send().await.ok(200);
    assert_eq!((&left["sold"], &left["held"], &left["available"]), (&json!(100), &json!(0), &json!(0)));
    let mut codes = std::collections::BTreeSet::new();
    let mut next = String::new();
    loop {
        let path = world.path(&format!("/attendees?limit=100&cursor={next}"));
        let page = world.service.get(&path).by(&world.olga).send().await.ok(200);
        codes.extend(page["data"].as_array().unwrap().iter().map(|a| a["short_code"].to_string()));
        match page["next_cursor"].as_str() {
            Some(cursor) => next = cursor.to_owned(),
            None => break,
        }
    }
    assert_eq!(codes.len(), 100, "one ticket per seat");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_buyers_of_a_hundred_seats() {
    let (world, hundred) = crowded().await;
    let line = json!({"ticket_type_id": hundred, "quantity": 1});
    let buyers = (0..500).map(|nth| {
        let actor = Actor::user(user(nth), Role::Attendee);
        tokio::spawn(world.service.post(&world.path("/tickets")).json(&line).extension(actor).send())
    });
    let mut outcomes = BTreeMap::new();
    for buyer in buyers.collect::<Vec<_>>() {
        let reply = buyer.await.unwrap();
        let reason = reply.json()["reason"].as_str().unwrap_or_default().to_owned();
        *outcomes.entry(format!("{} {reason}", reply.status.as_u16())).or_default() += 1;
    }
    check_outcome(&world, &hundred, outcomes).await;
}

/// The router behind a port of its own, with a host's login that believes a header.
async fn listen(service: &Service) -> SocketAddr {
    async fn host_login(mut request: Request, next: Next) -> axum::response::Response {
        let shown = request.headers().get("x-test-user").and_then(|value| value.to_str().ok());
        if let Some(id) = shown.and_then(|text| text.parse().ok()) {
            request.extensions_mut().insert(Actor::user(id, Role::Attendee));
        }
        next.run(request).await
    }
    let app = service.router.clone().layer(from_fn(host_login));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
    });
    address
}

/// Sends bytes, whatever becomes of them, and reads the whole answer.
async fn exchange(address: SocketAddr, request: &[u8]) -> (u16, String) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut reads, mut writes) = stream.into_split();
    let request = request.to_vec();
    let writing = tokio::spawn(async move {
        let _ = writes.write_all(&request).await;
        writes
    });
    let mut answer = Vec::new();
    reads.read_to_end(&mut answer).await.unwrap();
    drop(writing.await.unwrap());
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

fn post(path: &str, more: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n{more}\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_over_real_connections() {
    let (world, hundred) = crowded().await;
    let address = listen(&world.service).await;
    let body = json!({"ticket_type_id": hundred, "quantity": 1}).to_string();
    // Fewer connections than buyers, so that no limit of open files is met.
    let connections = Arc::new(Semaphore::new(200));
    let path = world.path("/tickets");
    let buyers = (0..500).map(|nth| {
        let request = post(&path, &format!("x-test-user: {}\r\n", user(nth)), &body);
        let connections = connections.clone();
        tokio::spawn(async move {
            let _one = connections.acquire_owned().await.unwrap();
            exchange(address, request.as_bytes()).await
        })
    });
    let mut outcomes = BTreeMap::new();
    for buyer in buyers.collect::<Vec<_>>() {
        let (status, body) = buyer.await.unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        let reason = body["reason"].as_str().unwrap_or_default().to_owned();
        *outcomes.entry(format!("{status} {reason}")).or_default() += 1;
    }
    check_outcome(&world, &hundred, outcomes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_sends_far_too_much_sees_why_it_is_refused() {
    let service = Service::new().await;
    let address = listen(&service).await;
    let huge = "x".repeat(10 * 1024 * 1024);
    let (status, body) = exchange(address, post("/api/auth/register", "", &huge).as_bytes()).await;
    assert_eq!(status, 413);
    assert!(body.contains("\"payload_too_large\""), "{body}");
    // In pieces, without saying how much there will be.
    let mut pieces = b"POST /api/auth/register HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
        content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        .to_vec();
    for _ in 0..160 {
        pieces.extend_from_slice(b"10000\r\n");
        pieces.resize(pieces.len() + 0x1_0000, b'x');
        pieces.extend_from_slice(b"\r\n");
    }
    pieces.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(exchange(address, &pieces).await.0, 413);
    // A client that asks first is told at once.
    let asks = "POST /api/auth/register HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
        content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 10485760\r\n\r\n";
    assert_eq!(exchange(address, asks.as_bytes()).await.0, 413);
    service.get("/healthz").send().await.ok(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_connections_address_is_where_it_came_from() {
    let service = Service::new().await;
    let address = listen(&service).await;
    let account = json!({"name": "Ada", "email": "ada@example.org", "password": "a long secret"}).to_string();
    let forged = "x-forwarded-for: 203.0.113.9\r\n";
    let (status, _) = exchange(address, post("/api/auth/register", forged, &account).as_bytes()).await;
    assert_eq!(status, 201);
    let trail = service.eventify.audit().all(&Actor::system(), &eventify_core::PageRequest::first(1)).await;
    assert_eq!(trail.unwrap().data[0].origin.as_deref(), Some("127.0.0.1"));
}
