//! Moving a store between files; and asking a service how it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cli_support;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use cli_support::Place;

#[test]
fn a_file_is_copied_to_another_file() {
    let place = Place::new();
    place.run(&["demo"]).ok();
    let done = place.run(&["copy", "--from", "redb:eventify.redb", "--to", "redb:other.redb"]).ok();
    let records: u64 = done.value("copied", "records").parse().unwrap();
    assert!(records > 500 && done.out().contains("tickets"), "{}", done.out());
    for said in ["copying ", "comparing ", "checking "] {
        assert!(done.err().lines().any(|line| line.starts_with(said)), "{}", done.err());
    }
    place.run(&["check", "--store", "redb:other.redb"]).ok();
    // The demo's password follows from the store's keys: they are the same.
    let of = |store: &str| place.run(&["demo", "--store", store]).ok().out();
    assert_eq!(of("redb:eventify.redb"), of("redb:other.redb"));
    let again = place.run(&["copy", "--from", "redb:eventify.redb", "--to", "redb:other.redb"]).ends_with(1);
    assert!(again.err().contains("is not empty"), "{}", again.err());
}

#[test]
fn what_cannot_be_copied_is_said() {
    let place = Place::new();
    let refused = |from: &str, to: &str, code: i32, why: &str| {
        let done = place.run(&["copy", "--from", from, "--to", to]).ends_with(code);
        assert!(done.err().contains(why), "{}", done.err());
    };
    refused("redb:none.redb", "redb:to.redb", 3, "no such file");
    assert!(!place.path("to.redb").exists());
    let service = place.serve(&[]);
    refused("redb:eventify.redb", "redb:to.redb", 3, "copy a backup of it");
    service.stop();
    refused("redb:eventify.redb", "redb:eventify.redb", 3, "another process has it open");
    refused("redb:eventify.redb", "redb:no/such/dir/to.redb", 3, "no/such/dir");
}

/// Starts a copy and kills it once it has begun; whether it was caught half way.
fn interrupt(place: &Place, from: &str, to: &str) -> bool {
    let mut command = place.command(&["copy", "--from", from, "--to", to]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.starts_with("copying ")), "it begins");
    child.kill().unwrap();
    child.wait().unwrap();
    let checked = place.run(&["check", "--store", to]);
    let is_half = checked.out().contains("copy_unfinished");
    assert_eq!(checked.code(), i32::from(is_half), "{}", checked.out());
    is_half
}

#[test]
fn an_interrupted_copy_is_never_taken_for_a_whole_one() {
    let place = Place::new();
    let from = "redb:eventify.redb";
    place.run(&["demo"]).ok();
    // It might have been done before it was killed.
    let half = (0..10).map(|nth| format!("redb:{nth}.redb")).find(|to| interrupt(&place, from, to));
    let to = half.expect("one of ten is caught");
    let served = place.run(&["serve", "--listen", "127.0.0.1:0", "--store", &to]).ends_with(1);
    assert!(served.err().contains("not whole"), "{}", served.err());
    place.run(&["demo", "--store", &to]).ends_with(1);
    let again = place.run(&["copy", "--from", from, "--to", &to]).ends_with(1);
    assert!(again.err().contains("remove the file"), "{}", again.err());
    std::fs::remove_file(place.path(to.strip_prefix("redb:").unwrap())).unwrap();
    place.run(&["copy", "--from", from, "--to", &to]).ok();
}

#[test]
fn a_service_says_how_it_is() {
    let place = Place::new();
    let service = place.serve(&[]);
    place.run(&["health", "--listen", &service.address]).ok();
    place.run(&["health", "--listen", &service.address, "--live"]).ok();
    let port = service.address.rsplit(':').next().unwrap().to_owned();
    let mut by_port = place.command(&["health"]);
    assert!(by_port.env("PORT", &port).env("EVENTIFY_LISTEN", "0.0.0.0:1").status().unwrap().success());
    let address = service.address.clone();
    service.stop();
    let gone = place.run(&["health", "--listen", &address]).ends_with(1);
    assert!(gone.err().contains(&address), "{}", gone.err());
}
