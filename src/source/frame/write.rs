//! A learned recipe as people read it.

use serde::Serialize;

/// Where an article keeps what; the keys are those of every recipe.
#[derive(Debug, Serialize)]
pub(super) struct Article {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lead: Option<String>,
    pub(super) body: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) thread: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) author: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) remove: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) frame: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ends: Vec<String>,
}

#[derive(Serialize)]
struct Recipe {
    article: Article,
}

/// The text of the recipe, with where it comes from.
pub(super) fn recipe(article: Article, pages: usize) -> Option<String> {
    let keys = toml::to_string(&Recipe { article }).ok()?;
    Some(format!("# Học từ {pages} bài viết của chính trang này. / Learned from {pages} articles of the site itself.\n{keys}"))
}
