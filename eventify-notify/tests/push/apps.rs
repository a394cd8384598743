//! Apps: Google's two services, one that gives out tokens and one that takes messages.

use std::time::Duration;

use eventify_core::EventId;
use eventify_core::account::SecretText;
use eventify_core::notification::{Delivered, DeliveryError, FactName, Message, Notifier, PushAddress};
use eventify_notify::outgoing::OutgoingSettings;
use eventify_notify::push::{FcmSettings, Push};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::json;

use crate::samples::message;
use crate::web::{Reply, Seen, Server, say};
use crate::{assert_is_paused, gone, is_transient, later, nearby, person, send};

pub(crate) struct Google {
    tokens: Server,
    pub(crate) messages: Server,
    key: KeyPair,
}

impl Google {
    pub(crate) async fn start() -> Self {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        Self { tokens: Server::recording().await, messages: Server::recording().await, key }
    }

    fn account(&self) -> serde_json::Value {
        json!({
            "type": "service_account",
            "project_id": "box-office-7",
            "private_key_id": "k1",
            "private_key": self.key.serialize_pem(),
            "client_email": "push@box-office-7.iam.gserviceaccount.com",
            "token_uri": self.tokens.url("/token"),
        })
    }

    pub(crate) fn push(&self) -> Push {
        self.push_within(nearby().timeout)
    }

    /// Waits so long for an answer.
    fn push_within(&self, timeout: Duration) -> Push {
        let settings = FcmSettings {
            api: self.messages.url(""),
            outgoing: OutgoingSettings { timeout, ..nearby() },
            public_url: Some("https://tickets.example.org".parse().unwrap()),
            ..FcmSettings::new(SecretText::new(self.account().to_string()))
        };
        Push::new().with_fcm(settings).unwrap()
    }

    /// The next tokens that are given out.
    pub(crate) fn give(&self, tokens: &[(&str, u64)]) {
        self.tokens.replies(tokens.iter().map(|(text, expires_in)| token(text, *expires_in)));
    }

    /// Makes sure of who asks for a token.
    fn verify(&self, seen: &Seen) {
        let form: Vec<(String, String)> = form_urlencoded::parse(&seen.body).into_owned().collect();
        assert_eq!(form[0], ("grant_type".into(), "urn:ietf:params:oauth:grant-type:jwt-bearer".into()));
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[self.tokens.url("/token")]);
        validation.set_issuer(&["push@box-office-7.iam.gserviceaccount.com"]);
        let key = DecodingKey::from_rsa_der(self.key.public_key_raw());
        let token = decode::<serde_json::Value>(&form[1].1, &key, &validation).unwrap();
        assert_eq!(token.header.kid.as_deref(), Some("k1"));
        assert_eq!(token.claims["scope"], "https://www.googleapis.com/auth/firebase.messaging");
        assert_eq!(token.claims["exp"].as_i64().unwrap() - token.claims["iat"].as_i64().unwrap(), 3_600);
    }
}

fn token(text: &str, expires_in: u64) -> Reply {
    let said = json!({"access_token": text, "expires_in": expires_in, "token_type": "Bearer"});
    Reply::Say(200, said.to_string())
}

fn app() -> PushAddress {
    PushAddress::Fcm { token: "registration".to_owned() }
}

pub(crate) fn error(status: &str, code: &str) -> String {
    json!({"error": {"code": 1, "status": status, "message": "registration", "details": [
        {"@type": "type.googleapis.com/google.rpc.Help"},
        {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code},
    ]}})
    .to_string()
}

/// As Firebase says which part of a request it finds fault with.
fn wrong_field(field: &str) -> String {
    json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "registration", "details": [
        {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "INVALID_ARGUMENT"},
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [
            {"field": field, "description": "registration"},
        ]},
    ]}})
    .to_string()
}

#[tokio::test]
async fn a_message_is_taken_with_a_token_that_is_used_while_it_is_good() {
    let google = Google::start().await;
    let push = google.push();
    assert_eq!(push.channels(), [eventify_core::notification::Channel::Push].into());
    google.give(&[("t1", 3_600)]);
    let event_id = EventId::from_bytes([2; 16]);
    let moved =
        Message { fact: FactName::EventUpdated, event_id: Some(event_id), ..message("Moved", "To eight") };
    for _ in 0..2 {
        send(&push, &person([app()]), &moved).await.unwrap();
    }
    let asked = google.tokens.seen();
    assert_eq!(asked.len(), 1);
    google.verify(&asked[0]);
    let seen = google.messages.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].path, "/v1/projects/box-office-7/messages:send");
    assert_eq!(seen[0].header("authorization"), "Bearer t1");
    let said = &seen[0].json()["message"];
    assert_eq!(said["token"], "registration");
    assert_eq!(said["notification"], json!({"title": "Moved", "body": "To eight"}));
    assert_eq!(said["data"]["url"], format!("https://tickets.example.org/events/{event_id}"));
    assert_eq!(said["android"]["priority"], "HIGH");
    for place in
        [&said["android"]["collapse_key"], &said["apns"]["headers"]["apns-collapse-id"], &said["data"]["id"]]
    {
        assert_eq!(*place, moved.dedupe_key);
    }
    assert!(
        said["data"].as_object().unwrap().values().all(serde_json::Value::is_string),
        "FCM takes nothing else"
    );
}

