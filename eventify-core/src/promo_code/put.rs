//! Making and changing promo codes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::model::{Discount, PromoCode, PromoTerms, PromoText};
use super::view::PromoCodeView;
use super::{PromoCodes, not_found};
use crate::actor::Actor;
use crate::audit;
use crate::change::Change;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::etag::{Fetched, IfMatch};
use crate::event;
use crate::id::{EventId, PromoCodeId, TicketTypeId};
use crate::money::Money;
use crate::scope::Scope;
use crate::store::Key;
use crate::ticket_type::{self, Inventory};
use crate::time::Timestamp;
use crate::validate::{Check, present};
use crate::work::{Decision, Work};

/// A new promo code: takes something off, opens the hidden ticket types that it names, or both.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct CreatePromoCode {
    /// What people type: 3 to 40 characters; unique within the event without regard to case and diacritics.
    pub code: PromoText,
    /// 1 to 100 hundredths off the price of each ticket, rounded to the nearest minor unit.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub percent_off: Option<u8>,
    /// Off the price of each ticket, no more than all of it; instead of a percentage.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub amount_off: Option<Money>,
    /// The ticket types that it is for, hidden ones among them; at most 100, every visible one when empty.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub ticket_type_ids: Vec<TicketTypeId>,
    /// From when on it is good; at once when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub starts_at: Option<Timestamp>,
    /// Until when it is good; as long as there are sales when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub ends_at: Option<Timestamp>,
    /// How many open bookings may be made with it, at least 1; no limit when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub uses_max: Option<u32>,
    /// How many of them one person may have, at least 1; no limit when absent.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub per_person_max: Option<u32>,
}

impl CreatePromoCode {
    /// A code that does nothing yet.
    pub fn of(code: impl Into<String>) -> Self {
        Self {
            code: PromoText::new(code),
            percent_off: None,
            amount_off: None,
            ticket_type_ids: Vec::new(),
            starts_at: None,
            ends_at: None,
            uses_max: None,
            per_person_max: None,
        }
    }
}

/// What to change. An absent field stays as it is; `null` clears one that may be empty. Bookings that were made with
/// the code keep what they got.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields, default)]
pub struct UpdatePromoCode {
    /// 1 to 100 hundredths off the price of each ticket.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u8>))]
    pub percent_off: Option<Change<u8>>,
    /// Off the price of each ticket.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Money>))]
    pub amount_off: Option<Change<Money>>,
    /// The ticket types that it is for.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub ticket_type_ids: Option<Vec<TicketTypeId>>,
    /// From when on it is good.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub starts_at: Option<Change<Timestamp>>,
    /// Until when it is good: an instant in the past ends it.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub ends_at: Option<Change<Timestamp>>,
    /// How many open bookings may be made with it; fewer than there are stops further ones.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub uses_max: Option<Change<u32>>,
    /// How many of them one person may have.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub per_person_max: Option<Change<u32>>,
}

/// The promo codes that one event may have.
const CODES_MAX: u32 = 10_000;
const CODE_CHARS_MIN: usize = 3;
const CODE_CHARS_MAX: usize = 40;
const TYPES_MAX: usize = 100;
const USES_MAX: u32 = 1_000_000;
const AMOUNT_MINOR_MAX: i64 = 1_000_000_000_000;

impl PromoCodes<'_> {
    /// Adds a promo code to a draft or a published event. For its organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published`
    /// (completed), `invalid_value`, `ticket_type_not_found`, `promo_exists`, `too_many_promo_codes`.
    pub async fn create(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: CreatePromoCode,
    ) -> Result<PromoCodeView, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        let mut check = Check::new();
        let code = PromoText::new(check.line("code", request.code.as_str(), CODE_CHARS_MAX));
        let long = code.as_str().chars().count() >= CODE_CHARS_MIN;
        check.require(long, "code", "must be at least 3 characters long");
        check.finish()?;
        let terms = Wanted {
            percent_off: request.percent_off,
            amount_off: request.amount_off,
            ticket_type_ids: request.ticket_type_ids,
            starts_at: request.starts_at,
            ends_at: request.ends_at,
            uses_max: request.uses_max,
            per_person_max: request.per_person_max,
        };
        let command = Create { actor: actor.clone(), event_id, code, terms: terms.check()? };
        self.engine.executor.decide(command).await.map(|made| PromoCodeView::from(&made))
    }

    /// Changes a promo code, for later bookings. For the event's organizer.
    ///
    /// # Errors
    /// As [`PromoCodes::create`], and `promo_unknown`, `precondition_failed`.
    pub async fn update(
        &self,
        actor: &Actor,
        event_id: EventId,
        id: PromoCodeId,
        request: UpdatePromoCode,
        if_match: IfMatch,
    ) -> Result<Fetched<PromoCodeView>, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        self.engine.executor.decide(Update { actor: actor.clone(), event_id, id, request, if_match }).await?;
        self.get(actor, event_id, id).await
    }
}

/// What an organizer wants of a code.
struct Wanted {
    percent_off: Option<u8>,
    amount_off: Option<Money>,
    ticket_type_ids: Vec<TicketTypeId>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    uses_max: Option<u32>,
    per_person_max: Option<u32>,
}

