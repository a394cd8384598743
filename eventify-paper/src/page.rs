//! The page: title above, what is said on the left, the code on the right, advice below.

use std::num::NonZeroU16;

use eventify_core::text::{Phrase, Speaker};
use eventify_core::ticket::TicketPaper;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, BBox, ContentTag, SpanTag, Tag, TagGroup, TagKind, TagTree};
use krilla::{Document, SerializeSettings};

use crate::face::{Face, Faces};
use crate::layout::{Fitted, fit, shrink};
use crate::rows::rows;
use crate::{PaperError, picture};

// In points, of which an inch has 72. The page is A4.
const PAGE_WIDTH: f32 = 595.276;
const PAGE_HEIGHT: f32 = 841.89;
const MARGIN: f32 = 56.0;
const WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
/// With its light around it.
const CODE_SIDE: f32 = 210.0;
const GAP: f32 = 16.0;
const COLUMN: f32 = WIDTH - CODE_SIDE - GAP;

const TITLE_SIZES: [f32; 4] = [30.0, 26.0, 22.0, 18.0];
const TITLE_LINES_MAX: usize = 4;
const LABEL_SIZE: f32 = 9.0;
const VALUE_SIZE: f32 = 12.0;
const SHORT_CODE_SIZE: f32 = 15.0;
const LEADING: f32 = 1.3;

/// How light a colour is, of 255.
const INK: u8 = 0;
const GREY: u8 = 90;

/// # Errors
/// [`PaperError`].
pub(crate) fn draw(ticket: &TicketPaper, speaker: Speaker<'_>) -> Result<Vec<u8>, PaperError> {
    let failed = |what: String| PaperError::Pdf(what);
    let faces = Faces::get()?;
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1);
    let configuration = configuration.finish().map_err(|e| failed(format!("{e:?}")))?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let size = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or_else(|| failed("no such page".into()))?;
    let mut page = document.start_page_with(size);
    let tags = TagTree::new().with_lang(Some(speaker.language().tag().to_owned()));
    // An empty title is none, and the standard wants one.
    let nameless = speaker.phrase(Phrase::Ticket);
    let title = if ticket.title.trim().is_empty() { nameless.as_str() } else { ticket.title.as_str() };
    let pen = Pen { surface: page.surface(), tags, y: MARGIN };
    let tags = pen.ticket(faces, ticket, title, speaker)?;
    page.finish();

    let mut outline = Outline::new();
    let top = XyzDestination::new(0, Point::from_xy(0.0, 0.0));
    outline.push_child(OutlineNode::new(title.to_owned(), top));
    document.set_outline(outline);
    let metadata = Metadata::new().title(title.to_owned()).language(speaker.language().tag().to_owned());
    document.set_metadata(metadata.creator("Eventify".to_owned()));
    document.set_tag_tree(tags);
    document.finish().map_err(|e| failed(format!("{e:?}")))
}

/// Draws downwards, and remembers what is what.
struct Pen<'a> {
    surface: Surface<'a>,
    tags: TagTree,
    y: f32,
}