#[tokio::test]
async fn a_token_is_fetched_again_when_it_is_over_or_refused() {
    let google = Google::start().await;
    let push = google.push();
    google.give(&[("t1", 30), ("t2", 3_600), ("t3", 3_600)]);
    let hello = message("Hi", "there");
    let authorization = || google.messages.seen().remove(0).header("authorization").to_owned();
    send(&push, &person([app()]), &hello).await.unwrap();
    assert_eq!(authorization(), "Bearer t1");
    send(&push, &person([app()]), &hello).await.unwrap();
    assert_eq!(authorization(), "Bearer t2", "the first was in its last minute");
    google.messages.replies([say(401)]);
    assert!(is_transient(&send(&push, &person([app()]), &hello).await));
    google.messages.seen();
    send(&push, &person([app()]), &hello).await.unwrap();
    assert_eq!(authorization(), "Bearer t3");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let google = Google::start().await;
    let push = google.push();
    google.give(&[("t1", 3_600)]);
    let hello = message("Hi", "there");
    for (status, body) in [(404, error("NOT_FOUND", "UNREGISTERED")), (400, wrong_field("message.token"))] {
        google.messages.replies([Reply::Say(status, body)]);
        assert_eq!(send(&push, &person([app()]), &hello).await, Ok(gone([1])), "{status}");
    }
    for (status, body, is_final) in [
        (400, error("INVALID_ARGUMENT", "INVALID_ARGUMENT"), true),
        (400, wrong_field("message.android.ttl"), true),
        (403, error("PERMISSION_DENIED", "PERMISSION_DENIED"), false),
        // The project is not there, which is for the operator to mend.
        (404, json!({"error": {"status": "NOT_FOUND"}}).to_string(), false),
        (500, error("INTERNAL", "INTERNAL"), false),
        (503, "gone for lunch".to_owned(), false),
    ] {
        google.messages.replies([Reply::Say(status, body)]);
        let failure = send(&push, &person([app()]), &hello).await.unwrap_err();
        assert_eq!(matches!(failure, DeliveryError::Permanent(_)), is_final, "{failure}");
        assert!(!failure.to_string().contains("registration"), "{failure}");
    }
}

/// As Firebase says whose quota is used up.
fn quota_of(subject: &str) -> String {
    json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "registration", "details": [
        {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "QUOTA_EXCEEDED"},
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
            {"subject": subject, "description": "registration"},
        ]},
    ]}})
    .to_string()
}

/// As Google says it before it asks Firebase.
fn too_many_requests() -> String {
    json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "registration", "details": [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com"},
    ]}})
    .to_string()
}

#[tokio::test]
async fn a_phone_that_is_sent_too_much_holds_up_no_other() {
    let google = Google::start().await;
    let push = google.push();
    google.give(&[("t1", 3_600)]);
    let (to, hello) = (person([app()]), message("Hi", "there"));
    let after = |pause| ("retry-after", pause);
    for (reply, expected) in [
        (Reply::With(429, after("30"), error("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")), 30),
        (Reply::With(429, after("86400"), quota_of("device:registration")), 600),
        (Reply::Say(429, quota_of("device:registration")), 60),
        (Reply::Say(429, "too much".to_owned()), 60),
    ] {
        google.messages.replies([reply]);
        let outcome = send(&push, &to, &hello).await;
        let Err(DeliveryError::Busy { why, pause }) = outcome else { panic!("{outcome:?}") };
        assert_eq!((why.contains("this phone"), pause), (true, Some(Duration::from_secs(expected))));
        send(&push, &to, &hello).await.unwrap();
    }
    // Of a person's phones it is that one alone that waits.
    google.messages.replies([Reply::Say(429, quota_of("device:registration"))]);
    let reached = send(&push, &person([app(), app()]), &hello).await.unwrap();
    assert_eq!((reached.nobody, reached.left.len()), (false, 1));
    // Whoever asks for a pause without having too much is slow, and nothing else.
    google.messages.replies([Reply::With(500, after("60"), error("INTERNAL", "INTERNAL"))]);
    assert!(is_transient(&send(&push, &to, &hello).await));
    send(&push, &to, &hello).await.unwrap();
}

