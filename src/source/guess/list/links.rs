//! The links of a page that may lead to articles.

use std::collections::HashMap;

use dom_query::local_name;
use url::{Host, Url};

use crate::source::link;
use crate::text;

use super::survey::Survey;

/// How many links of a page are looked at.
pub(super) const LINKS: usize = 5_000;
/// So many links to another site may be a list.
const LIST: usize = 3;
/// A link that says less is no title by itself, in characters.
const TITLE: usize = 15;
/// As much says more than the name of a section.
pub(super) const LONG_TITLE: usize = 28;
/// A name that stands in so many places of a page is that of a section or an author.
const REPEATED: usize = 3;
/// Longer labels do not only lead to another page of the list, in bytes.
const NAME: usize = 40;
/// What links say that do, folded: the first word and what may follow.
const TURNS: &[(&str, &[&str])] =
    &[("trang", &["sau", "truoc", "tiep", "tiep theo", "ke", "ke tiep", "dau", "cuoi"]), ("next", &["page"]), ("previous", &["page"])];
/// How many elements before a link its heading may stand.
const NEAR: usize = 30;
/// What links say that lead to the article above them, folded.
const MORE: &[&str] =
    &["xem them", "xem tiep", "doc tiep", "doc them", "chi tiet", "xem chi tiet", "xem", "read more", "more", "continue reading"];
/// Parts of a path that lead to no article.
const ELSEWHERE: &[&str] = &[
    "tag",
    "tags",
    "tu-khoa",
    "author",
    "authors",
    "tac-gia",
    "thanh-vien",
    "members",
    "member.php",
    "memberlist.php",
    "profile.php",
    "users",
    "search",
    "tim-kiem",
    "login",
    "dang-nhap",
    "register",
    "dang-ky",
    "rss",
    "feed",
    "feeds",
    "category",
    "privacy",
    "contact",
    "lien-he",
    "sitemap",
    "so-do-cong",
];

/// How much an address looks like that of one article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::source) enum Proof {
    /// A section could have it.
    Nothing,
    /// It spells a title.
    Slug,
    /// It has a number or a date.
    Number,
}

/// A link that may lead to an article.
#[derive(Clone)]
pub(in crate::source) struct Link {
    /// Its element.
    pub(super) spot: usize,
    /// Its place among the links of the page.
    pub(super) anchor: usize,
    /// Which article it leads to.
    pub(super) article: usize,
    /// What it is called.
    pub(super) label: String,
    /// The first text of the heading that says so, where that stands in front of the link.
    pub(super) headed: Option<usize>,
}

/// Where links lead.
#[derive(Clone)]
pub(in crate::source) struct Article {
    pub(in crate::source) url: Url,
    pub(super) proof: Proof,
    /// Is it on the site of the list?
    pub(in crate::source) inside: bool,
    /// Characters of the longest label.
    chars: usize,
    /// In how many places links lead there, those side by side counted once.
    places: usize,
}

/// Links to other pages, in the order of the page.
#[derive(Default)]
pub(in crate::source) struct Links {
    pub(super) all: Vec<Link>,
    pub(in crate::source) articles: Vec<Article>,
    /// Those to other sites, where they are kept apart.
    outside: Vec<Link>,
}

impl Article {
    fn may_be_one(&self) -> bool {
        let named = self.chars >= TITLE || self.chars >= TITLE * 2 / 3 && self.proof == Proof::Number;
        let section = self.chars < LONG_TITLE && (self.places >= REPEATED || self.places > 1 && self.proof == Proof::Nothing);
        named && !section
    }
}

impl Links {
    /// Those that may lead to articles.
    pub(in crate::source) fn of(survey: &Survey<'_>, base: &Url, here: &Url) -> Self {
        let mut links = Self::every(survey, base, here);
        links.all.retain(|link| links.articles.get(link.article).is_some_and(Article::may_be_one) && !turns_page(&link.label));
        links.outside = links.all.extract_if(.., |link| links.articles.get(link.article).is_none_or(|article| !article.inside)).collect();
        links
    }

