#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use bytes::Bytes;

use super::*;
use crate::entry::Slug;
use crate::page::Validators;

fn source_of(keys: &str) -> Result<Arc<dyn Source>, Error> {
    let name = Slug::new("so-y-te").unwrap();
    let setting = Setting { name: &name, dir: Path::new("/srv"), zone: chrono_tz::Asia::Ho_Chi_Minh, load: &|_| Err(String::new()) };
    build(ValueDeserializer::parse(keys).unwrap(), &setting)
}

fn read(body: &[u8]) -> Reading {
    let source = source_of(r#"{ url = "https://a.example/tin/rss" }"#).unwrap();
    let visit = source.start().into_iter().next().unwrap();
    let fetched = "2026-11-22T10:00:00Z".parse().unwrap();
    let page = Page {
        url: visit.url.clone(),
        fetched,
        media_type: None,
        charset: None,
        body: Bytes::copy_from_slice(body),
        validators: Validators::default(),
    };
    source.read(&visit, &page)
}

fn rss(items: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>t</title><link>http://a.example/</link><description>d</description>{items}</channel></rss>"
    )
}

fn entries(body: &str) -> Vec<Entry> {
    let reading = read(body.as_bytes());
    assert_eq!(reading.problems, [], "{body}");
    reading.entries
}

fn only(body: &str) -> Entry {
    let entries = entries(body);
    assert_eq!(entries.len(), 1, "{body}");
    entries.into_iter().next().unwrap()
}

