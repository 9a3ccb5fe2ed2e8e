//! Repeated links: what a news list is made of, and menus, sidebars and "tin khác" too.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use dom_query::{Document, NodeId, NodeRef};
use regex::Regex;
use url::Url;

use crate::date;
use crate::text;

use super::super::link;
use super::{length, line_of};

/// How far above a link the list that repeats it may stand.
const LEVELS: usize = 7;
/// How many links of a page are looked at.
const LINKS: usize = 3_000;
/// Below this worth, links are no news list.
const WORTH: f32 = 0.5;
/// What a link must be worth to speak for its list; a menu that shares the list's place speaks against it.
const QUALITY: f32 = 0.25;

/// Names of parts of a page that are not its content.
static FRAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[-_ ])(menu\w*|nav\w*|foot\w*|sidebar|breadcrumbs?|pag(ing|er|ination)|banner\w*|weblinks?|lien-?ket|quang-?cao|ads?|login|tags?|keywords?|share|social|comments?|binh-?luan|counter|hotline|thong-?ke|vote|rating)([-_ ]|$)").ok()
});

/// One link and the piece of the list it stands in.
pub(in crate::source) struct Found<'a> {
    /// The link.
    pub(in crate::source) anchor: NodeRef<'a>,
    /// The largest part of the page that holds this link and none of the others.
    pub(in crate::source) block: NodeRef<'a>,
}

/// Links that stand in the same place of repeated blocks.
pub(in crate::source) struct Group<'a> {
    container: NodeRef<'a>,
    /// One for each address.
    pub(in crate::source) found: Vec<Found<'a>>,
}

/// Does the name or class of an element say that it is menu, sidebar, footer or the like?
pub(in crate::source) fn is_frame(node: &NodeRef<'_>) -> bool {
    if ["nav", "footer", "aside"].iter().any(|name| node.has_name(name)) {
        return true;
    }
    let (id, class) = (node.attr_or("id", ""), node.attr_or("class", ""));
    if id.is_empty() && class.is_empty() {
        return false;
    }
    let names = format!("{id} {class}");
    !["body", "html"].iter().any(|name| node.has_name(name)) && FRAME.as_ref().is_some_and(|frame| frame.is_match(&names))
}

/// What a link is called: its text, or the whole title where that is cut off with dots.
pub(in crate::source) fn label(anchor: &NodeRef<'_>) -> String {
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
    let anchors = page.select("a[href]");
    let usable = anchors.nodes().iter().take(LINKS).filter_map(|anchor| {
        let url = link::canonical(link::target(anchor, base)?);
        let leads_on = link::same_site(base, &url) && url != here && url.path() != "/" && link::media_type(&url).is_none();
        let chars = label(anchor).chars().count();
        (leads_on && chars > 0 && !anchor.ancestors_it(None).any(|a| a.has_name("template"))).then_some(Link {
            anchor: *anchor,
            url,
            chars,
        })
    });
    usable.collect()
}

/// Every group of repeated links with at least `least` addresses.
pub(in crate::source) fn groups<'a>(page: &'a Document, base: &Url, least: usize) -> Vec<Group<'a>> {
    let links = links(page, base);
    let mut places: HashMap<(NodeId, String), Vec<usize>> = HashMap::new();
    let mut order = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let mut path = String::new();
        for above in link.anchor.ancestors_it(Some(LEVELS)) {
            let place = places.entry((above.id, path.clone())).or_insert_with(|| {
                order.push((above, path.clone()));
                Vec::new()
            });
            place.push(at);
            path.push_str(&above.node_name().unwrap_or_default());
            path.push('>');
        }
    }
    let grouped = order.into_iter().filter_map(|(container, path)| {
        let members = places.get(&(container.id, path))?.iter().filter_map(|at| links.get(*at)).collect();
        group(container, members)
    });
    grouped.filter(|group| group.found.len() >= least).collect()
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
        best.iter().map(|link| Found { anchor: link.anchor, block: block(&link.anchor, &container, &shared) }).collect();
    (!found.is_empty()).then_some(Group { container, found })
}

