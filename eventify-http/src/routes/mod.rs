//! One file per noun, one thin handler per route. A handler takes what the extractors read, calls the core, and
//! says how the answer is shown: rules, authorization among them, live in the core.

mod account;
mod announcements;
mod audit;
mod auth;
mod bookings;
mod categories;
mod door;
mod events;
mod exports;
mod jobs;
mod live;
mod notifications;
mod page;
mod pages;
mod papers;
mod payment_books;
mod payment_pages;
mod payments;
mod promo_codes;
mod reviews;
mod schedule;
mod seat_maps;
mod service;
mod staff;
mod stats;
mod ticket_types;
mod tickets;
mod transfers;
mod unsubscribe;
mod users;
mod waitlists;
mod webhooks;

use utoipa_axum::router::UtoipaMethodRouter;

use crate::app::App;
use crate::config::Config;
use crate::docs;

/// Gives every route of the API with its description, noun by noun: all descriptions at once take ten megabytes.
pub(crate) fn each(config: &Config, take: impl FnMut(UtoipaMethodRouter<App>)) {
    let nouns: [&dyn Fn() -> Vec<UtoipaMethodRouter<App>>; 32] = [
        &auth::routes,
        &users::routes,
        &account::routes,
        &events::routes,
        &schedule::routes,
        &categories::routes,
        &ticket_types::routes,
        &promo_codes::routes,
        &seat_maps::routes,
        &waitlists::routes,
        &bookings::routes,
        &payments::routes,
        &payment_books::routes,
        &|| payment_pages::routes(config),
        &tickets::routes,
        &papers::routes,
        &staff::routes,
        &stats::routes,
        &exports::routes,
        &door::routes,
        &reviews::routes,
        &transfers::routes,
        &announcements::routes,
        &notifications::routes,
        &live::routes,
        &webhooks::routes,
        &unsubscribe::routes,
        &pages::routes,
        &audit::routes,
        &jobs::routes,
        &|| service::routes(config),
        &|| docs::routes(config),
    ];
    nouns.into_iter().flat_map(|noun| noun()).for_each(take);
}
