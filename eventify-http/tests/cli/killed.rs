//! Killed between a commit and its messages: whoever bought is told after the restart, once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mail_parser::MessageParser;
use serde_json::{Value, json};

use crate::cli_support::http::Client;
use crate::cli_support::{Place, Service};
use crate::mail_server;

const BUYERS: usize = 6;
const PASSWORD: &str = "a long enough secret";
const TITLE: &str = "An evening that nobody forgets";
/// Longer than a job stays reserved by a process that was killed.
const LOOKS_MAX: u32 = 1_800;

/// Who buys, and what.
pub(crate) struct Sale {
    pub(crate) buyers: Vec<Client>,
    pub(crate) path: String,
    ticket_type: String,
}

impl Sale {
    pub(crate) fn open(service: &Service) -> Self {
        let register = |name: &str| service.client().register(name, PASSWORD);
        let mut olga = register("olga").become_organizer();
        let event = json!({
            "title": TITLE, "starts_at": "2099-01-01T18:00:00Z", "ends_at": "2099-01-01T22:00:00Z",
        });
        let event = olga.post("/api/events", &event).is(201).text("/id");
        let seats = json!({ "name": "Seat", "quantity": 10_000 });
        let path = format!("/api/events/{event}/ticket-types");
        let ticket_type = olga.post(&path, &seats).is(201).text("/id");
        olga.post(&format!("/api/events/{event}/publish"), &json!({})).is(200);
        let buyers = (0..BUYERS).map(|nth| register(&format!("buyer-{nth}"))).collect();
        Self { buyers, path: format!("/api/events/{event}/tickets"), ticket_type }
    }

    /// The same people, of a process that was started again.
    pub(crate) fn move_to(&mut self, service: &Service) {
        self.buyers = self.buyers.iter().map(|buyer| buyer.at(&service.address)).collect();
    }

    pub(crate) fn wanted(&self) -> Value {
        json!({ "ticket_type_id": self.ticket_type, "quantity": 1 })
    }

    /// What a buyer has of something, all of it.
    fn of(buyer: &mut Client, path: &str) -> Vec<Value> {
        buyer.get(&format!("{path}?limit=100")).is(200).json()["data"].as_array().unwrap().clone()
    }
}

/// The ids of the mails about the sale, each with the person it went to. One that comes again has the id of the first.
#[derive(Default)]
struct Mailed(BTreeMap<String, String>);

impl Mailed {
    fn take(&mut self, mail: &mail_server::Arrived) {
        let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
        if parsed.subject().unwrap().contains(TITLE) {
            let to = parsed.to().unwrap().first().unwrap().address().unwrap().to_owned();
            let before = self.0.insert(parsed.message_id().unwrap().to_owned(), to.clone());
            assert!(before.is_none_or(|before| before == to), "one id for two people");
        }
    }
}

/// Waits until nothing is on its way out any more, and nothing was given up.
pub(crate) fn until_all_is_told(place: &Place) {
    for _ in 0..LOOKS_MAX {
        if place.run(&["jobs", "list", "--state", "delivering"]).ok().out().is_empty() {
            assert_eq!(place.run(&["jobs", "list"]).ok().out(), "", "dead letters");
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("something never left");
}

/// Every booking that there is was told its person once by each channel.
fn assert_told_once(sale: &mut Sale, mailed: &Mailed) {
    for (nth, buyer) in sale.buyers.iter_mut().enumerate() {
        let bookings = Sale::of(buyer, "/api/bookings").len();
        let history = Sale::of(buyer, "/api/notifications");
        let told: Vec<&Value> = history.iter().filter(|one| one["kind"] == "ticket.purchased").collect();
        let ids: BTreeSet<&str> = told.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!((told.len(), ids.len()), (bookings, bookings), "in the app of buyer {nth}");
        let to = format!("buyer-{nth}@example.org");
        assert_eq!(mailed.0.values().filter(|one| **one == to).count(), bookings, "mails to buyer {nth}");
    }
}

#[test]
fn what_was_bought_before_a_kill_is_told_after_it_once() {
    let mut mail = mail_server::Server::start(&[]);
    let server = format!("localhost:{}", mail.port);
    let options = ["--mail-server", &server, "--mail-security", "none", "--mail-from", "tickets@example.org"];
    let place = Place::new();
    let service = place.serve(&options);
    let mut sale = Sale::open(&service);
    until_all_is_told(&place);

    // Nobody takes mail: nothing of this leaves before the process ends.
    mail.kill();
    let wanted = sale.wanted();
    for buyer in &mut sale.buyers {
        buyer.post(&sale.path, &wanted).is(201);
    }
    service.kill();
    mail.start_again();
    let service = place.serve(&options);
    sale.move_to(&service);
    let mut mailed = Mailed::default();
    while mailed.0.len() < BUYERS {
        mailed.take(&mail.next());
    }
    until_all_is_told(&place);
    assert_told_once(&mut sale, &mailed);

    // Now with mails under way, some of them handed over and not written down.
    buy_until_a_mail_comes(&sale, &mail, &mut mailed);
    service.kill();
    let service = place.serve(&options);
    sale.move_to(&service);
    until_all_is_told(&place);
    mail.all().iter().for_each(|one| mailed.take(one));
    assert_told_once(&mut sale, &mailed);
    assert!(mailed.0.len() > BUYERS, "nobody bought");
    assert_eq!(service.stop().0.code(), Some(0));
}

/// Everybody buys, side by side, until the first mail about it is there.
fn buy_until_a_mail_comes(sale: &Sale, mail: &mail_server::Server, mailed: &mut Mailed) {
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for buyer in &sale.buyers {
            let mut buyer = buyer.at(buyer.address());
            let stop = &stop;
            scope.spawn(move || {
                // No page of what a person has is longer than a hundred.
                for _ in 0..50 {
                    if stop.load(std::sync::atomic::Ordering::Relaxed) {
                        return;
                    }
                    buyer.post(&sale.path, &sale.wanted()).is(201);
                }
            });
        }
        let before = mailed.0.len();
        while mailed.0.len() < before + 2 {
            mailed.take(&mail.next());
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