    /// These and the links to other sites at places that are fine, where those are so many that the
    /// list may mean them.
    pub(super) fn mixed(&self, fine: impl Fn(usize) -> bool) -> Option<Self> {
        let outside: Vec<&Link> = self.outside.iter().filter(|link| fine(link.spot)).collect();
        (outside.len() > 1 && outside.len() * 4 >= self.all.len()).then(|| {
            let mut all: Vec<Link> = self.all.iter().chain(outside).cloned().collect();
            all.sort_by_key(|link| link.anchor);
            Self { all, articles: self.articles.clone(), outside: Vec::new() }
        })
    }

    /// Those to the other site that most of them lead to: a ward's page may list what its district
    /// publishes.
    pub(super) fn elsewhere(&self) -> Option<Self> {
        let host = |link: &Link| self.articles.get(link.article).and_then(|article| article.url.host_str().map(str::to_owned));
        let mut hosts: HashMap<String, usize> = HashMap::new();
        self.outside.iter().filter_map(host).for_each(|host| *hosts.entry(host).or_default() += 1);
        let (most, _) = hosts.into_iter().filter(|(_, count)| *count >= LIST).max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)))?;
        let all = self.outside.iter().filter(|link| host(link).as_ref() == Some(&most)).cloned().collect();
        Some(Self { all, articles: self.articles.clone(), outside: Vec::new() })
    }

    /// All that lead to another page.
    pub(in crate::source) fn every(survey: &Survey<'_>, base: &Url, here: &Url) -> Self {
        let mut links = Self::default();
        let mut known = HashMap::new();
        let own = link::same_article_key(here);
        for (anchor, spot) in survey.anchors.iter().enumerate().take(LINKS) {
            let Some(url) = survey.spots.get(*spot).and_then(|spot| link::target(&spot.node, base)).filter(|url| leads_on(url, base))
            else {
                continue;
            };
            let key = link::same_article_key(&url);
            if key != own {
                let article = *known.entry(key).or_insert(links.articles.len());
                links.add(survey, Place { spot: *spot, anchor, article }, url, base);
            }
        }
        links
    }

    fn add(&mut self, survey: &Survey<'_>, place: Place, url: Url, base: &Url) {
        let (label, headed) = label(survey, &place);
        let chars = label.chars().count();
        if place.article == self.articles.len() {
            let (proof, inside) = (proof(&url), link::same_site(base, &url));
            self.articles.push(Article { url: link::canonical(url), proof, inside, chars: 0, places: 0 });
        }
        let beside = self.all.last().is_some_and(|last| last.article == place.article);
        if let Some(article) = self.articles.get_mut(place.article) {
            article.chars = article.chars.max(chars);
            article.places += usize::from(!beside);
        }
        self.all.push(Link { spot: place.spot, anchor: place.anchor, article: place.article, label, headed });
    }
}

/// Whether a link leads to another page of the list: "Trang sau >>".
fn turns_page(label: &str) -> bool {
    let short = label.len() < NAME
        && TURNS.iter().any(|(first, _)| label.get(..first.len()).is_some_and(|start| start.eq_ignore_ascii_case(first)));
    let folded = if short { text::fold(label) } else { return false };
    let words = folded.trim_end_matches(|c: char| !c.is_alphanumeric());
    TURNS.iter().any(|(first, rest)| words.strip_prefix(first).is_some_and(|said| rest.contains(&said.trim_start())))
}

struct Place {
    spot: usize,
    anchor: usize,
    article: usize,
}

fn leads_on(url: &Url, base: &Url) -> bool {
    // No article of another site has a number for its host.
    let named = matches!(url.host(), Some(Host::Domain(_))) || url.host() == base.host();
    let elsewhere = || url.path_segments().is_some_and(|mut parts| parts.any(|part| ELSEWHERE.contains(&part)));
    named && (url.path() != "/" || url.query().is_some_and(has_number)) && link::media_type(url).is_none() && !elsewhere()
}

