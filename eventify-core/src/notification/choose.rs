//! What a person wants to be told.

use std::collections::BTreeSet;

use super::model::{NoticeKind, Preferences};
use super::view::PreferencesView;
use super::{Notifications, digest};
use crate::actor::Actor;
use crate::audit;
use crate::change::Change;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::id::UserId;
use crate::scope::Scope;
use crate::store::Key;
use crate::validate::Check;
use crate::work::{Decision, Work};

impl Notifications<'_> {
    /// What the caller wants to be told, and how.
    ///
    /// # Errors
    /// `not_authenticated`.
    pub async fn preferences(&self, actor: &Actor) -> Result<PreferencesView, Error> {
        let actor = &*actor.within(Scope::NotificationsRead)?;
        let user_id = actor.require_user()?;
        let chosen = self.engine.load::<Preferences>(&user_id).await?;
        Ok(chosen.map_or_else(
            || PreferencesView::from(&Preferences::everything(user_id)),
            |c| PreferencesView::from(&*c),
        ))
    }

    /// Changes what the caller wants to be told; kinds and channels that are not named stay as they are. Quiet hours hold back
    /// what is sent from then on.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value` for switching security off, and for quiet hours that never end.
    pub async fn set_preferences(
        &self,
        actor: &Actor,
        change: PreferencesView,
    ) -> Result<PreferencesView, Error> {
        let actor = &*actor.within(Scope::NotificationsWrite)?;
        let user_id = actor.require_user()?;
        let mut check = Check::new();
        for (channel, wanted) in change.kinds.get(&NoticeKind::Security).into_iter().flatten() {
            let field = format!("security.{}", channel.as_str());
            check.require(*wanted, &field, "must stay on: it tells of changes to the account");
        }
        let endless = change.quiet_hours.iter().filter_map(Change::value).any(|quiet| quiet.from == quiet.to);
        check.require(!endless, "quiet_hours.to", "must differ from quiet_hours.from");
        check.finish()?;
        self.engine.executor.decide(Choose { actor: actor.clone(), user_id, change }).await
    }
}

struct Choose {
    actor: Actor,
    user_id: UserId,
    change: PreferencesView,
}

impl Command for Choose {
    type Reply = PreferencesView;
    const NAME: &'static str = "set_preferences";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.insert(Key::Preferences(self.user_id));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<PreferencesView> {
        let before = work.find::<Preferences>(&self.user_id)?;
        let mut chosen = before.map_or_else(|| Preferences::everything(self.user_id), |c| (*c).clone());
        for (kind, channels) in &self.change.kinds {
            for (channel, wanted) in channels {
                if *wanted {
                    chosen.off.remove(&(*kind, *channel));
                } else {
                    chosen.off.insert((*kind, *channel));
                }
            }
        }
        if let Some(quiet_hours) = &self.change.quiet_hours {
            chosen.quiet_hours = quiet_hours.clone().into_option();
        }
        if let Some(language) = &self.change.language {
            chosen.language = language.clone().into_option();
        }
        if let Some(phone) = &self.change.phone {
            chosen.phone = phone.clone().into_option();
        }
        if let Some(wanted) = &self.change.digest
            && chosen.digest.as_ref() != wanted.value()
        {
            chosen.digest = wanted.clone().into_option();
            digest::arrange(work, cx, self.user_id, wanted.value())?;
        }
        work.put(chosen.clone());
        audit::record(work, cx, &self.actor, &audit::Act::new("preferences.updated", "user", self.user_id));
        Ok(PreferencesView::from(&chosen))
    }
}
