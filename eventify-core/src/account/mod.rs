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
//! let aigul = Register {
//!     name: "Aigul".into(),
//!     email: "aigul@example.org".into(),
//!     password: "three quiet rivers".into(),
//! };
//! eventify.accounts().register(&visitor, aigul).await?;
//!
//! let shown = Login { email: "Aigul@Example.org".into(), password: "three quiet rivers".into() };
//! let tokens = eventify.accounts().login(&visitor, shown).await?;
//! let aigul = eventify.accounts().authenticate(&tokens.access_token).await?;
//! let organizer = eventify.accounts().become_organizer(&aigul).await?;
//! assert_eq!(organizer.user.role, Role::Organizer);
//! # eventify.shut_down().await;
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access_token;
mod authenticate;
mod change_password;
mod change_role;
mod grant;
mod login;
mod logout;
mod model;
mod password;
mod refresh;
mod register;
mod throttle;
mod update_profile;
mod view;

pub(crate) use access_token::install_crypto;
pub use change_password::ChangePassword;
pub use change_role::SetRole;
pub use grant::RefreshSecret;
pub use login::Login;
pub use model::{Credential, EmailClaim, RefreshToken, Session, Throttle, User};
pub(crate) use password::Hasher;
pub use password::Password;
pub use refresh::Refresh;
pub use register::Register;
pub use update_profile::UpdateProfile;
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
