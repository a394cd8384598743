//! Bodies, queries and paths that are not what a route wants.

use axum::body::Body;
use serde_json::json;

use crate::support::world::{World, event_body};
use crate::support::{Reply, Service};

/// What is no JSON at all.
#[tokio::test]
async fn what_cannot_be_read_is_malformed() {
    let service = Service::new().await;
    let deep = format!("{{\"title\": {}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_unknown = format!("{{\"nothing\": {}{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let rows: [(&str, &[u8]); 12] = [
        ("nothing", b""),
        ("half an object", b"{\"name\": \"Ada\""),
        ("trailing words", b"{} {}"),
        ("a trailing comma", b"{\"name\": \"Ada\",}"),
        ("single quotes", b"{'name': 'Ada'}"),
        ("not UTF-8", b"{\"name\": \"\xff\xfe\"}"),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
        ("half a surrogate", b"{\"name\": \"\\ud800\"}"),
        ("a raw control character", b"{\"name\": \"a\x01b\"}"),
        ("a wrong field before what is no JSON", b"{\"name\": 5, oops"),
        ("ten thousand levels", deep.as_bytes()),
        ("ten thousand levels in an unknown field", deep_unknown.as_bytes()),
    ];
    for (what, body) in rows {
        let reply = service.post("/api/auth/register").raw("application/json", body.to_vec()).send().await;
        assert_eq!(reply.status.as_u16(), 400, "{what}: {}", reply.text());
        reply.refused(400, "malformed");
    }
}

#[tokio::test]
async fn what_is_too_large_or_of_another_type_is_not_looked_at() {
    let service = Service::with({
        let mut config = eventify_http::Config::default();
        config.body_bytes_max = 1_000;
        config
    })
    .await;
    let register = || service.post("/api/auth/register");
    for kind in
        ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"]
    {
        register().raw(kind, "{}").send().await.refused(415, "unsupported_media_type");
    }
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
        register().raw(kind, "{}").send().await.refused(422, "invalid_value");
    }
    let large = "x".repeat(1_001);
    register().raw("application/json", large.clone()).send().await.refused(413, "payload_too_large");
    let chunks = [Ok::<_, std::io::Error>(large.clone()), Ok(large.clone())];
    let streamed = Body::from_stream(futures_util::stream::iter(chunks));
    register().raw("application/json", streamed).send().await.refused(413, "payload_too_large");
    // Also where no body is wanted.
    service.get("/healthz").raw("application/json", large).send().await.refused(413, "payload_too_large");
    let broken = [Ok("{"), Err(std::io::Error::other("gone"))];
    let broken = Body::from_stream(futures_util::stream::iter(broken));
    register().raw("application/json", broken).send().await.refused(400, "malformed");
}

#[tokio::test]
async fn a_body_that_never_ends_is_cut_off() {
    let mut config = eventify_http::Config::default();
    config.body_timeout = std::time::Duration::from_millis(20);
    let service = Service::with(config).await;
    let endless = Body::from_stream(futures_util::stream::pending::<Result<String, std::io::Error>>());
    let reply = service.post("/api/auth/register").raw("application/json", endless).send().await;
    reply.refused(408, "request_timeout");
}

async fn create_event(world: &World, body: String) -> Reply {
    world.service.post("/api/events").by(&world.olga).raw("application/json", body).send().await
}

/// What is JSON, and not an event: 422, naming the field.
#[tokio::test]
async fn wrong_values_of_an_event_are_named() {
    let world = World::new().await;
    let long = format!("\"{}\"", "x".repeat(1_000_000));
    let rows = [
        ("title", "5"),
        ("title", "[\"x\"]"),
        ("title", "\"a\\u0000b\""),
        ("title", "\"\""),
        ("title", long.as_str()),
        ("description", "\"\\u001b[31m\""),
        ("tags", "\"jazz\""),
        ("tags[0]", "[\"\"]"),
        ("tags[1]", "[\"a\", 5]"),
        ("capacity", "-1"),
        ("capacity", "0"),
        ("capacity", "1.5"),
        ("capacity", "\"5\""),
        ("capacity", "99999999999"),
        ("capacity", "99999999999999999999999999999999"),
        ("capacity", "1e999"),
        ("capacity", "1000001"),
        ("time_zone", "\"Mars/Olympus\""),
        ("time_zone", "\"\""),
        ("reminders", "\"P1D\""),
        ("reminders", "[\"P1D\", \"PT2H\", \"PT1H\", \"PT30M\", \"PT15M\", \"PT5M\"]"),
        ("reminders[0]", "[\"PT59S\"]"),
        ("starts_at", "\"tomorrow\""),
        ("starts_at", "\"2026-12-21\""),
        ("starts_at", "\"2026-12-21T13:00:00\""),
        ("starts_at", "\"2026-02-30T13:00:00Z\""),
        ("starts_at", "\"0000-01-01T00:00:00Z\""),
        ("starts_at", "\"9999-12-31T23:59:59Z\""),
        ("starts_at", "\"10000-01-01T00:00:00Z\""),
        ("starts_at", "\"-000001-01-01T00:00:00Z\""),
        ("starts_at", "1766322000"),
        ("nonsense", "1"),
        ("id", "\"01920000-0000-7000-8000-000000000000\""),
        ("organizer_id", "\"01920000-0000-7000-8000-000000000000\""),
        ("status", "\"published\""),
    ];
    for (field, value) in rows {
        let name = field.split('[').next().unwrap();
        let reply = create_event(&world, format!("{{\"{name}\": {value}}}")).await;
        assert_eq!(reply.fields(), [field], "{name}: {}", &value[..value.len().min(60)]);
        assert!(reply.body.len() < 2_000, "the value is not echoed at length");
    }
    let order = json!({"starts_at": "2026-12-21T13:00:00Z", "ends_at": "2026-12-21T13:00:00Z"});
    assert_eq!(create_event(&world, order.to_string()).await.fields(), ["ends_at"]);
    let twice = "{\"title\": \"a\", \"title\": \"b\"}";
    assert_eq!(create_event(&world, twice.to_owned()).await.fields(), ["title"]);
    for whole in ["[]", "\"x\"", "5", "null", "true"] {
        assert_eq!(create_event(&world, whole.to_owned()).await.fields(), ["body"], "{whole}");
    }
}

#[tokio::test]
async fn any_writing_is_kept_exactly() {
    let world = World::new().await;
    for title in [
        "🎷 Jazz 🎺",
        "ליל ג׳אז",
        "ليلة الجاز",
        "Zoe\u{301} e\u{302}\u{323}",
        "<script>alert(1)</script>",
        "\u{202e}x",
    ] {
        let made = create_event(&world, json!({"title": title}).to_string()).await.ok(201);
        assert_eq!(made["title"], title);
    }
    // The last instants that there are.
    let late = json!({"starts_at": "9999-12-30T20:00:00Z", "ends_at": "9999-12-30T22:00:00Z"});
    assert_eq!(create_event(&world, late.to_string()).await.ok(201)["ends_at"], late["ends_at"]);
    let early = json!({"starts_at": "0001-01-01T00:00:00Z"});
    let made = create_event(&world, early.to_string()).await.ok(201);
    let publish = format!("/api/events/{}/publish", made["id"].as_str().unwrap());
    let refused = world.service.post(&publish).by(&world.olga).send().await;
    assert_eq!(refused.fields(), ["title", "ends_at"]);
}

/// The same for the other bodies.
#[tokio::test]
async fn wrong_values_of_everything_else_are_named() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let types = world.path("/ticket-types");
    let lines = world.path("/tickets");
    let free = &world.free;
    let line = |quantity: &str| format!("{{\"ticket_type_id\": \"{free}\", \"quantity\": {quantity}}}");
    let booking = |rest: &str| format!("{{\"event_id\": \"{}\", {rest}}}", world.event);
    let priced = |price: &str| format!("{{\"name\": \"T\", \"quantity\": 1, \"price\": {price}}}");
    let rows = [
        (&types, "{}".to_owned(), "name"),
        (&types, "{\"name\": \"T\"}".to_owned(), "quantity"),
        (&types, "{\"name\": \"T\", \"quantity\": 0}".to_owned(), "quantity"),
        (&types, "{\"name\": \"T\", \"quantity\": 1000001}".to_owned(), "quantity"),
        (&types, priced("5"), "price"),
        (&types, priced("{}"), "price.amount_minor"),
        (&types, priced("{\"amount_minor\": 5}"), "price.currency"),
        (&types, priced("{\"amount_minor\": 5, \"currency\": \"XYZ\"}"), "price.currency"),
        (&types, priced("{\"amount_minor\": 5, \"currency\": \"kzt\"}"), "price.currency"),
        (&types, priced("{\"amount_minor\": -5, \"currency\": \"KZT\"}"), "price.amount_minor"),
        (&types, priced("{\"amount_minor\": 0.5, \"currency\": \"KZT\"}"), "price.amount_minor"),
        (
            &types,
            priced("{\"amount_minor\": 9223372036854775807, \"currency\": \"KZT\"}"),
            "price.amount_minor",
        ),
        (
            &types,
            priced("{\"amount_minor\": 9223372036854775808, \"currency\": \"KZT\"}"),
            "price.amount_minor",
        ),
        (&types, priced("{\"amount_minor\": 5, \"currency\": \"KZT\", \"cents\": 1}"), "price.cents"),
        (&lines, line("0"), "quantity"),
        (&lines, line("-1"), "quantity"),
        (&lines, line("4294967296"), "quantity"),
        (&lines, "{\"quantity\": 1}".to_owned(), "ticket_type_id"),
        (&lines, "{\"ticket_type_id\": \"5\", \"quantity\": 1}".to_owned(), "ticket_type_id"),
        (&"/api/bookings".to_owned(), "{}".to_owned(), "event_id"),
        (&"/api/bookings".to_owned(), booking("\"lines\": [{\"quantity\": 1}]"), "lines[0].ticket_type_id"),
        (&"/api/bookings".to_owned(), booking(&format!("\"lines\": [{}]", line("0"))), "lines[0].quantity"),
        (&"/api/bookings".to_owned(), booking(&format!("\"lines\": [{}], \"seats\": 1", line("1"))), "seats"),
        (&world.path("/cancel"), "{\"reason\": 5}".to_owned(), "reason"),
        (&world.path("/cancel"), "{\"why\": \"x\"}".to_owned(), "why"),
        (&world.path("/publish"), "{\"now\": true}".to_owned(), "now"),
        (&"/api/tickets/ABC/checkin".to_owned(), "{\"gate\": \"a\\u0000\"}".to_owned(), "gate"),
        (&"/api/categories".to_owned(), "{\"name\": \" \"}".to_owned(), "name"),
    ];
    for (path, body, field) in rows {
        let reply = service.post(path).by(olga).raw("application/json", body.clone()).send().await;
        assert_eq!(reply.fields(), [field], "{path} {body}");
    }
    let preferences = service.put("/api/notifications/preferences").by(olga);
    let reply = preferences.json(&json!({"reminder": {"pigeon": true}})).send().await;
    assert_eq!(reply.status.as_u16(), 422, "{}", reply.text());
}

