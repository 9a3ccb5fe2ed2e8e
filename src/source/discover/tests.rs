#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::page::Validators;

fn page(url: &str, body: &str) -> Page {
    Page {
        url: url.parse().unwrap(),
        fetched: "2026-11-22T10:00:00Z".parse().unwrap(),
        media_type: None,
        charset: None,
        body: body.to_owned().into(),
        validators: Validators::default(),
    }
}

fn html(head: &str, body: &str) -> Page {
    page("https://phuong.example/tin-tuc", &format!("<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"))
}

fn paths(urls: &[Url]) -> Vec<String> {
    urls.iter().map(|url| url[url::Position::BeforePath..].to_owned()).collect()
}

const WORDS: &str = "Phường thông báo lịch tiêm chủng, lịch họp tổ dân phố và các tin khác trong tuần tới cho toàn thể bà con. ";

#[test]
fn a_page_is_called_what_it_is() {
    let long = WORDS.repeat(4);
    let check = |head: &str, body: &str, want: Look| assert_eq!(look(&html(head, body)).look, want, "{body:.60}");
    check("", &long, Look::Page);
    check("<title>Attention Required! | Cloudflare</title>", "<h1>Sorry, you have been blocked</h1>", Look::Blocked);
    check("", "<p>Vui lòng nhập captcha để tiếp tục</p>", Look::Blocked);
    check("<title>404</title>", "<h1>Không tìm thấy trang</h1>", Look::Missing);
    check("", "<div id=root></div><script src=/app.js></script>", Look::Shell);
    check("", &format!("{long}<form><input type=password></form>"), Look::Login);
    check("", "<p>Đang cập nhật</p>", Look::Page);
    check("", &format!("{}<form><input type=password></form>", WORDS.repeat(40)), Look::Page);
    let titled = page("https://phuong.example/rss", "<rss><channel><title><![CDATA[Phường Hoa &amp; Gạo]]></title>");
    assert_eq!(look(&titled).title.as_deref(), Some("Phường Hoa & Gạo"));
    let framed = page("https://phuong.example/", "<html><head></head><frameset><frame src=/a></frameset></html>");
    assert_eq!(look(&framed).look, Look::Frames);
    assert_eq!(look(&page("https://phuong.example/x", "%PDF-1.7")).look, Look::Unreadable);
    assert_eq!(look(&page("https://phuong.example/x", "<?xml version=\"1.0\"?><rss version=\"2.0\">")).look, Look::Feed);
    let article = page(
        "https://phuong.example/tin/cat-nuoc-tren-pho-hoa-gao-123.html",
        &format!("<html><head><meta property='og:type' content='article'></head><body>{long}</body></html>"),
    );
    assert_eq!(look(&article).look, Look::Article);
}

#[test]
fn sections_that_look_like_news_are_told_best_first() {
    let links = "<a href=/lien-he>Liên hệ</a><a href=/thong-bao>Thông báo</a><a href='/tin-tuc-su-kien'>Tin tức – Sự kiện</a>\
                 <a href=https://noi-khac.example/tin>Tin tức</a><a href=/tin/tin-tuc-cat-nuoc-ngay-mai-12.html>Tin tức cắt nước</a><a href=/>Tin tức</a>";
    let seen = look(&html("<title>Phường Hoa Gạo</title>", links));
    assert_eq!(seen.sections.iter().map(|section| section.url.path()).collect::<Vec<_>>(), ["/tin-tuc-su-kien", "/thong-bao"]);
    assert_eq!(seen.title.as_deref(), Some("Phường Hoa Gạo"));
}

#[test]
fn feeds_are_named_in_the_head_and_in_links() {
    let head = "<link rel=alternate type=application/rss+xml href=/feed/ title='Phường'>\
                <link rel=alternate type=application/rss+xml href=/comments/feed/ title='Bình luận'>\
                <link rel=alternate type='application/rss+xml' href='/tin-tuc/feed/'>\
                <link rel=alternate hreflang=en href=/en/>";
    let body = "<a href='/rss/thoi-su.rss'>RSS</a><a href='/tin-tuc/rss-la-gi.html'>RSS là gì?</a><a href='?format=feed&type=rss'>x</a>";
    assert_eq!(paths(&feeds(&html(head, body))), ["/tin-tuc/feed/", "/tin-tuc?format=feed&type=rss", "/feed/", "/rss/thoi-su.rss"]);
}

