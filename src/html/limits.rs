//! A look at strangers' HTML before anything builds a tree of it: html5ever needs quadratic time
//! for deep nesting, many attributes and unclosed formatting, this scan linear time for all.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use lol_html::html_content::Element;
use lol_html::{HtmlRewriter, Settings, element};

/// How deep elements may nest.
const DEPTH: usize = 512;
/// How many attributes one tag may have.
const ATTRIBUTES: usize = 256;
/// How many nodes the tree may get, those that the parser repeats for unclosed formatting included.
const NODES: usize = 200_000;

/// HTML that is not worth the time to read: nested too deep, too many attributes, or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooComplex;

/// Elements whose end tag may be left out, or that a second of their kind closes: no depth.
const CLOSE_THEMSELVES: &[&str] = &[
    "html", "head", "body", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "option", "optgroup", "rt",
    "rp", "a", "nobr",
];
/// Elements that the parser opens again in every block until they are closed (HTML standard §13.2.4.3).
const FORMATTING: &[&str] = &["b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"];
/// Elements whose inside no outer end tag closes.
const BARRIERS: &[&str] = &["applet", "button", "marquee", "math", "object", "select", "svg", "table", "template"];

#[derive(Default)]
struct Scan {
    open: Vec<String>,
    formatting: HashMap<String, usize>,
    reopened: usize,
    nodes: usize,
}

impl Scan {
    fn begin(&mut self, name: String, whole: String) -> bool {
        self.nodes += 1 + self.reopened;
        if FORMATTING.contains(&name.as_str()) {
            let count = self.formatting.entry(whole).or_default();
            *count += 1;
            // The parser keeps at most three of a kind.
            self.reopened += usize::from(*count <= 3);
        } else if !CLOSE_THEMSELVES.contains(&name.as_str()) {
            self.open.push(name);
        }
        self.nodes <= NODES && self.open.len() + self.reopened <= DEPTH
    }

    fn end(&mut self, name: &str, whole: &str) {
        if let Some(count) = self.formatting.get_mut(whole) {
            self.reopened -= usize::from(*count > 0 && *count <= 3);
            *count = count.saturating_sub(1);
            return;
        }
        let Some(at) = self.open.iter().rposition(|open| open == name) else { return };
        let inside = self.open.get(at + 1..).unwrap_or_default();
        if !inside.iter().any(|open| BARRIERS.contains(&open.as_str())) {
            self.open.truncate(at);
        }
    }
}

/// Is this HTML small and flat enough to be read? Linear in its length.
///
/// # Errors
/// [`TooComplex`] when it is not; the caller must not parse it then.
pub fn within_limits(html: &str) -> Result<(), TooComplex> {
    let scan = Rc::new(RefCell::new(Scan::default()));
    let settings = Settings::new()
        // An input of which lol_html cannot tell how a tree builder would read it is refused.
        .with_strict(true)
        .append_element_content_handler(element!("*", move |tag| look(&scan, tag)));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    rewriter.write(html.as_bytes()).and_then(|()| rewriter.end()).map_err(|_| TooComplex)
}

fn look(scan: &Rc<RefCell<Scan>>, tag: &mut Element<'_, '_>) -> lol_html::HandlerResult {
    let name = tag.tag_name();
    let formatting = FORMATTING.contains(&name.as_str());
    let within = tag.attributes().len() <= ATTRIBUTES;
    let attributes = || tag.attributes().iter().map(|a| format!(" {}={}", a.name(), a.value()));
    let whole = if formatting && within { format!("{name}{}", attributes().collect::<String>()) } else { name.clone() };
    if tag.can_have_content() {
        if !within || !scan.borrow_mut().begin(name.clone(), whole.clone()) {
            return Err("too complex".into());
        }
        let scan = Rc::clone(scan);
        return tag.on_end_tag(Box::new(move |end| {
            // lol_html tells an outer end tag to all that it closes as well.
            if end.name() == name {
                scan.borrow_mut().end(&name, &whole);
            }
            Ok(())
        }));
    }
    scan.borrow_mut().nodes += 1;
    if within { Ok(()) } else { Err("too complex".into()) }
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
        check(&format!("<select><xmp></select>{}", "<div>".repeat(1_000)), false);
        check(&"<i>x</i>".repeat(200_001), false);
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
        check("<svg><title>x</title></svg><frameset><frame src=/a></frameset>", true);
    }
}
