//! What was read, for people and for programs.

use std::fmt::Write;

use serde::Serialize;

use crate::entry::{Enclosure, Entry};
use crate::phrases;
use crate::sample::{Shape, View};
use crate::schedule::spoken;
use crate::source::Problem;
use crate::{html, text};

/// Characters of a text that are shown to people.
const SHOWN: usize = 600;

/// An entry as programs get it; what is absent is null.
#[derive(Serialize, Default)]
pub(in crate::cli) struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    guid: Option<&'a str>,
    url: Option<&'a str>,
    title: Option<&'a str>,
    published: Option<String>,
    updated: Option<String>,
    author: Option<&'a str>,
    summary: Option<&'a str>,
    content_html: Option<&'a str>,
    content_text: Option<String>,
    images: Vec<File<'a>>,
    attachments: Vec<File<'a>>,
    categories: &'a [String],
    problems: Vec<&'a str>,
}

#[derive(Serialize)]
struct File<'a> {
    url: &'a str,
    #[serde(rename = "type")]
    media_type: &'a str,
    length: Option<u64>,
    title: Option<&'a str>,
}

#[derive(Serialize)]
struct List<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    links: Vec<Link<'a>>,
    next: Option<&'a str>,
    problems: Vec<&'a str>,
}

#[derive(Serialize)]
struct Link<'a> {
    url: Option<&'a str>,
    title: Option<&'a str>,
    published: Option<String>,
}

/// A file with several entries, such as a feed.
#[derive(Serialize)]
struct Several<'a> {
    file: &'a str,
    entries: Vec<Told<'a>>,
    problems: Vec<&'a str>,
}

/// One array of entries, which name their file where several were asked for; a list that was
/// asked for as such is an object, several are an array of them.
pub(super) fn json(targets: &[String], views: &[View], shape: Option<Shape>) -> String {
    let several = targets.len() > 1;
    let named = || targets.iter().map(|target| Some(target.as_str()).filter(|_| several)).zip(views);
    if shape == Some(Shape::List) {
        let lists: Vec<List<'_>> = named().map(|(file, view)| list(file, view)).collect();
        return match lists.as_slice() {
            [only] => pretty(only),
            all => pretty(&all),
        };
    }
    let entries: Vec<Told<'_>> = named().flat_map(|(file, view)| entries(file, view)).collect();
    pretty(&entries)
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// One file of a batch as a line.
pub(super) fn row(file: &str, view: &View, shape: Option<Shape>) -> String {
    let is_list = shape == Some(Shape::List) || (shape.is_none() && view.entries.is_empty() && !view.links.is_empty());
    let line = if is_list { serde_json::to_string(&list(Some(file), view)) } else { one_row(file, view) };
    line.unwrap_or_default() + "\n"
}

fn one_row(file: &str, view: &View) -> serde_json::Result<String> {
    match view.entries.as_slice() {
        [] => serde_json::to_string(&Told { file: Some(file), problems: words(view.problems.iter()), ..Told::default() }),
        [entry] => serde_json::to_string(&told(Some(file), entry, &view.problems)),
        _ => {
            let entries = entries(None, view);
            serde_json::to_string(&Several { file, entries, problems: words(view.problems.iter().filter(|p| p.guid.is_none())) })
        }
    }
}

fn entries<'a>(file: Option<&'a str>, view: &'a View) -> Vec<Told<'a>> {
    view.entries.iter().map(|entry| told(file, entry, &view.problems)).collect()
}

/// An entry with those of the problems that are its own or its page's.
pub(in crate::cli) fn told<'a>(file: Option<&'a str>, entry: &'a Entry, problems: &'a [Problem]) -> Told<'a> {
    let ours = |problem: &&Problem| problem.guid.as_ref().is_none_or(|guid| *guid == entry.guid);
    Told {
        file,
        guid: Some(entry.guid.as_str()),
        url: entry.url.as_ref().map(url::Url::as_str),
        title: Some(&entry.title),
        published: entry.published.map(|t| t.to_rfc3339()),
        updated: entry.updated.map(|t| t.to_rfc3339()),
        author: entry.author.as_deref(),
        summary: entry.summary.as_deref(),
        content_html: Some(&entry.content_html),
        content_text: Some(html::to_text(&entry.content_html)),
        images: entry.images.iter().map(enclosure).collect(),
        attachments: entry.attachments.iter().map(enclosure).collect(),
        categories: &entry.categories,
        problems: words(problems.iter().filter(ours)),
    }
}

fn words<'a>(problems: impl Iterator<Item = &'a Problem>) -> Vec<&'a str> {
    problems.map(|problem| problem.what.as_str()).collect()
}

fn enclosure(file: &Enclosure) -> File<'_> {
    File { url: file.url.as_str(), media_type: &file.media_type, length: file.length, title: file.title.as_deref() }
}

/// The links of a list; those of a feed are its entries.
fn list<'a>(file: Option<&'a str>, view: &'a View) -> List<'a> {
    let whole = view.entries.iter().map(|entry| Link {
        url: entry.url.as_ref().map(url::Url::as_str),
        title: Some(&entry.title),
        published: entry.published.map(|t| t.to_rfc3339()),
    });
    let links = view.links.iter().map(|visit| Link {
        url: Some(visit.url.as_str()),
        title: visit.hint.title.as_deref(),
        published: visit.hint.published.map(|t| t.to_rfc3339()),
    });
    List {
        file,
        links: whole.chain(links).collect(),
        next: view.next.as_ref().map(url::Url::as_str),
        problems: words(view.problems.iter()),
    }
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
