//! What stands around an article's text inside its own container: dates, counters, bylines, share
//! bars, headings of lists that follow.

use std::cell::LazyCell;
use std::sync::LazyLock;

use dom_query::{LocalName, NodeId, NodeRef, local_name};
use regex::Regex;
use rustc_hash::FxHashSet;

use crate::date;
use crate::html::Named;
use crate::text;

use crate::source::link;

use super::author;
use super::body::{Side, cut};
use super::{event, holders, is_labelled, is_shorter, length, line_of};

/// Longer blocks are text, whatever they begin with.
const LONGEST: usize = 400;
/// What begins the part behind the article, folded.
const ENDS: &[&str] = &[
    "cac tin khac",
    "cac tin da dua",
    "tin da dua",
    "tin khac",
    "cac tin lien quan",
    "tin lien quan",
    "bai viet lien quan",
    "tin bai lien quan",
    "bai lien quan",
    "danh sach tin tuc",
    "tin cung chuyen muc",
    "cung chuyen muc",
    "tin moi hon",
    "tin cu hon",
    "nhung tin moi hon",
    "nhung tin cu hon",
    "cac bai viet khac",
    "bai viet khac",
    "co the ban quan tam",
    "y kien ban doc",
    "y kien cua ban",
    "tong so diem cua bai viet",
    "click de danh gia",
    "gui binh luan",
    "viet binh luan",
    "tin noi bat",
    "tin xem nhieu",
    "tin doc nhieu",
    "cac tin moi hon",
    "cac tin cu hon",
    "tin tuc khac",
    "tin tuc lien quan",
];
/// The same on sites that also write them in the middle of an article.
const BOXES: &[&str] = &["related articles", "related posts", "related news", "related stories", "related content", "comments"];
/// Lines that are furniture, folded.
const FURNITURE: &[&str] = &[
    "in",
    "in bai viet",
    "in trang",
    "ban in",
    "in ra",
    "quay lai",
    "tro lai",
    "ve dau trang",
    "len dau trang",
    "gui email",
    "gui mail",
    "chia se",
    "facebook",
    "zalo",
    "twitter",
    "tweet",
    "binh luan",
    "luu bai viet",
    "xem tiep",
    "doc tiep",
    "trang chu",
    "copy link",
    "sao chep lien ket",
    "nghe doc bai",
    "co chu",
    "a a a",
    "a- a a+",
    "a+ a-",
    "dang tai",
    "share",
    "print",
    "thich",
    "theo doi",
    "email",
    "tai ve",
    "xem voi co chu",
];
/// How lines begin that are furniture, folded; such a line is short.
const LABELS: &[&str] = &[
    "luot xem",
    "so luot xem",
    "so lan xem",
    "luot truy cap",
    "da xem",
    "tac gia:",
    "tac gia bai viet:",
    "nguon tin:",
    "tu khoa",
    "tags:",
    "tag:",
    "chia se:",
    "danh gia:",
    "views:",
    "dang boi",
    "nguoi dang",
];
/// What stands before links to files, folded; the files themselves are attachments.
const ATTACHED: &[&str] =
    &["tep dinh kem", "file dinh kem", "tap tin dinh kem", "tai lieu dinh kem", "van ban dinh kem", "dinh kem", "tai ve"];
