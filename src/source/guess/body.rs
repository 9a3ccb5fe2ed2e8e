//! The body of an article: the densest text behind the title.

use std::collections::HashMap;
use std::sync::LazyLock;

use dom_query::{Document, LocalName, NodeId, NodeRef, local_name};
use regex::Regex;
use rustc_hash::{FxHashMap, FxHashSet};
use url::Url;

use crate::html::{Index, Named, Query};

use super::before::is_button;
use super::groups::{self, is_frame};
use super::imprint;
use super::pictures;
use super::posts::{posts, together};
use super::stats::{Stats, is_block};
use super::{is_shorter, length};

/// Parts that never are text of an article.
static NEVER: LazyLock<Query> = LazyLock::new(|| {
    Query::new(
        "script, style, template, noscript, iframe, object, embed, svg, math, button, input, select, textarea, label, marquee, dialog, link, meta, \
    [hidden], .hidden, .hide, .d-none, .sr-only, [style*='display:none'], [style*='display: none']",
    )
});
/// What pages call the body of their article for machines.
static CALLED: LazyLock<Query> =
    LazyLock::new(|| Query::new("[itemprop~=articleBody], [property~='schema:articleBody'], [data-role=content]"));
/// Elements that text stands in directly.
const HOLDERS: &[LocalName] = &[
    local_name!("p"),
    local_name!("div"),
    local_name!("td"),
    local_name!("li"),
    local_name!("blockquote"),
    local_name!("section"),
    local_name!("article"),
    local_name!("main"),
    local_name!("dd"),
    local_name!("pre"),
    local_name!("center"),
    local_name!("form"),
    local_name!("body"),
    local_name!("figcaption"),
    local_name!("tbody"),
];
/// With this much text in paragraphs a body may have further sections; around a short notice all
/// else is frame.
const SEVERAL: usize = 400;
/// Fewer letters between links than this are no sentence.
const WORDS: usize = 15;
/// A section of a page that is no article is shorter than this.
const SECTION: usize = 300;
/// And such a page has at least as many paragraphs.
const SECTIONS: usize = 5;
/// How far above its text a section's box may begin.
const BOXES: usize = 8;
/// What holds several sections has a smaller share of its text in links.
const LINKED: f32 = 0.25;
/// A piece of a list is shorter than this.
const TEASER: usize = 500;
/// Between title and body, shorter blocks than this are no lead.
const LEAD: usize = 45;
/// Names that say that an article's body is in an element, and hardly anything else.
static BODY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"body-?_?(text|html)|(article|news|post|story|entry|detail|view)-?_?_?(body|content|text|full)|content-?_?_?(detail|article|news|body)|news-?detail|noi-?_?dung|chi-?_?tiet|full-?text|entry-content|rich-?text").ok()
});
/// Words in the names of containers of articles.
const BODY_NAMES: &[&str] =
    &["content", "body", "detail", "noidung", "noi-dung", "chitiet", "chi-tiet", "article", "entry", "post", "main", "news"];

/// What nobody sees.
pub(in crate::source) fn unseen(page: &Document) -> Vec<NodeId> {
    Index::of(page).all(&NEVER).map(|node| node.id).collect()
}

/// Takes away what nobody sees.
pub(in crate::source) fn hide(page: &Index<'_>) {
    // First all are found: what one is may depend on another.
    page.all(&NEVER).collect::<Vec<_>>().iter().for_each(NodeRef::remove_from_parent);
}

/// Takes away what is not read: scripts, forms, menus, footers, sidebars.
pub(in crate::source) fn prune(page: &Document, index: &Index<'_>) {
    pictures::unveil(index);
    hide(index);
    pictures::leave_out(index);
    let Some(body) = page.body() else { return };
    let stats = Stats::of(&body);
    let whole = stats.get(&body);
    for node in body.descendants_it().filter(NodeRef::is_element).collect::<Vec<_>>() {
        let stat = stats.get(&node);
        let small = || stat.chars * 2 <= whole.chars && stat.good * 2 <= whole.good.max(1);
        if !node.is_a(&local_name!("a"))
            && is_frame(&node)
            && small()
            && !is_quotation(&node, &stats)
            && node.descendants_it().all(|inner| !inner.is_a(&local_name!("h1")))
        {
            node.remove_from_parent();
        }
    }
    imprint::take_out(&body);
}

