//! Answers in JSON.

use std::cell::Cell;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use eventify_core::Error;
use serde::Serialize;

use crate::error::Problem;
use crate::extract::Json;

/// What a thread keeps to write on; a larger answer takes what it needs and gives it back.
const DESK_BYTES_MAX: usize = 64 * 1024;

thread_local! {
    /// Where this thread writes: an answer that grows as it is written would be copied each time.
    static DESK: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let body = match written(&self.0) {
            Ok(body) => body,
            Err(error) => {
                let error = Error::internal(format!("an answer cannot be written: {error}"));
                return Problem::from(error).into_response();
            }
        };
        let mut response = Response::new(Body::from(body));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

fn written(value: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    let mut desk = DESK.take();
    desk.clear();
    let done = serde_json::to_writer(&mut desk, value);
    let body = done.map(|()| Bytes::copy_from_slice(&desk));
    if desk.capacity() <= DESK_BYTES_MAX {
        DESK.set(desk);
    }
    body
}
