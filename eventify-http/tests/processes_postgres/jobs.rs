//! What a process was doing when it was killed, another one does: to its end, and once.

use std::time::Duration;

use eventify_store_postgres::testing::Server;
use serde_json::{Value, json};

use crate::buyer::Buyer;
use crate::cli_support::http::Client;
use crate::cli_support::{PATIENCE, Place};
use crate::stage::{Processes, Stage, people};

const BUYERS: usize = 8;
const TICKETS_OF_EACH: usize = 3;

/// What this person was told about a cancelled event.
fn told_of_the_end(person: &Client, address: &str) -> usize {
    let history = person.at(address).get("/api/notifications?limit=100").is(200).json();
    let told = history["data"].as_array().unwrap().iter();
    told.filter(|told| told["kind"] == "event.cancelled").count()
}

fn tickets(person: &Client, address: &str) -> Vec<Value> {
    let found = person.at(address).get("/api/tickets?limit=100").is(200).json();
    found["data"].as_array().unwrap().clone()
}

#[test]
fn the_job_of_a_process_that_was_killed_is_done_by_another_one_once() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let database = runtime.block_on(Server::shared().database());
    let place = Place::new();
    let store = ["--store", database.url(), "--log", "warn"];
    let doomed = place.serve(&store);
    let processes = Processes::of(std::slice::from_ref(&doomed));
    let stage = Stage::set(&doomed.address, 1_000);
    let people = people(&processes, BUYERS);
    for (nth, person) in people.iter().enumerate() {
        let mut buyer = Buyer::new(&processes, &stage, person, nth);
        (0..TICKETS_OF_EACH).for_each(|_| drop(buyer.buy().unwrap()));
    }

    // The event is cancelled at once; its tickets are voided by a job, which gets as far as their table.
    let mut held = runtime.block_on(database.hold("LOCK TABLE tickets IN SHARE MODE"));
    stage.cancel(&doomed.address);
    runtime.block_on(held.until_blocked(1));
    doomed.kill();
    let heir = place.serve(&store);
    runtime.block_on(held.release());

    let address = &heir.address;
    let mut waited = Duration::ZERO;
    let step = Duration::from_millis(50);
    let is_void = |ticket: &Value| ticket["status"] == "cancelled";
    while !people.iter().all(|p| told_of_the_end(p, address) > 0 && tickets(p, address).iter().all(is_void)) {
        assert!(waited < PATIENCE, "nobody took the job over");
        std::thread::sleep(step);
        waited += step;
    }
    place.run(&["check", "--store", database.url()]).ok();
    for person in &people {
        assert_eq!(tickets(person, address).len(), TICKETS_OF_EACH);
        assert_eq!(told_of_the_end(person, address), 1, "each is told once");
    }
    let counts = stage.counts(address);
    assert_eq!((&counts["sold"], &counts["held"]), (&json!(0), &json!(0)), "{counts}");
    let (status, log) = heir.stop();
    assert_eq!(status.code(), Some(0), "{log}");
}
