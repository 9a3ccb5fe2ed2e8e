//! Cards that are no links: a script takes whoever clicks on them to the article.

use dom_query::{Document, NodeRef, local_name};

use crate::html::Named;

use super::super::guess::next::scripted;

/// How many such elements of a page are looked at.
const MOST: usize = 1_000;

/// Makes links of them; whether there were any.
pub(super) fn into_links(page: &Document) -> bool {
    let cards = page.select("[onclick*=location], [data-href]");
    let mut found = false;
    for card in cards.nodes().iter().take(MOST).filter(|card| !leads_on(card)) {
        let script = card.attr_or("onclick", "");
        let Some(address) = scripted(&script).map(str::to_owned).or_else(|| card.attr("data-href").map(|told| told.to_string())) else {
            continue;
        };
        card.rename("a");
        card.set_attr("href", &address);
        found = true;
    }
    found
}

/// Whether an element is a link already, has one or stands in one.
fn leads_on(node: &NodeRef<'_>) -> bool {
    let is_link = |node: &NodeRef<'_>| node.is_a(&local_name!("a")) && node.attr("href").is_some_and(|href| href.len() > 1);
    is_link(node) || node.descendants_it().any(|inner| is_link(&inner)) || node.ancestors_it(None).any(|above| is_link(&above))
}
