//! Telling a person that something about their account changed.

use super::model::User;
use crate::context::Context;
use crate::id::{FactId, JobId};
use crate::job::{self, JobWork};
use crate::notification::{Channel, FactName, Message, Notice, fact, tell};
use crate::work::{Decision, Work};

/// Tells the person by every channel, whatever they chose. The words say what, never anything secret.
pub(super) fn notice(work: &mut Work, cx: &Context<'_>, user: &User, title: &str) -> Decision<()> {
    let id = FactId::from_uuid(cx.new_uuid());
    let changed = fact(cx, FactName::AccountChanged, id, None, &serde_json::json!({ "user_id": user.id }));
    let body = "If that was not you, set a new password now and end your other sessions.";
    tell(work, cx, &changed, &Notice { user_id: user.id, title, body, urgent: None }).map(drop)
}

/// Tells the address that is the account's no more, so that whoever lost the account to somebody hears of it.
pub(super) fn notice_at_old_address(work: &mut Work, cx: &Context<'_>, before: &User, title: &str) {
    if !cx.outlets.channels().contains(&Channel::Email) {
        return;
    }
    let id = cx.new_uuid();
    let body = "It is not reached at this address any more. If that was not you, tell whoever runs this service at once.";
    let message = Message {
        dedupe_key: id.to_string(),
        fact: FactName::AccountChanged,
        event_id: None,
        title: title.to_owned(),
        body: body.to_owned(),
        tickets: Vec::new(),
        unsubscribe: None,
        token: None,
    };
    let (channel, user_id, address) = (Channel::Email, before.id, Some(before.email.clone()));
    let deliver = JobWork::Deliver { channel, user_id, address, message: Box::new(message), urgent: None };
    job::schedule(work, cx, JobId::from_uuid(id), deliver, cx.now);
}
