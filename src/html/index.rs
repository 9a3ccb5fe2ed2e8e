//! The elements of a page with what selectors ask for, so that many selectors cost little more than
//! one: each is tried only on elements that have its name, its attributes and its classes.

use dom_query::{Attr, Document, LocalName, Matcher, NodeRef, TreeNode, local_name};
use memchr::memmem::Finder;

/// The elements of a page in their order, as they were when it was built.
pub(crate) struct Index<'a> {
    elements: Vec<(Marks, NodeRef<'a>)>,
    seen: Seen,
}

impl<'a> Index<'a> {
    /// Looks at every element once.
    pub(crate) fn of(page: &'a Document) -> Self {
        let mut seen = Seen::default();
        let mut marked = |node: NodeRef<'a>| Some((node.query_or(None, |inner| Marks::of(inner, &mut seen))?, node));
        Self { elements: page.root().descendants_it().filter_map(&mut marked).collect(), seen }
    }

    /// The elements that a query means, in the order of the page.
    pub(crate) fn all<'q>(&'q self, query: &'q Query) -> impl Iterator<Item = NodeRef<'a>> + 'q {
        // Most selectors are of other sites.
        let possible: Vec<&One> = query.0.iter().filter(|one| self.seen.hold(&one.keys)).collect();
        let elements = if possible.is_empty() { &[] } else { self.elements.as_slice() };
        let meant = move |(marks, node): &(Marks, NodeRef<'a>)| possible.iter().any(|one| marks.hold(one.marks) && one.means(node));
        elements.iter().filter(move |element| meant(element)).map(|(_, node)| *node)
    }

    /// The first of them.
    pub(crate) fn first(&self, query: &Query) -> Option<NodeRef<'a>> {
        self.all(query).next()
    }

    /// Those of them that nobody has taken out of the page.
    pub(crate) fn left<'q>(&'q self, query: &'q Query) -> impl Iterator<Item = NodeRef<'a>> + 'q {
        self.all(query).filter(|node| node.ancestors_it(None).last().is_some_and(|root| !root.is_element()))
    }
}

/// CSS selectors, each with what an element must have to be worth a closer look.
#[derive(Debug)]
pub(crate) struct Query(Vec<One>);

#[derive(Debug)]
struct One {
    /// What an element must have.
    marks: Marks,
    /// What a page must have, so that it and what it stands in can be there.
    keys: Vec<Key>,
    needle: Option<Needle>,
    matcher: Matcher,
}

impl One {
    fn means(&self, node: &NodeRef<'_>) -> bool {
        self.needle.as_ref().is_none_or(|needle| needle.is_in(node)) && node.is_match(&self.matcher)
    }
}

/// What the value of an attribute must have somewhere: `[class*=title]`.
#[derive(Debug)]
struct Needle {
    name: String,
    value: Finder<'static>,
}

/// Attributes of pages whose values mean what they are, letter by letter.
const EXACT: &[&str] = &["class", "id", "style", "href", "src"];

impl Needle {
    /// The first that the last step of a selector asks for.
    fn wanted(selector: &str) -> Option<Self> {
        let step = last_step(selector);
        let (name, behind) = step.split_once('[')?.1.split_once("*=")?;
        let value = behind.split_once(']')?.0.trim_matches(['\'', '"']);
        let plain = EXACT.contains(&name) && !step.contains(['\\', ':']) && !value.is_empty() && !value.contains(['\'', '"', ' ']);
        plain.then(|| Self { name: name.to_owned(), value: Finder::new(value).into_owned() })
    }

    fn is_in(&self, node: &NodeRef<'_>) -> bool {
        let holds = |told: &Attr| *told.name.local == *self.name && self.value.find(told.value.as_bytes()).is_some();
        node.query_or(true, |node| node.as_element().is_none_or(|element| element.attrs.iter().any(holds)))
    }
}

