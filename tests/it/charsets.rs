//! Old encodings, from bytes as they come to entries as they are published.

use std::path::Path;
use std::sync::Arc;

use loaphuong::entry::{Entry, Guid, Slug};
use loaphuong::page::{Page, Validators};
use loaphuong::source::{Hint, KINDS, Reading, Setting, Source, Visit};
use url::Url;

const TITLE: &str = "Thông báo về việc cắt điện ngày mai";
const BODY: &str = "Từ 8 giờ ngày mai, điện lực sẽ tạm cắt điện để sửa chữa ở các ngõ nhỏ trong phường. Mời bà con chủ động.";

/// TCVN 5712:1993, VN3: the small letters and the capitals without a tone, from 0xA1 on.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ";

fn tcvn3(text: &str) -> Vec<u8> {
    let byte = |c: char| TCVN3.chars().position(|letter| letter == c).map(|at| u8::try_from(0xA1 + at).unwrap());
    text.chars().map(|c| if c.is_ascii() { u8::try_from(c).unwrap() } else { byte(c).unwrap() }).collect()
}

/// The bytes as a page in UTF-8 shows them.
fn shown(text: &str) -> String {
    tcvn3(text).into_iter().map(char::from).collect()
}

fn source(kind: &str, keys: &str) -> Arc<dyn Source> {
    let kind = KINDS.iter().find(|known| known.name == kind).unwrap();
    let load = |_: &str| Err("no files here".to_owned());
    let setting = Setting { name: &Slug::new("phuong").unwrap(), dir: Path::new("/srv"), zone: chrono_tz::Asia::Ho_Chi_Minh, load: &load };
    (kind.build)(toml::de::ValueDeserializer::parse(keys).unwrap(), &setting).unwrap()
}

fn reading(source: &dyn Source, url: &str, media_type: &str, body: &[u8]) -> Reading {
    let url = Url::parse(url).unwrap();
    let visit = Visit { guid: Some(Guid::new(url.as_str())), url: url.clone(), hint: Hint::default() };
    let fetched = "2026-11-23T05:00:00Z".parse().unwrap();
    let body = body.to_vec().into();
    let page = Page { url, fetched, media_type: Some(media_type.into()), charset: None, body, validators: Validators::default() };
    source.read(&visit, &page)
}

fn read(source: &dyn Source, url: &str, media_type: &str, body: &[u8]) -> Entry {
    let reading = reading(source, url, media_type, body);
    assert_eq!(reading.problems, []);
    reading.entries.into_iter().next().unwrap()
}

fn check(entry: &Entry) {
    assert_eq!(entry.title, TITLE);
    assert!(entry.content_html.contains(BODY), "{}", entry.content_html);
}

#[test]
fn a_text_file_in_tcvn3_is_published_in_unicode() {
    let folder = source("folder", "{ path = \"news\" }");
    let text = [tcvn3(TITLE), b"\n\n".to_vec(), tcvn3(BODY)].concat();
    check(&read(folder.as_ref(), "file:///srv/news/2026-11-20-dien.txt", "text/plain", &text));
    let pasted = format!("{}\n\n{}", shown(TITLE), shown(BODY));
    check(&read(folder.as_ref(), "file:///srv/news/2026-11-20-dien.txt", "text/plain", pasted.as_bytes()));
    check(&read(folder.as_ref(), "file:///srv/news/2026-11-20-dien.md", "text/markdown", format!("# {pasted}").as_bytes()));
}

#[test]
fn a_page_with_a_body_in_tcvn3_is_published_in_unicode() {
    let site = source("html", "{ url = \"https://phuong.example.vn/tin-tuc\" }");
    let page = |title: &str, body: &str| {
        format!(
            "<html><head><meta charset=utf-8><title>{title}</title></head><body><div class=menu><a href=/>Trang chủ phường</a></div>\
             <h1>{title}</h1><div class=date>Ngày đăng 17/09/2019 16:30</div><div class=content><p>{body}</p><p>{body}</p></div></body></html>"
        )
    };
    let url = "https://phuong.example.vn/tin-tuc/cat-dien-12.html";
    let whole = page(&shown(TITLE), &shown(BODY));
    check(&read(site.as_ref(), url, "text/html", whole.as_bytes()));
    let body_only = page(TITLE, &format!("<font face=\".VnTime\">{}</font>", shown(BODY)));
    check(&read(site.as_ref(), url, "text/html", body_only.as_bytes()));
    let mixed: Vec<u8> = page(TITLE, "@").bytes().flat_map(|byte| if byte == b'@' { tcvn3(BODY) } else { vec![byte] }).collect();
    check(&read(site.as_ref(), url, "text/html", &mixed));
}

#[test]
fn a_title_that_lost_letters_is_not_published() {
    let site = source("html", "{ url = \"https://phuong.example.vn/tin-tuc\" }");
    let url = "https://phuong.example.vn/tin-tuc/cat-dien-12.html";
    let page = |head: &str, title: &[u8]| {
        [
            b"<meta charset=utf-8>".as_slice(),
            head.as_bytes(),
            b"<body><h1>",
            title,
            "</h1><p>Điện lực tạm cắt điện để sửa đường dây tại các ngõ của phường.</p>".as_bytes(),
        ]
        .concat()
    };
    let broken = reading(site.as_ref(), url, "text/html", &page("", b"T\xd9j n\xd9m"));
    assert!(broken.entries.is_empty() && broken.problems.len() == 1, "{broken:?}");
    let told = "<meta property=og:title content='Cắt điện'>";
    assert_eq!(read(site.as_ref(), url, "text/html", &page(told, b"C\xd9t nam")).title, "Cắt điện");
    assert_eq!(read(site.as_ref(), url, "text/html", &page("", "Cắt điện&#0; tuần tới".as_bytes())).title, "Cắt điện tuần tới");
    let folder = source("folder", "{ path = \"news\" }");
    let file = reading(
        folder.as_ref(),
        "file:///srv/news/tin.txt",
        "text/plain",
        "T\u{fffd}j n\u{fffd}m\n\nĐiện lực tạm cắt điện để sửa đường dây.".as_bytes(),
    );
    assert!(file.entries.is_empty() && file.problems.len() == 1, "{file:?}");
}
