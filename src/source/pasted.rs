//! A news page as somebody pasted it into a text file: what is title, date, byline, text, and
//! what is only the site around it.

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use pulldown_cmark::{Event, Tag, TagEnd};

use crate::charset::legacy;
use crate::date;
use crate::text;

/// An article as its file gives it.
#[derive(Debug, Default)]
pub(super) struct Article {
    pub(super) title: String,
    pub(super) published: Option<DateTime<FixedOffset>>,
    pub(super) author: Option<String>,
    pub(super) categories: Vec<String>,
    /// Lead and body, not sanitised yet.
    pub(super) html: String,
}

/// What a written date is understood by.
pub(super) struct Calendar {
    pub(super) zone: Tz,
    pub(super) now: DateTime<Utc>,
}

impl Calendar {
    /// The posting date in a short text.
    pub(super) fn read(&self, line: &str) -> Option<DateTime<FixedOffset>> {
        Some(line).filter(|line| line.len() <= LONGEST_STAMP).and_then(|line| date::parse(line, self.zone, self.now)).map(|stamp| stamp.at)
    }
}

/// Whether a line is nothing but a posting date. A long one is not even looked at: what the site
/// writes around an article is short, and a stranger's line may be millions of dates.
pub(super) fn is_stamp(line: &str) -> bool {
    line.len() <= LONGEST_STAMP && date::is_stamp_line(line)
}

/// A line, trimmed; `indent` is where it stood, in columns.
struct Line {
    text: String,
    indent: usize,
}

/// In bytes: dates, menus and bylines are shorter.
const LONGEST_STAMP: usize = 300;
/// A stamp line further down belongs to something else than the article.
const HEAD_LINES: usize = 10;
/// A title wrapped over more lines than this is no title.
const TITLE_LINES: usize = 3;
/// A name pushed this far to the right stands where a signature stands.
const FAR_RIGHT: usize = 20;
/// Longer lines are sentences, not names.
const LONGEST_NAME: usize = 60;
/// A line shorter than this ended because its writer wanted it to.
const SHORTEST_WRAPPED: usize = 50;
/// A line longer than this was not wrapped by a program.
const LONGEST_WRAPPED: usize = 120;
/// Longer titles are cut when stored, so their text is kept in the body too.
const LONGEST_TITLE: usize = 300;

/// Lines above the title that belong to the site, folded.
const HEADINGS: &[&str] = &[
    "tin tuc",
    "tin tuc moi nhat",
    "tin moi nhat",
    "tin moi",
    "tin tuc su kien",
    "tin tuc - su kien",
    "tin noi bat",
    "trang chu",
    "chi tiet tin",
    "chi tiet bai viet",
    "thong bao",
    "ban tin",
    "noi dung",
    "thong tin chung",
];
/// Lines after which the site lists other articles, folded.
const RELATED: &[&str] = &[
    "danh sach tin tuc",
    "danh sach tin",
    "tin lien quan",
    "bai viet lien quan",
    "cac tin lien quan",
    "tin khac",
    "cac tin khac",
    "tin tuc khac",
    "cac bai viet khac",
    "cac tin da dua",
    "tin cung chuyen muc",
    "cac tin moi hon",
    "cac tin cu hon",
    "cac tin cung chuyen muc",
    "tin moi hon",
    "tin cu hon",
];
/// Buttons at the foot of a page, folded.
const BUTTONS: &[&str] = &[
    "tro ve",
    "quay lai",
    "ve trang chu",
    "tro ve trang chu",
    "in trang",
    "in bai viet",
    "in tin nay",
    "ban in",
    "chia se",
    "gui email",
    "gui mail",
    "len dau trang",
    "ve dau trang",
    "dau trang",
    "xem them",
    "binh luan",
    "gui binh luan",
    "facebook",
    "zalo",
    "twitter",
    "tweet",
    "thich",
    "luu tin",
    "luu bai viet",
];
/// Words before a name, folded.
const BYLINES: &[&str] = &[
    "tac gia",
    "nguoi viet",
    "bai",
    "tin",
    "tin bai",
    "bai va anh",
    "bai, anh",
    "tin va anh",
    "tin, anh",
    "tin, bai",
    "bien tap",
    "thuc hien",
    "nguoi dang",
];
/// Bylines that name nobody, folded.
const DESKS: &[&str] = &["ban bien tap", "bbt", "ban quan tri", "to bien tap", "bo phan van hoa"];

