//! What hosts do in Python: bring messages to people, move money.
//!
//! Their code runs on threads for blocking work, never on one of the engine's, and each of them has only so many of those: code that hangs
//! keeps no password from being checked, and no payment from being made. It answers with a verdict and a text, so that no exception of the
//! host's crosses.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use eventify_core::notification::{Channel, Delivered, DeliveryError, Message, Notifier, Recipient};
use eventify_core::payment::{
    CallbackAnswer, CallbackNews, Capabilities, Charge, ChargeKey, ChargeRequest, PaymentProvider,
    ProviderCallback, ProviderError, RefundReceipt, RefundRequest, Verdict,
};
use eventify_core::{Currency, Error, Reason, Timestamp};
use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::call::{Pending, json};

/// Calls of one notifier, of one provider, or of callbacks, that are under way.
pub(crate) const CALLS_MAX: usize = 16;
/// How long a call waits for one of them to end.
const PLACE_WITHIN: Duration = Duration::from_secs(10);

/// The threads that some code of hosts' may have at a time.
#[derive(Debug, Clone)]
pub(crate) struct Threads(Arc<Semaphore>);

impl Default for Threads {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(CALLS_MAX)))
    }
}

/// Why hosts' code was not run to its end.
enum NotRun {
    /// All of its threads are taken.
    Full,
    /// The interpreter or the engine is going.
    Gone,
}

impl Threads {
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotRun> {
        let place = tokio::time::timeout(PLACE_WITHIN, self.0.clone().acquire_owned()).await;
        let place = place.map_err(|_| NotRun::Full)?.map_err(|_| NotRun::Gone)?;
        let run = tokio::task::spawn_blocking(move || {
            let done = work();
            // Also when nobody waits any more: the thread is taken until here.
            drop(place);
            done
        });
        run.await.map_err(|_| NotRun::Gone)
    }

    /// A call that runs hosts' code on the thread that drives it.
    pub(crate) fn drive(self, pending: Pending) -> Pending {
        Box::pin(async move {
            let runtime = Handle::current();
            match self.run(move || runtime.block_on(pending)).await {
                Ok(answer) => answer,
                Err(NotRun::Full) => {
                    Err(Error::new(Reason::Overloaded, "Too many callbacks are being read."))
                }
                Err(NotRun::Gone) => Err(Error::new(Reason::ShuttingDown, "The engine is shutting down.")),
            }
        })
    }
}

/// A function of the host's front: takes a word and lines of JSON, answers a verdict and a text.
struct Host {
    function: Arc<Py<PyAny>>,
    threads: Threads,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

impl Host {
    fn new(function: Py<PyAny>) -> Self {
        Self { function: Arc::new(function), threads: Threads::default() }
    }

    async fn ask(&self, what: &'static str, lines: String) -> (String, String) {
        let function = self.function.clone();
        match self.threads.run(move || call(&function, what, lines)).await {
            Ok(said) => said,
            Err(NotRun::Full) => ("busy".to_owned(), "all of its threads are taken".to_owned()),
            Err(NotRun::Gone) => gone(),
        }
    }

    /// The same for what the port asks without waiting, such as reading a callback: on a thread of `Threads::drive`.
    fn ask_at_once(&self, what: &'static str, lines: String) -> (String, String) {
        call(&self.function, what, lines)
    }
}

fn call(function: &Py<PyAny>, what: &'static str, lines: String) -> (String, String) {
    let answer = Python::try_attach(|py| {
        let answer =
            function.bind(py).call1((what, lines)).and_then(|said| said.extract::<(String, String)>());
        // The front catches what hosts raise; an error here is what is not meant to be caught, such as SystemExit.
        answer.unwrap_or_else(|failed| {
            failed.write_unraisable(py, Some(function.bind(py)));
            ("transient".to_owned(), "the host's code failed".to_owned())
        })
    });
    answer.unwrap_or_else(gone)
}

fn gone() -> (String, String) {
    ("transient".to_owned(), "the interpreter is shutting down".to_owned())
}

/// Brings messages to people by a function of the host's.
#[derive(Debug)]
pub(crate) struct HostNotifier {
    channels: BTreeSet<Channel>,
    host: Host,
}

impl HostNotifier {
    pub(crate) fn new(channels: &[String], deliver: Py<PyAny>) -> Result<Self, Error> {
        let known = |name: &String| Channel::ALL.iter().copied().find(|channel| channel.as_str() == name);
        let channels: Option<BTreeSet<Channel>> = channels.iter().map(known).collect();
        let channels =
            channels.ok_or_else(|| Error::invalid("channels", "must be channels that there are"))?;
        Ok(Self { channels, host: Host::new(deliver) })
    }
}

#[async_trait]
impl Notifier for HostNotifier {
    fn channels(&self) -> BTreeSet<Channel> {
        self.channels.clone()
    }

