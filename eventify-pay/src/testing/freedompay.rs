//! FreedomPay as a server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::post;
use eventify_core::account::SecretText;
use eventify_core::payment::ProviderCallback;

use super::fault::{Fault, Faults};
use super::server::Server;
use crate::freedompay::message::{Message, Value};
use crate::freedompay::signature::{is_genuine, script, sign};

/// A payment in its books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its own number.
    pub payment_id: String,
    /// The merchant's name for it.
    pub order_id: String,
    /// How much, as it was told.
    pub amount: String,
    /// In what.
    pub currency: String,
    /// `new`, `held`, `success`, `failed`, `incomplete`, `revoked`.
    pub status: String,
    /// Where the result is told.
    pub result_url: String,
    /// Where the payer goes.
    pub success_url: String,
    /// How long the page stays open, in seconds.
    pub lifetime: String,
    /// The amounts that were asked back, and how that went.
    pub refunds: Vec<(String, String)>,
    keys: Vec<String>,
}

/// FreedomPay on a port of its own.
#[derive(Debug)]
pub struct FakeFreedomPay {
    books: Arc<Books>,
    server: Server,
}

#[derive(Debug)]
struct Books {
    merchant_id: String,
    secret: SecretText,
    orders: Mutex<Vec<Order>>,
    /// How the next refunds go.
    refunds_end: Mutex<String>,
    /// Whether it says what an accepted refund is called.
    names_refunds: AtomicBool,
    faults: Faults,
}

impl FakeFreedomPay {
    /// Starts one that knows one merchant.
    pub async fn start(merchant_id: &str, secret: &str) -> Self {
        let books = Arc::new(Books {
            merchant_id: merchant_id.to_owned(),
            secret: SecretText::new(secret),
            orders: Mutex::default(),
            refunds_end: Mutex::new("success".to_owned()),
            names_refunds: AtomicBool::new(true),
            faults: Faults::default(),
        });
        let router = Router::new().route("/{script}", post(serve)).with_state(Arc::clone(&books));
        Self { server: Server::start(router).await, books }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The next so many calls of a script go wrong.
    pub fn misbehave(&self, script: &str, fault: Fault, times: usize) {
        self.books.faults.add(script, fault, times);
    }

    /// No more faults.
    pub fn behave(&self) {
        self.books.faults.clear();
        *self.books.refunds_end.lock().unwrap_or_else(PoisonError::into_inner) = "success".to_owned();
    }

    /// It forgets idempotency keys, as installations do that never knew them.
    pub fn forget_keys(&self) {
        for order in self.books.orders().iter_mut() {
            order.keys.clear();
        }
    }

    /// How the next refunds go: `success`, `process` or `error`.
    pub fn refunds_end(&self, status: &str) {
        *self.books.refunds_end.lock().unwrap_or_else(PoisonError::into_inner) = status.to_owned();
    }

    /// A refund of the first order ends like this after all.
    pub fn end_refund(&self, nth: usize, status: &str) {
        let mut orders = self.books.orders();
        let refund = orders.first_mut().and_then(|order| order.refunds.get_mut(nth));
        status.clone_into(&mut refund.expect("the refund is in the books").1);
    }

    /// The merchant gives so much of an order back in their cabinet, which is made or on its way; no callback tells it.
    pub fn give_back(&self, order_id: &str, amount: &str, status: &str) {
        self.books.with(order_id, |order| order.refunds.push((amount.to_owned(), status.to_owned())));
    }

    /// From now on it does not say what a refund is called that it accepts, only that it does.
    pub fn name_no_refunds(&self) {
        self.books.names_refunds.store(false, Ordering::Relaxed);
    }

    /// Its books.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        self.books.orders().clone()
    }

    /// The payer does something: `success`, `failed`, `incomplete`; or pays, and the money is only `held`.
    pub fn set(&self, order_id: &str, status: &str) {
        self.books.with(order_id, |order| status.clone_into(&mut order.status));
    }

    /// It charges an order once more, under a number of its own.
    pub fn charge_again(&self, order_id: &str) {
        let mut orders = self.books.orders();
        let again = orders.iter().rfind(|order| order.order_id == order_id).cloned();
        let again = again.expect("the order is in the books");
        let payment_id = (4_567_788 + orders.len()).to_string();
        orders.push(Order {
            payment_id,
            status: "success".to_owned(),
            refunds: Vec::new(),
            keys: Vec::new(),
            ..again
        });
    }

