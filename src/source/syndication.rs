//! A site that already has a feed: RSS, Atom, RDF or JSON Feed, read by feed-rs.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, Utc};
use chrono_tz::Tz;
use feed_rs::model::{self, FeedType, Link, MediaContent, Text};
use feed_rs::parser::Builder;
use serde::Deserialize;
use toml::de::{Error, ValueDeserializer};
use url::Url;

use super::address::WebAddress;
use super::follow::Articles;
use super::{Hint, Kind, Problem, Reading, Setting, Source, Visit, json_feed, media, pasted};
use crate::charset;
use crate::date;
use crate::entry::{Enclosure, Entry, Guid};
use crate::html;
use crate::page::Page;
use crate::phrases;
use crate::text;

/// A feed that the site itself offers.
pub(super) const KIND: Kind = Kind {
    name: "syndication",
    about: "một trang đã có sẵn RSS, Atom hoặc JSON Feed (a site that already has a feed)",
    example: r#"[[sources]]
name = "so-y-te"
title = "Sở Y tế"
kind = "syndication"
url = "https://soyte.example.vn/rss"
#follow = true                               # bản tin chỉ có tóm tắt: đọc thêm trang bài / read the articles' own pages too
"#,
    build,
};

/// The newest entries taken of one feed.
const MOST_ENTRIES: usize = 100;
/// Own entities looked for; a feed of news declares none.
const MOST_ENTITIES: usize = 16;
/// A longer id is kept as its hash.
const LONGEST_ID: usize = 1024;
/// A title made from the text, in UTF-16 units.
const MADE_TITLE: usize = 80;
/// A longer summary is the article itself, in UTF-16 units.
const LONGEST_SUMMARY: usize = 1000;
/// A longer date is none, in bytes.
const LONGEST_DATE: usize = 100;
/// An earlier date is a mistake: there was no web.
const FIRST_YEAR: i32 = 1990;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    url: WebAddress,
    /// Whether the articles' own pages are read, for feeds that give only summaries.
    #[serde(default)]
    follow: bool,
    /// How those are read.
    recipe: Option<toml::Value>,
}

fn build(keys: ValueDeserializer<'_>, setting: &Setting<'_>) -> Result<Arc<dyn Source>, Error> {
    let config = Config::deserialize(keys)?;
    let url = config.url.into_url();
    let articles = if config.follow || config.recipe.is_some() { Some(Articles::new(&url, config.recipe, setting)?) } else { None };
    Ok(Arc::new(Syndication { url, zone: setting.zone, articles }))
}

struct Syndication {
    url: Url,
    zone: Tz,
    /// What reads the articles' own pages, where they are followed.
    articles: Option<Articles>,
}

impl Source for Syndication {
    fn start(&self) -> Vec<Visit> {
        vec![Visit::listing(self.url.clone())]
    }

    fn home(&self) -> Option<Url> {
        self.url.join("/").ok()
    }

    fn read(&self, visit: &Visit, page: &Page) -> Reading {
        match &self.articles {
            Some(articles) if visit.guid.is_some() => articles.read(visit, page),
            Some(_) => followed(self.feed(page)),
            None => self.feed(page),
        }
    }

    fn learn(&self, pages: &[(Visit, Page)]) -> Option<String> {
        self.articles.as_ref()?.learn(pages)
    }

    fn taught(&self, recipe: &str) -> Option<Arc<dyn Source>> {
        let articles = self.articles.as_ref()?.taught(recipe)?;
        Some(Arc::new(Self { url: self.url.clone(), zone: self.zone, articles: Some(articles) }))
    }
}

impl Syndication {
    fn feed(&self, page: &Page) -> Reading {
        let text = charset::decode(&page.body, page.charset.as_deref());
        match parse(&json_feed::mended(&text), page, self.zone) {
            Ok(feed) => Listing::new(feed, declared_entities(&text), page, self.zone).read(),
            Err(cause) => {
                let what = phrases::feed_unreadable(&text::line(&cause));
                Reading { problems: vec![Problem { url: page.url.clone(), guid: None, what }], ..Reading::default() }
            }
        }
    }
}

