//! What is looked for, and what of an entry can be found: folded words, in the grammar of both engines.

use crate::entry::{Entry, Slug};
use crate::{html, text};

/// More of a question is not read.
const LONGEST: usize = 200;
/// Words and phrases of a question that count.
const MOST: usize = 8;
/// Words of an entry that can be found.
const MOST_FOUND: usize = 4_000;
/// Longer words are nobody's.
const LONGEST_WORD: usize = 64;
/// What every entry holds.
const ANY: &str = "e0";

/// Words and phrases as people type them: `cắt điện`, `"họp tổ dân phố"`, `-hoãn`. Accents, case and
/// đ do not matter; all that is wanted must be there, as whole words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    wanted: Vec<Vec<String>>,
    unwanted: Vec<Vec<String>>,
}

impl Words {
    /// Reads a question; of a long one only the start.
    #[must_use]
    pub fn parse(question: &str) -> Self {
        let question: String = question.chars().take(LONGEST).map(|c| if matches!(c, '“' | '”' | '„') { '"' } else { c }).collect();
        let mut words = Self::default();
        let mut minus = false;
        for (at, part) in question.split('"').enumerate() {
            if at % 2 == 1 {
                words.add(minus, split(part));
                continue;
            }
            for one in part.split_whitespace() {
                let unwanted = one.strip_prefix(['-', '−']);
                words.add(unwanted.is_some(), split(unwanted.unwrap_or(one)));
            }
            minus = part.ends_with(['-', '−']);
        }
        words
    }

    /// Also without any of these.
    #[must_use]
    pub fn without(mut self, question: &str) -> Self {
        let Self { wanted, unwanted } = Self::parse(question);
        self.unwanted.extend(wanted.into_iter().chain(unwanted));
        self.unwanted.truncate(MOST);
        self
    }

    fn add(&mut self, unwanted: bool, phrase: Vec<String>) {
        let into = if unwanted { &mut self.unwanted } else { &mut self.wanted };
        if !phrase.is_empty() && into.len() < MOST {
            into.push(phrase);
        }
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// All that is wanted as one phrase, where it is more than that now.
    #[must_use]
    pub fn joined(&self) -> Option<Self> {
        let phrase = self.wanted.concat();
        (self.wanted.len() > 1).then(|| Self { wanted: vec![phrase], unwanted: self.unwanted.clone() })
    }
}

/// Folded words, less what is no letter and no digit.
fn split(s: &str) -> Vec<String> {
    let folded = text::fold(s);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && word.len() <= LONGEST_WORD).map(str::to_owned).collect()
}

/// The word that entries of a source hold, and those of a category; no page has such words.
fn mark(kind: &str, slug: &str) -> String {
    format!("{kind}0{}", slug.replace('-', "0"))
}

/// All that an entry can be found by, as words with blanks between.
pub(super) fn of(entry: &Entry, source: &Slug) -> String {
    let marks = [ANY.to_owned(), mark("s", source.as_str())];
    let categories = entry.categories.iter().map(|category| text::slug(category)).filter(|slug| !slug.is_empty());
    let files = entry.attachments.iter().filter_map(|file| file.title.as_deref());
    let read = [Some(entry.title.as_str()), entry.summary.as_deref(), entry.author.as_deref()];
    let content = html::to_text(&entry.content_html);
    let parts = read.into_iter().flatten().chain([content.as_str()]).chain(entry.categories.iter().map(String::as_str)).chain(files);
    let words = parts.flat_map(split);
    marks.into_iter().chain(categories.map(|slug| mark("c", &slug))).chain(words).take(MOST_FOUND).collect::<Vec<_>>().join(" ")
}

/// What must hold for an entry to be found, written for an engine.
pub(super) struct Wish<'a> {
    pub(super) words: &'a Words,
    pub(super) category: Option<&'a str>,
    /// Any of these; empty for all.
    pub(super) sources: &'a [Slug],
}

