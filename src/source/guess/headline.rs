//! Where an article's page shows the title.

use std::sync::LazyLock;

use dom_query::{NodeRef, local_name};

use crate::html::{Index, Named, Query};
use crate::text;

use super::{is_shorter, length, line_of};

/// Where titles stand.
static TITLES: LazyLock<Query> = LazyLock::new(|| {
    Query::new(
        "h1, h2, h3, h4, h5, [itemprop=headline], [class*=title], [class*=tieu], [class*=Title], td b, td strong, td font, td span, p strong, p b",
    )
});
static HEADINGS: LazyLock<Query> = LazyLock::new(|| Query::new("h1"));

/// The element that shows the title: one whose text other places know as the title.
pub(in crate::source) fn title<'a>(page: &Index<'a>, known: &[String], page_title: Option<&str>) -> Option<NodeRef<'a>> {
    let known: Vec<String> = known.iter().map(|text| text::fold(text)).filter(|text| !text.is_empty()).collect();
    let page_title = page_title.map(text::fold).unwrap_or_default();
    let mut best: Option<(f32, NodeRef<'a>)> = None;
    for node in page.left(&TITLES).take(600) {
        let Some(fit) = title_fit(&node, &known, &page_title) else { continue };
        if best.as_ref().is_none_or(|(most, _)| fit > *most) {
            best = Some((fit, node));
        }
    }
    best.map(|(_, node)| node).or_else(|| lone_heading(page))
}

fn title_fit(node: &NodeRef<'_>, known: &[String], page_title: &str) -> Option<f32> {
    let chars = if is_shorter(node, 401) { length(node) } else { return None };
    if chars < 6 {
        return None;
    }
    let said = text::fold(&line_of(node));
    let stem = |text: &str| text.trim_end_matches(['.', '…', ' ']).to_owned();
    let same = known.iter().any(|title| *title == said || title.len() > 20 && said.starts_with(&stem(title)) && chars < 300);
    let fit = if same {
        3.0
    } else if chars >= 12 && page_title.contains(&said) {
        1.0 + said.len() as f32 / page_title.len().max(1) as f32
    } else {
        return None;
    };
    let rank = if node.is_a(&local_name!("h1")) {
        0.5
    } else if node.is_any(&[local_name!("h2"), local_name!("h3"), local_name!("h4")]) {
        0.2
    } else {
        0.0
    };
    Some(fit + rank)
}

fn lone_heading<'a>(page: &Index<'a>) -> Option<NodeRef<'a>> {
    let mut shown =
        page.left(&HEADINGS).filter(|node| length(node) > 0 && !node.ancestors_it(None).any(|above| above.is_a(&local_name!("header"))));
    let first = shown.next();
    first.filter(|_| shown.next().is_none())
}
