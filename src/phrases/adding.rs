//! What `add` says.

use super::both;

/// Beside the spinner, while a page is fetched.
#[must_use]
pub fn add_asking(url: &str) -> String {
    both(&format!("đang xem {url}"), "looking")
}

/// A site was asked enough.
#[must_use]
pub fn add_enough(requests: usize) -> String {
    both(&format!("đã hỏi trang {requests} lần, không hỏi thêm"), &format!("the site was asked {requests} times, which is enough"))
}

/// The head of a recipe that was learned.
#[must_use]
pub fn recipe_header(title: &str, from: &str) -> String {
    let title = title.replace(char::is_control, " ");
    format!(
        "# {title}: cách đọc trang này, do máy tự học từ chính các trang của nó.\n\
         # Nguồn: {from}. Sửa tay được; bỏ dòng `recipe` trong cấu hình thì máy lại tự tìm lấy.\n\
         # How to read this site, learned from its own pages. It may be changed by hand.\n\n"
    )
}

/// The line above a block.
#[must_use]
pub fn add_comment(url: &str) -> String {
    format!("loaphuong add {}", url.replace(char::is_control, ""))
}

/// What the front page of a site is called among addresses to try.
#[must_use]
pub fn add_front_page() -> String {
    both("Trang chủ", "front page")
}

/// A config that cannot be written.
#[must_use]
pub fn config_unwritable(path: &std::path::Path, error: &std::io::Error) -> String {
    let path = path.display();
    both(&format!("không ghi được {path}: {error}"), &format!("{path} cannot be written: {error}"))
}

/// A config that somebody changed while it was being edited.
#[must_use]
pub fn config_changed_meanwhile(path: &std::path::Path) -> String {
    let path = path.display();
    both(&format!("{path} vừa được người khác sửa; hãy thử lại"), &format!("{path} was changed by somebody else just now; try again"))
}

/// The site's own feed.
#[must_use]
pub fn way_feed() -> String {
    both("bản tin có sẵn của trang", "the site's own feed")
}

/// The site's own feed with the articles' pages.
#[must_use]
pub fn way_feed_followed() -> String {
    both("bản tin có sẵn của trang, nội dung đọc từ trang bài viết", "the site's own feed, followed to the articles' pages")
}

/// The API of the site's software.
#[must_use]
pub fn way_api() -> String {
    both("API của phần mềm làm trang", "the API of the site's software")
}

/// A sitemap.
#[must_use]
pub fn way_sitemap() -> String {
    both("sơ đồ trang (sitemap)", "sitemap")
}

/// Machine-readable marks on the list page.
#[must_use]
pub fn way_structured() -> String {
    both("dữ liệu có cấu trúc trên trang danh sách", "structured data on the list page")
}

/// A built-in recipe.
#[must_use]
pub fn way_family(recipe: &str) -> String {
    both(&format!("khuôn đọc có sẵn {recipe}"), &format!("the built-in recipe {recipe}"))
}

/// The list page, read by the generic finder.
#[must_use]
pub fn way_list() -> String {
    both("trang danh sách tin, tự tìm", "the list page, found by itself")
}

/// The list page, read by what was learned of it.
#[must_use]
pub fn way_learned() -> String {
    both("trang danh sách tin, theo khuôn vừa học", "the list page, by the recipe just learned")
}

/// A feed whose articles are on other sites.
#[must_use]
pub fn add_feed_elsewhere() -> String {
    both("bản tin này nói về trang khác", "this feed is about another site")
}

/// A feed or sitemap that has nothing of the list.
#[must_use]
pub fn add_other_news() -> String {
    both("không có các bài trong danh sách này", "it has other articles than this list")
}

/// A feed that stopped.
#[must_use]
pub fn add_stale() -> String {
    both("đã lâu không có bài mới", "it has had no new article for long")
}

/// An address that gave no feed.
#[must_use]
pub fn add_no_feed() -> String {
    both("địa chỉ này không phải bản tin", "this is no feed")
}

/// The page is a list.
#[must_use]
pub fn saw_list(articles: usize) -> String {
    both(&format!("một danh sách {articles} bài"), &format!("a list of {articles} articles"))
}

/// The page is a feed.
#[must_use]
pub fn saw_feed() -> String {
    both("một bản tin RSS, Atom hoặc JSON Feed", "a feed")
}

/// The front page of a site.
#[must_use]
pub fn saw_home(links: usize, articles: usize, sections: &[&str]) -> String {
    let named = sections.join(", ");
    let (muc, parts) = if sections.is_empty() {
        ("không thấy mục tin nào".to_owned(), "no news section among them".to_owned())
    } else {
        (format!("các mục tin: {named}"), format!("news sections: {named}"))
    };
    let (bai, news) = if articles == 0 {
        ("không thành một danh sách tin".to_owned(), "which make no list of news".to_owned())
    } else {
        (
            format!("{articles} giống bài viết, có thể thuộc nhiều mục"),
            format!("{articles} look like articles, perhaps of several sections"),
        )
    };
    both(
        &format!("trang chủ, {links} liên kết trong trang, {bai}; {muc}"),
        &format!("a front page with {links} links of its site, {news}; {parts}"),
    )
}

