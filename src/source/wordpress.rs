//! A site that runs WordPress, read through its REST API: whole articles without their pages.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::Value;
use toml::de::{Error, ValueDeserializer};
use url::Url;

use crate::entry::{Enclosure, Entry, Guid};
use crate::html;
use crate::page::Page;
use crate::phrases;
use crate::text;

use super::address::WebAddress;
use super::{Kind, Problem, Reading, Setting, Source, Visit, media};

/// A WordPress site with its API open.
pub(super) const KIND: Kind = Kind {
    name: "wordpress",
    about: "trang dùng WordPress, đọc qua REST API của nó (a WordPress site, read through its REST API)",
    example: r#"[[sources]]
name = "doan-thanh-nien"
title = "Đoàn Thanh niên phường"
kind = "wordpress"
url = "https://doanphuong.example.vn/wp-json/wp/v2/posts"   # hoặc địa chỉ trang / or the site's address
"#,
    build,
};

/// Posts on one page of the list.
const PER_PAGE: usize = 20;
/// WordPress writes its times so, without a zone.
const TIME: &str = "%Y-%m-%dT%H:%M:%S";
/// What is asked for beside the posts themselves.
const EMBEDDED: &str = "author,wp:featuredmedia,wp:term";
/// A longer excerpt is the article itself, in UTF-16 units.
const LONGEST_SUMMARY: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    url: WebAddress,
}

fn build(keys: ValueDeserializer<'_>, setting: &Setting<'_>) -> Result<Arc<dyn Source>, Error> {
    let posts = posts(&Config::deserialize(keys)?.url.into_url());
    Ok(Arc::new(WordPress { posts, zone: setting.zone }))
}

struct WordPress {
    /// The list of posts in the API.
    posts: Url,
    zone: Tz,
}

impl Source for WordPress {
    fn start(&self) -> Vec<Visit> {
        vec![Visit::listing(asked(&self.posts))]
    }

    fn home(&self) -> Option<Url> {
        let path = self.posts.path().split("/wp-json/").next().unwrap_or("/");
        let mut home = self.posts.join("/").ok()?;
        home.set_path(&format!("{}/", path.trim_end_matches("/index.php").trim_end_matches('/')));
        Some(home)
    }

    fn read(&self, visit: &Visit, page: &Page) -> Reading {
        let posts = match list(&page.body) {
            Ok(posts) => posts,
            Err(cause) => {
                let what = phrases::api_unreadable(&cause);
                return Reading { problems: vec![Problem { url: page.url.clone(), guid: None, what }], ..Reading::default() };
            }
        };
        let further = (posts.len() >= PER_PAGE).then(|| Visit::listing(page_after(&visit.url)));
        let mut reading = Reading { next: further.into_iter().collect(), ..Reading::default() };
        for post in &posts {
            match self.entry(post) {
                Some(entry) => reading.entries.push(entry),
                None => reading.problems.push(Problem { url: page.url.clone(), guid: None, what: phrases::feed_entry_empty() }),
            }
        }
        reading
    }
}

/// The address of the posts: as given where it is one of the API, else the usual one of the site.
fn posts(given: &Url) -> Url {
    let is_api = given.path().contains("/wp/v2/") || given.query_pairs().any(|(name, _)| name == "rest_route");
    let usual = || given.join("/wp-json/wp/v2/posts").unwrap_or_else(|_| given.clone());
    if is_api { given.clone() } else { usual() }
}

fn asked(posts: &Url) -> Url {
    let mut url = posts.clone();
    url.query_pairs_mut().append_pair("per_page", &PER_PAGE.to_string()).append_pair("_embed", EMBEDDED);
    url
}

/// The same list, one page older.
fn page_after(url: &Url) -> Url {
    let pairs: Vec<(String, String)> = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let (pages, kept): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name == "page");
    let here: u32 = pages.first().and_then(|(_, number)| number.parse().ok()).unwrap_or(1);
    let mut next = url.clone();
    next.query_pairs_mut().clear().extend_pairs(kept).append_pair("page", &here.saturating_add(1).to_string());
    next
}

/// The posts, or why there are none: the API's own words for an error.
fn list(body: &[u8]) -> Result<Vec<Value>, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match serde_json::from_slice(body).map_err(|error| error.to_string())? {
        Value::Array(posts) => Ok(posts.into_iter().take(PER_PAGE * 5).collect()),
        Value::Object(told) => Err(told.get("message").and_then(Value::as_str).map(text::line).unwrap_or_default()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(String::new()),
    }
}

