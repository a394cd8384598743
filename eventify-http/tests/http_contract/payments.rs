//! Paying: from the hold to the ticket and back, with each provider as a server of its own.

use std::time::Duration;

use eventify_core::Clock;
use eventify_core::payment::ProviderCallback;
use eventify_pay::testing::{Fault, Paid};
use serde_json::{Value, json};

use super::office::{Office, SITE, id};
use crate::support::assert_members;

/// Disputes of money that no payment is known by.
const STRAY: &str = "/api/payments/attention/disputes";

#[tokio::test]
async fn a_ticket_is_bought_through_stripe_and_given_back() {
    let office = Office::new().await;
    let booking = office.held().await;
    let begun = office.pay(&booking, "stripe").await;
    let payment = begun.ok(201);
    assert_eq!(begun.header("location"), Some(format!("/api/payments/{}", id(&payment)).as_str()));
    assert_members(
        &payment,
        "id double_of booking_id event_id user_id provider status amount received refunded refunds redirect_url return_url failure \
         disputes attention last_error expires_at created_at updated_at",
    );
    assert_eq!((&payment["status"], &payment["provider"]), (&json!("pending"), &json!("stripe")));
    assert_eq!(payment["amount"], json!({"amount_minor": 300_000, "currency": "KZT"}));
    assert!(payment["redirect_url"].as_str().unwrap().starts_with("https://checkout.stripe.example/"));
    assert_eq!(office.pay(&booking, "stripe").await.ok(201)["id"], payment["id"], "a double click");
    assert_eq!(office.stripe.sessions().len(), 1);
    let page = format!("/payments/{}", id(&payment));
    let waiting = office.service().get(&page).send().await;
    assert!(waiting.text().contains("http-equiv=\"refresh\""), "{}", waiting.text());

    office.stripe.set(&id(&payment), Paid::Yes);
    let now = office.service().clock.now();
    let told = office.stripe.session_event("checkout.session.completed", &id(&payment), now);
    for _ in 0..2 {
        assert_eq!(office.tell(&told).await, (200, "{\"received\":true}".to_owned()));
    }
    office.assert_sold(&booking).await;
    // No event tells the fee: it is asked for, once.
    office.service().clock.advance(Duration::from_secs(60));
    office.service().settle().await;
    let report = office.get(&office.world.path("/payments/report"), &office.world.olga).await;
    assert_eq!(report["sums"][0]["fees_minor"], 59, "{report}");
    let paid = office.service().get(&page).send().await;
    assert!(paid.text().contains("<h1>Paid</h1>"), "{}", paid.text());
    assert!(paid.header("content-security-policy").unwrap().starts_with("default-src 'none'"));

    let refunds = format!("/api/payments/{}/refunds", id(&payment));
    let part = json!({"amount": {"amount_minor": 100_000, "currency": "KZT"}, "reason": "A broken seat"});
    let olga = &office.world.olga;
    for replayed in [None, Some("true")] {
        let asked = office.service().post(&refunds).by(olga).key("r1").json(&part).send().await;
        assert_eq!(asked.header("idempotency-replayed"), replayed);
        asked.ok(201);
    }
    assert_eq!(office.refunded(&id(&payment)).await.0, 100_000);
    office.service().post(&refunds).by(olga).send().await.ok(201);
    assert_eq!(office.refunded(&id(&payment)).await.0, 300_000);
    let given: Vec<_> = office.stripe.refunds().iter().map(|refund| refund["amount"].clone()).collect();
    assert_eq!(given, [json!(100_000), json!(200_000)]);
}

/// Who waits for the money asks again and again.
#[tokio::test]
async fn a_payment_that_did_not_change_is_not_sent_again() {
    let office = Office::new().await;
    let payment = office.pay(&office.held().await, "stripe").await.ok(201);
    let own = format!("/api/payments/{}", id(&payment));
    let get = || office.service().get(&own).by(&office.world.bob);
    let known = get().send().await.header("etag").unwrap().to_owned();
    let again = get().header("if-none-match", &known).send().await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    office.stripe.set(&id(&payment), Paid::Yes);
    let now = office.service().clock.now();
    office.tell(&office.stripe.session_event("checkout.session.completed", &id(&payment), now)).await;
    assert_eq!(get().header("if-none-match", &known).send().await.ok(200)["status"], "succeeded");
}

