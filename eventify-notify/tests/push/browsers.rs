//! Browsers: a push service and the browser behind it.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use data_encoding::BASE64URL_NOPAD;
use eventify_core::notification::{Delivered, DeliveryError, FactName, Message, PushAddress};
use eventify_notify::outgoing::Lookup;
use eventify_notify::push::{Push, VapidKey, WebPushSettings};
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use sha2::Sha256;

use crate::samples::message;
use crate::web::{Reply, Seen, Server, say};
use crate::{assert_is_paused, gone, id, is_transient, nearby, person, send};

/// A browser that subscribed.
pub(crate) struct Browser {
    private: PrivateKey,
    auth: Vec<u8>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self { private: PrivateKey::generate(&ECDH_P256).unwrap(), auth: vec![7; 16] }
    }

    fn public(&self) -> Vec<u8> {
        self.private.compute_public_key().unwrap().as_ref().to_vec()
    }

    /// As it names them to the service.
    pub(crate) fn keys(&self) -> serde_json::Value {
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        serde_json::json!({ "p256dh": text(&self.public()), "auth": text(&self.auth) })
    }

    fn address(&self, endpoint: String) -> PushAddress {
        PushAddress::Web { endpoint, p256dh: self.public(), auth: self.auth.clone() }
    }

    /// What RFC 8291 section 3.4 says a browser does, by HMAC as it is written there.
    fn decrypt(&self, sealed: &[u8]) -> serde_json::Value {
        let (salt, rest) = sealed.split_at(16);
        let (record_bytes, rest) = rest.split_at(4);
        assert_eq!(record_bytes, 4_096_u32.to_be_bytes());
        assert_eq!(rest[0], 65);
        let (theirs, record) = rest[1..].split_at(65);
        let public = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let secret = agree(&self.private, public, (), |secret| Ok(secret.to_vec())).unwrap();
        let info = [b"WebPush: info\0".as_slice(), &self.public(), theirs, &[1]].concat();
        let input = mac(&mac(&self.auth, &secret), &info);
        let derived = mac(salt, &input);
        let key = mac(&derived, b"Content-Encoding: aes128gcm\0\x01")[..16].to_vec();
        let nonce: [u8; 12] = mac(&derived, b"Content-Encoding: nonce\0\x01")[..12].try_into().unwrap();
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let mut record = record.to_vec();
        let plain =
            key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).unwrap();
        let end = plain.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(plain[end], 2, "the end of the last record");
        serde_json::from_slice(&plain[..end]).unwrap()
    }
}

fn mac(key: &[u8], said: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(said);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn settings() -> WebPushSettings {
    let key = VapidKey::new(&VapidKey::generate().unwrap()).unwrap();
    WebPushSettings {
        public_url: Some("https://tickets.example.org".parse().unwrap()),
        outgoing: nearby(),
        ..WebPushSettings::new(key, "mailto:office@example.org")
    }
}

/// Says who calls, as a push service makes sure of it.
fn caller(seen: &Seen, origin: &str) -> (String, serde_json::Value) {
    let authorization = seen.header("authorization").strip_prefix("vapid t=").unwrap();
    let (token, public) = authorization.split_once(", k=").unwrap();
    let point = BASE64URL_NOPAD.decode(public.as_bytes()).unwrap();
    let (x, y) = (BASE64URL_NOPAD.encode(&point[1..33]), BASE64URL_NOPAD.encode(&point[33..]));
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[origin]);
    let key = DecodingKey::from_ec_components(&x, &y).unwrap();
    let claims = decode::<serde_json::Value>(token, &key, &validation).unwrap().claims;
    (public.to_owned(), claims)
}

#[tokio::test]
async fn only_the_browser_can_read_it_and_the_service_knows_who_calls() {
    let server = Server::recording().await;
    let settings = settings();
    let public = settings.key.public().to_owned();
    let push = Push::new().with_web(settings).unwrap();
    let browser = Browser::new();
    server.replies([say(201), say(201)]);
    let reminder =
        Message { fact: FactName::EventReminder, ..message("Tomorrow", "Doors open at \"six\" 🎷") };
    let to = person([browser.address(server.url("/push/secret-path"))]);
    assert_eq!(send(&push, &to, &reminder).await, Ok(Delivered::default()));
    let seen = server.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/push/secret-path"));
    assert_eq!(
        ["content-encoding", "ttl", "urgency"].map(|name| seen.header(name)),
        ["aes128gcm", "86400", "high"]
    );
    let said = browser.decrypt(&seen.body);
    assert_eq!(said["title"], "Tomorrow");
    assert_eq!(said["body"], "Doors open at \"six\" 🎷");
    assert_eq!((&said["id"], &said["kind"]), (&reminder.dedupe_key.clone().into(), &"reminder".into()));
    let (key, claims) = caller(&seen, &server.url(""));
    assert_eq!((key, &claims["sub"]), (public, &"mailto:office@example.org".into()));

    // A repeat takes the place of the first, and is encrypted anew.
    send(&push, &to, &reminder).await.unwrap();
    let again = server.seen().remove(0);
    assert_eq!(again.header("topic"), seen.header("topic"));
    assert_eq!(seen.header("topic").len(), 32);
    assert_ne!(again.body, seen.body);
}

