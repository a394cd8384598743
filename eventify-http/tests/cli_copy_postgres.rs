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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let database = runtime.block_on(Server::shared().database());
    let service = place.serve(&["--store", database.url(), "--demo"]);
    let mut client = service.client();
    // The copy comes to a stop at the last of all tables, and goes on when somebody has registered meanwhile.
    let mut held = runtime.block_on(database.hold("LOCK TABLE event_ratings IN ACCESS EXCLUSIVE MODE"));
    let refused = std::thread::scope(|scope| {
        let copy = scope.spawn(|| place.run(&["copy", "--from", database.url(), "--to", "redb:to.redb"]));
        runtime.block_on(held.until_blocked(1));
        let body =
            serde_json::json!({"name": "P", "email": "p@example.org", "password": "a long enough secret"});
        client.post("/api/auth/register", &body).is(201);
        runtime.block_on(held.release());
        copy.join().unwrap().ends_with(1)
    });
    assert!(refused.err().contains("written to meanwhile"), "{}", refused.err());
    assert!(place.run(&["check", "--store", "redb:to.redb"]).ends_with(1).out().contains("copy_unfinished"));
}
