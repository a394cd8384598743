//! Mailed tokens: proving an address, and setting a new password without the old one.

use std::time::Duration;

use eventify_core::account::{
    Register, RequestPasswordReset, ResetPassword, SecretText, UpdateProfile, VerifyEmail,
};
use eventify_core::notification::{Channel, NoticeKind, PreferencesView};
use eventify_core::{Actor, Error, IfMatch, Reason, Role};

use crate::common::*;
use crate::table::{Row, rows, run};

const NEW_PASSWORD: &str = "another secret";

pub fn verification() -> Vec<Row> {
    rows! {
        "nobody asks for a token" => [NotAuthenticated] |w| {
            w.eventify.accounts().request_verification(&anonymous()).await
        };
        "a person without an account asks for a token" => [UserNotFound] |w| {
            w.eventify.accounts().request_verification(&attendee()).await
        };
        "three messages to one mailbox" => [] |w| {
            let ada = actor(w).await;
            w.eventify.accounts().request_verification(&ada).await?;
            w.eventify.accounts().request_verification(&ada).await?;
            w.eventify.accounts().request_verification(&ada).await
        };
        "a fifth message to one mailbox" => [TooManyAttempts] |w| {
            let ada = actor(w).await;
            for _ in 0..4 {
                w.eventify.accounts().request_verification(&ada).await?;
            }
            w.mark().await;
            w.eventify.accounts().request_verification(&ada).await
        };
        "a token that is none" => [InvalidToken] |w| verify(w, "nonsense").await;
        "no token" => [InvalidToken] |w| verify(w, "").await;
        "a token of a megabyte" => [InvalidToken] |w| verify(w, &"A".repeat(1_000_000)).await;
        "a token of the right length" => [InvalidToken] |w| verify(w, &"A".repeat(64)).await;
    }
}

pub fn resetting() -> Vec<Row> {
    rows! {
        "an address that nobody has" => [] |w| ask(w, &anonymous(), "nobody@example.org").await;
        "an address that somebody has" => [] |w| {
            w.register("Ada").await;
            ask(w, &anonymous(), &email_of("Ada")).await
        };
        "an address that is none" => [] |w| ask(w, &anonymous(), "no address at all").await;
        "an address of a megabyte" => [InvalidValue] |w| ask(w, &anonymous(), &"x".repeat(1_000_000)).await;
        "an empty address" => [InvalidValue] |w| ask(w, &anonymous(), " ").await;
        "a weak new password" => [WeakPassword] |w| reset(w, "nonsense", "short").await;
        "a reset token that is none" => [InvalidToken] |w| reset(w, "nonsense", NEW_PASSWORD).await;
        "a reset token of the right length" => [InvalidToken] |w| {
            reset(w, &"A".repeat(64), NEW_PASSWORD).await
        };
    }
}

async fn actor(w: &World) -> Actor {
    Actor::user(w.register("Ada").await.id, Role::Attendee)
}

async fn verify(w: &World, token: &str) -> Result<(), Error> {
    w.eventify.accounts().verify_email(&anonymous(), VerifyEmail { token: token.into() }).await
}

async fn ask(w: &World, who: &Actor, email: &str) -> Result<(), Error> {
    let request = RequestPasswordReset { email: email.to_owned() };
    w.eventify.accounts().request_password_reset(who, request).await
}

async fn reset(w: &World, token: &str, password: &str) -> Result<(), Error> {
    let request = ResetPassword { token: SecretText::new(token), new_password: password.into() };
    w.eventify.accounts().reset_password(&anonymous(), request).await
}

/// The token for a new password that Ada is mailed when somebody asks.
async fn mailed_reset(w: &World) -> String {
    ask(w, &anonymous(), &email_of("Ada")).await.unwrap();
    w.run_jobs().await;
    w.mark().await;
    w.mail.token(&email_of("Ada"), "account.password_reset").unwrap()
}

fn mailed_verification(w: &World) -> String {
    w.mail.token(&email_of("Ada"), "account.email_verification").unwrap()
}

async fn is_verified(w: &World, who: &Actor) -> bool {
    w.eventify.accounts().me(who).await.unwrap().email_verified
}

#[track_caller]
fn refused<T: std::fmt::Debug>(found: Result<T, Error>) -> Reason {
    found.unwrap_err().reason()
}

