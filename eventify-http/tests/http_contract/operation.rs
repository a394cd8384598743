//! Notifications, the audit trail and jobs.

use std::time::Duration;

use eventify_core::notification::{Channel, DeliveryError};
use eventify_core::testing::MemoryNotifier;
use eventify_http::Config;
use serde_json::{Value, json};

use crate::support::world::World;
use crate::support::{PASSWORD, Service, assert_members};

#[tokio::test]
async fn notifications_are_listed_read_and_chosen() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    for _ in 0..3 {
        world.ticket(bob).await;
    }
    let listed = service.get("/api/notifications").by(bob).send().await.ok(200);
    assert_members(&listed, "data next_cursor");
    let newest = &listed["data"][0];
    assert_members(newest, "id kind title body event_id read created_at");
    assert_eq!((&newest["read"], &newest["event_id"]), (&json!(false), &json!(world.event)));
    let place = format!("/api/notifications/{}", newest["id"].as_str().unwrap());
    assert_eq!(&service.get(&place).by(bob).send().await.ok(200), newest);
    service.get(&place).by(&world.olga).send().await.refused(404, "notification_not_found");
    let read = format!("{place}/read");
    service.put(&read).by(&world.olga).send().await.refused(404, "notification_not_found");
    for _ in 0..2 {
        assert_eq!(service.put(&read).by(bob).send().await.ok(200)["read"], true);
    }
    let unread = async |flag: &str| {
        let page = service.get(&format!("/api/notifications?unread={flag}")).by(bob).send().await.ok(200);
        page["data"].as_array().unwrap().len()
    };
    assert_eq!((unread("true").await, unread("false").await), (2, 3));
    let marked = service.put("/api/notifications/read").by(bob).send().await.ok(200);
    assert_eq!(marked, json!({"marked": 2}));
    assert_eq!(unread("true").await, 0);

    let path = "/api/notifications/preferences";
    let all = service.get(path).by(bob).send().await.ok(200);
    assert_eq!(all["purchase"], json!({"in_app": true, "email": true, "sms": true, "push": true}));
    let change = json!({"purchase": {"in_app": false}});
    let chosen = service.put(path).by(bob).json(&change).send().await.ok(200);
    assert_eq!((&chosen["purchase"]["in_app"], &chosen["purchase"]["email"]), (&json!(false), &json!(true)));
    assert_eq!(service.get(path).by(bob).send().await.ok(200), chosen);
    world.ticket(bob).await;
    assert_eq!(unread("true").await, 0, "not wanted any more");

    assert_eq!(chosen["quiet_hours"], Value::Null);
    let quiet = json!({"from": "22:00", "to": "08:00", "time_zone": "Asia/Almaty"});
    let change = json!({"quiet_hours": quiet});
    let chosen = service.put(path).by(bob).json(&change).send().await.ok(200);
    assert_eq!((&chosen["quiet_hours"], &chosen["purchase"]["in_app"]), (&quiet, &json!(false)));
    for (field, change) in [
        ("quiet_hours.from", json!({"quiet_hours": {"from": "24:00", "to": "08:00", "time_zone": "UTC"}})),
        ("quiet_hours.to", json!({"quiet_hours": {"from": "22:00", "to": "22:00", "time_zone": "UTC"}})),
        (
            "quiet_hours.time_zone",
            json!({"quiet_hours": {"from": "22:00", "to": "08:00", "time_zone": "Here"}}),
        ),
        (
            "quiet_hours.days",
            json!({"quiet_hours": {"from": "22:00", "to": "08:00", "time_zone": "UTC", "days": 5}}),
        ),
        ("security.email", json!({"security": {"email": false}})),
    ] {
        let reply = service.put(path).by(bob).json(&change).send().await;
        assert_eq!(reply.fields(), [field], "{change}");
    }
    let ended = service.put(path).by(bob).json(&json!({"quiet_hours": null})).send().await.ok(200);
    assert_eq!((&ended["quiet_hours"], &ended["purchase"]), (&Value::Null, &chosen["purchase"]));
}

