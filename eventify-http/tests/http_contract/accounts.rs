//! `/api/auth` and `/api/users`.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, Service, assert_members};

#[tokio::test]
async fn an_account_is_made_logged_in_and_shown() {
    let service = Service::new().await;
    let account = json!({"name": "Ada", "email": " Ada@Example.org ", "password": PASSWORD});
    let reply = service.post("/api/auth/register").json(&account).send().await;
    let user = reply.ok(201);
    assert_members(&user, "id name email email_verified role created_at");
    assert_eq!(user["role"], "attendee");
    assert_eq!(user["created_at"], "2026-11-21T09:00:00Z");
    let place = reply.header("location").unwrap();
    assert_eq!(place, format!("/api/users/{}", user["id"].as_str().unwrap()));

    let login = json!({"email": "ada@example.org", "password": PASSWORD});
    let tokens = service.post("/api/auth/login").json(&login).send().await.ok(200);
    assert_members(&tokens, "access_token refresh_token token_type expires_in");
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
    let token = tokens["access_token"].as_str().unwrap();

    let me = service.get("/api/users/me").token(token).send().await;
    assert_members(&me.ok(200), "id name email email_verified role created_at");
    assert_eq!(me.header("cache-control"), Some("no-store"));
    let profile = service.get(place).send().await.ok(200);
    assert_members(&profile, "id name role created_at");
    let own = service.get(place).token(token).send().await.ok(200);
    assert_eq!(own["email"], "Ada@Example.org");

    let changed = service.put("/api/users/me").token(token).json(&json!({"name": "Ada L."})).send().await;
    assert_eq!(changed.ok(200)["name"], "Ada L.");
    service.post("/api/auth/logout").token(token).send().await.ok(204);
    service.get("/api/users/me").token(token).send().await.refused(401, "session_revoked");
}

#[tokio::test]
async fn every_token_that_is_not_good_gets_the_same_answer() {
    let service = Service::new().await;
    let ada = service.person("Ada").await;
    let foreign = Service::new().await.person("Ada").await;
    let parts: Vec<&str> = ada.token.split('.').collect();
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let decode = |part: &str| -> Value {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
    };
    let (header, claims) = (decode(parts[0]), decode(parts[1]));
    let with_algorithm = |name: &str| {
        let mut header = header.clone();
        header["alg"] = name.into();
        encode(&header)
    };
    let mut promoted = claims.clone();
    promoted["role"] = "admin".into();
    let mut own = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    own.kid = header["kid"].as_str().map(str::to_owned);
    let guessed = jsonwebtoken::encode(&own, &claims, &jsonwebtoken::EncodingKey::from_secret(b"secret"));
    let mut answers = Vec::new();
    for token in [
        "",
        "nonsense",
        "a.b.c",
        &"x".repeat(10_000),
        &format!("{}.{}.", with_algorithm("none"), parts[1]),
        &format!("{}.{}.{}", with_algorithm("none"), parts[1], parts[2]),
        &format!("{}.{}.{}", with_algorithm("RS256"), parts[1], parts[2]),
        &format!("{}.{}.{}", with_algorithm("HS512"), parts[1], parts[2]),
        &format!("{}.{}.{}", parts[0], encode(&promoted), parts[2]),
        &guessed.unwrap(),
        &foreign.token,
        &ada.refresh,
    ] {
        answers.push(service.get("/api/users/me").token(token).send().await);
        answers.push(service.get("/api/events").token(token).send().await);
    }
    answers.push(service.get("/api/users/me").header("authorization", "Basic YTpi").send().await);
    answers.push(service.get("/api/users/me").header("authorization", &ada.token).send().await);
    service.clock.advance(Duration::from_secs(899));
    service.get("/api/users/me").by(&ada).send().await.ok(200);
    service.clock.advance(Duration::from_secs(1));
    answers.push(service.get("/api/users/me").by(&ada).send().await);
    let mut bodies = Vec::new();
    for answer in answers {
        let mut body = answer.refused(401, "invalid_token");
        assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
        body.as_object_mut().unwrap().remove("request_id");
        bodies.push(body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    // A dead token does not keep anybody from getting a new one.
    let login = json!({"email": ada.email, "password": PASSWORD});
    service.post("/api/auth/login").by(&ada).json(&login).send().await.ok(200);
}

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let service = Service::new().await;
    let ada = service.person("Ada").await;
    let refresh = async |token: &str| {
        service.post("/api/auth/refresh").json(&json!({"refresh_token": token})).send().await
    };
    let next = refresh(&ada.refresh).await.ok(200);
    assert_members(&next, "access_token refresh_token token_type expires_in");
    assert_eq!(refresh(&ada.refresh).await.ok(200), next, "the answer may have been lost");
    service.clock.advance(Duration::from_secs(11));
    refresh(&ada.refresh).await.refused(401, "session_revoked");
    refresh(next["refresh_token"].as_str().unwrap()).await.refused(401, "session_revoked");
    refresh("nonsense").await.refused(401, "invalid_token");
    service.get("/api/users/me").by(&ada).send().await.refused(401, "session_revoked");
    let eve = service.person("Eve").await;
    service.clock.advance(Duration::from_secs(31 * 24 * 3600));
    refresh(&eve.refresh).await.refused(401, "token_expired");
}

#[tokio::test]
async fn what_registering_and_logging_in_refuse() {
    let service = Service::new().await;
    service.person("Ada").await;
    let register = async |name: &str, email: &str, password: &str| {
        let body = json!({"name": name, "email": email, "password": password});
        service.post("/api/auth/register").json(&body).send().await
    };
    register("A", "ADA@example.org", PASSWORD).await.refused(409, "email_taken");
    for weak in ["short", "12345678", &"x".repeat(129)] {
        let body = register("A", "a@example.org", weak).await.refused(422, "weak_password");
        assert_eq!(body["errors"][0]["field"], "password");
        assert!(!body.to_string().contains(&format!("\"{weak}\"")), "the password is not echoed");
    }
    for (name, email, field) in [
        ("", "a@example.org", "name"),
        (" ", "a@example.org", "name"),
        ("a\u{0}b", "a@example.org", "name"),
        (&"x".repeat(101), "a@example.org", "name"),
        ("A", "nobody", "email"),
        ("A", "a b@example.org", "email"),
        ("A", "a@b\u{7}.org", "email"),
        ("A", &format!("{}@example.org", "x".repeat(250)), "email"),
    ] {
        assert_eq!(register(name, email, PASSWORD).await.fields(), [field], "{name:?} {email:?}");
    }
    let log_in = async |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        service.post("/api/auth/login").json(&body).send().await
    };
    let mut wrong = log_in("ada@example.org", "wrong password").await.refused(401, "invalid_credentials");
    let mut unknown = log_in("eve@example.org", "wrong password").await.refused(401, "invalid_credentials");
    for body in [&mut wrong, &mut unknown] {
        body.as_object_mut().unwrap().remove("request_id");
    }
    assert_eq!(wrong, unknown);
    assert_eq!(log_in(&"x".repeat(1_000_000), "wrong password").await.fields(), ["email"]);
    for _ in 0..5 {
        log_in("ada@example.org", "wrong password").await.refused(401, "invalid_credentials");
    }
    let throttled = log_in("ada@example.org", PASSWORD).await;
    throttled.refused(429, "too_many_attempts");
    assert_eq!(throttled.header("retry-after"), Some("1"));
    service.clock.advance(Duration::from_secs(1));
    log_in("ada@example.org", PASSWORD).await.ok(200);
}

