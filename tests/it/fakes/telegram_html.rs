//! Telegram's HTML, read as the server reads it: the text and its spans, or the exact error text.

use super::telegram_link::{checked_link, mentioned_user};

/// A stretch of the text with a meaning, in characters (Unicode scalars).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The Bot API's name: `bold`, `text_link`, `pre` …
    pub(crate) kind: &'static str,
    /// The link, the language, the user or the emoji.
    pub(crate) value: String,
    /// First character.
    pub(crate) start: usize,
    /// One past the last character.
    pub(crate) end: usize,
}

struct Open {
    tag: String,
    value: String,
    start: usize,
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    out: Vec<char>,
    open: Vec<Open>,
    spans: Vec<Span>,
    half_surrogate: bool,
}

const TAGS: [&str; 18] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "tg-time",
    "span",
    "pre",
    "code",
    "blockquote",
    "",
];
const SURROGATES: &str = "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units";

/// Reads `source`; the error is what follows `Bad Request: can't parse entities: `.
pub(crate) fn parse(source: &str) -> Result<(Vec<char>, Vec<Span>), String> {
    let mut parser = Parser { source, at: 0, out: Vec::new(), open: Vec::new(), spans: Vec::new(), half_surrogate: false };
    parser.run()?;
    match parser.open.last() {
        Some(open) => Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag)),
        None if parser.half_surrogate => Err(SURROGATES.into()),
        None => Ok((parser.out, settle(parser.spans))),
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0)
}

