//! What people call the things that news is about, and the words by which the news says them: who
//! asks for "nước" does not mean "Nhà nước".

use super::hours::{behind, is, longest};
use super::press::section;
use super::settings::{Meant, Menu, Setting};
use crate::phrases::Language;
use crate::subscription::Filter;
use crate::text;

/// What is done with some topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    /// These and no others.
    Only,
    /// These as well.
    More,
    /// These no longer.
    Less,
    /// Everything but these.
    Without,
}

/// Something that news is about.
pub(super) struct Topic {
    /// As a button carries it.
    pub(super) key: &'static str,
    vi: &'static str,
    en: &'static str,
    /// Other ways of saying it.
    said: &'static [&'static str],
    /// The words of news about it.
    words: &'static [&'static str],
}

/// The topics that have a name; the first have a button.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        key: "dien",
        vi: "cúp điện",
        en: "power cuts",
        said: &["điện", "cắt điện", "mất điện", "ngừng cấp điện", "power", "power cut"],
        words: &["cúp điện", "cắt điện", "mất điện", "ngừng cấp điện", "ngừng cung cấp điện", "ngưng cung cấp điện"],
    },
    Topic {
        key: "nuoc",
        vi: "cúp nước",
        en: "water cuts",
        said: &["nước", "cắt nước", "mất nước", "ngừng cấp nước", "nước sạch", "water", "water cut"],
        words: &["cúp nước", "cắt nước", "mất nước", "ngừng cấp nước", "ngừng cung cấp nước", "ngưng cung cấp nước", "nước sạch"],
    },
    Topic {
        key: "duong",
        vi: "đường sá",
        en: "roads",
        said: &["đường", "cấm đường", "giao thông", "đường xá", "traffic", "road"],
        words: &["cấm đường", "rào đường", "sửa đường", "phân luồng", "giao thông", "cấm xe"],
    },
    Topic {
        key: "tiem",
        vi: "tiêm chủng",
        en: "vaccination",
        said: &["tiêm", "tiêm phòng", "vắc xin", "chích ngừa", "vaccine", "vaccines"],
        words: &["tiêm chủng", "tiêm phòng", "tiêm vắc xin", "vắc xin", "chích ngừa", "vaccine"],
    },
    Topic {
        key: "bao",
        vi: "bão lũ",
        en: "storms and floods",
        said: &["bão", "lũ", "ngập", "mưa bão", "thiên tai", "storm", "storms", "floods"],
        words: &[
            "cơn bão",
            "bão số",
            "mưa bão",
            "áp thấp nhiệt đới",
            "mưa lớn",
            "mưa lũ",
            "lũ lụt",
            "lũ quét",
            "ngập úng",
            "sạt lở",
            "thiên tai",
        ],
    },
    Topic {
        key: "rac",
        vi: "rác, môi trường",
        en: "waste",
        said: &["rác", "môi trường", "vệ sinh môi trường", "đổ rác"],
        words: &["thu gom rác", "đổ rác", "rác thải", "vệ sinh môi trường", "tổng vệ sinh"],
    },
    Topic {
        key: "hop",
        vi: "họp dân",
        en: "meetings",
        said: &["họp", "họp tổ dân phố", "tiếp dân", "lịch họp"],
        words: &["họp dân", "họp tổ dân phố", "tiếp công dân", "tiếp dân", "hội nghị nhân dân"],
    },
    Topic {
        key: "hoc",
        vi: "trường học",
        en: "schools",
        said: &["học", "tuyển sinh", "học sinh", "school"],
        words: &["tuyển sinh", "trường học", "học sinh", "mầm non", "năm học"],
    },
    Topic {
        key: "thutuc",
        vi: "thủ tục giấy tờ",
        en: "papers",
        said: &["thủ tục", "giấy tờ", "thủ tục hành chính", "căn cước"],
        words: &["thủ tục hành chính", "một cửa", "căn cước", "khai sinh", "hộ tịch", "hồ sơ"],
    },
    Topic {
        key: "thethao",
        vi: "thể thao, văn nghệ",
        en: "sports and arts",
        said: &["thể thao", "văn nghệ", "văn hóa", "lễ hội", "sports", "arts"],
        words: &["thể thao", "bóng đá", "văn nghệ", "lễ hội", "hội thi", "hội thao", "giao lưu"],
    },
    Topic {
        key: "khan",
        vi: "tin khẩn",
        en: "urgent news",
        said: &["khẩn", "khẩn cấp", "urgent"],
        words: &["khẩn cấp", "công điện khẩn", "thông báo khẩn", "tin khẩn", "hỏa tốc", "sơ tán"],
    },
];

/// Of so many topics a sentence can be; more is no list of topics.
const MOST: usize = 8;
/// A topic has so many words at most.
const WORDS: usize = 5;
/// A filter has so many words at most.
const FILTER: usize = 80;

