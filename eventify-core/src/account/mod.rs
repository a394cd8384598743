//! account.

mod model;

pub use model::{Credential, EmailClaim, RefreshToken, Session, Throttle, User};
