//! Everybody's mail: people of the demo prove their addresses with what they are sent, and read nothing else.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use eventify_core::account::VerifyEmail;
use eventify_core::notification::{
    Channel, Delivered, DeliveryError, FactName, Message, Notifier, Recipient,
};
use eventify_core::{Actor, UserId};

use super::fill::Filling;
use crate::cli::exit::Failure;

/// The tokens that came, by person.
#[derive(Clone, Default)]
pub(super) struct Mailbox(Arc<Mutex<HashMap<UserId, VerifyEmail>>>);

impl fmt::Debug for Mailbox {
    /// Without the tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}

#[async_trait]
impl Notifier for Mailbox {
    fn channels(&self) -> BTreeSet<Channel> {
        BTreeSet::from([Channel::Email])
    }

    async fn deliver(
        &self,
        _: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError> {
        if let (FactName::EmailVerification, Some(token)) = (message.fact, &message.token) {
            let mut mail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            mail.insert(to.user_id, VerifyEmail { token: token.expose().into() });
        }
        Ok(Delivered::default())
    }
}

impl Filling {
    /// Everybody proves their address.
    pub(super) async fn prove_addresses(&self) -> Result<(), Failure> {
        while self.engine.jobs().run_due().await? > 0 {}
        let came = std::mem::take(&mut *self.mailbox.0.lock().unwrap_or_else(PoisonError::into_inner));
        for proof in came.into_values() {
            self.engine.accounts().verify_email(&Actor::anonymous(), proof).await?;
        }
        Ok(())
    }
}
