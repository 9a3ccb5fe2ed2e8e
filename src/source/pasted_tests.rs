use chrono::TimeZone;

use super::*;

const NOW: (i32, u32, u32) = (2026, 11, 22);

fn calendar() -> Calendar {
    let (year, month, day) = NOW;
    Calendar { zone: chrono_tz::Asia::Ho_Chi_Minh, now: Utc.with_ymd_and_hms(year, month, day, 8, 0, 0).earliest().unwrap_or_default() }
}

/// Title, date, author and HTML of a text.
fn check(text: &str, title: &str, published: Option<&str>, author: Option<&str>, html: &str) {
    let article = read(text, &calendar()).unwrap_or_default();
    assert_eq!(article.title, title, "{text}");
    assert_eq!(article.published.map(|at| at.to_rfc3339()).as_deref(), published, "{text}");
    assert_eq!(article.author.as_deref(), author, "{text}");
    assert_eq!(article.html, html, "{text}");
}

#[test]
fn a_whole_page_is_read_without_the_site_around_it() {
    let page = "Trang chủ > Tin tức\r\n\r\nKhai giảng lớp\r\nxóa mù số\r\nNgày đăng: 05/10/2026 | 08:15 | Lượt xem: 9\r\n\r\n\
        Sáng 5/10, phường mở lớp.\r\n\r\nLớp học có 3 < 5 buổi & miễn phí.\r\n\r\n\t\t\t\tTrần Văn Bình\r\n\r\nTrở về\r\nIn trang\r\n";
    let html = "<p>Sáng 5/10, phường mở lớp.</p>\n<p>Lớp học có 3 &lt; 5 buổi &amp; miễn phí.</p>\n";
    check(page, "Khai giảng lớp xóa mù số", Some("2026-10-05T08:15:00+07:00"), Some("Trần Văn Bình"), html);
}

#[test]
fn what_follows_the_list_of_other_articles_is_not_the_article() {
    let page = "Dọn vệ sinh ngõ\n17/09/2026\n\nBà con cùng dọn ngõ.\n\nCác tin khác:\nTin một (01/09/2026)\nTin hai\n";
    check(page, "Dọn vệ sinh ngõ", Some("2026-09-17T00:00:00+07:00"), None, "<p>Bà con cùng dọn ngõ.</p>\n");
}

#[test]
fn a_plain_text_starts_with_its_title() {
    check("Mất nước\n\nTối nay mất nước.", "Mất nước", None, None, "<p>Tối nay mất nước.</p>\n");
    check("\u{feff}Tin mới\nMất nước\nDòng một.\nDòng hai.", "Mất nước", None, None, "<p>Dòng một.</p>\n<p>Dòng hai.</p>\n");
    check("Chỉ có tên", "Chỉ có tên", None, None, "");
    assert!(read(" \n\t\n", &calendar()).is_none());
}

#[test]
fn a_date_inside_the_text_is_no_stamp() {
    let html = "<p>Họp vào ngày sau:</p>\n<p>17/09/2026</p>\n<p>Mời dự.</p>\n";
    check("Mời họp\n\nHọp vào ngày sau:\n\n17/09/2026\n\nMời dự.", "Mời họp", None, None, html);
}

#[test]
fn lines_end_where_their_writer_ended_them() {
    let wrapped = "Đoạn này do chương trình thư tự xuống dòng ở cột bảy mươi hai,";
    let page = format!("Lưu ý\n\n{wrapped}\nnên là một câu.\n\nĐề nghị:\n- Khóa van.\n- Tắt máy.");
    let html = format!("<p>{wrapped}\nnên là một câu.</p>\n<p>Đề nghị:<br />\n- Khóa van.<br />\n- Tắt máy.</p>\n");
    check(&page, "Lưu ý", None, None, &html);
}

#[test]
fn a_byline_is_a_name_alone() {
    let check = |line: &str, want: Option<&str>| assert_eq!(byline(line).as_deref(), want, "{line}");
    check("Hoàng Hiệp", Some("Hoàng Hiệp"));
    check("Tác giả: Lê Thị Hoa", Some("Lê Thị Hoa"));
    check("Tin, ảnh: Minh An", Some("Minh An"));
    check("Ban biên tập", Some("Ban biên tập"));
    check("Hội nghị thành công tốt đẹp", None);
    check("Xin cảm ơn.", None);
    check("Hà", None);
    check("Thời gian: 8 giờ", None);
    check("Tổ 7 Thổ Quan", None);
}

#[test]
fn a_lone_name_amid_the_text_stays() {
    check("Tin\n\nMột.\n\nHoàng Hiệp\n\nHai.", "Tin", None, None, "<p>Một.</p>\n<p>Hoàng Hiệp</p>\n<p>Hai.</p>\n");
    check("Tên bài\n\nHoàng Hiệp", "Tên bài", None, None, "<p>Hoàng Hiệp</p>\n");
}

#[test]
fn an_overlong_title_is_kept_in_the_text() {
    let title = "chữ ".repeat(100);
    let article = read(&title, &calendar()).unwrap_or_default();
    assert!(article.html.starts_with("<p>chữ chữ"));
}