#[tokio::test]
async fn an_admin_sends_and_everybody_is_told_once_of_a_cancellation() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    let admin = service.admin("Root").await;
    let message = json!({"user_id": bob.id, "title": "Doors open late", "body": "At eight."});
    let reply = service.post("/api/notifications").by(&admin).json(&message).send().await;
    let sent = reply.ok(201);
    assert_eq!((&sent["kind"], &sent["title"]), (&json!("announcement"), &message["title"]));
    assert_eq!(service.get(reply.header("location").unwrap()).by(bob).send().await.ok(200), sent);
    let nobody = json!({"user_id": "01920000-0000-7000-8000-000000000000", "title": "T"});
    service.post("/api/notifications").by(&admin).json(&nobody).send().await.refused(404, "user_not_found");

    for _ in 0..2 {
        world.ticket(bob).await;
    }
    service.post(&world.path("/cancel")).by(&world.olga).send().await.ok(200);
    service.settle().await;
    let listed = service.get("/api/notifications?unread=true").by(bob).send().await.ok(200);
    let kinds: Vec<&str> =
        listed["data"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "event.cancelled").count(), 1, "{kinds:?}");
    let mine = service.get("/api/tickets").by(bob).send().await.ok(200);
    assert!(mine["data"].as_array().unwrap().iter().all(|t| t["status"] == "cancelled"));
}

#[tokio::test]
async fn the_trail_is_an_admins_and_each_events_its_organizers() {
    let world = World::new().await;
    let service = &world.service;
    service.clock.advance(Duration::from_secs(1));
    world.ticket(&world.bob).await;
    let of_event = format!("/api/audit?event_id={}", world.event);
    let trail = service.get(&of_event).by(&world.olga).send().await.ok(200);
    let entries = trail["data"].as_array().unwrap();
    assert_members(&entries[0], "id at actor action subject subject_id event_id origin api_key_id");
    assert_eq!(
        (&entries[0]["action"], &entries[0]["actor"]),
        (&json!("booking.confirmed"), &json!(world.bob.id))
    );
    let admin = service.admin("Root").await;
    let whole = service.get("/api/audit?limit=100").by(&admin).send().await.ok(200);
    let whole: Vec<&Value> = whole["data"].as_array().unwrap().iter().collect();
    for action in
        ["user.registered", "session.opened", "event.created", "event.published", "booking.confirmed"]
    {
        assert!(whole.iter().any(|e| e["action"] == action), "{action}");
    }
    let text = format!("{whole:?}");
    assert!(!text.contains(crate::support::PASSWORD) && !text.contains(&world.bob.token));
}

#[tokio::test]
async fn a_dead_letter_is_seen_and_given_another_life() {
    let notifier = MemoryNotifier::new([Channel::Email]);
    let service = Service::built(Config::default(), |builder| builder.notifier(notifier.clone())).await;
    let world = World::of(service).await;
    let service = &world.service;
    let admin = service.admin("Root").await;
    service.settle().await;
    let mailed = notifier.delivered().len();
    notifier.fail_next([DeliveryError::Permanent("no such mailbox".into())]);
    world.ticket(&world.bob).await;
    service.settle().await;
    let dead = service.get("/api/jobs?state=dead").by(&admin).send().await.ok(200);
    let job = &dead["data"][0];
    assert_members(job, "id work state due_at attempts last_error created_at");
    assert_eq!((&job["work"], &job["state"]), (&json!("deliver"), &json!("dead")));
    assert!(job["last_error"].as_str().unwrap().contains("no such mailbox"));
    let retry = format!("/api/jobs/{}/retry", job["id"].as_str().unwrap());
    let again = service.post(&retry).by(&admin).send().await.ok(200);
    assert_eq!(again["state"], "waiting");
    service.post(&retry).by(&admin).send().await.refused(409, "job_not_dead");
    let waiting = service.get("/api/jobs?state=delivering").by(&admin).send().await.ok(200);
    assert!(waiting["data"].as_array().unwrap().iter().any(|j| j["id"] == job["id"]));
    service.settle().await;
    assert_eq!(notifier.delivered().len(), mailed + 1);
    service.post(&retry).by(&admin).send().await.refused(404, "job_not_found");
}