#[tokio::test]
async fn those_that_are_gone_are_named() {
    let server = Server::recording().await;
    let push = Push::new().with_web(settings()).unwrap();
    let browser = Browser::new();
    let here = |path: &str| browser.address(server.url(path));
    for status in [404, 410] {
        server.replies([say(status)]);
        let outcome = send(&push, &person([here("/a")]), &message("Hi", "there")).await;
        assert_eq!(outcome, Ok(gone([1])), "{status}");
    }
    // Keys that nobody can read with, and an address that is none.
    let PushAddress::Web { endpoint, auth, .. } = here("/a") else { panic!() };
    let keyless = PushAddress::Web { endpoint, p256dh: vec![4; 65], auth: auth.clone() };
    let nowhere = PushAddress::Web { endpoint: "nowhere".into(), p256dh: browser.public(), auth };
    server.seen();
    let outcome = send(&push, &person([keyless, nowhere]), &message("Hi", "there")).await;
    assert_eq!(outcome, Ok(gone([1, 2])));
    assert!(server.seen().is_empty());
    assert_eq!(send(&push, &person([]), &message("Hi", "there")).await, Ok(Delivered::to_nobody()));
}

#[tokio::test]
async fn one_that_is_away_makes_no_repeat_for_the_others() {
    let (good, bad) = (Server::recording().await, Server::recording().await);
    let push = Push::new().with_web(settings()).unwrap();
    let browser = Browser::new();
    let to = person([browser.address(good.url("/a")), browser.address(bad.url("/b"))]);
    let left = Delivered { left: vec![id(2)], ..Delivered::default() };
    for reply in [say(500), Reply::Die] {
        bad.replies([reply]);
        assert_eq!(send(&push, &to, &message("Hi", "there")).await, Ok(left.clone()));
    }
    // One that is gone is forgotten at once, whatever becomes of the others.
    good.replies([say(410)]);
    bad.replies([say(500)]);
    let outcome = send(&push, &to, &message("Hi", "there")).await;
    assert_eq!(outcome, Ok(Delivered { gone: vec![id(1)], ..left }));
    // Nobody was reached: that is a failure of the message.
    let only = person([browser.address(bad.url("/b"))]);
    bad.replies([say(500)]);
    assert!(is_transient(&send(&push, &only, &message("Hi", "there")).await));
    assert_eq!(send(&push, &only, &message("Hi", "there")).await, Ok(Delivered::default()));
}

#[tokio::test]
async fn refusals_are_told_apart_and_pauses_kept() {
    let server = Server::recording().await;
    let push = Push::new().with_web(settings()).unwrap();
    let browser = Browser::new();
    let to = person([browser.address(server.url("/push/secret-path"))]);
    for (status, is_final) in [(400, true), (413, true), (500, false), (302, false)] {
        server.replies([say(status)]);
        let error = send(&push, &to, &message("Hi", "there")).await.unwrap_err();
        assert_eq!(matches!(error, DeliveryError::Permanent(_)), is_final, "{status}");
        assert!(!error.to_string().contains("secret-path"));
    }
    server.seen();
    server.replies([Reply::With(429, ("retry-after", "3600"), String::new())]);
    assert!(is_transient(&send(&push, &to, &message("Hi", "there")).await));
    // It is asked again sooner than it wishes.
    assert_is_paused(send(&push, &to, &message("Hi", "there")).await, Duration::from_secs(600));
    assert_eq!(server.seen().len(), 1, "nobody is called during a pause");
}

#[tokio::test]
async fn a_browser_that_had_another_key_is_forgotten_where_others_take_ours() {
    let server = Server::recording().await;
    let push = Push::new().with_web(settings()).unwrap();
    let browser = Browser::new();
    let to = person([browser.address(server.url("/a"))]);
    for status in [401, 403] {
        server.replies([say(status)]);
        let outcome = send(&push, &to, &message("Hi", "there")).await;
        assert_eq!(outcome, Ok(Delivered::to_nobody()), "{status}: it may be our key that is wrong");
    }
    for status in [401, 403] {
        send(&push, &to, &message("Hi", "there")).await.unwrap();
        server.replies([say(status)]);
        assert_eq!(send(&push, &to, &message("Hi", "there")).await, Ok(gone([1])), "{status}");
    }
    // It took our key until now, and takes it for nobody any more.
    let browsers = ["/a", "/b", "/c", "/d"].map(|path| browser.address(server.url(path)));
    send(&push, &to, &message("Hi", "there")).await.unwrap();
    server.otherwise(say(403));
    let outcome = send(&push, &person(browsers), &message("Hi", "there")).await.unwrap();
    assert_eq!(outcome.gone.len(), 1, "the first cannot be told from a stranger: {outcome:?}");
    assert_eq!(send(&push, &to, &message("Hi", "there")).await, Ok(Delivered::to_nobody()));
}

