//! Pages that mails lead to: they work without scripts, load nothing from elsewhere, and change nothing by being looked at.

use eventify_core::notification::{Channel, FactName};
use eventify_core::testing::MemoryNotifier;
use eventify_http::Config;
use serde_json::json;

use crate::support::Service;
use crate::support::world::World;

const FORM: &str = "application/x-www-form-urlencoded";

/// The newest token that was mailed about this.
fn mailed(notifier: &MemoryNotifier, fact: FactName) -> String {
    let mails = notifier.delivered();
    let newest = mails.iter().rev().find(|(_, _, message)| message.fact == fact);
    newest.unwrap().2.token.as_ref().unwrap().expose().to_owned()
}

#[tokio::test]
async fn an_address_is_proven_on_a_page() {
    let notifier = MemoryNotifier::new([Channel::Email]);
    let service = Service::built(Config::default(), |builder| builder.notifier(notifier.clone())).await;
    let world = World::of(service).await;
    let service = &world.service;
    service.settle().await;
    let page = service.get("/verify-email").header("accept-language", "kk, en;q=0.5").send().await;
    assert_eq!(page.status.as_u16(), 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    let policy = page.header("content-security-policy").unwrap().to_owned();
    assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(
        page.text().contains("<html lang=\"kk\">") && page.text().contains("name=\"token\""),
        "{}",
        page.text()
    );
    let script = service.get("/pages.js").send().await;
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    let token = mailed(&notifier, FactName::EmailVerification);
    for wrong in ["", "token=", "token=x", &format!("token={}x", token)] {
        let again = service.post("/verify-email").raw(FORM, wrong.to_owned()).send().await;
        assert_eq!(again.status.as_u16(), 200);
        assert!(
            again.text().contains("role=\"alert\"") && again.text().contains("<form "),
            "{}",
            again.text()
        );
        assert!(!again.text().contains(&token));
    }
    let done = service.post("/verify-email").raw(FORM, format!("token={token}")).send().await;
    assert_eq!(done.status.as_u16(), 200, "{}", done.text());
    assert!(done.text().contains("<h1>Your address is confirmed</h1>"), "{}", done.text());
    let used = service.post("/verify-email").raw(FORM, format!("token={token}")).send().await;
    assert!(used.text().contains("role=\"alert\""), "{}", used.text());
}

#[tokio::test]
async fn a_new_password_is_set_on_a_page() {
    let notifier = MemoryNotifier::new([Channel::Email]);
    let service = Service::built(Config::default(), |builder| builder.notifier(notifier.clone())).await;
    let account = json!({ "name": "Ada", "email": "ada@example.org", "password": "a long enough secret" });
    service.post("/api/auth/register").json(&account).send().await.ok(201);
    let asked = json!({ "email": "ada@example.org" });
    assert_eq!(service.post("/api/auth/password-reset").json(&asked).send().await.status.as_u16(), 202);
    service.settle().await;
    let token = mailed(&notifier, FactName::PasswordReset);
    let page = service.get("/reset-password").send().await;
    assert!(page.text().contains("type=\"password\""), "{}", page.text());
    let send = |password: &str| {
        let form = format!("token={token}&new_password={password}");
        service.post("/reset-password").raw(FORM, form)
    };
    let weak = send("password").send().await;
    assert!(weak.text().contains("role=\"alert\""), "{}", weak.text());
    let done = send("another+secret+entirely").send().await;
    assert!(done.text().contains("<h1>Your new password is set</h1>"), "{}", done.text());
    let used = send("yet+another+secret+of+hers").send().await;
    assert!(used.text().contains("role=\"alert\""), "{}", used.text());
    let login = json!({ "email": "ada@example.org", "password": "another secret entirely" });
    service.post("/api/auth/login").json(&login).send().await.ok(200);
}

#[tokio::test]
async fn an_event_has_a_page_and_a_draft_has_none() {
    let world = World::new().await;
    let service = &world.service;
    let change = json!({ "title": "Jazz <b>&</b> more", "venue": "Opera" });
    let path = format!("/api/events/{}", world.event);
    service.put(&path).by(&world.olga).json(&change).send().await.ok(200);
    let page = service.get(&format!("/events/{}", world.event)).send().await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(page.text().contains("Jazz &#60;b&#62;&#38;&#60;/b&#62; more"), "{}", page.text());
    assert!(page.text().contains("Opera") && !page.text().contains("<script"), "{}", page.text());
    let cancel = json!({ "reason": "The band is ill" });
    service.post(&format!("{path}/cancel")).by(&world.olga).json(&cancel).send().await.ok(200);
    let page = service.get(&format!("/events/{}", world.event)).send().await;
    assert!(page.text().contains("This event was called off."), "{}", page.text());
    let draft = json!({ "title": "Secret plans" });
    let draft = service.post("/api/events").by(&world.olga).json(&draft).send().await.ok(201);
    let path = format!("/events/{}", draft["id"].as_str().unwrap());
    service.get(&path).send().await.refused(404, "event_not_found");
    service.get(&path).by(&world.olga).send().await.refused(404, "event_not_found");
}

#[tokio::test]
async fn digests_are_chosen_with_the_other_preferences() {
    let world = World::new().await;
    let service = &world.service;
    let path = "/api/notifications/preferences";
    assert_eq!(service.get(path).by(&world.bob).send().await.ok(200)["digest"], json!(null));
    let daily = json!({ "digest": { "at": "08:00", "time_zone": "Asia/Almaty" } });
    let chosen = service.put(path).by(&world.bob).json(&daily).send().await.ok(200);
    assert_eq!(chosen["digest"], daily["digest"]);
    for (wrong, field) in [
        (json!({ "at": "8", "time_zone": "UTC" }), "digest.at"),
        (json!({ "at": "08:00", "time_zone": "Mars/Olympus" }), "digest.time_zone"),
        (json!({ "at": "08:00", "time_zone": "UTC", "weekly": true }), "digest.weekly"),
    ] {
        let refused = service.put(path).by(&world.bob).json(&json!({ "digest": wrong })).send().await;
        assert!(matches!(refused.status.as_u16(), 400 | 422), "{}", refused.text());
        assert!(refused.text().contains(field), "{field}: {}", refused.text());
    }
    let off = service.put(path).by(&world.bob).json(&json!({ "digest": null })).send().await.ok(200);
    assert_eq!(off["digest"], json!(null));
}
