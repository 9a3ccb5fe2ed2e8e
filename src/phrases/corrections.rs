//! Articles that changed after they were sent.

use super::{Language, both};

/// The title of a correction.
#[must_use]
pub fn correction_title(language: Language, title: &str) -> String {
    format!("{}: {title}", language.pick("Đính chính", "Correction"))
}

/// One change, as it was and as it is now; a side that is empty is not told.
#[must_use]
pub fn correction_lines(language: Language, was: &str, is: &str) -> Vec<String> {
    let side = |label: &str, text: &str| (!text.is_empty()).then(|| format!("{label}: {text}"));
    [side(language.pick("Trước", "Before"), was), side(language.pick("Nay", "Now"), is)].into_iter().flatten().collect()
}

/// There are more changes than are told.
#[must_use]
pub fn correction_more(language: Language, count: usize) -> String {
    match language {
        Language::Vi => format!("Và {count} chỗ sửa khác, xem bài gốc."),
        Language::En => format!("And {count} more changes, see the original."),
    }
}

/// The title of an article that its site took back.
#[must_use]
pub fn withdrawn_title(language: Language, title: &str) -> String {
    format!("{}: {title}", language.pick("Đã gỡ", "Taken back"))
}

/// What stands in the place of a withdrawn article.
#[must_use]
pub const fn withdrawn(language: Language) -> &'static str {
    language.pick("Bài này đã được trang nguồn gỡ.", "The site has taken this article back.")
}

/// The title of an article that its site gave again.
#[must_use]
pub fn returned_title(language: Language, title: &str) -> String {
    format!("{}: {title}", language.pick("Đã đăng lại", "Published again"))
}

/// A withdrawn article is there again.
#[must_use]
pub const fn returned(language: Language) -> &'static str {
    language.pick("Bài này đã được trang nguồn đăng lại.", "The site has published this article again.")
}

/// For the log: messages show the new version.
#[must_use]
pub fn log_amended() -> String {
    both("đã sửa tin đã gửi theo bản mới", "changed what was sent to the new version")
}

/// For the log: a message keeps its old version.
#[must_use]
pub fn log_not_amended() -> String {
    both("không sửa được tin đã gửi", "what was sent cannot be changed")
}
