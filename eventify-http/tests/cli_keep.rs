//! Keeping a store: backup, restore, compact, check – with and without the service running.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cli_support;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use cli_support::Place;
use serde_json::json;

const PASSWORD: &str = "a long enough secret";

fn register(client: &mut cli_support::http::Client, email: &str) {
    let body = json!({ "name": "Somebody", "email": email, "password": PASSWORD });
    client.post("/api/auth/register", &body).is(201);
}

#[test]
fn a_backup_of_a_running_service_opens_and_is_sound() {
    let place = Place::new();
    let service = place.serve(&["--demo"]);
    let is_done = AtomicBool::new(false);
    let registered = AtomicU32::new(0);
    let mut client = service.client();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                register(
                    &mut client,
                    &format!("p{}@example.org", registered.fetch_add(1, Ordering::Relaxed)),
                );
            }
        });
        for nth in 0..3 {
            place.run(&["backup", &format!("copy-{nth}.redb")]).ok();
        }
        is_done.store(true, Ordering::Relaxed);
    });
    for nth in 0..3 {
        place.run(&["check", "--store", &format!("redb:copy-{nth}.redb")]).ok();
    }
    let before = std::fs::read(place.path("copy-0.redb")).unwrap();
    let refused = place.run(&["backup", "copy-0.redb"]).ends_with(1);
    assert!(refused.err().contains("there is a file already"), "{}", refused.err());
    assert_eq!(std::fs::read(place.path("copy-0.redb")).unwrap(), before);
    let nowhere = place.run(&["backup", "no/such/dir/copy.redb"]).ends_with(1);
    assert!(nowhere.err().contains("no backup was made"), "{}", nowhere.err());
    service.stop();
    // Restored: the copy in the place of the file.
    std::fs::rename(place.path("copy-2.redb"), place.path("eventify.redb")).unwrap();
    let restored = place.serve(&[]);
    let events = restored.client().get("/api/events?limit=100").is(200).json();
    assert!(events["data"].as_array().unwrap().len() >= 12);
}

#[test]
fn a_stopped_store_is_backed_up_and_compacted() {
    let place = Place::new();
    place.run(&["demo"]).ok();
    place.run(&["backup", "copy.redb"]).ok();
    let said = place.run(&["compact"]).ok().out();
    assert!(said.starts_with("Compacted from "), "{said}");
    for store in ["redb:eventify.redb", "redb:copy.redb"] {
        let said = place.run(&["check", "--store", store]).ok().out();
        assert!(said.contains("Nothing was found"), "{said}");
    }
}

#[test]
fn a_running_service_is_checked_and_compacted() {
    let place = Place::new();
    let service = place.serve(&["--demo"]);
    place.run(&["check"]).ok();
    place.run(&["compact"]).ok();
    place.run(&["check"]).ok();
    service.client().get("/api/events").is(200);
    let (status, log) = service.stop();
    assert!(status.success(), "{log}");
}

#[test]
fn damage_is_found() {
    let place = Place::new();
    place.run(&["demo"]).ok();
    let sound = std::fs::read(place.path("eventify.redb")).unwrap();
    let mut found = 0;
    // The pages in the middle hold records; which are in use depends on the store.
    for part in 1..16 {
        let mut damaged = sound.clone();
        let from = sound.len() / 16 * part;
        for byte in &mut damaged[from..from + 4096] {
            *byte ^= 0x55;
        }
        let file = place.file("damaged.redb", &damaged);
        let done = place.run(&["check", "--store", &cli_support::url(&file)]);
        match done.code() {
            0 => {}
            1 => {
                found += 1;
                assert!(done.out().lines().any(|line| line.starts_with("file: ")), "{}", done.out());
            }
            3 => {
                found += 1;
                assert!(done.err().contains("damaged"), "{}", done.err());
            }
            code => panic!("{code}: {}", done.err()),
        }
        assert!(!done.err().contains("panicked at"), "{}", done.err());
    }
    assert!(found > 5, "{found}");
}

#[test]
fn a_counter_that_is_wrong_is_found() {
    use eventify_core::store::{
        ChangeSet, Expectation, Index, Kind, Record, Recorded, Scan, Store, Version, Write,
    };
    let place = Place::new();
    place.run(&["demo"]).ok();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = eventify_store_redb::RedbStore::open(place.path("eventify.redb")).unwrap();
        let scan = Scan::first(Index::All(Kind::TicketType), 1);
        let found = store.scan(&scan).await.unwrap().items.remove(0);
        let Some(Record::TicketType(before)) = &found.record else { panic!("{found:?}") };
        let mut after = (**before).clone();
        after.seats.sold += 1;
        let set = ChangeSet {
            stamp: Version::new(1),
            expectations: vec![Expectation { key: found.key.clone(), version: found.version }],
            writes: vec![Write {
                key: found.key.clone(),
                before: found.record.clone(),
                after: Some(eventify_core::ticket_type::TicketType::wrap(after.into())),
            }],
        };
        store.commit(&set).await.unwrap();
    });
    let found = place.run(&["check"]).ends_with(1);
    assert!(
        found.out().contains("(sold_counter)") && found.out().contains("(inventory_sum)"),
        "{}",
        found.out()
    );
    let service = place.serve(&[]);
    let asked = place.run(&["check"]).ends_with(1);
    assert!(asked.out().contains("(sold_counter)"), "{}", asked.out());
    service.stop();
}

#[test]
fn nothing_is_made_where_nothing_is() {
    let place = Place::new();
    for args in [&["check"][..], &["compact"], &["backup", "b"], &["admin", "rotate-keys"]] {
        place.run(args).ends_with(3);
    }
    assert!(!place.path("eventify.redb").exists() && !place.path("b").exists());
}