#[tokio::test]
async fn browsers_and_phones_are_added_listed_and_removed() {
    let world = World::new().await;
    let (service, bob) = (&world.service, &world.bob);
    let path = "/api/notifications/push-subscriptions";
    // As a browser says it.
    let browser = json!({"web": {
        "endpoint": "https://push.example.org/1", "expirationTime": null,
        "keys": {"p256dh": format!("BA{}", "A".repeat(85)), "auth": "A".repeat(22)},
    }});
    service.post(path).json(&browser).send().await.refused(401, "not_authenticated");
    let added = service.post(path).by(bob).json(&browser).send().await.ok(201);
    assert_members(&added, "id kind service created_at");
    service.post(path).by(bob).json(&json!({"fcm": {"token": "cR4x:APA91bH"}})).send().await.ok(201);
    let listed = service.get(path).by(bob).send().await.ok(200);
    assert_eq!((listed["data"].as_array().unwrap().len(), &listed["next_cursor"]), (2, &Value::Null));
    let refused = service.post(path).by(bob).json(&json!({"fcm": {"token": ""}})).send().await;
    assert_eq!(refused.refused(422, "invalid_value")["errors"][0]["field"], "fcm.token");
    let place = format!("{path}/{}", added["id"].as_str().unwrap());
    service.delete(&place).by(&world.olga).send().await.refused(404, "push_subscription_not_found");
    service.delete(&place).by(bob).send().await.ok(204);
    service.delete(&place).by(bob).send().await.refused(404, "push_subscription_not_found");
    let preferences = "/api/notifications/preferences";
    let chosen = json!({"language": "kk", "phone": "+7 701 123 45 67"});
    let all = service.put(preferences).by(bob).json(&chosen).send().await.ok(200);
    assert_eq!((&all["language"], &all["phone"]), (&json!("kk"), &json!("+77011234567")));
    for wrong in [json!({"language": "русский"}), json!({"phone": "12"})] {
        let reply = service.put(preferences).by(bob).json(&wrong).send().await;
        assert!(matches!(reply.status.as_u16(), 400 | 422), "{}", reply.text());
    }
}

#[tokio::test]
async fn people_are_told_things_in_the_language_that_they_have_now() {
    let world = World::new().await;
    let service = &world.service;
    let titles = async |name: &str, accept: &str, given: Option<&str>| {
        let email = format!("{name}@example.org");
        let mut body = json!({"name": name, "email": email, "password": PASSWORD});
        if let Some(given) = given {
            body["language"] = json!(given);
        }
        let register = service.post("/api/auth/register").header("accept-language", accept);
        register.json(&body).send().await.ok(201);
        let person = service.log_in(name, &email).await;
        world.ticket(&person).await;
        let listed = service.get("/api/notifications").by(&person).send().await.ok(200);
        listed["data"][0]["title"].as_str().unwrap().to_owned()
    };
    assert_eq!(titles("kim", "de, kk-KZ;q=0.8, ru;q=0.5", None).await, "«Kazakh Jazz Night»: билетіңіз");
    assert_eq!(
        titles("rita", "kk", Some("ru")).await,
        "Ваш билет на «Kazakh Jazz Night»",
        "what is given counts"
    );
    assert_eq!(titles("dora", "de", None).await, "Your ticket for Kazakh Jazz Night");
    let body = json!({"name": "X", "email": "x@example.org", "password": "a long secret", "language": "?"});
    let refused = service.post("/api/auth/register").json(&body).send().await;
    assert!(matches!(refused.status.as_u16(), 400 | 422), "{}", refused.text());
}

