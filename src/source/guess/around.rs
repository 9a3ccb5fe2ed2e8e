//! What stands around a list, a collection or a grid of products: menus, filters, sign-up forms,
//! questions about cookies. Nothing here looks for one article.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use dom_query::{Document, NodeId, NodeRef, local_name};
use html5ever::tendril::StrTendril;
use regex::Regex;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::html::{Index, Named, Query};

use super::body;
use super::line_of;
use super::stats::{Stat, Stats};

/// Names of what a page shows to nobody, or only to screen readers.
static UNSEEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(^|[\s_-])(visually-?hidden|sr-?only|screen-?reader\w*|display-?none|off-?screen|is-hidden|u-hidden)([\s_-]|$)").ok()
});
/// Names of questions about cookies.
static CONSENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(cookie|consent|gdpr|onetrust|didomi|privacy-(banner|settings|center))|(^|[\s_-])(fides|cmp|ccc|truste)([\s_-]|$)")
        .ok()
});
/// Names of what stands around a list.
static AROUND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(^|[\s_-])(mega-?menu\w*|menus?|nav\w*|[a-z]*nav|foot\w*|side-?bar\w*|bread-?crumbs?|crumbs?|pag(ing|er|inat\w*)|skip\w*|login|sign-?(in|up)|newsletter\w*|subscri\w+|social\w*|shar(e|ing)|follow|advert\w*|ads?|promo\w*|sponsor\w*|filters?|facets?|sort\w*|toolbar|modal|pop-?(up|over)|overlay|drawer|off-?canvas|tooltip|hotline|weblinks?|lien-?ket|quang-?cao|thong-?ke|billboard)([\s_-]|$)").ok()
});
/// Names of what stands below a picture, which says nothing of the list.
static CAPTION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i-u)(^|[\s_-])(caption|credit\w*|chu-?thich)([\s_-]|$)").ok());
/// Roles of parts around the main one.
const ROLES: &[&str] = &["navigation", "contentinfo", "complementary", "search", "dialog", "banner"];
/// Elements that are called the main part.
static MAIN: LazyLock<Query> = LazyLock::new(|| Query::new("main, [role=main], #main, #content, #main-content"));
static FIELDS: LazyLock<Query> = LazyLock::new(|| Query::new("input[type=email]"));
static ANCHORS: LazyLock<Query> = LazyLock::new(|| Query::new("a"));
static CAPTIONS: LazyLock<Query> = LazyLock::new(|| Query::new("figcaption"));
/// One piece of a list has fewer characters than this.
const PIECE: usize = 800;
/// A sign-up form has fewer characters than this.
const FORM: usize = 400;
/// No page has more of them.
const FORMS: usize = 20;
/// So many children of one element that are called the same are pieces of a list.
const ALIKE: usize = 3;
/// So many short links and hardly anything else are a menu; each is shorter than this on average.
const MENU: usize = 4;
const LABEL: usize = 20;
/// What is written on so many links to different places is a button, in at most so many words.
const BUTTONS: usize = 3;
const WORDS: usize = 4;

/// Leaves of a page what is read on it, and gives the element that holds that, with what stands in it.
pub(in crate::source) fn strip(page: &Document) -> Option<(NodeRef<'_>, Stat)> {
    let index = Index::of(page);
    let root = page.body()?;
    forms(&index, &root);
    body::hide(&index);
    remove_named(&root);
    Stripper::of(&root).strip(&root);
    links(&index);
    index.left(&CAPTIONS).collect::<Vec<_>>().iter().for_each(NodeRef::remove_from_parent);
    Some(told(&index, &root))
}

/// The element that the page calls its main part, where most of the text is in it.
fn told<'a>(index: &Index<'a>, root: &NodeRef<'a>) -> (NodeRef<'a>, Stat) {
    let stats = Stats::of(root);
    let main = index.left(&MAIN).max_by_key(|node| stats.get(node).chars);
    let main = main.filter(|main| stats.get(main).chars * 2 >= stats.get(root).chars).unwrap_or(*root);
    (main, stats.get(&main))
}

/// Forms that ask for an address: the box with the words around the field.
fn forms(index: &Index<'_>, body: &NodeRef<'_>) {
    for field in index.all(&FIELDS).take(FORMS) {
        let small = field.ancestors_it(None).take_while(|above| above.id != body.id && super::length(above) < FORM);
        if let Some(form) = small.last() {
            form.remove_from_parent();
        }
    }
}

