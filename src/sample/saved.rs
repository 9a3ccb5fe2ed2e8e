//! A page in a file, as if it had just been fetched.

use std::io::Read;
use std::path::Path;

use chrono::{DateTime, Utc};
use url::Url;

use super::{View, is_plausible};
use crate::page::{Page, Validators};
use crate::phrases;
use crate::source::discover;

/// The largest page, decoded.
const LARGEST: usize = 10 << 20;

/// The page in a file. Where nobody tells its address, its own word for it counts, else the file's.
///
/// # Errors
/// A view with the reason.
pub(super) fn page(path: &Path, url: Option<Url>) -> Result<Page, Box<View>> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let here = Url::from_file_path(&absolute).map_err(|()| Box::default())?;
    let trouble = |what: String| Box::new(View::trouble(here.clone(), what));
    let body = read(path).map_err(|error| trouble(phrases::config_unreadable(&format!("{}: {error}", path.display()))))?;
    if body.len() > LARGEST {
        return Err(trouble(phrases::page_file_too_big(&path.display(), LARGEST)));
    }
    let modified = std::fs::metadata(path).and_then(|m| m.modified()).map(DateTime::<Utc>::from).ok();
    let mut page = Page {
        url: here,
        // What a saved page calls "two hours ago" counts from when it was saved.
        fetched: modified.filter(|at| is_plausible(*at)).unwrap_or_else(Utc::now),
        media_type: media_type(path),
        charset: None,
        body: body.into(),
        validators: Validators::default(),
    };
    if let Some(url) = url.or_else(|| discover::own_address(&page)) {
        page.url = url;
    }
    Ok(page)
}

fn media_type(path: &Path) -> Option<String> {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let extension = name.trim_end_matches(".gz").rsplit('.').next().unwrap_or_default().to_owned();
    match extension.as_str() {
        "txt" => Some("text/plain".to_owned()),
        "md" => Some("text/markdown".to_owned()),
        _ => None,
    }
}

/// Saved pages are often kept gzipped; they are read as they were, until just past the limit.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let (mut bytes, most) = (Vec::new(), LARGEST as u64 + 1);
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut plain)?;
    Ok(plain)
}
