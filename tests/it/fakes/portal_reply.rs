//! What a portal answers on one path, honestly or not.

use std::io::Write as _;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use sha2::{Digest, Sha256};

use super::wire::{Gate, Wire, hang_up};

/// One path's answer.
#[derive(Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Kind,
    validators: Validators,
    /// Set by the portal; newer with each change.
    pub(super) modified: String,
}

#[derive(Clone)]
enum Kind {
    Full(Bytes),
    Drip(Vec<Bytes>, Gate),
    Endless(Bytes),
    Truncated { announced: usize, bytes: Bytes },
    ResetAfter { announced: usize, bytes: Bytes },
    Raw(Vec<Bytes>, Gate),
    LostAnswer,
    Reset,
    NextHop,
}

/// Which validators the answer carries and honours.
#[derive(Clone, Copy, PartialEq)]
enum Validators {
    Both,
    OnlyDate,
    None,
}

impl Reply {
    fn new(status: u16, body: Kind) -> Self {
        Self { status, headers: Vec::new(), body, validators: Validators::Both, modified: String::new() }
    }

    /// A page in UTF-8.
    pub(crate) fn html(html: impl Into<String>) -> Self {
        Self::bytes("text/html; charset=utf-8", html.into())
    }

    /// Any content of any type; an empty type sends no `Content-Type`.
    pub(crate) fn bytes(kind: &str, body: impl Into<Bytes>) -> Self {
        let reply = Self::new(200, Kind::Full(body.into()));
        if kind.is_empty() { reply } else { reply.with("content-type", kind) }
    }

    /// A status with a short page and without validators.
    pub(crate) fn status(status: u16) -> Self {
        let body = if matches!(status, 204 | 304) { String::new() } else { format!("<h1>{status}</h1>") };
        Self { status, ..Self::html(body) }.without_validators()
    }

