//! Payments at their limits: as often as may be, charged twice, disputed, and in everybody's language.

use std::time::Duration;

use eventify_core::Clock;
use eventify_core::payment::{ChargeStatus, ProviderCallback};
use eventify_pay::testing::Paid;
use serde_json::{Value, json};

use super::office::{Office, SITE, id};
use crate::support::{Reply, assert_members};

/// Presses a button of the page without money.
async fn press(office: &Office, payment: &Value, choice: &'static str) {
    let page = payment["redirect_url"].as_str().unwrap().strip_prefix(SITE).unwrap();
    let pressed = office.service().post(page).raw("application/x-www-form-urlencoded", choice).send().await;
    assert_eq!(pressed.status.as_u16(), 303, "{}", pressed.text());
}

async fn refund(office: &Office, payment: &str, minor: i64) -> Reply {
    let part = json!({"amount": {"amount_minor": minor, "currency": "KZT"}});
    let path = format!("/api/payments/{payment}/refunds");
    office.service().post(&path).by(&office.world.olga).json(&part).send().await
}

#[tokio::test]
async fn a_booking_is_tried_to_be_paid_twenty_times() {
    let office = Office::new().await;
    let booking = office.held().await;
    for _ in 0..20 {
        let payment = office.pay(&booking, "test").await.ok(201);
        press(&office, &payment, "choice=decline").await;
    }
    office.pay(&booking, "test").await.refused(409, "too_many_payments");
}

#[tokio::test]
async fn a_payment_is_given_back_in_sixteen_parts_at_most() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = office.pay(&booking, "test").await.ok(201);
    press(&office, &payment, "choice=pay").await;
    for nth in 1..=16 {
        refund(&office, &id(&payment), 100).await.ok(201);
        assert_eq!(office.refunded(&id(&payment)).await.0, nth * 100);
    }
    refund(&office, &id(&payment), 100).await.refused(409, "too_many_refunds");
}

#[tokio::test]
async fn a_provider_that_gives_all_or_nothing_back_gives_no_parts() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = id(&office.pay(&booking, "transfer").await.ok(201));
    office.transfer.settle(payment.parse().unwrap(), ChargeStatus::Succeeded);
    // It calls nobody, so it is asked.
    office.service().clock.advance(Duration::from_secs(30));
    office.service().settle().await;
    office.assert_sold(&booking).await;
    refund(&office, &payment, 1).await.refused(409, "partial_refund_not_supported");
    refund(&office, &payment, 300_000).await.ok(201);
    assert_eq!(office.refunded(&payment).await.0, 300_000);
}

#[tokio::test]
async fn what_stripe_tells_of_a_dispute_is_in_the_books() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = id(&office.pay(&booking, "stripe").await.ok(201));
    office.stripe.set(&payment, Paid::Yes);
    let now = office.service().clock.now();
    office.tell(&office.stripe.session_event("checkout.session.completed", &payment, now)).await;
    let taken = office.stripe.dispute(&payment, "needs_response", &[-300_000]);
    for _ in 0..2 {
        let told = office.stripe.event("charge.dispute.created", &taken, now);
        assert_eq!(office.tell(&told).await, (200, "{\"received\":true}".to_owned()));
    }
    let olga = &office.world.olga;
    let listed = office.get(&office.world.path("/payments?attention=true"), olga).await;
    let found = &listed["data"][0];
    assert_eq!((&found["id"], &found["attention"]), (&json!(payment), &json!(["disputed"])), "{listed}");
    let dispute = &found["disputes"][0];
    assert_eq!((&dispute["reference"], &dispute["status"]), (&json!("dp_1"), &json!("open")));
    assert_eq!(dispute["taken"], json!({"amount_minor": 300_000, "currency": "KZT"}));
    refund(&office, &payment, 1).await.refused(409, "refund_too_large");
    let own = office.get(&format!("/api/payments/{payment}"), &office.world.bob).await;
    assert_eq!((&own["disputes"], &own["attention"]), (&json!([]), &json!([])), "not the payer's to see");
    office.assert_sold(&booking).await;

    let won = office.stripe.dispute(&payment, "won", &[-300_000, 300_000]);
    office.tell(&office.stripe.event("charge.dispute.funds_reinstated", &won, now)).await;
    let ledger = office.get(&office.world.path("/ledger"), olga).await;
    let kinds: Vec<_> = ledger["data"].as_array().unwrap().iter().map(|e| e["kind"].clone()).collect();
    assert_eq!(kinds.len(), 3, "{ledger}");
    assert!(kinds.contains(&json!("chargeback")) && kinds.contains(&json!("chargeback_returned")));
    let report = office.get(&office.world.path("/payments/report"), olga).await;
    let sum = &report["sums"][0];
    assert_eq!(
        (&sum["chargebacks"], &sum["charged_back_minor"], &sum["net_minor"]),
        (&json!(1), &json!(0), &json!(300_000))
    );
}

