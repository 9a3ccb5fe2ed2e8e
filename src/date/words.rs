//! The words that stand in and around dates, in folded text, and how they are skipped.

use std::sync::LazyLock;

use super::patterns::pattern;
use regex::Regex;

/// What may stand between a day and its time.
const GAP_SIGNS: &str = " ,;|()[]@'._·•*/:-";
const GAP: &[&str] = &[
    "ngay",
    "luc",
    "vao",
    "hoi",
    "at",
    "on",
    "t",
    "thoi gian",
    "gio",
    "phut",
    "a las",
    "a",
    "um",
    "uhr",
    "kl",
    "klo",
    "alle ore",
    "alle",
    "ore",
    "saat",
    "om",
    "le",
    "den",
];
/// The longest note in brackets between a day and its time: "(Thứ Ba)", "(火)".
const LONGEST_NOTE: usize = 12;
const WEEKDAYS: &[&str] = &[
    "thu hai",
    "thu ba",
    "thu tu",
    "thu nam",
    "thu sau",
    "thu bay",
    "thu 2",
    "thu 3",
    "thu 4",
    "thu 5",
    "thu 6",
    "thu 7",
    "thu2",
    "thu3",
    "thu4",
    "thu5",
    "thu6",
    "thu7",
    "th 2",
    "th 3",
    "th 4",
    "th 5",
    "th 6",
    "th 7",
    "t.2",
    "t.3",
    "t.4",
    "t.5",
    "t.6",
    "t.7",
    "t2",
    "t3",
    "t4",
    "t5",
    "t6",
    "t7",
    "chu nhat",
    "cn",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tues",
    "tue",
    "wednes",
    "wed",
    "thurs",
    "thu",
    "fri",
    "sat",
    "sun",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonnabend",
    "sonntag",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "pazartesi",
    "salı",
    "sali",
    "carsamba",
    "persembe",
    "cuma",
    "cumartesi",
    "pazar",
    "maandag",
    "dinsdag",
    "woensdag",
    "donderdag",
    "vrijdag",
    "zaterdag",
    "zondag",
    "mandag",
    "tisdag",
    "tirsdag",
    "onsdag",
    "torsdag",
    "fredag",
    "lordag",
    "sondag",
    "lunedi",
    "martedi",
    "mercoledi",
    "giovedi",
    "venerdi",
    "sabato",
    "domenica",
];
/// What a line of nothing but a posting date may say beside days, times and weekdays.
const LABELS: &[&str] = &[
    "ngay",
    "dang",
    "luc",
    "vao",
    "hoi",
    "gio",
    "phut",
    "thoi gian",
    "tin",
    "bai viet",
    "bai",
    "tai",
    "gui",
    "tao",
    "dua",
    "viet",
    "xuat ban",
    "phat hanh",
    "cap nhat",
    "lan cuoi",
    "cuoi",
    "moi nhat",
    "da",
    "hom nay",
    "hom qua",
    "hom kia",
    "published",
    "publish",
    "posted",
    "post",
    "last",
    "updated",
    "update",
    "modified",
    "on",
    "at",
    "date",
    "time",
    "veroffentlicht",
    "aktualisiert",
    "erstellt",
    "stand",
    "am",
    "um",
    "uhr",
    "publie",
    "mis a jour",
    "modifie",
    "le",
    "a",
    "publicado",
    "actualizado",
    "el",
    "pubblicato",
    "aggiornato",
    "il",
    "alle",
    "ore",
    "kl",
    "klo",
    "publicerad",
    "uppdaterad",
    "oppdatert",
    "publisert",
    "offentliggjort",
    "opdateret",
    "yayınlanma",
    "yayinlanma",
    "guncelleme",
    "tarihi",
    "giris",
    "saat",
    "den",
    "公開",
    "更新",
    "掲載",
    "配信",
    "投稿",
    "発表",
    "日時",
    "日",
];
/// Korean for "entered", "changed", "last changed", "registered", "published".
const KOREAN_LABELS: &[&str] = &["입력", "최종수정", "수정", "등록", "발행", "기사입력"];
static KOREAN: LazyLock<Vec<String>> = LazyLock::new(|| KOREAN_LABELS.iter().map(|word| crate::text::fold(word)).collect());
static VIEWS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:(?:so )?(?:luot|lan) (?:xem|doc|truy cap)\b[ :(]*(?:[0-9][0-9.,]*)?",
        r"|[0-9][0-9.,]* ?(?:(?:luot|lan) (?:xem|doc|truy cap)|views?)\b",
        r"|(?:views?|da (?:xem|doc)|luot)\b[ :]*[0-9][0-9.,]*)",
    ))
});

/// The text behind everything that may stand between a day and its time.
pub(super) fn behind_gap(text: &str) -> &str {
    let mut rest = text;
    while let Some(shorter) = behind_gap_part(rest) {
        rest = shorter;
    }
    rest
}

fn behind_gap_part(text: &str) -> Option<&str> {
    let sign = || text.strip_prefix(|c| GAP_SIGNS.contains(c));
    behind_note(text).or_else(sign).or_else(|| behind_word(text, GAP)).or_else(|| behind_weekday(text)).or_else(|| behind_zone(text))
}

fn behind_note(text: &str) -> Option<&str> {
    let note = text.strip_prefix('(')?;
    let (end, sign) = note.char_indices().take(LONGEST_NOTE + 1).find(|(_, c)| matches!(c, '0'..='9' | '(' | ')'))?;
    note.get(end + 1..).filter(|_| sign == ')')
}

/// "GMT+7" or "+07:00" before the time.
fn behind_zone(text: &str) -> Option<&str> {
    let named = ["gmt", "utc", "ict", "z"].iter().find_map(|name| behind(text, name));
    let rest = named.unwrap_or(text).trim_start();
    rest.strip_prefix('+').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':')).or(named)
}

/// The text behind the longest of the words that it begins with.
fn behind_word<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    let first = text.as_bytes().first();
    let near = words.iter().filter(|word| word.as_bytes().first() == first);
    near.filter_map(|word| behind(text, word)).min_by_key(|rest| rest.len())
}

fn behind<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.strip_prefix(word).filter(|rest| !rest.starts_with(char::is_alphabetic))
}

/// The text behind a weekday that it begins with.
pub(super) fn behind_weekday(text: &str) -> Option<&str> {
    behind_word(text, WEEKDAYS).map(|rest| rest.strip_prefix('.').unwrap_or(rest))
}

/// The text behind a label or a counter of views that it begins with.
pub(super) fn behind_label(text: &str) -> Option<&str> {
    let korean = || KOREAN.iter().find_map(|word| text.strip_prefix(word.as_str()));
    behind_word(text, LABELS).or_else(|| behind_views(text)).or_else(korean)
}

/// The text behind a counter of views that it begins with.
fn behind_views(text: &str) -> Option<&str> {
    VIEWS.find(text).and_then(|found| text.get(found.end()..))
}
