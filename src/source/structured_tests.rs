#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use super::*;
use crate::entry::Slug;
use crate::page::Validators;

fn read(body: &str) -> Reading {
    let name = Slug::new("phuong").unwrap();
    let setting = Setting { name: &name, dir: Path::new("."), zone: chrono_tz::Asia::Ho_Chi_Minh, load: &|_| Err(String::new()) };
    let source = build(ValueDeserializer::parse(r#"{ url = "https://phuong.example/tin" }"#).unwrap(), &setting).unwrap();
    let page = Page {
        url: "https://phuong.example/tin".parse().unwrap(),
        fetched: "2026-11-22T10:00:00Z".parse().unwrap(),
        media_type: None,
        charset: None,
        body: format!("<html><head></head><body>{body}</body></html>").into(),
        validators: Validators::default(),
    };
    source.read(&source.start().remove(0), &page)
}

fn json(text: &str) -> Reading {
    read(&format!("<script type='application/ld+json'>{text}</script>"))
}

fn told(reading: &Reading) -> Vec<(&str, &str)> {
    let visits = reading.next.iter().filter(|visit| visit.guid.is_some());
    visits.map(|visit| (visit.url.path(), visit.hint.title.as_deref().unwrap_or_default())).collect()
}

#[test]
fn lists_of_json_ld_are_read_in_all_their_forms() {
    let want = [("/tin/1", "Một"), ("/tin/2", "Hai")];
    for text in [
        r#"{"@type":"ItemList","itemListElement":[{"@type":"ListItem","position":1,"url":"/tin/1","name":"Một"},{"@type":"ListItem","url":"https://phuong.example/tin/2?utm_source=x","name":"Hai"}]}"#,
        r#"{"@graph":[{"@type":"BreadcrumbList","itemListElement":[{"@type":"ListItem","item":"/trang-chu","name":"Trang chủ"}]},{"@type":"CollectionPage","mainEntity":{"@type":"ItemList","itemListElement":[{"@type":"ListItem","item":{"@type":"NewsArticle","url":"/tin/1","headline":"Một"}},{"@type":"ListItem","item":{"@id":"/tin/2","name":"Hai"}}]}}]}"#,
        r#"[{"@type":"NewsArticle","mainEntityOfPage":{"@id":"/tin/1"},"headline":"Một"},{"@type":["BlogPosting"],"url":"/tin/2","headline":"Hai"},{"@type":"NewsArticle","url":"https://noi-khac.example/3","headline":"Ba"}]"#,
        r#"{"@type":"Blog","blogPost":[{"@type":"BlogPosting","url":"/tin/1","headline":"Một"}]} {"@type":"BlogPosting","url":"/tin/2","headline":"Hai"} {hỏng"#,
    ] {
        assert_eq!(told(&json(text)), want, "{text}");
    }
}

#[test]
fn what_is_told_of_an_article_comes_along() {
    let text = r#"{"@type":"ItemList","itemListElement":[{"@type":"ListItem","item":{"@type":"NewsArticle","url":"/tin/1","headline":"Một","datePublished":"2026-11-05T16:30:00+07:00","description":"Từ 22 giờ tối nay"}}]}"#;
    let hint = json(text).next.remove(0).hint;
    assert_eq!(
        (hint.published.unwrap().to_rfc3339().as_str(), hint.summary.as_deref()),
        ("2026-11-05T16:30:00+07:00", Some("Từ 22 giờ tối nay"))
    );
}

#[test]
fn microdata_is_read_where_there_is_no_json_ld() {
    let reading = read(
        "<div itemscope itemtype='http://schema.org/NewsArticle'><a itemprop='url' href='/tin/1'><span itemprop='headline'>Một</span></a>\
         <time itemprop='datePublished' datetime='2026-11-05T16:30:00+07:00'>thứ Năm</time></div>\
         <div itemscope itemtype='http://schema.org/BlogPosting'><h2 itemprop='name headline'><a href='/tin/2'>Hai</a></h2></div><a rel=next href='?page=2'>2</a>",
    );
    assert_eq!(told(&reading), [("/tin/1", "Một"), ("/tin/2", "Hai")]);
    assert_eq!(reading.next[0].hint.published.unwrap().to_rfc3339(), "2026-11-05T16:30:00+07:00");
    assert_eq!(reading.next[2].url.as_str(), "https://phuong.example/tin?page=2");
}

#[test]
fn a_page_without_marks_gives_a_problem() {
    for body in ["", "<a href=/tin/1>Một</a>"] {
        assert_eq!(read(body).problems.len(), 1, "{body}");
    }
    assert_eq!(json(&"[".repeat(100_000)).problems.len(), 1);
    assert_eq!(json("null 1 \"x\" {\"@type\":\"ListItem\"}").problems.len(), 1);
}
