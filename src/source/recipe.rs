//! Recipes: where a site keeps what, as CSS selectors in TOML. What a recipe leaves out is guessed.

use std::fmt;
use std::sync::LazyLock;

use dom_query::{Document, Matcher, NodeRef, Selection};
use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

use crate::html::{Index, Query};
use crate::phrases;

use super::Setting;

/// A recipe that this build brings along.
pub struct BuiltIn {
    /// What an admin writes after `recipe =`.
    pub name: &'static str,
    /// One line about it, for people.
    pub about: &'static str,
    /// The recipe, as a file beside the config would have it.
    pub text: &'static str,
}

/// Every recipe this build knows. To add one: write its file, add its line.
pub const RECIPES: &[BuiltIn] = &[
    BuiltIn {
        name: "auto",
        about: "tự tìm danh sách, tiêu đề, ngày và nội dung / finds everything by itself",
        text: include_str!("recipes/auto.toml"),
    },
    BuiltIn { name: "drupal", about: "Drupal 7–10", text: include_str!("recipes/drupal.toml") },
    BuiltIn {
        name: "ims",
        about: "cổng IMS của các phường Hà Nội và nhiều báo / IMS portals and newspapers",
        text: include_str!("recipes/ims.toml"),
    },
    BuiltIn { name: "joomla", about: "Joomla 3, 4", text: include_str!("recipes/joomla.toml") },
    BuiltIn {
        name: "liferay",
        about: "Liferay, trình xuất bản nội dung / Liferay's asset publisher",
        text: include_str!("recipes/liferay.toml"),
    },
    BuiltIn { name: "nukeviet", about: "NukeViet 4", text: include_str!("recipes/nukeviet.toml") },
    BuiltIn { name: "sharepoint", about: "cổng trên SharePoint / portals on SharePoint", text: include_str!("recipes/sharepoint.toml") },
    BuiltIn { name: "vnpt", about: "VNPT Portal", text: include_str!("recipes/vnpt.toml") },
    BuiltIn {
        name: "vportal",
        about: "VPortal trên Liferay 6, các phường Hà Nội trước 2025 / VPortal on Liferay 6",
        text: include_str!("recipes/vportal.toml"),
    },
    BuiltIn { name: "wordpress", about: "WordPress", text: include_str!("recipes/wordpress.toml") },
];

/// The recipes that know their family's pages.
static FAMILIES: LazyLock<Vec<Recipe>> = LazyLock::new(|| {
    let read = RECIPES.iter().filter_map(|known| toml::from_str::<Recipe>(known.text).ok());
    read.filter(|recipe| !recipe.detect.is_empty()).collect()
});

static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| RECIPES.iter().map(|recipe| recipe.name).collect());

/// The longest selector (characters): what selects in a page is short.
const LONGEST: usize = 500;

/// A CSS selector, checked when it is read.
#[derive(Debug)]
pub(super) struct Selector(Matcher, Query);

impl Selector {
    pub(super) fn all<'a>(&self, page: &'a Document) -> Selection<'a> {
        page.select_matcher(&self.0)
    }

    /// The matches in a page as it came.
    pub(super) fn of<'i, 'a>(&'i self, page: &'i Index<'a>) -> impl Iterator<Item = NodeRef<'a>> + 'i {
        page.all(&self.1)
    }

    pub(super) fn first<'a>(&self, page: &'a Document) -> Option<NodeRef<'a>> {
        page.select_single_matcher(&self.0).nodes().first().cloned()
    }

    /// The first match in `node`, or `node` itself.
    pub(super) fn within<'a>(&self, node: &NodeRef<'a>) -> Option<NodeRef<'a>> {
        let inside = || Selection::from(*node).select_single_matcher(&self.0).nodes().first().cloned();
        if node.is_match(&self.0) { Some(*node) } else { inside() }
    }
}

impl<'de> Deserialize<'de> for Selector {
    fn deserialize<D: Deserializer<'de>>(keys: D) -> Result<Self, D::Error> {
        let text = String::deserialize(keys)?;
        if text.chars().count() > LONGEST {
            return Err(D::Error::custom(phrases::selector_too_long(LONGEST)));
        }
        Matcher::new(&text).map(|matcher| Self(matcher, Query::new(&text))).map_err(|_| D::Error::custom(phrases::selector_invalid(&text)))
    }
}

/// Where a site keeps what.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Recipe {
    /// What only pages of this family have; any one is enough.
    pub(super) detect: Vec<Selector>,
    /// The page that lists news.
    pub(super) list: List,
    /// The page of one article.
    pub(super) article: Article,
}

