//! The public pages. Everything on them is said in both languages.

use super::{Said, both};

/// Page: passes over the head of the page.
#[must_use]
pub const fn page_skip() -> Said {
    Said::new("Đến nội dung chính", "Skip to the main content")
}

/// Page: the name of the links in its head.
#[must_use]
pub const fn page_menu() -> Said {
    Said::new("Các mục", "Sections")
}

/// Page: the heading over the newest entries.
#[must_use]
pub const fn page_latest() -> Said {
    Said::new("Tin mới nhất", "Latest news")
}

/// Page: the same in a few letters.
#[must_use]
pub const fn page_news() -> Said {
    Said::new("Tin mới", "News")
}

/// Page: the heading over older entries.
#[must_use]
pub const fn page_earlier() -> Said {
    Said::new("Tin cũ hơn", "Earlier news")
}

/// Page: back to the newest.
#[must_use]
pub const fn page_to_latest() -> Said {
    Said::new("Về tin mới nhất", "Back to the latest")
}

/// Page: leads on in a list.
#[must_use]
pub const fn page_next() -> Said {
    Said::new("Trang sau", "Next page")
}

/// Page: leads back in a list.
#[must_use]
pub const fn page_previous() -> Said {
    Said::new("Trang trước", "Previous page")
}

/// Page: the name of the links to other pages of a list.
#[must_use]
pub const fn page_pages() -> Said {
    Said::new("Các trang", "Pages")
}

/// Page: nothing there yet.
#[must_use]
pub const fn page_no_news() -> Said {
    Said::new("Chưa có tin nào. Xin quay lại sau.", "No news yet. Please come back later.")
}

/// Page: nothing at this address.
#[must_use]
pub const fn page_missing() -> Said {
    Said::new("Không tìm thấy trang", "Page not found")
}

/// Page: what to do where there is nothing.
#[must_use]
pub const fn page_missing_help() -> Said {
    Said::new(
        "Địa chỉ này không có trang nào. Có thể địa chỉ bị gõ thiếu, hoặc trang đã được chuyển đi. Bà con tìm theo vài chữ trong tiêu đề nhé.",
        "There is no page at this address. It may be mistyped, or the page has moved. Try a few words of the title.",
    )
}

/// Page: an article that its site took back.
#[must_use]
pub const fn page_withdrawn() -> Said {
    Said::new("Bài này đã được gỡ trên trang nguồn", "This article was withdrawn by its site")
}

/// Page: what that means.
#[must_use]
pub const fn page_withdrawn_help() -> Said {
    Said::new(
        "Nơi đăng bài đã gỡ bài này xuống, nên ở đây cũng không còn. Bà con có thể tìm tin khác cùng việc này.",
        "Its publisher took this article down, so it is not shown here any more. You may look for other news on the subject.",
    )
}

/// Page: back to the front.
#[must_use]
pub const fn page_home() -> Said {
    Said::new("Về trang đầu", "Go to the front page")
}

/// Page: looking for news.
#[must_use]
pub const fn page_search() -> Said {
    Said::new("Tìm tin", "Search")
}

/// Page: the label of the field for words.
#[must_use]
pub const fn page_search_label() -> Said {
    Said::new("Tìm tin theo chữ, có dấu hay không dấu đều được", "Search the news, with or without accents")
}

/// Page: the button beside it.
#[must_use]
pub const fn page_search_button() -> Said {
    Said::new("Tìm", "Search")
}

/// Page: how words are looked for.
#[must_use]
pub const fn page_search_help() -> Said {
    Said::new(
        "Ví dụ: cắt điện, tiêm chủng. Đặt trong ngoặc kép để tìm đúng cụm từ: \"tổ dân phố\". Thêm dấu trừ để bỏ một từ: họp -hoãn.",
        "For example: cắt điện. Quotation marks find a phrase: \"tổ dân phố\". A minus leaves a word out: họp -hoãn.",
    )
}

/// Page: what was looked for.
#[must_use]
pub fn page_found(question: &str) -> Said {
    Said::made(format!("Tin có “{question}”"), format!("News with “{question}”"))
}

/// Page: nothing has these words.
#[must_use]
pub const fn page_found_nothing() -> Said {
    Said::new("Không có tin nào như vậy. Thử ít chữ hơn, hoặc chữ khác.", "Nothing found. Try fewer words, or other ones.")
}

/// Page: choosing among categories.
#[must_use]
pub const fn page_categories() -> Said {
    Said::new("Chuyên mục", "Categories")
}

/// Page: the news of a category.
#[must_use]
pub fn page_category(name: &str) -> Said {
    Said::made(format!("Chuyên mục: {name}"), format!("Category: {name}"))
}

/// Page: no article names a category.
#[must_use]
pub const fn page_no_categories() -> Said {
    Said::new("Chưa có chuyên mục nào.", "There are no categories yet.")
}

/// Page: choosing a ward.
#[must_use]
pub const fn page_wards() -> Said {
    Said::new("Chọn phường", "Choose your ward")
}

/// Page: the same in a few letters.
#[must_use]
pub const fn page_wards_menu() -> Said {
    Said::new("Chọn phường", "Wards")
}

/// Page: the label of the field for a ward's name.
#[must_use]
pub const fn page_ward_label() -> Said {
    Said::new("Tên phường, xã; có dấu hay không dấu đều được", "Name of the ward, with or without accents")
}

/// Page: choosing by province.
#[must_use]
pub const fn page_provinces() -> Said {
    Said::new("Theo tỉnh, thành phố", "By province or city")
}

/// Page: how many wards.
#[must_use]
pub fn page_ward_count(count: usize) -> Said {
    Said::made(format!("{count} phường, xã"), format!("{count} wards"))
}

/// Page: wards that name no province.
#[must_use]
pub const fn page_no_province() -> Said {
    Said::new("Nơi khác", "Elsewhere")
}

/// Page: no ward has this name.
#[must_use]
pub const fn page_no_ward() -> Said {
    Said::new("Không có phường nào tên như vậy.", "No ward has such a name.")
}

/// Page: the label before an article's original.
#[must_use]
pub const fn page_original() -> Said {
    Said::new("Xem bài gốc", "Read the original")
}

/// Page: the label before attachments.
#[must_use]
pub const fn page_attachments() -> Said {
    Said::new("Tài liệu đính kèm", "Attachments")
}

/// Page: pictures that are not shown on the page itself.
#[must_use]
pub const fn page_pictures() -> Said {
    Said::new("Ảnh của bài, ở trang nguồn", "Pictures, on the original site")
}

/// Page: one of them.
#[must_use]
pub fn page_picture(number: usize) -> Said {
    Said::made(format!("Ảnh {number}"), format!("Picture {number}"))
}

/// Page: when an article was changed.
#[must_use]
pub const fn page_changed() -> Said {
    Said::new("Sửa lúc", "Changed at")
}

/// Page: a table that may be wider than the screen.
#[must_use]
pub const fn page_table() -> Said {
    Said::new("Bảng, cuộn ngang để xem hết", "Table, scroll sideways to see all of it")
}

/// Page: sound.
#[must_use]
pub const fn page_sound() -> &'static str {
    "Âm thanh"
}

/// Page: film.
#[must_use]
pub const fn page_film() -> &'static str {
    "Phim"
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
