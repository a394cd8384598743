//! Programmes of every format become events; again and again, without repeating anything.

use std::path::Path;

use crate::cli_support::samples::{FRAB_JSON, FRAB_XML, ICS};
use crate::cli_support::{Done, Place};
use serde_json::{Value, json};

const ORGANIZER: &str = "dana@example.org";
const PASSWORD: &str = "a long enough secret";

/// A store in which somebody can own events.
fn place() -> Place {
    let place = Place::new();
    let service = place.serve(&[]);
    let body = json!({ "name": "Dana", "email": ORGANIZER, "password": PASSWORD });
    let mut client = service.client();
    client.post("/api/auth/register", &body).is(201);
    client.log_in(ORGANIZER, PASSWORD).post("/api/users/me/become-organizer", &json!({})).is(200);
    service.stop();
    place
}

fn import(place: &Place, file: &Path, more: &[&str]) -> Done {
    let file = file.to_str().unwrap();
    place.run(&[&["import", "schedule", file, "--organizer", ORGANIZER], more].concat())
}

/// `added updated unchanged removed skipped`.
fn counts(done: &Done) -> String {
    ["added", "updated", "unchanged", "removed", "skipped"].map(|name| done.value("imported", name)).join(" ")
}

fn of_service(place: &Place, path: &str) -> Value {
    let service = place.serve(&[]);
    let found = service.client().log_in(ORGANIZER, PASSWORD).get(path).is(200).json();
    service.stop();
    found
}

#[test]
fn every_format_is_taken_over_and_taken_over_again() {
    let place = place();
    for (name, contents, first, again) in [
        ("schedule.xml", FRAB_XML, "4 0 0 0 2", "0 0 4 0 2"),
        ("schedule.json", FRAB_JSON, "2 0 0 0 1", "0 0 2 0 1"),
        ("school.ics", ICS, "2 0 0 0 1", "0 0 2 0 1"),
    ] {
        let file = place.file(name, contents);
        let done = import(&place, &file, &[]).ok();
        assert_eq!(counts(&done), first, "{name}: {}{}", done.out(), done.err());
        let twice = import(&place, &file, &[]).ok();
        assert_eq!(counts(&twice), again, "{name}: {}{}", twice.out(), twice.err());
        assert_eq!(done.value("imported", "event"), twice.value("imported", "event"), "{name}");
    }
    let events = of_service(&place, "/api/events?status=draft");
    assert_eq!(events["data"].as_array().unwrap().len(), 3);
}

