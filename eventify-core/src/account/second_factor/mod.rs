//! A second factor: codes of an authenticator app, and recovery codes for the day when it is lost.

mod begin;
mod change;
mod confirm;
mod model;
mod totp;

use serde::{Deserialize, Serialize};

pub use begin::{BeginSecondFactor, Enrolment};
pub use change::ProveSecondFactor;
pub use confirm::{ConfirmSecondFactor, RecoveryCodes};
pub use model::SecondFactor;
pub(super) use totp::Proof;

use super::model::User;
use super::throttle;
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::store::{EmailKey, ThrottleKey};
use crate::time::Timestamp;
use crate::work::{Decision, Work};

/// What a person sees of their second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SecondFactorView {
    /// Whether logins ask for it.
    pub enabled: bool,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Recovery codes that are not used yet.
    pub recovery_codes_left: u32,
}

impl Accounts<'_> {
    /// Whether the caller has a second factor.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`.
    pub async fn second_factor(&self, actor: &Actor) -> Result<SecondFactorView, Error> {
        let user_id = actor.require_user()?;
        self.engine.load::<User>(&user_id).await?.ok_or_else(user_not_found)?;
        let factor = self.engine.load::<SecondFactor>(&user_id).await?.filter(|factor| factor.is_on());
        Ok(SecondFactorView {
            enabled: factor.is_some(),
            since: factor.as_ref().and_then(|factor| factor.confirmed_at),
            recovery_codes_left: factor
                .map_or(0, |factor| u32::try_from(factor.recovery_codes.len()).unwrap_or(u32::MAX)),
        })
    }
}

/// What a decision that asked for the second factor came to. A wrong code is no plain refusal: it is counted, and that
/// must be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proven {
    /// The account has none.
    NotAsked,
    ByCode,
    /// With a recovery code, of which so many are left.
    ByRecoveryCode(usize),
    /// It was counted; nothing else may be written.
    Wrong,
}

/// Asks for the second factor, if the account has one. How many guesses there were is a part of the decision, so it
/// holds however many come at once.
///
/// # Errors
/// `second_factor_required`, `too_many_attempts`.
pub(super) fn prove(
    work: &mut Work,
    cx: &Context<'_>,
    actor: &Actor,
    user: &User,
    proof: Option<&Proof>,
) -> Decision<Proven> {
    let Some(factor) = work.find::<SecondFactor>(&user.id)?.filter(|factor| factor.is_on()) else {
        return Ok(Proven::NotAsked);
    };
    let required =
        || Error::new(Reason::SecondFactorRequired, "A code of the authenticator app is needed too.");
    let proof = proof.ok_or_else(required)?;
    if !guess(work, cx, actor, user, &factor, proof)? {
        return Ok(Proven::Wrong);
    }
    let left = work.find::<SecondFactor>(&user.id)?.map_or(0, |factor| factor.recovery_codes.len());
    Ok(match proof {
        Proof::Code(_) => Proven::ByCode,
        Proof::Recovery(_) => Proven::ByRecoveryCode(left),
    })
}

/// Uses a proof up if it is good, counts it if it is not.
fn guess(
    work: &mut Work,
    cx: &Context<'_>,
    actor: &Actor,
    user: &User,
    factor: &SecondFactor,
    proof: &Proof,
) -> Decision<bool> {
    let keys: Vec<ThrottleKey> = throttle::keys(&EmailKey::new(&user.email), actor);
    throttle::check(work, cx, &keys)?;
    match totp::after(factor, proof, cx.keyring, cx.now) {
        Some(used) => {
            work.put(used);
            Ok(true)
        }
        None => {
            throttle::count(work, cx, actor, &keys)?;
            Ok(false)
        }
    }
}

pub(super) fn wrong_code() -> Error {
    Error::new(Reason::InvalidCode, "The code is wrong, was used before, or its time is over.")
}
