//! A new version of an article as people hear of it: which of its changes matter to somebody who
//! acted on the old one, and the words of the correction.

use quick_xml::escape::escape;

use crate::entry::{Entry, Guid, Slug};
use crate::phrases::{self, Language};
use crate::text;

mod facts;
#[cfg(test)]
mod tests;

/// Lines of one place in a text that are compared; a text that was written anew has more.
const COMPARED: usize = 60;
/// Changes that a correction tells.
const TOLD: usize = 2;
/// Words around a change that are told with it.
const AROUND: usize = 3;
/// The longest side of a change that is told (UTF-16 units).
const SIDE: usize = 160;
/// Lines that share so much are versions of each other, in hundredths.
const ALIKE: usize = 40;

/// What a channel does about articles that are changed after they were sent (`corrections`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Corrections {
    /// The messages are changed where the platform can; what is weighty is told as well.
    #[default]
    Edit,
    /// Only what is weighty is told, in a message of its own.
    Tell,
    /// Nothing.
    Off,
}

/// One line as it was and as it is; empty where it is new, or gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Before.
    pub was: String,
    /// Now.
    pub is: String,
}

/// Whether the site still has the article, compared with what people were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// As before.
    Kept,
    /// It took it back.
    Withdrawn,
    /// It gave it again.
    Returned,
}

/// What versions changed, from the diffs between them, oldest first. What was changed twice is one
/// change, and what was changed back is none.
#[must_use]
pub fn changes<S: AsRef<str>>(diffs: &[S]) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    for step in diffs.iter().flat_map(|diff| one_step(diff.as_ref())) {
        match all.iter_mut().find(|earlier| !step.was.is_empty() && earlier.is == step.was) {
            Some(earlier) => earlier.is = step.is,
            None => all.push(step),
        }
    }
    all.retain(|change| change.was != change.is);
    all
}

/// Of some changes those of a time, a place, an amount or a deadline.
#[must_use]
pub fn weighty(changes: Vec<Change>) -> Vec<Change> {
    changes.into_iter().filter(|change| facts::is_weighty(&change.was, &change.is)).collect()
}

/// The changes of one unified diff.
fn one_step(diff: &str) -> Vec<Change> {
    let (mut found, mut was, mut is) = (Vec::new(), Vec::new(), Vec::new());
    for line in diff.lines() {
        match (line.strip_prefix('-'), line.strip_prefix('+')) {
            (Some(old), _) if is.is_empty() => was.push(text::line(old)),
            (Some(old), _) => {
                pair(&mut found, std::mem::replace(&mut was, vec![text::line(old)]), std::mem::take(&mut is));
            }
            (None, Some(new)) => is.push(text::line(new)),
            (None, None) => pair(&mut found, std::mem::take(&mut was), std::mem::take(&mut is)),
        }
    }
    pair(&mut found, was, is);
    found
}

/// Finds which new line each old one became.
fn pair(found: &mut Vec<Change>, mut was: Vec<String>, mut is: Vec<String>) {
    for side in [&mut was, &mut is] {
        side.retain(|line| !line.is_empty());
        side.truncate(COMPARED);
    }
    let alone = was.len() == 1 && is.len() == 1;
    for old in was {
        let alike = is.iter().enumerate().map(|(at, new)| (likeness(&old, new), at));
        let best = alike.filter(|(score, _)| alone || *score >= ALIKE).max_by_key(|(score, at)| (*score, std::cmp::Reverse(*at)));
        let new = best.map(|(_, at)| is.remove(at)).unwrap_or_default();
        found.push(Change { was: old, is: new });
    }
    found.extend(is.into_iter().map(|new| Change { was: String::new(), is: new }));
}

/// How many words of two lines are the same, in hundredths.
fn likeness(old: &str, new: &str) -> usize {
    let (old, mut rest): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    let all = old.len() + rest.len();
    let shared = old.iter().filter(|word| rest.iter().position(|other| other == *word).map(|at| rest.remove(at)).is_some()).count();
    shared * 200 / all.max(1)
}

/// Both sides of a change as people are told them: what differs, with a few words around it.
fn shown(change: &Change) -> (String, String) {
    let (was, is): (Vec<&str>, Vec<&str>) = (change.was.split(' ').collect(), change.is.split(' ').collect());
    let before = was.iter().zip(&is).take_while(|(a, b)| a == b).count();
    let room = was.len().min(is.len()) - before;
    let after = was.iter().rev().zip(is.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let side = |words: &[&str]| {
        let (from, until) = (before.saturating_sub(AROUND), (words.len() - after + AROUND).min(words.len()));
        let told = words.get(from..until).unwrap_or_default().join(" ");
        let (head, tail) = (if from > 0 { "…" } else { "" }, if until < words.len() { "…" } else { "" });
        text::cut(&format!("{head}{told}{tail}"), SIDE)
    };
    (side(&was), side(&is))
}

/// What people are told of a changed article, as an entry that stands in no feed; `None` where
/// nothing of it is worth a message. The same revision gives the same entry.
#[must_use]
pub fn letter(of: &Entry, source: &Slug, revision: i64, weighty: &[Change], fate: Fate, language: Language) -> Option<Entry> {
    let (title, lines) = match fate {
        Fate::Withdrawn => (phrases::withdrawn_title(language, &of.title), vec![phrases::withdrawn(language).to_owned()]),
        Fate::Returned => (phrases::returned_title(language, &of.title), vec![phrases::returned(language).to_owned()]),
        Fate::Kept if weighty.is_empty() => return None,
        Fate::Kept => (phrases::correction_title(language, &of.title), lines(weighty, language)),
    };
    let guid = Guid::derived(&["correction", source.as_str(), of.guid.as_str(), &revision.to_string()]);
    let content_html = lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect();
    Some(Entry { url: of.url.clone(), content_html, ..Entry::new(guid, text::capped_title(&title)) })
}

fn lines(weighty: &[Change], language: Language) -> Vec<String> {
    let told = weighty.iter().take(TOLD).map(shown).flat_map(|(was, is)| phrases::correction_lines(language, &was, &is));
    let more = weighty.len().saturating_sub(TOLD);
    told.chain((more > 0).then(|| phrases::correction_more(language, more))).collect()
}

/// A withdrawn article as its messages show it from then on.
#[must_use]
pub fn marked(entry: &Entry, language: Language) -> Entry {
    Entry {
        title: text::capped_title(&phrases::withdrawn_title(language, &entry.title)),
        summary: None,
        content_html: format!("<p>{}</p>", escape(phrases::withdrawn(language))),
        attachments: Vec::new(),
        categories: Vec::new(),
        ..entry.clone()
    }
}

/// An article of which only the first `length` characters of text are shown, and that more follows.
#[must_use]
pub fn shortened(entry: &Entry, length: usize, language: Language) -> Entry {
    let whole = crate::html::to_text(&entry.content_html);
    let start: String = whole.chars().take(length).collect();
    let paragraphs = start.lines().filter(|line| !line.is_empty()).map(|line| format!("<p>{}</p>", escape(line)));
    let more = format!("<p>… {}</p>", phrases::read_on(language));
    Entry { content_html: paragraphs.chain([more]).collect(), ..entry.clone() }
}

/// What is left of a message whose place another took: an article without words.
#[must_use]
pub fn emptied(entry: &Entry) -> Entry {
    Entry { url: entry.url.clone(), ..Entry::new(entry.guid.clone(), "(…)") }
}
