//! From the parameters `text`/`caption`, `parse_mode` and `entities` to what is shown.

use serde_json::{Value, json};

use super::telegram_call::{Params, Refused, bad};
use super::telegram_html::{Span, parse};

/// Raw bytes before parsing.
const RAW_BYTES: usize = 32_768;
/// Serialized bytes of all entities together.
const ENTITY_BYTES: usize = 9_500;
/// Formatting beyond this many entities is ignored.
const ENTITIES: usize = 100;

/// A stretch with a meaning, as in a `MessageEntity`: offsets in UTF-16 units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entity {
    /// `bold`, `text_link`, `pre` …
    pub(crate) kind: String,
    /// The link, the language, the user or the emoji.
    pub(crate) value: String,
    /// First UTF-16 unit.
    pub(crate) offset: usize,
    /// UTF-16 units.
    pub(crate) length: usize,
}

/// A text as readers see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) plain: String,
    pub(super) entities: Vec<Entity>,
    /// How many entities beyond the 100th were ignored.
    pub(super) ignored: usize,
}

/// Reads a text parameter (`text` or `caption`); `optional` ones may come out empty.
pub(super) fn read(params: &Params, name: &str, optional: bool) -> Result<Shown, Refused> {
    let raw = params.text(name).unwrap_or_default();
    if raw.is_empty() && !optional {
        return Err(bad("message text is empty"));
    }
    if raw.len() > RAW_BYTES {
        return Err(bad("text is too long"));
    }
    let (chars, spans) = by_mode(params, name, raw)?;
    let shown = clean(&chars, &spans);
    if shown.plain.chars().all(is_invisible) {
        return if optional { Ok(Shown::default()) } else { Err(bad("text must be non-empty")) };
    }
    bounded(shown)
}

fn by_mode(params: &Params, name: &str, raw: &str) -> Result<(Vec<char>, Vec<Span>), Refused> {
    match params.text("parse_mode").unwrap_or_default().to_ascii_lowercase().as_str() {
        "html" => parse(raw).map_err(|why| bad(&format!("can't parse entities: {why}"))),
        "" => Ok((raw.chars().collect(), given_entities(params, name, raw)?)),
        _ => Err(bad("unsupported parse_mode")),
    }
}

/// The `entities` parameter; what lies outside the text or between surrogates is refused.
fn given_entities(params: &Params, name: &str, raw: &str) -> Result<Vec<Span>, Refused> {
    let key = if name == "caption" { "caption_entities" } else { "entities" };
    let Some(list) = params.json(key)? else { return Ok(Vec::new()) };
    let entities = list.as_array().ok_or_else(|| bad("can't parse entities: expected an Array of MessageEntity"))?;
    let borders = utf16_borders(raw);
    entities.iter().map(|entity| one_entity(entity, &borders)).collect()
}

fn one_entity(entity: &Value, borders: &[usize]) -> Result<Span, Refused> {
    let number = |key: &str| entity.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let word = |key: &str| entity.get(key).and_then(Value::as_str).unwrap_or_default();
    let (Some(offset), Some(length)) = (number("offset"), number("length")) else {
        return Err(bad("can't parse MessageEntity: can't find field \"offset\" or \"length\""));
    };
    let kind =
        KINDS.iter().find(|kind| **kind == word("type")).ok_or_else(|| bad("can't parse MessageEntity: unsupported type specified"))?;
    let place = |unit: usize| borders.binary_search(&unit).ok();
    let (Some(start), Some(end)) = (place(offset), place(offset + length)) else {
        return Err(bad("entity beginning or end is outside the text or inside a UTF-16 symbol"));
    };
    let value = ["url", "language", "custom_emoji_id"].map(word).concat();
    Ok(Span { kind, value, start, end })
}

const KINDS: [&str; 13] = [
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "custom_emoji",
    "url",
    "hashtag",
];

/// The UTF-16 offset of every character, and of the end.
fn utf16_borders(text: &str) -> Vec<usize> {
    let mut sum = 0;
    let mut borders = vec![0];
    borders.extend(text.chars().map(|c| {
        sum += c.len_utf16();
        sum
    }));
    borders
}

/// What becomes of a character: kept, a space, or nothing.
fn cleaned(c: char) -> Option<char> {
    match c {
        '\r' | '\u{2028}'..='\u{202e}' | '\u{333}' | '\u{33f}' | '\u{30a}' => None,
        '\n' => Some('\n'),
        c if c < ' ' => Some(' '),
        c => Some(c),
    }
}

fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{fffc}')
}

/// Cleans and trims as the server does; spans move with their characters.
fn clean(chars: &[char], spans: &[Span]) -> Shown {
    let is_edge = |c: char| c == ' ' || c == '\n';
    let kept: Vec<Option<char>> = chars.iter().map(|c| cleaned(*c)).collect();
    let visible = |c: &Option<char>| c.is_some_and(|c| !is_edge(c));
    let first = kept.iter().position(visible).unwrap_or(kept.len());
    let last = kept.iter().rposition(visible).map_or(first, |last| last + 1);
    let (mut units, mut unit) = (vec![0], 0);
    let mut plain = String::new();
    for (index, c) in kept.iter().enumerate() {
        let stays = c.filter(|_| (first..last).contains(&index));
        unit += stays.map_or(0, char::len_utf16);
        units.push(unit);
        plain.extend(stays);
    }
    Shown { entities: spans.iter().filter_map(|span| moved(span, &units)).collect(), plain, ignored: 0 }
}

fn moved(span: &Span, units: &[usize]) -> Option<Entity> {
    let (offset, end) = (*units.get(span.start)?, *units.get(span.end)?);
    (end > offset).then(|| Entity { kind: span.kind.to_owned(), value: span.value.clone(), offset, length: end - offset })
}

fn bounded(mut shown: Shown) -> Result<Shown, Refused> {
    let cost = |e: &Entity| 12 + if e.value.is_empty() { 0 } else { 4 + e.value.len().next_multiple_of(4) };
    if shown.entities.iter().map(cost).sum::<usize>() > ENTITY_BYTES {
        return Err(bad("ENTITIES_TOO_LONG"));
    }
    shown.ignored = shown.entities.len().saturating_sub(ENTITIES);
    shown.entities.truncate(ENTITIES);
    Ok(shown)
}

impl Entity {
    /// As the Bot API writes it.
    pub(super) fn to_json(&self) -> Value {
        let mut entity = json!({"type": self.kind, "offset": self.offset, "length": self.length});
        let key = match self.kind.as_str() {
            "text_link" => "url",
            "pre" if !self.value.is_empty() => "language",
            "custom_emoji" => "custom_emoji_id",
            _ => return entity,
        };
        if let Some(fields) = entity.as_object_mut() {
            fields.insert(key.to_owned(), json!(self.value));
        }
        entity
    }
}
