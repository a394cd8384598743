//! `eventify serve --payments`: ways to pay of the operator's choice, and a paid ticket of the demo's.

use crate::cli_support::Place;
use crate::cli_support::http::Client;
use serde_json::{Value, json};

fn password(said: &str) -> String {
    let line = said.lines().find_map(|line| line.strip_prefix("Log in with the password ")).unwrap();
    line.split([',', ':']).next().unwrap().to_owned()
}

fn ways(client: &mut Client) -> Vec<Value> {
    let listed = client.get("/api/payments/methods").is(200).json();
    listed["data"].as_array().unwrap().iter().map(|way| way["name"].clone()).collect()
}

#[test]
fn the_demo_sells_a_paid_ticket_before_and_after_a_restart() {
    let place = Place::new();
    let first = place.serve(&["--demo"]);
    let password = password(&first.said);
    let mut client = first.client().log_in("attendee@demo.example", &password);
    assert_eq!(ways(&mut client), ["test"]);
    let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
    let event = id(&client.get("/api/events?q=fado").is(200).json()["data"][0]);
    let kind = id(&client.get(&format!("/api/events/{event}/ticket-types")).is(200).json()["data"][0]);
    let line = json!({"ticket_type_id": kind, "quantity": 2});
    let held = client.post(&format!("/api/events/{event}/tickets"), &line).is(201).json();
    let booking = id(&held["booking"]);
    let payment = client.post("/api/payments", &json!({"booking_id": booking})).is(201).json();
    let page = payment["redirect_url"].as_str().unwrap();
    let page = page.strip_prefix(&format!("http://{}", first.address)).unwrap().to_owned();
    assert_eq!(first.stop().0.code(), Some(0));

    // The page is the same one after a restart: its key follows from the store's.
    let second = place.serve(&["--payments", "offline,test", "--sandbox"]);
    let mut client = second.client();
    assert_eq!(ways(&mut client), ["offline", "test"]);
    client.get(&page).is(200);
    client.form(&page, "choice=pay").is(303);
    let mut client = client.log_in("attendee@demo.example", &password);
    let booking = client.get(&format!("/api/bookings/{booking}")).is(200).json();
    assert_eq!(booking["status"], "confirmed", "{booking}");
    assert_eq!(booking["tickets"].as_array().map(Vec::len), Some(2));
    second.stop();
    place.run(&["check"]).ok();
}

#[test]
fn a_way_to_pay_that_was_taken_away_is_missed_at_the_start() {
    let place = Place::new();
    let first = place.serve(&["--demo"]);
    let mut client = first.client().log_in("attendee@demo.example", &password(&first.said));
    let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
    let event = id(&client.get("/api/events?q=fado").is(200).json()["data"][0]);
    let kind = id(&client.get(&format!("/api/events/{event}/ticket-types")).is(200).json()["data"][0]);
    let line = json!({"ticket_type_id": kind, "quantity": 1});
    let held = client.post(&format!("/api/events/{event}/tickets"), &line).is(201).json();
    client.post("/api/payments", &json!({"booking_id": id(&held["booking"])})).is(201);
    let (_, log) = first.stop();
    assert!(!log.contains("not attached"), "{log}");
    let (_, log) = place.serve(&["--payments", "offline"]).stop();
    let warned = log.lines().find(|line| line.contains("payments wait for a provider that is not attached"));
    assert!(warned.is_some_and(|line| line.contains("test")), "{log}");
}

#[test]
fn the_page_without_money_is_for_a_sandbox_only() {
    let place = Place::new();
    for ways in ["test", "offline,test"] {
        let refused = place.run(&["serve", "--payments", ways]).ends_with(2);
        assert!(refused.err().contains("--sandbox"), "{}", refused.err());
    }
}

/// Whoever finds both would have for nothing what others pay for.
#[test]
fn the_page_without_money_stands_beside_nothing_that_takes_money() {
    let place = Place::new();
    let file = |name: &str, text: &str| place.file(name, text).to_str().unwrap().to_owned();
    let (live, trial) = (file("live", "sk_live_1"), file("trial", "sk_test_1"));
    let (hook, secret) = (file("hook", "whsec_one"), file("secret", "of-freedompay"));
    let args = [
        ["serve", "--sandbox"],
        ["--public-url", "https://tickets.example"],
        ["--stripe-webhook-secret-file", &hook],
        ["--freedompay-merchant", "123"],
        ["--freedompay-secret-file", &secret],
    ];
    let with = |ways: &'static str, key| {
        [args.concat(), vec!["--payments", ways, "--stripe-key-file", key]].concat()
    };
    for (ways, key, said) in [
        ("test,stripe", &live, "Stripe with a live key"),
        ("test,freedompay", &trial, "--freedompay-testing"),
    ] {
        let refused = place.run(&with(ways, key)).ends_with(2);
        assert!(refused.err().contains(said), "{}", refused.err());
    }
    let trials = [with("test,stripe,freedompay", &trial), vec!["--freedompay-testing"]].concat();
    // What serves needs no word for it.
    let service = place.serve(&trials[1..]);
    assert_eq!(ways(&mut service.client()), ["test", "stripe", "freedompay"]);
    service.stop();
}

#[test]
fn keys_come_from_files_and_the_environment_and_are_not_shown() {
    let place = Place::new();
    let key = place.file("key", "rk_test_secret\n");
    let hook = place.file("hook", "whsec_one\nwhsec_two\n");
    let secret = place.file("secret", "of-freedompay\n");
    let args = [
        "--payments",
        "stripe,freedompay",
        "--public-url",
        "https://tickets.example/",
        "--stripe-key-file",
        key.to_str().unwrap(),
        "--stripe-webhook-secret-file",
        hook.to_str().unwrap(),
        "--freedompay-merchant",
        "123",
        "--freedompay-secret-file",
        secret.to_str().unwrap(),
    ];
    let service = place.serve(&args);
    let mut client = service.client();
    assert_eq!(ways(&mut client), ["stripe", "freedompay"]);
    client.get("/pay/test").is(404);
    let said = service.said.clone();
    let (_, log) = service.stop();
    for secret in ["rk_test_secret", "whsec_one", "of-freedompay"] {
        assert!(!said.contains(secret) && !log.contains(secret));
    }
    let mut wrong = vec!["serve"];
    wrong.extend(args.map(|arg| if arg.starts_with("https") { "http://tickets.example" } else { arg }));
    let refused = place.run(&wrong).ends_with(2);
    assert!(refused.err().contains("https://"), "{}", refused.err());
}
