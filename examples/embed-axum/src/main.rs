//! Serves the club's website; see the library part.
#![allow(clippy::print_stdout, reason = "a program for people to watch")]

use eventify_core::Eventify;
use eventify_store_redb::RedbStore;
use example_embed_axum::{Members, website};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: example-embed-axum FILE.redb")?;
    let eventify = Eventify::builder(RedbStore::open(path)?).start().await?;
    let members = Members::enrol(&eventify).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, website(eventify, members)).await?;
    Ok(())
}
