//! Dead letters, by the thousand: each of them gets another life, once.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use crate::cli_support::Place;
use crate::cli_support::http::Client;
use crate::mail_server;

/// Side by side.
const SENDERS: usize = 4;
const EACH: usize = 275;
const PASSWORD: &str = "a long enough secret";
const LOOKS_MAX: u32 = 1_800;

/// How many jobs are in a state, page after page. One that is tried meanwhile may be on a later page once more.
fn count(admin: &mut Client, state: &str) -> usize {
    let (mut found, mut path) = (BTreeSet::new(), format!("/api/jobs?state={state}&limit=100"));
    loop {
        let page = admin.get(&path).is(200).json();
        found.extend(page["data"].as_array().unwrap().iter().map(|job| job["id"].to_string()));
        let Some(cursor) = page["next_cursor"].as_str() else { return found.len() };
        path = format!("/api/jobs?state={state}&limit=100&cursor={cursor}");
    }
}

fn until(mut holds: impl FnMut() -> bool) {
    for _ in 0..LOOKS_MAX {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it never came true");
}

#[test]
fn each_of_a_thousand_dead_letters_gets_another_life_once() {
    let mut mail = mail_server::Server::start(&[]);
    let server = format!("localhost:{}", mail.port);
    let options = ["--mail-server", &server, "--mail-security", "none", "--mail-from", "tickets@example.org"];
    let place = Place::new();
    let service = place.serve(&options);
    let register = |name: &str| {
        let person = json!({ "name": name, "email": format!("{name}@example.org"), "password": PASSWORD });
        service.client().post("/api/auth/register", &person).is(201).text("/id")
    };
    // The mail server knows nobody of this name.
    let gone = register("gone");
    register("ada");
    place.run(&["admin", "promote", "--email", "ada@example.org"]).ok();
    let mut ada = service.client().log_in("ada@example.org", PASSWORD);
    let words = json!({ "user_id": gone, "title": "Words" });
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            let mut admin = ada.at(ada.address());
            let words = &words;
            scope
                .spawn(move || (0..EACH).for_each(|_| drop(admin.post("/api/notifications", words).is(201))));
        }
    });
    until(|| count(&mut ada, "delivering") == 0);
    let dead = count(&mut ada, "dead");
    assert!(dead > SENDERS * EACH, "and the one about the account: {dead}");

    // They wait when they are retried, and are not given up again meanwhile.
    mail.kill();
    let said = place.run(&["jobs", "retry", "--all"]).ok().out();
    assert_eq!(said.trim(), format!("retried={dead}"));
    // One that is put off while it is looked for may be behind the look: then it is looked for again.
    until(|| (count(&mut ada, "dead"), count(&mut ada, "delivering")) == (0, dead));
    assert_eq!(service.stop().0.code(), Some(0));
}
