//! Pages of the indexes: each is one statement over an index of the database.

use eventify_core::event::EventStatus;
use eventify_core::job::{JobClass, JobLine};
use eventify_core::payment::LedgerPeriod;
use eventify_core::store::{
    Damaged, EventQuery, Index, Key, Kind, Page, Position, Scan, SeatSectionKey, StoreError, StoreErrorKind,
    Versioned, decode_key, encode_key,
};
use eventify_core::webhook::WebhookOwner;
use eventify_core::{EventId, Timestamp, UserId, WebhookId};
use sqlx::{PgConnection, Row};

use crate::cells::{Single, Value};
use crate::columns::{Batch, Spec, Table};
use crate::error::Failure;
use crate::load::Reader;
use crate::rows;
use crate::session::{Read, query};
use crate::sql::{self, Shape, joined};

/// The arguments of a statement as it grows.
#[derive(Debug, Clone, Default)]
struct Arguments(Vec<Single>);

impl Arguments {
    /// Takes a value in, and answers what it is called in the statement.
    fn add<V: Value>(&mut self, value: &V) -> String {
        self.0.push(Single::of(value));
        format!("${}", self.0.len())
    }

    fn text(&mut self, text: &str) -> String {
        self.add(&text.to_owned())
    }
}

/// The part of an index that lies in one table.
struct Branch {
    table: &'static Table,
    /// What a record has to be.
    condition: String,
    /// The column of the instant that the index is ordered by; `None` when it is ordered by key alone.
    order: Option<&'static str>,
}

/// Where an index lies. A new one is served here: its table, its condition, the column of its instant.
fn branches(index: &Index, with: &mut Arguments) -> Vec<Branch> {
    let one = |kind, owner: String, order| {
        vec![Branch { table: rows::table(kind), condition: owner, order: Some(order) }]
    };
    match index {
        Index::All(kind) => by_key(*kind, "true".to_owned()),
        Index::Events(asked) => one(Kind::Event, events(asked, with), "listed_at"),
        Index::TicketTypesOfEvent(id) => one(Kind::TicketType, of_event(id, with), "created_at"),
        Index::BookingsOfUser(id) => one(Kind::Booking, of_user(id, with), "created_at"),
        Index::OpenBookingsOfEvent(id) => {
            let open = format!("t.event_id = {} AND t.status IN ('held', 'confirmed')", with.add(id));
            one(Kind::Booking, open, "created_at")
        }
        Index::BookingsOfEvent(id) => one(Kind::Booking, of_event(id, with), "created_at"),
        Index::TicketsOfUser(id) => one(Kind::Ticket, of_user(id, with), "purchased_at"),
        Index::TicketsOfEvent(id) => one(Kind::Ticket, of_event(id, with), "purchased_at"),
        Index::TransfersOfUser(id) => {
            one(Kind::Transfer, format!("t.from_user_id = {}", with.add(id)), "created_at")
        }
        Index::OffersToEmail(email) => {
            let open = format!("t.to_email = {} AND t.status = 'offered'", with.add(email));
            one(Kind::Transfer, open, "created_at")
        }
        Index::ScansOfEvent(id) => one(Kind::GateScan, of_event(id, with), "at"),
        Index::ScanConflictsOfEvent(id) => {
            let open = format!("t.event_id = {} AND t.outcome NOT IN ('accepted', 'undone')", with.add(id));
            one(Kind::GateScan, open, "at")
        }
        Index::NotificationsOfUser(id) => {
            one(Kind::Notification, format!("t.user_id = {} AND t.shown", with.add(id)), "created_at")
        }
        Index::UnreadOfUser(id) => {
            let unread = format!("t.user_id = {} AND t.shown AND t.read_at IS NULL", with.add(id));
            one(Kind::Notification, unread, "created_at")
        }
        Index::AnnouncementsOfEvent(id) => one(Kind::Announcement, of_event(id, with), "created_at"),
        Index::ReviewsOfEvent(id) => one(Kind::Review, approved(id, with), "created_at"),
        Index::ReviewsByRating(id) => one(Kind::Review, approved(id, with), "ranked_at"),
        Index::ReviewsPending => one(Kind::Review, "t.status = 'pending'".to_owned(), "updated_at"),
        Index::ReviewsOfUser(id) => {
            let own = format!("t.user_id = {} AND t.status <> 'withdrawn'", with.add(id));
            one(Kind::Review, own, "created_at")
        }
        Index::WaitlistsOfUser(id) => one(Kind::WaitlistEntry, of_user(id, with), "joined_at"),
        Index::StaffOfUser(id) => by_key(Kind::Staff, on_staff(id, with)),
        Index::SessionsOfUser(id) => one(Kind::Session, of_user(id, with), "created_at"),
        Index::TokensOfSession(id) => {
            one(Kind::RefreshToken, format!("t.session_id = {}", with.add(id)), "issued_at")
        }
        Index::AuditOfEvent(id) => one(Kind::AuditEntry, of_event(id, with), "at"),
        Index::AuditOfActor(id) => {
            let theirs = format!("t.actor = {} AND t.origin IS NOT NULL", with.add(&id.to_string()));
            one(Kind::AuditEntry, theirs, "at")
        }
        Index::PaymentsOfEvent(_)
        | Index::PaymentsOfUser(_)
        | Index::PaymentsAttention
        | Index::PaymentsAttentionOfEvent(_)
        | Index::PaymentsOpen
        | Index::PaymentsOfTransaction(..)
        | Index::LedgerOfEvent(..) => vec![of_money(index, with)],
        Index::SeatRowsOfSection(key) => by_key(Kind::SeatRow, of_section(*key, with)),
        Index::PromoCodesOfEvent(id) => one(Kind::PromoCode, of_event(id, with), "created_at"),
        Index::WebhooksOf(owner) => one(Kind::Webhook, owned_by(owner, with), "created_at"),
        Index::DeliveriesOfWebhook(id) => one(Kind::WebhookDelivery, of_webhook(id, with), "created_at"),
        Index::JobsDue(_) | Index::JobsInLine(_) | Index::JobsDead => vec![of_jobs(index, with)],
        Index::Expiring => expiring(),
    }
}

