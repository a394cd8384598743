//! Accounts: registering, logging in and staying logged in, profiles and roles.
//!
//! For apps that have no login of their own; others make an [`Actor`](crate::Actor) directly.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use eventify_core::account::{Login, Register};
//! use eventify_core::{Actor, Eventify, Role, store::MemoryStore};
//!
//! let eventify = Eventify::builder(MemoryStore::new()).start().await?;
//! let visitor = Actor::anonymous().from_origin("203.0.113.7");
//! let aigul = Register::new("Aigul", "aigul@example.org", "three quiet rivers");
//! eventify.accounts().register(&visitor, aigul).await?;
//!
//! let shown = Login::new("Aigul@Example.org", "three quiet rivers");
//! let tokens = eventify.accounts().login(&visitor, shown).await?;
//! let aigul = eventify.accounts().authenticate(&tokens.access_token).await?;
//! let organizer = eventify.accounts().become_organizer(&aigul).await?;
//! assert_eq!(organizer.user.role, Role::Organizer);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access_token;
mod api_key;
mod authenticate;
mod change_password;
mod change_role;
mod erase;
mod export;
mod grant;
mod login;
mod logout;
mod mail_token;
mod model;
mod notice;
mod password;
mod personal;
mod reauthenticate;
mod refresh;
mod register;
mod reset_password;
mod second_factor;
mod secret_text;
mod sessions;
mod throttle;
mod token_crypto;
mod update_profile;
mod verify_email;
mod view;

pub(crate) use access_token::Passes;
pub use api_key::{ApiKey, ApiKeyView, ApiKeys, CreateApiKey, CreatedApiKey};
pub use authenticate::Bearer;
pub(crate) use authenticate::require_good;
pub use change_password::ChangePassword;
pub use change_role::SetRole;
pub use erase::{EraseAccount, Erasure};
pub(crate) use erase::{erase_part, personal_index};
pub use export::Archive;
pub use grant::RefreshSecret;
pub use login::Login;
pub use mail_token::MailPurpose;
pub(crate) use mail_token::{is_address_of, token_message, token_of};
pub use model::{Credential, EmailClaim, MailToken, MailTokens, RefreshToken, Session, Throttle, User};
pub(crate) use password::Hasher;
pub use password::Password;
pub(crate) use personal::{Personal, Whom};
pub use refresh::Refresh;
pub use register::Register;
pub(crate) use reset_password::mail_reset;
pub use reset_password::{RequestPasswordReset, ResetPassword};
pub use second_factor::{
    BeginSecondFactor, ConfirmSecondFactor, Enrolment, ProveSecondFactor, RecoveryCodes, SecondFactor,
    SecondFactorView,
};
pub use secret_text::SecretText;
pub use sessions::SessionView;
pub(crate) use throttle::probe;
pub(crate) use token_crypto::install as install_crypto;
pub use update_profile::UpdateProfile;
pub use verify_email::VerifyEmail;
pub use view::{PublicProfile, Tokens, UserView, UserWithTokens};

use crate::error::{Error, Reason};
use crate::eventify::Engine;

/// What can be done with accounts. From [`Eventify::accounts`](crate::Eventify::accounts).
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a> {
    pub(crate) engine: &'a Engine,
}

fn user_not_found() -> Error {
    Error::new(Reason::UserNotFound, "There is no such user.")
}