/// Whether an element hardly holds more than a quotation: a post of somebody else in the article.
fn is_quotation(node: &NodeRef<'_>, stats: &Stats) -> bool {
    let quoted = node.descendants_it().filter(|inner| inner.is_a(&local_name!("blockquote"))).map(|inner| stats.get(&inner).chars);
    quoted.max().is_some_and(|chars| chars > 0 && chars * 5 >= stats.get(node).chars * 4)
}

/// Takes away lists of other articles: three or more blocks that mostly are links.
pub(in crate::source) fn prune_lists(page: &Document, index: &Index<'_>, base: &Url, keep: Option<NodeId>) {
    let linked = |found: &groups::Found<'_>| is_shorter(&found.block, found.chars * 5 / 2 + 1);
    let headed = |found: &groups::Found<'_>| {
        found
            .anchor
            .ancestors_it(Some(2))
            .any(|above| above.is_any(&[local_name!("h2"), local_name!("h3"), local_name!("h4"), local_name!("h5")]))
    };
    let is_piece = |found: &groups::Found<'_>| linked(found) || headed(found) || found.is_dated();
    let Some(body) = page.body() else { return };
    let stats = Stats::of(&body);
    let whole = stats.get(&body);
    // Links in a sentence are part of it, and a block that is most of the page is no piece of a list.
    let mut sentences = Sentences::default();
    let mut apart = |found: &groups::Found<'_>| {
        let block = stats.get(&found.block);
        let line = found.block.ancestors_it(None).find(is_block).filter(|_| !is_block(&found.block) && block.is_line());
        line.is_none_or(|line| stats.get(&line).link_share() > 0.6 && !(is_among_words(&found.block) && sentences.hold(&line)))
            && (block.chars < TEASER || block.good * 4 < whole.good)
            && (block.paragraphs < 2 || is_piece(found))
    };
    let posts: Vec<NodeId> = posts(index, &stats, whole.good).iter().map(|post| post.id).collect();
    let mut doomed = Vec::new();
    for group in groups::groups(page, base, 3) {
        let pieces: Vec<groups::Found<'_>> = group.found.into_iter().filter(&mut apart).collect();
        let repeated = pieces.iter().filter(|found| is_piece(found)).count();
        if repeated >= 3 && repeated * 3 >= pieces.len() * 2 {
            doomed.extend(pieces.into_iter().map(|found| found.block));
        }
    }
    for block in doomed {
        let holds = |id: &NodeId| block.id == *id || block.descendants_it().any(|inner| inner.id == *id);
        if !keep.iter().chain(&posts).any(holds) {
            block.remove_from_parent();
        }
    }
}

/// Whether text stands directly before or behind.
fn is_among_words(node: &NodeRef<'_>) -> bool {
    [node.prev_sibling(), node.next_sibling()].iter().flatten().any(NodeRef::is_nonempty_text)
}

/// Which lines are sentences around links, each looked at once.
#[derive(Default)]
struct Sentences(FxHashMap<NodeId, bool>);

impl Sentences {
    /// Whether there are words between the links of a line, and not just dates and strokes.
    fn hold(&mut self, line: &NodeRef<'_>) -> bool {
        *self.0.entry(line.id).or_insert_with(|| {
            let outside = |node: &NodeRef<'_>| {
                node.is_text()
                    && !node.ancestors_it(None).take_while(|above| above.id != line.id).any(|above| above.is_a(&local_name!("a")))
            };
            let count = |(letters, others), c: char| if c.is_alphabetic() { (letters + 1, others) } else { (letters, others + 1) };
            let rest = line.descendants_it().filter(outside);
            let (letters, others) = rest.fold((0, 0), |sum, node| node.text().chars().filter(|c| !c.is_whitespace()).fold(sum, count));
            letters >= WORDS && letters > others
        })
    }
}

