#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use super::*;
use crate::entry::Slug;
use crate::page::Validators;

const NEWS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://phuong.example/tin/cat-nuoc-11.html?a=1&amp;b=2</loc><lastmod>2026-11-05T09:00:00+07:00</lastmod>
<news:news><news:publication><news:name>Phường</news:name><news:language>vi</news:language></news:publication>
<news:publication_date>2026-11-05T08:30:00+07:00</news:publication_date><news:title>Cắt nước &amp; cắt điện</news:title></news:news></url>
<url><loc>https://phuong.example/tin/hop-to-12.html</loc>
<news:news><news:publication_date>2026-11-06T08:30:00+07:00</news:publication_date><news:title><![CDATA[Họp tổ dân phố]]></news:title></news:news></url>
<url><loc>https://phuong.example/gioi-thieu-chung-13.html</loc></url>
<url><loc>https://noi-khac.example/tin/x-14.html</loc><news:news><news:title>Nơi khác</news:title></news:news></url>
</urlset>"#;

fn page(body: &str) -> Page {
    Page {
        url: "https://phuong.example/sitemap.xml".parse().unwrap(),
        fetched: "2026-11-22T10:00:00Z".parse().unwrap(),
        media_type: None,
        charset: None,
        body: body.to_owned().into(),
        validators: Validators::default(),
    }
}

fn read(body: &str) -> Reading {
    let name = Slug::new("phuong").unwrap();
    let setting = Setting { name: &name, dir: Path::new("."), zone: chrono_tz::Asia::Ho_Chi_Minh, load: &|_| Err(String::new()) };
    let keys = r#"{ url = "https://phuong.example/sitemap.xml" }"#;
    let source = build(ValueDeserializer::parse(keys).unwrap(), &setting).unwrap();
    source.read(&source.start().remove(0), &page(body))
}

#[test]
fn a_news_sitemap_gives_titles_and_dates_newest_first() {
    let reading = read(NEWS);
    let told: Vec<_> = reading.next.iter().map(|visit| (visit.url.as_str(), visit.hint.title.as_deref().unwrap_or_default())).collect();
    assert_eq!(
        told,
        [
            ("https://phuong.example/tin/hop-to-12.html", "Họp tổ dân phố"),
            ("https://phuong.example/tin/cat-nuoc-11.html?a=1&b=2", "Cắt nước & cắt điện"),
        ]
    );
    assert_eq!(reading.next[1].hint.published.unwrap().to_rfc3339(), "2026-11-05T08:30:00+07:00");
    assert_eq!(reading.next[1].hint.version.as_deref(), Some("2026-11-05T09:00:00+07:00"));
}

#[test]
fn a_plain_sitemap_gives_what_looks_like_articles() {
    let body = "<urlset><url><loc>https://phuong.example/</loc></url><url><loc>https://phuong.example/lien-he</loc></url>\
                <url><loc> https://phuong.example/tin/lich-tiem-chung-thang-11 </loc><lastmod>2026-11-01</lastmod></url></urlset>";
    assert_eq!(read(body).next.len(), 1);
}

#[test]
fn an_index_is_no_list_and_names_the_sitemaps_of_news_first() {
    let body = "<sitemapindex><sitemap><loc>https://phuong.example/page-sitemap.xml</loc><lastmod>2026-11-09</lastmod></sitemap>\
                <sitemap><loc>https://phuong.example/post-sitemap1.xml</loc><lastmod>2026-11-01</lastmod></sitemap>\
                <sitemap><loc>https://phuong.example/post-sitemap2.xml</loc><lastmod>2026-11-02</lastmod></sitemap></sitemapindex>";
    assert_eq!(read(body).problems.len(), 1);
    let further: Vec<String> = further_sitemaps(&page(body)).iter().map(|url| url.path().to_owned()).collect();
    assert_eq!(further, ["/post-sitemap2.xml", "/post-sitemap1.xml", "/page-sitemap.xml"]);
}

#[test]
fn what_is_no_sitemap_gives_a_problem_and_ends() {
    let bomb = "<!DOCTYPE u [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><urlset><url><loc>https://phuong.example/&b;tin-moi-123.html</loc></url></urlset>";
    assert_eq!(read(bomb).next[0].url.as_str(), "https://phuong.example/tin-moi-123.html");
    for body in ["", "<html><p>x", "{}", "<urlset><url><loc>x", &"<a>".repeat(100_000)] {
        let reading = read(body);
        assert_eq!((reading.next.len(), reading.problems.len()), (0, 1), "{}", &body[..body.len().min(20)]);
    }
}
