//! Stripe, against a server that speaks its protocol and misbehaves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use eventify_core::account::SecretText;
use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::payment::{
    CallbackNews, ChargeStatus, DisputeStatus, PaymentProvider, ProviderCallback, ProviderError,
    ReceiptStatus, StartPayment, Verdict,
};
use eventify_core::store::MemoryStore;
use eventify_core::ticket_type::CreateTicketType;
use eventify_core::{Actor, Eventify, Role, UserId};
use eventify_pay::stripe::{Settings, Stripe};
use eventify_pay::testing::{FakeStripe, Fault, Paid};
use serde_json::json;
use support::*;

const KEY: &str = "rk_test_51Secret";
const HOOK_SECRET: &str = "whsec_of_the_endpoint";

fn settings(api_url: &str) -> Settings {
    Settings {
        secret_key: SecretText::new(KEY),
        webhook_secrets: vec![SecretText::new("whsec_next"), SecretText::new(HOOK_SECRET)],
        api_url: api_url.into(),
        return_url: "https://tickets.example/payments/return".into(),
        timeouts: SHORT,
    }
}

async fn pair() -> (FakeStripe, Stripe) {
    let fake = FakeStripe::start(KEY, HOOK_SECRET).await;
    let provider = Stripe::new(settings(&fake.url())).unwrap();
    (fake, provider)
}

#[tokio::test]
async fn a_session_is_opened_paid_and_told() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let id = wanted.payment_id.to_string();
    let opened = provider.create(&wanted).await.unwrap();
    assert_eq!((opened.status, opened.amount), (ChargeStatus::Pending, wanted.amount));
    assert_eq!(opened.redirect_url.as_deref(), Some("https://checkout.stripe.example/c/pay/cs_test_0"));
    let session = &fake.sessions()[0];
    assert_eq!(session["client_reference_id"], json!(id));
    assert_eq!(session["success_url"], json!("https://tickets.example/paid?booking=1"));
    assert_eq!(
        session["adaptive_pricing"],
        json!({"enabled": "false"}),
        "whatever the account's settings say"
    );
    assert_eq!(session["metadata"], session["intent_metadata"], "a charge knows its payment by the intent's");

    assert_eq!(provider.status(&key(&wanted, None)).await, Err(ProviderError::Unknown), "nobody paid yet");
    fake.set(&id, Paid::Yes);
    for reference in [Some(opened.reference.as_str()), None] {
        let paid = provider.status(&key(&wanted, reference)).await.unwrap();
        assert_eq!(
            (paid.status, paid.amount, &paid.reference),
            (ChargeStatus::Succeeded, wanted.amount, &opened.reference)
        );
        assert_eq!((paid.fee, paid.refunded.amount_minor), (Some(money(59, "KZT")), 0));
    }
    let callback = fake.session_event("checkout.session.completed", &id, now());
    let news = provider.parse_callback(&callback, now()).unwrap();
    let CallbackNews::Charge(payment_id, charge) = news else { panic!("{news:?}") };
    assert_eq!(
        (payment_id, charge.status, charge.amount),
        (wanted.payment_id, ChargeStatus::Succeeded, wanted.amount)
    );
}

#[tokio::test]
async fn the_same_payment_again_is_the_same_session() {
    let (fake, provider) = pair().await;
    let wanted = request();
    fake.misbehave("sessions", Fault::Silent, 1);
    assert!(is_unreachable(&provider.create(&wanted).await), "the answer was lost");
    let (first, second) = (provider.create(&wanted).await.unwrap(), provider.create(&wanted).await.unwrap());
    assert_eq!(first, second);
    assert_eq!(fake.sessions().len(), 1);
    let own_page = eventify_core::payment::ChargeRequest { return_url: None, ..request() };
    let settings = Settings {
        return_url: "https://tickets.example/payments/{payment_id}".into(),
        ..settings(&fake.url())
    };
    Stripe::new(settings).unwrap().create(&own_page).await.unwrap();
    let page = format!("https://tickets.example/payments/{}", own_page.payment_id);
    assert_eq!(fake.sessions()[1]["success_url"], json!(page));
    let mut other = wanted.clone();
    other.amount = money(1, "USD");
    assert!(refusal(provider.create(&other).await).contains("idempotency_error"));
}