#[tokio::test]
async fn verification_has_rules() {
    run(verification()).await;
}

#[tokio::test]
async fn resetting_has_rules() {
    run(resetting()).await;
}

#[tokio::test]
async fn registering_mails_a_token_that_proves_the_address_once() {
    let w = World::connected().await;
    let ada = actor(&w).await;
    assert!(!is_verified(&w, &ada).await);
    w.run_jobs().await;
    let mailed = w.mail.of_accounts();
    assert_eq!((mailed.len(), mailed[0].channel), (1, Channel::Email), "by e-mail alone");
    let token = mailed_verification(&w);
    assert!(mailed[0].message.body.contains(&token));
    verify(&w, &token).await.unwrap();
    assert!(is_verified(&w, &ada).await);
    w.mark().await;
    assert_eq!(refused(verify(&w, &token).await), Reason::InvalidToken, "once");
    w.assert_unchanged("a used token").await;
    w.eventify.accounts().request_verification(&ada).await.unwrap();
    w.run_jobs().await;
    assert_eq!(w.mail.of_accounts().len(), 1, "what is proven needs no proof");
    assert_eq!(w.actions("user.email_verified").await, 1);
}

#[tokio::test]
async fn a_token_proves_the_address_that_it_was_mailed_to_and_no_other() {
    let w = World::connected().await;
    let ada = actor(&w).await;
    w.run_jobs().await;
    let old = mailed_verification(&w);
    let email = to_address("countess@example.org");
    w.eventify.accounts().update_me(&ada, email, IfMatch::Any).await.unwrap();
    w.run_jobs().await;
    assert_eq!(refused(verify(&w, &old).await), Reason::InvalidToken);
    let new = w.mail.token("countess@example.org", "account.email_verification").unwrap();
    verify(&w, &new).await.unwrap();
    assert!(is_verified(&w, &ada).await);
    let case = to_address("Countess@Example.org");
    w.eventify.accounts().update_me(&ada, case, IfMatch::Any).await.unwrap();
    assert!(is_verified(&w, &ada).await, "the same mailbox");
    let back = to_address(&email_of("Ada"));
    w.eventify.accounts().update_me(&ada, back, IfMatch::Any).await.unwrap();
    assert!(!is_verified(&w, &ada).await, "another mailbox");
}

#[tokio::test]
async fn the_old_address_hears_that_it_is_no_more_the_accounts() {
    let w = World::connected().await;
    let ada = actor(&w).await;
    w.eventify.accounts().update_me(&ada, to_address("thief@example.org"), IfMatch::Any).await.unwrap();
    w.run_jobs().await;
    let told = |email: &str| {
        let all = w.mail.of_accounts();
        let own = all.iter().filter(|d| d.email == email && d.message.fact.as_str() == "account.changed");
        own.filter(|d| d.message.title.contains("address")).count()
    };
    assert_eq!((told(&email_of("Ada")), told("thief@example.org")), (1, 2), "the new one by two channels");
    assert!(!is_verified(&w, &ada).await);
}

#[tokio::test]
async fn a_token_has_its_time_and_is_replaced_by_a_newer_one() {
    let w = World::connected().await;
    let ada = actor(&w).await;
    w.run_jobs().await;
    let first = mailed_verification(&w);
    w.clock.advance(DAY - Duration::from_micros(1));
    w.eventify.accounts().request_verification(&ada).await.unwrap();
    w.run_jobs().await;
    let second = mailed_verification(&w);
    assert_eq!(refused(verify(&w, &first).await), Reason::InvalidToken, "replaced");
    w.clock.advance(DAY);
    assert_eq!(refused(verify(&w, &second).await), Reason::TokenExpired);
    let reset_token = mailed_reset(&w).await;
    w.clock.advance(HOUR);
    assert_eq!(refused(reset(&w, &reset_token, NEW_PASSWORD).await), Reason::TokenExpired);
    w.assert_unchanged("an expired token").await;
    w.eventify.jobs().sweep().await.unwrap();
    assert_eq!(refused(reset(&w, &reset_token, NEW_PASSWORD).await), Reason::InvalidToken, "swept");
}

