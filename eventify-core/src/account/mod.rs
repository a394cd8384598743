//! Accounts: registering, logging in and staying logged in, profiles and roles.
//!
//! For apps that have no login of their own; others make an [`Actor`](crate::Actor) directly.

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
