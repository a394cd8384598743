//! What is kept about a person beside the account itself: a list that every noun joins with one line.

use serde_json::Value;

use crate::context::Context;
use crate::id::UserId;
use crate::notification::Voice;
use crate::store::{EmailKey, Index, Key, Record};
use crate::work::{Decision, Work};

/// What one noun keeps about people: how it is found, shown to its person, and forgotten.
pub(crate) struct Personal {
    /// Waiting jobs name it: never reused, and the parts are forgotten in this order.
    pub(crate) number: u8,
    /// Its name in the archive.
    pub(crate) name: &'static str,
    /// Where it is found.
    pub(crate) find: fn(&Whom) -> Index,
    /// What the archive says of a record; `None` for one that is somebody else's.
    pub(crate) show: Option<Show>,
    /// Makes a record say nothing of the person any more. Doing so twice is the same. `None` for what stays as it is:
    /// it names the person by id only.
    pub(crate) forget: Option<Forget>,
}

/// Of whom something is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whom {
    pub(crate) user_id: UserId,
    /// The address of the account, also when it is gone.
    pub(crate) email: EmailKey,
}

type Show = fn(&Whom, &Voice<'_>, &Record) -> Option<Value>;
type Forget = fn(&mut Work, &Context<'_>, &Whom, &Key) -> Decision<()>;

const PERSONAL: &[Personal] = &[
    super::sessions::PERSONAL,
    crate::booking::PERSONAL,
    crate::ticket::PERSONAL,
    crate::notification::PERSONAL,
    crate::audit::PERSONAL,
    crate::job::PERSONAL,
    crate::waitlist::PERSONAL,
    crate::review::PERSONAL,
    crate::staff::PERSONAL,
    crate::transfer::OFFERED,
    crate::transfer::RECEIVED,
    crate::payment::PERSONAL,
    crate::webhook::PERSONAL,
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
    use crate::store::Kind;

    /// What becomes of a kind of record when a person is erased.
    enum Fate {
        /// It is the account's, and goes with it.
        Account,
        /// These parts show and forget it.
        Parts(&'static [&'static str]),
        /// It names people by their ids only, if at all.
        ById,
        /// It holds an address for an hour, or a day: it ends by itself.
        EndsByItself,
    }

    /// A new kind of record does not compile before somebody has thought about this.
    const fn fate(kind: Kind) -> Fate {
        match kind {
            Kind::User | Kind::EmailClaim | Kind::Credential | Kind::SecondFactor => Fate::Account,
            Kind::MailTokens | Kind::ApiKeys | Kind::Preferences => Fate::Account,
            Kind::PushSubscriptions | Kind::PushClaim | Kind::DigestBox => Fate::Account,
            Kind::Throttle => Fate::EndsByItself,
            Kind::Session => Fate::Parts(&["sessions"]),
            Kind::Booking => Fate::Parts(&["bookings"]),
            Kind::Ticket => Fate::Parts(&["tickets"]),
            Kind::Notification => Fate::Parts(&["notifications"]),
            Kind::AuditEntry => Fate::Parts(&["audit"]),
            Kind::Job => Fate::Parts(&["dead_letters"]),
            Kind::WaitlistEntry | Kind::WaitlistPlace => Fate::Parts(&["waitlists"]),
            Kind::Review => Fate::Parts(&["reviews"]),
            Kind::Staff => Fate::Parts(&["staff"]),
            Kind::Webhook => Fate::Parts(&["webhooks"]),
            // What webhooks were told names people by their ids only, and ends by itself.
            Kind::WebhookList | Kind::WebhookDelivery => Fate::ById,
            Kind::Transfer => Fate::Parts(&["transfers", "offers"]),
            Kind::Payment => Fate::Parts(&["payments"]),
            Kind::BookingPayments | Kind::LedgerEntry => Fate::ById,
            // Answers are kept without words and addresses: `command::Command::Reply`.
            Kind::IdempotentReply => Fate::ById,
            Kind::Erasure | Kind::OpenEvents | Kind::Allowance | Kind::PromoUse => Fate::ById,
            Kind::Keyring | Kind::LaneMark | Kind::RefreshToken => Fate::ById,
            Kind::Event | Kind::Schedule | Kind::Category | Kind::CategoryName => Fate::ById,
            Kind::Inventory | Kind::TicketType | Kind::PromoCode | Kind::EventRating => Fate::ById,
            Kind::EventTally | Kind::EventDay => Fate::ById,
            Kind::SeatMap | Kind::SeatSection | Kind::SeatRow | Kind::Waitlist => Fate::ById,
            Kind::ShortCodeClaim | Kind::Passages | Kind::GateScan => Fate::ById,
            Kind::Announcement | Kind::AnnouncementLog => Fate::ById,
        }
    }

    #[test]
    fn every_kind_of_record_has_a_fate_and_every_part_a_kind() {
        let named = Kind::ALL.iter().flat_map(|kind| match fate(*kind) {
            Fate::Parts(parts) => parts,
            Fate::Account | Fate::ById | Fate::EndsByItself => &[][..],
        });
        let named: std::collections::BTreeSet<&str> = named.copied().collect();
        let parts: std::collections::BTreeSet<&str> = PERSONAL.iter().map(|part| part.name).collect();
        assert_eq!(named, parts);
    }

    #[test]
    fn no_two_parts_have_one_number_or_name() {
        let numbers: std::collections::BTreeSet<u8> = PERSONAL.iter().map(|part| part.number).collect();
        let names: std::collections::BTreeSet<&str> = PERSONAL.iter().map(|part| part.name).collect();
        assert_eq!((numbers.len(), names.len()), (PERSONAL.len(), PERSONAL.len()));
        assert!(!numbers.contains(&0), "a job that begins names none yet");
    }
}
