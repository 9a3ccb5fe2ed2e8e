//! The public pages.

use super::{Language, both};

/// Page: the heading over the newest entries.
#[must_use]
pub const fn page_latest(language: Language) -> &'static str {
    language.pick("Tin mới nhất", "Latest news")
}

/// Page: nothing there yet.
#[must_use]
pub const fn page_no_news(language: Language) -> &'static str {
    language.pick("Chưa có tin nào. Xin quay lại sau.", "No news yet. Please come back later.")
}

/// Page: the heading over the feeds.
#[must_use]
pub const fn page_follow(language: Language) -> &'static str {
    language.pick("Theo dõi tin", "Follow the news")
}

/// Page: how feeds are used.
#[must_use]
pub const fn page_follow_how(language: Language) -> &'static str {
    language.pick(
        "Chép một địa chỉ dưới đây vào ứng dụng đọc tin (RSS) trên điện thoại hoặc máy tính; có tin mới là máy tự báo.",
        "Copy one of these addresses into any feed reader; it will tell you of each new article.",
    )
}

/// Page: nothing at this address.
#[must_use]
pub const fn page_missing(language: Language) -> &'static str {
    language.pick("Không tìm thấy trang", "Page not found")
}

/// Page: an article that its site took back.
#[must_use]
pub const fn page_withdrawn(language: Language) -> &'static str {
    language.pick("Bài này đã được gỡ trên trang nguồn", "This article was withdrawn by its site")
}

/// Page: back to the front.
#[must_use]
pub const fn page_home(language: Language) -> &'static str {
    language.pick("Về trang đầu", "Go to the front page")
}

/// Page: the database did not answer.
#[must_use]
pub fn page_failed() -> String {
    both("Tạm thời chưa xem được, xin thử lại sau ít phút.", "Not available right now, please try again in a few minutes.")
}

/// Page: a client asks too often.
#[must_use]
pub fn page_too_often(seconds: u64) -> String {
    both(
        &format!("quá nhiều yêu cầu từ cùng một nơi, xin thử lại sau {seconds} giây"),
        &format!("too many requests from one place, try again in {seconds} seconds"),
    )
}

/// Page: none of the shapes of a feed is what the client takes.
#[must_use]
pub fn page_shapes(shapes: &[String]) -> String {
    let listed = shapes.join("\n");
    format!("{}\n{listed}\n", both("bản tin này có ở các địa chỉ sau", "this feed is to be had at these addresses"))
}
