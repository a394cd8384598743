//! Payments that wait for a provider which is not attached any more.

use std::collections::BTreeMap;
use std::sync::Weak;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::Payments;
use super::model::Payment;
use crate::actor::Actor;
use crate::error::Error;
use crate::eventify::{Engine, of_kind};
use crate::scope::Scope;
use crate::store::{Index, Scan};

/// A provider that payments wait for, and that is not attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MissingProvider {
    /// Its name.
    pub name: String,
    /// How many payments are open with it; counted up to 10,000 of all providers.
    pub payments: u32,
}

/// Payments that are read at once, and how often.
const PIECE_RECORDS_MAX: usize = 500;
const PIECES_MAX: usize = 20;

impl Payments<'_> {
    /// The providers that open payments wait for and that are not attached: whoever pays there now pays unseen. For admins. An engine's
    /// worker warns of them in its log when it starts, and each such payment is listed by [`Payments::attention`] once it was looked after.
    ///
    /// # Errors
    /// `not_authenticated`, `insufficient_scope`, `not_allowed`, `store_unavailable`.
    pub async fn missing_providers(&self, actor: &Actor) -> Result<Vec<MissingProvider>, Error> {
        actor.within(Scope::Admin)?.require_admin()?;
        find(self.engine, || false).await
    }
}

async fn find(engine: &Engine, is_over: impl Fn() -> bool) -> Result<Vec<MissingProvider>, Error> {
    let core = engine.core();
    let mut open: BTreeMap<String, u32> = BTreeMap::new();
    let mut scan = Scan::first(Index::PaymentsOpen, PIECE_RECORDS_MAX);
    for _ in 0..PIECES_MAX {
        let piece = core.store.scan(&scan).await?;
        for payment in of_kind::<Payment>(&piece.items) {
            if !payment.by_hand && core.providers.find(&payment.provider).is_none() {
                *open.entry(payment.provider.clone()).or_default() += 1;
            }
        }
        scan.after = piece.next;
        if scan.after.is_none() || is_over() {
            break;
        }
    }
    Ok(open.into_iter().map(|(name, payments)| MissingProvider { name, payments }).collect())
}

/// Says so once a worker started, which is not kept waiting for it.
pub(crate) async fn warn(engine: Weak<Engine>, stopped: watch::Receiver<bool>) {
    let Some(engine) = engine.upgrade() else { return };
    match find(&engine, || *stopped.borrow()).await {
        Ok(missing) => {
            for MissingProvider { name, payments } in missing {
                tracing::warn!(
                    provider = name,
                    payments,
                    "payments wait for a provider that is not attached: attach it until they are over, or see to them yourself"
                );
            }
        }
        Err(error) => tracing::warn!(%error, "whether payments wait for a missing provider is not known"),
    }
}
