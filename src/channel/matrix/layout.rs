//! Entries as `m.text` with HTML (`org.matrix.custom.html`), and the same in plain words.

use serde_json::json;
use url::Url;

use super::sheet::{Markup, Parts};
use crate::channel::{Face, Message, Notice, Noticed};

/// The longest article (UTF-16 units); nobody reads more in a room.
const TEXT: usize = 8_000;
/// The longest content, in bytes. An event may have 65,536, and one that replaces another carries
/// this and a little more.
const LIMIT: usize = 48_000;

/// A list; its plain form is never longer than the form with tags.
pub(super) const LIST: Markup = Markup { escape, bold, link, size: |html| json!(html).to_string().len(), limit: LIMIT / 3 };
const HTML: Markup = Markup { limit: usize::MAX, ..LIST };
const PLAIN: Markup =
    Markup { escape: str::to_owned, bold: str::to_owned, link: |label, url| format!("{label}: {url}"), size: str::len, limit: usize::MAX };

/// What a template may count on: it writes the HTML of Matrix.
pub(super) const FACE: Face = Face {
    escape,
    seen: |html| crate::html::to_text(&broken(html)),
    size: crate::text::utf16_len,
    limit: TEXT,
    caption: TEXT,
    lists: true,
    put: |message, html| message.text = content(&crate::html::to_text(&broken(&with_addresses(&html))), &html),
};

pub(super) fn article(noticed: &Noticed, notice: &Notice<'_>) -> Message {
    let parts = Parts::of(noticed, notice);
    let written = |parts: &Parts| {
        let (plain, html) = (parts.clone().marked(notice, &PLAIN), parts.clone().marked(notice, &HTML));
        content(&plain, &html)
    };
    let parts = parts.fitted(notice, TEXT, |parts| written(parts).len() <= LIMIT);
    Message { text: written(&parts), silent: notice.silent, ..Message::default() }
}

pub(super) fn list(html: &str, notice: &Notice<'_>) -> Message {
    let plain = crate::html::to_text(&broken(&with_addresses(html)));
    Message { text: content(&plain, html), silent: notice.silent, ..Message::default() }
}

/// Each link of ours as its label, and the address on a line of its own.
fn with_addresses(html: &str) -> String {
    let mut pieces = html.split("<a href=\"");
    let first = pieces.next().unwrap_or_default().to_owned();
    let parts = |piece: &'_ str| -> Option<String> {
        let (url, rest) = piece.split_once("\">")?;
        let (label, rest) = rest.split_once("</a>")?;
        Some(format!("{label}\n{url}{rest}"))
    };
    pieces.fold(first, |all, piece| all + &parts(piece).unwrap_or_default())
}

/// `m.mentions`: whatever names stand in the text, nobody is called.
fn content(plain: &str, html: &str) -> String {
    let html = broken(html);
    json!({ "msgtype": "m.text", "body": plain, "format": "org.matrix.custom.html", "formatted_body": html, "m.mentions": {} }).to_string()
}

fn broken(html: &str) -> String {
    html.replace('\n', "<br>")
}

fn escape(plain: &str) -> String {
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn bold(html: &str) -> String {
    format!("<strong>{html}</strong>")
}

fn link(html: &str, url: &Url) -> String {
    format!("<a href=\"{}\">{html}</a>", escape(url.as_str()))
}
