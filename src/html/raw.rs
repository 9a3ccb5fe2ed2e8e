//! Scripts, styles and drawings: where they end, so that nobody has to read them.

use memchr::memmem;

/// How many bytes of the text behind `<script>`, `<style>` or `<svg>` stand before its end tag; all of
/// them where there is none, but nothing of a drawing. A script may hold a script in a comment (HTML standard §13.2.5.15 and on).
pub(super) fn length(text: &str, name: &str) -> usize {
    let ends = memmem::find_iter(text.as_bytes(), "</").find(|at| text.get(at + 2..).is_some_and(|tag| is_tag(tag, name)));
    let end = ends.unwrap_or(if name == "svg" { 0 } else { text.len() });
    let commented = name == "script" && text.get(..end).is_some_and(|script| memmem::find(script.as_bytes(), b"<!--").is_some());
    if commented { length_with_comments(text) } else { end }
}

fn length_with_comments(text: &str) -> usize {
    let mut state = State::Plain;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(sign) = rest.find(['<', '-']) else { break };
        let here = rest.get(sign..).unwrap_or_default();
        if here.starts_with("</") && is_tag(here.get(2..).unwrap_or_default(), "script") {
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
    fn behind(self, sign: &str) -> Self {
        match self {
            Self::Plain if sign.starts_with("<!--") => Self::Comment,
            Self::Comment | Self::Nested if sign.starts_with("-->") => Self::Plain,
            Self::Comment if sign.starts_with('<') && is_tag(sign.get(1..).unwrap_or_default(), "script") => Self::Nested,
            Self::Plain | Self::Comment | Self::Nested => self,
        }
    }
}

/// Whether a text begins with the name of a tag and what ends such a name.
fn is_tag(text: &str, name: &str) -> bool {
    let named = text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    named && text.get(name.len()..).is_some_and(|rest| rest.starts_with(['\t', '\n', '\r', '\u{c}', ' ', '/', '>']))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(text: &str, want: &str) {
        assert_eq!(text.get(..length(text, "script")), Some(want), "{text}");
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
        assert_eq!(length(text, "style"), text.find("</").unwrap());
    }
}