/// What sites in other languages write into every article, folded.
static BOILERPLATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(advertisement|advertising|anzeige|werbung|publicidad|publicite|pubblicita|quang cao|article content|read more|read also|also read|see also|auch interessant|lesen sie auch|lea tambien|lire aussi|a lire aussi|leggi anche|recommended videos|follow us|share this|click here to|this story was originally|we apologize, but this|have a tip\?|tags?|topics|just watched|must watch|the associated press|\[pr\]|\W+)\W*$|^(subscribe to|sign up|read more:|read also:|also read:|see also:|follow (her|him|us|me|them) on|get the latest|click here to|tap here to|we apologize, but this video|have a tip\? |\(?image:? ?\(?©|more:|lesen sie auch:|doc them:|xem them:)").ok()
});
/// An invitation to a newsletter, folded.
static NEWSLETTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(newsletter|mailing list)\b.*\b(inbox|subscribe|sign(ing)? up|deliver\w*|email|register|click|join)\b|\b(inbox|subscribe|sign(ing)? up|deliver\w*|register|click|join|get|our)\b.*\bnewsletters?\b").ok()
});
/// Who wrote it, in other languages, folded.
static BYLINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(by|von|por|par|text:|author ?:|autor:|stand:|published|updated|last updated|publicad[oa]) \S+( \S+){0,8}$").ok()
});
/// What stands side by side in a line of tools, folded; nothing but numbers may be left.
static TOOLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:ngay dang|dang ngay|dang luc|cap nhat|ngay|luc|(?:so )?(?:luot|lan) (?:xem|doc|truy cap)|luot|in bai viet|in trang|ban in|in|gui (?:email|mail|cho ban be|bai viet)|email|co chu|danh gia(?: bai viet| cua ban)?|chia se|facebook|zalo|twitter|binh chon|diem|gmt|sao)\b").ok()
});
/// One of these makes a line a line of tools, folded.
const TOOL: &[&str] =
    &["luot xem", "luot doc", "in bai", "in trang", "ban in", "gui email", "gui mail", "co chu", "danh gia bai", "danh gia cua", "chia se"];
/// How large a file is, as written behind its name, folded.
static SIZE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\(?\b\d+(?:[.,]\d+)? ?(?:kb|mb|gb|bytes?)\b\)?").ok());
/// What blocks are made of.
const BLOCKS: &[LocalName] = &[
    local_name!("p"),
    local_name!("div"),
    local_name!("td"),
    local_name!("tr"),
    local_name!("li"),
    local_name!("ul"),
    local_name!("ol"),
    local_name!("table"),
    local_name!("tbody"),
    local_name!("blockquote"),
    local_name!("section"),
    local_name!("article"),
    local_name!("h1"),
    local_name!("h2"),
    local_name!("h3"),
    local_name!("h4"),
    local_name!("h5"),
    local_name!("h6"),
    local_name!("figure"),
    local_name!("form"),
    local_name!("main"),
    local_name!("center"),
    local_name!("dd"),
    local_name!("dl"),
    local_name!("header"),
];

/// The smallest blocks that have text, in the order of the page.
pub(in crate::source) fn blocks<'a>(root: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
    let is_block = |node: &NodeRef<'a>| node.is_any(BLOCKS);
    let told = holders(root, NodeRef::is_nonempty_text);
    let leaf = |node: &NodeRef<'a>| told.contains(&node.id) && !node.children_it(false).any(|child| is_block(&child));
    let inside: Vec<NodeRef<'a>> = root.descendants_it().filter(|node| node.is_element() && leaf(node)).collect();
    // An inline element whose parent is a leaf as well is part of it.
    let leaves: FxHashSet<NodeId> = inside.iter().chain(Some(root).filter(|root| leaf(root))).map(|node| node.id).collect();
    let own = |node: &&NodeRef<'a>| is_block(node) || node.parent().is_some_and(|parent| !leaves.contains(&parent.id));
    inside.iter().filter(own).cloned().collect()
}

/// Removes what is not of the article, and gives its byline where the text ended with one. `frame`
/// and `own_ends` are what the site is known to write into every body and behind it, folded.
pub(in crate::source) fn trim(root: &NodeRef<'_>, title: &str, frame: &[String], own_ends: &[String]) -> Option<String> {
    let title = text::fold(title);
    let all = blocks(root);
    let has_days = LazyCell::new(|| event::has_days(&all));
    let mut read = false;
    for block in &all {
        if !is_shorter(block, LONGEST + 1) {
            read = true;
            continue;
        }
        let line = line_of(block);
        let folded = text::fold(&line);
        let is_end = ends(&folded) || own_ends.contains(&folded);
        if is_end && (read || block.is_a(&local_name!("h3")) || stands_below_a_picture(root, block)) {
            cut(block, root, Side::After);
            remove(block);
            break;
        }
        let is_stamp = date::is_folded_stamp_line(&folded);
        if is_stamp && is_labelled(&line) {
            // With the pictures of its buttons.
            block.remove_from_parent();
        } else if is_stamp && (event::is_told(block, &line) || *has_days && read) {
            read = true;
        } else if frame.contains(&folded)
            || BOXES.contains(&folded.as_str())
            || (is_stamp || is_furniture(&line, &folded)) && !is_quoted(block)
            || folded == title
            || is_file_line(block, &line, &folded)
        {
            remove(block);
        } else {
            read = true;
        }
    }
    byline(root)
}

