//! A page laid flat: its elements, texts and links in their order, each looked at once.

use std::collections::HashMap;
use std::ops::Range;

use dom_query::{Document, LocalName, NodeData, NodeId, NodeRef, local_name};
use html5ever::tendril::StrTendril;

use crate::text;

use super::items::Item;

/// Less than this many characters are the name of something, not its text.
const SHORT: usize = 30;

/// An element. Everything in it lies behind it, up to `end`.
pub(in crate::source) struct Spot<'a> {
    pub(super) node: NodeRef<'a>,
    pub(super) name: LocalName,
    /// The element that it stands in; the first stands in itself.
    pub(super) above: usize,
    /// The first element that is not in it.
    pub(super) end: usize,
    /// Its texts, as a range of [`Survey::texts`].
    pub(super) texts: Range<usize>,
    /// Its links, as a range of [`Survey::anchors`]; a link is in itself.
    pub(super) anchors: Range<usize>,
}

/// A text without elements in it.
pub(super) struct Text {
    pub(super) raw: StrTendril,
    /// The element that it stands in.
    pub(super) spot: usize,
    /// Characters, each run of blanks counted once.
    pub(super) chars: usize,
    /// A line ends between the text before and this one.
    pub(super) breaks: bool,
}

/// A page laid flat.
#[derive(Default)]
pub(in crate::source) struct Survey<'a> {
    pub(super) spots: Vec<Spot<'a>>,
    pub(super) texts: Vec<Text>,
    /// The elements `a`, by their places in `spots`.
    pub(super) anchors: Vec<usize>,
    breaks: bool,
}

impl<'a> Survey<'a> {
    /// Lays the body of a page flat. What is never read (scripts, templates, pictures drawn in
    /// markup) is left out.
    pub(in crate::source) fn of(page: &'a Document) -> Self {
        let mut survey = Self::default();
        survey.add(page.body().unwrap_or_else(|| page.html_root()), 0);
        survey
    }

    // As deep as the page nests, which `html::parse` bounds.
    fn add(&mut self, node: NodeRef<'a>, above: usize) {
        let told = node.query(|inner| match &inner.data {
            NodeData::Element(element) => (Some(element.name.local.clone()), None),
            NodeData::Text { contents } => (None, Some(contents.clone())),
            NodeData::Document
            | NodeData::Fragment
            | NodeData::Doctype { .. }
            | NodeData::Comment { .. }
            | NodeData::ProcessingInstruction { .. } => (None, None),
        });
        match told {
            Some((Some(name), _)) if !is_unread(&name) => self.add_element(node, name, above),
            Some((_, Some(raw))) => self.add_text(raw, above),
            Some(_) | None => {}
        }
    }

    fn add_element(&mut self, node: NodeRef<'a>, name: LocalName, above: usize) {
        let at = self.spots.len();
        let breaks = !is_inline(&name);
        self.breaks |= breaks;
        let (texts, anchors) = (self.texts.len(), self.anchors.len());
        if name == local_name!("a") {
            self.anchors.push(at);
        }
        self.spots.push(Spot { node, name, above, end: at, texts: texts..texts, anchors: anchors..anchors });
        let mut inner = node.first_child();
        while let Some(child) = inner {
            self.add(child, at);
            inner = child.next_sibling();
        }
        let (end, texts, anchors) = (self.spots.len(), self.texts.len(), self.anchors.len());
        if let Some(spot) = self.spots.get_mut(at) {
            (spot.end, spot.texts.end, spot.anchors.end) = (end, texts, anchors);
        }
        self.breaks |= breaks;
    }

    fn add_text(&mut self, raw: StrTendril, spot: usize) {
        let chars = squeezed_chars(&raw);
        if chars > 0 {
            self.texts.push(Text { raw, spot, chars, breaks: std::mem::take(&mut self.breaks) });
        } else {
            // Blanks between two inline elements part their words.
            self.breaks |= !raw.is_empty();
        }
    }

    /// Where in the survey each element is.
    pub(in crate::source) fn places(&self) -> HashMap<NodeId, usize> {
        self.spots.iter().enumerate().map(|(at, spot)| (spot.node.id, at)).collect()
    }

    /// The elements of a piece of a list.
    pub(super) fn block(&self, item: &Item) -> Range<usize> {
        item.block..self.spots.get(item.block).map_or(item.block, |spot| spot.end)
    }

    /// The element of a piece of a list.
    pub(in crate::source) fn node(&self, item: &Item) -> Option<NodeRef<'a>> {
        self.spots.get(item.block).map(|spot| spot.node)
    }

    /// The links of the page, and what those say that say little.
    pub(in crate::source) fn links(&self) -> impl Iterator<Item = (NodeRef<'a>, String)> {
        let short = |spot: &Spot<'a>| self.chars(spot.texts.clone()) < SHORT;
        let spots = self.anchors.iter().filter_map(|at| self.spots.get(*at));
        spots.filter(move |spot| short(spot)).map(|spot| (spot.node, self.line(spot.texts.clone())))
    }

    /// The elements that one stands in, the nearest first.
    pub(super) fn above(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(at), |at| self.spots.get(*at).map(|spot| spot.above).filter(|above| above != at)).skip(1)
    }

    pub(super) fn is_link(&self, at: usize) -> bool {
        self.spots.get(at).is_some_and(|spot| spot.name == local_name!("a"))
    }

    pub(super) fn pieces(&self, texts: Range<usize>) -> &[Text] {
        self.texts.get(texts).unwrap_or_default()
    }

    /// Texts on one line.
    pub(super) fn line(&self, texts: Range<usize>) -> String {
        let mut said = String::new();
        for text in self.pieces(texts) {
            if text.breaks {
                said.push(' ');
            }
            said.push_str(&text.raw);
        }
        text::line(&said)
    }

    pub(super) fn chars(&self, texts: Range<usize>) -> usize {
        self.pieces(texts).iter().map(|text| text.chars).sum()
    }

    /// An attribute of an element.
    pub(super) fn attribute(&self, at: usize, name: &str) -> Option<StrTendril> {
        self.spots.get(at)?.node.attr(name)
    }
}

fn squeezed_chars(raw: &str) -> usize {
    raw.split_ascii_whitespace().filter(|word| *word != "\u{a0}").map(|word| word.chars().count() + 1).sum::<usize>().saturating_sub(1)
}

fn is_unread(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("script")
            | local_name!("style")
            | local_name!("noscript")
            | local_name!("template")
            | local_name!("head")
            | local_name!("svg")
            | local_name!("math")
            | local_name!("iframe")
            | local_name!("object")
            | local_name!("select")
            | local_name!("textarea")
    )
}

fn is_inline(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("a")
            | local_name!("abbr")
            | local_name!("b")
            | local_name!("bdi")
            | local_name!("big")
            | local_name!("cite")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("mark")
            | local_name!("small")
            | local_name!("span")
            | local_name!("strong")
            | local_name!("sub")
            | local_name!("sup")
            | local_name!("u")
    )
}
