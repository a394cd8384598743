//! A ticket's code as a picture.

use qrcode::{EcLevel, QrCode};

use crate::error::Error;

fn code(text: &str) -> Result<QrCode, Error> {
    QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|e| Error::internal(format!("a ticket's code does not fit a QR code: {e}")))
}

/// As SVG, black on white, with the quiet zone that the standard asks for.
pub(super) fn svg(text: &str) -> Result<String, Error> {
    let code = code(text)?;
    let render =
        code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build();
    Ok(render)
}

/// Pixels of one module, and modules of the quiet zone (ISO/IEC 18004: four).
const MODULE_PIXELS: usize = 8;
const QUIET_MODULES: usize = 4;

/// As PNG, one byte a pixel, black on white.
pub(super) fn png(text: &str) -> Result<Vec<u8>, Error> {
    let code = code(text)?;
    let modules = code.width();
    let dark = code.to_colors();
    let side = (modules + 2 * QUIET_MODULES) * MODULE_PIXELS;
    let mut pixels = vec![u8::MAX; side * side];
    for (at, _) in dark.iter().enumerate().filter(|(_, color)| **color == qrcode::Color::Dark) {
        let (row, column) = (at / modules + QUIET_MODULES, at % modules + QUIET_MODULES);
        for y in row * MODULE_PIXELS..(row + 1) * MODULE_PIXELS {
            let start = y * side + column * MODULE_PIXELS;
            if let Some(run) = pixels.get_mut(start..start + MODULE_PIXELS) {
                run.fill(0);
            }
        }
    }
    encode(&pixels, side)
}

fn encode(pixels: &[u8], side: usize) -> Result<Vec<u8>, Error> {
    let failed = |what: String| Error::internal(format!("a QR code cannot be drawn: {what}"));
    let side = u32::try_from(side).map_err(|e| failed(e.to_string()))?;
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|e| failed(e.to_string()))?;
    writer.write_image_data(pixels).map_err(|e| failed(e.to_string()))?;
    writer.finish().map_err(|e| failed(e.to_string()))?;
    Ok(out)
}