/// Reads a text file. `None` when there is no line in it.
pub(super) fn read(text: &str, calendar: &Calendar) -> Option<Article> {
    let lines = lines(&legacy::repair(text));
    let head = head(&lines)?;
    let mut body: Vec<Line> = lines.into_iter().skip(head.body).skip_while(|line| is_counter(&line.text)).collect();
    let author = take_byline(&mut body);
    let mut paragraphs = paragraphs(&body);
    if head.title.chars().count() > LONGEST_TITLE {
        paragraphs.insert(0, vec![head.title.as_str()]);
    }
    let published = head.stamp.as_deref().and_then(|stamp| calendar.read(stamp));
    let html = markup(&paragraphs);
    Some(Article { title: head.title, published, author, categories: Vec::new(), html })
}

/// Plain text as paragraphs of HTML.
pub(super) fn to_html(text: &str) -> String {
    markup(&paragraphs(&lines(text)))
}

fn lines(text: &str) -> Vec<Line> {
    text::clean(text).lines().map(|raw| Line { text: text::line(raw), indent: indent(raw) }).collect()
}

fn indent(raw: &str) -> usize {
    raw.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 8 } else { 1 }).sum()
}

struct Head {
    title: String,
    stamp: Option<String>,
    /// The index of the first line behind it.
    body: usize,
}

fn head(lines: &[Line]) -> Option<Head> {
    stamp_at(lines).and_then(|at| stamped(lines, at)).or_else(|| unstamped(lines))
}

/// The index of the stamp line, with that of the title's first line above it.
fn stamp_at(lines: &[Line]) -> Option<usize> {
    let written = lines.iter().enumerate().filter(|(_, line)| !line.text.is_empty());
    let (at, stamp) = written.take(HEAD_LINES).find(|(_, line)| is_stamp(&line.text))?;
    let above = title_above(lines, at).map_or(0, |title| title.start);
    let only_site = lines.iter().take(above).all(|line| line.text.is_empty() || is_heading(&line.text));
    // A bare date further down is part of the text; a labelled one comes from the site itself.
    (only_site || is_labelled(&stamp.text)).then_some(at)
}

fn is_labelled(stamp: &str) -> bool {
    let folded = text::fold(stamp);
    ["dang", "cap nhat", "luot xem", "xuat ban", "dua tin"].iter().any(|word| folded.contains(word))
}

/// The title is the last block of lines above the stamp.
fn title_above(lines: &[Line], stamp: usize) -> Option<std::ops::Range<usize>> {
    let last = lines.iter().take(stamp).rposition(|line| !line.text.is_empty())?;
    let block = lines.iter().take(last + 1).rev().take(TITLE_LINES);
    let count = block.take_while(|line| !line.text.is_empty() && !is_heading(&line.text)).count().max(1);
    Some(last + 1 - count..last + 1)
}

fn stamped(lines: &[Line], stamp: usize) -> Option<Head> {
    let above = title_above(lines, stamp);
    let title = match &above {
        Some(title) => title.clone(),
        None => next_line(lines, stamp + 1)?,
    };
    let texts: Vec<&str> = lines.iter().take(title.end).skip(title.start).map(|line| line.text.as_str()).collect();
    let body = title.end.max(stamp + 1);
    Some(Head { title: texts.join(" "), stamp: lines.get(stamp).map(|line| line.text.clone()), body })
}

fn unstamped(lines: &[Line]) -> Option<Head> {
    let first = next_line(lines, 0)?;
    let site = lines.get(first.start).is_some_and(|line| is_heading(&line.text));
    let title = next_line(lines, first.end).filter(|_| site).unwrap_or(first);
    let text = lines.get(title.start)?.text.clone();
    Some(Head { title: text, stamp: None, body: title.end })
}

fn next_line(lines: &[Line], from: usize) -> Option<std::ops::Range<usize>> {
    let at = lines.iter().skip(from).position(|line| !line.text.is_empty())? + from;
    Some(at..at + 1)
}

