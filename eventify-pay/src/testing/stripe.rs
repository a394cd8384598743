//! Stripe as a server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::response::Response;
use eventify_core::account::SecretText;
use eventify_core::payment::ProviderCallback;
use eventify_core::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::fault::{Fault, Faults};
use super::server::Server;
use crate::stripe::{VERSION, signature};

/// What became of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    /// The payer paid.
    Yes,
    /// The payer is done, the money is on its way.
    Later,
    /// The money that was on its way did not come.
    Failed,
    /// The payer took too long.
    Expired,
}

/// Stripe on a port of its own.
#[derive(Debug)]
pub struct FakeStripe {
    books: Arc<Books>,
    server: Server,
}

type Fields = BTreeMap<String, String>;

#[derive(Debug)]
struct Books {
    secret_key: String,
    webhook_secret: SecretText,
    clock: Arc<dyn Clock>,
    sessions: Mutex<Vec<Value>>,
    refunds: Mutex<Vec<Value>>,
    /// What was asked and answered by idempotency key, failures too.
    keys: Mutex<BTreeMap<String, (Fields, u16, Value)>>,
    /// What fails within, and is kept as an answer: the ends of paths, and whether it was made all the same.
    failing: Mutex<Vec<(String, bool)>>,
    faults: Faults,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeStripe {
    /// Starts one that knows one key, and signs with one secret.
    pub async fn start(secret_key: &str, webhook_secret: &str) -> Self {
        Self::start_at(secret_key, webhook_secret, Arc::new(SystemClock)).await
    }

    /// The same with a clock of the test's.
    pub async fn start_at(secret_key: &str, webhook_secret: &str, clock: Arc<dyn Clock>) -> Self {
        let books = Arc::new(Books {
            secret_key: secret_key.to_owned(),
            webhook_secret: SecretText::new(webhook_secret),
            clock,
            sessions: Mutex::default(),
            refunds: Mutex::default(),
            keys: Mutex::default(),
            failing: Mutex::default(),
            faults: Faults::default(),
        });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&books));
        Self { server: Server::start(router).await, books }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The next so many calls of paths that end so go wrong.
    pub fn misbehave(&self, path_end: &str, fault: Fault, times: usize) {
        self.books.faults.add(path_end, fault, times);
    }

    /// The next new request to a path that ends so fails within, made all the same or not, and is answered 500: to its key for
    /// ever.
    pub fn fail_within(&self, path_end: &str, is_made: bool) {
        held(&self.books.failing).push((path_end.to_owned(), is_made));
    }

    /// No more faults.
    pub fn behave(&self) {
        self.books.faults.clear();
    }

    /// It forgets idempotency keys, as Stripe does after a while.
    pub fn forget_keys(&self) {
        held(&self.books.keys).clear();
    }

    /// The sessions in its books, as its interface shows them.
    #[must_use]
    pub fn sessions(&self) -> Vec<Value> {
        held(&self.books.sessions).clone()
    }

    /// The refunds in its books.
    #[must_use]
    pub fn refunds(&self) -> Vec<Value> {
        held(&self.books.refunds).clone()
    }

    /// Something happens to the session of a payment of ours.
    pub fn set(&self, payment_id: &str, paid: Paid) {
        let mut sessions = held(&self.books.sessions);
        let session =
            find(&mut sessions, "client_reference_id", payment_id).expect("the session is in the books");
        let (status, payment_status, intent) = match paid {
            Paid::Yes => ("complete", "paid", "succeeded"),
            Paid::Later => ("complete", "unpaid", "processing"),
            Paid::Failed => ("complete", "unpaid", "requires_payment_method"),
            Paid::Expired => ("expired", "unpaid", ""),
        };
        session["status"] = json!(status);
        session["payment_status"] = json!(payment_status);
        if !intent.is_empty() {
            let charge = json!({
                "id": "ch_1", "amount_refunded": 0, "currency": session["currency"],
                "balance_transaction": { "fee": 59, "currency": session["currency"] },
            });
            session["payment_intent"] = json!({
                "id": format!("pi_{}", session["id"].as_str().unwrap_or_default()),
                "status": intent,
                "latest_charge": if paid == Paid::Yes { charge } else { Value::Null },
                "last_payment_error": if paid == Paid::Failed { json!({"message": "Your bank said no."}) } else { Value::Null },
            });
        }
    }

