//! Money that goes back: what of it is ours, and how it went.

use super::*;

#[tokio::test]
async fn money_is_given_back_once_whatever_gets_lost() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let opened = provider.create(&wanted).await.unwrap();
    fake.set(&wanted.payment_id.to_string(), "success");
    let part = refund(&wanted, &opened.reference, "r1", 100_000, 0);
    fake.misbehave("revoke.php", Fault::Silent, 1);
    assert!(is_unreachable(&provider.refund(&part).await), "it gave back, and nobody heard");
    fake.forget_keys();
    provider.refund(&again(&part)).await.unwrap();
    provider.refund(&again(&part)).await.unwrap();
    let rest = refund(&wanted, &opened.reference, "r2", 350_000, 100_000);
    fake.misbehave("revoke.php", Fault::Status(500), 1);
    assert!(is_unreachable(&provider.refund(&rest).await), "it did nothing");
    let receipt = provider.refund(&again(&rest)).await.unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("92"));
    let given: Vec<_> = fake.orders()[0].refunds.iter().map(|(amount, _)| amount.clone()).collect();
    assert_eq!(given, ["1000.00", "3500.00"]);
    let stands = provider.status(&key(&wanted, Some(&opened.reference))).await.unwrap();
    assert_eq!((stands.status, stands.refunded), (ChargeStatus::Succeeded, wanted.amount));
}

#[tokio::test]
async fn a_refund_on_its_way_is_not_sent_again_and_one_that_failed_is() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let opened = provider.create(&wanted).await.unwrap();
    fake.set(&wanted.payment_id.to_string(), "success");
    let back = refund(&wanted, &opened.reference, "r1", 450_000, 0);
    fake.refunds_end("error");
    assert_eq!(provider.refund(&back).await.unwrap().status, ReceiptStatus::Failed);
    let mut again = again(&refund(&wanted, &opened.reference, "r2", 450_000, 0));
    again.failed_before = 1;
    fake.refunds_end("process");
    assert_eq!(provider.refund(&again).await.unwrap().status, ReceiptStatus::Pending);
    fake.forget_keys();
    assert_eq!(provider.refund(&again).await.unwrap().status, ReceiptStatus::Pending);
    assert_eq!(provider.refund_status(&again).await.unwrap().status, ReceiptStatus::Pending);
    assert_eq!(fake.orders()[0].refunds.len(), 2, "one that failed, one on its way");
    let stands = provider.status(&key(&wanted, Some(&opened.reference))).await.unwrap();
    assert_eq!(stands.refunded.amount_minor, 0, "nothing has arrived yet");
    for (end, stands) in [("success", ReceiptStatus::Done), ("error", ReceiptStatus::Failed)] {
        fake.end_refund(1, end);
        assert_eq!(provider.refund_status(&again).await.unwrap().status, stands);
        assert_eq!(fake.orders()[0].refunds.len(), 2, "asking makes none");
    }
    fake.misbehave("get_status3.php", Fault::Status(500), 1);
    assert!(is_unreachable(&provider.refund_status(&again).await));
}

/// What the merchant gives back in their cabinet is theirs, also while it is on its way.
#[tokio::test]
async fn what_is_on_its_way_from_the_cabinet_is_not_ours() {
    for is_named in [true, false] {
        for theirs in ["1000.00", "3000.00"] {
            let (fake, provider) = pair().await;
            if !is_named {
                fake.name_no_refunds();
            }
            let wanted = request();
            let (order, opened) = (wanted.payment_id.to_string(), provider.create(&wanted).await.unwrap());
            fake.set(&order, "success");
            fake.give_back(&order, theirs, "process");
            fake.refunds_end("process");
            let ours = refund(&wanted, &opened.reference, "r1", 100_000, 0);
            let sent = provider.refund(&ours).await.unwrap();
            let case = format!("{is_named} {theirs}");
            assert_eq!(
                (sent.status, sent.reference.as_deref()),
                (ReceiptStatus::Pending, Some("92")),
                "{case}"
            );
            assert_eq!(fake.orders()[0].refunds.len(), 2, "{case}");
            let followed = RefundRequest { reference: sent.reference, ..again(&ours) };
            let stands = async |nth, end: &str| {
                fake.end_refund(nth, end);
                provider.refund_status(&followed).await.unwrap().status
            };
            // However theirs ends, and how ours does after all.
            for end in ["error", "success"] {
                assert_eq!(stands(0, end).await, ReceiptStatus::Pending, "{case} {end}");
            }
            assert_eq!(stands(1, "error").await, ReceiptStatus::Failed, "{case}");
            assert_eq!(stands(1, "success").await, ReceiptStatus::Done, "{case}");
        }
    }
}

