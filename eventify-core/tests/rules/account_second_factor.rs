//! The second factor: enrolment, codes that are good once, recovery codes, and what is counted.

use std::time::Duration;

use eventify_core::account::{
    BeginSecondFactor, ConfirmSecondFactor, Enrolment, Login, ProveSecondFactor, RecoveryCodes, SecretText,
    Tokens,
};
use eventify_core::{Actor, Error, Reason, Role};
use totp_rs::{Algorithm, Builder};

use crate::common::*;
use crate::table::{Row, rows, run};

const STEP: Duration = Duration::from_secs(30);

pub fn beginning() -> Vec<Row> {
    rows! {
        "nobody begins" => [NotAuthenticated] |w| begin(w, &anonymous(), PASSWORD).await;
        "a person without an account begins" => [UserNotFound] |w| begin(w, &attendee(), PASSWORD).await;
        "beginning with a wrong password" => [InvalidCredentials] |w| {
            let ada = actor(w).await;
            begin(w, &ada, "a wrong guess").await
        };
        "beginning twice" => [] |w| {
            let ada = actor(w).await;
            begin(w, &ada, PASSWORD).await?;
            begin(w, &ada, PASSWORD).await
        };
        "beginning while it is on" => [SecondFactorOn] |w| {
            let ada = on(w).await;
            begin(w, &ada.actor, PASSWORD).await
        };
        "nobody confirms" => [NotAuthenticated] |w| confirm(w, &anonymous(), "000000").await;
        "confirming what was not begun" => [SecondFactorOff] |w| {
            let ada = actor(w).await;
            confirm(w, &ada, "000000").await
        };
        "confirming with a wrong code" => [InvalidCode] |w| {
            let ada = actor(w).await;
            let begun = begin(w, &ada, PASSWORD).await?;
            w.mark().await;
            confirm(w, &ada, &wrong(w, &begun)).await
        };
        "confirming with the code of the secret before" => [InvalidCode] |w| {
            let ada = actor(w).await;
            let first = begin(w, &ada, PASSWORD).await?;
            begin(w, &ada, PASSWORD).await?;
            w.mark().await;
            confirm(w, &ada, &code(w, &first)).await
        };
        "confirming twice" => [SecondFactorOn] |w| {
            let ada = on(w).await;
            w.clock.advance(STEP);
            confirm(w, &ada.actor, &code(w, &ada.app)).await
        };
    }
}

pub fn logging_in() -> Vec<Row> {
    rows! {
        "a login without a code" => [SecondFactorRequired] |w| {
            on(w).await;
            log_in(w, None, None).await
        };
        "a login without a code before it was confirmed" => [] |w| {
            let ada = actor(w).await;
            begin(w, &ada, PASSWORD).await?;
            log_in(w, None, None).await
        };
        "a login with a code" => [] |w| {
            let ada = on(w).await;
            w.clock.advance(STEP);
            log_in(w, Some(&code(w, &ada.app)), None).await
        };
        "a login with the code that confirmed" => [InvalidCode] |w| {
            let ada = on(w).await;
            log_in(w, Some(&code(w, &ada.app)), None).await
        };
        "a login with a wrong code" => [InvalidCode] |w| {
            let ada = on(w).await;
            log_in(w, Some(&wrong(w, &ada.app)), None).await
        };
        "a login with a code of a megabyte" => [InvalidCode] |w| {
            on(w).await;
            log_in(w, Some(&"1".repeat(1_000_000)), None).await
        };
        "a login with a recovery code" => [] |w| {
            let ada = on(w).await;
            log_in(w, None, Some(&ada.recovery[3])).await
        };
        "a login with a recovery code in small letters" => [] |w| {
            let ada = on(w).await;
            log_in(w, None, Some(&ada.recovery[3].to_lowercase().replace('-', " "))).await
        };
        "a login with a recovery code that was used" => [InvalidCode] |w| {
            let ada = on(w).await;
            log_in(w, None, Some(&ada.recovery[3])).await?;
            w.mark().await;
            log_in(w, None, Some(&ada.recovery[3])).await
        };
        "a login with a recovery code that is none" => [InvalidCode] |w| {
            on(w).await;
            log_in(w, None, Some("AAAA-AAAA-AAAA-AAAA")).await
        };
        "a login with both" => [InvalidValue] |w| {
            let ada = on(w).await;
            log_in(w, Some("000000"), Some(&ada.recovery[0])).await
        };
        "a code with a wrong password" => [InvalidCredentials] |w| {
            let ada = on(w).await;
            w.clock.advance(STEP);
            let request = Login { code: Some(code(w, &ada.app).as_str().into()), ..credentials("Ada", "wrong one") };
            w.eventify.accounts().login(&anonymous(), request).await
        };
        "a code that nobody asked for" => [] |w| {
            actor(w).await;
            log_in(w, Some("000000"), None).await
        };
    }
}

