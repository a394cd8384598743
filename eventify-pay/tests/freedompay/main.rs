//! FreedomPay, against a server that speaks its protocol and misbehaves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod refunds;

use eventify_core::account::SecretText;
use eventify_core::payment::{
    CallbackNews, ChargeStatus, PaymentProvider, ProviderError, ReceiptStatus, RefundRequest, Verdict,
};
use eventify_pay::Timeouts;
use eventify_pay::freedompay::{FreedomPay, Settings};
use eventify_pay::testing::{FakeFreedomPay, Fault};
use support::*;

const HOOK: &str = "https://tickets.example/api/payments/webhooks/freedompay";
const SECRET: &str = "s3cret-of-the-merchant";

fn settings(api_url: &str) -> Settings {
    Settings {
        merchant_id: "123456".into(),
        secret_key: SecretText::new(SECRET),
        api_url: api_url.into(),
        callback_url: HOOK.into(),
        return_url: "https://tickets.example/payments/return".into(),
        currencies: vec!["KZT".parse().unwrap(), "USD".parse().unwrap()],
        check: true,
        testing: false,
        timeouts: SHORT,
    }
}

/// The same refund asked for once more.
fn again(refund: &RefundRequest) -> RefundRequest {
    RefundRequest { asked_before: true, ..refund.clone() }
}

async fn pair() -> (FakeFreedomPay, FreedomPay) {
    let fake = FakeFreedomPay::start("123456", SECRET).await;
    let provider = FreedomPay::new(settings(&fake.url())).unwrap();
    (fake, provider)
}

#[tokio::test]
async fn a_payment_is_opened_paid_and_told() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let order = wanted.payment_id.to_string();
    let opened = provider.create(&wanted).await.unwrap();
    assert_eq!((opened.status, opened.amount, opened.fee), (ChargeStatus::Pending, wanted.amount, None));
    assert_eq!(
        opened.redirect_url.as_deref(),
        Some("https://customer.freedompay.example/pay.html?customer=4567788&a=1")
    );
    let booked = &fake.orders()[0];
    assert_eq!(
        (booked.amount.as_str(), booked.currency.as_str(), booked.result_url.as_str()),
        ("4500.00", "KZT", HOOK)
    );
    assert_eq!(booked.success_url, "https://tickets.example/paid?booking=1");
    let lifetime: i64 = booked.lifetime.parse().unwrap();
    assert!((1_790..=1_801).contains(&lifetime), "{lifetime}");

    let waiting = provider.status(&key(&wanted, Some(&opened.reference))).await.unwrap();
    assert_eq!(waiting.status, ChargeStatus::Pending);
    fake.set(&order, "success");
    for reference in [Some(opened.reference.as_str()), None] {
        let paid = provider.status(&key(&wanted, reference)).await.unwrap();
        assert_eq!(
            (paid.status, paid.amount, &paid.reference),
            (ChargeStatus::Succeeded, wanted.amount, &opened.reference)
        );
    }
    let news = provider.parse_callback(&fake.result(&order), now()).unwrap();
    let CallbackNews::Charge(payment_id, charge) = news else { panic!("{news:?}") };
    assert_eq!(
        (payment_id, charge.status, charge.amount),
        (wanted.payment_id, ChargeStatus::Succeeded, wanted.amount)
    );
    assert_eq!(charge.reference, opened.reference);
}

