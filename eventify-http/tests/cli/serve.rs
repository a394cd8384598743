//! `eventify serve`: starting, refusing to start, stopping.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use crate::cli_support::http::read_answer;
use crate::cli_support::{PATIENCE, Place, Service, value_of};
use rustix::process::Signal;
use serde_json::json;

#[test]
fn it_says_where_it_listens_and_stops_cleanly() {
    let place = Place::new();
    let service = place.serve(&[]);
    assert_eq!(value_of(&service.said, "listening", "url"), format!("http://{}", service.address));
    assert_eq!(value_of(&service.said, "listening", "docs"), format!("http://{}/docs", service.address));
    let mut client = service.client();
    client.get("/healthz").is(200);
    client.get("/readyz").is(200);
    client.get("/openapi.json").is(200);
    let (status, log) = service.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    let last: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(last["message"], "stopped", "not on a terminal, every line is JSON");
    assert!(!place.path("eventify.redb.control").exists());
    place.run(&["check"]).ok();
}

#[test]
fn ctrl_c_stops_it_too() {
    let place = Place::new();
    let mut service = place.serve(&["--log-format", "human"]);
    service.signal(Signal::INT);
    assert_eq!(service.wait().code(), Some(0));
    assert!(service.errors().contains("SIGINT"), "{}", service.errors());
}

#[test]
fn a_request_under_way_is_finished_and_a_silent_client_does_not_keep_it() {
    let place = Place::new();
    let mut service = place.serve(&["--shutdown-timeout-s", "60"]);
    let _silent = TcpStream::connect(&service.address).unwrap();
    let body =
        json!({ "name": "Ada", "email": "ada@example.org", "password": "a long enough secret" }).to_string();
    let mut under_way = TcpStream::connect(&service.address).unwrap();
    let (first, second) = body.split_at(10);
    write!(
        under_way,
        "POST /api/auth/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    // The service asks for the body: so it has begun with the request before it is told to stop.
    let mut go_on = [0; 25];
    under_way.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100 Continue"));
    under_way.write_all(first.as_bytes()).unwrap();
    service.signal(Signal::TERM);
    under_way.write_all(second.as_bytes()).unwrap();
    read_answer(&mut under_way).unwrap().is(201);
    assert_eq!(service.wait().code(), Some(0));
}

#[test]
fn requests_that_never_end_are_broken_off_in_time() {
    let place = Place::new();
    let mut service = place.serve(&["--shutdown-timeout-s", "1"]);
    let mut slow = TcpStream::connect(&service.address).unwrap();
    write!(
        slow,
        "POST /api/auth/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n\
         content-length: 10\r\n\r\n"
    )
    .unwrap();
    slow.read_exact(&mut [0; 25]).unwrap();
    service.signal(Signal::TERM);
    assert_eq!(service.wait().code(), Some(0));
    assert!(service.errors().contains("not finished in time"), "{}", service.errors());
}

#[test]
fn a_client_that_does_not_finish_its_headers_is_cut_off() {
    let place = Place::new();
    let service = place.serve(&["--header-timeout-s", "1"]);
    for beginning in ["", "PRI * HT", "GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let mut slow = TcpStream::connect(&service.address).unwrap();
        slow.set_read_timeout(Some(PATIENCE)).unwrap();
        slow.write_all(beginning.as_bytes()).unwrap();
        let mut rest = Vec::new();
        // Ends because the service closes the connection; the client never finishes.
        let end = slow.read_to_end(&mut rest);
        let waited =
            matches!(&end, Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        assert!(!waited, "{beginning:?} keeps the connection");
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "{beginning:?}");
    }
    service.client().get("/healthz").is(200);
}

#[test]
fn one_client_may_not_guess_as_often_as_it_likes() {
    let place = Place::new();
    let guess = json!({ "refresh_token": "a guess" });
    let refused = |service: &Service, tries: usize| {
        let mut client = service.client();
        let answers = std::iter::repeat_with(|| client.post("/api/auth/refresh", &guess));
        let limited = answers.take(tries).find(|answer| answer.status == 429);
        limited.map(|answer| {
            assert_eq!(answer.text("/reason"), "rate_limited");
            assert!(answer.header("retry-after").is_some(), "{answer}");
        })
    };
    let strict = place.serve(&["--auth-rate", "1/min"]);
    assert!(refused(&strict, 1).is_none() && refused(&strict, 1).is_some());
    strict.client().get("/api/events").is(200);
    strict.stop();
    let usual = place.serve(&[]);
    assert!(refused(&usual, 3_000).is_none() && refused(&usual, 10_000).is_some());
    usual.stop();
    assert!(refused(&place.serve(&["--auth-rate", "off"]), 500).is_none());
}

#[test]
fn one_address_cannot_take_every_connection() {
    let place = Place::new();
    let service = place.serve(&["--connections-max", "4"]);
    let mut clients: Vec<_> = (0..3).map(|_| service.client()).collect();
    for client in &mut clients {
        client.get("/healthz").is(200);
    }
    assert!(service.client().send("GET", "/healthz", None, None).is_err(), "the fourth is closed at once");
    clients.pop();
    // The place of the closed one is free once the service has noticed.
    let served = std::iter::repeat_with(|| service.client().send("GET", "/healthz", None, None));
    assert!(served.take(10_000).any(|answer| answer.is_ok()));
}

#[test]
fn a_taken_port_is_refused() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = place.run(&["serve", "--listen", &address]).ends_with(4);
    assert!(refused.err().contains(&address) && refused.err().contains("in use"), "{}", refused.err());
    assert!(!place.path("eventify.redb").exists(), "nothing is made before it can listen");
}