#[test]
fn the_address_is_checked_where_it_is_written() {
    assert!(toml::from_str::<toml::Table>(KIND.example).is_ok());
    let wrong = source_of(r#"{ url = "a.example/rss" }"#).err().unwrap();
    assert_eq!(wrong.span(), Some(8..23));
    assert!(wrong.message().contains("https://a.example/rss"));
    assert!(source_of(r#"{ url = "https://a.example/", x = 1 }"#).err().unwrap().message().contains('x'));
    let home = source_of(r#"{ url = "https://a.example/tin/rss?x=1" }"#).unwrap().home();
    assert_eq!(home.unwrap().as_str(), "https://a.example/");
}

#[test]
fn an_item_is_read_whole() {
    let entry = only(&rss(r#"<item xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
        <title>Ph&ocirc;ng  b&amp;#7879;nh</title><link>/tin/1</link><guid>id-1</guid><dc:creator>Lê Hoa</dc:creator>
        <pubDate>Tue, 17 Sep 2019 09:30:00 GMT</pubDate><category>Y tế</category><category>Y tế</category>
        <description>&lt;b&gt;Lời dẫn&lt;/b&gt;</description>
        <content:encoded><![CDATA[<p>Một <a href="x.html">liên kết</a></p><img src="/a.png"><script>1</script>]]></content:encoded>
        <enclosure url="/van-ban.pdf" length="9" type="application/pdf"/></item>"#));
    assert_eq!((entry.title.as_str(), entry.guid.as_str()), ("Phông bệnh", "id-1"));
    assert_eq!(entry.url.as_ref().unwrap().as_str(), "https://a.example/tin/1");
    assert_eq!(entry.published.unwrap().to_rfc3339(), "2019-09-17T16:30:00+07:00");
    assert_eq!((entry.updated, entry.author.as_deref(), entry.summary.as_deref()), (None, Some("Lê Hoa"), Some("Lời dẫn")));
    assert!(
        entry.content_html.contains("href=\"https://a.example/tin/x.html\"") && !entry.content_html.contains("script"),
        "{}",
        entry.content_html
    );
    assert_eq!(entry.categories, ["Y tế"]);
    let [image] = entry.images.as_slice() else { panic!("{:?}", entry.images) };
    let [file] = entry.attachments.as_slice() else { panic!("{:?}", entry.attachments) };
    assert_eq!((image.url.as_str(), file.url.as_str(), file.length), ("https://a.example/a.png", "https://a.example/van-ban.pdf", Some(9)));
}

#[test]
fn atom_and_json_feeds_are_read_too() {
    let atom = only(
        r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>i</id><updated>2026-01-01T00:00:00Z</updated><entry>
        <title>1 &lt; 2</title><id>tag:a,1</id><link href="/1"/><link rel="enclosure" type="audio/mpeg" length="5" href="/1.mp3"/>
        <published>2026-01-01T08:00:00+07:00</published><updated>2026-01-02T08:00:00+07:00</updated><content type="html">&lt;p&gt;x&lt;/p&gt;</content></entry></feed>"#,
    );
    assert_eq!((atom.title.as_str(), atom.updated.unwrap().to_rfc3339().as_str()), ("1 < 2", "2026-01-02T08:00:00+07:00"));
    assert_eq!(atom.attachments.first().unwrap().media_type, "audio/mpeg");
    assert_eq!(atom.summary, None, "the text is not told twice");
    let json = only(
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"7","url":"https://a.example/7","content_text":"Một <hai>\n\nBa","attachments":[{"url":"https://a.example/a.pdf","mime_type":"application/pdf"}]}]}"#,
    );
    assert_eq!((json.guid.as_str(), json.title.as_str()), ("7", "Một <hai> Ba"));
    assert_eq!(json.content_html, "<p>Một &lt;hai&gt;</p>\n<p>Ba</p>");
    assert_eq!(json.attachments.len(), 1);
}

#[test]
fn the_xhtml_of_atom_is_a_body_and_its_only_time_the_publication() {
    let atom = only(
        r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>i</id><updated>2026-01-01T00:00:00Z</updated><entry>
        <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Họp <em>tổ</em></div></title><id>tag:a,2</id><updated>2026-01-02T08:00:00+07:00</updated>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Họp tại <a href="/nha-van-hoa">nhà văn hóa</a> lúc 19 giờ &amp; 30 phút.</p></div></content></entry></feed>"#,
    );
    assert_eq!(atom.title, "Họp tổ");
    assert_eq!(html::to_text(&atom.content_html), "Họp tại nhà văn hóa lúc 19 giờ & 30 phút.");
    assert!(atom.content_html.contains("https://a.example/nha-van-hoa"), "{}", atom.content_html);
    assert_eq!((atom.published.unwrap().to_rfc3339().as_str(), atom.updated), ("2026-01-02T08:00:00+07:00", None));
}

#[test]
fn a_feed_of_summaries_may_be_followed_to_its_articles() {
    let source = source_of(r#"{ url = "https://a.example/rss", follow = true }"#).unwrap();
    let page = |url: &str, body: &str| Page {
        url: url.parse().unwrap(),
        fetched: "2026-11-22T10:00:00Z".parse().unwrap(),
        media_type: None,
        charset: None,
        body: Bytes::copy_from_slice(body.as_bytes()),
        validators: Validators::default(),
    };
    let body = rss(
        "<item><title>Cắt nước ở tổ 3</title><link>/tin/1.html</link><guid>n1</guid><pubDate>Tue, 17 Sep 2019 09:30:00 GMT</pubDate><description>Từ 22 giờ</description></item><item><title>Không có trang</title></item>",
    );
    let reading = source.read(&Visit::listing("https://a.example/rss".parse().unwrap()), &page("https://a.example/rss", &body));
    assert_eq!((reading.entries.len(), reading.next.len()), (1, 1));
    let visit = &reading.next[0];
    assert_eq!((visit.guid.as_ref().unwrap().as_str(), visit.hint.summary.as_deref()), ("n1", Some("Từ 22 giờ")));
    let article = "<html><body><h1>Cắt nước ở tổ 3</h1><div><p>Nước sạch tạm ngừng từ 22 giờ tối nay đến 5 giờ sáng mai để thay đoạn ống rò rỉ.</p></div></body></html>";
    let entry = source.read(visit, &page("https://a.example/tin/1.html", article)).entries.remove(0);
    assert_eq!((entry.guid.as_str(), entry.published), ("n1", visit.hint.published));
    assert_eq!(entry.version, visit.hint.version);
    assert!(entry.content_html.contains("thay đoạn ống"), "{}", entry.content_html);
    assert!(source_of(r#"{ url = "https://a.example/rss", recipe = "khong-co" }"#).is_err());
}

#[test]
fn identity_is_the_id_else_the_link_else_the_words() {
    let guids = |items: &str| entries(&rss(items)).iter().map(|entry| entry.guid.to_string()).collect::<Vec<_>>();
    let same_id =
        "<item><guid>tin</guid><link>/1</link><title>a</title></item><item><guid>tin</guid><link>/2</link><title>b</title></item>";
    assert_eq!(guids(same_id), ["https://a.example/1", "https://a.example/2"]);
    let same_all =
        "<item><guid>tin</guid><link>/1</link><title>a</title></item><item><guid>tin</guid><link>/1</link><title>b</title></item>";
    let derived = guids(same_all);
    assert!(derived.len() == 2 && derived.iter().all(|guid| guid.starts_with("urn:uuid:")), "{derived:?}");
    assert_eq!(derived, guids(same_all));
    let twice = "<item><guid>1</guid><title>a</title></item>";
    assert_eq!(guids(&twice.repeat(2)), ["1"]);
    let bare = only(&rss("<item><description>x</description></item>"));
    assert_eq!((bare.title.as_str(), bare.guid.clone()), ("x", Guid::derived(&["x", "x"])));
}

#[test]
fn a_changed_entry_has_another_version() {
    let version = |text: &str| only(&rss(&format!("<item><guid>1</guid><title>a</title><description>{text}</description></item>"))).version;
    assert_eq!(version("một"), version("một"));
    assert_ne!(version("một"), version("hai"));
}

#[test]
fn only_the_newest_hundred_are_taken() {
    let items: String = (1..=150)
        .map(|i| {
            format!(
                "<item><guid>{i}</guid><title>{i}</title><pubDate>{}</pubDate></item>",
                DateTime::from_timestamp(1_700_000_000 + i, 0).unwrap().to_rfc2822()
            )
        })
        .collect();
    let entries = entries(&rss(&items));
    assert_eq!((entries.len(), entries.first().unwrap().guid.as_str(), entries.last().unwrap().guid.as_str()), (100, "150", "51"));
}

#[test]
fn careless_dates_are_understood_and_impossible_ones_left_out() {
    let check = |written: &str, want: Option<&str>| {
        let entry = only(&rss(&format!("<item><guid>1</guid><title>a</title><pubDate>{written}</pubDate></item>")));
        assert_eq!(entry.published.map(|at| at.to_rfc3339()).as_deref(), want, "{written}");
    };
    check("2019-09-17T16:30:00+07:00", Some("2019-09-17T16:30:00+07:00"));
    check("17/09/2019 16:30", Some("2019-09-17T16:30:00+07:00"));
    check("Tue, 17 Sept 2019 16:30 ICT", Some("2019-09-17T16:30:00+07:00"));
    check("Tue, 17 Sep 2999 16:30:00 GMT", None);
    check("Thu, 01 Jan 1970 00:00:00 GMT", None);
    check("hôm nào đó", None);
}

#[test]
fn what_stands_before_the_feed_and_its_charset_do_not_matter() {
    let item = "<item><guid>1</guid><title>tin</title></item>";
    assert_eq!(only(&format!("\u{feff}\n\n <?xml version=\"1.0\" encoding=\"UTF-8\"?>{}", rss(item))).title, "tin");
    let mut latin = b"<?xml version=\"1.0\" encoding=\"windows-1258\"?>".to_vec();
    latin.extend(rss("<item><guid>1</guid><title>@</title></item>").bytes().map(|b| if b == b'@' { 0xd0 } else { b }));
    assert_eq!(read(&latin).entries.first().unwrap().title, "Đ");
    let wide: Vec<u8> = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>"
        .encode_utf16()
        .chain(rss(item).encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read(&wide).entries.len(), 1);
    assert_eq!(only(&rss("<item><guid>1</guid><title>a\u{8}b</title></item>")).title, "ab");
}

#[test]
fn a_broken_feed_gives_a_problem_and_no_half_entry() {
    let deep_json = format!("{{\"version\":{}", "[".repeat(100_000));
    for body in [
        "",
        "{",
        "<rss version=\"2.0\"/>",
        "<!doctype html><h1>500</h1>",
        &rss("<item><title>a&#0;b</title></item>"),
        "<rss version=\"2.0\"><channel><title>t</title><item><guid>1</guid><title>one</title></item><item><title>x",
        &"[".repeat(100_000),
        &deep_json,
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":1e999}]}"#,
        &rss("<item><title>a</title><author>a@b.vn\u{a0}x</author></item>"),
    ] {
        let reading = read(body.as_bytes());
        let start: String = body.chars().take(60).collect();
        assert_eq!((reading.entries.len(), reading.problems.len()), (0, 1), "{start}");
    }
}

#[test]
fn own_entities_are_not_expanded_and_named() {
    let bomb = format!(
        "<!DOCTYPE r [<!ENTITY l0 \"lol\"><!ENTITY l1 \"&l0;&l0;\">]>{}",
        rss("<item><guid>1</guid><title>&l1;</title></item><item><guid>2</guid><title>tin</title></item>")
    );
    let reading = read(bomb.as_bytes());
    assert_eq!(reading.entries.iter().map(|entry| entry.guid.as_str()).collect::<Vec<_>>(), ["2"]);
    assert_eq!(reading.problems.first().unwrap().what, phrases::feed_entry_entities());
    let empty = read(rss("<item></item>").as_bytes());
    assert_eq!(empty.problems.first().unwrap().what, phrases::feed_entry_empty());
}

#[test]
fn deep_nesting_does_not_end_the_process() {
    let deep = rss(&format!("<item><guid>1</guid><title>a</title><x>{}{}</x></item>", "<y>".repeat(20_000), "</y>".repeat(20_000)));
    assert_eq!(entries(&deep).len(), 1);
    let content =
        rss(&format!("<item><guid>1</guid><title>a</title><description><![CDATA[{}]]></description></item>", "<div>".repeat(20_000)));
    assert_eq!(entries(&content).len(), 1);
}