/// An installation may hold the money first, and takes it by itself after five days.
#[tokio::test]
async fn what_is_held_is_let_go_and_nothing_else() {
    let (fake, provider) = pair().await;
    let wanted = request();
    assert_eq!(provider.release(&key(&wanted, None)).await, Err(ProviderError::Unknown));
    let opened = provider.create(&wanted).await.unwrap();
    let (own, order) = (key(&wanted, Some(&opened.reference)), wanted.payment_id.to_string());
    let stands = async |status: &str, after: &str| {
        fake.set(&order, status);
        assert_eq!(provider.release(&own).await, Ok(()), "{status}");
        assert_eq!(fake.orders()[0].status, after, "{status}");
        provider.status(&own).await.unwrap().status
    };
    assert_eq!(stands("new", "new").await, ChargeStatus::Pending);
    assert_eq!(stands("failed", "failed").await, ChargeStatus::Failed);
    assert_eq!(stands("success", "success").await, ChargeStatus::Succeeded, "what was taken stays");
    fake.set(&order, "held");
    assert_eq!(provider.status(&own).await.unwrap().status, ChargeStatus::Pending, "held is not taken");
    fake.misbehave("cancel.php", Fault::Status(500), 1);
    assert!(is_unreachable(&provider.release(&own).await));
    assert_eq!(stands("held", "revoked").await, ChargeStatus::Failed);
}

#[tokio::test]
async fn the_same_payment_again_is_the_same_charge() {
    let (fake, provider) = pair().await;
    let wanted = request();
    fake.misbehave("init_payment.php", Fault::Silent, 1);
    assert!(is_unreachable(&provider.create(&wanted).await), "the answer was lost");
    let (first, second) = (provider.create(&wanted).await.unwrap(), provider.create(&wanted).await.unwrap());
    assert_eq!(first, second);
    assert_eq!(fake.orders().len(), 1);
}

#[tokio::test]
async fn what_the_server_does_wrong_is_never_taken_for_an_answer() {
    let (fake, provider) = pair().await;
    let wanted = request();
    provider.create(&wanted).await.unwrap();
    let faults = [
        Fault::Status(500),
        Fault::Status(404),
        Fault::Redirect,
        Fault::Deaf,
        Fault::Silent,
        Fault::Trickle,
        Fault::Malformed,
        Fault::Huge,
        Fault::Spoilt,
    ];
    for fault in faults {
        fake.misbehave(".php", fault, 1);
        assert!(is_unreachable(&provider.status(&key(&wanted, None)).await), "{fault:?}");
    }
    assert!(provider.status(&key(&wanted, None)).await.is_ok(), "and then it is well again");
    drop(fake);
    assert!(provider.status(&key(&wanted, None)).await.is_err(), "nobody is there");
}

#[tokio::test]
async fn a_refusal_is_told_apart_from_an_outage() {
    let (fake, provider) = pair().await;
    assert_eq!(provider.status(&key(&request(), None)).await, Err(ProviderError::Unknown));
    assert_eq!(provider.status(&key(&request(), Some("77"))).await, Err(ProviderError::Unknown));
    let stranger = FreedomPay::new(Settings { merchant_id: "7".into(), ..settings(&fake.url()) }).unwrap();
    // Which says nothing of the payment.
    let told = stranger.create(&request()).await;
    assert!(
        matches!(&told, Err(ProviderError::Unreachable(why)) if why.contains("does not know the merchant: 9998")),
        "{told:?}"
    );
    let liar =
        FreedomPay::new(Settings { secret_key: SecretText::new("other"), ..settings(&fake.url()) }).unwrap();
    assert!(
        is_unreachable(&liar.create(&request()).await),
        "its answer is signed by a secret that is not ours"
    );
    assert!(fake.orders().is_empty());
    let unpaid = request();
    let opened = provider.create(&unpaid).await.unwrap();
    let early = provider.refund(&refund(&unpaid, &opened.reference, "r1", 100, 0)).await;
    assert!(refusal(early).contains("490"));
}

