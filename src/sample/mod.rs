//! Looking at pages by the code that runs in production: for `try` and `add`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{Datelike, Utc};
use chrono_tz::Tz;
use toml::de::ValueDeserializer;
use url::Url;

use crate::config::Config;
use crate::entry::{Entry, Guid, Slug};
use crate::fetch::Fetched;
use crate::page::{Page, Validators};
use crate::source::{self, Hint, Problem, Reading, Source, Visit, discover};
use crate::{phrases, watch};

mod batch;
mod many;
mod saved;
mod search;
mod trial;

pub use batch::{Batch, Saved};
pub use search::{Found, search};
pub use trial::{Trial, Way};

/// The longest that looking at one page may take, as in production.
const LIMIT: Duration = Duration::from_secs(10);
/// So many articles in a row that do not load speak for the rest.
const FAILURES: usize = 3;

/// What a page is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A list of articles.
    List,
    /// One article.
    Article,
}

/// What was seen.
#[derive(Debug, Clone, Default)]
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

impl From<Reading> for View {
    fn from(reading: Reading) -> Self {
        let (links, further): (Vec<Visit>, Vec<Visit>) = reading.next.into_iter().partition(|v| v.guid.is_some());
        Self { entries: reading.entries, links, next: further.into_iter().next().map(|v| v.url), problems: reading.problems }
    }
}

/// How to look.
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    /// Sources, zone, and the rules of fetching.
    pub config: &'a Config,
    /// Read as this source would; `None`: whatever fits the page.
    pub source: Option<&'a str>,
}

impl Sample<'_> {
    /// Looks at a page on the network. `shape` is `None` to find out.
    pub async fn address(&self, url: &Url, shape: Option<Shape>) -> View {
        match self.config.fetcher.get(url, &Validators::default(), Utc::now()).await {
            Ok(Fetched::Page { page, .. }) => {
                let starts = self.named().is_some_and(|source| source.start().iter().any(|v| v.url == *url));
                self.page(url, *page, shape.or(starts.then_some(Shape::List)), shape.is_none()).await
            }
            Ok(Fetched::NotModified) => View::default(),
            Err(error) => View::trouble(url.clone(), error.to_string()),
        }
    }

    /// Looks at a file; `url` is where it came from. The articles of a list are fetched where
    /// that is told and nobody asked for the list itself.
    pub async fn file(&self, path: &Path, url: Option<Url>, shape: Option<Shape>) -> View {
        let follow = shape.is_none() && url.is_some();
        let mut seen = match saved::page(path, url) {
            Ok(page) => self.page(&page.url.clone(), page, shape, follow).await,
            Err(view) => return *view,
        };
        if shape.is_none() && !follow {
            seen.entries.extend(seen.links.iter().filter_map(hinted));
        }
        seen
    }

    async fn page(&self, url: &Url, page: Page, shape: Option<Shape>, follow: bool) -> View {
        let source = match self.readers().of(url, &page) {
            Ok(source) => source,
            Err(what) => return View::trouble(url.clone(), what),
        };
        let (reader, address) = (source.clone(), url.clone());
        let work =
            tokio::task::spawn_blocking(move || many::guarded(&address.clone(), || look(&*reader, &article(&address), &page, shape)));
        let mut seen = match tokio::time::timeout(LIMIT, work).await {
            Ok(Ok(view)) => view,
            Ok(Err(_)) => View::trouble(url.clone(), phrases::page_broke_reader()),
            Err(_) => View::trouble(url.clone(), phrases::page_too_slow()),
        };
        if follow {
            self.follow(&source, &mut seen).await;
        }
        seen
    }

    /// Reads what a list links to, as production does; what will not load is told with what the list says of it.
    async fn follow(&self, source: &Arc<dyn Source>, seen: &mut View) {
        let mut failures = 0;
        for visit in &seen.links {
            if failures >= FAILURES {
                seen.entries.extend(hinted(visit));
                continue;
            }
            match self.config.fetcher.get(&visit.url, &Validators::default(), Utc::now()).await {
                Ok(Fetched::Page { page, .. }) => {
                    failures = 0;
                    let reading = watch::read(source, visit, *page).await;
                    seen.entries.extend(reading.entries);
                    seen.problems.extend(reading.problems);
                }
                Ok(Fetched::NotModified) => {}
                Err(error) => {
                    failures += 1;
                    seen.problems.push(Problem { url: visit.url.clone(), guid: visit.guid.clone(), what: error.to_string() });
                    seen.entries.extend(hinted(visit));
                }
            }
        }
    }

    fn named(&self) -> Option<Arc<dyn Source>> {
        self.config.sources.iter().find(|s| Some(s.slug.as_str()) == self.source).map(|plan| plan.source.clone())
    }

    fn readers(&self) -> Readers {
        Readers { named: self.named(), dir: self.config.dir.clone(), zone: self.config.site.zone }
    }
}

