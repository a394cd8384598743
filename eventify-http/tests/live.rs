//! Feeds of the real service over real connections: resumed, revoked, abused, and closed with a reason.
#![allow(clippy::disallowed_methods, reason = "how soon a feed says something is measured")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "cli_support/mod.rs"]
mod cli_support;
#[path = "live/slow.rs"]
mod slow;
#[path = "support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use cli_support::http::Client;
use cli_support::live::{BINARY, CLOSE, CONTINUATION, Came, PING, Socket, Sse, TEXT};
use cli_support::{Place, Service};
use serde_json::{Value, json};

const STREAM: &str = "/api/notifications/stream";
const SOCKET: &str = "/api/notifications/ws";
/// How soon a feed says what happened. It looks by itself once a minute only.
const WITHIN: Duration = Duration::from_secs(1);

/// A service with an event on sale, and Bob, who is told of every ticket that he takes.
struct Hall {
    service: Service,
    olga: Client,
    bob: Client,
    event: String,
    ticket_type: String,
    _place: Place,
}

impl Hall {
    fn open(args: &[&str]) -> Self {
        let place = Place::new();
        let service = place.serve(&[&["--store", "memory:"], args].concat());
        let olga = join(&service, "olga");
        let mut olga = olga.log_in("olga@example.org", PASSWORD);
        let token = olga.post("/api/users/me/become-organizer", &json!({})).is(200).text("/access_token");
        let mut olga = olga.with_token(&token);
        let draft = json!({
            "title": "Open rehearsal", "starts_at": "2100-05-01T13:00:00Z", "ends_at": "2100-05-01T18:00:00Z"
        });
        let event = olga.post("/api/events", &draft).is(201).text("/id");
        let free = json!({"name": "Free", "quantity": 10_000});
        let path = format!("/api/events/{event}/ticket-types");
        let ticket_type = olga.post(&path, &free).is(201).text("/id");
        olga.post(&format!("/api/events/{event}/publish"), &json!({})).is(200);
        let bob = join(&service, "bob");
        Self { service, olga, bob, event, ticket_type, _place: place }
    }

    fn address(&self) -> &str {
        &self.service.address
    }

    fn token(&self) -> &str {
        self.bob.token()
    }

    fn buy(&mut self) -> Value {
        let line = json!({"ticket_type_id": self.ticket_type, "quantity": 1});
        self.bob.post(&format!("/api/events/{}/tickets", self.event), &line).is(201).json()
    }

    fn stream(&self, last: Option<&str>) -> Sse {
        Sse::open(self.address(), STREAM, self.token(), last).is("200")
    }

    fn socket(&self) -> Socket {
        let mut socket = Socket::open(self.address(), SOCKET, Some(self.token())).agreed();
        assert_eq!(socket.json()["type"], "open");
        socket
    }
}

const PASSWORD: &str = "a long enough secret";

fn join(service: &Service, name: &str) -> Client {
    let email = format!("{name}@example.org");
    let account = json!({"name": name, "email": email, "password": PASSWORD});
    service.client().post("/api/auth/register", &account).is(201);
    service.client().log_in(&email, PASSWORD)
}