#[tokio::test]
async fn a_session_lasts_as_long_as_stripe_lets_it() {
    let (fake, provider) = pair().await;
    let made = now();
    let cases = [(60, 35 * 60), (3_600, 3_600), (30 * 86_400, 86_400 - 600)];
    for (index, (asked, given)) in cases.into_iter().enumerate() {
        let mut wanted = request();
        wanted.expires_at = made.plus(Duration::from_secs(asked));
        provider.create(&wanted).await.unwrap();
        let end = fake.sessions()[index]["expires_at"].as_i64().unwrap();
        assert!((end - made.as_seconds() - given).abs() <= 5, "{asked} became {}", end - made.as_seconds());
    }
    // Made an hour ago, and nobody got through to Stripe until now.
    let mut late = request();
    let hour_ago = u64::try_from(now().as_seconds() - 3_600).unwrap();
    let id = uuid::Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, hour_ago, 0));
    late.payment_id = eventify_core::PaymentId::from_uuid(id);
    let first = provider.create(&late).await.unwrap();
    assert_eq!(provider.create(&late).await.unwrap(), first);
    assert_eq!(fake.sessions().len(), 4);
}

#[tokio::test]
async fn what_the_server_does_wrong_is_never_taken_for_an_answer() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let opened = provider.create(&wanted).await.unwrap();
    let own = key(&wanted, Some(&opened.reference));
    let faults = [
        Fault::Status(500),
        Fault::Status(429),
        Fault::Status(409),
        Fault::Status(400),
        Fault::Redirect,
        Fault::Deaf,
        Fault::Silent,
        Fault::Trickle,
        Fault::Malformed,
        Fault::Huge,
    ];
    for fault in faults {
        fake.misbehave("", fault, 1);
        assert!(is_unreachable(&provider.status(&own).await), "{fault:?}");
    }
    assert!(provider.status(&own).await.is_ok(), "and then it is well again");
    let other = key(&request(), Some(&opened.reference));
    assert!(refusal(provider.status(&other).await).contains("another payment"));
    for strange in ["", "../v1/refunds", "cs_test_0?x", "cs test"] {
        assert_eq!(
            provider.status(&key(&wanted, Some(strange))).await,
            Err(ProviderError::Unknown),
            "{strange}"
        );
    }
}

#[tokio::test]
async fn refusals_say_why_and_never_the_key() {
    let (fake, provider) = pair().await;
    assert!(refusal(provider.create(&request_of(money(1, "USD"))).await).contains("amount_too_small"));
    assert!(refusal(provider.create(&request_of(money(5_001, "KWD"))).await).contains("exactly 5.001 KWD"));
    assert!(refusal(provider.create(&request_of(money(5, "XAU"))).await).contains("exactly"));
    let strange =
        Stripe::new(Settings { secret_key: SecretText::new("sk_test_other"), ..settings(&fake.url()) })
            .unwrap();
    let told = strange.create(&request()).await;
    let why = "Stripe does not accept the key (HTTP 401)".to_owned();
    assert_eq!(told, Err(ProviderError::Unreachable(why)), "which says nothing of the payment");
    assert!(fake.sessions().is_empty());
    assert!(!format!("{provider:?}").contains("rk_test"), "{provider:?}");
}

