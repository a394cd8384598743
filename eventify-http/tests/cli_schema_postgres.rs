//! The schema of a database: `eventify migrate`, and stores that are older or newer than the program.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cli_support;

use cli_support::Place;
use cli_support::backend::wait;
use eventify_store_postgres::migrations;
use eventify_store_postgres::testing::{Database, Server};

fn empty() -> Database {
    wait(Server::shared().empty_database())
}

#[test]
fn a_schema_goes_up_and_down_by_hand() {
    let place = Place::new();
    let database = empty();
    let run = |args: &[&str]| place.run(&[args, &["--store", database.url()]].concat());
    assert!(run(&["migrate", "status"]).ends_with(1).out().contains("pending"));
    let done = run(&["migrate", "up"]).ok().out();
    assert_eq!(done.lines().count(), migrations::ALL.len(), "{done}");
    assert!(done.lines().all(|line| line.starts_with("applied: ")), "{done}");
    assert!(run(&["migrate", "up"]).ok().out().contains("nothing to do"));
    assert!(!run(&["migrate", "status"]).ok().out().contains("pending"));
    run(&["demo"]).ok();
    let refused = run(&["migrate", "down", "0"]).ends_with(2).err();
    assert!(refused.contains("every record") && refused.contains("--yes"), "{refused}");
    run(&["check"]).ok();
    let done = run(&["migrate", "down", "0", "--yes"]).ok().out();
    assert_eq!(done.lines().filter(|line| line.starts_with("taken back: ")).count(), migrations::ALL.len());
    run(&["migrate", "up"]).ok();
    run(&["demo"]).ok();
    run(&["check"]).ok();
}

#[test]
fn the_script_is_what_the_program_does() {
    let place = Place::new();
    let database = empty();
    let script = place.run(&["migrate", "sql"]).ok().out();
    wait(database.execute(&script));
    place.run(&["migrate", "status", "--store", database.url()]).ok();
    let newest = migrations::newest().to_string();
    let back = place.run(&["migrate", "sql", "--from", &newest, "--to", "0"]).ok().out();
    wait(database.execute(&back));
    let status = place.run(&["migrate", "status", "--store", database.url()]).ends_with(1).out();
    assert!(status.lines().all(|line| line.ends_with("pending")), "{status}");
    assert!(place.run(&["migrate", "sql", "--from", &newest]).ok().out().is_empty());
}

#[test]
fn another_schema_is_refused_and_named() {
    let place = Place::new();
    let database = empty();
    let run = |args: &[&str]| place.run(&[args, &["--store", database.url()]].concat());
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    for args in [&serve[..], &["check"], &["demo"], &["admin", "rotate-keys"]] {
        let refused = run(args).ends_with(3).err();
        assert!(refused.contains("eventify migrate up") && refused.contains("--migrate"), "{refused}");
    }
    let served = place.serve(&["--migrate", "--store", database.url()]);
    served.client().get("/readyz").is(200);
    served.stop();
    wait(database.execute(
        "INSERT INTO eventify_migrations (number, name, checksum) VALUES (9999, '9999_future', '\\x00')",
    ));
    let refused = run(&serve).ends_with(3).err();
    assert!(refused.contains("newer version") && refused.contains("9999"), "{refused}");
    let refused = run(&[&serve[..], &["--migrate"]].concat()).ends_with(3).err();
    assert!(refused.contains("newer version"), "{refused}");
    assert!(run(&["migrate", "status"]).ends_with(1).out().contains("9999_future"));
    run(&["migrate", "down", "0", "--yes"]).ends_with(3);
}

#[test]
fn what_cannot_be_reached_is_said() {
    let place = Place::new();
    for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["check"], &["migrate", "status"]] {
        let gone = place.run(&[args, &["--store", "postgres://ada@127.0.0.1:1/x"]].concat()).ends_with(3);
        assert!(gone.err().contains("127.0.0.1:1"), "{}", gone.err());
    }
    let unknown = Server::shared().url("there_is_no_such_database");
    let refused = place.run(&["check", "--store", &unknown]).ends_with(3).err();
    assert!(refused.contains("there_is_no_such_database"), "{refused}");
}

/// Which transactions the service begins, as the database's log has it.
#[test]
fn the_operator_chooses_who_keeps_commits_apart() {
    let place = Place::new();
    let server = Server::start_with("log_statement = all");
    let database = wait(server.database());
    let log = server.dir().unwrap().join("log");
    let said = || std::fs::read_to_string(&log).unwrap();
    let begin = |level: &str| format!("BEGIN ISOLATION LEVEL {level} READ WRITE");
    let (locks, engine) = (begin("READ COMMITTED"), begin("SERIALIZABLE"));
    let body = |n: u8| {
        let email = format!("p{n}@example.org");
        serde_json::json!({"name": "P", "email": email, "password": "a long enough secret"})
    };
    let service = place.serve(&["--store", database.url(), "--store-isolation", "serializable"]);
    service.client().post("/api/auth/register", &body(1)).is(201);
    service.stop();
    assert!(said().contains(&engine) && !said().contains(&locks), "{}", said());
    let service = place.serve(&["--store", database.url()]);
    service.client().post("/api/auth/register", &body(2)).is(201);
    service.stop();
    assert!(said().contains(&locks), "{}", said());
    let refused = place.run(&["serve", "--store", database.url(), "--store-isolation", "none"]).ends_with(2);
    assert!(refused.err().contains("locks, serializable"), "{}", refused.err());
}