    /// 429 or 503 with `Retry-After`: seconds, a date, or nonsense.
    pub(crate) fn later(status: u16, retry_after: &str) -> Self {
        Self::status(status).with("retry-after", retry_after)
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).with("location", to)
    }

    /// A redirect to a path that redirects on, for ever; set it on `/x/*`.
    pub(crate) fn redirect_for_ever() -> Self {
        Self::new(302, Kind::NextHop).without_validators()
    }

    /// That many MiB of zeros as gzip (64 MiB are 64 kB on the wire).
    pub(crate) fn gzip_bomb(mib: usize) -> Self {
        Self::bytes("text/html; charset=utf-8", gzip(std::iter::repeat_n(&[0; 1 << 20][..], mib))).with("content-encoding", "gzip")
    }

    /// One piece now and one more for each step of the gate, chunked.
    pub(crate) fn drip(pieces: &[&str], gate: &Gate) -> Self {
        Self::new(200, Kind::Drip(pieces.iter().map(|p| Bytes::from((*p).to_owned())).collect(), gate.clone()))
            .with("content-type", "text/html")
    }

    /// The same piece again and again, never ending.
    pub(crate) fn endless(piece: &str) -> Self {
        Self::new(200, Kind::Endless(Bytes::from(piece.repeat(1 + 16_384 / piece.len().max(1))))).with("content-type", "text/html")
    }

    /// Announces `announced` bytes, sends these, and ends in order.
    pub(crate) fn truncated(announced: usize, bytes: impl Into<Bytes>) -> Self {
        Self::new(200, Kind::Truncated { announced, bytes: bytes.into() }).with("content-type", "text/html")
    }

    /// Announces `announced` bytes, sends these, and resets the connection.
    pub(crate) fn reset_after(announced: usize, bytes: impl Into<Bytes>) -> Self {
        Self::new(200, Kind::ResetAfter { announced, bytes: bytes.into() }).with("content-type", "text/html")
    }

    /// These bytes are the whole HTTP answer, good or bad; then the connection ends.
    pub(crate) fn raw(bytes: impl Into<Bytes>) -> Self {
        let gate = Gate::new();
        gate.open();
        Self::new(200, Kind::Raw(vec![bytes.into()], gate))
    }

    /// Raw pieces, the first now and one for each step of the gate (slow headers).
    pub(crate) fn raw_drip(pieces: &[&[u8]], gate: &Gate) -> Self {
        Self::new(200, Kind::Raw(pieces.iter().map(|p| Bytes::copy_from_slice(p)).collect(), gate.clone()))
    }

    /// Reads the request and says nothing until the gate opens; then hangs up.
    pub(crate) fn silent(gate: &Gate) -> Self {
        Self::raw_drip(&[b"", b""], gate)
    }

    /// Reads the request and hangs up in order.
    pub(crate) fn lost_answer() -> Self {
        Self::new(200, Kind::LostAnswer)
    }

    /// Resets the connection.
    pub(crate) fn reset() -> Self {
        Self::new(200, Kind::Reset)
    }

    /// With one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name) || name.eq_ignore_ascii_case("set-cookie"));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another `Last-Modified`.
    pub(super) fn dated(self, modified: String) -> Self {
        Self { modified, ..self }
    }

    /// With another status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Compressed, whatever the client says it takes.
    pub(crate) fn gzipped(self) -> Self {
        let Kind::Full(body) = &self.body else { return self };
        let body = Kind::Full(gzip([body.as_ref()].into_iter()).into());
        Self { body, ..self }.with("content-encoding", "gzip")
    }

    /// Without `ETag` and `Last-Modified`.
    pub(crate) fn without_validators(self) -> Self {
        Self { validators: Validators::None, ..self }
    }

    /// With `Last-Modified` but no `ETag`.
    pub(crate) fn only_last_modified(self) -> Self {
        Self { validators: Validators::OnlyDate, ..self }
    }

    /// The strong `ETag`, made from the content.
    pub(crate) fn etag(&self) -> Option<String> {
        match (&self.body, self.validators) {
            (Kind::Full(body), Validators::Both) => Some(format!("\"{}\"", hex(&Sha256::digest(body)))),
            _ => None,
        }
    }

    fn is_fresh(&self, asked: &HeaderMap) -> bool {
        let asks = |name: HeaderName| asked.get(name).and_then(|v| v.to_str().ok());
        match (asks(header::IF_NONE_MATCH), self.etag(), asks(header::IF_MODIFIED_SINCE)) {
            (Some(tags), Some(etag), _) => tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*"),
            (Some(_), None, _) => false,
            (None, _, Some(date)) => self.has_date() && httpdate::parse_http_date(date).is_ok_and(|since| since >= self.date()),
            (None, _, None) => false,
        }
    }

    fn has_date(&self) -> bool {
        self.validators != Validators::None && matches!(self.body, Kind::Full(_))
    }

    fn date(&self) -> std::time::SystemTime {
        httpdate::parse_http_date(&self.modified).unwrap()
    }

    /// Answers one request; `hop` is where an endless redirect goes next.
    pub(super) async fn serve(self, asked: &HeaderMap, hop: &str, wire: &Wire) -> Response {
        let fresh = self.status == 200 && self.is_fresh(asked);
        let mut response = match self.body.clone() {
            Kind::Full(_) if fresh => (StatusCode::NOT_MODIFIED, Body::empty()).into_response(),
            Kind::Full(body) => Body::from(body).into_response(),
            Kind::Drip(pieces, gate) => Body::from_stream(drip(pieces, gate)).into_response(),
            Kind::Endless(piece) => Body::from_stream(stream::repeat_with(move || Ok::<_, std::io::Error>(piece.clone()))).into_response(),
            Kind::NextHop => [(header::LOCATION, hop)].into_response(),
            wild => return wild.serve_wild(&self, wire).await,
        };
        if !fresh {
            *response.status_mut() = StatusCode::from_u16(self.status).unwrap();
        }
        self.put_headers(response.headers_mut());
        response
    }

    fn put_headers(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            headers.append(HeaderName::try_from(name.as_str()).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        if let Some(etag) = self.etag() {
            headers.entry(header::ETAG).or_insert(HeaderValue::try_from(etag).unwrap());
        }
        if self.has_date() {
            headers.entry(header::LAST_MODIFIED).or_insert(HeaderValue::try_from(&self.modified).unwrap());
        }
    }

    fn raw_head(&self, announced: usize) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("HTTP/1.1 {} Fake\r\n{headers}content-length: {announced}\r\n\r\n", self.status)
    }
}

impl Kind {
    /// The answers that no HTTP library would give.
    async fn serve_wild(self, reply: &Reply, wire: &Wire) -> Response {
        match self {
            Self::Truncated { announced, bytes } => wire.write(&[reply.raw_head(announced).as_bytes(), &bytes].concat()).await,
            Self::ResetAfter { announced, bytes } => {
                wire.write(&[reply.raw_head(announced).as_bytes(), &bytes].concat()).await;
                wire.reset_on_close();
            }
            Self::Raw(pieces, gate) => raw(&pieces, &gate, wire).await,
            Self::Reset => wire.reset_on_close(),
            Self::LostAnswer | Self::Full(_) | Self::Drip(..) | Self::Endless(_) | Self::NextHop => {}
        }
        hang_up()
    }
}

async fn raw(pieces: &[Bytes], gate: &Gate, wire: &Wire) {
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            gate.wait().await;
        }
        wire.write(piece).await;
    }
}

fn drip(pieces: Vec<Bytes>, gate: Gate) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    stream::unfold((pieces.into_iter(), gate, true), |(mut pieces, gate, first)| async move {
        let piece = pieces.next()?;
        if !first {
            gate.wait().await;
        }
        Some((Ok(piece), (pieces, gate, false)))
    })
}

fn gzip<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    pieces.for_each(|piece| encoder.write_all(piece).unwrap());
    encoder.finish().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}
