//! The fonts: which letters they have, how wide they are, and what stands for those that they lack.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::PaperError;

/// One font.
pub(crate) struct Face {
    font: Font,
    letters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units_per_em: f32,
}

/// The fonts of a ticket.
pub(crate) struct Faces {
    pub(crate) regular: Face,
    pub(crate) bold: Face,
}

/// What is drawn for what the fonts lack.
const REPLACEMENT: char = '\u{FFFD}';

impl Faces {
    /// # Errors
    /// [`PaperError::Font`].
    pub(crate) fn get() -> Result<&'static Self, PaperError> {
        static FACES: LazyLock<Option<Faces>> = LazyLock::new(|| {
            let regular = Face::new(include_bytes!("../font/NotoSans-Regular.ttf"))?;
            let bold = Face::new(include_bytes!("../font/NotoSans-Bold.ttf"))?;
            Some(Faces { regular, bold })
        });
        FACES.as_ref().ok_or(PaperError::Font)
    }
}

impl Face {
    fn new(data: &'static [u8]) -> Option<Self> {
        let read = FontRef::new(data).ok()?;
        let font = Font::new(data.into(), 0)?;
        Some(Self {
            units_per_em: font.units_per_em(),
            font,
            letters: read.charmap(),
            widths: read.glyph_metrics(Size::unscaled(), LocationRef::default()),
        })
    }

    pub(crate) fn font(&self) -> Font {
        self.font.clone()
    }

    /// The text as it can be drawn: on one line, in letters that the font has, combined ones made whole where they can be.
    pub(crate) fn drawable(&self, text: &str) -> String {
        let composed: String = text.nfc().collect();
        let mut drawable = String::with_capacity(composed.len());
        for seen in composed.graphemes(true) {
            if seen.chars().all(char::is_whitespace) {
                drawable.push(' ');
                continue;
            }
            let kept: String = seen.chars().filter(|c| !is_unseen(*c)).collect();
            if kept.chars().all(|c| self.letters.map(c).is_some()) {
                drawable.push_str(&kept);
            } else {
                drawable.push(REPLACEMENT);
            }
        }
        drawable
    }

    /// How wide a drawable text is, in points.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(c)).sum::<f32>() * size
    }

    fn glyph(&self, c: char) -> skrifa::GlyphId {
        self.letters.map(c).unwrap_or(skrifa::GlyphId::NOTDEF)
    }

    /// In ems.
    fn advance(&self, c: char) -> f32 {
        self.widths.advance_width(self.glyph(c)).unwrap_or_default() / self.units_per_em
    }

    pub(crate) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, c): (usize, char)| {
            let range = at..at + c.len_utf8();
            KrillaGlyph::new(
                GlyphId::new(self.glyph(c).to_u32()),
                self.advance(c),
                0.0,
                0.0,
                0.0,
                range,
                None,
            )
        };
        text.char_indices().map(glyph).collect()
    }
}

/// Characters that only tell a renderer how to treat their neighbours, and control characters.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::Faces;

    #[test]
    fn the_fonts_have_the_letters_that_tickets_need() {
        let faces = Faces::get().unwrap();
        let letters =
            "AaŁłẞßĞğŞşĄąŐőÆæØøẠạƏə ЁёЙйЩщЪъЇїЄєЎў ӘәҒғҚқҢңӨөҰұҮүҺһІі ΑαΩω 0123456789 ₸₽€£¥₼₾ №™…–—«»„“”’•";
        for face in [&faces.regular, &faces.bold] {
            assert_eq!(face.drawable(letters), letters);
            assert!(face.width("W", 10.0) > face.width("i", 10.0));
            assert!(face.width("\u{FFFD}", 10.0) > 1.0);
        }
    }

    #[test]
    fn what_they_lack_is_one_mark_for_each_character_that_is_seen() {
        let face = &Faces::get().unwrap().regular;
        for (text, drawable) in [
            ("Jazz 🎷!", "Jazz \u{FFFD}!"),
            ("👩‍👩‍👧", "\u{FFFD}"),
            ("🇰🇿", "\u{FFFD}"),
            ("東京", "\u{FFFD}\u{FFFD}"),
            ("line\none\ttwo\u{0}", "line one two"),
            ("a\u{200D}b\u{FEFF}\u{202E}c", "abc"),
            ("и\u{306}", "й"),
            ("e\u{301}", "é"),
            ("\u{301}", "\u{301}"),
            ("", ""),
        ] {
            assert_eq!(face.drawable(text), drawable, "{text:?}");
        }
    }
}
