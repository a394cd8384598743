//! What people do about their own accounts: mailed tokens, sessions, the second factor, API keys, leaving.

use std::time::Duration;

use eventify_core::notification::Channel;
use eventify_core::testing::MemoryNotifier;
use eventify_http::Config;
use serde_json::{Value, json};

use crate::support::world::{World, draft, event_body};
use crate::support::{PASSWORD, Person, Service, assert_members};

/// A service that mails, and what it mailed.
async fn mailing() -> (Service, MemoryNotifier) {
    let notifier = MemoryNotifier::new([Channel::Email]);
    let service = Service::built(Config::default(), |builder| builder.notifier(notifier.clone())).await;
    (service, notifier)
}

/// The newest token that was mailed.
fn token(notifier: &MemoryNotifier) -> String {
    let mailed = notifier.delivered();
    let mut tokens = mailed.iter().filter_map(|(_, _, message)| message.token.as_ref());
    tokens.next_back().unwrap().expose().to_owned()
}

#[tokio::test]
async fn a_mailed_token_proves_an_address() {
    let (service, notifier) = mailing().await;
    let ada = service.person("Ada").await;
    let me = async || service.get("/api/users/me").by(&ada).send().await.ok(200);
    assert_eq!(me().await["email_verified"], false);
    service.settle().await;
    let body = json!({"token": token(&notifier)});
    service.post("/api/users/me/verification").by(&ada).send().await.ok(202);
    service.settle().await;
    service.post("/api/auth/verify-email").json(&body).send().await.refused(401, "invalid_token");
    let body = json!({"token": token(&notifier)});
    service.post("/api/auth/verify-email").json(&body).send().await.ok(204);
    service.post("/api/auth/verify-email").json(&body).send().await.refused(401, "invalid_token");
    assert_eq!(me().await["email_verified"], true);
    service.post("/api/users/me/verification").send().await.refused(401, "not_authenticated");
    service.post("/api/auth/verify-email").json(&json!({})).send().await.refused(422, "invalid_value");
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew() {
    let (service, notifier) = mailing().await;
    let ada = service.person("Ada").await;
    service.settle().await;
    let ask = async |email: &str| {
        service.post("/api/auth/password-reset").json(&json!({"email": email})).send().await
    };
    let (known, unknown) = (ask(&ada.email).await, ask("nobody@example.org").await);
    assert_eq!((known.ok(202), known.text()), (unknown.ok(202), unknown.text()));
    assert!(ask(" ").await.fields().contains(&"email".to_owned()));
    service.settle().await;
    let set = async |token: &str, password: &str| {
        let body = json!({"token": token, "new_password": password});
        service.post("/api/auth/password-reset/confirm").json(&body).send().await
    };
    let token = token(&notifier);
    set(&token, "short").await.refused(422, "weak_password");
    set("nonsense", "another secret").await.refused(401, "invalid_token");
    set(&token, "another secret").await.ok(204);
    set(&token, "another secret").await.refused(401, "invalid_token");
    service.get("/api/users/me").by(&ada).send().await.refused(401, "session_revoked");
    let login = json!({"email": ada.email, "password": "another secret"});
    service.post("/api/auth/login").json(&login).send().await.ok(200);
    for _ in 0..3 {
        ask("victim@example.org").await.ok(202);
    }
    ask("victim@example.org").await.ok(202);
    let throttled = ask("victim@example.org").await;
    throttled.refused(429, "too_many_attempts");
    assert_eq!(throttled.header("retry-after"), Some("60"));
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let service = Service::new().await;
    let phone = service.person("Ada").await;
    let laptop = service.log_in(&phone.id, &phone.email).await;
    let list = async |who: &Person| service.get("/api/users/me/sessions").by(who).send().await.ok(200);
    let listed = list(&phone).await;
    assert_members(&listed["data"][0], "id origin created_at used_at ends_at current");
    let other = listed["data"].as_array().unwrap().iter().find(|s| s["current"] == false).unwrap().clone();
    let path = format!("/api/users/me/sessions/{}", other["id"].as_str().unwrap());
    let eve = service.person("Eve").await;
    service.delete(&path).by(&eve).send().await.refused(404, "session_not_found");
    service.delete(&path).by(&phone).send().await.ok(204);
    service.delete(&path).by(&phone).send().await.refused(404, "session_not_found");
    service.get("/api/users/me").by(&laptop).send().await.refused(401, "session_revoked");
    let tablet = service.log_in(&phone.id, &phone.email).await;
    service.delete("/api/users/me/sessions").by(&phone).send().await.ok(204);
    service.get("/api/users/me").by(&tablet).send().await.refused(401, "session_revoked");
    assert_eq!(list(&phone).await["data"].as_array().unwrap().len(), 1);
}

/// What an authenticator app shows.
fn code(service: &Service, secret: &str) -> String {
    use eventify_core::Clock;
    let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let secret: [u8; 20] = secret.try_into().unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(service.clock.now().as_seconds().try_into().unwrap()).to_string()
}

#[tokio::test]
async fn a_second_factor_is_begun_confirmed_asked_for_and_turned_off() {
    let service = Service::new().await;
    let (ada, root) = (service.person("Ada").await, service.admin("Root").await);
    let path = "/api/users/me/second-factor";
    let post = async |path: &str, body: Value| service.post(path).by(&ada).json(&body).send().await;
    post(path, json!({"password": "wrong one"})).await.refused(401, "invalid_credentials");
    let begun = post(path, json!({"password": PASSWORD})).await.ok(200);
    assert_members(&begun, "secret uri");
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let confirm = format!("{path}/confirm");
    post(&confirm, json!({"code": "nonsense"})).await.refused(401, "invalid_code");
    let codes = post(&confirm, json!({"code": code(&service, &secret)})).await.ok(200);
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
    post(path, json!({"password": PASSWORD})).await.refused(409, "second_factor_on");
    let shown = service.get(path).by(&ada).send().await.ok(200);
    assert_members(&shown, "enabled since recovery_codes_left");
    assert_eq!((&shown["enabled"], &shown["recovery_codes_left"]), (&json!(true), &json!(10)));

    let log_in = async |more: Value| {
        let mut body = json!({"email": ada.email, "password": PASSWORD});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        service.post("/api/auth/login").json(&body).send().await
    };
    log_in(json!({})).await.refused(401, "second_factor_required");
    service.clock.advance(Duration::from_secs(30));
    let now = code(&service, &secret);
    log_in(json!({"code": now})).await.ok(200);
    log_in(json!({"code": now})).await.refused(401, "invalid_code");
    log_in(json!({"recovery_code": codes["recovery_codes"][0]})).await.ok(200);
    log_in(json!({"code": now, "recovery_code": "x"})).await.refused(422, "invalid_value");

    let renewed = json!({"password": PASSWORD, "recovery_code": codes["recovery_codes"][1]});
    let renewed = post(&format!("{path}/recovery-codes"), renewed).await.ok(200);
    let disable = format!("{path}/disable");
    post(&disable, json!({"password": PASSWORD})).await.refused(401, "second_factor_required");
    let both = json!({"password": PASSWORD, "recovery_code": renewed["recovery_codes"][0]});
    post(&disable, both).await.ok(204);
    log_in(json!({})).await.ok(200);
    let remove = format!("/api/users/{}/second-factor", ada.id);
    service.delete(&remove).by(&ada).send().await.refused(403, "not_allowed");
    service.delete(&remove).by(&root).send().await.refused(409, "second_factor_off");
    post(&disable, json!({"password": PASSWORD})).await.refused(409, "second_factor_off");
}

#[tokio::test]
async fn a_lost_app_is_taken_off_by_an_admin() {
    let service = Service::new().await;
    let (ada, root) = (service.person("Ada").await, service.admin("Root").await);
    let path = "/api/users/me/second-factor";
    let begun = service.post(path).by(&ada).json(&json!({"password": PASSWORD})).send().await.ok(200);
    let first = json!({"code": code(&service, begun["secret"].as_str().unwrap())});
    service.post(&format!("{path}/confirm")).by(&ada).json(&first).send().await.ok(200);
    let remove = format!("/api/users/{}/second-factor", ada.id);
    service.delete(&remove).by(&root).send().await.ok(204);
    service.log_in(&ada.id, &ada.email).await;
}

#[tokio::test]
async fn a_key_acts_within_its_scopes() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let make = async |who: &Person, scopes: &[&str]| {
        let body = json!({"name": "Till", "scopes": scopes, "current_password": PASSWORD});
        service.post("/api/users/me/api-keys").by(who).json(&body).send().await
    };
    let reply = make(olga, &["events:read", "events:write"]).await;
    let made = reply.ok(201);
    assert_members(&made, "key id name scopes created_at expires_at used_at");
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("evk_"));
    let place = reply.header("location").unwrap();
    make(&world.bob, &["events:write"]).await.refused(403, "not_allowed");
    let wrong = json!({"name": "Till", "scopes": ["account:read"], "current_password": "a wrong guess"});
    let guessed = service.post("/api/users/me/api-keys").by(&world.bob).json(&wrong).send().await;
    guessed.refused(401, "invalid_credentials");
    let without = json!({"name": "Till", "scopes": ["account:read"]});
    let without = service.post("/api/users/me/api-keys").by(&world.bob).json(&without).send().await;
    assert_eq!(without.fields(), ["current_password"]);
    assert_eq!(make(&world.bob, &["everything"]).await.fields(), ["scopes[0]"]);

    let body = json!({"title": "By a program"});
    service.post("/api/events").token(key).json(&body).send().await.ok(201);
    let lacking = service.get("/api/bookings").token(key).send().await;
    assert_eq!(lacking.refused(403, "insufficient_scope")["scope"], "bookings:read");
    let own = service.put("/api/users/me").token(key).json(&json!({"name": "Eve"})).send().await;
    own.refused(403, "insufficient_scope");
    service.get("/api/users/me/api-keys").token(key).send().await.refused(403, "insufficient_scope");
    service.get("/api/events").token(key).send().await.ok(200);

    let listed = service.get("/api/users/me/api-keys").by(olga).send().await.ok(200);
    assert_members(&listed["data"][0], "id name scopes created_at expires_at used_at");
    assert!(listed["data"][0]["used_at"].is_string());
    service.delete(place).by(&world.bob).send().await.refused(404, "api_key_not_found");
    service.delete(place).by(olga).send().await.ok(204);
    service.get("/api/events").token(key).send().await.refused(401, "invalid_token");
    for _ in 0..20 {
        make(&world.bob, &["account:read"]).await.ok(201);
    }
    let more = make(&world.bob, &["account:read"]).await.refused(409, "too_many_api_keys");
    assert_eq!(more["api_keys_max"], 20);
}

