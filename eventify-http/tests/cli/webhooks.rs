//! Webhooks of the real service: told to a real server, also what a process that was killed had left.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value, json};

use super::killed::until_all_is_told;
use super::requests::{Asked, take};
use crate::cli_support::http::Client;
use crate::cli_support::{PATIENCE, Place, Service};
use crate::mail_server::Port;

/// Reads one request after another and answers 204; hands their heads and bodies out. Ends when nobody listens to it any more.
fn receive(listener: TcpListener, tell: Sender<(String, Value)>) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = Vec::new();
            let (head, body) = loop {
                let mut more = [0; 4_096];
                let count = stream.read(&mut more).unwrap();
                bytes.extend_from_slice(&more[..count]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
                    if body.len() >= length.parse().unwrap() {
                        break (head.to_owned(), body.to_owned());
                    }
                }
                assert!(count > 0, "a request that breaks off");
            };
            stream.write_all(b"HTTP/1.1 204 It\r\nconnection: close\r\n\r\n").unwrap();
            if tell.send((head, serde_json::from_str(&body).unwrap())).is_err() {
                return;
            }
        }
    });
}

fn told(heard: &Receiver<(String, Value)>) -> (String, Value) {
    let (head, body) = heard.recv_timeout(PATIENCE).unwrap();
    let id = head.lines().find_map(|l| l.strip_prefix("webhook-id: ")).unwrap().to_owned();
    assert!(head.contains("webhook-signature: v1,"), "{head}");
    (id, body)
}

/// Olga, who is an organizer, logged in.
fn olga(service: &Service) -> Client {
    let mut client = service.client();
    let account = json!({"name": "Olga", "email": "olga@example.org", "password": "a long enough secret"});
    client.post("/api/auth/register", &account).is(201);
    let mut client = client.log_in("olga@example.org", "a long enough secret");
    let changed = client.post("/api/users/me/become-organizer", &json!({})).is(200);
    service.client().with_token(&changed.text("/access_token"))
}

/// A draft of hers.
fn draft(client: &mut Client) -> String {
    let body =
        json!({"title": "Night", "starts_at": "2099-01-01T18:00:00Z", "ends_at": "2099-01-01T22:00:00Z"});
    client.post("/api/events", &body).is(201).text("/id")
}

#[test]
fn what_happens_is_told_and_also_what_a_killed_process_had_left() {
    // On which nobody listens yet.
    let port = Port::hold();
    let at = port.address();
    let place = Place::new();
    let service = place.serve(&["--webhooks", "loopback"]);
    let mut client = olga(&service);
    let hook = json!({"url": format!("http://{at}/hooks"), "facts": ["event.published"]});
    client.post("/api/webhooks", &hook).is(201);
    let (first, second) = (draft(&mut client), draft(&mut client));
    client.post(&format!("/api/events/{first}/publish"), &json!({})).is(200);
    client.post(&format!("/api/events/{second}/publish"), &json!({})).is(200);
    service.kill();
    let (tell, heard) = channel();
    receive(TcpListener::bind(at).unwrap(), tell);
    let service = place.serve(&["--webhooks", "loopback"]);
    let mut events = std::collections::BTreeMap::new();
    while events.len() < 2 {
        let (id, body) = told(&heard);
        assert_eq!((&body["event"], body["id"].as_str()), (&json!("event.published"), Some(id.as_str())));
        events.insert(body["data"]["event_id"].as_str().unwrap().to_owned(), id);
    }
    assert!(events.contains_key(&first) && events.contains_key(&second));
    assert_eq!(service.stop().0.code(), Some(0));
}

#[test]
fn what_a_killed_process_had_handed_over_comes_again_under_the_same_id() {
    let port = Port::hold();
    let at = port.address();
    let (tell, heard) = channel();
    let silent = Arc::new(AtomicBool::new(true));
    take(TcpListener::bind(at).unwrap(), &silent, tell, ("/nothing", ""));
    let place = Place::new();
    let service = place.serve(&["--webhooks", "loopback"]);
    let mut client = olga(&service);
    let hook = json!({"url": format!("http://{at}/hooks"), "facts": ["event.published"]});
    client.post("/api/webhooks", &hook).is(201);
    let drafts: Vec<String> = (0..3).map(|_| draft(&mut client)).collect();
    for id in &drafts {
        client.post(&format!("/api/events/{id}/publish"), &json!({})).is(200);
    }
    // All three are handed over, and their process hears nothing of it any more.
    let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut note = |asked: Asked| told.entry(asked.header("webhook-id")).or_default().push(asked.json());
    (0..3).for_each(|_| note(heard.recv_timeout(PATIENCE).unwrap()));
    service.kill();
    silent.store(false, Ordering::SeqCst);
    let service = place.serve(&["--webhooks", "loopback"]);
    (0..3).for_each(|_| note(heard.recv_timeout(PATIENCE).unwrap()));
    until_all_is_told(&place);
    heard.try_iter().for_each(note);
    let mut events = BTreeSet::new();
    for (id, bodies) in &told {
        assert_eq!(bodies.len(), 2, "{id}: once in vain, once for good");
        assert!(bodies.iter().all(|body| *body == bodies[0] && body["id"] == json!(id)), "{bodies:?}");
        events.insert(bodies[0]["data"]["event_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(events, BTreeSet::from_iter(drafts));
    assert_eq!(service.stop().0.code(), Some(0));
}

#[test]
fn a_service_has_no_webhooks_unless_told_so_and_never_into_its_own_network() {
    let place = Place::new();
    let service = place.serve(&[]);
    let mut client = olga(&service);
    let hook = |url: &str| json!({"url": url});
    assert_eq!(
        client.post("/api/webhooks", &hook("https://example.org")).is(409).text("/reason"),
        "webhooks_off"
    );
    service.stop();
    let service = place.serve(&["--webhooks", "public"]);
    let mut client = service.client().log_in("olga@example.org", "a long enough secret");
    client.post("/api/webhooks", &hook("https://example.org/hooks")).is(201);
    for url in ["http://127.0.0.1:1/hooks", "https://localhost/hooks", "https://10.0.0.1/hooks"] {
        client.post("/api/webhooks", &hook(url)).is(422);
    }
    service.stop();
    place.run(&["serve", "--webhooks", "everywhere"]).ends_with(2);
}
