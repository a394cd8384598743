//! JSON taken apart one level at a time, so that memory stays bounded and one bad value costs only itself.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::limits::{ENTRIES_MAX, MEMBERS_MAX};

/// An object, its values not yet looked at.
pub(crate) struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Object<'a> {
    /// `None` when the value is no object, or one with more than [`MEMBERS_MAX`] members.
    pub(crate) fn of(value: &'a RawValue) -> Option<Self> {
        serde_json::from_str(value.get()).ok()
    }

    /// A member's value; `null` is as good as none.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let member = self.0.iter().find(|(key, _)| key == name);
        member.map(|(_, value)| *value).filter(|value| value.get() != "null")
    }

    /// A member that is an object.
    pub(crate) fn object(&self, name: &str) -> Option<Object<'a>> {
        self.get(name).and_then(Object::of)
    }

    /// A member that is a text or a number, unless it is blank.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(text_of)
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(key, value)| (key.as_str(), *value))
    }
}

/// The values of an array; `None` when it is none. One more than [`ENTRIES_MAX`] are kept at most, so that the caller
/// notices the excess.
pub(crate) fn items_of(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).map(|Items(items)| items).ok()
}

/// A text, or a number as it is written, unless it is blank.
pub(crate) fn text_of(value: &RawValue) -> Option<String> {
    let raw = value.get();
    let text = match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok()?,
        b'-' | b'0'..=b'9' => raw.to_owned(),
        _ => return None,
    };
    Some(text).filter(|text: &String| !text.trim().is_empty())
}

/// One more step of a JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)).
pub(crate) fn pointer(parent: &str, step: &str) -> String {
    format!("{parent}/{}", step.replace('~', "~0").replace('/', "~1"))
}

struct Items<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;
        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object with at most {MEMBERS_MAX} members")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    if members.len() == MEMBERS_MAX {
                        return Err(A::Error::invalid_length(MEMBERS_MAX + 1, &self));
                    }
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(ObjectVisitor)
    }
}

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;
        impl<'de> Visitor<'de> for ItemsVisitor {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    if items.len() <= ENTRIES_MAX {
                        items.push(item);
                    }
                }
                Ok(Items(items))
            }
        }
        deserializer.deserialize_seq(ItemsVisitor)
    }
}