#[test]
fn a_stream_gives_what_happens_and_goes_on_where_it_broke_off() {
    let mut hall = Hall::open(&[]);
    hall.buy();
    let mut stream = hall.stream(None);
    for header in ["content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no"] {
        assert!(stream.head.contains(header), "{}", stream.head);
    }
    let open = stream.next().unwrap();
    assert_eq!((open.name.as_str(), &open.data["last_event_id"]), ("open", &json!(open.id)));
    hall.buy();
    let bought = Instant::now();
    let first = stream.next().unwrap();
    assert!(bought.elapsed() < WITHIN, "{:?}: it was looked for, not told of", bought.elapsed());
    assert_eq!((first.name.as_str(), &first.data["id"]), ("ticket.purchased", &json!(first.id)));
    let known = hall.bob.get(&format!("/api/notifications/{}", first.id)).is(200).json();
    assert_eq!(first.data, known, "as it is read");
    drop(stream);
    let missed: Vec<Value> = (0..3).map(|_| hall.buy()).collect();
    assert_eq!(missed.len(), 3);
    // By the header, and by the parameter; before anything came, too.
    for from in [&first.id, &open.id] {
        let path = format!("{STREAM}?last_event_id={from}");
        let by_parameter = Sse::open(hall.address(), &path, hall.token(), None).is("200");
        for mut stream in [hall.stream(Some(from)), by_parameter] {
            assert_eq!(stream.next().unwrap().id, *from);
            // All but that one: what was told up to a minute before may have come late, and so comes again.
            let came: Vec<String> = (0..4).map(|_| stream.next().unwrap().id).collect();
            let history = hall.bob.get("/api/notifications").is(200).json()["data"].take();
            let listed = history.as_array().unwrap().iter().rev().map(|n| n["id"].as_str().unwrap());
            assert_eq!(came, listed.filter(|id| id != from).collect::<Vec<_>>());
        }
    }
}

#[test]
fn who_cannot_be_caught_up_begins_anew_and_is_told_so() {
    let mut hall = Hall::open(&[]);
    hall.buy();
    let mut stream = hall.stream(Some("01920000-0000-7000-8000-000000000000"));
    let reset = stream.next().unwrap();
    assert_eq!((reset.name.as_str(), &reset.data["reason"]), ("reset", &json!("notification_not_found")));
    hall.buy();
    assert_eq!(stream.next().unwrap().name, "ticket.purchased");
    let path = format!("{SOCKET}?last_event_id=01920000-0000-7000-8000-000000000000");
    let mut socket = Socket::open(hall.address(), &path, Some(hall.token())).agreed();
    assert_eq!(socket.json()["type"], "reset");
    for bad in ["0", "%00", "x"] {
        Sse::open(hall.address(), &format!("{STREAM}?last_event_id={bad}"), hall.token(), None).is("422");
    }
    Sse::open(hall.address(), STREAM, hall.token(), Some("nonsense")).is("422");
    Sse::open(hall.address(), STREAM, "nonsense", None).is("401");
    Socket::open(hall.address(), SOCKET, Some("nonsense"))
        .head
        .starts_with("HTTP/1.1 401 ")
        .then_some(())
        .unwrap();
}

#[test]
fn whose_session_ends_hears_nothing_more_and_why() {
    let mut hall = Hall::open(&[]);
    let (mut stream, mut socket) = (hall.stream(None), hall.socket());
    assert_eq!(stream.next().unwrap().name, "open");
    let change = json!({"current_password": PASSWORD, "new_password": "another long secret"});
    let fresh = hall.bob.post("/api/users/me/password", &change).is(200).text("/access_token");
    let close = stream.next().unwrap();
    assert_eq!((close.name.as_str(), &close.data["reason"]), ("close", &json!("session_revoked")));
    assert_eq!(stream.next(), None);
    assert_eq!(socket.next(), Came::Closed(4401, "session_revoked".into()));
    hall.bob = hall.service.client().with_token(&fresh);
    let mut stream = hall.stream(None);
    assert_eq!(stream.next().unwrap().name, "open");
    // Logging out ends what was opened with that session, and nothing else.
    let mut other = hall.service.client().log_in("bob@example.org", "another long secret");
    let mut theirs = Sse::open(hall.address(), STREAM, other.token(), None).is("200");
    assert_eq!(theirs.next().unwrap().name, "open");
    other.post("/api/auth/logout", &json!({})).is(204);
    assert_eq!(theirs.next().unwrap().data["reason"], "session_revoked");
    hall.buy();
    assert_eq!(stream.next().unwrap().name, "ticket.purchased");
}

