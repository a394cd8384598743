//! What every request goes through, and how the router is mounted.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use eventify_core::store::{ChangeSet, Commit, Key, MemoryStore, Page, Scan, Store, StoreError, Versioned};
use eventify_core::testing::{FaultPlan, FaultStore};
use eventify_core::{Actor, Role, UserId};
use eventify_http::{AuthRate, Config, MetricsText, router};
use serde_json::json;

use crate::support::world::{World, event_body};
use crate::support::{PASSWORD, Service};

fn config(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    change(&mut config);
    config
}

#[tokio::test]
async fn a_request_keeps_its_own_id_or_gets_one() {
    let service = Service::new().await;
    let ask = async |id: &str| {
        let reply = service.get("/healthz").header("x-request-id", id).send().await;
        reply.header("x-request-id").unwrap().to_owned()
    };
    for sane in ["a", "01920000-0000-7000-8000-000000000000", "trace_1.2"] {
        assert_eq!(ask(sane).await, sane);
    }
    let mut made = BTreeSet::new();
    for odd in ["", " ", "a b", "a\tb", "<script>", "ид", "a;b", &"x".repeat(65)] {
        let id = ask(odd).await;
        assert_ne!(id, odd);
        made.insert(id);
    }
    assert_eq!(made.len(), 8, "each its own");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_json() {
    let service = Service::new().await;
    for path in ["/", "/api", "/api/", "/api/nothing", "/api/events/1/2/3", "/index.html", "/api//events"] {
        service.get(path).send().await.refused(404, "not_found");
    }
    for (method, path, allowed) in [
        ("DELETE", "/api/events", "GET,HEAD,POST"),
        ("PATCH", "/api/users/me", "GET,HEAD,PUT"),
        ("GET", "/api/auth/login", "POST"),
        ("POST", "/healthz", "GET,HEAD"),
        ("OPTIONS", "/api/events", "GET,HEAD,POST"),
        ("TRACE", "/api/events/", "GET,HEAD,POST"),
        ("BREW", "/api/events", "GET,HEAD,POST"),
    ] {
        let reply = service.call(method.parse().unwrap(), path).send().await;
        reply.refused(405, "method_not_allowed");
        assert_eq!(reply.header("allow"), Some(allowed), "{method} {path}");
    }
    let head = service.call("HEAD".parse().unwrap(), "/api/events").send().await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}

#[tokio::test]
async fn a_slash_at_the_end_is_tolerated() {
    let world = World::new().await;
    let document = world.service.get("/openapi.json").send().await.ok(200);
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() {
            continue;
        }
        let path = path.replace("{id}", &world.event);
        let plain = world.service.get(&path).by(&world.olga).send().await;
        let slashed = world.service.get(&format!("{path}/")).by(&world.olga).send().await;
        assert_eq!(plain.status, slashed.status, "{path}/");
    }
    let account = json!({"name": "Ada", "email": "ada@example.org", "password": PASSWORD});
    world.service.post("/api/auth/register/").json(&account).send().await.ok(201);
}

