//! Five hundred buyers for a hundred seats at three processes, one of which is killed.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;

use serde_json::json;

use crate::buyer::{Buyer, Seen};
use crate::cli_support::{Place, Service};
use crate::stage::{Processes, Stage, check, people};

const BUYERS: usize = 500;
const PEOPLE: usize = 100;
const SEATS: usize = 100;
/// Answers after which a process is killed: in the thick of it.
const KILL_AFTER: usize = 40;

#[test]
fn five_hundred_buyers_get_a_hundred_seats_though_a_process_is_killed() {
    let place = Place::new();
    let mut services: Vec<Service> = (0..3).map(|_| place.serve(&["--log", "warn"])).collect();
    let processes = Processes::of(&services);
    let stage = Stage::set(&services[0].address, u32::try_from(SEATS).unwrap());
    let people = people(&processes, PEOPLE);
    let (processes, stage) = (&processes, &stage);
    let outcomes: Vec<(Result<String, String>, Seen)> = std::thread::scope(|scope| {
        let (tell, told) = channel();
        let buying: Vec<_> = (0..BUYERS)
            .map(|nth| {
                let mut buyer = Buyer::new(processes, stage, &people[nth % PEOPLE], nth);
                let tell = tell.clone();
                scope.spawn(move || {
                    let got = if nth % 2 == 0 { buyer.buy() } else { buyer.hold_and_confirm() };
                    let _ = tell.send(());
                    (got, buyer.seen)
                })
            })
            .collect();
        drop(tell);
        assert_eq!(told.iter().take(KILL_AFTER).count(), KILL_AFTER);
        services.remove(0).kill();
        buying.into_iter().map(|buyer| buyer.join().unwrap()).collect()
    });
    let mut tickets: Vec<String> = outcomes.iter().filter_map(|(got, _)| got.clone().ok()).collect();
    tickets.sort_unstable();
    let mut refusals: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in outcomes.iter().filter_map(|(got, _)| got.as_ref().err()) {
        *refusals.entry(reason).or_default() += 1;
    }
    let seen = outcomes.iter().fold(Seen::default(), |all, (_, seen)| all.and(seen));
    println!("{} tickets, refused: {refusals:?}, {seen:?}", tickets.len());
    assert_eq!(tickets.len(), SEATS);
    assert!(refusals.keys().all(|reason| ["sold_out", "not_enough_left"].contains(reason)), "{refusals:?}");
    assert!(seen.broken > 0, "nobody noticed that a process was killed");
    for service in &services {
        let counts = stage.counts(&service.address);
        assert_eq!((&counts["sold"], &counts["held"]), (&json!(SEATS), &json!(0)), "{counts}");
        assert_eq!(stage.attendees(&service.address), tickets, "each ticket is one that a buyer was given");
    }
    check(&place);
}
