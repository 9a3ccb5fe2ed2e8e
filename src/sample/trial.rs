//! One way of reading a site, tried out: what it lists, and how whole its articles are.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, TimeDelta};
use url::Url;

use crate::entry::Entry;
use crate::phrases;
use crate::source::{Source, Visit, discover};
use crate::{html, text};

/// Articles of a list that a way must have to be about it.
const REFERENCE: usize = 10;
/// A way that has this share of them has the list.
const ENOUGH: f32 = 0.6;
/// Ways within this share of the best are as good as it; the earlier is taken.
const TIE: f32 = 0.9;
/// Below this a way gives nothing worth publishing.
const WORTHLESS: f32 = 0.3;
/// A body of this share of the longest that any way found is whole.
const WHOLE: f32 = 0.5;
/// A recipe that keeps this share of what the generic reader found has cut off frame, not text.
const TRUSTED: f32 = 0.2;
/// Where no other way knows the article, a whole body has so many characters.
const BODY: usize = 200;
/// A way whose newest article is so much older than the list's has stopped.
const STALE: TimeDelta = TimeDelta::days(30);
/// What a title, a date, a body and a summary are worth.
const POINTS: [f32; 4] = [1.0, 1.0, 2.0, 0.4];

/// The ways of reading a site, in the order in which they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The site's own feed.
    Feed,
    /// Its feed, followed to the articles' pages.
    Followed,
    /// The API of its software.
    Api,
    /// A sitemap.
    Sitemap,
    /// Marks for machines on the list page.
    Structured,
    /// A recipe of this build.
    Family,
    /// The news index that a front page links to.
    Section,
    /// The list page, by what was learned of it.
    Learned,
    /// The list page, by the generic finder.
    List,
}

/// A way that was tried.
pub struct Trial {
    /// Which.
    pub way: Way,
    /// The kind of source.
    pub kind: &'static str,
    /// The keys of the source, without a learned recipe.
    pub keys: toml::Table,
    /// The recipe that was learned.
    pub recipe: Option<String>,
    /// The source itself.
    pub source: Arc<dyn Source>,
    /// The page or feed that was read.
    pub url: Url,
    /// What it lists, newest or first.
    pub(super) listed: Vec<Listed>,
    /// Articles that were to be read.
    pub wanted: usize,
    /// The first of them, as they would be published.
    pub entries: Vec<Entry>,
    /// Why it is worth less than it looks.
    pub why: Option<String>,
    /// What could not be read.
    pub problems: Vec<String>,
    /// How many of `entries` are whole.
    pub whole: usize,
    /// From 0 to 1.
    pub worth: f32,
}

impl Trial {
    /// How many articles it lists.
    #[must_use]
    pub fn listed(&self) -> usize {
        self.listed.len()
    }
}

/// One article of a list, by what tells that two are the same.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    key: Option<String>,
    title: String,
    published: Option<DateTime<FixedOffset>>,
    url: Option<Url>,
}

impl Listed {
    pub(super) fn visit(visit: &Visit) -> Self {
        let title = text::fold(visit.hint.title.as_deref().unwrap_or_default());
        Self { key: Some(discover::key(&visit.url)), title, published: visit.hint.published, url: Some(visit.url.clone()) }
    }

    pub(super) fn entry(entry: &Entry) -> Self {
        let key = entry.url.as_ref().map(discover::key);
        Self { key, title: text::fold(&entry.title), published: entry.published, url: entry.url.clone() }
    }
}

/// What the ways are measured against: the list on the page that was asked for.
pub(super) struct Reference<'a> {
    /// The page; `None` where an admin named a feed, which may be about any site.
    pub(super) home: Option<&'a Url>,
    /// Whether it is the site's front page, whose list is a choice of many.
    pub(super) is_home: bool,
    /// Its list; empty where it has none.
    pub(super) list: &'a [Listed],
}