#[tokio::test]
async fn a_ticket_is_bought_through_freedompay_and_given_back() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = office.pay(&booking, "freedompay").await.ok(201);
    let order = id(&payment);
    assert_eq!(office.freedompay.orders()[0].success_url, format!("{SITE}/payments/{order}"));
    let path = "/api/payments/webhooks/freedompay";
    let answered = |answer: (u16, String)| (answer.0, office.freedompay.read_answer(path, &answer.1));
    let ok = (200, Some("ok".to_owned()));
    assert_eq!(answered(office.tell(&office.freedompay.check(&order)).await), ok, "may be paid");
    office.freedompay.set(&order, "success");
    let told = office.freedompay.result(&order);
    for _ in 0..2 {
        assert_eq!(answered(office.tell(&told).await), ok);
    }
    office.assert_sold(&booking).await;
    let again = answered(office.tell(&office.freedompay.check(&order)).await);
    assert_eq!(again, (200, Some("rejected".to_owned())), "it is paid already");

    // By a query, as an older installation calls.
    let query = String::from_utf8(told.body.clone()).unwrap();
    let asked = office.service().get(&format!("{path}?{query}")).send().await;
    assert_eq!(
        (asked.status.as_u16(), asked.header("content-type")),
        (200, Some("application/xml; charset=utf-8"))
    );

    office.freedompay.misbehave("revoke.php", Fault::Silent, 1);
    let cancel = format!("/api/bookings/{booking}");
    office.service().delete(&cancel).by(&office.world.olga).send().await.ok(204);
    office.service().settle().await;
    office.freedompay.forget_keys();
    office.service().clock.advance(Duration::from_secs(300));
    assert_eq!(office.refunded(&order).await.0, 300_000);
    assert_eq!(office.freedompay.orders()[0].refunds.len(), 1, "although the first answer was lost");
}

/// 3000 tenge that are paid through FreedomPay: what it calls the payment.
async fn paid_through_freedompay(office: &Office) -> String {
    let booking = office.held().await;
    let order = id(&office.pay(&booking, "freedompay").await.ok(201));
    office.freedompay.set(&order, "success");
    office.tell(&office.freedompay.result(&order)).await;
    order
}

/// The organizer asks for so much back, here.
async fn ask_back(office: &Office, order: &str, minor: i64) {
    let part = json!({"amount": {"amount_minor": minor, "currency": "KZT"}});
    let path = format!("/api/payments/{order}/refunds");
    office.service().post(&path).by(&office.world.olga).json(&part).send().await.ok(201);
}

fn assert_given_back(office: &Office, refunds: &[(&str, &str)]) {
    let made = &office.freedompay.orders()[0].refunds;
    let made: Vec<_> = made.iter().map(|(amount, status)| (amount.as_str(), status.as_str())).collect();
    assert_eq!(made, refunds);
}

#[tokio::test]
async fn what_went_back_in_freedompay_s_cabinet_is_not_taken_for_what_is_asked_later() {
    let office = Office::new().await;
    let order = paid_through_freedompay(&office).await;
    office.freedompay.give_back(&order, "1500", "success");
    ask_back(&office, &order, 150_000).await;
    // Nothing was asked for while it was away; what follows is the first time.
    office.freedompay.misbehave("get_status3.php", Fault::Status(500), 1);
    office.service().settle().await;
    assert_given_back(&office, &[("1500", "success")]);
    office.freedompay.behave();
    office.service().clock.advance(Duration::from_secs(300));
    assert_eq!(office.refunded(&order).await.0, 300_000);
    assert_given_back(&office, &[("1500", "success"), ("1500.00", "success")]);
    let payment = office.get(&format!("/api/payments/{order}"), &office.world.olga).await;
    assert_eq!(payment["attention"], json!(["refunded_outside"]), "{payment}");
}

