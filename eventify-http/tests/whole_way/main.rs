//! The whole way: somebody buys a ticket from the real service, and everybody who should hear of it does, by the real parts –
//! at once, or once they are there again.
#![allow(clippy::disallowed_methods, reason = "how soon a feed says something is measured")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../../eventify-notify/tests/broker_support/mod.rs"]
mod broker_support;
#[path = "../cli_support/mod.rs"]
mod cli_support;
mod hook;
#[path = "../../../eventify-notify/tests/email/server.rs"]
mod mail;
mod outside;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use broker_support::facts::Arrived;
use cli_support::http::Client;
use cli_support::live::Sse;
use cli_support::{Place, Service};
use mail_parser::{MessageParser, MimeHeaders};
use outside::Outside;
use serde_json::{Value, json};

const TITLE: &str = "Қазақ джаз түні 🎷";
/// What the mail about a purchase is called; others are about entries and accounts.
const SUBJECT: &str = "Your ticket for Қазақ джаз түні 🎷";
const PASSWORD: &str = "a long enough secret";
/// How soon a feed has what it is told of, on a machine that has other things to do.
const SOON: Duration = Duration::from_secs(10);
/// Purchases while everybody outside is away.
const MEANWHILE: usize = 20;

/// Who sells, who buys, and what.
struct Hall {
    olga: Client,
    bulat: Client,
    event: String,
    ticket_type: String,
}

impl Hall {
    fn open(service: &Service) -> Self {
        let mut olga = service.client().register("olga", PASSWORD).become_organizer();
        let bulat = service.client().register("bulat", PASSWORD);
        let event = json!({
            "title": TITLE, "starts_at": "2099-01-01T13:00:00Z", "ends_at": "2099-01-01T18:00:00Z",
        });
        let event = olga.post("/api/events", &event).is(201).text("/id");
        let seats = json!({ "name": "Seat", "quantity": 1_000 });
        let path = format!("/api/events/{event}/ticket-types");
        let ticket_type = olga.post(&path, &seats).is(201).text("/id");
        olga.post(&format!("/api/events/{event}/publish"), &json!({})).is(200);
        Self { olga, bulat, event, ticket_type }
    }

    /// The same people, of a process that was started again.
    fn move_to(&mut self, service: &Service) {
        self.olga = self.olga.at(&service.address);
        self.bulat = self.bulat.at(&service.address);
    }

    /// One ticket, bought by Bulat.
    fn buy(&mut self) -> Value {
        let wanted = json!({ "ticket_type_id": self.ticket_type, "quantity": 1 });
        let path = format!("/api/events/{}/tickets", self.event);
        self.bulat.post(&path, &wanted).is(201).json()["tickets"][0].clone()
    }
}

/// The seeds' envelope about a ticket, the same wherever it came.
fn assert_tells_of(ticket: &Value, fact: &Value, everywhere: &[&Arrived]) {
    let members: Vec<&String> = fact.as_object().unwrap().keys().collect();
    assert_eq!(members, ["data", "event", "id", "timestamp"]);
    assert_eq!((&fact["event"], &fact["timestamp"]), (&json!("ticket.purchased"), &ticket["purchased_at"]));
    for member in ["event_id", "ticket_type_id", "booking_id", "user_id", "purchased_at"] {
        assert_eq!(fact["data"][member], ticket[member], "{member}");
    }
    assert_eq!((&fact["data"]["ticket_id"], &fact["data"]["code"]), (&ticket["id"], &ticket["short_code"]));
    for one in everywhere {
        assert_eq!((&one.json(), one.id.as_str()), (fact, fact["id"].as_str().unwrap()));
    }
}

