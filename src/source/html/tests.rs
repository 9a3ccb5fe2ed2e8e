#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use std::path::Path;

use super::*;
use crate::entry::Slug;
use crate::page::Validators;
use crate::source::Setting;

mod fields;
mod layouts;

const HOME: &str = "https://phuong.example.vn/tin-tuc";

fn build(keys: &str) -> Result<Arc<dyn Source>, String> {
    let slug = Slug::new("phuong").unwrap();
    let load = |path: &str| if path == "rieng.toml" { Ok("[list]\nentry = \"li.bai\"".to_owned()) } else { Err(format!("{path} missing")) };
    let setting = Setting { name: &slug, dir: Path::new("."), zone: chrono_tz::Asia::Ho_Chi_Minh, load: &load };
    let keys = toml::de::ValueDeserializer::parse(keys).unwrap();
    (KIND.build)(keys, &setting).map_err(|error| error.to_string())
}

fn page(html: &str) -> Page {
    let fetched = "2026-11-23T00:00:00Z".parse().unwrap();
    Page {
        url: Url::parse(HOME).unwrap(),
        fetched,
        media_type: None,
        charset: Some("utf-8".into()),
        body: html.to_owned().into(),
        validators: Validators::default(),
    }
}

fn list(html: &str) -> Reading {
    let source = build(&format!("{{ url = \"{HOME}\" }}")).unwrap();
    source.read(&Visit::listing(Url::parse(HOME).unwrap()), &page(html))
}

pub(super) fn article(html: &str) -> Reading {
    let source = build(&format!("{{ url = \"{HOME}\" }}")).unwrap();
    let url = Url::parse("https://phuong.example.vn/tin-tuc/bai-1.html").unwrap();
    let page = Page { url: url.clone(), ..page(html) };
    source.read(&Visit { guid: Some(Guid::new(url.as_str())), url, hint: Hint::default() }, &page)
}

#[test]
fn an_article_that_is_answered_with_the_list_is_not_read() {
    let source = build(&format!("{{ url = \"{HOME}\" }}")).unwrap();
    let url = Url::parse("https://phuong.example.vn/tin-tuc/bai-1.html").unwrap();
    let visit = Visit { guid: Some(Guid::new(url.as_str())), url, hint: Hint::default() };
    let reading = source
        .read(&visit, &page("<h1>Tin tức</h1><p>Trạm y tế phường tiêm chủng cho trẻ em vào sáng thứ Tư hằng tuần tại nhà văn hóa.</p>"));
    assert!(reading.entries.is_empty() && reading.problems.len() == 1, "{reading:?}");
}

/// The addresses of the articles on a list whose pieces are `pieces`.
fn linked(pieces: &str) -> Vec<String> {
    let known = "<li><a href='/tin/bai-viet-dau-tien-10.html'>Bài viết đầu tiên của phường</a></li><li><a href='/tin/bai-viet-thu-hai-11.html'>Bài viết thứ hai của phường</a></li>";
    let reading = list(&format!("<body><ul>{known}{pieces}</ul>"));
    reading.next.iter().filter(|visit| visit.guid.is_some()).skip(2).map(|visit| visit.url.to_string()).collect()
}

#[test]
fn a_source_says_what_is_wrong_with_its_keys() {
    let wrong = |keys: &str, word: &str| {
        let error = build(&format!("{{ url = \"{HOME}\", {keys} }}")).err().unwrap();
        assert!(error.contains(word), "{error}");
    };
    wrong("recipe = \"nukevit\"", "unknown variant `nukevit`, expected one of `auto`");
    wrong("recipe = { list = { entry = \"li >> a\" } }", "li >> a");
    wrong("recipe = { article = { bodi = \"p\" } }", "unknown field `bodi`");
    wrong("recipe = \"mat.toml\"", "mat.toml missing");
    wrong("limit = 3", "unknown field `limit`");
    assert!(build("{ url = \"ftp://phuong.vn\" }").is_err());
    assert!(build(&format!("{{ url = \"{HOME}\", recipe = \"rieng.toml\" }}")).is_ok());
    assert!(build(&format!("{{ url = \"{HOME}\", recipe = {{ list = {{ entry = \"li\" }} }} }}")).is_ok());
}

