//! Getting in line.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Waitlists;
use super::claims::{most_together, owed};
use super::model::{Waitlist, WaitlistEntry, WaitlistPlace};
use super::view::WaitlistView;
use crate::actor::Actor;
use crate::audit;
use crate::booking::{Allowance, check_sales};
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::event;
use crate::id::{EventId, TicketTypeId, UserId};
use crate::scope::Scope;
use crate::store::{AllowanceKey, Key, WaitlistKey};
use crate::ticket_type::{self, Inventory, TicketType};
use crate::validate::Check;
use crate::work::{Decision, Work};

/// For how many tickets somebody waits.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct JoinWaitlist {
    /// 1 to 50, and no more than one person can ever be offered together; all of them are.
    pub quantity: u32,
}

const QUANTITY_MAX: u32 = 50;

impl Waitlists<'_> {
    /// Gets in line for tickets of a type that are not to be had now. What comes back is offered in order: as a held
    /// booking, for a day or, near the start, a quarter of what is left until then.
    ///
    /// # Errors
    /// `not_authenticated`, `invalid_value`, `event_not_found`, `event_not_published`, `event_cancelled`,
    /// `ticket_type_not_found`, `sales_not_started`, `sales_ended`, `per_person_limit`, `waitlist_not_needed` (with
    /// `available`), `already_waiting`, `waitlist_full` beyond as many people as `Settings::waitlist_people_max`.
    pub async fn join(
        &self,
        actor: &Actor,
        event_id: EventId,
        ticket_type_id: TicketTypeId,
        request: JoinWaitlist,
    ) -> Result<WaitlistView, Error> {
        let actor = &*actor.within(Scope::BookingsWrite)?;
        let user_id = actor.require_user()?;
        let mut check = Check::new();
        check.require((1..=QUANTITY_MAX).contains(&request.quantity), "quantity", "must be 1 to 50");
        check.finish()?;
        let quantity = request.quantity;
        let command = Join { actor: actor.clone(), user_id, event_id, ticket_type_id, quantity };
        let (entry, list) = self.engine.executor.decide(command).await?;
        Ok(WaitlistView::new(&entry, &list))
    }
}

struct Join {
    actor: Actor,
    user_id: UserId,
    event_id: EventId,
    ticket_type_id: TicketTypeId,
    quantity: u32,
}

impl Join {
    const fn person(&self) -> AllowanceKey {
        AllowanceKey { ticket_type_id: self.ticket_type_id, user_id: self.user_id }
    }

    /// # Errors
    /// `invalid_value`, `per_person_limit`, `waitlist_not_needed`, `already_waiting`, `waitlist_full`.
    fn check(&self, work: &mut Work, cx: &Context<'_>, of: &TicketType) -> Decision<()> {
        let inventory = work.find::<Inventory>(&self.event_id)?.ok_or_else(event::event_not_found)?;
        let most = most_together(work, of)?;
        if self.quantity > most {
            let together = if of.seated { "together" } else { "at all" };
            let words = format!("must be at most {most}: there are never more {together}");
            return Err(Error::invalid("quantity", words).into());
        }
        let taken = work.find::<Allowance>(&self.person())?.map_or(0, |allowance| allowance.taken);
        if let Some(max) = of.per_person_max.filter(|max| taken.saturating_add(self.quantity) > *max) {
            let sentence = format!("One person may have at most {max} of these; you have {taken}.");
            let error = Error::new(Reason::PerPersonLimit, sentence);
            return Err(error.with("per_person_max", max).with("taken", taken).into());
        }
        if work.find::<WaitlistPlace>(&self.person())?.is_some() {
            return Err(Error::new(Reason::AlreadyWaiting, "You are on this waitlist already.").into());
        }
        let free = inventory.available().saturating_sub(owed(work, cx, &inventory)?);
        let available = of.to_be_had().min(free);
        if self.quantity <= available {
            let sentence = format!("{available} are to be had now: nobody has to wait.");
            return Err(Error::new(Reason::WaitlistNotNeeded, sentence).with("available", available).into());
        }
        let most = cx.settings.waitlist_people_max;
        if of.waiting >= most {
            let sentence = format!("{most} people wait for these already; come back later.");
            return Err(Error::new(Reason::WaitlistFull, sentence).with("waiting_max", most).into());
        }
        Ok(())
    }
}

impl Command for Join {
    type Reply = (WaitlistEntry, Waitlist);
    const NAME: &'static str = "join_waitlist";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Inventory(self.event_id)]);
        keys.extend([Key::TicketType(self.ticket_type_id), Key::Waitlist(self.ticket_type_id)]);
        keys.extend([Key::Allowance(self.person()), Key::WaitlistPlace(self.person())]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Self::Reply> {
        let event = event::find(work, self.event_id)?;
        event.state.require_published()?;
        let of = ticket_type::find(work, self.event_id, self.ticket_type_id)?;
        if of.hidden {
            return Err(ticket_type::not_found().into());
        }
        check_sales(&event, &of, cx)?;
        self.check(work, cx, &of)?;
        let list = work.find::<Waitlist>(&self.ticket_type_id)?;
        let mut list =
            list.map_or_else(|| Waitlist::new(self.ticket_type_id, self.event_id), |list| (*list).clone());
        let key = WaitlistKey { ticket_type_id: self.ticket_type_id, number: list.tail };
        list.tail =
            list.tail.checked_add(1).ok_or_else(|| Error::internal("a waitlist has run out of numbers"))?;
        let entry = WaitlistEntry {
            key,
            event_id: self.event_id,
            user_id: self.user_id,
            quantity: self.quantity,
            joined_at: cx.now,
        };
        work.put(list.clone());
        work.put(entry.clone());
        work.put(WaitlistPlace { key: self.person(), event_id: self.event_id, number: key.number });
        super::count(work, &of, true)?;
        if of.seats.available() >= self.quantity {
            // Those before may want more than is free, and be passed.
            super::wake(work, cx, self.event_id)?;
        }
        let act = audit::Act::new("waitlist.joined", "ticket_type", self.ticket_type_id);
        audit::record(work, cx, &self.actor, &act.of_event(self.event_id));
        Ok((entry, list))
    }
}
