//! A pull reader over `quick-xml` that knows where it is, how deep it is, and what it refuses.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};

use crate::{
    error::ScheduleError,
    limits::{DEPTH_MAX, ENTRY_NODES_MAX},
    model::Format,
    problem::Position,
    text::LineCursor,
};

/// Attributes that are looked at of one element.
const ATTRIBUTES_MAX: usize = 64;

/// A start tag.
pub(crate) struct Tag {
    /// Its name without a namespace prefix.
    pub(crate) name: String,
    pub(crate) position: Position,
    attributes: Vec<(String, String)>,
}

impl Tag {
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }
}

/// An element with all that is in it.
pub(crate) struct Element {
    pub(crate) tag: Tag,
    content: Vec<Node>,
}

enum Node {
    Text(String),
    Element(Element),
}

impl Element {
    pub(crate) fn children(&self) -> impl Iterator<Item = &Element> {
        self.content.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children().find(|child| child.tag.name == name)
    }

    /// All text in it, that of nested markup too.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.append_text(&mut text);
        text
    }

    fn append_text(&self, text: &mut String) {
        for node in &self.content {
            match node {
                Node::Text(piece) => text.push_str(piece),
                Node::Element(element) => element.append_text(text),
            }
        }
    }

    /// The text of the child of this name, unless it is blank.
    pub(crate) fn child_text(&self, name: &str) -> Option<String> {
        self.child(name).map(Element::text).filter(|text| !text.trim().is_empty())
    }
}

/// Walks an XML document element by element.
pub(crate) struct XmlReader<'a> {
    reader: Reader<&'a [u8]>,
    cursor: LineCursor<'a>,
    depth: usize,
}

impl<'a> XmlReader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        // `<a/>` comes as `<a></a>`, so that there is one way an element ends.
        config.expand_empty_elements = true;
        // A hand-edited “Q&A” must not cost the whole programme.
        config.allow_dangling_amp = true;
        Self { reader, cursor: LineCursor::new(text.as_bytes()), depth: 0 }
    }

    /// The next element within the one that is open, or `None` at its end.
    pub(crate) fn next_child(&mut self) -> Result<Option<Tag>, ScheduleError> {
        loop {
            let offset = self.offset();
            match self.event()? {
                Event::Start(start) => return self.open(&start, offset).map(Some),
                Event::End(_) => {
                    self.close();
                    return Ok(None);
                }
                Event::Eof => return self.end_of_file().map(|()| None),
                _ => {}
            }
        }
    }

    /// Passes over the element that was just opened.
    pub(crate) fn skip_element(&mut self) -> Result<(), ScheduleError> {
        self.rest_of_element(&mut 0).map(|_| ())
    }

    /// Reads the element that was just opened, up to [`ENTRY_NODES_MAX`] nodes of it.
    pub(crate) fn read_element(&mut self, tag: Tag) -> Result<Element, ScheduleError> {
        let content = self.rest_of_element(&mut ENTRY_NODES_MAX.clone())?;
        Ok(Element { tag, content })
    }

    /// Recursion is bounded by [`DEPTH_MAX`], memory by the number of nodes left.
    fn rest_of_element(&mut self, nodes_left: &mut usize) -> Result<Vec<Node>, ScheduleError> {
        let mut content = Vec::new();
        loop {
            let offset = self.offset();
            let node = match self.event()? {
                Event::Start(start) => {
                    let tag = self.open(&start, offset)?;
                    Node::Element(Element { content: self.rest_of_element(nodes_left)?, tag })
                }
                Event::Text(text) => Node::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Node::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(reference) => Node::Text(resolve(&reference)),
                Event::End(_) => {
                    self.close();
                    return Ok(content);
                }
                Event::Eof => return self.end_of_file().map(|()| content),
                _ => continue,
            };
            if *nodes_left > 0 {
                *nodes_left -= 1;
                content.push(node);
            }
        }
    }

    fn event(&mut self) -> Result<Event<'a>, ScheduleError> {
        let event = match self.reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let offset = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
                return Err(self.malformed(offset, error.to_string()));
            }
        };
        if matches!(event, Event::DocType(_)) {
            let position = self.cursor.at(self.offset());
            return Err(ScheduleError::DoctypeRefused { position });
        }
        Ok(event)
    }

    fn open(&mut self, start: &BytesStart<'_>, offset: usize) -> Result<Tag, ScheduleError> {
        let position = self.cursor.at(offset);
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(ScheduleError::TooDeep { position });
        }
        let mut attributes = Vec::new();
        // The duplicate check compares each attribute with each: too slow for what a stranger may send.
        for attribute in start.attributes().with_checks(false).take(ATTRIBUTES_MAX) {
            let attribute = attribute.map_err(|error| self.malformed(offset, error.to_string()))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .unwrap_or_else(|_| attribute.value.clone());
            attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
        }
        Ok(Tag { name: start.local_name().as_ref().to_owned(), position, attributes })
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn end_of_file(&mut self) -> Result<(), ScheduleError> {
        if self.depth == 0 {
            return Ok(());
        }
        let offset = self.offset();
        Err(self.malformed(offset, "the file ends in the middle of an element".to_owned()))
    }

    fn malformed(&mut self, offset: usize, message: String) -> ScheduleError {
        ScheduleError::Malformed { format: Format::FrabXml, position: self.cursor.at(offset), message }
    }

    fn offset(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }
}

/// A character or predefined entity. Others cannot be declared here, so they stay as they are written.
fn resolve(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    match resolve_predefined_entity(reference) {
        Some(text) => text.to_owned(),
        None => format!("&{};", &**reference),
    }
}