#[tokio::test]
async fn money_is_given_back_once_whatever_gets_lost() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let id = wanted.payment_id.to_string();
    let opened = provider.create(&wanted).await.unwrap();
    let part = refund(&wanted, &opened.reference, "r1", 100_000, 0);
    assert!(refusal(provider.refund(&part).await).contains("nothing was paid"));
    fake.set(&id, Paid::Yes);
    fake.misbehave("/refunds", Fault::Status(500), 1);
    assert!(is_unreachable(&provider.refund(&part).await), "it did nothing");
    let first = provider.refund(&part).await.unwrap();
    fake.forget_keys();
    assert_eq!(provider.refund(&part).await.unwrap(), first, "found by its mark");
    let rest = refund(&wanted, &opened.reference, "r2", 350_000, 100_000);
    provider.refund(&rest).await.unwrap();
    let given: Vec<_> = fake.refunds().iter().map(|refund| refund["amount"].as_i64()).collect();
    assert_eq!(given, [Some(100_000), Some(350_000)]);
    let more = refund(&wanted, &opened.reference, "r3", 1, 450_000);
    assert!(refusal(provider.refund(&more).await).contains("charge_already_refunded"));
    let stands = provider.status(&key(&wanted, Some(&opened.reference))).await.unwrap();
    assert_eq!((stands.status, stands.refunded), (ChargeStatus::Succeeded, wanted.amount));
}

/// Stripe says a failure of its own again to whoever comes with the same key, for a day.
#[tokio::test]
async fn a_failure_that_is_kept_is_asked_past() {
    let (fake, provider) = pair().await;
    let wanted = request();
    fake.fail_within("/sessions", false);
    assert!(is_unreachable(&provider.create(&wanted).await));
    let opened = provider.create(&wanted).await.unwrap();
    assert_eq!(
        provider.create(&wanted).await.unwrap().reference,
        opened.reference,
        "one charge from there on"
    );
    fake.set(&wanted.payment_id.to_string(), Paid::Yes);
    let part = refund(&wanted, &opened.reference, "r1", 100_000, 0);
    for is_made in [false, false, true] {
        assert!(fake.refunds().is_empty());
        fake.fail_within("/refunds", is_made);
        assert!(is_unreachable(&provider.refund(&part).await), "{is_made}");
    }
    provider.refund(&part).await.unwrap();
    assert_eq!(fake.refunds().len(), 1, "what was made and not said is found");
}

/// What failed is found again under its own key only, and is told by events, too.
#[tokio::test]
async fn a_refund_is_made_later_or_never() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let opened = provider.create(&wanted).await.unwrap();
    let back = refund(&wanted, &opened.reference, "r1", 450_000, 0);
    assert_eq!(provider.refund_status(&back).await, Err(ProviderError::Unknown), "nothing was paid");
    fake.set(&wanted.payment_id.to_string(), Paid::Yes);
    assert_eq!(provider.refund_status(&back).await, Err(ProviderError::Unknown), "asking makes none");
    assert_eq!(provider.refund(&back).await.unwrap().status, ReceiptStatus::Done);
    for (status, stands) in [
        ("pending", ReceiptStatus::Pending),
        ("requires_action", ReceiptStatus::Pending),
        ("a word of tomorrow", ReceiptStatus::Pending),
        ("succeeded", ReceiptStatus::Done),
        ("canceled", ReceiptStatus::Failed),
        ("failed", ReceiptStatus::Failed),
    ] {
        fake.set_refunds(status);
        let told = provider.refund_status(&back).await.unwrap();
        assert_eq!((told.status, told.reference.as_deref()), (stands, Some("re_0")), "{status}");
        assert_eq!(provider.refund(&back).await.as_ref(), Ok(&told), "{status}: the same call");
        for kind in ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"] {
            let event = fake.event(kind, &fake.refunds()[0], now());
            let news = CallbackNews::Refund(wanted.payment_id, "r1".to_owned(), told.clone());
            assert_eq!(provider.parse_callback(&event, now()), Ok(news), "{kind} {status}");
        }
    }
    let why = provider.refund_status(&back).await.unwrap().failure.unwrap();
    assert!(why.contains("expired_or_canceled_card"), "{why}");
    let again = refund(&wanted, &opened.reference, "r2", 450_000, 0);
    assert_eq!(provider.refund(&again).await.unwrap().status, ReceiptStatus::Done);
    assert_eq!(fake.refunds().len(), 2);
}

