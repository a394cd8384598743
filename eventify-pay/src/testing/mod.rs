//! FreedomPay and Stripe as servers on the loopback interface, for tests.
//!
//! They sign and check as the documented protocols do, keep their own books – [`FakeFreedomPay::orders`], [`FakeStripe::sessions`] –, and misbehave on
//! command: [`Fault`]. What they say by themselves is made as a [`ProviderCallback`], which a test may give twice, late, out of
//! order or spoilt, and is sent by [`deliver`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod fault;
mod freedompay;
mod server;
mod stripe;

use eventify_core::payment::ProviderCallback;

pub use fault::Fault;
pub use freedompay::{FakeFreedomPay, Order};
pub use stripe::{FakeStripe, Paid};

/// Sends a callback by HTTP to a service at an address such as `http://127.0.0.1:8080`: what the provider does. The status and the body
/// of the answer.
///
/// # Panics
/// When nobody is there.
pub async fn deliver(service_url: &str, callback: &ProviderCallback) -> (u16, String) {
    let query = if callback.query.is_empty() { String::new() } else { format!("?{}", callback.query) };
    let by = if callback.body.is_empty() { reqwest::Method::GET } else { reqwest::Method::POST };
    let mut request = reqwest::Client::new()
        .request(by, format!("{service_url}{}{query}", callback.path))
        .body(callback.body.clone());
    for (name, value) in &callback.headers {
        request = request.header(name, value);
    }
    let answer = request.send().await.expect("the service answers");
    (answer.status().as_u16(), answer.text().await.expect("the service answers in text"))
}
