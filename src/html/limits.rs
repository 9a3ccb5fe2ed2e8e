//! Strangers' HTML, built into a tree only as far as it is worth it: html5ever needs quadratic
//! time for deep nesting, many attributes and unclosed formatting.

use std::cell::{Cell, RefCell};

use dom_query::{Document, NodeId};
use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::create_element;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, QualName, TokenizerResult, local_name, ns};
use lol_html::{HtmlRewriter, Settings, element};

use super::raw;

/// How deep elements may nest.
const DEPTH: usize = 512;
/// How many attributes one tag may have.
const ATTRIBUTES: usize = 256;
/// How many nodes the tree may get, those that the parser repeats for unclosed formatting included.
const NODES: usize = 300_000;
/// How much is parsed, in bytes, between two looks at what it has become.
const PIECE: usize = 16_384;

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
    let guard =
        Guard { builder, scan: RefCell::default(), exceeded: Cell::new(false), silent: Cell::new(true), skips, raw: Cell::new(None) };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut rest = html;
    let mut counted = false;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE));
        rest = behind;
        queue.push_back(StrTendril::from(piece));
        tokenizer.sink.silent.set(true);
        // The sink runs no scripts, so there is nothing to do when one ends.
        while !matches!(tokenizer.feed(&queue), TokenizerResult::Done) {
            if let Some(raw) = tokenizer.sink.raw.take() {
                rest = behind_raw(&tokenizer.sink, &raw, html, unread(&queue) + rest.len());
            }
        }
        // Long without a token: a large comment, a picture in an attribute, or too many of them,
        // which the tokenizer compares with each other.
        if tokenizer.sink.silent.get() && !counted {
            counted = true;
            attributes_within_limits(html)?;
        }
        tokenizer.sink.builder.sink.errors.borrow_mut().clear();
        if tokenizer.sink.exceeded.get() {
            return Err(TooComplex);
        }
    }
    tokenizer.end();
    if tokenizer.sink.exceeded.get() { Err(TooComplex) } else { Ok(tokenizer.sink.builder.sink) }
}

/// Empties the queue and tells how many bytes it held.
fn unread(queue: &BufferQueue) -> usize {
    std::iter::from_fn(|| queue.pop_front()).map(|piece| piece.len()).sum()
}

/// What follows a script, a style or a drawing that begins so many bytes before the end of a page.
fn behind_raw<'a>(sink: &Guard, raw: &Raw, html: &'a str, left: usize) -> &'a str {
    let text = html.get(html.len().saturating_sub(left)..).unwrap_or_default();
    let (script, behind) = text.split_at(raw::length(text, raw.name));
    if raw.is_kept && !script.is_empty() {
        // Text is never answered.
        let _ = sink.process_token(Token::CharacterTokens(StrTendril::from(script)), 0);
    }
    behind
}

/// A script, a style or a drawing that has just begun.
struct Raw {
    name: &'static str,
    /// Data for machines; nothing else of the kind is ever read.
    is_kept: bool,
}

impl Raw {
    fn of(token: &Token) -> Option<Self> {
        let Token::TagToken(tag) = token else { return None };
        let known = [("script", local_name!("script")), ("style", local_name!("style")), ("svg", local_name!("svg"))];
        let name = known.into_iter().find(|(_, name)| *name == tag.name)?.0;
        let is_json = |told: &Attribute| told.name.local == local_name!("type") && told.value.to_ascii_lowercase().contains("json");
        // Only a drawing can end in its own tag.
        let begins = tag.kind == TagKind::StartTag && !(tag.self_closing && name == "svg");
        begins.then(|| Self { name, is_kept: tag.attrs.iter().any(is_json) })
    }
}

/// Looks at every token on its way to the tree.
struct Guard {
    builder: TreeBuilder<NodeId, Document>,
    scan: RefCell<Scan>,
    exceeded: Cell<bool>,
    /// Nothing came since this was set.
    silent: Cell<bool>,
    /// Scripts, styles and drawings are left out.
    skips: bool,
    /// One that has just begun.
    raw: Cell<Option<Raw>>,
}

impl TokenSink for Guard {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        // Nobody reads what is wrong with a page, and the tree would keep a note of each.
        if matches!(token, Token::ParseError(_)) {
            return TokenSinkResult::Continue;
        }
        self.silent.set(false);
        if self.exceeded.get() || !self.scan.borrow_mut().fits(&token) {
            self.exceeded.set(true);
            return TokenSinkResult::Continue;
        }
        let raw = if self.skips { Raw::of(&token) } else { None };
        let result = self.builder.process_token(token, line);
        let begins = |raw: &Raw| matches!(result, TokenSinkResult::RawData(_)) || raw.name == "svg";
        if raw.as_ref().is_some_and(begins) {
            self.raw.set(raw);
            // The one result at which the tokenizer stops and lets its input be changed.
            return TokenSinkResult::Script(self.builder.sink.root().id);
        }
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

fn attributes_within_limits(html: &str) -> Result<(), TooComplex> {
    let settings = Settings::new().with_strict(false).append_element_content_handler(element!("*", |tag| {
        if tag.attributes().len() > ATTRIBUTES { Err("too many attributes".into()) } else { Ok(()) }
    }));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    rewriter.write(html.as_bytes()).and_then(|()| rewriter.end()).map_err(|_| TooComplex)
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