/// The sum that Stripe keeps at the charge is not asked: whether it falls when a refund fails is not documented.
#[tokio::test]
async fn what_is_given_back_now_is_the_sum_of_what_did_not_fail() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let opened = provider.create(&wanted).await.unwrap();
    let id = wanted.payment_id.to_string();
    fake.set(&id, Paid::Yes);
    let given =
        async || provider.status(&key(&wanted, Some(&opened.reference))).await.unwrap().refunded.amount_minor;
    provider.refund(&refund(&wanted, &opened.reference, "r1", 100_000, 0)).await.unwrap();
    assert_eq!(given().await, 100_000);
    for (status, now) in [("pending", 100_000), ("canceled", 0), ("failed", 0)] {
        fake.set_refunds(status);
        assert_eq!(given().await, now, "{status}");
    }
    fake.give_back(&id, 700);
    assert_eq!(given().await, 700, "what is given back on its own pages");
    // More than are listed with the charge.
    for _ in 0..12 {
        fake.give_back(&id, 1);
    }
    assert_eq!(given().await, 712);
}

#[tokio::test]
async fn a_lost_answer_to_a_refund_is_found_again() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let opened = provider.create(&wanted).await.unwrap();
    fake.set(&wanted.payment_id.to_string(), Paid::Yes);
    let back = refund(&wanted, &opened.reference, "r1", 450_000, 0);
    // The list answers, the refund itself does not.
    fake.misbehave("/refunds", Fault::Malformed, 1);
    assert!(is_unreachable(&provider.refund(&back).await));
    fake.forget_keys();
    provider.refund(&back).await.unwrap();
    provider.refund(&back).await.unwrap();
    assert_eq!(fake.refunds().len(), 1);
}

#[tokio::test]
async fn every_event_is_read() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let id = wanted.payment_id.to_string();
    provider.create(&wanted).await.unwrap();
    let read = |callback: &ProviderCallback| provider.parse_callback(callback, now());
    let cases = [
        ("checkout.session.completed", Paid::Later, Some(ChargeStatus::Pending)),
        ("checkout.session.async_payment_succeeded", Paid::Yes, Some(ChargeStatus::Succeeded)),
        ("checkout.session.async_payment_failed", Paid::Failed, None),
        ("checkout.session.expired", Paid::Expired, Some(ChargeStatus::Expired)),
    ];
    for (kind, paid, status) in cases {
        fake.set(&id, paid);
        let news = read(&fake.session_event(kind, &id, now())).unwrap();
        match (news, status) {
            (CallbackNews::Charge(_, charge), Some(status)) => assert_eq!(charge.status, status, "{kind}"),
            (news, None) => assert_eq!(news, CallbackNews::Look(wanted.payment_id), "{kind}"),
            (news, _) => panic!("{kind}: {news:?}"),
        }
    }
    let marked = json!({ "id": "ch_1", "metadata": { "eventify_payment_id": id } });
    for kind in ["charge.refunded", "refund.updated", "refund.failed"] {
        assert_eq!(
            read(&fake.event(kind, &marked, now())),
            Ok(CallbackNews::Look(wanted.payment_id)),
            "{kind}"
        );
        assert_eq!(
            read(&fake.event(kind, &json!({ "id": "ch_2" }), now())),
            Ok(CallbackNews::Nothing),
            "{kind}"
        );
    }
    // What is done on its own pages bears no mark of ours.
    fake.set(&id, Paid::Yes);
    fake.give_back(&id, 700);
    let outside = &fake.refunds()[0];
    let moved = CallbackNews::Moved(outside["payment_intent"].as_str().unwrap().to_owned());
    let charge =
        json!({ "id": "ch_1", "payment_intent": { "id": outside["payment_intent"] }, "metadata": {} });
    for (kind, object) in
        [("charge.refunded", &charge), ("refund.updated", outside), ("refund.failed", outside)]
    {
        assert_eq!(read(&fake.event(kind, object, now())), Ok(moved.clone()), "{kind}");
    }
    assert_eq!(read(&fake.event("invoice.paid", &marked, now())), Ok(CallbackNews::Nothing));
    assert!(refusal(read(&fake.event("charge.refunded", &json!(5), now()))).contains("cannot be read"));
}

