//! Which of the lists of a page is the news.

use std::collections::HashMap;

use dom_query::{LocalName, local_name};

use crate::source::guess::groups::is_frame;
use crate::text;

use super::items::{Group, Item};
use super::links::{Links, Proof};
use super::survey::Survey;
use super::{is_heading, told};

/// Below this worth, links are no news list.
const WORTH: f32 = 0.5;
/// What a link must be worth to speak for its list; a menu that shares the list's place speaks against it.
const QUALITY: f32 = 0.25;
/// How many pieces of a list count.
const PIECES: usize = 30;
/// What a list beside the main one must be worth of it.
const BESIDE: f32 = 0.12;
/// How lists are headed that are no news or repeat it, folded.
const OTHER_LISTS: &[&str] = &[
    "xem nhieu",
    "doc nhieu",
    "quan tam nhieu",
    "most read",
    "most popular",
    "popular posts",
    "trending",
    "lien ket",
    "website",
    "van ban",
    "thu tuc",
    "thu vien anh",
    "thu vien video",
    "video",
    "album",
    "hoi dap",
    "hoi - dap",
    "lich cong tac",
    "lich tiep",
    "truy cap",
    "quang cao",
    "tham do",
    "danh muc",
    "chuyen muc",
    "tu khoa",
    "tags",
    "lien he",
    "tai lieu",
    "bieu mau",
    "dich vu cong",
];
/// Words in the head of a table of documents, folded.
const DOCUMENTS: &[&str] = &["so ky hieu", "so/ky hieu", "so hieu", "trich yeu", "co quan ban hanh", "loai van ban", "ngay ban hanh"];

/// Lists of one kind: those whose containers have the same names.
pub(super) struct Kind {
    pub(super) groups: Vec<Group>,
    pub(super) worth: f32,
    /// Pieces with a date or a teaser.
    pub(super) rich: usize,
}

impl Kind {
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.groups.iter().flat_map(|group| group.items.iter())
    }
}

pub(super) struct Judge<'s, 'a> {
    pub(super) survey: &'s Survey<'a>,
    pub(super) links: &'s Links,
    framed: HashMap<usize, bool>,
}

impl<'s, 'a> Judge<'s, 'a> {
    pub(super) fn new(survey: &'s Survey<'a>, links: &'s Links) -> Self {
        Self { survey, links, framed: HashMap::new() }
    }

    /// The lists that are news, in the order of the page.
    pub(super) fn news(&mut self, groups: Vec<Group>) -> Vec<Kind> {
        let mut kinds = self.kinds(groups);
        kinds.iter_mut().for_each(|kind| self.weigh(kind));
        let Some(top) = kinds.iter().map(|kind| kind.worth).max_by(f32::total_cmp).filter(|top| *top >= WORTH) else { return Vec::new() };
        let main = kinds.iter().position(|kind| kind.worth >= top).unwrap_or_default();
        let beside: Vec<bool> = kinds.iter().enumerate().map(|(at, kind)| at == main || self.belongs(kind, kinds.get(main))).collect();
        kinds.into_iter().zip(beside).filter(|(_, beside)| *beside).map(|(kind, _)| kind).collect()
    }

    fn kinds(&self, groups: Vec<Group>) -> Vec<Kind> {
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut kinds: Vec<Kind> = Vec::new();
        for group in groups {
            let at = *known.entry(self.names(&group)).or_insert(kinds.len());
            match kinds.get_mut(at) {
                Some(kind) => kind.groups.push(group),
                None => kinds.push(Kind { groups: vec![group], worth: 0.0, rich: 0 }),
            }
        }
        kinds
    }

    /// The names of a list's piece, its container and what is around that.
    fn names(&self, group: &Group) -> String {
        let block = group.items.first().map_or(group.container, |item| item.block);
        let mut names = self.survey.spots.get(block).map(|spot| spot.name.to_string()).unwrap_or_default();
        for at in std::iter::once(group.container).chain(self.survey.above(group.container)).take(3) {
            let Some(spot) = self.survey.spots.get(at) else { continue };
            let class = spot.node.class().unwrap_or_default();
            let first = class.split_ascii_whitespace().next().unwrap_or_default();
            names.push('<');
            names.push_str(&spot.name);
            names.push('.');
            names.push_str(first.trim_end_matches(|c: char| c.is_ascii_digit()));
        }
        names
    }

    fn weigh(&mut self, kind: &mut Kind) {
        for group in &mut kind.groups {
            let worth: f32 = group.items.iter().take(PIECES).map(|item| self.quality(item) - QUALITY).sum();
            let rich = group.items.iter().filter(|item| self.is_rich(item)).count();
            let doubt = self.doubt(group);
            kind.worth += worth * doubt;
            kind.rich += if doubt < 1.0 { 0 } else { rich };
        }
        // One link alone is no list, unless it says when it is from.
        if kind.items().nth(1).is_none() && kind.items().next().is_none_or(|item| !told::is_dated(self.survey, item)) {
            kind.worth = kind.worth.min(WORTH * 0.9);
        }
    }

