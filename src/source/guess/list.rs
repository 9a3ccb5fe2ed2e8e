//! The news list of a page, wherever it stands and however it is laid out.

use dom_query::{Document, LocalName, local_name};
use url::Url;

mod alone;
mod items;
mod judge;
mod links;
mod survey;
mod told;

pub(in crate::source) use items::Item;
pub(in crate::source) use links::Links;
pub(in crate::source) use survey::Survey;
pub(in crate::source) use told::{Clock, published, teaser, title};

/// The news list of a page, of this site or, where it has none, of the one other site that it leads
/// to, in the order of the page, and the links that it is made of; empty when
/// there is none.
pub(in crate::source) fn find(page: &Document, survey: &Survey<'_>, links: Links, here: &Url) -> (Links, Vec<Item>) {
    let own = news(page, survey, &links, here);
    if let Some(elsewhere) = links.elsewhere().filter(|_| own.is_empty()) {
        let found = news(page, survey, &elsewhere, here);
        return if found.is_empty() { (links, own) } else { (elsewhere, found) };
    }
    // A link to another site inside a piece tells where the story came from.
    let apart = |spot: usize| own.iter().all(|item| !survey.block(item).contains(&spot));
    let Some(mixed) = links.mixed(apart).filter(|_| !own.is_empty()) else { return (links, own) };
    let found = news(page, survey, &mixed, here);
    if found.len() > own.len() { (mixed, found) } else { (links, own) }
}

fn news(page: &Document, survey: &Survey<'_>, links: &Links, here: &Url) -> Vec<Item> {
    let mut judge = judge::Judge::new(survey, links);
    let kinds = judge.news(items::groups(survey, links));
    let mut found: Vec<Item> = kinds.into_iter().flat_map(|kind| kind.groups).flat_map(|group| group.items).collect();
    found.sort_by_key(|item| item.block);
    if alone::stands_alone(page, &mut judge, &found, here) { Vec::new() } else { found }
}

/// Elements that titles stand in.
fn is_heading(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("h1")
            | local_name!("h2")
            | local_name!("h3")
            | local_name!("h4")
            | local_name!("h5")
            | local_name!("h6")
            | local_name!("strong")
            | local_name!("b")
    )
}
