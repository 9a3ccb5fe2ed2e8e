//! What any platform did with a message, in words that name it.

use super::both;

/// Its server could not be reached: nothing was sent.
#[must_use]
pub fn platform_unreachable(platform: &str, error: &str) -> String {
    both(&format!("không nối được tới máy chủ {platform}"), &format!("cannot reach the server of {platform}: {error}"))
}

/// The connection broke before anything was sent.
#[must_use]
pub fn platform_not_sent(platform: &str, error: &str) -> String {
    both(&format!("mất kết nối với {platform} trước khi gửi"), &format!("the connection to {platform} broke before sending: {error}"))
}

/// The answer was lost.
#[must_use]
pub fn platform_answer_lost(platform: &str, error: &str) -> String {
    both(&format!("không nhận được trả lời của {platform}"), &format!("no answer from {platform}: {error}"))
}

/// An answer that is not the platform's own.
#[must_use]
pub fn platform_strange(platform: &str, status: u16) -> String {
    both(
        &format!("máy chủ {platform} trả lời không đúng dạng (HTTP {status})"),
        &format!("{platform} gave an answer that makes no sense, HTTP {status}"),
    )
}

/// Too much was sent; the platform asks to wait.
#[must_use]
pub fn platform_flood(platform: &str, said: &str) -> String {
    both(&format!("{platform} yêu cầu gửi chậm lại"), &format!("{platform} asks to slow down: {said}"))
}

/// The token or key is refused.
#[must_use]
pub fn platform_token(platform: &str, said: &str) -> String {
    both(
        &format!("{platform} không nhận mã truy cập; hãy kiểm tra lại mã trong cấu hình"),
        &format!("{platform} refuses the token or key; check it in the config: {said}"),
    )
}

/// The right to write there is missing.
#[must_use]
pub fn platform_no_right(platform: &str, said: &str) -> String {
    both(&format!("không có quyền gửi vào nơi nhận này trên {platform}"), &format!("not allowed to write there on {platform}: {said}"))
}

/// The receiver has blocked us, is deleted, or has unsubscribed.
#[must_use]
pub fn platform_gone(platform: &str, said: &str) -> String {
    both(&format!("nơi nhận trên {platform} không còn nhận tin"), &format!("the receiver on {platform} takes no more: {said}"))
}

/// A place that is not there.
#[must_use]
pub fn platform_no_such_place(platform: &str, said: &str) -> String {
    both(&format!("không có nơi nhận này trên {platform}"), &format!("there is no such place on {platform}: {said}"))
}

/// More than the platform takes in one message.
#[must_use]
pub fn platform_too_long(platform: &str, said: &str) -> String {
    both(&format!("tin quá dài đối với {platform}"), &format!("too long for {platform}: {said}"))
}

/// Refused, for a reason that only the platform's words tell.
#[must_use]
pub fn platform_refused(platform: &str, said: &str) -> String {
    both(&format!("{platform} không nhận tin: {said}"), &format!("{platform} refused the message: {said}"))
}

/// The server is in trouble.
#[must_use]
pub fn platform_trouble(platform: &str, said: &str) -> String {
    both(&format!("máy chủ {platform} gặp lỗi"), &format!("the server of {platform} is in trouble: {said}"))
}

/// The platform redirects, which a right address never does.
#[must_use]
pub fn platform_redirected(platform: &str, status: u16) -> String {
    both(
        &format!("máy chủ {platform} chuyển sang địa chỉ khác; hãy kiểm tra lại địa chỉ trong cấu hình"),
        &format!("the server of {platform} redirects, which is not followed: HTTP {status}"),
    )
}

/// A table of rooms with nothing in it.
#[must_use]
pub fn rooms_none() -> String {
    both("chưa có phòng nào trong rooms", "there is no room in `rooms`")
}

/// A room whose secret is no address.
#[must_use]
pub fn room_no_address(platform: &str, room: &str) -> String {
    both(
        &format!("phòng {room:?}: địa chỉ webhook của {platform} phải bắt đầu bằng https://"),
        &format!("room {room:?}: a webhook of {platform} is an https:// address"),
    )
}

/// A room that the config does not have.
#[must_use]
pub fn room_unknown(platform: &str, room: &str, known: &[&str]) -> String {
    let known = known.join(", ");
    both(
        &format!("kênh {platform} không có phòng {room:?}; có: {known}"),
        &format!("this channel of {platform} has no room {room:?}; it has: {known}"),
    )
}

/// A room whose webhook was deleted.
#[must_use]
pub fn room_dead(platform: &str, room: &str) -> String {
    both(
        &format!("webhook của phòng {room:?} trên {platform} đã bị xóa; hãy tạo webhook mới và sửa cấu hình"),
        &format!("the webhook of room {room:?} on {platform} was deleted; make a new one and change the config"),
    )
}

/// An address on Matrix that is none.
#[must_use]
pub fn matrix_address() -> String {
    both(
        "nơi nhận Matrix là mã phòng như !abc:may-chu.vn hoặc tên phòng như #phuong:may-chu.vn",
        "a Matrix room is an id such as !abc:server.org or an alias such as #ward:server.org",
    )
}

/// A topic of ntfy that is none.
#[must_use]
pub fn ntfy_address() -> String {
    both("chủ đề ntfy gồm 1 đến 64 chữ không dấu, số, gạch nối", "a topic of ntfy has 1 to 64 letters, digits, - or _")
}

/// A Facebook page's address that is none.
#[must_use]
pub fn facebook_address() -> String {
    both("nơi nhận Facebook là mã số của trang", "a Facebook page is given by its numeric id")
}

/// Facebook has blocked the page or the app from posting for a while.
#[must_use]
pub fn facebook_blocked(said: &str) -> String {
    both("Facebook tạm chặn trang này đăng bài", &format!("Facebook blocks this page from posting: {said}"))
}
