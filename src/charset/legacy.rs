//! Texts that were typed for Vietnamese fonts of before Unicode (TCVN3, VNI) or in VISCII, and came
//! through as windows-1252 or 1258: "Céng hoµ", "Coäng hoøa".
//!
//! Nothing is converted on suspicion. A text is one of these when what its marked words become are
//! Vietnamese syllables and what they are is not, and when its other words are Vietnamese too; so
//! French, German or English stays as it is, and so does Vietnamese in Unicode.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::syllable::{is_bare_syllable, is_syllable};
use super::tables;

/// One of the encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Legacy {
    /// The `.Vn…` fonts.
    Tcvn3,
    /// Those of them whose small letters are drawn as capitals (`.VnTimeH`).
    Tcvn3Capitals,
    /// The `VNI-…` fonts.
    Vni,
    /// RFC 1456.
    Viscii,
}

/// Those that a text without fonts can be.
const WITHOUT_FONT: [Legacy; 3] = [Legacy::Tcvn3, Legacy::Vni, Legacy::Viscii];
/// So many words that become syllables prove an encoding.
const PROOF: usize = 3;
/// So many of them must not have been syllables before.
const PLAINLY: usize = 2;
/// So many words of a text, and so many bytes of a page, are enough to tell.
const LONGEST_TEXT: usize = 1000;
const LONGEST_HEARING: usize = 500_000;
/// What stands around words in Unicode.
const QUOTES: [char; 8] = ['“', '”', '‘', '’', '«', '»', '…', '–'];

impl Legacy {
    /// The encoding of a font, by its name.
    #[must_use]
    pub fn of_font(name: &str) -> Option<Self> {
        let name = name.trim_matches(['"', '\'', ' ']).to_ascii_lowercase();
        if name.starts_with(".vn") {
            Some(if name.ends_with('h') { Self::Tcvn3Capitals } else { Self::Tcvn3 })
        } else {
            name.starts_with("vni-").then_some(Self::Vni)
        }
    }

    /// The text in Unicode. Whether it is of this encoding is not asked.
    #[must_use]
    pub fn decode(self, text: &str) -> String {
        match self {
            Self::Tcvn3 => tables::from_tcvn3(text),
            Self::Tcvn3Capitals => tables::from_tcvn3(text).to_uppercase(),
            Self::Vni => tables::from_vni(text),
            Self::Viscii => tables::from_viscii(text),
        }
    }
}

/// Converts the lines of a plain text that are of one of the encodings; the others stay.
#[must_use]
pub fn repair(text: &str) -> Cow<'_, str> {
    let proven = proven(text.lines());
    if proven.is_empty() {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| converted(line, &proven).unwrap_or_else(|| line.to_owned()));
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// The encodings that at least one of the blocks proves.
pub(super) fn proven<'a>(blocks: impl Iterator<Item = &'a str>) -> Vec<Legacy> {
    let mut proven = Vec::new();
    let mut heard = 0;
    for block in blocks.filter(|block| is_suspect(block)) {
        heard += block.len();
        if heard > LONGEST_HEARING {
            break;
        }
        let marked = marked(block);
        let likely = WITHOUT_FONT.iter().filter(|legacy| may_be_proven(&marked, **legacy));
        let best = likely.map(|legacy| (*legacy, Evidence::of(block, *legacy))).filter(|(_, evidence)| evidence.is_proof());
        let best = best.reduce(|best, next| if next.1.good > best.1.good { next } else { best });
        proven.extend(best.map(|(legacy, _)| legacy).filter(|legacy| !proven.contains(legacy)));
    }
    proven
}

/// The words of a text that say something for an encoding or against it.
fn marked(text: &str) -> BTreeSet<&str> {
    words(text).filter(|word| is_marked(word)).collect()
}

/// What a proof needs first, at the price of a part of it.
fn may_be_proven(marked: &BTreeSet<&str>, legacy: Legacy) -> bool {
    let good = || marked.iter().filter(|word| is_syllable(letters(&legacy.decode(word)))).count();
    marked.len() >= PROOF && converts(good(), marked.len())
}

/// Whether so many words of so many became syllables that a text is surely converted.
fn converts(good: usize, marked: usize) -> bool {
    good >= PROOF && good * 20 >= marked * 17
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == '\u{A0}' || c.is_ascii() && !c.is_ascii_alphabetic()).take(LONGEST_TEXT)
}

/// A single letter and a word without any plain letter ("»", "©") say nothing.
fn is_marked(word: &str) -> bool {
    !word.is_ascii() && word.chars().nth(1).is_some() && word.contains(|c: char| c.is_ascii_alphabetic())
}

/// A piece of text in the one of the proven encodings that fits it. `None` when it is of none.
pub(super) fn converted(text: &str, proven: &[Legacy]) -> Option<String> {
    if !is_suspect(text) {
        return None;
    }
    let fitting = proven.iter().map(|legacy| (*legacy, Evidence::of(text, *legacy))).filter(|(_, evidence)| evidence.fits());
    let best = fitting.reduce(|best, next| if next.1.good > best.1.good { next } else { best });
    best.map(|(legacy, _)| legacy.decode(text))
}

/// Whether a text holds a letter of these encodings and none that only Unicode has.
pub(super) fn is_suspect(text: &str) -> bool {
    !text.is_ascii() && {
        let mut marks = 0;
        let unicode = text.chars().any(|c| {
            marks += usize::from(matches!(c, '\u{80}'..='\u{1B0}' | '\u{300}'..='\u{323}'));
            matches!(c, '\u{1EA0}'..='\u{1EF9}')
        });
        marks > 0 && !unicode
    }
}

/// What the words of a text say for an encoding.
#[derive(Default)]
pub(super) struct Evidence {
    /// Words with other letters than ASCII.
    pub(super) marked: usize,
    /// Those of them that become syllables.
    pub(super) good: usize,
    /// Those of them that are syllables as they stand.
    pub(super) native: usize,
    /// Words of ASCII letters, and those of them that could be Vietnamese.
    plain: usize,
    bare: usize,
}

impl Evidence {
    pub(super) fn of(text: &str, legacy: Legacy) -> Self {
        let mut evidence = Self::default();
        // One word that a page repeats is one witness.
        for word in words(text).collect::<BTreeSet<_>>() {
            evidence.hear(word, legacy);
        }
        evidence
    }

    fn hear(&mut self, word: &str, legacy: Legacy) {
        if word.is_ascii() {
            self.plain += usize::from(!word.is_empty());
            self.bare += usize::from(is_bare_syllable(word));
        } else if is_marked(word) {
            self.marked += 1;
            self.good += usize::from(is_syllable(letters(&legacy.decode(word))));
            self.native += usize::from(is_syllable(word.trim_matches(QUOTES)));
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.marked += other.marked;
        self.good += other.good;
        self.native += other.native;
        self.plain += other.plain;
        self.bare += other.bare;
    }

    /// Whether a text without a word on its font is surely of the encoding. Names and foreign words
    /// may be a third of it.
    fn is_proof(&self) -> bool {
        let foreign = self.plain - self.bare;
        let converted = self.good >= self.native + PLAINLY && converts(self.good, self.marked);
        converted && foreign * 2 <= self.good + self.bare
    }

    /// Whether a text is of an encoding that its document is known to use.
    pub(super) fn fits(&self) -> bool {
        self.good > self.native && self.good * 5 >= self.marked * 4
    }
}

/// A word without the quotation marks and dashes around it.
fn letters(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphabetic())
}