#[test]
fn only_links_to_articles_of_the_site_are_followed() {
    let check = |piece: &str, want: &[&str]| assert_eq!(linked(&format!("<li>{piece}</li>")), want, "{piece}");
    check("<a href='JaVaScRiPt:alert(1)'>Tin rất hay của phường</a>", &[]);
    check("<a href='data:text/html;base64,PHNjcmlwdD4='>Tin rất hay của phường</a>", &[]);
    check("<a href='java\tscript:alert(1)'>Tin rất hay của phường</a>", &[]);
    check("<a href='http://169.254.169.254/tin-hay-nhat-12.html'>Tin rất hay của phường</a>", &[]);
    check("<a href='https://evil.example/tin-hay-nhat-12.html'>Tin rất hay của phường</a>", &[]);
    check("<template><a href='/tin/tin-hay-nhat-12.html'>Tin rất hay của phường</a></template>", &[]);
    check("<a href='/tin/bai-viet-thu-hai-11.html?utm_source=x#y'>Bài viết thứ hai của phường</a>", &[]);
    check("<a href='/tin/bai-viet-thu-hai-11.html?x=1#y'>Bài viết thứ hai của phường</a>", &[]);
    check(
        "<a href='//www.phuong.example.vn/tin/tin-hay-nhat-12.html?fbclid=1'>Tin rất hay của phường</a>",
        &["https://www.phuong.example.vn/tin/tin-hay-nhat-12.html"],
    );
}

#[test]
fn a_base_on_another_host_is_ignored() {
    let reading = list(
        "<base href='//evil.example/'><ul><li><a href='/tin/bai-viet-dau-tien-10.html'>Bài viết đầu tiên của phường</a><li><a href='/tin/bai-viet-thu-hai-11.html'>Bài viết thứ hai của phường</a></ul>",
    );
    assert_eq!(reading.next[0].url.as_str(), "https://phuong.example.vn/tin/bai-viet-dau-tien-10.html");
}

#[test]
fn the_next_page_is_on_the_same_host_and_another_page() {
    let check = |html: &str, want: Option<&str>| {
        let pieces = "<ul><li><a href='/tin/bai-viet-dau-tien-10.html'>Bài viết đầu tiên của phường</a><li><a href='/tin/bai-viet-thu-hai-11.html'>Bài viết thứ hai của phường</a></ul>";
        let next = list(&format!("{pieces}{html}")).next.into_iter().find(|visit| visit.guid.is_none());
        assert_eq!(next.map(|visit| visit.url.to_string()).as_deref(), want, "{html}");
    };
    check("<a rel=next href='?page=2'>tiếp</a>", Some("https://phuong.example.vn/tin-tuc?page=2"));
    check("<a rel=next href='//evil.example/?page=2'>2</a>", None);
    check("<a rel=next href='/tin-tuc'>2</a>", None);
    check("<a href='?page=3'>3</a><a href='?page=2'>2</a>", Some("https://phuong.example.vn/tin-tuc?page=2"));
    check("<a href='/tin-tuc/trang-2'>Trang sau</a>", Some("https://phuong.example.vn/tin-tuc/trang-2"));
    check("<a href='#' onclick=\"self.location = '/tin-tuc?pagenum=2';\">2</a>", Some("https://phuong.example.vn/tin-tuc?pagenum=2"));
    check("<a href='#' onclick=\"self.location = 'javascript:alert(1)'\">2</a>", None);
    check("<meta http-equiv=refresh content='0;url=/'>", None);
}

/// The page after `here` on a list whose pager is `pager`.
fn page_after(here: &str, pager: &str) -> Option<String> {
    let pieces = "<ul><li><a href='/tin/bai-viet-dau-tien-10.html'>Bài viết đầu tiên của phường</a><li><a href='/tin/bai-viet-thu-hai-11.html'>Bài viết thứ hai của phường</a></ul>";
    let url = Url::parse(HOME).unwrap().join(here).unwrap();
    let source = build(&format!("{{ url = \"{HOME}\" }}")).unwrap();
    let reading = source.read(&Visit::listing(url.clone()), &Page { url, ..page(&format!("{pieces}<div>{pager}</div>")) });
    let next = reading.next.into_iter().find(|visit| visit.guid.is_none())?.url;
    Some(next.as_str().trim_start_matches("https://phuong.example.vn").to_owned())
}

