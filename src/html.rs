//! HTML of strangers: made safe, made absolute, read as text.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use dom_query::{Document, NodeData, NodeRef, TreeNode, local_name};
use url::Url;

use crate::text;

mod index;
mod limits;
mod named;
mod raw;
mod tokens;

pub(crate) use index::{Index, Query};
pub use limits::{TooComplex, parse, parse_fragment, within_limits};
pub(crate) use named::Named;

/// The elements that reach a reader.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Attributes that any of them may have.
const EVERYWHERE: [&str; 2] = ["lang", "title"];

static ATTRIBUTES: LazyLock<HashMap<&str, HashSet<&str>>> = LazyLock::new(|| {
    HashMap::from([
        ("a", HashSet::from(["href"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("td", HashSet::from(["colspan", "rowspan"])),
        ("th", HashSet::from(["colspan", "rowspan", "scope"])),
        ("ol", HashSet::from(["start"])),
    ])
});

/// Elements that begin a line of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "figure",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
/// Blocks that say nothing about what is in them.
const PLAIN_BLOCKS: &[&str] = &["article", "center", "div", "main", "section"];
/// Elements that are nothing when they are empty.
const NOTHING_WHEN_EMPTY: &[&str] = &[
    "a",
    "article",
    "b",
    "center",
    "div",
    "em",
    "figcaption",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "i",
    "li",
    "o:p",
    "ol",
    "p",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "u",
    "ul",
];
/// Where pages keep the address of a picture that a script loads later, best first.
const LAZY: &[&str] = &["data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-srcset", "srcset", "src"];

/// A text of less bytes is soon escaped, whatever it holds.
const SOON: usize = 20_000;
/// How many bytes may be looked at to escape one text.
const ESCAPING: usize = 1_000_000_000;

/// Leaves only harmless markup: the elements of a fixed list, links by `http`, `https`, `mailto`
/// and `tel`, no style, no script, no event. Relative addresses are made absolute with `base`;
/// without one they are dropped. Pictures that a script would load get their address, counting
/// pixels and empty paragraphs go. Characters that XML forbids are removed. HTML that is
/// [`TooComplex`] gives nothing.
#[must_use]
pub fn sanitise(html: &str, base: Option<&Url>) -> String {
    let Ok(page) = parse_fragment(html) else { return String::new() };
    if !is_writable(&page.root()) {
        return String::new();
    }
    tidy(&page.html_root());
    cleaned(&page.html_root().inner_html(), base)
}

/// What is shown of an element of a page.
#[derive(Default)]
pub(crate) struct Shown {
    /// As [`sanitise`] gives it.
    pub(crate) html: String,
    /// As [`to_text`] gives it.
    pub(crate) text: String,
    /// The addresses of its pictures as written, and what they are called.
    pub(crate) pictures: Vec<(String, String)>,
}

/// Sanitises what an element of a page holds; gives nothing where it is written in more than `most`
/// bytes. Changes the page.
pub(crate) fn sanitise_inside(holder: &NodeRef<'_>, base: &Url, most: usize) -> Shown {
    tidy(holder);
    let inside = holder.descendants();
    // The sanitiser would have to read them, only to drop them.
    inside.iter().for_each(drop_attributes);
    let raw = holder.inner_html();
    if raw.len() > most {
        return Shown::default();
    }
    let pictures = pictures(&inside);
    inside.iter().filter(|node| node.is_a(&local_name!("figcaption"))).for_each(NodeRef::remove_from_parent);
    Shown { html: cleaned(&raw, Some(base)), text: text::paragraphs(&holder.formatted_text()), pictures }
}

/// The pictures of a piece of HTML, as [`Shown`] has them.
pub(crate) fn pictures_of(html: &str) -> Vec<(String, String)> {
    if html.contains("<img") { pictures(Document::fragment(html).select("img").nodes()) } else { Vec::new() }
}

fn pictures(nodes: &[NodeRef<'_>]) -> Vec<(String, String)> {
    let images = nodes.iter().filter(|node| node.is_a(&local_name!("img")));
    images.filter_map(|image| Some((image.attr("src")?.to_string(), image.attr_or("alt", "").to_string()))).collect()
}

fn drop_attributes(node: &NodeRef<'_>) {
    let Some(name) = node.node_name() else { return };
    let own = ATTRIBUTES.get(&*name);
    let is_kept = |name: &str| EVERYWHERE.contains(&name) || own.is_some_and(|own| own.contains(name));
    node.update(|inner| {
        if let NodeData::Element(element) = &mut inner.data {
            element.attrs.retain(|told| is_kept(&told.name.local));
        }
    });
}

/// Last, so that nothing stands between the sanitiser's word and the reader.
fn cleaned(html: &str, base: Option<&Url>) -> String {
    let cleaned = sanitiser(base).clean(html).to_string();
    without_outer_breaks(&text::clean(&cleaned)).to_owned()
}

/// Whether it takes at most so many steps to go up from each node of a page to its root.
pub(crate) fn is_shallow(page: &Document, most: usize) -> bool {
    let mut steps = 0_usize;
    let mut open = vec![(page.root(), 0)];
    while let Some((node, depth)) = open.pop() {
        steps += depth;
        if steps > most {
            return false;
        }
        open.extend(node.children_it(false).map(|child| (child, depth + 1)));
    }
    true
}

/// Whether a part of a page can be written as HTML in linear time: html5ever looks at the whole rest
/// of a text for each sign that it escapes, so that no text may be both long and full of them.
pub(crate) fn is_writable(node: &NodeRef<'_>) -> bool {
    let fits = |inner: &TreeNode| match &inner.data {
        NodeData::Text { contents } => is_soon_escaped(contents),
        NodeData::Element(element) => element.attrs.iter().all(|attribute| is_soon_escaped(&attribute.value)),
        NodeData::Document
        | NodeData::Fragment
        | NodeData::Doctype { .. }
        | NodeData::Comment { .. }
        | NodeData::ProcessingInstruction { .. } => true,
    };
    std::iter::once(*node).chain(node.descendants_it()).all(|inner| inner.query_or(true, fits))
}

fn is_soon_escaped(text: &str) -> bool {
    text.len() < SOON || text.bytes().filter(|b| matches!(b, b'&' | 0xC2)).count() <= ESCAPING / text.len()
}

fn without_outer_breaks(html: &str) -> &str {
    let mut rest = html.trim();
    while let Some(inner) = rest.strip_prefix("<br>").or_else(|| rest.strip_suffix("<br>")) {
        rest = inner.trim();
    }
    rest
}

fn sanitiser(base: Option<&Url>) -> Builder<'static> {
    let relative = base.map_or(UrlRelative::Deny, |b| UrlRelative::RewriteWithBase(b.clone()));
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(HashSet::from(["script", "style", "noscript", "template", "textarea", "select", "title", "svg", "math"]))
        .tag_attributes(ATTRIBUTES.clone())
        .generic_attributes(EVERYWHERE.into())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(relative)
        .link_rel(None);
    builder
}

/// Children come before their parents, so that what they leave behind is seen.
fn tidy(root: &NodeRef<'_>) {
    for node in root.descendants().into_iter().rev() {
        let Some(name) = node.node_name() else { continue };
        if *name == *"img" {
            tidy_image(&node);
        } else if NOTHING_WHEN_EMPTY.contains(&&*name) && is_empty(&node) {
            node.remove_from_parent();
        } else if *name == *"h1" {
            node.rename("h2");
        } else if PLAIN_BLOCKS.contains(&&*name) {
            tidy_block(&node);
        } else if *name == *"table" {
            tidy_table(&node);
        }
    }
}

fn is_empty(node: &NodeRef<'_>) -> bool {
    node.children_it(false).all(|child| if child.is_element() { child.is_a(&local_name!("br")) } else { !child.is_nonempty_text() })
}

/// A block around blocks goes, one around text becomes a paragraph.
fn tidy_block(node: &NodeRef<'_>) {
    let is_block = |child: &NodeRef<'_>| child.node_name().is_some_and(|name| BLOCKS.contains(&&*name));
    let says = |child: &NodeRef<'_>| child.is_element() && !child.is_a(&local_name!("br")) || child.is_nonempty_text();
    let children: Vec<NodeRef<'_>> = node.children_it(false).filter(says).collect();
    if children.iter().all(is_block) {
        children.iter().for_each(|child| node.insert_before(child));
        node.remove_from_parent();
    } else if !node.descendants_it().any(|inner| is_block(&inner)) {
        node.rename("p");
    }
}

/// A table of one cell is a frame, not a table.
fn tidy_table(table: &NodeRef<'_>) {
    let is_cell = |inner: &NodeRef<'_>| inner.is_a(&local_name!("td")) || inner.is_a(&local_name!("th"));
    let cells: Vec<_> = table.descendants_it().filter(is_cell).take(2).collect();
    if let [cell] = cells.as_slice() {
        table.insert_before(cell);
        table.remove_from_parent();
        cell.rename("div");
        tidy_block(cell);
    }
}

fn tidy_image(node: &NodeRef<'_>) {
    match image_address(node).filter(|_| !is_pixel(node)) {
        Some(address) => node.set_attr("src", &address),
        None => node.remove_from_parent(),
    }
}

/// The address of a picture as written, also where a script would set it later.
pub(crate) fn image_address(image: &NodeRef<'_>) -> Option<String> {
    LAZY.iter().find_map(|name| {
        let value = image.attr(name)?;
        // The last of a set is mostly the largest.
        let last = if name.ends_with("srcset") { value.split(", ").last()?.split_whitespace().next()? } else { value.trim() };
        let usable = !last.is_empty() && !last.starts_with("data:") && !last.starts_with("blob:");
        usable.then(|| last.trim_matches(',').to_owned())
    })
}

/// A picture of one pixel counts readers and shows nothing.
pub(crate) fn is_pixel(image: &NodeRef<'_>) -> bool {
    let side = |name: &str| image.attr(name).and_then(|value| value.trim().trim_end_matches("px").parse::<u32>().ok());
    let tiny = |name: &str| side(name).is_some_and(|pixels| pixels <= 2);
    let style = image.attr_or("style", "").replace(' ', "").to_lowercase();
    tiny("width") && tiny("height") || style.contains("width:1px") || style.contains("display:none")
}

/// The text of a piece of HTML as a person would read it aloud: a line per block, no markup, no
/// captions of pictures. HTML that is [`TooComplex`] gives nothing.
#[must_use]
pub fn to_text(html: &str) -> String {
    let Ok(page) = parse_fragment(html) else { return String::new() };
    page.select("figcaption").remove();
    text::paragraphs(&page.formatted_text())
}

#[cfg(test)]
mod tests;
