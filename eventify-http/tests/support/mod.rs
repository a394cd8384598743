//! A service in the test's own process, and clients that check what every answer must have.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by tests that each use a part of it")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use eventify_core::store::Store;
use eventify_core::testing::FakeClock;
use eventify_core::{Actor, Builder, Eventify};
use eventify_http::{Config, router};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

pub mod backend;
pub mod world;

use backend::Place;

/// A running engine behind a router, with a clock that the test moves.
#[derive(Clone)]
pub struct Service {
    pub router: Router,
    pub eventify: Eventify,
    pub clock: FakeClock,
    /// What the store lives in.
    pub place: Arc<Option<Place>>,
}

impl Service {
    pub async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Self {
        Self::built(config, |builder| builder).await
    }

    /// With an engine that is built otherwise.
    pub async fn built(config: Config, more: impl FnOnce(Builder) -> Builder) -> Self {
        let (store, place) = backend::store().await;
        Self { place, ..Self::over(store, config, more).await }
    }

    pub async fn over(store: Arc<dyn Store>, config: Config, more: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = FakeClock::default();
        let builder = Eventify::builder_over(store).clock(clock.clone()).without_worker();
        let eventify = more(builder).start().await.unwrap();
        Self { router: router(eventify.clone(), config), eventify, clock, place: Arc::default() }
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    pub fn call(&self, method: Method, path: &str) -> Call {
        Call {
            router: self.router.clone(),
            request: Request::builder().method(method).uri(path).body(Body::empty()).unwrap(),
        }
    }

    /// Does everything that is due.
    pub async fn settle(&self) {
        while self.eventify.jobs().run_due().await.unwrap() > 0 {}
    }

    /// An account, logged in.
    pub async fn person(&self, name: &str) -> Person {
        let email = format!("{}@example.org", name.to_lowercase());
        let account = json!({"name": name, "email": email, "password": PASSWORD});
        let user = self.post("/api/auth/register").json(&account).send().await.ok(201);
        self.log_in(user["id"].as_str().unwrap(), &email).await
    }

    pub async fn log_in(&self, id: &str, email: &str) -> Person {
        let login = json!({"email": email, "password": PASSWORD});
        let tokens = self.post("/api/auth/login").json(&login).send().await.ok(200);
        Person {
            id: id.to_owned(),
            email: email.to_owned(),
            token: tokens["access_token"].as_str().unwrap().to_owned(),
            refresh: tokens["refresh_token"].as_str().unwrap().to_owned(),
        }
    }

    pub async fn organizer(&self, name: &str) -> Person {
        let person = self.person(name).await;
        let changed = self.post("/api/users/me/become-organizer").by(&person).send().await.ok(200);
        Person { token: changed["access_token"].as_str().unwrap().to_owned(), ..person }
    }

    pub async fn admin(&self, name: &str) -> Person {
        let person = self.person(name).await;
        self.eventify.accounts().promote(&Actor::system(), &person.email).await.unwrap();
        self.log_in(&person.id, &person.email).await
    }
}

pub const PASSWORD: &str = "a long secret";

/// Somebody with an account and a session.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub token: String,
    pub refresh: String,
}

/// A request on its way.
pub struct Call {
    router: Router,
    request: Request<Body>,
}

impl Call {
    pub fn by(self, person: &Person) -> Self {
        self.token(&person.token)
    }

    /// As somebody, or as nobody.
    pub fn maybe_by(self, person: Option<&Person>) -> Self {
        match person {
            Some(person) => self.by(person),
            None => self,
        }
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request.headers_mut().append(name, value.parse().unwrap());
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub fn raw(mut self, kind: &str, body: impl Into<Body>) -> Self {
        if !kind.is_empty() {
            self.request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        *self.request.body_mut() = body.into();
        self
    }

    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.request.extensions_mut().insert(value);
        self
    }

    /// An answer that goes on.
    pub async fn open(self) -> Body {
        let response = self.router.oneshot(self.request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body()
    }

    pub async fn send(self) -> Reply {
        let asked = format!("{} {}", self.request.method(), self.request.uri());
        let response = self.router.oneshot(self.request).await.unwrap();
        let (head, mut body) = response.into_parts();
        // A feed has no end.
        let goes_on = head.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let body = match goes_on {
            true => body.frame().await.unwrap().unwrap().into_data().unwrap().to_vec(),
            false => body.collect().await.unwrap().to_bytes().to_vec(),
        };
        let reply = Reply { asked, status: head.status, headers: head.headers, body };
        reply.check_always();
        reply
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub asked: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{}: {e}: {:?}", self.asked, self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.asked, self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The body of a refusal with this status and reason.
    #[track_caller]
    pub fn refused(&self, status: u16, reason: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.asked, self.text());
        let body = self.json();
        assert_eq!(body["reason"], reason, "{}: {body}", self.asked);
        body
    }

    /// The names of the fields that a 422 complains of.
    #[track_caller]
    pub fn fields(&self) -> Vec<String> {
        let body = self.refused(422, "invalid_value");
        let errors = body["errors"].as_array().unwrap();
        errors.iter().map(|e| e["field"].as_str().unwrap().to_owned()).collect()
    }

    /// What the contract promises of every answer.
    #[track_caller]
    fn check_always(&self) {
        let id = self.header("x-request-id").unwrap_or_default().to_owned();
        assert!(!id.is_empty(), "{}: no request id", self.asked);
        for name in ["x-content-type-options", "content-security-policy", "referrer-policy", "cache-control"]
        {
            assert!(self.headers.contains_key(name), "{}: no {name}", self.asked);
        }
        if self.status.as_u16() < 400 {
            return;
        }
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.asked);
        let body = self.json();
        for name in ["type", "title", "detail", "reason", "error", "request_id"] {
            assert!(body[name].as_str().is_some_and(|s| !s.is_empty()), "{}: {name} in {body}", self.asked);
        }
        assert_eq!(body["request_id"], id.as_str());
        assert_eq!(body["error"], body["detail"]);
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(body["code"], self.status.as_u16());
        assert_eq!(self.status == StatusCode::UNAUTHORIZED, self.headers.contains_key("www-authenticate"));
        let later = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&self.status);
        assert_eq!(later, self.headers.contains_key("retry-after"), "{}", self.asked);
        assert_eq!(self.status.as_u16() == 405, self.headers.contains_key("allow"), "{}", self.asked);
    }
}

/// The names of an object's members.
#[track_caller]
pub fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// That an object has just these members.
#[track_caller]
pub fn assert_members(value: &Value, names: &str) {
    let mut expected: Vec<&str> = names.split_whitespace().collect();
    expected.sort_unstable();
    assert_eq!(members(value), expected, "{value}");
}