#[tokio::test]
async fn a_name_that_leads_astray_for_a_while_costs_nobody_their_browser() {
    let astray = Arc::new(AtomicBool::new(false));
    let server = Server::recording().await;
    let mut settings = settings();
    settings.outgoing.lookup = Arc::new(Wrong(Arc::clone(&astray)));
    let push = Push::new().with_web(settings).unwrap();
    let at = format!("http://push.localhost:{}/a", server.at.port());
    let to = person([Browser::new().address(at)]);
    astray.store(true, Ordering::SeqCst);
    let outcome = send(&push, &to, &message("Hi", "there")).await;
    assert!(is_transient(&outcome), "nobody was reached since the start: {outcome:?}");
    astray.store(false, Ordering::SeqCst);
    // Connections are kept, and only a new one looks the name up.
    server.replies([Reply::With(201, ("connection", "close"), String::new()), Reply::Die]);
    assert_eq!(send(&push, &to, &message("Hi", "there")).await, Ok(Delivered::default()));
    assert!(is_transient(&send(&push, &to, &message("Hi", "there")).await), "the answer is lost");
    astray.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let outcome = send(&push, &to, &message("Hi", "there")).await;
        assert!(is_transient(&outcome), "{outcome:?}");
    }
}

/// Sometimes leads to an address that nobody may call.
#[derive(Debug)]
struct Wrong(Arc<AtomicBool>);

#[async_trait::async_trait]
impl Lookup for Wrong {
    async fn addresses(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        let astray = self.0.load(Ordering::SeqCst);
        Ok(vec![if astray { [10, 0, 0, 1].into() } else { [127, 0, 0, 1].into() }])
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_or_late_is_asked_for_again() {
    let server = Server::recording().await;
    let mut impatient = settings();
    impatient.outgoing.timeout = Duration::from_millis(300);
    let impatient = Push::new().with_web(impatient).unwrap();
    let push = Push::new().with_web(settings()).unwrap();
    let to = person([Browser::new().address(server.url("/a"))]);
    server.replies([Reply::Die, Reply::Hang]);
    assert!(is_transient(&send(&push, &to, &message("Hi", "there")).await));
    // On a busy machine the time may be over before it was called.
    while server.count() < 2 {
        assert!(is_transient(&send(&impatient, &to, &message("Hi", "there")).await));
    }
    send(&push, &to, &message("Hi", "there")).await.unwrap();
    let topics: Vec<String> = server.seen().iter().map(|seen| seen.header("topic").to_owned()).collect();
    assert!(topics.len() == 3 && topics.iter().all(|topic| *topic == topics[0]));
}

#[tokio::test]
async fn a_service_that_never_answers_has_few_places_and_delays_no_other() {
    let (silent, quick) = (Server::recording().await, Server::recording().await);
    silent.otherwise(Reply::Hang);
    let mut impatient = settings();
    impatient.outgoing.timeout = Duration::from_secs(3);
    let push = Push::new().with_web(impatient).unwrap();
    let to = |server: &Server| person([Browser::new().address(server.url("/a"))]);
    let (tarpit, other, hello) = (to(&silent), to(&quick), message("Hi", "there"));
    send(&push, &other, &hello).await.unwrap();
    let messages = (0..40).map(|nth| Message { dedupe_key: nth.to_string(), ..hello.clone() });
    let messages: Vec<Message> = messages.collect();
    let all = join_all(messages.iter().map(|message| send(&push, &tarpit, message)));
    let beside = async {
        while silent.count() == 0 {
            tokio::task::yield_now().await;
        }
        send(&push, &other, &hello).await
    };
    let (outcomes, reached) = tokio::join!(all, beside);
    assert_eq!(reached, Ok(Delivered::default()));
    let busy =
        |outcome: &&Result<Delivered, DeliveryError>| matches!(outcome, Err(DeliveryError::Busy { .. }));
    assert_eq!(outcomes.iter().filter(busy).count(), 40 - 16, "these were not tried");
    assert_eq!(silent.seen().len(), 16);
}

#[tokio::test]
async fn a_push_service_is_a_public_one() {
    let key = VapidKey::new(&VapidKey::generate().unwrap()).unwrap();
    let push = Push::new().with_web(WebPushSettings::new(key, "https://tickets.example.org")).unwrap();
    let server = Server::recording().await;
    let browser = Browser::new();
    for endpoint in [
        server.url("/a"),
        format!("https://{}/a", server.at),
        "https://169.254.169.254/".into(),
        "http://push.example.org/".into(),
    ] {
        let outcome =
            send(&push, &person([browser.address(endpoint.clone())]), &message("Hi", "there")).await;
        assert_eq!(outcome, Ok(gone([1])), "{endpoint}: nobody will ever call it");
    }
    assert!(server.seen().is_empty());
    let key = || VapidKey::new(&VapidKey::generate().unwrap()).unwrap();
    for contact in ["", "office@example.org", "http://example.org"] {
        assert!(Push::new().with_web(WebPushSettings::new(key(), contact)).is_err(), "{contact}");
    }
}
