//! What a person sees of their notifications.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::digest::DailyDigest;
use super::model::{Channel, FactName, NoticeKind, Notification, Preferences};
use super::phone::Phone;
use super::quiet::QuietHours;
use crate::change::Change;
use crate::id::{EventId, NotificationId};
use crate::language::Language;
use crate::text::Said;
use crate::time::Timestamp;

/// Something in a person's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
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

impl NotificationView {
    pub(super) fn new(notification: &Notification, said: Said) -> Self {
        Self {
            id: notification.id,
            kind: notification.fact,
            title: said.title,
            body: said.body,
            event_id: notification.event_id,
            read: notification.read_at.is_some(),
            created_at: notification.created_at,
        }
    }
}

/// By kind and channel, whether a person wants to be told; beside the kinds their quiet hours, language, phone and digest. A change may name only
/// what changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PreferencesView {
    /// Kind to channel to yes or no.
    #[serde(flatten)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub kinds: BTreeMap<NoticeKind, BTreeMap<Channel, bool>>,
    /// When nothing that can wait leaves the house; `null` for never. Absent from a change that leaves them as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub quiet_hours: Option<Change<QuietHours>>,
    /// In which language the person is told things; `null` for English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub language: Option<Change<Language>>,
    /// Where text messages go; `null` for nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub phone: Option<Change<Phone>>,
    /// When mails that can wait come together, once a day; `null` for one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub digest: Option<Change<DailyDigest>>,
}

impl PreferencesView {
    /// These, and the rest as it is.
    #[must_use]
    pub fn of(kinds: impl Into<BTreeMap<NoticeKind, BTreeMap<Channel, bool>>>) -> Self {
        Self { kinds: kinds.into(), ..Self::default() }
    }
}

impl From<&Preferences> for PreferencesView {
    fn from(chosen: &Preferences) -> Self {
        let channels = |kind| Channel::ALL.iter().map(|c| (*c, chosen.allow(kind, *c))).collect();
        let kinds = NoticeKind::ALL.iter().map(|kind| (*kind, channels(*kind))).collect();
        let (quiet_hours, language) = (chosen.quiet_hours.clone(), chosen.language.clone());
        Self {
            kinds,
            quiet_hours: Some(quiet_hours.into()),
            language: Some(language.into()),
            phone: Some(chosen.phone.clone().into()),
            digest: Some(chosen.digest.clone().into()),
        }
    }
}

/// Written out, so that what is wrong is named by its path, which a flattened map would lose.
impl<'de> Deserialize<'de> for PreferencesView {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = PreferencesView;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("kinds of notices, quiet_hours, language, phone and digest")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PreferencesView, A::Error> {
        let mut view = PreferencesView::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "quiet_hours" => view.quiet_hours = Some(map.next_value()?),
                "language" => view.language = Some(map.next_value()?),
                "phone" => view.phone = Some(map.next_value()?),
                "digest" => view.digest = Some(map.next_value()?),
                _ => {
                    let kind = NoticeKind::deserialize(name.into_deserializer())?;
                    view.kinds.insert(kind, map.next_value()?);
                }
            }
        }
        Ok(view)
    }
}

/// Written out: a flattened map would say that quiet hours are channels too.
#[cfg(feature = "openapi")]
mod schema {
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema};
    use utoipa::{PartialSchema, ToSchema, openapi::RefOr};

    use super::{Channel, DailyDigest, Language, NoticeKind, Phone, PreferencesView, QuietHours};

    impl PartialSchema for PreferencesView {
        fn schema() -> RefOr<Schema> {
            let about = "By kind and channel, whether a person wants to be told, and how they are reached.";
            let mut object = ObjectBuilder::new().description(Some(about));
            for kind in NoticeKind::ALL {
                object = object.property(kind.as_str(), <BTreeMap<Channel, bool>>::schema());
            }
            let object = object
                .property("quiet_hours", <Option<QuietHours>>::schema())
                .property("language", <Option<Language>>::schema())
                .property("phone", <Option<Phone>>::schema())
                .property("digest", <Option<DailyDigest>>::schema());
            object.additional_properties(Some(AdditionalProperties::FreeForm(false))).into()
        }
    }

    impl ToSchema for PreferencesView {
        fn name() -> Cow<'static, str> {
            Cow::Borrowed("PreferencesView")
        }

        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            QuietHours::schemas(schemas);
            DailyDigest::schemas(schemas);
        }
    }
}