#[tokio::test]
async fn what_came_back_in_freedompay_s_cabinet_fails_nothing_that_is_asked_later() {
    let office = Office::new().await;
    let order = paid_through_freedompay(&office).await;
    ask_back(&office, &order, 100_000).await;
    office.service().settle().await;
    office.freedompay.give_back(&order, "500", "success");
    office.service().clock.advance(Duration::from_secs(300));
    assert_eq!(office.refunded(&order).await.0, 150_000, "it is looked at after each of ours");
    office.freedompay.end_refund(1, "error");
    office.freedompay.refunds_end("process");
    // An answer of the very instant at which something was found may be older than that.
    office.service().clock.advance(Duration::from_secs(1));
    ask_back(&office, &order, 20_000).await;
    office.service().settle().await;
    office.freedompay.end_refund(2, "success");
    office.service().clock.advance(Duration::from_secs(300));
    let (refunded, refunds) = office.refunded(&order).await;
    assert_eq!(refunded, 120_000, "{refunds}");
    let failed = refunds.as_array().unwrap().iter().filter(|refund| refund["status"] == "failed");
    assert_eq!(failed.count(), 0, "{refunds}");
    assert_given_back(&office, &[("1000.00", "success"), ("500", "error"), ("200.00", "success")]);
}

#[tokio::test]
async fn what_is_on_its_way_in_freedompay_s_cabinet_is_neither_ours_nor_back() {
    for (theirs, back) in [("success", 200_000), ("error", 100_000)] {
        let office = Office::new().await;
        let order = paid_through_freedompay(&office).await;
        office.freedompay.give_back(&order, "1000", "process");
        office.freedompay.refunds_end("process");
        ask_back(&office, &order, 100_000).await;
        office.service().settle().await;
        assert_given_back(&office, &[("1000", "process"), ("1000.00", "process")]);
        // Theirs says nothing of ours.
        office.freedompay.end_refund(0, theirs);
        office.service().clock.advance(Duration::from_secs(100));
        let (_, refunds) = office.refunded(&order).await;
        assert_eq!(refunds[0]["status"], "sent", "{refunds}");
        office.freedompay.end_refund(1, "success");
        for _ in 0..2 {
            office.service().clock.advance(Duration::from_secs(100));
            office.service().settle().await;
        }
        let (refunded, refunds) = office.refunded(&order).await;
        assert_eq!((refunded, &refunds[0]["status"]), (json!(back), &json!("done")), "{refunds}");
    }
}

/// It may be about the first one for a while, and show nothing of it; an installation without keys makes what it is asked for.
#[tokio::test]
async fn what_freedompay_did_not_answer_is_not_asked_for_again_at_once() {
    for arrives in [true, false] {
        let office = Office::new().await;
        let order = paid_through_freedompay(&office).await;
        office.freedompay.misbehave("revoke.php", Fault::Deaf, 1);
        ask_back(&office, &order, 100_000).await;
        office.service().settle().await;
        office.service().clock.advance(Duration::from_secs(100));
        office.service().settle().await;
        assert_given_back(&office, &[]);
        if arrives {
            office.freedompay.give_back(&order, "1000.00", "success");
        }
        office.service().clock.advance(Duration::from_secs(200));
        assert_eq!(office.refunded(&order).await.0, 100_000);
        assert_given_back(&office, &[("1000.00", "success")]);
    }
}

#[tokio::test]
async fn the_page_without_money_pays_and_declines() {
    let office = Office::new().await;
    let booking = office.held().await;
    let page = |payment: &Value| {
        let url = payment["redirect_url"].as_str().unwrap().to_owned();
        url.strip_prefix(SITE).unwrap().to_owned()
    };
    let first = office.pay(&booking, "test").await.ok(201);
    let shown = office.service().get(&page(&first)).send().await;
    assert_eq!(shown.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(shown.text().contains("3000.00 KZT"), "{}", shown.text());
    let form = |page: String, body: &'static str| {
        office.service().post(&page).raw("application/x-www-form-urlencoded", body).send()
    };
    assert_eq!(form(page(&first), "choice=perhaps").await.fields(), ["choice"]);
    let declined = form(page(&first), "choice=decline").await;
    let stands = format!("/payments/{}", id(&first));
    assert_eq!((declined.status.as_u16(), declined.header("location")), (303, Some(stands.as_str())));
    let failed = office.service().get(&stands).send().await;
    assert!(failed.text().contains("<h1>Not paid</h1>"), "{}", failed.text());

    let back = json!({"booking_id": booking, "payment_method": "test", "return_url": "https://app.example/done?x=1"});
    let second =
        office.service().post("/api/payments").by(&office.world.bob).json(&back).send().await.ok(201);
    let shown = office.service().get(&page(&second)).send().await;
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.ends_with("form-action 'self' https://app.example"), "{policy}");
    let paid = form(page(&second), "choice=pay").await;
    assert_eq!((paid.status.as_u16(), paid.header("location")), (303, Some("https://app.example/done?x=1")));
    office.assert_sold(&booking).await;
    form(page(&second).replace("charge=", "charge=x"), "choice=pay").await.refused(404, "not_found");
    office.service().get("/pay/test").send().await.refused(404, "not_found");
}

