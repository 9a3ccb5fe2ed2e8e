//! What could not be read of a site.

use url::ParseError;

use super::both;
use crate::date::Doubt;

/// An address in the config that is empty.
#[must_use]
pub fn address_empty() -> String {
    both("chưa điền địa chỉ trang web", "the address is empty")
}

/// An address whose host mixes alphabets, as its server is asked for.
#[must_use]
pub fn address_mixes_alphabets(asked: &str) -> String {
    both(
        &format!(
            "tên miền này có chữ của bảng chữ khác trông giống chữ Latinh; trang được tải là {asked}; hãy chép lại từ trình duyệt nếu không đúng ý"
        ),
        &format!(
            "this name has letters of another alphabet that look like Latin ones; the site that is read is {asked}; copy it from the browser if that is not meant"
        ),
    )
}

/// An address without `https://`, with the address that was probably meant.
#[must_use]
pub fn address_without_scheme(meant: Option<&str>) -> String {
    let (vi, en) = ("địa chỉ phải bắt đầu bằng https:// hoặc http://", "an address starts with https:// or http://");
    match meant {
        Some(meant) => both(&format!("{vi}; có phải ý bạn là {meant}?"), &format!("{en}; did you mean {meant}?")),
        None => both(vi, en),
    }
}

/// An address of a kind that is never fetched, such as `ftp:`.
#[must_use]
pub fn address_wrong_scheme(scheme: &str) -> String {
    both(
        &format!("không đọc được địa chỉ loại {scheme}:, chỉ đọc được https:// và http://"),
        &format!("{scheme}: addresses cannot be read, only https:// and http://"),
    )
}

/// What is wrong with an address, in Vietnamese.
const FAULTS: &[(ParseError, &str)] = &[
    (ParseError::EmptyHost, "thiếu tên máy chủ"),
    (ParseError::IdnaError, "tên miền không hợp lệ"),
    (ParseError::InvalidPort, "số cổng không hợp lệ"),
    (ParseError::InvalidIpv4Address, "địa chỉ IPv4 không hợp lệ"),
    (ParseError::InvalidIpv6Address, "địa chỉ IPv6 không hợp lệ"),
    (ParseError::InvalidDomainCharacter, "tên miền có ký tự không được dùng, ví dụ dấu cách"),
    (ParseError::RelativeUrlWithoutBase, "thiếu https:// ở đầu"),
    (ParseError::Overflow, "địa chỉ quá dài"),
];

/// An address that no browser would open.
#[must_use]
pub fn address_malformed(error: ParseError) -> String {
    let fault = FAULTS.iter().find(|(known, _)| *known == error).map_or("hãy chép lại từ trình duyệt", |(_, fault)| *fault);
    both(&format!("địa chỉ trang web viết chưa đúng: {fault}"), &format!("this is not a web address: {error}"))
}

/// An address with a control character in it.
#[must_use]
pub fn address_control_character() -> String {
    both("địa chỉ có ký tự điều khiển hoặc xuống dòng; hãy gõ lại", "the address contains a control character or line break; type it anew")
}

/// An address longer than is sensible.
#[must_use]
pub fn address_too_long(limit: usize) -> String {
    both(&format!("địa chỉ dài quá {limit} ký tự"), &format!("the address is longer than {limit} bytes"))
}

/// An address with port 0.
#[must_use]
pub fn address_port_zero() -> String {
    both("cổng trong địa chỉ phải từ 1 đến 65535", "the port in an address is 1 to 65535")
}

/// A folder's path that is empty.
#[must_use]
pub fn folder_path_empty() -> String {
    both("chưa điền đường dẫn thư mục", "the path of the folder is empty")
}

/// A path that cannot be made absolute.
#[must_use]
pub fn folder_path_unusable(path: &str) -> String {
    both(&format!("không dùng được đường dẫn thư mục {path}"), &format!("the folder's path {path} cannot be used"))
}

/// An article's file with nothing in it.
#[must_use]
pub fn file_empty(name: &str) -> String {
    both(&format!("tệp {name} trống, chưa có bài"), &format!("the file {name} is empty"))
}

/// An article's file that is no text, such as a Word document with a wrong ending.
#[must_use]
pub fn file_not_text(name: &str) -> String {
    both(
        &format!("tệp {name} không phải văn bản; nếu là tệp Word, Excel hay PDF, hãy chép chữ sang tệp .txt"),
        &format!("the file {name} is not text; if it is a Word, Excel or PDF document, paste its text into a .txt file"),
    )
}

/// Two files that would be the same article.
#[must_use]
pub fn file_twice(name: &str, other: &str) -> String {
    both(
        &format!("tệp {name} trùng tên với {other}, chỉ đọc {other}; hãy đổi tên một trong hai"),
        &format!("{name} has the same name as {other}, only {other} is read; rename one of them"),
    )
}

/// A feed that cannot be read at all.
#[must_use]
pub fn feed_unreadable(error: &str) -> String {
    both(&format!("không đọc được bản tin RSS/Atom: {error}"), &format!("the feed cannot be read: {error}"))
}

