//! Saying what is wrong in a config file: where, what was expected, and what was probably meant.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::hide;
use crate::phrases;

/// So many mistakes at once mostly are one, in every block.
const TOLD: usize = 50;

/// One text that positions point into.
#[derive(Debug)]
pub(super) struct File {
    /// The path as the admin wrote it.
    pub(super) name: String,
    pub(super) text: String,
}

/// Where something stands. Which line that is, is only counted where it is told.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) file: Arc<File>,
    pub(super) offset: usize,
}

impl fmt::Display for Place {
    /// `file:line:column`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = position(&self.file.text, self.offset);
        write!(f, "{}:{line}:{column}", self.file.name)
    }
}

/// One thing to tell the admin about a config.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// `file:line:column`, or the file alone.
    pub place: String,
    /// The line itself and a mark under what is meant; empty without a position.
    pub excerpt: String,
    /// What is wrong and what was expected, Vietnamese first.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    file: String,
    line: usize,
    column: usize,
}

impl Diagnostic {
    /// About a file as a whole, or a place that has no position.
    pub(super) fn at(place: String, message: String) -> Self {
        Self { file: place.clone(), place, excerpt: String::new(), message, hint: None, line: 0, column: 0 }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        if !self.excerpt.is_empty() {
            write!(f, "\n{}", self.excerpt)?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n  {hint}"),
            None => Ok(()),
        }
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

impl Findings {
    pub(super) fn error(&mut self, file: &Arc<File>, span: Option<Range<usize>>, message: String, hint: Option<String>) {
        self.errors.push(diagnostic(file, span, message, hint));
    }

    pub(super) fn warning(&mut self, file: &Arc<File>, span: Option<Range<usize>>, message: String) {
        self.warnings.push(diagnostic(file, span, message, None));
    }

    /// An error of the TOML reader or of serde, in people's words. `also` are keys that would have
    /// been understood beside those that the error lists.
    pub(super) fn toml(&mut self, file: &Arc<File>, error: &toml::de::Error, block: &Range<usize>, also: &[&str]) {
        let span = error.span().unwrap_or_else(|| block.clone());
        let (message, hint) = if error.message().contains("duplicate key") {
            (phrases::config_duplicate_key(given_before(&file.text, &span)), None)
        } else {
            explain(error.message(), also)
        };
        self.error(file, Some(span), message, hint);
    }

    /// In the order of the text, the main file first; of very many only how many more there are.
    pub(super) fn in_order(mut errors: Vec<Diagnostic>, main: &str) -> Vec<Diagnostic> {
        errors.sort_by_cached_key(|d| (d.file != main, d.file.clone(), d.line, d.column));
        let more = errors.len().saturating_sub(TOLD);
        errors.truncate(TOLD);
        if more > 0 {
            errors.push(Diagnostic::at(main.to_owned(), phrases::config_more(more)));
        }
        errors
    }
}

fn diagnostic(file: &File, span: Option<Range<usize>>, message: String, hint: Option<String>) -> Diagnostic {
    let Some(span) = span else {
        return Diagnostic { hint, ..Diagnostic::at(file.name.clone(), message) };
    };
    let (line, column) = position(&file.text, span.start);
    let message = hide::sentence(&file.text, span.start, &message);
    let excerpt = excerpt(&file.text, &span, line);
    Diagnostic { place: format!("{}:{line}:{column}", file.name), excerpt, message, hint, file: file.name.clone(), line, column }
}

/// Line and column, both from 1, the column in characters.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

fn excerpt(text: &str, span: &Range<usize>, line: usize) -> String {
    let start = text.get(..span.start).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let whole = text.get(start..).unwrap_or("").lines().next().unwrap_or("");
    let shown: String = hide::line(text, start, whole).chars().take(160).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let lead = text.get(start..span.start).unwrap_or("").chars().count();
    let width = text.get(span.clone()).unwrap_or("").lines().next().unwrap_or("").chars().count();
    let marks = "^".repeat(width.clamp(1, 160));
    format!("  {line} | {shown}\n  {} | {}{marks}", " ".repeat(line.to_string().len()), " ".repeat(lead.min(160)))
}

/// The line, from 1, on which the key or table of `span` stood before in its own table.
fn given_before(text: &str, span: &Range<usize>) -> Option<usize> {
    let key = text.get(span.clone())?.trim_matches(['[', ']', ' ']);
    let (line, _) = position(text, span.start);
    let before: Vec<&str> = text.lines().take(line - 1).collect();
    let names = |line: &str| line.split('=').next().unwrap_or(line).trim().trim_matches(['[', ']', ' ', '"']).to_owned();
    let header = text.lines().nth(line - 1)?.trim_start().starts_with('[');
    let own = before.iter().rposition(|line| line.starts_with('[')).filter(|_| !header).map_or(0, |at| at + 1);
    before.iter().enumerate().skip(own).find(|(_, line)| names(line) == key).map(|(at, _)| at + 1)
}

/// A library's sentence in our words, and a hint.
fn explain(message: &str, also: &[&str]) -> (String, Option<String>) {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let (true, Some((wrong, expected))) = (message.starts_with("unknown field"), quoted.split_first()) {
        let mut known: Vec<&str> = expected.iter().chain(also).copied().collect();
        known.sort_unstable();
        known.dedup();
        return (phrases::config_unknown_key(wrong, &known), meant(wrong, &known));
    }
    if let (true, Some((wrong, expected))) = (message.starts_with("unknown variant"), quoted.split_first()) {
        return (phrases::config_unknown_value(wrong, expected), meant(wrong, expected));
    }
    if let (true, Some(name)) = (message.starts_with("missing field"), quoted.first()) {
        return (phrases::config_missing_key(name), None);
    }
    if let Some((found, expected)) = message.strip_prefix("invalid type: ").and_then(|m| m.rsplit_once(", expected ")) {
        return (phrases::config_wrong_type(found, expected), None);
    }
    if message.starts_with("data did not match any variant") {
        return (phrases::config_secret_form(), None);
    }
    // Our own sentences are in both languages already; a parser's are in English only.
    let ours = message.contains(" (") && message.ends_with(')');
    (if ours { message.to_owned() } else { phrases::config_syntax(message) }, None)
}

/// "Did you mean", where a known name is near.
pub(super) fn meant(wrong: &str, known: &[&str]) -> Option<String> {
    near(wrong, known).map(phrases::did_you_mean)
}

/// The known name that a misspelt one is nearest to, if any is near.
pub(super) fn near<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |k: &str| strsim::damerau_levenshtein(&wrong.to_lowercase(), &k.to_lowercase());
    let near = known.iter().copied().min_by_key(|k| distance(k))?;
    (distance(near) <= 2.max(near.len() / 3)).then_some(near)
}