/// What a reader of QR codes makes of the picture in a mail.
fn scanned(mail: &[u8]) -> String {
    let mail = MessageParser::default().parse(mail).unwrap();
    let is_picture = |part: &&mail_parser::MessagePart<'_>| part.is_content_type("image", "png");
    let png = mail.parts.iter().find(is_picture).expect("a picture").contents().to_vec();
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    let mut picture =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    picture.detect_grids()[0].decode().unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_reaches_everybody_at_once_or_when_they_are_back() {
    let mut outside = Outside::start().await;
    let place = Place::new();
    let options = outside.options(&place);
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let service = place.serve(&options);
    let mut hall = Hall::open(&service);
    let hook = json!({ "url": outside.hook.url(), "facts": ["ticket.purchased"] });
    let secret = hall.olga.post("/api/webhooks", &hook).is(201).text("/secret");

    let mut feed =
        Sse::open(&service.address, "/api/notifications/stream", hall.bulat.token(), None).is("200");
    while feed.next().unwrap().name != "open" {}
    let ticket = hall.buy();
    let bought = Instant::now();
    let told = std::iter::from_fn(|| feed.next()).find(|event| event.name == "ticket.purchased").unwrap();
    // How soon that is under load is a benchmark's question (`heard`); by itself a feed looks once a minute.
    assert!(bought.elapsed() < SOON, "{:?}: it was looked for, not told of", bought.elapsed());
    assert_eq!(told.data["event_id"], ticket["event_id"]);

    let [by_kafka, by_rabbitmq, by_nats] = outside.purchases(1).await;
    let fact = by_kafka[0].json();
    assert_tells_of(&ticket, &fact, &[&by_kafka[0], &by_rabbitmq[0], &by_nats[0]]);
    let called = outside.hook.next();
    assert!(called.is_signed_by(&secret), "{called:?}");
    let mut without_code = fact.clone();
    without_code["data"].as_object_mut().unwrap().remove("code");
    assert_eq!(
        serde_json::from_slice::<Value>(&called.body).unwrap(),
        without_code,
        "who has a webhook lets nobody in by it"
    );
    at_the_door(&mut hall, &outside.mail_about(SUBJECT), &ticket);

    let service = away_and_back(&mut outside, &mut hall, &secret, || {
        service.kill();
        place.serve(&options)
    });
    let service = service.await;
    hall.move_to(&service);
    let service = killed_in_the_midst(&mut outside, &mut hall, &secret, || {
        service.kill();
        place.serve(&options)
    });
    let (status, log) = service.await.stop();
    assert_eq!(status.code(), Some(0), "{log}");
}

/// What the mail shows lets its person in, once.
fn at_the_door(hall: &mut Hall, mail: &outside::Mail, ticket: &Value) {
    assert_eq!(mail.to, "bulat@example.org");
    let code = scanned(&mail.bytes);
    assert_eq!(code, ticket["code"].as_str().unwrap());
    let valid = hall.olga.post(&format!("/api/tickets/{code}/validate"), &json!({})).is(200).json();
    assert_eq!((&valid["valid"], &valid["ticket"]["id"]), (&json!(true), &ticket["id"]));
    hall.olga.post(&format!("/api/tickets/{code}/checkin"), &json!({})).is(200);
    let again = hall.olga.post(&format!("/api/tickets/{code}/checkin"), &json!({})).is(409);
    assert_eq!(again.text("/reason"), "already_used");
}

/// With every port closed people buy as ever, and nobody outside misses anything: not even what a process had left that was
/// killed. Answers the one that does the rest.
async fn away_and_back(
    outside: &mut Outside,
    hall: &mut Hall,
    secret: &str,
    kill_and_start: impl FnOnce() -> Service,
) -> Service {
    outside.leave();
    let bought: Vec<Value> = (0..MEANWHILE).map(|_| hall.buy()).collect();
    let service = kill_and_start();
    let tickets: BTreeSet<&str> = bought.iter().map(|ticket| ticket["id"].as_str().unwrap()).collect();
    outside.come_back();
    let ticket_of = |fact: &Value| fact["data"]["ticket_id"].as_str().unwrap().to_owned();
    let all_of = |found: Vec<Value>| found.iter().map(ticket_of).collect::<BTreeSet<String>>();
    for found in outside.purchases(1 + MEANWHILE).await {
        let found = all_of(found.iter().map(Arrived::json).collect());
        assert!(tickets.iter().all(|id| found.contains(*id)), "{} of {MEANWHILE}", found.len());
    }
    let mut called = BTreeSet::new();
    while called.len() < MEANWHILE {
        let one = outside.hook.next();
        assert!(one.is_signed_by(secret), "{one:?}");
        called.insert(ticket_of(&serde_json::from_slice(&one.body).unwrap()));
    }
    assert!(tickets.iter().all(|id| called.contains(*id)));
    let mut mailed = BTreeSet::new();
    while mailed.len() < MEANWHILE {
        mailed.insert(scanned(&outside.mail_about(SUBJECT).bytes));
    }
    let codes: BTreeSet<String> =
        bought.iter().map(|ticket| ticket["code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(mailed, codes, "each ticket in a mail");
    service
}

/// Killed while it tells of purchases, some of them handed over and not written down: every fact arrives, and one that comes again is
/// the same, under the same id.
async fn killed_in_the_midst(
    outside: &mut Outside,
    hall: &mut Hall,
    secret: &str,
    kill_and_start: impl FnOnce() -> Service,
) -> Service {
    let mut tickets: BTreeSet<String> = BTreeSet::new();
    let mut called = Vec::new();
    for _ in 0..MEANWHILE {
        tickets.insert(hall.buy()["id"].as_str().unwrap().to_owned());
    }
    // The webhook has heard of one of them: others are under way.
    called.push(outside.hook.next());
    let service = kill_and_start();
    let ticket_of = |fact: &Value| fact["data"]["ticket_id"].as_str().unwrap().to_owned();
    let assert_all = |what: &str, told: Vec<(String, Value)>| {
        let mut facts: BTreeMap<String, (String, Value)> = BTreeMap::new();
        for (id, fact) in told.into_iter().filter(|(_, fact)| tickets.contains(&ticket_of(fact))) {
            let first = facts.entry(ticket_of(&fact)).or_insert((id.clone(), fact.clone()));
            assert_eq!((&first.0, &first.1), (&id, &fact), "{what} was told in two ways");
        }
        assert_eq!(facts.len(), tickets.len(), "{what} misses some");
    };
    for (what, found) in ["Kafka", "RabbitMQ", "NATS"].iter().zip(outside.purchases(1 + 2 * MEANWHILE).await)
    {
        assert_all(what, found.iter().map(|one| (one.id.clone(), one.json())).collect());
    }
    let mut facts = Vec::new();
    let mut heard = BTreeSet::new();
    while !tickets.iter().all(|id| heard.contains(id)) {
        let one = called.pop().unwrap_or_else(|| outside.hook.next());
        assert!(one.is_signed_by(secret), "{one:?}");
        let fact: Value = serde_json::from_slice(&one.body).unwrap();
        heard.insert(ticket_of(&fact));
        facts.push((one.id(), fact));
    }
    assert_all("the webhook", facts);
    service
}
