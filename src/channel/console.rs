//! Prints each notification to standard output, to try things out: plain lines, in reading order,
//! without boxes or colours, so that a screen reader reads it as it stands.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Deserialize;
use unicode_segmentation::UnicodeSegmentation;

use super::{Channel, Checked, Face, Kind, Message, Notice, Noticed, Pace, SendError, plain, template};
use crate::outbox::Sent;
use crate::phrases;
use crate::subscription::Address;
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "console",
    about: "In tin ra màn hình, để xem thử · Prints to the screen, to try things out",
    example: "[[channels]]\nname = \"console\"\nkind = \"console\"\n",
    build: |keys, _| {
        Config::deserialize(keys)?;
        Ok(Arc::new(Console::new(Box::new(io::stdout()))))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

/// Lines are this long at most, in characters as people see them.
const COLUMNS: usize = 80;
/// A lead longer than this is cut (UTF-16 units).
const LEAD: usize = 600;

struct Console {
    out: Arc<Mutex<Box<dyn Write + Send>>>,
}

impl Console {
    fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out: Arc::new(Mutex::new(out)) }
    }
}

#[async_trait]
impl Channel for Console {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        if notice.digest {
            return vec![message(digest(notice), None, notice.silent, 0..notice.entries.len())];
        }
        let one = |(index, noticed): (usize, &Noticed)| {
            let link = (phrases::read_original(notice.language).to_owned(), noticed.link.clone());
            message(article(noticed, notice), Some(link), notice.silent, index..index + 1)
        };
        notice.entries.iter().enumerate().map(one).collect()
    }

    fn face(&self) -> Option<Face> {
        let (limit, put) = (20_000, template::put);
        Some(Face { escape: str::to_owned, seen: str::to_owned, size: text::utf16_len, limit, caption: limit, lists: true, put })
    }

    fn pace(&self) -> Pace {
        Pace::default()
    }

    fn accepts(&self, _chat: &str) -> Result<(), String> {
        Ok(())
    }

    async fn send(&self, _to: &Address, message: &Message, _key: &str) -> Result<Sent, SendError> {
        let link = message.link.as_ref().map(|(label, url)| format!("\n{label}: {url}\n")).unwrap_or_default();
        let text = format!("{}{link}\n", message.text);
        let out = Arc::clone(&self.out);
        // A terminal that was stopped blocks the writer; the other channels must not wait for it.
        let written = tokio::task::spawn_blocking(move || print(&out, &text)).await.map_err(io::Error::other).flatten();
        match written {
            Ok(()) => Ok(Sent::default()),
            Err(error) => Err(SendError::Retry { after: None, cause: phrases::console_closed(&error) }),
        }
    }

    async fn check(&self, _of: &[Address]) -> Vec<Checked> {
        vec![Checked { of: None, holds: Some(true), told: phrases::check_screen() }]
    }
}

fn print(out: &Mutex<Box<dyn Write + Send>>, text: &str) -> io::Result<()> {
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn message(text: String, link: Option<(String, url::Url)>, silent: bool, covers: std::ops::Range<usize>) -> Message {
    Message { text, link, silent, covers, ..Message::default() }
}

fn article(noticed: &Noticed, notice: &Notice<'_>) -> String {
    let mut text = format!("{}\n", wrapped(&plain::title(noticed, notice), ""));
    push_block(&mut text, "", &wrapped(&plain::byline(noticed, notice), ""));
    push_block(&mut text, "\n", &wrapped(&text::cut(&plain::lead(&noticed.entry), LEAD), ""));
    let files: Vec<String> = noticed.entry.attachments.iter().map(attachment).collect();
    if !files.is_empty() {
        push_block(&mut text, "\n", &format!("{}:\n{}", phrases::attachments(notice.language), files.join("\n")));
    }
    text
}

fn digest(notice: &Notice<'_>) -> String {
    let mut text = format!("{}\n", wrapped(&plain::list_head(notice), ""));
    for (index, noticed) in notice.entries.iter().enumerate() {
        push_block(&mut text, "\n", &wrapped(&plain::group(index, 0, notice).unwrap_or_default(), ""));
        push_block(&mut text, "\n", &wrapped(&format!("{}. {}", index + 1, plain::title(noticed, notice)), "   "));
        push_block(&mut text, "   ", &plain::time(noticed, notice).unwrap_or_default());
        push_block(&mut text, "   ", noticed.link.as_str());
    }
    text
}

fn attachment(file: &crate::entry::Enclosure) -> String {
    let title = file.title.as_deref().map(text::line).filter(|title| plain::is_visible(title));
    title.map_or_else(|| format!("- {}", file.url), |title| format!("- {title}: {}", file.url))
}

fn push_block(text: &mut String, before: &str, block: &str) {
    if !block.is_empty() {
        text.push_str(before);
        text.push_str(block);
        text.push('\n');
    }
}

/// Breaks long lines between words; a word longer than a line stays whole. Lines after the first
/// begin with `indent`.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = if lines.is_empty() { String::new() } else { indent.to_owned() };
        let mut empty = true;
        for word in paragraph.split_whitespace() {
            if !empty && columns(&line) + 1 + columns(word) > COLUMNS {
                lines.push(std::mem::replace(&mut line, indent.to_owned()));
                empty = true;
            }
            line.push_str(if empty { "" } else { " " });
            line.push_str(word);
            empty = false;
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

fn columns(text: &str) -> usize {
    text.graphemes(true).count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn hello() -> Message {
        let link = ("Xem bài gốc".to_owned(), "https://a.example/1".parse().unwrap());
        message("Họp tổ dân phố\n".into(), Some(link), false, 0..1)
    }

    #[tokio::test]
    async fn a_message_is_printed_with_its_link() {
        let paper = Paper::default();
        let console = Console::new(Box::new(paper.clone()));
        assert_eq!(console.send(&Address::new("console", "all"), &hello(), "k").await, Ok(Sent::default()));
        let printed = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert_eq!(printed, "Họp tổ dân phố\n\nXem bài gốc: https://a.example/1\n\n");
    }

    #[tokio::test]
    async fn a_closed_output_is_tried_again() {
        let console = Console::new(Box::new(Closed));
        let told = console.send(&Address::new("console", "all"), &hello(), "k").await;
        assert!(matches!(told, Err(SendError::Retry { after: None, .. })), "{told:?}");
    }

    #[test]
    fn lines_break_between_words_only() {
        let check = |text: &str, want: &str| assert_eq!(wrapped(text, "  "), want);
        check("ngắn", "ngắn");
        check(&format!("{} b", "a".repeat(79)), &format!("{}\n  b", "a".repeat(79)));
        check(&format!("{} b", "ạ".repeat(78)), &format!("{} b", "ạ".repeat(78)));
        check(&"x".repeat(200), &"x".repeat(200));
        check("một\n\nhai", "một\n\n  hai");
    }
}