#[tokio::test]
async fn pages_of_other_origins_are_let_in_only_if_configured() {
    let preflight = |service: &Service| {
        let call = service.call("OPTIONS".parse().unwrap(), "/api/events");
        call.header("origin", "https://tickets.example").header("access-control-request-method", "POST")
    };
    let closed = Service::new().await;
    let refused = preflight(&closed).send().await;
    refused.refused(405, "method_not_allowed");
    let plain = closed.get("/api/events").header("origin", "https://tickets.example").send().await;
    assert_eq!(plain.header("access-control-allow-origin"), None);

    let open = Service::with(config(|c| c.cors_origins = vec!["https://tickets.example".into()])).await;
    let allowed = preflight(&open).send().await;
    assert_eq!(allowed.status.as_u16(), 200);
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://tickets.example"));
    assert!(allowed.header("access-control-allow-headers").unwrap().contains("idempotency-key"));
    let other = open.get("/api/events").header("origin", "https://evil.example").send().await;
    assert_ne!(other.header("access-control-allow-origin"), Some("https://evil.example"));
    assert_eq!(other.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn transport_security_is_promised_only_if_configured() {
    let hsts = "strict-transport-security";
    assert_eq!(Service::new().await.get("/healthz").send().await.header(hsts), None);
    let service = Service::with(config(|c| c.hsts = true)).await;
    assert_eq!(service.get("/healthz").send().await.header(hsts), Some("max-age=31536000"));
}

fn from(address: &str) -> ConnectInfo<SocketAddr> {
    ConnectInfo(address.parse().unwrap())
}

#[tokio::test]
async fn guesses_from_one_address_are_slowed_down_if_configured() {
    let one = NonZeroU32::new(1).unwrap();
    let rate = AuthRate { per_minute: one, burst: NonZeroU32::new(2).unwrap() };
    let service = Service::with(config(|c| {
        c.auth_rate = Some(rate);
        c.proxy_hops_trusted = 1;
    }))
    .await;
    let guess = async |client: &str| {
        let refresh = service.post("/api/auth/refresh").json(&json!({"refresh_token": "x"}));
        refresh.header("x-forwarded-for", client).extension(from("10.0.0.1:80")).send().await
    };
    for _ in 0..2 {
        guess("203.0.113.9").await.refused(401, "invalid_token");
    }
    let refused = guess("203.0.113.9").await;
    refused.refused(429, "rate_limited");
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() >= 30);
    // What a client writes to the left of what the proxy saw does not help.
    guess("198.51.100.7, 203.0.113.9").await.refused(429, "rate_limited");
    guess("203.0.113.10").await.refused(401, "invalid_token");
    // Other routes are not meant.
    let events = service.get("/api/events").header("x-forwarded-for", "203.0.113.9");
    events.send().await.ok(200);
}

#[tokio::test]
async fn the_trail_says_from_where() {
    let service = Service::with(config(|c| c.proxy_hops_trusted = 1)).await;
    let account = json!({"name": "Ada", "email": "ada@example.org", "password": PASSWORD});
    let register = service.post("/api/auth/register").json(&account);
    register.header("x-forwarded-for", "198.51.100.7, 203.0.113.9").send().await.ok(201);
    let admin = service.admin("Root").await;
    let trail = service.get("/api/audit?limit=100").by(&admin).send().await.ok(200);
    let entries = trail["data"].as_array().unwrap();
    let registered = entries.iter().filter(|e| e["action"] == "user.registered");
    let mut origins: Vec<Option<&str>> = registered.map(|e| e["origin"].as_str()).collect();
    origins.sort_unstable();
    assert_eq!(origins, [None, Some("203.0.113.9")]);
}

#[tokio::test]
async fn a_hosts_own_login_is_believed() {
    let service = Service::new().await;
    let id: UserId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
    let made = service.post("/api/events").json(&event_body()).extension(Actor::user(id, Role::Organizer));
    assert_eq!(made.send().await.ok(201)["organizer_id"], id.to_string());
    let attendee = service.post("/api/events").json(&event_body()).extension(Actor::user(id, Role::Attendee));
    attendee.send().await.refused(403, "not_allowed");
    let system = service.post("/api/events").json(&event_body()).extension(Actor::system());
    system.send().await.refused(401, "not_authenticated");
}

#[tokio::test]
async fn it_is_mounted_beside_or_below_a_hosts_routes() {
    let plain = Service::new().await;
    let host =
        Router::new().route("/hello", get(|| async { "hello" })).fallback(|| async { "the host's own" });
    let api = router(plain.eventify.clone(), Config::default()).reset_fallback();
    let beside = Service { router: host.clone().merge(api), ..plain.clone() };
    let asked = async |service: &Service, path: &str| {
        use tower::ServiceExt;
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = service.router.clone().oneshot(request).await.unwrap();
        let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    };
    assert_eq!(asked(&beside, "/hello").await, "hello");
    assert_eq!(asked(&beside, "/nothing").await, "the host's own");
    beside.get("/api/nothing").send().await.refused(404, "not_found");
    beside.get("/healthz").send().await.ok(200);

    let api = router(plain.eventify.clone(), config(|c| c.base_path = "/shop/{tenant}".into()));
    let below = Service { router: host.nest("/shop/{tenant}", api), ..plain };
    assert_eq!(asked(&below, "/hello").await, "hello");
    let account = json!({"name": "Ada", "email": "ada@example.org", "password": PASSWORD});
    let made = below.post("/shop/7/api/auth/register").json(&account).send().await;
    let place = made.header("location").unwrap().to_owned();
    assert!(place.starts_with("/shop/{tenant}/api/users/"), "{place}");
    below.get(&place.replace("{tenant}", "7")).send().await.ok(200);
    let document = below.get("/shop/7/openapi.json").send().await.ok(200);
    assert_eq!(document["servers"][0]["url"], "/shop/{tenant}");
    let numbers = below.get("/shop/7/metrics").send().await.text();
    assert!(numbers.contains("route=\"/api/users/{id}\",status=\"200\"} 1"), "{numbers}");
}

#[tokio::test]
async fn numbers_are_kept_by_route() {
    let service = Service::with(config(|c| {
        c.metrics_more = Some(MetricsText::new(|| "host_things_total 7\n".to_owned()));
    }))
    .await;
    for _ in 0..3 {
        service.get("/api/events").send().await.ok(200);
    }
    service.get("/api/events/5").send().await.refused(404, "event_not_found");
    service.get("/nothing").send().await.refused(404, "not_found");
    let reply = service.get("/metrics").send().await;
    assert!(reply.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    let text = reply.text();
    for line in [
        "eventify_http_requests_total{method=\"GET\",route=\"/api/events\",status=\"200\"} 3",
        "eventify_http_requests_total{method=\"GET\",route=\"/api/events/{id}\",status=\"404\"} 1",
        "eventify_http_requests_total{method=\"\",route=\"unmatched\",status=\"404\"} 1",
        "eventify_http_request_duration_seconds_bucket{method=\"GET\",route=\"/api/events\",le=\"+Inf\"} 3",
        "eventify_http_request_duration_seconds_count{method=\"GET\",route=\"/api/events\"} 3",
        "host_things_total 7",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
    let without = Service::with(config(|c| {
        c.metrics = false;
        c.docs = false;
    }))
    .await;
    for path in ["/metrics", "/docs", "/docs/index.css"] {
        without.get(path).send().await.refused(404, "not_found");
    }
}

/// A store that works until it is asked whether it does.
#[derive(Debug)]
struct Odd {
    inner: MemoryStore,
    hangs: bool,
}

#[async_trait]
impl Store for Odd {
    async fn load(&self, keys: &BTreeSet<Key>) -> Result<Vec<Versioned>, StoreError> {
        self.inner.load(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Page<Versioned>, StoreError> {
        self.inner.scan(scan).await
    }

    async fn commit(&self, set: &ChangeSet) -> Result<Commit, StoreError> {
        self.inner.commit(set).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        if self.hangs { std::future::pending().await } else { panic!("a secret of the inside") }
    }
}

#[tokio::test]
async fn faults_are_answered_without_their_inside() {
    let odd = |hangs| Arc::new(Odd { inner: MemoryStore::new(), hangs });
    let service = Service::over(odd(false), Config::default(), |builder| builder).await;
    let reply = service.get("/readyz").send().await;
    reply.refused(500, "internal");
    assert!(!reply.text().contains("secret"));
    service.get("/healthz").send().await.ok(200);

    let hasty = config(|c| c.request_timeout = Duration::from_millis(20));
    let service = Service::over(odd(true), hasty, |builder| builder).await;
    service.get("/readyz").send().await.refused(503, "overloaded");
}

#[tokio::test]
async fn a_store_that_is_away_is_said_to_be() {
    let store = Arc::new(FaultStore::new(MemoryStore::new(), 1, FaultPlan::NONE));
    let service = Service::over(store.clone(), Config::default(), |builder| builder).await;
    service.get("/readyz").send().await.ok(200);
    store.set_plan(FaultPlan { reads_unavailable: 1_000, ..FaultPlan::NONE });
    for path in ["/readyz", "/api/events", "/api/events/01920000-0000-7000-8000-000000000000"] {
        service.get(path).send().await.refused(503, "store_unavailable");
    }
    service.get("/healthz").send().await.ok(200);
    store.set_plan(FaultPlan::NONE);
    service.get("/api/events").send().await.ok(200);
    service.eventify.shut_down().await;
    let account = json!({"name": "Ada", "email": "ada@example.org", "password": PASSWORD});
    service.post("/api/auth/register").json(&account).send().await.refused(503, "shutting_down");
}
