//! What is kept about a person beside the account itself: a list that every noun joins with one line.

use serde_json::Value;

use crate::context::Context;
use crate::id::UserId;
use crate::store::{Index, Key, Record};
use crate::work::{Decision, Work};

/// What one noun keeps about people: how it is found, shown to its person, and forgotten.
pub(crate) struct Personal {
    /// Waiting jobs name it: never reused, and the parts are forgotten in this order.
    pub(crate) number: u8,
    /// Its name in the archive.
    pub(crate) name: &'static str,
    /// Where it is found.
    pub(crate) find: fn(UserId) -> Index,
    /// What the archive says of a record; `None` for one that is somebody else's.
    pub(crate) show: Option<Show>,
    /// Makes a record say nothing of the person any more. Doing so twice is the same. `None` for what stays as it is:
    /// it names the person by id only.
    pub(crate) forget: Option<Forget>,
}

type Show = fn(UserId, &Record) -> Option<Value>;
type Forget = fn(&mut Work, &Context<'_>, UserId, &Key) -> Decision<()>;

const PERSONAL: &[Personal] = &[
    super::sessions::PERSONAL,
    crate::booking::PERSONAL,
    crate::ticket::PERSONAL,
    crate::notification::PERSONAL,
    crate::audit::PERSONAL,
    crate::job::PERSONAL,
];

/// What is shown of a person, in the archive's order.
pub(super) fn shown() -> impl Iterator<Item = &'static Personal> {
    PERSONAL.iter().filter(|part| part.show.is_some())
}

/// A part that is forgotten.
pub(super) fn forgotten(number: u8) -> Option<&'static Personal> {
    PERSONAL.iter().find(|part| part.number == number && part.forget.is_some())
}

/// The part that is forgotten next.
pub(super) fn forgotten_after(number: u8) -> Option<&'static Personal> {
    let rest = PERSONAL.iter().filter(|part| part.number > number && part.forget.is_some());
    rest.min_by_key(|part| part.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_parts_have_one_number_or_name() {
        let numbers: std::collections::BTreeSet<u8> = PERSONAL.iter().map(|part| part.number).collect();
        let names: std::collections::BTreeSet<&str> = PERSONAL.iter().map(|part| part.name).collect();
        assert_eq!((numbers.len(), names.len()), (PERSONAL.len(), PERSONAL.len()));
        assert!(!numbers.contains(&0), "a job that begins names none yet");
    }
}
