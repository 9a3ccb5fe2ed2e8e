//! Which built-in recipes fit a site, by their own selectors.

use dom_query::{Document, Matcher};

use crate::page::Page;

use super::super::recipe::RECIPES;
use super::document;

/// A list has at least this many pieces.
const PIECES: usize = 3;

/// The names of the built-in recipes whose selectors find something: their list on the list page,
/// or their body on most of the articles.
#[must_use]
pub fn recipes_for(list: &Page, articles: &[&Page]) -> Vec<&'static str> {
    let Some(list) = document(list) else { return Vec::new() };
    let articles: Vec<Document> = articles.iter().filter_map(|page| document(page)).collect();
    let fits = |text: &str| {
        let Ok(recipe) = toml::from_str::<toml::Table>(text) else { return false };
        let written = |part: &str, key: &str| recipe.get(part)?.get(key)?.as_str().and_then(|written| Matcher::new(written).ok());
        match (written("list", "entry"), written("article", "body")) {
            (Some(entry), _) => list.select_matcher(&entry).length() >= PIECES,
            (None, Some(body)) => is_on_most(&articles, &body),
            (None, None) => false,
        }
    };
    RECIPES.iter().filter(|known| known.name != "auto" && fits(known.text)).map(|known| known.name).collect()
}

fn is_on_most(articles: &[Document], body: &Matcher) -> bool {
    let found = articles.iter().filter(|page| page.select_matcher(body).exists()).count();
    found > 0 && found * 2 > articles.len()
}