#[tokio::test]
async fn a_dispute_of_money_that_nobody_knows_is_kept_for_an_admin() {
    let office = Office::new().await;
    let now = office.service().clock.now();
    let strange = json!({"id": "dp_2", "payment_intent": "pi_other", "amount": 500, "currency": "kzt", "status": "lost"});
    for _ in 0..2 {
        let told = office.stripe.event("charge.dispute.closed", &strange, now);
        assert_eq!(office.tell(&told).await, (200, "{\"received\":true}".to_owned()));
    }
    for _ in 0..30 {
        office.service().clock.advance(Duration::from_secs(3_600));
        office.service().settle().await;
    }
    let admin = office.service().admin("Root").await;
    let dead = office.get("/api/jobs?state=dead", &admin).await;
    let (work, why) = (&dead["data"][0]["work"], dead["data"][0]["last_error"].as_str().unwrap());
    assert_eq!((work, dead["data"].as_array().map(Vec::len)), (&json!("find_disputed"), Some(1)), "{dead}");
    assert!(why.contains("dp_2") && why.contains("pi_other") && why.contains("5.00 KZT"), "{why}");
    let stray = || office.get("/api/payments/attention/disputes", &admin);
    let listed = stray().await["data"][0].clone();
    assert_members(&listed, "job_id provider reference transaction amount reason status taken created_at");
    assert_eq!((&listed["job_id"], &listed["reference"]), (&dead["data"][0]["id"], &json!("dp_2")));
    assert_eq!((&listed["provider"], &listed["status"]), (&json!("stripe"), &json!("lost")));
    let purge = json!({"work": "find_disputed"});
    let purged = office.service().post("/api/jobs/purge").by(&admin).json(&purge).send().await.ok(200);
    assert_eq!(purged["purged"], 1);
    assert_eq!(stray().await["data"], json!([]));
}

/// Makes a genuine callback with a field that nobody reads.
type Padded<'a> = dyn Fn(&str) -> ProviderCallback + 'a;

/// One that has just so many bytes.
fn of_bytes(bytes: usize, callback: &Padded<'_>) -> ProviderCallback {
    let padded = callback(&"x".repeat(bytes - callback("").body.len()));
    assert_eq!(padded.body.len(), bytes);
    padded
}