impl Query {
    /// Several selectors, parted by commas. One that is wrong means nothing.
    pub(crate) fn new(selectors: &str) -> Self {
        let one = |selector: &str| {
            let keys = steps(selector).into_iter().flat_map(wanted).collect();
            let marks = wanted(last_step(selector)).into_iter().fold(Marks::default(), Marks::with);
            Some(One { marks, keys, needle: Needle::wanted(selector), matcher: Matcher::new(selector).ok()? })
        };
        Self(pieces(selectors, |c| c == ',').into_iter().filter_map(one).collect())
    }
}

/// Something that an element can have, by a number that few others share.
#[derive(Debug, Clone, Copy)]
enum Key {
    /// Its name, or an attribute of that name.
    Name(u64),
    Class(u64),
}

impl Key {
    fn tag(name: &LocalName) -> Self {
        Self::Name(mixed(name.get_hash(), TAG))
    }

    fn attribute(name: &LocalName) -> Self {
        Self::Name(mixed(name.get_hash(), ATTRIBUTE))
    }

    fn class(name: &str) -> Self {
        Self::Class(name.bytes().fold(TAG, |hash, byte| mixed(hash.rotate_left(5), u64::from(byte))))
    }
}

const TAG: u64 = 0x9E37_79B9_7F4A_7C15;
const ATTRIBUTE: u64 = 0xC2B2_AE3D_27D4_EB4F;

/// The upper bits of the product depend on all bits of both.
fn mixed(one: u64, other: u64) -> u64 {
    (one ^ other).wrapping_mul(0x51_7C_C1_B7_27_22_0A_95)
}

/// What any element of a page has: a bit for each key, which several may share.
#[derive(Default)]
struct Seen([[u64; 32]; 2]);

impl Seen {
    fn add(&mut self, key: Key) {
        let (of, at, bit) = Self::place(key);
        if let Some(word) = self.0.get_mut(of).and_then(|words| words.get_mut(at)) {
            *word |= bit;
        }
    }

    fn hold(&self, keys: &[Key]) -> bool {
        keys.iter()
            .map(|key| Self::place(*key))
            .all(|(of, at, bit)| self.0.get(of).and_then(|words| words.get(at)).is_some_and(|word| word & bit != 0))
    }

    fn place(key: Key) -> (usize, usize, u64) {
        let (of, number) = match key {
            Key::Name(number) => (0, number),
            Key::Class(number) => (1, number),
        };
        let at = usize::try_from(number >> 53 & 31).unwrap_or_default();
        (of, at, 1 << (number >> 58))
    }
}

/// A bit for the name of an element and of each attribute, and one for each class. Names may share
/// a bit.
#[derive(Debug, Default, Clone, Copy)]
struct Marks {
    names: u64,
    classes: u64,
}

impl Marks {
    fn of(node: &TreeNode, seen: &mut Seen) -> Option<Self> {
        let element = node.as_element()?;
        let mut marks = Self::default();
        let mut add = |key| {
            seen.add(key);
            marks = marks.with(key);
        };
        add(Key::tag(&element.name.local));
        for attribute in &element.attrs {
            add(Key::attribute(&attribute.name.local));
            if attribute.name.local == local_name!("class") {
                attribute.value.split_ascii_whitespace().for_each(|class| add(Key::class(class)));
            }
        }
        Some(marks)
    }

    fn with(self, key: Key) -> Self {
        match key {
            Key::Name(number) => Self { names: self.names | 1 << (number >> 58), ..self },
            Key::Class(number) => Self { classes: self.classes | 1 << (number >> 58), ..self },
        }
    }

    fn hold(self, wanted: Self) -> bool {
        self.names & wanted.names == wanted.names && self.classes & wanted.classes == wanted.classes
    }
}

/// What an element must have that one step of a selector means.
fn wanted(step: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    // Rare spellings are not worth the rules for them.
    if step.contains('\\') || step.contains('|') && !step.contains('[') {
        return keys;
    }
    let mut rest = step;
    while let Some((kind, behind)) = rest.char_indices().next().map(|(_, c)| (c, rest)) {
        let name_at = if kind.is_alphanumeric() { 0 } else { kind.len_utf8() };
        let from = behind.get(name_at..).unwrap_or_default();
        let name = from.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).next().unwrap_or_default();
        match kind {
            '.' => keys.push(Key::class(name)),
            '#' => keys.push(Key::attribute(&local_name!("id"))),
            '[' => keys.push(Key::attribute(&name.to_ascii_lowercase().into())),
            // Names of elements may be written in capitals, and some of drawings have them.
            _ if name_at == 0 && !name.contains(|c: char| c.is_ascii_uppercase()) => keys.push(Key::tag(&name.into())),
            _ => {}
        }
        rest = behind_step(from.get(name.len()..).unwrap_or_default(), kind);
    }
    keys
}