#[test]
fn the_pages_of_a_list_follow_each_other_and_end() {
    let check = |pager: &str, pages: &[&str]| {
        for (at, here) in pages.iter().enumerate() {
            assert_eq!(page_after(here, pager).as_deref(), pages.get(at + 1).copied(), "{here} {pager}");
        }
    };
    let numbers = |address: fn(usize) -> String| (1..=3).map(|n| format!("<a href='{}'>{n}</a> ", address(n))).collect::<String>();
    check(&numbers(|n| format!("/tin-tuc?page={n}")), &["/tin-tuc", "/tin-tuc?page=2", "/tin-tuc?page=3"]);
    check(&numbers(|n| format!("/tin-tuc?page={}", n - 1)), &["/tin-tuc", "/tin-tuc?page=1", "/tin-tuc?page=2"]);
    check(&numbers(|n| format!("/tin-tuc/page-{n}/")), &["/tin-tuc", "/tin-tuc/page-2/", "/tin-tuc/page-3/"]);
    check(&numbers(|n| format!("/tin-tuc/page/{n}/")), &["/tin-tuc", "/tin-tuc/page/2/", "/tin-tuc/page/3/"]);
    check(&numbers(|n| format!("/tin-tuc/trang-{n}.html")), &["/tin-tuc", "/tin-tuc/trang-2.html", "/tin-tuc/trang-3.html"]);
    check(&numbers(|n| format!("/tin-tuc?start={}", (n - 1) * 10)), &["/tin-tuc", "/tin-tuc?start=10", "/tin-tuc?start=20"]);
    check(
        &numbers(|n| format!("/tin-tuc?_101_x_delta=10&_101_x_cur={n}")),
        &["/tin-tuc", "/tin-tuc?_101_x_delta=10&_101_x_cur=2", "/tin-tuc?_101_x_delta=10&_101_x_cur=3"],
    );
    check(
        "<a href='#' onclick=\"self.location='/tin-tuc?pagenum=2'\">2</a><a href='#' onclick=\"self.location='/tin-tuc?pagenum=3'\">3</a>",
        &["/tin-tuc", "/tin-tuc?pagenum=2", "/tin-tuc?pagenum=3"],
    );
    check("<a href=\"javascript:window.location.href='/tin-tuc?trang=2'\">2</a>", &["/tin-tuc", "/tin-tuc?trang=2"]);
    check("<a href='javascript:;' data-href='/tin-tuc?trang=2'>»</a>", &["/tin-tuc", "/tin-tuc?trang=2"]);
    check("<button data-url='/tin-tuc/them?offset=12'>Xem thêm</button>", &["/tin-tuc", "/tin-tuc/them?offset=12"]);
    check("<div data-next='/tin-tuc?page=2'></div>", &["/tin-tuc", "/tin-tuc?page=2"]);
    check("<link rel=next href='/tin-tuc?page=2'><a rel=next href='/tin-tuc?page=5'>5</a>", &["/tin-tuc", "/tin-tuc?page=2"]);
    check("<a rel='next' href='/tin-tuc?sau=aWQ9OTk'>Tin cũ hơn</a>", &["/tin-tuc", "/tin-tuc?sau=aWQ9OTk"]);
}

#[test]
fn what_is_no_next_page_is_not_followed() {
    for pager in [
        "<a href='/tin-tuc?page=1'>1</a><a href='javascript:void(0)'>»</a>",
        "<a href=\"javascript:__doPostBack('p','2')\">2</a>",
        "<button data-url='https://khac.example/tin?page=2'>Xem thêm</button>",
        "<button data-url='/tin-tuc?page=2' data-method='post'>Xem thêm</button>",
        "<a href='https://khac.example/tin-tuc?page=2'>2</a>",
        "<a href='/lich-su'>Sau</a>",
        "<a href='/tin-tuc#page=2'>2</a>",
    ] {
        assert_eq!(page_after("/tin-tuc", pager), None, "{pager}");
    }
    assert_eq!(page_after("/tin-tuc?page=3", "<a href='/tin-tuc?page=1'>»</a>"), None);
    assert_eq!(page_after("/tin-tuc?page=3", "<a rel=next href='/tin-tuc?page=2'>2</a>"), None);
}

