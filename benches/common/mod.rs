//! A ward's news, made up in any number, for the benches.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, TimeDelta};
use loaphuong::entry::{Entry, Guid, Slug};
use loaphuong::feed::{Feed, Item, Manner, Part};
use loaphuong::page::{Page, Validators};
use loaphuong::phrases::Language;
use loaphuong::source::{KINDS, Setting, Source};
use toml::de::ValueDeserializer;
use url::Url;

/// CPU seconds of this process so far, its threads together (Linux `/proc`, ticks of 10 ms).
pub(crate) fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

pub(crate) fn time(number: usize) -> DateTime<FixedOffset> {
    let start: DateTime<FixedOffset> = "2026-11-05T16:30:00+07:00".parse().unwrap();
    start - TimeDelta::minutes(i64::try_from(number).unwrap() * 37)
}

fn title(number: usize) -> String {
    format!("Thông báo số {number} về việc tạm ngừng cấp nước và thu gom rác trên địa bàn phường")
}

const SENTENCE: &str = "Ủy ban nhân dân phường đề nghị bà con các tổ dân phố theo dõi và thực hiện đúng thời gian nêu trên. ";

pub(crate) fn list_page(entries: usize) -> String {
    let one = |n: usize| {
        format!(
            "<li class=\"news-item\"><a class=\"thumb\" href=\"/tin-tuc/thong-bao-{n}.html\"><img src=\"/anh/{n}.jpg\" alt=\"\"></a>\
             <h3><a href=\"/tin-tuc/thong-bao-{n}.html\">{}</a></h3><span class=\"date\">{}</span><p class=\"sapo\">{SENTENCE}</p></li>\n",
            title(n),
            time(n).format("%d/%m/%Y"),
        )
    };
    let menu: String = (0..30).map(|n| format!("<li><a href=\"/muc-{n}\">Chuyên mục {n}</a></li>")).collect();
    let items: String = (0..entries).map(one).collect();
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Tin tức</title></head><body><nav><ul>{menu}</ul></nav>\
         <main><h1>Tin tức</h1><ul class=\"news-list\">{items}</ul></main><footer><p>Ủy ban nhân dân phường</p></footer></body></html>"
    )
}

pub(crate) fn article_page(number: usize) -> String {
    let body: String = (0..8).map(|_| format!("<p style=\"text-align: justify\">{}</p>", SENTENCE.repeat(3))).collect();
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>{0}</title></head><body><article><h1>{0}</h1>\
         <div class=\"info\">Ngày đăng {1} | Lượt xem: 12</div><div class=\"content\"><p><strong>{SENTENCE}</strong></p>{body}</div></article></body></html>",
        title(number),
        time(number).format("%d/%m/%Y | %H:%M"),
    )
}

pub(crate) fn html_source() -> Arc<dyn Source> {
    let kind = KINDS.iter().find(|k| k.name == "html").unwrap();
    let load = |_: &str| Err(String::new());
    let name = Slug::new("phuong").unwrap();
    let setting = Setting { name: &name, dir: Path::new("."), zone: chrono_tz::Asia::Ho_Chi_Minh, load: &load };
    (kind.build)(ValueDeserializer::parse("{ url = \"http://127.0.0.1/tin-tuc\" }").unwrap(), &setting).unwrap()
}

pub(crate) fn page(path: &str, html: String) -> Page {
    Page {
        url: Url::parse("http://127.0.0.1/").unwrap().join(path).unwrap(),
        fetched: time(0).to_utc(),
        media_type: Some("text/html".to_owned()),
        charset: Some("utf-8".to_owned()),
        body: html.into(),
        validators: Validators::default(),
    }
}

pub(crate) fn entry(number: usize) -> Entry {
    let mut entry = Entry::new(Guid::new(format!("http://127.0.0.1/tin-tuc/thong-bao-{number}.html")), title(number));
    entry.url = Url::parse(entry.guid.as_str()).ok();
    entry.published = Some(time(number));
    entry.summary = Some(SENTENCE.to_owned());
    entry.content_html = format!("<p>{SENTENCE}</p><p>{}</p>", SENTENCE.repeat(3));
    entry.author = Some("Ban biên tập".to_owned());
    entry
}

pub(crate) fn feed(entries: Vec<Entry>) -> Feed {
    let item = |entry: Entry| {
        let at = entry.published.unwrap();
        Item { link: entry.url.clone().unwrap(), source_title: "Phường Hoa Gạo".to_owned(), published: at, updated: at, entry }
    };
    Feed {
        id: None,
        slug: Slug::new("phuong").unwrap(),
        title: "Phường Hoa Gạo".to_owned(),
        home: Url::parse("http://127.0.0.1/tin-tuc").unwrap(),
        base: Url::parse("http://127.0.0.1:8080/").unwrap(),
        language: Language::Vi,
        zone: chrono_tz::Asia::Ho_Chi_Minh,
        manner: Manner::default(),
        updated: time(0).to_utc(),
        gap: None,
        items: entries.into_iter().map(item).collect(),
        withdrawn: Vec::new(),
        part: Part::Newest { archives: 0 },
    }
}

/// What a list says of its articles, as entries.
pub(crate) fn hinted(source: &dyn Source, page: &Page) -> Vec<Entry> {
    let reading = source.read(&source.start()[0], page);
    let one = |visit: loaphuong::source::Visit| {
        let mut entry = Entry::new(visit.guid?, visit.hint.title?);
        entry.url = Some(visit.url);
        entry.published = visit.hint.published.or_else(|| Some(time(0)));
        entry.content_html = visit.hint.summary.map(|s| format!("<p>{s}</p>")).unwrap_or_default();
        Some(entry)
    };
    reading.next.into_iter().filter_map(one).collect()
}
