//! The lines of a page, and which of them stand on other pages too.

use std::collections::{HashMap, HashSet};

use dom_query::{Document, NodeRef};

use crate::date;

use super::super::guess::is_labelled;
use super::super::guess::stats::{Stats, is_block};
use super::Lesson;

/// How far above a line its place is told.
const LEVELS: usize = 5;

/// One line as people see it.
pub(super) struct Line<'a> {
    /// The block that is just this line, or a text between blocks.
    pub(super) node: NodeRef<'a>,
    /// Blanks squeezed.
    pub(super) text: String,
}

/// A line's text together with the names of the elements around it.
pub(super) type Mark = (String, String);

/// Every line, in the order of the page.
pub(super) fn of<'a>(root: &NodeRef<'a>) -> Vec<Line<'a>> {
    let stats = Stats::of(root);
    let is_line = |node: &NodeRef<'_>| {
        if node.is_text() {
            let holder = node.ancestors_it(None).find(is_block);
            return holder.is_none_or(|holder| !stats.get(&holder).is_line()) && node.is_nonempty_text();
        }
        node.is_element() && is_block(node) && stats.get(node).is_line() && stats.get(node).chars > 0
    };
    let squeezed = |node: NodeRef<'a>| {
        let text = node.text().split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(Line { node, text })
    };
    root.descendants_it().filter(is_line).filter_map(squeezed).collect()
}

/// The element that a line is: itself, or what a bare text stands in.
pub(super) fn element<'a>(node: &NodeRef<'a>) -> NodeRef<'a> {
    if node.is_text() { node.parent().unwrap_or(*node) } else { *node }
}

fn mark(line: &Line<'_>) -> Mark {
    (line.text.clone(), place(&line.node))
}

fn place(node: &NodeRef<'_>) -> String {
    let mut place = String::new();
    for at in std::iter::once(*node).chain(node.ancestors_it(Some(LEVELS))) {
        place.push_str(&at.node_name().unwrap_or_default());
        place.push('.');
        place.extend(at.class().unwrap_or_default().chars().filter(|c| !c.is_ascii_digit()));
        place.push('<');
    }
    place
}

/// What stands at the same place of at least two pages; dates only where most pages have them, since
/// two articles may be of one day.
pub(super) fn repeated(articles: &[Lesson], lists: &[Lesson]) -> HashSet<Mark> {
    let mut pages: HashMap<Mark, usize> = HashMap::new();
    for lesson in articles.iter().chain(lists) {
        let own: HashSet<Mark> = lesson.whole.body().map(|body| of(&body).iter().map(mark).collect()).unwrap_or_default();
        own.into_iter().for_each(|mark| *pages.entry(mark).or_default() += 1);
    }
    let all = articles.len() + lists.len();
    let is_frame =
        |(mark, count): &(Mark, usize)| *count > 1 && (*count * 2 > all || !date::is_stamp_line(&mark.0) && !is_labelled(&mark.0));
    pages.into_iter().filter(is_frame).map(|(mark, _)| mark).collect()
}

/// Takes the frame away.
pub(super) fn strip(page: &Document, frame: &HashSet<Mark>) {
    let Some(body) = page.body() else { return };
    let framed: Vec<NodeRef<'_>> = of(&body).iter().filter(|line| frame.contains(&mark(line))).map(|line| line.node).collect();
    framed.iter().for_each(NodeRef::remove_from_parent);
}
