//! The demo season: believable, complete, made once.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use crate::cli_support::Place;
use crate::cli_support::http::Client;
use serde_json::{Value, json};

/// Every entry of a list.
fn all(client: &mut Client, path: &str) -> Vec<Value> {
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{path}{separator}limit=100{cursor}")).is(200).json();
        found.extend(page["data"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

fn distinct(events: &[Value], field: &str) -> BTreeSet<String> {
    events.iter().map(|event| event[field].as_str().unwrap().to_owned()).collect()
}

fn password(said: &str) -> String {
    let line = said.lines().find_map(|line| line.strip_prefix("Log in with the password ")).unwrap();
    line.trim_end_matches(':').split(',').next().unwrap().to_owned()
}

/// Their address is proven, so they can take a ticket that is offered to it.
fn takes_what_is_offered(person: &mut Client) {
    let offered = all(person, "/api/transfers?incoming=true");
    assert!(!offered.is_empty(), "nobody offers them a ticket");
    let accept = format!("/api/transfers/{}/accept", offered[0]["id"].as_str().unwrap());
    let taken = person.post(&accept, &json!({})).is(200).json();
    assert_eq!(taken["event_id"], offered[0]["event_id"]);
}

/// Over all events of an organizer, and of one.
fn shows_what_came_of_it(organizer: &mut Client, past: &Value) {
    let sums = organizer.get("/api/users/me/stats").is(200).json();
    assert!(sums["sold"].as_u64() > Some(0) && sums["no_show_rate"].as_f64() > Some(0.0), "{sums}");
    assert!(!sums["takings"].as_array().unwrap().is_empty(), "{sums}");
    let stats = format!("/api/events/{}/stats", past["id"].as_str().unwrap());
    let stats = organizer.get(&stats).is(200).json();
    let days = stats["curve"].as_array().unwrap().iter().filter(|day| day["sold"].as_u64() > Some(0));
    assert!(days.count() >= 5, "sales went on for weeks: {stats}");
}

#[test]
fn one_command_shows_a_whole_season() {
    let place = Place::new();
    let service = place.serve(&["--demo"]);
    let password = password(&service.said);
    let mut visitor = service.client();
    let upcoming = all(&mut visitor, "/api/events");
    assert!(upcoming.len() >= 12, "{}", upcoming.len());
    for (field, least) in [("city", 6), ("time_zone", 6), ("category", 6), ("organizer_id", 4)] {
        assert!(distinct(&upcoming, field).len() >= least, "{field}: {:?}", distinct(&upcoming, field));
    }
    let mut types = Vec::new();
    for event in &upcoming {
        types.extend(all(
            &mut visitor,
            &format!("/api/events/{}/ticket-types", event["id"].as_str().unwrap()),
        ));
    }
    let currencies: BTreeSet<&str> = types.iter().map(|t| t["price"]["currency"].as_str().unwrap()).collect();
    assert!(currencies.len() >= 5, "{currencies:?}");
    let some =
        |what: &str, holds: &dyn Fn(&Value) -> bool| assert!(types.iter().any(holds), "no type is {what}");
    some("free", &|t| t["price"]["amount_minor"] == 0);
    some("sold out", &|t| t["sold"] == t["quantity"]);
    some("held", &|t| t["held"].as_u64() > Some(0));
    some("not yet on sale", &|t| t["sales_start"].is_string());
    some("open to come and go", &|t| t["re_entry"] == "in_out");
    some("limited", &|t| t["per_person_max"].is_u64());
    some("waited for", &|t| t["waiting"].as_u64() > Some(1) && t["sold"] == t["quantity"]);
    some("offered to who waited", &|t| t["waiting"].as_u64() > Some(0) && t["held"].as_u64() > Some(0));
    let scheduled = upcoming.iter().filter(|event| {
        let path = format!("/api/events/{}/schedule", event["id"].as_str().unwrap());
        !all(&mut service.client(), &path).is_empty()
    });
    assert!(scheduled.count() >= 3);

    let mut organizer = service.client().log_in("organizer@demo.example", &password);
    let drafts = all(&mut organizer, "/api/events?status=draft");
    assert!(!drafts.is_empty());
    let past = all(&mut organizer, "/api/events?status=completed");
    let attendees =
        all(&mut organizer, &format!("/api/events/{}/attendees", past[0]["id"].as_str().unwrap()));
    assert!(
        attendees.iter().any(|a| a["status"] == "used") && attendees.iter().any(|a| a["status"] == "active")
    );
    shows_what_came_of_it(&mut organizer, &past[0]);
    let reviews = format!("/api/reviews/{}", past[0]["id"].as_str().unwrap());
    let reviews = all(&mut visitor, &reviews);
    assert!(reviews.len() >= 5 && reviews.iter().any(|review| review["reply"].is_object()), "{reviews:?}");
    let count = past[0]["rating"]["count"].as_u64();
    assert_eq!(count, u64::try_from(reviews.len()).ok());
    let staff = all(&mut organizer, &format!("/api/events/{}/staff", past[0]["id"].as_str().unwrap()));
    assert_eq!(staff.len(), 2);
    assert!(upcoming.iter().any(|event| event["reminders"] == json!(["P7D", "P1D", "PT1H"])));
    let cancelled = all(&mut visitor, "/api/events?status=cancelled");
    let mut attendee = service.client().log_in("attendee@demo.example", &password);
    assert!(all(&mut attendee, "/api/bookings").len() >= 3);
    assert!(!all(&mut attendee, "/api/tickets").is_empty());
    assert!(!all(&mut attendee, "/api/notifications").is_empty());
    takes_what_is_offered(&mut attendee);
    let mut admin = service.client().log_in("admin@demo.example", &password);
    assert!(all(&mut admin, "/api/jobs?state=dead").is_empty());
    assert!(!all(&mut admin, "/api/moderation/reviews").is_empty());
    let said = format!("/api/events/{}/announcements", cancelled[0]["id"].as_str().unwrap());
    assert_eq!(all(&mut admin, &said).len(), 1);
    service.stop();
    place.run(&["check"]).ok();
}

#[test]
fn it_is_made_once_and_shows_the_same_password_again() {
    let place = Place::new();
    let first = place.run(&["demo"]).ok().out();
    assert!(first.starts_with("Made the demo season: "), "{first}");
    let again = place.run(&["demo"]).ok().out();
    assert!(again.starts_with("The demo season is there already."), "{again}");
    assert_eq!(password(&first), password(&again));
    let service = place.serve(&["--demo"]);
    assert!(service.said.starts_with("The demo season is there already."));
    let events = all(&mut service.client(), "/api/events").len();
    let asked = place.run(&["demo"]).ok().out();
    assert!(asked.starts_with("The demo season is there already."), "the running service answers: {asked}");
    assert_eq!(all(&mut service.client(), "/api/events").len(), events);
}

#[test]
fn a_running_service_takes_it_in() {
    let place = Place::new();
    let service = place.serve(&[]);
    let said = place.run(&["demo"]).ok().out();
    assert!(said.starts_with("Made the demo season"), "{said}");
    assert!(all(&mut service.client(), "/api/events").len() >= 12);
    place.run(&["check"]).ok();
}

#[test]
fn an_interrupted_filling_leaves_nothing_or_everything() {
    let place = Place::new();
    for nth in 0..6_u64 {
        let store = place.store(&nth.to_string());
        let mut command = place.command(&["demo", "--store", &store]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Killed at another moment each time: the file has been looked at more often.
        let file = place.path(&format!("{nth}.redb"));
        let mut looks = nth * nth * 2_000;
        while looks > 0 && child.try_wait().unwrap().is_none() {
            looks -= u64::from(file.exists());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let said = place.run(&["demo", "--store", &store]).ok().out();
        assert!(said.contains("29 accounts, 16 events") || said.contains("is there already"), "{said}");
        place.run(&["check", "--store", &store]).ok();
    }
}

#[test]
fn it_lives_beside_what_is_there_but_takes_nobodys_address() {
    let place = Place::new();
    let service = place.serve(&[]);
    let mut client = service.client();
    let body = |email: &str| json!({ "name": "Own", "email": email, "password": "a long enough secret" });
    client.post("/api/auth/register", &body("own@example.org")).is(201);
    let mut own = client.log_in("own@example.org", "a long enough secret").become_organizer();
    own.post("/api/events", &json!({ "title": "Own concert", "category": "Concert" })).is(201);
    place.run(&["demo"]).ok();
    let categories = all(&mut own, "/api/categories");
    assert_eq!(categories.iter().filter(|category| category["name"] == "Concert").count(), 1);
    place.run(&["check"]).ok();
    let store = place.store("other");
    let other = place.serve(&["--store", &store]);
    other.client().post("/api/auth/register", &body("maya@demo.example")).is(201);
    let refused = place.run(&["demo", "--store", &store]).ends_with(1);
    assert!(refused.err().contains("maya@demo.example"), "{}", refused.err());
    assert!(all(&mut other.client(), "/api/events").is_empty());
}

#[test]
fn the_password_can_be_chosen() {
    let place = Place::new();
    let choose = |password: &OsStr| {
        let mut command = place.command(&["demo"]);
        command.env("EVENTIFY_DEMO_PASSWORD", password).output().unwrap()
    };
    let weak = choose(OsStr::new("short"));
    assert_eq!(weak.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&weak.stderr).contains("weak_password"), "{weak:?}");
    let unreadable = choose(OsStr::from_bytes(b"\xff\xfe no text at all"));
    assert_eq!(unreadable.status.code(), Some(2), "{unreadable:?}");
    assert!(choose(OsStr::new("chosen by the operator")).status.success());
    let service = place.serve(&[]);
    service.client().log_in("organizer@demo.example", "chosen by the operator");
    assert!(!service.errors().contains("chosen by"));
}
