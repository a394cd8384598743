//! Promo codes: in use as often as open bookings name them.

use std::collections::HashMap;

use super::walk::{Pages, Walk};
use crate::event::{Event, deletion_job};
use crate::id::{EventId, PromoCodeId};
use crate::job::Job;
use crate::promo_code::{PromoCode, PromoUse};
use crate::store::{Key, PromoUseKey, Recorded, StoreError};

/// Compares with what bookings come to, by code and person. Answers how many codes each event has.
pub(super) async fn check(
    walk: &mut Walk<'_>,
    mut people: HashMap<PromoUseKey, u32>,
) -> Result<HashMap<EventId, u32>, StoreError> {
    let mut uses: HashMap<PromoCodeId, u32> = HashMap::new();
    for (key, taken) in &people {
        *uses.entry(key.promo_code_id).or_default() += taken;
    }
    let mut codes = HashMap::new();
    let mut pages = Pages::<PromoCode>::new();
    while let Some(page) = pages.next(walk).await? {
        let around = |p: &PromoCode| [Key::Event(p.event_id), Key::Job(deletion_job(p.event_id))];
        let related = walk.load(page.iter().flat_map(|promo| around(promo)).collect()).await?;
        for promo in page {
            *codes.entry(promo.event_id).or_default() += 1;
            let report = &mut walk.report;
            let going = related.has::<Job>(&deletion_job(promo.event_id));
            let there = related.has::<Event>(&promo.event_id) || going;
            report.require(there, "promo_event", promo.key(), || "its event is not there".to_owned());
            let named = promo.code.id(promo.event_id) == promo.id;
            report.require(named, "promo_name", promo.key(), || "its id is not its text's".to_owned());
            let counted = uses.remove(&promo.id).unwrap_or(0);
            report.require(promo.used == counted, "promo_uses", promo.key(), || {
                format!("it is used {} times, but {counted} open bookings name it", promo.used)
            });
        }
    }
    for id in uses.keys() {
        walk.report.find("promo_there", Key::PromoCode(*id), "open bookings name it, but it is not there");
    }
    let mut pages = Pages::<PromoUse>::new();
    while let Some(page) = pages.next(walk).await? {
        for own in page {
            let counted = people.remove(&own.key).unwrap_or(0);
            walk.report.require(own.taken == counted, "promo_person", Recorded::key(&*own), || {
                format!("it counts {}, but the person has {counted} open bookings", own.taken)
            });
        }
    }
    for (key, counted) in people {
        let message = format!("it is not there, but the person has {counted} open bookings");
        walk.report.find("promo_person", Key::PromoUse(key), message);
    }
    Ok(codes)
}
