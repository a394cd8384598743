//! What only the operator may do – with and without the service running.

use crate::cli_support::Place;
use serde_json::json;

const PASSWORD: &str = "a long enough secret";

fn register(client: &mut crate::cli_support::http::Client, email: &str) {
    let body = json!({ "name": "Somebody", "email": email, "password": PASSWORD });
    client.post("/api/auth/register", &body).is(201);
}

#[test]
fn an_operator_makes_admins_and_new_keys() {
    let place = Place::new();
    let service = place.serve(&[]);
    let mut client = service.client();
    register(&mut client, "Ada@Example.org");
    register(&mut client, "bob@example.org");
    register(&mut client, "carol@example.org");
    let jobs = "/api/jobs?state=dead";
    let mut ada = service.client().log_in("ada@example.org", PASSWORD);
    ada.get(jobs).is(403);
    let unknown = place.run(&["admin", "promote", "--email", "nobody@example.org"]).ends_with(1);
    assert!(unknown.err().contains("user_not_found"), "{}", unknown.err());
    let said = place.run(&["admin", "promote", "--email", " ada@example.ORG "]).ok().out();
    assert!(said.contains("is an admin now"), "{said}");
    ada.get(jobs).is(401);
    ada.log_in("ada@example.org", PASSWORD).get(jobs).is(200);
    let mut carol = service.client().log_in("carol@example.org", PASSWORD);
    place.run(&["admin", "rotate-keys"]).ok();
    carol.get("/api/users/me").is(200);
    service.client().log_in("carol@example.org", PASSWORD).get("/api/users/me").is(200);
    service.stop();
    place.run(&["admin", "promote", "--email", "bob@example.org"]).ok();
    place.run(&["admin", "rotate-keys"]).ok();
    let again = place.serve(&[]);
    again.client().log_in("bob@example.org", PASSWORD).get(jobs).is(200);
    // What the first keys signed is good for as long as it lives.
    carol.at(&again.address).get("/api/users/me").is(200);
}

#[test]
fn an_operator_sees_jobs_and_decides_what_becomes_of_the_dead() {
    let place = Place::new();
    let service = place.serve(&["--demo"]);
    {
        // By way of the running service.
        let waiting = place.run(&["jobs", "list", "--state", "waiting"]).ok();
        let first = waiting.out().lines().next().unwrap().to_owned();
        assert!(first.contains(" work=") && first.contains(" state=waiting due_at="), "{first}");
        let id = first.split(' ').next().unwrap();
        let refused = place.run(&["jobs", "retry", id]).ends_with(1);
        assert!(refused.err().contains("job_not_dead"), "{}", refused.err());
        assert_eq!(place.run(&["jobs", "list"]).ok().out(), "");
        assert_eq!(place.run(&["jobs", "retry", "--all"]).ok().out().trim(), "retried=0");
        assert_eq!(place.run(&["jobs", "purge", "--older-than-days", "0"]).ok().out().trim(), "purged=0");
        let wrong = place.run(&["jobs", "purge", "--older-than-days", "0", "--work", "check"]).ends_with(1);
        assert!(wrong.err().contains("deliver_token"), "{}", wrong.err());
        place.run(&["jobs", "retry"]).ends_with(2);
        place.run(&["jobs", "purge"]).ends_with(2);
    }
    service.stop();
    assert!(place.run(&["jobs", "list", "--state", "waiting"]).ok().out().contains(" work="));
}