/// A notice may be nothing but the picture of a sheet.
fn stands_below_a_picture(root: &NodeRef<'_>, block: &NodeRef<'_>) -> bool {
    root.descendants_it().take_while(|node| node.id != block.id).any(|node| node.is_a(&local_name!("img")))
}

/// A quotation says itself when and by whom it was said.
fn is_quoted(block: &NodeRef<'_>) -> bool {
    block.ancestors_it(Some(3)).any(|above| above.is_a(&local_name!("blockquote")))
}

fn ends(folded: &str) -> bool {
    let heading = folded.trim_end_matches([':', '.', '…', '»', ' ']).trim_start_matches(['»', '>', '-', ' ']);
    let counted = heading.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()));
    let is_of_answers = |(named, _): (&str, &str)| ["binh luan", "y kien ban doc", "phan hoi"].contains(&named.trim_end());
    ENDS.contains(&heading)
        || counted.is_some_and(is_of_answers)
        || folded.len() < 90 && ["tong so diem cua bai viet", "click de danh gia"].iter().any(|end| folded.starts_with(end))
}

fn is_furniture(line: &str, folded: &str) -> bool {
    let label = || folded.chars().count() < 90 && LABELS.iter().any(|label| folded.starts_with(label));
    let says =
        |words: &LazyLock<Option<Regex>>, most: usize| folded.len() < most && words.as_ref().is_some_and(|words| words.is_match(folded));
    FURNITURE.contains(&folded.trim_end_matches([':', '.']))
        || label()
        || is_toolbar(folded)
        || says(&BOILERPLATE, 200)
        || ["newsletter", "mailing list"].iter().any(|words| folded.contains(words)) && says(&NEWSLETTER, 200)
        || says(&BYLINE, 80) && !line.ends_with(['.', '!', '?', ':'])
}

/// "Ngày đăng: 17/09/2019 16:30 | Lượt xem: 261 In bài viết Cỡ chữ: A- A A+".
fn is_toolbar(folded: &str) -> bool {
    let left = |tools: &Regex| {
        let rest = tools.replace_all(folded, " ");
        rest.split(|c: char| !c.is_ascii_alphanumeric()).all(|word| word == "a" || word.bytes().all(|b| b.is_ascii_digit()))
    };
    folded.len() < 160 && TOOL.iter().any(|tool| folded.contains(tool)) && TOOLS.as_ref().is_some_and(left)
}

/// Only links to files, and at most a label before them.
fn is_file_line(block: &NodeRef<'_>, line: &str, folded: &str) -> bool {
    let anchors: Vec<NodeRef<'_>> = block.descendants_it().filter(|inner| inner.is_a(&local_name!("a"))).collect();
    let is_file =
        |anchor: &NodeRef<'_>| link::media_type_written(&anchor.attr_or("href", "")).is_some_and(|kind| !kind.starts_with("image/"));
    if anchors.is_empty() {
        return ATTACHED.contains(&folded.trim_end_matches([':', ' ']));
    }
    if !anchors.iter().all(is_file) {
        return false;
    }
    let linked = anchors.iter().fold(line.to_owned(), |rest, anchor| rest.replacen(&line_of(anchor), "", 1));
    let rest = text::fold(&linked);
    let rest = SIZE.as_ref().map_or(rest.as_str().into(), |size| size.replace_all(&rest, ""));
    let rest = rest.trim_matches([':', ';', ',', '-', '•', '.', ' ']);
    rest.is_empty() || ATTACHED.contains(&rest)
}

fn remove(block: &NodeRef<'_>) {
    let pictured = block.descendants_it().any(|inner| inner.is_a(&local_name!("img")));
    if !pictured {
        block.remove_from_parent();
    }
}

/// A lone name at the end of the text, or right behind it.
fn byline(root: &NodeRef<'_>) -> Option<String> {
    let all = blocks(root);
    let last = all.last().filter(|last| length(last) < LONGEST && length(root) > length(last));
    last.and_then(|last| last_line(root, last)).or_else(|| behind(root))
}

