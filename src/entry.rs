//! One article in our hands, and the names things go by.

use std::fmt;

use chrono::{DateTime, FixedOffset};
use url::Url;
use uuid::Uuid;

use crate::text;

/// An entry's identity for life, unique within its source: the address of the article, the
/// id that its own feed gives it, or a `urn:uuid:` made from what never changes about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid(String);

impl Guid {
    /// Takes an identity that the outside world already gave.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Makes an identity for something that has none, from what never changes about it
    /// (RFC 9562 version 5, name based): the same parts always give the same guid.
    #[must_use]
    pub fn derived(parts: &[&str]) -> Self {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, parts.join("\u{1f}").as_bytes());
        Self(id.urn().to_string())
    }

    /// The identity as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a source, a feed or a channel: 1 to 64 of `a-z`, `0-9` and `-`. It becomes part
/// of file names and addresses, so nothing else is let in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

const ADMIN: &str = "admin";
const CORRECTIONS: &str = "corrections";
/// Names that the web server keeps for itself.
const RESERVED: &[&str] = &["index", "healthz", "livez", "readyz", "metrics", ADMIN, CORRECTIONS, "hooks", "feeds", "tin"];

impl Slug {
    /// Accepts a name of the right form.
    ///
    /// # Errors
    /// Says what is wrong with the name, for the person who wrote it.
    pub fn new(name: &str) -> Result<Self, SlugError> {
        let formed = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if name.is_empty() || name.len() > 64 || !formed {
            return Err(SlugError::Form);
        }
        if RESERVED.contains(&name) {
            return Err(SlugError::Reserved);
        }
        Ok(Self(name.to_owned()))
    }

    /// What the admin is told by message stands under this name. It is reserved, so no source and
    /// no feed of a config has it.
    #[must_use]
    pub fn admin() -> Self {
        Self(ADMIN.to_owned())
    }

    /// What people are told of articles that were changed stands under this name. It is reserved too.
    #[must_use]
    pub fn corrections() -> Self {
        Self(CORRECTIONS.to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlugError {
    /// Not 1 to 64 of `a-z`, `0-9`, `-`.
    Form,
    /// A name that the server uses itself.
    Reserved,
}

/// A file that belongs to an entry: an image or an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Where it is, absolute.
    pub url: Url,
    /// Its media type (RFC 6838), as told or guessed from the name; `application/octet-stream` when unknown.
    pub media_type: String,
    /// Its size in bytes, where known.
    pub length: Option<u64>,
    /// What the page calls it, where it does.
    pub title: Option<String>,
}

impl Enclosure {
    /// The type of a file of which nothing is known.
    pub const UNKNOWN: &str = "application/octet-stream";
}

/// One article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its identity for life.
    pub guid: Guid,
    /// Where people read it. `None` for an entry that has no page elsewhere (a folder's); the
    /// public page `/tin/<source>/<slug>` is then its address.
    pub url: Option<Url>,
    /// One line of plain text, at most 300 characters, never empty.
    pub title: String,
    /// When the site says it was published, with the zone of the source.
    pub published: Option<DateTime<FixedOffset>>,
    /// When the site says it was last changed.
    pub updated: Option<DateTime<FixedOffset>>,
    /// The byline, plain text.
    pub author: Option<String>,
    /// The lead as plain text.
    pub summary: Option<String>,
    /// Lead and body as sanitised HTML ([`crate::html::sanitise`]), without title, date and byline.
    pub content_html: String,
    /// Pictures, the main one first.
    pub images: Vec<Enclosure>,
    /// Documents, sound and film.
    pub attachments: Vec<Enclosure>,
    /// Sections or tags, as the site names them.
    pub categories: Vec<String>,
    /// What the listing said of this version (a file's time and size, a feed's `updated`). When
    /// it differs at the next poll, the entry is visited again.
    pub version: Option<String>,
}

impl Entry {
    /// An entry with identity and title, and nothing else yet.
    #[must_use]
    pub fn new(guid: Guid, title: impl Into<String>) -> Self {
        Self {
            guid,
            url: None,
            title: title.into(),
            published: None,
            updated: None,
            author: None,
            summary: None,
            content_html: String::new(),
            images: Vec::new(),
            attachments: Vec::new(),
            categories: Vec::new(),
            version: None,
        }
    }

    /// The name of its public page, unique within its source: words of the title and a part that
    /// depends on the guid alone.
    #[must_use]
    pub fn page_slug(&self) -> String {
        let tail = Uuid::new_v5(&Uuid::NAMESPACE_URL, self.guid.as_str().as_bytes()).simple().to_string();
        let tail = tail.get(..10).unwrap_or_default();
        match text::slug(&self.title).as_str() {
            "" => tail.to_owned(),
            words => format!("{words}-{tail}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for bad in ["", "../../etc/cron.d/x", "Thổ-Quan", "a b", "a/b", "A", &"a".repeat(65)] {
            assert_eq!(Slug::new(bad), Err(SlugError::Form), "{bad}");
        }
        assert_eq!(Slug::new("metrics"), Err(SlugError::Reserved));
        assert_eq!(Slug::new("tho-quan").unwrap().as_str(), "tho-quan");
    }

    #[test]
    fn a_derived_guid_depends_on_its_parts_alone() {
        assert_eq!(Guid::derived(&["news", "a"]), Guid::derived(&["news", "a"]));
        assert_ne!(Guid::derived(&["news", "a"]), Guid::derived(&["new", "sa"]));
        assert!(Guid::derived(&["a"]).as_str().starts_with("urn:uuid:"));
    }
}
