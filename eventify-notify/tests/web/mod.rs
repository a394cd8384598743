//! A real HTTP server on a port of its own, which remembers what it was sent and answers as it is told.

#![allow(dead_code, reason = "each test program uses a part")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What it does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Say(u16, String),
    /// With a header, too.
    With(u16, (&'static str, &'static str), String),
    /// Takes the request and dies before it answers.
    Die,
    /// Never answers.
    Hang,
}

pub(crate) fn say(status: u16) -> Reply {
    Reply::Say(status, String::new())
}

#[derive(Debug, Default)]
struct State {
    seen: Vec<Seen>,
    replies: VecDeque<Reply>,
    /// What it answers then; 200 if nothing is said.
    otherwise: Option<Reply>,
}

/// Ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Server {
    /// With routes of its own.
    pub(crate) async fn with(router: Router) -> Self {
        Self::start(router, Arc::default()).await
    }

    /// Says 200 to everything that it was not told to answer otherwise.
    pub(crate) async fn recording() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        let router = Router::new().fallback(move |request: Request| answer(Arc::clone(&shared), request));
        Self::start(router, state).await
    }

    async fn start(router: Router, state: Arc<Mutex<State>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { at, state, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// The next requests are answered like this, one after another.
    pub(crate) fn replies(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().replies.extend(replies);
    }

    /// What it answers when none of these is left.
    pub(crate) fn otherwise(&self, reply: Reply) {
        self.state.lock().unwrap().otherwise = Some(reply);
    }

    /// How much came since then.
    pub(crate) fn count(&self) -> usize {
        self.state.lock().unwrap().seen.len()
    }

    /// What came since it was asked last.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state.lock().unwrap().seen)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
    let reply = {
        let mut state = state.lock().unwrap();
        let path = parts.uri.to_string();
        state.seen.push(Seen { method: parts.method, path, headers: parts.headers, body });
        state.replies.pop_front().or_else(|| state.otherwise.clone()).unwrap_or(say(200))
    };
    let status = |status| StatusCode::from_u16(status).unwrap();
    match reply {
        Reply::Say(code, text) => (status(code), text).into_response(),
        Reply::With(code, header, text) => (status(code), [header], text).into_response(),
        Reply::Hang => std::future::pending().await,
        // Ends the connection, and says nothing about it.
        Reply::Die => std::panic::resume_unwind(Box::new("dies")),
    }
}