    async fn deliver(
        &self,
        channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        let lines = lines(&[written(&channel), written(to), written(message)]);
        let (verdict, text) = self.host.ask("deliver", lines.map_err(DeliveryError::Permanent)?).await;
        match verdict.as_str() {
            "ok" => {
                let gone =
                    serde_json::from_str(&text).map_err(|e| DeliveryError::Permanent(e.to_string()))?;
                Ok(Delivered { gone, ..Delivered::default() })
            }
            "permanent" => Err(DeliveryError::Permanent(text)),
            "busy" => Err(DeliveryError::Busy { why: text, pause: None }),
            "away" => Err(DeliveryError::away(text)),
            _ => Err(DeliveryError::Transient(text)),
        }
    }
}

/// What the front says of a payment provider.
#[derive(FromPyObject)]
pub(crate) struct Provider {
    name: String,
    partial_refunds: bool,
    callbacks: bool,
    by_hand: bool,
    tells_fees_later: bool,
    tells_of_refunds: bool,
    return_url: Option<String>,
    currencies: Option<Vec<String>>,
    function: Py<PyAny>,
}

/// Moves money by an object of the host's.
#[derive(Debug)]
pub(crate) struct HostProvider {
    name: String,
    capabilities: Capabilities,
    tells_fees_later: bool,
    tells_of_refunds: bool,
    return_url: Option<String>,
    currencies: Option<BTreeSet<String>>,
    host: Host,
}

impl HostProvider {
    pub(crate) fn new(provider: Provider) -> Result<Self, Error> {
        let currencies = provider.currencies.map(|codes| codes.into_iter().collect::<BTreeSet<_>>());
        for code in currencies.iter().flatten() {
            code.parse::<Currency>().map_err(|e| Error::invalid("currencies", e.to_string()))?;
        }
        let Provider {
            name,
            partial_refunds,
            callbacks,
            by_hand,
            tells_fees_later,
            tells_of_refunds,
            return_url,
            ..
        } = provider;
        let capabilities = Capabilities { partial_refunds, callbacks, by_hand };
        let host = Host::new(provider.function);
        Ok(Self { name, capabilities, tells_fees_later, tells_of_refunds, return_url, currencies, host })
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: Result<String, String>,
    ) -> Result<T, ProviderError> {
        said(self.host.ask(what, request.map_err(ProviderError::Refused)?).await)
    }

    fn ask_at_once<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: Result<String, String>,
    ) -> Result<T, ProviderError> {
        said(self.host.ask_at_once(what, request.map_err(ProviderError::Refused)?))
    }
}

fn said<T: DeserializeOwned>((verdict, text): (String, String)) -> Result<T, ProviderError> {
    match verdict.as_str() {
        "ok" => serde_json::from_str(&text)
            .map_err(|e| ProviderError::Unreachable(format!("its answer cannot be read: {e}"))),
        "refused" => Err(ProviderError::Refused(text)),
        "unknown" => Err(ProviderError::Unknown),
        "not_genuine" => Err(ProviderError::NotGenuine),
        _ => Err(ProviderError::Unreachable(text)),
    }
}

#[async_trait]
impl PaymentProvider for HostProvider {
    fn name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn tells_fees_later(&self) -> bool {
        self.tells_fees_later
    }

    fn tells_of_refunds(&self) -> bool {
        self.tells_of_refunds
    }

    fn return_url(&self) -> Option<String> {
        self.return_url.clone()
    }

    fn supports(&self, currency: Currency) -> bool {
        self.currencies.as_ref().is_none_or(|codes| codes.contains(currency.code()))
    }

    async fn create(&self, request: &ChargeRequest) -> Result<Charge, ProviderError> {
        self.ask("create", written(request)).await
    }

    async fn status(&self, charge: &ChargeKey) -> Result<Charge, ProviderError> {
        self.ask("status", written(charge)).await
    }

    async fn release(&self, charge: &ChargeKey) -> Result<(), ProviderError> {
        self.ask("release", written(charge)).await
    }

    fn parse_callback(
        &self,
        callback: &ProviderCallback,
        now: Timestamp,
    ) -> Result<CallbackNews, ProviderError> {
        self.ask_at_once("parse_callback", lines(&[written(callback), written(&now)]))
    }

    fn answer_callback(&self, callback: &ProviderCallback, verdict: &Verdict) -> CallbackAnswer {
        // Whoever cannot answer says that it should come again: what was taken in changes nothing the second time.
        let failed =
            |_| CallbackAnswer { status: 500, content_type: "text/plain".to_owned(), body: Vec::new() };
        self.ask_at_once("answer_callback", lines(&[written(callback), written(verdict)]))
            .unwrap_or_else(failed)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.ask("refund", written(request)).await
    }

    async fn refund_status(&self, request: &RefundRequest) -> Result<RefundReceipt, ProviderError> {
        self.ask("refund_status", written(request)).await
    }
}

fn written(value: &impl Serialize) -> Result<String, String> {
    json(value).map_err(|error| error.message().to_owned())
}

fn lines(parts: &[Result<String, String>]) -> Result<String, String> {
    let parts: Result<Vec<&str>, String> =
        parts.iter().map(|part| part.as_deref().map_err(Clone::clone)).collect();
    Ok(parts?.join("\n"))
}