/// Removes what is not shown and what asks for consent, however long that is.
fn remove_named(root: &NodeRef<'_>) {
    let called: Vec<(NodeRef<'_>, bool)> = root
        .descendants_it()
        .filter_map(|node| {
            let unseen = named(&node, &UNSEEN);
            (unseen || !node.is_a(&local_name!("main")) && named(&node, &CONSENT)).then_some((node, unseen))
        })
        .collect();
    if called.is_empty() {
        return;
    }
    let stats = Stats::of(root);
    let whole = stats.get(root).chars;
    for (node, unseen) in called {
        let chars = stats.get(&node).chars;
        let consent = || chars * 10 < whole * 9 && !node.is_a(&local_name!("main")) && named(&node, &CONSENT);
        if unseen && chars * 2 < whole || consent() {
            node.remove_from_parent();
        }
    }
}

fn named(node: &NodeRef<'_>, words: &LazyLock<Option<Regex>>) -> bool {
    words.as_ref().is_some_and(|words| node.is_called(words))
}

/// Removes links that say nothing of the list.
fn links(index: &Index<'_>) {
    let links: Vec<NodeRef<'_>> = index.left(&ANCHORS).collect();
    let mut named: Vec<(&NodeRef<'_>, String)> = links.iter().map(|link| (link, line_of(link))).collect();
    let doomed = buttons(&named);
    named.retain(|(link, _)| !doomed.contains(&link.id));
    let again = repeated(&named);
    links.iter().filter(|link| doomed.contains(&link.id) || again.contains(&link.id)).for_each(NodeRef::remove_from_parent);
}

/// Links that say the same and lead to different places: "Xem thêm", "View profile".
fn buttons(named: &[(&NodeRef<'_>, String)]) -> FxHashSet<NodeId> {
    let mut places: HashMap<String, HashSet<String>> = HashMap::new();
    let short = || named.iter().filter(|(_, label)| !label.is_empty() && label.split(' ').count() <= WORDS);
    for (link, label) in short() {
        places.entry(label.to_lowercase()).or_default().insert(link.attr_or("href", "").to_string());
    }
    let leads_on = |label: &str| places.get(&label.to_lowercase()).is_some_and(|places| places.len() >= BUTTONS);
    short().filter(|(_, label)| leads_on(label)).map(|(link, _)| link.id).collect()
}

/// The headline of a piece that says it twice, for narrow and for wide screens.
fn repeated(named: &[(&NodeRef<'_>, String)]) -> FxHashSet<NodeId> {
    let long: Vec<_> = named.iter().filter(|(_, label)| label.split(' ').count() >= WORDS).collect();
    long.iter().zip(long.iter().skip(1)).filter(|(one, next)| one.1 == next.1).map(|(_, (link, _))| link.id).collect()
}

/// Takes away what stands around the list.
struct Stripper {
    stats: Stats,
    whole: Stat,
    /// How many links each element has.
    links: FxHashMap<NodeId, usize>,
    /// One of several alike.
    alike: FxHashSet<NodeId>,
    /// What holds the heading of the page or its main part.
    holds: FxHashSet<NodeId>,
    /// What holds headings that are links.
    headed: FxHashSet<NodeId>,
}

impl Stripper {
    fn of(root: &NodeRef<'_>) -> Self {
        let stats = Stats::of(root);
        let mut links: FxHashMap<NodeId, usize> = FxHashMap::default();
        let (mut alike, mut holds, mut headed) = (FxHashSet::default(), FxHashSet::default(), FxHashSet::default());
        for node in root.descendants_it().filter(NodeRef::is_element) {
            if node.is_a(&local_name!("a")) && stats.get(&node).chars > 0 {
                node.ancestors_it(None).for_each(|above| *links.entry(above.id).or_default() += 1);
            }
            if node.is_a(&local_name!("h1")) || node.is_a(&local_name!("main")) {
                holds.extend(node.ancestors_it(None).map(|above| above.id));
            }
            if is_headline(&node) {
                headed.extend(node.ancestors_it(None).map(|above| above.id));
            }
            alike.extend(same(&node));
        }
        Self { whole: stats.get(root), stats, links, alike, holds, headed }
    }

    fn strip(&self, root: &NodeRef<'_>) {
        let mut open = vec![(*root, false)];
        while let Some((node, in_piece)) = open.pop() {
            for child in node.children() {
                if child.is_text() {
                    self.strip_text(&child);
                } else if child.is_element() && self.is_around(&child, in_piece) {
                    child.remove_from_parent();
                } else {
                    open.push((child, in_piece || self.is_piece(&child)));
                }
            }
        }
    }

    /// Code that is shown to be copied.
    fn strip_text(&self, text: &NodeRef<'_>) {
        if text.text().trim_start().starts_with("<iframe") {
            text.remove_from_parent();
        }
    }

    fn is_piece(&self, node: &NodeRef<'_>) -> bool {
        let one = self.alike.contains(&node.id) || node.is_a(&local_name!("article")) || node.is_a(&local_name!("li"));
        one && self.stats.get(node).chars < PIECE
    }

    fn is_around(&self, node: &NodeRef<'_>, in_piece: bool) -> bool {
        if node.is_any(&[local_name!("main"), local_name!("h1"), local_name!("h2"), local_name!("h3"), local_name!("h4")]) {
            return false;
        }
        let small = self.stats.get(node).chars * 2 <= self.whole.chars && !self.holds.contains(&node.id);
        small && (is_told(node, in_piece) || named(node, &CAPTION) || !in_piece && (self.is_named(node) || self.is_menu(node)))
    }

    fn is_named(&self, node: &NodeRef<'_>) -> bool {
        let whole = node.is_any(&[local_name!("article"), local_name!("a")]) || self.alike.contains(&node.id);
        !whole && named(node, &AROUND)
    }

    fn is_menu(&self, node: &NodeRef<'_>) -> bool {
        let links = self.links.get(&node.id).copied().unwrap_or_default();
        let stat = self.stats.get(node);
        links >= MENU && !self.headed.contains(&node.id) && stat.linked * 5 >= stat.chars * 4 && stat.linked < links * LABEL
    }
}

/// Whether the element itself says that it is not of the main part.
fn is_told(node: &NodeRef<'_>, in_piece: bool) -> bool {
    let role = node.attr_or("role", "");
    let outer = || {
        node.is_a(&local_name!("header"))
            && !node.ancestors_it(None).any(|above| above.is_a(&local_name!("main")) || above.is_a(&local_name!("section")))
    };
    node.is_any(&[local_name!("nav"), local_name!("aside")])
        || ROLES.contains(&&*role)
        || !in_piece && (node.is_a(&local_name!("footer")) || outer())
}

/// A heading that leads on.
fn is_headline(node: &NodeRef<'_>) -> bool {
    let is_link = |other: NodeRef<'_>| other.is_a(&local_name!("a"));
    node.is_any(&[local_name!("h2"), local_name!("h3"), local_name!("h4")])
        && (node.descendants_it().any(is_link) || node.ancestors_it(Some(3)).any(is_link))
}

/// Children of one element of which several have the same name and a class in common.
fn same(parent: &NodeRef<'_>) -> Vec<NodeId> {
    let children: Vec<NodeRef<'_>> = parent.children_it(false).filter(NodeRef::is_element).collect();
    if children.len() < ALIKE {
        return Vec::new();
    }
    let called = |child: &NodeRef<'_>| (child.id, child.node_name().unwrap_or_default(), child.attr_or("class", ""));
    let children: Vec<(NodeId, StrTendril, StrTendril)> = children.iter().map(called).collect();
    let mut counts: FxHashMap<(&str, &str), usize> = FxHashMap::default();
    for (_, name, classes) in &children {
        classes.split_whitespace().for_each(|class| *counts.entry((name, class)).or_default() += 1);
    }
    let is_one = |name: &str, class: &str| counts.get(&(name, class)).is_some_and(|count| *count >= ALIKE);
    let several = |(_, name, classes): &&(NodeId, StrTendril, StrTendril)| classes.split_whitespace().any(|class| is_one(name, class));
    children.iter().filter(several).map(|(id, ..)| *id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "<div class='ds'><h2><a href='/1'>Phường khai trương thư viện mới</a></h2>\
        <h2><a href='/2'>Đội bóng thiếu nhi phường đoạt giải nhì</a></h2>\
        <h2><a href='/3'>Chợ hoa xuân mở từ ngày hai mươi tháng Chạp</a></h2></div>";

    /// What is left of a list with something around it.
    fn check(around: &str, gone: bool) {
        let page = Document::from(format!("<html><body><h1>Tin tức</h1>{around}{LIST}</body></html>"));
        let left = line_of(&strip(&page).map_or(page.root(), |(main, _)| main));
        assert!(left.contains("thư viện") && left.contains("giải nhì") && left.contains("Chạp"), "{around}: {left}");
        assert_eq!(!left.contains("Thử"), gone, "{around}: {left}");
    }

    #[test]
    fn what_stands_around_a_list_goes() {
        check("<nav>Thử</nav>", true);
        check("<header><a href='/'>Thử</a></header>", true);
        check("<div role='search'>Thử</div>", true);
        check("<div class='cookie-consent'><p>Thử bấm đồng ý để dùng trang này.</p></div>", true);
        check("<div><p>Thử nhận tin qua thư</p><form><input type='email'></form></div>", true);
        check("<span class='sr-only'>Thử</span>", true);
        check(
            "<ul><li><a href='/a'>Thử</a></li><li><a href='/b'>Hai</a></li><li><a href='/c'>Ba</a></li><li><a href='/d'>Bốn</a></li></ul>",
            true,
        );
        check("<p><a href='/a'>Thử xem</a><a href='/b'>Thử xem</a><a href='/c'>Thử xem</a></p>", true);
    }

    #[test]
    fn what_a_list_says_stays() {
        check("<p>Thử tìm tin của phường theo từng tháng, từ năm 2019 đến nay.</p>", false);
        check("<article class='tag-hoa sidebar'><h3><a href='/9'>Thử trồng hoa gạo trên sân thượng</a></h3></article>", false);
        check("<ul><li class='the'>Thử<span class='card-footer'>An</span></li><li class='the'>Hai</li><li class='the'>Ba</li></ul>", false);
    }

    #[test]
    fn a_headline_is_told_once() {
        let twice = "<a href='/1'>Phường khai trương thư viện mới</a> <a href='/1?m'>Phường khai trương thư viện mới</a>";
        let page = Document::from(format!("<html><body><div>{twice}</div></body></html>"));
        assert_eq!(strip(&page).map(|(main, _)| line_of(&main)).as_deref(), Some("Phường khai trương thư viện mới"));
    }
}
