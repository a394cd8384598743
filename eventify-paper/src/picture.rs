//! The QR code as shapes.

use krilla::geom::{Path, PathBuilder, Rect};
use qrcode::{Color, EcLevel, QrCode};

use crate::PaperError;

/// Modules of light around the code (ISO/IEC 18004: four).
const QUIET_MODULES: u16 = 4;

/// The dark parts of a code in a square with its corner here and this side, in points; the light around it belongs to the
/// square. The correction is that of the picture on a screen (M: a seventh may be covered).
///
/// # Errors
/// [`PaperError::Code`].
pub(crate) fn draw(code: &str, left: f32, top: f32, side: f32) -> Result<Path, PaperError> {
    let failed = |what: String| PaperError::Code(what);
    let made = QrCode::with_error_correction_level(code, EcLevel::M).map_err(|e| failed(e.to_string()))?;
    let modules = u16::try_from(made.width()).map_err(|e| failed(e.to_string()))?;
    let module = side / f32::from(modules + 2 * QUIET_MODULES);
    let at = |start: f32, nth: u16| start + f32::from(nth + QUIET_MODULES) * module;
    let mut path = PathBuilder::new();
    let colors = made.to_colors();
    for (row, colors) in (0_u16..).zip(colors.chunks(made.width().max(1))) {
        let mut column = 0_u16;
        for run in colors.chunk_by(|one, other| one == other) {
            let count = u16::try_from(run.len()).map_err(|e| failed(e.to_string()))?;
            if run.first() == Some(&Color::Dark) {
                // A hair higher than a module: no viewer shows a seam between two rows.
                let (width, height) = (f32::from(count) * module, module * 1.02);
                if let Some(rect) = Rect::from_xywh(at(left, column), at(top, row), width, height) {
                    path.push_rect(rect);
                }
            }
            column += count;
        }
    }
    path.finish().ok_or_else(|| failed("it has no dark parts".to_owned()))
}
