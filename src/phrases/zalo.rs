//! What Zalo did, and what an admin has to do there.

use super::both;

/// A chat's id that Zalo cannot have given.
#[must_use]
pub fn zalo_bot_address() -> String {
    both(
        "nơi nhận Zalo là mã cuộc trò chuyện (chat.id) mà bot nhận được, chỉ gồm chữ, số và dấu gạch",
        "a Zalo chat is the id that the bot was told (chat.id): letters, digits and dashes",
    )
}

/// The bot's own server failed, and said so.
#[must_use]
pub fn zalo_bot_trouble(said: &str) -> String {
    both("máy chủ Zalo Bot đang trục trặc, sẽ gửi lại", &format!("the server of Zalo Bot is in trouble, will be tried again: {said}"))
}

/// Whose token it is, and whether groups can be reached.
#[must_use]
pub fn zalo_bot_known(name: &str, groups: Option<bool>) -> String {
    let (vi, en) = match groups {
        Some(true) => ("thêm được vào nhóm", "can be added to groups"),
        Some(false) => ("chưa thêm được vào nhóm", "cannot be added to groups yet"),
        None => ("không rõ có thêm được vào nhóm không", "whether it can be added to groups is not told"),
    };
    both(&format!("mã bot đúng, tên bot là {name}; {vi}"), &format!("the token is right, the bot is {name}; {en}"))
}

/// Somebody wrote to the bot: where to answer.
#[must_use]
pub fn zalo_bot_writer(name: &str, chat: &str) -> String {
    both(
        &format!("{name} vừa nhắn cho bot; địa chỉ để gửi là {chat}"),
        &format!("{name} wrote to the bot; the address to send to is {chat}"),
    )
}
