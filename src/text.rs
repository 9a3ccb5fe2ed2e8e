//! stub
#![allow(missing_docs)]
#[must_use] pub fn clean(s: &str) -> String { s.into() }
#[must_use] pub fn line(s: &str) -> String { s.into() }
#[must_use] pub fn paragraphs(s: &str) -> String { s.into() }
#[must_use] pub fn fold(s: &str) -> String { s.to_lowercase() }
#[must_use] pub fn contains_folded(h: &str, n: &str) -> bool { h.contains(n) }
#[must_use] pub fn matches(h: &str, n: &str) -> bool { h.contains(n) }
#[must_use] pub fn utf16_len(s: &str) -> usize { s.len() }
#[must_use] pub fn cut(s: &str, _l: usize) -> String { s.into() }
#[must_use] pub fn split(s: &str, _l: usize) -> Vec<String> { vec![s.into()] }
#[must_use] pub fn slug(s: &str) -> String { s.into() }
#[must_use] pub fn capped_title(s: &str) -> String { s.into() }
