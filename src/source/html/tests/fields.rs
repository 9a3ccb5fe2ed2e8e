//! Title, author and date of single pages.

use super::article;
use crate::entry::Entry;

const TEXT: &str = "<p>Sáng nay, hơn một trăm người dân đã dọn cỏ, trồng hoa dọc bờ mương sau chợ, ai cũng mang theo cuốc xẻng của nhà mình.</p>\
    <p>Đến trưa, cả đoạn đường dài gần năm trăm mét đã sạch rác, hai bên là những luống hoa mười giờ vừa xuống giống.</p>";

fn entry(head: &str, body: &str) -> Entry {
    let mut entries = article(&format!("<html><head>{head}</head><body>{body}</body></html>")).entries;
    assert_eq!(entries.len(), 1, "{head} {body}");
    entries.remove(0)
}

fn check_title(head: &str, shown: &str, want: &str) {
    assert_eq!(entry(head, &format!("<h1>{shown}</h1>{TEXT}")).title, want, "{head} {shown}");
}

fn og(title: &str) -> String {
    format!("<meta property='og:title' content=\"{title}\">")
}

#[test]
fn a_title_for_sharing_is_the_one_to_publish() {
    check_title(
        &og("Người dân tổ 5 trồng hoa bên bờ mương"),
        "Ra quân: Hơn trăm người dân tổ 5 trồng hoa",
        "Người dân tổ 5 trồng hoa bên bờ mương",
    );
    check_title(&og("Trồng hoa bên bờ mương - Phường Bến Hoa"), "Trồng hoa bên bờ mương", "Trồng hoa bên bờ mương");
    check_title(&og("Phường Bến Hoa | Trồng hoa bên bờ mương"), "Trồng hoa bên bờ mương", "Trồng hoa bên bờ mương");
    check_title(&og("Trồng hoa 'mười giờ' bên bờ mương"), "Trồng hoa ‘mười giờ’ bên bờ mương", "Trồng hoa 'mười giờ' bên bờ mương");
    check_title(&og("Trồng hoa &amp;quot;mười giờ&amp;quot;"), "Trồng hoa “mười giờ”", "Trồng hoa \"mười giờ\"");
}

#[test]
fn a_title_that_says_less_or_something_else_is_not_published() {
    check_title(&og("Trồng hoa "), "Trồng hoa \"mười giờ\" bên bờ mương", "Trồng hoa \"mười giờ\" bên bờ mương");
    check_title(&og("Trồng hoa bên bờ…"), "Trồng hoa bên bờ mương", "Trồng hoa bên bờ mương");
    check_title(&og("Trong hoa ben bo muong"), "Trồng hoa bên bờ mương", "Trồng hoa bên bờ mương");
    check_title(&og("Cổng thông tin điện tử phường Bến Hoa"), "Phường Bến Hoa trồng hoa", "Phường Bến Hoa trồng hoa");
    let site = format!("<title>Phường Bến Hoa trồng hoa - UBND phường Bến Hoa</title>{}", og("UBND phường Bến Hoa"));
    check_title(&site, "Phường Bến Hoa trồng hoa", "Phường Bến Hoa trồng hoa");
    check_title(&og("UBND phường Bến Hoa"), "Phường Bến Hoa trồng hoa", "Phường Bến Hoa trồng hoa");
    let named = format!("<meta property='og:site_name' content='UBND phường Bến Hoa'>{}", og("UBND phường Bến Hoa"));
    check_title(&named, "Phường Bến Hoa trồng hoa", "Phường Bến Hoa trồng hoa");
}

fn check_author(head: &str, body: &str, want: Option<&str>) {
    let page = format!("<h1>Trồng hoa bên bờ mương sau chợ</h1>{body}");
    assert_eq!(entry(head, &page).author.as_deref(), want, "{head} {body}");
}

fn said(author: &str) -> String {
    format!("<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"author\":{author}}}</script>")
}