/// Folded, without the ornaments around a menu entry; a long line is none.
fn bare(line: &str) -> String {
    if line.len() > LONGEST_STAMP {
        return line.to_owned();
    }
    text::fold(line).trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// Whether a line above the title belongs to the site: a section's name or the path to it.
pub(super) fn is_heading(line: &str) -> bool {
    let path = line.contains(" > ") || line.contains(" » ") || line.contains(" › ");
    path || HEADINGS.contains(&bare(line).as_str())
}

/// Whether other articles are listed from this line on.
pub(super) fn is_related(line: &str) -> bool {
    RELATED.contains(&bare(line).as_str())
}

/// Whether a line at the foot belongs to the site.
pub(super) fn is_navigation(line: &str) -> bool {
    let bare = bare(line);
    BUTTONS.contains(&bare.as_str()) || RELATED.contains(&bare.as_str()) || is_counter(line) || bare.is_empty()
}

fn is_counter(line: &str) -> bool {
    let folded = bare(line);
    folded.strip_prefix("luot xem").or_else(|| folded.strip_prefix("so lan xem")).is_some_and(|rest| !rest.contains(char::is_alphabetic))
}

/// Who wrote it, where a line of its own at the end says so.
pub(super) fn byline(line: &str) -> Option<String> {
    let labelled = line.split_once(':').filter(|(label, name)| BYLINES.contains(&bare(label).as_str()) && is_short(name.trim()));
    let desk = || DESKS.iter().any(|desk| bare(line).starts_with(desk)) && is_short(line);
    let name = || labelled.is_none() && (desk() || is_name(line));
    labelled.map(|(_, name)| name.trim()).or_else(|| name().then_some(line)).map(str::to_owned)
}

fn is_short(line: &str) -> bool {
    !line.is_empty() && line.chars().count() <= LONGEST_NAME && line.ends_with(|c: char| c.is_alphanumeric() || c == ')')
}

fn is_name(line: &str) -> bool {
    let words = line.split(' ').count();
    let capital = |word: &str| word.starts_with(char::is_uppercase) && word.chars().all(|c| c.is_alphabetic() || c == '-');
    (2..=5).contains(&words) && is_short(line) && line.split(' ').all(capital)
}

/// Takes the foot of the page off, and gives the byline that stood there.
fn take_byline(lines: &mut Vec<Line>) -> Option<String> {
    if let Some(at) = lines.iter().position(|line| is_related(&line.text)) {
        lines.truncate(at);
    }
    drop_foot(lines);
    let author = signature(lines)?;
    lines.pop();
    drop_foot(lines);
    Some(author)
}

fn drop_foot(lines: &mut Vec<Line>) {
    while lines.pop_if(|line| is_navigation(&line.text)).is_some() {}
}

fn signature(lines: &[Line]) -> Option<String> {
    let (last, above) = lines.split_last()?;
    let written = above.iter().filter(|line| !line.text.is_empty()).count();
    let alone = above.last().is_some_and(|line| line.text.is_empty()) || written == above.len();
    let far_right = last.indent >= FAR_RIGHT && is_short(&last.text);
    let named = || byline(&last.text).filter(|_| alone).or_else(|| far_right.then(|| last.text.clone()));
    if written > 0 { named() } else { None }
}

/// Split at blank lines; a text without any has a paragraph in every line.
fn paragraphs(lines: &[Line]) -> Vec<Vec<&str>> {
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).skip_while(|text| text.is_empty()).collect();
    let blocks = |texts: &[&'_ str]| texts.iter().any(|text| text.is_empty());
    if !blocks(&texts) {
        return texts.into_iter().map(|text| vec![text]).collect();
    }
    texts.split(|text| text.is_empty()).filter(|block| !block.is_empty()).map(<[&str]>::to_vec).collect()
}

/// Written by the Markdown library, so that it does the escaping.
fn markup(paragraphs: &[Vec<&str>]) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, paragraphs.iter().flat_map(|lines| paragraph(lines)));
    html
}

fn paragraph<'a>(lines: &[&'a str]) -> Vec<Event<'a>> {
    let mut events = vec![Event::Start(Tag::Paragraph)];
    let mut above: Option<&str> = None;
    for line in lines {
        events.extend(above.map(|above| join(above, line)));
        events.push(Event::Text((*line).into()));
        above = Some(line);
    }
    events.push(Event::End(TagEnd::Paragraph));
    events
}

/// A line that a program wrapped goes on; one that its writer ended stays ended.
fn join(above: &str, line: &str) -> Event<'static> {
    let wrapped = (SHORTEST_WRAPPED..=LONGEST_WRAPPED).contains(&above.chars().count()) && !is_list_line(line);
    if wrapped { Event::SoftBreak } else { Event::HardBreak }
}

fn is_list_line(line: &str) -> bool {
    let numbered = line
        .split_once(['.', ')'])
        .is_some_and(|(number, rest)| rest.starts_with(' ') && number.len() <= 3 && number.chars().all(char::is_alphanumeric));
    numbered || line.starts_with(['-', '+', '*', '•', '–', '—', '▪', '◦', '►'])
}

#[cfg(test)]
#[path = "pasted_tests.rs"]
mod tests;
