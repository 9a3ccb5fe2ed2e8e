//! Entries as messages in Telegram's HTML (Bot API, "HTML style"). All text is cut while it is
//! plain, so no tag or grapheme ever breaks; limits count UTF-16 units after entities, which is
//! never less than what the server counts.

use teloxide::utils::html::{bold, escape};
use url::{Host, Url};

use super::plain;
use crate::channel::{Face, Message, Notice, Noticed, template};
use crate::entry::{Enclosure, Entry};
use crate::phrases;
use crate::text;

/// A message's text.
pub(super) const TEXT: usize = 4096;
/// A picture's caption.
const CAPTION: usize = 1024;
/// Messages for one entry; what is longer is read on the site.
const PARTS: usize = 3;
/// Attachments that are listed.
const FILES: usize = 10;
/// Longer addresses are left out: no button takes them.
const ADDRESS: usize = 1000;
/// Links in one message: the server drops entities beyond about 100.
const LINKS: usize = 80;
/// Bytes of addresses in one message: the server refuses entities beyond about 9,500 in all.
const LINK_BYTES: usize = 6000;

/// What a template may count on.
pub(super) const FACE: Face = Face {
    escape,
    seen: unmarked,
    size: |html| text::utf16_len(&unmarked(html)),
    limit: TEXT,
    caption: CAPTION,
    lists: true,
    put: template::put,
};

/// A piece of a message: what people see, and the same in markup.
#[derive(Debug, Clone, Default)]
struct Piece {
    plain: String,
    html: String,
}

impl Piece {
    fn plain(text: String) -> Self {
        Self { html: escape(&text), plain: text }
    }

    fn bold(text: String) -> Self {
        Self { html: bold(&escape(&text)), plain: text }
    }

    /// A link, or the text alone where Telegram would drop the link without a word.
    fn link(text: String, url: &Url) -> Self {
        if !takes(url) {
            return Self::plain(text);
        }
        let html = format!("<a href=\"{}\">{}</a>", escape(url.as_str()).replace('"', "&quot;"), escape(&text));
        Self { plain: text, html }
    }

    fn join(pieces: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut whole = Self::default();
        for piece in pieces.into_iter().filter(|piece| !piece.plain.is_empty()) {
            let between = if whole.plain.is_empty() { "" } else { between };
            whole.plain = whole.plain + between + &piece.plain;
            whole.html = whole.html + between + &piece.html;
        }
        whole
    }

    fn len(&self) -> usize {
        text::utf16_len(&self.plain)
    }
}

/// Lays out one message or more for each entry, or lists of them all for a digest.
pub(super) fn render(notice: &Notice<'_>) -> Vec<Message> {
    if notice.digest {
        return digest(notice);
    }
    let all = notice.entries.iter().enumerate();
    all.flat_map(|(index, noticed)| article(noticed, notice).into_iter().map(move |m| Message { covers: index..index + 1, ..m })).collect()
}

fn article(noticed: &Noticed, notice: &Notice<'_>) -> Vec<Message> {
    let entry = &noticed.entry;
    let head = Piece::join([Piece::bold(plain::title(noticed, notice)), Piece::plain(plain::byline(noticed, notice))], "\n");
    let tail = tail(noticed, notice);
    let body = plain::whole(entry);
    let whole = Piece::join([head.clone(), Piece::plain(body.clone()), tail.clone()], "\n\n");
    if let Some(image) = picture(entry).filter(|_| whole.len() <= CAPTION) {
        return finished(vec![whole], Some(image), noticed, notice);
    }
    if whole.len() <= TEXT {
        return finished(vec![whole], None, noticed, notice);
    }
    finished(parts(&head, &body, tail, noticed, notice), None, noticed, notice)
}

/// An entry too long for one message: the head stands in the first part, the tail in the last.
fn parts(head: &Piece, body: &str, tail: Piece, noticed: &Noticed, notice: &Notice<'_>) -> Vec<Piece> {
    let read_on = Piece::join([Piece::plain("…".into()), Piece::link(phrases::read_on(notice.language).into(), &noticed.link)], " ");
    let room = TEXT.saturating_sub(tail.len() + read_on.len() + 4);
    let flat = format!("{}\n\n{body}", head.plain);
    let mut texts = text::split(&flat, room);
    let cut = texts.len() > PARTS;
    texts.truncate(PARTS);
    let mut pieces: Vec<Piece> = texts.into_iter().map(|text| headed(head, text)).collect();
    if let Some(last) = pieces.last_mut() {
        let more = if cut { read_on } else { Piece::default() };
        *last = Piece::join([Piece::join([last.clone(), more], "\n"), tail], "\n\n");
    }
    pieces
}

/// The text in markup; where it begins with the head, that keeps its own.
fn headed(head: &Piece, text: String) -> Piece {
    let rest = text.strip_prefix(&head.plain).map(escape);
    let html = rest.map_or_else(|| escape(&text), |rest| format!("{}{rest}", head.html));
    Piece { html, plain: text }
}

