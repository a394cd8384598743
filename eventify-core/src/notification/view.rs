//! What a person sees of their notifications.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::{Channel, FactName, NoticeKind, Notification, Preferences};
use crate::id::{EventId, NotificationId};
use crate::time::Timestamp;

/// Something in a person's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationView {
    /// Its id.
    pub id: NotificationId,
    /// The fact, such as `ticket.purchased`.
    pub kind: FactName,
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub body: String,
    /// The event that it is about.
    pub event_id: Option<EventId>,
    /// Whether the person read it.
    pub read: bool,
    /// When it was written.
    pub created_at: Timestamp,
}

impl From<&Notification> for NotificationView {
    fn from(notification: &Notification) -> Self {
        Self {
            id: notification.id,
            kind: notification.fact,
            title: notification.title.clone(),
            body: notification.body.clone(),
            event_id: notification.event_id,
            read: notification.read_at.is_some(),
            created_at: notification.created_at,
        }
    }
}

/// By kind and channel, whether a person wants to be told. A change may name only what changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct PreferencesView(
    /// Kind to channel to yes or no.
    pub BTreeMap<NoticeKind, BTreeMap<Channel, bool>>,
);

impl From<&Preferences> for PreferencesView {
    fn from(chosen: &Preferences) -> Self {
        let channels = |kind| Channel::ALL.iter().map(|c| (*c, chosen.allow(kind, *c))).collect();
        Self(NoticeKind::ALL.iter().map(|kind| (*kind, channels(*kind))).collect())
    }
}
