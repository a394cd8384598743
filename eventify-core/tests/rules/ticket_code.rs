//! Codes: signed, verifiable without network, good after new keys, and worth nothing when forged.

use eventify_core::ticket::{Scan, TicketKey, TicketVerifier};
use eventify_core::{EventId, Reason};

use crate::common::*;

async fn verdict(w: &World, code: &str) -> String {
    w.eventify.tickets().validate(&organizer(), code, Scan::default()).await.unwrap().reason
}

async fn verifier(w: &World, e: EventId) -> TicketVerifier {
    let keys = w.eventify.tickets().public_keys(&anonymous(), e).await.unwrap();
    TicketVerifier::new(e, &keys).unwrap()
}

#[tokio::test]
async fn a_code_with_any_bit_changed_is_refused_online_and_offline() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let code = w.ticket(e, t).await;
    let offline = verifier(&w, e).await;
    let bytes = data_encoding::BASE64URL_NOPAD.decode(code.as_bytes()).unwrap();
    for at in 0..bytes.len() {
        for flip in [1, 0x80] {
            let mut forged = bytes.clone();
            forged[at] ^= flip;
            let forged = data_encoding::BASE64URL_NOPAD.encode(&forged);
            assert_eq!(verdict(&w, &forged).await, "bad_signature", "byte {at}");
            assert!(offline.verify(&forged).is_err(), "byte {at}");
        }
    }
    for cut in [code[1..].to_owned(), format!("{code}A"), code.to_lowercase(), format!("{code}==")] {
        assert_eq!(verdict(&w, &cut).await, "bad_signature");
        assert!(offline.verify(&cut).is_err());
    }
    assert_eq!(verdict(&w, &format!(" {code}\n")).await, "valid", "what a scanner adds is taken off");
    w.assert_unchanged("forged codes").await;
}

#[tokio::test]
async fn a_door_verifies_its_own_event_without_network() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let (other, of) = w.sale(5).await;
    let bought = w.buy(&attendee(), e, t, 1).await.tickets.remove(0);
    let claims = verifier(&w, e).await.verify(&bought.code).unwrap();
    assert_eq!(
        (claims.event_id, claims.ticket_id, claims.ticket_type_id, claims.issue),
        (e, bought.id, t, 0)
    );
    let foreign = w.ticket(other, of).await;
    let error = verifier(&w, e).await.verify(&foreign).unwrap_err();
    assert_eq!(error.reason(), Reason::WrongEvent);
    let mixed_up = w.eventify.tickets().public_keys(&anonymous(), other).await.unwrap();
    let mixed_up = TicketVerifier::new(e, &mixed_up).unwrap();
    assert_eq!(mixed_up.verify(&bought.code).unwrap_err().reason(), Reason::BadSignature);
    let bad = TicketKey { key_id: 1, public_key: "nonsense".to_owned() };
    assert_eq!(TicketVerifier::new(e, &[bad]).unwrap_err().reason(), Reason::InvalidValue);
}

#[tokio::test]
async fn old_codes_and_tokens_stay_good_when_keys_are_rotated() {
    let w = World::new().await;
    w.register("Ada").await;
    let tokens = w.login("Ada").await;
    let (e, t) = w.sale(5).await;
    let old = w.ticket(e, t).await;
    let before = verifier(&w, e).await;
    w.eventify.tickets().rotate_keys(&admin()).await.unwrap();
    assert_eq!(verdict(&w, &old).await, "valid");
    let new = w.ticket(e, t).await;
    assert_eq!(verdict(&w, &new).await, "valid");
    assert_eq!(
        before.verify(&new).unwrap_err().reason(),
        Reason::BadSignature,
        "the door has not the new key yet"
    );
    let after = verifier(&w, e).await;
    after.verify(&old).unwrap();
    after.verify(&new).unwrap();
    w.session(&tokens).await;
    let fresh = w.login("Ada").await;
    w.session(&fresh).await;
    // The keys are kept: an engine that starts later knows all of them.
    let restarted =
        eventify_core::Eventify::builder_over(w.store.clone()).clock(w.clock.clone()).without_worker();
    let restarted = restarted.start().await.unwrap();
    for code in [&old, &new] {
        let seen = restarted.tickets().validate(&organizer(), code, Scan::default()).await.unwrap();
        assert!(seen.valid);
    }
    assert_eq!(w.actions("keys.rotated").await, 1);
}

#[tokio::test]
async fn codes_of_another_deployment_are_refused() {
    let ours = World::new().await;
    let theirs = World::build(|b| b.entropy(eventify_core::testing::SeededEntropy::new(2))).await;
    let (e, t) = theirs.sale(5).await;
    assert_eq!(verdict(&ours, &theirs.ticket(e, t).await).await, "bad_signature");
}

#[tokio::test]
async fn codes_that_were_issued_anew_replace_the_old_ones() {
    let w = World::connected().await;
    let (e, t) = w.sale(5).await;
    let bought = w.buy(&attendee(), e, t, 1).await.tickets.remove(0);
    let first = w.eventify.tickets().reissue(&attendee(), &bought.code).await.unwrap();
    let newest = w.eventify.tickets().reissue(&organizer(), &first.short_code).await.unwrap();
    w.mark().await;
    for old in [&bought.code, &bought.short_code, &first.code, &first.short_code] {
        assert_eq!(verdict(&w, old).await, "reissued");
        let error = w.eventify.tickets().check_in(&organizer(), old, Scan::default()).await.unwrap_err();
        assert_eq!(error.reason(), Reason::Reissued);
        for who in [attendee(), organizer()] {
            let error = w.eventify.tickets().get(&who, old).await.unwrap_err();
            assert_eq!(error.reason(), Reason::TicketNotFound);
        }
    }
    w.assert_unchanged("an old code").await;
    for new in [&newest.code, &newest.short_code] {
        assert_eq!(verdict(&w, new).await, "valid");
    }
    assert_eq!(verifier(&w, e).await.verify(&newest.code).unwrap().issue, 2);
    assert_eq!(w.actions("ticket.reissued").await, 2);
    let told = w.told(&attendee()).await;
    let told = told.iter().filter(|t| t.fact.as_str() == "ticket.reissued").count();
    assert_eq!(told, 1, "who did it themselves need not be told");
    w.assert_sound("codes issued anew").await;
}

#[tokio::test]
async fn a_repeated_request_for_new_codes_gets_them_once() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let code = w.ticket(e, t).await;
    let call = attendee().with_idempotency_key("leaked");
    let first = w.eventify.tickets().reissue(&call, &code).await.unwrap();
    let again = w.eventify.tickets().reissue(&call, &code).await.unwrap();
    assert_eq!((again.is_replayed(), again.into_inner()), (true, first.into_inner()));
    assert_eq!(w.actions("ticket.reissued").await, 1);
}

#[tokio::test]
async fn a_code_has_pictures() {
    let w = World::new().await;
    let (e, t) = w.sale(5).await;
    let code = w.ticket(e, t).await;
    let svg = w.eventify.tickets().qr_svg(&attendee(), &code).await.unwrap();
    assert!(svg.starts_with("<?xml") && svg.contains("<svg"));
    let png = w.eventify.tickets().qr_png(&attendee(), &code).await.unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
}
