//! A folder of articles: somebody pastes a page into a file, and that is all.
//!
//! The fetcher turns a folder into a page with a line per file, `name`, time of change in Unix
//! milliseconds and size, parted by tabs; so this source stays pure like the others.

use std::collections::HashMap;
use std::path::{self, Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use dom_query::{Document, local_name};
use serde::Deserialize;
use serde::de::Error as _;
use toml::de::{Error, ValueDeserializer};
use url::Url;

use super::pasted::{Article, Calendar};
use super::{Hint, Kind, Problem, Reading, Setting, Source, Visit, markdown, media, pasted, saved};
use crate::charset;
use crate::entry::{Entry, Guid};
use crate::html::{self, Named};
use crate::page::Page;
use crate::phrases;
use crate::text;

/// Articles in a folder of this machine.
pub(super) const KIND: Kind = Kind {
    name: "folder",
    about: "một thư mục bài viết .txt, .md, .html trên máy này (a folder of articles on this machine)",
    example: r#"[[sources]]
name = "tho-quan"
title = "Phường Thổ Quan"
kind = "folder"
path = "news"
"#,
    build,
};

/// The media type of a folder's listing, as the fetcher gives it.
const LISTING: &str = "application/vnd.loaphuong.folder";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    path: FolderPath,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct FolderPath(String);

impl TryFrom<String> for FolderPath {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        if written.trim().is_empty() || written.contains('\0') { Err(phrases::folder_path_empty()) } else { Ok(Self(written)) }
    }
}

fn build(keys: ValueDeserializer<'_>, setting: &Setting<'_>) -> Result<Arc<dyn Source>, Error> {
    let FolderPath(written) = Config::deserialize(keys)?.path;
    let url = path::absolute(setting.dir.join(&written)).ok().and_then(|path| Url::from_directory_path(path).ok());
    let url = url.ok_or_else(|| Error::custom(phrases::folder_path_unusable(&written)))?;
    let identity = written.trim_start_matches("./").trim_end_matches('/').to_owned();
    Ok(Arc::new(Folder { url, identity, zone: setting.zone }))
}

struct Folder {
    url: Url,
    /// The path as configured: the articles keep their identity when the machine changes.
    identity: String,
    zone: Tz,
}

impl Source for Folder {
    fn start(&self) -> Vec<Visit> {
        vec![Visit::listing(self.url.clone())]
    }

    fn home(&self) -> Option<Url> {
        None
    }

    fn read(&self, visit: &Visit, page: &Page) -> Reading {
        if page.media_type.as_deref() == Some(LISTING) { self.read_listing(page) } else { self.read_file(visit, page) }
    }
}

/// A line of the listing.
struct File {
    name: String,
    changed: i64,
    size: u64,
}

impl File {
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.rsplitn(3, '\t');
        let (size, changed, name) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { name: name.to_owned(), changed: changed.parse().ok()?, size: size.parse().ok()? })
    }
}

impl Folder {
    fn read_listing(&self, page: &Page) -> Reading {
        let mut files: Vec<File> = String::from_utf8_lossy(&page.body).lines().filter_map(File::parse).collect();
        files.sort_by(|a, b| b.changed.cmp(&a.changed).then_with(|| b.name.cmp(&a.name)));
        let mut reading = Reading::default();
        let mut taken: HashMap<Guid, String> = HashMap::new();
        for file in files {
            let Some(url) = self.address(&file.name) else { continue };
            let guid = self.guid(&file.name);
            if let Some(other) = taken.get(&guid) {
                reading.problems.push(Problem { url, guid: Some(guid), what: phrases::file_twice(&file.name, other) });
                continue;
            }
            let hint = Hint { version: Some(format!("{}-{}", file.changed, file.size)), ..Hint::default() };
            reading.next.push(Visit { url, guid: Some(guid.clone()), hint });
            taken.insert(guid, file.name);
        }
        reading
    }

    fn address(&self, name: &str) -> Option<Url> {
        let mut url = self.url.clone();
        url.path_segments_mut().ok()?.pop_if_empty().push(name);
        Some(url)
    }

    /// From the name without its ending, composed: some systems store names decomposed.
    fn guid(&self, name: &str) -> Guid {
        let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        Guid::derived(&["folder", &self.identity, &text::clean(&stem)])
    }

    fn read_file(&self, visit: &Visit, page: &Page) -> Reading {
        let name = file_name(&page.url);
        let guid = visit.guid.clone().unwrap_or_else(|| self.guid(&name));
        match self.article(page, &name) {
            Ok(article) => Reading { entries: vec![self.entry(article, guid, visit, page, &name)], ..Reading::default() },
            Err(what) => Reading { problems: vec![Problem { url: page.url.clone(), guid: Some(guid), what }], ..Reading::default() },
        }
    }

    fn article(&self, page: &Page, name: &str) -> Result<Article, String> {
        if charset::is_binary(&page.body) {
            return Err(phrases::file_not_text(name));
        }
        let text = charset::decode(&page.body, page.charset.as_deref());
        if !charset::is_legible(&text) {
            return Err(phrases::file_not_text(name));
        }
        let read = match page.media_type.as_deref() {
            Some("text/markdown") => markdown::read,
            Some("text/html") if html::within_limits(&text).is_err() => return Err(phrases::page_too_complex()),
            Some("text/html") => saved::read,
            _ => pasted::read,
        };
        let mut article = read(&text, &self.calendar(page)).ok_or_else(|| phrases::file_empty(name))?;
        article.title = charset::without_losses(&article.title).ok_or_else(|| phrases::file_not_text(name))?;
        html::within_limits(&article.html).map(|()| article).map_err(|_| phrases::page_too_complex())
    }

    fn calendar(&self, page: &Page) -> Calendar {
        Calendar { zone: self.zone, now: page.fetched }
    }

    fn entry(&self, article: Article, guid: Guid, visit: &Visit, page: &Page, name: &str) -> Entry {
        let content_html = displayable(html::sanitise(&article.html, None));
        Entry {
            published: article.published.or_else(|| self.calendar(page).read(&day_in(name)?)),
            author: article.author.map(|author| text::line(&author)),
            summary: lead(&content_html),
            images: media::pictures(&content_html),
            categories: article.categories,
            version: visit.hint.version.clone(),
            content_html,
            ..Entry::new(guid, text::capped_title(&article.title))
        }
    }
}

fn file_name(url: &Url) -> String {
    let path = url.to_file_path().unwrap_or_else(|()| PathBuf::from(url.path()));
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The day that a name begins with: `2026-11-12-tiem-chung.txt`.
fn day_in(name: &str) -> Option<String> {
    let day = name.get(..10)?;
    NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok().then(|| day.to_owned())
}

/// Without pictures that lie beside the file: nobody could fetch them.
fn displayable(content_html: String) -> String {
    if !content_html.contains("<img") {
        return content_html;
    }
    // The sanitiser takes a relative address away; the second time the picture without one goes.
    html::sanitise(&content_html, None)
}

/// The first paragraph, else the first line.
fn lead(content_html: &str) -> Option<String> {
    let document = Document::fragment(content_html);
    let paragraphs = document.select("p");
    let mut texts = paragraphs
        .nodes()
        .iter()
        .filter(|node| !node.ancestors_it(Some(8)).any(|above| above.is_a(&local_name!("table"))))
        .map(|node| text::line(&html::to_text(&node.html())));
    let first = || html::to_text(content_html).lines().next().map(text::line);
    texts.find(|text| !text.is_empty()).or_else(first).filter(|text| !text.is_empty())
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