#[tokio::test]
async fn wrong_queries_are_named() {
    let world = World::new().await;
    let admin = world.service.admin("Root").await;
    for (query, field) in [
        ("/api/events?nonsense=1", "nonsense"),
        ("/api/events?offset=20", "offset"),
        ("/api/events?limit=0", "limit"),
        ("/api/events?limit=101", "limit"),
        ("/api/events?limit=-1", "limit"),
        ("/api/events?limit=many", "limit"),
        ("/api/events?limit=99999999999999999999", "limit"),
        ("/api/events?limit=1&limit=2", "limit"),
        ("/api/events?limit=", "limit"),
        ("/api/events?from=yesterday", "from"),
        ("/api/events?from=", "from"),
        ("/api/events?from=2026-12-01T00:00:00+05:00", "from"),
        ("/api/events?to=0000-01-01T00:00:00Z", "to"),
        ("/api/events?status=sold", "status"),
        ("/api/events?organizer=me", "organizer"),
        ("/api/events?q=%00", "q"),
        ("/api/notifications?unread=maybe", "unread"),
        ("/api/notifications?all=1", "all"),
        ("/api/audit?event_id=5", "event_id"),
        ("/api/jobs?state=lost", "state"),
        ("/api/tickets?page=2", "page"),
        ("/api/categories?q=x", "q"),
    ] {
        assert_eq!(world.service.get(query).by(&admin).send().await.fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn a_path_that_names_nothing_is_not_found() {
    let world = World::new().await;
    let (service, olga) = (&world.service, &world.olga);
    let nobody = "01920000-0000-7000-8000-000000000000";
    for id in [nobody, "5", "me-too", "%F0%9F%8E%B7", "%00", &"9".repeat(2_000)] {
        for (path, reason) in [
            (format!("/api/users/{id}"), "user_not_found"),
            (format!("/api/events/{id}"), "event_not_found"),
            (format!("/api/events/{id}/schedule"), "event_not_found"),
            (world.path(&format!("/schedule/{id}")), "schedule_item_not_found"),
            (format!("/api/events/{id}/ticket-types"), "event_not_found"),
            (world.path(&format!("/ticket-types/{id}")), "ticket_type_not_found"),
            (format!("/api/events/{id}/attendees"), "event_not_found"),
            (format!("/api/events/{id}/ticket-keys"), "event_not_found"),
            (format!("/api/categories/{id}"), "category_not_found"),
            (format!("/api/bookings/{id}"), "booking_not_found"),
            (format!("/api/tickets/{id}"), "ticket_not_found"),
            (format!("/api/notifications/{id}"), "notification_not_found"),
        ] {
            service.get(&path).by(olga).send().await.refused(404, reason);
        }
    }
    service.get("/api/events/%FF").send().await.refused(400, "malformed");
    let body = event_body();
    let reply = service.put(&format!("/api/events/{nobody}")).by(olga).json(&body).send().await;
    reply.refused(404, "event_not_found");
}
