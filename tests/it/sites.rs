//! Sites as they are read: for every recipe, pages and what must be made of them.
//!
//! `tests/fixtures/sites/<recipe>/<case>/` holds `urls.json` (the addresses of the pages),
//! `listing.html`, `article-N.html` and `expected.json`. `UPDATE_GOLDEN=1 cargo test` writes the latter anew.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loaphuong::entry::{Enclosure, Entry, Guid, Slug};
use loaphuong::html;
use loaphuong::page::{Page, Validators};
use loaphuong::source::{Hint, KINDS, Problem, Reading, Setting, Source, Visit};
use serde_json::{Value, json};
use url::Url;

fn sites() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sites")
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let mut inside: Vec<PathBuf> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    inside.sort();
    inside
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn source(url: &str, recipe: &str) -> Arc<dyn Source> {
    let kind = KINDS.iter().find(|kind| kind.name == "html").unwrap();
    let keys = format!("{{ url = \"{url}\", recipe = \"{recipe}\" }}");
    let setting = Setting {
        name: &Slug::new("phuong").unwrap(),
        dir: Path::new("."),
        zone: chrono_tz::Asia::Ho_Chi_Minh,
        load: &|_| Err("no files here".into()),
    };
    (kind.build)(toml::de::ValueDeserializer::parse(&keys).unwrap(), &setting).unwrap()
}

fn page(url: &Url, file: &Path) -> Page {
    let fetched = "2026-11-23T00:00:00Z".parse().unwrap();
    let body = std::fs::read(file).unwrap().into();
    Page { url: url.clone(), fetched, media_type: Some("text/html".into()), charset: None, body, validators: Validators::default() }
}

/// Reads every page of a case: the listing, then the articles with what the listing said of them.
fn read(case: &Path, recipe: &str) -> Value {
    let urls: BTreeMap<String, Url> = serde_json::from_str(&std::fs::read_to_string(case.join("urls.json")).unwrap()).unwrap();
    let home = &urls["listing.html"];
    let source = source(home.as_str(), recipe);
    let listing = source.read(&Visit::listing(home.clone()), &page(home, &case.join("listing.html")));
    let articles: BTreeMap<&String, Value> = urls
        .iter()
        .filter(|(file, _)| *file != "listing.html")
        .map(|(file, url)| {
            let known = listing.next.iter().find(|visit| visit.url == *url).cloned();
            let visit = known.unwrap_or_else(|| Visit { url: url.clone(), guid: Some(Guid::new(url.as_str())), hint: Hint::default() });
            let reading = source.read(&visit, &page(url, &case.join(file)));
            (file, json!({ "entries": reading.entries.iter().map(entry).collect::<Vec<_>>(), "problems": problems(&reading.problems) }))
        })
        .collect();
    json!({ "listing": list(&listing), "articles": articles })
}

fn list(reading: &Reading) -> Value {
    let links = reading.next.iter().filter(|visit| visit.guid.is_some());
    let links: Vec<Value> = links.map(|visit| json!({ "url": visit.url, "title": visit.hint.title, "published": visit.hint.published.map(|at| at.to_rfc3339()), "summary": visit.hint.summary })).collect();
    let next = reading.next.iter().find(|visit| visit.guid.is_none()).map(|visit| visit.url.clone());
    json!({ "links": links, "next": next, "problems": problems(&reading.problems) })
}

fn problems(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.what.as_str()).collect()
}

fn entry(entry: &Entry) -> Value {
    json!({
        "guid": entry.guid.as_str(), "url": entry.url, "title": entry.title,
        "published": entry.published.map(|at| at.to_rfc3339()), "updated": entry.updated.map(|at| at.to_rfc3339()),
        "author": entry.author, "summary": entry.summary, "content_html": entry.content_html, "content_text": html::to_text(&entry.content_html),
        "images": entry.images.iter().map(file).collect::<Vec<_>>(), "attachments": entry.attachments.iter().map(file).collect::<Vec<_>>(), "categories": entry.categories,
    })
}

fn file(file: &Enclosure) -> Value {
    json!({ "url": file.url, "type": file.media_type, "title": file.title })
}

fn check(case: &Path, recipe: &str) {
    let got = serde_json::to_string_pretty(&read(case, recipe)).unwrap() + "\n";
    let golden = case.join("expected.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &got).unwrap();
    }
    let want = std::fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(got, want, "{} by {recipe}", case.display());
}

#[test]
fn every_site_is_read_by_its_recipe() {
    for recipe in folders(&sites()) {
        folders(&recipe).iter().for_each(|case| check(case, name(&recipe)));
    }
}

/// Nobody has to know the name of the software that a portal runs on.
#[test]
fn a_known_portal_is_read_as_well_without_its_recipe() {
    for case in folders(&sites().join("vportal")) {
        assert_eq!(read(&case, "auto"), read(&case, "vportal"), "{}", case.display());
    }
}
