//! What Kafka's client says besides its answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// The last complaint. A fact that was given up says only that its time was over; this says why.
#[derive(Debug, Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    pub(super) fn forget(&self) {
        *self.lock() = None;
    }

    pub(super) fn say(&self, what: &str) -> String {
        match &*self.lock() {
            Some(why) => format!("{what}: {why}"),
            None => what.to_owned(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears the client's complaints.
#[derive(Debug)]
pub(super) struct Listener {
    trouble: Trouble,
}

impl Listener {
    pub(super) const fn new(trouble: Trouble) -> Self {
        Self { trouble }
    }
}

impl ClientContext for Listener {
    fn log(&self, level: RDKafkaLogLevel, fac: &str, log_message: &str) {
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning => tracing::warn!(fac, "{log_message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
                tracing::debug!(fac, "{log_message}");
            }
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "Kafka's client complains");
        let mut trouble = self.trouble.lock();
        // That all are down follows, and says less than why the last one is.
        let follows = error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown);
        if !follows || trouble.is_none() {
            *trouble = Some(reason.to_owned());
        }
    }
}
