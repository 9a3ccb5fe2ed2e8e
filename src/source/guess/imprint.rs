//! What a site says of itself at the foot of every page: who answers for it, by which licence, where
//! its office is. Below a short notice it would be the longest text.

use dom_query::{LocalName, NodeRef, local_name};

use crate::html::Named;
use crate::text;

use super::{is_shorter, length};

/// So many characters at the end of a page are looked at, in so many texts.
const FOOT: usize = 1_500;
const TEXTS: usize = 120;
/// So much may stand in the imprint before its first sign, in lines shorter than these.
const HEAD: usize = 300;
const LINE: usize = 80;
/// What only an imprint says, folded.
const SURE: &[&[&str]] = &[
    &["chiu trach nhiem"],
    &["giay phep", "gp-ttdt", "gp-bttt", "gp-stttt"],
    &["ban quyen", "copyright", "all rights reserved", "©"],
    &["ghi ro nguon"],
    &["co quan chu quan", "don vi chu quan", "co quan quan ly:", "don vi quan ly:"],
    &["truong ban bien tap", "tong bien tap", "truong ban quan tri"],
    &["thiet ke boi", "thiet ke va", "phat trien boi", "xay dung boi", "powered by", "designed by", "developed by"],
];
/// What stands in it as well, folded.
const BESIDE: &[&[&str]] = &[
    &["dia chi:", "tru so:", "address:"],
    &["dien thoai:", "dt:", "hotline:", "tel:", "duong day nong:", "phone:"],
    &["email:", "e-mail:", "thu dien tu:"],
    &["fax:"],
    &["cong thong tin dien tu", "trang thong tin dien tu", "cong ttdt"],
];
/// An imprint has one sure sign and another of either kind.
const SIGNS: usize = 2;
/// What holds one of these is more than an imprint.
const HEADINGS: &[LocalName] = &[local_name!("h1"), local_name!("h2"), local_name!("h3"), local_name!("main"), local_name!("article")];

/// Takes the imprint out of a page.
pub(super) fn take_out(body: &NodeRef<'_>) {
    for text in sure(body) {
        let is_left = text.ancestors_it(None).any(|above| above.id == body.id);
        let whole = text.ancestors_it(None).take_while(|above| above.id != body.id && holds_nothing_else(above, &text)).last();
        if let Some(whole) = whole.filter(|whole| is_left && signs(whole) >= SIGNS) {
            whole.remove_from_parent();
        }
    }
}

/// The texts at the end of a page that only an imprint has.
fn sure<'a>(body: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
    let mut found = Vec::new();
    let (mut passed, mut texts) = (0, 0);
    let mut open = vec![*body];
    while let Some(node) = open.pop() {
        if node.is_text() && node.is_nonempty_text() {
            (passed, texts) = (passed + length(&node), texts + 1);
            if passed > FOOT || texts > TEXTS {
                break;
            }
            if count(SURE, &text::fold(&node.text())) > 0 {
                found.push(node);
            }
        }
        open.extend(node.children_it(false));
    }
    found
}

/// Whether an element has nothing beside the imprint that this text is of.
fn holds_nothing_else(node: &NodeRef<'_>, sure: &NodeRef<'_>) -> bool {
    let mut before = node.descendants_it().take_while(|inner| inner.id != sure.id).filter(NodeRef::is_nonempty_text);
    let mut left = HEAD;
    is_shorter(node, FOOT)
        && before.all(|inner| {
            let chars = length(&inner);
            left = left.saturating_sub(chars);
            left > 0 && (chars < LINE || count(BESIDE, &text::fold(&inner.text())) > 0)
        })
        && !node.is_any(HEADINGS)
        && !node.descendants_it().any(|inner| inner.is_any(HEADINGS))
}

/// How many signs of an imprint there are; a line about rights needs no other.
fn signs(node: &NodeRef<'_>) -> usize {
    let folded = text::fold(&node.text());
    let owned = folded.starts_with('©') || folded.starts_with("copyright") || folded.starts_with("ban quyen");
    count(SURE, &folded) + count(BESIDE, &folded) + usize::from(owned)
}

fn count(signs: &[&[&str]], folded: &str) -> usize {
    signs.iter().filter(|words| words.iter().any(|word| folded.contains(word))).count()
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use dom_query::Document;

    use super::*;
    use crate::source::guess::line_of;

    const NOTICE: &str = "<p>Mời bà con tổ 5 đến nhà văn hóa họp bàn việc trồng cây dọc bờ kênh vào tối thứ Bảy tuần này.</p>";

    /// What is left of a notice and what stands below it.
    fn check(below: &str, gone: bool) {
        let page = Document::from(format!("<div><h4>Giấy mời</h4><div>{NOTICE}</div>{below}</div>"));
        take_out(&page.select("body").nodes()[0]);
        let left = line_of(&page.root());
        assert!(left.starts_with("Giấy mời Mời bà con"), "{below}: {left}");
        assert_eq!(left.ends_with("tuần này."), gone, "{below}: {left}");
    }

    #[test]
    fn the_imprint_goes() {
        check("<div>Cổng thông tin phường Hồng Lĩnh<br>Chịu trách nhiệm: Bà Sim<br>Địa chỉ: 5 Bờ Kênh</div>", true);
        check("<div><p>UBND phường</p><p>Địa chỉ: 5 Bờ Kênh</p><p>Điện thoại: 024 0000</p><p>Giấy phép số 5</p></div>", true);
        check("<p>© 2026 UBND phường Hồng Lĩnh</p>", true);
        check("<table><tr><td>Ghi rõ nguồn khi đăng lại<br>Thiết kế bởi Tổ công nghệ</td></tr></table>", true);
    }

    #[test]
    fn where_to_ask_stays() {
        check("<p>Hỏi thêm tại: Địa chỉ: 5 Bờ Kênh. Điện thoại: 024 0000. Email: hoi@phuong.example</p>", false);
        check("<p>Cửa hàng phải có giấy phép mới được bán pháo hoa.</p>", false);
    }
}
