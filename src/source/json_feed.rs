//! JSON Feeds as people's programs write them, mended until a strict reader takes them: a number
//! for a text, half an emoji or a size below zero costs one field, never the other articles.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

/// The texts of a feed, an item, an attachment and an author (JSON Feed 1.1).
const TEXTS: &[&str] = &[
    "version",
    "title",
    "home_page_url",
    "feed_url",
    "language",
    "description",
    "icon",
    "favicon",
    "id",
    "url",
    "external_url",
    "content_html",
    "content_text",
    "summary",
    "date_published",
    "date_modified",
    "mime_type",
    "name",
    "avatar",
];
/// Sizes and durations.
const COUNTS: &[&str] = &["size_in_bytes", "duration_in_seconds"];
/// Lists of objects, and what each object must have.
const LISTS: &[(&str, &[&str])] = &[("items", &[]), ("authors", &[]), ("attachments", &["url", "mime_type"])];

/// An escape of half a character outside the basic plane, or a whole pair.
static HALVES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\\\\|\\u(?:d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(d[89a-f][0-9a-f]{2}))").ok());
/// A number with an exponent that no machine number has.
static ENDLESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(:\s*)-?[0-9.]+[eE][+-]?[0-9]{3,}").ok());

/// The same feed with its mistakes mended; as it is where it is no JSON at all.
pub(super) fn mended(text: &str) -> Cow<'_, str> {
    if !text.trim_start().starts_with('{') {
        return Cow::Borrowed(text);
    }
    let read = serde_json::from_str(text).or_else(|_| serde_json::from_str(&without_broken_values(text)));
    let Ok(Value::Object(mut feed)) = read else { return Cow::Borrowed(text) };
    mend(&mut feed);
    Cow::Owned(Value::Object(feed).to_string())
}

fn without_broken_values(text: &str) -> String {
    let whole = HALVES.as_ref().map_or(Cow::Borrowed(text), |halves| {
        halves.replace_all(text, |found: &regex::Captures<'_>| {
            let half = found.get(1).is_some();
            if half { "\\ufffd".to_owned() } else { found.get(0).map_or("", |all| all.as_str()).to_owned() }
        })
    });
    ENDLESS.as_ref().map_or_else(|| whole.clone().into_owned(), |endless| endless.replace_all(&whole, "${1}null").into_owned())
}

fn mend(fields: &mut Map<String, Value>) {
    fields.retain(|key, value| fits(key, value));
    if let Some(Value::Object(author)) = fields.get_mut("author") {
        mend(author);
    }
    for (list, needed) in LISTS {
        let Some(Value::Array(members)) = fields.get_mut(*list) else { continue };
        members.retain_mut(|member| {
            let Value::Object(member) = member else { return false };
            mend(member);
            needed.iter().all(|key| member.contains_key(*key))
        });
    }
}

/// Whether a value is what its key means, or could be made so.
fn fits(key: &str, value: &mut Value) -> bool {
    if TEXTS.contains(&key) {
        if value.is_number() || value.is_boolean() {
            *value = Value::String(value.to_string());
        }
        return value.is_string();
    }
    match key {
        "author" => value.is_object(),
        "tags" => value.as_array_mut().is_some_and(|tags| {
            tags.retain(Value::is_string);
            true
        }),
        _ if COUNTS.contains(&key) => value.is_u64(),
        _ => LISTS.iter().all(|(list, _)| *list != key) || value.is_array(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn check(items: &str, want: &str) {
        let text = format!(r#"{{"version":"https://jsonfeed.org/version/1.1","title":"Phường","items":[{items}]}}"#);
        let feed: Value = serde_json::from_str(&mended(&text)).unwrap();
        assert_eq!(feed["items"], serde_json::from_str::<Value>(want).unwrap(), "{items}");
    }

    #[test]
    fn one_bad_item_does_not_blind_a_json_feed() {
        check(r#"{"id":"1","title":"a\ud800b"},{"id":"2"}"#, r#"[{"id":"1","title":"a\ufffdb"},{"id":"2"}]"#);
        check(r#"{"id":"1","title":"\ud83d\ude00 \\ud800"}"#, r#"[{"id":"1","title":"😀 \\ud800"}]"#);
        check(r#"{"id":7,"title":"b"}"#, r#"[{"id":"7","title":"b"}]"#);
        check(r#"{"id":"1","title":{"x":1},"tags":["a",1]}"#, r#"[{"id":"1","tags":["a"]}]"#);
        let files = r#"[{"url":"u","mime_type":"m","size_in_bytes":-5},{"url":"u"}]"#;
        check(&format!(r#"{{"id":"1","attachments":{files}}}"#), r#"[{"id":"1","attachments":[{"url":"u","mime_type":"m"}]}]"#);
        check(
            r#"{"id":"1","attachments":[{"url":"u","mime_type":"m","size_in_bytes":1e999}]},"x",null"#,
            r#"[{"id":"1","attachments":[{"url":"u","mime_type":"m"}]}]"#,
        );
    }

    #[test]
    fn what_is_no_json_stays() {
        assert_eq!(mended("<rss>"), "<rss>");
        assert_eq!(mended("{nothing"), "{nothing");
    }
}
