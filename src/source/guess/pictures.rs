//! Pictures that a page keeps from readers without scripts: written into it or shown elsewhere.

use std::sync::LazyLock;

use dom_query::{NodeRef, local_name};

use crate::html::{self, Index, Named, Query};

static WRITTEN: LazyLock<Query> = LazyLock::new(|| Query::new("img[src^='data:']"));

/// Gives pictures that stand for another one its address, as the `noscript` behind them has it.
pub(super) fn unveil(page: &Index<'_>) {
    page.all(&WRITTEN).filter(|picture| html::image_address(picture).is_none()).for_each(|picture| {
        let told =
            picture.next_element_sibling().filter(|beside| beside.is_a(&local_name!("noscript"))).and_then(|beside| address(&beside));
        told.iter().for_each(|address| picture.set_attr("src", address));
    });
}

/// Leaves out pictures that are written into the page: they are large, and no feed may carry them.
pub(super) fn leave_out(page: &Index<'_>) {
    let written = |picture: &NodeRef<'_>| picture.attr("src").is_some_and(|src| src.starts_with("data:"));
    page.all(&WRITTEN).filter(written).for_each(|picture| picture.remove_attr("src"));
}

fn address(hidden: &NodeRef<'_>) -> Option<String> {
    hidden.descendants_it().filter(|inner| inner.is_a(&local_name!("img"))).find_map(|image| html::image_address(&image))
}