#[test]
fn people_are_named_before_those_they_write_for() {
    let both =
        said(r#"[{"@type":"Person","name":"Hoa Sim"},{"@type":"Organization","name":"Báo Quận"},{"@type":"Person","name":"Mộc Lan "}]"#);
    check_author(&both, TEXT, Some("Hoa Sim, Mộc Lan"));
    let site = said(r#"{"@type":"Organization","name":"Báo Quận"}"#);
    check_author(&site, TEXT, Some("Báo Quận"));
    check_author(&site, &format!("<div class=article__author>Von Hanna Blum</div>{TEXT}"), Some("Hanna Blum"));
    check_author(&format!("{site}<meta name='cms:author' content='Hoa Sim'>"), TEXT, Some("Hoa Sim"));
    check_author(&said("\"admin\""), TEXT, None);
    check_author("<meta name=author content='Cổng thông tin điện tử phường Bến Hoa'>", TEXT, None);
    check_author("<meta name=author content='Phường'><meta property='og:site_name' content='Phường'>", TEXT, None);
    check_author("<meta name=Author content='Hoa Sim'>", TEXT, Some("Hoa Sim"));
    check_author("<meta name=author content='105092'>", TEXT, None);
}

#[test]
fn names_are_found_where_names_stand() {
    check_author("", &format!("<p class=meta>von <a href='/autoren/name/blum'>Dr. Hanna Blum</a></p>{TEXT}"), Some("Dr. Hanna Blum"));
    let two = "<ul><li><a href='/author/1'>Hanna Blum</a></li><li><a href='/author/2'>Ida Kern</a></li></ul>";
    check_author("", &format!("{two}{TEXT}"), Some("Hanna Blum, Ida Kern"));
    check_author("", &format!("<p class=author-box>Read More Stories</p>{TEXT}"), None);
    check_author("", &format!("{TEXT}<div>(责编：牛小花、岳小草)</div>"), Some("牛小花、岳小草"));
    check_author("", &format!("{TEXT}<p>Hoa Sim</p>"), Some("Hoa Sim"));
}

#[test]
fn a_vietnamese_article_is_signed_at_its_end() {
    check_author("<meta name=author content='Người Nhập Tin'>", &format!("{TEXT}<p>Hoa Sim</p>"), Some("Hoa Sim"));
    let english = "<p>More than a hundred people came on Saturday to plant flowers along the old canal behind the market.</p>";
    let page = format!("<h1>Flowers along the canal</h1>{english}{english}<p>Latest National Stories</p>");
    assert_eq!(entry("<meta name=author content='Ida Kern'>", &page).author.as_deref(), Some("Ida Kern"));
}

fn check_date(head: &str, body: &str, want: Option<&str>) {
    let published = entry(head, body).published.map(|at| at.to_rfc3339());
    assert_eq!(published.as_deref(), want, "{head} {body}");
}

#[test]
fn the_offset_may_be_written_elsewhere() {
    let shown = format!("<h1>Trồng hoa bên bờ mương</h1><p>19/11/2026 20:05</p>{TEXT}");
    let meta = |time: &str| {
        format!(
            "<script type='application/ld+json'>{{\"@type\":\"Article\",\"datePublished\":\"2026-11-19 20:05:00\"}}</script><meta property='article:published_time' content='{time}'>"
        )
    };
    check_date(&meta("2026-11-19T20:05:00+02:00"), &shown, Some("2026-11-19T20:05:00+02:00"));
    check_date(&meta("2026-11-19T20:09:00+02:00"), &shown, Some("2026-11-19T20:05:00+07:00"));
    check_date(&meta("2026-11-19T20:05:00Z"), &shown, Some("2026-11-19T20:05:00+07:00"));
}

#[test]
fn dates_of_others_and_in_sentences_are_not_the_articles() {
    let other = "<div><time datetime='2026-08-05'>5/8/2026</time> <a href='/tin-tuc/khac-2.html'>Một bài khác của phường</a></div>";
    check_date(
        "",
        &format!(
            "{other}<h1>Trồng hoa bên bờ mương</h1><ul><li>19/11/2026</li><li><a href=/goc>Góc nhỏ của người dân phường</a></li></ul>{TEXT}"
        ),
        Some("2026-11-19T00:00:00+07:00"),
    );
    check_date("", &format!("<h1>Trồng hoa bên bờ mương</h1><p>19/11/2026 | Đời sống</p>{TEXT}"), Some("2026-11-19T00:00:00+07:00"));
    let told = "<p>Trang tin mở ngày đầu tiên, <b>8/8/2009</b>, khi phường còn chưa có mạng, và người viết phải đạp xe lên quận để gửi bài mỗi chiều.</p>";
    check_date("", &format!("<h1>Trồng hoa bên bờ mương</h1>{TEXT}{told}"), None);
    check_date("", &format!("<p>19/11/2026</p><h1>Trồng hoa bên bờ mương</h1>{TEXT}{told}"), Some("2026-11-19T00:00:00+07:00"));
    let own = "<a href='/tin-tuc/bai-1.html'>Chuyện trong phường // <span>19/11/2026</span></a>";
    check_date("", &format!("<div>{own}</div><h1>Trồng hoa bên bờ mương</h1>{TEXT}"), Some("2026-11-19T00:00:00+07:00"));
}

#[test]
fn the_clock_of_the_site_is_no_date_of_an_article() {
    let titled = format!("<h1>Trồng hoa bên bờ mương</h1>{TEXT}");
    let menu = "<a href='/a'>Giới thiệu</a> <a href='/b'>Tin tức</a> <a href='/c'>Văn bản</a> <a href='/d'>Liên hệ</a>";
    for clock in [
        "<span id='today'>19/11/2026 10:30:11</span>".to_owned(),
        "<div class='dong-ho'>Thứ Năm, 19/11/2026 10:15</div>".to_owned(),
        "<div>Thứ Năm, 19/11/2026 - 10:15 (Âm lịch: 11/10/2026)</div>".to_owned(),
        format!("<div>{menu} <span>Thứ năm, 19/11/2026 10:20</span></div>"),
    ] {
        check_date("", &format!("{clock}{titled}"), None);
        let own = format!("{clock}<h1>Trồng hoa bên bờ mương</h1><p>Ngày đăng: 17/11/2026</p>{TEXT}");
        check_date("", &own, Some("2026-11-17T00:00:00+07:00"));
    }
    check_date("", &format!("<p>Aa 18 | 17/11/2026 23:30</p>{titled}"), Some("2026-11-17T23:30:00+07:00"));
}