    fn doubt(&mut self, group: &Group) -> f32 {
        let count = group.items.len();
        let inside = group.items.iter().filter(|item| self.links.articles.get(item.article).is_some_and(|article| article.inside)).count();
        let mut doubt = 1.0;
        if self.stands_in_frame(group.container) || group.items.iter().all(|item| self.stands_in_frame(item.block)) {
            doubt *= 0.03;
        }
        if inside * 2 < count {
            doubt *= 0.05;
        }
        if self.heading(group).is_some_and(|heading| OTHER_LISTS.iter().any(|words| heading.contains(words))) {
            doubt *= 0.08;
        }
        if self.is_of_documents(group) {
            doubt *= 0.05;
        }
        doubt
    }

    pub(super) fn stands_in_frame(&mut self, at: usize) -> bool {
        if let Some(known) = self.framed.get(&at) {
            return *known;
        }
        let spot = self.survey.spots.get(at);
        let above = spot.map(|spot| spot.above).filter(|above| *above != at);
        let framed = spot.is_some_and(|spot| is_frame(&spot.node)) || above.is_some_and(|above| self.stands_in_frame(above));
        self.framed.insert(at, framed);
        framed
    }

    /// What stands right before the list, folded.
    fn heading(&self, group: &Group) -> Option<String> {
        let first = group.items.first()?;
        let start = self.survey.spots.get(first.block)?.texts.start;
        let before = self.survey.pieces(start.saturating_sub(3)..start).iter().rev();
        before.map(|text| text::fold(&text.raw)).find(|said| said.len() < 60 && said.chars().filter(|c| c.is_alphabetic()).count() >= 4)
    }

    fn is_of_documents(&self, group: &Group) -> bool {
        let numbered = group
            .items
            .iter()
            .filter(|item| self.links.all.get(item.links.clone()).unwrap_or_default().iter().any(|link| is_document_number(&link.label)));
        let table = std::iter::once(group.container)
            .chain(self.survey.above(group.container))
            .take(3)
            .find(|at| self.survey.spots.get(*at).is_some_and(|spot| spot.name == local_name!("table")));
        let headed = || {
            let spot = self.survey.spots.get(table?)?;
            let first = group.items.first()?.texts.start;
            let head = text::fold(&self.survey.line(spot.texts.start..first.min(spot.texts.start + 12)));
            Some(DOCUMENTS.iter().filter(|words| head.contains(*words)).count() >= 2)
        };
        numbered.count() * 2 > group.items.len() || headed() == Some(true)
    }

    fn is_rich(&self, item: &Item) -> bool {
        told::is_dated(self.survey, item) || self.has_teaser(item)
    }

    fn chars(&self, item: &Item) -> usize {
        let labels = self.links.all.get(item.links.clone()).unwrap_or_default().iter();
        labels.map(|link| link.label.chars().count()).max().unwrap_or_default()
    }

    fn has_teaser(&self, item: &Item) -> bool {
        let chars = self.chars(item);
        (chars + 60..2_500).contains(&self.survey.chars(item.texts.clone()))
    }

    /// How much one link looks like that of an article: a long text, an address with a slug or a
    /// number, a heading around it, a date and a teaser beside it.
    fn quality(&self, item: &Item) -> f32 {
        let chars = self.chars(item).min(80) as f32 / 80.0;
        let proof = self.links.articles.get(item.article).map_or(Proof::Nothing, |article| article.proof);
        let link = self.links.all.get(item.links.start).map_or(item.block, |link| link.spot);
        let headed = self.survey.above(link).take(2).any(|at| self.is(at, is_heading)) || self.within(item, is_heading);
        let times = [
            match proof {
                Proof::Number => 1.5,
                Proof::Slug => 1.2,
                Proof::Nothing => 0.6,
            },
            if headed { 1.2 } else { 1.0 },
            if told::is_dated(self.survey, item) { 1.5 } else { 1.0 },
            if self.has_teaser(item) { 1.2 } else { 1.0 },
            if self.within(item, |name| *name == local_name!("img")) { 1.1 } else { 1.0 },
        ];
        times.iter().product::<f32>() * chars
    }

    fn is(&self, at: usize, of: fn(&LocalName) -> bool) -> bool {
        self.survey.spots.get(at).is_some_and(|spot| of(&spot.name))
    }

    fn within(&self, item: &Item, of: fn(&LocalName) -> bool) -> bool {
        let end = self.survey.spots.get(item.block).map_or(item.block, |block| block.end);
        self.survey.spots.get(item.block..end).unwrap_or_default().iter().any(|spot| of(&spot.name))
    }

    /// Is a list news like the main one: older news below it, another section of the page?
    fn belongs(&mut self, kind: &Kind, main: Option<&Kind>) -> bool {
        let Some(main) = main else { return false };
        let many = kind.items().count() as f32;
        let each = kind.worth / many.max(1.0);
        kind.worth > main.worth * BESIDE && each > 0.1
    }
}

/// "123/QĐ-UBND", "05/2024/NQ-HĐND".
fn is_document_number(label: &str) -> bool {
    let Some((number, rest)) = label.trim().trim_start_matches("Số ").split_once('/') else { return false };
    let number = number.trim();
    let kind = rest.split(['-', ' ']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    (1..=5).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && (1..=6).contains(&kind.chars().count())
        && kind.chars().all(char::is_uppercase)
}