/// One article.
#[must_use]
pub fn saw_article() -> String {
    both("một bài viết, không phải danh sách tin", "an article, not a list of them")
}

/// A login form.
#[must_use]
pub fn saw_login() -> String {
    both("một trang đăng nhập; chương trình chỉ đọc trang ai cũng xem được", "a login; only pages that everybody can see are read")
}

/// A page made by scripts.
#[must_use]
pub fn saw_shell() -> String {
    both(
        "một trang gần như trống, nội dung do JavaScript dựng trong trình duyệt nên không đọc được",
        "a page that is nearly empty: its content is made by JavaScript in the browser",
    )
}

/// A firewall.
#[must_use]
pub fn saw_blocked() -> String {
    both("một trang chặn của tường lửa hoặc trang xác minh người dùng", "a firewall's refusal or a test for humans")
}

/// An error page.
#[must_use]
pub fn saw_missing() -> String {
    both("trang báo không tìm thấy (404)", "the site says that there is no such page (404)")
}

/// Frames.
#[must_use]
pub fn saw_frames() -> String {
    both("một trang chỉ gồm các khung (frame)", "a page made of frames only")
}

/// Something unreadable.
#[must_use]
pub fn saw_unreadable() -> String {
    both("không phải một trang đọc được", "no readable page")
}

/// A page of text without a list.
#[must_use]
pub fn saw_no_list() -> String {
    both("một trang không có danh sách bài viết", "a page without a list of articles")
}

/// What was seen, as a sentence.
#[must_use]
pub fn add_saw(url: &str, what: &str) -> String {
    format!("{url}: đã thấy (seen): {what}")
}

/// There is nothing to add.
#[must_use]
pub fn add_nothing() -> String {
    both("Không thêm được nguồn tin từ địa chỉ này.", "no source can be made of this address")
}

/// What to try, before a list of addresses.
#[must_use]
pub fn add_try_these() -> String {
    both("Hãy thử một trong các địa chỉ sau:", "try one of these:")
}

/// What to try where nothing better is known.
#[must_use]
pub fn add_try_browser() -> String {
    both(
        "Hãy mở trang bằng trình duyệt, bấm vào mục tin tức, rồi dùng địa chỉ của trang liệt kê các bài.",
        "open the site in a browser, go to its news section, and use the address of the page that lists the articles",
    )
}

/// What to do behind a firewall.
#[must_use]
pub fn add_ask_owner() -> String {
    both(
        "Hãy đề nghị người quản trị trang cho phép loaphuong, hoặc xin địa chỉ bản tin RSS.",
        "ask the site's owner to let loaphuong in, or for the address of a feed",
    )
}

/// The ways that were looked at, before their list.
#[must_use]
pub fn add_ways() -> String {
    both("Các cách đọc đã thử:", "the ways that were tried:")
}

/// One way with what it gave.
#[must_use]
pub fn add_way(way: &str, url: &str, whole: usize, wanted: usize, why: Option<&str>) -> String {
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    format!("{way}, {url}: đủ (whole) {whole}/{wanted}{why}")
}

/// Before the entries that are shown.
#[must_use]
pub fn add_preview(way: &str) -> String {
    both(&format!("Sẽ đọc bằng: {way}. Các bài mới nhất sẽ được đăng như sau:"), "as these articles would be published")
}

/// One entry's measures.
#[must_use]
pub fn add_measures(chars: usize, images: usize, attachments: usize) -> String {
    both(
        &format!("nội dung {chars} ký tự, {images} ảnh, {attachments} tệp đính kèm"),
        &format!("body {chars} characters, {images} pictures, {attachments} attachments"),
    )
}

/// The question, on a terminal.
#[must_use]
pub fn add_question() -> String {
    "Đúng chưa? (c/k) [Right? y/n] ".to_owned()
}

/// The answer was no.
#[must_use]
pub fn add_declined() -> String {
    both("Chưa ghi gì.", "nothing was written")
}

/// Nobody can be asked.
#[must_use]
pub fn add_say_yes() -> String {
    both(
        "Chưa ghi gì vì không có ai để hỏi; nếu đúng, thêm --yes.",
        "nothing was written: there is nobody to ask; add --yes if this is right",
    )
}

/// Written.
#[must_use]
pub fn add_written(name: &str, config: &std::path::Path) -> String {
    let config = config.display();
    both(
        &format!(
            "Đã thêm nguồn {name} vào {config}. Chương trình đang chạy sẽ tự đọc lại; muốn gửi tin đi, thêm [[subscriptions]] với feed = \"{name}\"."
        ),
        &format!("source {name} added to {config}; a running daemon takes it up by itself"),
    )
}

/// A site that is there already.
#[must_use]
pub fn add_known(name: &str) -> String {
    both(&format!("Trang này đã có trong cấu hình, là nguồn {name}."), &format!("this site is there already, as source {name}"))
}