impl Parser<'_> {
    /// The byte at the reading place; 0 at the end, as in a C string.
    fn byte(&self) -> u8 {
        self.source.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn from(&self, start: usize) -> &str {
        self.source.get(start..self.at).unwrap_or_default()
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.at < self.source.len() && wanted(self.byte()) {
            self.at += 1;
        }
    }

    fn next_char(&mut self) -> Option<char> {
        let next = self.source.get(self.at..)?.chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn run(&mut self) -> Result<(), String> {
        while self.at < self.source.len() {
            if self.byte() == b'<' {
                let begin = self.at;
                self.at += 1;
                if self.byte() == b'/' { self.end_tag(begin)? } else { self.start_tag(begin)? }
            } else if let Some(next) = self.entity().or_else(|| self.next_char()) {
                self.out.push(next);
            }
        }
        Ok(())
    }

    /// A character reference at the reading place, if it is one that Telegram decodes.
    fn entity(&mut self) -> Option<char> {
        let rest = self.source.get(self.at..)?.strip_prefix('&')?;
        let (code, length) = match rest.strip_prefix('#') {
            Some(number) => numeric(number)?,
            None => named(rest)?,
        };
        self.at += 1 + length;
        if self.byte() == b';' {
            self.at += 1;
        }
        self.half_surrogate |= (0xd800..=0xdfff).contains(&code);
        Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn start_tag(&mut self, begin: usize) -> Result<(), String> {
        self.skip(|b| !is_space(b) && b != b'>');
        if self.byte() == 0 {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        let tag = self.from(begin + 1).to_ascii_lowercase();
        if tag.is_empty() || !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let value = self.attributes(&tag, begin)?;
        if tag == "span" && value != "spoiler" {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.at += 1;
        self.open.push(Open { tag, value, start: self.out.len() });
        Ok(())
    }

    /// Reads up to the `>` and gives the one attribute value that the tag cares for.
    fn attributes(&mut self, tag: &str, begin: usize) -> Result<String, String> {
        let mut value = String::new();
        loop {
            self.skip(is_space);
            if self.byte() == b'>' {
                return Ok(value);
            }
            let start = self.at;
            self.skip(|b| !is_space(b) && !matches!(b, b'=' | b'>' | b'/' | b'"' | b'\''));
            let name = self.from(start).to_owned();
            if name.is_empty() {
                return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
            }
            self.skip(is_space);
            let given = if self.byte() == b'=' { Some(self.attribute_value(tag, begin)?) } else { None };
            if self.byte() == 0 {
                return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}"));
            }
            if let Some(meaning) = meaning(tag, &name, given) {
                value = meaning;
            }
        }
    }

    fn attribute_value(&mut self, tag: &str, begin: usize) -> Result<String, String> {
        self.at += 1;
        self.skip(is_space);
        let value = match self.byte() {
            0 => return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}")),
            quote @ (b'"' | b'\'') => self.quoted(quote),
            _ => self.token()?,
        };
        match self.byte() {
            0 => Err(format!("Unclosed start tag at byte offset {begin}")),
            _ => Ok(value),
        }
    }

    fn quoted(&mut self, quote: u8) -> String {
        self.at += 1;
        let mut value = String::new();
        while self.byte() != quote && self.byte() != 0 {
            value.extend(self.entity().or_else(|| self.next_char()));
        }
        self.at += usize::from(self.byte() == quote);
        value
    }

    fn token(&mut self) -> Result<String, String> {
        let start = self.at;
        self.skip(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
        if !is_space(self.byte()) && self.byte() != b'>' {
            return Err(format!("Unexpected end of name token at byte offset {start}"));
        }
        Ok(self.from(start).to_ascii_lowercase())
    }

    fn end_tag(&mut self, begin: usize) -> Result<(), String> {
        if self.open.is_empty() {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        }
        self.skip(|b| !is_space(b) && b != b'>');
        let found = self.from(begin + 2).to_ascii_lowercase();
        self.skip(is_space);
        if self.byte() != b'>' {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        let Some(open) = self.open.pop() else { return Ok(()) };
        if !found.is_empty() && found != open.tag {
            return Err(format!("Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{found}>\"", open.tag));
        }
        self.close(open)
    }

    /// Turns a finished tag into a span; empty ones and refused links leave nothing.
    fn close(&mut self, open: Open) -> Result<(), String> {
        let (start, end) = (open.start, self.out.len());
        if start == end {
            return Ok(());
        }
        let (kind, value) = match open.tag.as_str() {
            "b" | "strong" => ("bold", String::new()),
            "i" | "em" => ("italic", String::new()),
            "u" | "ins" => ("underline", String::new()),
            "s" | "strike" | "del" => ("strikethrough", String::new()),
            "tg-spoiler" | "span" => ("spoiler", String::new()),
            "blockquote" if open.value.is_empty() => ("blockquote", String::new()),
            "blockquote" => ("expandable_blockquote", String::new()),
            "tg-time" => ("date_time", open.value),
            "tg-emoji" if open.value.parse::<i64>().is_ok_and(|id| id != 0) => ("custom_emoji", open.value),
            "tg-emoji" => return Err("Invalid custom emoji identifier specified".into()),
            "a" => return self.link(open.value, start).map_or(Ok(()), |(kind, value)| self.add(Span { kind, value, start, end })),
            code => return self.code(code == "pre", open.value, start, end),
        };
        self.add(Span { kind, value, start, end })
    }

    fn add(&mut self, span: Span) -> Result<(), String> {
        self.spans.push(span);
        Ok(())
    }

    fn link(&self, href: String, start: usize) -> Option<(&'static str, String)> {
        let shown = || self.out.iter().skip(start).collect();
        let url = if href.is_empty() { shown() } else { href };
        match mentioned_user(&url) {
            Some(user) => Some(("text_mention", user)),
            None => checked_link(&url).map(|url| ("text_link", url)),
        }
    }

    /// `<pre><code class="language-x">` (either way round) is one block with a language.
    fn code(&mut self, is_pre: bool, language: String, start: usize, end: usize) -> Result<(), String> {
        let kind = if is_pre { "pre" } else { "code" };
        let inner = self.spans.last_mut().filter(|s| (s.start, s.end) == (start, end));
        match inner {
            Some(inner) if is_pre && inner.kind == "code" && !inner.value.is_empty() => inner.kind = "pre",
            Some(inner) if !is_pre && inner.kind == "pre" && !language.is_empty() => inner.value = language,
            _ => self.spans.push(Span { kind, value: language, start, end }),
        }
        Ok(())
    }
}

/// What an attribute says, if this tag listens to it.
fn meaning(tag: &str, name: &str, value: Option<String>) -> Option<String> {
    match (tag, name, value) {
        ("blockquote", "expandable", _) => Some("expandable".into()),
        ("a", "href", Some(value)) | ("tg-emoji", "emoji-id", Some(value)) | ("tg-time", "unix", Some(value)) => Some(value),
        ("code", "class", Some(value)) => value.strip_prefix("language-").map(str::to_owned),
        ("span", "class", Some(value)) => value.strip_prefix("tg-").map(str::to_owned),
        _ => None,
    }
}

/// `#10;` and `#x1F600;` after the `#`: the code and how many bytes it took (with the `#`).
fn numeric(number: &str) -> Option<(u32, usize)> {
    let (digits, radix, prefix) = match number.strip_prefix('x') {
        Some(hex) => (hex, 16, 2),
        None => (number, 10, 1),
    };
    let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let code = u32::from_str_radix(digits.get(..length)?, radix).ok()?;
    (code != 0 && code < 0x10_ffff && 1 + prefix + length < 10).then_some((code, prefix + length))
}

fn named(rest: &str) -> Option<(u32, usize)> {
    let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let code = match rest.get(..length)? {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => return None,
    };
    Some((code.into(), length))
}

/// The server's order, and its rule that nothing lives inside code and no quote inside a quote.
fn settle(mut spans: Vec<Span>) -> Vec<Span> {
    spans.iter_mut().filter(|s| s.kind == "code").for_each(|s| s.value.clear());
    spans.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
    let code: Vec<_> = spans.iter().filter(|s| is_code(s)).map(|s| (s.start, s.end)).collect();
    let quotes: Vec<Span> = spans.iter().filter(|s| is_quote(s)).cloned().collect();
    spans.retain(|s| !is_quote(s) || !quotes.iter().any(|q| q != s && q.start <= s.start && s.end <= q.end));
    let cut = |span: Span| if is_code(&span) || is_quote(&span) { vec![span] } else { without(span, &code) };
    spans.into_iter().flat_map(cut).collect()
}

fn is_code(span: &Span) -> bool {
    matches!(span.kind, "code" | "pre")
}

fn is_quote(span: &Span) -> bool {
    span.kind.ends_with("blockquote")
}

/// What is left of `span` outside the code blocks.
fn without(span: Span, code: &[(usize, usize)]) -> Vec<Span> {
    let mut left = Vec::new();
    let mut start = span.start;
    for &(from, to) in code.iter().filter(|&&(from, to)| from < span.end && to > span.start) {
        left.push((start, from.max(start)));
        start = start.max(to);
    }
    left.push((start, span.end.max(start)));
    left.into_iter().filter(|(a, b)| a < b).map(|(start, end)| Span { start, end, ..span.clone() }).collect()
}
