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

/// A refresh token that was used before.
#[must_use]
pub fn zalo_refresh_used() -> String {
    both("mã làm mới đã được dùng ở nơi khác", "the refresh token was used before")
}

/// A renewal that Zalo refused for something other than the token.
#[must_use]
pub fn zalo_refresh_refused(said: &str) -> String {
    both(
        &format!("Zalo không làm mới mã truy cập; hãy xem lại app_id và secret: {said}"),
        &format!("Zalo does not renew the token; check app_id and secret: {said}"),
    )
}

/// A renewal without an answer.
#[must_use]
pub fn zalo_refresh_lost(why: &str) -> String {
    both("chưa rõ Zalo đã làm mới mã truy cập hay chưa", &format!("whether Zalo renewed the tokens is not known: {why}"))
}

/// Another process renews the tokens.
#[must_use]
pub fn zalo_renewed_elsewhere() -> String {
    both("một tiến trình khác đang làm mới mã truy cập Zalo", "another process is renewing the Zalo tokens")
}

/// An access token that Zalo refuses.
#[must_use]
pub fn zalo_token_rejected() -> String {
    both("Zalo không nhận mã truy cập", "Zalo refuses the access token")
}

/// Nothing was pasted yet.
#[must_use]
pub fn zalo_no_tokens() -> String {
    both("chưa có cặp mã truy cập", "there are no tokens yet")
}

/// Only a person can help, and how.
#[must_use]
pub fn zalo_needs_consent(app: &str, why: &str) -> String {
    both(
        &format!(
            "cần cấp quyền lại cho Zalo OA, tin được giữ lại chờ ({why}). Mở https://developers.zalo.me/tools/explorer, chọn ứng dụng {app}, \
             chọn OA Access Token, bấm lấy mã, rồi dán access token và refresh token (mỗi mã một dòng) vào tệp của khóa tokens"
        ),
        &format!(
            "the Official Account must consent anew, news is kept ({why}). Open https://developers.zalo.me/tools/explorer, choose app {app}, \
             OA Access Token, get one, and paste access token and refresh token, a line each, into the file that tokens names"
        ),
    )
}

/// An Official Account was lost.
#[must_use]
pub fn zalo_consent_lost(key: &str) -> String {
    both(&format!("mất quyền gửi qua Zalo OA ({key})"), &format!("the consent of the Zalo account is lost: {key}"))
}

/// The second copy of the tokens could not be written.
#[must_use]
pub fn zalo_copy_failed() -> String {
    both("không ghi được bản sao mã truy cập Zalo", "the copy of the Zalo tokens could not be written")
}

/// Pasted tokens that are none.
#[must_use]
pub fn zalo_pasted_form() -> String {
    both(
        "tokens phải gồm hai dòng: access token, rồi refresh token; hoặc đoạn JSON mà API Explorer đưa ra",
        "tokens must be two lines: the access token, then the refresh token; or the JSON that API Explorer shows",
    )
}

/// An address that an Official Account cannot have.
#[must_use]
pub fn zalo_oa_address() -> String {
    both(
        "nơi nhận Zalo OA là user/MÃ_SỐ, group/MÃ_NHÓM, article hoặc broadcast",
        "a Zalo OA address is user/ID, group/ID, article or broadcast",
    )
}

/// A picture for articles that have none is needed.
#[must_use]
pub fn zalo_no_cover() -> String {
    both(
        "Zalo đòi mỗi bài một ảnh bìa: bài này không có ảnh, và cấu hình không có cover",
        "Zalo wants a cover for each article: this one has no picture, and the config no cover",
    )
}

/// Zalo has not finished with an article.
#[must_use]
pub fn zalo_article_processing() -> String {
    both("Zalo đang xử lý bài", "Zalo is still processing the article")
}

/// Zalo sends nothing to everybody at night.
#[must_use]
pub fn zalo_night(said: &str) -> String {
    both("Zalo không cho gửi hàng loạt từ 22 giờ đến 6 giờ", &format!("Zalo broadcasts nothing from 22:00 to 06:00: {said}"))
}

/// What a month allows is used up.
#[must_use]
pub fn zalo_month_used(said: &str) -> String {
    both("đã hết số tin của tháng này, tin được giữ lại chờ", &format!("this month's allowance is used up, news is kept: {said}"))
}

/// Something that an administrator must set right at Zalo.
#[must_use]
pub fn zalo_admin_needed(said: &str) -> String {
    both(
        &format!("cần người quản trị OA xử lý tại Zalo (xác thực OA, gói dịch vụ hoặc quyền của ứng dụng): {said}"),
        &format!("an administrator of the OA has to act at Zalo (verification, package or the app's permissions): {said}"),
    )
}

/// A broadcast that may have gone out.
#[must_use]
pub fn zalo_broadcast_unknown() -> String {
    both(
        "chưa rõ tin phát cho mọi người đã đi hay chưa nên không phát lại; hãy xem trong Zalo OA Manager, nếu chưa thì: loaphuong letters retry",
        "whether the broadcast went out is not known, so it is not repeated; look in Zalo OA Manager, and if it did not: loaphuong letters retry",
    )
}

/// An article is being made by another send.
#[must_use]
pub fn zalo_article_elsewhere() -> String {
    both("bài đang được tạo ở một lượt gửi khác", "another send is making this article")
}

/// Which account it is.
#[must_use]
pub fn zalo_oa_known(name: &str, package: &str, verified: bool, followers: &str) -> String {
    let (vi, en) = if verified { ("đã xác thực", "verified") } else { ("chưa xác thực", "not verified") };
    both(
        &format!("mã truy cập đúng, OA là {name}, {vi}, gói {package}, {followers} người quan tâm"),
        &format!("the token is right, the OA is {name}, {en}, package {package}, {followers} followers"),
    )
}

/// The tokens are of another account.
#[must_use]
pub fn zalo_oa_other(found: &str, wanted: &str) -> String {
    both(
        &format!("mã truy cập là của OA {found}, còn cấu hình ghi oa_id là {wanted}"),
        &format!("the tokens are of OA {found}, the config says oa_id {wanted}"),
    )
}

/// What was to be remembered could not be.
#[must_use]
pub fn memory_failed(error: &str) -> String {
    both("kho tin không ghi nhớ được", &format!("the store cannot remember: {error}"))
}

/// A file of tokens could not be written.
#[must_use]
pub fn memory_unwritten(path: &std::path::Path, error: &std::io::Error) -> String {
    let path = path.display();
    both(&format!("không ghi được {path}: {error}"), &format!("cannot write {path}: {error}"))
}

/// Two channels for one Official Account.
#[must_use]
pub fn zalo_account_twice(first: &dyn std::fmt::Display) -> String {
    both(
        &format!(
            "OA này đã có kênh ở {first}; mã của Zalo chỉ dùng được một lần nên hai kênh sẽ làm hỏng mã của nhau. Hãy giữ một kênh, các nơi nhận khác nhau viết ở [[subscriptions]]"
        ),
        &format!(
            "this account has a channel at {first}; Zalo's tokens work once, so two channels would end each other's. Keep one, and name the addresses in [[subscriptions]]"
        ),
    )
}
