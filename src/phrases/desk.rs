//! What people read who talk to a bot, and what is told of it.

use super::{Language, both};

/// A feed is followed from now on.
#[must_use]
pub fn desk_followed(language: Language, feed: &str) -> String {
    match language {
        Language::Vi => format!(
            "Xong rồi ạ. Từ nay {feed} có tin mới là gửi ngay vào đây.\n\nMuốn tìm tin cũ, bà con cứ gõ vài chữ, ví dụ: cắt điện\nMuốn thôi nhận tin, gõ: dừng"
        ),
        Language::En => format!(
            "Done. From now on each new article of {feed} comes here at once.\n\nTo look for older news just write a few words, for example: power cut\nTo get no more, write: stop"
        ),
    }
}

/// It was followed before.
#[must_use]
pub fn desk_followed_already(language: Language, feed: &str) -> String {
    match language {
        Language::Vi => format!("Nơi này đang theo dõi {feed} rồi ạ. Có tin mới là gửi ngay.\n\nMuốn thôi nhận tin, gõ: dừng"),
        Language::En => format!("{feed} is followed here already. Each new article comes at once.\n\nTo get no more, write: stop"),
    }
}

/// Which ward somebody lives in.
#[must_use]
pub fn desk_which(language: Language, house: &str) -> String {
    match language {
        Language::Vi => format!("Chào bà con, đây là {house}.\nBà con ở phường nào? Gõ tên phường hoặc xã, không cần dấu, ví dụ: tho quan"),
        Language::En => format!("Hello, this is {house}.\nWhich ward do you live in? Write its name, for example: tho quan"),
    }
}

/// Few feeds to choose from.
#[must_use]
pub fn desk_choose(language: Language, house: &str) -> String {
    match language {
        Language::Vi => format!("Chào bà con, đây là {house}.\nBà con muốn nhận tin nào? Bấm một nút dưới đây:"),
        Language::En => format!("Hello, this is {house}.\nWhich news do you want? Press a button:"),
    }
}

/// Feeds that may be meant; of more than are shown only the first.
#[must_use]
pub fn desk_meant(language: Language, all: usize, shown: usize) -> String {
    match (language, all > shown) {
        (Language::Vi, false) => "Bà con bấm vào nơi muốn nhận tin:".to_owned(),
        (Language::Vi, true) => format!("Có {all} nơi tên như vậy, đây là {shown} nơi đầu. Gõ thêm tên tỉnh, thành phố để tìm cho gần:"),
        (Language::En, false) => "Press the one that you want news of:".to_owned(),
        (Language::En, true) => format!("{all} have that name, these are the first {shown}. Add the name of the province:"),
    }
}

/// No feed has such a name.
#[must_use]
pub fn desk_none_meant(language: Language, said: &str) -> String {
    match language {
        Language::Vi => format!("Chưa thấy nơi nào tên “{said}”. Bà con gõ lại tên phường hoặc xã giúp ạ."),
        Language::En => format!("No place is called “{said}”. Please write the name of your ward again."),
    }
}

/// Feeds are followed no longer.
#[must_use]
pub fn desk_stopped(language: Language, feeds: &str) -> String {
    match language {
        Language::Vi => format!("Đã dừng. Từ nay không gửi tin của {feeds} vào đây nữa. Lúc nào muốn nhận lại thì bấm nút dưới đây."),
        Language::En => format!("Stopped. No more news of {feeds} comes here. To get it again, press the button."),
    }
}

/// There is nothing to stop.
#[must_use]
pub fn desk_nothing(language: Language) -> String {
    language.pick("Nơi này chưa theo dõi tin nào.", "Nothing is followed here.").to_owned()
}

/// What is followed.
#[must_use]
pub fn desk_mine(language: Language, feeds: &str) -> String {
    match language {
        Language::Vi => format!("Nơi này đang theo dõi:\n{feeds}"),
        Language::En => format!("Followed here:\n{feeds}"),
    }
}

/// How it works.
#[must_use]
pub fn desk_help(language: Language) -> String {
    language
        .pick(
            "Bà con cứ nhắn như nói chuyện, có dấu hay không dấu đều được:\n• vài chữ muốn tìm: cắt điện\n• tin mới\n• theo dõi (kèm tên phường)\n• dừng: thôi nhận tin\n• đang theo dõi gì\n• ban đêm đừng nhắn\n• gửi gộp mỗi sáng 7h\n• chỉ gửi tin về cúp điện, nước",
            "Just write, with or without accents:\n• a few words to look for: power cut\n• news\n• follow, with the name of a ward\n• stop\n• mine: what is followed here\n• quiet at night\n• digest every morning 7am\n• only power cuts, water",
        )
        .to_owned()
}

