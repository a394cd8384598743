//! A club's website that sells tickets: its own pages, its own login, and Eventify's API beside them.
//!
//! Run it with `cargo run -p example-embed-axum -- /tmp/club.redb`, then for example
//! `curl -H 'Authorization: Club ada' http://127.0.0.1:3000/api/tickets`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use eventify_core::account::Register;
use eventify_core::{Actor, Eventify, Role};
use eventify_http::{Config, router};

/// Whoever the club knows, by the name that they log in with: the host's own business.
#[derive(Debug, Clone)]
pub struct Members(Arc<HashMap<&'static str, Actor>>);

impl Members {
    /// Gives each member an account in Eventify, so that tickets have a name on them, and an actor to act as.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn enrol(eventify: &Eventify) -> Result<Self, eventify_core::Error> {
        let mut members = HashMap::new();
        for (login, role) in [("ada", Role::Organizer), ("bob", Role::Attendee)] {
            // Nobody logs in to Eventify itself here.
            let email = format!("{login}@club.example");
            let account = Register::new(login, email, "the club has its own login");
            let user = eventify.accounts().register(&Actor::system(), account).await?;
            members.insert(login, Actor::user(user.id, role));
        }
        Ok(Self(Arc::new(members)))
    }
}

/// The whole website.
pub fn website(eventify: Eventify, members: Members) -> Router {
    let club = Router::new().route("/", get(welcome));
    club.merge(router(eventify, Config::default())).layer(middleware::from_fn_with_state(members, log_in))
}

/// The club's login: `Authorization: Club <name>`. A real one would look at a session cookie. The actor that it puts
/// into the request is all that Eventify needs to know.
async fn log_in(State(members): State<Members>, mut request: Request, next: Next) -> Response {
    let shown = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let member = shown.and_then(|value| value.strip_prefix("Club ")).and_then(|name| members.0.get(name));
    if let Some(actor) = member.cloned() {
        request.headers_mut().remove("authorization");
        request.extensions_mut().insert(actor);
    }
    next.run(request).await
}

/// The club's own page.
async fn welcome(actor: Option<Extension<Actor>>) -> &'static str {
    if actor.is_some() { "Welcome back to the club." } else { "Welcome to the club." }
}
