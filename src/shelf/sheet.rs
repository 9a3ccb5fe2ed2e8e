//! One thing that is served at an address: what it is, and the heads of its answers.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::coding::{Coding, WORTH};

/// Readers may keep it for five minutes, and show an older one while they ask, or for a day while
/// the server is away.
const CACHE: &str = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400";
/// What a script of another site may see of an answer, beside what it always may.
const EXPOSED: &str = "etag, link, im, delta-base, content-location, content-range, accept-ranges, retry-after";

/// What every answer carries that does not say otherwise.
pub static HOUSE: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ),
];

/// What tells bytes from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Print([u8; 12]);

impl Print {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut print = [0; 12];
        print.iter_mut().zip(Sha256::digest(bytes)).for_each(|(to, from)| *to = from);
        Self(print)
    }

    /// That of a validator which was made here, in whatever coding.
    #[must_use]
    pub fn told(etag: &str) -> Option<Self> {
        let hex = etag.trim().trim_start_matches("W/").strip_prefix('"')?.strip_suffix('"')?.split('-').next()?;
        let mut print = [0; 12];
        if hex.len() != 24 || !hex.is_ascii() {
            return None;
        }
        for (place, byte) in print.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hex.get(place * 2..place * 2 + 2)?, 16).ok()?;
        }
        Some(Self(print))
    }

    /// The strong validator of bytes in a coding, with its quotes.
    #[must_use]
    pub fn etag(self, coding: Coding) -> String {
        let hex: String = self.0.iter().map(|b| format!("{b:02x}")).collect();
        format!("\"{hex}{}\"", coding.suffix())
    }
}

/// What is known of a sheet's bytes once they were seen.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Of the plain bytes.
    pub print: Print,
    /// Their number.
    pub length: u64,
    /// When they last changed, in seconds since 1970; `None` where that cannot be told.
    pub modified: Option<u64>,
}

impl Known {
    fn of(bytes: &[u8], modified: Option<SystemTime>) -> Self {
        let modified = modified.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()).map(|d| d.as_secs());
        Self { print: Print::of(bytes), length: bytes.len() as u64, modified }
    }

    /// Whether there are smaller forms of it.
    #[must_use]
    pub const fn is_coded(&self) -> bool {
        self.length >= WORTH
    }
}

/// One thing that is served.
#[derive(Debug)]
pub struct Sheet {
    /// Another one for each change.
    pub(super) id: u64,
    media_type: &'static str,
    cache: &'static str,
    link: Option<HeaderValue>,
    held: Option<Bytes>,
    known: OnceLock<Known>,
}

impl Sheet {
    /// A file in the shelf's folder, which was not looked at yet. `media_type` has its charset.
    #[must_use]
    pub fn on_disk(media_type: &'static str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { id, media_type, cache: CACHE, link: None, held: None, known: OnceLock::new() }
    }

    /// The same with its bytes known.
    #[must_use]
    pub fn written(self, bytes: &[u8], modified: Option<SystemTime>) -> Self {
        Self { known: Known::of(bytes, modified).into(), ..self }
    }

    /// Bytes that lie nowhere but here. They are served as files are.
    #[must_use]
    pub fn made(media_type: &'static str, cache: &'static str, bytes: Bytes, modified: Option<SystemTime>) -> Self {
        Self { cache, known: Known::of(&bytes, modified).into(), held: Some(bytes), ..Self::on_disk(media_type) }
    }

    /// With a `Link` header (RFC 8288).
    #[must_use]
    pub fn linked(self, link: &str) -> Self {
        Self { link: HeaderValue::from_str(link).ok(), ..self }
    }

    /// The same as it is on the disk now: replaced a moment before the shelf knew.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { cache: self.cache, link: self.link.clone(), ..Self::on_disk(self.media_type) }
    }

    /// What is known of its bytes.
    pub fn known(&self) -> Option<&Known> {
        self.known.get()
    }

    pub(super) fn held(&self) -> Option<Bytes> {
        self.held.clone()
    }

    /// Its plain bytes, which become known by it.
    pub(super) fn read(&self, path: &Path) -> std::io::Result<(Known, Bytes)> {
        if let (Some(held), Some(known)) = (&self.held, self.known.get()) {
            return Ok((*known, held.clone()));
        }
        let modified = std::fs::metadata(path)?.modified().ok();
        let bytes = std::fs::read(path)?;
        let found = Known::of(&bytes, modified);
        let known = *self.known.get_or_init(|| found);
        if known.print == found.print { Ok((known, bytes.into())) } else { Err(std::io::ErrorKind::InvalidData.into()) }
    }
}

/// The heads of a sheet's answers in one coding.
#[derive(Debug)]
pub struct Prepared {
    /// The strong validator.
    pub etag: HeaderValue,
    /// See [`Known::modified`].
    pub modified: Option<u64>,
    /// With the bytes.
    pub full: HeaderMap,
    /// Without, for those who have them (RFC 9110 §15.4.5).
    pub unchanged: HeaderMap,
}

impl Prepared {
    pub(super) fn new(sheet: &Sheet, known: &Known, coding: Coding) -> Self {
        // Hexadecimal digits and quotes are a value always.
        let etag = HeaderValue::from_str(&known.print.etag(coding)).unwrap_or(HeaderValue::from_static("\"\""));
        let mut unchanged = HeaderMap::with_capacity(6);
        unchanged.insert(header::ETAG, etag.clone());
        unchanged.insert(header::CACHE_CONTROL, HeaderValue::from_static(sheet.cache));
        unchanged.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        unchanged.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        let mut full = unchanged.clone();
        full.insert(header::CONTENT_TYPE, HeaderValue::from_static(sheet.media_type));
        full.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        full.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        let modified = known.modified.map(|at| httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(at)));
        if let Some(value) = modified.and_then(|date| HeaderValue::from_str(&date).ok()) {
            full.insert(header::LAST_MODIFIED, value);
        }
        if coding != Coding::Identity {
            full.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        }
        full.extend(sheet.link.clone().map(|link| (header::LINK, link)));
        full.extend(HOUSE.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self { etag, modified: known.modified, full, unchanged }
    }
}