impl Wish<'_> {
    /// For SQLite's FTS5: phrases in quotation marks.
    pub(super) fn fts5(&self) -> String {
        let phrase = |words: &Vec<String>| format!("\"{}\"", words.join(" "));
        self.written(phrase, " AND ", " OR ", |all, none| format!("{all} NOT ({none})"))
    }

    /// For PostgreSQL's `to_tsquery`: words in apostrophes, neighbours joined by `<->`.
    pub(super) fn tsquery(&self) -> String {
        let phrase = |words: &Vec<String>| {
            let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            format!("({})", quoted.join(" <-> "))
        };
        self.written(phrase, " & ", " | ", |all, none| format!("{all} & !({none})"))
    }

    fn written(&self, phrase: impl Fn(&Vec<String>) -> String, and: &str, or: &str, but: impl Fn(&str, &str) -> String) -> String {
        let one = |word: String| phrase(&vec![word]);
        let mut all: Vec<String> = self.words.wanted.iter().map(&phrase).collect();
        all.extend(self.category.map(|slug| one(mark("c", slug))));
        let sources: Vec<String> = self.sources.iter().map(|source| one(mark("s", source.as_str()))).collect();
        if !sources.is_empty() {
            all.push(format!("({})", sources.join(or)));
        }
        if all.is_empty() {
            all.push(one(ANY.to_owned()));
        }
        let (all, none): (String, Vec<String>) = (format!("({})", all.join(and)), self.words.unwanted.iter().map(&phrase).collect());
        if none.is_empty() { all } else { but(&all, &none.join(or)) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::entry::Guid;

    fn check(question: &str, category: Option<&str>, sources: &[&str], fts5: &str, tsquery: &str) {
        let sources: Vec<Slug> = sources.iter().map(|name| Slug::new(name).unwrap()).collect();
        let words = Words::parse(question);
        let wish = Wish { words: &words, category, sources: &sources };
        assert_eq!((wish.fts5().as_str(), wish.tsquery().as_str()), (fts5, tsquery), "{question}");
    }

    #[test]
    fn a_question_is_written_for_both_engines() {
        check("", None, &[], "(\"e0\")", "(('e0'))");
        check("Cắt ĐIỆN", None, &[], "(\"cat\" AND \"dien\")", "(('cat') & ('dien'))");
        check("“tổ dân phố” 5", None, &[], "(\"to dan pho\" AND \"5\")", "(('to' <-> 'dan' <-> 'pho') & ('5'))");
        check("17/09/2019 -hoãn", None, &[], "(\"17 09 2019\") NOT (\"hoan\")", "(('17' <-> '09' <-> '2019')) & !(('hoan'))");
        check("-\"họp tổ\" điện", None, &[], "(\"dien\") NOT (\"hop to\")", "(('dien')) & !(('hop' <-> 'to'))");
        check("", Some("thong-bao"), &["tho-quan"], "(\"c0thong0bao\" AND (\"s0tho0quan\"))", "(('c0thong0bao') & (('s0tho0quan')))");
        check("nước", None, &["a", "b"], "(\"nuoc\" AND (\"s0a\" OR \"s0b\"))", "(('nuoc') & (('s0a') | ('s0b')))");
    }

    #[test]
    fn no_sign_of_a_grammar_gets_through() {
        for bad in ["\"", "' OR '", "*", "a* NEAR(b)", "words:x", "(", "!", "& | <->", "\\", "\0", "-", "--", "\"\"\"", "NOT"] {
            let words = Words::parse(bad);
            let inside = words.wanted.iter().chain(&words.unwanted).flatten();
            assert!(inside.flat_map(|word| word.chars()).all(char::is_alphanumeric), "{bad}: {words:?}");
        }
        assert_eq!(Words::parse(&"dài ".repeat(500)).wanted.len(), MOST);
    }

    #[test]
    fn an_entry_is_found_by_all_that_people_read() {
        let mut entry = Entry::new(Guid::new("1"), "Tạm ngừng cấp điện");
        (entry.content_html, entry.categories) = ("<p>Phố Hoa <b>Gạo</b></p>".into(), vec!["Thông báo".into()]);
        let words = of(&entry, &Slug::new("tho-quan").unwrap());
        assert_eq!(words, "e0 s0tho0quan c0thong0bao tam ngung cap dien pho hoa gao thong bao");
    }

    #[test]
    fn several_words_are_also_a_phrase() {
        assert_eq!(Words::parse("cắt điện").joined(), Some(Words::parse("\"cắt điện\"")));
        assert_eq!(Words::parse("điện").joined(), None);
    }
}
