//! What a path names.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use eventify_core::{
    AnnouncementId, ApiKeyId, BookingId, CategoryId, DeviceId, Error, EventId, JobId, NotificationId,
    PaymentId, PromoCodeId, PushSubscriptionId, Reason, RefundId, ReviewId, ScheduleItemId, SessionId,
    TicketTypeId, TransferId, UserId, WebhookDeliveryId, WebhookId,
};

use crate::error::Problem;

/// The id in a path. What is no id names nothing, so it is not found.
#[derive(Debug)]
pub(crate) struct Id<T>(pub(crate) T);

/// Two ids in a path, in its order.
#[derive(Debug)]
pub(crate) struct Ids<A, B>(pub(crate) A, pub(crate) B);

/// A ticket's code in a path.
#[derive(Debug)]
pub(crate) struct Code(pub(crate) String);

/// A section of a seat map in a path, by its number.
#[derive(Debug)]
pub(crate) struct SectionNumber(pub(crate) u16);

/// A payment provider in a path, by its name.
#[derive(Debug)]
pub(crate) struct ProviderName(pub(crate) String);

impl FromStr for ProviderName {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for SectionNumber {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// An id that a path can hold.
pub(crate) trait PathId: FromStr + Send {
    /// What is said when there is no such thing.
    const ABSENT: (Reason, &'static str);
}

macro_rules! path_ids {
    ($($id:ident: $reason:ident, $noun:literal;)+) => {$(
        impl PathId for $id {
            const ABSENT: (Reason, &'static str) = (Reason::$reason, concat!("There is no such ", $noun, "."));
        }
    )+};
}

path_ids! {
    UserId: UserNotFound, "user";
    SessionId: SessionNotFound, "session";
    ApiKeyId: ApiKeyNotFound, "API key";
    EventId: EventNotFound, "event";
    CategoryId: CategoryNotFound, "category";
    ScheduleItemId: ScheduleItemNotFound, "schedule item";
    TicketTypeId: TicketTypeNotFound, "ticket type";
    PromoCodeId: PromoUnknown, "promo code";
    BookingId: BookingNotFound, "booking";
    PaymentId: PaymentNotFound, "payment";
    RefundId: RefundNotFound, "refund";
    ProviderName: PaymentMethodUnknown, "payment provider";
    TransferId: TransferNotFound, "transfer";
    NotificationId: NotificationNotFound, "notification";
    PushSubscriptionId: PushSubscriptionNotFound, "browser or phone";
    AnnouncementId: AnnouncementNotFound, "announcement";
    JobId: JobNotFound, "job";
    SectionNumber: SectionNotFound, "section";
    ReviewId: ReviewNotFound, "review";
    DeviceId: DeviceNotFound, "device";
    WebhookId: WebhookNotFound, "webhook";
    WebhookDeliveryId: WebhookDeliveryNotFound, "delivery";
}

fn parse<T: PathId>(text: Option<&str>) -> Result<T, Problem> {
    let (reason, sentence) = T::ABSENT;
    text.and_then(|text| text.parse().ok()).ok_or_else(|| Error::new(reason, sentence).into())
}

async fn values<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Vec<String>, Problem> {
    // Refused when a part of the path is not UTF-8.
    let params = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|_| Error::new(Reason::Malformed, "The path is not UTF-8."))?;
    Ok(params.iter().map(|(_, value)| value.to_owned()).collect())
}

impl<S: Send + Sync, T: PathId> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let values = values(parts, state).await?;
        parse(values.last().map(String::as_str)).map(Self)
    }
}

impl<S: Send + Sync, A: PathId, B: PathId> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let values = values(parts, state).await?;
        // Counted from the end: a host may nest the router under a path with parameters of its own.
        let mut from_end = values.iter().rev().map(String::as_str);
        let last = from_end.next();
        Ok(Self(parse(from_end.next())?, parse(last)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Code {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let values = values(parts, state).await?;
        Ok(Self(values.into_iter().next_back().unwrap_or_default()))
    }
}
