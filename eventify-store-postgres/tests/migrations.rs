//! The schema's way up and down.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use eventify_core::booking::{HoldTickets, LineRequest};
use eventify_core::event::CreateEvent;
use eventify_core::store::{ChangeSet, Commit, Expectation, Kind, Store, Version, Write};
use eventify_core::testing::sample;
use eventify_core::ticket::Scan;
use eventify_core::ticket_type::{CreateTicketType, ReEntry};
use eventify_core::{Clock as _, Money, Role};
use eventify_store_postgres::migrations::{self, State};
use eventify_store_postgres::testing::Server;
use eventify_store_postgres::{OpenError, PostgresStore};
use support::Stranger;
use support::shop::{DAY, Shop, assert_sound, count, person};

#[tokio::test]
async fn a_schema_goes_up_and_down_and_up_again() {
    let database = Server::shared().empty_database().await;
    let url = database.url();
    assert!(migrations::status(url).await.unwrap().iter().all(|m| m.state == State::Pending));
    let old = PostgresStore::connect(url).await.unwrap_err();
    assert!(matches!(old, OpenError::SchemaTooOld { found: 0, .. }), "{old}");
    assert!(old.to_string().contains("eventify migrate up"), "{old}");

    let all = migrations::ALL.len();
    assert_eq!(migrations::up(url).await.unwrap().len(), all);
    assert!(migrations::up(url).await.unwrap().is_empty(), "a second time there is nothing to do");
    assert!(migrations::status(url).await.unwrap().iter().all(|m| matches!(m.state, State::Applied { .. })));
    PostgresStore::connect(url).await.unwrap().close().await;

    assert_eq!(migrations::down(url, 0).await.unwrap().len(), all);
    assert_eq!(migrations::up(url).await.unwrap().len(), all, "nothing was left behind");
}

#[tokio::test]
async fn several_may_migrate_at_once() {
    let database = Server::shared().empty_database().await;
    let climbs = (0..4).map(|_| {
        let url = database.url().to_owned();
        tokio::spawn(async move { migrations::up(&url).await.unwrap().len() })
    });
    let mut applied = 0;
    for climb in climbs.collect::<Vec<_>>() {
        applied += climb.await.unwrap();
    }
    assert_eq!(applied, migrations::ALL.len(), "each migration was applied by one of them");
}

/// How many tables of ours there are.
async fn tables(url: &str) -> i64 {
    let ours: Vec<String> = Kind::ALL.iter().map(|kind| format!("'{}'", kind.table())).collect();
    let question = format!("SELECT count(*) FROM pg_class WHERE relname IN ({})", ours.join(", "));
    Stranger::at(url).await.number(&question).await
}

async fn sell(url: &str) {
    let store = PostgresStore::connect(url).await.unwrap();
    let shop = Shop::open(store.clone(), 10).await;
    for buyer in 0..5 {
        shop.hold(buyer).await.unwrap();
    }
    shop.eventify.shut_down().await;
    assert_eq!(count(&store, Kind::Booking).await, 5);
    assert_sound(&store).await;
    store.close().await;
}