impl Recipe {
    /// Whether nothing is said of articles, so that they are read by their family or by guess.
    pub(super) fn leaves_articles_open(&self) -> bool {
        let article = &self.article;
        article.body.is_none() && article.title.is_none() && article.date.is_none()
    }

    /// The recipe of the family that a page belongs to, where it finds just one body on it.
    pub(super) fn of_family(page: &Index<'_>) -> Option<&'static Self> {
        let one_body = |recipe: &&Self| recipe.article.body.as_ref().is_some_and(|body| body.of(page).take(2).count() == 1);
        let detected = FAMILIES.iter().filter(|recipe| recipe.detect.iter().any(|mark| mark.of(page).next().is_some()));
        detected.into_iter().find(one_body)
    }
}

/// Where a news list keeps what. All but `entry` and `next` count from the entry.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct List {
    /// One piece of the list.
    pub(super) entry: Option<Selector>,
    /// The link to the article.
    pub(super) link: Option<Selector>,
    /// Its title, where that is not the link's text.
    pub(super) title: Option<Selector>,
    /// Its date.
    pub(super) date: Option<Selector>,
    /// Its teaser.
    pub(super) summary: Option<Selector>,
    /// The link to the next page of the list.
    pub(super) next: Option<Selector>,
}

/// Where an article keeps what.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Article {
    /// The title.
    pub(super) title: Option<Selector>,
    /// The date.
    pub(super) date: Option<Selector>,
    /// The lead, where it stands outside the body or has a place of its own in it.
    pub(super) lead: Option<Selector>,
    /// The body; several matches are joined.
    pub(super) body: Option<Selector>,
    /// Whether the first match of `body` is the article and all others answer it, as in a forum.
    pub(super) thread: bool,
    /// The byline.
    pub(super) author: Option<Selector>,
    /// The section.
    pub(super) category: Option<Selector>,
    /// The links to attached files.
    pub(super) attachments: Option<Selector>,
    /// What is in the body but not of the article.
    pub(super) remove: Vec<Selector>,
    /// The first thing after the article: it and all behind it is cut off.
    pub(super) stop_at: Option<Selector>,
    /// Lines in the body that stand on every page, folded: they are taken out.
    pub(super) frame: Vec<String>,
    /// Lines that head what follows the article, folded: they and all behind them is cut off.
    pub(super) ends: Vec<String>,
}

/// What an admin wrote after `recipe =`.
#[derive(Debug)]
pub(super) enum Choice {
    BuiltIn(&'static str),
    File(String),
    Inline(Box<Recipe>),
}

impl Default for Choice {
    fn default() -> Self {
        Self::Inline(Box::default())
    }
}

impl Choice {
    /// The recipe itself.
    ///
    /// # Errors
    /// A sentence for the admin: the file cannot be read, or what is wrong in it.
    pub(super) fn load(self, setting: &Setting<'_>) -> Result<Recipe, String> {
        match self {
            Self::Inline(recipe) => Ok(*recipe),
            Self::BuiltIn(text) => toml::from_str(text).map_err(|error| error.to_string()),
            Self::File(path) => {
                let text = (setting.load)(&path)?;
                toml::from_str(&text).map_err(|error| phrases::recipe_invalid(&path, &error.to_string()))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(keys: D) -> Result<Self, D::Error> {
        keys.deserialize_any(ChoiceVisitor)
    }
}

struct ChoiceVisitor;

impl<'de> Visitor<'de> for ChoiceVisitor {
    type Value = Choice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a recipe's name, a path ending in .toml, or a table with list and article")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Choice, E> {
        if text.ends_with(".toml") {
            return Ok(Choice::File(text.to_owned()));
        }
        let known = RECIPES.iter().find(|recipe| recipe.name == text);
        known.map(|recipe| Choice::BuiltIn(recipe.text)).ok_or_else(|| E::unknown_variant(text, &NAMES))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Choice, A::Error> {
        Recipe::deserialize(MapAccessDeserializer::new(map)).map(|recipe| Choice::Inline(Box::new(recipe)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_of_this_build_is_right() {
        for known in RECIPES {
            assert!(toml::from_str::<Recipe>(known.text).is_ok(), "{}", known.name);
        }
        let names: Vec<_> = RECIPES.iter().map(|known| known.name).collect();
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn a_wrong_selector_is_told_with_its_key() {
        let error = toml::from_str::<Recipe>("[list]\nentry = \"li >> a\"").unwrap_err().to_string();
        assert!(error.contains("entry = ") && error.contains("li >> a") && error.contains("line 2"), "{error}");
        assert!(toml::from_str::<Recipe>("[article]\nbodi = \"p\"").unwrap_err().to_string().contains("unknown field `bodi`"));
    }
}
