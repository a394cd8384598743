//! Lines of the outside: whoever is slow, or has much to do, holds up nobody else.

use std::fmt;

use super::model::{Job, JobClass, JobWork};
use crate::id::{JobId, derived_uuid};
use crate::notification::{Channel, FactName};
use crate::store::{Index, Key};

/// The line in which a job of the class [`JobClass::Outside`] waits. Each has places of its own at the worker, so that a mail
/// server that never answers, or an announcement to a hundred thousand people, takes those of its line only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JobLine {
    /// For a payment provider.
    Payments,
    /// Mail that somebody waits for, such as tickets just bought.
    Email,
    /// Mail about what may wait for the end of quiet hours, but is to be known: an event that was called off, or moved.
    EmailNews,
    /// Mail that goes last, such as an announcement.
    EmailLater,
    /// Text messages.
    Sms,
    /// Those that go last.
    SmsLater,
    /// Push messages.
    Push,
    /// Those that go last.
    PushLater,
    /// For the publisher of this name.
    Publisher(String),
}

impl fmt::Display for JobLine {
    /// As it is stored: never changed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Payments => "payments",
            Self::Email => "email",
            Self::EmailNews => "email_news",
            Self::EmailLater => "email_later",
            Self::Sms => "sms",
            Self::SmsLater => "sms_later",
            Self::Push => "push",
            Self::PushLater => "push_later",
            Self::Publisher(name) => return write!(f, "publisher:{name}"),
        })
    }
}

impl JobLine {
    /// The lines of a channel, first things first.
    pub(super) const fn all_of(channel: Channel) -> &'static [Self] {
        match channel {
            Channel::Email => &[Self::Email, Self::EmailNews, Self::EmailLater],
            Channel::Sms => &[Self::Sms, Self::SmsLater],
            Channel::Push => &[Self::Push, Self::PushLater],
            Channel::InApp => &[],
        }
    }

    /// The channel whose line it is; none for one that leads to no person.
    pub(super) const fn channel(&self) -> Option<Channel> {
        match self {
            Self::Email | Self::EmailNews | Self::EmailLater => Some(Channel::Email),
            Self::Sms | Self::SmsLater => Some(Channel::Sms),
            Self::Push | Self::PushLater => Some(Channel::Push),
            Self::Payments | Self::Publisher(_) => None,
        }
    }

    const fn of(channel: Channel, fact: FactName) -> Self {
        match channel {
            Channel::Email if fact.goes_last() => Self::EmailLater,
            Channel::Email if fact.may_wait() => Self::EmailNews,
            Channel::Email => Self::Email,
            Channel::Sms if fact.goes_last() => Self::SmsLater,
            Channel::Sms => Self::Sms,
            // The history is no outside channel: nothing is ever delivered to it.
            Channel::Push | Channel::InApp if fact.goes_last() => Self::PushLater,
            Channel::Push | Channel::InApp => Self::Push,
        }
    }
}

impl JobWork {
    /// Where it waits for somebody outside; none for work of the other classes.
    #[must_use]
    pub fn line(&self) -> Option<JobLine> {
        Some(match self {
            Self::Deliver { channel, message, .. } => JobLine::of(*channel, message.fact),
            Self::DeliverToken { .. } => JobLine::Email,
            Self::DeliverDigest { .. } => JobLine::EmailLater,
            Self::Publish { publisher, .. } => JobLine::Publisher(publisher.clone()),
            Self::RefundPayment { .. } | Self::WatchPayment { .. } | Self::FindDisputed { .. } => {
                JobLine::Payments
            }
            Self::DeliverWebhook { .. }
            | Self::ExpireHold(..)
            | Self::ExpireTransfer(..)
            | Self::CompleteEvent(_)
            | Self::SweepCancelledEvent { .. }
            | Self::SweepDeletedEvent(_)
            | Self::ServeWaitlist { .. }
            | Self::TellHolders { .. }
            | Self::MailReset { .. }
            | Self::EraseUser { .. }
            | Self::FanOut { .. }
            | Self::WatchWebhook { .. }
            | Self::EmptyDigest(_) => return None,
        })
    }
}

/// Where workers find jobs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Queue {
    /// All of a class.
    Of(JobClass),
    /// Those of a line of the outside.
    In(JobLine),
}

impl Queue {
    /// The engine's own.
    pub(super) const INSIDE: Self = Self::Of(JobClass::Inside);
    /// For webhooks.
    pub(super) const WEBHOOKS: Self = Self::Of(JobClass::Webhook);

    /// Where a job is found.
    pub(super) fn of(job: &Job) -> Self {
        job.work.line().map_or_else(|| Self::Of(job.work.class()), Self::In)
    }

    /// Itself, and the others that whoever serves it serves as well: all lines of its channel.
    pub(super) fn served_together(&self) -> Vec<Self> {
        match self {
            Self::In(line) => match line.channel() {
                Some(channel) => JobLine::all_of(channel).iter().cloned().map(Self::In).collect(),
                None => vec![self.clone()],
            },
            Self::Of(_) => vec![self.clone()],
        }
    }

    /// What lists them, by the instant they are due.
    pub(super) fn index(&self) -> Index {
        match self {
            Self::Of(class) => Index::JobsDue(*class),
            Self::In(line) => Index::JobsInLine(line.clone()),
        }
    }

    /// Where workers of several processes take turns: no job has this id.
    pub(super) fn place(&self) -> Key {
        let name = match self {
            Self::Of(class) => class.as_str().to_owned(),
            Self::In(line) => line.to_string(),
        };
        Key::Job(JobId::from_uuid(derived_uuid(&[b"queue", name.as_bytes()])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample;

    #[test]
    fn who_waits_for_somebody_outside_waits_in_a_line() {
        for work in (0..200).map(|n| sample::job(n).work) {
            assert_eq!(work.line().is_some(), work.class() == JobClass::Outside, "{}", work.name());
        }
    }
}