/// What a list of three tells of the first, whose piece this is: title, day, teaser.
fn told(piece: &str) -> (String, String, String) {
    let more: String =
        (2..4).map(|n| format!("<li><h3><a href='/tin/bai-so-{n}0.html'>Bài viết khác của phường số {n}</a></h3></li>")).collect();
    let reading = list(&format!("<ul><li>{piece}</li>{more}</ul>"));
    let first = reading.next.into_iter().find(|visit| visit.url.path() == "/tin/bai-viet-10.html").unwrap_or_else(|| panic!("{piece}"));
    let day = first.hint.published.map(|at| at.to_rfc3339()).unwrap_or_default();
    (first.hint.title.unwrap_or_default(), day.get(..10).unwrap_or_default().to_owned(), first.hint.summary.unwrap_or_default())
}

#[test]
fn a_title_is_told_whole() {
    let check = |piece: &str| assert_eq!(told(piece).0, "Phường mở lớp dạy bơi cho trẻ em hè này", "{piece}");
    check("<a href='/tin/bai-viet-10.html'>Phường mở lớp dạy bơi cho trẻ em hè này</a>");
    check("<a href='/tin/bai-viet-10.html' title='Phường mở lớp dạy bơi cho trẻ em hè này'>Phường mở lớp dạy bơi...</a>");
    check("<a href='/tin/bai-viet-10.html'><img src=a.jpg alt='Phường mở lớp dạy bơi cho trẻ em hè này'></a>");
    check(
        "<a href='/tin/bai-viet-10.html'><img src=a.jpg alt='Phường mở lớp dạy bơi cho trẻ em hè này'></a><h3><a href='/tin/bai-viet-10.html'>Phường mở lớp dạy…</a></h3>",
    );
    check("<a href='/tin/bai-viet-10.html' title='Phường mở lớp dạy bơi cho trẻ em hè này'><img src=a.jpg></a>");
    check("<a href='/tin/bai-viet-10.html'>Phường mở lớp dạy bơi cho trẻ em hè này <em>(14/11/2017) </em></a>");
    check(
        "<a href='/tin/bai-viet-10.html'><div class=date>14/11/2017</div><h4>Phường mở lớp dạy bơi cho trẻ em hè này</h4><p>Lớp học miễn phí, bà con đăng ký tại nhà văn hóa của tổ.</p></a>",
    );
    check("<h3>Phường mở lớp dạy bơi cho trẻ em hè này</h3><p>Lớp học miễn phí.</p><a href='/tin/bai-viet-10.html'>Xem chi tiết »</a>");
}

#[test]
fn the_day_is_told_as_the_list_writes_it() {
    let check = |beside: &str, want: &str| {
        let piece = format!("<a href='/tin/bai-viet-10.html'>Kế hoạch ngày 01/02/2018 mở lớp dạy bơi cho trẻ em</a>{beside}");
        assert_eq!(told(&piece).1, want, "{beside}");
    };
    check("<span>(7/03/2019)</span>", "2019-03-07");
    check("<span>14/11/2017 17:36:29</span>", "2017-11-14");
    check("<span class=time-ago title='2026-11-22T08:16:00'>2 giờ trước</span>", "2026-11-22");
    check("<time datetime='2019-09-17T16:30:00+07:00'>hôm nọ</time>", "2019-09-17");
    check("<span>Ban biên tập | 17/09/2019</span>", "2019-09-17");
    check("<b>07</b><i>Tháng 3, 2019</i>", "2019-03-07");
    check("<b>07</b><i>03/2019</i>", "2019-03-07");
    check("<p>Thực hiện Kế hoạch số 12/KH-UBND ngày 13/5/2019 của Ủy ban nhân dân phường về việc mở lớp.</p>", "");
    check("<span>2 giờ trước</span>", "");
    check("<span>31/02/2019</span>", "");
    check("", "");
}

#[test]
fn a_teaser_says_more_than_the_title() {
    let link = "<a href='/tin/bai-viet-10.html' title='Phường mở lớp dạy bơi cho trẻ em hè này tại bể bơi của trường'>Phường mở lớp dạy bơi cho trẻ em hè này...</a>";
    let lead = "Lớp học miễn phí, mỗi tuần ba buổi, bà con đăng ký tại nhà văn hóa.";
    assert_eq!(told(&format!("{link}<p>{lead}</p><p>Xem tiếp</p>")).2, lead);
    assert_eq!(told(link).2, "");
}

