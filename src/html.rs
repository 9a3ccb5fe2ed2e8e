//! HTML of strangers: made safe, made absolute, read as text.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use dom_query::Document;
use url::Url;

use crate::text;

/// The elements that reach a reader.
const TAGS: &[&str] = &[
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "div", "dl", "dt", "em", "figcaption",
    "figure", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "strong", "sub",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
];

static ATTRIBUTES: LazyLock<HashMap<&str, HashSet<&str>>> = LazyLock::new(|| {
    HashMap::from([
        ("a", HashSet::from(["href", "title"])),
        ("img", HashSet::from(["src", "alt", "title", "width", "height"])),
        ("td", HashSet::from(["colspan", "rowspan"])),
        ("th", HashSet::from(["colspan", "rowspan", "scope"])),
        ("ol", HashSet::from(["start"])),
    ])
});

/// Leaves only harmless markup: the elements of a fixed list, links by `http`, `https`, `mailto`
/// and `tel`, no style, no script, no event. Relative addresses are made absolute with `base`;
/// without one they are dropped. Characters that XML forbids are removed.
#[must_use]
pub fn sanitise(html: &str, base: Option<&Url>) -> String {
    let relative = base.map_or(UrlRelative::Deny, |b| UrlRelative::RewriteWithBase(b.clone()));
    let cleaned = Builder::empty()
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(HashSet::from(["script", "style", "noscript", "template", "textarea", "select", "title"]))
        .tag_attributes(ATTRIBUTES.clone())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(relative)
        .link_rel(None)
        .clean(html)
        .to_string();
    text::clean(&cleaned).trim().to_owned()
}

/// The text of a piece of HTML as a person would copy it: a line per block, no markup.
#[must_use]
pub fn to_text(html: &str) -> String {
    text::paragraphs(&Document::fragment(html).formatted_text())
}
