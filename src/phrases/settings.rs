//! What people read of the hours, the rhythm and the topics of what they get.

use chrono::{NaiveTime, Timelike as _, Weekday};

use super::Language;

/// A time of the day: `7h`, `21h30`, `7:00`.
#[must_use]
pub fn setting_time(language: Language, at: NaiveTime) -> String {
    match (language, at.minute()) {
        (Language::Vi, 0) => format!("{}h", at.hour()),
        (Language::Vi, _) => format!("{}h{:02}", at.hour(), at.minute()),
        (Language::En, _) => at.format("%-H:%M").to_string(),
    }
}

/// Hours from a time to another: `22h–6h và 11h30–13h30`.
#[must_use]
pub fn setting_hours(language: Language, hours: &[(NaiveTime, NaiveTime)]) -> String {
    let one = |(from, to): &(NaiveTime, NaiveTime)| format!("{}–{}", setting_time(language, *from), setting_time(language, *to));
    hours.iter().map(one).collect::<Vec<_>>().join(language.pick(" và ", " and "))
}

/// When what was gathered comes: `mỗi ngày lúc 7h`, `thứ Hai hằng tuần lúc 7h`.
#[must_use]
pub fn setting_rhythm(language: Language, weekday: Option<Weekday>, at: &[NaiveTime]) -> String {
    let and = language.pick(" và ", " and ");
    let times = at.iter().map(|at| setting_time(language, *at)).collect::<Vec<_>>().join(and);
    match (language, weekday) {
        (Language::Vi, None) => format!("mỗi ngày lúc {times}"),
        (Language::Vi, Some(day)) => format!("{} hằng tuần lúc {times}", weekday_in(language, day)),
        (Language::En, None) => format!("every day at {times}"),
        (Language::En, Some(day)) => format!("every {} at {times}", weekday_in(language, day)),
    }
}

const fn weekday_in(language: Language, day: Weekday) -> &'static str {
    match (language, day) {
        (Language::Vi, Weekday::Mon) => "thứ Hai",
        (Language::Vi, Weekday::Tue) => "thứ Ba",
        (Language::Vi, Weekday::Wed) => "thứ Tư",
        (Language::Vi, Weekday::Thu) => "thứ Năm",
        (Language::Vi, Weekday::Fri) => "thứ Sáu",
        (Language::Vi, Weekday::Sat) => "thứ Bảy",
        (Language::Vi, Weekday::Sun) => "Chủ nhật",
        (Language::En, Weekday::Mon) => "Monday",
        (Language::En, Weekday::Tue) => "Tuesday",
        (Language::En, Weekday::Wed) => "Wednesday",
        (Language::En, Weekday::Thu) => "Thursday",
        (Language::En, Weekday::Fri) => "Friday",
        (Language::En, Weekday::Sat) => "Saturday",
        (Language::En, Weekday::Sun) => "Sunday",
    }
}

/// It is quiet in these hours from now on.
#[must_use]
pub fn desk_quiet_set(language: Language, hours: &str) -> String {
    match language {
        Language::Vi => format!("Xong rồi ạ. Từ nay yên lặng {hours}: tin đến lúc ấy được giữ lại, hết giờ thì gửi."),
        Language::En => format!("Done. It is quiet {hours} from now on: what comes meanwhile is kept, and sent when it is over."),
    }
}

/// Several things hold from now on.
#[must_use]
pub fn desk_all_set(language: Language, settings: &str) -> String {
    match language {
        Language::Vi => format!("Xong rồi ạ. Từ nay:\n{settings}"),
        Language::En => format!("Done. From now on:\n{settings}"),
    }
}

/// What is gathered comes later, for it is quiet at its time.
#[must_use]
pub fn desk_gather_delayed(language: Language) -> String {
    language.pick("Lúc đó đang giờ yên lặng nên hết giờ mới gửi.", "It is quiet then, so it comes when that is over.").to_owned()
}

/// Urgent news comes all the same.
#[must_use]
pub fn desk_urgent_comes(language: Language) -> String {
    language.pick("Tin khẩn vẫn gửi ngay.", "Urgent news still comes at once.").to_owned()
}

/// There are no quiet hours any more.
#[must_use]
pub fn desk_quiet_ended(language: Language) -> String {
    language.pick("Xong rồi ạ. Không còn giờ yên lặng.", "Done. There are no quiet hours any more.").to_owned()
}

/// What comes is gathered from now on.
#[must_use]
pub fn desk_gather_set(language: Language, rhythm: &str) -> String {
    match language {
        Language::Vi => format!("Xong rồi ạ. Từ nay tin được gộp làm một, gửi {rhythm}."),
        Language::En => format!("Done. From now on news is gathered into one message, {rhythm}."),
    }
}

