//! What was read, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::entry::{Enclosure, Entry};
use crate::phrases;
use crate::sample::View;
use crate::schedule::spoken;
use crate::{html, text};

/// Characters of a text that are shown to people.
const SHOWN: usize = 600;

pub(super) fn entries(view: &View) -> Vec<Value> {
    view.entries.iter().map(|entry| one(entry, &problems_of(view, entry))).collect()
}

/// The entry of a page, or an object that tells why there is none.
pub(super) fn first_entry(view: &View) -> Vec<Value> {
    let mut all = entries(view);
    if all.is_empty() {
        all.push(json!({ "problems": view.problems.iter().map(|p| &p.what).collect::<Vec<_>>() }));
    }
    all
}

fn one(entry: &Entry, problems: &[&str]) -> Value {
    json!({
        "guid": entry.guid.as_str(),
        "url": entry.url.as_ref().map(url::Url::as_str),
        "title": entry.title,
        "published": entry.published.map(|t| t.to_rfc3339()),
        "updated": entry.updated.map(|t| t.to_rfc3339()),
        "author": entry.author,
        "summary": entry.summary,
        "content_html": entry.content_html,
        "content_text": html::to_text(&entry.content_html),
        "images": entry.images.iter().map(enclosure).collect::<Vec<_>>(),
        "attachments": entry.attachments.iter().map(enclosure).collect::<Vec<_>>(),
        "categories": entry.categories,
        "problems": problems,
    })
}

fn enclosure(e: &Enclosure) -> Value {
    json!({ "url": e.url.as_str(), "type": e.media_type, "length": e.length, "title": e.title })
}

fn problems_of<'a>(view: &'a View, entry: &Entry) -> Vec<&'a str> {
    let ours = |p: &&crate::source::Problem| p.guid.as_ref().is_none_or(|g| *g == entry.guid);
    view.problems.iter().filter(ours).map(|p| p.what.as_str()).collect()
}

pub(super) fn list(view: &View) -> Value {
    let link = |v: &crate::source::Visit| json!({ "url": v.url.as_str(), "title": v.hint.title, "published": v.hint.published.map(|t| t.to_rfc3339()) });
    json!({
        "links": view.links.iter().map(link).collect::<Vec<_>>(),
        "next": view.next.as_ref().map(url::Url::as_str),
        "problems": view.problems.iter().map(|p| &p.what).collect::<Vec<_>>(),
    })
}

pub(super) fn text(target: &str, view: &View, zone: chrono_tz::Tz) -> String {
    let mut out = format!("{target}\n");
    for entry in &view.entries {
        // Writing to a string does not fail.
        write!(out, "\n{}", person(entry, zone)).ok();
    }
    if view.entries.is_empty() {
        for link in &view.links {
            writeln!(out, "  {}  {}", link.hint.title.as_deref().unwrap_or(""), link.url).ok();
        }
    }
    for problem in &view.problems {
        writeln!(out, "! {}", problem.what).ok();
    }
    out.push('\n');
    out
}

fn person(entry: &Entry, zone: chrono_tz::Tz) -> String {
    let time = entry.published.map_or_else(phrases::no_date, |t| spoken(t.with_timezone(&chrono::Utc), zone));
    let mut lines = vec![entry.title.clone(), [Some(time), entry.author.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ")];
    lines.extend(entry.url.as_ref().map(ToString::to_string));
    lines.push(String::new());
    lines.push(text::cut(&html::to_text(&entry.content_html), SHOWN));
    lines.extend(entry.images.iter().chain(&entry.attachments).map(|e| format!("  [{}] {}", e.media_type, e.url)));
    lines.join("\n") + "\n"
}
