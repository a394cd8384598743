//! Work that must happen later.

use eventify_core::Timestamp;
use eventify_core::job::{Job, JobState, JobWork};

use super::words::{Word, odd_state, take_word};
use crate::cells::{Bad, Cells};
use crate::columns::{Batch, Columns, Spec, documents, table};

documents! { JobWork }

impl Columns for JobState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("leased_until"));
        to.push(Spec::nullable::<Timestamp>("dead_since"));
    }
    fn put(&self, row: &mut Batch) {
        let (status, until, since) = match self {
            Self::Waiting => ("waiting", None, None),
            Self::Leased { until } => ("leased", Some(until), None),
            Self::Dead { at } => ("dead", None, Some(at)),
        };
        row.put(&Word(status));
        row.put_option(until);
        row.put_option(since);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        let (until, since) = (Columns::take(row)?, Columns::take(row)?);
        match (status.as_str(), until, since) {
            ("waiting", None, None) => Ok(Self::Waiting),
            ("leased", Some(until), None) => Ok(Self::Leased { until }),
            ("dead", None, Some(at)) => Ok(Self::Dead { at }),
            _ => Err(odd_state(&status)),
        }
    }
}

table! {
    Job: id;
    fields work, due_at, attempts, state, last_error, created_at;
    derive name = |job| Word(job.work.name());
    derive class = |job| Word(job.work.class().as_str());
    derive line = |job| job.work.line().map(|line| line.to_string());
    derive event_id = |job| job.work.event_id();
    derive listed_at = |job| match job.state {
        JobState::Waiting => job.due_at,
        JobState::Leased { until } => until,
        JobState::Dead { at } => at,
    };
}
