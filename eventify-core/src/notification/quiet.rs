//! Quiet hours: the part of the day in which nothing that can wait leaves the house.

use std::fmt;
use std::str::FromStr;

use jiff::{Zoned, civil};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::model::{FactName, Preferences};
use crate::time::{TimeZoneName, Timestamp};

/// A time of day, to the minute. In JSON as `"22:00"`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct TimeOfDay(u16);

/// The text is no time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a time of day from 00:00 to 23:59")]
pub struct NotATimeOfDay;

impl TimeOfDay {
    pub(super) fn to_jiff(self) -> civil::Time {
        let part = |n: u16| i8::try_from(n).unwrap_or(0);
        civil::Time::new(part(self.0 / 60), part(self.0 % 60), 0, 0).unwrap_or(civil::Time::MIN)
    }
}

impl FromStr for TimeOfDay {
    type Err = NotATimeOfDay;

    fn from_str(text: &str) -> Result<Self, NotATimeOfDay> {
        let [a, b, b':', c, d] = text.as_bytes() else { return Err(NotATimeOfDay) };
        let two = |tens: u8, ones: u8| {
            (tens.is_ascii_digit() && ones.is_ascii_digit())
                .then(|| u16::from(tens - b'0') * 10 + u16::from(ones - b'0'))
        };
        match (two(*a, *b), two(*c, *d)) {
            (Some(hours @ 0..=23), Some(minutes @ 0..=59)) => Ok(Self(hours * 60 + minutes)),
            _ => Err(NotATimeOfDay),
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        } else {
            u16::deserialize(deserializer).map(Self)
        }
    }
}

/// When a person wants to be left alone, by the clocks of their time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From this time of day on.
    pub from: TimeOfDay,
    /// Until this one; on the next day when it is not later than `from`. Never the same.
    pub to: TimeOfDay,
    /// An IANA time zone.
    pub time_zone: TimeZoneName,
}

impl QuietHours {
    /// When the quiet hours end that an instant lies in; `None` when it lies in none. It is the first instant that is not
    /// quiet any more, also when the clocks change before: they may skip the end, or go back into the quiet hours.
    #[must_use]
    pub fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let zone = self.time_zone.to_jiff();
        let local = now.to_jiff().to_zoned(zone.clone());
        if !self.cover(&local) {
            return None;
        }
        let to = self.to.to_jiff();
        let day = if local.time() < to { local.date() } else { local.date().tomorrow().ok()? };
        let end = zone.to_ambiguous_zoned(day.to_datetime(to));
        let change = zone.following(now.to_jiff()).next().map(|t| t.timestamp().to_zoned(zone.clone()));
        let candidates = [end.clone().earlier().ok(), end.later().ok(), change];
        let ends = candidates.into_iter().flatten().filter(|at| *at > local && !self.cover(at));
        ends.min().and_then(|at| Timestamp::from_jiff(at.timestamp()).ok())
    }

    fn cover(&self, local: &Zoned) -> bool {
        let (from, to, time) = (self.from.to_jiff(), self.to.to_jiff(), local.time());
        if from < to { from <= time && time < to } else { from <= time || time < to }
    }
}

/// When news of an event cannot wait: from twelve hours before it begins until it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urgent {
    /// From this instant on.
    pub from: Timestamp,
    /// Until this one.
    pub until: Timestamp,
}

impl Urgent {
    /// How long before an event.
    pub const AHEAD: std::time::Duration = std::time::Duration::from_secs(12 * 3600);

    pub(crate) fn about(starts_at: Option<Timestamp>, ends_at: Option<Timestamp>) -> Option<Self> {
        Some(Self { from: starts_at?.minus(Self::AHEAD), until: ends_at? })
    }

    /// About something that was to be at one time and is at another one.
    pub(crate) fn or(self, other: Option<Self>) -> Self {
        other.map_or(self, |o| Self { from: self.from.min(o.from), until: self.until.max(o.until) })
    }
}

impl FactName {
    /// Whether a message about it may wait for the end of quiet hours. What answers a person who is doing something does
    /// not – a purchase, an entry – nor what runs out, nor anything about the account.
    #[must_use]
    pub const fn may_wait(self) -> bool {
        match self {
            Self::TicketPurchased
            | Self::TicketCheckin
            | Self::TicketReissued
            | Self::BookingHeld
            | Self::BookingConfirmed
            | Self::WaitlistOffered
            | Self::PaymentSucceeded
            | Self::PaymentFailed
            | Self::EmailVerification
            | Self::PasswordReset
            | Self::AccountChanged
            | Self::WebhookTest
            | Self::WebhookDisabled => false,
            Self::TicketOffered
            | Self::TicketTransferred
            | Self::EventPublished
            | Self::EventUpdated
            | Self::EventCancelled
            | Self::EventReminder
            | Self::BookingExpired
            | Self::WaitlistEnded
            | Self::BookingCancelled
            | Self::PaymentRefunded
            | Self::ReviewSubmitted
            | Self::ReviewApproved
            | Self::ReviewRejected
            | Self::ReviewReplied
            | Self::Announcement
            | Self::Digest => true,
        }
    }
}

impl FactName {
    /// Whether messages about it go after all others of their channel: words to everybody, and about reviews. What they say is
    /// as true an hour later.
    #[must_use]
    pub const fn goes_last(self) -> bool {
        matches!(
            self,
            Self::Announcement
                | Self::Digest
                | Self::ReviewSubmitted
                | Self::ReviewApproved
                | Self::ReviewRejected
                | Self::ReviewReplied
        )
    }
}

impl Preferences {
    /// When a message may leave the house: now, at the end of quiet hours, or when it becomes urgent.
    pub(crate) fn sent_at(&self, fact: FactName, urgent: Option<Urgent>, now: Timestamp) -> Timestamp {
        let quiet = self.quiet_hours.as_ref().filter(|_| fact.may_wait());
        let Some(end) = quiet.and_then(|quiet| quiet.end(now)) else {
            return now;
        };
        match urgent.filter(|urgent| now < urgent.until) {
            Some(urgent) => end.min(urgent.from).max(now),
            None => end,
        }
    }
}
