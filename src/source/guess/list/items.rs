//! The pieces that a list is made of, and which of them stand in one list.

use std::collections::HashMap;
use std::ops::Range;

use dom_query::{LocalName, local_name};

use super::links::{Link, Links};
use super::survey::Survey;

/// So many characters before a link on its line make it part of a sentence.
const SENTENCE: usize = 25;

/// More text than this is no piece of a list, in characters.
const PIECE: usize = 1_200;

/// One piece of a list: all of the page that is about one article and no other.
pub(in crate::source) struct Item {
    /// Which article.
    pub(in crate::source) article: usize,
    /// The largest element that leads to this article and to no other.
    pub(super) block: usize,
    /// Its texts, those that follow the element before the next piece among them.
    pub(super) texts: Range<usize>,
    /// The links to the article, as a range of [`Links::all`].
    pub(super) links: Range<usize>,
    /// How many pieces stand beside it, itself among them.
    pub(in crate::source) among: usize,
}

impl Item {
    /// A piece that a recipe points at: the element, and the link in it that matters.
    pub(in crate::source) fn pointed_at(survey: &Survey<'_>, links: &Links, block: usize, link: Option<usize>) -> Option<Self> {
        let spot = survey.spots.get(block)?;
        let inside = links.all.iter().enumerate().filter(|(_, link)| (block..spot.end).contains(&link.spot));
        let (at, chosen) = match link {
            Some(told) => inside.into_iter().find(|(_, link)| link.spot == told)?,
            None => inside.max_by_key(|(_, link)| link.label.len())?,
        };
        Some(Self { article: chosen.article, block, texts: spot.texts.clone(), links: at..at + 1, among: 1 })
    }
}

/// Pieces side by side.
pub(super) struct Group {
    /// The element that they stand in.
    pub(super) container: usize,
    pub(super) items: Vec<Item>,
}

/// The lists of a page, in the order in which they begin.
pub(super) fn groups(survey: &Survey<'_>, links: &Links) -> Vec<Group> {
    let mut places: HashMap<(usize, LocalName), usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for item in items(survey, links) {
        let Some(block) = survey.spots.get(item.block) else { continue };
        let place = *places.entry((block.above, block.name.clone())).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.items.push(item),
            None => groups.push(Group { container: block.above, items: vec![item] }),
        }
    }
    for group in &mut groups {
        let among = group.items.len();
        group.items.iter_mut().for_each(|item| item.among = among);
        group.take_what_belongs(survey, links);
    }
    groups
}

fn items(survey: &Survey<'_>, links: &Links) -> Vec<Item> {
    let ranks = ranks(survey, &links.all);
    // One heading is that of the page; where there are more, each is that of a piece.
    let is_headed = survey.spots.iter().filter(|spot| spot.name == local_name!("h1")).take(2).count() == 1;
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(first) = links.all.get(at) {
        let same = links.all.get(at..).unwrap_or_default().iter().take_while(|link| link.article == first.article).count();
        let block = block(survey, &ranks, first.spot, at..at + same, is_headed);
        let Some(spot) = survey.spots.get(block) else { break };
        let behind = ranks.get(spot.anchors.end).copied().unwrap_or(at).max(at + 1);
        if first.headed.is_some() || !is_in_sentence(survey, first.spot) {
            items.push(Item { article: first.article, block, texts: spot.texts.clone(), links: at..behind, among: 1 });
        }
        at = behind;
    }
    items
}

/// Does text stand before a link on its line? Numbers, dates and bullets do in lists.
fn is_in_sentence(survey: &Survey<'_>, link: usize) -> bool {
    let Some(texts) = survey.spots.get(link).map(|spot| spot.texts.clone()).filter(|texts| !texts.is_empty()) else { return false };
    let begins_line = |at: usize| survey.pieces(at..at + 1).iter().any(|text| text.breaks);
    let line = (0..=texts.start).rev().take(SENTENCE).find(|at| begins_line(*at)).unwrap_or(texts.start);
    survey.chars(line..texts.start) > SENTENCE
}

/// How many of `all` stand before each link of the page.
fn ranks(survey: &Survey<'_>, all: &[Link]) -> Vec<usize> {
    let mut ranks = vec![0; survey.anchors.len() + 1];
    for link in all {
        if let Some(behind) = ranks.get_mut(link.anchor + 1) {
            *behind = 1;
        }
    }
    let mut sum = 0;
    for rank in &mut ranks {
        sum += *rank;
        *rank = sum;
    }
    ranks
}

fn block(survey: &Survey<'_>, ranks: &[usize], link: usize, own: Range<usize>, is_headed: bool) -> usize {
    let rank = |anchor: usize| ranks.get(anchor).copied().unwrap_or_default();
    let alone = |at: &usize| {
        survey.spots.get(*at).is_some_and(|spot| {
            let whole = spot.name == local_name!("body") || spot.name == local_name!("main") || spot.name == local_name!("html");
            let inside = || survey.spots.get(*at..spot.end).unwrap_or_default().iter();
            let headed = || is_headed && inside().any(|inner| inner.name == local_name!("h1"));
            let page = whole || survey.chars(spot.texts.clone()) > PIECE || headed();
            !page && rank(spot.anchors.start) >= own.start && rank(spot.anchors.end) <= own.end
        })
    };
    survey.above(link).take_while(alone).last().unwrap_or(link)
}

impl Group {
    /// Teasers and dates often stand behind the element with the link, up to the next one; or in front
    /// of it, where the first is dated or headed so.
    fn take_what_belongs(&mut self, survey: &Survey<'_>, links: &Links) {
        let Some(container) = survey.spots.get(self.container) else { return };
        let (start, end) = (container.texts.start, container.texts.end);
        let first = self.items.first().map_or(end, |item| item.texts.start);
        let dated = |before: usize| survey.pieces(start..before).last().is_some_and(|text| super::told::looks_dated(&text.raw));
        let headed = self.items.first().and_then(|item| links.all.get(item.links.start)?.headed).filter(|heading| *heading < first);
        let head = headed.unwrap_or(first);
        let head = if dated(head) { head.saturating_sub(1) } else { head };
        let starts: Vec<usize> = self.items.iter().map(|item| item.texts.start).skip(1).collect();
        if head < first {
            let ends: Vec<usize> = self.items.iter().map(|item| item.texts.end).collect();
            let before = std::iter::once(head).chain(ends);
            self.items.iter_mut().zip(before).for_each(|(item, before)| item.texts.start = before.min(item.texts.start));
            return;
        }
        let longest = self.items.iter().zip(&starts).map(|(item, next)| next.saturating_sub(item.texts.end)).max().unwrap_or(0);
        let last = self.items.last().map_or(end, |item| item.texts.end + longest).min(end);
        let behind = starts.into_iter().chain([last]);
        self.items.iter_mut().zip(behind).for_each(|(item, behind)| item.texts.end = behind.max(item.texts.end));
    }
}
