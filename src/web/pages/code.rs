//! QR codes as inline SVG: no picture to load, and sharp on paper.

use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

/// White around a code, in modules (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;

/// A code; a text too long for one gives an empty picture.
#[derive(Template)]
#[template(path = "code.html")]
pub(super) struct Code {
    label: String,
    side: usize,
    path: String,
}

impl askama::filters::HtmlSafe for Code {}

impl Code {
    /// The code of an address. `label` is read to those who cannot see it.
    pub(super) fn new(address: &str, label: String) -> Self {
        let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::M) else {
            return Self { label, side: 1, path: String::new() };
        };
        let width = code.width().max(1);
        let colors = code.to_colors();
        let rows = colors.chunks(width).enumerate().map(|(y, row)| line(row, y + QUIET));
        Self { label, side: width + 2 * QUIET, path: rows.collect() }
    }
}

/// One row as a stroke: dark runs are drawn, light ones passed over.
fn line(row: &[Color], y: usize) -> String {
    let mut path = format!("M{QUIET} {y}.5");
    for run in row.chunk_by(|a, b| a == b) {
        match run.first() {
            Some(Color::Dark) => path.push_str(&format!("h{}", run.len())),
            Some(Color::Light) => path.push_str(&format!("m{} 0", run.len())),
            None => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_runs_are_drawn_and_light_ones_passed_over() {
        assert_eq!(line(&[Color::Dark, Color::Dark, Color::Light, Color::Dark], 4), "M4 4.5h2m1 0h1");
    }

    #[test]
    fn a_code_has_its_quiet_zone_and_is_light() {
        let code = Code::new("https://loa.phuong.example/theo-doi/tho-quan", String::new());
        assert_eq!(code.side, 33 + 8);
        assert!(code.path.len() < 2_500, "{}", code.path.len());
        assert_eq!(Code::new(&"x".repeat(5_000), String::new()).path, "");
    }
}