#[test]
fn the_newest_come_first_wherever_they_stand() {
    let piece =
        |n: usize, day: &str| format!("<li><a href='/tin/bai-viet-so-{n}0.html'>Bài viết số {n} của phường ta</a> <span>{day}</span></li>");
    let paths = |html: &str| list(html).next.iter().map(|visit| visit.url.path().to_owned()).collect::<Vec<_>>();
    let featured = "<div class=noi-bat><h2><a href='/tin/bai-viet-so-20.html'>Bài viết số 2 của phường ta</a></h2></div>";
    let html = format!("{featured}<ul>{}{}{}</ul>", piece(1, "02/11/2026"), piece(2, "01/11/2026"), piece(3, "03/11/2026"));
    assert_eq!(paths(&html), ["/tin/bai-viet-so-30.html", "/tin/bai-viet-so-10.html", "/tin/bai-viet-so-20.html"]);
    let undated = format!("<ul>{}{}{}</ul>", piece(3, ""), piece(1, ""), piece(2, "01/11/2026"));
    assert_eq!(paths(&undated), ["/tin/bai-viet-so-30.html", "/tin/bai-viet-so-10.html", "/tin/bai-viet-so-20.html"]);
}

#[test]
fn large_pages_are_read_in_bounds() {
    let links: String = (0..100_000).map(|n| format!("<li><a href=/tin/bai-{n}.html>Tin số {n} của phường ta</a>")).collect();
    assert_eq!(list(&format!("<ul>{links}</ul>")).next.len(), 100);
    let text = format!("<p>{}</p>", "Phường thông báo đến bà con. ".repeat(40)).repeat(6_000);
    assert!(list(&text).next.is_empty());
    let rows: String = (0..20_000).map(|n| format!("<div class=c{n}><div><a href='/m/{n}'>Mục số {n} của trang</a></div></div>")).collect();
    assert!(list(&format!("<div>{rows}</div>")).next.len() <= 100);
}

#[test]
fn a_list_that_cannot_be_read_is_a_problem() {
    let check = |html: &str, word: &str| {
        let reading = list(html);
        assert!(reading.next.is_empty() && reading.entries.is_empty() && reading.problems.len() == 1, "{html:.60}");
        assert!(reading.problems[0].what.contains(word), "{:?}", reading.problems);
    };
    check("", "no article found");
    check("<html><body><ul></ul></body></html>", "no article found");
    check("<frameset><frame src=/a></frameset>", "frames");
    check(&"<div>".repeat(100_000), "too deep");
    check(&"tin ".repeat(250_000), "no article found");
    check("Ph\u{0}\u{fffd}<a href=", "no page of text");
}

#[test]
fn an_unusually_long_list_is_cut_and_told() {
    let pieces: String = (0..300).map(|i| format!("<li><a href=/tin/bai-so-{i:03}.html>Tin số {i:03} của phường ta</a></li>")).collect();
    let reading = list(&format!("<ul>{pieces}</ul>"));
    assert_eq!((reading.next.len(), reading.problems.len()), (100, 1));
    assert!(reading.problems[0].what.contains("300"), "{:?}", reading.problems);
    assert_eq!(reading.next[0].url.path(), "/tin/bai-so-000.html");
}

#[test]
fn an_article_always_has_a_title() {
    let check = |html: &str, want: &str| {
        let reading = article(html);
        assert_eq!(reading.entries.first().map(|entry| entry.title.as_str()), Some(want), "{html:.60}: {:?}", reading.problems);
    };
    check("<h1> </h1><p>nội dung thông báo của phường</p>", "nội dung thông báo của phường");
    check("<meta property=og:title content='Tin mới'><h1> </h1><p>nội dung thông báo của phường</p>", "Tin mới");
    check("<h1>Họp <b>HĐND</b> &lt;script&gt;alert(1)&lt;/script&gt;</h1><p>nội dung thông báo</p>", "Họp HĐND <script>alert(1)</script>");
    check("<h1>Ph&#432;&#7901;ng Th&#7893; Quan</h1><p>nội dung thông báo</p>", "Phường Thổ Quan");
    check("<h1>Thông báo a&#0;b&#8;c</h1><p>nội dung thông báo</p>", "Thông báo abc");
    let long = article(&format!("<h1>{}</h1><p>nội dung thông báo</p>", "Tin tức ".repeat(12_500)));
    assert!(long.entries[0].title.chars().count() <= 301, "{}", long.entries[0].title);
}

