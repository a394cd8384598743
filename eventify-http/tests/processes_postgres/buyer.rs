//! Somebody who wants tickets and does not give up: no answer, or one that says "try again", is tried again with the same
//! idempotency key, at the next process.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli_support::http::{Answer, Client};
use crate::stage::{Counter, Processes, Stage};

/// How often a request is sent before the test gives up on it.
const TRIES_MAX: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// A person at one of the processes.
pub(crate) struct Buyer<'a> {
    pub(crate) processes: &'a Processes,
    pub(crate) stage: &'a Stage,
    client: Client,
    at: usize,
    name: String,
    requests: usize,
    later: Option<&'a Counter>,
    pub(crate) seen: Seen,
}

/// What a buyer met on the way.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    /// Requests without an answer: the connection broke.
    pub(crate) broken: usize,
    /// Answers that said "try again".
    pub(crate) later: usize,
    /// The longest time between sending something and knowing how it went.
    pub(crate) slowest: Duration,
}

impl Seen {
    pub(crate) fn and(self, other: &Self) -> Self {
        Self {
            broken: self.broken + other.broken,
            later: self.later + other.later,
            slowest: self.slowest.max(other.slowest),
        }
    }
}

impl<'a> Buyer<'a> {
    pub(crate) fn new(processes: &'a Processes, stage: &'a Stage, person: &Client, nth: usize) -> Self {
        let client = person.at(&processes.address(nth));
        Self {
            processes,
            stage,
            client,
            at: nth,
            name: format!("b{nth}"),
            requests: 0,
            later: None,
            seen: Seen::default(),
        }
    }

    /// Also counts answers that say "try again" for everybody to see.
    pub(crate) fn counting(self, later: &'a Counter) -> Self {
        Self { later: Some(later), ..self }
    }

    /// Buys one ticket at once; its short code, or the reason why not.
    pub(crate) fn buy(&mut self) -> Result<String, String> {
        let path = format!("/api/events/{}/tickets", self.stage.event);
        let line = json!({ "ticket_type_id": self.stage.ticket_type, "quantity": 1 });
        let answer = self.ask(&path, Some(&line));
        match answer.status {
            201 => Ok(answer.text("/tickets/0/short_code")),
            409 => Err(answer.text("/reason")),
            _ => panic!("{answer}"),
        }
    }

    /// Holds one ticket and then confirms it.
    pub(crate) fn hold_and_confirm(&mut self) -> Result<String, String> {
        let line = json!({ "ticket_type_id": self.stage.ticket_type, "quantity": 1 });
        let body = json!({ "event_id": self.stage.event, "lines": [line] });
        let held = self.ask("/api/bookings", Some(&body));
        match held.status {
            201 => {}
            409 => return Err(held.text("/reason")),
            _ => panic!("{held}"),
        }
        let path = format!("/api/bookings/{}/confirm", held.text("/id"));
        Ok(self.ask(&path, None).is(200).text("/tickets/0/short_code"))
    }

    /// Sends a request until it is answered by yes or no.
    fn ask(&mut self, path: &str, body: Option<&Value>) -> Answer {
        self.requests += 1;
        let key = format!("{}-{}", self.name, self.requests);
        for _ in 0..TRIES_MAX {
            let began = Instant::now();
            let answer = self.client.send("POST", path, Some(&key), body);
            self.seen.slowest = self.seen.slowest.max(began.elapsed());
            match answer {
                Ok(answer) if answer.status == 503 => {
                    assert!(answer.header("retry-after").is_some(), "{answer}");
                    self.seen.later += 1;
                    if let Some(later) = self.later {
                        later.add();
                    }
                }
                Ok(answer) => return answer,
                Err(_) => self.seen.broken += 1,
            }
            // A person who is told to wait a second looks again a little sooner.
            std::thread::sleep(PAUSE);
            self.at += 1;
            self.client = self.client.at(&self.processes.address(self.at));
        }
        panic!("{path} got no answer in {TRIES_MAX} tries: {:?}", self.seen);
    }
}