#[tokio::test]
async fn callbacks_say_what_happened() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let order = wanted.payment_id.to_string();
    provider.create(&wanted).await.unwrap();
    let news = |callback| provider.parse_callback(&callback, now());
    assert_eq!(news(fake.check(&order)), Ok(CallbackNews::Check(wanted.payment_id, wanted.amount)));
    fake.set(&order, "failed");
    let Ok(CallbackNews::Charge(_, failed)) = news(fake.result(&order)) else { panic!("no charge") };
    assert_eq!((failed.status, failed.failure.as_deref()), (ChargeStatus::Failed, Some("Карта отклонена")));
    fake.set(&order, "success");
    fake.charge_instead(&order, "1.00", "USD");
    let Ok(CallbackNews::Charge(_, other)) = news(fake.result(&order)) else { panic!("no charge") };
    assert_eq!(other.amount, money(100, "USD"), "it is the engine that compares");

    let fields = [
        ("pg_order_id", order.as_str()),
        ("pg_payment_id", "7"),
        ("pg_amount", "5.0000"),
        ("pg_currency", "KZT"),
    ];
    let with = |more: &[(&str, &str)]| news(fake.callback(HOOK, &[&fields, more].concat()));
    let Ok(CallbackNews::Charge(_, told)) = with(&[("pg_result", "1"), ("pg_net_amount", "4.85")]) else {
        panic!()
    };
    assert_eq!((told.amount, told.fee), (money(500, "KZT"), Some(money(15, "KZT"))));
    let Ok(CallbackNews::Charge(_, held)) = with(&[("pg_result", "1"), ("pg_captured", "0")]) else {
        panic!()
    };
    assert_eq!(held.status, ChargeStatus::Pending, "only held on the card");
    assert_eq!(with(&[("pg_result", "2")]), Ok(CallbackNews::Look(wanted.payment_id)));
    let unreadable = fake.callback(HOOK, &[("pg_order_id", "00102"), ("pg_result", "1")]);
    assert!(refusal(news(unreadable)).contains("pg_order_id"));
    let mut elsewhere = fake.callback("https://tickets.example/other", &fields);
    HOOK.trim_start_matches("https://tickets.example").clone_into(&mut elsewhere.path);
    assert_eq!(news(elsewhere), Err(ProviderError::NotGenuine), "signed for another script");
    assert_eq!(with(&[("pg_merchant_id", "7")]), Err(ProviderError::NotGenuine));
}

#[tokio::test]
async fn callbacks_are_answered_in_the_provider_s_own_words() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let order = wanted.payment_id.to_string();
    provider.create(&wanted).await.unwrap();
    fake.set(&order, "success");
    let callback = fake.result(&order);
    let late =
        fake.callback(HOOK, &[("pg_order_id", order.as_str()), ("pg_result", "1"), ("pg_can_reject", "0")]);
    let refused = Verdict::Refused("a; b\n<c>".into());
    let cases = [
        (&callback, Verdict::Accepted, 200, "ok"),
        (&callback, refused.clone(), 200, "rejected"),
        (&late, refused.clone(), 200, "error"),
        (&callback, Verdict::TryAgain, 503, "error"),
    ];
    for (callback, verdict, status, word) in cases {
        let answer = provider.answer_callback(callback, &verdict);
        assert_eq!((answer.status, answer.content_type.as_str()), (status, "application/xml; charset=utf-8"));
        let xml = String::from_utf8(answer.body).unwrap();
        assert_eq!(fake.read_answer(&callback.path, &xml).as_deref(), Some(word), "{xml}");
    }
    let mut forged = callback;
    forged.body.push(b'0');
    let answer = provider.answer_callback(&forged, &Verdict::NotGenuine);
    assert_eq!(answer.status, 403);
    assert!(!answer.body.windows(6).any(|bytes| bytes == b"pg_sig"), "nothing is signed for a stranger");
}

/// The names of fields are not signed: a payer must not get anything signed for the callback's script.
#[tokio::test]
async fn a_payer_s_return_is_never_signed_as_a_callback_is() {
    let (fake, provider) = pair().await;
    let thief = "https://thief.example";
    for end in ["freedompay?x=1", "freedompay/", "freedompay;1;KZT", "freedompa%79", "x?y=/FREEDOMPAY"] {
        let mut wanted = request();
        wanted.return_url = Some(format!("{thief}/{end}"));
        provider.create(&wanted).await.unwrap();
        let sent = fake.orders().last().unwrap().success_url.clone();
        assert_eq!(sent, "https://tickets.example/payments/return", "{end}");
    }
}