#[tokio::test]
async fn a_dispute_is_told_by_the_money_that_it_is_about() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let id = wanted.payment_id.to_string();
    let opened = provider.create(&wanted).await.unwrap();
    assert_eq!(opened.transaction, None, "nobody has paid yet");
    fake.set(&id, Paid::Yes);
    let money = provider.status(&key(&wanted, Some(&opened.reference))).await.unwrap().transaction.unwrap();
    let told = fake.session_event("checkout.session.completed", &id, now());
    let Ok(CallbackNews::Charge(_, charge)) = provider.parse_callback(&told, now()) else {
        panic!("no charge")
    };
    assert_eq!(charge.transaction.as_ref(), Some(&money), "told by the callback, too");
    let read = |kind: &str, dispute: &serde_json::Value| {
        provider.parse_callback(&fake.event(kind, dispute, now()), now())
    };
    use DisputeStatus::{Lost, Open, Won};
    let cases: [(&str, &str, &[i64], _); 7] = [
        ("created", "needs_response", &[], (Open, 0, 0)),
        ("created", "needs_response", &[-450_000], (Open, 1, 450_000)),
        ("funds_withdrawn", "under_review", &[], (Open, 1, 450_000)),
        ("closed", "lost", &[-450_000], (Lost, 1, 450_000)),
        ("funds_reinstated", "won", &[-450_000, 450_000], (Won, 2, 0)),
        ("funds_reinstated", "won", &[-450_000, 350_000], (Won, 2, 100_000)),
        ("closed", "warning_closed", &[], (Won, 0, 0)),
    ];
    for (kind, status, moved, expected) in cases {
        let news = read(&format!("charge.dispute.{kind}"), &fake.dispute(&id, status, moved)).unwrap();
        let CallbackNews::Dispute(news) = news else { panic!("{kind}: {news:?}") };
        assert_eq!((news.status, news.moves, news.taken.amount_minor), expected, "{kind} {status} {moved:?}");
        assert_eq!(
            (news.reference.as_str(), &news.transaction, news.amount),
            ("dp_1", &money, wanted.amount)
        );
        assert_eq!(news.reason.as_deref(), Some("fraudulent"));
    }
    // A balance in another currency: what moved is all that is disputed.
    let mut foreign = fake.dispute(&id, "lost", &[-900]);
    foreign["balance_transactions"][0]["currency"] = json!("usd");
    let Ok(CallbackNews::Dispute(news)) = read("charge.dispute.closed", &foreign) else {
        panic!("no dispute")
    };
    assert_eq!(news.taken, wanted.amount);
    let mut old = fake.dispute(&id, "lost", &[]);
    old["payment_intent"] = json!(null);
    assert_eq!(read("charge.dispute.created", &old), Ok(CallbackNews::Nothing), "of no payment of ours");
    old = fake.dispute(&id, "lost", &[]);
    old["currency"] = json!("xau");
    assert!(refusal(read("charge.dispute.created", &old)).contains("no amount"));
}

#[tokio::test]
async fn old_events_and_strange_secrets_are_not_believed() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let id = wanted.payment_id.to_string();
    provider.create(&wanted).await.unwrap();
    let callback = fake.session_event("checkout.session.completed", &id, now());
    for (later, fresh) in [(290, true), (310, false)] {
        let told = provider.parse_callback(&callback, now().plus(Duration::from_secs(later)));
        assert_eq!(told.is_ok(), fresh, "{later} s later");
    }
    let stranger = FakeStripe::start(KEY, "whsec_other").await;
    let forged = stranger.event("checkout.session.completed", &fake.sessions()[0], now());
    assert_eq!(provider.parse_callback(&forged, now()), Err(ProviderError::NotGenuine));
    let mut bare = callback.clone();
    bare.headers.clear();
    assert_eq!(provider.parse_callback(&bare, now()), Err(ProviderError::NotGenuine));
    let answers = [Verdict::Accepted, Verdict::Refused("x".into()), Verdict::NotGenuine, Verdict::TryAgain]
        .map(|verdict| provider.answer_callback(&callback, &verdict).status);
    assert_eq!(answers, [200, 200, 403, 503], "what is not genuine is said again");
}