/// The name that the last block is, which is taken away with it.
fn last_line(root: &NodeRef<'_>, last: &NodeRef<'_>) -> Option<String> {
    let line = line_of(last);
    if !line_of(root).ends_with(&line) || event::is_in_table(last) {
        return None;
    }
    let name = named_in(last).or_else(|| Some(bare(&line)).filter(|name| is_signed(last, name)).map(str::to_owned))?;
    last.remove_from_parent();
    Some(name)
}

/// A name on the right that stands below the element of the text.
fn behind(root: &NodeRef<'_>) -> Option<String> {
    let next = root.next_element_sibling().filter(|next| is_on_the_right(next) && length(next) < LONGEST)?;
    named_in(&next)
}

/// The name in a block that has nothing but a name, with its label, and a line that tells the source.
fn named_in(block: &NodeRef<'_>) -> Option<String> {
    let said = block.formatted_text();
    let lines = said.lines().map(text::line).filter(|line| !line.is_empty());
    let is_source = |line: &String| text::fold(line).trim_start_matches(['(', ' ']).starts_with("nguon:");
    let rest: Vec<String> = lines.filter(|line| !is_source(line)).collect();
    let [only] = rest.as_slice() else { return None };
    let name = bare(only);
    is_name(name).then(|| name.to_owned())
}

/// A name without its label and the signs around it.
fn bare(line: &str) -> &str {
    let signs = ['.', '/', '(', ')', ' '];
    author::without_credit(line.trim_matches(signs)).trim_matches(signs)
}

/// A short line on the right at the end is who wrote it, also where that is an office.
fn is_signed(block: &NodeRef<'_>, line: &str) -> bool {
    is_on_the_right(block) && line.chars().count() <= 60 && !line.contains(['.', '!', '?', ':', ';'])
}

fn is_on_the_right(block: &NodeRef<'_>) -> bool {
    let style = block.attr_or("style", "").replace(' ', "").to_lowercase();
    let class = block.attr_or("class", "").to_lowercase();
    let named = ["text-right", "align-right", "rteright", "text-end"].iter().any(|name| class.contains(name));
    named || style.contains("text-align:right") || block.attr_or("align", "").eq_ignore_ascii_case("right")
}

fn is_name(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let capital = |word: &&str| {
        word.chars().next().is_some_and(char::is_uppercase) && word.chars().all(|c| c.is_alphabetic() || c == '.' || c == '-')
    };
    let shouted = line.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
    (2..=5).contains(&words.len()) && line.chars().count() <= 40 && words.iter().all(capital) && !shouted
}

/// The lead: the first block, when it is bold or named as one.
pub(in crate::source) fn lead(root: &NodeRef<'_>) -> Option<String> {
    let all = blocks(root);
    let first = all.first().filter(|_| all.len() > 1)?;
    let line = line_of(first);
    (line.chars().count() >= 30 && (is_bold(first) || is_named_lead(first))).then_some(line)
}

fn is_bold(block: &NodeRef<'_>) -> bool {
    let style = block.attr_or("style", "").replace(' ', "").to_lowercase();
    let bold: usize = block
        .descendants_it()
        .filter(|inner| inner.is_a(&local_name!("b")) || inner.is_a(&local_name!("strong")))
        .map(|inner| length(&inner))
        .sum();
    style.contains("font-weight:bold") || style.contains("font-weight:700") || bold * 10 >= length(block) * 9
}

/// Whether a name is one that leads get, in lower case.
pub(in crate::source) fn calls_a_lead(name: &str) -> bool {
    const NAMES: &[&str] =
        &["sapo", "lead", "hometext", "desc", "summary", "mota", "mo-ta", "tomtat", "tom-tat", "trich-yeu", "trichyeu", "intro"];
    NAMES.iter().any(|known| name.contains(known))
}

fn is_named_lead(block: &NodeRef<'_>) -> bool {
    let is = |node: &NodeRef<'_>| {
        let names = format!("{} {}", node.attr_or("class", ""), node.attr_or("itemprop", "")).to_lowercase();
        calls_a_lead(&names)
    };
    is(block) || block.parent().is_some_and(|parent| is(&parent) && length(&parent) < length(block) + 20)
}
