//! Who wrote an article: names as people write them, and where the page shows them.

use std::sync::LazyLock;

use dom_query::{Document, NodeData, NodeId, NodeRef, TreeNode, local_name};
use regex::Regex;

use crate::html::{Index, Named, Query};
use crate::text;

use super::{is_shorter, line_of};

/// Words before a name, as people write them.
static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s|•/(-]*(?:(?:tên )?tác giả(?: bài viết)?|người (?:viết|đăng|gửi)|bài viết|tin(?: bài)?(?:,| và)? ?ảnh|(?:được )?(?:viết|đăng|gửi) bởi|bởi|by|author|written by|posted by|(?:текст|автор)\s*:)\s*(?::|\s)\s*").ok()
});
/// What stands before the name of who wrote and photographed: "Tin, ảnh:", "Bài và ảnh:".
static CREDIT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^[\s(-]*(?:tin|bài|viết)(?:(?: ?[,/-]| và| &)? ?(?:tin|bài|ảnh|video|clip)){0,3}\s*:\s*").ok());
/// The same with a colon, anywhere in a line of a date.
static LABELLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:tác giả|người (?:viết|đăng)|viết bởi)\s*:\s*([^|•:;\d]{3,60})|(?:作者|记者|記者|责编|责任编辑)\s*[:：]\s*([^|•:;\d()（）]{2,40})").ok()
});
/// "By" elsewhere. What follows must be a name of several words: "Von" is one, too.
const BY: &[&str] = &["von ", "par ", "por ", "door ", "av ", "theo "];
/// Family names, folded: with one of them before it a name needs no label.
const FAMILIES: &[&str] = &[
    "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo", "duong", "ly", "dinh", "trinh",
    "truong", "mai", "cao", "luong", "ta", "chu", "dao", "doan", "ha", "thai", "quach", "lam", "to", "luu", "kieu",
];
static MAIL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[(<\[]?\S+@\S+\.\S+[)>\]]?").ok());
/// Elements that are called after the author.
static NAMED: LazyLock<Query> = LazyLock::new(|| {
    Query::new(
        "[data-role=author], [itemprop=author], [rel=author], .createdby, .submitted .username, [class*=tacgia], [class*=tac-gia], [id*=TacGia], [id*=tacgia], \
        .news-author, .post-author, .detail-author",
    )
});
/// A picture of somebody, before a name.
static ICONS: LazyLock<Query> = LazyLock::new(|| Query::new("[class*=fa-user], [class*=icon-user], [class*=bi-person], [class*=fa-pen]"));
/// Elements that may show an author among other things, and headlines.
static LIKELY: LazyLock<Query> = LazyLock::new(|| {
    Query::new(
        "h1, [class*=author], [class*=Author], [class*=byline], [class*=Byline], a[href*='/author/'], a[href*='/authors/'], \
    a[href*='/autor/'], a[href*='/autoren/'], a[href*='/autores/'], a[href*='/auteur/'], a[href*='/profiles/'], a[href*='/tac-gia/']",
    )
});
/// Accounts, not people.
const ACCOUNTS: &[&str] = &["admin", "administrator", "super user", "quan tri", "quan tri vien", "editor", "webmaster", "root", "author"];
/// How portals and their makers call themselves, folded.
const PORTALS: &[&str] = &["cong thong tin", "cong ttdt", "trang thong tin", "trang tin dien tu", "website"];
/// Words of links and headings that stand where names do, folded.
const NO_NAMES: &[&str] = &[
    "about",
    "all",
    "article",
    "articles",
    "author",
    "authors",
    "contact",
    "follow",
    "more",
    "news",
    "posts",
    "profile",
    "read",
    "share",
    "stories",
    "subscribe",
    "the",
    "this",
    "view",
    "your",
];
/// Words that stand small within names.
const PARTICLES: &[&str] =
    &["al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la", "le", "ter", "van", "von", "zu"];