    /// Another amount and currency than it was asked for.
    pub fn charge_instead(&self, order_id: &str, amount: &str, currency: &str) {
        self.books.with(order_id, |order| {
            amount.clone_into(&mut order.amount);
            currency.clone_into(&mut order.currency);
        });
    }

    /// What it tells of a payment, signed.
    #[must_use]
    pub fn result(&self, order_id: &str) -> ProviderCallback {
        let order = self.books.with(order_id, |order| order.clone());
        let paid = order.status == "success";
        let mut fields = vec![
            ("pg_order_id", order.order_id.as_str()),
            ("pg_payment_id", &order.payment_id),
            ("pg_amount", &order.amount),
            ("pg_currency", &order.currency),
            ("pg_result", if paid { "1" } else { "0" }),
            ("pg_can_reject", "1"),
            ("pg_payment_date", "2026-11-21 12:00:00"),
            ("pg_payment_method", "bankcard"),
        ];
        fields.push(if paid {
            ("pg_captured", "1")
        } else {
            ("pg_failure_description", "Карта отклонена")
        });
        self.callback(&order.result_url, &fields)
    }

    /// The question whether it may take the money, signed.
    #[must_use]
    pub fn check(&self, order_id: &str) -> ProviderCallback {
        let order = self.books.with(order_id, |order| order.clone());
        let fields = [
            ("pg_order_id", order.order_id.as_str()),
            ("pg_payment_id", &order.payment_id),
            ("pg_amount", &order.amount),
            ("pg_currency", &order.currency),
        ];
        self.callback(&order.result_url, &fields)
    }

