//! A believable season: cities, languages, time zones and currencies; free, paid, sold out and not yet on sale; events
//! behind us, going on, ahead, cancelled and not published yet – all of it relative to now.
//!
//! `season`, `people` and the words of `guests` are what there is; `fill` makes it, with a clock that goes through the
//! last two months, so that everything was bought when people would have bought it; `rehearsal` is where.

mod changes;
mod fill;
mod guests;
mod mailbox;
mod people;
mod rehearsal;
mod sales;
mod season;
mod tools;

use std::ffi::OsString;

use data_encoding::BASE32_NOPAD;
use eventify_core::Role;

use self::fill::{Filling, Made};
use self::rehearsal::Rehearsal;
use super::derived;
use super::exit::{Exit, Failure};
use super::out::Out;
use super::store::OpenStore;

/// How often it is tried when others change the same categories at the same time.
const TRIES_MAX: u32 = 3;

/// The password that the operator wants. Only the environment says it: a command line can be seen by others.
pub(crate) fn chosen_password() -> Result<Option<String>, Failure> {
    let chosen = std::env::var_os("EVENTIFY_DEMO_PASSWORD").filter(|chosen| !chosen.is_empty());
    let chosen = chosen.map(OsString::into_string).transpose();
    chosen.map_err(|_| Failure::new(Exit::Usage, "EVENTIFY_DEMO_PASSWORD must be UTF-8"))
}

/// Fills the demo season into a store, unless it is there, and says how to log in.
pub(crate) async fn fill(store: &OpenStore, password: Option<&str>, out: &dyn Out) -> Result<(), Failure> {
    let own = own_password(store).await?;
    if is_there(store).await? {
        out.line("The demo season is there already.");
        logins(out, &own, ", unless you chose another one when the season was made");
        return Ok(());
    }
    let password = password.unwrap_or(&own);
    for _ in 0..TRIES_MAX {
        refuse_strangers(store).await?;
        if let Some(made) = make(store, password).await? {
            out.line(&format!("Made the demo season: {made}."));
            logins(out, password, "");
            return Ok(());
        }
    }
    Err(Failure::refused("the store kept changing meanwhile; try again"))
}

/// Makes the season; nothing when others changed the same records at the same time.
async fn make(store: &OpenStore, password: &str) -> Result<Option<Made>, Failure> {
    let rehearsal = Rehearsal::beside(&*store.records).await?;
    let filling = Filling::start(rehearsal.memory.clone()).await?;
    let made = filling.everything(password).await;
    filling.engine.shut_down().await;
    let made = made?;
    Ok(rehearsal.take_over(&*store.records).await?.then_some(made))
}

/// The season comes with its accounts, so nobody else may have their addresses.
async fn refuse_strangers(store: &OpenStore) -> Result<(), Failure> {
    for person in people::everybody() {
        if store.user(person.email).await?.is_some() {
            let sentence =
                format!("{} is registered already, and the demo needs it (email_taken)", person.email);
            return Err(Failure::refused(sentence).hint("give the demo a store of its own with --store"));
        }
    }
    Ok(())
}

fn logins(out: &dyn Out, password: &str, unless: &str) {
    out.line(&format!("Log in with the password {password}{unless}:"));
    for (role, email) in [
        ("attendee", people::ATTENDEES[0].email),
        ("organizer", people::ORGANIZERS[0].email),
        ("admin", people::ADMIN.email),
    ] {
        out.line(&format!("  {role:<9} {email}"));
    }
}

/// It comes wholly or not at all, so its admin tells.
async fn is_there(store: &OpenStore) -> Result<bool, Failure> {
    let admin = store.user(people::ADMIN.email).await?;
    Ok(admin.is_some_and(|user| user.role == Role::Admin))
}

/// A password that follows from the store's own keys: nobody can guess it, and it can be shown again at every start
/// without being kept anywhere.
async fn own_password(store: &OpenStore) -> Result<String, Failure> {
    let text = BASE32_NOPAD.encode(&derived::key(store, "eventify demo password").await?).to_lowercase();
    let part = |n: usize| text.get(n * 4..n * 4 + 4).unwrap_or_default();
    Ok(format!("{}-{}-{}", part(0), part(1), part(2)))
}
