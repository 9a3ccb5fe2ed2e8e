//! Strangers' HTML, built into a tree only as far as it is worth it: html5ever needs quadratic
//! time for deep nesting, many attributes and unclosed formatting.

use std::cell::{Cell, RefCell};

use dom_query::{Document, NodeId};
use html5ever::interface::create_element;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, QualName, local_name, ns};
use html5gum::Tokenizer;

use super::raw::Raw;
use super::tokens::{Rest, Tokens};

/// How deep elements may nest.
const DEPTH: usize = 512;
/// How many attributes one tag may have.
pub(super) const ATTRIBUTES: usize = 256;
/// How many nodes the tree may get, those that the parser repeats for unclosed formatting included.
const NODES: usize = 300_000;

/// HTML that is not worth the time to read: nested too deep, too many attributes, or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooComplex;

/// Parses a page. Linear in its length. Scripts, styles and drawings are empty, but for data in JSON.
///
/// # Errors
/// [`TooComplex`] when it is not small and flat enough to be read.
pub fn parse(html: &str) -> Result<Document, TooComplex> {
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    build(html, TreeBuilder::new(Document::default(), options), true)
}

/// Parses a piece of a page's body. Linear in its length.
///
/// # Errors
/// [`TooComplex`] when it is not small and flat enough to be read.
pub fn parse_fragment(html: &str) -> Result<Document, TooComplex> {
    let options = TreeBuilderOpts { scripting_enabled: false, drop_doctype: true, ..TreeBuilderOpts::default() };
    let document = Document::fragment_sink();
    let context = create_element(&document, QualName::new(None, ns!(html), local_name!("body")), Vec::new());
    build(html, TreeBuilder::new_for_fragment(document, context, None, options), false)
}

/// Is this HTML small and flat enough to be read? Linear in its length.
///
/// # Errors
/// [`TooComplex`] when it is not; the caller must not parse it then.
pub fn within_limits(html: &str) -> Result<(), TooComplex> {
    parse(html).map(drop)
}

fn build(html: &str, builder: TreeBuilder<NodeId, Document>, skips: bool) -> Result<Document, TooComplex> {
    let guard = Guard { builder, scan: RefCell::default(), exceeded: Cell::new(false), skips, raw: Cell::new(None) };
    let rest = Rest::of(html);
    let mut tokenizer = Tokenizer::new_with_emitter(&rest, Tokens::new(&guard, &rest));
    // Nothing comes but that it is too much.
    if tokenizer.next().is_some() || guard.is_exceeded() {
        return Err(TooComplex);
    }
    drop(tokenizer);
    Ok(guard.builder.sink)
}

/// Looks at every token on its way to the tree.
pub(super) struct Guard {
    builder: TreeBuilder<NodeId, Document>,
    scan: RefCell<Scan>,
    exceeded: Cell<bool>,
    /// Scripts, styles and drawings are left out.
    skips: bool,
    /// One that has just begun.
    raw: Cell<Option<Raw>>,
}

impl Guard {
    /// Whether the page is not worth reading on.
    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded.get()
    }

    /// A script, a style or a drawing that began with the last token and is to be left out; told once.
    pub(super) fn raw(&self) -> Option<Raw> {
        self.raw.take()
    }
}

impl TokenSink for Guard {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        if self.exceeded.get() || !self.scan.borrow_mut().fits(&token) {
            self.exceeded.set(true);
            return TokenSinkResult::Continue;
        }
        let raw = if let Token::TagToken(tag) = &token { Raw::of(tag).filter(|_| self.skips) } else { None };
        let result = self.builder.process_token(token, line);
        // Nobody reads what is wrong with a page.
        self.builder.sink.errors.borrow_mut().clear();
        let begins = |raw: &Raw| matches!(result, TokenSinkResult::RawData(_)) || raw.name == "svg";
        self.raw.set(raw.filter(begins));
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// What is open at this place of the page.
#[derive(Default)]
struct Scan {
    open: Vec<LocalName>,
    formatting: Vec<(LocalName, Vec<Attribute>)>,
    nodes: usize,
}

impl Scan {
    fn fits(&mut self, token: &Token) -> bool {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => self.end(&tag.name),
            Token::TagToken(tag) => self.begin(tag),
            Token::CommentToken(_) => self.nodes += 1,
            Token::DoctypeToken(_) | Token::CharacterTokens(_) | Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        let small = !matches!(token, Token::TagToken(tag) if tag.attrs.len() > ATTRIBUTES);
        small && self.nodes <= NODES && self.open.len() + self.formatting.len() <= DEPTH
    }

