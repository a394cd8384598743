//! Making and changing ticket types.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::TicketTypes;
use super::model::{Inventory, ReEntry, Seats, TicketType};
use super::view::TicketTypeView;
use crate::actor::Actor;
use crate::audit;
use crate::change::Change;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::{Fetched, IfMatch};
use crate::event;
use crate::id::{EventId, TicketTypeId};
use crate::money::Money;
use crate::scope::Scope;
use crate::store::Key;
use crate::time::Timestamp;
use crate::validate::{Check, present};
use crate::waitlist;
use crate::work::{Decision, Work};

/// A new ticket type.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct CreateTicketType {
    /// 1 to 100 characters.
    pub name: String,
    /// What one ticket costs; free when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub price: Option<Money>,
    /// 1 to 1,000,000.
    pub quantity: u32,
    /// Sales begin; at once when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub sales_start: Option<Timestamp>,
    /// Sales end; with the event when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub sales_end: Option<Timestamp>,
    /// How many one person may have, at least 1; no limit when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub per_person_max: Option<u32>,
    /// Neither listed nor sold without a promo code that names it.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub hidden: bool,
    /// Whether those who wait for more than is free are passed by those who wait for less.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub waitlist_skips: bool,
    /// The doors open for these tickets; with the event's when absent. It does not move with the event.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub doors_at: Option<Timestamp>,
    /// How often one of these lets its person in; once when absent.
    #[serde(default)]
    pub re_entry: ReEntry,
}

/// What to change. An absent field stays as it is; `null` clears one that may be empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct UpdateTicketType {
    /// 1 to 100 characters.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub name: Option<String>,
    /// For later bookings only.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub price: Option<Money>,
    /// No less than are sold and held. Of a type that is sold by seat it is the number of its seats; when the map has none
    /// left, a quantity lets it be sold without seats again.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub quantity: Option<u32>,
    /// Sales begin.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub sales_start: Option<Change<Timestamp>>,
    /// Sales end.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub sales_end: Option<Change<Timestamp>>,
    /// How many one person may have.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub per_person_max: Option<Change<u32>>,
    /// Neither listed nor sold without a promo code that names it.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub hidden: Option<bool>,
    /// Whether those who wait for more than is free are passed by those who wait for less.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub waitlist_skips: Option<bool>,
    /// The doors open for these tickets.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub doors_at: Option<Change<Timestamp>>,
    /// How often one of these lets its person in, from now on.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub re_entry: Option<ReEntry>,
}

/// The types that one event may have.
pub(crate) const TYPES_MAX: u32 = 100;
/// A price of more is a mistake: ten billion of the major unit.
const PRICE_MINOR_MAX: i64 = 1_000_000_000_000;

impl TicketTypes<'_> {
    /// Adds a ticket type to a draft or a published event.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published` (completed), `invalid_value`,
    /// `too_many_ticket_types`.
    pub async fn create(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: CreateTicketType,
    ) -> Result<TicketTypeView, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        let price = request.price.map_or_else(free, Ok)?;
        let fields = Fields {
            name: request.name,
            price,
            quantity: request.quantity,
            keeps_quantity: false,
            sales_start: request.sales_start,
            sales_end: request.sales_end,
            per_person_max: request.per_person_max,
            hidden: request.hidden,
            waitlist_skips: request.waitlist_skips,
            doors_at: request.doors_at,
            re_entry: request.re_entry,
        };
        let command = Create { actor: actor.clone(), event_id, fields: fields.check()? };
        let (made, inventory) = self.engine.executor.decide(command).await?;
        let left = waitlist::entitled(self.engine, &inventory).await?;
        Ok(TicketTypeView::new(&made, left))
    }

    /// Changes a ticket type. A price changes later bookings only.
    ///
    /// # Errors
    /// As [`TicketTypes::create`], and `ticket_type_not_found`, `quantity_below_sold`, `precondition_failed`.
    pub async fn update(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: TicketTypeId,
        request: UpdateTicketType,
        if_match: IfMatch,
    ) -> Result<Fetched<TicketTypeView>, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        let command = Update { actor: actor.clone(), event_id, id, request, if_match };
        self.engine.executor.decide(command).await?;
        self.get(actor, event_id, id).await
    }
}

/// Tickets that nobody pays for have a currency all the same; "no currency" is ISO 4217's XXX.
fn free() -> Result<Money, Error> {
    let currency = "XXX".parse().map_err(|_| Error::internal("ISO 4217 has no XXX"))?;
    Ok(Money::new(0, currency))
}

/// What an organizer decides about a ticket type.
struct Fields {
    name: String,
    price: Money,
    quantity: u32,
    /// It is not asked for: a type may have lost all of its seats on the map.
    keeps_quantity: bool,
    sales_start: Option<Timestamp>,
    sales_end: Option<Timestamp>,
    per_person_max: Option<u32>,
    hidden: bool,
    waitlist_skips: bool,
    doors_at: Option<Timestamp>,
    re_entry: ReEntry,
}