/// The element that holds the body. Each block gives points to itself and those around it, so
/// that many paragraphs side by side outweigh one long teaser. What stands before the title counts
/// only where most of the text does.
pub(in crate::source) fn container<'a>(page: &'a Document, index: &Index<'a>, title: Option<&NodeRef<'a>>) -> Option<NodeRef<'a>> {
    let body = page.body()?;
    let stats = Stats::of(&body);
    let order: Vec<NodeRef<'a>> = body.descendants_it().filter(|node| node.is_element() && stats.get(node).worth > 0.0).collect();
    let behind = title.and_then(|title| behind(&body, title, &stats));
    let counted: Vec<&NodeRef<'a>> = order.iter().filter(|node| behind.as_ref().is_none_or(|known| known.contains(&node.id))).collect();
    if let Some(told) = told(index, &stats, counted.iter().map(|node| stats.get(node).good).sum()) {
        return Some(told);
    }
    if let Some(all) = together(&posts(index, &stats, stats.get(&body).good)) {
        return Some(all);
    }
    let mut points: FxHashMap<NodeId, f32> = FxHashMap::default();
    let mut holders: Vec<NodeRef<'a>> = Vec::new();
    let mut different: HashMap<String, usize> = HashMap::new();
    for node in counted {
        let stat = stats.get(node);
        // What breaks off is the beginning of something that stands elsewhere.
        let end = end_of(node);
        let broken = end.ends_with('…') || end.ends_with("...");
        let worth = stat.worth * if broken { 0.3 } else { 1.0 };
        if stat.is_line() && stat.good > 0 {
            different.insert(node.text().to_string(), stat.good);
        }
        score(node, worth, &mut points, &mut holders);
    }
    let value = |node: &NodeRef<'a>| points.get(&node.id).copied().unwrap_or_default() * named(node) * (1.0 - stats.get(node).link_share());
    let best = holders.iter().map(|node| (value(node), node)).filter(|(value, _)| *value > 0.0).max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(spread(widened(*best.1, &points, &stats), different.values().sum(), &stats))
}

/// What holds most paragraphs of a page that has no one place for them: short sections side by side,
/// as on pages of a service or a product. `all` is the text in different paragraphs of the page.
fn spread<'a>(node: NodeRef<'a>, all: usize, stats: &Stats) -> NodeRef<'a> {
    let own = stats.get(&node).good;
    if own >= SECTION || all < SECTION * 2 || own * 5 >= all * 2 {
        return node;
    }
    let holds_most = |above: &NodeRef<'_>| stats.get(above).good * 3 >= all * 2;
    let above = node.ancestors_it(None).find(holds_most).map(|above| (above, stats.get(&above)));
    above.filter(|(_, stat)| stat.link_share() < LINKED && stat.paragraphs >= SECTIONS).map_or(node, |(above, _)| above)
}

/// The last characters of an element's text, blanks at the end left out.
fn end_of(node: &NodeRef<'_>) -> String {
    let mut end = String::new();
    let mut open: Vec<NodeRef<'_>> = vec![*node];
    while let Some(last) = open.pop() {
        if last.is_text() {
            end.insert_str(0, &last.text());
            end.truncate(end.trim_end().len());
        }
        if end.len() >= '…'.len_utf8() {
            break;
        }
        open.extend(last.children_it(false));
    }
    end
}

/// What stands behind the title; `None` when most of the text does not.
fn behind(body: &NodeRef<'_>, title: &NodeRef<'_>, stats: &Stats) -> Option<FxHashSet<NodeId>> {
    let known: FxHashSet<NodeId> = body.descendants_it().skip_while(|node| node.id != title.id).map(|node| node.id).collect();
    let worth = |before: bool| -> f32 {
        let side = body.descendants_it().filter(|node| node.is_element() && known.contains(&node.id) != before);
        side.map(|node| stats.get(&node).worth).sum()
    };
    (worth(false) * 2.0 >= worth(true)).then_some(known)
}

