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

/// Makes the routes of a noun.
type Noun = fn(&Config) -> Vec<UtoipaMethodRouter<App>>;

/// Every route of the API with its description, made noun by noun: all descriptions at once take ten megabytes.
pub(crate) fn all(config: &Config) -> impl Iterator<Item = UtoipaMethodRouter<App>> {
    let nouns: [Noun; 32] = [
        |_| auth::routes(),
        |_| users::routes(),
        |_| account::routes(),
        |_| events::routes(),
        |_| schedule::routes(),
        |_| categories::routes(),
        |_| ticket_types::routes(),
        |_| promo_codes::routes(),
        |_| seat_maps::routes(),
        |_| waitlists::routes(),
        |_| bookings::routes(),
        |_| payments::routes(),
        |_| payment_books::routes(),
        payment_pages::routes,
        |_| tickets::routes(),
        |_| papers::routes(),
        |_| staff::routes(),
        |_| stats::routes(),
        |_| exports::routes(),
        |_| door::routes(),
        |_| reviews::routes(),
        |_| transfers::routes(),
        |_| announcements::routes(),
        |_| notifications::routes(),
        |_| live::routes(),
        |_| webhooks::routes(),
        |_| unsubscribe::routes(),
        |_| pages::routes(),
        |_| audit::routes(),
        |_| jobs::routes(),
        service::routes,
        docs::routes,
    ];
    nouns.into_iter().flat_map(move |noun| noun(config))
}