#[tokio::test]
async fn firebase_is_left_alone_when_the_whole_project_is_meant_and_not_for_longer_than_ten_minutes() {
    let google = Google::start().await;
    let (to, hello) = (person([app()]), message("Hi", "there"));
    google.tokens.otherwise(token("t1", 3_600));
    for (status, asked, body, expected) in [
        (429, Some("60"), quota_of("project:box-office-7"), 60),
        (429, Some("86400"), too_many_requests(), 600),
        (429, None, too_many_requests(), 60),
        (503, Some("3600"), error("UNAVAILABLE", "UNAVAILABLE"), 600),
    ] {
        let push = google.push();
        google.messages.replies([match asked {
            Some(asked) => Reply::With(status, ("retry-after", asked), body),
            None => Reply::Say(status, body),
        }]);
        assert!(is_transient(&send(&push, &to, &hello).await));
        assert_is_paused(send(&push, &to, &hello).await, Duration::from_secs(expected));
        assert_eq!(google.messages.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_phone_of_another_project_is_forgotten_where_others_are_ours() {
    let google = Google::start().await;
    let push = google.push();
    google.give(&[("t1", 3_600)]);
    let (to, hello) = (person([app()]), message("Hi", "there"));
    let mismatch = || Reply::Say(403, error("PERMISSION_DENIED", "SENDER_ID_MISMATCH"));
    google.messages.replies([mismatch()]);
    let outcome = send(&push, &to, &hello).await;
    assert_eq!(outcome, Ok(Delivered::to_nobody()), "it may be our service account that is wrong");
    send(&push, &to, &hello).await.unwrap();
    google.messages.replies([mismatch()]);
    assert_eq!(send(&push, &to, &hello).await, Ok(gone([1])));
}

#[tokio::test]
async fn without_a_token_there_is_another_time() {
    let google = Google::start().await;
    let push = google.push();
    google.tokens.replies([say(403), Reply::Die, Reply::Say(200, "{}".into())]);
    google.give(&[("t1", 3_600)]);
    google.messages.replies([Reply::Die]);
    let (to, hello) = (person([app(), app()]), message("Hi", "there"));
    for nth in 1..4 {
        let is_away = |outcome| matches!(outcome, Err(DeliveryError::Away { .. }));
        assert!(is_away(send(&push, &to, &hello).await));
        tokio::time::pause();
        assert!(is_away(send(&push, &to, &hello).await));
        assert_eq!(google.tokens.count(), nth, "one asks for all");
        later().await;
    }
    let outcome = send(&push, &person([app()]), &message("Hi", "there")).await;
    assert!(is_transient(&outcome), "{outcome:?}");
    send(&push, &person([app()]), &message("Hi", "there")).await.unwrap();
    let seen = google.messages.seen();
    assert_eq!(seen.len(), 2, "one was lost after it was taken");
    assert_eq!(seen[0].json()["message"]["data"]["id"], seen[1].json()["message"]["data"]["id"]);
}

#[tokio::test]
async fn a_service_that_is_slow_is_left_and_asked_again() {
    let google = Google::start().await;
    let (impatient, push) = (google.push_within(Duration::from_millis(300)), google.push());
    google.tokens.otherwise(token("t1", 3_600));
    google.messages.replies([Reply::Hang]);
    // On a busy machine the time may be over before it was called.
    while google.messages.count() == 0 {
        assert!(send(&impatient, &person([app()]), &message("Hi", "there")).await.is_err());
        tokio::time::pause();
        later().await;
    }
    send(&push, &person([app()]), &message("Hi", "there")).await.unwrap();
    assert_eq!(google.messages.seen().len(), 2);
}

#[tokio::test]
async fn a_key_file_is_looked_at() {
    let google = Google::start().await;
    let with = |field: &str, value: &str| {
        let mut account = google.account();
        account[field] = value.into();
        let settings = FcmSettings {
            api: google.messages.url(""),
            outgoing: nearby(),
            ..FcmSettings::new(SecretText::new(account.to_string()))
        };
        Push::new().with_fcm(settings)
    };
    for (field, value, part) in [
        ("private_key", "s3cret", "private_key in PEM"),
        ("private_key", &KeyPair::generate().unwrap().serialize_pem(), "none of RSA"),
        ("project_id", "../x", "project_id"),
        ("token_uri", "http://example.org", "https:"),
    ] {
        let error = with(field, value).unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("s3cret"), "{error}");
    }
    let nothing = Push::new().with_fcm(FcmSettings::new(SecretText::new("s3cret")));
    assert!(!nothing.unwrap_err().to_string().contains("s3cret"));
    assert!(!format!("{:?}", google.push()).contains("BEGIN"));
    // An app's address where only browsers are served is no failure.
    let outcome = send(&Push::new(), &person([app()]), &message("Hi", "there")).await;
    assert_eq!(outcome, Ok(Delivered::to_nobody()));
}
