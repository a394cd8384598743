//! What helps the season's sales along: promo codes, and a seat map.

use eventify_core::promo_code::CreatePromoCode;
use eventify_core::seat_map::{PutBlock, PutRow, PutSection};
use eventify_core::{Actor, EventId, PageRequest};

use super::fill::Filling;
use super::season::Show;
use crate::cli::exit::Failure;

/// A promo code of a show.
struct Code {
    show: &'static str,
    code: &'static str,
    percent_off: u8,
    uses_max: u32,
}

const CODES: [Code; 2] = [
    Code { show: "Алматы джаз түні", code: "ДЖАЗ-15", percent_off: 15, uses_max: 40 },
    Code { show: "Astana Tech Days", code: "EARLY-BIRD", percent_off: 25, uses_max: 100 },
];

/// The show whose balcony is sold by seat: six rows of twenty, the first seats for wheelchairs.
const SEATED: (&str, &str) = ("Алматы джаз түні", "Балкон");
const ROWS: [&str; 6] = ["А", "Ә", "Б", "В", "Г", "Ғ"];
const ROW_SEATS: u16 = 20;

impl Filling {
    /// The seat map of a show that has one.
    pub(super) async fn seat_map(
        &self,
        show: &Show,
        event: EventId,
        organizer: &Actor,
    ) -> Result<(), Failure> {
        let types = self.engine.ticket_types().list(organizer, event, &PageRequest::first(100)).await?.data;
        for of in types.iter().filter(|of| (show.title, of.name.as_str()) == SEATED) {
            let row = |label: &&str| PutRow {
                label: (*label).to_owned(),
                blocks: vec![PutBlock { ticket_type_id: of.id, from: 1, to: ROW_SEATS }],
                accessible: vec![1, ROW_SEATS],
                ..PutRow::default()
            };
            let section = PutSection { name: of.name.clone(), rows: ROWS.iter().map(row).collect() };
            self.engine.seat_maps().put_section(organizer, event, 1, section).await?;
        }
        Ok(())
    }

    /// The promo codes of a show.
    pub(super) async fn promo_codes(
        &self,
        show: &Show,
        event: EventId,
        organizer: &Actor,
    ) -> Result<(), Failure> {
        for Code { code, percent_off, uses_max, .. } in CODES.iter().filter(|code| code.show == show.title) {
            let code = CreatePromoCode {
                percent_off: Some(*percent_off),
                uses_max: Some(*uses_max),
                ..CreatePromoCode::of(*code)
            };
            self.engine.promo_codes().create(organizer, event, code).await?;
        }
        Ok(())
    }
}