/// What comes is sent at once from now on.
#[must_use]
pub fn desk_gather_ended(language: Language) -> String {
    language.pick("Xong rồi ạ. Từ nay có tin là gửi ngay từng tin.", "Done. From now on each article is sent at once.").to_owned()
}

/// Other news is wanted from now on; `topics` says which.
#[must_use]
pub fn desk_topics_set(language: Language, topics: &str) -> String {
    match language {
        Language::Vi => format!("Xong rồi ạ. Chủ đề từ nay: {topics}."),
        Language::En => format!("Done. Topics from now on: {topics}."),
    }
}

/// Which news is wanted, told in words.
#[must_use]
pub fn setting_topics(language: Language, only: &[String], without: &[String], sections: &[String]) -> String {
    let list = |words: &[String]| words.join(", ");
    let mut parts = Vec::new();
    if !only.is_empty() {
        parts.push(format!("{} {}", language.pick("chỉ tin về", "only"), list(only)));
    }
    if !sections.is_empty() {
        parts.push(format!("{} {}", language.pick("chỉ chuyên mục", "only the sections"), list(sections)));
    }
    if parts.is_empty() {
        parts.push(language.pick("tất cả tin", "all news").to_owned());
    }
    if !without.is_empty() {
        parts.push(format!("{} {}", language.pick("trừ tin về", "but not"), list(without)));
    }
    parts.join(", ")
}

/// A feed is followed, by what people chose for this chat.
#[must_use]
pub fn desk_followed_as_chosen(language: Language, feed: &str, settings: &str) -> String {
    match language {
        Language::Vi => format!("Xong rồi ạ. Nơi này theo dõi {feed}, gửi theo cách đã chọn:\n{settings}\n\nMuốn thôi nhận tin, gõ: dừng"),
        Language::En => format!("Done. {feed} is followed here, as you chose:\n{settings}\n\nTo get no more, write: stop"),
    }
}

/// What holds for a chat, line by line, behind what is followed.
#[must_use]
pub fn desk_settings(language: Language, quiet: Option<&str>, rhythm: Option<&str>, topics: &str) -> String {
    match language {
        Language::Vi => format!(
            "Cách gửi: {}\nGiờ yên lặng: {}\nChủ đề: {topics}",
            rhythm.map_or("gửi ngay từng tin".to_owned(), |rhythm| format!("gộp một tin, {rhythm}")),
            quiet.unwrap_or("không có")
        ),
        Language::En => format!(
            "How: {}\nQuiet hours: {}\nTopics: {topics}",
            rhythm.map_or("each article at once".to_owned(), |rhythm| format!("one message, {rhythm}")),
            quiet.unwrap_or("none")
        ),
    }
}

/// What an admin wrote in the config is not changed by talk.
#[must_use]
pub fn desk_by_admin(language: Language) -> String {
    language
        .pick(
            "Giờ gửi và chủ đề ở đây do người quản trị đặt sẵn, nhắn cho bot không đổi được. Bà con có thể nhắn riêng cho bot để tự nhận tin theo ý mình.",
            "When and what is sent here is set by the admin, and cannot be changed by writing to the bot. You can write to the bot in private to get news your own way.",
        )
        .to_owned()
}

/// Beside a change: other feeds of the chat are the admin's.
#[must_use]
pub fn desk_admin_keeps(language: Language, feeds: &str) -> String {
    match language {
        Language::Vi => format!("Riêng {feeds} do người quản trị đặt sẵn, không đổi."),
        Language::En => format!("{feeds} is set by the admin and stays as it is."),
    }
}

/// When is it to be quiet?
#[must_use]
pub fn desk_ask_quiet(language: Language) -> String {
    language
        .pick(
            "Bà con muốn yên lặng lúc nào? Chọn một mục, hoặc gõ giờ, ví dụ: đừng nhắn từ 22h đến 6h",
            "When is it to be quiet? Choose, or write the hours, for example: quiet from 22h to 6h",
        )
        .to_owned()
}

/// Quiet for some hours, or for good?
#[must_use]
pub fn desk_ask_silence(language: Language) -> String {
    language.pick("Bà con muốn yên lặng vài giờ, hay thôi nhận tin hẳn?", "Quiet for some hours, or no more news at all?").to_owned()
}

/// When is what was gathered to come?
#[must_use]
pub fn desk_ask_gather(language: Language) -> String {
    language
        .pick(
            "Bà con muốn nhận gộp lúc nào? Chọn một mục, hoặc gõ, ví dụ: gửi gộp mỗi tối 8h",
            "When is the gathered news to come? Choose, or write, for example: digest every evening 8pm",
        )
        .to_owned()
}

