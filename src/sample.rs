//! Looking at one page by the code that runs in production: for `try`.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use toml::de::ValueDeserializer;
use url::Url;

use crate::config::Config;
use crate::entry::{Entry, Guid, Slug};
use crate::fetch::Fetched;
use crate::page::{Page, Validators};
use crate::source::{self, Hint, Problem, Reading, Source, Visit};
use crate::{html, phrases, watch};

/// Fewer links than these are no news list.
const LIST: usize = 5;
/// The largest page, decoded.
const LARGEST: u64 = 10 << 20;
/// A dated text of this length is an article, whatever else links from its page.
const ARTICLE: usize = 250;

/// What was seen.
#[derive(Debug, Default)]
pub struct View {
    /// The entries, as they would be published.
    pub entries: Vec<Entry>,
    /// Articles that a list links to.
    pub links: Vec<Visit>,
    /// The next page of a list.
    pub next: Option<Url>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl View {
    /// Whether there is anything to show.
    #[must_use]
    pub fn found_something(&self) -> bool {
        !self.entries.is_empty() || !self.links.is_empty()
    }

    fn trouble(url: Url, what: String) -> Self {
        Self { problems: vec![Problem { url, guid: None, what }], ..Self::default() }
    }
}

/// How to look.
pub struct Sample<'a> {
    /// Sources, zone, and the rules of fetching.
    pub config: &'a Config,
    /// Read as this source would; `None`: whatever fits the page.
    pub source: Option<&'a str>,
}

impl Sample<'_> {
    /// Looks at a page on the network. `list` is `None` to find out.
    pub async fn address(&self, url: &Url, list: Option<bool>) -> View {
        let now = Utc::now();
        match self.config.fetcher.get(url, &Validators::default(), now).await {
            Ok(Fetched::Page { page, .. }) => {
                let starts = self
                    .config
                    .sources
                    .iter()
                    .any(|s| Some(s.slug.as_str()) == self.source && s.source.start().iter().any(|v| v.url == *url));
                self.page(url, *page, list.or(starts.then_some(true))).await
            }
            Ok(Fetched::NotModified) => View::default(),
            Err(error) => View::trouble(url.clone(), error.to_string()),
        }
    }

    /// Looks at a file; `url` is where it came from.
    pub async fn file(&self, path: &Path, url: Option<Url>, list: Option<bool>) -> View {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let Ok(here) = Url::from_file_path(&absolute) else { return View::default() };
        let body = match read_file(path) {
            Ok(body) => body,
            Err(error) => return View::trouble(here, phrases::config_unreadable(&format!("{}: {error}", path.display()))),
        };
        let (fetched, modified) = (Utc::now(), std::fs::metadata(path).and_then(|m| m.modified()).map(DateTime::<Utc>::from));
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
        let extension = name.trim_end_matches(".gz").rsplit('.').next().unwrap_or_default().to_owned();
        let media_type = match extension.as_str() {
            "txt" => Some("text/plain".to_owned()),
            "md" => Some("text/markdown".to_owned()),
            _ => None,
        };
        // What a saved page calls "two hours ago" counts from when it was saved.
        let fetched = modified.unwrap_or(fetched);
        let address = url.unwrap_or_else(|| here.clone());
        let page = Page { url: address.clone(), fetched, media_type, charset: None, body: body.into(), validators: Validators::default() };
        self.page(&address, page, list).await
    }

    async fn page(&self, url: &Url, page: Page, list: Option<bool>) -> View {
        let source = match self.reader(url, &page) {
            Ok(source) => source,
            Err(what) => return View::trouble(url.clone(), what),
        };
        let listing = watch::read(&source, &Visit::listing(url.clone()), page.clone()).await;
        if !listing.entries.is_empty() {
            return view(listing);
        }
        let visit = Visit { url: url.clone(), guid: Some(Guid::new(url.as_str())), hint: Hint::default() };
        let article = watch::read(&source, &visit, page).await;
        if list.unwrap_or_else(|| is_list(&listing, &article)) {
            let mut seen = view(listing);
            if list.is_none() {
                self.follow(&source, &mut seen).await;
            }
            return seen;
        }
        view(article)
    }

    /// Reads what a list links to, as production does; what will not load is told with what the list says of it.
    async fn follow(&self, source: &Arc<dyn Source>, seen: &mut View) {
        for visit in &seen.links {
            match self.config.fetcher.get(&visit.url, &Validators::default(), Utc::now()).await {
                Ok(Fetched::Page { page, .. }) => {
                    let reading = watch::read(source, visit, *page).await;
                    seen.entries.extend(reading.entries);
                    seen.problems.extend(reading.problems);
                }
                Ok(Fetched::NotModified) => {}
                Err(error) => {
                    seen.problems.push(Problem { url: visit.url.clone(), guid: visit.guid.clone(), what: error.to_string() });
                    seen.entries.extend(hinted(visit));
                }
            }
        }
    }

    /// The named source, or one of the kind that fits the page.
    fn reader(&self, url: &Url, page: &Page) -> Result<Arc<dyn Source>, String> {
        if let Some(plan) = self.config.sources.iter().find(|s| Some(s.slug.as_str()) == self.source) {
            return Ok(plan.source.clone());
        }
        let kind = match page.media_type.as_deref() {
            Some("text/plain" | "text/markdown") => "folder",
            _ if looks_like_feed(page) => "syndication",
            _ => "html",
        };
        let web = if matches!(url.scheme(), "http" | "https") { url.as_str() } else { "http://localhost/" };
        let keys =
            if kind == "folder" { "{ path = \".\" }".to_owned() } else { format!("{{ url = {} }}", toml::Value::String(web.to_owned())) };
        let name = Slug::new("try").map_err(|_| String::new())?;
        let load = |_: &str| Err(String::new());
        let setting = source::Setting { name: &name, dir: &self.config.dir, zone: self.config.site.zone, load: &load };
        let found = source::KINDS.iter().find(|k| k.name == kind).ok_or_else(String::new)?;
        let keys = ValueDeserializer::parse(&keys).map_err(|e| e.to_string())?;
        (found.build)(keys, &setting).map_err(|e| e.message().to_owned())
    }
}