const BEFORE: &[&str] = &[
    "cho tôi",
    "cho mình",
    "giúp tôi",
    "giúp mình",
    "tôi",
    "mình",
    "em",
    "bot ơi",
    "bot",
    "từ nay",
    "làm ơn",
    "xin",
    "hãy",
    "dạ",
    "vui lòng",
    "muốn",
    "please",
];

const BEGINNINGS: &[(&str, Pick)] = &[
    ("chỉ gửi", Pick::Only),
    ("chỉ gởi", Pick::Only),
    ("chỉ gửi cho tôi", Pick::Only),
    ("chỉ gửi cho mình", Pick::Only),
    ("chỉ gửi tôi", Pick::Only),
    ("chỉ nhận", Pick::Only),
    ("chỉ nhắn", Pick::Only),
    ("chỉ lấy", Pick::Only),
    ("chỉ muốn nhận", Pick::Only),
    ("chỉ muốn xem", Pick::Only),
    ("chỉ muốn tin", Pick::Only),
    ("chỉ cần tin", Pick::Only),
    ("chỉ xem tin", Pick::Only),
    ("chỉ báo tin", Pick::Only),
    ("chỉ quan tâm", Pick::Only),
    ("chỉ tin", Pick::Only),
    ("only", Pick::Only),
    ("only send", Pick::Only),
    ("only send me", Pick::Only),
    ("thêm tin", Pick::More),
    ("gửi thêm tin", Pick::More),
    ("nhận thêm tin", Pick::More),
    ("thêm chủ đề", Pick::More),
    ("more news about", Pick::More),
    ("bớt tin", Pick::Less),
    ("bớt chủ đề", Pick::Less),
    ("less news about", Pick::Less),
    ("bỏ tin", Pick::Without),
    ("bỏ các tin", Pick::Without),
    ("bỏ bớt tin", Pick::Without),
    ("bỏ chủ đề", Pick::Without),
    ("bỏ qua tin", Pick::Without),
    ("trừ tin", Pick::Without),
    ("ẩn tin", Pick::Without),
    ("đừng gửi", Pick::Without),
    ("đừng gởi", Pick::Without),
    ("đừng nhắn tin về", Pick::Without),
    ("không gửi tin", Pick::Without),
    ("không nhận tin", Pick::Without),
    ("không muốn nhận tin", Pick::Without),
    ("không cần tin", Pick::Without),
    ("thôi gửi tin về", Pick::Without),
    ("thôi nhận tin về", Pick::Without),
    ("dừng gửi tin về", Pick::Without),
    ("no news about", Pick::Without),
    ("no more news about", Pick::Without),
    ("without", Pick::Without),
];

/// Sections of the site are chosen by their names.
const SECTIONS: &[(&str, bool)] = &[
    ("thêm chuyên mục", true),
    ("chỉ gửi chuyên mục", true),
    ("more of section", true),
    ("bớt chuyên mục", false),
    ("bỏ chuyên mục", false),
    ("less of section", false),
];

const ABOUT: &[&str] = &["tin", "tin tức", "thông tin", "các", "những", "bài", "về", "liên quan đến", "chủ đề", "có chữ", "news", "about"];
const AND: &[&str] = &[".", ",", ";", "/", "+", "&", "và", "hoặc", "hay", "với", "cùng", "and", "or"];
const BEHIND: &[&str] = &["nhé", "nha", "nhe", "nghen", "ạ", "thôi", "đi", "giúp", "giùm", "nữa", "please"];
const REQUESTS: &[&str] = &["được không", "được ko", "có được không"];

/// What these words say of topics, if anything.
pub(super) fn topics(pieces: &[String]) -> Option<Meant> {
    let (asked, said) = unasked(pieces);
    if asked {
        return None;
    }
    let said = skip(said, BEFORE);
    if let Some((wanted, name)) = longest(said, SECTIONS).filter(|(_, name)| !name.is_empty()) {
        return Some(Meant::Set(Setting::Section(wanted, section(&name.join(" ")))));
    }
    let (pick, rest) = longest(said, BEGINNINGS)?;
    let list = listed(skip(rest, ABOUT));
    let fits = list.len() <= MOST && list.iter().all(|topic| topic.split(' ').count() <= WORDS);
    match (list.as_slice(), pick) {
        ([], Pick::Only | Pick::More | Pick::Less) => Some(Meant::Ask(Menu::Topics)),
        ([], Pick::Without) => None,
        (_, _) => fits.then_some(Meant::Set(Setting::Topics(pick, list))),
    }
}

