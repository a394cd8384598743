//! An event on sale, people who want tickets, and the processes that sell them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};

use serde_json::{Value, json};

use crate::cli_support::http::Client;
use crate::cli_support::{PATIENCE, Place, Service};

pub(crate) const PASSWORD: &str = "a long enough secret";

/// The processes, by place: one that was replaced has another address.
pub(crate) struct Processes {
    addresses: Mutex<Vec<String>>,
}

impl Processes {
    pub(crate) fn of(services: &[Service]) -> Self {
        Self { addresses: Mutex::new(services.iter().map(|service| service.address.clone()).collect()) }
    }

    pub(crate) fn address(&self, nth: usize) -> String {
        let addresses = self.addresses.lock().unwrap();
        addresses[nth % addresses.len()].clone()
    }

    pub(crate) fn replace(&self, nth: usize, by: &Service) {
        self.addresses.lock().unwrap()[nth].clone_from(&by.address);
    }
}

/// An event with one type of ticket.
pub(crate) struct Stage {
    pub(crate) event: String,
    pub(crate) ticket_type: String,
    organizer: Client,
}

impl Stage {
    /// Published, with so many seats.
    pub(crate) fn set(address: &str, seats: u32) -> Self {
        let organizer = person(address, "org");
        let mut client = organizer;
        let fresh = client.post("/api/users/me/become-organizer", &json!({})).is(200).text("/access_token");
        let mut client = client.with_token(&fresh);
        let event = json!({ "title": "Sale", "starts_at": "2099-01-01T10:00:00Z", "ends_at": "2099-01-01T12:00:00Z" });
        let event = client.post("/api/events", &event).is(201).text("/id");
        let path = format!("/api/events/{event}");
        let seats = json!({ "name": "Seat", "quantity": seats });
        let ticket_type = client.post(&format!("{path}/ticket-types"), &seats).is(201).text("/id");
        client.post(&format!("{path}/publish"), &json!({})).is(200);
        Self { event, ticket_type, organizer: client }
    }

    pub(crate) fn organizer_token(&self) -> &str {
        self.organizer.token()
    }

    pub(crate) fn cancel(&self, address: &str) {
        let path = format!("/api/events/{}/cancel", self.event);
        self.organizer.at(address).post(&path, &json!({})).is(200);
    }

    /// What the ticket type counts, as a process sees it.
    pub(crate) fn counts(&self, address: &str) -> Value {
        let path = format!("/api/events/{}/ticket-types", self.event);
        self.organizer.at(address).get(&path).is(200).json()["data"][0].clone()
    }

    /// The short codes of all tickets of the event, sorted.
    pub(crate) fn attendees(&self, address: &str) -> Vec<String> {
        let mut client = self.organizer.at(address);
        let (mut codes, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/events/{}/attendees?limit=100{cursor}", self.event);
            let page = client.get(&path).is(200).json();
            let found = page["data"].as_array().unwrap().iter();
            codes.extend(found.map(|ticket| ticket["short_code"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        codes.sort_unstable();
        codes
    }
}

/// Somebody with an account, logged in.
pub(crate) fn person(address: &str, name: &str) -> Client {
    let email = format!("{name}@example.org");
    let body = json!({ "name": "Somebody", "email": email, "password": PASSWORD });
    Client::new(address).post("/api/auth/register", &body).is(201);
    Client::new(address).log_in(&email, PASSWORD)
}

/// So many people; made by a few at a time, because passwords take time to hash.
pub(crate) fn people(processes: &Processes, count: usize) -> Vec<Client> {
    let makers = 4;
    std::thread::scope(|scope| {
        let making: Vec<_> = (0..makers)
            .map(|maker| {
                let nths = (maker..count).step_by(makers);
                scope.spawn(move || -> Vec<Client> {
                    nths.map(|nth| person(&processes.address(nth), &format!("p{nth}"))).collect()
                })
            })
            .collect();
        making.into_iter().flat_map(|made| made.join().unwrap()).collect()
    })
}

/// That nothing in the store disagrees, now that it rests.
pub(crate) fn check(place: &Place) {
    place.run(&["check"]).ok();
}

/// Counts what several threads do, for one that waits for it.
#[derive(Default)]
pub(crate) struct Counter {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Counter {
    pub(crate) fn add(&self) {
        *self.count.lock().unwrap() += 1;
        self.changed.notify_all();
    }

    /// Waits until so many more were counted.
    pub(crate) fn wait_for(&self, more: usize) {
        let count = self.count.lock().unwrap();
        let until = *count + more;
        let (count, waited) =
            self.changed.wait_timeout_while(count, PATIENCE, |count| *count < until).unwrap();
        assert!(!waited.timed_out(), "{} of {until}", *count);
    }
}

/// Ends what goes on until it is told, also when the test fails.
pub(crate) struct Ending<'a>(pub(crate) &'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