/// Where an answer was lost, only what is of just its amount may be it.
#[tokio::test]
async fn what_nobody_answered_is_there_if_it_is_of_its_amount() {
    for (theirs, status, is_sent_again) in [
        ("1000.00", "process", false),
        ("3000.00", "process", true),
        ("3000.00", "success", true),
        ("1000.00", "success", false),
        ("1000.00", "error", true),
    ] {
        let (fake, provider) = pair().await;
        let wanted = request();
        let (order, opened) = (wanted.payment_id.to_string(), provider.create(&wanted).await.unwrap());
        fake.set(&order, "success");
        let ours = refund(&wanted, &opened.reference, "r1", 100_000, 0);
        fake.misbehave("revoke.php", Fault::Status(500), 1);
        assert!(is_unreachable(&provider.refund(&ours).await));
        fake.give_back(&order, theirs, status);
        let found = provider.refund(&again(&ours)).await.unwrap();
        assert_eq!(fake.orders()[0].refunds.len(), 1 + usize::from(is_sent_again), "{theirs} {status}");
        // Which it is, is known from then on, whatever else the merchant begins.
        let (name, nth) = if is_sent_again { ("92", 1) } else { ("91", 0) };
        let stands = if status == "process" && !is_sent_again { "Pending" } else { "Done" };
        assert_eq!(
            (found.reference.as_deref(), format!("{:?}", found.status).as_str()),
            (Some(name), stands)
        );
        let followed = RefundRequest { reference: found.reference, ..again(&ours) };
        fake.give_back(&order, "1000.00", "process");
        for (end, stands) in [("error", ReceiptStatus::Failed), ("success", ReceiptStatus::Done)] {
            fake.end_refund(nth, end);
            let told = provider.refund_status(&followed).await.unwrap().status;
            assert_eq!(told, stands, "{theirs} {status} {end}");
        }
    }
}

/// What is known under its name is another refund, however well it fits.
#[tokio::test]
async fn what_is_asked_for_again_is_not_taken_for_an_earlier_one() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let (order, opened) = (wanted.payment_id.to_string(), provider.create(&wanted).await.unwrap());
    fake.set(&order, "success");
    let made = provider.refund(&refund(&wanted, &opened.reference, "r1", 20_000, 0)).await.unwrap();
    assert_eq!((made.reference.as_deref(), made.status), (Some("91"), ReceiptStatus::Done));
    // The next one was refused, and the merchant gave more back than that since.
    fake.give_back(&order, "300.00", "success");
    let again = again(&refund(&wanted, &opened.reference, "r2", 20_000, 20_000));
    let again = RefundRequest { others: made.reference.into_iter().collect(), ..again };
    let made = provider.refund(&again).await.unwrap();
    assert_eq!((made.reference.as_deref(), made.status), (Some("93"), ReceiptStatus::Done));
    assert_eq!(fake.orders()[0].refunds.len(), 3);
}

/// Two of its amount may be it: the sums say how it stands.
#[tokio::test]
async fn what_nobody_can_tell_from_another_has_no_name() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let (order, opened) = (wanted.payment_id.to_string(), provider.create(&wanted).await.unwrap());
    fake.set(&order, "success");
    fake.give_back(&order, "1000.00", "process");
    fake.give_back(&order, "1000.00", "process");
    let ours = again(&refund(&wanted, &opened.reference, "r1", 100_000, 0));
    let found = provider.refund(&ours).await.unwrap();
    assert_eq!((found.reference, found.status), (None, ReceiptStatus::Pending));
    assert_eq!(fake.orders()[0].refunds.len(), 2);
}

/// As long as its status does not list a refund that it accepted, nobody knows how that goes.
#[tokio::test]
async fn a_refund_that_is_not_listed_yet_has_not_failed() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let opened = provider.create(&wanted).await.unwrap();
    fake.set(&wanted.payment_id.to_string(), "success");
    let back = refund(&wanted, &opened.reference, "r1", 450_000, 0);
    assert_eq!(provider.refund_status(&back).await.unwrap().status, ReceiptStatus::Pending);
    fake.refunds_end("error");
    assert_eq!(provider.refund(&back).await.unwrap().status, ReceiptStatus::Failed);
    let mut second = refund(&wanted, &opened.reference, "r2", 450_000, 0);
    second.failed_before = 1;
    assert_eq!(provider.refund_status(&second).await.unwrap().status, ReceiptStatus::Pending);
}

#[tokio::test]
async fn a_refund_of_a_known_number_that_is_not_listed_has_not_failed() {
    let (fake, provider) = pair().await;
    let wanted = request();
    let (order, opened) = (wanted.payment_id.to_string(), provider.create(&wanted).await.unwrap());
    fake.set(&order, "success");
    fake.give_back(&order, "1000.00", "error");
    let unnamed = again(&refund(&wanted, &opened.reference, "r1", 100_000, 0));
    let named = RefundRequest { reference: Some("777".to_owned()), ..unnamed.clone() };
    for (back, stands) in [(unnamed, ReceiptStatus::Failed), (named.clone(), ReceiptStatus::Pending)] {
        assert_eq!(provider.refund_status(&back).await.unwrap().status, stands, "{:?}", back.reference);
    }
    fake.give_back(&order, "1000.00", "success");
    assert_eq!(provider.refund_status(&named).await.unwrap().status, ReceiptStatus::Done, "by the sum");
}
