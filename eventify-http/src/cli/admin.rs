//! What only the operator may do.

use eventify_core::{Actor, Eventify, Reason};

use super::exit::Failure;
use super::out::{Out, inline};

/// Makes an account an admin.
pub(crate) async fn promote(eventify: &Eventify, email: &str, out: &dyn Out) -> Result<(), Failure> {
    let promoted = eventify.accounts().promote(&Actor::system(), email).await;
    let user = promoted.map_err(|error| match error.reason() {
        Reason::UserNotFound => {
            let sentence = format!("nobody is registered as {} ({})", inline(email), error.reason());
            Failure::refused(sentence).hint("the person registers first: POST /api/auth/register")
        }
        _ => error.into(),
    })?;
    out.line(&format!("{} ({}) is an admin now, and has to log in again.", inline(&user.email), user.id));
    Ok(())
}

/// Signs with new keys from now on.
pub(crate) async fn rotate_keys(eventify: &Eventify, out: &dyn Out) -> Result<(), Failure> {
    eventify.tickets().rotate_keys(&Actor::system()).await?;
    out.line("Tickets and access tokens are signed with new keys from now on; the old ones stay good.");
    out.line("Door devices that verify without network need the new public keys.");
    Ok(())
}
