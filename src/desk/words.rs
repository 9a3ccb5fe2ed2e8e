//! What people mean: Vietnamese words with or without accents, English ones, and commands. A word
//! that was typed with its accents must be that word: "đúng" is no "dừng", "thời tiết" no "thôi".

use unicode_normalization::UnicodeNormalization as _;

use super::hours::{is, pieces};
use super::settings::{Meant, Menu, Setting, likely, setting};
use super::topics::topics;
use crate::text;

/// More of what somebody writes is not read.
const LONGEST: usize = 200;

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// To begin, with what a link carried.
    Start(Option<String>),
    /// To follow: a feed by its name, or whichever there is.
    Follow(String),
    /// To follow no longer.
    Stop(String),
    /// To find news.
    Search(String),
    /// The newest news, of a feed by its name.
    News(String),
    /// What is followed here.
    Mine,
    /// To be told how this works.
    Help,
    /// To get it at other hours, together, or only some of it.
    Set(Vec<Setting>),
    /// Most likely that.
    Unsure(Setting),
    /// To be asked about one of these.
    Ask(Menu),
    /// Words without any of it.
    Other(String),
    /// A command that is none of ours.
    Unknown,
}

#[derive(Clone, Copy)]
enum Meaning {
    Start,
    Follow,
    Stop,
    Search,
    News,
    Mine,
    Help,
    Quiet,
    Gather,
    Topics,
}

/// Commands; people may write any of them with a slash.
const COMMANDS: &[(&str, Meaning)] = &[
    ("start", Meaning::Start),
    ("dangky", Meaning::Follow),
    ("theodoi", Meaning::Follow),
    ("follow", Meaning::Follow),
    ("subscribe", Meaning::Follow),
    ("dung", Meaning::Stop),
    ("huy", Meaning::Stop),
    ("thoi", Meaning::Stop),
    ("ngung", Meaning::Stop),
    ("stop", Meaning::Stop),
    ("unsubscribe", Meaning::Stop),
    ("tim", Meaning::Search),
    ("timkiem", Meaning::Search),
    ("search", Meaning::Search),
    ("find", Meaning::Search),
    ("tin", Meaning::News),
    ("tinmoi", Meaning::News),
    ("news", Meaning::News),
    ("toi", Meaning::Mine),
    ("cuatoi", Meaning::Mine),
    ("mine", Meaning::Mine),
    ("caidat", Meaning::Mine),
    ("settings", Meaning::Mine),
    ("yenlang", Meaning::Quiet),
    ("quiet", Meaning::Quiet),
    ("gop", Meaning::Gather),
    ("digest", Meaning::Gather),
    ("chude", Meaning::Topics),
    ("topics", Meaning::Topics),
    ("giup", Meaning::Help),
    ("trogiup", Meaning::Help),
    ("help", Meaning::Help),
    ("menu", Meaning::Help),
];

/// How a sentence begins, and what follows belongs to it. The longer ones come first.
const BEGINNINGS: &[(&str, Meaning)] = &[
    ("tôi đang theo dõi gì", Meaning::Mine),
    ("tôi đang theo dõi", Meaning::Mine),
    ("đang theo dõi gì", Meaning::Mine),
    ("đang theo dõi", Meaning::Mine),
    ("tôi theo dõi gì", Meaning::Mine),
    ("thôi không theo dõi", Meaning::Stop),
    ("thôi không nhận tin", Meaning::Stop),
    ("không theo dõi nữa", Meaning::Stop),
    ("không nhận tin nữa", Meaning::Stop),
    ("không nhận nữa", Meaning::Stop),
    ("dừng theo dõi", Meaning::Stop),
    ("dừng nhận tin", Meaning::Stop),
    ("dừng gửi tin", Meaning::Stop),
    ("ngừng theo dõi", Meaning::Stop),
    ("ngừng nhận tin", Meaning::Stop),
    ("ngừng gửi tin", Meaning::Stop),
    ("thôi theo dõi", Meaning::Stop),
    ("thôi nhận tin", Meaning::Stop),
    ("thôi nhận", Meaning::Stop),
    ("chọn nơi nhận tin", Meaning::Follow),
    ("choose what to follow", Meaning::Follow),
    ("what i follow", Meaning::Mine),
    ("leave", Meaning::Stop),
    ("bỏ theo dõi", Meaning::Stop),
    ("hủy theo dõi", Meaning::Stop),
    ("huỷ theo dõi", Meaning::Stop),
    ("hủy đăng ký", Meaning::Stop),
    ("huỷ đăng ký", Meaning::Stop),
    ("unsubscribe", Meaning::Stop),
    ("unfollow", Meaning::Stop),
    ("theo dõi", Meaning::Follow),
    ("đăng ký nhận tin", Meaning::Follow),
    ("đăng kí nhận tin", Meaning::Follow),
    ("đăng ký", Meaning::Follow),
    ("đăng kí", Meaning::Follow),
    ("nhận tin", Meaning::Follow),
    ("subscribe", Meaning::Follow),
    ("follow", Meaning::Follow),
    ("tìm kiếm", Meaning::Search),
    ("tìm tin", Meaning::Search),
    ("tìm", Meaning::Search),
    ("search", Meaning::Search),
    ("find", Meaning::Search),
    ("tin mới nhất", Meaning::News),
    ("tin mới", Meaning::News),
];