/// Whether it is a question, and else without the marks of a request.
fn unasked(pieces: &[String]) -> (bool, &[String]) {
    let (question, said) = match pieces.split_last() {
        Some((last, said)) if last == "?" => (true, said),
        _ => (false, pieces),
    };
    let begins = (0..said.len()).find(|at| said.get(*at..).is_some_and(|rest| REQUESTS.iter().any(|phrase| ends(rest, phrase))));
    match begins {
        Some(at) => (false, said.get(..at).unwrap_or_default()),
        None => (question, said),
    }
}

fn ends(pieces: &[String], phrase: &str) -> bool {
    behind(pieces, phrase).is_some_and(|rest| rest.iter().all(|piece| is_any(piece, BEHIND)))
}

fn is_any(piece: &str, of: &[&str]) -> bool {
    of.iter().any(|want| is(piece, want))
}

fn skip<'a>(mut pieces: &'a [String], phrases: &[&str]) -> &'a [String] {
    while let Some(rest) = phrases.iter().filter_map(|phrase| behind(pieces, phrase)).min_by_key(|rest| rest.len()) {
        pieces = rest;
    }
    pieces
}

fn listed(mut pieces: &[String]) -> Vec<String> {
    while let Some((last, rest)) = pieces.split_last()
        && is_any(last, BEHIND)
    {
        pieces = rest;
    }
    let parts = pieces.split(|piece| is_any(piece, AND)).map(|part| skip(part, ABOUT).join(" "));
    parts.filter(|part| !part.is_empty()).collect()
}

/// The topic that is called so.
pub(super) fn named(said: &str) -> Option<&'static Topic> {
    let folded = text::fold(said);
    // A word typed with its accents must be that word.
    let is = |own: &&str| said == *own || (said == folded && text::fold(own) == said);
    TOPICS.iter().find(|topic| topic.key == said || is(&topic.vi) || is(&topic.en) || topic.said.iter().any(is))
}

fn words_of(said: &str) -> Vec<String> {
    let topics = named(said).map(|topic| vec![topic]).or_else(|| two(said));
    let words = topics.into_iter().flatten().flat_map(|topic| topic.words).map(|word| (*word).to_owned()).collect::<Vec<_>>();
    if words.is_empty() { vec![said.to_owned()] } else { words }
}

/// "Điện nước" are two topics.
fn two(said: &str) -> Option<Vec<&'static Topic>> {
    let mut cuts = said.match_indices(' ');
    cuts.find_map(|(at, _)| {
        let (one, other) = said.split_at_checked(at)?;
        Some(vec![named(one)?, named(other.trim_start())?])
    })
}

/// The topics that these words are of, by name; what is of none is told as it is.
pub(super) fn names(words: &[String], language: Language) -> Vec<String> {
    let whole: Vec<&Topic> = TOPICS.iter().filter(|topic| topic.is_all_of(words)).collect();
    let own = words.iter().filter(|word| !whole.iter().any(|topic| topic.words.contains(&word.as_str())));
    whole.iter().map(|topic| topic.name(language).to_owned()).chain(own.cloned()).collect()
}

impl Topic {
    pub(super) fn name(&self, language: Language) -> &'static str {
        language.pick(self.vi, self.en)
    }

    /// Whether all of its words are among these.
    pub(super) fn is_all_of(&self, words: &[String]) -> bool {
        self.words.iter().all(|word| words.iter().any(|known| known == word))
    }
}

/// A filter after a section was chosen, or given up. Words and sections would have to fit both, so the
/// words that were chosen before go.
pub(super) fn filed(filter: &Filter, wanted: bool, section: &str) -> Filter {
    let mut after = filter.clone();
    after.categories.retain(|known| known != section);
    if wanted {
        after.include.clear();
        after.categories.push(section.to_owned());
        after.categories.truncate(FILTER);
    }
    after
}

/// A filter after a wish about topics.
pub(super) fn picked(filter: &Filter, pick: Pick, topics: &[String]) -> Filter {
    let words: Vec<String> = topics.iter().flat_map(|topic| words_of(topic)).collect();
    let mut after = filter.clone();
    let among = |known: &String| words.contains(known);
    match pick {
        Pick::Only => {
            after = Filter { include: words, urgent: filter.urgent.clone(), ..Filter::default() };
        }
        Pick::More => {
            after.exclude.retain(|known| !among(known));
            if !filter.include.is_empty() {
                after.include.extend(words);
            }
        }
        Pick::Less => after.include.retain(|known| !among(known)),
        Pick::Without if filter.include.iter().any(among) => after.include.retain(|known| !among(known)),
        Pick::Without => after.exclude.extend(words),
    }
    for list in [&mut after.include, &mut after.exclude] {
        let mut seen = std::collections::HashSet::new();
        list.retain(|word| seen.insert(word.clone()));
        list.truncate(FILTER);
    }
    after
}
