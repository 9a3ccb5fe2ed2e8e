//! What is wrong with a template of messages.

use super::both;

/// A template that cannot be read.
#[must_use]
pub fn template_syntax(detail: &str) -> String {
    both("mẫu tin viết sai cú pháp", &format!("the template cannot be read: {detail}"))
}

/// A name that no template has.
#[must_use]
pub fn template_no_such_name(detail: &str) -> String {
    both(
        "mẫu tin dùng một tên không có; các tên có: title, ward, feed, time, lead, text, url, author, categories, hashtags, attachments (name, url), urgent, entries",
        &format!("the template names something that there is not: {detail}"),
    )
}

/// A template without an end.
#[must_use]
pub fn template_takes_too_long() -> String {
    both("mẫu tin tính toán quá lâu", "the template takes too many steps")
}

/// Anything else.
#[must_use]
pub fn template_fails(detail: &str) -> String {
    both("mẫu tin không dùng được", &format!("the template fails: {detail}"))
}

/// A template that is far too large.
#[must_use]
pub fn template_too_large(kilobytes: usize) -> String {
    both(&format!("mẫu tin lớn hơn {kilobytes} KB"), &format!("the template is larger than {kilobytes} KB"))
}

/// A message that stays too long although its text was cut.
#[must_use]
pub fn template_too_long(limit: usize) -> String {
    both(&format!("tin theo mẫu dài hơn {limit} ký tự dù đã cắt"), &format!("by this template a message is longer than {limit} characters"))
}

/// A message in which nothing is seen.
#[must_use]
pub fn template_says_nothing() -> String {
    both("tin theo mẫu không có chữ nào", "by this template a message is empty")
}

/// The same with the line in the template.
#[must_use]
pub fn template_line(line: usize, message: &str) -> String {
    format!("dòng {line} (line {line}): {message}")
}

/// A kind of channel whose messages are no plain text.
#[must_use]
pub fn template_not_here(kind: &str) -> String {
    both(&format!("kênh loại {kind} chưa dùng được mẫu tin"), &format!("a channel of kind {kind} takes no template"))
}

/// In the log: a template failed on an entry.
#[must_use]
pub fn log_template_failed() -> String {
    both("mẫu tin không dùng được cho bài này, tin được gửi theo dạng có sẵn", "the template failed here; sent in the usual form")
}
