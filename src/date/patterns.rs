//! The ways dates are written with words, as patterns over folded text: lower case, no accents,
//! single blanks.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// Which of the three numbers of a day comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Ymd,
    Dmy,
    Mdy,
}

/// One way to write a day: three groups, in this order.
pub(super) struct Shape {
    pub(super) regex: Regex,
    pub(super) order: Order,
}

// "nam" is both five and year; the pattern below sorts it out by trying the month first.
const VIETNAMESE: [&str; 12] = ["mot", "hai", "ba", "tu", "nam", "sau", "bay", "tam", "chin", "muoi", "muoi mot", "muoi hai"];
const VIETNAMESE_WORD: &str = "muoi hai|muoi mot|muoi|mot|hai|ba|tu|nam|sau|bay|tam|chin";
const ENGLISH: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const ENGLISH_WORD: &str = "january|february|march|april|june|july|august|september|october|november|december\
    |jan|feb|mar|apr|may|jun|jul|aug|sept|sep|oct|nov|dec";
/// The months in the languages of Europe and the islands, without those that are English too. Short
/// forms that are words of another language ("out", "set", "ago") are left out.
const FOREIGN: [&[&str]; 12] = [
    &["januar", "janner", "janvier", "janv", "enero", "ene", "gennaio", "janeiro", "januari", "ocak", "stycznia", "января"],
    &["februar", "feber", "fevrier", "fevr", "febrero", "febbraio", "fevereiro", "fev", "februari", "subat", "lutego", "февраля"],
    &["marz", "maerz", "mrz", "mars", "marzo", "marco", "maart", "marts", "mart", "marca", "maret", "марта"],
    &["avril", "avr", "abril", "abr", "aprile", "nisan", "kwietnia", "апреля"],
    &["mai", "mayo", "maggio", "maio", "maj", "mei", "mayıs", "mayis", "maja", "мая"],
    &["juni", "juin", "junio", "giugno", "junho", "haziran", "czerwca", "июня"],
    &["juli", "juillet", "juil", "julio", "luglio", "julho", "temmuz", "lipca", "июля"],
    &["aout", "agosto", "augusti", "augustus", "agustos", "agustus", "sierpnia", "августа"],
    &["septembre", "septiembre", "setiembre", "settembre", "setembro", "eylul", "wrzesnia", "сентября"],
    &["oktober", "okt", "octobre", "octubre", "ottobre", "outubro", "ekim", "pazdziernika", "октября"],
    &["novembre", "noviembre", "novembro", "kasım", "kasim", "listopada", "ноября"],
    &["dezember", "dez", "decembre", "diciembre", "dicembre", "dezembro", "desember", "des", "aralık", "aralik", "grudnia", "декабря"],
];

static FOREIGN_WORD: LazyLock<String> = LazyLock::new(|| {
    let mut words = FOREIGN.concat();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.join("|")
});
/// Korean for year, month and day, as folding takes it apart.
static KOREAN: LazyLock<[String; 3]> = LazyLock::new(|| ["년", "월", "일"].map(crate::text::fold));

/// What all ways with words have in common.
pub(super) static MONTH_NAME: LazyLock<Regex> = LazyLock::new(|| {
    let korean = KOREAN.join("|");
    pattern(&format!(r"thang|thg|th\.? ?[0-9]|年|{korean}|{ENGLISH_WORD}|{}", *FOREIGN_WORD))
});

/// The ways to write a day with words.
pub(super) static SHAPES: LazyLock<Vec<Shape>> =
    LazyLock::new(|| shapes().into_iter().map(|(order, text)| Shape { regex: pattern(&text), order }).collect());

/// The same, asked all at once which of them occur.
pub(super) static ANY_SHAPE: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new(shapes().map(|(_, text)| ascii_edges(&text))).unwrap_or_else(|error| unreachable!("constant patterns: {error}"))
});

/// The label of the posting date.
pub(super) static POSTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:dang ?:|(?:ngay dang|dang (?:luc|ngay|tai|vao|tin|bai|boi|tren)|xuat ban|phat hanh|dua tin|ngay dua|ngay viet",
        r"|publish(?:ed)?|post(?:ed)?|veroffentlicht|publie|publicado|pubblicato|publicerad|publisert)\b)",
    ))
});
/// The label of the day somebody began to write.
pub(super) static CREATED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:ngay (?:tao|gui|nhap|soan)|tao (?:luc|ngay)|created|erstellt)\b"));
/// The label of the last change.
pub(super) static UPDATED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:cap nhat|sua lan cuoi|chinh sua|updated?|modified|aktualisiert|stand|mis a jour|modifie|actualizado",
        r"|aggiornato|uppdaterad|oppdatert|opdateret|guncelleme)\b|更新",
    ))
});
/// Labels of other days: the page's own clock, the end of a term, a birthday.
pub(super) static UNRELATED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:hom nay|bay gio|hieu luc|het han|han nop|han cuoi|han chot|ngay sinh|sinh ngay)\b"));

/// The pattern, with word edges as ASCII knows them: what is folded has no other letters that
/// matter, and the engine is several times as fast.
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(&ascii_edges(text)).unwrap_or_else(|error| unreachable!("a constant pattern: {error}"))
}

fn ascii_edges(text: &str) -> String {
    text.replace(r"\b", r"(?-u:\b)")
}

fn shapes() -> [(Order, String); 7] {
    let vi = format!("[0-9]{{1,2}}|{VIETNAMESE_WORD}");
    let [year, month, day] = &*KOREAN;
    let foreign = &*FOREIGN_WORD;
    [
        (Order::Dmy, format!(r"([0-9]{{1,2}})[ ,/.-]*(?:thang|thg|th)\.? ?({vi})\b[ ,/.-]*(?:nam:?)? ?([0-9]{{4}})")),
        (Order::Mdy, format!(r"\b(?:thang|thg|th)\.? ?({vi}),? (?:ngay )?([0-9]{{1,2}}),? (?:nam )?([0-9]{{4}})")),
        (Order::Dmy, format!(r"([0-9]{{1,2}})(?:st|nd|rd|th)?[ -]?({ENGLISH_WORD})\b\.?,?[ -]([0-9]{{4}})")),
        (Order::Dmy, format!(r"([0-9]{{1,2}})(?:er|\.|o)?(?: de)? ?({ENGLISH_WORD}|{foreign})\.?,?(?: del?)? ([0-9]{{4}})")),
        (Order::Mdy, format!(r"\b({ENGLISH_WORD})\b\.? ([0-9]{{1,2}})(?:st|nd|rd|th)?,? ([0-9]{{4}})")),
        // Old mail and HTTP dates. The weekday tells them from "17 máy 20 người".
        (Order::Dmy, format!(r"[a-z]{{3}}, ([0-9]{{1,2}})[ -]({ENGLISH_WORD})[ -]([0-9]{{2}})\b")),
        (Order::Ymd, format!(r"([0-9]{{4}}) ?(?:年|{year}) ?([0-9]{{1,2}}) ?(?:月|{month}) ?([0-9]{{1,2}}) ?(?:日|{day})")),
    ]
}

/// The number of a month written in digits or by its name. `None` for no month.
pub(super) fn month(word: &str) -> Option<u32> {
    let vietnamese = || VIETNAMESE.iter().position(|name| *name == word);
    let foreign = || FOREIGN.iter().position(|names| names.contains(&word));
    let english = || ENGLISH.iter().position(|name| word.starts_with(name));
    let named = || vietnamese().or_else(foreign).or_else(english).and_then(|at| u32::try_from(at + 1).ok());
    word.parse().ok().or_else(named)
}