/// The picture on the first message, the button on the last.
fn finished(pieces: Vec<Piece>, image: Option<Url>, noticed: &Noticed, notice: &Notice<'_>) -> Vec<Message> {
    let last = pieces.len().saturating_sub(1);
    let button = takes(&noticed.link).then(|| (phrases::read_original(notice.language).to_owned(), noticed.link.clone()));
    let message = |(index, piece): (usize, Piece)| Message {
        text: piece.html,
        image: image.clone().filter(|_| index == 0),
        document: None,
        link: button.clone().filter(|_| index == last),
        silent: notice.silent,
        reply_to: None,
        covers: 0..1,
    };
    pieces.into_iter().enumerate().map(message).collect()
}

/// Attachments, hashtags, and the address where no button can hold it.
fn tail(noticed: &Noticed, notice: &Notice<'_>) -> Piece {
    let files = noticed.entry.attachments.iter().filter(|file| fits(&file.url)).take(FILES).map(attachment);
    let files = Piece::join(files, "\n");
    let files = if files.plain.is_empty() {
        files
    } else {
        Piece::join([Piece::plain(format!("{}:", phrases::attachments(notice.language))), files], "\n")
    };
    let address = Some(&noticed.link).filter(|url| !takes(url) && fits(url));
    let address = address.map(|url| Piece::plain(url.to_string())).unwrap_or_default();
    Piece::join([files, Piece::plain(plain::hashtags(&noticed.entry.categories)), address], "\n\n")
}

fn attachment(file: &Enclosure) -> Piece {
    Piece::join([Piece::plain("•".into()), Piece::link(plain::attachment(file), &file.url)], " ")
}

fn picture(entry: &Entry) -> Option<Url> {
    entry.images.iter().map(|image| &image.url).find(|url| takes(url)).cloned()
}

/// Whether Telegram takes this address in a link or a button: by `http` or `https`, and a host
/// with a dot or an IP address (tdlib `LinkManager.cpp`).
pub(super) fn takes(url: &Url) -> bool {
    let host = match url.host() {
        Some(Host::Domain(name)) => name.trim_matches('.').contains('.'),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    };
    host && matches!(url.scheme(), "http" | "https") && fits(url)
}

fn fits(url: &Url) -> bool {
    url.as_str().len() <= ADDRESS
}

/// All titles in as few messages as the limits allow, numbered through.
fn digest(notice: &Notice<'_>) -> Vec<Message> {
    let head = Piece::bold(plain::list_head(notice));
    let mut messages = Vec::new();
    let mut page = Page { piece: head, start: 0, end: 0, links: 0, bytes: 0 };
    for (index, noticed) in notice.entries.iter().enumerate() {
        let row = |start| Piece::join([group(index, start, notice), row(index, noticed, notice)], "\n\n");
        let bytes = noticed.link.as_str().len();
        if page.end > page.start && !page.has_room(&row(page.start), bytes) {
            messages.push(page.message(notice));
            page = Page { piece: Piece::default(), start: index, end: index, links: 0, bytes: 0 };
        }
        page.add(row(page.start), bytes);
    }
    messages.push(page.message(notice));
    messages
}

fn group(index: usize, start: usize, notice: &Notice<'_>) -> Piece {
    plain::group(index, start, notice).map(Piece::bold).unwrap_or_default()
}

fn row(index: usize, noticed: &Noticed, notice: &Notice<'_>) -> Piece {
    let title = Piece::link(plain::title(noticed, notice), &noticed.link);
    let title = Piece::join([Piece::plain(format!("{}.", index + 1)), title], " ");
    let address = Some(&noticed.link).filter(|url| !takes(url) && fits(url)).map(ToString::to_string);
    let rest = [plain::time(noticed, notice), address].into_iter().flatten().map(Piece::plain);
    Piece::join(std::iter::once(title).chain(rest), "\n")
}

/// One message of a digest while it fills.
struct Page {
    piece: Piece,
    start: usize,
    end: usize,
    links: usize,
    bytes: usize,
}

impl Page {
    fn has_room(&self, row: &Piece, bytes: usize) -> bool {
        self.piece.len() + 2 + row.len() <= TEXT && self.links < LINKS && self.bytes + bytes <= LINK_BYTES
    }

    fn add(&mut self, row: Piece, bytes: usize) {
        self.piece = Piece::join([std::mem::take(&mut self.piece), row], "\n\n");
        self.end += 1;
        self.links += 1;
        self.bytes += bytes;
    }

    fn message(self, notice: &Notice<'_>) -> Message {
        Message { text: self.piece.html, silent: notice.silent, covers: self.start..self.end, ..Message::default() }
    }
}

/// The text of a message of ours without its markup, as Telegram shows it.
pub(super) fn unmarked(html: &str) -> String {
    // A line end is white space to a parser of HTML, but a line end to Telegram.
    crate::html::to_text(&html.replace('\n', "<br>"))
}