#[test]
fn a_socket_is_somebodys_who_says_so_first() {
    let mut hall = Hall::open(&[]);
    let token = hall.token().to_owned();
    let mut socket = Socket::open(hall.address(), SOCKET, None).agreed();
    socket.say(&json!({"type": "authenticate", "token": token}));
    assert_eq!(socket.json()["type"], "open");
    hall.buy();
    let bought = Instant::now();
    let told = socket.json();
    assert!(bought.elapsed() < WITHIN, "{:?}: it was looked for, not told of", bought.elapsed());
    assert_eq!(
        (&told["type"], &told["notification"]["kind"]),
        (&json!("notification"), &json!("ticket.purchased"))
    );
    // Again with a token of the same session; with another one's it is over.
    socket.say(&json!({"type": "authenticate", "token": token}));
    socket.whole(PING, b"still there?");
    assert_eq!(socket.next(), Came::Pong);
    socket.say(&json!({"type": "authenticate", "token": hall.olga.token()}));
    assert_eq!(socket.next(), Came::Closed(4401, "invalid_token".into()));
    for (first, code, reason) in [
        (json!({"type": "authenticate", "token": "nonsense"}), 4401, "invalid_token"),
        (json!({"type": "subscribe"}), 1008, "malformed"),
        (json!({"type": "authenticate", "token": token, "surprise": 1}), 1008, "malformed"),
        (json!(null), 1008, "malformed"),
    ] {
        let mut socket = Socket::open(hall.address(), SOCKET, None).agreed();
        socket.say(&first);
        assert_eq!(socket.next(), Came::Closed(code, reason.into()), "{first}");
    }
}