/// What joins the names of several authors.
const JOINTS: &[&str] = &[", ", "; ", "/", " - ", " và ", " and ", " und ", " et ", " y ", " e ", " & "];
/// A byline is shorter than this.
const BYLINE: usize = 90;
/// An element that holds the names of all authors, and nothing else, is shorter than this.
const TOGETHER: usize = 160;

/// The names of a site, which are no names of its authors.
#[derive(Debug, Default)]
pub(in crate::source) struct Own(Vec<String>);

impl Own {
    /// By what it calls itself, and by the labels of its host.
    pub(in crate::source) fn new<'a>(told: impl Iterator<Item = &'a String>, host: Option<&str>) -> Self {
        let labels = host.into_iter().flat_map(|host| host.split('.')).map(str::to_owned);
        let names = told.cloned().chain(host.map(str::to_owned)).chain(labels).map(|name| squashed(&name));
        Self(names.filter(|name| name.len() > 1).collect())
    }

    /// Whether a name is one of the site's.
    pub(in crate::source) fn names(&self, name: &str) -> bool {
        self.0.contains(&squashed(name))
    }
}

fn squashed(name: &str) -> String {
    text::fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A byline without its label; `None` where nobody is left.
pub(in crate::source) fn name(line: &str) -> Option<String> {
    let line = without_credit(line);
    let bare = LABEL.as_ref().map_or(line, |label| behind(label, line));
    let bare = MAIL.as_ref().map_or(bare.into(), |mail| mail.replace_all(bare, ""));
    let name = text::line(bare.trim_matches([':', '|', '-', '–', '(', ')', '.', ',', '/', '•', ' ']));
    // Behind a bar stands what somebody is, or whom they work for.
    let name = without_by(&name).split(" | ").next().unwrap_or_default().split(';').map(str::trim).collect::<Vec<_>>().join(", ");
    let folded = text::fold(&name);
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let nobody = ACCOUNTS.contains(&folded.as_str()) || folded.contains("http") || folded.contains('@');
    (letters >= 2 && name.chars().count() <= 80 && !nobody).then_some(name)
}

/// A line without "Tin, ảnh:" before a name.
pub(super) fn without_credit(line: &str) -> &str {
    CREDIT.as_ref().map_or(line, |credit| behind(credit, line))
}

fn behind<'a>(label: &Regex, line: &'a str) -> &'a str {
    label.find(line).and_then(|found| line.get(found.end()..)).unwrap_or(line)
}

fn without_by(name: &str) -> &str {
    let folded = name.to_lowercase();
    let rest = BY.iter().find(|by| folded.starts_with(**by)).and_then(|by| name.get(by.len()..)).map(str::trim_start);
    rest.filter(|rest| rest.contains(' ') && rest.starts_with(char::is_uppercase)).unwrap_or(name)
}