#[tokio::test]
async fn a_callback_has_64_kib_at_most() {
    let office = Office::new().await;
    let [by_stripe, by_freedompay] = [office.held().await, office.held().await];
    let order = id(&office.pay(&by_stripe, "stripe").await.ok(201));
    office.stripe.set(&order, Paid::Yes);
    let mut session = office.stripe.sessions().remove(0);
    session["payment_intent"] = session["payment_intent"]["id"].clone();
    let now = office.service().clock.now();
    let stripe = |pad: &str| {
        let mut session = session.clone();
        session["pad"] = json!(pad);
        office.stripe.event("checkout.session.completed", &session, now)
    };
    let order = id(&office.pay(&by_freedompay, "freedompay").await.ok(201));
    office.freedompay.set(&order, "success");
    let known = office.freedompay.orders().remove(0);
    let freedompay = |pad: &str| {
        let fields = [
            ("pg_order_id", order.as_str()),
            ("pg_payment_id", &known.payment_id),
            ("pg_amount", &known.amount),
            ("pg_currency", &known.currency),
            ("pg_result", "1"),
            ("pg_captured", "1"),
            ("pg_description", pad),
        ];
        office.freedompay.callback(&known.result_url, &fields)
    };
    let told: [(&str, &Padded<'_>); 2] = [(&by_stripe, &stripe), (&by_freedompay, &freedompay)];
    for (booking, callback) in told {
        let (status, said) = office.tell(&of_bytes(65_537, callback)).await;
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((status, &said["reason"]), (413, &json!("payload_too_large")), "{said}");
        let held = office.get(&format!("/api/bookings/{booking}"), &office.world.bob).await;
        assert_eq!(held["status"], "held");
        let whole = of_bytes(65_536, callback);
        let (status, said) = office.tell(&whole).await;
        let answered = office.freedompay.read_answer(&whole.path, &said).unwrap_or(said);
        assert!(status == 200 && ["ok", "{\"received\":true}"].contains(&answered.as_str()), "{answered}");
        office.assert_sold(booking).await;
    }
}

#[tokio::test]
async fn what_freedompay_charges_twice_goes_back_once() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = id(&office.pay(&booking, "freedompay").await.ok(201));
    office.freedompay.set(&payment, "success");
    office.tell(&office.freedompay.result(&payment)).await;
    office.freedompay.charge_again(&payment);
    for _ in 0..2 {
        assert_eq!(office.tell(&office.freedompay.result(&payment)).await.0, 200);
    }
    office.service().settle().await;
    let path = format!("/api/bookings/{booking}/payments");
    let all = office.get(&path, &office.world.olga).await;
    let [first, second] = [0, 1].map(|nth| all["data"][nth].clone());
    assert_eq!((&first["id"], &second["double_of"]), (&json!(payment), &json!(payment)), "{all}");
    assert_eq!(
        (&first["refunded"]["amount_minor"], &second["refunded"]["amount_minor"]),
        (&json!(0), &json!(300_000))
    );
    assert_eq!(second["attention"], json!(["charged_twice"]));
    let given: Vec<usize> = office.freedompay.orders().iter().map(|order| order.refunds.len()).collect();
    assert_eq!(given, [0, 1]);
    office.assert_sold(&booking).await;
}

#[tokio::test]
async fn what_stripe_accepts_and_cannot_make_is_owed_again() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = id(&office.pay(&booking, "stripe").await.ok(201));
    office.stripe.set(&payment, Paid::Yes);
    let now = office.service().clock.now();
    office.tell(&office.stripe.session_event("checkout.session.completed", &payment, now)).await;
    refund(&office, &payment, 300_000).await.ok(201);
    assert_eq!(office.refunded(&payment).await.1[0]["status"], "done");
    office.stripe.set_refunds("failed");
    for _ in 0..2 {
        let told = office.stripe.event("refund.failed", &office.stripe.refunds()[0], now);
        assert_eq!(office.tell(&told).await.0, 200);
    }
    let (gone, refunds) = office.refunded(&payment).await;
    let states: Vec<_> = refunds.as_array().unwrap().iter().map(|refund| refund["status"].clone()).collect();
    assert_eq!((gone, states), (json!(0), vec![json!("returned"), json!("failed")]));
    let ledger = office.get(&office.world.path("/ledger"), &office.world.olga).await;
    let kinds: Vec<_> = ledger["data"].as_array().unwrap().iter().map(|e| e["kind"].clone()).collect();
    assert!(kinds.contains(&json!("refund")) && kinds.contains(&json!("refund_returned")), "{ledger}");
    let again = format!("/api/payments/{payment}/refunds/{}/retry", id(&refunds[1]));
    office.service().post(&again).by(&office.world.olga).send().await.ok(200);
    assert_eq!(office.refunded(&payment).await.0, 300_000);
    assert_eq!(office.stripe.refunds().len(), 2, "under another key");
}