/// What means something only where it is all that is said, but for a few polite words behind it.
const WHOLE: &[(&str, Meaning)] = &[
    ("dừng", Meaning::Stop),
    ("dừng lại", Meaning::Stop),
    ("thôi", Meaning::Stop),
    ("ngừng", Meaning::Stop),
    ("hủy", Meaning::Stop),
    ("huỷ", Meaning::Stop),
    ("stop", Meaning::Stop),
    ("tin", Meaning::News),
    ("có gì mới", Meaning::News),
    ("có tin gì mới", Meaning::News),
    ("có tin mới", Meaning::News),
    ("news", Meaning::News),
    ("của tôi", Meaning::Mine),
    ("cài đặt", Meaning::Mine),
    ("tùy chỉnh", Meaning::Mine),
    ("tuỳ chỉnh", Meaning::Mine),
    ("settings", Meaning::Mine),
    ("giúp", Meaning::Help),
    ("giúp tôi", Meaning::Help),
    ("trợ giúp", Meaning::Help),
    ("hướng dẫn", Meaning::Help),
    ("help", Meaning::Help),
    ("menu", Meaning::Help),
    ("chào", Meaning::Help),
    ("xin chào", Meaning::Help),
    ("alo", Meaning::Help),
    ("hi", Meaning::Help),
    ("hello", Meaning::Help),
    ("bắt đầu", Meaning::Start),
    ("start", Meaning::Start),
];

/// What stands between wishes; the first that makes wishes of all parts counts.
const SENTENCES: &[&[&str]] = &[&[".", ";"], &[".", ";", ","], &[".", ";", ",", "và", "còn", "rồi"]];
/// So many wishes at once.
const MOST: usize = 4;

const POLITE: &[&str] = &["nhé", "nhe", "nha", "ạ", "đi", "với", "bot", "giúp", "em", "ơi", "please"];

/// What these words mean; of very many only the start.
pub(super) fn understand(said: &str) -> Wish {
    let said: String = said.trim().chars().take(LONGEST).collect();
    if let Some(command) = said.strip_prefix('/') {
        return command_of(command);
    }
    let typed: String = said.nfc().collect::<String>().to_lowercase();
    let words: Vec<&str> = typed.split(|c: char| c.is_whitespace() || ",.!?…:;".contains(c)).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Wish::Help;
    }
    let whole = WHOLE.iter().find(|(phrase, _)| behind(&words, phrase).is_some_and(|rest| rest.iter().all(|word| is_polite(word))));
    if let Some((_, meaning)) = whole {
        return wish(*meaning, String::new());
    }
    if let Some(set) = settings(&said) {
        return set;
    }
    let begun = BEGINNINGS.iter().find_map(|(phrase, meaning)| Some((*meaning, behind(&words, phrase)?)));
    match begun {
        Some((meaning, rest)) if rest.iter().all(|word| is_polite(word)) => wish(meaning, String::new()),
        Some((Meaning::Search, _)) => wish(Meaning::Search, after_words(&said, 1)),
        Some((meaning, rest)) => wish(meaning, rest.join(" ")),
        None => Wish::Other(said),
    }
}

fn command_of(command: &str) -> Wish {
    let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let name = text::fold(name);
    match COMMANDS.iter().find(|(known, _)| *known == name) {
        Some((_, meaning)) => wish(*meaning, rest.trim().to_owned()),
        None => Wish::Unknown,
    }
}

/// What is said of hours, rhythm and topics.
fn settings(said: &str) -> Option<Wish> {
    let pieces = pieces(said);
    if let Some(meant) = setting(&pieces) {
        return Some(set(meant));
    }
    let several = SENTENCES.iter().find_map(|marks| several(&pieces, marks)).map(Wish::Set);
    several.or_else(|| likely(&pieces).or_else(|| topics(&pieces)).map(set))
}

/// "Ban đêm đừng nhắn, gửi gộp mỗi sáng 7h": each part is a wish of its own.
fn several(pieces: &[String], marks: &[&str]) -> Option<Vec<Setting>> {
    let parts: Vec<&[String]> = pieces.split(|piece| marks.iter().any(|mark| is(piece, mark))).filter(|part| !part.is_empty()).collect();
    let wish = |part: &&[String]| match setting(part).or_else(|| topics(part)) {
        Some(Meant::Set(setting)) => Some(setting),
        Some(Meant::Unsure(_) | Meant::Ask(_)) | None => None,
    };
    (2..=MOST).contains(&parts.len()).then(|| parts.iter().map(wish).collect()).flatten()
}

