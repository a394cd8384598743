//! Each provider at its worst, by HTTP: what was captured becomes tickets once, or all of it goes back once.

use std::time::Duration;

use eventify_core::Clock;
use eventify_core::payment::ProviderCallback;
use eventify_pay::testing::{Fault, Paid};
use serde_json::{Value, json};

use super::office::{Office, id};
use crate::support::Person;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Stripe,
    FreedomPay,
}

const WAYS: [Way; 2] = [Way::Stripe, Way::FreedomPay];

/// A hold of 3000 tenge that is being paid.
struct Sale {
    office: Office,
    way: Way,
    booking: String,
    payment: String,
}

impl Sale {
    async fn begun(way: Way) -> Self {
        Self::begun_at(Office::new().await, way).await
    }

    async fn begun_at(office: Office, way: Way) -> Self {
        let booking = office.held().await;
        let name = if way == Way::Stripe { "stripe" } else { "freedompay" };
        let mut begun = office.pay(&booking, name).await;
        if begun.status.as_u16() == 503 {
            begun = office.pay(&booking, name).await;
        }
        let payment = id(&begun.ok(201));
        Self { office, way, booking, payment }
    }

    fn misbehave(&self, fault: Fault, times: usize) {
        match self.way {
            Way::Stripe => self.office.stripe.misbehave("", fault, times),
            Way::FreedomPay => self.office.freedompay.misbehave("", fault, times),
        }
    }

    fn behave(&self) {
        self.office.stripe.behave();
        self.office.freedompay.behave();
    }

    /// The payer pays, or does not.
    fn ends(&self, paid: bool) {
        match (self.way, paid) {
            (Way::Stripe, true) => self.office.stripe.set(&self.payment, Paid::Yes),
            (Way::Stripe, false) => self.office.stripe.set(&self.payment, Paid::Expired),
            (Way::FreedomPay, true) => self.office.freedompay.set(&self.payment, "success"),
            (Way::FreedomPay, false) => self.office.freedompay.set(&self.payment, "failed"),
        }
    }

    /// What the provider says of it now.
    fn word(&self) -> ProviderCallback {
        let now = self.office.service().clock.now();
        match self.way {
            Way::Stripe => {
                let expired = self.office.stripe.sessions()[0]["status"] == "expired";
                let kind = if expired { "checkout.session.expired" } else { "checkout.session.completed" };
                self.office.stripe.session_event(kind, &self.payment, now)
            }
            Way::FreedomPay => self.office.freedompay.result(&self.payment),
        }
    }

    async fn say(&self, word: &ProviderCallback) -> u16 {
        self.office.tell(word).await.0
    }

    /// Time passes in steps of five minutes.
    async fn pass(&self, minutes: u64) {
        for _ in 0..minutes / 5 {
            self.office.service().clock.advance(Duration::from_secs(300));
            self.office.service().settle().await;
        }
    }

    fn charges(&self) -> usize {
        match self.way {
            Way::Stripe => self.office.stripe.sessions().len(),
            Way::FreedomPay => self.office.freedompay.orders().len(),
        }
    }

    /// How often the provider gave something back.
    fn refunds(&self) -> usize {
        match self.way {
            Way::Stripe => self.office.stripe.refunds().len(),
            Way::FreedomPay => self.office.freedompay.orders()[0].refunds.len(),
        }
    }

    /// Somebody who is logged in now, whatever time it is.
    async fn admin(&self) -> Person {
        self.office.service().admin("Root").await
    }

    async fn assert_sold(&self, admin: &Person) {
        let booking = self.office.get(&format!("/api/bookings/{}", self.booking), admin).await;
        assert_eq!(booking["status"], "confirmed", "{:?}: {booking}", self.way);
        assert_eq!(booking["tickets"].as_array().map(Vec::len), Some(2), "{booking}");
        let ledger = self.office.get(&self.office.world.path("/ledger"), admin).await;
        let moved = ledger["data"].as_array().unwrap().iter().filter(|entry| entry["kind"] != "fee");
        assert_eq!((moved.count(), self.charges(), self.refunds()), (1, 1, 0), "{:?}: {ledger}", self.way);
    }

    /// That all went back, in one refund, and nothing is sold.
    async fn assert_given_back(&self, admin: &Person, received: &Value, status: &str) {
        self.office.service().settle().await;
        let payment = self.office.get(&format!("/api/payments/{}", self.payment), admin).await;
        assert_eq!((&payment["received"], &payment["refunded"]), (received, received), "{payment}");
        let booking = self.office.get(&format!("/api/bookings/{}", self.booking), admin).await;
        assert_eq!((&booking["status"], self.refunds()), (&json!(status), 1), "{:?}: {booking}", self.way);
        let report = self.office.get(&self.office.world.path("/payments/report"), admin).await;
        assert_eq!(report["sums"][0]["charged_minor"], report["sums"][0]["refunded_minor"], "{report}");
    }
}

#[tokio::test]
async fn a_charge_is_made_once_though_nobody_heard_that_it_was() {
    for way in WAYS {
        let office = Office::new().await;
        office.stripe.misbehave("sessions", Fault::Silent, 1);
        office.freedompay.misbehave("init_payment.php", Fault::Silent, 1);
        let sale = Sale::begun_at(office, way).await;
        sale.ends(true);
        // Its callback never comes.
        sale.pass(5).await;
        sale.assert_sold(&sale.admin().await).await;
    }
}