/// What was found by a question.
#[must_use]
pub fn desk_found(language: Language, question: &str) -> String {
    match language {
        Language::Vi => format!("Tin có “{question}”, mới nhất ở trên:"),
        Language::En => format!("News about “{question}”, the newest first:"),
    }
}

/// Nothing was.
#[must_use]
pub fn desk_found_none(language: Language, question: &str) -> String {
    match language {
        Language::Vi => format!("Chưa có tin nào về “{question}”. Bà con thử ít chữ hơn, hoặc chữ khác."),
        Language::En => format!("There is no news about “{question}”. Try fewer words, or others."),
    }
}

/// What to look for was not said.
#[must_use]
pub fn desk_search_what(language: Language) -> String {
    language
        .pick("Bà con muốn tìm gì? Gõ vài chữ, ví dụ: cắt điện", "What are you looking for? Write a few words, for example: power cut")
        .to_owned()
}

/// Above the newest news.
#[must_use]
pub fn desk_newest(language: Language) -> String {
    language.pick("Tin mới nhất:", "The newest:").to_owned()
}

/// There is no news yet.
#[must_use]
pub fn desk_no_news(language: Language) -> String {
    language.pick("Chưa có tin nào.", "There is no news yet.").to_owned()
}

/// Only who decides for a group may change what it gets.
#[must_use]
pub fn desk_admins_only(language: Language) -> String {
    language
        .pick(
            "Chỉ quản trị viên của nhóm mới đổi được việc nhận tin của nhóm. Bà con có thể nhắn riêng cho bot để tự nhận tin.",
            "Only the admins of this group can change what it gets. You can write to the bot in private to get news yourself.",
        )
        .to_owned()
}

/// The bot was taken into a group.
#[must_use]
pub fn desk_hello(language: Language, house: &str) -> String {
    match language {
        Language::Vi => format!("Chào cả nhà, đây là {house}. Quản trị viên của nhóm bấm nút để nhóm nhận tin."),
        Language::En => format!("Hello, this is {house}. An admin of this group presses the button to get its news here."),
    }
}

/// A button that is none of ours, or not for this chat.
#[must_use]
pub fn desk_no_button(language: Language) -> String {
    language.pick("Nút này không dùng được nữa.", "This button does not work any more.").to_owned()
}

/// Button: follow a feed.
#[must_use]
pub fn desk_button_follow(language: Language, feed: &str) -> String {
    match language {
        Language::Vi => format!("🔔 Theo dõi {feed}"),
        Language::En => format!("🔔 Follow {feed}"),
    }
}

/// Button: leave a feed.
#[must_use]
pub fn desk_button_leave(language: Language, feed: &str) -> String {
    match language {
        Language::Vi => format!("🔕 Thôi nhận {feed}"),
        Language::En => format!("🔕 Leave {feed}"),
    }
}

/// Button: leave all.
#[must_use]
pub fn desk_button_leave_all(language: Language) -> String {
    language.pick("🔕 Thôi nhận tất cả", "🔕 Leave all").to_owned()
}

/// Button: the newest news.
#[must_use]
pub fn desk_button_news(language: Language) -> String {
    language.pick("📰 Tin mới", "📰 News").to_owned()
}

/// Button: what is followed.
#[must_use]
pub fn desk_button_mine(language: Language) -> String {
    language.pick("📋 Đang theo dõi gì", "📋 What I follow").to_owned()
}

/// Button: which feeds there are.
#[must_use]
pub fn desk_button_choose(language: Language) -> String {
    language.pick("🔔 Chọn nơi nhận tin", "🔔 Choose what to follow").to_owned()
}

/// Button: how it works.
#[must_use]
pub fn desk_button_help(language: Language) -> String {
    language.pick("❓ Hướng dẫn", "❓ Help").to_owned()
}

/// Button: the same search on the page.
#[must_use]
pub fn desk_button_more(language: Language) -> String {
    language.pick("Xem thêm trên trang", "More on the page").to_owned()
}