/// A feed's entry in which there is nothing to show.
#[must_use]
pub fn feed_entry_empty() -> String {
    both("một mục trong bản tin không có tên, nội dung lẫn liên kết", "an entry of the feed has no title, text or link")
}

/// A feed's entry that relies on entities which the feed itself declares; they are never expanded.
#[must_use]
pub fn feed_entry_entities() -> String {
    both(
        "một mục dùng ký hiệu tự định nghĩa (ENTITY) nên bị bỏ qua",
        "an entry uses entities that the feed itself declares, so it was left out",
    )
}

/// A page on which our own reader failed.
#[must_use]
pub fn page_broke_reader() -> String {
    both("trang này làm bộ đọc bị lỗi; xin báo lỗi cho nhóm phát triển", "this page broke the reader; please report it")
}

/// A page that took too long to understand.
#[must_use]
pub fn page_too_slow() -> String {
    both("trang này quá phức tạp, đọc lâu quá mức cho phép", "this page takes too long to read")
}

/// A CSS selector in a recipe that no page needs.
#[must_use]
pub fn selector_too_long(most: usize) -> String {
    both(&format!("bộ chọn CSS dài quá {most} ký tự"), &format!("a CSS selector of more than {most} characters"))
}

/// A CSS selector in a recipe that cannot be read.
#[must_use]
pub fn selector_invalid(selector: &str) -> String {
    both(&format!("bộ chọn CSS viết sai: `{selector}`"), &format!("not a CSS selector: `{selector}`"))
}

/// A recipe's own file that cannot be read as one.
#[must_use]
pub fn recipe_invalid(path: &str, error: &str) -> String {
    both(&format!("tệp công thức {path} viết sai"), &format!("the recipe {path} is wrong: {error}"))
}

/// A page nested too deep, or too large, to be read.
#[must_use]
pub fn page_too_complex() -> String {
    both(
        "trang quá lớn hoặc mã HTML lồng quá sâu nên không đọc",
        "the page is too large or its HTML is nested too deep, so it was not read",
    )
}

/// A page that only shows other pages.
#[must_use]
pub fn page_of_frames() -> String {
    both(
        "trang này chỉ gồm các khung (frame); hãy mở trang bằng trình duyệt và lấy địa chỉ của khung có danh sách tin",
        "this page is made of frames only; use the address of the frame that has the news list",
    )
}

/// A list page without a single article.
#[must_use]
pub fn list_empty() -> String {
    both(
        "không thấy bài nào trên trang danh sách; hãy xem lại địa chỉ, hoặc viết công thức riêng cho trang này",
        "no article found on the list page; check its address, or write a recipe for the site",
    )
}

/// A list page with more articles than are followed.
#[must_use]
pub fn list_too_long(found: usize, limit: usize) -> String {
    both(
        &format!("danh sách dài bất thường: {found} bài, chỉ đọc {limit} bài đầu"),
        &format!("an unusually long list of {found} articles, the first {limit} were taken"),
    )
}

/// A page that should hold an article and does not.
#[must_use]
pub fn article_unreadable() -> String {
    both(
        "không đọc được bài trên trang này (trang báo lỗi, bảo trì hoặc không có nội dung)",
        "no article could be read on this page (an error page, under maintenance, or empty)",
    )
}

/// A date on an article's page that is not believed; the article is published without it.
#[must_use]
pub fn date_doubted(written: &str, doubt: Doubt) -> String {
    let (vi, en) = match doubt {
        Doubt::Impossible => ("không có ngày này trong lịch", "there is no such day"),
        Doubt::Future => ("ngày ở tương lai", "it lies in the future"),
        Doubt::Old => ("ngày trước năm 1990", "it is before 1990"),
    };
    both(
        &format!("bài không có ngày đăng dùng được: “{written}” ({vi})"),
        &format!("the article has no date that can be used: “{written}” ({en})"),
    )
}

/// A title with letters that could not be decoded, and none better on the page or in the list.
#[must_use]
pub fn title_broken() -> String {
    both("tiêu đề có chữ bị hỏng, bảng mã của trang không đọc được", "letters of the title are lost: the page's charset cannot be read")
}

/// Bytes that are no page: an archive, a picture, an unknown charset.
#[must_use]
pub fn page_not_text() -> String {
    both("đây không phải một trang văn bản, hoặc bảng mã chữ không đọc được", "this is no page of text, or its charset cannot be read")
}

/// A sitemap without a single article.
#[must_use]
pub fn sitemap_empty() -> String {
    both("sơ đồ trang (sitemap) này không có bài viết nào", "this sitemap lists no article")
}

/// An API that gave no list; `cause` is its own word, or the parser's.
#[must_use]
pub fn api_unreadable(cause: &str) -> String {
    both(&format!("không đọc được API của trang: {cause}"), &format!("the site's API gave no list: {cause}"))
}
