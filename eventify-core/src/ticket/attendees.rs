//! Who has tickets of an event: the whole list, somebody on it, and the list for a device without network.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Tickets;
use super::model::Ticket;
use super::view::{AttendeeView, DoorTicket};
use crate::account::User;
use crate::actor::Actor;
use crate::error::Error;
use crate::event::{Event, Standing, event_not_found};
use crate::eventify::of_kind;
use crate::id::{EventId, UserId};
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::store::{Index, Key, fold, words};

/// Tickets that one search looks at; the next page goes on behind them.
const SEARCHED_MAX: usize = 5_000;
/// Of these, so many at a time, however few are wanted.
const SEARCHED_AT_ONCE: u32 = 100;

impl Tickets<'_> {
    /// Who has tickets of an event, by purchase. For its staff; of short codes, those at the door see the end only.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_staff`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn attendees(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<AttendeeView>, Error> {
        let actor = &*actor.within(Scope::AttendeesRead)?;
        let codes = self.require_door(actor, event_id).await?;
        Ok(self.page_of_attendees(event_id, page).await?.map(|attendee| codes.shown(attendee)))
    }

    /// Those whose name has words that begin like these, whatever the case and the diacritics, or whose short code
    /// begins like this (four characters at least; at the door, only a whole code). For the event's staff. One page looks at 5,000 tickets at most, so
    /// that one with a `next_cursor` may have few entries, or none.
    ///
    /// # Errors
    /// As [`Tickets::attendees`], and `invalid_value` for a search of no letter and no digit, or of more than 100
    /// characters.
    pub async fn find_attendees(
        &self,
        actor: &Actor,
        event_id: EventId,
        search: &str,
        page: &PageRequest,
    ) -> Result<Listing<AttendeeView>, Error> {
        let actor = &*actor.within(Scope::AttendeesRead)?;
        let codes = self.require_door(actor, event_id).await?;
        let search = Search::of(search, codes)?;
        let wanted = page.limit()?;
        let mut found = Listing { data: Vec::new(), next_cursor: page.cursor.clone() };
        let mut searched = 0;
        loop {
            let next = PageRequest { limit: Some(SEARCHED_AT_ONCE), cursor: found.next_cursor.take() };
            let seen = self.page_of_attendees(event_id, &next).await?;
            searched += seen.data.len();
            let left = wanted - found.data.len();
            let hits = seen.data.iter().enumerate().filter(|(_, attendee)| search.finds(attendee));
            let hits: Vec<usize> = hits.map(|(place, _)| place).collect();
            found.next_cursor = match hits.get(left - 1) {
                // The cursor lies behind the last one that is shown, not behind what was only looked at.
                Some(last) => self.cursor_behind(event_id, &next, *last).await?,
                None => seen.next_cursor,
            };
            let shown = seen.data.into_iter().filter(|attendee| search.finds(attendee)).take(left);
            found.data.extend(shown.map(|attendee| codes.shown(attendee)));
            if found.next_cursor.is_none() || found.data.len() >= wanted || searched >= SEARCHED_MAX {
                return Ok(found);
            }
        }
    }

    /// What a device at the door needs to know of the tickets to check them without network, with the event's
    /// [`public_keys`](Tickets::public_keys) and its ticket types. For the event's staff.
    ///
    /// # Errors
    /// As [`Tickets::attendees`].
    pub async fn door_list(
        &self,
        actor: &Actor,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<DoorTicket>, Error> {
        let actor = &*actor.within(Scope::AttendeesRead)?;
        self.require_door(actor, event_id).await?;
        let found = self.engine.list::<Ticket>(Index::TicketsOfEvent(event_id), false, page).await?;
        let names = self.names(&found.data).await?;
        Ok(found.map(|ticket| {
            let short_code = ticket.short_code.to_string();
            DoorTicket {
                ticket_id: ticket.id,
                ticket_type_id: ticket.ticket_type_id,
                issue: ticket.issue,
                status: ticket.state.status(),
                used_at: ticket.state.check_in().map(|check_in| check_in.at),
                name: names.get(&ticket.user_id).map(|user| user.name.clone()).unwrap_or_default(),
                short_code_sha256: data_encoding::BASE64URL_NOPAD.encode(&Sha256::digest(short_code)),
            }
        }))
    }

    async fn require_door(&self, actor: &Actor, event_id: EventId) -> Result<Codes, Error> {
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_door(actor, &event).await?;
        let manages = self.engine.standing(actor, &event).await? >= Standing::Manager;
        Ok(if manages { Codes::Whole } else { Codes::Ends })
    }

    async fn names(&self, tickets: &[Arc<Ticket>]) -> Result<BTreeMap<UserId, Arc<User>>, Error> {
        let loaded = self.engine.load_all(tickets.iter().map(|ticket| Key::User(ticket.user_id))).await?;
        Ok(of_kind::<User>(&loaded).map(|user| (user.id, user.clone())).collect())
    }

    /// The cursor behind the ticket at this place of a page. Only the store knows it.
    async fn cursor_behind(
        &self,
        event_id: EventId,
        page: &PageRequest,
        place: usize,
    ) -> Result<Option<String>, Error> {
        let limit = u32::try_from(place + 1).unwrap_or(SEARCHED_AT_ONCE);
        let page = PageRequest { limit: Some(limit), ..page.clone() };
        Ok(self.engine.list::<Ticket>(Index::TicketsOfEvent(event_id), false, &page).await?.next_cursor)
    }

    async fn page_of_attendees(
        &self,
        event_id: EventId,
        page: &PageRequest,
    ) -> Result<Listing<AttendeeView>, Error> {
        let found = self.engine.list::<Ticket>(Index::TicketsOfEvent(event_id), false, page).await?;
        let names = self.names(&found.data).await?;
        Ok(found.map(|ticket| AttendeeView {
            ticket_id: ticket.id,
            ticket_type_id: ticket.ticket_type_id,
            seat: ticket.seat.clone(),
            booking_id: ticket.booking_id,
            user_id: ticket.user_id,
            name: names.get(&ticket.user_id).map(|user| user.name.clone()).unwrap_or_default(),
            short_code: ticket.short_code.to_string(),
            status: ticket.state.status(),
            purchased_at: ticket.purchased_at,
            used_at: ticket.state.check_in().map(|check_in| check_in.at),
        }))
    }
}

