//! The yardstick of the service: an axum that answers everybody the same small JSON.

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use crate::Result;

async fn answer() -> axum::Json<Value> {
    axum::Json(
        json!({ "id": "0191e3a0-7c1e-7b43-9d2a-8f0c6a5b4e3d", "title": "Spring concert", "available": 120 }),
    )
}

/// Serves until it is ended.
pub(crate) async fn serve() -> Result {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening address={}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/", get(answer))).await?;
    Ok(())
}
