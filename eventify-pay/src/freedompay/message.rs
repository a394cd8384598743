//! A message of FreedomPay: named fields, some of them with fields of their own; a form on its way in, XML on its way out.

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};

/// Fields of one message; a status with a hundred refunds has some five hundred.
const FIELDS_MAX: usize = 2_000;
/// How deep fields are nested; `response` → list → entry → field is three.
const DEPTH_MAX: usize = 6;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Fields(Message),
}

/// Fields in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Message(pub(crate) Vec<(String, Value)>);

impl Message {
    /// A message of fields without nested ones.
    pub(crate) fn of(fields: &[(&str, &str)]) -> Self {
        let field = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::Text((*value).to_owned()));
        Self(fields.iter().map(field).collect())
    }

    /// Adds a field.
    pub(crate) fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), Value::Text(value.into())));
    }

    /// The text of the field of this name; `None` when there is none, several, or one with fields of its own.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(own, _)| own == name);
        match (named.next(), named.next()) {
            (Some((_, Value::Text(text))), None) => Some(text),
            _ => None,
        }
    }

    /// The messages that are nested in the fields of this name.
    pub(crate) fn nested(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.0.iter().filter(move |(own, _)| own == name).filter_map(|(_, value)| match value {
            Value::Fields(message) => Some(message),
            Value::Text(_) => None,
        })
    }

    /// Every message that is nested directly in this one.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Self> {
        self.0.iter().filter_map(|(_, value)| match value {
            Value::Fields(message) => Some(message),
            Value::Text(_) => None,
        })
    }

    /// Reads `application/x-www-form-urlencoded`; `None` for too many fields or bytes that are no UTF-8.
    pub(crate) fn from_form(form: &[u8]) -> Option<Self> {
        let mut message = Self::default();
        for (name, value) in form_urlencoded::parse(form) {
            if message.0.len() == FIELDS_MAX || value.contains('\u{fffd}') {
                return None;
            }
            message.push(&name, value);
        }
        Some(message)
    }

    /// Writes `application/x-www-form-urlencoded`; nested fields do not occur on that way.
    pub(crate) fn to_form(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            if let Value::Text(text) = value {
                form.append_pair(name, text);
            }
        }
        form.finish()
    }

    /// Reads XML; `None` for what is no such document: a declaration of a type, text beside fields, too much of anything.
    pub(crate) fn from_xml(xml: &str) -> Option<Self> {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().expand_empty_elements = true;
        let mut left = FIELDS_MAX;
        loop {
            match reader.read_event().ok()? {
                Event::Decl(_) | Event::Comment(_) => {}
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Start(_) => break,
                _ => return None,
            }
        }
        let Value::Fields(message) = element(&mut reader, 1, &mut left)? else { return None };
        loop {
            match reader.read_event().ok()? {
                Event::Eof => return Some(message),
                Event::Comment(_) => {}
                Event::Text(text) if text.trim().is_empty() => {}
                _ => return None,
            }
        }
    }

    /// Writes XML.
    pub(crate) fn to_xml(&self) -> String {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>");
        self.write(&mut xml);
        xml.push_str("</response>");
        xml
    }

    fn write(&self, xml: &mut String) {
        for (name, value) in &self.0 {
            xml.push_str(&format!("<{name}>"));
            match value {
                Value::Text(text) => xml.push_str(&escape(text.as_str())),
                Value::Fields(message) => message.write(xml),
            }
            xml.push_str(&format!("</{name}>"));
        }
    }
}

/// The rest of the element that was just opened.
fn element(reader: &mut Reader<&[u8]>, depth: usize, left: &mut usize) -> Option<Value> {
    let (mut text, mut fields) = (String::new(), Message::default());
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                *left = left.checked_sub(1)?;
                if depth == DEPTH_MAX {
                    return None;
                }
                let name = start.name().as_ref().to_owned();
                fields.0.push((name, element(reader, depth + 1, left)?));
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => text.push_str(&resolved(&reference)?),
            Event::Comment(_) => {}
            Event::End(_) if fields.0.is_empty() && depth > 1 => return Some(Value::Text(text)),
            Event::End(_) if text.trim().is_empty() => return Some(Value::Fields(fields)),
            _ => return None,
        }
    }
}

fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok()?.map(String::from);
    }
    resolve_predefined_entity(reference).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_is_read_with_nested_fields_entities_and_cdata() {
        let xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>\n <pg_status>ok</pg_status> <pg_empty/>\n\
                   <pg_url>https://x.example/?a=1&amp;b=&#50;</pg_url><pg_words><![CDATA[a < b]]></pg_words>\
                   <pg_list><pg_entry><pg_amount>-10</pg_amount></pg_entry></pg_list></response>\n";
        let message = Message::from_xml(xml).unwrap();
        assert_eq!(message.get("pg_status"), Some("ok"));
        assert_eq!(message.get("pg_empty"), Some(""));
        assert_eq!(message.get("pg_url"), Some("https://x.example/?a=1&b=2"));
        assert_eq!(message.get("pg_words"), Some("a < b"));
        let entry = message.nested("pg_list").next().unwrap().parts().next().unwrap();
        assert_eq!(entry.get("pg_amount"), Some("-10"));
        assert_eq!(Message::from_xml(&message.to_xml()), Some(message));
    }

    #[test]
    fn what_is_no_message_is_not_read() {
        let deep = format!("<response>{}{}</response>", "<a>".repeat(10), "</a>".repeat(10));
        let many = format!("<response>{}</response>", "<a/>".repeat(FIELDS_MAX + 1));
        let bad = [
            "",
            "ok",
            "<response>",
            "<response>ok</response>",
            "<response><a>x<b/></a></response>",
            "<!DOCTYPE r [<!ENTITY e \"x\">]><response><a>&e;</a></response>",
            "<response><a>&e;</a></response>",
            "<response><a>x</b></response>",
            "<response/><response/>",
            &deep,
            &many,
        ];
        for xml in bad {
            assert_eq!(Message::from_xml(xml), None, "{}", &xml[..xml.len().min(60)]);
        }
    }

    #[test]
    fn a_field_that_comes_twice_has_no_one_value() {
        let message = Message::from_form(b"pg_a=1&pg_a=2&pg_b=x%20y").unwrap();
        assert_eq!(
            (message.get("pg_a"), message.get("pg_b"), message.get("pg_c")),
            (None, Some("x y"), None)
        );
    }
}
