//! A person who books, buys, cancels and is let in – and remembers every answer.

use serde_json::{Value, json};

use super::PASSWORD;
use super::cli_support::http::{Answer, Client};
use super::random::Random;

/// What the customers share.
pub(crate) struct Stage {
    pub(crate) event: String,
    pub(crate) types: [String; 3],
    pub(crate) organizer: Client,
}

/// A request that happens once, however often it is sent.
#[derive(Clone)]
struct Request {
    method: &'static str,
    path: String,
    key: Option<String>,
    body: Option<Value>,
    by_organizer: bool,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Book,
    Confirm(usize),
    Cancel(usize),
    CheckIn(usize),
    Register,
}

/// A booking as its answers left it.
struct Booking {
    id: String,
    status: String,
    lines: Vec<(String, u64)>,
    /// Short codes, and whether they were let in.
    tickets: Vec<(String, bool)>,
}

pub(crate) struct Customer {
    client: Client,
    name: String,
    random: Random,
    requests: u64,
    answers: Vec<(Request, Answer)>,
    open: Option<Request>,
    bookings: Vec<Booking>,
}

impl Customer {
    pub(crate) fn register(client: &Client, nth: u64, seed: u64) -> Self {
        let email = format!("customer{nth}@example.org");
        let mut client = client.at(client.address());
        let body = json!({ "name": "Customer", "email": email, "password": PASSWORD });
        client.post("/api/auth/register", &body).is(201);
        Self {
            client: client.log_in(&email, PASSWORD),
            name: format!("c{nth}"),
            random: Random::new(seed),
            requests: 0,
            answers: Vec::new(),
            open: None,
            bookings: Vec::new(),
        }
    }

    /// Does one more thing; false when the service is gone.
    pub(crate) fn act(&mut self, at: &Client, stage: &Stage) -> bool {
        if self.client.address() != at.address() {
            self.client = self.client.at(at.address());
        }
        let request = self.choose(stage);
        let mut organizer = stage.organizer.at(at.address());
        let client = if request.by_organizer { &mut organizer } else { &mut self.client };
        match send(client, &request) {
            Ok(answer) => {
                self.note(request, answer);
                true
            }
            Err(_) => {
                self.open = Some(request);
                false
            }
        }
    }

    fn choose(&mut self, stage: &Stage) -> Request {
        self.requests += 1;
        let key = Some(format!("{}-{}", self.name, self.requests));
        let with = |method, path, body, by_organizer, what| Request {
            method,
            path,
            key: key.clone(),
            body,
            by_organizer,
            what,
        };
        let dice = self.random.below(100);
        if self.requests % 40 == 7 {
            let email = format!("{}-{}@example.org", self.name, self.requests);
            let body = json!({ "name": "Newcomer", "email": email, "password": PASSWORD });
            return Request {
                key: None,
                ..with("POST", "/api/auth/register".to_owned(), Some(body), false, What::Register)
            };
        }
        if let (15..65, Some((nth, status))) = (dice, self.some_booking()) {
            let id = &self.bookings[nth].id;
            if status == "held" && dice < 50 {
                // Free ones are confirmed by their owner, paid ones by whoever took the money.
                let paid = self.bookings[nth].lines.iter().any(|(of, _)| *of == stage.types[2]);
                return with("POST", format!("/api/bookings/{id}/confirm"), None, paid, What::Confirm(nth));
            }
            let waiting = self.bookings[nth].tickets.iter().find(|(_, used)| !used);
            if let (true, Some((code, _))) = (status == "confirmed" && dice < 55, waiting) {
                let scan = json!({ "event_id": stage.event, "gate": "A", "scan_id": key.clone() });
                return with(
                    "POST",
                    format!("/api/tickets/{code}/checkin"),
                    Some(scan),
                    true,
                    What::CheckIn(nth),
                );
            }
            let unused = self.bookings[nth].tickets.iter().all(|(_, used)| !used);
            if unused && (status == "held" || status == "confirmed") {
                return Request {
                    key: None,
                    ..with("DELETE", format!("/api/bookings/{id}"), None, false, What::Cancel(nth))
                };
            }
        }
        let of = &stage.types[usize::try_from(self.random.below(3)).unwrap()];
        let line = json!({ "ticket_type_id": of, "quantity": 1 + self.random.below(4) });
        if dice.is_multiple_of(2) {
            return with(
                "POST",
                format!("/api/events/{}/tickets", stage.event),
                Some(line),
                false,
                What::Book,
            );
        }
        let body = json!({ "event_id": stage.event, "lines": [line] });
        with("POST", "/api/bookings".to_owned(), Some(body), false, What::Book)
    }

    fn some_booking(&mut self) -> Option<(usize, String)> {
        let count = u64::try_from(self.bookings.len()).unwrap();
        let nth = usize::try_from(self.random.below(count.max(1))).unwrap();
        self.bookings.get(nth).map(|booking| (nth, booking.status.clone()))
    }

