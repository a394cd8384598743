//! Firebase Cloud Messaging, by its HTTP API of version 1.

use std::fmt::{self, Debug};
use std::time::Duration;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use eventify_core::account::SecretText;
use eventify_core::notification::Message;
use eventify_core::{Clock, SystemClock};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::pauses::Pauses;
use super::{Busy, Outcome, PAUSE_MAX, PushError, jwt, payload};
use crate::absence::{Absence, IsAway, Leave};
use crate::links::PublicUrl;
use crate::outgoing::{Answer, Call, Outgoing, OutgoingError, OutgoingSettings};

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How long an assertion is good: an hour at most.
const ASSERTED_FOR: Duration = Duration::from_secs(3_600);
/// A token is not used in its last moments.
const SPARE: Duration = Duration::from_secs(60);
/// How long Firebase wants to be left alone when it has had too much and does not say for how long.
const PAUSE: Duration = Duration::from_secs(60);
/// Bytes of words in a message; 4,096 is what it may have altogether.
const WORDS_BYTES_MAX: usize = 1_024;

/// How apps are reached.
pub struct FcmSettings {
    /// The service account's key file, JSON as Google gives it out.
    pub account: SecretText,
    /// Where messages are handed over; `https://fcm.googleapis.com` by default.
    pub api: String,
    /// The service's public address; without it messages lead nowhere.
    pub public_url: Option<PublicUrl>,
    /// How long a message waits for a phone that is away; a day by default, four weeks at most.
    pub keep_for: Duration,
    /// How Google is called.
    pub outgoing: OutgoingSettings,
}

impl Debug for FcmSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FcmSettings").field("api", &self.api).finish_non_exhaustive()
    }
}

impl FcmSettings {
    /// The usual settings for a service account.
    #[must_use]
    pub fn new(account: SecretText) -> Self {
        Self {
            account,
            api: "https://fcm.googleapis.com".to_owned(),
            public_url: None,
            keep_for: Duration::from_secs(24 * 3_600),
            outgoing: OutgoingSettings::default(),
        }
    }
}

/// What a key file has that matters here.
#[derive(Deserialize)]
struct Account {
    project_id: String,
    private_key_id: String,
    private_key: SecretText,
    client_email: String,
    token_uri: String,
}

/// A token that opens the API for a while.
struct Granted {
    authorization: HeaderValue,
    until: Instant,
}

/// Sends to apps.
pub(super) struct Fcm {
    account: Account,
    key: RsaKeyPair,
    url: String,
    public_url: Option<PublicUrl>,
    keep_for: Duration,
    outgoing: Outgoing,
    granted: Mutex<Option<Granted>>,
    absence: Absence,
    pauses: Pauses,
}

impl Debug for Fcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fcm").field("project_id", &self.account.project_id).finish_non_exhaustive()
    }
}

impl Fcm {
    pub(super) fn new(settings: FcmSettings) -> Result<Self, PushError> {
        let refused = |why: &str| PushError::Settings(format!("the service account's key file {why}"));
        let FcmSettings { account, api, public_url, keep_for, outgoing } = settings;
        // What serde says could quote the file.
        let account: Account = serde_json::from_str(account.expose()).map_err(|_| {
            refused("must be JSON with project_id, private_key_id, private_key, client_email and token_uri")
        })?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
        if account.project_id.is_empty() || !account.project_id.chars().all(is_name) {
            return Err(refused("has no project_id that can be in an address"));
        }
        let key = PrivatePkcs8KeyDer::from_pem_slice(account.private_key.expose().as_bytes())
            .map_err(|_| refused("has no private_key in PEM (PKCS #8)"))?;
        let key = RsaKeyPair::from_pkcs8(key.secret_pkcs8_der())
            .map_err(|_| refused("has a private_key that is none of RSA"))?;
        let outgoing = Outgoing::new(outgoing).map_err(|error| PushError::Settings(error.to_string()))?;
        let url = format!("{}/v1/projects/{}/messages:send", api.trim_end_matches('/'), account.project_id);
        for address in [&url, &account.token_uri] {
            outgoing
                .check(address)
                .map_err(|why| PushError::Settings(format!("Firebase's address: {why}")))?;
        }
        let (granted, absence, pauses) = (Mutex::default(), Absence::default(), Pauses::default());
        Ok(Self { account, key, url, public_url, keep_for, outgoing, granted, absence, pauses })
    }

