//! What repeats inside the body: share bars, counters, headings of lists that follow.

use std::collections::{HashMap, HashSet};

use dom_query::{Matcher, NodeRef, local_name};

use crate::html::Named;
use crate::text;

use super::super::guess::stats::Stats;
use super::super::guess::trim::calls_a_lead;
use super::super::guess::{event, line_of};
use super::{Lesson, lines};

/// Longer lines are known by the part of the page they stand in, not by their words: a teaser of
/// another article slides through several pages, and is that article's own text on its own.
const LABEL: usize = 50;
/// How many lines a recipe keeps.
const KEPT: usize = 40;

/// What a recipe says of the inside of a body.
#[derive(Debug, Default)]
pub(super) struct Furniture {
    /// Selectors of parts that are links or repeat.
    pub(super) remove: Vec<String>,
    /// Lines that stand on most pages, folded.
    pub(super) lines: Vec<String>,
    /// Those of them behind which nothing but links follows.
    pub(super) ends: Vec<String>,
}

/// What of the bodies is the same on at least two of three pages.
pub(super) fn inside(lessons: &[Lesson], body: &str) -> Furniture {
    let Ok(matcher) = Matcher::new(body) else { return Furniture::default() };
    let roots: Vec<NodeRef<'_>> =
        lessons.iter().filter_map(|lesson| lesson.whole.select_single_matcher(&matcher).nodes().first().cloned()).collect();
    let most = (roots.len() * 2).div_ceil(3).max(2);
    let mut pages: HashMap<String, usize> = HashMap::new();
    for root in &roots {
        let all = lines::of(root);
        let own: HashSet<String> = all.iter().filter(|line| !event::is_in_table(&line.node)).map(|line| text::fold(&line.text)).collect();
        own.into_iter().filter(|line| !line.is_empty() && line.len() <= LABEL).for_each(|line| *pages.entry(line).or_default() += 1);
    }
    let stories: HashSet<String> = lessons.iter().flat_map(Lesson::titles).map(|title| text::fold(title)).collect();
    let is_common = |(line, count): &(String, usize)| *count >= most && !stories.contains(line);
    let mut common: Vec<String> = pages.into_iter().filter(is_common).map(|(line, _)| line).collect();
    common.sort();
    common.truncate(KEPT);
    let (ends, lines) = common.into_iter().partition(|line| roots.iter().all(|root| only_links_follow(root, line)));
    Furniture { remove: parts(&roots, most), lines, ends }
}

/// Behind this line a page has no text that is not a link, or the line is not there.
fn only_links_follow(root: &NodeRef<'_>, line: &str) -> bool {
    let all = lines::of(root);
    let Some(at) = all.iter().rposition(|known| text::fold(&known.text) == line) else { return true };
    let behind = all.get(at + 1..).unwrap_or_default();
    let linked = |line: &lines::Line<'_>| line.node.is_element() && Stats::of(&line.node).get(&line.node).link_share() > 0.6;
    at > 0 && !behind.is_empty() && behind.iter().all(linked)
}

/// Named parts that are mostly links on every page that has them, or say the same on all of them.
fn parts(roots: &[NodeRef<'_>], most: usize) -> Vec<String> {
    let mut votes: HashMap<String, (usize, bool)> = HashMap::new();
    for root in roots {
        let stats = Stats::of(root);
        let mut own: HashMap<String, bool> = HashMap::new();
        for node in root.descendants_it().filter(NodeRef::is_element) {
            let Some(name) = node.class().and_then(|class| named(&node, &class)) else { continue };
            let stat = stats.get(&node);
            let links = stat.chars > 0 && stat.linked * 5 >= stat.chars * 4 && !node.is_a(&local_name!("a"));
            own.entry(name).and_modify(|all| *all &= links).or_insert(links);
        }
        for (name, links) in own {
            let vote = votes.entry(name).or_insert((0, true));
            *vote = (vote.0 + 1, vote.1 && links);
        }
    }
    let mut chosen: Vec<String> = votes.into_iter().filter(|(_, (count, links))| *links && *count >= most).map(|(name, _)| name).collect();
    chosen.extend(unchanging(roots, most));
    chosen.sort();
    chosen.dedup();
    chosen.truncate(KEPT);
    chosen
}

/// Named parts that say the same on most pages: an embedded story, an appeal.
fn unchanging(roots: &[NodeRef<'_>], most: usize) -> Vec<String> {
    let mut said: HashMap<(String, String), usize> = HashMap::new();
    let mut all: HashMap<String, usize> = HashMap::new();
    for root in roots {
        let parts = root.descendants_it().filter(NodeRef::is_element);
        let own: HashSet<(String, String)> =
            parts.filter_map(|node| Some((named(&node, &node.class()?)?, line_of(&node)))).filter(|(_, text)| !text.is_empty()).collect();
        own.iter().map(|(name, _)| name.clone()).collect::<HashSet<_>>().into_iter().for_each(|name| *all.entry(name).or_default() += 1);
        own.into_iter().for_each(|part| *said.entry(part).or_default() += 1);
    }
    let same = |((name, _), count): ((String, String), usize)| {
        (count >= most && all.get(&name) == Some(&count) && !calls_a_lead(&name.to_lowercase())).then_some(name)
    };
    said.into_iter().filter_map(same).collect()
}

fn named(node: &NodeRef<'_>, class: &str) -> Option<String> {
    let first = class.split_whitespace().next().filter(|class| class.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_'))?;
    Some(format!("{}.{first}", node.node_name()?))
}