/// The element that the page itself calls the body of its article.
fn told<'a>(page: &Index<'a>, stats: &Stats, all: usize) -> Option<NodeRef<'a>> {
    let best = page.left(&CALLED).max_by_key(|node| stats.get(node).good)?;
    (stats.get(&best).good * 2 >= all && all > 0).then_some(best)
}

fn score<'a>(block: &NodeRef<'a>, worth: f32, points: &mut FxHashMap<NodeId, f32>, order: &mut Vec<NodeRef<'a>>) {
    let holders = std::iter::once(*block).chain(block.ancestors_it(Some(8))).filter(is_holder);
    for (holder, share) in holders.zip([1.0_f32, 1.0, 0.6, 0.35, 0.2]) {
        *points.entry(holder.id).or_insert_with(|| {
            order.push(holder);
            0.0
        }) += worth * share;
    }
}

fn is_holder(node: &NodeRef<'_>) -> bool {
    node.is_any(HOLDERS)
}

/// Up to what holds clearly more of the same kind: a body in several sections.
fn widened<'a>(mut node: NodeRef<'a>, points: &FxHashMap<NodeId, f32>, stats: &Stats) -> NodeRef<'a> {
    while let Some(wider) = wider(&node, points, stats).or_else(|| boxed(&node, stats)) {
        node = wider;
    }
    node
}

/// The parent, where it holds more of the same kind.
fn wider<'a>(node: &NodeRef<'a>, points: &FxHashMap<NodeId, f32>, stats: &Stats) -> Option<NodeRef<'a>> {
    let of = |node: &NodeRef<'_>| points.get(&node.id).copied().unwrap_or_default();
    let parent = node.parent().filter(|parent| !parent.is_a(&local_name!("body")))?;
    let kin = parent
        .children_it(false)
        .filter(|child| child.id != node.id && child.node_name() == node.node_name() && child.class() == node.class());
    let inline = node.is_any(&[
        local_name!("span"),
        local_name!("font"),
        local_name!("b"),
        local_name!("strong"),
        local_name!("i"),
        local_name!("em"),
        local_name!("p"),
        local_name!("tr"),
        local_name!("tbody"),
    ]);
    let more = || kin.map(|child| of(&child)).sum::<f32>() >= of(node) * 0.2;
    let (own, above) = (stats.get(node), stats.get(&parent));
    let much_more = own.good >= SEVERAL && above.good * 2 >= own.good * 3 && above.link_share() < LINKED;
    (inline || (much_more || more()) && !node.is_a(&local_name!("td"))).then_some(parent)
}

/// What holds a body of several sections, each in boxes of its own: somewhere above, elements of
/// the same kind stand beside the one that the text is in, and hold more paragraphs.
fn boxed<'a>(node: &NodeRef<'a>, stats: &Stats) -> Option<NodeRef<'a>> {
    let own = stats.get(node).good;
    let boxes = std::iter::once(*node).chain(node.ancestors_it(Some(BOXES)));
    let boxes = boxes.take_while(|at| own >= SEVERAL && !at.is_any(&[local_name!("td"), local_name!("body")]));
    let holds_kin = |at: &NodeRef<'a>| {
        let parent = at.parent().filter(|parent| !parent.is_a(&local_name!("body")) && stats.get(parent).link_share() < LINKED)?;
        let kin = parent.children_it(false).filter(|child| child.id != at.id && is_kin(at, child) && !is_frame(child));
        (kin.map(|child| stats.get(&child).good).sum::<usize>() * 2 >= own).then_some(parent)
    };
    boxes.filter_map(|at| holds_kin(&at)).next()
}

