//! Whatever is sent to the callbacks' addresses: nothing panics, and nothing that was changed is believed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use eventify_core::account::SecretText;
use eventify_core::payment::{CallbackNews, PaymentProvider, ProviderCallback, ProviderError, Verdict};
use eventify_pay::freedompay::{self, FreedomPay};
use eventify_pay::stripe::{self, Stripe};
use eventify_pay::test_provider::{Choice, Sandbox, TestProvider};
use eventify_pay::testing::{FakeFreedomPay, FakeStripe};
use proptest::prelude::*;
use serde_json::json;
use support::*;
use tokio::runtime::Runtime;

const HOOK: &str = "https://tickets.example/api/payments/webhooks/freedompay";

fn freedompay() -> FreedomPay {
    FreedomPay::new(freedompay::Settings {
        merchant_id: "1".into(),
        secret_key: SecretText::new("k"),
        api_url: FreedomPay::API_URL.into(),
        callback_url: HOOK.into(),
        return_url: "https://tickets.example/return".into(),
        currencies: vec!["KZT".parse().unwrap()],
        check: false,
        testing: false,
        timeouts: SHORT,
    })
    .unwrap()
}

fn stripe() -> Stripe {
    Stripe::new(stripe::Settings {
        secret_key: SecretText::new("sk_test_1"),
        webhook_secrets: vec![SecretText::new("k")],
        api_url: Stripe::API_URL.into(),
        return_url: "https://tickets.example/return".into(),
        timeouts: SHORT,
    })
    .unwrap()
}

fn test_provider() -> TestProvider {
    TestProvider::new(Sandbox::no_money_moves(), "http://localhost/pay/test", &[7; 32]).unwrap()
}

/// Genuine callbacks that say that money came, with who reads them.
fn genuine() -> Vec<(Box<dyn PaymentProvider>, ProviderCallback)> {
    let runtime = Runtime::new().unwrap();
    let wanted = request();
    let id = wanted.payment_id.to_string();
    let paid = [
        ("pg_order_id", id.as_str()),
        ("pg_payment_id", "7"),
        ("pg_amount", "4500"),
        ("pg_currency", "KZT"),
        ("pg_result", "1"),
        ("pg_description", "Весна & Co"),
    ];
    let session = json!({
        "id": "cs_1", "status": "complete", "payment_status": "paid", "amount_total": 450_000, "currency": "kzt",
        "metadata": { "eventify_payment_id": id },
    });
    let (of_freedompay, of_stripe) = runtime.block_on(async {
        let (freedompay, stripe) = (FakeFreedomPay::start("1", "k").await, FakeStripe::start("x", "k").await);
        (freedompay.callback(HOOK, &paid), stripe.event("checkout.session.completed", &session, now()))
    });
    let provider = test_provider();
    let charge = runtime.block_on(provider.create(&wanted)).unwrap();
    let address = charge.redirect_url.unwrap();
    let page = provider.page(address.split_once('?').unwrap().1).unwrap();
    let of_test = provider.callback(&page, Choice::Pay);
    vec![
        (Box::new(freedompay()), of_freedompay),
        (Box::new(stripe()), of_stripe),
        (Box::new(provider), of_test),
    ]
}

#[test]
fn what_was_signed_for_another_address_is_no_callback() {
    let id = request().payment_id.to_string();
    let paid =
        [("pg_order_id", id.as_str()), ("pg_payment_id", "7"), ("pg_amount", "4500"), ("pg_currency", "KZT")];
    let paid = [&paid[..], &[("pg_result", "1")]].concat();
    let runtime = Runtime::new().unwrap();
    let fake = runtime.block_on(FakeFreedomPay::start("1", "k"));
    assert!(freedompay().parse_callback(&fake.callback(HOOK, &paid), now()).is_ok());
    // Each signed just as it arrives: by the script that its own path names.
    for other in [format!("{HOOK}/"), HOOK.replace("pay", "pa%79"), "https://tickets.example/return".into()] {
        let callback = fake.callback(&other, &paid);
        let read = freedompay().parse_callback(&callback, now());
        assert_eq!(read, Err(ProviderError::NotGenuine), "{other}");
        assert_eq!(freedompay().answer_callback(&callback, &Verdict::Accepted).status, 403, "{other}");
    }
}

#[test]
fn no_byte_of_a_genuine_callback_can_be_flipped_unnoticed() {
    for (provider, callback) in genuine() {
        let told = provider.parse_callback(&callback, now()).unwrap();
        assert!(matches!(told, CallbackNews::Charge(..)), "{}: {told:?}", provider.name());
        for at in 0..callback.body.len() {
            for bit in 0..8 {
                let mut flipped = callback.clone();
                flipped.body[at] ^= 1 << bit;
                let read = provider.parse_callback(&flipped, now());
                // FreedomPay signs values in the order of their names, not the names: a changed one that keeps its place is taken for a
                // field that nobody reads. Money that did not come cannot be made of it.
                let harmless = provider.name() == FreedomPay::NAME
                    && matches!(&read, Err(ProviderError::Refused(_)) | Ok(CallbackNews::Check(..)));
                let same = read.as_ref() == Ok(&told) && provider.name() == FreedomPay::NAME;
                assert!(
                    read == Err(ProviderError::NotGenuine) || harmless || same,
                    "{}: {at}/{bit}: {read:?}",
                    provider.name()
                );
            }
        }
        for (name, value) in &callback.headers {
            for at in (0..value.len()).filter(|_| name.ends_with("signature")) {
                let mut flipped = callback.clone();
                let mut bytes = value.clone().into_bytes();
                bytes[at] ^= 1;
                flipped.headers.insert(name.clone(), String::from_utf8(bytes).unwrap());
                let read = provider.parse_callback(&flipped, now());
                assert_eq!(read, Err(ProviderError::NotGenuine), "{}: {name} {at}", provider.name());
            }
        }
    }
}

fn any_callback() -> impl Strategy<Value = ProviderCallback> {
    let word = prop_oneof![
        any::<Vec<u8>>(),
        "(pg_(sig|amount|result|order_id|xml|salt)=[^&]{0,20}&){0,6}".prop_map(String::into_bytes),
        "pg_xml=(%3Cresponse%3E|%3Ca%3E|%3C/a%3E|<a/>|&amp;|x){0,20}".prop_map(String::into_bytes),
        "\\{\"type\":\"(charge.refunded|x)\",\"data\":\\{\"object\":[0-9\\[\\]{}]{0,9}"
            .prop_map(String::into_bytes),
    ];
    let header = prop_oneof!["t=[0-9]{0,20},v1=[0-9a-f]{0,70}", "\\PC{0,40}", "(t=|v1=|,|=){0,9}"];
    ("\\PC{0,30}", "\\PC{0,60}", header, word).prop_map(|(path, query, header, body)| ProviderCallback {
        path,
        query,
        headers: ["stripe-signature", "test-signature"].map(|name| (name.to_owned(), header.clone())).into(),
        body,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_that_anybody_sends_is_believed_and_nothing_panics(callback in any_callback()) {
        let providers: [Box<dyn PaymentProvider>; 3] =
            [Box::new(freedompay()), Box::new(stripe()), Box::new(test_provider())];
        for provider in providers {
            prop_assert_eq!(provider.parse_callback(&callback, now()), Err(ProviderError::NotGenuine));
            for verdict in [Verdict::Accepted, Verdict::Refused("no".into()), Verdict::NotGenuine, Verdict::TryAgain] {
                let answer = provider.answer_callback(&callback, &verdict);
                prop_assert!((200..=503).contains(&answer.status));
            }
        }
    }
}