/// The commands that a platform's menu shows, and what they do.
#[must_use]
pub const fn desk_commands(language: Language) -> [(&'static str, &'static str); 9] {
    match language {
        Language::Vi => [
            ("tin", "Tin mới nhất"),
            ("tim", "Tìm tin, ví dụ: /tim cắt điện"),
            ("dangky", "Theo dõi tin của phường"),
            ("dung", "Thôi nhận tin"),
            ("toi", "Đang theo dõi gì"),
            ("yenlang", "Giờ yên lặng, ví dụ: /yenlang 22h-6h"),
            ("gop", "Gộp tin, ví dụ: /gop mỗi sáng 7h"),
            ("chude", "Chủ đề, ví dụ: /chude cúp điện, nước"),
            ("giup", "Hướng dẫn"),
        ],
        Language::En => [
            ("news", "The newest news"),
            ("search", "Look for news: /search power cut"),
            ("follow", "Follow the news of a ward"),
            ("stop", "Get no more news"),
            ("mine", "What is followed here"),
            ("quiet", "Quiet hours: /quiet 22:00-6:00"),
            ("digest", "One message: /digest every day at 7:00"),
            ("topics", "Topics: /topics power cuts, water"),
            ("help", "How it works"),
        ],
    }
}

/// Why nothing is sent to a chat: the platform told that the bot may not write there.
#[must_use]
pub fn desk_cause_left() -> String {
    both("người nhận đã chặn bot, hoặc nhóm đã mời bot ra", "the bot was blocked, or taken out of the group")
}

/// Nothing that people say can be heard.
#[must_use]
pub fn incident_deaf() -> String {
    both("bot không nghe được người dân nhắn gì; tin vẫn được gửi", "what people write to the bot cannot be heard; news is sent as ever")
}

/// It can be heard again.
#[must_use]
pub fn incident_over_deaf() -> String {
    both("bot lại nghe được người dân nhắn", "what people write to the bot is heard again")
}

/// Two programs listen with one token.
#[must_use]
pub fn listen_conflict(said: &str) -> String {
    both(
        &format!(
            "có hai chương trình cùng nghe bằng một mã bot: tắt bớt một, hoặc ghi listen = \"off\" cho kênh này; Telegram nói: {said}"
        ),
        &format!("two copies run with one token: stop one of them, or set listen = \"off\" for this channel; Telegram said: {said}"),
    )
}

/// Updates of the bot are pushed to somebody else.
#[must_use]
pub fn listen_other_webhook(host: &str) -> String {
    both(
        &format!("bot đang đặt webhook ở {host}, không phải của chương trình này: gỡ webhook đó, hoặc ghi listen = \"off\" cho kênh này"),
        &format!("the bot has a webhook at {host} that is not ours: delete it, or set listen = \"off\" for this channel"),
    )
}

/// Webhooks need an address that the platform can reach.
#[must_use]
pub fn listen_needs_base_url() -> String {
    both(
        "listen = \"webhook\" cần [site] base_url là địa chỉ https mà nền tảng gọi tới được",
        "listen = \"webhook\" needs [site] base_url to be an https address that the platform can reach",
    )
}

/// Log: people cannot be heard on a channel.
#[must_use]
pub const fn log_deaf() -> &'static str {
    "Chưa nghe được người dân nhắn cho bot, sẽ thử lại; tin vẫn được gửi (people cannot be heard, trying again; news is sent as ever)"
}

/// Log: they can be heard again.
#[must_use]
pub const fn log_hears() -> &'static str {
    "Đã nghe được người dân nhắn cho bot (people can be heard)"
}

/// Log: an answer could not be given.
#[must_use]
pub const fn log_unanswered() -> &'static str {
    "Không trả lời được người nhắn (an answer could not be given)"
}

/// Log: the menu of commands could not be set.
#[must_use]
pub const fn log_no_menu() -> &'static str {
    "Chưa đặt được danh sách lệnh của bot (the menu of the bot's commands could not be set)"
}

/// Where a platform has no buttons: what people can write.
#[must_use]
pub fn talk_you_can_say(language: Language, words: &str) -> String {
    format!("{}: {words}", language.pick("Bạn có thể nhắn", "You can write"))
}

/// An answer would cost a message that is kept for urgent news.
#[must_use]
pub fn log_answers_cost() -> String {
    both("không trả lời: phần còn lại của tháng dành cho tin khẩn", "not answered: what is left of the month is kept for urgent news")
}