/// Somebody sees to a refund that failed on Stripe's own pages, which bears no mark of ours, and that fails, too.
#[tokio::test]
async fn what_fails_on_stripe_s_own_pages_is_owed_again() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = id(&office.pay(&booking, "stripe").await.ok(201));
    office.stripe.set(&payment, Paid::Yes);
    let now = office.service().clock.now();
    office.tell(&office.stripe.session_event("checkout.session.completed", &payment, now)).await;
    refund(&office, &payment, 300_000).await.ok(201);
    assert_eq!(office.refunded(&payment).await.0, 300_000);
    office.stripe.set_refunds("failed");
    office.tell(&office.stripe.event("refund.failed", &office.stripe.refunds()[0], now)).await;
    office.stripe.give_back(&payment, 300_000);
    let mut seen = Vec::new();
    for kind in ["refund.created", "refund.failed"] {
        office.service().clock.advance(Duration::from_secs(60));
        let told = office.stripe.event(kind, &office.stripe.refunds()[1], office.service().clock.now());
        assert_eq!(office.tell(&told).await.0, 200);
        let (gone, refunds) = office.refunded(&payment).await;
        seen.push((gone, refunds.as_array().unwrap().last().unwrap()["status"].clone()));
        office.stripe.set_refunds("failed");
    }
    assert_eq!(seen, [(json!(300_000), json!("done")), (json!(0), json!("failed"))]);
    let other =
        json!({ "id": "re_9", "status": "failed", "payment_intent": "pi_of_somebody", "metadata": {} });
    let told = office.stripe.event("refund.failed", &other, office.service().clock.now());
    assert_eq!(office.tell(&told).await.0, 200, "another use of the account");
}

#[tokio::test]
async fn what_freedompay_accepts_is_asked_for_until_it_is_made() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = id(&office.pay(&booking, "freedompay").await.ok(201));
    office.freedompay.set(&payment, "success");
    office.tell(&office.freedompay.result(&payment)).await;
    office.freedompay.refunds_end("process");
    refund(&office, &payment, 300_000).await.ok(201);
    assert_eq!(office.refunded(&payment).await.1[0]["status"], "sent");
    for (end, status) in [("process", "sent"), ("success", "done")] {
        office.freedompay.end_refund(0, end);
        office.service().clock.advance(Duration::from_secs(240));
        let (gone, refunds) = office.refunded(&payment).await;
        assert_eq!((gone, &refunds[0]["status"]), (json!(300_000), &json!(status)));
    }
    assert_eq!(office.freedompay.orders()[0].refunds.len(), 1);
}

#[tokio::test]
async fn pages_speak_the_browser_s_language() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = office.pay(&booking, "test").await.ok(201);
    let stands = format!("/payments/{}", id(&payment));
    let page = payment["redirect_url"].as_str().unwrap().strip_prefix(SITE).unwrap().to_owned();
    for (accept, language, button, heading) in [
        ("kk, ru;q=0.8", "kk", ">Төлеу</button>", "<h1>Бір сәт</h1>"),
        ("ru-RU,ru;q=0.9,en;q=0.5", "ru", ">Оплатить</button>", "<h1>Одну минуту</h1>"),
        ("de", "en", ">Pay</button>", "<h1>One moment</h1>"),
        ("@;;q=x, *;q=0", "en", ">Decline</button>", "<h1>One moment</h1>"),
    ] {
        for (path, shown) in [(&page, button), (&stands, heading)] {
            let answer = office.service().get(path).header("accept-language", accept).send().await;
            assert!(answer.text().contains(shown), "{accept}: {}", answer.text());
            assert!(answer.text().contains(&format!("<html lang=\"{language}\">")), "{accept}");
            assert_eq!(answer.header("content-language"), Some(language));
            assert_eq!(answer.header("vary"), Some("accept-language"));
        }
    }
    press(&office, &payment, "choice=pay").await;
    refund(&office, &id(&payment), 300_000).await.ok(201);
    let back = office.service().get(&stands).header("accept-language", "ru").send().await;
    assert!(back.text().contains("<h1>Возврат</h1>"), "{}", back.text());
}