fn set(meant: Meant) -> Wish {
    match meant {
        Meant::Set(setting) => Wish::Set(vec![setting]),
        Meant::Unsure(setting) => Wish::Unsure(setting),
        Meant::Ask(menu) => Wish::Ask(menu),
    }
}

/// What stands behind a command is as if it were said with its words.
fn command_to_set(words: &str, rest: &str, menu: Menu) -> Wish {
    settings(rest).or_else(|| settings(&format!("{words} {rest}"))).unwrap_or(Wish::Ask(menu))
}

fn wish(meaning: Meaning, rest: String) -> Wish {
    match meaning {
        Meaning::Start => Wish::Start(Some(rest).filter(|rest| !rest.is_empty())),
        Meaning::Follow => Wish::Follow(rest),
        Meaning::Stop => Wish::Stop(rest),
        Meaning::Search => Wish::Search(rest),
        Meaning::News => Wish::News(rest),
        Meaning::Mine => Wish::Mine,
        Meaning::Help => Wish::Help,
        Meaning::Quiet => command_to_set("yên lặng", &rest, Menu::Quiet),
        Meaning::Gather => command_to_set("gộp tin", &rest, Menu::Gather),
        Meaning::Topics => command_to_set("chỉ gửi tin về", &rest, Menu::Topics),
    }
}

/// A question keeps its quotation marks: it loses the first word ("tìm"), and the search knows the rest.
fn after_words(said: &str, count: usize) -> String {
    let mut rest = said;
    for _ in 0..count {
        rest = rest.trim_start().split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
    }
    rest.trim().to_owned()
}

/// The words behind a phrase, where they begin with it.
fn behind<'a>(words: &'a [&'a str], phrase: &str) -> Option<&'a [&'a str]> {
    let mut rest = words;
    for want in phrase.split(' ') {
        let (word, behind) = rest.split_first()?;
        if *word != want && *word != text::fold(want) {
            return None;
        }
        rest = behind;
    }
    Some(rest)
}

fn is_polite(word: &str) -> bool {
    POLITE.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, want: &Wish) {
        assert_eq!(&understand(said), want, "{said}");
    }

    #[test]
    fn people_are_understood_with_and_without_accents_and_slashes() {
        let (stop, follow) = (Wish::Stop(String::new()), Wish::Follow(String::new()));
        for said in [
            "dừng",
            "Dừng ạ",
            "dung",
            "Thôi nhé",
            "thôi",
            "thoi",
            "hủy",
            "huỷ",
            "/dung",
            "/huy",
            "/stop",
            "STOP",
            "dừng theo dõi",
            "khong nhan tin nua",
        ] {
            check(said, &stop);
        }
        for said in ["theo dõi", "Theo doi nhé", "/dangky", "đăng ký", "dang ky", "/theodoi", "nhận tin", "subscribe"] {
            check(said, &follow);
        }
        for said in ["đang theo dõi gì", "/toi", "dang theo doi gi?", "Tôi đang theo dõi gì?", "của tôi"] {
            check(said, &Wish::Mine);
        }
        for said in ["giúp", "/giup", "/help", "Xin chào!", "", "  ", "hướng dẫn"] {
            check(said, &Wish::Help);
        }
        for said in ["tin mới", "/tin", "tin moi nhat", "Có gì mới?", "tin"] {
            check(said, &Wish::News(String::new()));
        }
        check("tìm cúp điện", &Wish::Search("cúp điện".into()));
        check("/tim cúp điện", &Wish::Search("cúp điện".into()));
        check("tim \"cup dien\"", &Wish::Search("\"cup dien\"".into()));
        check("theo dõi phường Thổ Quan", &Wish::Follow("phường thổ quan".into()));
        check("dừng theo dõi Thổ Quan", &Wish::Stop("thổ quan".into()));
        check("/start tho-quan", &Wish::Start(Some("tho-quan".into())));
        check("/start", &Wish::Start(None));
        check("/start ' OR 1=1;--", &Wish::Start(Some("' OR 1=1;--".into())));
    }

    #[test]
    fn other_words_with_the_same_letters_are_other_words() {
        for said in ["thời tiết hôm nay", "đúng", "Hủy bỏ quyết định số 5", "lịch cắt điện", "Họp tổ dân phố", "tin vui của phường"]
        {
            check(said, &Wish::Other(said.to_owned()));
        }
        check("/banana", &Wish::Unknown);
    }

    #[test]
    fn of_a_long_text_only_the_start_is_read() {
        let Wish::Search(question) = understand(&format!("/tim {}", "a".repeat(4090))) else { panic!("no search") };
        assert!(question.len() <= LONGEST);
    }
}
