//! A sentence in both languages, for pages that show both.

use std::borrow::Cow;

use super::Language;

/// The same in Vietnamese and in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub(super) vi: Cow<'static, str>,
    pub(super) en: Cow<'static, str>,
}

impl Said {
    pub(super) const fn new(vi: &'static str, en: &'static str) -> Self {
        Self { vi: Cow::Borrowed(vi), en: Cow::Borrowed(en) }
    }

    pub(super) const fn made(vi: String, en: String) -> Self {
        Self { vi: Cow::Owned(vi), en: Cow::Owned(en) }
    }

    /// In this language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}

impl Language {
    /// The language that stands second on a page of this one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Vi => Self::En,
            Self::En => Self::Vi,
        }
    }
}