#[test]
fn the_software_says_where_to_guess_first() {
    let check = |head: &str, body: &str, want: &str| assert_eq!(paths(&guesses(&html(head, body)))[0], want);
    check("<meta name=generator content='Joomla! - Open Source'>", "", "/tin-tuc?format=feed&type=rss");
    check("<meta name=generator content='NukeViet v4.5'>", "", "/tin-tuc/rss/");
    check("<meta name=Generator content=x><meta name=generator content='Drupal 10'>", "", "/rss.xml");
    check("", "<img src=/wp-content/a.png>", "/tin-tuc/feed/");
    check("", "<a href='/tin-tuc/-/asset_publisher/aB3x/content/hop'>Họp</a>", "/tin-tuc/-/asset_publisher/aB3x/rss");
    check("", "", "/rss");
}

#[test]
fn wordpress_names_its_api_and_the_category() {
    let check = |head: &str, body_class: &str, want: Option<&str>| {
        let found =
            api(&page("https://phuong.example/tin", &format!("<html><head>{head}</head><body class='{body_class}'></body></html>")));
        assert_eq!(found.as_ref().map(Url::as_str), want);
    };
    let link = "<link rel='https://api.w.org/' href='https://phuong.example/wp-json/'>";
    check("", "", None);
    check(link, "home", Some("https://phuong.example/wp-json/wp/v2/posts"));
    check(link, "archive category category-tin-tuc category-12", Some("https://phuong.example/wp-json/wp/v2/posts?categories=12"));
    check(
        "<link rel='https://api.w.org/' href='https://phuong.example/?rest_route=/'><link rel=alternate type='application/json' href='/wp-json/wp/v2/categories/7'>",
        "",
        Some("https://phuong.example/?rest_route=%2Fwp%2Fv2%2Fposts&categories=7"),
    );
    check("<link href=/wp-content/x.css>", "", Some("https://phuong.example/wp-json/wp/v2/posts"));
}

#[test]
fn sitemaps_come_from_robots_those_of_news_first() {
    let home: Url = "https://phuong.example/tin-tuc".parse().unwrap();
    let robots = page(
        "https://phuong.example/robots.txt",
        "User-agent: *\nSitemap: https://phuong.example/sitemap.xml\nsitemap: /sitemap-news.xml\nSitemap: https://noi-khac.example/s.xml\n",
    );
    assert_eq!(paths(&robots_sitemaps(Some(&robots), &home)), ["/sitemap-news.xml", "/sitemap.xml"]);
    assert_eq!(paths(&robots_sitemaps(None, &home)), ["/news-sitemap.xml", "/sitemap.xml"]);
}

#[test]
fn known_software_is_recognised_by_its_recipe() {
    let list = html("", &"<ul class=wd-communication><li><h3><a href=/1>Tin</a></h3></li></ul>".repeat(3));
    assert_eq!(recipes_for(&list, &[]), ["vportal"]);
    let nukeviet = html("", "<div id=news-bodyhtml>Tin</div>");
    let other = html("", "<p>Tin</p>");
    assert_eq!(recipes_for(&other, &[&nukeviet]), ["nukeviet"]);
    assert!(recipes_for(&other, &[&other, &nukeviet]).is_empty());
}

#[test]
fn one_article_has_one_key_and_looks_like_one() {
    let key_of = |text: &str| key(&text.parse().unwrap());
    assert_eq!(key_of("http://www.phuong.example/tin/1/?utm_source=zalo"), key_of("https://phuong.example/tin/1"));
    let check = |text: &str, want: bool| assert_eq!(names_article(&text.parse().unwrap()), want, "{text}");
    check("https://a.example/tin/cat-nuoc-12.html", true);
    check("https://a.example/lich-tiem-chung-thang-muoi-mot/", true);
    check("https://a.example/tin/7.html", true);
    check("https://a.example/news/3", true);
    check("https://a.example/tin/page/2", false);
    check("https://a.example/tin/trang/2.html", false);
    check("https://a.example/tin?page=3", false);
    check("https://a.example/chuyen-muc/3", false);
    check("https://a.example/tin-tuc", false);
    check("https://a.example/tin-tuc-su-kien", false);
    check("https://a.example/", false);
}