fn has_number(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

pub(super) fn proof(url: &Url) -> Proof {
    let last = url.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty())).unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let words = last.bytes().filter(|b| matches!(b, b'-' | b'_' | b'+')).count();
    let asked = url.query().map_or(0, digits);
    let numbered = stem.ends_with(|c: char| c.is_ascii_digit()) && words >= 2 || digits(last) >= 3 || asked >= 2;
    let dated =
        url.path_segments().is_some_and(|mut parts| parts.any(|part| is_year(part) || part.len() >= 3 && digits(part) == part.len()));
    match () {
        () if numbered || dated => Proof::Number,
        () if asked > 0 || words >= 3 || words >= 1 && stem.len() < last.len() || is_counted(url) => Proof::Slug,
        () => Proof::Nothing,
    }
}

/// Whether an address ends in a small number of its own, `/tin/7.html`, and names no page of a list.
pub(super) fn is_counted(url: &Url) -> bool {
    link::counted(url).is_some()
}

/// What addresses of one kind have in common: how deep, what ending, which parameters, any proof.
pub(super) type Shape = (usize, Option<String>, Vec<String>, bool);

pub(super) fn shape(url: &Url) -> Shape {
    let parts: Vec<&str> = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let ending = parts.last().and_then(|last| last.rsplit_once('.')).map(|(_, end)| end.to_owned());
    let mut keys: Vec<String> = url.query_pairs().map(|(key, _)| key.into_owned()).collect();
    keys.sort_unstable();
    (parts.len(), ending, keys, proof(url) > Proof::Nothing)
}

fn is_year(part: &str) -> bool {
    part.get(..4).and_then(|year| year.parse::<u32>().ok()).is_some_and(|year| (1995..2100).contains(&year))
        && part.as_bytes().get(4).is_none_or(|b| *b == b'-')
}

/// What a link says: its text, else the names of the link or its picture. Where that is only
/// "Xem thêm" or says next to nothing, the heading beside it; and where that begins if in front.
fn label(survey: &Survey<'_>, place: &Place) -> (String, Option<usize>) {
    let spot = place.spot;
    let Some(anchor) = survey.spots.get(spot) else { return (String::new(), None) };
    let said = survey.line(anchor.texts.clone());
    if said.is_empty() {
        let told = survey.attribute(spot, "title").filter(|title| !title.is_empty()).or_else(|| picture(survey, spot));
        let told = told.map(|told| text::line(&told)).unwrap_or_default();
        let beside = if told.chars().count() < TITLE { heading_beside(survey, spot) } else { None };
        return (beside.unwrap_or(told), None);
    }
    let more = said.len() < 30 && MORE.contains(&text::fold(&said).trim_matches([' ', '.', '»', '>', '[', ']', '…', '(', ')']));
    if !more {
        return (said, None);
    }
    if let Some(beside) = heading_beside(survey, spot) {
        return (beside, None);
    }
    heading_before(survey, place).map_or((said, None), |(heading, at)| (heading, Some(at)))
}

/// The heading between the link before and this one.
fn heading_before(survey: &Survey<'_>, place: &Place) -> Option<(String, usize)> {
    let last = place.anchor.checked_sub(1).and_then(|last| survey.spots.get(*survey.anchors.get(last)?)).map_or(0, |last| last.end);
    let between = (last.max(place.spot.saturating_sub(NEAR))..place.spot).rev().filter_map(|at| survey.spots.get(at));
    let heading = between.into_iter().find(|spot| super::is_heading(&spot.name) && !spot.texts.is_empty())?;
    Some((survey.line(heading.texts.clone()), heading.texts.start))
}

fn picture(survey: &Survey<'_>, spot: usize) -> Option<html5ever::tendril::StrTendril> {
    let end = survey.spots.get(spot)?.end;
    (spot..end)
        .filter(|at| survey.spots.get(*at).is_some_and(|inner| inner.name == local_name!("img")))
        .find_map(|at| survey.attribute(at, "alt"))
}

fn heading_beside(survey: &Survey<'_>, spot: usize) -> Option<String> {
    let around = survey.above(spot).take(4).filter_map(|at| Some((at, survey.spots.get(at)?)));
    let mut small = around.take_while(|(_, above)| above.anchors.len() <= 4);
    small.find_map(|(at, above)| {
        let heading = (at..above.end).filter_map(|inner| survey.spots.get(inner)).find(|inner| super::is_heading(&inner.name))?;
        Some(survey.line(heading.texts.clone())).filter(|said| !said.is_empty())
    })
}
