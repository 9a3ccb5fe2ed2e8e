//! One article's page.

use std::cell::LazyCell;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset};
use chrono_tz::Tz;
use dom_query::{Document, NodeId, NodeRef, local_name};
use dom_smoothie::{Config, Readability, TextMode};
use rustc_hash::FxHashSet;
use url::Url;

use crate::charset;
use crate::date::{self, Stamp};
use crate::entry::{Enclosure, Entry, Guid};
use crate::html::{self, Index, Named, Query, Shown};
use crate::page::Page;
use crate::phrases;
use crate::text;

use super::super::guess::meta::Meta;
use super::super::guess::title::{self, last_step};
use super::super::guess::{above, author, before, body, clean, is_in, is_labelled, is_shorter, line_of, meta, posts, trim};
use super::super::recipe::{Article, Selector};
use super::super::{Problem, Reading, Visit, link};
use super::dates;
use super::{attached, failed, wall};

static VIETNAMESE: LazyLock<Query> = LazyLock::new(|| Query::new("html[lang^=vi]"));
static TRAILS: LazyLock<Query> = LazyLock::new(|| Query::new("[class*=breadcrumb], [itemtype*=BreadcrumbList]"));

/// Below this many characters a page has no text worth the name.
const SHORT: usize = 40;
/// No article is longer than this many bytes of HTML; a book is not news.
const LONGEST: usize = 1 << 20;
/// A line with a date, a byline and a counter is shorter than this, in characters.
pub(super) const DATE_LINE: usize = 140;
/// More text is no byline, in characters.
const BYLINE: usize = 80;
/// How many steps from the elements of a page up to its root make it too much for another reader.
const OTHER_READER: usize = 1_000_000;
/// A page of more bytes is not worth another reader.
const OTHER_BYTES: usize = 2 << 20;
/// How much text stands in for a missing title.
const TITLE: usize = 80;
/// All that is needed to read a page as an article.
pub(super) struct Reader<'a> {
    pub(super) recipe: &'a Article,
    pub(super) zone: Tz,
    pub(super) visit: &'a Visit,
    pub(super) guid: &'a Guid,
    pub(super) page: &'a Page,
    /// The page as text.
    pub(super) source: &'a str,
    /// Whether all of a thread is wanted, and not just what its first post says.
    pub(super) whole: bool,
}

/// The text of an article, cut out of its page.
struct Content {
    shown: Shown,
    lead: Option<String>,
    byline: Option<String>,
}