/// Several names as one line, each once, without the site's own.
pub(in crate::source) fn list(told: impl IntoIterator<Item = String>, own: &Own) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for name in told.into_iter().filter_map(|line| name(&line)) {
        if !is_portal(&name) && !own.names(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// Whether a name is that of a portal.
pub(super) fn is_portal(name: &str) -> bool {
    let folded = text::fold(name);
    PORTALS.iter().any(|portal| folded.starts_with(portal))
}

/// The name behind a label or in an element called after it; the first there is.
pub(in crate::source) fn told(page: &Document, index: &Index<'_>, own: &Own) -> Option<String> {
    let called = index.all(&NAMED).filter(is_short).find_map(|node| name(&line_of(&node)).filter(|name| !own.names(name)));
    called.or_else(|| labelled(page)).or_else(|| pictured(index, own)).or_else(|| likely(page, index, own))
}

/// A name behind the picture of somebody.
fn pictured(index: &Index<'_>, own: &Own) -> Option<String> {
    let behind = |icon: NodeRef<'_>| icon.next_sibling().map(|next| text::line(&next.text())).and_then(|line| name(&line));
    index.all(&ICONS).filter_map(behind).find(|name| is_people(name) && !own.names(name) && name.len() < BYLINE)
}

fn is_short(node: &NodeRef<'_>) -> bool {
    is_shorter(node, BYLINE)
}

/// What reads like a name where names often are, behind the headline; with those beside it.
fn likely(page: &Document, index: &Index<'_>, own: &Own) -> Option<String> {
    let all: Vec<NodeRef<'_>> = index.all(&LIKELY).collect();
    let headline = all.iter().position(|node| node.is_a(&local_name!("h1"))).map_or(0, |at| at + 1);
    let shown = all.get(headline..)?.iter().filter(|node| !node.is_a(&local_name!("h1")) && is_short(node));
    let found: Vec<(NodeId, String)> = shown.filter_map(|node| Some((node.id, person(node)?))).collect();
    let (first, _) = found.iter().find(|(_, name)| !own.names(name))?;
    let first = page.tree.get(first)?;
    let together = first.ancestors_it(Some(2)).take_while(|above| is_shorter(above, TOGETHER)).last().unwrap_or(first);
    let inside: Vec<NodeId> = together.descendants_it().map(|node| node.id).chain([together.id]).collect();
    let names = found.into_iter().filter(|(id, _)| inside.contains(id)).map(|(_, name)| name).collect::<Vec<_>>();
    // An element around a name says it again.
    let again = |name: &String| names.iter().any(|other| other.len() > name.len() && other.contains(name.as_str()));
    list(names.iter().filter(|name| !again(name)).cloned(), own)
}

fn person(node: &NodeRef<'_>) -> Option<String> {
    name(&line_of(node)).filter(|line| is_people(line))
}

/// Whether a line is nothing but names of people.
fn is_people(line: &str) -> bool {
    let parts = JOINTS.iter().fold(vec![line], |parts, joint| parts.into_iter().flat_map(|part| part.split(joint)).collect());
    let words = |part: &str| part.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    words(parts.first().copied().unwrap_or_default()).len() >= 2 && parts.iter().all(|part| is_named(&words(part)))
}

/// Whether a line is a Vietnamese name, with or without a label, and nothing else.
pub(in crate::source) fn is_person(line: &str) -> bool {
    let name = name(line).unwrap_or_default();
    let family = text::fold(name.split(' ').next().unwrap_or_default());
    line.len() < BYLINE && is_people(&name) && FAMILIES.contains(&family.as_str())
}

fn is_named(words: &[String]) -> bool {
    let named = |word: &String| {
        let folded = text::fold(word);
        let capital = word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase()) || PARTICLES.contains(&folded.as_str());
        capital && !word.contains(|c: char| c.is_ascii_digit() || c == ':') && !NO_NAMES.contains(&folded.as_str())
    };
    (1..=5).contains(&words.len()) && words.iter().all(named)
}

/// The people in "Viết bởi Lê Thị Hoa Sim", which has no colon.
fn by(written: &str) -> Option<String> {
    let is_short = written.len() < BYLINE && written.contains("bởi ");
    let line = is_short.then(|| text::line(written))?;
    let begins = ["viết bởi ", "đăng bởi ", "gửi bởi ", "được viết bởi ", "được đăng bởi ", "được gửi bởi ", "bởi "];
    begins.iter().any(|label| line.to_lowercase().starts_with(label)).then(|| name(&line)).flatten().filter(|name| is_people(name))
}

fn labelled(page: &Document) -> Option<String> {
    let body = page.body()?;
    let mut nodes = body.descendants_it();
    while let Some(node) = nodes.next() {
        if !node.query_or(false, may_label) {
            continue;
        }
        let written = node.text();
        if let Some(name) = by(&written) {
            return Some(name);
        }
        let line = text::line(&written);
        if line.len() > 200 {
            continue;
        }
        if let Some(found) = LABELLED.as_ref().and_then(|label| label.captures(&line)) {
            return found.get(1).or_else(|| found.get(2)).and_then(|found| name(found.as_str()));
        }
        // "Tác giả: " and the name in an element of its own.
        let folded = text::fold(&line);
        if ["tac gia:", "nguoi viet:", "nguoi dang:", "viet boi:"].iter().any(|label| folded.ends_with(label)) {
            let next = nodes.find(NodeRef::is_nonempty_text).map(|next| text::line(&next.text()));
            return next.filter(|next| next.len() < BYLINE).and_then(|next| name(&next));
        }
    }
    None
}

/// Whether a text may hold a label: every one ends in a colon, which some write wide, but for "bởi".
fn may_label(node: &TreeNode) -> bool {
    let NodeData::Text { contents } = &node.data else { return false };
    let has_colon = contents.bytes().fold(false, |has, byte| has | (byte == b':'));
    has_colon || !contents.is_ascii() && (contents.contains("bởi ") || contents.contains('：'))
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
        check("Bài và ảnh: Hoa Sim", Some("Hoa Sim"));
        check("(Tin, bài: Hoa Sim)", Some("Hoa Sim"));
        check("Bài/ảnh: Hoa Sim", Some("Hoa Sim"));
        check("Tin: Hoa Sim", Some("Hoa Sim"));
        check("Người đăng: admin", None);
        check("Hoa Sim", Some("Hoa Sim"));
        check("Bởi Văn Sim", Some("Văn Sim"));
        check("By Sim", Some("Sim"));
        check("Ban Văn hóa", Some("Ban Văn hóa"));
        check("Von Hanna Blum", Some("Hanna Blum"));
        check("Von Blum", Some("Von Blum"));
        check("Theo Lê Hoa Sim", Some("Lê Hoa Sim"));
        check("Текст: Анна Лебедева", Some("Анна Лебедева"));
        check("Hanna Blum | Phóng viên", Some("Hanna Blum"));
        check("hb;ik", Some("hb, ik"));
        check("Hoa Sim (hoasim@phuong.example)", Some("Hoa Sim"));
        check("https://mang.example/hoasim", None);
        check("(…)", None);
    }

    #[test]
    fn a_labelled_author_is_found_anywhere() {
        let check = |html: &str, want: Option<&str>| {
            let page = Document::from(html);
            assert_eq!(told(&page, &Index::of(&page), &Own::default()).as_deref(), want, "{html}");
        };
        check("<p>Thứ Năm, 19/11/2026 - 20:05 | Tác giả: <span>Hoa Sim</span></p>", Some("Hoa Sim"));
        check("<p>20:05 | Tác giả: Hoa Sim | Lượt xem: 12</p>", Some("Hoa Sim"));
        check("<div class=tacgia>Tác giả: Hoa Sim</div>", Some("Hoa Sim"));
        check("<p>Các tác giả của bài hát đã đến dự.</p>", None);
        check("<div class=tacgia-bai>Hoa Sim</div>", Some("Hoa Sim"));
        check("<p><i class='fa fa-eye'></i> 218 <i class='fa fa-user'></i> Trần Hoa Sim</p>", Some("Trần Hoa Sim"));
        check("<p><i class='fa fa-user'></i> Đăng nhập</p>", None);
        check("<td><span class=small>Viết bởi Lê Hoa Sim</span></td>", Some("Lê Hoa Sim"));
        check("<td><span class=small>Viết bởi Administrator</span></td>", None);
        check("<p>Bài thơ được viết bởi một học sinh lớp năm.</p>", None);
        check(
            "<div class=submitted>Được gửi bởi <span class=username>Lê Hoa Sim</span> vào Thứ ba, 10/11/2026 - 16:45</div>",
            Some("Lê Hoa Sim"),
        );
        check("<div><span id=ctl00_lblTacGia>Lê Hoa Sim</span></div>", Some("Lê Hoa Sim"));
    }
}