    fn begin(&mut self, tag: &Tag) {
        self.nodes += 1 + self.formatting.len();
        if is_formatting(&tag.name) {
            let same = |(name, attributes): &&(LocalName, Vec<Attribute>)| *name == tag.name && *attributes == tag.attrs;
            // The parser keeps at most three of a kind.
            if self.formatting.iter().filter(same).count() < 3 {
                self.formatting.push((tag.name.clone(), tag.attrs.clone()));
            }
        } else if !closes_itself(&tag.name) && !tag.self_closing {
            self.open.push(tag.name.clone());
        }
    }

    fn end(&mut self, name: &LocalName) {
        if is_formatting(name) {
            if let Some(at) = self.formatting.iter().rposition(|(open, _)| open == name) {
                self.formatting.remove(at);
            }
            return;
        }
        let Some(at) = self.open.iter().rposition(|open| open == name) else { return };
        let inside = self.open.get(at + 1..).unwrap_or_default();
        if !inside.iter().any(is_barrier) {
            self.open.truncate(at);
        }
    }
}

/// Elements without content, whose end tag may be left out, or that a second of their kind
/// closes: no depth.
fn closes_itself(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("html")
            | local_name!("head")
            | local_name!("body")
            | local_name!("p")
            | local_name!("li")
            | local_name!("dt")
            | local_name!("dd")
            | local_name!("tr")
            | local_name!("td")
            | local_name!("th")
            | local_name!("thead")
            | local_name!("tbody")
            | local_name!("tfoot")
            | local_name!("colgroup")
            | local_name!("option")
            | local_name!("optgroup")
            | local_name!("rt")
            | local_name!("rp")
            | local_name!("a")
            | local_name!("nobr")
            | local_name!("area")
            | local_name!("base")
            | local_name!("basefont")
            | local_name!("bgsound")
            | local_name!("br")
            | local_name!("col")
            | local_name!("embed")
            | local_name!("frame")
            | local_name!("hr")
            | local_name!("image")
            | local_name!("img")
            | local_name!("input")
            | local_name!("keygen")
            | local_name!("link")
            | local_name!("meta")
            | local_name!("param")
            | local_name!("source")
            | local_name!("track")
            | local_name!("wbr")
    )
}

/// Elements that the parser opens again in every block until they are closed (HTML standard §13.2.4.3).
fn is_formatting(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("b")
            | local_name!("big")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("s")
            | local_name!("small")
            | local_name!("strike")
            | local_name!("strong")
            | local_name!("tt")
            | local_name!("u")
    )
}

/// Elements whose inside no outer end tag closes.
fn is_barrier(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("applet")
            | local_name!("button")
            | local_name!("marquee")
            | local_name!("math")
            | local_name!("object")
            | local_name!("select")
            | local_name!("svg")
            | local_name!("table")
            | local_name!("template")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, fits: bool) {
        let shown: String = html.chars().take(60).collect();
        assert_eq!(within_limits(html).is_ok(), fits, "{shown}");
    }

    #[test]
    fn what_would_take_quadratic_time_is_refused() {
        check(&"<div>".repeat(100_000), false);
        check(&"<table><tr><td>".repeat(20_000), false);
        check(&"<b><div></b>".repeat(2_000), false);
        check(&"<div><table><tr><td></div>".repeat(2_000), false);
        check(&format!("<div {}>x</div>", (0..150_000).map(|i| format!("a{i} ")).collect::<String>()), false);
        check(&(0..3_000).map(|i| format!("<b id={i}>")).collect::<String>(), false);
        check(&(0..3_000).map(|i| format!("<div><b id={i}></div>")).collect::<String>(), false);
        check(&"x<!---->".repeat(300_001), false);
        check(&"<i>x</i>".repeat(300_001), false);
    }

    #[test]
    fn what_is_only_long_or_sloppy_is_read() {
        check("", true);
        check(&"<".repeat(1_000_000), true);
        check(&"<!--".repeat(20_000), true);
        check(&"<a href=/x>".repeat(100_000), true);
        check(&"<p>tin<br>".repeat(50_000), true);
        check(&"<div><font size=2>tin</div>".repeat(5_000), true);
        check(&format!("<ul>{}</ul>", "<li><a href=/tin>Tin</a>".repeat(50_000)), true);
        check(&format!("<select><xmp></select>{}", "<div>".repeat(1_000)), true);
        check(&format!("<img src=\"data:image/png;base64,{}\"><!--{}--><p>tin", "A".repeat(500_000), "x y ".repeat(50_000)), true);
        check("<svg><title>x</title></svg><frameset><frame src=/a></frameset>", true);
    }
}