impl WordPress {
    fn entry(&self, post: &Value) -> Option<Entry> {
        let url = words(post, "/link").and_then(|link| Url::parse(link).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
        let content_html = html::sanitise(words(post, "/content/rendered").unwrap_or_default(), url.as_ref());
        let content = html::to_text(&content_html);
        let title = html::to_text(words(post, "/title/rendered").unwrap_or_default());
        let titles = [text::capped_title(&title), text::cut(&text::line(&content), 80)];
        let title = titles.into_iter().find(|title| !title.is_empty())?;
        // The guid of WordPress's own feed, so that a source may change from one to the other.
        let id = words(post, "/guid/rendered").map(text::line).filter(|id| !id.is_empty());
        let guid = id.or_else(|| url.as_ref().map(Url::to_string))?;
        let published = self.time(post, "date");
        let (mut images, attachments): (Vec<_>, Vec<_>) = self.files(post, &content_html);
        images.dedup_by(|a, b| a.url == b.url);
        Some(Entry {
            published,
            updated: self.time(post, "modified").filter(|at| Some(*at) != published),
            author: words(post, "/_embedded/author/0/name").map(text::line).filter(|name| !name.is_empty()),
            summary: summary(post, &content),
            images,
            attachments,
            categories: categories(post),
            version: words(post, "/modified_gmt").map(str::to_owned),
            content_html,
            url,
            ..Entry::new(Guid::new(guid), title)
        })
    }

    /// The time in UTC that the API gives, else its local one. What was never published has zeros.
    fn time(&self, post: &Value, name: &str) -> Option<DateTime<FixedOffset>> {
        let naive = |key: &str| words(post, key).and_then(|told| NaiveDateTime::parse_from_str(told, TIME).ok());
        let utc = naive(&format!("/{name}_gmt")).map(|at| at.and_utc().with_timezone(&self.zone));
        let local = || naive(&format!("/{name}")).and_then(|at| at.and_local_timezone(self.zone).earliest());
        utc.or_else(local).map(|at| at.fixed_offset())
    }

    /// The picture of the post, then what stands in its text.
    fn files(&self, post: &Value, content_html: &str) -> (Vec<Enclosure>, Vec<Enclosure>) {
        let featured = post.pointer("/_embedded/wp:featuredmedia/0").and_then(picture);
        let pictures = media::pictures(content_html);
        let others = pictures.into_iter().filter(|one| featured.as_ref().is_none_or(|first| first.url != one.url)).collect::<Vec<_>>();
        (featured.into_iter().chain(others).collect(), media::documents(content_html))
    }
}

fn words<'a>(post: &'a Value, pointer: &str) -> Option<&'a str> {
    post.pointer(pointer)?.as_str()
}

fn picture(told: &Value) -> Option<Enclosure> {
    let url = Url::parse(words(told, "/source_url")?).ok()?;
    let file = media::enclosure(url, words(told, "/mime_type").map(str::to_owned)).filter(|file| file.media_type.starts_with("image/"))?;
    let title = words(told, "/alt_text").map(text::line).filter(|alt| !alt.is_empty());
    Some(Enclosure { length: told.pointer("/media_details/filesize").and_then(Value::as_u64), title, ..file })
}

/// The excerpt, unless it is the text again; one made by cutting the text ends in dots and is kept.
fn summary(post: &Value, content: &str) -> Option<String> {
    let excerpt = text::line(&html::to_text(words(post, "/excerpt/rendered").unwrap_or_default()));
    Some(excerpt).filter(|told| !told.is_empty() && *told != text::line(content) && text::utf16_len(told) <= LONGEST_SUMMARY)
}

/// Sections first, then tags; what WordPress calls a post without a section is none.
fn categories(post: &Value) -> Vec<String> {
    let groups = post.pointer("/_embedded/wp:term").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let terms = groups.iter().filter_map(Value::as_array).flatten();
    let mut names: Vec<String> = Vec::new();
    for term in terms.filter(|term| matches!(words(term, "/taxonomy"), Some("category" | "post_tag"))) {
        let name = text::line(&html::to_text(words(term, "/name").unwrap_or_default()));
        if !name.is_empty() && !matches!(words(term, "/slug"), Some("uncategorized" | "chua-phan-loai")) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
#[path = "wordpress_tests.rs"]
mod tests;