#[test]
fn settings_that_cannot_be_are_named() {
    let good = || settings(Stripe::API_URL);
    assert!(Stripe::new(good()).is_ok());
    let cases = [
        ("secret_key", Settings { secret_key: SecretText::new(""), ..good() }),
        ("secret_key", Settings { secret_key: SecretText::new("a\nb"), ..good() }),
        ("webhook_secrets", Settings { webhook_secrets: vec![], ..good() }),
        ("webhook_secrets", Settings { webhook_secrets: vec![SecretText::new("")], ..good() }),
        ("api_url", Settings { api_url: "http://api.stripe.com".into(), ..good() }),
        ("return_url", Settings { return_url: "tickets.example".into(), ..good() }),
    ];
    for (field, settings) in cases {
        assert_eq!(Stripe::new(settings).unwrap_err().field, field);
    }
}

/// An engine whose payers go to this page afterwards when they name no other.
async fn engine(store: &Arc<MemoryStore>, api_url: &str, page: &str) -> Eventify {
    let settings = Settings { return_url: page.into(), ..settings(api_url) };
    let builder = Eventify::builder_over(store.clone()).payment_provider(Stripe::new(settings).unwrap());
    builder.without_worker().start().await.unwrap()
}

#[tokio::test]
async fn a_payment_is_the_same_charge_after_the_page_of_the_settings_moved() {
    let fake = FakeStripe::start(KEY, HOOK_SECRET).await;
    let store = Arc::new(MemoryStore::new());
    let of = |nth, role| Actor::user(UserId::from_uuid(uuid::Uuid::from_u128(nth)), role);
    let (organizer, payer) = (of(1, Role::Organizer), of(2, Role::Attendee));
    let first = engine(&store, &fake.url(), "https://old.example/{payment_id}").await;
    let starts_at = now().plus(Duration::from_secs(7 * 86_400));
    let concert = CreateEvent {
        title: Some("Concert".into()),
        starts_at: Some(starts_at),
        ends_at: Some(starts_at.plus(Duration::from_secs(7_200))),
        ..CreateEvent::default()
    };
    let event = first.events().create(&organizer, concert).await.unwrap().id;
    let price = Some(money(450_000, "KZT"));
    let stalls =
        CreateTicketType { name: "Stalls".into(), price, quantity: 9, ..CreateTicketType::default() };
    let stalls = first.ticket_types().create(&organizer, event, stalls).await.unwrap();
    first.events().publish(&organizer, event).await.unwrap();
    let line = LineRequest { ticket_type_id: stalls.id, quantity: 1 };
    let held = first.bookings().hold(&payer, HoldTickets::new(event, vec![line])).await.unwrap();
    let wish = || StartPayment { booking_id: held.id, payment_method: None, return_url: None };
    // Stripe made it, and its answer was lost.
    fake.misbehave("sessions", Fault::Silent, 1);
    first.payments().start(&payer, wish()).await.unwrap_err();
    first.shut_down().await;
    let second = engine(&store, &fake.url(), "https://new.example/{payment_id}").await;
    let payment = second.payments().start(&payer, wish()).await.unwrap();
    assert!(payment.redirect_url.is_some());
    let page = format!("https://old.example/{}", payment.id);
    let sessions = fake.sessions();
    assert_eq!((sessions.len(), &sessions[0]["success_url"]), (1, &json!(page)));
    second.shut_down().await;
}
