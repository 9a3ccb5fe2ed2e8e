//! An article's own page.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use url::Url;

use super::list::Shown;
use super::{Frame, feed, html, not_found, pictures, told};
use crate::config::Images;
use crate::entry::{Enclosure, Slug};
use crate::feed::{FORMATS, Format};
use crate::phrases;
use crate::publish::FeedPlan;
use crate::schedule::spoken;
use crate::store::Stored;
use crate::web::{Site, Web, broken};
use crate::{html as markup, text};

/// What search engines and chats show under a title.
const DESCRIPTION: usize = 200;
/// A headline of structured data.
const HEADLINE: usize = 110;

#[derive(Template)]
#[template(path = "article.html")]
struct Article<'a> {
    frame: Frame<'a>,
    stored: &'a Stored,
    shown: Shown,
    description: String,
    /// Where search engines are sent: the original, where there is one.
    canonical: Url,
    picture: Url,
    content: String,
    /// A picture above the text, where the text has none.
    lead: Option<String>,
    /// Pictures that are linked to instead of shown.
    linked: Vec<&'a Url>,
    files: Vec<Attached<'a>>,
    changed: Option<(String, String)>,
    feed: Option<&'a FeedPlan>,
    formats: &'static [Format],
    data: String,
}

/// A file as its link tells it.
struct Attached<'a> {
    url: &'a Url,
    title: String,
    /// Kind and size: `PDF, 1,2 MB`.
    about: String,
}

pub(super) async fn article(State(web): State<Arc<Web>>, Path((source, slug)): Path<(String, String)>) -> Response {
    let site = web.site();
    let Ok(source) = Slug::new(&source) else { return not_found(State(web)).await };
    match web.store.entry_by_slug(&source, &slug).await {
        Ok(Some(stored)) if stored.withdrawn => told(&web, StatusCode::GONE, phrases::page_withdrawn(), phrases::page_withdrawn_help()),
        Ok(Some(stored)) => html(&site, &page(&site, &stored)),
        Ok(None) => not_found(State(web)).await,
        Err(e) => broken(&e),
    }
}

fn page<'a>(site: &'a Site, stored: &'a Stored) -> Article<'a> {
    let entry = &stored.entry;
    let shown = Shown::new(site, stored);
    let frame = Frame::new(site, &entry.title, &shown.page);
    let content = pictures::shown(site, stored);
    let first = entry.images.first();
    let lead = first.filter(|_| !entry.content_html.contains("<img")).and_then(|image| pictures::address(site, stored, &image.url));
    let linked = if site.images == Images::None { entry.images.iter().map(|image| &image.url).collect() } else { Vec::new() };
    let description = entry.summary.clone().unwrap_or_else(|| text::line(&markup::to_text(&entry.content_html)));
    let description = text::cut(&description, DESCRIPTION);
    let picture = picture(site, stored);
    let data = data(site, stored, &shown, &frame.address(), &picture, &description);
    let canonical = entry.url.clone().unwrap_or_else(|| frame.address());
    let changed = (stored.revision > 1)
        .then(|| (spoken(stored.changed, site.zone), stored.changed.with_timezone(&site.zone).to_rfc3339()))
        .filter(|(said, _)| *said != shown.time);
    let files = entry.attachments.iter().map(attached).collect();
    let feed = feed(site, stored.source.as_str());
    Article { frame, stored, shown, description, canonical, picture, content, lead, linked, files, changed, feed, formats: FORMATS, data }
}

/// What chats show beside a link to the article. They load it, not the reader's browser.
fn picture(site: &Site, stored: &Stored) -> Url {
    let house = || site.base.join("loaphuong.png").unwrap_or_else(|_| site.base.clone());
    let Some(first) = stored.entry.images.first() else { return house() };
    match site.images {
        Images::Proxy => pictures::address(site, stored, &first.url).and_then(|path| site.base.join(&path).ok()).unwrap_or_else(house),
        Images::Direct | Images::None => first.url.clone(),
    }
}