    pub(super) async fn send(&self, token: &str, message: &Message) -> Outcome {
        if let Some(left) = self.pauses.left(&self.url) {
            return Outcome::Busy(Busy::Paused(left));
        }
        let leave = match self.absence.leave() {
            Ok(leave) => leave,
            Err(away) => return Outcome::Busy(Busy::Away(away)),
        };
        // Without a token nothing is handed over.
        let authorization = match self.authorization(&leave).await {
            Ok(authorization) => authorization,
            Err(away) => return Outcome::Busy(Busy::Away(away)),
        };
        let headers = vec![
            (AUTHORIZATION, authorization.clone()),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ];
        let body = self.body(token, message).to_string().into_bytes();
        match self.outgoing.call(Call { method: Method::POST, url: &self.url, headers, body }).await {
            Ok(answer) => {
                self.absence.over();
                self.judge(&answer, &authorization).await
            }
            Err(OutgoingError::Away(why)) => Outcome::Busy(Busy::Away(self.absence.found(&why))),
            Err(OutgoingError::Failed(why) | OutgoingError::Refused(why)) => {
                self.absence.over();
                Outcome::Later(why)
            }
        }
    }

    fn body(&self, token: &str, message: &Message) -> Value {
        let title = payload::cut(&message.title, WORDS_BYTES_MAX);
        let body = payload::cut(&message.body, WORDS_BYTES_MAX);
        let mut data = payload::data(message, "", self.public_url.as_ref());
        if let Some(fields) = data.as_object_mut() {
            // They are in the notification already, and data counts against the same bound.
            fields.remove("title");
            fields.remove("body");
        }
        let ttl = self.keep_for.as_secs();
        let until = SystemClock.now().plus(self.keep_for).to_jiff().as_second();
        let is_urgent = payload::is_urgent(message.fact);
        json!({"message": {
            "token": token,
            "notification": {"title": title, "body": body},
            "data": data,
            "android": {
                "collapse_key": message.dedupe_key,
                "priority": if is_urgent { "HIGH" } else { "NORMAL" },
                "ttl": format!("{ttl}s"),
                "notification": {"tag": message.dedupe_key},
            },
            "apns": {"headers": {
                "apns-collapse-id": payload::cut(&message.dedupe_key, 60),
                "apns-expiration": until.to_string(),
                "apns-priority": if is_urgent { "10" } else { "5" },
            }},
        }})
    }

    async fn judge(&self, answer: &Answer, used: &HeaderValue) -> Outcome {
        if answer.is_success() {
            return Outcome::Sent;
        }
        let Said { code, is_token, is_of_project } = said_of(&answer.body);
        let text = format!("Firebase answered {} {code}", answer.status);
        match (answer.status, code.as_str()) {
            // It was one, or never was any.
            (404, "UNREGISTERED") => Outcome::Gone,
            (400, "INVALID_ARGUMENT") if is_token => Outcome::Gone,
            // It is another project's, or ours is the wrong one.
            (403, "SENDER_ID_MISMATCH") => Outcome::Stranger(answer.status),
            // About this message alone, such as one that is too large.
            (400, _) => Outcome::Never(text),
            (401, _) => {
                self.forget(used).await;
                Outcome::Later(text)
            }
            (429, _) => {
                let pause = answer.retry_after.unwrap_or(PAUSE).min(PAUSE_MAX);
                if !is_of_project {
                    // Too much for one phone is nothing that the others have to wait for.
                    return Outcome::Busy(Busy::Sated(pause));
                }
                self.pauses.note(&self.url, pause);
                Outcome::Later(text)
            }
            (503, _) => {
                if let Some(pause) = answer.retry_after {
                    self.pauses.note(&self.url, pause.min(PAUSE_MAX));
                }
                Outcome::Later(text)
            }
            _ => Outcome::Later(text),
        }
    }

