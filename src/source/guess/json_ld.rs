//! What a page tells machines in JSON-LD: its values, its article, and who wrote that.

use std::slice;
use std::sync::LazyLock;

use serde_json::{Deserializer, Value};

use crate::html::{Index, Query};
use crate::text;

static SCRIPTS: LazyLock<Query> = LazyLock::new(|| Query::new("script[type='application/ld+json']"));

/// How deep a value is searched.
const NESTING: usize = 6;
/// More names than this are no byline.
const AUTHORS: usize = 12;
/// What some systems wrap their JSON in.
const WRAPPING: &[&str] = &["//", "/*", "*/", "<![CDATA[", "<!--"];

/// Every value on the page, in its order. Several may follow each other in one script, and a broken
/// one ends the reading of its script alone.
pub(in crate::source) fn values(page: &Index<'_>) -> Vec<Value> {
    page.all(&SCRIPTS).flat_map(|script| parsed(&script.text())).collect()
}

fn parsed(text: &str) -> Vec<Value> {
    // A line break inside a word is no JSON, and common.
    let text = text.replace(char::is_control, " ");
    let mut bare = text.trim_start();
    while let Some(rest) = WRAPPING.iter().find_map(|wrapping| bare.strip_prefix(wrapping)) {
        bare = rest.trim_start();
    }
    Deserializer::from_str(bare).into_iter::<Value>().map_while(Result::ok).collect()
}

/// The first article of the page.
pub(in crate::source) fn article(values: &[Value]) -> Option<&Value> {
    values.iter().find_map(|value| article_in(value, 0))
}

fn article_in(value: &Value, depth: usize) -> Option<&Value> {
    if is_article(value) {
        return Some(value);
    }
    let inner = || match value {
        Value::Array(values) => values.iter().collect(),
        Value::Object(fields) => ["@graph", "mainEntity"].iter().filter_map(|key| fields.get(*key)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    (depth < NESTING).then(|| inner().into_iter().find_map(|value| article_in(value, depth + 1))).flatten()
}

/// Whether a value is of one of the kinds of schema.org that articles have.
pub(in crate::source) fn is_article(value: &Value) -> bool {
    let kind = kind(value);
    ["Article", "BlogPosting", "Report"].iter().any(|end| kind.ends_with(end))
}

/// The (first) type of a value; empty where it tells none.
pub(in crate::source) fn kind(value: &Value) -> &str {
    value.get("@type").and_then(|told| several(told).first()?.as_str()).unwrap_or_default()
}

/// The text of a field, or that of the first of several.
pub(in crate::source) fn text_of(value: &Value, key: &str) -> Option<String> {
    let first = several(value.get(key)?).first()?.as_str()?;
    Some(text::line(first)).filter(|text| !text.is_empty())
}

/// Who wrote an article, as written.
#[derive(Debug, Default, PartialEq)]
pub(in crate::source) struct Authors {
    pub(in crate::source) people: Vec<String>,
    pub(in crate::source) organisations: Vec<String>,
}

/// Who an article says wrote it; an author that is only named by its `@id` is looked up among all
/// values of the page.
pub(in crate::source) fn authors(article: &Value, values: &[Value]) -> Authors {
    let told = article.get("author").or_else(|| article.get("creator"));
    let mut authors = Authors::default();
    for one in told.map(several).unwrap_or_default().iter().take(AUTHORS) {
        let whole = one.get("@id").and_then(|id| values.iter().find_map(|value| named_by(value, id, 0))).unwrap_or(one);
        let names = whole.get("name").map_or_else(|| slice::from_ref(whole), several);
        let names = names.iter().filter_map(Value::as_str).map(str::to_owned);
        if kind(whole).ends_with("Organization") { authors.organisations.extend(names) } else { authors.people.extend(names) }
    }
    authors
}

/// The object with this id that has a name.
fn named_by<'a>(value: &'a Value, id: &Value, depth: usize) -> Option<&'a Value> {
    if value.get("@id") == Some(id) && value.get("name").is_some() {
        return Some(value);
    }
    let deeper = |value| (depth < NESTING).then(|| named_by(value, id, depth + 1)).flatten();
    match value {
        Value::Array(values) => values.iter().find_map(deeper),
        Value::Object(fields) => fields.values().find_map(deeper),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn several(value: &Value) -> &[Value] {
    value.as_array().map_or_else(|| slice::from_ref(value), Vec::as_slice)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use dom_query::Document;

    use super::*;

    fn check(scripts: &str, people: &[&str], organisations: &[&str]) {
        let html = format!("<script type='application/ld+json'>{scripts}</script>");
        let page = Document::from(html);
        let values = values(&Index::of(&page));
        let found = authors(article(&values).unwrap(), &values);
        assert_eq!((found.people, found.organisations), (owned(people), owned(organisations)), "{scripts}");
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn authors_are_read_in_all_their_forms() {
        check(r#"{"@type":"NewsArticle","author":"Hoa Sim"}"#, &["Hoa Sim"], &[]);
        check(r#"{"@type":"NewsArticle","author":["Hoa Sim","Mộc Lan"]}"#, &["Hoa Sim", "Mộc Lan"], &[]);
        check(
            r#"{"@type":["Report"],"author":[{"@type":"Person","name":"Hoa Sim"},{"name":["Mộc Lan","Tú Cầu"]}]}"#,
            &["Hoa Sim", "Mộc Lan", "Tú Cầu"],
            &[],
        );
        check(r#"{"@type":"NewsArticle","author":{"@type":"NewsMediaOrganization","name":"Báo Quận"}}"#, &[], &["Báo Quận"]);
        check(r#"{"@type":"NewsArticle","creator":{"name":"Hoa Sim"}}"#, &["Hoa Sim"], &[]);
        check(
            r#"{"@graph":[{"@type":"Article","author":{"@id":"p1"}},{"@type":"Person","@id":"p1","name":"Hoa Sim"}]}"#,
            &["Hoa Sim"],
            &[],
        );
        check(r#"{"@type":"Article"}"#, &[], &[]);
    }

    #[test]
    fn what_surrounds_or_breaks_json_is_overlooked() {
        check("//<![CDATA[\n{\"@type\":\"Article\",\"author\":\"Hoa\nSim\"}\n//]]>", &["Hoa Sim"], &[]);
        check("<!-- {\"@type\":\"Article\",\"author\":\"Hoa Sim\"} -->", &["Hoa Sim"], &[]);
        check(r#"{"@type":"Article","author":"Hoa Sim"} {"@type":"#, &["Hoa Sim"], &[]);
    }
}
