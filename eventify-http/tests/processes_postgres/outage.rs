//! The database goes away and comes back while people buy.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventify_store_postgres::testing::Server;
use serde_json::json;

use crate::buyer::{Buyer, Seen};
use crate::cli_support::backend::wait;
use crate::cli_support::{Place, Service};
use crate::stage::{Counter, Ending, Processes, Stage, people};

const BUYERS: usize = 12;
/// Tickets that are sold between two outages.
const BETWEEN: usize = 50;
/// Answers that say "try again" before the database comes back.
const REFUSED: usize = 30;
/// How long any request may take, come what may.
const ANSWER_MAX: Duration = Duration::from_secs(20);

#[test]
fn a_database_that_goes_away_and_comes_back_costs_time_and_nothing_else() {
    let server = Server::start();
    let database = wait(server.database());
    let place = Place::new();
    let store = ["--store", database.url(), "--log", "error", "--acquire-timeout-ms", "1000"];
    let services: Vec<Service> = (0..2).map(|_| place.serve(&store)).collect();
    let processes = Processes::of(&services);
    let stage = Stage::set(&services[0].address, 1_000_000);
    let people = people(&processes, BUYERS);
    let (sold, later, is_over) = (Counter::default(), Counter::default(), AtomicBool::new(false));
    let outcomes: Vec<(Vec<String>, Seen)> = std::thread::scope(|scope| {
        let ending = Ending(&is_over);
        let buying: Vec<_> = people
            .iter()
            .enumerate()
            .map(|(nth, person)| {
                let mut buyer = Buyer::new(&processes, &stage, person, nth).counting(&later);
                let (sold, is_over) = (&sold, &is_over);
                scope.spawn(move || {
                    let mut tickets = Vec::new();
                    while !is_over.load(Ordering::Relaxed) {
                        tickets.push(buyer.buy().unwrap());
                        sold.add();
                    }
                    (tickets, buyer.seen)
                })
            })
            .collect();
        let ways: [(&str, &dyn Fn()); 2] = [("stopped", &|| server.stop()), ("killed", &|| server.kill())];
        for (how, goes_away) in ways {
            sold.wait_for(BETWEEN);
            goes_away();
            later.wait_for(REFUSED);
            for service in &services {
                service.client().get("/readyz").is(503);
                service.client().get("/healthz").is(200);
            }
            server.start_again();
            println!("{how}, and back");
        }
        sold.wait_for(BETWEEN);
        drop(ending);
        buying.into_iter().map(|buyer| buyer.join().unwrap()).collect()
    });
    let mut tickets: Vec<String> = outcomes.iter().flat_map(|(tickets, _)| tickets.clone()).collect();
    tickets.sort_unstable();
    let seen = outcomes.iter().fold(Seen::default(), |all, (_, seen)| all.and(seen));
    println!("{} tickets over two outages, {seen:?}", tickets.len());
    assert_eq!(seen.broken, 0, "every request is answered while the service lives");
    assert!(seen.slowest < ANSWER_MAX, "{seen:?}");
    for service in &services {
        let counts = stage.counts(&service.address);
        assert_eq!((&counts["sold"], &counts["held"]), (&json!(tickets.len()), &json!(0)), "{counts}");
    }
    assert_eq!(stage.attendees(&services[1].address), tickets, "each ticket is one that a buyer was given");
    place.run(&["check", "--store", database.url()]).ok();
    for service in services {
        let (status, log) = service.stop();
        assert_eq!(status.code(), Some(0), "{log}");
    }
}
