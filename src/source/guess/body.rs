//! The title and the body of an article: the densest text behind the title.

use std::collections::HashMap;

use dom_query::{Document, NodeId, NodeRef};
use url::Url;

use crate::text;

use super::groups::{self, is_frame};
use super::{length, line_of};

/// Parts that never are text of an article.
const NEVER: &str = "script, style, template, noscript, iframe, object, embed, svg, math, button, input, select, textarea, label, marquee, dialog, link, meta, \
    [hidden], .hidden, .hide, .d-none, .sr-only, [style*='display:none'], [style*='display: none']";
/// Where titles stand.
const TITLES: &str = "h1, h2, h3, h4, h5, [itemprop=headline], [class*=title], [class*=tieu], [class*=Title], td b, td strong, td font, td span, p strong, p b";
/// Elements that text stands in directly.
const BLOCKS: &[&str] =
    &["p", "div", "td", "li", "blockquote", "section", "article", "main", "dd", "pre", "center", "form", "body", "figcaption"];
/// Words in the names of containers of articles.
const BODY_NAMES: &[&str] =
    &["content", "body", "detail", "noidung", "noi-dung", "chitiet", "chi-tiet", "article", "entry", "post", "main", "news"];

/// Takes away what is not read: scripts, forms, menus, footers, sidebars.
pub(in crate::source) fn prune(page: &Document) {
    page.select(NEVER).remove();
    // Pictures written into the page are large, and no feed may carry them.
    page.select("img[src^='data:']").remove_attr("src");
    let whole = page.body().map_or(0, |body| length(&body));
    for node in page.select("body *").nodes() {
        let small = || length(node) * 2 < whole.max(1) && node.descendants_it().all(|inner| !inner.has_name("h1"));
        if is_frame(node) && small() {
            node.remove_from_parent();
        }
    }
}

/// Takes away lists of other articles: three or more blocks that mostly are links.
pub(in crate::source) fn prune_lists(page: &Document, base: &Url, keep: Option<NodeId>) {
    let linked = |found: &groups::Found<'_>| groups::label(&found.anchor).chars().count() * 5 >= length(&found.block) * 2;
    let headed = |found: &groups::Found<'_>| {
        found.anchor.ancestors_it(Some(2)).any(|above| ["h2", "h3", "h4", "h5"].iter().any(|name| above.has_name(name)))
    };
    let mut doomed = Vec::new();
    for group in groups::groups(page, base, 3) {
        let repeated = group.found.iter().filter(|found| linked(found) || headed(found)).count();
        if repeated >= 3 && repeated * 3 >= group.found.len() * 2 {
            doomed.extend(group.found.into_iter().map(|found| found.block));
        }
    }
    for block in doomed {
        let holds_title = keep.is_some_and(|title| block.id == title || block.descendants_it().any(|inner| inner.id == title));
        if !holds_title {
            block.remove_from_parent();
        }
    }
}

/// The element that shows the title: one whose text other places know as the title.
pub(in crate::source) fn title<'a>(page: &'a Document, known: &[String], page_title: Option<&str>) -> Option<NodeRef<'a>> {
    let known: Vec<String> = known.iter().map(|text| text::fold(text)).filter(|text| !text.is_empty()).collect();
    let page_title = page_title.map(text::fold).unwrap_or_default();
    let mut best: Option<(f32, NodeRef<'a>)> = None;
    for node in page.select(TITLES).nodes().iter().take(600) {
        let Some(fit) = title_fit(node, &known, &page_title) else { continue };
        if best.as_ref().is_none_or(|(most, _)| fit > *most) {
            best = Some((fit, *node));
        }
    }
    best.map(|(_, node)| node).or_else(|| lone_heading(page))
}

fn title_fit(node: &NodeRef<'_>, known: &[String], page_title: &str) -> Option<f32> {
    let chars = length(node);
    if !(6..=400).contains(&chars) {
        return None;
    }
    let said = text::fold(&line_of(node));
    let stem = |text: &str| text.trim_end_matches(['.', '…', ' ']).to_owned();
    let same = known.iter().any(|title| *title == said || title.len() > 20 && said.starts_with(&stem(title)) && chars < 300);
    let fit = if same {
        3.0
    } else if chars >= 12 && page_title.contains(&said) {
        1.0 + said.len() as f32 / page_title.len().max(1) as f32
    } else {
        return None;
    };
    let rank = if node.has_name("h1") {
        0.5
    } else if ["h2", "h3", "h4"].iter().any(|name| node.has_name(name)) {
        0.2
    } else {
        0.0
    };
    Some(fit + rank)
}

