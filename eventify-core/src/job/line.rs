//! Lines of the outside: whoever is slow, or has much to do, holds up nobody else.

use std::fmt;

use super::model::{Job, JobClass, JobWork};
use crate::id::{JobId, derived_uuid};
use crate::notification::Channel;
use crate::store::{Index, Key};

/// The line in which a job of the class [`JobClass::Outside`] waits. Each has places of its own at the worker, so that a mail
/// server that never answers, or an announcement to a hundred thousand people, takes those of its line only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JobLine {
    /// For a payment provider.
    Payments,
    /// Mail that somebody waits for, such as tickets just bought.
    Email,
    /// Mail about what may wait for the end of quiet hours, such as an announcement.
    EmailLater,
    /// Text messages.
    Sms,
    /// Push messages.
    Push,
    /// For the publisher of this name.
    Publisher(String),
}

impl fmt::Display for JobLine {
    /// As it is stored: never changed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Payments => "payments",
            Self::Email => "email",
            Self::EmailLater => "email_later",
            Self::Sms => "sms",
            Self::Push => "push",
            Self::Publisher(name) => return write!(f, "publisher:{name}"),
        })
    }
}

impl JobWork {
    /// Where it waits for somebody outside; none for work of the other classes.
    #[must_use]
    pub fn line(&self) -> Option<JobLine> {
        Some(match self {
            Self::Deliver { channel: Channel::Email, message, .. } if message.fact.may_wait() => {
                JobLine::EmailLater
            }
            Self::Deliver { channel: Channel::Email, .. } | Self::DeliverToken { .. } => JobLine::Email,
            Self::DeliverDigest { .. } => JobLine::EmailLater,
            Self::Deliver { channel: Channel::Sms, .. } => JobLine::Sms,
            // The history is no outside channel: nothing is ever delivered to it.
            Self::Deliver { channel: Channel::Push | Channel::InApp, .. } => JobLine::Push,
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
