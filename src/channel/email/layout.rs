//! What a letter says: the article as the site has it, in markup that old phones can show, and the
//! same in plain words. Styles stand in the elements, for many readers drop a style sheet.

use askama::Template;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::channel::sheet::{self, Markup, Parts};
use crate::channel::{Face, Message, Notice, Noticed, plain};
use crate::html;
use crate::phrases;
use crate::text;

/// The longest article in a letter, in bytes of HTML and in UTF-16 units of plain text: some
/// readers cut letters above 102 KB. What is longer is read on the site.
const HTML: usize = 60_000;
const PLAIN: usize = 20_000;
/// A subject (UTF-16 units).
const SUBJECT: usize = 200;
/// A list in plain words: a digest of hundreds is one letter.
const LIST: Markup =
    Markup { escape: str::to_owned, bold: str::to_owned, link: |label, url| format!("{label}\n{url}"), size: str::len, limit: 200_000 };
const ONE: Markup = Markup { link: |label, url| format!("{label}: {url}"), limit: PLAIN, ..LIST };

/// What a template may count on: it writes plain text, which the HTML of the letter repeats.
pub(super) const FACE: Face =
    Face { escape: str::to_owned, seen: str::to_owned, size: text::utf16_len, limit: PLAIN, caption: PLAIN, lists: true, put };

/// A letter less what only its recipient decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sheet {
    /// Whose news it is; none where it belongs to no subscription.
    pub(super) feed: Option<String>,
    /// The feed's title.
    pub(super) list: String,
    pub(super) subject: String,
    pub(super) plain: String,
    pub(super) html: String,
    /// The words of the way out.
    pub(super) leave: String,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct One<'a> {
    title: &'a str,
    byline: &'a str,
    body: &'a str,
    files_label: &'a str,
    files: &'a [(String, Url)],
    link: Option<&'a (String, Url)>,
}

/// An entry in a list.
struct Row {
    title: String,
    url: Url,
    byline: String,
    lead: String,
}

#[derive(Template)]
#[template(path = "letter_list.html")]
struct Many<'a> {
    title: &'a str,
    rows: &'a [Row],
}

impl Sheet {
    /// The letter in a message that this channel laid out.
    pub(super) fn of(message: &Message) -> Option<Self> {
        serde_json::from_str(&message.text).ok()
    }
}

/// The words of a letter as these; its subject stays.
fn put(message: &mut Message, plain: String) {
    let Some(sheet) = Sheet::of(message) else { return };
    let html = paragraphs(&plain);
    message.text = serde_json::to_string(&Sheet { plain, html, ..sheet }).unwrap_or_default();
}

pub(super) fn render(notice: &Notice<'_>) -> Vec<Message> {
    if notice.digest {
        return lists(notice);
    }
    notice.entries.iter().enumerate().map(|(index, noticed)| message(&one(noticed, notice), index..index + 1, notice)).collect()
}

fn message(sheet: &Sheet, covers: std::ops::Range<usize>, notice: &Notice<'_>) -> Message {
    // Texts become JSON without fail.
    let text = serde_json::to_string(sheet).unwrap_or_default();
    Message { text, silent: notice.silent, covers, ..Message::default() }
}

fn sheet(notice: &Notice<'_>, subject: &str, plain: String, html: String) -> Sheet {
    Sheet {
        feed: notice.feed.map(ToString::to_string),
        list: text::cut(&text::line(notice.feed_title), SUBJECT),
        subject: text::cut(&text::line(subject), SUBJECT),
        plain,
        html,
        leave: phrases::email_leave(notice.language).to_owned(),
    }
}

fn one(noticed: &Noticed, notice: &Notice<'_>) -> Sheet {
    let parts = Parts::of(noticed, notice);
    let whole = plain::whole(&noticed.entry);
    let body = body(noticed, &whole);
    let is_whole = body.is_some();
    let body = body.unwrap_or_else(|| paragraphs(&text::cut(&whole, PLAIN)));
    let link = parts.link.clone().map(|(label, url)| (if is_whole { label } else { phrases::read_on(notice.language).to_owned() }, url));
    let page = One {
        title: &parts.title,
        byline: &parts.byline,
        body: &body,
        files_label: parts.files_label,
        files: &parts.files,
        link: link.as_ref(),
    };
    let html = page.render().unwrap_or_default();
    sheet(notice, &parts.title, parts.clone().marked(notice, &ONE), html)
}

/// The article's own markup after its lead; `None` where it is too long for a letter.
fn body(noticed: &Noticed, whole: &str) -> Option<String> {
    let markup = &noticed.entry.content_html;
    if markup.len() > HTML {
        return None;
    }
    let article = html::sanitise(markup, Some(&noticed.link));
    let said = html::to_text(&article);
    // The lead stands first where the article does not begin with it.
    let lead = whole.strip_suffix(said.as_str()).map(str::trim).filter(|lead| !lead.is_empty());
    Some(format!("{}{}", lead.map(paragraphs).unwrap_or_default(), styled(&article))).filter(|body| body.len() <= 2 * HTML)
}

/// Pictures that fit a small screen; everything else looks well without styles.
fn styled(article: &str) -> String {
    article.replace("<img ", "<img style=\"max-width:100%;height:auto\" ")
}

fn paragraphs(plain: &str) -> String {
    let lines = plain.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("<p>{}</p>", escaped(line))).collect()
}

fn escaped(plain: &str) -> String {
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn lists(notice: &Notice<'_>) -> Vec<Message> {
    let title = plain::list_head(notice);
    let letter = |(plain, covers): (String, std::ops::Range<usize>)| {
        let entries = notice.entries.get(covers.clone()).unwrap_or_default();
        let rows: Vec<Row> = entries.iter().map(|noticed| row(noticed, notice)).collect();
        let html = Many { title: &title, rows: &rows }.render().unwrap_or_default();
        message(&sheet(notice, &title, plain, html), covers, notice)
    };
    sheet::lists(notice, &LIST).into_iter().map(letter).collect()
}

fn row(noticed: &Noticed, notice: &Notice<'_>) -> Row {
    Row {
        title: text::cut(&plain::title(noticed, notice), SUBJECT),
        url: noticed.link.clone(),
        byline: plain::byline(noticed, notice),
        lead: text::cut(&text::line(noticed.entry.summary.as_deref().unwrap_or_default()), 300),
    }
}
