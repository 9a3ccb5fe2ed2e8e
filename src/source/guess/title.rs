//! Which words are the title of an article: those that its page shows, or those that it tells
//! whoever shares it.

use std::collections::HashSet;

use dom_query::NodeRef;

use crate::date;
use crate::text;

use super::meta::Meta;
use super::{author, line_of};

/// What stands between a title and the name of its site or section. A colon is part of a title.
const BETWEEN: &[&str] = &[" | ", " - ", " – ", " — ", " * ", " · ", " • ", " » ", " « ", " / ", "：", "｜"];
/// What stands between the steps of a way, and how long a title is at its end.
const STEPS: &[&str] = &[" » ", " >> ", " > ", " › "];
const STEP: usize = 12;
/// A title of fewer words says too little to be known again.
const WORDS: usize = 3;
/// More pieces of a title are not looked at.
const PIECES: usize = 100;

/// The last step of a way, "Trang chủ » Tin tức » Bài viết", which some pages show for a title.
pub(in crate::source) fn last_step(line: String) -> String {
    if !text::fold(&line).starts_with("trang chu") {
        return line;
    }
    let last = STEPS.iter().find_map(|sign| line.rsplit_once(sign)).map(|(_, last)| last.trim().to_owned());
    last.filter(|last| last.chars().count() >= STEP).unwrap_or(line)
}

/// What a title says, without the date that stands behind it in an element of its own.
pub(in crate::source) fn said(node: &NodeRef<'_>) -> String {
    let line = line_of(node);
    let last = node.children_it(false).filter(NodeRef::is_element).last().map(|last| line_of(&last));
    let date = last.filter(|last| date::is_stamp_line(last.trim_matches(['(', ')', '[', ']'])));
    let stem = date.and_then(|date| line.strip_suffix(date.as_str())).map(str::trim_end);
    stem.filter(|stem| stem.chars().count() >= STEP).map(str::to_owned).unwrap_or(line)
}

impl Meta {
    /// A title for a page that shows none.
    pub(in crate::source) fn any_title(&self) -> Option<String> {
        let told = [&self.headline, &self.og_title, &self.page_title].into_iter().flatten();
        told.map(|title| self.without_site(title)).find(|title| !title.is_empty())
    }

    fn without_site(&self, title: &str) -> String {
        let last = cuts(title).max().filter(|(_, end)| title.get(*end..).is_some_and(|last| self.own.names(last)));
        let title = last.and_then(|(start, _)| title.get(..start)).unwrap_or(title);
        self.without_name(title)
    }

    fn without_name(&self, title: &str) -> String {
        let site = self.site_name.as_deref().unwrap_or_default();
        let shorter = title.strip_suffix(site).filter(|_| !site.is_empty()).unwrap_or(title);
        shorter.trim_end_matches(['|', '-', '–', ' ']).to_owned()
    }

    /// The title to publish of a page that shows `shown`, which its list calls `listed`.
    ///
    /// A page may have a headline of its own for those who come by a link elsewhere (`og:title`);
    /// a feed is elsewhere. It must be about the same, whole, and not the name of the site.
    pub(in crate::source) fn for_sharing(&self, shown: &str, listed: Option<&str>) -> Option<String> {
        let told = self.og_title.as_deref()?;
        let told = self.without_site(told);
        let is_listed = listed.is_some_and(|listed| words(listed) == words(shown));
        let is_of_site = self.own.names(&told)
            || author::is_portal(&told)
            || is_office(&told)
            || self.page_title.as_deref().is_some_and(|title| ends_with(title, &told, shown));
        (!is_listed && !is_of_site && !is_cut(&told, shown) && is_about(&told, shown)).then_some(told)
    }

    /// A title as it was typed, where the page shows it with other quotes and dashes.
    pub(in crate::source) fn as_typed(&self, shown: &str) -> Option<String> {
        let told = self.og_title.as_deref()?;
        let piece = part(told, shown)?;
        Some(if letters(piece).eq(letters(shown)) { piece.to_owned() } else { shown.to_owned() })
    }
}

/// The part of a title between separators that has the words of another.
fn part<'a>(title: &'a str, wanted: &str) -> Option<&'a str> {
    let wanted = words(wanted);
    if wanted.is_empty() {
        return None;
    }
    let starts = std::iter::once(0).chain(cuts(title).map(|(_, end)| end));
    let ends: Vec<usize> = cuts(title).map(|(start, _)| start).chain([title.len()]).collect();
    let pieces = starts.flat_map(|start| ends.iter().filter_map(move |end| title.get(start..*end)));
    pieces.take(PIECES).find(|piece| words(piece) == wanted)
}

/// Where separators begin and end.
fn cuts(title: &str) -> impl Iterator<Item = (usize, usize)> {
    BETWEEN.iter().flat_map(|between| title.match_indices(between).map(|(at, found)| (at, at + found.len())))
}

/// The words of a text, folded.
fn words(text: &str) -> Vec<String> {
    let folded = text::fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric())
}

/// Whether a title begins like the name of a ward's office, which many a site tells on every page.
pub(super) fn is_office(told: &str) -> bool {
    let folded = text::fold(told);
    ["ubnd ", "uy ban nhan dan "].iter().any(|office| folded.starts_with(office))
}

/// Whether a page title ends with something else than what the page shows.
fn ends_with(page_title: &str, told: &str, shown: &str) -> bool {
    let (all, told, shown) = (words(page_title), words(told), words(shown));
    all.len() > told.len() && all.ends_with(&told) && !told.ends_with(&shown) && !all.ends_with(&shown)
}

/// Whether a title breaks off where a longer one goes on.
fn is_cut(told: &str, shown: &str) -> bool {
    let (short, long) = (words(told), words(shown));
    told.ends_with(['…']) || told.ends_with("...") || long.len() > short.len() && long.starts_with(&short)
}

/// Whether two titles share at least half of the words of the shorter.
fn is_about(told: &str, shown: &str) -> bool {
    let set = |text| words(text).into_iter().collect::<HashSet<_>>();
    let (told, shown) = (set(told), set(shown));
    let least = told.len().min(shown.len());
    least >= WORDS && told.intersection(&shown).count() * 2 >= least
}