#[test]
fn hostile_frames_end_their_own_socket_and_nothing_else() {
    let mut hall = Hall::open(&[]);
    let mut other = hall.socket();
    type Attack = fn(&mut Socket);
    let attacks: [(&str, Attack, u16); 10] = [
        ("unmasked", |s| s.raw(&[0x81, 2, b'{', b'}']), 1002),
        ("binary", |s| s.whole(BINARY, b"{}"), 1003),
        ("huge", |s| s.whole(TEXT, &vec![b' '; 5_000]), 1009),
        ("a terabyte is announced", |s| s.raw(&[0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4]), 1009),
        ("reserved bits", |s| s.frame(0xf1, b"{}"), 1002),
        ("an unknown opcode", |s| s.whole(5, b"{}"), 1002),
        ("no UTF-8", |s| s.whole(TEXT, b"\xff\xfe"), 1007),
        ("a rest without a beginning", |s| s.whole(CONTINUATION, b"{}"), 1002),
        ("a ping in parts", |s| s.frame(PING, b"?"), 1002),
        (
            "fragments without end",
            |s| {
                s.frame(TEXT, &[b' '; 100]);
                (0..50).for_each(|_| s.frame(CONTINUATION, &[b' '; 100]));
            },
            1009,
        ),
    ];
    for (name, attack, code) in attacks {
        let mut socket = hall.socket();
        attack(&mut socket);
        match socket.next() {
            Came::Closed(closed, _) => assert_eq!(closed, code, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    let mut chatty = hall.socket();
    let token = json!({"type": "authenticate", "token": hall.token()});
    (0..20).for_each(|_| chatty.say(&token));
    assert_eq!(chatty.next(), Came::Closed(4429, "too_many_messages".into()));
    let mut polite = hall.socket();
    // In fragments, as one may.
    let token = token.to_string();
    polite.frame(TEXT, &token.as_bytes()[..10]);
    polite.whole(PING, b"in between");
    polite.whole(CONTINUATION, &token.as_bytes()[10..]);
    assert_eq!(polite.next(), Came::Pong);
    polite.whole(CLOSE, &1000_u16.to_be_bytes());
    assert_eq!(polite.next(), Came::Closed(1000, String::new()));
    hall.buy();
    assert_eq!(other.json()["type"], "notification");
    hall.bob.get("/healthz").is(200);
}

#[test]
fn places_are_bounded_and_given_back() {
    let mut hall = Hall::open(&["--feeds-max", "4", "--feeds-per-person-max", "2"]);
    // Who says nothing of themselves has none of them.
    let strangers: Vec<Socket> =
        (0..3).map(|_| Socket::open(hall.address(), SOCKET, None).agreed()).collect();
    let held = (hall.stream(None), hall.socket());
    Sse::open(hall.address(), STREAM, hall.token(), None).is("429");
    let mut socket = Socket::open(hall.address(), SOCKET, Some(hall.token())).agreed();
    assert_eq!(socket.next(), Came::Closed(4429, "too_many_feeds".into()));
    let live = format!("/api/events/{}/live", hall.event);
    let more: Vec<Sse> =
        (0..2).map(|_| Sse::open(hall.address(), &live, hall.olga.token(), None).is("200")).collect();
    let refused = Sse::open(hall.address(), &live, hall.olga.token(), None).is("503");
    assert!(refused.head.to_lowercase().contains("retry-after: "), "{}", refused.head);
    let mut late = Socket::open(hall.address(), SOCKET, None).agreed();
    late.say(&json!({"type": "authenticate", "token": hall.olga.token()}));
    assert_eq!(late.next(), Came::Closed(1013, "overloaded".into()));
    drop(strangers);
    let metrics = String::from_utf8(hall.bob.get("/metrics").is(200).body).unwrap();
    assert!(metrics.contains("eventify_http_feeds_open 4\n"), "{metrics}");
    drop((held, more));
    // Seen to be gone when the connection is.
    let begun = Instant::now();
    while !String::from_utf8(hall.bob.get("/metrics").is(200).body).unwrap().contains("feeds_open 0\n") {
        assert!(begun.elapsed() < cli_support::PATIENCE, "places are not given back");
        std::thread::yield_now();
    }
    hall.stream(None);
}

#[test]
fn an_organizer_sees_the_sale_and_the_door_as_they_go() {
    let mut hall = Hall::open(&[]);
    let live = format!("/api/events/{}/live", hall.event);
    Sse::open(hall.address(), &live, hall.token(), None).is("403");
    let mut stream = Sse::open(hall.address(), &live, hall.olga.token(), None).is("200");
    let first = stream.next().unwrap();
    assert_eq!((first.name.as_str(), &first.data["sales"]["sold"]), ("snapshot", &json!(0)));
    let bought = hall.buy();
    let ticket = &bought["tickets"][0];
    assert_eq!(stream.next().unwrap().data["sales"]["sold"], 1);
    let scan = format!("/api/tickets/{}/checkin", ticket["code"].as_str().unwrap());
    hall.olga.post(&scan, &json!({"gate": "North"})).is(200);
    let door = stream.next().unwrap().data["door"].take();
    assert_eq!((&door["checked_in"], &door["newest"][0]["ticket_id"]), (&json!(1), &ticket["id"]));
}

#[test]
fn a_service_that_stops_says_so_and_clients_go_on_elsewhere() {
    let mut hall = Hall::open(&[]);
    let (mut stream, mut socket) = (hall.stream(None), hall.socket());
    let live = format!("/api/events/{}/live", hall.event);
    let mut live = Sse::open(hall.address(), &live, hall.olga.token(), None).is("200");
    assert_eq!((stream.next().unwrap().name, live.next().unwrap().name), ("open".into(), "snapshot".into()));
    hall.buy();
    assert_eq!(live.next().unwrap().name, "snapshot");
    assert_eq!(
        (stream.next().unwrap().name.as_str(), &socket.json()["type"]),
        ("ticket.purchased", &json!("notification"))
    );
    hall.service.signal(rustix::process::Signal::TERM);
    for feed in [&mut stream, &mut live] {
        let close = feed.next().unwrap();
        assert_eq!((close.name.as_str(), &close.data["reason"]), ("close", &json!("shutting_down")));
        assert_eq!(feed.next(), None);
    }
    assert_eq!(socket.next(), Came::Closed(1001, "shutting_down".into()));
    socket.whole(CLOSE, &1001_u16.to_be_bytes());
    assert!(hall.service.wait().success());
    assert!(!hall.service.errors().contains("broken off"), "{}", hall.service.errors());
}
