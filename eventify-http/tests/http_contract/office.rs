//! A deployment that takes money, and the servers of those who move it.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::Builder;
use eventify_core::account::SecretText;
use eventify_core::payment::{Capabilities, ProviderCallback};
use eventify_core::testing::{FakeClock, MemoryProvider};
use eventify_http::Config;
use eventify_pay::Timeouts;
use eventify_pay::freedompay::{self, FreedomPay};
use eventify_pay::stripe::{self, Stripe};
use eventify_pay::test_provider::{Sandbox, TestProvider};
use eventify_pay::testing::{FakeFreedomPay, FakeStripe, deliver};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::backend::Place;
use crate::support::world::World;
use crate::support::{Person, Reply, Service};

pub(crate) const SITE: &str = "https://tickets.example";

/// A deployment with the three that take money, the first one being Stripe.
pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) stripe: FakeStripe,
    pub(crate) freedompay: FakeFreedomPay,
    /// Gives all or nothing back, and calls nobody.
    pub(crate) transfer: MemoryProvider,
    /// Where the service is on the network.
    url: String,
    serving: tokio::task::AbortHandle,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn providers(builder: Builder, stripe_url: &str, freedompay_url: &str, test: &TestProvider) -> Builder {
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        request: Duration::from_secs(5),
        call: Duration::from_secs(10),
    };
    let stripe = Stripe::new(stripe::Settings {
        secret_key: SecretText::new("rk_test"),
        webhook_secrets: vec![SecretText::new("whsec")],
        api_url: stripe_url.into(),
        return_url: format!("{SITE}/payments/{{payment_id}}"),
        timeouts,
    });
    let freedompay = FreedomPay::new(freedompay::Settings {
        merchant_id: "1".into(),
        secret_key: SecretText::new("secret"),
        api_url: freedompay_url.into(),
        callback_url: format!("{SITE}/api/payments/webhooks/freedompay"),
        return_url: format!("{SITE}/payments/{{payment_id}}"),
        currencies: vec!["KZT".parse().unwrap()],
        check: true,
        testing: false,
        timeouts,
    });
    builder
        .payment_provider(stripe.unwrap())
        .payment_provider(freedompay.unwrap())
        .payment_provider(test.clone())
}

fn transfer() -> MemoryProvider {
    let whole = Capabilities { partial_refunds: false, callbacks: false, by_hand: false };
    MemoryProvider::named("transfer").able_to(whole)
}

impl Office {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(FakeClock::default());
        let stripe = FakeStripe::start_at("rk_test", "whsec", clock.clone()).await;
        let freedompay = FakeFreedomPay::start("1", "secret").await;
        let page = format!("{SITE}/pay/test");
        let test = TestProvider::new(Sandbox::no_money_moves(), &page, &[5; 32]).unwrap().with_clock(clock);
        let mut config = Config::default();
        config.test_payments = Some(test.clone());
        let (stripe_url, freedompay_url) = (stripe.url(), freedompay.url());
        // In a file or a database, never in memory: money is what is asked for after a restart.
        let place = Place::new().await;
        let transfer = transfer();
        let attached = |builder| {
            providers(builder, &stripe_url, &freedompay_url, &test).payment_provider(transfer.clone())
        };
        let service = Service::over(place.open().await, config, attached).await;
        let service = Service { place: Arc::new(Some(place)), ..service };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = service.router.clone();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Self { world: World::of(service).await, stripe, freedompay, transfer, url, serving }
    }

    pub(crate) fn service(&self) -> &Service {
        &self.world.service
    }

    /// A hold of Bob's of 3000 tenge.
    pub(crate) async fn held(&self) -> String {
        let (_, held) = self.world.held(&self.world.bob).await;
        held["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn pay(&self, booking: &str, way: &str) -> Reply {
        let body = json!({"booking_id": booking, "payment_method": way});
        self.service().post("/api/payments").by(&self.world.bob).json(&body).send().await
    }

    pub(crate) async fn get(&self, path: &str, person: &Person) -> Value {
        self.service().get(path).by(person).send().await.ok(200)
    }

    /// The provider says it by HTTP.
    pub(crate) async fn tell(&self, callback: &ProviderCallback) -> (u16, String) {
        deliver(&self.url, callback).await
    }

    /// That Bob has his tickets, once.
    pub(crate) async fn assert_sold(&self, booking: &str) {
        let booking = self.get(&format!("/api/bookings/{booking}"), &self.world.bob).await;
        assert_eq!(booking["status"], "confirmed", "{booking}");
        assert_eq!(booking["tickets"].as_array().map(Vec::len), Some(2), "{booking}");
    }

    /// That so much went back, in this many parts.
    pub(crate) async fn refunded(&self, payment: &str) -> (Value, Value) {
        self.service().settle().await;
        let payment = self.get(&format!("/api/payments/{payment}"), &self.world.olga).await;
        (payment["refunded"]["amount_minor"].clone(), payment["refunds"].clone())
    }
}

pub(crate) fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}
