//! Moving a store from a file to a database, to another database, and back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cli_support;

use cli_support::Place;
use cli_support::backend::wait;
use eventify_store_postgres::testing::Server;
use serde_json::Value;

fn events(place: &Place, store: &str) -> Vec<Value> {
    let service = place.serve(&["--store", store]);
    let found = service.client().get("/api/events?limit=100").is(200).json();
    service.stop();
    found["data"].as_array().unwrap().clone()
}

#[test]
fn a_store_goes_from_a_file_to_a_database_and_back() {
    let place = Place::new();
    let (first, second) = (place.store("first"), place.store("second"));
    let (there, back) = ("redb:there.redb", "redb:back.redb");
    let made = place.run(&["demo", "--store", there]).ok().out();
    let copy = |from: &str, to: &str| {
        let done = place.run(&["copy", "--from", from, "--to", to]).ok();
        place.run(&["check", "--store", to]).ok();
        done.value("copied", "records")
    };
    let records = copy(there, &first);
    assert_eq!(copy(&first, &second), records);
    assert_eq!(copy(&second, back), records);
    let shown = events(&place, there);
    for store in [&first, &second, back] {
        assert_eq!(events(&place, store), shown, "{store}");
        // The demo's password follows from the keys, and the passwords are as they were.
        let said = place.run(&["demo", "--store", store]).ok().out();
        let password = said.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
        assert!(made.contains(&password), "{said}");
    }
}

#[test]
fn a_database_that_is_not_empty_or_not_made_is_refused() {
    let place = Place::new();
    place.run(&["demo", "--store", "redb:from.redb"]).ok();
    let copy = |to: &str, more: &[&str]| {
        place.run(&[&["copy", "--from", "redb:from.redb", "--to", to], more].concat())
    };
    let used = place.store("used");
    place.run(&["admin", "rotate-keys", "--store", &used]).ok();
    assert!(copy(&used, &[]).ends_with(1).err().contains("is not empty"));
    let database = wait(Server::shared().empty_database());
    assert!(copy(database.url(), &[]).ends_with(3).err().contains("eventify migrate up"));
    copy(database.url(), &["--migrate"]).ok();
    place.run(&["check", "--store", database.url()]).ok();
}

#[test]
fn a_source_in_use_is_refused() {
    let place = Place::new();
    let from = place.store("from");
    let service = place.serve(&["--store", &from, "--demo"]);
    let mut client = service.client();
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let refused = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut nth = 0;
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                nth += 1;
                let email = format!("p{nth}@example.org");
                let body =
                    serde_json::json!({"name": "P", "email": email, "password": "a long enough secret"});
                client.post("/api/auth/register", &body).is(201);
            }
        });
        let done = place.run(&["copy", "--from", &from, "--to", "redb:to.redb"]);
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        done.ends_with(1)
    });
    assert!(refused.err().contains("written to meanwhile"), "{}", refused.err());
    assert!(place.run(&["check", "--store", "redb:to.redb"]).ends_with(1).out().contains("copy_unfinished"));
}
