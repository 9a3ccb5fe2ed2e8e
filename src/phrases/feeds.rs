//! What the answers say to those who ask for a feed in a way that cannot be.

use super::both;

/// A number of entries that is none, or too large.
#[must_use]
pub fn feed_bad_number(written: &str, most: usize) -> String {
    both(
        &format!("n={written} không dùng được: n là số bài, từ 1 đến {most}, ví dụ n=20"),
        &format!("n={written} cannot be used: n is the number of entries, from 1 to {most}, such as n=20"),
    )
}

/// A place in a list that this server did not give.
#[must_use]
pub fn feed_bad_place(written: &str) -> String {
    both(
        &format!("truoc={written} không dùng được: hãy lấy địa chỉ trang sau từ bản tin (rel=\"next\")"),
        &format!("truoc={written} cannot be used: take the address of the next page from the feed (rel=\"next\")"),
    )
}

/// Words without a letter or a digit.
#[must_use]
pub fn feed_no_words(written: &str) -> String {
    both(
        &format!("\"{written}\" không có chữ hay số nào để tìm; ví dụ q=cắt điện, category=thông báo"),
        &format!("\"{written}\" has no letter and no digit to look for; such as q=cắt điện, category=thông báo"),
    )
}

/// A search without a format.
#[must_use]
pub fn feed_needs_extension(extensions: &[&str]) -> String {
    let all = extensions.iter().map(|extension| format!(".{extension}")).collect::<Vec<_>>().join(", ");
    both(
        &format!("tìm trong bản tin cần phần đuôi sau tên bản tin: {all}"),
        &format!("a search in a feed needs an ending behind the feed's name: {all}"),
    )
}