/// Gives every way its worth.
pub(super) fn judge(trials: &mut [Trial], reference: &Reference<'_>) {
    let rivals = rivals(trials);
    for trial in trials {
        let own = own_chars(&trial.entries);
        let named = own_titles(&trial.entries);
        let has = trial.entries.iter().zip(own).zip(named);
        let points: Vec<f32> = has.map(|((entry, own), named)| points(entry, named, own, &rivals)).collect();
        let full: f32 = POINTS.iter().sum();
        trial.whole = points.iter().filter(|points| **points >= full - 0.5).count();
        let (about, why) = about(trial, reference);
        trial.why = why.or_else(|| trial.why.take());
        trial.worth = about * points.iter().sum::<f32>() / full / trial.wanted.max(1) as f32;
    }
}

/// The way to take: the earliest of those that are as good as the best.
pub(super) fn choose(trials: &[Trial]) -> Option<usize> {
    let best = trials.iter().map(|trial| trial.worth).fold(0.0, f32::max);
    let good = |trial: &Trial| trial.worth >= WORTHLESS && trial.worth >= best * TIE && !trial.entries.is_empty();
    (0..trials.len())
        .filter(|at| trials.get(*at).is_some_and(good))
        .min_by_key(|at| trials.get(*at).map(|trial| (trial.way, trial.recipe.is_none())))
}

/// Whether one of the ways up to this is so good that no later one would be taken instead.
pub(super) fn is_settled(trials: &[Trial], up_to: Way) -> bool {
    trials.iter().any(|trial| trial.way <= up_to && trial.worth >= TIE)
}

/// How long the body of each article is: the longest that any way found, but where a recipe cut
/// much less out of the same page, the rest was frame.
fn rivals(trials: &[Trial]) -> HashMap<String, usize> {
    let mut rivals: HashMap<String, usize> = HashMap::new();
    for (key, chars) in trials.iter().flat_map(bodies) {
        let known = rivals.entry(key).or_default();
        *known = (*known).max(chars);
    }
    let told = trials.iter().filter(|trial| trial.way == Way::Family || trial.recipe.is_some());
    for (key, chars) in told.flat_map(bodies) {
        let known = rivals.entry(key).or_default();
        if chars as f32 >= *known as f32 * TRUSTED {
            *known = chars;
        }
    }
    rivals
}

fn bodies(trial: &Trial) -> impl Iterator<Item = (String, usize)> {
    let keys = trial.entries.iter().map(|entry| entry.url.as_ref().map(discover::key));
    keys.zip(own_chars(&trial.entries)).filter_map(|(key, chars)| Some((key?, chars)))
}

/// The characters of each body without the lines that stand in several: those are frame.
fn own_chars(entries: &[Entry]) -> Vec<usize> {
    let texts: Vec<String> = entries.iter().map(|entry| html::to_text(&entry.content_html)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        *counts.entry(line).or_default() += 1;
    }
    let own = |line: &&str| counts.get(line).is_none_or(|count| *count < 2);
    texts.iter().map(|text| text.lines().filter(own).map(|line| line.chars().count()).sum()).collect()
}

/// Which articles have a title of their own. What most are called is the name of the site.
fn own_titles(entries: &[Entry]) -> Vec<bool> {
    let alike = |title: &str| entries.iter().filter(|entry| entry.title == title).count();
    entries.iter().map(|entry| !entry.title.is_empty() && (entries.len() < 2 || alike(&entry.title) * 2 <= entries.len())).collect()
}

fn points(entry: &Entry, named: bool, own: usize, rivals: &HashMap<String, usize>) -> f32 {
    let has = [named, entry.published.is_some(), has_body(entry, own, rivals), entry.summary.is_some()];
    has.iter().zip(POINTS).filter(|(has, _)| **has).map(|(_, points)| points).sum()
}

/// Whether the body is the article and not its beginning. A scan on paper has no text.
fn has_body(entry: &Entry, own: usize, rivals: &HashMap<String, usize>) -> bool {
    let rival = entry.url.as_ref().and_then(|url| rivals.get(&discover::key(url))).copied().unwrap_or_default();
    let whole = if rival > own { own as f32 >= rival as f32 * WHOLE } else { own >= BODY || !is_cut(entry) };
    whole && (!entry.content_html.is_empty() || !entry.attachments.is_empty() || !entry.images.is_empty())
}