#[tokio::test]
async fn what_is_not_genuine_changes_nothing() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = office.pay(&booking, "stripe").await.ok(201);
    office.stripe.set(&id(&payment), Paid::Yes);
    let now = office.service().clock.now();
    let mut forged = office.stripe.session_event("checkout.session.completed", &id(&payment), now);
    forged.body = String::from_utf8(forged.body).unwrap().replace("300000", "3").into_bytes();
    let refused = (403, "{\"received\":false}".to_owned());
    assert_eq!(office.tell(&forged).await, refused, "a secret that is not ours is not taken for a success");
    let old = office.stripe.session_event("checkout.session.completed", &id(&payment), now);
    office.service().clock.advance(Duration::from_secs(600));
    assert_eq!(office.tell(&old).await, refused, "replayed");
    let hook = "/api/payments/webhooks";
    for body in [Vec::new(), b"pg_sig=x".to_vec(), vec![0xff; 1_000]] {
        let path = format!("{hook}/freedompay");
        let callback = ProviderCallback { path, query: String::new(), headers: [].into(), body };
        assert_eq!(office.tell(&callback).await.0, 403);
    }
    for provider in ["stripe", "freedompay", "test"] {
        for body in
            ["", "{", "null", "a=b&a=b", "pg_xml=<response/>", "charge=&outcome=paid&at=0", "\u{0}\u{202e}"]
        {
            let path = format!("{hook}/{provider}");
            let headers = [("stripe-signature", "t=1,v1=0"), ("test-signature", "0")];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            let callback = ProviderCallback { path, query: "x=%FF".into(), headers, body: body.into() };
            let (status, said) = office.tell(&callback).await;
            assert_eq!(status, 403, "{provider} {body}: {said}");
        }
    }
    office.service().post(&format!("{hook}/paypal")).send().await.refused(404, "not_found");
    office.service().get(&format!("{hook}/offline")).send().await.refused(404, "not_found");
    let booking = office.get(&format!("/api/bookings/{booking}"), &office.world.bob).await;
    assert_eq!(booking["status"], "held");
}

/// FreedomPay signs the payer's return, too, and the payer sees it. Whoever calls chooses the address.
#[tokio::test]
async fn a_return_of_freedompay_s_is_no_callback_at_any_address() {
    let office = Office::new().await;
    let booking = office.held().await;
    let order = id(&office.pay(&booking, "freedompay").await.ok(201));
    let fields = [
        ("pg_order_id", order.as_str()),
        ("pg_payment_id", "4567788"),
        ("pg_amount", "3000"),
        ("pg_currency", "KZT"),
        ("pg_result", "1"),
    ];
    let hook = "/api/payments/webhooks";
    for (signed_for, called) in [
        ("https://shop.example/", "freedompay/"),
        ("https://shop.example/", "freedompay"),
        ("https://shop.example/freedompa%79", "freedompa%79"),
        ("https://shop.example/freedompay", "freedompa%79"),
        ("https://shop.example/freedompay", "freedompay/"),
    ] {
        let mut callback = office.freedompay.callback(signed_for, &fields);
        callback.path = format!("{hook}/{called}");
        let (status, said) = office.tell(&callback).await;
        assert_eq!(status, 403, "{signed_for} at {called}: {said}");
        callback.query = String::from_utf8(std::mem::take(&mut callback.body)).unwrap();
        let (status, said) = office.tell(&callback).await;
        assert_eq!(status, 403, "{signed_for} at {called}, by a query: {said}");
    }
    let booking = office.get(&format!("/api/bookings/{booking}"), &office.world.bob).await;
    assert_eq!(booking["status"], "held");
}

