//! The two providers without anybody behind them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use eventify_core::payment::{CallbackNews, ChargeStatus, PaymentProvider, ProviderError};
use eventify_core::testing::FakeClock;
use eventify_pay::offline::Offline;
use eventify_pay::test_provider::{Choice, Sandbox, TestProvider};
use support::*;

const PAGE: &str = "http://127.0.0.1:8080/pay/test";

fn provider(key: u8) -> TestProvider {
    TestProvider::new(Sandbox::no_money_moves(), PAGE, &[key; 32]).unwrap()
}

fn query(address: Option<String>) -> String {
    let address = address.unwrap();
    assert!(address.starts_with(PAGE), "{address}");
    address.split_once('?').unwrap().1.to_owned()
}

#[tokio::test]
async fn by_hand_nothing_moves_by_itself() {
    let wanted = request();
    let charge = Offline.create(&wanted).await.unwrap();
    assert_eq!((charge.status, charge.redirect_url), (ChargeStatus::Pending, None));
    assert!(Offline.capabilities().by_hand && Offline.supports("JPY".parse().unwrap()));
    assert!(refusal(Offline.status(&key(&wanted, Some(&charge.reference))).await).contains("by hand"));
    assert!(
        refusal(Offline.refund(&refund(&wanted, &charge.reference, "r", 1, 0)).await).contains("by hand")
    );
}

#[tokio::test]
async fn the_page_pays_and_declines_after_a_restart_too() {
    let wanted = request();
    let opened = provider(1).create(&wanted).await.unwrap();
    assert!(opened.reference.len() <= 255);
    let query = query(opened.redirect_url);
    let another_process = provider(1);
    let page = another_process.page(&query).unwrap();
    assert_eq!(
        (page.payment_id, page.amount, page.expires_at),
        (wanted.payment_id, wanted.amount, wanted.expires_at)
    );
    assert_eq!(page.return_url, wanted.return_url);
    for (choice, status) in [(Choice::Pay, ChargeStatus::Succeeded), (Choice::Decline, ChargeStatus::Failed)]
    {
        let callback = another_process.callback(&page, choice);
        let Ok(CallbackNews::Charge(id, charge)) = provider(1).parse_callback(&callback, now()) else {
            panic!()
        };
        assert_eq!((id, charge.status, charge.amount), (wanted.payment_id, status, wanted.amount));
        assert_eq!(charge.reference, opened.reference);
        let late = now().plus(Duration::from_secs(400));
        assert_eq!(provider(1).parse_callback(&callback, late), Err(ProviderError::NotGenuine), "replayed");
        assert_eq!(
            provider(2).parse_callback(&callback, now()),
            Err(ProviderError::NotGenuine),
            "another key"
        );
    }
    assert!(provider(2).page(&query).is_none(), "another key");
    for (from, to) in [("charge=", "charge=0"), ("tickets.example", "thief.example"), ("seal=", "seal=0")] {
        assert!(query.contains(from), "{query}");
        assert!(provider(1).page(&query.replace(from, to)).is_none(), "{from}");
    }
    assert!(provider(1).page("").is_none());
}

#[tokio::test]
async fn a_charge_ends_and_is_given_back() {
    let wanted = request();
    let clock = FakeClock::at(now());
    let provider = provider(1).with_clock(Arc::new(clock.clone()));
    let opened = provider.create(&wanted).await.unwrap();
    let own = key(&wanted, Some(&opened.reference));
    assert_eq!(provider.status(&own).await.unwrap().status, ChargeStatus::Pending);
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(provider.status(&own).await.unwrap().status, ChargeStatus::Expired);
    assert_eq!(provider.status(&key(&request(), Some(&opened.reference))).await, Err(ProviderError::Unknown));
    assert_eq!(provider.status(&key(&wanted, None)).await, Err(ProviderError::Unknown));
    let back = refund(&wanted, &opened.reference, "r1", 100, 0);
    assert_eq!(provider.refund(&back).await.unwrap().reference.as_deref(), Some("r1"));
    let mut strange = back;
    strange.charge.reference = Some("x.y".into());
    assert_eq!(provider.refund(&strange).await, Err(ProviderError::Unknown));
}

#[test]
fn a_page_has_an_address() {
    for bad in ["", "pay", "ftp://localhost", "http://localhost/?a=b"] {
        let made = TestProvider::new(Sandbox::no_money_moves(), bad, &[0; 32]);
        assert_eq!(made.unwrap_err().field, "page_url", "{bad}");
    }
    assert!(!format!("{:?}", provider(42)).contains("42"));
}
