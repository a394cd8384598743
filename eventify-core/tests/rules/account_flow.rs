//! Sessions over time: rotation, replay, what ends them, and what slows guesses down.

use std::time::Duration;

use eventify_core::account::{ChangePassword, Refresh, RefreshSecret, SetRole, Tokens, UserWithTokens};
use eventify_core::{Actor, Error, Reason, Role};

use crate::common::*;

const SECOND: Duration = Duration::from_secs(1);

async fn refresh(w: &World, token: &str) -> Result<Tokens, Error> {
    let refresh_token = RefreshSecret::new(token);
    w.eventify.accounts().refresh(&anonymous(), Refresh { refresh_token }).await
}

async fn is_live(w: &World, tokens: &Tokens) -> bool {
    match w.eventify.accounts().authenticate(&tokens.access_token).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.reason(), Reason::SessionRevoked);
            false
        }
    }
}

fn tokens(answer: UserWithTokens) -> Tokens {
    answer.tokens.unwrap()
}

#[tokio::test]
async fn a_lost_answer_is_given_again_for_ten_seconds_and_not_longer() {
    let w = World::new().await;
    w.register("Ada").await;
    let first = w.login("Ada").await;
    let second = refresh(&w, &first.refresh_token).await.unwrap();
    assert_ne!(first.refresh_token, second.refresh_token);
    w.clock.advance(10 * SECOND);
    assert_eq!(refresh(&w, &first.refresh_token).await.unwrap(), second, "the very same answer");
    assert!(is_live(&w, &second).await);
    w.clock.advance(Duration::from_micros(1));
    let error = refresh(&w, &first.refresh_token).await.unwrap_err();
    assert_eq!(error.reason(), Reason::SessionRevoked);
    assert!(!is_live(&w, &second).await, "owner or thief: both are logged out");
    let error = refresh(&w, &second.refresh_token).await.unwrap_err();
    assert_eq!(error.reason(), Reason::SessionRevoked);
    assert_eq!(w.actions("session.replayed").await, 1);
}

#[tokio::test]
async fn an_older_token_than_the_newest_used_one_is_a_replay_at_once() {
    let w = World::new().await;
    w.register("Ada").await;
    let first = w.login("Ada").await;
    let other = w.login("Ada").await;
    let second = refresh(&w, &first.refresh_token).await.unwrap();
    let third = refresh(&w, &second.refresh_token).await.unwrap();
    let error = refresh(&w, &first.refresh_token).await.unwrap_err();
    assert_eq!(error.reason(), Reason::SessionRevoked);
    assert!(!is_live(&w, &third).await);
    assert!(is_live(&w, &other).await, "another login is another family");
}

#[tokio::test]
async fn a_changed_password_ends_every_session_but_the_new_one() {
    let w = World::new().await;
    w.register("Ada").await;
    let (phone, laptop) = (w.login("Ada").await, w.login("Ada").await);
    let request = ChangePassword { current_password: PASSWORD.into(), new_password: "another secret".into() };
    let ada = w.session(&phone).await;
    let fresh = tokens(w.eventify.accounts().change_password(&ada, request).await.unwrap());
    assert!(is_live(&w, &fresh).await);
    assert!(!is_live(&w, &phone).await);
    assert!(!is_live(&w, &laptop).await);
    assert_eq!(refresh(&w, &laptop.refresh_token).await.unwrap_err().reason(), Reason::SessionRevoked);
    let old = w.eventify.accounts().login(&anonymous(), credentials("Ada", PASSWORD)).await;
    assert_eq!(old.unwrap_err().reason(), Reason::InvalidCredentials);
    w.eventify.accounts().login(&anonymous(), credentials("Ada", "another secret")).await.unwrap();
}

#[tokio::test]
async fn a_new_role_ends_the_other_sessions() {
    let w = World::new().await;
    let user = w.register("Ada").await;
    let (phone, laptop) = (w.login("Ada").await, w.login("Ada").await);
    let ada = w.session(&phone).await;
    let fresh = tokens(w.eventify.accounts().become_organizer(&ada).await.unwrap());
    assert!(w.session(&fresh).await.is_organizer());
    assert!(!is_live(&w, &laptop).await);
    w.eventify.accounts().set_role(&system(), user.id, SetRole { role: Role::Attendee }).await.unwrap();
    assert!(!is_live(&w, &fresh).await, "a role that was taken away is gone at once");
}