    /// Another amount and currency than it was asked for.
    pub fn charge_instead(&self, payment_id: &str, amount: i64, currency: &str) {
        let mut sessions = held(&self.books.sessions);
        let session =
            find(&mut sessions, "client_reference_id", payment_id).expect("the session is in the books");
        session["amount_total"] = json!(amount);
        session["currency"] = json!(currency);
    }

    /// All refunds get this status; the money of one that fails is there again, whatever the charge's sum says.
    pub fn set_refunds(&self, status: &str) {
        for refund in held(&self.books.refunds).iter_mut() {
            refund["status"] = json!(status);
            if status == "failed" {
                refund["failure_reason"] = json!("expired_or_canceled_card");
            }
        }
    }

    /// Somebody gives a part of a payment's money back on Stripe's own pages: without a mark of ours.
    pub fn give_back(&self, payment_id: &str, amount: i64) {
        let mut sessions = held(&self.books.sessions);
        let session = find(&mut sessions, "client_reference_id", payment_id).expect("a session");
        let intent = session["payment_intent"]["id"].clone();
        self.books.given(session, json!({ "amount": amount, "payment_intent": intent, "metadata": {} }));
    }

    /// A dispute of a payment's money, as Stripe shows it: without a mark of ours. `moved` is what it did to the balance.
    #[must_use]
    pub fn dispute(&self, payment_id: &str, status: &str, moved: &[i64]) -> Value {
        let mut sessions = held(&self.books.sessions);
        let session = find(&mut sessions, "client_reference_id", payment_id).expect("a session");
        let moved: Vec<Value> =
            moved.iter().map(|amount| json!({ "amount": amount, "currency": session["currency"] })).collect();
        json!({
            "id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": session["payment_intent"]["id"],
            "amount": session["amount_total"], "currency": session["currency"], "reason": "fraudulent", "status": status,
            "balance_transactions": moved, "metadata": {},
        })
    }

    /// An event about the session of a payment, as it stands now, signed at an instant.
    #[must_use]
    pub fn session_event(&self, kind: &str, payment_id: &str, at: Timestamp) -> ProviderCallback {
        let mut sessions = held(&self.books.sessions);
        let mut session = find(&mut sessions, "client_reference_id", payment_id).expect("a session").clone();
        session["payment_intent"] = session["payment_intent"]["id"].clone();
        self.event(kind, &session, at)
    }

    /// An event about any object, signed at an instant.
    #[must_use]
    pub fn event(&self, kind: &str, object: &Value, at: Timestamp) -> ProviderCallback {
        let event = json!({
            "id": "evt_1", "object": "event", "api_version": VERSION, "created": at.as_seconds(),
            "type": kind, "data": { "object": object }, "livemode": false,
        });
        let (body, instant) = (event.to_string(), at.as_seconds().to_string());
        let signature =
            signature::signature(&instant, body.as_bytes(), &self.books.webhook_secret).expect("a signature");
        ProviderCallback {
            path: "/api/payments/webhooks/stripe".to_owned(),
            query: String::new(),
            headers: [("stripe-signature".to_owned(), format!("t={instant},v1={signature}"))].into(),
            body: body.into_bytes(),
        }
    }
}

fn find<'a>(objects: &'a mut [Value], field: &str, value: &str) -> Option<&'a mut Value> {
    objects.iter_mut().find(|object| object[field] == value)
}

