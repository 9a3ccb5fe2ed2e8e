//! Addresses on pages: made absolute, made one per article, kept to the site.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use url::Url;

use crate::charset;
use crate::html::{self, Index, Query};
use crate::page::Page;

/// Where a page says which address is its own.
pub(super) static CANONICAL: LazyLock<Query> = LazyLock::new(|| Query::new("link[rel=canonical][href]"));
/// Parameters that say where a reader came from, never which article is meant.
const NOISE: &[&str] =
    &["fbclid", "gclid", "zarsrc", "zalo", "sessionid", "session_id", "phpsessid", "jsessionid", "_ga", "_gl", "mc_cid", "mc_eid"];

/// Parameters that say how a reader came to a page or where to go from it. Too many sites need
/// them to leave them out of an address, but no article differs from another by them.
const WAYS: &[&str] = &[
    "ref",
    "ref_src",
    "srsltid",
    "igshid",
    "msclkid",
    "yclid",
    "dclid",
    "gbraid",
    "wbraid",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "spm",
    "aff",
    "redirect",
    "inheritredirect",
    "returnurl",
    "p_auth",
    "p_p_auth",
    "sid",
    "cfid",
    "cftoken",
];

/// Pages that a folder shows by itself.
const INDEX_PAGES: &[&str] = &[
    "index.php",
    "index.html",
    "index.htm",
    "index.asp",
    "index.aspx",
    "index.jsp",
    "default.aspx",
    "default.asp",
    "default.htm",
    "default.html",
];

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

/// What stands before the number of a page of a list in a path.
const PAGES: &[&str] = &["page", "pages", "paged", "pageindex", "trang", "p"];

/// The folder of an address whose last part is nothing but a number, `/tin` of `/tin/7.html`, unless
/// that is the number of a page of a list.
pub(super) fn counted(url: &Url) -> Option<&str> {
    let (folder, last) = url.path().trim_end_matches('/').rsplit_once('/')?;
    let number = last.split_once('.').map_or(last, |(stem, _)| stem);
    let above = folder.rsplit('/').next().filter(|above| !above.is_empty())?;
    let is_page = PAGES.iter().any(|page| above.eq_ignore_ascii_case(page));
    (!is_page && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(folder)
}

/// The media type of what an address names, by its extension.
pub(super) fn media_type(url: &Url) -> Option<&'static str> {
    media_type_of(url.path())
}

/// The media type of what a path names.
fn media_type_of(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next()?.to_ascii_lowercase();
    let (_, extension) = name.rsplit_once('.')?;
    FILES.iter().find(|(known, _)| *known == extension).map(|(_, media_type)| *media_type)
}

/// The media type of what a link seems to name, as written, without resolving it.
pub(super) fn media_type_written(href: &str) -> Option<&'static str> {
    media_type_of(href.split(['?', '#']).next().unwrap_or_default().trim())
}

/// What relative addresses on a page count from: `<base href>`, unless it leads to another site.
pub(super) fn base(page: &Document, url: &Url) -> Url {
    let told = page.base_uri().and_then(|href| url.join(href.trim()).ok());
    told.filter(|base| (same_site(base, url) || same_site(url, base)) && is_web(base)).unwrap_or_else(|| url.clone())
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
    if url.fragment().is_some() {
        url.set_fragment(None);
    }
    if url.query().is_some_and(|query| query.split('&').any(is_noise)) {
        let kept: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| !is_noise(pair)).collect();
        let kept = kept.join("&");
        url.set_query(Some(kept.as_str()).filter(|query| !query.is_empty()));
    }
    if let Some((path, _)) = url.path().split_once(';').filter(|(_, rest)| rest.to_ascii_lowercase().starts_with("jsessionid=")) {
        let plain = path.to_owned();
        url.set_path(&plain);
    }
    url
}

/// Whether a page names the front page as its own address (`rel=canonical`): what many systems
/// show in place of an article that is gone.
pub(crate) fn names_home(page: &Page) -> bool {
    let body = charset::decode(&page.body, page.charset.as_deref());
    // What stands in the body of a page is not its own word about itself.
    let head = body.split_once("<body").map_or(&*body, |(head, _)| head);
    let Ok(document) = html::parse(head) else { return false };
    let index = Index::of(&document);
    let mut told = index.all(&CANONICAL).filter_map(|node| page.url.join(node.attr("href")?.trim()).ok());
    told.next().is_some_and(|url| url.path().len() <= 1 && url.query().is_none())
}

fn is_noise(pair: &str) -> bool {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    // A short number is no session: portals of many wards tell them apart by it.
    if key.eq_ignore_ascii_case("sid") {
        return !(1..=6).contains(&value.len()) || value.bytes().any(|b| !b.is_ascii_digit());
    }
    let begins = |start: &str| key.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    key.is_empty() || begins("utm_") || NOISE.iter().any(|noise| key.eq_ignore_ascii_case(noise))
}

