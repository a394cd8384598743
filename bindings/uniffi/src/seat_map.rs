//! Seat maps.

use std::sync::Arc;

use eventify_core::ffi::Refusal;
use eventify_core::seat_map::{PutSeatMap, PutSection, SeatMapView, SectionView};
use eventify_core::{EventId, PageRequest};

use crate::actor::Actor;
use crate::page::SeatRowPage;
use crate::shared::Shared;

/// Seat maps.
#[derive(Debug, uniffi::Object)]
pub struct SeatMaps(pub(crate) Arc<Shared>);

#[uniffi::export(async_runtime = "tokio")]
impl SeatMaps {
    /// The seat map of an event: its sections, and how many seats of each are free.
    ///
    /// # Errors
    /// `event_not_found`, `seat_map_not_found`.
    pub async fn get(&self, actor: &Actor, event_id: EventId) -> Result<SeatMapView, Refusal> {
        Ok(self.0.engine()?.seat_maps().get(actor, event_id).await?.into_inner())
    }

    /// The rows of a section, in order, with what every seat of them is.
    ///
    /// # Errors
    /// `event_not_found`, `section_not_found`, `invalid_value` (limit), `malformed` (cursor).
    #[uniffi::method(default(page))]
    pub async fn rows(
        &self,
        actor: &Actor,
        event_id: EventId,
        section: u16,
        page: PageRequest,
    ) -> Result<SeatRowPage, Refusal> {
        Ok(self.0.engine()?.seat_maps().rows(actor, event_id, section, &page).await?.into())
    }

    /// Makes the event's seat map, or changes what holds for all of it. For its organizer.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published`
    /// (completed).
    pub async fn put(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: PutSeatMap,
    ) -> Result<SeatMapView, Refusal> {
        Ok(self.0.engine()?.seat_maps().put(actor, event_id, request).await?.into_inner())
    }

    /// Draws a section, or draws it anew. Its seats become the quantity of their ticket types, which from then on are
    /// sold by seat only. A row of which seats are taken stays as it is drawn; what is free in it may be blocked. For
    /// the event's organizer.
    ///
    /// # Errors
    /// As `SeatMaps::put`, and `invalid_value`, `ticket_type_not_found`, `seat_taken` (with `row`),
    /// `quantity_below_sold` when tickets without a seat were sold of a type.
    pub async fn put_section(
        &self,
        actor: &Actor,
        event_id: EventId,
        section: u16,
        request: PutSection,
    ) -> Result<SectionView, Refusal> {
        Ok(self.0.engine()?.seat_maps().put_section(actor, event_id, section, request).await?)
    }

    /// Takes a section out of the map, if none of its seats is taken. For the event's organizer.
    ///
    /// # Errors
    /// As `SeatMaps::put`, and `section_not_found`, `seat_taken` (with `row`).
    pub async fn delete_section(
        &self,
        actor: &Actor,
        event_id: EventId,
        section: u16,
    ) -> Result<(), Refusal> {
        Ok(self.0.engine()?.seat_maps().delete_section(actor, event_id, section).await?)
    }
}
