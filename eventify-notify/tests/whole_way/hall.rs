//! A hall with one event, over HTTP.

use std::time::Duration;

use eventify_core::{Builder, Clock, Eventify, SystemClock};
use eventify_store_redb::RedbStore;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::PATIENCE;

/// The service as a host runs it, with an organizer, somebody who buys, and an event on sale.
pub(crate) struct Hall {
    base: String,
    http: reqwest::Client,
    organizer: String,
    buyer: String,
    event: String,
    ticket_type: String,
    eventify: Eventify,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    _dir: tempfile::TempDir,
}

impl Hall {
    pub(crate) async fn open(connect: impl FnOnce(Builder) -> Builder) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = RedbStore::open(dir.path().join("hall.redb")).unwrap();
        let eventify = connect(Eventify::builder(store)).start().await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = eventify_http::router(eventify.clone(), eventify_http::Config::default());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
            tokio::select! {
                served = axum::serve(listener, service) => served.unwrap(),
                _ = stopped => {}
            }
        });
        let mut hall = Self {
            base,
            http: reqwest::Client::new(),
            organizer: String::new(),
            buyer: String::new(),
            event: String::new(),
            ticket_type: String::new(),
            eventify,
            stop,
            serving,
            _dir: dir,
        };
        hall.set_up().await;
        hall
    }

    async fn set_up(&mut self) {
        self.register("olga").await;
        self.register("bulat").await;
        let token = self.log_in("olga").await;
        let become_one = self.post(&token, "/api/users/me/become-organizer", &json!({})).await;
        self.organizer = text(&become_one["access_token"]);
        self.buyer = self.log_in("bulat").await;
        let start = SystemClock.now().plus(Duration::from_secs(24 * 3600));
        let event = json!({
            "title": "Қазақ джаз түні 🎷", "starts_at": start, "ends_at": start.plus(Duration::from_secs(7200)),
        });
        let event = self.post(&self.organizer, "/api/events", &event).await;
        self.event = text(&event["id"]);
        let seats = json!({ "name": "Seat", "quantity": 100_000 });
        let made =
            self.post(&self.organizer, &format!("/api/events/{}/ticket-types", self.event), &seats).await;
        self.ticket_type = text(&made["id"]);
        self.post(&self.organizer, &format!("/api/events/{}/publish", self.event), &json!({})).await;
    }

    async fn register(&self, name: &str) {
        let person = json!({
            "name": name, "email": format!("{name}@example.org"), "password": "a long enough secret",
        });
        self.post("", "/api/auth/register", &person).await;
    }

    async fn log_in(&self, name: &str) -> String {
        let person = json!({ "email": format!("{name}@example.org"), "password": "a long enough secret" });
        text(&self.post("", "/api/auth/login", &person).await["access_token"])
    }

    /// Buys one ticket.
    pub(crate) async fn buy(&self) -> Value {
        let wanted = json!({ "ticket_type_id": self.ticket_type, "quantity": 1 });
        let bought = self.post(&self.buyer, &format!("/api/events/{}/tickets", self.event), &wanted).await;
        bought["tickets"][0].clone()
    }

    /// What the buyer is told from now on.
    pub(crate) async fn feed(&self) -> Feed {
        let url = format!("{}/api/notifications/stream", self.base);
        let answer = self.http.get(url).bearer_auth(&self.buyer).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let mut feed = Feed { answer, text: String::new() };
        feed.next("open").await;
        feed
    }

    async fn post(&self, token: &str, path: &str, body: &Value) -> Value {
        let request =
            self.http.post(format!("{}{path}", self.base)).header("content-type", "application/json");
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let answer = request.body(body.to_string()).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) async fn close(self) {
        let _ = self.stop.send(());
        self.serving.await.unwrap();
        self.eventify.shut_down().await;
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Server-Sent Events of one answer.
pub(crate) struct Feed {
    answer: reqwest::Response,
    text: String,
}

impl Feed {
    /// The data of the next event of this name.
    pub(crate) async fn next(&mut self, name: &str) -> Value {
        let heard = async {
            loop {
                while let Some((event, rest)) = self.text.split_once("\n\n") {
                    let part = |field: &str| event.lines().find_map(|line| line.strip_prefix(field));
                    let found = (part("event: ") == Some(name))
                        .then(|| part("data: ").unwrap_or_default().to_owned());
                    self.text = rest.to_owned();
                    if let Some(data) = found {
                        return serde_json::from_str(&data).unwrap();
                    }
                }
                let chunk = self.answer.chunk().await.unwrap().expect("the feed goes on");
                self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("the feed says no {name}"))
    }
}
