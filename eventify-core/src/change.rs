//! What becomes of a value that may be absent, in a partial update.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What becomes of a value that may be absent, where a partial update names it at all. In JSON the value itself, or `null`.
///
/// ```
/// use eventify_core::Change;
/// use eventify_core::event::UpdateEvent;
/// let change = UpdateEvent {
///     venue: Some(Change::To("Opera".into())),
///     city: Some(Change::Clear),
///     ..UpdateEvent::default() // everything else stays
/// };
/// assert_eq!(change.city.and_then(Change::into_option), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<T> {
    /// There is none any more.
    Clear,
    /// It is this from now on.
    To(T),
}

impl<T> Change<T> {
    /// What there is afterwards.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Clear => None,
            Self::To(value) => Some(value),
        }
    }

    /// The value, if there is one afterwards.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Clear => None,
            Self::To(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Change<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::To)
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}