#[tokio::test]
async fn a_link_in_a_message_ends_messages_of_its_kind_without_a_login() {
    let notifier = MemoryNotifier::new([Channel::Email]);
    let service = Service::built(Config::default(), |builder| builder.notifier(notifier.clone())).await;
    let world = World::of(service).await;
    let service = &world.service;
    world.ticket(&world.bob).await;
    service.settle().await;
    let mails = notifier.delivered();
    let token = mails.iter().find_map(|(_, _, message)| message.unsubscribe.as_ref()).unwrap();
    let path = format!("/api/notifications/unsubscribe?token={}", token.expose());
    let wanted = async || {
        let all = service.get("/api/notifications/preferences").by(&world.bob).send().await.ok(200);
        all["purchase"]["email"].as_bool().unwrap()
    };
    let page = service.get(&path).send().await;
    assert_eq!(page.status.as_u16(), 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.header("content-security-policy").unwrap().contains("form-action 'self'"));
    assert!(
        page.text().contains("<form method=\"post\"><button>Unsubscribe</button></form>"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains(token.expose()), "the token is in the address only");
    assert!(wanted().await, "a look changes nothing");
    // As a mail program does it.
    for _ in 0..2 {
        let one_click =
            service.post(&path).raw("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
        assert_eq!(one_click.send().await.status.as_u16(), 200);
        assert!(!wanted().await);
    }
    let followed = service.get(&format!("{path}&utm_source=mail&utm_source=again")).send().await;
    assert_eq!(followed.status.as_u16(), 200, "whatever is written behind it");
    for wrong in ["", "?token=", "?token=x.purchase.email"] {
        let wrong = format!("/api/notifications/unsubscribe{wrong}");
        service.get(&wrong).send().await.refused(401, "invalid_token");
        service.post(&wrong).send().await.refused(401, "invalid_token");
    }
    let metrics = service.get("/metrics").send().await.text();
    let line = "eventify_delivery_attempts_total{kind=\"channel\",name=\"email\",outcome=\"delivered\"}";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn dead_letters_are_thrown_away_by_admins() {
    let notifier = MemoryNotifier::new([Channel::Email]);
    let service = Service::built(Config::default(), |builder| builder.notifier(notifier.clone())).await;
    let world = World::of(service).await;
    let service = &world.service;
    let admin = service.admin("Root").await;
    service.settle().await;
    notifier.fail_next([DeliveryError::Permanent("no such mailbox".into())]);
    world.ticket(&world.bob).await;
    service.settle().await;
    let purge = |body: Value| service.post("/api/jobs/purge").json(&body);
    purge(json!({})).send().await.refused(401, "not_authenticated");
    purge(json!({})).by(&world.olga).send().await.refused(403, "not_allowed");
    purge(json!({"work": "check"})).by(&admin).send().await.refused(422, "invalid_value");
    let early = purge(json!({"before": "2026-01-01T00:00:00Z"})).by(&admin).send().await.ok(200);
    assert_eq!(early, json!({"purged": 0, "next_cursor": null}));
    let numbers = service.get("/metrics").send().await.text();
    for line in ["eventify_jobs_dead 1\n", "eventify_jobs_due{class=\"outside\"} 0\n"] {
        assert!(numbers.contains(line), "{numbers}");
    }
    assert_eq!(purge(json!({"work": "deliver"})).by(&admin).send().await.ok(200)["purged"], 1);
    // The store is asked every five seconds at most, whoever wants to know. While it is asked time goes on: one that stands
    // still jumps to the end of whatever waits for the store.
    for (wait, dead) in [(0, 1), (5, 0)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(wait)).await;
        tokio::time::resume();
        let numbers = service.get("/metrics").send().await.text();
        assert!(numbers.contains(&format!("eventify_jobs_dead {dead}\n")), "{numbers}");
    }
    let dead = service.get("/api/jobs?state=dead").by(&admin).send().await.ok(200);
    assert_eq!(dead["data"], json!([]));
}
