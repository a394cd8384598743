//! Reviews, and what they come to.

use eventify_core::Timestamp;
use eventify_core::review::{EventRating, Reply, Review, ReviewPolicy, ReviewState};

use super::words::{Word, odd_state, take_word};
use crate::cells::{Bad, Cells};
use crate::columns::{Batch, Columns, Spec, table, words};

words! {
    ReviewPolicy: AtOnce = "at_once", AfterApproval = "after_approval";
}

impl Columns for ReviewState {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::new::<Word>("status"));
        to.push(Spec::nullable::<Timestamp>("status_since"));
        to.push(Spec::nullable::<String>("reject_reason"));
    }
    fn put(&self, row: &mut Batch) {
        let (status, since, reason) = match self {
            Self::Pending => ("pending", None, None),
            Self::Approved { at } => ("approved", Some(at), None),
            Self::Rejected { at, reason } => ("rejected", Some(at), Some(reason)),
            Self::Withdrawn { at } => ("withdrawn", Some(at), None),
        };
        row.put(&Word(status));
        row.put_option(since);
        row.put_option(reason);
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let status = take_word(row)?;
        let (since, reason) = (Columns::take(row)?, Columns::take(row)?);
        match (status.as_str(), since, reason) {
            ("pending", None, None) => Ok(Self::Pending),
            ("approved", Some(at), None) => Ok(Self::Approved { at }),
            ("rejected", Some(at), Some(reason)) => Ok(Self::Rejected { at, reason }),
            ("withdrawn", Some(at), None) => Ok(Self::Withdrawn { at }),
            _ => Err(odd_state(&status)),
        }
    }
}

impl Columns for Option<Reply> {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.push(Spec::nullable::<String>("reply_text"));
        to.push(Spec::nullable::<Timestamp>("reply_at"));
    }
    fn put(&self, row: &mut Batch) {
        row.put_option(self.as_ref().map(|reply| &reply.text));
        row.put_option(self.as_ref().map(|reply| &reply.at));
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        match (Columns::take(row)?, Columns::take(row)?) {
            (Some(text), Some(at)) => Ok(Some(Reply { text, at })),
            (None, None) => Ok(None),
            _ => Err(Bad::new("half a reply")),
        }
    }
}

/// How often 1, 2, 3, 4 and 5 were given.
impl Columns for [u32; 5] {
    fn list(_: &str, to: &mut Vec<Spec>) {
        to.extend((1..=5).map(|rating| Spec::new::<u32>(&format!("rated_{rating}"))));
    }
    fn put(&self, row: &mut Batch) {
        self.iter().for_each(|count| row.put(count));
    }
    fn take(row: &mut Cells<'_>) -> Result<Self, Bad> {
        let mut counts = [0; 5];
        for count in &mut counts {
            *count = Columns::take(row)?;
        }
        Ok(counts)
    }
}

table! {
    Review: id;
    fields event_id, user_id, rating, comment, state, refused, reply, created_at, updated_at;
    derive ranked_at = |review| review.ranked_at();
}

table! {
    EventRating: event_id;
    fields counts;
}
