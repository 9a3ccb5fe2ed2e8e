//! JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use serde::Serialize;

use super::clean::{self, CleanItem, File};
use super::{Feed, Format};
use crate::phrases;

pub(super) const FORMAT: Format =
    Format { extension: "json", media_type: "application/feed+json", served: "application/feed+json", title: "JSON Feed 1.1", render };

#[derive(Serialize)]
struct JsonFeed {
    version: &'static str,
    title: String,
    home_page_url: String,
    feed_url: String,
    description: String,
    language: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub>,
    items: Vec<JsonItem>,
}

#[derive(Serialize)]
struct Hub {
    r#type: &'static str,
    url: String,
}

#[derive(Serialize)]
struct JsonItem {
    id: String,
    url: String,
    title: String,
    content_html: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    date_published: String,
    date_modified: String,
    authors: [Author; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
}

#[derive(Serialize)]
struct Author {
    name: String,
}

#[derive(Serialize)]
struct Attachment {
    url: String,
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

fn render(feed: &Feed) -> Vec<u8> {
    let title = clean::title(feed);
    let json = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        description: phrases::feed_about(feed.language, &title),
        title,
        home_page_url: clean::address(&feed.home),
        feed_url: feed.address(&FORMAT),
        language: feed.language.tag(),
        next_url: feed.older(&FORMAT),
        icon: feed.manner.icon.as_ref().map(clean::address),
        authors: feed.manner.publisher.iter().map(|name| Author { name: name.clone() }).collect(),
        hubs: feed.manner.hub.iter().map(|hub| Hub { r#type: "WebSub", url: clean::address(hub) }).collect(),
        items: clean::items(feed).map(item).collect(),
    };
    // Strings and numbers into memory cannot fail.
    serde_json::to_vec_pretty(&json).unwrap_or_default()
}

fn item(item: CleanItem) -> JsonItem {
    let summary = item.summary().map(str::to_owned);
    JsonItem {
        summary,
        // An item must have content.
        content_html: if item.content.is_empty() { item.description() } else { item.content },
        id: item.id,
        url: item.link,
        title: item.title,
        image: item.images.into_iter().next().map(|image| image.url),
        date_published: item.published.to_rfc3339(),
        date_modified: item.updated.to_rfc3339(),
        authors: [Author { name: item.author }],
        tags: item.categories,
        attachments: item.attachments.into_iter().map(attachment).collect(),
    }
}

fn attachment(file: File) -> Attachment {
    Attachment { url: file.url, mime_type: file.media_type, title: file.title, size_in_bytes: file.length }
}
