//! Repeated links in an article's page: menus, sidebars and "tin khác".

use std::collections::HashMap;
use std::sync::LazyLock;

use dom_query::{Document, LocalName, NodeId, NodeRef, local_name};
use regex::Regex;
use rustc_hash::{FxHashMap, FxHashSet};
use url::Url;

use crate::date;
use crate::html::Named;
use crate::text;

use super::super::link;
use super::{is_shorter, line_of};

/// How far above a link the list that repeats it may stand.
const LEVELS: usize = 7;
/// A date is shorter than this.
const STAMP: usize = 60;
/// How many links of a page are looked at.
const LINKS: usize = 3_000;

/// Names of parts of a page that are not its content.
static FRAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(^|[-_ ])(menu\w*|nav\w*|foot\w*|sidebar|breadcrumbs?|pag(ing|er|ination)|banner\w*|weblinks?|lien-?ket|quang-?cao|ads?|login|tags?|keywords?|share|social|comments?|binh-?luan|counter|hotline|thong-?ke|vote|rating)([-_ ]|$)").ok()
});

/// One link and the piece of the list it stands in.
pub(in crate::source) struct Found<'a> {
    /// The link.
    pub(in crate::source) anchor: NodeRef<'a>,
    /// The largest part of the page that holds this link and none of the others.
    pub(in crate::source) block: NodeRef<'a>,
    /// Characters of what the link is called.
    pub(in crate::source) chars: usize,
}

impl Found<'_> {
    /// Whether the block begins with the link, and a date and nothing else follows it: in an article
    /// nobody dates one link after the other.
    pub(in crate::source) fn is_dated(&self) -> bool {
        let mut texts = self.block.descendants_it().filter(NodeRef::is_nonempty_text);
        let is_linked = |text: &NodeRef<'_>| text.ancestors_it(None).any(|above| above.id == self.anchor.id);
        texts.next().is_some_and(|first| is_linked(&first))
            && texts.find(|text| !is_linked(text)).is_some_and(|next| is_shorter(&next, STAMP) && date::is_stamp_line(&next.text()))
    }
}

/// Links that stand in the same place of repeated blocks.
pub(in crate::source) struct Group<'a> {
    /// One for each address.
    pub(in crate::source) found: Vec<Found<'a>>,
}

/// Does the name or class of an element say that it is menu, sidebar, footer or the like?
pub(in crate::source) fn is_frame(node: &NodeRef<'_>) -> bool {
    if node.is_any(&[local_name!("nav"), local_name!("footer"), local_name!("aside")]) {
        return true;
    }
    FRAME.as_ref().is_some_and(|frame| node.is_called(frame)) && !node.is_any(&[local_name!("body"), local_name!("html")])
}

/// What a link is called: its text, or the whole title where that is cut off with dots.
fn label(anchor: &NodeRef<'_>) -> String {
    let shown = line_of(anchor);
    let told = text::line(&anchor.attr_or("title", ""));
    let stem = shown.trim_end_matches(['.', '…', ' ']);
    if stem.len() < shown.len() && !stem.is_empty() && told.starts_with(stem) || shown.is_empty() { told } else { shown }
}

struct Link<'a> {
    anchor: NodeRef<'a>,
    url: Url,
    chars: usize,
}

fn links<'a>(page: &'a Document, base: &Url) -> Vec<Link<'a>> {
    let here = link::canonical(base.clone());
    let root = page.root();
    let anchors = root.descendants_it().filter(|node| node.is_a(&local_name!("a")) && node.has_attr("href"));
    let usable = anchors.take(LINKS).filter_map(|anchor| {
        let url = link::canonical(link::target(&anchor, base)?);
        let leads_on = link::same_site(base, &url) && url != here && url.path() != "/" && link::media_type(&url).is_none();
        let chars = label(&anchor).chars().count();
        (leads_on && chars > 0 && !anchor.ancestors_it(None).any(|a| a.is_a(&local_name!("template")))).then_some(Link {
            anchor,
            url,
            chars,
        })
    });
    usable.collect()
}

/// Every group of repeated links with at least `least` addresses.
pub(in crate::source) fn groups<'a>(page: &'a Document, base: &Url, least: usize) -> Vec<Group<'a>> {
    let links = links(page, base);
    let mut places: FxHashMap<(NodeId, usize), Vec<usize>> = FxHashMap::default();
    // A way up from a link, by the names on it, is the way before its last step and that step.
    let mut ways: FxHashMap<(usize, Option<LocalName>), usize> = FxHashMap::default();
    let mut order = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let mut way = 0;
        for above in link.anchor.ancestors_it(Some(LEVELS)) {
            let place = places.entry((above.id, way)).or_insert_with(|| {
                order.push((above, way));
                Vec::new()
            });
            place.push(at);
            let next = ways.len() + 1;
            way = *ways.entry((way, name(&above))).or_insert(next);
        }
    }
    let grouped = order.into_iter().filter_map(|(container, way)| {
        let members = places.get(&(container.id, way)).filter(|members| members.len() >= least)?;
        group(container, members.iter().filter_map(|at| links.get(*at)).collect())
    });
    grouped.filter(|group| group.found.len() >= least).collect()
}

fn name(node: &NodeRef<'_>) -> Option<LocalName> {
    node.query_or(None, |node| node.as_element().map(|element| element.name.local.clone()))
}

/// One link for each address: the one with the longest text.
fn group<'a>(container: NodeRef<'a>, members: Vec<&Link<'a>>) -> Option<Group<'a>> {
    let mut best: Vec<&Link<'a>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for link in members {
        let at = *known.entry(link.url.as_str()).or_insert(best.len());
        match best.get_mut(at) {
            Some(kept) if kept.chars < link.chars => *kept = link,
            Some(_) => {}
            None => best.push(link),
        }
    }
    let shared = shared_ancestors(&container, &best);
    let found: Vec<Found<'a>> =
        best.iter().map(|link| Found { anchor: link.anchor, block: block(&link.anchor, &container, &shared), chars: link.chars }).collect();
    (!found.is_empty()).then_some(Group { found })
}

/// The elements between container and links that hold more than one of them.
fn shared_ancestors(container: &NodeRef<'_>, links: &[&Link<'_>]) -> FxHashSet<NodeId> {
    let mut seen = FxHashSet::default();
    let mut shared = FxHashSet::from_iter([container.id]);
    for link in links {
        let between = link.anchor.ancestors_it(Some(LEVELS)).take_while(|above| above.id != container.id);
        for above in between {
            if !seen.insert(above.id) {
                shared.insert(above.id);
            }
        }
    }
    shared
}

fn block<'a>(anchor: &NodeRef<'a>, container: &NodeRef<'a>, shared: &FxHashSet<NodeId>) -> NodeRef<'a> {
    let between = anchor.ancestors_it(Some(LEVELS)).take_while(|above| above.id != container.id && !shared.contains(&above.id));
    between.last().unwrap_or(*anchor)
}
