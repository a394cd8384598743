//! Stores in files that cannot be opened: in use, foreign, damaged, not there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cli_support;

use cli_support::Place;

#[test]
fn a_second_process_on_the_same_store_is_refused() {
    let place = Place::new();
    let service = place.serve(&[]);
    let second = place.run(&["serve", "--listen", "127.0.0.1:0"]).ends_with(3);
    assert!(second.err().contains("another process has it open"), "{}", second.err());
    assert!(!second.out().contains("listening"));
    service.client().get("/healthz").is(200);
}

#[test]
fn files_that_are_no_store_are_refused_and_left_alone() {
    let place = Place::new();
    place.serve(&["--store", "redb:good.redb"]).stop();
    let mut damaged = std::fs::read(place.path("good.redb")).unwrap();
    damaged.truncate(200);
    for (name, contents, reason) in [
        ("foreign.redb", b"a shopping list, not a database".to_vec(), "not an Eventify store"),
        ("short.redb", damaged, "damaged"),
    ] {
        let file = place.file(name, &contents);
        let store = cli_support::url(&file);
        for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["check"], &["compact"]] {
            let refused = place.run(&[args, &["--store", &store]].concat()).ends_with(3);
            assert!(refused.err().contains(reason), "{name}: {}", refused.err());
        }
        assert_eq!(std::fs::read(&file).unwrap(), contents, "{name} is as it was");
    }
    let missing = place.run(&["serve", "--listen", "127.0.0.1:0", "--store", "redb:no/such/dir/x.redb"]);
    missing.ends_with(3);
    assert!(place.run(&["check", "--store", "redb:none.redb"]).ends_with(3).err().contains("no such file"));
    assert!(!place.path("none.redb").exists());
}
