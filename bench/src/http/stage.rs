//! A file with many events, and people who ask for them.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eventify_store_redb::RedbStore;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::guests::{Guests, PASSWORD, email};
use super::load::{Load, ask, request};
use crate::Result;
use crate::crowd::run_counted;
use crate::process::Process;
use crate::sale::{Sale, Shelf, put_on_sale};

/// Passwords that are hashed side by side.
const HASHES: usize = 4;
/// Sessions that are refreshed side by side.
const REFRESHES: usize = 64;

pub(crate) struct Stage {
    pub(crate) file: PathBuf,
    shelves: Vec<Shelf>,
    guests: Guests,
    _dir: TempDir,
}

impl Stage {
    /// A new file with so many events on sale, and guests with accounts.
    pub(crate) async fn set(events: usize, guests: usize) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("service.redb");
        let store = Arc::new(RedbStore::open(&file)?);
        let sale = Sale::open(store.clone(), 1).await?;
        let eventify = sale.eventify.clone();
        let shared = (eventify.clone(), Arc::new(AtomicUsize::new(1)));
        run_counted(events.saturating_sub(1), 256, move || {
            let (eventify, nth) = shared.clone();
            async move { put_on_sale(&eventify, nth.fetch_add(1, Ordering::Relaxed)).await.map(drop) }
        })
        .await?;
        let guests = Guests::invite(&eventify, &*store, guests).await?;
        eventify.shut_down().await;
        Ok(Self { file, shelves: sale.shelves.clone(), guests, _dir: dir })
    }

    /// Everybody's access token, by their passwords.
    pub(crate) async fn log_in(&self, address: SocketAddr) -> Result<Vec<String>> {
        let log_in = |nth| async move {
            let body = json!({ "email": email(nth), "password": PASSWORD });
            token(&post(address, "/api/auth/login", &body).await?, "access_token")
        };
        stream::iter(0..self.guests.len()).map(log_in).buffered(HASHES).try_collect().await
    }

    /// The same by the sessions that they have, as an app that was closed does it: for thousands, whose passwords
    /// would be hashed for minutes.
    pub(crate) async fn come_back(&mut self, address: SocketAddr) -> Result<Vec<String>> {
        let refresh = |refresh_token: &String| {
            let body = json!({ "refresh_token": refresh_token });
            async move {
                let answer = post(address, "/api/auth/refresh", &body).await?;
                Ok::<_, Box<dyn Error + Send + Sync>>((
                    token(&answer, "access_token")?,
                    token(&answer, "refresh_token")?,
                ))
            }
        };
        let refreshed = stream::iter(self.guests.refresh_tokens.iter().map(refresh)).buffered(REFRESHES);
        let (access, next): (Vec<_>, Vec<_>) = refreshed.try_collect::<Vec<_>>().await?.into_iter().unzip();
        self.guests.refresh_tokens = next;
        Ok(access)
    }

    pub(crate) fn pages(&self, service: &Process) -> Load {
        let requests = self.shelves.iter().map(|shelf| request("GET", &page(shelf), &[], "")).collect();
        Load { address: service.address, requests, status: 200 }
    }

    /// The same, by those who have them.
    pub(crate) async fn known_pages(&self, service: &Process) -> Result<Load> {
        let shelf = self.shelves.first().ok_or("nothing on sale")?;
        let (head, _) = ask(service.address, &request("GET", &page(shelf), &[], "")).await?;
        let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).ok_or("no ETag")?;
        let known = request("GET", &page(shelf), &[("if-none-match", etag)], "");
        Ok(Load { address: service.address, requests: vec![known], status: 304 })
    }

    pub(crate) fn lists(&self, service: &Process) -> Load {
        Load {
            address: service.address,
            requests: vec![request("GET", "/api/events?limit=20", &[], "")],
            status: 200,
        }
    }

    /// Each guest buys, one ticket at a time.
    pub(crate) fn purchases(&self, service: &Process, tokens: &[String]) -> Load {
        let buy = |token: &String| {
            let shelf = self.shelves.first();
            let (path, id) = shelf.map_or_else(Default::default, |shelf| {
                (format!("/api/events/{}/tickets", shelf.event_id), shelf.ticket_type_id.to_string())
            });
            let body = json!({ "ticket_type_id": id, "quantity": 1 }).to_string();
            request("POST", &path, &[("authorization", &format!("Bearer {token}"))], &body)
        };
        Load { address: service.address, requests: tokens.iter().map(buy).collect(), status: 201 }
    }
}

fn page(shelf: &Shelf) -> String {
    format!("/api/events/{}", shelf.event_id)
}

async fn post(address: SocketAddr, path: &str, body: &Value) -> Result<Value> {
    let (_, answer) = ask(address, &request("POST", path, &[], &body.to_string())).await?;
    Ok(serde_json::from_str(&answer)?)
}

fn token(answer: &Value, name: &str) -> Result<String> {
    Ok(answer[name].as_str().ok_or("no token")?.to_owned())
}