/// One text for every address of an article: lower-case host without `www.`, `m.` or `mobile.`, no
/// scheme, no tracking and session parameters, the others sorted, no name of an index page and no
/// slash at the end. For comparing only; such an address need not exist.
pub(crate) fn same_article_key(url: &Url) -> String {
    let url = canonical(url.clone());
    let host = url.host_str().unwrap_or_default();
    let without = |prefix: &&str| host.strip_prefix(*prefix).filter(|rest| rest.contains('.'));
    let host = ["www.", "m.", "mobile."].iter().find_map(without).unwrap_or(host);
    let path = without_session(url.path());
    let (folder, page) = path.rsplit_once('/').unwrap_or(("", &path));
    let path = if INDEX_PAGES.contains(&page.to_ascii_lowercase().as_str()) { folder } else { path.trim_end_matches('/') };
    let mut pairs: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !is_way(pair)).collect();
    pairs.sort_unstable();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    format!("{host}{port}{}{query}", path.trim_end_matches('/'))
}

/// Without the session that ASP.NET writes into paths: `/(S(4f0wq))/tin/1`.
fn without_session(path: &str) -> String {
    let is_session = |part: &str| part.starts_with("(S(") && part.ends_with("))");
    path.split('/').filter(|part| !is_session(part)).collect::<Vec<_>>().join("/")
}

fn is_way(pair: &str) -> bool {
    let key = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    WAYS.iter().any(|way| key == *way) || key.ends_with("_redirect")
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
        check("https://phuong.vn/tin;JSESSIONID=1F?sid=3f0a9c", "https://phuong.vn/tin");
        check("https://huyen.vn/Default.aspx?sid=1288&pageid=5", "https://huyen.vn/Default.aspx?sid=1288&pageid=5");
        check("https://phuong.vn/tin?", "https://phuong.vn/tin");
        check("https://phuong.vn/tin?a=1&&b=2", "https://phuong.vn/tin?a=1&b=2");
        check("https://phuong.vn/tin?id=7#binh-luan", "https://phuong.vn/tin?id=7");
        check("https://phuong.vn/tin/?a=%C4%91", "https://phuong.vn/tin/?a=%C4%91");
    }

    #[test]
    fn every_address_of_an_article_has_one_key() {
        let check = |one: &str, other: &str, same: bool| {
            assert_eq!(same_article_key(&url(one)) == same_article_key(&url(other)), same, "{one} {other}");
        };
        check("http://www.phuong.vn/tin/1/", "https://m.phuong.vn/tin/1", true);
        check("https://phuong.vn/tin/index.php?b=2&a=1", "https://mobile.phuong.vn/tin?a=1&b=2&utm_medium=x", true);
        check("https://phuong.vn/(S(x4f))/tin/1", "https://phuong.vn/tin/1?ref=home", true);
        check("https://phuong.vn/-/content/a?_101_redirect=%2Fb&p_auth=z", "https://phuong.vn/-/content/a", true);
        check("https://phuong.vn/tin;jsessionid=9", "https://phuong.vn/tin", true);
        check("https://phuong.vn/index.php?id=1", "https://phuong.vn/index.php?id=2", false);
        check("https://phuong.vn/index.php/tin-1", "https://phuong.vn/index.php/tin-2", false);
        check("https://phuong.vn/Tin-1", "https://phuong.vn/tin-1", false);
        check("https://phuong.vn:8080/tin", "https://phuong.vn/tin", false);
        check("https://mai.phuong.vn/tin", "https://phuong.vn/tin", false);
    }

    #[test]
    fn every_way_to_an_article_has_one_key() {
        let want = same_article_key(&url("https://phuong.vn/tin/nuoc.html?a=1&b=2"));
        for same in [
            "http://www.phuong.vn/tin/nuoc.html?b=2&a=1",
            "https://m.phuong.vn/tin/nuoc.html?utm_source=zalo&a=1&b=2#binh-luan",
            "https://MOBILE.phuong.vn/tin/nuoc.html/?sid=9&a=1&b=2",
        ] {
            assert_eq!(same_article_key(&url(same)), want, "{same}");
        }
        for other in
            ["https://phuong.vn/tin/nuoc.html?a=1", "https://xa.vn/tin/nuoc.html?a=1&b=2", "https://phuong.vn/Tin/nuoc.html?a=1&b=2"]
        {
            assert_ne!(same_article_key(&url(other)), want, "{other}");
        }
        assert_eq!(same_article_key(&url("https://m.vn/tin/index.php")), "m.vn/tin");
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
    fn a_number_of_its_own_is_that_of_an_article_or_of_a_page() {
        let check = |path: &str, want: Option<&str>| assert_eq!(counted(&url(&format!("https://phuong.vn{path}"))), want, "{path}");
        check("/tin/0.html", Some("/tin"));
        check("/vi/news/3/", Some("/vi/news"));
        check("/tin/12.aspx?x=1", Some("/tin"));
        check("/tin/page/2", None);
        check("/tin/Trang/2.html", None);
        check("/tin/trang-2.html", None);
        check("/7", None);
        check("/tin", None);
    }

    #[test]
    fn files_are_known_by_their_names() {
        assert_eq!(media_type(&url("https://phuong.vn/a/Cong%20van.PDF?x=1")), Some("application/pdf"));
        assert_eq!(media_type(&url("https://phuong.vn/a.html")), None);
    }
}