impl Fields {
    fn check(mut self) -> Result<Self, Error> {
        let mut check = Check::new();
        self.name = check.line("name", &self.name, 100);
        let amount = self.price.amount_minor;
        let priced = (0..=PRICE_MINOR_MAX).contains(&amount);
        check.require(priced, "price.amount_minor", "must be 0 to 1000000000000");
        let counted = self.keeps_quantity || (1..=Seats::QUANTITY_MAX).contains(&self.quantity);
        check.require(counted, "quantity", "must be 1 to 1000000");
        let limited = self.per_person_max.is_none_or(|max| (1..=Seats::QUANTITY_MAX).contains(&max));
        check.require(limited, "per_person_max", "must be 1 to 1000000");
        if let (Some(start), Some(end)) = (self.sales_start, self.sales_end) {
            check.require(start < end, "sales_end", "must be after sales_start");
        }
        check.finish()?;
        Ok(self)
    }
}

struct Create {
    actor: Actor,
    event_id: EventId,
    fields: Fields,
}

impl Command for Create {
    type Reply = (TicketType, Inventory);
    const NAME: &'static str = "create_ticket_type";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Inventory(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Self::Reply> {
        let event = event::find(work, self.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        event.state.require_editable()?;
        let inventory = work.find::<Inventory>(&self.event_id)?.ok_or_else(event::event_not_found)?;
        if inventory.types >= TYPES_MAX {
            let sentence = format!("An event may have at most {TYPES_MAX} ticket types.");
            return Err(Error::new(Reason::TooManyTicketTypes, sentence).into());
        }
        let inventory = Inventory { types: inventory.types + 1, ..(*inventory).clone() };
        let made = TicketType {
            id: TicketTypeId::from_uuid(cx.new_uuid()),
            event_id: self.event_id,
            name: self.fields.name.clone(),
            price: self.fields.price,
            seats: Seats::new(self.fields.quantity),
            sales_start: self.fields.sales_start,
            sales_end: self.fields.sales_end,
            per_person_max: self.fields.per_person_max,
            hidden: self.fields.hidden,
            seated: false,
            waiting: 0,
            waitlist_skips: self.fields.waitlist_skips,
            doors_at: self.fields.doors_at,
            re_entry: self.fields.re_entry,
            created_at: cx.now,
        };
        work.put(inventory.clone());
        work.put(made.clone());
        let act = audit::Act::new("ticket_type.created", "ticket_type", made.id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok((made, inventory))
    }
}

struct Update {
    actor: Actor,
    event_id: EventId,
    id: TicketTypeId,
    request: UpdateTicketType,
    if_match: IfMatch,
}

impl Command for Update {
    type Reply = ();
    const NAME: &'static str = "update_ticket_type";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Inventory(self.event_id), Key::TicketType(self.id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = event::find(work, self.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        event.state.require_editable()?;
        work.need([Key::TicketType(self.id), Key::Inventory(self.event_id)])?;
        let before = super::find(work, self.event_id, self.id)?;
        let of_event = work.version_of(&Key::Inventory(self.event_id));
        self.if_match.check(super::seen_version(work.version_of(&Key::TicketType(self.id)), of_event))?;
        let request = &self.request;
        let fields = Fields {
            name: request.name.clone().unwrap_or_else(|| before.name.clone()),
            price: request.price.unwrap_or(before.price),
            quantity: request.quantity.unwrap_or(before.seats.quantity),
            keeps_quantity: request.quantity.is_none(),
            sales_start: request.sales_start.map_or(before.sales_start, Change::into_option),
            sales_end: request.sales_end.map_or(before.sales_end, Change::into_option),
            per_person_max: request.per_person_max.map_or(before.per_person_max, Change::into_option),
            hidden: request.hidden.unwrap_or(before.hidden),
            waitlist_skips: request.waitlist_skips.unwrap_or(before.waitlist_skips),
            doors_at: request.doors_at.map_or(before.doors_at, Change::into_option),
            re_entry: request.re_entry.unwrap_or(before.re_entry),
        };
        let fields = fields.check()?;
        // Without a seat on the map it can be sold by number again.
        let seated = before.seated && (fields.keeps_quantity || before.seats.quantity > 0);
        if seated && fields.quantity != before.seats.quantity {
            return Err(Error::invalid("quantity", "is the number of its seats: change the seat map").into());
        }
        let mut seats = before.seats;
        seats.resize(fields.quantity)?;
        work.put(TicketType {
            name: fields.name,
            price: fields.price,
            seats,
            seated,
            sales_start: fields.sales_start,
            sales_end: fields.sales_end,
            per_person_max: fields.per_person_max,
            hidden: fields.hidden,
            waitlist_skips: fields.waitlist_skips,
            doors_at: fields.doors_at,
            re_entry: fields.re_entry,
            ..(*before).clone()
        });
        // There may be more now, or smaller groups may pass.
        waitlist::wake(work, cx, self.event_id)?;
        let act = audit::Act::new("ticket_type.updated", "ticket_type", self.id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