/// The elements between container and links that hold more than one of them.
fn shared_ancestors(container: &NodeRef<'_>, links: &[&Link<'_>]) -> HashSet<NodeId> {
    let mut seen = HashSet::new();
    let mut shared = HashSet::from([container.id]);
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

fn block<'a>(anchor: &NodeRef<'a>, container: &NodeRef<'a>, shared: &HashSet<NodeId>) -> NodeRef<'a> {
    let between = anchor.ancestors_it(Some(LEVELS)).take_while(|above| above.id != container.id && !shared.contains(&above.id));
    between.last().unwrap_or(*anchor)
}

/// The news list of a page in the order of the page; empty when there is none.
pub(in crate::source) fn news_list<'a>(page: &'a Document, base: &Url) -> Vec<Found<'a>> {
    let mut judge = Judge { base, framed: HashMap::new(), qualities: HashMap::new() };
    let mut scored: Vec<(f32, Group<'a>)> = groups(page, base, 1).into_iter().map(|group| (judge.worth(&group), group)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some((top, region)) = scored.first().map(|(top, best)| (*top, region(&best.container))) else { return Vec::new() };
    if top < WORTH {
        return Vec::new();
    }
    // "Các tin khác" below the list with pictures is the same list, older.
    let beside = |group: &Group<'a>| group.container.id == region || group.container.ancestors_it(Some(3)).any(|above| above.id == region);
    let chosen =
        scored.into_iter().filter(|(worth, group)| *worth == top || (*worth >= top / 5.0 && group.found.len() > 1 && beside(group)));
    in_page_order(page, chosen.flat_map(|(_, group)| group.found).collect())
}

fn region(container: &NodeRef<'_>) -> NodeId {
    let above = container.ancestors_it(Some(2)).take_while(|above| !above.has_name("body")).last();
    above.map_or(container.id, |above| above.id)
}

fn in_page_order<'a>(page: &'a Document, mut found: Vec<Found<'a>>) -> Vec<Found<'a>> {
    let places: HashMap<NodeId, usize> = page.select("a[href]").nodes().iter().enumerate().map(|(at, node)| (node.id, at)).collect();
    found.sort_by_key(|one| places.get(&one.anchor.id).copied());
    found.dedup_by_key(|one| one.anchor.id);
    found
}

/// What groups are worth. Those of one page share their ancestors and most of their blocks, so
/// the answers are kept.
struct Judge<'b> {
    base: &'b Url,
    framed: HashMap<NodeId, bool>,
    qualities: HashMap<(NodeId, NodeId), f32>,
}

impl Judge<'_> {
    fn worth(&mut self, group: &Group<'_>) -> f32 {
        let framed = self.stands_in_frame(&group.container);
        let sum: f32 = group.found.iter().take(30).map(|found| self.quality(found) - QUALITY).sum();
        if framed { sum * 0.03 } else { sum }
    }

    fn stands_in_frame(&mut self, node: &NodeRef<'_>) -> bool {
        if let Some(answer) = self.framed.get(&node.id) {
            return *answer;
        }
        let answer = is_frame(node) || node.parent().is_some_and(|above| self.stands_in_frame(&above));
        self.framed.insert(node.id, answer);
        answer
    }

    fn quality(&mut self, found: &Found<'_>) -> f32 {
        let base = self.base;
        *self.qualities.entry((found.anchor.id, found.block.id)).or_insert_with(|| quality(found, base))
    }
}

/// How much one link looks like that of an article: a long text, an address with a slug or a
/// number, a heading around it, a date and a teaser beside it.
fn quality(found: &Found<'_>, base: &Url) -> f32 {
    let chars = label(&found.anchor).chars().count();
    if chars < 12 {
        return 0.0;
    }
    let heading = |node: &NodeRef<'_>| ["h1", "h2", "h3", "h4", "h5", "strong", "b"].iter().any(|name| node.has_name(name));
    let mut quality = chars.min(80) as f32 / 80.0;
    quality *= if link::target(&found.anchor, base).is_some_and(|url| has_slug(&url)) { 1.5 } else { 0.6 };
    quality *= if found.anchor.ancestors_it(Some(2)).any(|above| heading(&above)) { 1.2 } else { 1.0 };
    quality *= if has_date(&found.block) { 1.5 } else { 1.0 };
    quality * if (chars + 60..2_000).contains(&length(&found.block)) { 1.2 } else { 1.0 }
}

fn has_slug(url: &Url) -> bool {
    let last = url.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty())).unwrap_or_default();
    let digits = last.bytes().chain(url.query().unwrap_or_default().bytes()).filter(u8::is_ascii_digit).count();
    digits >= 2 || last.matches('-').count() >= 3 || last.ends_with(".html") || last.ends_with(".htm")
}

fn has_date(block: &NodeRef<'_>) -> bool {
    length(block) < 2_000 && date_lines(block).iter().any(|line| date::is_stamp_line(line))
}

/// The short pieces of text in a block, each by itself, dates among them.
pub(in crate::source) fn date_lines(block: &NodeRef<'_>) -> Vec<String> {
    let told = block.descendants_it().filter_map(|node| node.attr("datetime")).map(|told| told.to_string());
    let texts = block.descendants_it().filter(NodeRef::is_text).map(|node| line_of_text(&node));
    told.chain(texts).filter(|line| line.len() < 80 && line.bytes().any(|b| b.is_ascii_digit())).take(20).collect()
}

fn line_of_text(node: &NodeRef<'_>) -> String {
    text::line(&node.text()).trim_matches(['(', ')', '[', ']', '|', '-', '–', ' ']).to_owned()
}
