//! Every sentence said to people, Vietnamese and English, as functions.

use serde::Deserialize;

mod adding;
mod channels;
mod checks;
mod commands;
mod config;
mod corrections;
mod delivery;
mod desk;
mod feeds;
mod fetch;
mod follow;
mod hub;
mod incidents;
mod logs;
mod mail;
mod pages;
mod platforms;
mod push;
mod said;
mod settings;
mod sources;
mod why;
mod templates;
mod zalo;

pub use adding::*;
pub use channels::*;
pub use checks::*;
pub use commands::*;
pub use config::*;
pub use corrections::*;
pub use delivery::*;
pub use desk::*;
pub use feeds::*;
pub use fetch::*;
pub use follow::*;
pub use hub::*;
pub use incidents::*;
pub use logs::*;
pub use mail::*;
pub use pages::*;
pub use platforms::*;
pub use push::*;
pub use said::Said;
pub use settings::*;
pub use sources::*;
pub use templates::*;
pub use why::*;
pub use zalo::*;

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

/// The head of a list of several entries; `days` are those of its entries, empty where unknown.
#[must_use]
pub fn digest_title(language: Language, feed_title: &str, count: usize, days: &str) -> String {
    let days = if days.is_empty() { String::new() } else { format!(", {days}") };
    match language {
        Language::Vi => format!("{count} tin mới của {feed_title}{days}"),
        Language::En => format!("{count} new articles of {feed_title}{days}"),
    }
}

/// What stands before the title of news that cannot wait.
#[must_use]
pub const fn urgent(language: Language) -> &'static str {
    language.pick("🔴 KHẨN", "🔴 URGENT")
}

/// The label before attachments.
#[must_use]
pub const fn attachments(language: Language) -> &'static str {
    language.pick("Tài liệu đính kèm", "Attachments")
}

/// What a feed says of itself under its title.
#[must_use]
pub fn feed_about(language: Language, feed_title: &str) -> String {
    match language {
        Language::Vi => format!("{feed_title}: tin tức và thông báo mới nhất"),
        Language::En => format!("{feed_title}: the latest news and notices"),
    }
}