/// What a selector says of the elements that it means.
fn last_step(selector: &str) -> &str {
    steps(selector).last().copied().unwrap_or_default()
}

fn steps(selector: &str) -> Vec<&str> {
    pieces(selector.trim(), |c| c.is_whitespace() || matches!(c, '>' | '+' | '~'))
}

/// What follows the name in a selector's step: of an attribute behind its bracket, of a pseudo-class
/// behind its parentheses.
fn behind_step(text: &str, kind: char) -> &str {
    let mut nesting = i32::from(kind == '[');
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match c {
            _ if quote.is_some() => quote = quote.filter(|open| *open != c),
            '"' | '\'' => quote = Some(c),
            '[' | '(' if nesting > 0 || c == '(' => nesting += 1,
            ']' | ')' => nesting -= 1,
            _ if nesting == 0 => return text.get(at..).unwrap_or_default(),
            _ => {}
        }
    }
    ""
}

/// The pieces of a selector between signs that stand in no brackets and quotes; none is empty.
fn pieces(selector: &str, is_sign: impl Fn(char) -> bool) -> Vec<&str> {
    let mut nesting = 0;
    let mut quote = None;
    let parted = selector.split(|c: char| {
        match c {
            _ if quote.is_some() => quote = quote.filter(|open| *open != c),
            '"' | '\'' => quote = Some(c),
            '[' | '(' => nesting += 1,
            ']' | ')' => nesting -= 1,
            _ => return nesting == 0 && is_sign(c),
        }
        false
    });
    parted.filter(|piece| !piece.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html lang=vi><head><meta property='og:title' content=Tin><link rel='alternate next' href=/2></head><body id=b class='a hidden'>\
        <nav class='breadcrumb main'><a href=/>Trang chủ</a> <a>Tin</a></nav><p style='display: none'>x</p><div itemprop='articleBody x'>\
        <img src='data:a'><svg><a xlink:href=/x>y</a></svg></div><abbr class=published title=2019>z</abbr></body>";

    fn check(selectors: &str) {
        let page = Document::from(PAGE);
        let index = Index::of(&page);
        let found: Vec<_> = index.all(&Query::new(selectors)).map(|node| node.id).collect();
        let want: Vec<_> = page.select(selectors).nodes().iter().map(|node| node.id).collect();
        assert_eq!(found, want, "{selectors}");
    }

    #[test]
    fn an_index_finds_what_a_walk_finds() {
        for selectors in [
            "a",
            "*",
            "a[href]",
            "html[lang^=vi]",
            "meta[property='og:title'], title",
            "link[rel~=next][href]",
            ".breadcrumb a, .main > a, [class*=crumb] a",
            "nav.breadcrumb.main a:not([href])",
            "p:not(.x, [a='),'])",
            "[style*='display: none'], [style*='display:none'], .hidden",
            "#b > div, [itemprop~=articleBody], svg a",
            "abbr.published[title]",
            "body:has(img) abbr, div:nth-child(3)",
            "P, DIV",
            ".Hidden, .hidden#b, BODY.a, linearGradient",
            "img[src^='data:']",
            "[class*=hid], [style*='play:'], [class*='bread']",
            "a[href*='/2'], link[href*='2'], div[class*=x]",
            ":is(p, div)",
            "a:is(.x, [href])",
            "nav + p ~ div",
        ] {
            check(selectors);
        }
    }

    #[test]
    fn what_was_taken_out_is_not_left() {
        let page = Document::from(PAGE);
        let index = Index::of(&page);
        page.select("nav").remove();
        assert_eq!(index.all(&Query::new("a")).count(), 3);
        assert_eq!(index.left(&Query::new("a")).count(), 1);
    }
}