fn lone_heading(page: &Document) -> Option<NodeRef<'_>> {
    let headings = page.select("h1");
    let mut shown =
        headings.nodes().iter().filter(|node| length(node) > 0 && !node.ancestors_it(None).any(|above| above.has_name("header")));
    let first = shown.next().cloned();
    first.filter(|_| shown.next().is_none())
}

/// The element that holds the body. Each block gives points to itself and those around it, so
/// that many paragraphs side by side outweigh one long teaser.
pub(in crate::source) fn container<'a>(page: &'a Document, title: Option<&NodeRef<'a>>) -> Option<NodeRef<'a>> {
    let body = page.body()?;
    let mut points: HashMap<NodeId, f32> = HashMap::new();
    let mut order: Vec<NodeRef<'a>> = Vec::new();
    let start = title.map(|title| title.id);
    let mut behind = start.is_none();
    for node in body.descendants_it() {
        behind |= start == Some(node.id);
        if behind && node.is_text() {
            score(&node, &mut points, &mut order);
        }
    }
    let value = |node: &NodeRef<'a>| points.get(&node.id).copied().unwrap_or_default() * named(node) * (1.0 - link_share(node));
    let best = order.iter().map(|node| (value(node), node)).filter(|(value, _)| *value > 0.0).max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(widened(*best.1, &points))
}

fn score<'a>(text: &NodeRef<'a>, points: &mut HashMap<NodeId, f32>, order: &mut Vec<NodeRef<'a>>) {
    let chars = length(text);
    if chars < 15 || text.ancestors_it(Some(4)).any(|above| above.has_name("a")) {
        return;
    }
    let commas = text.text().bytes().filter(|b| *b == b',').count();
    let worth = 0.5 + chars.min(600) as f32 / 100.0 + commas.min(10) as f32 / 2.0;
    let holders =
        text.ancestors_it(Some(8)).filter(|above| above.node_name().is_some_and(|name| BLOCKS.contains(&&*name) || *name == *"tbody"));
    for (holder, share) in holders.zip([1.0_f32, 1.0, 0.6, 0.35, 0.2]) {
        *points.entry(holder.id).or_insert_with(|| {
            order.push(holder);
            0.0
        }) += worth * share;
    }
}

/// Up to a parent that holds clearly more of the same kind: a body in several sections.
fn widened<'a>(mut node: NodeRef<'a>, points: &HashMap<NodeId, f32>) -> NodeRef<'a> {
    let of = |node: &NodeRef<'_>| points.get(&node.id).copied().unwrap_or_default();
    while let Some(parent) = node.parent().filter(|parent| !parent.has_name("body")) {
        let kin = parent
            .children_it(false)
            .filter(|child| child.id != node.id && child.node_name() == node.node_name() && child.class() == node.class());
        let inline = ["span", "font", "b", "strong", "i", "em", "p", "tr", "tbody"].iter().any(|name| node.has_name(name));
        let more = kin.map(|child| of(&child)).sum::<f32>() >= of(&node) * 0.2;
        if !(inline || more && !node.has_name("td")) {
            break;
        }
        node = parent;
    }
    node
}

fn named(node: &NodeRef<'_>) -> f32 {
    let names = format!("{} {}", node.attr_or("id", ""), node.attr_or("class", "")).to_lowercase();
    if BODY_NAMES.iter().any(|name| names.contains(name)) { 1.3 } else { 1.0 }
}

fn link_share(node: &NodeRef<'_>) -> f32 {
    let linked: usize = node.descendants_it().filter(|inner| inner.has_name("a")).map(|inner| length(&inner)).sum();
    linked as f32 / length(node).max(1) as f32
}

/// Everything from behind the title to the end of the container, as the part of the page that
/// holds just that.
pub(in crate::source) fn between<'a>(title: Option<&NodeRef<'a>>, container: &NodeRef<'a>) -> NodeRef<'a> {
    let Some(title) = title else { return *container };
    let above: Vec<NodeId> = container.ancestors_it(None).map(|node| node.id).chain([container.id]).collect();
    let Some(root) = title.ancestors_it(None).find(|node| above.contains(&node.id)) else { return *container };
    cut(title, &root, Side::Before);
    title.remove_from_parent();
    if root.id != container.id {
        cut(container, &root, Side::After);
    }
    root
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