#[test]
fn the_port_comes_from_the_environment_unless_it_is_typed() {
    let place = Place::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let start = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = place.command(&["serve", "--store", "memory:"]);
        command.args(args).envs(variables.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        Service::wait_for(command, place.file("errors", ""))
    };
    let own = start(&[], &[("PORT", &free)]);
    assert_eq!(own.address, format!("127.0.0.1:{free}"), "PORT replaces the port and nothing else");
    own.stop();
    let both = start(&[], &[("PORT", "0"), ("EVENTIFY_LISTEN", "127.0.0.2:1")]);
    assert!(both.address.starts_with("127.0.0.2:") && !both.address.ends_with(":1"));
    both.stop();
    let typed = start(&["--listen", "127.0.0.1:0"], &[("PORT", &free)]);
    assert_ne!(typed.address, format!("127.0.0.1:{free}"));
    typed.stop();
    for bad in ["abc", "65536", "-1", "80 90"] {
        let mut command = place.command(&["serve"]);
        let done = command.env("PORT", bad).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{bad}");
    }
}

#[test]
fn nothing_that_a_client_sends_forges_a_line_of_the_log() {
    let place = Place::new();
    let service = place.serve(&["--log", "trace", "--log-format", "human"]);
    let mut client = service.client();
    let secret = "an extraordinary passphrase";
    let name = "x\n2026-01-01T00:00:00Z  INFO forged";
    let body = json!({ "name": name, "email": "eve@example.org", "password": secret });
    client.post("/api/auth/register", &body).is(422);
    client.get("/api/events?q=%0d%0aINFO%20forged%1b%5b2J").is(422);
    let (_, log) = service.stop();
    assert!(!log.contains(secret) && !log.contains("eve@example.org"), "{log}");
    assert!(log.lines().all(|line| !line.trim_start().starts_with("INFO forged")), "{log}");
    assert!(!log.contains('\u{1b}'), "{log}");
}

/// Brokers are not there when the service starts, and nobody waits for them.
#[cfg(all(feature = "kafka", feature = "nats", feature = "rabbitmq"))]
#[test]
fn brokers_may_be_away() {
    let place = Place::new();
    let password = place.file("password", "a long enough secret\n");
    let service = place.serve(&[
        "--demo",
        "--kafka-servers",
        "127.0.0.1:1",
        "--rabbitmq-url",
        "amqp://eventify@127.0.0.1:1",
        "--rabbitmq-password-file",
        password.to_str().unwrap(),
        "--nats-urls",
        "nats://eventify@127.0.0.1:1",
        "--nats-password-file",
        password.to_str().unwrap(),
    ]);
    service.client().get("/readyz").is(200);
    let (status, log) = service.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("a long enough secret"), "{log}");
}

#[test]
fn texts_of_ones_own_are_read_at_the_start_or_refused_with_file_and_line() {
    let place = Place::new();
    let texts = place.path("texts");
    std::fs::create_dir(&texts).unwrap();
    std::fs::write(texts.join("de.ftl"), "announcement = { $title }\n    .body = { $body }\n").unwrap();
    std::fs::write(texts.join("README.txt"), "no texts").unwrap();
    let dir = texts.to_str().unwrap();
    place.serve(&["--texts", dir]).stop();
    std::fs::write(texts.join("de.ftl"), "\nannouncement = { $titel }\n    .body = { $body }\n").unwrap();
    let refused = place.run(&["serve", "--listen", "127.0.0.1:0", "--texts", dir]).ends_with(2);
    assert!(refused.err().contains("de.ftl:2: announcement has no $titel"), "{}", refused.err());
    let absent = place.path("nowhere");
    let refused =
        place.run(&["serve", "--listen", "127.0.0.1:0", "--texts", absent.to_str().unwrap()]).ends_with(2);
    assert!(refused.err().contains("cannot be read"), "{}", refused.err());
}
