//! How much text every part of a page has, counted in one walk.

use dom_query::{LocalName, NodeData, NodeId, NodeRef, TreeNode, local_name};
use memchr::{memchr_iter, memchr3_iter};
use rustc_hash::FxHashMap;

use crate::html::Named;

/// Elements that begin a line of their own.
const BLOCKS: &[LocalName] = &[
    local_name!("p"),
    local_name!("div"),
    local_name!("td"),
    local_name!("tr"),
    local_name!("li"),
    local_name!("ul"),
    local_name!("ol"),
    local_name!("table"),
    local_name!("tbody"),
    local_name!("blockquote"),
    local_name!("section"),
    local_name!("article"),
    local_name!("h1"),
    local_name!("h2"),
    local_name!("h3"),
    local_name!("h4"),
    local_name!("h5"),
    local_name!("h6"),
    local_name!("figure"),
    local_name!("figcaption"),
    local_name!("form"),
    local_name!("main"),
    local_name!("center"),
    local_name!("dd"),
    local_name!("dt"),
    local_name!("dl"),
    local_name!("header"),
    local_name!("pre"),
    local_name!("th"),
    local_name!("body"),
    local_name!("address"),
    local_name!("aside"),
];
/// A run of this many characters is a sentence rather than a label.
const SENTENCE: usize = 25;
/// A run of this many characters, hardly linked, is a paragraph.
const PARAGRAPH: usize = 80;

/// What stands in one element.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::source) struct Stat {
    /// Characters, blanks left out.
    pub(in crate::source) chars: usize,
    /// Those of them in links.
    pub(in crate::source) linked: usize,
    /// Those of them in paragraphs.
    pub(in crate::source) good: usize,
    /// How many paragraphs.
    pub(in crate::source) paragraphs: usize,
    /// What its own lines are worth as a piece of an article.
    pub(in crate::source) worth: f32,
    /// Characters outside of blocks within.
    loose: usize,
    loose_linked: usize,
    commas: usize,
    has_block: bool,
}

/// The counts of every element below one.
pub(in crate::source) struct Stats(FxHashMap<NodeId, Stat>);

impl Stats {
    /// Counts. What is removed from the page later is still in the counts.
    pub(in crate::source) fn of(root: &NodeRef<'_>) -> Self {
        let mut counting = Counting::default();
        for node in std::iter::once(*root).chain(root.descendants_it()) {
            node.query_or((), |inner| match &inner.data {
                NodeData::Text { contents } => counting.add(inner.parent, of_text(contents)),
                NodeData::Document | NodeData::Fragment | NodeData::Element(_) => counting.open(node, inner),
                NodeData::Doctype { .. } | NodeData::Comment { .. } | NodeData::ProcessingInstruction { .. } => {}
            });
        }
        counting.close_until(None);
        Self(counting.counts)
    }

    /// The counts of one element; nothing for one that was not there.
    pub(in crate::source) fn get(&self, node: &NodeRef<'_>) -> Stat {
        self.0.get(&node.id).copied().unwrap_or_default()
    }
}

/// A page that is being walked through.
#[derive(Default)]
struct Counting<'a> {
    counts: FxHashMap<NodeId, Stat>,
    /// The elements around the place that was reached, the innermost last.
    open: Vec<Open<'a>>,
}

/// An element of which some children are counted.
struct Open<'a> {
    node: NodeRef<'a>,
    stat: Stat,
    is_block: bool,
    is_link: bool,
}

impl<'a> Counting<'a> {
    fn add(&mut self, parent: Option<NodeId>, text: Stat) {
        self.close_until(parent);
        if let Some(holder) = self.open.last_mut().filter(|_| text.chars > 0) {
            holder.stat.add(&text, false);
        }
    }

    fn open(&mut self, node: NodeRef<'a>, inner: &TreeNode) {
        self.close_until(inner.parent);
        let name = inner.as_element().map(|element| &element.name.local);
        let is_block = name.is_some_and(|name| BLOCKS.contains(name));
        let is_link = name.is_some_and(|name| *name == local_name!("a"));
        self.open.push(Open { node, stat: Stat::default(), is_block, is_link });
    }