    /// A token that is refused is not used again; one that came meanwhile is.
    async fn forget(&self, used: &HeaderValue) {
        let mut granted = self.granted.lock().await;
        if granted.as_ref().is_some_and(|granted| granted.authorization == *used) {
            *granted = None;
        }
    }

    /// What opens the API. While one call fetches it the others wait for that.
    async fn authorization(&self, leave: &Leave<'_>) -> Result<HeaderValue, IsAway> {
        let mut granted = self.granted.lock().await;
        if let Some(granted) = granted.as_ref().filter(|granted| Instant::now() < granted.until) {
            return Ok(granted.authorization.clone());
        }
        // Google may have refused it to others who were before us.
        let _leave = if leave.is_probe() { None } else { Some(self.absence.leave()?) };
        let fresh = self.fetch().await.map_err(|why| self.absence.found(&why))?;
        let authorization = fresh.authorization.clone();
        *granted = Some(fresh);
        Ok(authorization)
    }

    async fn fetch(&self) -> Result<Granted, String> {
        let asked_at = Instant::now();
        let assertion = self.assertion().map_err(|_| "Firebase's token cannot be asked for".to_owned())?;
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", GRANT)
            .append_pair("assertion", &assertion)
            .finish()
            .into_bytes();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = vec![(CONTENT_TYPE, kind)];
        let call = Call { method: Method::POST, url: &self.account.token_uri, headers, body };
        let answer = self.outgoing.call(call).await.map_err(|error| error.to_string())?;
        if !answer.is_success() {
            return Err(format!("Google answered {} to the service account", answer.status));
        }
        let unclear = || "Google's answer to the service account has no token".to_owned();
        let said: Token = serde_json::from_slice(&answer.body).map_err(|_| unclear())?;
        let text = format!("Bearer {}", said.access_token.expose());
        let mut authorization = HeaderValue::try_from(text).map_err(|_| unclear())?;
        authorization.set_sensitive(true);
        let lifetime = Duration::from_secs(said.expires_in.min(24 * 3_600)).saturating_sub(SPARE);
        Ok(Granted { authorization, until: asked_at + lifetime })
    }

    fn assertion(&self) -> Result<String, Unspecified> {
        let now = SystemClock.now();
        let until = now.plus(ASSERTED_FOR).to_jiff().as_second();
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": self.account.private_key_id});
        let claims = json!({
            "iss": self.account.client_email,
            "scope": SCOPE,
            "aud": self.account.token_uri,
            "iat": now.to_jiff().as_second(),
            "exp": until,
        });
        jwt::signed(&header, &claims, |said| {
            let mut signature = vec![0; self.key.public_modulus_len()];
            self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said, &mut signature)?;
            Ok(signature)
        })
    }
}

#[derive(Deserialize)]
struct Token {
    access_token: SecretText,
    expires_in: u64,
}

/// What Firebase, or Google before it, finds fault with.
struct Said {
    /// Firebase's own word for it, or else Google's.
    code: String,
    /// Whether it is the registration token.
    is_token: bool,
    /// Whether it is how much the whole project sends, rather than what one phone is sent.
    is_of_project: bool,
}

fn said_of(body: &[u8]) -> Said {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = said.get("error");
    let details = error.and_then(|error| error.get("details")?.as_array());
    let details: &[Value] = details.map_or(&[], Vec::as_slice);
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let own = details.iter().find_map(|detail| detail.get("errorCode"));
    let found = own.or_else(|| error.and_then(|error| error.get("status")));
    let word = found.and_then(Value::as_str).unwrap_or_default();
    let code = word.chars().filter(|c| c.is_ascii_uppercase() || *c == '_').take(64).collect();
    let listed = |name| details.iter().filter_map(move |detail| detail.get(name)?.as_array()).flatten();
    let is_token = listed("fieldViolations").any(|fault| text(fault, "field") == "message.token");
    // Firebase names whose quota it is (google.rpc.QuotaFailure); Google counts requests of projects only (google.rpc.ErrorInfo).
    let is_of_project = listed("violations").any(|quota| text(quota, "subject").starts_with("project"))
        || details.iter().any(|detail| text(detail, "reason") == "RATE_LIMIT_EXCEEDED");
    Said { code, is_token, is_of_project }
}