/// What FreedomPay signs for one address is nothing at another, whatever the caller makes of the address.
#[tokio::test]
async fn a_return_that_was_signed_is_no_callback() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let order = wanted.payment_id.to_string();
    provider.create(&wanted).await.unwrap();
    let fields = [
        ("pg_order_id", order.as_str()),
        ("pg_payment_id", "7"),
        ("pg_amount", "4500"),
        ("pg_currency", "KZT"),
        ("pg_result", "1"),
    ];
    let path = "/api/payments/webhooks/freedompay";
    for (signed_for, called) in [
        ("https://shop.example/", format!("{path}/")),
        ("https://shop.example/freedompa%79", "/api/payments/webhooks/freedompa%79".to_owned()),
        ("https://shop.example/paid", "/paid".to_owned()),
        ("https://shop.example/", String::new()),
        ("https://shop.example/", path.to_owned()),
        ("https://shop.example/paid?booking=1", path.to_owned()),
        // Right for this script, but nobody was told to call there.
        (HOOK, format!("{path}/")),
        (HOOK, "/api/payments/webhooks/freedompa%79".to_owned()),
    ] {
        let mut callback = fake.callback(signed_for, &fields);
        callback.path = called;
        let read = provider.parse_callback(&callback, now());
        assert_eq!(read, Err(ProviderError::NotGenuine), "{signed_for} at {}", callback.path);
        let answer = provider.answer_callback(&callback, &Verdict::Accepted);
        assert_eq!((answer.status, answer.content_type.as_str()), (403, "text/plain; charset=utf-8"));
    }
    let genuine = fake.callback(HOOK, &fields);
    assert!(matches!(provider.parse_callback(&genuine, now()), Ok(CallbackNews::Charge(..))));
}

#[test]
fn settings_that_cannot_be_are_named() {
    let good = || settings(FreedomPay::API_URL);
    assert!(FreedomPay::new(good()).is_ok());
    let cases = [
        ("merchant_id", Settings { merchant_id: "12a".into(), ..good() }),
        ("secret_key", Settings { secret_key: SecretText::new(" \n"), ..good() }),
        ("api_url", Settings { api_url: "http://api.freedompay.kz".into(), ..good() }),
        ("callback_url", Settings { callback_url: "https://tickets.example/".into(), ..good() }),
        ("callback_url", Settings { callback_url: "https://tickets.example/a%62".into(), ..good() }),
        ("return_url", Settings { return_url: "https://tickets.example/freedompay".into(), ..good() }),
        ("return_url", Settings { return_url: "https://tickets.example/freedompay/".into(), ..good() }),
        ("currencies", Settings { currencies: vec!["KWD".parse().unwrap()], ..good() }),
    ];
    for (field, settings) in cases {
        let error = FreedomPay::new(settings).unwrap_err();
        assert_eq!(error.field, field);
    }
    assert_eq!(Timeouts::default().call.as_secs(), 25);
    let shown = format!("{:?}", FreedomPay::new(good()).unwrap());
    assert!(!shown.contains(SECRET), "{shown}");
}

#[tokio::test]
async fn a_second_charge_of_an_order_is_another_one_and_goes_back_by_itself() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let order = wanted.payment_id.to_string();
    let opened = provider.create(&wanted).await.unwrap();
    fake.set(&order, "success");
    fake.charge_again(&order);
    let told = provider.parse_callback(&fake.result(&order), now()).unwrap();
    let CallbackNews::Charge(payment_id, again) = told else { panic!("{told:?}") };
    assert_eq!(payment_id, wanted.payment_id);
    assert_ne!(again.reference, opened.reference);
    provider.refund(&refund(&wanted, &again.reference, "r1", 450_000, 0)).await.unwrap();
    let given: Vec<usize> = fake.orders().iter().map(|order| order.refunds.len()).collect();
    assert_eq!(given, [0, 1]);
}
