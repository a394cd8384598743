//! Calendars and paper over HTTP: who may have them, and what is in them.

use serde_json::json;

use crate::support::world::{World, draft, event_body};

const CALENDAR: &str = "text/calendar; charset=utf-8; method=PUBLISH";

/// The lines of a calendar, unfolded.
fn lines(calendar: &str) -> Vec<String> {
    assert!(calendar.split("\r\n").all(|line| line.len() <= 75), "folded at 75 octets");
    assert!(!calendar.replace("\r\n", "").contains(['\r', '\n']), "every line ends with CRLF");
    calendar.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

fn property(lines: &[String], name: &str) -> String {
    let found = lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    found.unwrap_or_else(|| panic!("no {name} in {lines:?}")).to_owned()
}

#[tokio::test]
async fn an_event_goes_into_calendars() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let place = world.path("/event.ics");
    let title = "Джаз; ночь, длинное название, которое не помещается на одной строке календаря";
    service.put(&world.path("")).by(olga).json(&json!({"title": title})).send().await.ok(200);
    let reply = service.get(&place).send().await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some(CALENDAR));
    assert_eq!(reply.header("cache-control"), Some("no-cache"));
    let first = lines(&reply.text());
    assert_eq!(property(&first, "UID"), format!("{}@eventify", world.event));
    assert_eq!(property(&first, "SUMMARY"), title.replace(';', "\\;").replace(',', "\\,"));
    assert_eq!(property(&first, "DTSTART"), "20261221T130000Z");
    assert_eq!(property(&first, "DTEND"), "20261221T180000Z");
    assert_eq!(property(&first, "LOCATION"), "Palace of the Republic\\, Almaty");
    assert_eq!((property(&first, "STATUS"), property(&first, "SEQUENCE")), ("CONFIRMED".into(), "0".into()));
    let tag = reply.header("etag").unwrap();
    assert_eq!(service.get(&place).header("if-none-match", tag).send().await.status, 304);

    service.clock.set("2026-11-21T09:01:00Z".parse().unwrap());
    service.post(&world.path("/cancel")).by(olga).send().await.ok(200);
    let cancelled = service.get(&place).header("if-none-match", tag).send().await;
    let second = lines(&cancelled.text());
    assert_eq!(property(&second, "UID"), property(&first, "UID"));
    assert_eq!(
        (property(&second, "STATUS"), property(&second, "SEQUENCE")),
        ("CANCELLED".into(), "60".into())
    );
    assert_eq!(property(&second, "LAST-MODIFIED"), "20261121T090100Z");
}

#[tokio::test]
async fn a_draft_is_in_nobodys_calendar() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let id = draft(service, olga, &event_body()).await;
    let place = format!("/api/events/{id}/event.ics");
    service.get(&place).send().await.refused(404, "event_not_found");
    service.get(&place).by(bob).send().await.refused(404, "event_not_found");
    service.get(&place).by(olga).send().await.refused(409, "event_not_published");
}

#[tokio::test]
async fn a_ticket_is_taken_along() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let ticket = world.ticket(bob).await;
    let (code, short) = (ticket["code"].as_str().unwrap(), ticket["short_code"].as_str().unwrap());
    let eve = service.person("Eve").await;
    for kind in ["ics", "pdf"] {
        let place = format!("/api/tickets/{code}/ticket.{kind}");
        service.get(&place).send().await.refused(401, "not_authenticated");
        service.get(&place).by(&eve).send().await.refused(404, "ticket_not_found");
        assert_eq!(service.get(&format!("{place}?language=de")).by(bob).send().await.fields(), ["language"]);
        for who in [bob, olga] {
            let reply = service.get(&place).by(who).send().await;
            assert_eq!(reply.status, 200);
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
    }
    let calendar = service.get(&format!("/api/tickets/{short}/ticket.ics")).by(bob).send().await;
    assert_eq!(calendar.header("content-type"), Some(CALENDAR));
    let calendar = calendar.text();
    assert!(!calendar.contains(code) && !calendar.contains(short), "a calendar is shared");
    let entry = lines(&calendar);
    assert_eq!(property(&entry, "UID"), format!("{}@eventify", ticket["id"].as_str().unwrap()));
    assert_eq!(
        (property(&entry, "DESCRIPTION"), property(&entry, "STATUS")),
        ("Free".into(), "CONFIRMED".into())
    );

    let place = format!("/api/tickets/{code}/ticket.pdf");
    let page = service.get(&place).by(bob).send().await;
    assert_eq!(page.header("content-type"), Some("application/pdf"));
    assert_eq!(page.header("content-disposition"), Some("inline; filename=\"ticket.pdf\""));
    assert!(page.body.starts_with(b"%PDF-1.7"));
    let russian = service.get(&place).by(bob).header("accept-language", "ru").send().await;
    assert_ne!(russian.body, page.body);
    let asked = service.get(&format!("{place}?language=ru")).by(bob).send().await;
    assert_eq!(asked.body, russian.body);
}

#[tokio::test]
async fn a_void_ticket_is_not_printed_and_its_entry_is_cancelled() {
    let world = World::new().await;
    let (service, olga, bob) = (&world.service, &world.olga, &world.bob);
    let (mine, other) = (world.ticket(bob).await, world.ticket(bob).await);
    let path = |ticket: &serde_json::Value, kind: &str| {
        format!("/api/tickets/{}/ticket.{kind}", ticket["short_code"].as_str().unwrap())
    };
    let booking = format!("/api/bookings/{}", mine["booking_id"].as_str().unwrap());
    service.delete(&booking).by(bob).send().await.ok(204);
    service.get(&path(&mine, "pdf")).by(bob).send().await.refused(409, "cancelled");
    let entry = lines(&service.get(&path(&mine, "ics")).by(bob).send().await.text());
    assert_eq!(property(&entry, "STATUS"), "CANCELLED");
    service.post(&world.path("/cancel")).by(olga).send().await.ok(200);
    service.get(&path(&other, "pdf")).by(bob).send().await.refused(409, "event_cancelled");
    let entry = lines(&service.get(&path(&other, "ics")).by(bob).send().await.text());
    assert_eq!(property(&entry, "STATUS"), "CANCELLED");
}
