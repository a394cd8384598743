//! Into the box, and out of it.

use super::model::DigestBox;
use super::{Channel, DailyDigest, Preferences, urgency};
use crate::context::Context;
use crate::id::{JobId, UserId, derived_uuid};
use crate::job::{self, Job, JobState, JobWork};
use crate::notification::{Draft, Unsaid, still_said};
use crate::store::Key;
use crate::work::{Decision, Work};

/// The job that empties a person's box.
pub(crate) fn emptying(user_id: UserId) -> JobId {
    JobId::from_uuid(derived_uuid(&[b"digest", user_id.as_bytes()]))
}

/// What is read of a person's box.
fn reads(user_id: UserId) -> [Key; 2] {
    [Key::DigestBox(user_id), Key::Job(emptying(user_id))]
}

/// Puts a mail into its person's box, if it is to wait there; the job that would bring it is then gone.
pub(crate) fn gather(work: &mut Work, cx: &Context<'_>, job: &Job, chosen: &Preferences) -> Decision<bool> {
    let JobWork::Deliver { channel, user_id, address: None, message } = &job.work else {
        return Ok(false);
    };
    if job.attempts > 0 {
        // It may have arrived: it is repeated as it was.
        return Ok(false);
    }
    let Some(at) = chosen.gathered_until(*channel, message, cx.now) else { return Ok(false) };
    work.need(reads(*user_id))?;
    let found = work.find::<DigestBox>(user_id)?;
    let mut drafts = found.map(|found| found.drafts.clone()).unwrap_or_default();
    if drafts.len() >= DigestBox::DRAFTS_MAX {
        send(work, cx, *user_id, std::mem::take(&mut drafts));
    }
    drafts.push((**message).clone());
    work.put(DigestBox { user_id: *user_id, drafts });
    let waiting = work.find::<Job>(&emptying(*user_id))?;
    // One that was given up is no job any more, and one that is late is about to run.
    if waiting.is_none_or(|job| matches!(job.state, JobState::Dead { .. })) {
        job::schedule(work, cx, emptying(*user_id), JobWork::EmptyDigest(*user_id), at);
    }
    work.delete::<Job>(&job.id);
    Ok(true)
}

/// Sends what is in a person's box, but for what the person refused meanwhile and what is not so any more.
pub(crate) fn empty(work: &mut Work, cx: &Context<'_>, user_id: UserId) -> Decision<()> {
    work.need([Key::DigestBox(user_id), Key::Preferences(user_id)])?;
    let Some(found) = work.find::<DigestBox>(&user_id)? else { return Ok(()) };
    let chosen = work.find::<Preferences>(&user_id)?;
    let unsaid = Unsaid { user_id, channel: Channel::Email, drafts: &found.drafts };
    let drafts = still_said(work, cx, chosen.as_deref(), unsaid)?;
    work.delete::<DigestBox>(&user_id);
    if !drafts.is_empty() {
        send(work, cx, user_id, drafts);
    }
    Ok(())
}

/// Has a box emptied at its person's new time, or before, when something in it can wait no longer; at once for one who
/// wants no digest any more.
pub(crate) fn arrange(
    work: &mut Work,
    cx: &Context<'_>,
    user_id: UserId,
    digest: Option<&DailyDigest>,
) -> Decision<()> {
    work.need(reads(user_id))?;
    work.find::<Job>(&emptying(user_id))?;
    if let Some(found) = work.find::<DigestBox>(&user_id)? {
        let next = digest.and_then(|digest| digest.next(cx.now)).unwrap_or(cx.now);
        let at = urgency(&found.drafts, cx.now).map_or(next, |urgent| next.min(urgent.from)).max(cx.now);
        job::schedule(work, cx, emptying(user_id), JobWork::EmptyDigest(user_id), at);
    }
    Ok(())
}

fn send(work: &mut Work, cx: &Context<'_>, user_id: UserId, drafts: Vec<Draft>) {
    let id = JobId::from_uuid(cx.new_uuid());
    job::schedule(work, cx, id, JobWork::DeliverDigest { user_id, drafts }, cx.now);
}