#[tokio::test]
async fn a_token_of_one_purpose_is_none_of_another() {
    let w = World::connected().await;
    actor(&w).await;
    w.run_jobs().await;
    let (verification, password) = (mailed_verification(&w), mailed_reset(&w).await);
    assert_eq!(refused(reset(&w, &verification, NEW_PASSWORD).await), Reason::InvalidToken);
    assert_eq!(refused(verify(&w, &password).await), Reason::InvalidToken);
    w.register("Bob").await;
    // Bob's id before what proves to be Ada's.
    let bob = w.everything().await;
    let bob = bob.of::<eventify_core::account::User>().find(|u| u.name == "Bob").unwrap().id;
    let mut bytes = data_encoding::BASE64URL_NOPAD.decode(password.as_bytes()).unwrap();
    bytes[..16].copy_from_slice(bob.as_bytes());
    let forged = data_encoding::BASE64URL_NOPAD.encode(&bytes);
    assert_eq!(refused(reset(&w, &forged, NEW_PASSWORD).await), Reason::InvalidToken);
    reset(&w, &password, NEW_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_reset_ends_every_session_and_proves_the_address() {
    let w = World::connected().await;
    let ada = actor(&w).await;
    let session = w.login("Ada").await;
    let no_mail = PreferencesView::of([(NoticeKind::Announcement, [(Channel::Email, false)].into())]);
    w.eventify.notifications().set_preferences(&ada, no_mail).await.unwrap();
    for _ in 0..6 {
        let guess = w.eventify.accounts().login(&anonymous(), credentials("Ada", "a wrong guess")).await;
        assert_eq!(refused(guess), Reason::InvalidCredentials);
    }
    let token = mailed_reset(&w).await;
    reset(&w, &token, NEW_PASSWORD).await.unwrap();
    let dead = w.eventify.accounts().authenticate(&session.access_token).await;
    assert_eq!(refused(dead), Reason::SessionRevoked);
    w.mark().await;
    assert_eq!(refused(reset(&w, &token, "a third secret").await), Reason::InvalidToken, "once");
    w.assert_unchanged("a used token").await;
    // The owner need not wait for what guesses cost.
    w.eventify.accounts().login(&anonymous(), credentials("Ada", NEW_PASSWORD)).await.unwrap();
    let old = w.eventify.accounts().login(&anonymous(), credentials("Ada", PASSWORD)).await;
    assert_eq!(refused(old), Reason::InvalidCredentials);
    assert!(is_verified(&w, &ada).await);
    w.run_jobs().await;
    let told = w.told(&ada).await;
    assert!(told.iter().any(|n| n.shown && n.title == "Your password was reset"));
    for action in ["user.password_reset_requested", "user.password_reset"] {
        assert_eq!(w.actions(action).await, 1, "{action}");
    }
}

#[tokio::test]
async fn a_changed_password_voids_the_token_for_a_new_one() {
    let w = World::connected().await;
    let ada = actor(&w).await;
    let token = mailed_reset(&w).await;
    let request = eventify_core::account::ChangePassword {
        current_password: PASSWORD.into(),
        new_password: NEW_PASSWORD.into(),
    };
    w.eventify.accounts().change_password(&ada, request).await.unwrap();
    assert_eq!(refused(reset(&w, &token, "a third secret").await), Reason::InvalidToken);
}

#[tokio::test]
async fn asking_says_nothing_about_who_has_an_account() {
    let w = World::connected().await;
    actor(&w).await;
    w.run_jobs().await;
    let from = anonymous().from_origin("203.0.113.7");
    for n in 0..5 {
        let before = w.everything().await.records().len();
        let known = ask(&w, &from, &email_of("Ada")).await;
        let between = w.everything().await.records().len();
        let unknown = ask(&w, &from, "nobody@example.org").await;
        let after = w.everything().await.records().len();
        assert_eq!(format!("{known:?}"), format!("{unknown:?}"));
        assert_eq!(known.is_ok(), n < 4, "throttled alike, too");
        // The very same work, before anybody is answered: a count and a job.
        let written = |more: usize| more - usize::from(n == 0);
        assert!(written(between - before) >= after - between, "{n}");
        assert_eq!(w.jobs("mail_reset").await.len(), 2 * (n + 1).min(4));
    }
    w.run_jobs().await;
    let sent = w.mail.of_accounts();
    let tokens = sent.iter().filter(|d| d.message.fact.as_str() == "account.password_reset").count();
    assert_eq!(tokens, 1, "of four the newest; nobody else is mailed");
    assert!(w.mail.of_accounts().iter().all(|d| d.email == email_of("Ada")));
}

#[tokio::test]
async fn an_origin_waits_after_fifty_messages_whoever_they_go_to() {
    let w = World::connected().await;
    let from = anonymous().from_origin("203.0.113.7");
    for n in 0..51 {
        ask(&w, &from, &format!("person{n}@example.org")).await.unwrap();
    }
    assert_eq!(refused(ask(&w, &from, "p@example.org").await), Reason::TooManyAttempts);
    ask(&w, &anonymous().from_origin("203.0.113.8"), "p@example.org").await.unwrap();
    // Asking for messages is counted apart from guessing.
    w.register("Ada").await;
    w.eventify.accounts().login(&from, credentials("Ada", PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn guesses_of_tokens_are_counted() {
    let w = World::new().await;
    let from = anonymous().from_origin("203.0.113.7");
    for n in 0..52 {
        let request = VerifyEmail { token: "A".repeat(64).as_str().into() };
        let reason = refused(w.eventify.accounts().verify_email(&from, request).await);
        let expected = if n < 51 { Reason::InvalidToken } else { Reason::TooManyAttempts };
        assert_eq!(reason, expected, "{n}");
    }
    let request = ResetPassword { token: "A".repeat(64).as_str().into(), new_password: NEW_PASSWORD.into() };
    assert_eq!(refused(w.eventify.accounts().reset_password(&from, request).await), Reason::TooManyAttempts);
}

#[tokio::test]
async fn a_mailbox_is_not_filled_by_changing_addresses() {
    let w = World::connected().await;
    let ada = actor(&w).await;
    let mut refusals = 0;
    for _ in 0..10 {
        for email in ["victim@example.org", "ada@example.org"] {
            let change = to_address(email);
            refusals +=
                usize::from(w.eventify.accounts().update_me(&ada, change, IfMatch::Any).await.is_err());
        }
    }
    w.run_jobs().await;
    assert!(refusals > 0);
    let to_victim = w.mail.of_accounts().iter().filter(|d| d.email == "victim@example.org").count();
    assert!(to_victim <= 12, "{to_victim} messages");
}

#[tokio::test]
async fn a_token_is_in_no_record_and_nothing_leads_to_it_once_it_was_delivered() {
    let w = World::connected().await;
    actor(&w).await;
    ask(&w, &anonymous(), &email_of("Ada")).await.unwrap();
    w.eventify.jobs().run_due().await.unwrap();
    let waiting = w.everything().await;
    w.run_jobs().await;
    let delivered = w.everything().await;
    let (one, other) = (mailed_verification(&w), mailed_reset(&w).await);
    for (when, records) in [("before", waiting), ("after", delivered)] {
        let mut bytes = Vec::new();
        for record in records.records() {
            eventify_core::store::encode_record(record, &mut bytes).unwrap();
        }
        for token in [&one, &other] {
            let tail = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).unwrap()[16..].to_vec();
            for shape in [token.as_bytes(), &tail] {
                assert!(!bytes.windows(shape.len()).any(|w| w == shape), "{when} it was delivered");
            }
        }
    }
    assert!(w.jobs("deliver_token").await.is_empty(), "the seed is gone");
    let mail = w.mail.of_accounts();
    let shown = format!("{mail:?} {} {:?}", w.as_logged().await, w.trail().await);
    assert!(!shown.contains(&one) && !shown.contains(&other), "{shown}");
}

#[tokio::test]
async fn without_e_mail_nothing_is_made() {
    let w = World::new().await;
    actor(&w).await;
    ask(&w, &anonymous(), &email_of("Ada")).await.unwrap();
    w.run_jobs().await;
    let all = w.everything().await;
    assert_eq!(all.of::<eventify_core::account::MailTokens>().count(), 0);
    let request = Register::new("B", "b@example.org", PASSWORD);
    w.eventify.accounts().register(&anonymous(), request).await.unwrap();
    assert!(w.jobs("deliver_token").await.is_empty());
}

fn to_address(email: &str) -> UpdateProfile {
    let current_password = Some(PASSWORD.into());
    UpdateProfile { email: Some(email.to_owned()), current_password, ..UpdateProfile::default() }
}