/// Reads one article; with its text.
pub(super) fn read(reader: &Reader<'_>, page: &Document, index: &Index<'_>) -> (Reading, Option<String>) {
    let meta = meta::read(index, reader.page.url.host_str());
    let base = link::base(page, &reader.page.url);
    let home = reader.page.url.path() == "/" && reader.visit.url.path() != "/";
    let url = reader.address(index, &base);
    // On a page without an author another line may stand in its place.
    let author = reader.first(index, reader.recipe.author.as_ref()).filter(|line| !date::is_stamp_line(line));
    let author = author.and_then(|line| author::name(&line));
    let category = reader.first(index, reader.recipe.category.as_ref()).or_else(|| breadcrumb(index)).or_else(|| meta.section.clone());
    let told = Told::find(reader.recipe, index);
    let told_title = told.title.as_ref().map(|node| last_step(title::said(node))).filter(|title| !title.is_empty());
    let told_date = told.date.as_ref().map(dates::of_element);

    let labelled = if author.is_none() && meta.author.is_none() { author::told(page, index, &meta.own) } else { None };
    let speaks_vietnamese = index.first(&VIETNAMESE).is_some();

    body::prune(page, index);
    let shown = told.title.filter(|_| told_title.is_some()).or_else(|| above::find(page, index, &meta, reader.visit.hint.title.as_deref()));
    body::prune_lists(page, index, &base, shown.as_ref().map(|node| node.id));
    let is_told = told_title.is_some();
    let title = told_title.or_else(|| shown.as_ref().map(title::said)).map(|title| reader.whole(title));
    let known = told_date.is_some() || !told.body.is_empty();
    let dates = reader.dates(page, (told_date, known), &meta, shown.as_ref());
    let published = dates::best(&dates, |text, zone| date::parse(text, zone.unwrap_or(reader.zone), reader.page.fetched));
    let attachments = attached::files(reader.recipe.attachments.as_ref(), page, &base);
    let mut content = content(reader, (page, index), &told, shown.as_ref(), title.as_deref().unwrap_or_default(), &base);
    if content.shown.text.chars().count() < SHORT && content.shown.html.is_empty() {
        content.fall_back(reader.source, &base);
    }
    content.complete(&meta, &base);
    let title = title.map(|shown| reader.titled(shown, &meta, is_told));
    let listed = reader.visit.hint.title.clone();
    // What the list said whole is nearer to the article than what the page says of itself.
    let whole = listed.clone().filter(|told| !told.ends_with(['…', '.']));
    let mut titles: Vec<String> = [title, whole, meta.any_title()].into_iter().flatten().collect();
    let wall = attachments.is_empty() && wall::stands_here(&titles.join(" "), &content.shown.text, listed.as_deref());
    titles.extend(listed);
    let best = titles.iter().find(|title| charset::is_whole(title)).or_else(|| titles.first()).cloned();
    let title = best.unwrap_or_else(|| text::cut(&text::line(&content.shown.text), TITLE));
    if home || wall || content.is_nothing(&attachments) {
        return (failed(reader.visit, phrases::article_unreadable()), None);
    }
    let Some(title) = charset::without_losses(&title) else {
        return (failed(reader.visit, phrases::title_broken()), None);
    };

    let mut entry = Entry::new(reader.guid.clone(), text::capped_title(&title));
    entry.url = Some(url);
    let vietnamese = speaks_vietnamese || is_vietnamese(&entry.title);
    entry.published = published.map(|at| reader.local(at, vietnamese)).or(reader.visit.hint.published);
    entry.updated = meta.updated.as_deref().and_then(|told| reader.stamp(told)).map(|stamp| reader.local(stamp.at, vietnamese));
    let byline = content.byline.take().and_then(|line| author::name(&line));
    let (signed, last) = if vietnamese { (byline, None) } else { (None, byline) };
    entry.author = author.or(signed).or_else(|| meta.author.clone()).or(labelled).or(last).or_else(|| meta.organisation.clone());
    entry.summary = content.summary(&meta, &reader.visit.hint.summary);
    entry.images = images(&content.shown.pictures, meta.image.as_deref(), &base);
    entry.categories = category.into_iter().filter(|name| !name.is_empty() && text::fold(name) != text::fold(&entry.title)).collect();
    entry.attachments = attachments;
    entry.version = reader.visit.hint.version.clone();
    entry.content_html = content.shown.html;
    let problems = if entry.published.is_none() { reader.doubt(&dates).into_iter().collect() } else { Vec::new() };
    (Reading { entries: vec![entry], problems, ..Reading::default() }, Some(content.shown.text))
}

impl Reader<'_> {
    /// `rel=canonical`, unless it names another host or only the site.
    fn address(&self, page: &Index<'_>, base: &Url) -> Url {
        let told = page.first(&link::CANONICAL).and_then(|node| link::target(&node, base));
        let good = told.filter(|url| url.host_str() == self.page.url.host_str() && url.path() != "/" && url.path().len() > 1);
        link::canonical(good.unwrap_or_else(|| self.visit.url.clone()))
    }

    fn first(&self, page: &Index<'_>, selector: Option<&Selector>) -> Option<String> {
        selector?.of(page).next().map(|node| line_of(&node)).filter(|text| !text.is_empty())
    }

    /// A title that the page cuts off with dots, as the list had it.
    fn whole(&self, title: String) -> String {
        let stem = title.trim_end_matches(['…', '.', ' ']);
        let longer = self.visit.hint.title.as_ref().filter(|hint| stem.len() < title.len() && hint.starts_with(stem));
        longer.cloned().unwrap_or(title)
    }

    /// The title to publish of a page that shows this one; `told`: by its recipe.
    fn titled(&self, shown: String, meta: &Meta, told: bool) -> String {
        let listed = self.visit.hint.title.as_deref();
        let other = meta.as_typed(&shown).or_else(|| if told { None } else { meta.for_sharing(&shown, listed) });
        other.unwrap_or(shown)
    }

    fn stamp(&self, told: &str) -> Option<Stamp> {
        date::parse(told, self.zone, self.page.fetched)
    }

    /// What the page tells of its date: the recipe's place, what is for machines, `<time>`, then the
    /// lines around the title.
    fn dates(&self, page: &Document, (told, known): (Option<String>, bool), meta: &Meta, title: Option<&NodeRef<'_>>) -> Vec<String> {
        let fetched = self.page.fetched.with_timezone(&self.zone).date_naive();
        let is_today = |line: &str| self.stamp(line).is_some_and(|stamp| stamp.at.date_naive() == fetched);
        let dates::Shown { time, mut near, mut far } = dates::shown(page, title, &self.page.url, is_today);
        // A site that shows its dates at a known place shows others elsewhere, but for those beside a title.
        // A recipe that finds nothing at all is of another time of the site.
        if self.recipe.date.is_some() && known {
            far.clear();
            near.retain(|_| told.is_none());
        }
        let lines = near.into_iter().chain(far);
        told.into_iter().chain(meta.published.iter().cloned()).chain(time).chain(lines).collect()
    }

    /// A system that keeps its times in UTC means the same moment by the clock of its ward.
    fn local(&self, at: DateTime<FixedOffset>, vietnamese: bool) -> DateTime<FixedOffset> {
        if vietnamese && at.offset().local_minus_utc() == 0 { at.with_timezone(&self.zone).fixed_offset() } else { at }
    }

    /// A date that is written and not believed, as a problem.
    fn doubt(&self, dates: &[String]) -> Option<Problem> {
        let doubt = |text: &String| date::doubt(text, self.zone, self.page.fetched).map(|doubt| (text::cut(text, TITLE), doubt));
        let (written, doubt) = dates.iter().find_map(doubt)?;
        let what = phrases::date_doubted(&written, doubt);
        Some(Problem { url: self.visit.url.clone(), guid: Some(self.guid.clone()), what })
    }
}

