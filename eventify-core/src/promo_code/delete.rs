//! Deleting a promo code that no open booking uses.

use std::collections::BTreeSet;

use super::model::PromoCode;
use super::{PromoCodes, not_found};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event;
use crate::id::{EventId, PromoCodeId};
use crate::scope::Scope;
use crate::store::Key;
use crate::ticket_type::Inventory;
use crate::work::{Decision, Work};

impl PromoCodes<'_> {
    /// Deletes a promo code. One that open bookings use is ended instead: set `ends_at`. For the event's organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `promo_unknown`, `promo_in_use`.
    pub async fn delete(&self, actor: &Actor, event_id: EventId, id: PromoCodeId) -> Result<(), Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        self.engine.executor.decide(Delete { actor: actor.clone(), event_id, id }).await
    }
}

struct Delete {
    actor: Actor,
    event_id: EventId,
    id: PromoCodeId,
}

impl Command for Delete {
    type Reply = ();
    const NAME: &'static str = "delete_promo_code";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Inventory(self.event_id), Key::PromoCode(self.id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = event::find(work, self.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        let found = work.find::<PromoCode>(&self.id)?.filter(|p| p.event_id == self.event_id);
        let found = found.ok_or_else(not_found)?;
        if found.used > 0 {
            let sentence = format!("{} open bookings use the promo code; end it instead.", found.used);
            return Err(Error::new(Reason::PromoInUse, sentence).with("used", found.used).into());
        }
        let inventory = work.find::<Inventory>(&self.event_id)?.ok_or_else(event::event_not_found)?;
        let promo_codes = inventory.promo_codes.saturating_sub(1);
        work.put(Inventory { promo_codes, ..(*inventory).clone() });
        work.delete::<PromoCode>(&self.id);
        let act = audit::Act::new("promo_code.deleted", "promo_code", self.id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}

/// Deletes some promo codes of an event that is gone: nobody can use them any more.
pub(crate) fn delete_with_event(work: &mut Work, event_id: EventId, ids: &[PromoCodeId]) -> Decision<()> {
    work.need(ids.iter().copied().map(Key::PromoCode))?;
    for id in ids {
        if work.find::<PromoCode>(id)?.is_some_and(|promo| promo.event_id == event_id) {
            work.delete::<PromoCode>(id);
        }
    }
    Ok(())
}