    /// Ends the elements that a node with this parent does not stand in; all of them without one.
    fn close_until(&mut self, parent: Option<NodeId>) {
        while let Some(Open { node, stat, is_block, is_link }) = self.open.pop_if(|last| Some(last.node.id) != parent) {
            let stat = finished(stat, is_block, is_link);
            let is_around = is_link && stat.has_block && node.has_attr("href");
            let stat = if is_around { stat.linked_within(&node, &mut self.counts) } else { stat };
            if let Some(holder) = self.open.last_mut().filter(|_| stat.chars > 0) {
                holder.stat.add(&stat, is_block);
            }
            self.counts.insert(node.id, stat);
        }
    }
}

impl Stat {
    /// The share of the text that links to something.
    pub(in crate::source) fn link_share(&self) -> f32 {
        self.linked as f32 / self.chars.max(1) as f32
    }

    /// Whether there are no blocks within.
    pub(in crate::source) fn is_line(&self) -> bool {
        !self.has_block
    }

    /// The blocks in a link are a link too, and no paragraphs.
    fn linked_within(self, node: &NodeRef<'_>, counts: &mut FxHashMap<NodeId, Self>) -> Self {
        let as_link = |stat: Self| Self { linked: stat.chars, loose_linked: stat.loose, good: 0, paragraphs: 0, worth: 0.0, ..stat };
        for inner in node.descendants_it().filter(NodeRef::is_element) {
            counts.entry(inner.id).and_modify(|stat| *stat = as_link(*stat));
        }
        as_link(self)
    }

    fn add(&mut self, child: &Self, is_block: bool) {
        self.chars += child.chars;
        self.linked += child.linked;
        self.good += child.good;
        self.paragraphs += child.paragraphs;
        self.has_block |= is_block || child.has_block;
        if !is_block {
            self.loose += child.loose;
            self.loose_linked += child.loose_linked;
            self.commas += child.commas;
        }
    }
}

fn of_text(text: &str) -> Stat {
    let (mut chars, mut commas, mut odd) = (0, 0, 0);
    // Pieces so short that no count in them goes over a byte, so that many bytes are counted at once.
    for piece in text.as_bytes().chunks(255) {
        let count = |is_one: fn(u8) -> bool| usize::from(piece.iter().map(|b| u8::from(is_one(*b))).sum::<u8>());
        chars += count(|b| b & 0xC0 != 0x80 && !matches!(b, b'\t'..=b'\r' | b' '));
        commas += count(|b| b == b',');
        odd += count(|b| matches!(b, 0xC2 | 0xE2 | 0xE3 | 0xEF));
    }
    if odd == 0 {
        return Stat { chars, loose: chars, commas, ..Stat::default() };
    }
    // What other blanks and commas begin with.
    for at in memchr_iter(0xEF, text.as_bytes()).chain(memchr3_iter(0xC2, 0xE2, 0xE3, text.as_bytes())) {
        let c = text.get(at..).and_then(|rest| rest.chars().next());
        chars -= usize::from(c.is_some_and(char::is_whitespace));
        commas += usize::from(matches!(c, Some('，' | '、')));
    }
    Stat { chars, loose: chars, commas, ..Stat::default() }
}

/// Whether a text has at least so many characters, blanks left out.
pub(in crate::source) fn is_longer(text: &str, least: usize) -> bool {
    text.len() >= least && of_text(text).chars >= least
}

/// An element whose children are all counted.
fn finished(mut stat: Stat, is_block: bool, is_link: bool) -> Stat {
    if is_link {
        (stat.linked, stat.loose_linked) = (stat.chars, stat.loose);
    }
    if !is_block {
        return stat;
    }
    if stat.loose >= PARAGRAPH && stat.loose_linked * 4 < stat.loose {
        stat.good += stat.loose;
        stat.paragraphs += 1;
    }
    if stat.loose >= SENTENCE && stat.loose_linked * 2 < stat.loose {
        stat.worth = 0.5 + stat.loose.min(600) as f32 / 80.0 + stat.commas.min(10) as f32 / 2.0;
    }
    stat
}

/// Whether an element begins a line of its own.
pub(in crate::source) fn is_block(node: &NodeRef<'_>) -> bool {
    node.is_any(BLOCKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_commas_are_counted_as_every_reader_sees_them() {
        for c in ('\0'..='\u{FFFF}').filter(|c| *c != '\u{1680}') {
            let text = format!("ệ{c}, x");
            let stat = of_text(&text);
            let commas = text.chars().filter(|c| matches!(c, ',' | '，' | '、')).count();
            assert_eq!((stat.chars, stat.commas), (text.chars().filter(|c| !c.is_whitespace()).count(), commas), "{text:?}");
        }
    }
}
