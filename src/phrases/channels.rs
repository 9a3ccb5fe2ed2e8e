//! Why a channel did not take a message, or cannot be set up so.

use super::both;

/// A pace of nothing, or less.
#[must_use]
pub fn pace_not_positive() -> String {
    both("tốc độ gửi phải lớn hơn 0", "a pace must be above 0")
}

/// Standard output that takes nothing any more.
#[must_use]
pub fn console_closed(error: &std::io::Error) -> String {
    both(&format!("không in ra màn hình được: {error}"), &format!("cannot print: {error}"))
}

/// An address of a webhook that is none.
#[must_use]
pub fn webhook_address() -> String {
    both(
        "địa chỉ webhook phải bắt đầu bằng https:// hoặc http:// và không chứa mật khẩu",
        "a webhook's address is an https:// or http:// URL without a password in it",
    )
}

/// A secret of a webhook that begins with `whsec_`, but does not go on in base64.
#[must_use]
pub fn webhook_secret_form() -> String {
    both("phần sau whsec_ của mã bí mật phải là base64", "what follows whsec_ in the secret must be base64")
}

/// A receiver that could not be reached, or gave no answer.
#[must_use]
pub fn webhook_unreachable(error: &str) -> String {
    both("không gửi được đến máy nhận, sẽ gửi lại", &format!("the receiver gave no answer, will be tried again: {error}"))
}

/// What a receiver answered.
#[must_use]
pub fn webhook_status(status: u16) -> String {
    match status {
        410 => both("máy nhận không muốn nhận tin nữa", "the receiver wants no more: HTTP 410"),
        300..=399 => both(
            "máy nhận chuyển sang địa chỉ khác; hãy ghi địa chỉ mới vào cấu hình",
            &format!("the receiver redirects, which is not followed: HTTP {status}"),
        ),
        _ => both(&format!("máy nhận trả lời mã lỗi {status}"), &format!("the receiver answered HTTP {status}")),
    }
}

/// An address that Telegram cannot have.
#[must_use]
pub fn telegram_address() -> String {
    both(
        "nơi nhận Telegram là một số như -1001234567890 hoặc @ten_kenh, thêm /17 nếu là chủ đề 17",
        "a Telegram chat is a number such as -1001234567890 or @name, with /17 for topic 17",
    )
}

/// An answer that is not the Bot API's.
#[must_use]
pub fn telegram_strange_answer(status: u16) -> String {
    both("máy chủ Telegram trả lời không đúng dạng", &format!("an answer that is not the Bot API's: HTTP {status}"))
}

/// A redirect: something stands between us and Telegram, or `api` is wrong.
#[must_use]
pub fn telegram_redirected(status: u16) -> String {
    both("địa chỉ api không phải máy chủ Telegram", &format!("the api address redirects: HTTP {status}"))
}

/// The token was refused.
#[must_use]
pub fn telegram_token(said: &str) -> String {
    both("Telegram không nhận mã bot; hãy xem lại token", &format!("Telegram refuses the token: {said}"))
}

/// Too many messages.
#[must_use]
pub fn telegram_flood(said: &str) -> String {
    both("Telegram yêu cầu gửi chậm lại", &format!("Telegram asks to slow down: {said}"))
}

/// Telegram has a problem of its own.
#[must_use]
pub fn telegram_trouble(said: &str) -> String {
    both("máy chủ Telegram đang trục trặc", &format!("trouble at Telegram: {said}"))
}

/// Blocked, kicked, deleted.
#[must_use]
pub fn telegram_gone(said: &str) -> String {
    both(
        "nơi nhận đã chặn bot, đã đưa bot ra khỏi nhóm hoặc không còn nữa",
        &format!("the bot was blocked or removed, or the chat is gone: {said}"),
    )
}

/// The bot may not write there.
#[must_use]
pub fn telegram_no_right(said: &str) -> String {
    both(
        "bot chưa có quyền đăng tin ở nơi nhận; hãy cho bot làm quản trị viên có quyền đăng",
        &format!("the bot may not post there, make it an administrator: {said}"),
    )
}

/// The forum topic is closed.
#[must_use]
pub fn telegram_topic_closed(said: &str) -> String {
    both("chủ đề trong nhóm đã đóng; hãy mở lại hoặc đổi chủ đề", &format!("the topic is closed: {said}"))
}

/// No such chat.
#[must_use]
pub fn telegram_no_such_chat(said: &str) -> String {
    both(
        "Telegram không tìm thấy nơi nhận; hãy xem lại địa chỉ, và thêm bot vào kênh hoặc nhóm đó",
        &format!("no such chat, or the bot is not in it: {said}"),
    )
}

/// Too long, which is our own mistake.
#[must_use]
pub fn telegram_too_long(said: &str) -> String {
    both(
        "tin quá dài đối với Telegram: lỗi của chương trình, xin báo cho người phát triển",
        &format!("too long for Telegram, a bug of this program: {said}"),
    )
}

/// Anything else that Telegram refused.
#[must_use]
pub fn telegram_refused(said: &str) -> String {
    both("Telegram từ chối tin này", &format!("Telegram refused this message: {said}"))
}