#[tokio::test]
async fn a_provider_that_is_away_is_asked_again_and_another_amount_is_seen() {
    let office = Office::new().await;
    let booking = office.held().await;
    office.stripe.misbehave("sessions", Fault::Status(500), 1);
    let away = office.pay(&booking, "stripe").await;
    let away = away.refused(503, "payment_provider_unavailable");
    let payment = office.pay(&booking, "stripe").await.ok(201);
    assert_eq!(away["payment_id"], payment["id"], "the same payment goes on");
    office.pay(&booking, "paypal").await.refused(422, "payment_method_unknown");

    office.stripe.charge_instead(&id(&payment), 100, "kzt");
    office.stripe.set(&id(&payment), Paid::Yes);
    let now = office.service().clock.now();
    let told = office.stripe.session_event("checkout.session.completed", &id(&payment), now);
    assert_eq!(office.tell(&told).await.0, 200);
    let attention = office.get(&office.world.path("/payments?attention=true"), &office.world.olga).await;
    assert_eq!(attention["data"][0]["id"], payment["id"], "{attention}");
    assert_eq!(attention["data"][0]["attention"], json!(["amount_mismatch"]));
    let admin = office.service().admin("Root").await;
    let all = office.get("/api/payments/attention", &admin).await;
    assert_eq!(all["data"].as_array().map(Vec::len), Some(1));
    let booking = office.get(&format!("/api/bookings/{booking}"), &office.world.bob).await;
    assert_eq!(booking["status"], "held", "{booking}");
}

#[tokio::test]
async fn the_books_are_the_organizer_s() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = office.pay(&booking, "freedompay").await.ok(201);
    office.freedompay.set(&id(&payment), "success");
    office.tell(&office.freedompay.result(&id(&payment))).await;
    let ledger = office.get(&office.world.path("/ledger"), &office.world.olga).await;
    assert_eq!(ledger["data"][0]["kind"], "charge", "{ledger}");
    assert_eq!(ledger["data"][0]["amount"], json!({"amount_minor": 300_000, "currency": "KZT"}));
    let none = office.get(&office.world.path("/ledger?from=2030-01-01T00:00:00Z"), &office.world.olga).await;
    assert_eq!(none["data"], json!([]));
    let whole = office.get(&office.world.path("/ledger/export"), &office.world.olga).await;
    assert_eq!((&whole["data"], &whole["complete"]), (&ledger["data"], &json!(true)));
    let sheet = office.service().get(&office.world.path("/ledger/export?format=csv")).by(&office.world.olga);
    let sheet = sheet.send().await;
    let rows: Vec<_> = sheet.text().lines().map(str::to_owned).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(
        rows[0],
        "id,at,kind,currency,amount_minor,provider,payment_id,refund_id,dispute_id,booking_id"
    );
    assert!(rows[1].contains(",charge,KZT,300000,freedompay,"), "{rows:?}");
    let report = office.get(&office.world.path("/payments/report"), &office.world.olga).await;
    assert_eq!(report["sums"][0]["charged_minor"], 300_000, "{report}");
    assert_eq!(report["sums"][0]["provider"], "freedompay");
    let page = office.get(&office.world.path("/payments?limit=1"), &office.world.olga).await;
    assert_eq!(page["data"][0]["redirect_url"], Value::Null, "who pays is sent there, nobody else");
    let of_booking = office.get(&format!("/api/bookings/{booking}/payments"), &office.world.bob).await;
    assert_eq!((&of_booking["data"][0]["id"], &of_booking["next_cursor"]), (&payment["id"], &Value::Null));
}

