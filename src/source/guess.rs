//! The recipe `auto`: finds list, title, date and body on pages that nobody described.
//!
//! Every function looks at one page alone and takes what stands out there; whatever a recipe says
//! comes before it.

pub(super) mod body;
pub(super) mod clean;
pub(super) mod groups;
pub(super) mod list;
pub(super) mod meta;
pub(super) mod next;
pub(super) mod stats;
pub(super) mod trim;

use dom_query::NodeRef;

use crate::text;

/// The text of a node on one line.
pub(super) fn line_of(node: &NodeRef<'_>) -> String {
    text::line(&node.formatted_text())
}

/// Characters of the text of a node, blanks squeezed.
pub(super) fn length(node: &NodeRef<'_>) -> usize {
    node.normalized_char_count()
}
