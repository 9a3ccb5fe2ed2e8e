//! Files that come with an article, and the part of a page that offers them.

use std::collections::{HashMap, HashSet};

use dom_query::{Document, NodeId, NodeRef, local_name};
use url::Url;

use crate::entry::Enclosure;
use crate::html::Named;
use crate::text;

use super::super::guess::stats::is_block;
use super::super::guess::{length, line_of};
use super::super::link;
use super::super::recipe::Selector;

/// What such a part says beside the names of its files is shorter, in characters.
const OFFER: usize = 120;
/// What it says before the first of them is shorter.
const HEADING: usize = 60;
/// What it says, folded.
const WORDS: &[&str] = &["dinh kem", "tai ve", "tai xuong", "tap tin", "file kem", "kich thuoc", "download"];

/// The files that a page links to.
pub(super) fn files(told: Option<&Selector>, page: &Document, base: &Url) -> Vec<Enclosure> {
    let everywhere = || page.root().descendants_it().filter(|node| node.is_a(&local_name!("a")) && node.has_attr("href")).collect();
    let found: Vec<NodeRef<'_>> = told.map_or_else(everywhere, |selector| selector.all(page).nodes().to_vec());
    let mut known = HashSet::new();
    found.iter().filter_map(|anchor| file(anchor, base)).filter(|file| known.insert(file.url.clone())).collect()
}

/// Takes the lists of files out of an article's text: heading, table and counter with them.
/// A file that a sentence mentions stays.
pub(super) fn take_out(root: &NodeRef<'_>, base: &Url) {
    let anchors: Vec<NodeRef<'_>> =
        root.descendants_it().filter(|node| node.is_a(&local_name!("a")) && file(node, base).is_some()).collect();
    // Many files stand in the same parts, each of which is read once.
    let mut parts: HashMap<NodeId, Option<bool>> = HashMap::new();
    for anchor in anchors {
        icons(&anchor).iter().for_each(NodeRef::remove_from_parent);
        let above = anchor.ancestors_it(None).take_while(|above| above.id != root.id);
        let around = above.map_while(|above| Some((above, (*parts.entry(above.id).or_insert_with(|| said(&above, base)))?)));
        let part = around.filter(|(_, offers)| *offers).last().map(|(part, _)| part);
        part.or_else(|| Some(anchor).filter(is_a_line)).iter().for_each(NodeRef::remove_from_parent);
    }
}

/// Whether a link that offers a file is all of a line between two breaks.
fn is_a_line<'a>(anchor: &NodeRef<'a>) -> bool {
    let is_break = |node: &NodeRef<'_>| node.is_a(&local_name!("br")) || is_block(node);
    let ends = |side: fn(&NodeRef<'a>) -> Option<NodeRef<'a>>| {
        let beside = std::iter::successors(side(anchor), side).find(|node| node.is_element() || node.is_nonempty_text());
        beside.is_none_or(|beside| is_break(&beside) || beside.descendants_it().any(|inner| is_break(&inner)))
    };
    let label = text::fold(&line_of(anchor));
    WORDS.iter().any(|words| label.starts_with(words)) && ends(NodeRef::prev_sibling) && ends(NodeRef::next_sibling)
}

/// The pictures of the kind of a file, in its link or right before it.
fn icons<'a>(anchor: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
    let mut before =
        std::iter::successors(anchor.prev_sibling(), NodeRef::prev_sibling).skip_while(|node| node.is_text() && !node.is_nonempty_text());
    let right_before = before.next().filter(|node| node.is_a(&local_name!("img")));
    let inside = anchor.descendants_it().filter(|node| node.is_a(&local_name!("img")) && length(anchor) > 0);
    right_before.into_iter().chain(inside).collect()
}

/// Whether a part that says little beside the names of files offers them; `None` for one that says
/// more.
fn said(node: &NodeRef<'_>, base: &Url) -> Option<bool> {
    let links = node.descendants_it().filter(|inner| inner.is_a(&local_name!("a")) && file(inner, base).is_some());
    let names: Vec<String> = links.map(|link| line_of(&link)).collect();
    let line = line_of(node);
    let besides = length(node).saturating_sub(names.iter().map(|name| name.chars().count()).sum());
    let before = names.first().and_then(|first| line.split_once(first.as_str())).map_or("", |(before, _)| before.trim());
    let calls = |text: &str| WORDS.iter().any(|words| text::contains_folded(&text::fold(text), words));
    let few = besides < OFFER && before.chars().count() < HEADING;
    few.then(|| if before.is_empty() { calls(&line) } else { calls(before) })
}

fn file(anchor: &NodeRef<'_>, base: &Url) -> Option<Enclosure> {
    link::media_type_written(&anchor.attr("href")?)?;
    let url = link::target(anchor, base)?;
    let media_type = link::media_type(&url).filter(|kind| !kind.starts_with("image/"))?.to_owned();
    Some(Enclosure { url, media_type, length: None, title: Some(line_of(anchor)).filter(|title| !title.is_empty()) })
}