/// Whether a text ends as teasers do.
fn is_cut(entry: &Entry) -> bool {
    let text = html::to_text(&entry.content_html);
    let end = text.trim_end();
    ["…", "...", "[…]", "[...]", "…]"].iter().any(|dots| end.ends_with(dots))
}

/// How much a way is about the page that was asked for, and why it is less than wholly.
fn about(trial: &Trial, reference: &Reference<'_>) -> (f32, Option<String>) {
    // What the page itself lists is its news, wherever it is kept.
    let is_list = matches!(trial.way, Way::Family | Way::Section | Way::Learned | Way::List);
    if !is_list && reference.home.is_some_and(|home| is_elsewhere(trial, home)) {
        return (0.0, Some(phrases::add_feed_elsewhere()));
    }
    if is_stale(trial, reference) {
        return (WORTHLESS, Some(phrases::add_stale()));
    }
    if reference.list.is_empty() || reference.is_home {
        return (1.0, None);
    }
    // What reads the page itself has to find all that is on it.
    let is_of_page = matches!(trial.way, Way::Structured | Way::Family);
    let first = if is_of_page { reference.list.len() } else { REFERENCE.min(trial.listed.len()) };
    let has = share(reference.list, &trial.listed, first);
    let is = share(&trial.listed, reference.list, REFERENCE.min(reference.list.len()));
    let about = (has / ENOUGH).min(1.0) * (is / ENOUGH).min(1.0);
    (about, (about < ENOUGH).then(phrases::add_other_news))
}

fn is_elsewhere(trial: &Trial, home: &Url) -> bool {
    let links: Vec<&Url> = trial.listed.iter().filter_map(|listed| listed.url.as_ref()).collect();
    links.iter().filter(|url| discover::same_site(home, url)).count() * 2 < links.len()
}

/// The share of the first of these that are among those; a short feed is no other feed.
fn share(these: &[Listed], those: &[Listed], first: usize) -> f32 {
    let keys: HashSet<&str> = those.iter().filter_map(|listed| listed.key.as_deref()).collect();
    let titles: HashSet<&str> = those.iter().map(|listed| listed.title.as_str()).filter(|title| !title.is_empty()).collect();
    let known = |listed: &&Listed| listed.key.as_deref().is_some_and(|key| keys.contains(key)) || titles.contains(listed.title.as_str());
    let first = these.len().min(first);
    these.iter().take(first).filter(known).count() as f32 / first.max(1) as f32
}

fn is_stale(trial: &Trial, reference: &Reference<'_>) -> bool {
    let newest = |list: &[Listed]| list.iter().filter_map(|listed| listed.published).max();
    newest(reference.list).zip(newest(&trial.listed)).is_some_and(|(theirs, ours)| theirs - ours > STALE)
}

/// The keys of a source at an address.
pub(super) fn keys(url: &Url) -> toml::Table {
    toml::Table::from_iter([("url".to_owned(), url.as_str().into())])
}