/// Instead of the entries that have a page, visits to it; what the feed says of them comes along.
fn followed(feed: Reading) -> Reading {
    let (paged, whole): (Vec<Entry>, Vec<Entry>) = feed.entries.into_iter().partition(|entry| entry.url.is_some());
    let visits = paged.into_iter().filter_map(|entry| {
        // What the feed has for a text is the lead of the page.
        let text = || Some(text::line(&html::to_text(&entry.content_html)));
        let summary = entry.summary.or_else(text).filter(|told| !told.is_empty() && text::utf16_len(told) <= LONGEST_SUMMARY);
        let hint = Hint { title: Some(entry.title), published: entry.published, summary, version: entry.version };
        Some(Visit { url: entry.url?, guid: Some(entry.guid), hint })
    });
    Reading { entries: whole, next: visits.collect(), problems: feed.problems }
}

fn parse(text: &str, page: &Page, zone: Tz) -> Result<model::Feed, String> {
    let now = page.fetched;
    let parser = Builder::new()
        .base_uri(Some(page.url.as_str()))
        .sanitize_content(false)
        // An id that the feed does not give stays empty: identity is decided here.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(move |written| instant(written, zone, now))
        .build();
    // feed-rs slices a person's name by bytes and panics on some; one feed must not become a crash.
    let parsed = panic::catch_unwind(AssertUnwindSafe(|| parser.parse(without_declaration(text).as_bytes())));
    parsed.map_err(|_| "feed-rs panicked".to_owned())?.map_err(|error| error.to_string())
}

/// Without BOM, blank lines and XML declaration: the text is UTF-8 by now, whatever it declares.
fn without_declaration(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or(text, |(_, rest)| rest)
}

/// References to the entities that the feed declares. They are not expanded, so a text with one
/// is not what its writer meant.
fn declared_entities(text: &str) -> Vec<String> {
    let names = text.split("<!ENTITY").skip(1).filter_map(|rest| rest.split_whitespace().next());
    names.take(MOST_ENTITIES).map(|name| format!("&{name};")).collect()
}

/// RFC 822 and RFC 3339 as the formats demand, and whatever else people write.
fn instant(written: &str, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let written = Some(written.trim()).filter(|written| written.len() <= LONGEST_DATE)?;
    let strict = DateTime::parse_from_rfc2822(written).or_else(|_| DateTime::parse_from_rfc3339(written)).ok();
    let at = strict.or_else(|| date::parse(written, zone, now).map(|stamp| stamp.at))?.to_utc();
    (at.year() >= FIRST_YEAR && at <= now + TimeDelta::days(1)).then_some(at)
}

/// A parsed feed on its way to entries.
struct Listing<'a> {
    entries: Vec<model::Entry>,
    /// RSS does not say whether a title is HTML; it mostly is.
    is_rss: bool,
    entities: Vec<String>,
    page: &'a Page,
    zone: Tz,
}

/// How often each id and each link stands in the feed.
#[derive(Default)]
struct Counts {
    ids: HashMap<String, usize>,
    links: HashMap<String, usize>,
}

impl<'a> Listing<'a> {
    fn new(feed: model::Feed, entities: Vec<String>, page: &'a Page, zone: Tz) -> Self {
        let is_rss = !matches!(feed.feed_type, FeedType::Atom | FeedType::JSON);
        let mut entries = feed.entries;
        entries.sort_by_key(|entry| Reverse(entry.published.or(entry.updated)));
        entries.truncate(MOST_ENTRIES);
        Self { entries, is_rss, entities, page, zone }
    }

    fn read(&self) -> Reading {
        let once = self.once();
        let counts = self.count(&once);
        let mut reading = Reading::default();
        let mut taken = HashSet::new();
        for entry in once {
            match self.entry(entry, &counts) {
                Ok(entry) if taken.insert(entry.guid.clone()) => reading.entries.push(entry),
                Ok(_) => {}
                Err(what) => reading.problems.push(Problem { url: self.page.url.clone(), guid: None, what }),
            }
        }
        reading
    }