/// Payments and their ledger.
fn of_money(index: &Index, with: &mut Arguments) -> Branch {
    let attention = "t.attention <> '{}'";
    let (kind, condition, order) = match index {
        Index::LedgerOfEvent(id, period) => (Kind::LedgerEntry, within(id, *period, with), "at"),
        Index::PaymentsOpen => (Kind::Payment, "t.status IN ('created', 'pending')".to_owned(), "created_at"),
        Index::PaymentsOfTransaction(provider, name) => {
            let named = format!("t.provider = {} AND t.transaction = {}", with.add(provider), with.add(name));
            (Kind::Payment, named, "created_at")
        }
        Index::PaymentsOfEvent(id) => (Kind::Payment, of_event(id, with), "created_at"),
        Index::PaymentsOfUser(id) => (Kind::Payment, of_user(id, with), "created_at"),
        Index::PaymentsAttentionOfEvent(id) => {
            (Kind::Payment, format!("{} AND {attention}", of_event(id, with)), "updated_at")
        }
        _ => (Kind::Payment, attention.to_owned(), "updated_at"),
    };
    Branch { table: rows::table(kind), condition, order: Some(order) }
}

fn within(id: &EventId, period: LedgerPeriod, with: &mut Arguments) -> String {
    let mut parts = vec![of_event(id, with)];
    parts.extend(period.from.map(|from| format!("t.at >= {}", with.add(&from))));
    parts.extend(period.to.map(|to| format!("t.at < {}", with.add(&to))));
    parts.join(" AND ")
}

fn of_jobs(index: &Index, with: &mut Arguments) -> Branch {
    let condition = match index {
        Index::JobsDue(class) => due(*class, with),
        Index::JobsInLine(line) => in_line(line, with),
        _ => "t.status = 'dead'".to_owned(),
    };
    Branch { table: rows::table(Kind::Job), condition, order: Some("listed_at") }
}

/// What is ordered by key alone.
fn by_key(kind: Kind, condition: String) -> Vec<Branch> {
    vec![Branch { table: rows::table(kind), condition, order: None }]
}

fn on_staff(id: &UserId, with: &mut Arguments) -> String {
    let user = with.add(id);
    format!("EXISTS (SELECT 1 FROM staff_grants g WHERE g.event_id = t.event_id AND g.user_id = {user})")
}

fn due(class: JobClass, with: &mut Arguments) -> String {
    format!("t.class = {} AND t.status <> 'dead'", with.text(class.as_str()))
}

fn in_line(line: &JobLine, with: &mut Arguments) -> String {
    let line = with.text(&line.to_string());
    // What a process that knew no lines wrote is in the one that everybody serves.
    format!("t.class = 'outside' AND COALESCE(t.line, 'payments') = {line} AND t.status <> 'dead'")
}