#[tokio::test]
async fn data_is_taken_along_and_an_account_ends() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    let ticket = world.ticket(bob).await;
    let reply = service.get("/api/users/me/export").by(bob).send().await;
    let archive = reply.ok(200);
    assert_members(
        &archive,
        "format exported_at account second_factor_since api_keys push_subscriptions preferences digest sessions bookings tickets \
         notifications audit waitlists reviews staff transfers offers payments webhooks complete",
    );
    assert_eq!(
        (reply.header("content-type"), &archive["complete"]),
        (Some("application/json"), &json!(true))
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(archive["account"]["email"], bob.email);
    assert_eq!(archive["tickets"][0]["id"], ticket["id"]);
    service.get("/api/users/me/export").send().await.refused(401, "not_authenticated");

    let erase = async |who: &Person, password: &str| {
        let body = json!({"password": password});
        service.post("/api/users/me/erase").by(who).json(&body).send().await
    };
    let open = erase(&world.olga, PASSWORD).await.refused(409, "has_open_events");
    assert_eq!(open["open_events"], 1);
    erase(bob, "a wrong one").await.refused(401, "invalid_credentials");
    erase(bob, PASSWORD).await.ok(204);
    service.get("/api/users/me").by(bob).send().await.refused(401, "session_revoked");
    service.get(&format!("/api/users/{}", bob.id)).send().await.refused(404, "user_not_found");
    service.clock.advance(Duration::from_secs(60));
    service.settle().await;
    let attendees = service.get(&world.path("/attendees")).by(&world.olga).send().await;
    let attendees = attendees.ok(200);
    assert_eq!(
        (&attendees["data"][0]["name"], &attendees["data"][0]["status"]),
        (&json!(""), &json!("active"))
    );
    let again = service.person("Bob").await;
    assert_ne!(again.id, bob.id);
}

#[tokio::test]
async fn an_admin_ends_an_account_at_its_persons_wish() {
    let world = World::new().await;
    let service = &world.service;
    let root = service.admin("Root").await;
    let path = |person: &Person| format!("/api/users/{}", person.id);
    service.delete(&path(&world.bob)).by(&world.olga).send().await.refused(403, "not_allowed");
    service.delete(&path(&root)).by(&root).send().await.refused(409, "last_admin");
    service.delete(&path(&world.olga)).by(&root).send().await.refused(409, "has_open_events");
    service.delete(&path(&world.bob)).by(&root).send().await.ok(204);
    service.delete(&path(&world.bob)).by(&root).send().await.refused(404, "user_not_found");
    // Drafts are open, too: nobody else could see to them.
    let eve = service.organizer("Eve").await;
    let draft = draft(service, &eve, &event_body()).await;
    service.delete(&path(&eve)).by(&root).send().await.refused(409, "has_open_events");
    service.delete(&format!("/api/events/{draft}")).by(&eve).send().await.ok(204);
    service.delete(&path(&eve)).by(&root).send().await.ok(204);
}