#[tokio::test]
async fn what_is_said_twice_and_out_of_order_sells_once() {
    for way in WAYS {
        let sale = Sale::begun(way).await;
        sale.ends(false);
        let failed = sale.word();
        sale.ends(true);
        let paid = sale.word();
        for word in [&paid, &failed, &paid, &failed] {
            assert_eq!(sale.say(word).await, 200, "{way:?}");
        }
        let admin = sale.admin().await;
        sale.assert_sold(&admin).await;
        // The first word is that it failed, and the money comes all the same.
        let other = Sale::begun(way).await;
        other.ends(false);
        assert_eq!(other.say(&other.word()).await, 200);
        other.ends(true);
        assert_eq!(other.say(&other.word()).await, 200);
        other.assert_sold(&other.admin().await).await;
    }
}

#[tokio::test]
async fn another_amount_and_another_currency_go_back_whole() {
    for way in WAYS {
        for (minor, major, currency) in
            [(100, "1.00", "KZT"), (600_000, "6000.00", "KZT"), (300_000, "3000.00", "USD")]
        {
            let sale = Sale::begun(way).await;
            match way {
                Way::Stripe => {
                    sale.office.stripe.charge_instead(&sale.payment, minor, &currency.to_lowercase());
                }
                Way::FreedomPay => sale.office.freedompay.charge_instead(&sale.payment, major, currency),
            }
            sale.ends(true);
            for _ in 0..2 {
                assert_eq!(sale.say(&sale.word()).await, 200);
            }
            let received = json!({"amount_minor": minor, "currency": currency});
            let admin = sale.admin().await;
            sale.assert_given_back(&admin, &received, "held").await;
            let listed = sale.office.get("/api/payments/attention", &admin).await;
            assert_eq!(listed["data"][0]["attention"], json!(["amount_mismatch"]), "{listed}");
        }
    }
}

#[tokio::test]
async fn what_was_changed_on_the_way_is_refused_and_what_is_replayed_sells_nothing() {
    for way in WAYS {
        let sale = Sale::begun(way).await;
        sale.ends(true);
        let word = sale.word();
        let mut forged = word.clone();
        forged.body.extend_from_slice(b"&pg_x=1 ");
        assert_eq!(sale.say(&forged).await, 403, "{way:?}");
        assert_eq!(sale.say(&word).await, 200);
        let admin = sale.admin().await;
        sale.assert_sold(&admin).await;
        let cancel = format!("/api/bookings/{}", sale.booking);
        sale.office.service().delete(&cancel).by(&admin).send().await.ok(204);
        let received = json!({"amount_minor": 300_000, "currency": "KZT"});
        sale.assert_given_back(&admin, &received, "cancelled").await;
        // At once, and when it is too old for a provider that says when it spoke.
        assert_eq!(sale.say(&word).await, 200);
        sale.pass(10).await;
        assert_eq!(sale.say(&word).await, if way == Way::Stripe { 403 } else { 200 });
        sale.assert_given_back(&admin, &received, "cancelled").await;
    }
}

/// Before FreedomPay takes money it asks whether it may.
#[tokio::test]
async fn what_cannot_be_sold_any_more_is_not_to_be_charged() {
    let answer = async |sale: &Sale| {
        let (status, said) = sale.office.tell(&sale.office.freedompay.check(&sale.payment)).await;
        (status, sale.office.freedompay.read_answer("/api/payments/webhooks/freedompay", &said).unwrap())
    };
    let rejected = (200, "rejected".to_owned());
    let sale = Sale::begun(Way::FreedomPay).await;
    assert_eq!(answer(&sale).await, (200, "ok".to_owned()));
    for (amount, currency) in [("2999.00", "KZT"), ("3001.00", "KZT"), ("3000.00", "USD")] {
        sale.office.freedompay.charge_instead(&sale.payment, amount, currency);
        assert_eq!(answer(&sale).await, rejected, "{amount} {currency}");
    }
    sale.office.freedompay.charge_instead(&sale.payment, "3000.00", "KZT");
    assert_eq!(answer(&sale).await, (200, "ok".to_owned()));
    let cancel = format!("/api/bookings/{}", sale.booking);
    sale.office.service().delete(&cancel).by(&sale.office.world.bob).send().await.ok(204);
    assert_eq!(answer(&sale).await, rejected, "the booking is cancelled");
    let sale = Sale::begun(Way::FreedomPay).await;
    let cancel = sale.office.world.path("/cancel");
    sale.office.service().post(&cancel).by(&sale.office.world.olga).send().await.ok(200);
    assert_eq!(answer(&sale).await, rejected, "the event is cancelled");
    let sale = Sale::begun(Way::FreedomPay).await;
    sale.office.service().clock.advance(Duration::from_secs(3_600));
    assert_eq!(answer(&sale).await, rejected, "its time is over");
}

#[tokio::test]
async fn an_hour_of_errors_delays_tickets_and_refunds_and_loses_neither() {
    for way in WAYS {
        let sale = Sale::begun(way).await;
        sale.ends(true);
        sale.misbehave(Fault::Status(500), 100_000);
        sale.pass(60).await;
        assert_eq!(sale.refunds(), 0);
        sale.behave();
        // The hold is over by now, and its seats are still there.
        sale.pass(60).await;
        let admin = sale.admin().await;
        sale.assert_sold(&admin).await;
        sale.misbehave(Fault::Status(500), 100_000);
        let cancel = format!("/api/bookings/{}", sale.booking);
        sale.office.service().delete(&cancel).by(&admin).send().await.ok(204);
        sale.pass(60).await;
        assert_eq!(sale.refunds(), 0);
        sale.behave();
        sale.pass(60).await;
        let admin = sale.office.service().log_in(&admin.id, &admin.email).await;
        let received = json!({"amount_minor": 300_000, "currency": "KZT"});
        sale.assert_given_back(&admin, &received, "cancelled").await;
    }
}
