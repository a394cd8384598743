//! What helps the season's sales along: promo codes.

use eventify_core::promo_code::CreatePromoCode;
use eventify_core::{Actor, EventId};

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

impl Filling {
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