#[tokio::test]
async fn a_session_that_is_over_is_not_revived_by_a_new_role() {
    let w = World::new().await;
    w.register("Ada").await;
    let (phone, laptop) = (w.login("Ada").await, w.login("Ada").await);
    let stale = w.session(&laptop).await;
    let request = ChangePassword { current_password: PASSWORD.into(), new_password: "another secret".into() };
    let ada = w.session(&phone).await;
    w.eventify.accounts().change_password(&ada, request).await.unwrap();
    w.mark().await;
    // The request of the stolen laptop was authenticated just before the password changed.
    let error = w.eventify.accounts().become_organizer(&stale).await.unwrap_err();
    assert_eq!(error.reason(), Reason::SessionRevoked);
    w.assert_unchanged("a stale session").await;
    assert!(!is_live(&w, &laptop).await);
}

#[tokio::test]
async fn tokens_that_a_new_role_replaced_are_replays() {
    let w = World::new().await;
    w.register("Ada").await;
    let stolen = w.login("Ada").await;
    let ada = w.session(&stolen).await;
    let fresh = tokens(w.eventify.accounts().become_organizer(&ada).await.unwrap());
    w.clock.advance(60 * SECOND);
    let error = refresh(&w, &stolen.refresh_token).await.unwrap_err();
    assert_eq!(error.reason(), Reason::SessionRevoked, "one family has one unused token");
    let error = refresh(&w, &fresh.refresh_token).await.unwrap_err();
    assert_eq!(error.reason(), Reason::SessionRevoked, "owner or thief: both are logged out");
}

#[tokio::test]
async fn an_admin_goes_on_after_giving_a_role_to_somebody() {
    let w = World::new().await;
    let (root, ada) = (w.register("Root").await, w.register("Ada").await);
    w.eventify.accounts().set_role(&system(), root.id, SetRole { role: Role::Admin }).await.unwrap();
    let session = w.session(&w.login("Root").await).await;
    let answer =
        w.eventify.accounts().set_role(&session, ada.id, SetRole { role: Role::Organizer }).await.unwrap();
    assert_eq!((answer.user.id, answer.user.role), (ada.id, Role::Organizer));
    let fresh = answer.tokens.unwrap();
    assert_eq!(w.session(&fresh).await.user_id(), Some(root.id), "for the caller's own session");
}

