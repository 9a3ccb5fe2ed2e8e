//! The recipe `auto`: finds list, title, date and body on pages that nobody described.
//!
//! Every function looks at one page alone and takes what stands out there; whatever a recipe says
//! comes before it.

pub(super) mod around;
pub(super) mod above;
pub(super) mod author;
pub(super) mod before;
pub(super) mod body;
pub(super) mod clean;
pub(super) mod event;
pub(super) mod groups;
pub(super) mod headline;
mod imprint;
pub(super) mod json_ld;
pub(super) mod list;
pub(super) mod meta;
pub(super) mod next;
mod pictures;
pub(super) mod posts;
pub(super) mod stats;
pub(super) mod title;
pub(super) mod trim;

use dom_query::{LocalName, NodeData, NodeId, NodeRef, local_name};
use rustc_hash::FxHashSet;

use crate::html::Named;
use crate::text;

/// A short text is not in more pieces than this.
const PIECES: usize = 2_000;
/// No label is longer, in characters.
const LABEL: usize = 40;
/// How lines begin that tell when something was posted, folded.
const LABELS: &[&str] = &[
    "ngay dang",
    "dang ngay",
    "dang luc",
    "dang vao",
    "dang boi",
    "duoc dang",
    "gui boi",
    "gui luc",
    "gui ngay",
    "viet boi",
    "viet ngay",
    "cap nhat",
    "ngay cap nhat",
    "ngay xuat ban",
    "xuat ban",
    "thoi gian dang",
    "ngay tao",
    "ngay viet",
    "ngay ban hanh",
    "posted",
    "published",
    "submitted",
];

/// Elements that part no words.
const INLINE: &[LocalName] = &[
    local_name!("a"),
    local_name!("span"),
    local_name!("strong"),
    local_name!("b"),
    local_name!("em"),
    local_name!("i"),
    local_name!("u"),
    local_name!("font"),
    local_name!("small"),
    local_name!("img"),
    local_name!("time"),
];

/// The text of a node on one line.
pub(super) fn line_of(node: &NodeRef<'_>) -> String {
    let parts = |inner: &NodeRef<'_>| inner.is_element() && !inner.is_any(INLINE);
    if node.descendants_it().any(|inner| parts(&inner)) { text::line(&node.formatted_text()) } else { text::line(&node.text()) }
}

/// Whether a node is the one with this id, or stands in it.
pub(super) fn is_in(node: &NodeRef<'_>, id: NodeId) -> bool {
    node.id == id || node.ancestors_it(None).any(|above| above.id == id)
}

/// The elements that such a node stands in, each found once.
pub(super) fn holders<'a>(root: &NodeRef<'a>, is_one: impl Fn(&NodeRef<'a>) -> bool) -> FxHashSet<NodeId> {
    let mut holders = FxHashSet::default();
    for node in root.descendants_it().filter(is_one) {
        let new = node.ancestors_it(None).take_while(|above| holders.insert(above.id));
        new.for_each(drop);
    }
    holders
}

/// Characters of the text of a node, blanks squeezed.
pub(super) fn length(node: &NodeRef<'_>) -> usize {
    node.normalized_char_count()
}

/// Whether the text of a node has less than so many characters, blanks squeezed; found without
/// reading on where it has more.
pub(super) fn is_shorter(node: &NodeRef<'_>, most: usize) -> bool {
    let mut chars = 0;
    let mut blank = true;
    let mut is_long = |text: &str| {
        text.chars().any(|c| {
            let follows = std::mem::replace(&mut blank, c.is_whitespace());
            chars += usize::from(!(follows && blank));
            // One blank may stand at the end.
            chars > most
        })
    };
    for inner in std::iter::once(*node).chain(node.descendants_it()).filter(NodeRef::is_text).take(PIECES) {
        if inner.query_or(false, |inner| matches!(&inner.data, NodeData::Text { contents } if is_long(contents))) {
            return false;
        }
    }
    chars - usize::from(blank && chars > 0) < most
}

/// Whether a line says that a posting date follows.
pub(super) fn is_labelled(line: &str) -> bool {
    let start = line.char_indices().nth(LABEL).map_or(line, |(at, _)| line.get(..at).unwrap_or(line));
    let folded = text::fold(start);
    LABELS.iter().any(|label| folded.starts_with(label))
}

#[cfg(test)]
mod tests {
    use dom_query::Document;

    use super::*;

    #[test]
    fn what_is_shorter_is_found_without_counting_it_all() {
        for html in
            ["", " ", "<p>Tin</p>", "<p> Tin  <b>tức</b> </p> \n", "<p>Tin</p><p>tức</p>", "&nbsp;Tin\u{a0}\u{a0}", "<i>a</i> <i> b</i>"]
        {
            let page = Document::fragment(html);
            for most in 0..12 {
                assert_eq!(is_shorter(&page.root(), most), length(&page.root()) < most, "{html} {most}");
            }
        }
    }
}
