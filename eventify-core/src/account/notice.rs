//! Telling a person that something about their account changed.

use super::model::User;
use crate::context::Context;
use crate::id::FactId;
use crate::notification::{FactName, Notice, fact, tell};
use crate::work::{Decision, Work};

/// Tells the person by every channel, whatever they chose. The words say what, never anything secret.
pub(super) fn notice(work: &mut Work, cx: &Context<'_>, user: &User, title: &str) -> Decision<()> {
    let id = FactId::from_uuid(cx.new_uuid());
    let changed = fact(cx, FactName::AccountChanged, id, None, &serde_json::json!({ "user_id": user.id }));
    let body = "If that was not you, set a new password now and end your other sessions.";
    tell(work, cx, &changed, &Notice { user_id: user.id, title, body }).map(drop)
}
