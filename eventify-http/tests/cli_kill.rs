//! kill -9 of the real binary under load, again and again: nothing that was answered is lost, nothing happens twice.
//!
//! Every client knows what it was answered and what it asked for without an answer. After each kill the service starts
//! on the same file, answered requests are repeated with their idempotency keys and get the very same answers,
//! unanswered ones are asked again and happen once, and the counters are exactly the sum of it all.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, prints its seed, and measures how long a start takes"
)]

mod cli_support;
#[path = "cli_kill/customer.rs"]
mod customer;
#[path = "cli_kill/random.rs"]
mod random;

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use cli_support::backend::is_postgres;
use cli_support::http::Client;
use cli_support::{Place, Service};
use customer::{Customer, Stage};
use random::Random;
use serde_json::{Value, json};

const CUSTOMERS: u64 = 6;
const PASSWORD: &str = "a long enough secret";
/// From being started to listening.
const START_MAX: Duration = Duration::from_secs(2);

#[test]
fn nothing_answered_is_lost_when_the_service_is_killed_under_load() {
    let seed = std::env::var("KILL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_270_301);
    println!("seed {seed} (KILL_SEED repeats it)");
    let mut random = Random::new(seed);
    // Fewer where less of it lies in our own hands.
    let rounds: u32 = if is_postgres() { 3 } else { 8 };
    let place = Place::new();
    let (mut service, _) = start(&place);
    let stage = Stage::set(&service.client());
    let mut customers: Vec<Customer> =
        (0..CUSTOMERS).map(|nth| Customer::register(&service.client(), nth, random.next())).collect();
    let (mut slowest, mut answered, mut unanswered) = (Duration::ZERO, 0, 0);
    for round in 0..rounds {
        let until = 20 + usize::try_from(random.below(400)).unwrap();
        let enough = load_until_killed(service, &stage, &mut customers, until);
        let (next, took) = start(&place);
        service = next;
        slowest = slowest.max(took);
        for customer in &mut customers {
            unanswered += customer.ask_again(&service.client(), &stage);
            answered += customer.verify(&service.client(), &stage);
        }
        check_counters(&mut service.client(), &stage, &customers);
        place.run(&["check"]).ok();
        println!("round {round}: killed after {enough} answers; up again in {took:?}");
        assert!(took <= START_MAX, "it took {took:?} to start");
    }
    let (status, log) = service.stop();
    assert!(status.success(), "{log}");
    place.run(&["check"]).ok();
    println!(
        "{rounds} kills, {answered} answers verified, {unanswered} unanswered, slowest start {slowest:?}"
    );
    assert!(answered > 20 * u64::from(rounds) && unanswered > 0, "the load was no load");
}

fn start(place: &Place) -> (Service, Duration) {
    let began = Instant::now();
    let service = place.serve(&["--log", "warn"]);
    (service, began.elapsed())
}

/// Everybody at once, until so many answers have come; then SIGKILL, in the middle of whatever is going on.
fn load_until_killed(service: Service, stage: &Stage, customers: &mut [Customer], until: usize) -> usize {
    let client = service.client();
    std::thread::scope(|scope| {
        let (tell, told) = channel();
        for customer in customers {
            let (tell, client) = (tell.clone(), client.at(&service.address));
            scope.spawn(move || {
                while customer.act(&client, stage) {
                    // Nobody listens any more once enough have come.
                    let _ = tell.send(());
                }
            });
        }
        drop(tell);
        let enough = told.iter().take(until).count();
        // The customers notice, and stop.
        service.kill();
        enough + told.iter().count()
    })
}

/// What the service counts is what the customers have.
fn check_counters(client: &mut Client, stage: &Stage, customers: &[Customer]) {
    let path = format!("/api/events/{}/ticket-types", stage.event);
    let types = client.get(&path).is(200).json();
    for of in types["data"].as_array().unwrap() {
        let id = of["id"].as_str().unwrap();
        let sum = |status| -> u64 { customers.iter().map(|customer| customer.seats(id, status)).sum() };
        assert_eq!(of["sold"], json!(sum("confirmed")), "sold of {of}");
        assert_eq!(of["held"], json!(sum("held")), "held of {of}");
        assert!(
            of["sold"].as_u64().unwrap() + of["held"].as_u64().unwrap() <= of["quantity"].as_u64().unwrap()
        );
    }
}

impl Stage {
    /// An organizer and a published event: plenty of seats, few seats, and seats that are paid for.
    fn set(client: &Client) -> Self {
        let body = json!({ "name": "Org", "email": "org@example.org", "password": PASSWORD });
        let mut client = client.at(client.address());
        client.post("/api/auth/register", &body).is(201);
        let mut client = client.log_in("org@example.org", PASSWORD);
        let fresh = client.post("/api/users/me/become-organizer", &json!({})).is(200).text("/access_token");
        let mut client = client.with_token(&fresh);
        let event = json!({ "title": "Load", "starts_at": "2099-01-01T10:00:00Z", "ends_at": "2099-01-01T12:00:00Z" });
        let event = client.post("/api/events", &event).is(201).text("/id");
        let kind = |name: &str, quantity: u32, price: i64| -> Value {
            json!({ "name": name, "quantity": quantity, "price": { "amount_minor": price, "currency": "KZT" } })
        };
        let path = format!("/api/events/{event}/ticket-types");
        let kinds = [kind("plenty", 1_000_000, 0), kind("few", 40, 0), kind("paid", 1_000_000, 150_000)];
        let types = kinds.map(|kind| client.post(&path, &kind).is(201).text("/id"));
        client.post(&format!("/api/events/{event}/publish"), &json!({})).is(200);
        Self { event, types, organizer: client }
    }
}
