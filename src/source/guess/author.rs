//! Who wrote an article, where the page says so in a line of its own: "Tác giả: …".

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use regex::Regex;

use crate::text;

use super::line_of;

/// Words before a name, as people write them.
static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s|•/(-]*(?:(?:tên )?tác giả(?: bài viết)?|người (?:viết|đăng|gửi)|bài viết|tin(?: bài)?(?:,| và)? ?ảnh|(?:được )?(?:viết|đăng|gửi) bởi|bởi|by|author|written by|posted by)\s*(?::|\s)\s*").ok()
});
/// The same with a colon, anywhere in a line of a date.
static LABELLED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:tác giả|người (?:viết|đăng)|viết bởi)\s*:\s*([^|•:;\d]{3,60})").ok());
/// Elements that are called after the author.
const NAMED: &str =
    "[data-role=author], [itemprop=author], [rel=author], .createdby, .tacgia, .tac-gia, .news-author, .post-author, .detail-author";
/// Accounts, not people.
const ACCOUNTS: &[&str] = &["admin", "administrator", "super user", "quan tri", "quan tri vien", "editor", "webmaster", "root"];

/// A byline without its label; `None` where nobody is left.
pub(in crate::source) fn name(line: &str) -> Option<String> {
    let bare = LABEL.as_ref().map_or(line, |label| label.find(line).map_or(line, |found| line.get(found.end()..).unwrap_or(line)));
    let name = text::line(bare.trim_matches([':', '|', '-', '–', '(', ')', '.', ',', '/', '•', ' ']));
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let named = letters >= 2 && name.chars().count() <= 80 && !ACCOUNTS.contains(&text::fold(&name).as_str());
    named.then_some(name)
}

/// The name behind a label or in an element called after it; the first there is.
pub(in crate::source) fn told(page: &Document) -> Option<String> {
    let named = page.select(NAMED);
    let called = named.nodes().iter().filter(|node| is_short(node)).find_map(|node| name(&line_of(node)));
    called.or_else(|| labelled(page))
}

fn is_short(node: &NodeRef<'_>) -> bool {
    node.normalized_char_count() < 90
}

fn labelled(page: &Document) -> Option<String> {
    let body = page.body()?;
    let mut texts = body.descendants_it().filter(|node| node.is_text() && node.is_nonempty_text()).peekable();
    while let Some(node) = texts.next() {
        let line = text::line(&node.text());
        if line.len() > 200 {
            continue;
        }
        if let Some(found) = LABELLED.as_ref().and_then(|label| label.captures(&line)) {
            return found.get(1).and_then(|found| name(found.as_str()));
        }
        // "Tác giả: " and the name in an element of its own.
        let folded = text::fold(&line);
        if ["tac gia:", "nguoi viet:", "nguoi dang:", "viet boi:"].iter().any(|label| folded.ends_with(label)) {
            return texts.peek().map(|next| text::line(&next.text())).filter(|next| next.len() < 90).and_then(|next| name(&next));
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(line: &str, want: Option<&str>) {
        assert_eq!(name(line).as_deref(), want, "{line}");
    }

    #[test]
    fn a_label_is_no_part_of_a_name() {
        check("Tác giả: Lê Thị Hoa Sim", Some("Lê Thị Hoa Sim"));
        check("Viết bởi Lê Thị Hoa Sim", Some("Lê Thị Hoa Sim"));
        check("Tin, ảnh: Hoa Sim - Mộc Lan", Some("Hoa Sim - Mộc Lan"));
        check("Người đăng: admin", None);
        check("Hoa Sim", Some("Hoa Sim"));
        check("Bởi Văn Sim", Some("Văn Sim"));
        check("By Sim", Some("Sim"));
        check("Ban Văn hóa", Some("Ban Văn hóa"));
        check("(…)", None);
    }

    #[test]
    fn a_labelled_author_is_found_anywhere() {
        let check = |html: &str, want: Option<&str>| assert_eq!(told(&Document::from(html)).as_deref(), want, "{html}");
        check("<p>Thứ Năm, 19/11/2026 - 20:05 | Tác giả: <span>Hoa Sim</span></p>", Some("Hoa Sim"));
        check("<p>20:05 | Tác giả: Hoa Sim | Lượt xem: 12</p>", Some("Hoa Sim"));
        check("<div class=tacgia>Tác giả: Hoa Sim</div>", Some("Hoa Sim"));
        check("<p>Các tác giả của bài hát đã đến dự.</p>", None);
    }
}
