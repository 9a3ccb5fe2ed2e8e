//! Which of the lists of a page is the news.

use std::collections::{HashMap, HashSet};

use dom_query::{LocalName, local_name};

use crate::source::guess::groups::is_frame;
use crate::text;

use super::items::{Group, Item};
use super::links::{Article, LONG_TITLE, Links, Proof, Shape, is_counted, shape};
use super::survey::Survey;
use super::{is_heading, told};

/// Below this worth, links are no news list.
const WORTH: f32 = 0.5;
/// What a link must be worth to speak for its list; a menu that shares the list's place speaks against it.
const QUALITY: f32 = 0.25;
/// How many pieces of a list count.
const PIECES: usize = 30;
/// What a list beside the main one must be worth of it.
const BESIDE: f32 = 0.02;
/// What each of its links must be worth.
const EACH: f32 = 0.2;
/// What a list is worth of what it says that may be something else.
const DOUBT: f32 = 0.03;
/// Names of sections are mostly shorter, in characters.
const LONG: usize = 45;
/// The head of a list says less, in characters.
const HEADING: usize = 120;
/// How lists are headed that are no news or repeat it, folded.
const OTHER_LISTS: &[&str] = &[
    "xem nhieu",
    "doc nhieu",
    "quan tam nhieu",
    "most read",
    "most popular",
    "popular posts",
    "trending",
    "lien quan",
    "cung chuyen muc",
    "related",
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

    /// The lists that are news.
    pub(super) fn news(&mut self, groups: Vec<Group>) -> Vec<Kind> {
        let (sure, doubtful) = groups.into_iter().partition(|group| !self.is_doubtful(group));
        let found = self.chosen(sure, WORTH);
        if found.is_empty() { self.chosen(doubtful, WORTH / DOUBT) } else { found }
    }

    /// The list that is worth most, if that is enough, and those that belong to it.
    fn chosen(&self, groups: Vec<Group>, least: f32) -> Vec<Kind> {
        let mut kinds = self.kinds(groups);
        kinds.iter_mut().for_each(|kind| self.weigh(kind));
        let may_be_main = |kind: &&Kind| kind.worth >= least && !self.is_menu(kind) && !self.is_lone(kind);
        let Some(main) = kinds.iter().filter(may_be_main).max_by(|a, b| a.worth.total_cmp(&b.worth)) else { return Vec::new() };
        let shapes: HashSet<Shape> = main.items().filter_map(|item| self.shape(item)).collect();
        let most = main.worth;
        let settled =
            |kind: Kind| if kind.worth >= most || self.belongs(&kind, most, &shapes) { Some(kind) } else { self.heads_of(kind, &shapes) };
        kinds.into_iter().filter_map(settled).collect()
    }

    /// The first pieces of sections: each stands beside the name of its section alone, has a date
    /// or a teaser and an address like those of the main list.
    fn heads_of(&self, mut kind: Kind, shapes: &HashSet<Shape>) -> Option<Kind> {
        let alike = |item: &Item| self.shape(item).is_some_and(|shape| shape.3 && shapes.contains(&shape));
        let heads = |group: &Group| matches!(group.items.as_slice(), [name, head] if !alike(name) && alike(head) && self.is_rich(head));
        kind.groups.retain(heads);
        kind.groups.iter_mut().for_each(|group| group.items.retain(alike));
        (!kind.groups.is_empty()).then_some(kind)
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
        let mut named = false;
        for at in std::iter::once(group.container).chain(self.survey.above(group.container)).take(3) {
            let Some(spot) = self.survey.spots.get(at) else { continue };
            let class = spot.node.class().filter(|class| !class.trim().is_empty());
            let told = class.or_else(|| spot.node.id_attr()).unwrap_or_default();
            let first = told.split_ascii_whitespace().next().unwrap_or_default();
            named |= !first.is_empty();
            names.push('<');
            names.push_str(&spot.name);
            names.push('.');
            names.push_str(first.trim_end_matches(|c: char| c.is_ascii_digit()));
        }
        // Tables without names look all the same; what stands side by side belongs together.
        let place = || self.survey.above(group.container).nth(1).unwrap_or_default().to_string();
        if named { names } else { names + &place() }
    }

    fn weigh(&self, kind: &mut Kind) {
        for group in &kind.groups {
            kind.worth += group.items.iter().take(PIECES).map(|item| self.quality(item) - QUALITY).sum::<f32>();
            kind.rich += group.items.iter().filter(|item| self.is_rich(item)).count();
        }
    }

    /// One link alone is no list, unless it says when it is from.
    fn is_lone(&self, kind: &Kind) -> bool {
        kind.items().nth(1).is_none() && kind.items().next().is_none_or(|item| !told::is_dated(self.survey, item))
    }

    /// Nothing but short names, no pictures, and addresses without a number.
    fn is_menu(&self, kind: &Kind) -> bool {
        let (mut chars, mut count, mut proven) = (0, 0, 0);
        for item in kind.items() {
            (chars, count) = (chars + self.chars(item), count + 1);
            let shown = self.is_headed(item) || self.within(item, |name| *name == local_name!("img"));
            // No section is called by a whole headline and has a number for its name.
            let numbered = |article: &Article| article.proof == Proof::Number || is_counted(&article.url) && self.chars(item) >= LONG_TITLE;
            proven += usize::from(shown || self.links.articles.get(item.article).is_some_and(numbered));
        }
        kind.rich * 2 < count && chars < count * LONG && proven * 2 < count
    }

    /// Does a list stand in a frame, lead elsewhere, or say that it is something else?
    fn is_doubtful(&mut self, group: &Group) -> bool {
        let inside = group.items.iter().filter(|item| self.links.articles.get(item.article).is_some_and(|article| article.inside)).count();
        self.stands_in_frame(group.container)
            || inside * 2 < group.items.len()
            || self.heading(group).is_some_and(|heading| OTHER_LISTS.iter().any(|words| heading.contains(words)))
            || self.is_of_documents(group)
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
        let start = self.survey.spots.get(group.items.first()?.block)?.texts.start;
        let first = start.saturating_sub(3);
        let before = (first..start).zip(self.survey.pieces(first..start)).rev().filter(|(_, text)| !self.is_plain_link(text.spot));
        let mut said = before.map(|(at, text)| (at, text, text::fold(&text.raw)));
        let (at, text, said) = said.find(|(_, _, said)| said.len() < 60 && said.chars().filter(|c| c.is_alphabetic()).count() >= 4)?;
        self.heads(at, text.spot, group.container).then_some(said)
    }

    /// Is a text in a small part of its own at the head of what the list stands in, and not the
    /// end of another column?
    fn heads(&self, text: usize, spot: usize, container: usize) -> bool {
        let holds = |at: &usize| self.survey.spots.get(*at).is_some_and(|above| above.texts.contains(&text));
        let Some(shared) = std::iter::once(container).chain(self.survey.above(container)).take(4).find(holds) else { return false };
        let branch = std::iter::once(spot).chain(self.survey.above(spot)).take_while(|at| *at != shared).last();
        let chars = |at: usize| self.survey.spots.get(at).map_or(0, |branch| self.survey.chars(branch.texts.clone()));
        branch.is_none_or(|branch| chars(branch) <= HEADING)
    }

    /// Does a text stand in a link that is no heading?
    fn is_plain_link(&self, at: usize) -> bool {
        let around: Vec<usize> = std::iter::once(at).chain(self.survey.above(at)).take(4).collect();
        let titled = |at: &usize| {
            self.is(*at, is_heading)
                || self.survey.attribute(*at, "class").is_some_and(|class| class.contains("tit") || class.contains("head"))
        };
        around.iter().any(|at| self.is(*at, |name| *name == local_name!("a"))) && !around.iter().any(titled)
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
        let times = [
            match proof {
                Proof::Number => 1.5,
                Proof::Slug => 1.2,
                Proof::Nothing => 0.6,
            },
            if self.is_headed(item) { 1.2 } else { 1.0 },
            if told::is_dated(self.survey, item) { 1.5 } else { 1.0 },
            if self.has_teaser(item) { 1.2 } else { 1.0 },
            if self.within(item, |name| *name == local_name!("img")) { 1.1 } else { 1.0 },
        ];
        times.iter().product::<f32>() * chars
    }

    fn is_headed(&self, item: &Item) -> bool {
        let link = self.links.all.get(item.links.start).map_or(item.block, |link| link.spot);
        self.survey.above(link).take(2).any(|at| self.is(at, is_heading)) || self.within(item, is_heading)
    }

    fn is(&self, at: usize, of: fn(&LocalName) -> bool) -> bool {
        self.survey.spots.get(at).is_some_and(|spot| of(&spot.name))
    }

    fn within(&self, item: &Item, of: fn(&LocalName) -> bool) -> bool {
        let end = self.survey.spots.get(item.block).map_or(item.block, |block| block.end);
        self.survey.spots.get(item.block..end).unwrap_or_default().iter().any(|spot| of(&spot.name))
    }

    /// Is a list news like the main one: older news below it, another section of the page?
    fn belongs(&self, kind: &Kind, most: f32, shapes: &HashSet<Shape>) -> bool {
        let count = kind.items().count();
        let alike = kind.items().filter_map(|item| self.shape(item)).filter(|shape| shapes.contains(shape)).count();
        let good = kind.worth > most * BESIDE && kind.worth > EACH * count as f32;
        good && (alike * 2 > count || kind.rich * 2 > count) && !self.is_menu(kind)
    }

    fn shape(&self, item: &Item) -> Option<Shape> {
        self.links.articles.get(item.article).map(|article| shape(&article.url))
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
