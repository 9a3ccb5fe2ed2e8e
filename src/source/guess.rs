//! The recipe `auto`: finds list, title, date and body on pages that nobody described.
//!
//! Every function looks at one page alone and takes what stands out there; whatever a recipe says
//! comes before it.

pub(super) mod around;
pub(super) mod author;
pub(super) mod body;
pub(super) mod clean;
pub(super) mod groups;
pub(super) mod json_ld;
pub(super) mod list;
pub(super) mod meta;
pub(super) mod next;
mod posts;
pub(super) mod stats;
pub(super) mod title;
pub(super) mod trim;

use dom_query::{NodeId, NodeRef};

use crate::text;

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

/// The text of a node on one line.
pub(super) fn line_of(node: &NodeRef<'_>) -> String {
    text::line(&node.formatted_text())
}

/// Whether a node is the one with this id, or stands in it.
pub(super) fn is_in(node: &NodeRef<'_>, id: NodeId) -> bool {
    node.id == id || node.ancestors_it(None).any(|above| above.id == id)
}

/// Characters of the text of a node, blanks squeezed.
pub(super) fn length(node: &NodeRef<'_>) -> usize {
    node.normalized_char_count()
}

/// Whether a line says that a posting date follows.
pub(super) fn is_labelled(line: &str) -> bool {
    let folded = text::fold(line);
    LABELS.iter().any(|label| folded.starts_with(label))
}