#[tokio::test]
async fn a_schema_full_of_data_goes_down_and_up_again() {
    let database = Server::shared().empty_database().await;
    let url = database.url();
    migrations::up(url).await.unwrap();
    sell(url).await;
    assert!(migrations::up(url).await.unwrap().is_empty());
    migrations::down(url, 0).await.unwrap();
    assert_eq!(tables(url).await, 0);
    let gone = PostgresStore::connect(url).await.unwrap_err();
    assert!(matches!(gone, OpenError::SchemaTooOld { found: 0, .. }), "{gone}");
    assert!(migrations::down(url, 0).await.unwrap().is_empty(), "a second time there is nothing to do");
    migrations::up(url).await.unwrap();
    sell(url).await;
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_left_alone() {
    let database = Server::shared().database().await;
    let url = database.url();
    sell(url).await;
    let newer =
        "INSERT INTO eventify_migrations (number, name, checksum) VALUES (999, '0999_later', '\\x00')";
    database.execute(newer).await;
    let words = format!(
        "the database's schema is at migration 999, this version knows up to {}: use a newer version",
        migrations::newest()
    );
    assert_eq!(PostgresStore::connect(url).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::up(url).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::down(url, 0).await.unwrap_err().to_string(), words);
    let status = migrations::status(url).await.unwrap();
    assert!(matches!(status.last().unwrap().state, State::Unknown { .. }), "{status:?}");
    // Without it, all is as it was.
    database.execute("DELETE FROM eventify_migrations WHERE number = 999").await;
    let store = PostgresStore::connect(url).await.unwrap();
    assert_eq!(count(&store, Kind::Booking).await, 5);
}

#[tokio::test]
async fn a_schema_of_another_wording_is_left_alone() {
    let database = Server::shared().database().await;
    let url = database.url();
    sell(url).await;
    database.execute("UPDATE eventify_migrations SET checksum = '\\x00' WHERE number = 1").await;
    let words = "migration 1 was applied in another wording than this version has: \
                 the schema is not ours to trust";
    assert_eq!(PostgresStore::connect(url).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::up(url).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::down(url, 0).await.unwrap_err().to_string(), words);
    let status = migrations::status(url).await.unwrap();
    assert!(matches!(status.first().unwrap().state, State::Changed { .. }), "{status:?}");
    assert_eq!(tables(url).await, i64::try_from(Kind::ALL.len()).unwrap());
}

/// An operator makes an index of a large table beforehand, without holding anybody up.
#[tokio::test]
async fn an_index_that_is_there_already_is_taken_over() {
    let database = Server::shared().database().await;
    let url = database.url();
    migrations::down(url, 5).await.unwrap();
    // As it is in the script, which may not be a part of a transaction.
    let script = migrations::ALL.iter().find(|migration| migration.number == 6).unwrap().up;
    let index = script.split(';').find(|statement| statement.contains("staff_grants_of_user")).unwrap();
    let (_, index) = index.split_once("CREATE INDEX IF NOT EXISTS").unwrap();
    let mut stranger = Stranger::at(url).await;
    stranger.run(&format!("CREATE INDEX CONCURRENTLY{index}")).await;
    let made = "SELECT 'staff_grants_of_user'::regclass::oid::bigint";
    let before = stranger.number(made).await;
    migrations::up(url).await.unwrap();
    assert_eq!(stranger.number(made).await, before, "it was made anew");
    sell(url).await;
    // Each of them: otherwise the advice would be good for some.
    let all: String = migrations::ALL.iter().map(|migration| migration.up).collect();
    assert_eq!(all.matches("CREATE INDEX").count(), all.matches("CREATE INDEX IF NOT EXISTS").count());
}

#[tokio::test]
async fn what_others_made_is_left_alone() {
    let database = Server::shared().empty_database().await;
    let url = database.url();
    database
        .execute("CREATE TABLE events (id int); INSERT INTO events VALUES (7); CREATE TABLE users (id int)")
        .await;
    let words =
        "not an Eventify database: it has tables of these names that Eventify did not make: events, users.";
    for error in [
        PostgresStore::connect(url).await.unwrap_err().to_string(),
        migrations::up(url).await.unwrap_err().to_string(),
    ] {
        assert!(error.starts_with(words) && error.contains("?options=-csearch_path="), "{error}");
    }
    assert_eq!(tables(url).await, 2, "something was made");

    // A schema of our own beside it.
    let join = if url.contains('?') { '&' } else { '?' };
    let apart = format!("{url}{join}options=-csearch_path=tickets");
    let missing = migrations::up(&apart).await.unwrap_err().to_string();
    assert!(
        missing.contains("the schema that its search_path names does not exist: create it first"),
        "{missing}"
    );
    database.execute("CREATE SCHEMA tickets").await;
    migrations::up(&apart).await.unwrap();
    sell(&apart).await;
    migrations::down(&apart, 0).await.unwrap();
    assert_eq!(Stranger::at(url).await.number("SELECT id::bigint FROM events").await, 7);

    let database = Server::shared().empty_database().await;
    database.execute("CREATE TABLE eventify_migrations (id int)").await;
    let words = "not an Eventify database: its table eventify_migrations has other columns than ours";
    assert_eq!(PostgresStore::connect(database.url()).await.unwrap_err().to_string(), words);
    assert_eq!(migrations::up(database.url()).await.unwrap_err().to_string(), words);
}

/// A table's columns, and its rows as text, in an order of their own.
type Tables = BTreeMap<String, (Vec<String>, Vec<String>)>;

/// Looks at databases from outside, at the steps of their schema.
struct Surveyor {
    stranger: Stranger,
}

impl Surveyor {
    /// Tables whose rows others refer to come first.
    async fn tables(&mut self) -> Vec<(String, Vec<String>)> {
        let columns = "SELECT relname::text, array_agg(quote_ident(attname) ORDER BY attnum)::text[], EXISTS \
             (SELECT FROM pg_constraint WHERE conrelid = pg_class.oid AND contype = 'f') AS refers \
             FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid \
             WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped \
             AND relname <> 'eventify_migrations' GROUP BY pg_class.oid, relname ORDER BY refers, relname";
        self.stranger.rows(columns).await
    }

    /// Everything in these columns, but for what follows from the others and is made anew: in which line a job waits.
    async fn rows(&mut self, columns: &[(String, Vec<String>)]) -> Tables {
        let mut all = Tables::new();
        for (table, columns) in columns {
            let columns: Vec<_> = columns
                .iter()
                .filter(|column| (table.as_str(), column.as_str()) != ("jobs", "line"))
                .cloned()
                .collect();
            let rows = format!("SELECT ROW({})::text FROM {table} ORDER BY 1", columns.join(", "));
            all.insert(table.clone(), (columns.clone(), self.stranger.texts(&rows).await));
        }
        all
    }

    /// Writes every row anew as a process does that knows no more than these columns.
    async fn rewrite(&mut self, columns: &[(String, Vec<String>)]) {
        self.stranger.run("BEGIN").await;
        for (table, columns) in columns {
            let columns = columns.join(", ");
            self.stranger
                .run(&format!("CREATE TEMP TABLE old_{table} AS SELECT {columns} FROM {table}"))
                .await;
        }
        for (table, _) in columns.iter().rev() {
            self.stranger.run(&format!("DELETE FROM {table}")).await;
        }
        for (table, columns) in columns {
            let columns = columns.join(", ");
            let insert = format!(
                "INSERT INTO {table} ({columns}) SELECT {columns} FROM old_{table}; DROP TABLE old_{table}"
            );
            self.stranger.run(&insert).await;
        }
        self.stranger.run("COMMIT").await;
    }
}

/// Some of every kind.
fn some_of_everything() -> ChangeSet {
    let records = Kind::ALL.iter().flat_map(|kind| (0..6).map(|n| sample::record(*kind, n)));
    // Enough jobs for each line that they wait in.
    let records = records.chain((6..60).map(|n| sample::record(Kind::Job, n)));
    // There is one keyring only.
    let records: BTreeMap<_, _> = records.map(|record| (record.key(), record)).collect();
    let expect = |key: &eventify_core::store::Key| Expectation { key: key.clone(), version: Version::ABSENT };
    ChangeSet {
        stamp: Version::new(7),
        expectations: records.keys().map(expect).collect(),
        writes: records
            .into_iter()
            .map(|(key, record)| Write { key, before: None, after: Some(record) })
            .collect(),
    }
}

/// Whatever a schema has room for stays through the step to the next one and back, and processes that know the one before
/// go on writing.
#[tokio::test]
async fn every_step_carries_the_data_of_the_one_before() {
    let database = Server::shared().database().await;
    let store = PostgresStore::connect(database.url()).await.unwrap();
    assert_eq!(store.commit(&some_of_everything()).await.unwrap(), Commit::Applied);
    store.close().await;
    let mut surveyor = Surveyor { stranger: Stranger::at(database.url()).await };
    let newest = migrations::newest();
    let lines = "SELECT id || ' ' || COALESCE(line, '-') FROM jobs ORDER BY 1";
    let as_written = surveyor.stranger.texts(lines).await;
    // Down to the first, looking at every step.
    let mut columns = vec![surveyor.tables().await];
    for number in (1..newest).rev() {
        let wide = surveyor.rows(columns.last().unwrap()).await;
        database.execute(&migrations::sql(number + 1, number)).await;
        let narrow = surveyor.tables().await;
        assert!(narrow.iter().all(|(table, _)| wide.contains_key(table)), "{number}: a table too many");
        columns.push(narrow);
    }
    assert_eq!(columns.len(), usize::try_from(newest).unwrap());
    assert!(columns.last().unwrap().iter().map(|(table, _)| table).any(|table| table == "bookings"));

    // Up again, and down and up once more at every step.
    for number in 1..newest {
        let known = columns.pop().unwrap();
        let before = surveyor.rows(&known).await;
        let filled = before.values().filter(|(_, rows)| !rows.is_empty()).count();
        assert!(filled > 20, "only {filled} tables hold anything");
        let (up, down) = (migrations::sql(number, number + 1), migrations::sql(number + 1, number));
        for script in [&up, &down, &up] {
            database.execute(script).await;
            assert_eq!(surveyor.rows(&known).await, before, "between {number} and {}", number + 1);
        }
        surveyor.rewrite(&known).await;
        assert_eq!(surveyor.rows(&known).await, before, "written by a process of {number}");
    }
    // Jobs of kinds that an older step had none of are gone.
    let climbed = surveyor.stranger.texts(lines).await;
    for job in &climbed {
        assert!(as_written.contains(job), "it waits where the engine does not look for it: {job}");
    }
    for line in ["email", "email_news", "email_later", "sms", "sms_later", "push", "push_later"] {
        assert!(climbed.iter().any(|job| job.ends_with(&format!(" {line}"))), "none in {line}");
    }
    let uncounted = "SELECT count(*) FROM open_events FULL JOIN (SELECT organizer_id, count(*) FROM events \
         WHERE status IN ('draft', 'published') GROUP BY organizer_id) AS open USING (organizer_id) \
         WHERE open_events.count IS DISTINCT FROM open.count";
    assert_eq!(surveyor.stranger.number(uncounted).await, 0);
    assert!(surveyor.stranger.number("SELECT count(*) FROM open_events").await > 0);
    let store = PostgresStore::connect(database.url()).await.unwrap();
    for kind in Kind::ALL {
        count(&store, *kind).await;
    }
    assert!(count(&store, Kind::Session).await > 0);
}

/// Somebody sells and lets in, over days and with refunds in part.
async fn trade(store: &PostgresStore) {
    let shop = Shop::open(store.clone(), 20).await;
    let (eventify, organizer) = (&shop.eventify, person(0xFFFF, Role::Organizer));
    let refund = serde_json::from_str(r#"{"refund": [{"until": "PT0S", "percent": 50}]}"#).unwrap();
    let event = CreateEvent {
        title: Some("Fair".into()),
        cancellation: Some(refund),
        starts_at: Some(shop.clock.now().plus(9 * DAY)),
        ends_at: Some(shop.clock.now().plus(10 * DAY)),
        ..CreateEvent::default()
    };
    let event = eventify.events().create(&organizer, event).await.unwrap().id;
    let mut types = Vec::new();
    for (amount, currency) in [(333, "KZT"), (101, "KZT"), (0, "KZT"), (7, "EUR")] {
        let price = Some(Money::new(amount, currency.parse().unwrap()));
        let of = CreateTicketType {
            name: "Day".into(),
            price,
            quantity: 20,
            re_entry: ReEntry::InOut,
            ..Default::default()
        };
        types.push(eventify.ticket_types().create(&organizer, event, of).await.unwrap().id);
    }
    eventify.events().publish(&organizer, event).await.unwrap();
    let mut codes = Vec::new();
    for (buyer, lines) in
        [&[(0, 1), (1, 2), (2, 1)][..], &[(3, 2)], &[(0, 1), (1, 2)], &[(2, 2)]].iter().enumerate()
    {
        let who = person(u16::try_from(buyer).unwrap(), Role::Attendee);
        let line = |&(nth, quantity): &(usize, u32)| LineRequest { ticket_type_id: types[nth], quantity };
        let request = HoldTickets::new(event, lines.iter().map(line).collect());
        let held = eventify.bookings().hold(&who, request).await.unwrap().id;
        let sold = eventify.bookings().confirm(&organizer, held).await.unwrap();
        if buyer == 2 {
            eventify.bookings().cancel(&who, held).await.unwrap();
        } else {
            codes.extend(sold.tickets.iter().map(|ticket| ticket.code.clone()));
        }
        shop.clock.advance(DAY.div_f64(1.7));
    }
    shop.clock.advance(7 * DAY);
    for code in &codes[..3] {
        eventify.tickets().check_in(&organizer, code, Scan::default()).await.unwrap();
        shop.clock.advance(DAY / 48);
    }
    eventify.tickets().check_out(&organizer, &codes[0], Scan::default()).await.unwrap();
    eventify.tickets().check_in(&organizer, &codes[0], Scan::default()).await.unwrap();
    eventify.tickets().check_out(&organizer, &codes[1], Scan::default()).await.unwrap();
    eventify.shut_down().await;
}

/// The counters of statistics that the migration makes are those that were counted as it happened.
#[tokio::test]
async fn what_came_of_events_before_there_were_statistics_is_counted() {
    let database = Server::shared().database().await;
    let url = database.url();
    let store = PostgresStore::connect(url).await.unwrap();
    trade(&store).await;
    assert_sound(&store).await;
    store.close().await;
    let number = migrations::ALL.iter().find(|m| m.name.ends_with("_statistics")).unwrap().number;
    migrations::down(url, number - 1).await.unwrap();
    migrations::up(url).await.unwrap();
    let store = PostgresStore::connect(url).await.unwrap();
    assert!(count(&store, Kind::EventDay).await > 2 && count(&store, Kind::EventTally).await == 1);
    assert_sound(&store).await;
    store.close().await;
}