    /// Any message to an address, signed.
    #[must_use]
    pub fn callback(&self, url: &str, fields: &[(&str, &str)]) -> ProviderCallback {
        let signed = sign(script(url), Message::of(fields), &self.books.secret);
        let path = url.split("://").nth(1).and_then(|rest| rest.find('/').map(|at| rest[at..].to_owned()));
        ProviderCallback {
            path: path.unwrap_or_else(|| url.to_owned()),
            query: String::new(),
            headers: [("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())].into(),
            body: signed.to_form().into_bytes(),
        }
    }

    /// The status of an answer to a callback; `None` unless it is signed as it has to be.
    #[must_use]
    pub fn read_answer(&self, path: &str, xml: &str) -> Option<String> {
        let answer = Message::from_xml(xml)?;
        let genuine = is_genuine(script(path), &answer, &self.books.secret);
        answer.get("pg_status").filter(|_| genuine).map(str::to_owned)
    }
}

async fn serve(State(books): State<Arc<Books>>, uri: Uri, body: Bytes) -> Response {
    let script = uri.path().trim_start_matches('/').to_owned();
    books.faults.answer(uri.path(), || (200, books.answer(&script, &body))).await
}

impl Books {
    fn orders(&self) -> MutexGuard<'_, Vec<Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, order_id: &str, act: impl FnOnce(&mut Order) -> T) -> T {
        let mut orders = self.orders();
        act(orders.iter_mut().rfind(|order| order.order_id == order_id).expect("the order is in the books"))
    }

    fn answer(&self, script: &str, body: &[u8]) -> String {
        let question = Message::from_form(body).unwrap_or_default();
        if question.get("pg_merchant_id") != Some(self.merchant_id.as_str()) {
            // The one answer without a signature: whose would it be?
            return error("9998", "Некорректный номер магазина").to_xml();
        }
        let answer = if !is_genuine(script, &question, &self.secret) {
            error("9999", "Некорректная подпись запроса")
        } else {
            match script {
                "init_payment.php" => self.open(&question),
                "get_status3.php" => self.status(&question),
                "revoke.php" => self.revoke(&question),
                "cancel.php" => self.cancel(&question),
                _ => error("100", "Некорректный запрос"),
            }
        };
        sign(script, answer, &self.secret).to_xml()
    }

    fn open(&self, question: &Message) -> Message {
        let field = |name: &str| question.get(name).unwrap_or_default().to_owned();
        let mut orders = self.orders();
        let known = orders.iter().find(|order| order.keys.contains(&field("pg_idempotency_key")));
        let payment_id =
            known.map_or_else(|| (4_567_788 + orders.len()).to_string(), |o| o.payment_id.clone());
        if known.is_none() {
            orders.push(Order {
                payment_id: payment_id.clone(),
                order_id: field("pg_order_id"),
                amount: field("pg_amount"),
                currency: field("pg_currency"),
                status: "new".to_owned(),
                result_url: field("pg_result_url"),
                success_url: field("pg_success_url"),
                lifetime: field("pg_lifetime"),
                refunds: Vec::new(),
                keys: vec![field("pg_idempotency_key")],
            });
        }
        Message::of(&[
            ("pg_status", "ok"),
            ("pg_payment_id", &payment_id),
            (
                "pg_redirect_url",
                &format!("https://customer.freedompay.example/pay.html?customer={payment_id}&a=1"),
            ),
            ("pg_redirect_url_type", "need data"),
        ])
    }

    fn find<'a>(orders: &'a mut [Order], question: &Message) -> Option<&'a mut Order> {
        let (payment_id, order_id) = (question.get("pg_payment_id"), question.get("pg_order_id"));
        orders.iter_mut().rfind(|order| match payment_id {
            Some(id) => order.payment_id == id,
            None => order_id == Some(order.order_id.as_str()),
        })
    }

    fn status(&self, question: &Message) -> Message {
        let mut orders = self.orders();
        let Some(order) = Self::find(&mut orders, question) else {
            return error("340", "Платеж не найден");
        };
        let mut answer = Message::of(&[
            ("pg_status", "ok"),
            ("pg_payment_id", &order.payment_id),
            ("pg_order_id", &order.order_id),
            ("pg_currency", &order.currency),
            ("pg_payment_status", if order.status == "held" { "success" } else { &order.status }),
            ("pg_amount", &order.amount),
            ("pg_create_date", "2026-11-21 12:00:00"),
        ]);
        match order.status.as_str() {
            "success" => answer.push("pg_captured", "1"),
            "held" | "revoked" => answer.push("pg_captured", "0"),
            _ => {}
        }
        let entries = order.refunds.iter().enumerate().map(|(nth, (amount, status))| {
            let entry = Message::of(&[
                ("pg_payment_id", &refund_name(nth)),
                ("pg_amount", &format!("-{amount}")),
                ("pg_payment_status", status),
            ]);
            ("pg_refund_payment".to_owned(), Value::Fields(entry))
        });
        let entries: Vec<_> = entries.collect();
        if !entries.is_empty() {
            answer.0.push(("pg_refund_payments".to_owned(), Value::Fields(Message(entries))));
        }
        answer
    }

    /// Of what is held only.
    fn cancel(&self, question: &Message) -> Message {
        let mut orders = self.orders();
        let Some(order) = Self::find(&mut orders, question) else {
            return error("340", "Платеж не найден");
        };
        if order.status != "held" {
            return error("490", "Отмена платежа невозможна");
        }
        "revoked".clone_into(&mut order.status);
        Message::of(&[("pg_status", "ok")])
    }

    fn revoke(&self, question: &Message) -> Message {
        let mut orders = self.orders();
        let Some(order) = Self::find(&mut orders, question) else {
            return error("340", "Платеж не найден");
        };
        if order.status != "success" {
            return error("490", "Отмена платежа невозможна");
        }
        let key = question.get("pg_idempotency_key").unwrap_or_default().to_owned();
        if !order.keys.contains(&key) {
            order.keys.push(key);
            let amount = question.get("pg_refund_amount").unwrap_or(&order.amount).to_owned();
            let ends = self.refunds_end.lock().unwrap_or_else(PoisonError::into_inner).clone();
            order.refunds.push((amount, ends));
        }
        let mut answer = Message::of(&[("pg_status", "ok")]);
        if self.names_refunds.load(Ordering::Relaxed) {
            answer.push("pg_revoke_payment_id", refund_name(order.refunds.len().saturating_sub(1)));
        }
        answer
    }
}

/// Each attempt is a payment of its own.
fn refund_name(nth: usize) -> String {
    format!("9{}", nth + 1)
}

fn error(code: &str, description: &str) -> Message {
    Message::of(&[("pg_status", "error"), ("pg_error_code", code), ("pg_error_description", description)])
}