/// Letters with a dot, a hook or two marks, which no other language has.
fn is_vietnamese(text: &str) -> bool {
    text.chars().any(|c| ('\u{1ea0}'..='\u{1ef9}').contains(&c))
}

/// Whether an element has a date and what stands beside dates, and no text of the article.
fn says_only_when(node: &NodeRef<'_>) -> bool {
    let line = line_of(node);
    line.chars().count() < DATE_LINE && (date::is_stamp_line(&line) || is_labelled(&line))
}

/// What the recipe says where it is. Found before anything is removed from the page, since
/// selectors may count siblings.
struct Told<'a> {
    title: Option<NodeRef<'a>>,
    date: Option<NodeRef<'a>>,
    lead: Option<NodeRef<'a>>,
    author: Option<NodeRef<'a>>,
    body: Vec<NodeRef<'a>>,
}

impl<'a> Told<'a> {
    fn find(recipe: &Article, page: &Index<'a>) -> Self {
        let first = |selector: &Option<Selector>| selector.as_ref().and_then(|selector| selector.of(page).next());
        let mut body = recipe.body.as_ref().map(|selector| outermost(&selector.of(page).collect::<Vec<_>>())).unwrap_or_default();
        if recipe.thread {
            body.truncate(1);
        }
        // A row more than usual, and the place of the text holds the date.
        body.retain(|node| !says_only_when(node));
        let overlaps = |node: &NodeRef<'_>| body.iter().any(|body| is_in(body, node.id) || is_in(node, body.id));
        let found = first(&recipe.lead).or_else(|| body.first().and_then(before::lead));
        let lead = found.filter(|node| !line_of(node).is_empty() && !overlaps(node));
        let author = first(&recipe.author).filter(|node| is_shorter(node, BYLINE));
        Self { title: first(&recipe.title), date: first(&recipe.date), lead, author, body }
    }
}

fn breadcrumb(page: &Index<'_>) -> Option<String> {
    let trails = outermost(&page.all(&TRAILS).collect::<Vec<_>>());
    let steps = trails.iter().flat_map(|trail| trail.descendants_it()).filter(|node| node.is_a(&local_name!("a")));
    let names: Vec<String> = steps.map(|node| line_of(&node)).filter(|name| !name.is_empty() && name.chars().count() < 60).collect();
    (names.len() > 1).then(|| names.last().cloned()).flatten()
}

fn content(
    reader: &Reader<'_>,
    (page, index): (&Document, &Index<'_>),
    told: &Told<'_>,
    title_node: Option<&NodeRef<'_>>,
    title: &str,
    base: &Url,
) -> Content {
    let recipe = reader.recipe;
    let lead_text = told.lead.as_ref().map(line_of);
    let pictures = told.body.first().and_then(before::pictures);
    let when = told.date.iter().filter(|node| says_only_when(node));
    told.lead.iter().chain(when).chain(&told.author).for_each(NodeRef::remove_from_parent);
    let guessed = || body::container(page, index, title_node).map(|node| body::between(title_node, &node));
    let first = || if reader.whole { None } else { posts::first(page, index) };
    let roots: Vec<NodeRef<'_>> = if told.body.is_empty() { first().or_else(guessed).into_iter().collect() } else { told.body.clone() };
    let mut byline = None;
    for root in &roots {
        apply(recipe, page, root);
        attached::take_out(root, base);
        clean::clean(root);
        byline = trim::trim(root, title, &recipe.frame, &recipe.ends).or(byline);
    }
    let lead_text = lead_text.or_else(|| roots.first().and_then(trim::lead));
    let holder = page.tree.new_element("div");
    for lead in told.lead.iter().filter(|node| html::is_writable(node)) {
        let paragraph = page.tree.new_element("p");
        lead.rename("strong");
        paragraph.append_child(lead);
        holder.append_child(&paragraph);
    }
    pictures.iter().chain(&roots).filter(|root| html::is_writable(root)).for_each(|root| holder.append_child(root));
    Content { shown: html::sanitise_inside(&holder, base, LONGEST), lead: lead_text, byline }
}

/// Matches that stand in no other match.
fn outermost<'a>(nodes: &[NodeRef<'a>]) -> Vec<NodeRef<'a>> {
    let ids: FxHashSet<NodeId> = nodes.iter().map(|node| node.id).collect();
    let inner = |node: &NodeRef<'a>| node.ancestors_it(None).any(|above| ids.contains(&above.id));
    nodes.iter().filter(|node| !inner(node)).cloned().collect()
}

