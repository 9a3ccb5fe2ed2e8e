//! What `loaphuong channel test` found.

use super::both;

/// The bot is who the token says.
#[must_use]
pub fn check_bot_known(name: &str) -> String {
    both(&format!("mã bot đúng, tên bot là @{name}"), &format!("the token is right, the bot is @{name}"))
}

/// What holds of the group for probes.
#[must_use]
pub fn check_ops_chat(told: &str) -> String {
    both("nhóm kiểm tra (ops_chat)", &format!("ops_chat: {told}"))
}

/// A private chat, which takes messages until its person blocks the bot.
#[must_use]
pub fn check_private() -> String {
    both("là một người đã nhắn cho bot, gửi được", "a person who wrote to the bot, can be written to")
}

/// A topic in a group that has none.
#[must_use]
pub fn check_no_topics(title: &str) -> String {
    both(
        &format!("nhóm {title:?} không có chủ đề; hãy bỏ phần sau dấu /"),
        &format!("the group {title:?} has no topics; leave out what follows the slash"),
    )
}

/// The right to write is there.
#[must_use]
pub fn check_may_write(title: &str) -> String {
    both(&format!("được phép gửi vào {title:?}"), &format!("may write to {title:?}"))
}

/// The right to write is missing.
#[must_use]
pub fn check_may_not_write(title: &str, channel: bool) -> String {
    if channel {
        return both(
            &format!("bot chưa là quản trị viên có quyền đăng bài của kênh {title:?}; hãy thêm bot vào mục Quản trị viên của kênh"),
            &format!("the bot is no administrator who may post in the channel {title:?}; add it under Administrators"),
        );
    }
    both(
        &format!("bot chưa ở trong nhóm {title:?} hoặc bị cấm gửi tin; hãy thêm bot vào nhóm"),
        &format!("the bot is not in the group {title:?}, or may not write there; add it"),
    )
}

/// A group that became a supergroup.
#[must_use]
pub fn check_moved(to: &str) -> String {
    both(&format!("nhóm đã đổi thành {to}; hãy sửa trong cấu hình"), &format!("the group is {to} now; change it in the config"))
}

/// Only a real message would tell.
#[must_use]
pub fn check_only_sending_tells() -> String {
    both("địa chỉ đúng dạng; chỉ khi gửi thật mới biết có nhận được không", "well-formed; only a real message tells whether it arrives")
}

/// The screen.
#[must_use]
pub fn check_screen() -> String {
    both("in ra màn hình", "prints to the screen")
}

/// The receiver answered something.
#[must_use]
pub fn check_answers(status: u16) -> String {
    both(
        &format!("máy nhận có trả lời (HTTP {status}); chỉ khi gửi thật mới biết có nhận tin không"),
        &format!("the receiver answers (HTTP {status}); only a real message tells whether it takes it"),
    )
}

/// A channel that the config does not have.
#[must_use]
pub fn check_no_channel(name: &str, known: &[&str]) -> String {
    let known = known.join(", ");
    both(&format!("cấu hình không có kênh {name:?}; có: {known}"), &format!("the config has no channel {name:?}; it has: {known}"))
}

/// A webhook that the platform knows, with its name there.
#[must_use]
pub fn check_room_known(platform: &str, name: &str) -> String {
    both(&format!("{platform} nhận webhook này, tên là {name:?}"), &format!("{platform} knows this webhook as {name:?}"))
}

/// A webhook that takes messages.
#[must_use]
pub fn check_room_open(platform: &str) -> String {
    both(&format!("{platform} nhận webhook này"), &format!("{platform} takes messages by this webhook"))
}

/// The account that a token belongs to.
#[must_use]
pub fn check_account(platform: &str, name: &str) -> String {
    both(&format!("mã truy cập {platform} đúng, là của {name}"), &format!("the token is right, the account on {platform} is {name}"))
}

/// An account that is not in a room.
#[must_use]
pub fn check_not_joined(name: &str) -> String {
    both(&format!("{name} chưa vào phòng này; hãy mời vào"), &format!("{name} has not joined this room; invite it"))
}

/// A server that is there.
#[must_use]
pub fn check_server(platform: &str) -> String {
    both(&format!("máy chủ {platform} hoạt động"), &format!("the server of {platform} is well"))
}

/// A token of another page.
#[must_use]
pub fn check_other_page(page: &str) -> String {
    both(
        &format!("mã truy cập là của trang {page}, không phải trang này; hãy lấy mã của trang này (Page access token)"),
        &format!("the token belongs to {page}, not to this page; use this page's own (a page access token)"),
    )
}