pub fn changing() -> Vec<Row> {
    rows! {
        "nobody turns it off" => [NotAuthenticated] |w| turn_off(w, &anonymous(), PASSWORD, None).await;
        "turning off what is not on" => [SecondFactorOff] |w| {
            let ada = actor(w).await;
            turn_off(w, &ada, PASSWORD, Some("000000")).await
        };
        "turning it off without a code" => [SecondFactorRequired] |w| {
            let ada = on(w).await;
            turn_off(w, &ada.actor, PASSWORD, None).await
        };
        "turning it off with a wrong code" => [InvalidCode] |w| {
            let ada = on(w).await;
            turn_off(w, &ada.actor, PASSWORD, Some(&wrong(w, &ada.app))).await
        };
        "turning it off with a wrong password" => [InvalidCredentials] |w| {
            let ada = on(w).await;
            w.clock.advance(STEP);
            turn_off(w, &ada.actor, "a wrong guess", Some(&code(w, &ada.app))).await
        };
        "turning it off with both" => [] |w| {
            let ada = on(w).await;
            w.clock.advance(STEP);
            turn_off(w, &ada.actor, PASSWORD, Some(&code(w, &ada.app))).await
        };
        "new recovery codes without a code" => [SecondFactorRequired] |w| {
            let ada = on(w).await;
            w.eventify.accounts().renew_recovery_codes(&ada.actor, prove(PASSWORD, None)).await
        };
        "an admin removes what is not on" => [SecondFactorOff] |w| {
            let ada = actor(w).await;
            w.eventify.accounts().remove_second_factor(&admin(), id_of(&ada)).await
        };
        "an admin removes it from nobody" => [UserNotFound] |w| {
            w.eventify.accounts().remove_second_factor(&admin(), id_of(&attendee())).await
        };
        "an organizer removes it from somebody" => [NotAllowed] |w| {
            let ada = on(w).await;
            w.eventify.accounts().remove_second_factor(&organizer(), id_of(&ada.actor)).await
        };
        "an admin removes it" => [] |w| {
            let ada = on(w).await;
            w.eventify.accounts().remove_second_factor(&admin(), id_of(&ada.actor)).await?;
            log_in(w, None, None).await
        };
    }
}

struct Enrolled {
    actor: Actor,
    app: Enrolment,
    recovery: Vec<String>,
}

async fn actor(w: &World) -> Actor {
    Actor::user(w.register("Ada").await.id, Role::Attendee)
}

/// Ada with a second factor that is on.
async fn on(w: &World) -> Enrolled {
    let actor = actor(w).await;
    let (app, codes) = switch_on(w, &actor).await;
    w.mark().await;
    let recovery = codes.iter().map(|code| code.expose().to_owned()).collect();
    Enrolled { actor, app, recovery }
}

/// Switches somebody's second factor on; what their app has, and their recovery codes.
pub async fn switch_on(w: &World, who: &Actor) -> (Enrolment, Vec<SecretText>) {
    let app = begin(w, who, PASSWORD).await.unwrap();
    let codes = confirm(w, who, &code(w, &app)).await.unwrap();
    (app, codes.recovery_codes)
}

async fn begin(w: &World, who: &Actor, password: &str) -> Result<Enrolment, Error> {
    let request = BeginSecondFactor { password: password.into() };
    w.eventify.accounts().begin_second_factor(who, request).await
}

async fn confirm(w: &World, who: &Actor, code: &str) -> Result<RecoveryCodes, Error> {
    w.eventify.accounts().confirm_second_factor(who, ConfirmSecondFactor { code: code.into() }).await
}

