//! Dead letters: by the thousand each of them gets another life, once; and those that an operator names are thrown away.

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

/// The dead letters as the command line lists them: what they were to do, and their ids.
fn listed(place: &Place) -> Vec<(String, String)> {
    let said = place.run(&["jobs", "list"]).ok();
    let of = |line: &str| {
        assert!(line.contains(" state=dead due_at=") && line.contains(" error="), "{line}");
        let mut words = line.split(' ');
        let id = words.next().unwrap().to_owned();
        (words.next().unwrap().strip_prefix("work=").unwrap().to_owned(), id)
    };
    let mut found: Vec<_> = said.out().lines().map(of).collect();
    assert!(said.err().contains(&format!("{} jobs", found.len())), "{}", said.err());
    found.sort_unstable();
    found
}

fn works(found: &[(String, String)]) -> Vec<&str> {
    found.iter().map(|(work, _)| work.as_str()).collect()
}

#[test]
fn an_operator_throws_away_the_dead_letters_that_are_named_and_no_others() {
    let mail = mail_server::Server::start(&[]);
    let server = format!("localhost:{}", mail.port);
    let options = ["--mail-server", &server, "--mail-security", "none", "--mail-from", "tickets@example.org"];
    let place = Place::new();
    let service = place.serve(&options);
    let register = |name: &str| {
        let person = json!({ "name": name, "email": format!("{name}@example.org"), "password": PASSWORD });
        service.client().post("/api/auth/register", &person).is(201).text("/id")
    };
    let gone = register("gone");
    register("ada");
    place.run(&["admin", "promote", "--email", "ada@example.org"]).ok();
    let mut ada = service.client().log_in("ada@example.org", PASSWORD);
    for title in ["One", "Two"] {
        ada.post("/api/notifications", &json!({ "user_id": gone, "title": title })).is(201);
    }
    until(|| count(&mut ada, "dead") == 3 && count(&mut ada, "delivering") == 0);
    let dead = listed(&place);
    assert_eq!(works(&dead), ["deliver", "deliver", "deliver_token"]);
    let purge = |args: &[&str]| {
        let said = place.run(&[&["jobs", "purge", "--older-than-days"], args].concat()).ok().out();
        said.trim().to_owned()
    };
    assert_eq!(purge(&["1"]), "purged=0");
    assert_eq!(purge(&["0", "--work", "publish"]), "purged=0");
    assert_eq!(listed(&place), dead, "given up a moment ago, and of another kind");
    assert_eq!(purge(&["0", "--work", "deliver_token"]), "purged=1");
    assert_eq!(listed(&place), dead[..2]);
    // One gets another life, in vain; the other one stays where it is.
    let (_, id) = &dead[0];
    let said = place.run(&["jobs", "retry", id]).ok().out();
    assert!(said.starts_with(&format!("{id} work=deliver state=waiting ")), "{said}");
    until(|| count(&mut ada, "dead") == 2);
    assert_eq!(listed(&place), dead[..2]);
    let unknown = place.run(&["jobs", "retry", &dead[2].1]).ends_with(1);
    assert!(unknown.err().contains("job_not_found"), "{}", unknown.err());
    // Without the service, too.
    assert_eq!(service.stop().0.code(), Some(0));
    assert_eq!(listed(&place), dead[..2]);
    assert_eq!((purge(&["0"]), listed(&place)), ("purged=2".to_owned(), vec![]));
}