impl Wanted {
    fn check(mut self) -> Result<PromoTerms, Error> {
        let mut check = Check::new();
        let percent = self.percent_off.is_none_or(|percent| (1..=100).contains(&percent));
        check.require(percent, "percent_off", "must be 1 to 100");
        let amount = self.amount_off.is_none_or(|off| (1..=AMOUNT_MINOR_MAX).contains(&off.amount_minor));
        check.require(amount, "amount_off.amount_minor", "must be 1 to 1000000000000");
        let one = self.percent_off.is_none() || self.amount_off.is_none();
        check.require(one, "amount_off", "must not be given together with percent_off");
        let named = self.ticket_type_ids.len();
        let good = self.percent_off.is_some() || self.amount_off.is_some() || named > 0;
        check.require(good, "percent_off", "or amount_off or ticket_type_ids must be given");
        check.require(named <= TYPES_MAX, "ticket_type_ids", "must be at most 100");
        let counted = |max: Option<u32>| max.is_none_or(|max| (1..=USES_MAX).contains(&max));
        check.require(counted(self.uses_max), "uses_max", "must be 1 to 1000000");
        check.require(counted(self.per_person_max), "per_person_max", "must be 1 to 1000000");
        if let (Some(start), Some(end)) = (self.starts_at, self.ends_at) {
            check.require(start < end, "ends_at", "must be after starts_at");
        }
        check.finish()?;
        self.ticket_type_ids.sort_unstable();
        self.ticket_type_ids.dedup();
        let amount = self.amount_off.map(Discount::Amount);
        Ok(PromoTerms {
            discount: self.percent_off.map(Discount::Percent).or(amount),
            ticket_type_ids: self.ticket_type_ids,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            uses_max: self.uses_max,
            per_person_max: self.per_person_max,
        })
    }

    fn of(terms: &PromoTerms) -> Self {
        let (percent_off, amount_off) = match terms.discount {
            Some(Discount::Percent(percent)) => (Some(percent), None),
            Some(Discount::Amount(amount)) => (None, Some(amount)),
            None => (None, None),
        };
        Self {
            percent_off,
            amount_off,
            ticket_type_ids: terms.ticket_type_ids.clone(),
            starts_at: terms.starts_at,
            ends_at: terms.ends_at,
            uses_max: terms.uses_max,
            per_person_max: terms.per_person_max,
        }
    }
}

struct Create {
    actor: Actor,
    event_id: EventId,
    code: PromoText,
    terms: PromoTerms,
}

impl Command for Create {
    type Reply = PromoCode;
    const NAME: &'static str = "create_promo_code";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Inventory(self.event_id)]);
        keys.insert(Key::PromoCode(self.code.id(self.event_id)));
        keys.extend(self.terms.ticket_type_ids.iter().copied().map(Key::TicketType));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<PromoCode> {
        let event = event::find(work, self.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        event.state.require_editable()?;
        require_types(work, self.event_id, &self.terms)?;
        let id = self.code.id(self.event_id);
        if work.find::<PromoCode>(&id)?.is_some() {
            let exists = Error::new(Reason::PromoExists, "The event has a promo code of this text.");
            return Err(exists.with("promo_code_id", id).at_field("code").into());
        }
        let inventory = work.find::<Inventory>(&self.event_id)?.ok_or_else(event::event_not_found)?;
        if inventory.promo_codes >= CODES_MAX {
            let sentence = format!("An event may have at most {CODES_MAX} promo codes.");
            return Err(Error::new(Reason::TooManyPromoCodes, sentence).into());
        }
        work.put(Inventory { promo_codes: inventory.promo_codes + 1, ..(*inventory).clone() });
        let made = PromoCode {
            id,
            event_id: self.event_id,
            code: self.code.clone(),
            terms: self.terms.clone(),
            used: 0,
            created_at: cx.now,
        };
        work.put(made.clone());
        let act = audit::Act::new("promo_code.created", "promo_code", id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(made)
    }
}

/// # Errors
/// `ticket_type_not_found` for one that the event has not.
fn require_types(work: &mut Work, event_id: EventId, terms: &PromoTerms) -> Decision<()> {
    work.need(terms.ticket_type_ids.iter().copied().map(Key::TicketType))?;
    terms.ticket_type_ids.iter().try_for_each(|id| ticket_type::find(work, event_id, *id).map(drop))
}

struct Update {
    actor: Actor,
    event_id: EventId,
    id: PromoCodeId,
    request: UpdatePromoCode,
    if_match: IfMatch,
}

impl Command for Update {
    type Reply = ();
    const NAME: &'static str = "update_promo_code";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::PromoCode(self.id)]);
        keys.extend(self.request.ticket_type_ids.iter().flatten().copied().map(Key::TicketType));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let event = event::find(work, self.event_id)?;
        event::require_manager(work, &self.actor, &event)?;
        event.state.require_editable()?;
        let found = work.find::<PromoCode>(&self.id)?.filter(|p| p.event_id == self.event_id);
        let before = found.ok_or_else(not_found)?;
        self.if_match.check(work.version_of(&Key::PromoCode(self.id)))?;
        let (request, mut wanted) = (&self.request, Wanted::of(&before.terms));
        wanted.percent_off = request.percent_off.map_or(wanted.percent_off, Change::into_option);
        wanted.amount_off = request.amount_off.map_or(wanted.amount_off, Change::into_option);
        wanted.starts_at = request.starts_at.map_or(wanted.starts_at, Change::into_option);
        wanted.ends_at = request.ends_at.map_or(wanted.ends_at, Change::into_option);
        wanted.uses_max = request.uses_max.map_or(wanted.uses_max, Change::into_option);
        wanted.per_person_max = request.per_person_max.map_or(wanted.per_person_max, Change::into_option);
        wanted.ticket_type_ids = request.ticket_type_ids.clone().unwrap_or(wanted.ticket_type_ids);
        let terms = wanted.check()?;
        require_types(work, self.event_id, &terms)?;
        work.put(PromoCode { terms, ..(*before).clone() });
        let act = audit::Act::new("promo_code.updated", "promo_code", self.id).of_event(self.event_id);
        audit::record(work, cx, &self.actor, &act);
        Ok(())
    }
}