/// Which topics?
#[must_use]
pub fn desk_ask_topics(language: Language, topics: &str) -> String {
    match language {
        Language::Vi => {
            format!("Đang gửi: {topics}.\nBà con muốn nhận tin về gì? Chọn, hoặc gõ, ví dụ: chỉ gửi tin về cúp điện, nước")
        }
        Language::En => format!("Sent now: {topics}.\nWhat do you want news about? Choose, or write, for example: only power cuts, water"),
    }
}

/// Which sections of the site?
#[must_use]
pub fn desk_ask_sections(language: Language, topics: &str) -> String {
    match language {
        Language::Vi => format!("Đang gửi: {topics}.\nBà con muốn nhận chuyên mục nào?"),
        Language::En => format!("Sent now: {topics}.\nWhich sections do you want?"),
    }
}

/// Is this what was meant?
#[must_use]
pub fn desk_is_it(language: Language) -> String {
    language.pick("Có phải bà con muốn thế này không?", "Is this what you mean?").to_owned()
}

/// Button: quiet hours.
#[must_use]
pub fn desk_button_quiet(language: Language) -> String {
    language.pick("🌙 Giờ yên lặng", "🌙 Quiet hours").to_owned()
}

/// Button: gathering.
#[must_use]
pub fn desk_button_gather(language: Language) -> String {
    language.pick("📦 Gộp tin", "📦 Digest").to_owned()
}

/// Button: topics.
#[must_use]
pub fn desk_button_topics(language: Language) -> String {
    language.pick("🏷 Chủ đề", "🏷 Topics").to_owned()
}

/// Button: sections of the site.
#[must_use]
pub fn desk_button_sections(language: Language) -> String {
    language.pick("📂 Chuyên mục", "📂 Sections").to_owned()
}

/// Button: these quiet hours.
#[must_use]
pub fn desk_button_quiet_from(language: Language, span: &str) -> String {
    match language {
        Language::Vi => format!("🌙 Yên lặng {span}"),
        Language::En => format!("🌙 Quiet {span}"),
    }
}

/// Button: none.
#[must_use]
pub fn desk_button_any_time(language: Language) -> String {
    language.pick("🔔 Nhắn lúc nào cũng được", "🔔 Send any time").to_owned()
}

/// Button: gathered in this rhythm.
#[must_use]
pub fn desk_button_gather_at(language: Language, rhythm: &str) -> String {
    match language {
        Language::Vi => format!("📦 Gộp tin {rhythm}"),
        Language::En => format!("📦 Digest {rhythm}"),
    }
}

/// Button: each at once.
#[must_use]
pub fn desk_button_at_once(language: Language) -> String {
    language.pick("⚡ Gửi ngay từng tin", "⚡ Send at once").to_owned()
}

/// Button: only this topic.
#[must_use]
pub fn desk_button_only(language: Language, topic: &str) -> String {
    match language {
        Language::Vi => format!("Chỉ gửi tin về {topic}"),
        Language::En => format!("Only {topic}"),
    }
}

/// Button: this topic as well.
#[must_use]
pub fn desk_button_more_of(language: Language, topic: &str) -> String {
    match language {
        Language::Vi => format!("➕ Thêm tin về {topic}"),
        Language::En => format!("➕ More news about {topic}"),
    }
}

/// Button: this topic no longer.
#[must_use]
pub fn desk_button_less_of(language: Language, topic: &str) -> String {
    match language {
        Language::Vi => format!("➖ Bớt tin về {topic}"),
        Language::En => format!("➖ Less news about {topic}"),
    }
}

/// Button: everything but this topic.
#[must_use]
pub fn desk_button_without(language: Language, topic: &str) -> String {
    match language {
        Language::Vi => format!("Bỏ tin về {topic}"),
        Language::En => format!("No news about {topic}"),
    }
}

/// Button: all news.
#[must_use]
pub fn desk_button_all_topics(language: Language) -> String {
    language.pick("📰 Gửi tất cả tin", "📰 All news").to_owned()
}

/// Why something that waited is not sent: people asked for other news meanwhile.
#[must_use]
pub fn delivery_unwanted() -> String {
    super::both("người nhận đã chọn chủ đề khác", "the receiver chose other topics")
}

/// Button: this section of the site as well.
#[must_use]
pub fn desk_button_more_section(language: Language, section: &str) -> String {
    match language {
        Language::Vi => format!("➕ Thêm chuyên mục {section}"),
        Language::En => format!("➕ More of section {section}"),
    }
}

/// Button: this section no longer.
#[must_use]
pub fn desk_button_less_section(language: Language, section: &str) -> String {
    match language {
        Language::Vi => format!("➖ Bớt chuyên mục {section}"),
        Language::En => format!("➖ Less of section {section}"),
    }
}