/// What reads pages.
struct Readers {
    /// The source that was asked for.
    named: Option<Arc<dyn Source>>,
    dir: PathBuf,
    zone: Tz,
}

impl Readers {
    /// The named source, or one of the kind that fits the page.
    fn of(&self, url: &Url, page: &Page) -> Result<Arc<dyn Source>, String> {
        if let Some(source) = &self.named {
            return Ok(source.clone());
        }
        let kind = match page.media_type.as_deref() {
            Some("text/plain" | "text/markdown") => "folder",
            _ if discover::is_feed(page) => "syndication",
            _ => "html",
        };
        let mut keys = toml::Table::new();
        if kind == "folder" {
            keys.insert("path".to_owned(), ".".into());
        } else {
            let web = if matches!(url.scheme(), "http" | "https") { url.as_str() } else { "http://localhost/" };
            keys.insert("url".to_owned(), web.into());
        }
        self.build(kind, &keys)
    }

    /// Builds a source of a kind from its own keys, as the config would; no recipe of its own exists yet.
    fn build(&self, kind: &str, keys: &toml::Table) -> Result<Arc<dyn Source>, String> {
        let name = Slug::new("try").map_err(|_| String::new())?;
        let setting = source::Setting { name: &name, dir: &self.dir, zone: self.zone, load: &|_| Err(String::new()) };
        let found = source::KINDS.iter().find(|k| k.name == kind).ok_or_else(String::new)?;
        let written = toml::Value::Table(keys.clone()).to_string();
        let keys = ValueDeserializer::parse(&written).map_err(|e| e.to_string())?;
        (found.build)(keys, &setting).map_err(|e| e.message().to_owned())
    }
}

/// Reads one page as a list or as an article; `shape` is `None` to find out. Blocks.
fn look(source: &dyn Source, visit: &Visit, page: &Page, shape: Option<Shape>) -> View {
    if shape == Some(Shape::Article) {
        let view = View::from(source.read_whole(visit, page));
        let whole = || View::from(source.read(&Visit::listing(visit.url.clone()), page));
        return if view.entries.is_empty() { Some(whole()).filter(|all| !all.entries.is_empty()).unwrap_or(view) } else { view };
    }
    let listing = source.read(&Visit::listing(visit.url.clone()), page);
    if shape == Some(Shape::List) || !listing.entries.is_empty() {
        return View::from(listing);
    }
    let article = source.read(visit, page);
    if discover::is_list(&listing, &article, &page.url) { View::from(listing) } else { View::from(article) }
}

/// A visit to an article that nothing is known of.
fn article(url: &Url) -> Visit {
    Visit { url: url.clone(), guid: Some(Guid::new(url.as_str())), hint: Hint::default() }
}

fn hinted(visit: &Visit) -> Option<Entry> {
    let mut entry = Entry::new(visit.guid.clone()?, visit.hint.title.clone()?);
    entry.url = Some(visit.url.clone());
    entry.published = visit.hint.published;
    entry.summary.clone_from(&visit.hint.summary);
    Some(entry)
}

/// Whether a time can be when a page was saved: archives often set none.
fn is_plausible(at: chrono::DateTime<Utc>) -> bool {
    at.year() >= 2000 && at <= Utc::now()
}