/// Structured data: <https://schema.org/NewsArticle>. No `<` in it, so that nothing ends the script.
fn data(site: &Site, stored: &Stored, shown: &Shown, address: &Url, picture: &Url, description: &str) -> String {
    let entry = &stored.entry;
    let changed = stored.changed.with_timezone(&site.zone).to_rfc3339();
    let author = entry.author.as_deref().map_or_else(
        || json!({ "@type": "GovernmentOrganization", "name": shown.source }),
        |name| json!({ "@type": "Person", "name": name }),
    );
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": text::cut(&entry.title, HEADLINE),
        "description": description,
        "datePublished": shown.datetime,
        "dateModified": if stored.revision > 1 { changed } else { shown.datetime.clone() },
        "inLanguage": site.language.tag(),
        "image": [picture],
        "author": author,
        "publisher": { "@type": "Organization", "name": site.title, "url": site.base },
        "mainEntityOfPage": address,
        "articleSection": entry.categories,
        "isAccessibleForFree": true,
    });
    if let (Some(url), Value::Object(map)) = (&entry.url, &mut data) {
        map.insert("isBasedOn".to_owned(), json!(url));
    }
    data.to_string().replace('<', "\\u003c")
}

fn attached(file: &Enclosure) -> Attached<'_> {
    let named = || file.url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default().to_owned();
    let title = file.title.clone().filter(|title| !title.is_empty()).unwrap_or_else(named);
    let title = if title.is_empty() { file.url.to_string() } else { title };
    let about: Vec<String> = [kind(file), file.length.map(size)].into_iter().flatten().collect();
    Attached { url: &file.url, title, about: about.join(", ") }
}

/// What people call a type of file; its ending where its type says nothing.
fn kind(file: &Enclosure) -> Option<String> {
    let media = file.media_type.as_str();
    let known = [
        ("pdf", "PDF"),
        ("word", "Word"),
        ("excel", "Excel"),
        ("spreadsheet", "Excel"),
        ("powerpoint", "PowerPoint"),
        ("presentation", "PowerPoint"),
        ("zip", "ZIP"),
        ("audio/", phrases::page_sound()),
        ("video/", phrases::page_film()),
    ];
    let ending = || file.url.path().rsplit_once('.').map(|(_, ending)| ending).filter(|ending| (2..=5).contains(&ending.len()));
    known.iter().find(|(part, _)| media.contains(part)).map(|(_, name)| (*name).to_owned()).or_else(|| ending().map(str::to_uppercase))
}

/// A size as people say it, with a decimal comma.
fn size(bytes: u64) -> String {
    let (unit, name) = if bytes < 1 << 20 { (1_u64 << 10, "KB") } else { (1_u64 << 20, "MB") };
    let tenths = (bytes.saturating_mul(10) / unit).max(1);
    if name == "KB" || tenths >= 1_000 {
        format!("{} {name}", (tenths / 10).max(1))
    } else {
        format!("{},{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_do() {
        for (bytes, want) in
            [(0, "1 KB"), (900, "1 KB"), (45_000, "43 KB"), (1 << 20, "1,0 MB"), (1_300_000, "1,2 MB"), (200 << 20, "200 MB")]
        {
            assert_eq!(size(bytes), want);
        }
    }

    #[test]
    fn kinds_of_files_are_told_by_type_or_ending() {
        let file = |media_type: &str, url: &str| Enclosure {
            url: Url::parse(url).unwrap(),
            media_type: media_type.to_owned(),
            length: None,
            title: None,
        };
        let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assert_eq!(kind(&file(word, "https://a.example/x")).as_deref(), Some("Word"));
        assert_eq!(kind(&file("application/octet-stream", "https://a.example/x.rar")).as_deref(), Some("RAR"));
        assert_eq!(kind(&file("application/octet-stream", "https://a.example/x")), None);
        assert_eq!(attached(&file("application/pdf", "https://a.example/bieu-mau.pdf")).title, "bieu-mau.pdf");
    }
}
