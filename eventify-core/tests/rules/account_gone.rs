//! Taking one's data along, and being forgotten.

use eventify_core::account::{CreateApiKey, EraseAccount, Erasure, RequestPasswordReset, SetRole, User};
use eventify_core::job::{Job, JobWork};
use eventify_core::notification::{DeliveryError, Notification, SendNotification};
use eventify_core::{Actor, Error, PageRequest, Reason, Role, Scope, UserId};
use serde_json::Value;

use crate::account_second_factor::switch_on;
use crate::common::*;
use crate::table::{Row, rows, run};

pub fn erasing() -> Vec<Row> {
    of_ones_own().into_iter().chain(of_others()).collect()
}

fn of_ones_own() -> Vec<Row> {
    rows! {
        "nobody is erased" => [NotAuthenticated] |w| erase_me(w, &anonymous(), PASSWORD).await;
        "the app is erased" => [NotAuthenticated] |w| erase_me(w, &system(), PASSWORD).await;
        "a person without an account is erased" => [UserNotFound] |w| erase_me(w, &attendee(), PASSWORD).await;
        "erasing with a wrong password" => [InvalidCredentials] |w| {
            let ada = account(w, Role::Attendee).await;
            erase_me(w, &ada, "a wrong guess").await
        };
        "erasing one's own account" => [] |w| {
            let ada = account(w, Role::Attendee).await;
            erase_me(w, &ada, PASSWORD).await
        };
        "erasing one's account twice" => [UserNotFound] |w| {
            let ada = account(w, Role::Attendee).await;
            erase_me(w, &ada, PASSWORD).await?;
            w.mark().await;
            erase_me(w, &ada, PASSWORD).await
        };
        "an organizer with a draft" => [HasOpenEvents] |w| {
            let ada = account(w, Role::Organizer).await;
            w.eventify.events().create(&ada, w.concert()).await?;
            w.mark().await;
            erase_me(w, &ada, PASSWORD).await
        };
        "an organizer with an event on sale" => [HasOpenEvents] |w| {
            let ada = account(w, Role::Organizer).await;
            let event = w.eventify.events().create(&ada, w.concert()).await?.id;
            w.eventify.events().publish(&ada, event).await?;
            w.mark().await;
            erase_me(w, &ada, PASSWORD).await
        };
        "an organizer whose events are cancelled and deleted" => [] |w| {
            let ada = account(w, Role::Organizer).await;
            let event = w.eventify.events().create(&ada, w.concert()).await?.id;
            w.eventify.events().publish(&ada, event).await?;
            w.eventify.events().cancel(&ada, event, Default::default()).await?;
            let draft = w.eventify.events().create(&ada, w.concert()).await?.id;
            w.eventify.events().delete(&ada, draft).await?;
            erase_me(w, &ada, PASSWORD).await
        };
        "an organizer whose event is over" => [] |w| {
            let ada = account(w, Role::Organizer).await;
            let event = w.eventify.events().create(&ada, w.concert()).await?.id;
            w.eventify.events().publish(&ada, event).await?;
            w.pass(11 * DAY).await;
            erase_me(w, &ada, PASSWORD).await
        };
        "an event for somebody who was erased" => [UserNotFound] |w| {
            let ada = account(w, Role::Organizer).await;
            erase_me(w, &ada, PASSWORD).await?;
            w.mark().await;
            w.eventify.events().create(&ada, w.concert()).await
        };
    }
}

fn of_others() -> Vec<Row> {
    rows! {
        "an admin erases the own account" => [LastAdmin] |w| {
            let ada = account(w, Role::Admin).await;
            erase_me(w, &ada, PASSWORD).await
        };
        "an admin erases the own account by its id" => [LastAdmin] |w| {
            let ada = account(w, Role::Admin).await;
            w.eventify.accounts().erase(&ada, id_of(&ada)).await
        };
        "an admin erases another" => [] |w| {
            let ada = account(w, Role::Admin).await;
            w.eventify.accounts().erase(&admin(), id_of(&ada)).await
        };
        "an admin erases nobody" => [UserNotFound] |w| {
            w.eventify.accounts().erase(&admin(), id_of(&attendee())).await
        };
        "an organizer erases somebody" => [NotAllowed] |w| {
            let ada = account(w, Role::Attendee).await;
            w.eventify.accounts().erase(&organizer(), id_of(&ada)).await
        };
        "a person erases somebody" => [NotAllowed] |w| {
            let ada = account(w, Role::Attendee).await;
            w.eventify.accounts().erase(&attendee(), id_of(&ada)).await
        };
        "nobody erases somebody" => [NotAuthenticated] |w| {
            let ada = account(w, Role::Attendee).await;
            w.eventify.accounts().erase(&anonymous(), id_of(&ada)).await
        };
        "nobody takes data along" => [NotAuthenticated] |w| w.eventify.accounts().archive(&anonymous()).await;
        "a person without an account takes data along" => [UserNotFound] |w| {
            w.eventify.accounts().archive(&attendee()).await
        };
    }
}

