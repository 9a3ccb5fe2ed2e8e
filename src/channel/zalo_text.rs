//! Entries as Zalo shows them: plain text, since scraped words need no escaping there. One message
//! for an entry, however long: what does not fit is read on the site, for messages are few.

use std::ops::Range;

use url::Url;

use super::{Notice, Noticed, plain};
use crate::entry::{Enclosure, Entry};
use crate::phrases;
use crate::text;

/// A message's text and a picture's caption (UTF-16 units, never less than what Zalo counts).
pub(super) const TEXT: usize = 2000;
/// A title within a message.
const TITLE: usize = 300;
/// Attachments that are listed.
const FILES: usize = 5;
/// Longer addresses are left out: they would be all that is seen.
const ADDRESS: usize = 500;

/// One message in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) text: String,
    /// The length of the title or head at the start of the text, in UTF-16 units.
    pub(super) head: usize,
    pub(super) covers: Range<usize>,
}

/// One note for each entry, or lists of them all for a digest.
///
/// A list carries `most` entries at most.
pub(super) fn notes(notice: &Notice<'_>, most: usize) -> Vec<Note> {
    if notice.digest {
        return digest(notice, most);
    }
    notice.entries.iter().enumerate().map(|(index, noticed)| article(index, noticed, notice)).collect()
}

/// The first picture that Zalo could fetch by its address.
pub(super) fn picture(entry: &Entry) -> Option<Url> {
    entry.images.iter().map(|image| &image.url).find(|url| is_web(url)).cloned()
}

fn article(index: usize, noticed: &Noticed, notice: &Notice<'_>) -> Note {
    let title = text::cut(&plain::title(noticed, notice), TITLE);
    let head = join([title.clone(), plain::byline(noticed, notice)], "\n");
    let body = plain::whole(&noticed.entry);
    let whole = join([head.clone(), body.clone(), tail(noticed, notice, phrases::read_original(notice.language))], "\n\n");
    let text = if text::utf16_len(&whole) <= TEXT { whole } else { shortened(head, &body, noticed, notice) };
    Note { head: text::utf16_len(&title), text, covers: index..index + 1 }
}

/// As much of the body as fits between the head and the way to the rest.
fn shortened(head: String, body: &str, noticed: &Noticed, notice: &Notice<'_>) -> String {
    let tail = tail(noticed, notice, phrases::read_on(notice.language));
    let room = TEXT.saturating_sub(text::utf16_len(&head) + text::utf16_len(&tail) + 4);
    join([head, text::cut(body, room), tail], "\n\n")
}

/// Attachments, and the address behind `label`.
fn tail(noticed: &Noticed, notice: &Notice<'_>, label: &str) -> String {
    let files = noticed.entry.attachments.iter().filter(|file| is_web(&file.url)).take(FILES).map(attachment);
    let files = join(files, "\n");
    let files = if files.is_empty() { files } else { format!("{}:\n{files}", phrases::attachments(notice.language)) };
    let address = Some(&noticed.link).filter(|url| is_web(url)).map(|url| format!("{label}: {url}")).unwrap_or_default();
    let both = join([files, address.clone()], "\n\n");
    // Attachments that leave no room for the text itself are found on the site.
    if text::utf16_len(&both) <= TEXT / 2 { both } else { address }
}

fn attachment(file: &Enclosure) -> String {
    let title = file.title.as_deref().map(text::line).filter(|title| plain::is_visible(title));
    title.map_or_else(|| format!("• {}", file.url), |title| format!("• {}: {}", text::cut(&title, TITLE), file.url))
}

/// All titles in as few messages as the limit allows, numbered through.
fn digest(notice: &Notice<'_>, most: usize) -> Vec<Note> {
    let head = plain::list_head(notice);
    let mut notes: Vec<Note> = Vec::new();
    let mut note = Note { head: text::utf16_len(&head), text: head, covers: 0..0 };
    for (index, noticed) in notice.entries.iter().enumerate() {
        let row = |start| join([plain::group(index, start, notice).unwrap_or_default(), row(index, noticed, notice)], "\n\n");
        let longer = join([note.text.clone(), row(note.covers.start)], "\n\n");
        if !note.covers.is_empty() && (note.covers.len() >= most || text::utf16_len(&longer) > TEXT) {
            notes.push(note);
            note = Note { head: 0, text: row(index), covers: index..index + 1 };
        } else {
            note = Note { text: longer, covers: note.covers.start..index + 1, ..note };
        }
    }
    notes.push(note);
    notes
}

fn row(index: usize, noticed: &Noticed, notice: &Notice<'_>) -> String {
    let title = text::cut(&plain::title(noticed, notice), TITLE);
    let when = plain::time(noticed, notice);
    let address = Some(&noticed.link).filter(|url| is_web(url)).map(ToString::to_string);
    join([Some(format!("{}. {title}", index + 1)), when, address].into_iter().flatten(), "\n")
}

fn join(parts: impl IntoIterator<Item = String>, between: &str) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host() && url.as_str().len() <= ADDRESS
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::entry::Guid;
    use crate::phrases::Language;

    fn noticed(title: &str, html: &str) -> Noticed {
        let link: Url = "https://thoquan.example/tin/1".parse().unwrap();
        let mut entry = Entry::new(Guid::new(link.as_str()), title);
        entry.content_html = html.to_owned();
        Noticed { entry, link, source_title: "Phường Thổ Quan".to_owned() }
    }

    fn laid_out(entries: &[Noticed], digest: bool) -> Vec<Note> {
        let zone = chrono_tz::Asia::Ho_Chi_Minh;
        notes(
            &Notice {
                feed: None,
                feed_title: "Phường Thổ Quan",
                entries,
                digest,
                silent: false,
                urgent: false,
                language: Language::Vi,
                zone,
            },
            usize::MAX,
        )
    }

    #[test]
    fn a_long_text_is_cut_at_a_word_and_read_on_elsewhere() {
        let entry = noticed("Lịch cắt điện", &format!("<p>{}</p>", "cắt điện từ tám giờ ".repeat(300)));
        let note = laid_out(&[entry], false).remove(0);
        assert!((1900..=TEXT).contains(&text::utf16_len(&note.text)), "{}", text::utf16_len(&note.text));
        assert!(note.text.ends_with("…\n\nĐọc tiếp: https://thoquan.example/tin/1"), "{}", note.text);
        assert_eq!(note.head, 13);
    }

    #[test]
    fn a_digest_numbers_through_its_parts_and_carries_each_entry_once() {
        let entries: Vec<Noticed> = (0..60).map(|n| noticed(&format!("Thông báo số {n} của phường"), "")).collect();
        let notes = laid_out(&entries, true);
        let covered: Vec<usize> = notes.iter().flat_map(|note| note.covers.clone()).collect();
        assert_eq!(covered, (0..60).collect::<Vec<_>>());
        assert!(notes.iter().all(|note| text::utf16_len(&note.text) <= TEXT));
        assert!(notes[1].text.starts_with(&format!("{}. Thông báo", notes[1].covers.start + 1)));
    }

    #[test]
    fn a_title_of_a_megabyte_leaves_room_for_its_address() {
        let note = laid_out(&[noticed(&"Thông báo dài ".repeat(80_000), "<p>Nội dung.</p>")], false).remove(0);
        assert!(text::utf16_len(&note.text) <= TEXT && note.text.contains("thoquan.example"), "{}", note.text);
    }
}