/// Takes out of the body what the recipe says does not belong there.
fn apply(recipe: &Article, page: &Document, root: &NodeRef<'_>) {
    let inside = |node: &&NodeRef<'_>| node.ancestors_it(None).any(|above| above.id == root.id);
    if let Some(end) = recipe.stop_at.as_ref() {
        let ends = end.all(page);
        if let Some(node) = ends.nodes().iter().find(inside) {
            body::cut(node, root, body::Side::After);
            node.remove_from_parent();
        }
    }
    for selector in &recipe.remove {
        selector.all(page).nodes().iter().filter(inside).for_each(NodeRef::remove_from_parent);
    }
}

impl Content {
    fn new(raw: &str, base: &Url, lead: Option<String>, byline: Option<String>) -> Self {
        let html = if raw.len() > LONGEST { String::new() } else { html::sanitise(raw, Some(base)) };
        let shown = Shown { text: html::to_text(&html), pictures: html::pictures_of(&html), html };
        Self { shown, lead, byline }
    }

    /// Another reader's opinion, for pages of a shape that ours does not know. It walks up and down the
    /// page again and again.
    fn fall_back(&mut self, source: &str, base: &Url) {
        let is_cheap = |page: Document| html::is_shallow(&page, OTHER_READER) && html::is_writable(&page.root());
        if source.len() > OTHER_BYTES || !html::parse(source).is_ok_and(is_cheap) {
            return;
        }
        let config = Config { text_mode: TextMode::Formatted, ..Config::default() };
        let article = Readability::new(source, Some(base.as_str()), Some(config)).and_then(|mut reader| reader.parse());
        if let Ok(article) = article {
            *self = Self::new(&article.content, base, self.lead.take(), self.byline.take());
        }
    }

    /// The text that the page has for machines, where it shows only the beginning.
    fn complete(&mut self, meta: &Meta, base: &Url) {
        let told = meta.body.as_deref().filter(|told| told.chars().count() > (self.shown.text.chars().count() * 2).max(SHORT));
        let Some(told) = told else { return };
        let html: String = told.lines().filter(|line| !line.is_empty()).map(|line| format!("<p>{line}</p>")).collect();
        *self = Self::new(&html, base, self.lead.take(), self.byline.take());
    }

    fn is_nothing(&self, attachments: &[Enclosure]) -> bool {
        self.shown.text.is_empty() && attachments.is_empty() && !self.shown.html.contains("<img")
    }

    /// The lead, or a description that stands in the text as well.
    fn summary(&mut self, meta: &Meta, hint: &Option<String>) -> Option<String> {
        let folded = LazyCell::new(|| text::fold(&self.shown.text));
        let stands = |told: &&String| {
            let stem = text::fold(told.trim_end_matches(['.', '…', ' ']));
            stem.chars().count() >= 20 && folded.contains(&stem)
        };
        self.lead.take().or_else(|| [&meta.description, hint].into_iter().flatten().find(stands).cloned())
    }
}

/// The pictures of the text; the page's own choice only where the text has none.
fn images(shown: &[(String, String)], told: Option<&str>, base: &Url) -> Vec<Enclosure> {
    let mut images: Vec<Enclosure> = Vec::new();
    for (src, alt) in shown {
        let alt = Some(text::line(alt)).filter(|alt| !alt.is_empty());
        let new = picture(src, base, alt);
        images.extend(new.filter(|new| images.iter().all(|known| known.url != new.url)));
    }
    if images.is_empty() {
        images.extend(told.and_then(|src| picture(src, base, None)).filter(|image| !image.url.path().to_lowercase().contains("logo")));
    }
    images
}

fn picture(src: &str, base: &Url, title: Option<String>) -> Option<Enclosure> {
    let url = base.join(src).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let media_type = link::media_type(&url).filter(|kind| kind.starts_with("image/")).unwrap_or("application/octet-stream").to_owned();
    Some(Enclosure { url, media_type, length: None, title })
}
