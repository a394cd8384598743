//! The club sells a ticket through Eventify's routes to somebody whom only the club knows.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use eventify_core::Eventify;
use eventify_store_redb::RedbStore;
use example_embed_axum::{Members, website};
use serde_json::{Value, json};
use tower::ServiceExt;

async fn call(
    site: &Router,
    who: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, String) {
    let mut request = Request::builder().method(method).uri(path);
    if !who.is_empty() {
        request = request.header("authorization", format!("Club {who}"));
    }
    let body = match body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    let answer = site.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = answer.status();
    (status, String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap())
}

fn id(body: &str) -> String {
    serde_json::from_str::<Value>(body).unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_club_has_its_own_pages_its_own_login_and_eventifys_routes() {
    let dir = tempfile::tempdir().unwrap();
    let store = RedbStore::open(dir.path().join("club.redb")).unwrap();
    let eventify = Eventify::builder(store).start().await.unwrap();
    let members = Members::enrol(&eventify).await.unwrap();
    let site = website(eventify.clone(), members);

    assert_eq!(call(&site, "", "GET", "/", None).await, (StatusCode::OK, "Welcome to the club.".to_owned()));
    assert_eq!(call(&site, "bob", "GET", "/", None).await.1, "Welcome back to the club.");
    assert_eq!(call(&site, "", "GET", "/api/tickets", None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(call(&site, "stranger", "GET", "/api/tickets", None).await.0, StatusCode::UNAUTHORIZED);

    let draft = json!({ "title": "Club night", "starts_at": "2090-01-01T20:00:00Z", "ends_at": "2090-01-02T02:00:00Z" });
    assert_eq!(call(&site, "bob", "POST", "/api/events", Some(draft.clone())).await.0, StatusCode::FORBIDDEN);
    let (status, event) = call(&site, "ada", "POST", "/api/events", Some(draft)).await;
    assert_eq!(status, StatusCode::CREATED, "{event}");
    let event = id(&event);
    let entry = json!({ "name": "Entry", "quantity": 1 });
    let (status, entry) =
        call(&site, "ada", "POST", &format!("/api/events/{event}/ticket-types"), Some(entry)).await;
    assert_eq!(status, StatusCode::CREATED, "{entry}");
    assert_eq!(
        call(&site, "ada", "POST", &format!("/api/events/{event}/publish"), None).await.0,
        StatusCode::OK
    );

    let one = json!({ "ticket_type_id": id(&entry), "quantity": 1 });
    let buy = format!("/api/events/{event}/tickets");
    let (status, bought) = call(&site, "bob", "POST", &buy, Some(one.clone())).await;
    assert_eq!(status, StatusCode::CREATED, "{bought}");
    let (status, refused) = call(&site, "ada", "POST", &buy, Some(one)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(refused.contains("\"reason\":\"sold_out\""), "{refused}");
    let bought: Value = serde_json::from_str(&bought).unwrap();
    let code = bought["tickets"][0]["code"].as_str().unwrap();
    let door = format!("/api/tickets/{code}/checkin");
    assert_eq!(call(&site, "bob", "POST", &door, None).await.0, StatusCode::FORBIDDEN);
    assert_eq!(call(&site, "ada", "POST", &door, None).await.0, StatusCode::OK);
    eventify.shut_down().await;
}