    /// The entries without plain repetitions, which would make their own id look shared.
    fn once(&self) -> Vec<&model::Entry> {
        let mut known = HashSet::new();
        let title = |entry: &model::Entry| entry.title.as_ref().map(|title| title.content.clone());
        self.entries.iter().filter(|entry| known.insert((entry.id.clone(), self.link(entry), title(entry)))).collect()
    }

    fn count(&self, entries: &[&model::Entry]) -> Counts {
        let mut counts = Counts::default();
        for entry in entries {
            *counts.ids.entry(entry.id.trim().to_owned()).or_default() += 1;
            if let Some(link) = self.link(entry) {
                *counts.links.entry(link.into()).or_default() += 1;
            }
        }
        counts
    }

    fn entry(&self, found: &model::Entry, counts: &Counts) -> Result<Entry, String> {
        let link = self.link(found);
        let content_html = self.content(found, link.as_ref());
        let content = html::to_text(&content_html);
        let title = self.title(found, &content, link.as_ref())?;
        if self.entities.iter().any(|entity| title.contains(entity) || content.contains(entity)) {
            return Err(phrases::feed_entry_entities());
        }
        // Many an Atom feed tells only when an entry was updated.
        let published = found.published.or(found.updated);
        let updated = found.updated.filter(|updated| Some(*updated) != published);
        let guid = identity(found, link.as_ref(), counts, &[&title, &content]);
        let version = found.updated.map_or_else(|| Guid::derived(&[&title, &content_html]).to_string(), |updated| updated.to_rfc3339());
        let (images, attachments) = self.enclosures(found, &content_html);
        Ok(Entry {
            url: link,
            published: published.map(|at| self.local(at)),
            updated: updated.map(|at| self.local(at)),
            author: author(found),
            summary: self.summary(found, &content),
            images,
            attachments,
            categories: categories(found),
            version: Some(version),
            content_html,
            ..Entry::new(guid, title)
        })
    }

    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&self.zone).fixed_offset()
    }

    /// The article's own page; an id that is an address serves where there is no link.
    fn link(&self, entry: &model::Entry) -> Option<Url> {
        let is_page = |link: &&Link| {
            matches!(link.rel.as_deref(), None | Some("alternate"))
                && link.target.is_none()
                && link.media_type.as_deref().is_none_or(|told| told.contains("html"))
        };
        let written = entry.links.iter().find(is_page).and_then(|link| self.absolute(&link.href));
        written.or_else(|| Url::parse(entry.id.trim()).ok().filter(is_web))
    }

    fn absolute(&self, href: &str) -> Option<Url> {
        self.page.url.join(href.trim()).ok().filter(is_web)
    }

    fn content(&self, entry: &model::Entry, link: Option<&Url>) -> String {
        let body = entry.content.as_ref().and_then(|content| match content.content_type.essence().to_string().as_str() {
            // feed-rs names Atom's XHTML without its suffix.
            "text/html" | "application/xhtml" | "application/xhtml+xml" => content.body.clone(),
            "text/plain" => content.body.as_deref().map(pasted::to_html),
            _ => None,
        });
        let summary = || entry.summary.as_ref().map(|summary| self.markup(summary));
        let markup = body.filter(|body| !body.trim().is_empty()).or_else(summary).unwrap_or_default();
        html::sanitise(&markup, Some(link.unwrap_or(&self.page.url)))
    }

    fn is_markup(&self, text: &Text) -> bool {
        self.is_rss || text.content_type.essence().to_string() != "text/plain" || !text.content.contains('<')
    }

    fn markup(&self, text: &Text) -> String {
        if self.is_markup(text) { text.content.clone() } else { pasted::to_html(&text.content) }
    }

    fn plain(&self, text: &Text) -> String {
        if self.is_markup(text) { html::to_text(&text.content) } else { text::paragraphs(&text.content) }
    }

    /// The title, else the beginning of the text, else the link.
    fn title(&self, entry: &model::Entry, content: &str, link: Option<&Url>) -> Result<String, String> {
        let given = entry.title.as_ref().map(|title| text::capped_title(&self.plain(title)));
        let made = || text::cut(&text::line(content), MADE_TITLE);
        let titles = [given.unwrap_or_default(), made(), link.map(Url::to_string).unwrap_or_default()];
        titles.into_iter().find(|title| !title.is_empty()).ok_or_else(phrases::feed_entry_empty)
    }

    /// Never the whole content again; a reader would see it twice.
    fn summary(&self, entry: &model::Entry, content: &str) -> Option<String> {
        let told = entry.summary.as_ref().map(|summary| self.plain(summary));
        let short = told.filter(|told| !told.is_empty() && told != content && text::utf16_len(told) <= LONGEST_SUMMARY);
        let first = || content.lines().next().map(str::to_owned);
        short.or_else(first).filter(|summary| !summary.is_empty() && summary != content)
    }

    /// Pictures and files: what the feed lists, then the pictures in the text.
    fn enclosures(&self, entry: &model::Entry, content_html: &str) -> (Vec<Enclosure>, Vec<Enclosure>) {
        let thumbnails = entry.media.iter().flat_map(|object| &object.thumbnails);
        let thumbnails =
            thumbnails.filter_map(|thumbnail| media::enclosure(self.absolute(&thumbnail.image.uri)?, Some("image/jpeg".to_owned())));
        let contents = entry.media.iter().flat_map(|object| &object.content).filter_map(file);
        let linked = entry.links.iter().filter(|link| is_enclosure(link)).filter_map(|link| self.linked(link));
        let mut known = HashSet::new();
        let all = contents.chain(linked).chain(thumbnails).chain(media::pictures(content_html)).chain(media::documents(content_html));
        all.filter(|file| known.insert(file.url.clone())).partition(|file| file.media_type.starts_with("image/"))
    }

    fn linked(&self, link: &Link) -> Option<Enclosure> {
        let file = media::enclosure(self.absolute(&link.href)?, link.media_type.clone())?;
        Some(Enclosure { length: link.length, title: link.title.as_deref().map(text::line).filter(|title| !title.is_empty()), ..file })
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Atom marks a file by `rel`; JSON Feed's attachments come without one, but with a type.
fn is_enclosure(link: &Link) -> bool {
    match link.rel.as_deref() {
        Some(rel) => rel == "enclosure",
        None => link.media_type.is_some(),
    }
}

fn file(content: &MediaContent) -> Option<Enclosure> {
    let told = content.content_type.as_ref().map(|told| told.essence().to_string());
    // A film's player is a page, not a file.
    let file = media::enclosure(content.url.clone()?, told).filter(|file| file.media_type != "text/html")?;
    Some(Enclosure { length: content.size, ..file })
}

/// The feed's own id when no other entry has it, else the link on the same terms, else the words.
fn identity(entry: &model::Entry, link: Option<&Url>, counts: &Counts, words: &[&str]) -> Guid {
    let id = entry.id.trim();
    let is_own = |count: Option<&usize>| count.is_none_or(|count| *count == 1);
    let link = link.map(Url::as_str).filter(|link| is_own(counts.links.get(*link)));
    match Some(id).filter(|id| !id.is_empty() && is_own(counts.ids.get(*id))).or(link) {
        Some(own) if own.len() <= LONGEST_ID => Guid::new(text::line(own)),
        Some(own) => Guid::derived(&[own]),
        None => Guid::derived(words),
    }
}

fn author(entry: &model::Entry) -> Option<String> {
    let name = |person: &model::Person| person.name.as_deref().map(|name| text::line(name.trim_matches(['(', ')', ' '])));
    let names: Vec<String> = entry.authors.iter().filter_map(name).filter(|name| !name.is_empty()).collect();
    Some(names.join(", ")).filter(|names| !names.is_empty())
}

fn categories(entry: &model::Entry) -> Vec<String> {
    let mut known = HashSet::new();
    let names = entry.categories.iter().map(|category| text::line(category.label.as_deref().unwrap_or(&category.term)));
    names.filter(|name| !name.is_empty() && known.insert(name.clone())).collect()
}

#[cfg(test)]
#[path = "syndication_tests.rs"]
mod tests;
