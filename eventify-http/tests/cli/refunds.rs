//! Killed while a cancelled event's money goes back: afterwards all of it does, each charge once by the provider's own books.

use std::time::Duration;

use eventify_pay::testing::{FakeFreedomPay, Fault, deliver};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::cli_support::http::Client;
use crate::cli_support::{Place, Service};

/// More than one step of the cancellation takes.
const BOOKINGS: usize = 60;
/// Refunds that are made, and never answered; and those that nobody hears of.
const UNANSWERED: usize = 8;
const PASSWORD: &str = "a long enough secret";
/// Longer than a job stays reserved by a process that was killed.
const LOOKS_MAX: u32 = 1_800;

struct Shop {
    place: Place,
    bank: FakeFreedomPay,
    secret: String,
    runtime: Runtime,
}

impl Shop {
    fn open() -> Self {
        let (place, runtime) = (Place::new(), Runtime::new().unwrap());
        let bank = runtime.block_on(FakeFreedomPay::start("123", "of-freedompay"));
        let secret = place.file("secret", "of-freedompay\n").to_str().unwrap().to_owned();
        Self { place, bank, secret, runtime }
    }

    fn serve(&self) -> Service {
        let bank = self.bank.url();
        let options = [
            ("--payments", "freedompay"),
            ("--public-url", "https://tickets.example/"),
            ("--freedompay-merchant", "123"),
            ("--freedompay-secret-file", &self.secret),
            ("--freedompay-url", &bank),
        ];
        let options: Vec<&str> = options.into_iter().flat_map(|(name, value)| [name, value]).collect();
        self.place.serve(&options)
    }

    /// So many bookings of an event, each paid by a charge of its own.
    fn sell(&self, service: &Service, olga: &mut Client) -> String {
        let event = json!({
            "title": "An evening", "starts_at": "2099-01-01T18:00:00Z", "ends_at": "2099-01-01T22:00:00Z",
        });
        let event = olga.post("/api/events", &event).is(201).text("/id");
        let seats = json!({
            "name": "Seat", "quantity": 1_000, "price": {"amount_minor": 70_000, "currency": "KZT"},
        });
        let seats = olga.post(&format!("/api/events/{event}/ticket-types"), &seats).is(201).text("/id");
        olga.post(&format!("/api/events/{event}/publish"), &json!({})).is(200);
        let mut ada = service.client().register("ada", PASSWORD);
        for _ in 0..BOOKINGS {
            let wanted = json!({ "ticket_type_id": seats, "quantity": 1 });
            let held = ada.post(&format!("/api/events/{event}/tickets"), &wanted).is(201);
            let booking = held.text("/booking/id");
            let payment = ada.post("/api/payments", &json!({ "booking_id": booking })).is(201).text("/id");
            self.bank.set(&payment, "success");
            let (url, result) = (format!("http://{}", service.address), self.bank.result(&payment));
            let told = deliver(&url, &result);
            assert_eq!(self.runtime.block_on(told).0, 200);
        }
        event
    }

    /// How often each charge went back.
    fn given(&self) -> Vec<usize> {
        self.bank.orders().iter().map(|order| order.refunds.len()).collect()
    }

    /// Waits until so much went back.
    fn until_given(&self, count: usize) {
        for _ in 0..LOOKS_MAX {
            if self.given().iter().sum::<usize>() >= count {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{:?} went back", self.given());
    }
}

/// Waits until every refund is in the books.
fn until_written_down(olga: &mut Client, event: &str) -> Value {
    for _ in 0..LOOKS_MAX {
        let report = olga.get(&format!("/api/events/{event}/payments/report")).is(200).json();
        if report["sums"][0]["refunds"] == json!(BOOKINGS) {
            return report;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("some never went back");
}

#[test]
fn what_a_kill_leaves_of_a_cancelled_event_s_refunds_is_made_once() {
    let shop = Shop::open();
    let service = shop.serve();
    let mut olga = service.client().register("olga", PASSWORD).become_organizer();
    let event = shop.sell(&service, &mut olga);
    assert_eq!(shop.given(), [0; BOOKINGS]);

    // Half way: some are made whose answers nobody hears, of others the bank hears nothing.
    for fault in [Fault::Silent, Fault::Deaf] {
        shop.bank.misbehave("revoke.php", fault, UNANSWERED);
    }
    olga.post(&format!("/api/events/{event}/cancel"), &json!({})).is(200);
    shop.until_given(UNANSWERED + 2);
    service.kill();
    let made: usize = shop.given().iter().sum();
    assert!(made < BOOKINGS, "nothing was left to be done");
    shop.bank.behave();
    // As an installation that knows no keys: it makes what it is asked for, as often as that is.
    shop.bank.forget_keys();

    let service = shop.serve();
    let mut olga = olga.at(&service.address);
    let report = until_written_down(&mut olga, &event);
    assert_eq!(shop.given(), [1; BOOKINGS], "each charge once");
    let whole = |order: eventify_pay::testing::Order| {
        order.refunds.iter().all(|(amount, status)| amount.parse() == Ok(700.0) && status == "success")
    };
    assert!(shop.bank.orders().into_iter().all(whole), "{:?}", shop.bank.orders());
    let sum = &report["sums"][0];
    assert_eq!((&sum["charges"], &sum["refunds"]), (&json!(BOOKINGS), &json!(BOOKINGS)), "{report}");
    assert_eq!((&sum["refunded_minor"], &sum["net_minor"]), (&json!(70_000 * BOOKINGS), &json!(0)));
    let listed = olga.get(&format!("/api/events/{event}/payments?attention=true")).is(200).json();
    assert_eq!(listed["data"], json!([]), "nobody has to see to anything");
    assert_eq!(service.stop().0.code(), Some(0));
    shop.place.run(&["check"]).ok();
}