/// Whether two elements have a name in common, or both have none.
fn is_kin(one: &NodeRef<'_>, other: &NodeRef<'_>) -> bool {
    let (ours, theirs) = (one.attr_or("class", ""), other.attr_or("class", ""));
    one.node_name() == other.node_name()
        && (ours.trim() == theirs.trim() || ours.split_whitespace().any(|name| theirs.split_whitespace().any(|their| their == name)))
}

fn named(node: &NodeRef<'_>) -> f32 {
    let names = format!("{} {}", node.attr_or("id", ""), node.attr_or("class", "")).to_lowercase();
    if BODY.as_ref().is_some_and(|body| body.is_match(&names)) {
        3.0
    } else if BODY_NAMES.iter().any(|name| names.contains(name)) {
        1.3
    } else {
        1.0
    }
}

/// Everything from behind the title to the end of the container, as the part of the page that
/// holds just that.
pub(in crate::source) fn between<'a>(title: Option<&NodeRef<'a>>, container: &NodeRef<'a>) -> NodeRef<'a> {
    let first = |title: &NodeRef<'a>| {
        let root = container.ancestors_it(None).last().unwrap_or(*container);
        root.descendants_it().find(|node| node.id == title.id || node.id == container.id).is_some_and(|node| node.id == title.id)
    };
    let inside = |title: &NodeRef<'a>| title.ancestors_it(None).any(|above| above.id == container.id);
    let Some(title) = title.filter(|title| inside(title) || first(title)) else { return *container };
    let above: Vec<NodeId> = container.ancestors_it(None).map(|node| node.id).chain([container.id]).collect();
    let Some(root) = title.ancestors_it(None).find(|node| above.contains(&node.id)) else { return *container };
    cut(title, &root, Side::Before);
    title.remove_from_parent();
    if root.id != container.id {
        cut(container, &root, Side::After);
        keep_lead(&root, container);
    }
    root
}

/// Of what stands between title and body only pictures and a lead are of the article.
fn keep_lead(root: &NodeRef<'_>, container: &NodeRef<'_>) {
    let stats = Stats::of(root);
    let above: FxHashSet<NodeId> = container.ancestors_it(None).map(|node| node.id).collect();
    let before = root.descendants_it().take_while(|node| node.id != container.id).filter(|node| !above.contains(&node.id));
    let is_leaf = |node: &NodeRef<'_>| {
        node.is_text() && node.parent().is_some_and(|parent| above.contains(&parent.id))
            || node.is_element() && is_block(node) && stats.get(node).is_line()
    };
    // A heading is kept for what is under it.
    let mut headed = false;
    for node in before.filter(is_leaf).collect::<Vec<_>>().iter().rev() {
        let chars = if node.is_text() { length(node) } else { stats.get(node).chars };
        let lead = chars >= LEAD && stats.get(node).link_share() < 0.3 && !node.is_a(&local_name!("a"));
        let heads = node.is_any(&[local_name!("h2"), local_name!("h3"), local_name!("h4")]);
        let kept = lead || heads && headed || node.descendants_it().any(|inner| inner.is_a(&local_name!("img")) && !is_button(&inner));
        if !kept {
            node.remove_from_parent();
        }
        headed = lead && !heads || headed && chars == 0;
    }
}

/// Which way to cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Side {
    /// What stands before.
    Before,
    /// What stands behind.
    After,
}

/// Removes everything in `root` that stands before or behind `node`.
pub(in crate::source) fn cut(node: &NodeRef<'_>, root: &NodeRef<'_>, side: Side) {
    let mut at = *node;
    while at.id != root.id {
        let next =
            |node: &NodeRef<'_>| if side == Side::Before { node.prev_sibling().map(|n| n.id) } else { node.next_sibling().map(|n| n.id) };
        while let Some(beside) = next(&at).and_then(|id| at.tree.get(&id)) {
            beside.remove_from_parent();
        }
        let Some(parent) = at.parent() else { return };
        at = parent;
    }
}