#[tokio::test]
async fn nobody_else_s_money_is_touched_or_seen() {
    let office = Office::new().await;
    let booking = office.held().await;
    let payment = office.pay(&booking, "test").await.ok(201);
    let (eve, mallory) = (office.service().person("Eve").await, office.service().organizer("Mallory").await);
    let own = format!("/api/payments/{}", id(&payment));
    let refund = format!("/api/payments/{}/refunds/{}/retry", id(&payment), id(&payment));
    let service = office.service();
    for stranger in [&eve, &mallory] {
        let body = json!({"booking_id": booking});
        let begun = service.post("/api/payments").by(stranger).json(&body).send().await;
        begun.refused(404, "booking_not_found");
        service.get(&own).by(stranger).send().await.refused(404, "payment_not_found");
        let of_booking = format!("/api/bookings/{booking}/payments");
        service.get(&of_booking).by(stranger).send().await.refused(404, "booking_not_found");
        for path in
            [format!("{own}/refunds"), format!("{own}/settle"), format!("{own}/dismiss"), refund.clone()]
        {
            service.post(&path).by(stranger).send().await.refused(404, "payment_not_found");
        }
        for path in ["/payments", "/payments?attention=true", "/payments/report", "/ledger", "/ledger/export"]
        {
            service.get(&office.world.path(path)).by(stranger).send().await.refused(403, "not_event_owner");
        }
        for path in ["/api/payments/attention", STRAY] {
            service.get(path).by(stranger).send().await.refused(403, "not_allowed");
        }
    }
    for path in [format!("{own}/refunds"), format!("{own}/dismiss"), refund] {
        let payer = service.post(&path).by(&office.world.bob).send().await;
        payer.refused(403, "not_event_owner");
    }
    for path in ["/api/payments/attention", STRAY, own.as_str()] {
        service.get(path).send().await.refused(401, "not_authenticated");
    }
    service
        .post("/api/payments")
        .json(&json!({"booking_id": booking}))
        .send()
        .await
        .refused(401, "not_authenticated");
    let methods = service.get("/api/payments/methods?currency=USD").send().await.ok(200);
    let names: Vec<_> = methods["data"].as_array().unwrap().iter().map(|way| way["name"].clone()).collect();
    assert_eq!(names, ["stripe", "test", "transfer"], "FreedomPay's contract here is in tenge");
    let wrong = service.get("/api/payments/methods?currency=XXY").send().await;
    assert_eq!(wrong.fields(), ["currency"]);
}

#[tokio::test]
async fn what_the_rules_refuse_is_told() {
    let office = Office::new().await;
    let (service, bob, olga) = (office.service(), &office.world.bob, &office.world.olga);
    let line = json!({"ticket_type_id": office.world.free, "quantity": 1});
    let free = service.post(&office.world.path("/tickets")).by(bob).json(&line).send().await.ok(201);
    office.pay(&id(&free["booking"]), "stripe").await.refused(409, "payment_not_needed");
    for (minor, currency, way, refusal) in
        [(500, "USD", "freedompay", "currency_not_supported"), (5, "USD", "stripe", "payment_refused")]
    {
        let price = json!({"amount_minor": minor, "currency": currency});
        let kind = json!({"name": refusal, "price": price, "quantity": 1});
        let line = json!({"ticket_type_id": office.world.ticket_type(&kind).await, "quantity": 1});
        let held = service.post(&office.world.path("/tickets")).by(bob).json(&line).send().await.ok(201);
        office.pay(&id(&held["booking"]), way).await.refused(409, refusal);
    }
    let booking = office.held().await;
    let payment = id(&office.pay(&booking, "freedompay").await.ok(201));
    let ask = async |path: &str, body: Value| {
        service.post(&format!("/api/payments/{payment}{path}")).by(olga).json(&body).send().await
    };
    let part = |minor: i64| json!({"amount": {"amount_minor": minor, "currency": "KZT"}});
    ask("/refunds", part(1)).await.refused(409, "payment_not_succeeded");
    ask("/settle", json!({})).await.refused(409, "payment_not_by_hand");
    office.freedompay.set(&payment, "success");
    office.tell(&office.freedompay.result(&payment)).await;
    let too_much = ask("/refunds", part(300_001)).await.refused(409, "refund_too_large");
    assert_eq!(too_much["left"], json!({"amount_minor": 300_000, "currency": "KZT"}));
    let shown = async || {
        let shown = service.get(&format!("/api/payments/{payment}")).by(olga).send().await;
        shown.header("etag").unwrap().to_owned()
    };
    let before = shown().await;
    let refund = id(&ask("/refunds", part(1_000)).await.ok(201)["refunds"][0]);
    ask("/refunds", part(1)).await.refused(409, "refund_under_way");
    let dismiss = async |seen: &str| {
        let dismissed = service.post(&format!("/api/payments/{payment}/dismiss")).by(olga);
        dismissed.header("if-match", seen).send().await
    };
    dismiss(&before).await.refused(412, "precondition_failed");
    let now = shown().await;
    let seen = dismiss(&now).await;
    assert_eq!(
        (seen.status.as_u16(), seen.header("etag")),
        (200, Some(now.as_str())),
        "there was nothing to be seen to"
    );
    let retry = format!("/refunds/{refund}/retry");
    ask(&retry, json!({})).await.refused(409, "refund_not_failed");
    ask(&format!("/refunds/{payment}/retry"), json!({})).await.refused(404, "refund_not_found");
}