#[test]
fn clock_and_counter_are_no_date_and_no_text() {
    let page = |clock: &str, views: u32| {
        format!(
            "<div>Hôm nay: Chủ nhật, 22/11/2026 {clock}</div><h1>Thông báo họp tổ dân phố</h1><p>Ngày đăng 17/09/2019 | 16:30  | Lượt xem: {views}</p><p>Mời bà con đến họp lúc 19 giờ tại nhà văn hóa.</p><p>Rất mong bà con có mặt đông đủ.</p>"
        )
    };
    let first = article(&page("21:59:07", 261));
    assert_eq!(first, article(&page("22:10:33", 262)));
    assert_eq!(first.entries[0].published.unwrap().to_rfc3339(), "2019-09-17T16:30:00+07:00");
    assert_eq!(
        first.entries[0].content_html,
        "<p>Mời bà con đến họp lúc 19 giờ tại nhà văn hóa.</p><p>Rất mong bà con có mặt đông đủ.</p>"
    );
}

#[test]
fn a_page_that_is_no_article_is_a_problem() {
    let check = |html: &str| {
        let reading = article(html);
        assert!(reading.entries.is_empty() && reading.problems.len() == 1, "{html:.60}: {:?}", reading.problems);
        assert_eq!(reading.problems[0].guid.as_ref().unwrap().as_str(), "https://phuong.example.vn/tin-tuc/bai-1.html");
    };
    check("");
    check("<h1>Trang đang bảo trì</h1><p>Mời quý vị quay lại sau.</p>");
    check("<title>Lỗi 404</title><body><p>Không tìm thấy trang yêu cầu.</p>");
    check("<!-- <p>chữ</p>");
    check(&format!("<h1>Sách</h1><p>{}</p>", "a ".repeat(600_000)));
}

#[test]
fn a_date_that_is_not_believed_is_a_problem() {
    let dated =
        |line: &str| article(&format!("<h1>Lịch cắt điện</h1><div>{line}</div><p>Điện lực tạm cắt điện để sửa đường dây tại các ngõ.</p>"));
    for (line, why) in [("Ngày đăng 31/02/2019", "no such day"), ("17/09/2999 | 16:30", "in the future"), ("01/01/1970", "before 1990")]
    {
        let reading = dated(line);
        assert_eq!(reading.entries[0].published, None);
        assert!(reading.problems.len() == 1 && reading.problems[0].what.contains(why), "{line}: {:?}", reading.problems);
    }
    for line in ["Ngày đăng 17/09/2019", "Phòng văn hóa"] {
        assert_eq!(dated(line).problems, []);
    }
}

#[test]
fn hostile_pages_give_no_news() {
    let cases = [
        "<div>".repeat(400_000),
        "<table><tr><td>".repeat(20_000),
        format!("<div {}>x</div>", (0..150_000).map(|i| format!("a{i} ")).collect::<String>()),
        "<!--".repeat(20_000),
        "<".repeat(100_000),
        format!("{}{}", (0..3_000).map(|i| format!("<b id={i}>")).collect::<String>(), "<p>".repeat(3_000)),
    ];
    for html in &cases {
        let listing = list(html);
        assert!(listing.next.is_empty() && listing.problems.len() == 1, "{html:.40}");
    }
    let too_complex = |html: &String| article(html).problems.iter().any(|p| p.what.contains("too deep"));
    assert!(cases.iter().take(3).all(too_complex));
}

/// Pages that once took minutes: what is looked at again for each piece, and what others write slowly.
#[test]
fn no_page_takes_quadratic_time() {
    let title = "<h1>Tạm ngừng cấp nước tại phố Hoa Gạo</h1>";
    let pieces = [
        ("<p>Ngày đăng: 17/09/2019 16:30</p>", 2_000),
        ("<span>tin </span>", 4_000),
        ("<p>Từ 8 giờ.</p><div class=caption><span class=caption>Ảnh: Hoa Gạo</span></div>", 1_000),
        ("&amp;&eacute;", 100_000),
        ("Céng hoµ x· héi chñ nghÜa ViÖt Nam ", 10_000),
        ("tin tức<br>", 4_000),
    ];
    for (piece, times) in pieces {
        let reading = article(&format!("{title}{}", piece.repeat(times)));
        assert!(reading.entries.len() + reading.problems.len() > 0, "{piece}");
    }
    let deep = format!("{}tin{}", "<div>".repeat(480), "</div>".repeat(480));
    assert_eq!(article(&deep.repeat(20)).entries.len(), 0);
}
