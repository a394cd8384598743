//! One process after the other is replaced while people buy.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::buyer::{Buyer, Seen};
use crate::cli_support::{Place, Service};
use crate::stage::{Counter, Ending, Processes, Stage, check, people};

const BUYERS: usize = 12;
/// Tickets that are sold between two replacements.
const BETWEEN: usize = 100;

#[test]
fn a_rolling_restart_under_load_loses_nothing() {
    let place = Place::new();
    let mut services: Vec<Service> = (0..3).map(|_| place.serve(&["--log", "warn"])).collect();
    let processes = Processes::of(&services);
    let stage = Stage::set(&services[0].address, 1_000_000);
    let people = people(&processes, BUYERS);
    let (sold, is_over) = (Counter::default(), AtomicBool::new(false));
    let outcomes: Vec<(Vec<String>, Seen)> = std::thread::scope(|scope| {
        let ending = Ending(&is_over);
        let buying: Vec<_> = people
            .iter()
            .enumerate()
            .map(|(nth, person)| {
                let mut buyer = Buyer::new(&processes, &stage, person, nth);
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
        for (nth, service) in services.iter_mut().enumerate() {
            sold.wait_for(BETWEEN);
            let fresh = place.serve(&["--log", "warn"]);
            processes.replace(nth, &fresh);
            let (status, log) = std::mem::replace(service, fresh).stop();
            assert_eq!(status.code(), Some(0), "{log}");
        }
        sold.wait_for(BETWEEN);
        drop(ending);
        buying.into_iter().map(|buyer| buyer.join().unwrap()).collect()
    });
    let mut tickets: Vec<String> = outcomes.iter().flat_map(|(tickets, _)| tickets.clone()).collect();
    tickets.sort_unstable();
    let seen = outcomes.iter().fold(Seen::default(), |all, (_, seen)| all.and(seen));
    println!("{} tickets over three restarts, {seen:?}", tickets.len());
    assert!(tickets.len() >= 4 * BETWEEN);
    for service in &services {
        let counts = stage.counts(&service.address);
        assert_eq!((&counts["sold"], &counts["held"]), (&json!(tickets.len()), &json!(0)), "{counts}");
    }
    assert_eq!(stage.attendees(&services[0].address), tickets, "each ticket is one that a buyer was given");
    check(&place);
}