async fn serve(
    State(books): State<Arc<Books>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let work = || {
        let (status, answer) = books.answer(&method, &uri, &headers, &body);
        (status, answer.to_string())
    };
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let is_replay = held(&books.keys).get(key).is_some_and(|(asked, ..)| *asked == fields(&body));
    let mut response = books.faults.answer(uri.path(), work).await;
    if is_replay {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

fn fields(form: &[u8]) -> Fields {
    form_urlencoded::parse(form).into_owned().collect()
}

/// Fields such as `metadata[a]`.
fn metadata(fields: &Fields, name: &str) -> Value {
    let own = fields.iter().filter_map(|(key, value)| {
        let key = key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
        Some((key.to_owned(), json!(value)))
    });
    Value::Object(own.collect())
}

fn problem(status: u16, kind: &str, code: &str, message: &str, param: &str) -> (u16, Value) {
    let code = Some(code).filter(|code| !code.is_empty());
    (status, json!({ "error": { "type": kind, "code": code, "message": message, "param": param } }))
}

impl Books {
    fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> (u16, Value) {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if header("authorization") != format!("Bearer {}", self.secret_key) {
            return problem(401, "invalid_request_error", "", "Invalid API Key provided: sk_test_***", "");
        }
        if header("stripe-version") != VERSION {
            return problem(400, "invalid_request_error", "", "no version is pinned", "");
        }
        let query = fields(uri.query().unwrap_or_default().as_bytes());
        let path = uri.path();
        match (method.as_str(), path) {
            ("POST", _) => self.once(header("idempotency-key"), path, &fields(body)),
            ("GET", "/v1/payment_intents/search") => self.search(&query),
            ("GET", "/v1/refunds") => self.list_refunds(&query),
            ("GET", "/v1/checkout/sessions") => {
                let by =
                    |session: &&Value| session["payment_intent"]["id"] == query["payment_intent"].as_str();
                (200, json!({ "data": held(&self.sessions).iter().filter(by).collect::<Vec<_>>() }))
            }
            _ => match path.strip_prefix("/v1/checkout/sessions/") {
                Some(id) => self.session(id),
                None => problem(404, "invalid_request_error", "resource_missing", "no such path", ""),
            },
        }
    }

    fn session(&self, id: &str) -> (u16, Value) {
        let mut sessions = held(&self.sessions);
        let Some(session) = find(&mut sessions, "id", id) else {
            return problem(404, "invalid_request_error", "resource_missing", "No such session", "session");
        };
        let mut shown = session.clone();
        if shown["payment_intent"]["latest_charge"].is_object() {
            let of = self.refunds_of(&session["payment_intent"]["id"]);
            let newest: Vec<_> = of.iter().take(10).collect();
            shown["payment_intent"]["latest_charge"]["refunds"] =
                json!({ "data": newest, "has_more": newest.len() < of.len() });
        }
        (200, shown)
    }

    /// The newest first.
    fn refunds_of(&self, intent: &Value) -> Vec<Value> {
        let refunds = held(&self.refunds);
        refunds.iter().rev().filter(|refund| refund["payment_intent"] == *intent).cloned().collect()
    }

    /// Writes a refund down.
    fn given(&self, session: &mut Value, mut refund: Value) -> Value {
        let sum = &mut session["payment_intent"]["latest_charge"]["amount_refunded"];
        *sum = json!(sum.as_i64().unwrap_or_default() + refund["amount"].as_i64().unwrap_or_default());
        let mut refunds = held(&self.refunds);
        refund["id"] = json!(format!("re_{}", refunds.len()));
        refund["status"] = json!("succeeded");
        refunds.push(refund.clone());
        refund
    }

    /// The same key and fields are one request; the same key and other fields are none.
    fn once(&self, key: &str, path: &str, fields: &Fields) -> (u16, Value) {
        if let Some((asked, status, answered)) = held(&self.keys).get(key) {
            if asked == fields {
                return (*status, answered.clone());
            }
            return problem(
                400,
                "idempotency_error",
                "",
                "Keys can only be used with the same parameters",
                "",
            );
        }
        let mut failing = held(&self.failing);
        let fails =
            failing.iter().position(|(end, _)| path.ends_with(end.as_str())).map(|at| failing.remove(at));
        drop(failing);
        let (mut status, mut answer) = match path {
            _ if fails.as_ref().is_some_and(|(_, is_made)| !is_made) => (500, Value::Null),
            "/v1/checkout/sessions" => self.open(fields),
            "/v1/refunds" => self.refund(fields),
            _ => problem(404, "invalid_request_error", "resource_missing", "no such path", ""),
        };
        if fails.is_some() {
            (status, answer) = problem(500, "api_error", "", "An unknown error occurred", "");
        }
        // What is not valid was never begun, and is not kept.
        if answer["error"]["param"].as_str().is_none_or(str::is_empty) {
            held(&self.keys).insert(key.to_owned(), (fields.clone(), status, answer.clone()));
        }
        (status, answer)
    }

    fn open(&self, fields: &Fields) -> (u16, Value) {
        let now = self.clock.now().as_seconds();
        let end = fields.get("expires_at").map_or(now + 86_400, |end| end.parse().unwrap_or_default());
        if !(now + 1_800..=now + 86_400).contains(&end) {
            return problem(400, "invalid_request_error", "", "expires_at is out of range", "expires_at");
        }
        let amount: i64 = fields["line_items[0][price_data][unit_amount]"].parse().unwrap_or_default();
        if amount < 10 {
            return problem(
                400,
                "invalid_request_error",
                "amount_too_small",
                "The amount is too small",
                "amount",
            );
        }
        let mut sessions = held(&self.sessions);
        let id = format!("cs_test_{}", sessions.len());
        let session = json!({
            "id": id, "object": "checkout.session", "status": "open", "payment_status": "unpaid", "amount_total": amount,
            "currency": fields["line_items[0][price_data][currency]"], "url": format!("https://checkout.stripe.example/c/pay/{id}"),
            "client_reference_id": fields["client_reference_id"], "metadata": metadata(fields, "metadata"),
            "payment_intent": Value::Null, "expires_at": end, "success_url": fields["success_url"],
            "intent_metadata": metadata(fields, "payment_intent_data[metadata]"),
            "adaptive_pricing": metadata(fields, "adaptive_pricing"),
        });
        sessions.push(session.clone());
        (200, session)
    }

    fn search(&self, query: &Fields) -> (u16, Value) {
        let sessions = held(&self.sessions);
        let wanted = |session: &&Value| {
            let id = session["metadata"]["eventify_payment_id"].as_str().unwrap_or_default();
            !session["payment_intent"].is_null()
                && query["query"] == format!("metadata['eventify_payment_id']:'{id}'")
        };
        let found: Vec<_> =
            sessions.iter().filter(wanted).map(|session| &session["payment_intent"]).collect();
        (200, json!({ "data": found }))
    }

    fn list_refunds(&self, query: &Fields) -> (u16, Value) {
        let own = self.refunds_of(&json!(query["payment_intent"]));
        (200, json!({ "data": own, "has_more": false }))
    }

    fn refund(&self, fields: &Fields) -> (u16, Value) {
        let amount: i64 = fields["amount"].parse().unwrap_or_default();
        let mut sessions = held(&self.sessions);
        let session =
            sessions.iter_mut().find(|s| s["payment_intent"]["id"] == fields["payment_intent"].as_str());
        let Some(session) = session else {
            return problem(404, "invalid_request_error", "resource_missing", "No such payment_intent", "");
        };
        let made = self.refunds_of(&session["payment_intent"]["id"]);
        let gone = made.iter().filter(|refund| refund["status"] != "failed");
        let given: i64 = gone.filter_map(|refund| refund["amount"].as_i64()).sum();
        if given + amount > session["amount_total"].as_i64().unwrap_or_default() {
            return problem(
                400,
                "invalid_request_error",
                "charge_already_refunded",
                "More than is left",
                "amount",
            );
        }
        let refund = json!({
            "amount": amount, "payment_intent": fields["payment_intent"], "metadata": metadata(fields, "metadata"),
        });
        (200, self.given(session, refund))
    }
}