async fn account(w: &World, role: Role) -> Actor {
    let user = w.register("Ada").await;
    w.eventify.accounts().set_role(&system(), user.id, SetRole { role }).await.unwrap();
    w.mark().await;
    Actor::user(user.id, role)
}

async fn erase_me(w: &World, who: &Actor, password: &str) -> Result<(), Error> {
    let request = EraseAccount { password: password.into(), code: None, recovery_code: None };
    w.eventify.accounts().erase_me(who, request).await
}

/// Everything that is known of somebody, in pieces.
async fn archive(w: &World, who: &Actor) -> (Value, usize) {
    let mut archive = w.eventify.accounts().archive(who).await.unwrap();
    let (mut text, mut pieces) = (String::new(), 0);
    while let Some(piece) = w.eventify.accounts().read_archive(&mut archive).await.unwrap() {
        text.push_str(&piece);
        pieces += 1;
    }
    (serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")), pieces)
}

/// Ada with a bit of everything, acting from an address; others beside her.
async fn a_life(w: &World) -> Actor {
    let user = w.register("Ada").await;
    let from = anonymous().from_origin("203.0.113.7");
    for _ in 0..3 {
        w.eventify.accounts().login(&from, credentials("Ada", PASSWORD)).await.unwrap();
    }
    let ada = Actor::user(user.id, Role::Attendee).from_origin("203.0.113.7");
    let key = CreateApiKey {
        name: "Till".to_owned(),
        scopes: [Scope::BookingsRead].into(),
        expires_at: None,
        current_password: PASSWORD.into(),
        code: None,
        recovery_code: None,
    };
    w.eventify.accounts().create_api_key(&ada, key).await.unwrap();
    let (e, t) = w.sale(500).await;
    w.buy(&ada, e, t, 2).await;
    w.buy(&attendee(), e, t, 1).await;
    let words = |user_id: UserId| SendNotification {
        user_id,
        title: "Dear Ada".to_owned(),
        body: "only you".to_owned(),
        event_id: None,
    };
    for _ in 0..130 {
        w.eventify.notifications().send(&admin(), words(user.id)).await.unwrap();
    }
    w.register("Bob").await;
    let bob = w.everything().await.of::<User>().find(|u| u.name == "Bob").unwrap().id;
    w.eventify.notifications().send(&admin(), words(bob)).await.unwrap();
    ada
}

#[tokio::test]
async fn erasing_has_rules() {
    run(erasing()).await;
}

#[tokio::test]
async fn the_archive_has_everything_of_ones_own_and_nothing_that_opens_anything() {
    let w = World::connected().await;
    let ada = a_life(&w).await;
    let (archive, pieces) = archive(&w, &ada).await;
    assert!(pieces > 7, "{pieces} pieces: the history does not fit into one");
    assert_eq!(archive["complete"], true);
    assert_eq!(archive["account"]["email"], email_of("Ada"));
    let count = |name: &str| archive[name].as_array().unwrap().len();
    assert_eq!((count("sessions"), count("api_keys"), count("bookings"), count("tickets")), (3, 1, 1, 2));
    assert_eq!(count("notifications"), w.told(&ada).await.len());
    assert!(count("audit") >= 6, "{archive}");
    assert!(archive["audit"].as_array().unwrap().iter().all(|e| e["actor"] == id_of(&ada).to_string()));
    let text = archive.to_string();
    let all = w.everything().await;
    for ticket in all.of::<eventify_core::ticket::Ticket>() {
        assert!(!text.contains(&ticket.short_code.to_string()));
    }
    assert!(!text.contains("argon2id") && !text.contains("evk_") && !text.contains("hash"));
    assert_eq!(w.actions("user.exported").await, 1);
    // Somebody without a history gets a whole archive, too.
    let eve = Actor::user(w.register("Eve").await.id, Role::Attendee);
    let (archive, _) = self::archive(&w, &eve).await;
    assert_eq!(
        (archive["bookings"].as_array().unwrap().len(), &archive["complete"]),
        (0, &Value::Bool(true))
    );
}

#[tokio::test]
async fn erasure_leaves_tickets_and_sums_and_nothing_of_the_person() {
    let w = World::connected().await;
    let ada = a_life(&w).await;
    w.mail.fail_next((0..200).map(|_| DeliveryError::Permanent("no such mailbox".to_owned())));
    w.run_jobs().await;
    assert!(!w.eventify.jobs().dead(&admin(), &PageRequest::default()).await.unwrap().data.is_empty());
    let tickets = w.eventify.tickets().mine(&ada, &PageRequest::default()).await.unwrap().data;
    let before = w.trail().await.len();
    erase_me(&w, &ada, PASSWORD).await.unwrap();
    w.assert_sound("an account that was just ended").await;
    w.clock.advance(HOUR);
    w.run_jobs().await;
    w.assert_sound("an account that was erased").await;
    assert_eq!(w.trail().await.len(), before + 1, "what was done stays");
    let all = w.everything().await;
    let erasure = all.of::<Erasure>().next().unwrap();
    assert_eq!((erasure.user_id, erasure.finished_at.is_some()), (id_of(&ada), true));
    let mut bytes = Vec::new();
    for record in all.records() {
        eventify_core::store::encode_record(record, &mut bytes).unwrap();
    }
    for gone in ["ada@", "203.0.113.7", "Till"] {
        assert!(!bytes.windows(gone.len()).any(|w| w == gone.as_bytes()), "{gone} is still there");
    }
    let words: Vec<_> =
        all.of::<Notification>().filter(|n| w.said((***n).clone()).title == "Dear Ada").collect();
    assert_eq!(words.len(), 1, "Bob's");
    let to_ada = |job: &Job| matches!(job.work, JobWork::Deliver { user_id, .. } if user_id == id_of(&ada));
    assert!(!w.jobs("deliver").await.iter().any(to_ada) && w.jobs("erase_user").await.is_empty());
    // The tickets are as good as before.
    for ticket in tickets {
        w.eventify.tickets().check_in(&organizer(), &ticket.code, Default::default()).await.unwrap();
    }
    let error = w.eventify.accounts().profile(&anonymous(), id_of(&ada)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::UserNotFound);
}

#[tokio::test]
async fn whoever_was_erased_may_come_back_as_somebody_new() {
    let w = World::connected().await;
    let ada = account(&w, Role::Attendee).await;
    let session = w.login("Ada").await;
    w.eventify
        .accounts()
        .request_password_reset(&anonymous(), RequestPasswordReset { email: email_of("Ada") })
        .await
        .unwrap();
    erase_me(&w, &ada, PASSWORD).await.unwrap();
    let dead = w.eventify.accounts().authenticate(&session.access_token).await;
    assert_eq!(dead.unwrap_err().reason(), Reason::SessionRevoked);
    let login = w.eventify.accounts().login(&anonymous(), credentials("Ada", PASSWORD)).await;
    assert_eq!(login.unwrap_err().reason(), Reason::InvalidCredentials);
    w.pass(HOUR).await;
    assert!(w.mail.of_accounts().is_empty(), "what waited for the person is dropped");
    let again = w.register("Ada").await;
    assert_ne!(again.id, id_of(&ada));
    w.login("Ada").await;
    w.assert_sound("back again").await;
}

#[tokio::test]
async fn nothing_more_is_told_to_who_is_gone() {
    let w = World::connected().await;
    let ada = account(&w, Role::Attendee).await;
    let (e, t) = w.sale(5).await;
    w.buy(&ada, e, t, 1).await;
    erase_me(&w, &ada, PASSWORD).await.unwrap();
    w.pass(HOUR).await;
    let delivered = w.mail.attempts().len();
    w.cancel_event(e).await;
    w.pass(HOUR).await;
    assert_eq!(w.mail.attempts().len(), delivered);
    assert!(w.told(&ada).await.iter().all(|n| !n.shown && n.title.is_empty()));
    assert!(w.eventify.jobs().dead(&admin(), &PageRequest::default()).await.unwrap().data.is_empty());
    w.assert_sound("a cancelled event of somebody who is gone").await;
}

#[tokio::test]
async fn an_erasure_goes_on_where_it_was_interrupted() {
    let w = World::new().await;
    let ada = a_life(&w).await;
    erase_me(&w, &ada, PASSWORD).await.unwrap();
    w.clock.advance(HOUR);
    let mut looks = 0;
    // Each look is one chunk; whoever ran the last one may have died after it.
    while !w.jobs("erase_user").await.is_empty() {
        w.eventify.jobs().run_due().await.unwrap();
        w.assert_sound("half way").await;
        looks += 1;
        assert!(looks < 20, "it ends");
    }
    assert!(looks >= 5, "{looks} chunks: it goes step by step");
    assert!(w.told(&ada).await.iter().all(|n| n.title.is_empty()));
}

#[tokio::test]
async fn the_second_factor_is_asked_for_too() {
    let w = World::new().await;
    let ada = account(&w, Role::Attendee).await;
    let accounts = w.eventify.accounts();
    let (_, codes) = switch_on(&w, &ada).await;
    let error = erase_me(&w, &ada, PASSWORD).await.unwrap_err();
    assert_eq!(error.reason(), Reason::SecondFactorRequired);
    let wrong = EraseAccount { password: PASSWORD.into(), code: Some("000000".into()), recovery_code: None };
    let error = accounts.erase_me(&ada, wrong).await.unwrap_err();
    assert_eq!(error.reason(), Reason::InvalidCode);
    let recovery_code = Some(codes[0].clone());
    let right = EraseAccount { password: PASSWORD.into(), code: None, recovery_code };
    accounts.erase_me(&ada, right).await.unwrap();
}
