//! Selectors for nodes, and which of them pages agree on.

use std::collections::HashMap;

use dom_query::{Matcher, NodeId, NodeRef};

use super::super::guess::is_in;
use super::Lesson;

/// Attributes that say what an element is for.
const TELLING: &[&str] = &["itemprop", "data-role", "property"];

/// Which articles have what a selector is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Had {
    /// Every article.
    Everywhere,
    /// Some.
    Somewhere,
    /// Some, and on others the selector must not find something else more often than not.
    NowhereElse,
}

/// The selector whose first match is what most pages mean; at least half of those that mean
/// something, and two. The most telling one where several do. What every article has must be meant
/// by half of all pages; of what only some have, a selector that finds something on others is worth less.
pub(super) fn agreed(lessons: &[Lesson], meant: &[Option<NodeId>], had: Had) -> Option<String> {
    let pairs: Vec<(&Lesson, NodeId)> = lessons.iter().zip(meant).filter_map(|(lesson, id)| Some((lesson, (*id)?))).collect();
    let mut ranks: HashMap<String, usize> = HashMap::new();
    for (lesson, id) in &pairs {
        let node = lesson.whole.root().tree.get(id)?;
        for (rank, selector) in candidates(&node).into_iter().enumerate() {
            let known = ranks.entry(selector).or_insert(rank);
            *known = rank.min(*known);
        }
    }
    let without: Vec<&Lesson> =
        lessons.iter().zip(meant).filter(|(_, id)| id.is_none() && had != Had::Everywhere).map(|(lesson, _)| lesson).collect();
    let votes = |selector: &str| {
        let Ok(matcher) = Matcher::new(selector) else { return (0, 0, 0) };
        let right = pairs.iter().filter(|(page, id)| first(page, &matcher) == Some(*id)).count();
        // One that stands for one part of a page only says it more surely.
        let sure = pairs.iter().filter(|(page, _)| is_alone(page, &matcher)).count();
        let wrong = without.iter().filter(|page| first(page, &matcher).is_some()).count();
        (right, wrong, sure)
    };
    let counted = ranks.into_iter().map(|(selector, rank)| {
        let (right, wrong, sure) = votes(&selector);
        (right.saturating_sub(wrong), right, sure, std::cmp::Reverse(rank), selector)
    });
    let (surely, votes, _, _, selector) = counted.max()?;
    let enough = match had {
        Had::Everywhere => pairs.len() * 2 >= lessons.len(),
        Had::Somewhere => true,
        Had::NowhereElse => surely > 0,
    };
    (votes >= 2 && votes * 2 >= pairs.len() && enough).then_some(selector)
}

fn first(lesson: &Lesson, matcher: &Matcher) -> Option<NodeId> {
    lesson.whole.select_single_matcher(matcher).nodes().first().map(|node| node.id)
}

fn is_alone(lesson: &Lesson, matcher: &Matcher) -> bool {
    let all = lesson.whole.select_matcher(matcher);
    let Some(first) = all.nodes().first() else { return false };
    all.nodes().iter().all(|node| is_in(node, first.id))
}

/// Selectors that may mean a node, the most telling first.
pub(super) fn candidates(node: &NodeRef<'_>) -> Vec<String> {
    let mut found = named(node);
    let own = found.clone();
    let mut tail = own.last().cloned().unwrap_or_else(|| counted(node));
    let mut exact = counted(node);
    for above in node.ancestors_it(None).filter(NodeRef::is_element) {
        let names = named(&above);
        if let Some(name) = names.first() {
            found.push(format!("{name} > {tail}"));
            found.push(format!("{name} > {exact}"));
            if above.id_attr().is_some_and(|id| is_name(&id)) {
                break;
            }
        }
        let name = above.node_name().unwrap_or_default().to_string();
        if name == "body" {
            found.push(format!("body > {exact}"));
            break;
        }
        tail = format!("{} > {tail}", names.first().cloned().unwrap_or_else(|| counted(&above)));
        exact = format!("{} > {exact}", counted(&above));
    }
    found
}

/// By what its author called it: id, telling attributes, classes.
fn named(node: &NodeRef<'_>) -> Vec<String> {
    let tag = node.node_name().unwrap_or_default();
    let mut names = Vec::new();
    if let Some(id) = node.id_attr().filter(|id| is_name(id)) {
        names.push(format!("{tag}#{id}"));
    }
    for attribute in TELLING {
        if let Some(value) = node.attr(attribute).filter(|value| is_name(value)) {
            names.push(format!("{tag}[{attribute}={value}]"));
        }
    }
    let classes = node.class().unwrap_or_default();
    let (lasting, hashed): (Vec<&str>, Vec<&str>) = classes.split_whitespace().partition(|class| is_name(class));
    // Of names that a build tool made every element has but one.
    let classes = if lasting.is_empty() { hashed.into_iter().filter(|class| is_formed(class)).collect() } else { lasting };
    if !classes.is_empty() {
        names.push(format!("{tag}.{}", classes.join(".")));
    }
    if classes.len() > 1 {
        names.extend(classes.iter().map(|class| format!("{tag}.{class}")));
    }
    names
}

/// By its number among its siblings.
fn counted(node: &NodeRef<'_>) -> String {
    let tag = node.node_name().unwrap_or_default();
    let mut number = 1;
    let mut at = node.prev_sibling();
    while let Some(sibling) = at {
        number += usize::from(sibling.has_name(&tag));
        at = sibling.prev_sibling();
    }
    format!("{tag}:nth-of-type({number})")
}

/// A name that can stand in a selector as it is and means no single article.
fn is_name(text: &str) -> bool {
    let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    is_formed(text) && digits < 4
}

/// A name that can stand in a selector as it is.
fn is_formed(text: &str) -> bool {
    let formed = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    formed && begins && text.len() < 80
}