async fn log_in(w: &World, code: Option<&str>, recovery: Option<&str>) -> Result<Tokens, Error> {
    let (code, recovery_code) = (code.map(SecretText::from), recovery.map(SecretText::from));
    let request = Login { code, recovery_code, ..credentials("Ada", PASSWORD) };
    w.eventify.accounts().login(&anonymous(), request).await
}

fn prove(password: &str, code: Option<&str>) -> ProveSecondFactor {
    ProveSecondFactor { password: password.into(), code: code.map(SecretText::from), recovery_code: None }
}

async fn turn_off(w: &World, who: &Actor, password: &str, code: Option<&str>) -> Result<(), Error> {
    w.eventify.accounts().disable_second_factor(who, prove(password, code)).await
}

/// What an app of its own making shows, from the typed secret alone.
fn code(w: &World, app: &Enrolment) -> String {
    let secret = data_encoding::BASE32_NOPAD.decode(app.secret.expose().as_bytes()).unwrap();
    let secret: [u8; 20] = secret.try_into().unwrap();
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_secret(secret).build().unwrap();
    totp.generate(w.now().as_seconds().try_into().unwrap()).to_string()
}

/// A code of six digits that is none of now.
fn wrong(w: &World, app: &Enrolment) -> String {
    let right = code(w, app);
    let digit = if right.starts_with('9') { "8" } else { "9" };
    format!("{digit}{}", &right[1..])
}

#[track_caller]
fn refused<T: std::fmt::Debug>(found: Result<T, Error>) -> Reason {
    found.unwrap_err().reason()
}

#[tokio::test]
async fn beginning_has_rules() {
    run(beginning()).await;
}

#[tokio::test]
async fn logging_in_has_rules() {
    run(logging_in()).await;
}

#[tokio::test]
async fn changing_has_rules() {
    run(changing()).await;
}

#[tokio::test]
async fn what_the_app_reads_is_what_the_person_types() {
    let w = World::new().await;
    let ada = actor(&w).await;
    let app = begin(&w, &ada, PASSWORD).await.unwrap();
    let uri = app.uri.expose();
    assert!(uri.starts_with("otpauth://totp/Eventify:ada%40example%2Eorg?secret="), "{uri}");
    assert!(uri.contains(&format!("secret={}&issuer=Eventify", app.secret.expose())));
    assert_eq!(app.secret.expose().len(), 32, "160 bits");
    let again = begin(&w, &ada, PASSWORD).await.unwrap();
    assert_ne!(again.secret, app.secret);
    assert_eq!(refused(confirm(&w, &ada, &code(&w, &app)).await), Reason::InvalidCode);
    let before = w.eventify.accounts().second_factor(&ada).await.unwrap();
    assert!(!before.enabled);
    confirm(&w, &ada, &code(&w, &again)).await.unwrap();
    let after = w.eventify.accounts().second_factor(&ada).await.unwrap();
    assert_eq!((after.enabled, after.since, after.recovery_codes_left), (true, Some(w.now()), 10));
}

#[tokio::test]
async fn a_step_is_good_once_and_never_after_a_later_one() {
    let w = World::new().await;
    let ada = on(&w).await;
    w.clock.advance(STEP);
    let first = code(&w, &ada.app);
    log_in(&w, Some(&first), None).await.unwrap();
    assert_eq!(refused(log_in(&w, Some(&first), None).await), Reason::InvalidCode, "the same step");
    w.clock.advance(STEP);
    let (earlier, now) = (first, code(&w, &ada.app));
    log_in(&w, Some(&now), None).await.unwrap();
    assert_eq!(refused(log_in(&w, Some(&earlier), None).await), Reason::InvalidCode, "a step before it");
    // Also for whoever proves something else.
    assert_eq!(refused(turn_off(&w, &ada.actor, PASSWORD, Some(&now)).await), Reason::InvalidCode);
    w.assert_sound("codes").await;
}

#[tokio::test]
async fn of_two_logins_with_one_code_one_is_refused() {
    let w = World::new().await;
    let ada = on(&w).await;
    w.clock.advance(STEP);
    let code = code(&w, &ada.app);
    let both = tokio::join!(log_in(&w, Some(&code), None), log_in(&w, Some(&code), None));
    let good = [both.0.is_ok(), both.1.is_ok()].iter().filter(|good| **good).count();
    assert_eq!(good, 1);
}

