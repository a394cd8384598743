//! All that is known of a person, as one JSON archive that is read page by page.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api_key::{ApiKeyView, ApiKeys};
use super::model::User;
use super::personal::{self, Whom};
use super::second_factor::SecondFactor;
use super::view::UserView;
use super::{Accounts, user_not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::eventify::of_kind;
use crate::id::UserId;
use crate::notification::{
    DigestBox, Preferences, PreferencesView, PushSubscriptionView, PushSubscriptions, Voice,
};
use crate::store::{EmailKey, Key, Position, Scan};
use crate::work::{Decision, Work};

/// An archive on its way out: where it stands. Takes memory for a page, however long the history is.
#[derive(Debug)]
pub struct Archive {
    whom: Whom,
    at: Place,
}

#[derive(Debug)]
enum Place {
    /// The account itself comes first.
    Beginning,
    /// A part, the records of it that were looked at, and whether none of them was written yet.
    Part {
        nth: usize,
        after: Option<Position>,
        is_first: bool,
    },
    End,
}

/// Records that one piece of an archive has.
const PIECE_RECORDS_MAX: usize = 100;

impl Accounts<'_> {
    /// Begins an archive of all that is known of the caller: the account, choices, sessions, keys (never what opens
    /// anything), bookings, tickets, notifications, reviews, places on waitlists and staffs, transfers, and what they did. [`Accounts::read_archive`] gives it piece by
    /// piece.
    ///
    /// # Errors
    /// `not_authenticated`, `user_not_found`.
    pub async fn archive(&self, actor: &Actor) -> Result<Archive, Error> {
        let user_id = actor.require_user()?;
        let email = self.engine.executor.decide(NoteArchive { actor: actor.clone(), user_id }).await?;
        Ok(Archive { whom: Whom { user_id, email }, at: Place::Beginning })
    }

    /// The archive's next piece; `None` at its end. All pieces together are one JSON object, whose last member
    /// `complete` says that it is whole.
    ///
    /// # Errors
    /// `user_not_found` when the account ended meanwhile, `store_unavailable`.
    pub async fn read_archive(&self, archive: &mut Archive) -> Result<Option<String>, Error> {
        match std::mem::replace(&mut archive.at, Place::End) {
            Place::Beginning => {
                archive.at = Place::Part { nth: 0, after: None, is_first: true };
                self.beginning(archive.whom.user_id).await.map(Some)
            }
            Place::Part { nth, after, is_first } => {
                let Some(part) = personal::shown().nth(nth) else {
                    return Ok(Some(",\"complete\":true}".to_owned()));
                };
                let whom = &archive.whom;
                let index = (part.find)(whom);
                let scan = Scan { after, ..Scan::first(index, PIECE_RECORDS_MAX) };
                let page = self.engine.core().store.scan(&scan).await?;
                let voice = Voice::of(self.engine.core(), whom.user_id).await?;
                let show = |record| part.show.and_then(|show| show(whom, &voice, record));
                let shown: Vec<Value> =
                    page.items.iter().filter_map(|v| v.record.as_ref().and_then(show)).collect();
                let begins = scan.after.is_none();
                let mut text = if begins { format!(",\"{}\":[", part.name) } else { String::new() };
                for (place, value) in shown.iter().enumerate() {
                    text.push_str(if is_first && place == 0 { "" } else { ",\n" });
                    text.push_str(&value.to_string());
                }
                archive.at = match page.next {
                    Some(next) => {
                        Place::Part { nth, after: Some(next), is_first: is_first && shown.is_empty() }
                    }
                    None => {
                        text.push(']');
                        Place::Part { nth: nth + 1, after: None, is_first: true }
                    }
                };
                Ok(Some(text))
            }
            Place::End => Ok(None),
        }
    }

    async fn beginning(&self, user_id: UserId) -> Result<String, Error> {
        let keys = [
            Key::User(user_id),
            Key::Preferences(user_id),
            Key::SecondFactor(user_id),
            Key::ApiKeys(user_id),
            Key::PushSubscriptions(user_id),
            Key::DigestBox(user_id),
        ];
        let loaded = self.engine.load_all(keys).await?;
        let voice = Voice::of(self.engine.core(), user_id).await?;
        let user = of_kind::<User>(&loaded).next().ok_or_else(user_not_found)?;
        let chosen = of_kind::<Preferences>(&loaded).next();
        let chosen = chosen.map_or_else(|| Preferences::everything(user_id), |chosen| (**chosen).clone());
        let factor = of_kind::<SecondFactor>(&loaded).next().and_then(|factor| factor.confirmed_at);
        let keys = of_kind::<ApiKeys>(&loaded).flat_map(|keys| keys.keys.iter().map(ApiKeyView::from));
        let push = of_kind::<PushSubscriptions>(&loaded).flat_map(|all| &all.subscriptions);
        let push = push.map(PushSubscriptionView::from);
        let waiting = of_kind::<DigestBox>(&loaded).flat_map(|waiting| &waiting.drafts);
        let waiting = waiting.map(|draft| {
            let said = voice.say(&draft.words);
            json!({ "kind": draft.fact, "title": said.title, "body": said.body })
        });
        let head = json!({
            "format": "eventify.account/1",
            "exported_at": self.engine.core().clock.now(),
            "account": UserView::from(&**user),
            "second_factor_since": factor,
            "api_keys": keys.collect::<Vec<_>>(),
            "push_subscriptions": push.collect::<Vec<_>>(),
            "preferences": PreferencesView::from(&chosen),
            "digest": waiting.collect::<Vec<_>>(),
        });
        let mut text = head.to_string();
        text.pop();
        Ok(text)
    }
}

/// Who took everything with them, and when, is worth an entry.
struct NoteArchive {
    actor: Actor,
    user_id: UserId,
}

impl Command for NoteArchive {
    /// The address by which more is found.
    type Reply = EmailKey;
    const NAME: &'static str = "export_account";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::User(self.user_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<EmailKey> {
        let user = work.find::<User>(&self.user_id)?.ok_or_else(user_not_found)?;
        audit::record(work, cx, &self.actor, &audit::Act::new("user.exported", "user", self.user_id));
        Ok(EmailKey::new(&user.email))
    }
}
