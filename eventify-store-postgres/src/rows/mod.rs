//! Where each kind of record lies: one file per noun. See "Add a kind of record" in `CONTRIBUTING.md`.

mod account;
mod announcement;
mod audit;
mod booking;
mod command;
mod event;
mod job;
mod keyring;
mod notification;
mod payment;
mod promo_code;
mod review;
mod seat_map;
mod staff;
mod stats;
mod ticket;
mod ticket_type;
mod transfer;
mod waitlist;
mod webhook;
mod words;

use std::sync::LazyLock;

use eventify_core::account::{
    ApiKeys, Credential, EmailClaim, Erasure, MailTokens, RefreshToken, SecondFactor, Session, Throttle, User,
};
use eventify_core::announcement::{Announcement, AnnouncementLog};
use eventify_core::audit::AuditEntry;
use eventify_core::booking::{Allowance, Booking};
use eventify_core::event::{Category, CategoryName, Event, OpenEvents, Schedule};
use eventify_core::job::Job;
use eventify_core::keyring::Keyring;
use eventify_core::notification::{DigestBox, Notification, Preferences, PushClaim, PushSubscriptions};
use eventify_core::payment::{BookingPayments, LedgerEntry, Payment};
use eventify_core::promo_code::{PromoCode, PromoUse};
use eventify_core::review::{EventRating, Review};
use eventify_core::seat_map::{SeatMap, SeatRow, SeatSection};
use eventify_core::staff::Staff;
use eventify_core::stats::{EventDay, EventTally};
use eventify_core::store::{Key, Kind};
use eventify_core::ticket::{GateScan, Passages, ShortCodeClaim, Ticket};
use eventify_core::ticket_type::{Inventory, TicketType};
use eventify_core::transfer::Transfer;
use eventify_core::waitlist::{Waitlist, WaitlistEntry, WaitlistPlace};
use eventify_core::webhook::{Webhook, WebhookDelivery, WebhookList};
use eventify_core::{IdempotentReply, LaneMark};

use crate::columns::{Batch, Columns, Table};

macro_rules! tables {
    ($($kind:ident)+) => {
        /// The table of a kind.
        pub(crate) fn table(kind: Kind) -> &'static Table {
            match kind {
                $(Kind::$kind => {
                    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::of::<$kind>(put_key));
                    &TABLE
                })+
            }
        }

        fn put_key(key: &Key, row: &mut Batch) {
            match key {
                $(Key::$kind(id) => Columns::put(id, row),)+
            }
        }
    };
}

tables! {
    Keyring LaneMark IdempotentReply Job AuditEntry
    User EmailClaim Credential Throttle Session RefreshToken MailTokens SecondFactor ApiKeys Erasure
    OpenEvents Event Schedule Category CategoryName Inventory TicketType Allowance
    Booking Ticket ShortCodeClaim Passages Transfer GateScan
    Notification Preferences PushSubscriptions PushClaim DigestBox Announcement AnnouncementLog Staff PromoCode PromoUse
    SeatMap SeatSection SeatRow Waitlist WaitlistEntry WaitlistPlace
    Review EventRating EventTally EventDay
    Payment BookingPayments LedgerEntry
    Webhook WebhookList WebhookDelivery
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::BTreeMap;

    use eventify_core::store::Kind;
    use sqlx::{Connection, PgConnection, Row};

    use super::table;
    use crate::cells::SqlType;
    use crate::columns::Spec;
    use crate::testing::Server;

    type Columns = BTreeMap<String, (String, bool)>;

    async fn stored(db: &mut PgConnection, table: &str) -> Columns {
        let asked = sqlx::query(
            "SELECT attname::text, format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute \
             WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
        );
        let found = asked.bind(table.to_owned()).fetch_all(db).await.unwrap();
        found.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
    }

    fn described(specs: &[Spec]) -> Columns {
        let ty = |spec: &Spec| match spec.ty {
            SqlType::Instant => "timestamp with time zone".to_owned(),
            other => other.name().to_owned(),
        };
        specs.iter().map(|spec| (spec.name.clone(), (ty(spec), spec.nullable))).collect()
    }

    /// Kinds that belong to no event, or to one only sometimes.
    const OF_NO_EVENT: [Kind; 26] = [
        Kind::Keyring,
        Kind::LaneMark,
        Kind::IdempotentReply,
        Kind::Job,
        Kind::AuditEntry,
        Kind::User,
        Kind::EmailClaim,
        Kind::Credential,
        Kind::Throttle,
        Kind::Session,
        Kind::RefreshToken,
        Kind::MailTokens,
        Kind::SecondFactor,
        Kind::ApiKeys,
        Kind::Erasure,
        Kind::OpenEvents,
        Kind::Category,
        Kind::CategoryName,
        Kind::Notification,
        Kind::Preferences,
        Kind::PushSubscriptions,
        Kind::PushClaim,
        Kind::DigestBox,
        Kind::Webhook,
        Kind::WebhookList,
        Kind::WebhookDelivery,
    ];

    /// Everything of an event carries its id, so that it can be what a distributed engine spreads tables by.
    #[test]
    fn every_row_of_an_event_names_it() {
        for kind in Kind::ALL.iter().filter(|kind| !OF_NO_EVENT.contains(kind)) {
            let table = table(*kind);
            let id = if *kind == Kind::Event { "id" } else { "event_id" };
            let names = |columns: &[Spec], id: &str| columns.iter().any(|c| c.name == id && !c.nullable);
            assert!(names(&table.layout.columns, id), "{}", table.name);
            for list in &table.layout.lists {
                assert!(names(&list.columns, "event_id"), "{}", list.table);
            }
        }
    }

    /// The migrations and the descriptions of the tables say the same.
    #[tokio::test]
    async fn every_table_is_as_it_is_described() {
        let database = Server::shared().database().await;
        let mut db = PgConnection::connect(database.url()).await.unwrap();
        for kind in Kind::ALL {
            let table = table(*kind);
            let mut columns = described(&table.layout.columns);
            columns.insert("version".to_owned(), ("bigint".to_owned(), false));
            assert_eq!(columns, stored(&mut db, table.name).await, "{}", table.name);
            for list in &table.layout.lists {
                assert_eq!(described(&list.columns), stored(&mut db, list.table).await, "{}", list.table);
            }
        }
    }
}