/// Saved pages are often kept gzipped; they are read as they were.
fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let bytes = std::fs::read(path)?;
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).take(LARGEST).read_to_end(&mut plain)?;
    Ok(plain)
}

fn view(reading: Reading) -> View {
    let (links, further): (Vec<Visit>, Vec<Visit>) = reading.next.into_iter().partition(|v| v.guid.is_some());
    View { entries: reading.entries, links, next: further.into_iter().next().map(|v| v.url), problems: reading.problems }
}

fn is_list(listing: &Reading, article: &Reading) -> bool {
    let links = listing.next.iter().filter(|v| v.guid.is_some()).count();
    let told = article.entries.iter().any(|e| e.published.is_some() && html::to_text(&e.content_html).chars().count() >= ARTICLE);
    links >= LIST && !told
}

fn hinted(visit: &Visit) -> Option<Entry> {
    let mut entry = Entry::new(visit.guid.clone()?, visit.hint.title.clone()?);
    entry.url = Some(visit.url.clone());
    entry.published = visit.hint.published;
    entry.summary.clone_from(&visit.hint.summary);
    Some(entry)
}

/// By its media type, or by how it begins.
fn looks_like_feed(page: &Page) -> bool {
    if page.media_type.as_deref().is_some_and(|t| t.contains("rss") || t.contains("atom") || t.contains("feed+json")) {
        return true;
    }
    let head = String::from_utf8_lossy(page.body.get(..512).unwrap_or(&page.body)).to_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    ["<rss", "<feed", "<rdf:rdf", "jsonfeed.org/version"].iter().any(|mark| head.contains(mark)) && !head.contains("<html")
}
