//! Telling a person that something about their account changed.

use super::model::User;
use crate::context::Context;
use crate::id::{FactId, JobId};
use crate::job::{self, JobWork};
use crate::notification::{Attached, Channel, Draft, FactName, Notice, Words, fact, tell};
use crate::work::{Decision, Work};

/// Tells the person by every channel, whatever they chose. The words say what, never anything secret.
pub(super) fn notice(work: &mut Work, cx: &Context<'_>, user: &User, words: &Words) -> Decision<()> {
    let id = FactId::from_uuid(cx.new_uuid());
    let changed = fact(cx, FactName::AccountChanged, id, None, &serde_json::json!({ "user_id": user.id }));
    tell(work, cx, &changed, &Notice::new(user.id, words)).map(drop)
}

/// Tells the address that is the account's no more, so that whoever lost the account to somebody hears of it.
pub(super) fn notice_at_old_address(work: &mut Work, cx: &Context<'_>, before: &User) {
    if !cx.outlets.channels().contains(&Channel::Email) {
        return;
    }
    let id = cx.new_uuid();
    let message = Draft {
        fact: FactName::AccountChanged,
        event_id: None,
        words: Words::AccountEmailLost {},
        attached: Attached::Nothing,
        urgent: None,
    };
    let (channel, user_id, address) = (Channel::Email, before.id, Some(before.email.clone()));
    let deliver = JobWork::Deliver { channel, user_id, address, message: Box::new(message) };
    job::schedule(work, cx, JobId::from_uuid(id), deliver, cx.now);
}