#[tokio::test]
async fn a_changed_password_ends_every_session() {
    let service = Service::new().await;
    let ada = service.person("Ada").await;
    let change = async |person: &Person, current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        service.post("/api/users/me/password").by(person).json(&body).send().await
    };
    change(&ada, "wrong", "another secret").await.refused(401, "invalid_credentials");
    change(&ada, PASSWORD, "password").await.refused(422, "weak_password");
    let changed = change(&ada, PASSWORD, "another secret").await.ok(200);
    assert_members(&changed, "user access_token refresh_token token_type expires_in");
    service.get("/api/users/me").by(&ada).send().await.refused(401, "session_revoked");
    let fresh = changed["access_token"].as_str().unwrap();
    service.get("/api/users/me").token(fresh).send().await.ok(200);
}

#[tokio::test]
async fn roles_change_by_ones_own_word_or_an_admins() {
    let service = Service::new().await;
    let (admin, ada) = (service.admin("Root").await, service.person("Ada").await);
    let path = "/api/users/me/become-organizer";
    let changed = service.post(path).by(&ada).send().await.ok(200);
    assert_members(&changed, "user access_token refresh_token token_type expires_in");
    assert_eq!(changed["user"]["role"], "organizer");
    service.get("/api/users/me").by(&ada).send().await.ok(200);

    let role = format!("/api/users/{}/role", ada.id);
    let set = service.put(&role).by(&admin).json(&json!({"role": "attendee"})).send().await.ok(200);
    assert_eq!(set["user"]["role"], "attendee");
    assert!(set["access_token"].is_string(), "the caller's own session goes on");
    let token = changed["access_token"].as_str().unwrap();
    service.get("/api/users/me").token(token).send().await.refused(401, "session_revoked");
    let own = format!("/api/users/{}/role", admin.id);
    let down = json!({"role": "attendee"});
    service.put(&own).by(&admin).json(&down).send().await.refused(409, "last_admin");
    let unknown = service.put(&role).by(&admin).json(&json!({"role": "king"})).send().await;
    assert_eq!(unknown.fields(), ["role"]);
    let nobody = format!("/api/users/{}/role", "01920000-0000-7000-8000-000000000000");
    service.put(&nobody).by(&admin).json(&down).send().await.refused(404, "user_not_found");
    let put = |body: Value| service.put("/api/users/me").by(&admin).json(&body);
    let alone = put(json!({"email": ada.email})).send().await.refused(403, "password_required");
    assert_eq!(alone["errors"][0]["field"], "current_password");
    let wrong = put(json!({"email": ada.email, "current_password": "a wrong guess"})).send().await;
    wrong.refused(401, "invalid_credentials");
    let taken = put(json!({"email": ada.email, "current_password": PASSWORD})).send().await;
    taken.refused(409, "email_taken");
    put(json!({"email": admin.email, "name": "Root"})).send().await.ok(200);
}
