//! The deployment's keys.

use eventify_core::keyring::{Keyring, NumberedKey, Secret};

use crate::columns::{group, table, values};

values! {
    Secret: [u8; 32] = |secret, out| out.extend_from_slice(secret.expose()), |bytes| Ok(Self::new(bytes));
}

group! {
    NumberedKey: id, secret, created_at;
}

table! {
    Keyring: singleton;
    fields deployment, refresh_key, account_key, cursor_key;
    list access_token_keys in "access_token_keys" by singleton;
    list ticket_keys in "ticket_keys" by singleton;
}
