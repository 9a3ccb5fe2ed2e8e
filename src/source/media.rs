//! Pictures and files that belong to an entry.

use dom_query::Document;
use url::Url;

use super::link;
use crate::entry::Enclosure;
use crate::text;

/// A file at an address, with the type as told, else by its ending. `None` for what readers cannot fetch.
pub(super) fn enclosure(url: Url, told: Option<String>) -> Option<Enclosure> {
    let guessed = || link::media_type(&url).unwrap_or("application/octet-stream").to_owned();
    let media_type = told.unwrap_or_else(guessed);
    matches!(url.scheme(), "http" | "https").then_some(Enclosure { url, media_type, length: None, title: None })
}

/// The pictures in sanitised content, in its order, each once.
pub(super) fn pictures(content_html: &str) -> Vec<Enclosure> {
    let mut found: Vec<Enclosure> = Vec::new();
    if !content_html.contains("<img") {
        return found;
    }
    for image in Document::fragment(content_html).select("img[src]").nodes() {
        let Some(url) = image.attr("src").and_then(|src| Url::parse(&src).ok()) else { continue };
        let told = link::media_type(&url).filter(|media_type| media_type.starts_with("image/")).unwrap_or("image/jpeg");
        let title = image.attr("alt").map(|alt| text::line(&alt)).filter(|alt| !alt.is_empty());
        if found.iter().all(|known| known.url != url) {
            found.extend(enclosure(url, Some(told.to_owned())).map(|picture| Enclosure { title, ..picture }));
        }
    }
    found
}

/// The documents, sound and film that sanitised content links to, in its order, each once.
pub(super) fn documents(content_html: &str) -> Vec<Enclosure> {
    let mut found: Vec<Enclosure> = Vec::new();
    if !content_html.contains("<a ") {
        return found;
    }
    for anchor in Document::fragment(content_html).select("a[href]").nodes() {
        let Some(url) = anchor.attr("href").and_then(|href| Url::parse(&href).ok()) else { continue };
        let told = link::media_type(&url).filter(|media_type| !media_type.starts_with("image/"));
        let title = Some(text::line(&anchor.text())).filter(|title| !title.is_empty());
        let new = told.filter(|_| found.iter().all(|known| known.url != url)).and_then(|told| enclosure(url, Some(told.to_owned())));
        found.extend(new.map(|file| Enclosure { title, ..file }));
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_once_and_only_where_they_can_be_fetched() {
        let html = r#"<p><img src="https://a.example/1.png" alt=" Họp  tổ "><img src="https://a.example/1.png"><img src="mailto:x@a.example"><img></p>"#;
        let found = pictures(html);
        assert_eq!(found.len(), 1);
        let first = found.first().unwrap();
        assert_eq!((first.media_type.as_str(), first.title.as_deref()), ("image/png", Some("Họp tổ")));
    }

    #[test]
    fn documents_are_found_by_the_names_of_their_files() {
        let html = r#"<p><a href="https://a.example/1.pdf">Công văn  số 1</a><a href="https://a.example/1.pdf">x</a><a href="https://a.example/1.jpg">ảnh</a><a href="https://a.example/tin">tin</a></p>"#;
        let found = documents(html);
        assert_eq!(found.len(), 1);
        assert_eq!(found.first().unwrap().title.as_deref(), Some("Công văn số 1"));
    }
}