    /// Remembers an answer and what it means.
    fn note(&mut self, request: Request, answer: Answer) {
        match (request.what, answer.status) {
            (What::Register, 201)
            | (What::Cancel(_), 204)
            | (What::Book, 201)
            | (What::Confirm(_) | What::CheckIn(_), 200) => {}
            // All the few seats are taken; nothing else is refused.
            (What::Book, 409) => {
                let reason = answer.text("/reason");
                assert!(reason == "sold_out" || reason == "not_enough_left", "{answer}");
                return;
            }
            (what, _) => panic!("{what:?}: {answer}"),
        }
        match request.what {
            What::Book => {
                let body = answer.json();
                self.bookings.push(Booking::read(body.get("booking").unwrap_or(&body)));
            }
            What::Confirm(nth) => self.bookings[nth] = Booking::read(&answer.json()),
            What::Cancel(nth) => "cancelled".clone_into(&mut self.bookings[nth].status),
            What::CheckIn(nth) => {
                let code = answer.text("/short_code");
                assert_eq!(answer.text("/status"), "used");
                let mut tickets = self.bookings[nth].tickets.iter_mut();
                tickets.find(|(ticket, _)| *ticket == code).unwrap().1 = true;
            }
            What::Register => {}
        }
        self.answers.push((request, answer));
    }

    /// Asks again for what got no answer: it happened wholly or not at all, and now it has happened once.
    pub(crate) fn ask_again(&mut self, at: &Client, stage: &Stage) -> u64 {
        self.client = self.client.at(at.address());
        let Some(request) = self.open.take() else { return 0 };
        let mut organizer = stage.organizer.at(at.address());
        let client = if request.by_organizer { &mut organizer } else { &mut self.client };
        let answer = send(client, &request).unwrap();
        let answer = match (request.what, answer.status) {
            // No key makes these the same, so having happened shows as a refusal.
            (What::Register, 409) if answer.text("/reason") == "email_taken" => {
                Answer { status: 201, ..answer }
            }
            (What::Cancel(_), 409) if answer.text("/reason") == "booking_not_held" => {
                Answer { status: 204, ..answer }
            }
            _ => answer,
        };
        self.note(request, answer);
        1
    }

    /// Every answer since the last kill still holds: the same request gets the same answer, and all that was booked is
    /// as it was said to be.
    pub(crate) fn verify(&mut self, at: &Client, stage: &Stage) -> u64 {
        let mut organizer = stage.organizer.at(at.address());
        let answers = std::mem::take(&mut self.answers);
        for (request, first) in &answers {
            let client = if request.by_organizer { &mut organizer } else { &mut self.client };
            if request.key.is_some() {
                let again = send(client, request).unwrap().is(first.status);
                assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again}");
                assert_eq!(
                    again.json(),
                    first.json(),
                    "the first answer to {} {}",
                    request.method,
                    request.path
                );
            } else if request.what == What::Register {
                let again = send(client, request).unwrap().is(409);
                assert_eq!(again.text("/reason"), "email_taken");
            }
        }
        for booking in &self.bookings {
            let shown = self.client.get(&format!("/api/bookings/{}", booking.id)).is(200).json();
            let mut now = Booking::read(&shown);
            if booking.status == "cancelled" {
                now.tickets.clear();
            }
            assert_eq!(now.status, booking.status, "{shown}");
            assert_eq!(now.lines, booking.lines);
            let known: &[_] = if booking.status == "cancelled" { &[] } else { &booking.tickets };
            assert_eq!(now.tickets, known, "{shown}");
        }
        u64::try_from(answers.len()).unwrap()
    }

    /// How many seats of a type this person has in bookings of a status.
    pub(crate) fn seats(&self, of: &str, status: &str) -> u64 {
        let bookings = self.bookings.iter().filter(|booking| booking.status == status);
        bookings
            .flat_map(|booking| &booking.lines)
            .filter(|(id, _)| id == of)
            .map(|(_, quantity)| quantity)
            .sum()
    }
}

impl Booking {
    fn read(view: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let lines = view["lines"].as_array().unwrap().iter();
        let tickets = view["tickets"].as_array().unwrap().iter();
        Self {
            id: text(&view["id"]),
            status: text(&view["status"]),
            lines: lines
                .map(|line| (text(&line["ticket_type_id"]), line["quantity"].as_u64().unwrap()))
                .collect(),
            tickets: tickets
                .map(|ticket| (text(&ticket["short_code"]), ticket["status"] == "used"))
                .collect(),
        }
    }
}

fn send(client: &mut Client, request: &Request) -> std::io::Result<Answer> {
    client.send(request.method, &request.path, request.key.as_deref(), request.body.as_ref())
}
