//! What an API key may be used for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::error::Error;

// `tt`, not `literal`: a literal of a macro is wrapped, and the schema derive reads the bare one only.
macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $code:tt, $role:ident;)+) => {
        /// What an API key may be used for. A key does what its person may do, and of that only what its scopes name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
        pub enum Scope { $($(#[$doc])* #[serde(rename = $code)] $name,)+ }

        impl Scope {
            /// Every scope.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name, as in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The least role of somebody who may make a key with it.
            #[must_use]
            pub const fn role(self) -> Role {
                match self { $(Self::$name => Role::$role,)+ }
            }
        }
    };
}

scopes! {
    /// See one's own account.
    AccountRead = "account:read", Attendee;
    /// See drafts and what else only an event's organizer sees of it.
    EventsRead = "events:read", Attendee;
    /// Make, change, publish and cancel events, their schedules, categories and ticket types.
    EventsWrite = "events:write", Organizer;
    /// See bookings and tickets: one's own, and those of one's events.
    BookingsRead = "bookings:read", Attendee;
    /// Hold, buy, confirm and cancel.
    BookingsWrite = "bookings:write", Attendee;
    /// See payments: one's own, and those of one's events.
    PaymentsRead = "payments:read", Attendee;
    /// Begin to pay; of one's events: give money back, and say what was taken and paid out by hand.
    PaymentsWrite = "payments:write", Attendee;
    /// See who has tickets of one's events.
    AttendeesRead = "attendees:read", Attendee;
    /// Let people in.
    TicketsCheckIn = "tickets:check_in", Attendee;
    /// Read one's notifications and preferences.
    NotificationsRead = "notifications:read", Attendee;
    /// Mark notifications as read and change preferences.
    NotificationsWrite = "notifications:write", Attendee;
    /// Tell those who have tickets of one's events something.
    AnnouncementsWrite = "announcements:write", Attendee;
    /// Do with other scopes what an admin may; read the audit trail and see to jobs.
    Admin = "admin", Admin;
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().copied().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| Error::invalid("scopes", "must be scopes that there are"))
    }
}