/// What somebody sees of short codes. Whoever has a whole one can let its person in, or somebody else: who only works at
/// the door is shown codes by people, and not people's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codes {
    Whole,
    /// The last four characters.
    Ends,
}

impl Codes {
    fn shown(self, attendee: AttendeeView) -> AttendeeView {
        match self {
            Self::Whole => attendee,
            Self::Ends => {
                let end = attendee.short_code.rsplit('-').next().unwrap_or_default();
                AttendeeView { short_code: format!("****-****-{end}"), ..attendee }
            }
        }
    }
}

/// A search at the door.
struct Search {
    words: Vec<String>,
    /// A short code's beginning, as it is stored, if it may be one.
    code: Option<String>,
}

/// Shorter beginnings of codes would find too many.
const CODE_CHARS_MIN: usize = 4;
const CODE_CHARS: usize = 12;
const SEARCH_CHARS_MAX: usize = 100;

impl Search {
    fn of(text: &str, codes: Codes) -> Result<Self, Error> {
        if text.chars().count() > SEARCH_CHARS_MAX {
            return Err(Error::invalid("q", "must be at most 100 characters long"));
        }
        let words = words(text, 10);
        if words.is_empty() {
            return Err(Error::invalid("q", "must have a letter or a digit"));
        }
        let code = fold(text).replace(['-', ' '], "").replace('o', "0").replace(['i', 'l'], "1");
        // By its beginnings a code could be guessed piece by piece.
        let least = if codes == Codes::Whole { CODE_CHARS_MIN } else { CODE_CHARS };
        Ok(Self { words, code: Some(code).filter(|code| code.len() >= least) })
    }

    fn finds(&self, attendee: &AttendeeView) -> bool {
        let code = || attendee.short_code.to_lowercase().replace('-', "");
        if self.code.as_ref().is_some_and(|begin| code().starts_with(begin.as_str())) {
            return true;
        }
        let name = words(&attendee.name, 50);
        self.words.iter().all(|word| name.iter().any(|own| own.starts_with(word.as_str())))
    }
}