#[test]
fn problems_are_told_with_their_place_and_the_rest_is_there() {
    let place = place();
    let done = import(&place, &place.file("camp.xml", FRAB_XML), &[]).ok();
    let told = done.err();
    assert!(
        told.contains("camp.xml: line 15, column 7: “Lunch” (sc-4): it has no duration (skipped)"),
        "{told}"
    );
    assert!(told.contains("“At the same time” (sc-2)") && told.contains("line 11"), "{told}");
    let event = done.value("imported", "event");
    let shown = of_service(&place, &format!("/api/events/{event}"));
    assert_eq!(shown["title"], "Steppe Camp");
    assert_eq!(shown["status"], "draft");
    assert_eq!(shown["city"], "Almaty");
    assert_eq!(shown["venue"], "Observatory");
    assert_eq!(shown["time_zone"], "Asia/Almaty");
    let schedule = of_service(&place, &format!("/api/events/{event}/schedule"));
    let titles: Vec<&str> =
        schedule["data"].as_array().unwrap().iter().map(|i| i["activity_name"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Opening 🎪 <b>", "Knots", "Owls", "Closing"]);
    assert_eq!(schedule["data"][0]["speaker"], "Dana Ospanova, Нұрлан Әбенов");
    assert_eq!(
        schedule["data"][2]["starts_at"], "2027-08-11T20:30:00Z",
        "the first day ends at four in the morning"
    );
}

#[test]
fn a_changed_programme_updates_its_event() {
    let place = place();
    let first = import(&place, &place.file("camp.xml", FRAB_XML), &[]).ok();
    // One entry moves, one goes, one comes, and the camp ends later than before.
    let changed = FRAB_XML
        .replace("<start>14:00</start><duration>01:30", "<start>15:00</start><duration>01:30")
        .replace("guid=\"sc-3\" id=\"3\"", "guid=\"sc-7\" id=\"7\"")
        .replace("<start>11:00</start><duration>00:20", "<start>23:00</start><duration>00:20");
    let second = import(&place, &place.file("camp-2.xml", changed), &[]).ok();
    assert_eq!(counts(&second), "1 2 1 1 2", "{}", second.err());
    assert_eq!(first.value("imported", "event"), second.value("imported", "event"));
    // Postponed by a month: still the same camp.
    let postponed = FRAB_XML.replace("2027-08-", "2027-09-");
    let third = import(&place, &place.file("camp-3.xml", postponed), &[]).ok();
    assert_eq!(first.value("imported", "event"), third.value("imported", "event"));
    let event = of_service(&place, &format!("/api/events/{}", first.value("imported", "event")));
    assert_eq!(event["starts_at"], "2027-09-11T05:00:00Z");
    // The same title a year later, with entries of its own, is another camp.
    let next_year = FRAB_XML.replace("2027-08-", "2028-08-").replace("guid=\"sc-", "guid=\"next-");
    let fourth = import(&place, &place.file("camp-4.xml", next_year), &[]).ok();
    assert_ne!(first.value("imported", "event"), fourth.value("imported", "event"));
    // What was added by hand stays.
    place.run(&["check"]).ok();
}

#[test]
fn what_the_organizer_changed_by_hand_stays() {
    let place = place();
    let file = place.file("camp.xml", FRAB_XML);
    let event = import(&place, &file, &[]).ok().value("imported", "event");
    let service = place.serve(&[]);
    let mut client = service.client().log_in(ORGANIZER, PASSWORD);
    let own = json!({ "activity_name": "Breakfast", "starts_at": "2027-08-11T05:00:00Z", "ends_at": "2027-08-11T06:00:00Z" });
    client.post(&format!("/api/events/{event}/schedule"), &own).is(201);
    let renamed = json!({ "title": "Steppe Camp 2027" });
    client.send("PUT", &format!("/api/events/{event}"), None, Some(&renamed)).unwrap().is(200);
    // While the service runs, it does the import itself.
    let again = import(&place, &file, &[]).ok();
    assert_eq!(again.value("imported", "event"), event, "dates and entries say that it is the same");
    assert_eq!(counts(&again), "0 0 4 0 2");
    let shown = client.get(&format!("/api/events/{event}")).is(200).json();
    assert_eq!(shown["title"], "Steppe Camp 2027");
    let schedule = client.get(&format!("/api/events/{event}/schedule")).is(200).json();
    assert_eq!(schedule["data"].as_array().unwrap().len(), 5);
}

#[test]
fn the_operator_knows_better_than_the_file() {
    let place = place();
    let file = place.file("school.ics", ICS);
    let done = import(
        &place,
        &file,
        &[
            "--title",
            "Зимняя школа",
            "--city",
            "Sapporo",
            "--venue",
            "Old brewery",
            "--time-zone",
            "Asia/Tokyo",
        ],
    )
    .ok();
    let event = done.value("imported", "event");
    let shown = of_service(&place, &format!("/api/events/{event}"));
    for (field, value) in [
        ("title", "Зимняя школа"),
        ("city", "Sapporo"),
        ("venue", "Old brewery"),
        ("time_zone", "Asia/Tokyo"),
    ] {
        assert_eq!(shown[field], value);
    }
    let named = import(&place, &file, &["--event", &event, "--city", "Otaru"]).ok();
    assert_eq!(named.value("imported", "event"), event);
    assert_eq!(of_service(&place, &format!("/api/events/{event}"))["city"], "Otaru");
}

#[test]
fn what_cannot_be_taken_over_changes_nothing() {
    let place = place();
    let no_entry = FRAB_JSON.replace("\"rooms\"", "\"zimmer\"");
    for (name, contents, reason) in [
        ("empty.xml", &b""[..], "schedule_"),
        ("text.txt", b"Dear all, the programme follows next week.", "schedule_"),
        ("latin.xml", b"<schedule>\xe9</schedule>", "schedule_not_utf8"),
        ("broken.xml", b"<schedule><day>", "schedule_"),
        ("none.json", no_entry.as_bytes(), "no entry"),
    ] {
        let done = import(&place, &place.file(name, contents), &[]).ends_with(1);
        assert!(
            done.err().contains("nothing was imported") && done.err().contains(reason),
            "{name}: {}",
            done.err()
        );
    }
    let file = place.file("camp.xml", FRAB_XML);
    import(&place, Path::new("no-such-file.xml"), &[]).ends_with(1);
    let stranger = ["import", "schedule", file.to_str().unwrap(), "--organizer", "nobody@example.org"];
    assert!(place.run(&stranger).ends_with(1).err().contains("user_not_found"));
    let nowhere = import(&place, &file, &["--event", "0191e3a0-7c1e-7b43-9d2a-8f0c6a5b4e3d"]).ends_with(1);
    assert!(nowhere.err().contains("event_not_found"));
    assert_eq!(of_service(&place, "/api/events?status=draft")["data"], json!([]));
}

#[test]
fn standard_input_is_a_file_too() {
    let place = place();
    let args = ["import", "schedule", "-", "--organizer", ORGANIZER];
    let done = place.run_with_input(&args, ICS.as_bytes()).ok();
    assert_eq!(done.value("imported", "added"), "2");
}

#[test]
fn an_exported_event_comes_back_as_it_was() {
    let place = place();
    let event = import(&place, &place.file("camp.xml", FRAB_XML), &[]).ok().value("imported", "event");
    let calendar = place.run(&["export", &event, "--ics"]).ok().out();
    assert!(calendar.starts_with("BEGIN:VCALENDAR\r\n") && calendar.ends_with("END:VCALENDAR\r\n"));
    place.run(&["export", &event, "--ics", "-o", "camp.ics"]).ok();
    assert_eq!(
        std::fs::read_to_string(place.path("camp.ics")).unwrap(),
        calendar,
        "the same bytes every time"
    );
    let store = ["--store", &place.store("other")];
    let service = place.serve(&store);
    let body = json!({ "name": "Dana", "email": ORGANIZER, "password": PASSWORD });
    service.client().post("/api/auth/register", &body).is(201);
    let back = import(&place, &place.path("camp.ics"), &store).ok();
    assert_eq!(counts(&back), "4 0 0 0 0", "{}", back.err());
    let mut client = service.client().log_in(ORGANIZER, PASSWORD);
    let there =
        client.get(&format!("/api/events/{}/schedule", back.value("imported", "event"))).is(200).json();
    let here = of_service(&place, &format!("/api/events/{event}/schedule"));
    let shown = |list: &Value| -> Vec<Value> {
        let items = list["data"].as_array().unwrap().iter();
        items
            .map(|i| json!([i["activity_name"], i["speaker"], i["room"], i["starts_at"], i["ends_at"]]))
            .collect()
    };
    assert_eq!(shown(&there), shown(&here));
    place.run(&["export", "0191e3a0-7c1e-7b43-9d2a-8f0c6a5b4e3d", "--ics"]).ends_with(1);
}