fn owned_by(owner: &WebhookOwner, with: &mut Arguments) -> String {
    format!("t.owner = {}", with.add(owner))
}

fn of_webhook(id: &WebhookId, with: &mut Arguments) -> String {
    format!("t.webhook_id = {}", with.add(id))
}

fn of_event(id: &EventId, with: &mut Arguments) -> String {
    format!("t.event_id = {}", with.add(id))
}

fn of_section(key: SeatSectionKey, with: &mut Arguments) -> String {
    format!("t.event_id = {} AND t.section = {}", with.add(&key.event_id), with.add(&key.section))
}

fn of_user(id: &UserId, with: &mut Arguments) -> String {
    format!("t.user_id = {}", with.add(id))
}

fn approved(event_id: &EventId, with: &mut Arguments) -> String {
    format!("t.event_id = {} AND t.status = 'approved'", with.add(event_id))
}

/// Every table whose records end by themselves.
fn expiring() -> Vec<Branch> {
    let tables = Kind::ALL.iter().map(|kind| rows::table(*kind));
    let expiring = tables.filter_map(|table| {
        let order = table.layout.expires?;
        Some(Branch { table, condition: format!("t.{order} IS NOT NULL"), order: Some(order) })
    });
    expiring.collect()
}

const fn status_word(status: EventStatus) -> &'static str {
    match status {
        EventStatus::Draft => "draft",
        EventStatus::Published => "published",
        EventStatus::Cancelled => "cancelled",
        EventStatus::Completed => "completed",
    }
}

fn events(asked: &EventQuery, with: &mut Arguments) -> String {
    let mut parts = vec![format!("t.status = {}", with.text(status_word(asked.status)))];
    if let Some(category) = &asked.category {
        parts.push(format!("t.category_id = {}", with.add(category)));
    }
    if let Some(organizer) = &asked.organizer {
        parts.push(format!("t.organizer_id = {}", with.add(organizer)));
    }
    if let Some(city) = &asked.city {
        parts.push(format!("t.city_folded = {}", with.text(city)));
    }
    if let Some(tag) = &asked.tag {
        parts.push(format!("t.tags_folded @> ARRAY[{}]", with.text(tag)));
    }
    if let Some(from) = &asked.from {
        parts.push(format!("t.listed_at >= {}", with.add(from)));
    }
    if let Some(to) = &asked.to {
        parts.push(format!("t.listed_at < {}", with.add(to)));
    }
    if !asked.words.is_empty() {
        parts.push(format!("t.words @@ {}::tsquery", with.text(&beginnings(&asked.words))));
    }
    parts.join(" AND ")
}

/// A query for words that begin so; all of them.
fn beginnings(words: &[String]) -> String {
    let quoted = |word: &String| format!("'{}':*", word.replace('\\', "\\\\").replace('\'', "''"));
    joined(words.iter().map(quoted), " & ")
}

/// Where a page ended.
struct After {
    at: Option<Timestamp>,
    key: Key,
}

impl After {
    /// Behind the instant, if there is one, the kind and the key.
    fn position(at: Option<Timestamp>, key: &Key) -> Position {
        let mut bytes = at.map_or_else(Vec::new, |at| at.as_micros().to_be_bytes().to_vec());
        bytes.push(key.kind() as u8);
        bytes.extend_from_slice(&encode_key(key));
        Position(bytes)
    }

    fn read(position: &Position, timed: bool) -> Option<Self> {
        let (at, rest) = position.0.split_at_checked(if timed { 8 } else { 0 })?;
        let at = <[u8; 8]>::try_from(at).ok().map(i64::from_be_bytes);
        let (number, key) = rest.split_first()?;
        let key = decode_key(Kind::from_number(*number)?, key).ok()?;
        Some(Self { at: at.map(Timestamp::from_micros).transpose().ok()?, key })
    }
}

impl Branch {
    /// What lies behind a position, in the index's order: instant, kind, key.
    fn behind(&self, after: &After, descending: bool, with: &mut Arguments) -> String {
        let beyond = if descending { "<" } else { ">" };
        let keys = joined(self.table.keys().iter().map(|key| format!("t.{}", key.quoted())), ", ");
        let Some((order, at)) = self.order.zip(after.at.as_ref()) else {
            return format!("({keys}) {beyond} ({})", key_arguments(self.table, &after.key, with));
        };
        let at = with.add(at);
        if self.table.kind == after.key.kind() {
            let key = key_arguments(self.table, &after.key, with);
            return format!("(t.{order}, {keys}) {beyond} ({at}, {key})");
        }
        // At the same instant, kinds follow each other by their numbers.
        let same_instant = (self.table.kind > after.key.kind()) != descending;
        format!("t.{order} {beyond}{} {at}", if same_instant { "=" } else { "" })
    }

