//! The parts of Stripe's objects that matter here.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A Checkout Session.
#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// `open`, `complete` or `expired`.
    pub(crate) status: Option<String>,
    /// `paid`, `unpaid` or `no_payment_required`.
    pub(crate) payment_status: Option<String>,
    pub(crate) amount_total: Option<i64>,
    pub(crate) currency: Option<String>,
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) payment_intent: Option<Expandable<PaymentIntent>>,
}

/// A payment: the attempts at paying one session.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PaymentIntent {
    pub(crate) id: String,
    pub(crate) status: Option<String>,
    pub(crate) latest_charge: Option<Expandable<ChargeObject>>,
    pub(crate) last_payment_error: Option<ApiProblem>,
}

/// Money taken.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ChargeObject {
    /// Whether it falls again when a refund fails Stripe does not say.
    pub(crate) amount_refunded: Option<i64>,
    /// The newest of its refunds, where they were asked for.
    pub(crate) refunds: Option<List<RefundObject>>,
    pub(crate) currency: Option<String>,
    pub(crate) balance_transaction: Option<Expandable<BalanceTransaction>>,
}

/// What money taken means to the merchant's balance.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct BalanceTransaction {
    pub(crate) fee: i64,
    pub(crate) currency: String,
}

/// Money given back.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RefundObject {
    pub(crate) id: String,
    pub(crate) amount: Option<i64>,
    /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`.
    pub(crate) status: Option<String>,
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) failure_reason: Option<String>,
    pub(crate) payment_intent: Option<Expandable<PaymentIntent>>,
}

/// Money that the payer's bank was asked to take back.
#[derive(Debug, Deserialize)]
pub(crate) struct DisputeObject {
    pub(crate) id: String,
    pub(crate) payment_intent: Option<Expandable<PaymentIntent>>,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) reason: Option<String>,
    /// `needs_response`, `under_review`, `won`, `lost`, or one of a mere question: `warning_…`, `prevented`.
    pub(crate) status: Option<String>,
    /// What it did to the merchant's balance: none, one that takes, one that gives back.
    #[serde(default)]
    pub(crate) balance_transactions: Vec<DisputeTransaction>,
}

/// What a dispute did to the merchant's balance, in the balance's own currency.
#[derive(Debug, Deserialize)]
pub(crate) struct DisputeTransaction {
    pub(crate) amount: i64,
    pub(crate) currency: String,
}

/// A list of objects.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct List<T> {
    pub(crate) data: Vec<T>,
    #[serde(default)]
    pub(crate) has_more: bool,
}

/// An object, or its name where it was not asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Expandable<T> {
    Name(String),
    Object(Box<T>),
}

impl Session {
    /// The charge by which its money came, where it was asked for.
    pub(crate) fn charge(&self) -> Option<&ChargeObject> {
        self.payment_intent.as_ref()?.object()?.latest_charge.as_ref()?.object()
    }

    pub(crate) fn charge_mut(&mut self) -> Option<&mut ChargeObject> {
        self.payment_intent.as_mut()?.object_mut()?.latest_charge.as_mut()?.object_mut()
    }
}

impl RefundObject {
    /// Whether the money is there again.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.status.as_deref(), Some("failed" | "canceled"))
    }
}

impl Expandable<PaymentIntent> {
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Name(id) => id,
            Self::Object(intent) => &intent.id,
        }
    }
}

impl<T> Expandable<T> {
    pub(crate) fn object(&self) -> Option<&T> {
        match self {
            Self::Object(object) => Some(object),
            Self::Name(_) => None,
        }
    }

    pub(crate) fn object_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Object(object) => Some(object),
            Self::Name(_) => None,
        }
    }
}

/// Why not.
#[derive(Debug, Deserialize)]
pub(crate) struct ApiError {
    pub(crate) error: ApiProblem,
}

/// What went wrong with a request, or with an attempt to pay.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ApiProblem {
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) param: Option<String>,
}

/// A webhook's event.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) data: EventData,
}

#[derive(Debug, Deserialize)]
pub(crate) struct EventData {
    pub(crate) object: serde_json::Value,
}

/// What bears a mark of ours.
#[derive(Debug, Deserialize)]
pub(crate) struct Marked {
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) payment_intent: Option<Expandable<PaymentIntent>>,
}