/// The keys of a list page that is read by the generic finder.
pub(super) fn list_keys(url: &Url) -> toml::Table {
    let mut keys = keys(url);
    keys.insert("recipe".to_owned(), "auto".into());
    keys
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::entry::Guid;
    use crate::page::Page;
    use crate::source::Reading;

    struct Nothing;

    impl Source for Nothing {
        fn start(&self) -> Vec<Visit> {
            Vec::new()
        }
        fn home(&self) -> Option<Url> {
            None
        }
        fn read(&self, _visit: &Visit, _page: &Page) -> Reading {
            Reading::default()
        }
    }

    fn trial(way: Way, bodies: &[&str]) -> Trial {
        let entries: Vec<Entry> = bodies
            .iter()
            .enumerate()
            .map(|(at, body)| {
                let mut entry = Entry::new(Guid::new(at.to_string()), format!("Tin số {at}"));
                entry.url = format!("https://phuong.example/tin/{at}.html").parse().ok();
                entry.published = "2026-11-05T16:30:00+07:00".parse().ok();
                entry.content_html = body.split('|').map(|line| format!("<p>{line}</p>")).collect();
                entry
            })
            .collect();
        Trial {
            way,
            kind: "html",
            keys: toml::Table::new(),
            recipe: (way == Way::Learned).then(String::new),
            source: Arc::new(Nothing),
            url: "https://phuong.example/tin".parse().unwrap(),
            listed: entries.iter().map(Listed::entry).collect(),
            wanted: entries.len(),
            entries,
            why: None,
            problems: Vec::new(),
            whole: 0,
            worth: 0.0,
        }
    }

    fn chosen(mut trials: Vec<Trial>) -> Way {
        let home: Url = "https://phuong.example/tin".parse().unwrap();
        let list: Vec<Listed> = trials.last().unwrap().entries.iter().map(Listed::entry).collect();
        judge(&mut trials, &Reference { home: Some(&home), is_home: false, list: &list });
        trials.get(choose(&trials).unwrap()).unwrap().way
    }

    #[test]
    fn what_gives_whole_articles_is_taken_and_the_earlier_of_equals() {
        let (one, two) = ("Một. ".repeat(80), "Hai. ".repeat(80));
        let whole = [one.as_str(), two.as_str()];
        let teasers = ["Một. Một…", "Hai. Hai…"];
        assert_eq!(chosen(vec![trial(Way::Feed, &whole), trial(Way::List, &whole)]), Way::Feed);
        assert_eq!(chosen(vec![trial(Way::Feed, &teasers), trial(Way::List, &whole)]), Way::List);
        assert_eq!(chosen(vec![trial(Way::Feed, &["", ""]), trial(Way::Sitemap, &whole), trial(Way::List, &whole)]), Way::Sitemap);
    }

    #[test]
    fn a_recipe_that_gives_every_article_the_name_of_the_site_is_not_taken() {
        let (one, two) = ("Một. ".repeat(80), "Hai. ".repeat(80));
        let whole = [one.as_str(), two.as_str()];
        let mut family = trial(Way::Family, &whole);
        family.entries.iter_mut().for_each(|entry| "Tin tức - Phường Hạ".clone_into(&mut entry.title));
        assert_eq!(chosen(vec![family, trial(Way::List, &whole)]), Way::List);
    }

    #[test]
    fn a_recipe_that_finds_half_of_the_list_is_not_taken() {
        let texts: Vec<String> = (0..12).map(|at| format!("Bài số {at}. ").repeat(40)).collect();
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut family = trial(Way::Family, &all);
        family.listed.truncate(5);
        assert_eq!(chosen(vec![family, trial(Way::List, &all)]), Way::List);
    }

    #[test]
    fn a_short_notice_is_not_beaten_by_the_frame_around_others() {
        let frame = "Tin khác đã đưa trong tuần này và tuần trước. ".repeat(10);
        let (one, two) = (format!("Cắt nước tối nay.|{frame}"), format!("Họp tổ tối mai.|{frame}"));
        let notices = ["Cắt nước tối nay.", "Họp tổ tối mai."];
        assert_eq!(chosen(vec![trial(Way::Feed, &notices), trial(Way::List, &[&one, &two])]), Way::Feed);
    }

    #[test]
    fn what_was_learned_is_trusted_unless_it_lost_the_text() {
        let (one, two) = (
            format!("{}|{}", "Một. ".repeat(60), "Xem thêm một. ".repeat(20)),
            format!("{}|{}", "Hai. ".repeat(60), "Xem thêm hai. ".repeat(20)),
        );
        let (clean, other) = ("Một. ".repeat(60), "Hai. ".repeat(60));
        assert_eq!(chosen(vec![trial(Way::Learned, &[&clean, &other]), trial(Way::List, &[&one, &two])]), Way::Learned);
        assert_eq!(chosen(vec![trial(Way::Learned, &["Một.", "Hai."]), trial(Way::List, &[&one, &two])]), Way::List);
    }
}
