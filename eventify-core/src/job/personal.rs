//! What jobs keep about people.

use super::model::{Job, JobWork};
use crate::account::Personal;
use crate::store::{Index, Key};

/// Messages that never arrived have words for their person. Those that still wait are dropped when their time comes.
pub(crate) const PERSONAL: Personal = Personal {
    number: 6,
    name: "dead_letters",
    find: |_| Index::JobsDead,
    show: None,
    forget: Some(|work, _, whom, key| {
        let Key::Job(id) = key else { return Ok(()) };
        let is_theirs = |job: &Job| match &job.work {
            JobWork::Deliver { user_id: to, .. }
            | JobWork::DeliverDigest { user_id: to, .. }
            | JobWork::DeliverToken { user_id: to, .. } => *to == whom.user_id,
            JobWork::MailReset { email, .. } => *email == whom.email,
            _ => false,
        };
        if work.find::<Job>(id)?.is_some_and(|job| is_theirs(&job)) {
            work.delete::<Job>(id);
        }
        Ok(())
    }),
};