impl Pen<'_> {
    /// Everything, and what a screen reader makes of it.
    fn ticket(
        mut self,
        faces: &Faces,
        ticket: &TicketPaper,
        title: &str,
        speaker: Speaker<'_>,
    ) -> Result<TagTree, PaperError> {
        let shown = shrink(&faces.bold, title, &TITLE_SIZES, WIDTH, TITLE_LINES_MAX);
        let heading =
            Tag::Hn(NonZeroU16::MIN, Some(title.to_owned())).with_actual_text(hidden(&shown, title));
        self.paragraph(heading.into(), |pen, group| pen.lines(group, &faces.bold, &shown, MARGIN, INK));
        self.y += 10.0;
        self.rule();
        self.y += 18.0;

        let top = self.y;
        for row in rows(ticket, speaker) {
            let value = fit(&faces.bold, &row.value, VALUE_SIZE, COLUMN, row.lines_max);
            let label = fit(&faces.regular, &row.label, LABEL_SIZE, COLUMN, 1);
            let said = hidden(&value, &row.value).map(|value| format!("{}: {value}", row.label));
            self.paragraph(Tag::P.with_actual_text(said).into(), |pen, group| {
                pen.lines(group, &faces.regular, &label, MARGIN, GREY);
                pen.lines(group, &faces.bold, &value, MARGIN, INK);
            });
            self.y += 9.0;
        }
        let left_end = self.y;

        self.y = top;
        self.code(&ticket.ticket.code, &speaker.phrase(Phrase::Picture))?;
        self.short_code(faces, &ticket.ticket.short_code, &speaker.phrase(Phrase::Code));

        self.y = self.y.max(left_end) + 12.0;
        self.rule();
        self.y += 12.0;
        let advice = fit(&faces.regular, &speaker.phrase(Phrase::Advice), LABEL_SIZE, WIDTH, 3);
        self.paragraph(Tag::P.into(), |pen, group| pen.lines(group, &faces.regular, &advice, MARGIN, GREY));
        let Self { surface, tags, .. } = self;
        surface.finish();
        Ok(tags)
    }

    fn fill(&mut self, lightness: u8) {
        let paint = rgb::Color::new(lightness, lightness, lightness).into();
        self.surface.set_fill(Some(Fill { paint, ..Fill::default() }));
    }

    /// Something that is read as one.
    fn paragraph(&mut self, tag: TagKind, draw: impl FnOnce(&mut Self, &mut TagGroup)) {
        let mut group = TagGroup::new(tag);
        draw(self, &mut group);
        self.tags.push(group);
    }

    /// Lines below each other.
    fn lines(&mut self, group: &mut TagGroup, face: &Face, text: &Fitted, left: f32, lightness: u8) {
        for line in &text.lines {
            self.y += text.size * LEADING;
            // Below the line there is room for what hangs from it.
            let baseline = self.y - text.size * (LEADING - 1.0);
            self.fill(lightness);
            group.push(self.surface.start_tagged(ContentTag::Span(SpanTag::empty())));
            // Lines of one text are words of one sentence: what is copied has a space between them.
            let spaced = format!("{line} ");
            let start = Point::from_xy(left, baseline);
            self.surface.draw_glyphs(start, &face.glyphs(&spaced), face.font(), &spaced, text.size, false);
            self.surface.end_tagged();
        }
    }

    fn rule(&mut self) {
        let mut path = PathBuilder::new();
        if let Some(rect) = Rect::from_xywh(MARGIN, self.y, WIDTH, 0.75) {
            path.push_rect(rect);
        }
        if let Some(path) = path.finish() {
            self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            self.fill(GREY);
            self.surface.draw_path(&path);
            self.surface.end_tagged();
        }
    }

    /// The picture at the right edge.
    fn code(&mut self, code: &str, says: &str) -> Result<(), PaperError> {
        let left = PAGE_WIDTH - MARGIN - CODE_SIDE;
        let path = picture::draw(code, left, self.y, CODE_SIDE)?;
        let place = Rect::from_xywh(left, self.y, CODE_SIDE, CODE_SIDE);
        let tag = Tag::Figure(Some(says.to_owned())).with_bbox(place.map(|rect| BBox::new(0, rect)));
        self.paragraph(tag.into(), |pen, group| {
            group.push(pen.surface.start_tagged(ContentTag::Other));
            pen.fill(INK);
            pen.surface.draw_path(&path);
            pen.surface.end_tagged();
        });
        self.y += CODE_SIDE;
        Ok(())
    }

    /// What can be typed where the picture cannot be read, in the middle below it.
    fn short_code(&mut self, faces: &Faces, code: &str, label: &str) {
        let center = |face: &Face, text: &str, size: f32| {
            let fitted = fit(face, text, size, CODE_SIDE, 1);
            let width = fitted.lines.first().map_or(0.0, |line| face.width(line, size));
            (fitted, PAGE_WIDTH - MARGIN - CODE_SIDE / 2.0 - width / 2.0)
        };
        let (label, label_left) = center(&faces.regular, label, LABEL_SIZE);
        let (code, code_left) = center(&faces.bold, code, SHORT_CODE_SIZE);
        self.paragraph(Tag::P.into(), |pen, group| {
            pen.lines(group, &faces.regular, &label, label_left, GREY);
            pen.lines(group, &faces.bold, &code, code_left, INK);
        });
    }
}

/// The whole text, for those who do not see it, where something of it could not be drawn.
fn hidden(fitted: &Fitted, text: &str) -> Option<String> {
    let replaced = fitted.lines.iter().any(|line| line.contains('\u{FFFD}'));
    (fitted.cut || replaced).then(|| text.to_owned())
}
