//! Addresses on pages: made absolute, made one per article, kept to the site.

use dom_query::{Document, NodeRef};
use url::Url;

/// Parameters that say where a reader came from, never which article is meant.
const NOISE: &[&str] =
    &["fbclid", "gclid", "zarsrc", "zalo", "sid", "sessionid", "session_id", "phpsessid", "jsessionid", "_ga", "_gl", "mc_cid", "mc_eid"];

/// Files that come with an article, by the end of their name.
const FILES: &[(&str, &str)] = &[
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("gif", "image/gif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("rar", "application/vnd.rar"),
    ("webp", "image/webp"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("zip", "application/zip"),
];

/// The media type of what an address names, by its extension.
pub(super) fn media_type(url: &Url) -> Option<&'static str> {
    media_type_of(url.path())
}

/// The media type of what a path names.
pub(super) fn media_type_of(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next()?.to_ascii_lowercase();
    let (_, extension) = name.rsplit_once('.')?;
    FILES.iter().find(|(known, _)| *known == extension).map(|(_, media_type)| *media_type)
}

/// What relative addresses on a page count from: `<base href>`, unless it leads to another host.
pub(super) fn base(page: &Document, url: &Url) -> Url {
    let told = page.base_uri().and_then(|href| url.join(href.trim()).ok());
    told.filter(|base| base.host_str() == url.host_str() && is_web(base)).unwrap_or_else(|| url.clone())
}

/// The address of a link to another page by `http` or `https`.
pub(super) fn target(anchor: &NodeRef<'_>, base: &Url) -> Option<Url> {
    let href = anchor.attr("href")?;
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    base.join(href).ok().filter(is_web)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.username().is_empty()
}

/// The form of an address that is the same however a reader came to it: no fragment, no tracking
/// and session parameters.
pub(super) fn canonical(mut url: Url) -> Url {
    url.set_fragment(None);
    let kept: Vec<String> = url.query().unwrap_or_default().split('&').filter(|pair| !is_noise(pair)).map(str::to_owned).collect();
    url.set_query(Some(kept.join("&").as_str()).filter(|query| !query.is_empty()));
    if let Some((path, _)) = url.path().to_ascii_lowercase().split_once(";jsessionid=") {
        let plain = url.path().get(..path.len()).unwrap_or_default().to_owned();
        url.set_path(&plain);
    }
    url
}

fn is_noise(pair: &str) -> bool {
    let key = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    key.is_empty() || key.starts_with("utm_") || NOISE.contains(&key.as_str())
}

/// Do two addresses belong to one site: the same host, with or without `www.`, or a host under it?
pub(super) fn same_site(home: &Url, other: &Url) -> bool {
    let (Some(home), Some(other)) = (home.host_str(), other.host_str()) else { return false };
    let home = home.trim_start_matches("www.");
    other == home || other.strip_suffix(home).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn one_article_has_one_address() {
        let check = |from: &str, want: &str| assert_eq!(canonical(url(from)).as_str(), want);
        check("https://Phuong.VN/tin/1?utm_source=zalo&id=2&fbclid=x#y", "https://phuong.vn/tin/1?id=2");
        check("https://phuong.vn/tin;JSESSIONID=1F?sid=3", "https://phuong.vn/tin");
        check("https://phuong.vn/tin?", "https://phuong.vn/tin");
    }

    #[test]
    fn a_site_is_its_host_and_what_is_under_it() {
        let check = |other: &str, want: bool| assert_eq!(same_site(&url("https://www.phuong.vn/"), &url(other)), want, "{other}");
        check("http://phuong.vn/a", true);
        check("https://tin.phuong.vn/a", true);
        check("https://evilphuong.vn/a", false);
        check("http://169.254.169.254/x", false);
    }

    #[test]
    fn files_are_known_by_their_names() {
        assert_eq!(media_type(&url("https://phuong.vn/a/Cong%20van.PDF?x=1")), Some("application/pdf"));
        assert_eq!(media_type(&url("https://phuong.vn/a.html")), None);
    }
}
