//! Every sentence said to people, Vietnamese and English, as functions.

use serde::Deserialize;

/// The language of fixed words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Language {
    /// Vietnamese.
    #[default]
    #[serde(rename = "vi")]
    Vi,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Language {
    /// The language tag (RFC 5646) for feeds and pages.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// One of two texts.
    #[must_use]
    pub const fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

/// A sentence for admins: Vietnamese first, English behind it.
#[must_use]
pub fn both(vi: &str, en: &str) -> String {
    format!("{vi} ({en})")
}

/// The button or link to the article on its own site.
#[must_use]
pub const fn read_original(language: Language) -> &'static str {
    language.pick("Xem bài gốc", "Read the original")
}

/// What stands where a text was cut.
#[must_use]
pub const fn read_on(language: Language) -> &'static str {
    language.pick("Đọc tiếp", "Read on")
}

/// The head of a list of several entries.
#[must_use]
pub fn digest_title(language: Language, feed_title: &str, count: usize) -> String {
    match language {
        Language::Vi => format!("{feed_title}: {count} tin mới"),
        Language::En => format!("{feed_title}: {count} new articles"),
    }
}

/// The label before attachments.
#[must_use]
pub const fn attachments(language: Language) -> &'static str {
    language.pick("Tài liệu đính kèm", "Attachments")
}

/// An environment variable that the config names is not set.
#[must_use]
pub fn secret_env_missing(name: &str) -> String {
    both(
        &format!("biến môi trường {name} chưa được đặt; hãy chạy: export {name}=…"),
        &format!("the environment variable {name} is not set"),
    )
}

/// A secret that is there, but empty.
#[must_use]
pub fn secret_empty() -> String {
    both("giá trị bí mật đang để trống", "the secret is empty")
}

/// A secret written into the config itself.
#[must_use]
pub fn secret_in_plain_text() -> String {
    both(
        "mã bí mật đang viết thẳng trong tệp cấu hình; nên dùng { file = \"…\" } hoặc { env = \"…\" }",
        "the secret stands in the config in plain text; prefer { file = \"…\" } or { env = \"…\" }",
    )
}

/// A secret's file that cannot be read.
#[must_use]
pub fn secret_file_unreadable(path: &std::path::Path, error: &std::io::Error) -> String {
    let path = path.display();
    both(&format!("không đọc được tệp bí mật {path}: {error}"), &format!("cannot read the secret file {path}: {error}"))
}

/// A secret's file that every user of the machine can read.
#[must_use]
pub fn secret_file_open(path: &std::path::Path) -> String {
    let path = path.display();
    both(
        &format!("mọi người dùng trên máy đều đọc được tệp bí mật {path}; hãy chạy: chmod 600 {path}"),
        &format!("every user of this machine can read the secret file {path}; run: chmod 600 {path}"),
    )
}
