//! What no API key does, what ends them all, and what the password alone does not do where there is a second factor.

use eventify_core::account::{CreateApiKey, RequestPasswordReset, ResetPassword, UpdateProfile};
use eventify_core::review::{EditReview, SubmitReview};
use eventify_core::staff::{GrantStaff, StaffRight};
use eventify_core::transfer::OfferTicket;
use eventify_core::{IfMatch, PageRequest, Reason, Role, Scope, TransferId};

use crate::account_access::{account, make, program, wanted};
use crate::account_second_factor::switch_on;
use crate::common::*;

#[tokio::test]
async fn what_is_a_persons_own_word_no_key_says() {
    let w = World::new().await;
    let root = account(&w, "Root", Role::Admin).await;
    let (e, t) = w.sale(5).await;
    let code = w.buy(&root, e, t, 1).await.tickets[0].code.clone();
    let all = program(&w, &root, Scope::ALL).await;
    let (reviews, transfers) = (w.eventify.reviews(), w.eventify.transfers());
    let id = TransferId::from_bytes([9; 16]);
    let review = SubmitReview { event_id: e, rating: 5, comment: String::new() };
    let staff = GrantStaff { user_id: attendee().user_id(), email: None, right: StaffRight::Scanner };
    w.mark().await;
    let answers = [
        reviews.submit(&all, review).await.err(),
        reviews.edit(&all, e, EditReview::default(), IfMatch::Any).await.err(),
        reviews.delete(&all, e).await.err(),
        reviews.pending(&all, &PageRequest::default()).await.err(),
        transfers.offer(&all, &code, OfferTicket { email: "ada@example.org".to_owned() }).await.err(),
        transfers.accept(&all, id).await.err(),
        transfers.withdraw(&all, id).await.err(),
        w.eventify.staff(e).grant(&all, staff).await.err(),
    ];
    for (nth, answer) in answers.into_iter().enumerate() {
        let reason = answer.map(|error| error.reason());
        assert_eq!(reason, Some(Reason::InsufficientScope), "answer {nth}");
    }
    w.assert_unchanged("what is a person's own").await;
}

#[tokio::test]
async fn a_reset_and_a_new_role_end_every_key() {
    for reset in [true, false] {
        let w = World::connected().await;
        let ada = account(&w, "Ada", Role::Attendee).await;
        let made = make(&w, &ada, wanted(&[Scope::AccountRead])).await.unwrap();
        if reset {
            let email = email_of("Ada");
            w.eventify
                .accounts()
                .request_password_reset(&anonymous(), RequestPasswordReset { email })
                .await
                .unwrap();
            w.run_jobs().await;
            let token = w.mail.token(&email_of("Ada"), "account.password_reset").unwrap();
            let request =
                ResetPassword { token: token.as_str().into(), new_password: "another secret".into() };
            w.eventify.accounts().reset_password(&anonymous(), request).await.unwrap();
        } else {
            w.eventify.accounts().become_organizer(&ada).await.unwrap();
        }
        let error = w.eventify.accounts().authenticate(made.key.expose()).await.unwrap_err();
        assert_eq!(error.reason(), Reason::InvalidToken, "reset: {reset}");
        assert!(w.eventify.accounts().api_keys(&ada, &PageRequest::default()).await.unwrap().data.is_empty());
    }
}

#[tokio::test]
async fn where_there_is_a_second_factor_it_is_asked_for_too() {
    let w = World::new().await;
    let ada = account(&w, "Ada", Role::Attendee).await;
    let accounts = w.eventify.accounts();
    let (_, codes) = switch_on(&w, &ada).await;
    let email = || UpdateProfile {
        email: Some("countess@example.org".to_owned()),
        current_password: Some(PASSWORD.into()),
        ..UpdateProfile::default()
    };
    let key = || wanted(&[Scope::AccountRead]);
    w.mark().await;
    let without = [
        accounts.update_me(&ada, email(), IfMatch::Any).await.unwrap_err(),
        make(&w, &ada, key()).await.unwrap_err(),
    ];
    assert!(without.iter().all(|error| error.reason() == Reason::SecondFactorRequired));
    let wrong = || Some("000000".into());
    let guessed = [
        accounts.update_me(&ada, UpdateProfile { code: wrong(), ..email() }, IfMatch::Any).await.unwrap_err(),
        make(&w, &ada, CreateApiKey { code: wrong(), ..key() }).await.unwrap_err(),
    ];
    assert!(guessed.iter().all(|error| error.reason() == Reason::InvalidCode));
    w.assert_unchanged("wrong codes").await;
    let recovery_code = |nth: usize| Some(codes[nth].clone());
    let proven = UpdateProfile { recovery_code: recovery_code(0), ..email() };
    accounts.update_me(&ada, proven, IfMatch::Any).await.unwrap();
    make(&w, &ada, CreateApiKey { recovery_code: recovery_code(1), ..key() }).await.unwrap();
}