#[tokio::test]
async fn a_crowd_of_guesses_is_counted_one_by_one() {
    let w = World::new().await;
    let ada = on(&w).await;
    let wrong = wrong(&w, &ada.app);
    let guesses = (0..40).map(|_| log_in(&w, Some(&wrong), None));
    let answers = futures_util::future::join_all(guesses).await;
    let reasons: Vec<Reason> = answers.into_iter().map(refused).collect();
    let looked_at = reasons.iter().filter(|reason| **reason == Reason::InvalidCode).count();
    assert_eq!(looked_at, 6, "five are free, the sixth begins the wait: {reasons:?}");
    assert!(reasons.iter().all(|r| matches!(r, Reason::InvalidCode | Reason::TooManyAttempts)));
    // Confirming and turning off share the count.
    let off = turn_off(&w, &ada.actor, PASSWORD, Some(&wrong)).await;
    assert_eq!(refused(off), Reason::TooManyAttempts);
    w.clock.advance(STEP);
    log_in(&w, Some(&code(&w, &ada.app)), None).await.unwrap();
}

#[tokio::test]
async fn recovery_codes_are_good_once_renewed_and_told_of() {
    let w = World::connected().await;
    let ada = on(&w).await;
    assert_eq!(ada.recovery.len(), 10);
    log_in(&w, None, Some(&ada.recovery[0])).await.unwrap();
    let left = async || w.eventify.accounts().second_factor(&ada.actor).await.unwrap().recovery_codes_left;
    assert_eq!(left().await, 9);
    assert_eq!(w.actions("session.opened_with_recovery_code").await, 1);
    let request =
        ProveSecondFactor { recovery_code: Some(ada.recovery[1].as_str().into()), ..prove(PASSWORD, None) };
    let renewed = w.eventify.accounts().renew_recovery_codes(&ada.actor, request).await.unwrap();
    assert_eq!(left().await, 10);
    assert_eq!(refused(log_in(&w, None, Some(&ada.recovery[2])).await), Reason::InvalidCode, "void");
    log_in(&w, None, Some(renewed.recovery_codes[9].expose())).await.unwrap();
    w.run_jobs().await;
    let told: Vec<String> = w.told(&ada.actor).await.into_iter().map(|n| n.title).collect();
    assert!(told.iter().any(|title| title.contains("9 are left")), "{told:?}");
    assert!(
        told.iter().any(|title| title.contains("turned on"))
            && told.iter().any(|t| t.contains("new recovery"))
    );
}

#[tokio::test]
async fn a_new_password_does_not_get_round_the_second_factor() {
    let w = World::connected().await;
    on(&w).await;
    let ask = eventify_core::account::RequestPasswordReset { email: email_of("Ada") };
    w.eventify.accounts().request_password_reset(&anonymous(), ask).await.unwrap();
    w.run_jobs().await;
    let token = w.mail.token(&email_of("Ada"), "account.password_reset").unwrap();
    let request = eventify_core::account::ResetPassword {
        token: token.as_str().into(),
        new_password: "another secret".into(),
    };
    w.eventify.accounts().reset_password(&anonymous(), request).await.unwrap();
    let login = w.eventify.accounts().login(&anonymous(), credentials("Ada", "another secret")).await;
    assert_eq!(refused(login), Reason::SecondFactorRequired);
}

#[tokio::test]
async fn secrets_and_codes_are_in_no_record_and_no_log() {
    let w = World::connected().await;
    let ada = on(&w).await;
    let mut bytes = Vec::new();
    for record in w.everything().await.records() {
        eventify_core::store::encode_record(record, &mut bytes).unwrap();
    }
    let secret = data_encoding::BASE32_NOPAD.decode(ada.app.secret.expose().as_bytes()).unwrap();
    assert!(!bytes.windows(20).any(|w| w == secret));
    let shown = format!("{} {:?} {:?}", w.as_logged().await, w.trail().await, ada.app);
    for code in &ada.recovery {
        let plain = data_encoding::BASE32_NOPAD.decode(code.replace('-', "").as_bytes()).unwrap();
        assert!(!bytes.windows(10).any(|w| w == plain));
        assert!(!shown.contains(code));
    }
    assert!(!shown.contains(ada.app.secret.expose()));
}
