//! The lead, where it stands outside the body.

use dom_query::{Matcher, NodeId, NodeRef, local_name};

use crate::date;
use crate::html::Named;
use crate::text;

use super::super::guess::{body, is_in, is_labelled, length, line_of};
use super::{DATE_LINE, Lesson, lines};

/// A shorter line is no lead.
const SHORTEST: usize = 40;

/// The longest line between the title and the body that tells neither date nor author; `not` are
/// the selectors of those.
pub(super) fn between(lesson: &Lesson, title: &str, body: &str, not: [&Option<String>; 2]) -> Option<NodeId> {
    let first = |selector: &str| Some(*lesson.whole.select_single_matcher(&Matcher::new(selector).ok()?).nodes().first()?);
    let (title, content) = (first(title)?, first(body)?);
    let others: Vec<NodeRef<'_>> = not.into_iter().flatten().filter_map(|selector| first(selector)).collect();
    let all = lesson.whole.body().map(|body| lines::of(&body)).unwrap_or_default();
    let start = all.iter().rposition(|line| is_in(&line.node, title.id))?;
    let end = all.iter().position(|line| is_in(&line.node, content.id))?;
    let apart = |line: &&lines::Line<'_>| others.iter().all(|other| !is_in(other, line.node.id) && !is_in(&line.node, other.id));
    let named = text::fold(&line_of(&title));
    let said = |line: &&lines::Line<'_>| {
        line.text.chars().count() >= SHORTEST
            && !is_stamp(&line.text)
            && !is_of_links(&lines::element(&line.node))
            && text::fold(&line.text) != named
    };
    let unseen = body::unseen(&lesson.whole);
    let seen = |line: &&lines::Line<'_>| unseen.iter().all(|id| !is_in(&line.node, *id));
    let line = all.get(start + 1..end)?.iter().filter(apart).filter(said).filter(seen).max_by_key(|line| line.text.len())?;
    Some(lines::element(&line.node).id)
}

/// "Thích Tăng cỡ chữ Giảm cỡ chữ" is what a reader can do.
fn is_of_links(line: &NodeRef<'_>) -> bool {
    let linked: usize = line
        .descendants_it()
        .filter(|node| node.is_a(&local_name!("a")) || node.is_a(&local_name!("button")))
        .map(|node| length(&node))
        .sum();
    linked * 2 > length(line)
}

fn is_stamp(line: &str) -> bool {
    date::is_stamp_line(line) || line.chars().count() < DATE_LINE && is_labelled(line)
}
