#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use serde_json::json;

use super::*;
use crate::entry::Slug;
use crate::page::Validators;

fn source(url: &str) -> Arc<dyn Source> {
    let name = Slug::new("doan").unwrap();
    let setting = Setting { name: &name, dir: Path::new("."), zone: chrono_tz::Asia::Ho_Chi_Minh, load: &|_| Err(String::new()) };
    build(ValueDeserializer::parse(&format!("{{ url = \"{url}\" }}")).unwrap(), &setting).unwrap()
}

fn read(body: &str) -> Reading {
    let source = source("https://doan.example/tin-tuc");
    let visit = source.start().remove(0);
    let page = Page {
        url: visit.url.clone(),
        fetched: "2026-11-22T10:00:00Z".parse().unwrap(),
        media_type: Some("application/json".to_owned()),
        charset: None,
        body: body.to_owned().into(),
        validators: Validators::default(),
    };
    source.read(&visit, &page)
}

fn post(id: u32) -> Value {
    json!({
        "id": id, "date": "2026-11-05T16:30:00", "date_gmt": "2026-11-05T09:30:00",
        "modified": "2026-11-06T16:30:00", "modified_gmt": "2026-11-06T09:30:00",
        "guid": { "rendered": format!("https://doan.example/?p={id}") },
        "link": format!("https://doan.example/ra-quan-{id}/"),
        "title": { "rendered": "Ra quân &#8220;Ngày Chủ nhật xanh&#8221;" },
        "excerpt": { "rendered": "<p>Sáng nay, đoàn viên ra quân dọn vệ sinh [&hellip;]</p>" },
        "content": { "rendered": "<p>Sáng nay, đoàn viên ra quân dọn vệ sinh ở ba tổ dân phố.</p><p><img src=\"/anh/2.jpg\"></p><p><a href=\"/tep/ke-hoach.pdf\">Kế hoạch</a></p>", "protected": false },
        "_embedded": {
            "author": [{ "name": "Ban Tuyên giáo" }],
            "wp:featuredmedia": [{ "source_url": "https://doan.example/anh/1.jpg", "mime_type": "image/jpeg", "alt_text": "Ra quân", "media_details": { "filesize": 1234 } }],
            "wp:term": [[{ "taxonomy": "category", "name": "Hoạt động &amp; sự kiện", "slug": "hoat-dong" }, { "taxonomy": "category", "name": "Chưa phân loại", "slug": "chua-phan-loai" }], [{ "taxonomy": "post_tag", "name": "Môi trường", "slug": "moi-truong" }]]
        }
    })
}

#[test]
fn a_post_is_an_entry_whole() {
    let reading = read(&json!([post(7)]).to_string());
    assert_eq!((reading.problems.len(), reading.next.len()), (0, 0));
    let entry = &reading.entries[0];
    assert_eq!((entry.guid.as_str(), entry.title.as_str()), ("https://doan.example/?p=7", "Ra quân “Ngày Chủ nhật xanh”"));
    assert_eq!(entry.url.as_ref().unwrap().as_str(), "https://doan.example/ra-quan-7/");
    assert_eq!(entry.published.unwrap().to_rfc3339(), "2026-11-05T16:30:00+07:00");
    assert_eq!(entry.updated.unwrap().to_rfc3339(), "2026-11-06T16:30:00+07:00");
    assert_eq!(entry.author.as_deref(), Some("Ban Tuyên giáo"));
    assert_eq!(entry.summary.as_deref(), Some("Sáng nay, đoàn viên ra quân dọn vệ sinh […]"));
    assert_eq!(entry.categories, ["Hoạt động & sự kiện", "Môi trường"]);
    let images: Vec<_> = entry.images.iter().map(|one| (one.url.as_str(), one.length)).collect();
    assert_eq!(images, [("https://doan.example/anh/1.jpg", Some(1234)), ("https://doan.example/anh/2.jpg", None)]);
    assert_eq!(entry.attachments[0].url.as_str(), "https://doan.example/tep/ke-hoach.pdf");
    assert_eq!(entry.attachments[0].title.as_deref(), Some("Kế hoạch"));
}

#[test]
fn a_full_page_has_another_behind_it() {
    let full: Vec<Value> = (0..20).map(post).collect();
    let next = read(&json!(full).to_string()).next.remove(0).url;
    assert!(next.as_str().ends_with("&page=2"), "{next}");
    assert!(page_after(&next).as_str().ends_with("&page=3"));
    assert_eq!(page_after(&next).query_pairs().filter(|(name, _)| name == "page").count(), 1);
}

#[test]
fn the_address_may_be_the_sites_or_the_apis() {
    let check = |given: &str, start: &str, home: &str| {
        let source = source(given);
        assert!(source.start()[0].url.as_str().starts_with(start), "{}", source.start()[0].url);
        assert_eq!(source.home().unwrap().as_str(), home);
    };
    check("https://doan.example/", "https://doan.example/wp-json/wp/v2/posts?per_page=20&_embed=", "https://doan.example/");
    check(
        "https://doan.example/web/wp-json/wp/v2/posts?categories=3",
        "https://doan.example/web/wp-json/wp/v2/posts?categories=3&per_page",
        "https://doan.example/web/",
    );
    check(
        "https://doan.example/?rest_route=/wp/v2/posts",
        "https://doan.example/?rest_route=/wp/v2/posts&per_page",
        "https://doan.example/",
    );
}

#[test]
fn an_api_that_is_closed_or_broken_is_told() {
    for body in [r#"{"code":"rest_forbidden","message":"Bạn không được phép"}"#, "<html>", "", "null", "[1"] {
        let reading = read(body);
        assert_eq!((reading.entries.len(), reading.problems.len()), (0, 1), "{body}");
    }
    assert!(read(r#"{"message":"Bạn không được phép"}"#).problems[0].what.contains("Bạn không được phép"));
    let reading = read(r#"[{}, 7, {"title":{"rendered":"Tin"},"link":"https://doan.example/tin/","date_gmt":"0000-00-00T00:00:00"}]"#);
    assert_eq!((reading.entries.len(), reading.problems.len()), (1, 2));
    assert_eq!(reading.entries[0].published, None);
}
