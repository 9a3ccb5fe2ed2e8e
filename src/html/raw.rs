//! Scripts, styles and drawings: where they end, so that nobody has to read them.

use html5ever::local_name;
use html5ever::tokenizer::{Tag, TagKind};
use memchr::{memchr2, memmem};

/// A script, a style or a drawing that has just begun.
pub(super) struct Raw {
    /// What it ends with.
    pub(super) name: &'static str,
    /// Data for machines; nothing else of the kind is ever read.
    pub(super) is_kept: bool,
}

impl Raw {
    pub(super) fn of(tag: &Tag) -> Option<Self> {
        let known = [("script", local_name!("script")), ("style", local_name!("style")), ("svg", local_name!("svg"))];
        let name = known.into_iter().find(|(_, name)| *name == tag.name)?.0;
        let is_json =
            || tag.attrs.iter().any(|told| told.name.local == local_name!("type") && told.value.to_ascii_lowercase().contains("json"));
        // Only a drawing can end in its own tag.
        let begins = tag.kind == TagKind::StartTag && !(tag.self_closing && name == "svg");
        begins.then(|| Self { name, is_kept: is_json() })
    }
}

/// How many bytes of the text behind `<script>`, `<style>` or `<svg>` stand before its end tag; all of
/// them where there is none, but nothing of a drawing. A script may hold a script in a comment (HTML standard §13.2.5.15 and on).
pub(super) fn length(text: &[u8], name: &str) -> usize {
    let ends = memmem::find_iter(text, "</").find(|at| text.get(at + 2..).is_some_and(|tag| is_tag(tag, name)));
    let end = ends.unwrap_or(if name == "svg" { 0 } else { text.len() });
    let commented = name == "script" && text.get(..end).is_some_and(|script| memmem::find(script, b"<!--").is_some());
    if commented { length_with_comments(text) } else { end }
}

fn length_with_comments(text: &[u8]) -> usize {
    let mut state = State::Plain;
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(sign) = memchr2(b'<', b'-', rest) else { break };
        let here = rest.get(sign..).unwrap_or_default();
        if here.strip_prefix(b"</").is_some_and(|tag| is_tag(tag, "script")) {
            match state {
                State::Plain | State::Comment => return at + sign,
                State::Nested => state = State::Comment,
            }
        } else {
            state = state.behind(here);
        }
        at += sign + 1;
    }
    text.len()
}

/// Where in a script its reader is.
#[derive(Clone, Copy)]
enum State {
    Plain,
    /// In `<!--`.
    Comment,
    /// In a script in a comment: the next end tag is not that of the script.
    Nested,
}

impl State {
    fn behind(self, sign: &[u8]) -> Self {
        match self {
            Self::Plain if sign.starts_with(b"<!--") => Self::Comment,
            Self::Comment | Self::Nested if sign.starts_with(b"-->") => Self::Plain,
            Self::Comment if sign.strip_prefix(b"<").is_some_and(|tag| is_tag(tag, "script")) => Self::Nested,
            Self::Plain | Self::Comment | Self::Nested => self,
        }
    }
}

/// Whether a text begins with the name of a tag and what ends such a name.
fn is_tag(text: &[u8], name: &str) -> bool {
    let Some((start, rest)) = text.split_at_checked(name.len()) else { return false };
    start.eq_ignore_ascii_case(name.as_bytes()) && rest.first().is_some_and(|end| b"\t\n\r\x0c />".contains(end))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(text: &str, want: &str) {
        assert_eq!(text.get(..length(text.as_bytes(), "script")), Some(want), "{text}");
    }

    #[test]
    fn a_script_ends_where_browsers_end_it() {
        check("var a = 1;</script><p>", "var a = 1;");
        check("a</SCRIPT >b", "a");
        check("a</scripts></script/>b", "a</scripts>");
        check("a < b - 1 </", "a < b - 1 </");
        check("<!-- a --></script>b", "<!-- a -->");
        check("<!-- a </script>b", "<!-- a ");
        check("<!-- <script> a </script> b --></script>c", "<!-- <script> a </script> b -->");
        check("<!--<script> a --></script>c", "<!--<script> a -->");
        check("<!--><script></script>c", "<!--><script>");
        check("<scripts><!-- <scripts></script>c", "<scripts><!-- <scripts>");
        check("đ", "đ");
    }

    #[test]
    fn a_style_knows_no_comments() {
        let text = "<!-- <style> </style>b";
        assert_eq!(length(text.as_bytes(), "style"), text.find("</").unwrap());
    }
}