#[tokio::test]
async fn logins_slow_down_and_never_lock_out_for_ever() {
    let w = World::new().await;
    w.register("Ada").await;
    let from = anonymous().from_origin("203.0.113.7");
    for _ in 0..6 {
        let error =
            w.eventify.accounts().login(&from, credentials("Ada", "wrong password")).await.unwrap_err();
        assert_eq!(error.reason(), Reason::InvalidCredentials);
    }
    // The right password waits, too, from wherever it comes; another account does not.
    let error = w.eventify.accounts().login(&anonymous(), credentials("Ada", PASSWORD)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::TooManyAttempts);
    assert_eq!(error.retry_after(), Some(SECOND));
    assert_eq!(w.actions("login.throttled").await, 1);
    w.register("Bob").await;
    w.eventify.accounts().login(&from, credentials("Bob", PASSWORD)).await.unwrap();
    w.clock.advance(SECOND);
    w.eventify.accounts().login(&from, credentials("Ada", PASSWORD)).await.unwrap();
    // A success wipes the account's slate clean.
    let error = w.eventify.accounts().login(&from, credentials("Ada", "wrong password")).await.unwrap_err();
    assert_eq!(error.reason(), Reason::InvalidCredentials);
    w.eventify.accounts().login(&from, credentials("Ada", PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn guesses_of_the_current_password_slow_down_like_logins() {
    let w = World::new().await;
    w.register("Ada").await;
    let ada = w.session(&w.login("Ada").await).await;
    let guess = |current: &str| ChangePassword {
        current_password: current.into(),
        new_password: "another secret".into(),
    };
    for _ in 0..6 {
        let error = w.eventify.accounts().change_password(&ada, guess("wrong password")).await.unwrap_err();
        assert_eq!(error.reason(), Reason::InvalidCredentials);
    }
    let error = w.eventify.accounts().change_password(&ada, guess(PASSWORD)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::TooManyAttempts);
    w.clock.advance(SECOND);
    w.eventify.accounts().change_password(&ada, guess(PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn an_unknown_address_is_answered_like_a_wrong_password() {
    let w = World::new().await;
    w.register("Ada").await;
    let known = credentials("Ada", "wrong password");
    let unknown = credentials("Nobody", "wrong password");
    for _ in 0..7 {
        let known = w.eventify.accounts().login(&anonymous(), known.clone()).await.unwrap_err();
        let unknown = w.eventify.accounts().login(&anonymous(), unknown.clone()).await.unwrap_err();
        assert_eq!(format!("{known:?}"), format!("{unknown:?}"));
        assert_eq!(known.retry_after(), unknown.retry_after(), "throttled alike, too");
    }
}

#[tokio::test]
async fn an_address_waits_after_fifty_failures_whoever_is_guessed() {
    let w = World::new().await;
    let from = anonymous().from_origin("203.0.113.7");
    for n in 0..51 {
        let guess = credentials(&format!("person{n}"), "wrong password");
        let error = w.eventify.accounts().login(&from, guess).await.unwrap_err();
        assert_eq!(error.reason(), Reason::InvalidCredentials, "{n}");
    }
    let error = w.eventify.accounts().login(&from, credentials("p", "wrong password")).await.unwrap_err();
    assert_eq!(error.reason(), Reason::TooManyAttempts);
    let elsewhere: Actor = anonymous().from_origin("203.0.113.8");
    let error =
        w.eventify.accounts().login(&elsewhere, credentials("p", "wrong password")).await.unwrap_err();
    assert_eq!(error.reason(), Reason::InvalidCredentials);
}

#[tokio::test]
async fn tokens_of_another_deployment_are_refused() {
    let ours = World::new().await;
    let theirs = World::build(|b| b.entropy(eventify_core::testing::SeededEntropy::new(2))).await;
    theirs.register("Ada").await;
    let tokens = theirs.login("Ada").await;
    let error = ours.eventify.accounts().authenticate(&tokens.access_token).await.unwrap_err();
    assert_eq!(error.reason(), Reason::InvalidToken);
    assert_eq!(refresh(&ours, &tokens.refresh_token).await.unwrap_err().reason(), Reason::InvalidToken);
}

#[tokio::test]
async fn a_token_with_any_character_changed_is_refused() {
    let w = World::new().await;
    w.register("Ada").await;
    let token = w.login("Ada").await.access_token;
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(bytes).unwrap();
        let error = w.eventify.accounts().authenticate(&forged).await.unwrap_err();
        assert_eq!(error.reason(), Reason::InvalidToken, "character {at}");
    }
    let (header, rest) = token.split_once('.').unwrap();
    let (claims, _) = rest.split_once('.').unwrap();
    // {"alg":"none"}, and the same with the key id of a genuine one.
    for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJub25lIiwia2lkIjoiMSJ9", header] {
        for forged in [format!("{header}.{claims}."), format!("{header}.{claims}")] {
            let error = w.eventify.accounts().authenticate(&forged).await.unwrap_err();
            assert_eq!(error.reason(), Reason::InvalidToken);
        }
    }
}

#[tokio::test]
async fn what_is_over_is_swept_and_what_is_not_stays() {
    let w = World::new().await;
    w.register("Ada").await;
    let tokens = w.login("Ada").await;
    assert!(!w.eventify.jobs().sweep().await.unwrap());
    assert!(is_live(&w, &tokens).await);
    w.clock.advance(32 * DAY);
    w.eventify.jobs().sweep().await.unwrap();
    let error = refresh(&w, &tokens.refresh_token).await.unwrap_err();
    assert_eq!(error.reason(), Reason::InvalidToken, "nothing is known of it any more");
    w.assert_sound("after a sweep").await;
}