#[test]
fn a_saved_page_may_tell_its_address() {
    let told = html("<link rel=canonical href='https://phuong.example/tin/1'>", "");
    assert_eq!(own_address(&told).unwrap().path(), "/tin/1");
    assert!(own_address(&html("", "")).is_none());
    let links = "<a class=x href='https://phuong.example/tin/1'>x</a>".repeat(5) + "<a href=https://noi-khac.example/>y</a>";
    assert_eq!(own_address(&html("", &links)).unwrap().as_str(), "https://phuong.example/");
    assert!(own_address(&page("file:///a", "<link rel=canonical href='https://x.example/'>")).is_none());
}

#[test]
fn a_feed_is_known_behind_any_prolog() {
    let check = |body: &str, want: bool| assert_eq!(is_feed(&page("https://a.example/x", body)), want, "{body:.40}");
    let long = format!("<?xml version=\"1.0\"?>\n<!-- bản tin --><!DOCTYPE r [<!ENTITY a \"{}\">]>", "A".repeat(10_000));
    check(&format!("{long}<rss version='2.0'>"), true);
    check(&format!("{long}<html>"), false);
    check("<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html><body>&lt;rss", false);
    check("{\"version\":\"https://jsonfeed.org/version/1.1\"", true);
    check("\u{feff} \n<feed xmlns='http://www.w3.org/2005/Atom'>", true);
    check("<?xml version='1.0'?><urlset>", false);
    check("<?xml <?xml", false);
}

#[test]
fn an_article_with_further_ones_beside_it_is_no_list() {
    use crate::entry::{Entry, Guid};
    use crate::source::{Hint, Reading, Visit};
    let links = |count: usize| Reading {
        next: (0..count)
            .map(|n| Visit {
                url: format!("https://phuong.example/tin/{n}").parse().unwrap(),
                guid: Some(Guid::new(n.to_string())),
                hint: Hint { title: Some(format!("Tin khác số {n}")), ..Hint::default() },
            })
            .collect(),
        ..Reading::default()
    };
    let article = |text: &str, dated: bool| {
        let mut entry = Entry::new(Guid::new("x"), "Tin");
        entry.content_html = format!("<p>{text}</p>");
        entry.published = dated.then(|| "2026-11-05T16:30:00+07:00".parse().unwrap());
        Reading { entries: vec![entry], ..Reading::default() }
    };
    let check = |count: usize, read: &Reading, url: &str, want: bool| {
        assert_eq!(is_list(&links(count), read, &url.parse().unwrap()), want, "{count} {url}");
    };
    let (list, one) = ("https://phuong.example/tin-tuc", "https://phuong.example/tin/cat-nuoc-12.html");
    let titles: String = (0..9).map(|n| format!("Tin khác số {n}. ")).collect();
    check(9, &Reading::default(), list, true);
    check(4, &Reading::default(), list, false);
    check(9, &article(&titles, true), one, true);
    check(9, &article(&WORDS.repeat(3), true), list, false);
    check(9, &article(&WORDS.repeat(3), false), list, true);
    check(9, &article(WORDS, false), one, false);
    check(9, &article(WORDS, false), "https://phuong.example/tin/7.html", false);
    check(9, &article(WORDS, false), "https://phuong.example/muc/7", true);
    // What was read is the first of the list with the foot of the page, or its menu.
    let mut first = article(&WORDS.repeat(3), true);
    first.entries.iter_mut().for_each(|entry| entry.title = "Tin khác số 0".to_owned());
    check(9, &first, list, true);
    check(9, &first, one, false);
    check(9, &article(&"Dịch vụ công</p><p>Văn bản</p><p>".repeat(20), true), list, true);
}