    fn select(
        &self,
        scan: &Scan,
        after: Option<&After>,
        shape: &Shape,
        limit: &str,
        with: &mut Arguments,
    ) -> String {
        let mut condition = self.condition.clone();
        if let Some(after) = after {
            condition = format!("{condition} AND {}", self.behind(after, scan.descending, with));
        }
        let direction = if scan.descending { " DESC" } else { "" };
        let order = self.order.iter().map(|order| format!("t.{order}{direction}"));
        let order =
            order.chain(self.table.keys().iter().map(|key: &Spec| format!("t.{}{direction}", key.quoted())));
        format!(
            "SELECT {}, {} FROM (SELECT * FROM {} AS t WHERE {condition} ORDER BY {} LIMIT {limit}) AS t{}",
            shape.columns(self.table),
            self.order.map_or_else(|| "NULL::timestamptz".to_owned(), |order| format!("t.{order}")),
            self.table.name,
            joined(order, ", "),
            sql::lists(self.table),
        )
    }
}

fn key_arguments(table: &Table, key: &Key, with: &mut Arguments) -> String {
    let mut batch = Batch::new(table.keys());
    (table.put_key)(key, &mut batch);
    let places = batch.columns.into_iter().map(|column| {
        with.0.push(column.single());
        format!("${}", with.0.len())
    });
    joined(places, ", ")
}

/// What has to be asked for a page.
#[derive(Debug)]
pub(crate) struct Find {
    statement: String,
    arguments: Arguments,
    reader: Reader,
    /// The column with the instant.
    at: usize,
    descending: bool,
    limit: usize,
    damaged: Damaged,
}

impl Find {
    pub(crate) fn of(scan: &Scan) -> Result<Self, StoreError> {
        let mut with = Arguments::default();
        let branches = branches(&scan.index, &mut with);
        let timed = branches.iter().any(|branch| branch.order.is_some());
        let after = scan.after.as_ref().map(|position| {
            After::read(position, timed).ok_or_else(|| {
                StoreError::new(StoreErrorKind::Corrupt, "scan", "a position that this store did not make")
            })
        });
        let after = after.transpose()?;
        let tables: Vec<&'static Table> = branches.iter().map(|branch| branch.table).collect();
        let shape = Shape::of(&tables);
        // One more than the page holds, to know whether there is a next one.
        let limit = with.add(&i64::try_from(scan.limit.saturating_add(1)).unwrap_or(i64::MAX));
        let parts = branches
            .iter()
            .map(|branch| format!("({})", branch.select(scan, after.as_ref(), &shape, &limit, &mut with)));
        Ok(Self {
            statement: joined(parts.collect::<Vec<_>>().into_iter(), " UNION ALL "),
            arguments: with,
            reader: Reader::new(&tables, &shape),
            at: shape.width(),
            descending: scan.descending,
            limit: scan.limit,
            damaged: scan.damaged,
        })
    }
}

impl Read for Find {
    type Answer = Page<Versioned>;

    async fn run(&self, db: &mut PgConnection) -> Result<Page<Versioned>, Failure> {
        let mut asked = query(self.statement.clone());
        for argument in &self.arguments.0 {
            asked = asked.bind(argument);
        }
        let found = asked.fetch_all(db).await?;
        let mut items = Vec::with_capacity(found.len());
        for (row, item) in found.iter().zip(self.reader.read(&found, "scan", self.damaged)?) {
            let at = row.try_get_raw(self.at)?;
            let at = if sqlx::ValueRef::is_null(&at) {
                None
            } else {
                let bytes = at.as_bytes().map_err(sqlx::Error::Decode)?;
                Some(Timestamp::decode(bytes).map_err(|bad| sqlx::Error::Decode(bad.0.into()))?)
            };
            items.push(((at, item.key.kind(), encode_key(&item.key)), item));
        }
        // Each table came in order; together they are put in it.
        items.sort_by(|(one, _), (other, _)| if self.descending { other.cmp(one) } else { one.cmp(other) });
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|((at, _, _), item)| After::position(*at, &item.key));
        Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), next })
    }
}
