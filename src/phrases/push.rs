//! Notifications in browsers.

use super::both;

/// A key pair that is none, or half of one.
#[must_use]
pub fn push_bad_keys() -> String {
    both(
        "public_key và private_key phải là một cặp khóa VAPID (base64url), hoặc bỏ cả hai để chương trình tự tạo",
        "public_key and private_key must be one VAPID pair in base64url; leave both out to have one made",
    )
}

/// A contact that is none.
#[must_use]
pub fn push_bad_subject() -> String {
    both("subject phải bắt đầu bằng mailto: hoặc https://", "subject begins with mailto: or https://")
}

/// What a browser told of itself is not in order.
#[must_use]
pub fn push_bad_browser() -> String {
    both("trình duyệt gửi thông tin đăng ký không đúng", "what the browser told of its subscription is not in order")
}

/// The channel has no store to keep its key and its browsers in.
#[must_use]
pub fn push_no_store() -> String {
    both("chưa có kho tin để giữ khóa; hãy chạy chương trình một lần", "there is no store yet for the key; run the daemon once")
}

/// An address of a browser that is none.
#[must_use]
pub fn push_address() -> String {
    both(
        "trình duyệt tự đăng ký trên trang web; không ghi nơi nhận loại này vào cấu hình",
        "browsers subscribe by themselves on the page; such an address is not written into the config",
    )
}

/// A browser that is not remembered: it has left, or its push service has ended it.
#[must_use]
pub fn push_unknown_browser() -> String {
    both("trình duyệt này không còn đăng ký nhận tin", "this browser is not subscribed any more")
}

/// A push service that takes nothing that we sign.
#[must_use]
pub fn push_untrusted(said: &str) -> String {
    both(
        "máy chủ thông báo không nhận chữ ký VAPID của chương trình; hãy xem giờ của máy và subject. Không đăng ký nào bị xóa",
        &format!("the push service does not trust our VAPID token; check the clock and subject. No subscription ends by it: {said}"),
    )
}

/// The key that pages give to browsers.
#[must_use]
pub fn check_push_key(public: &str) -> String {
    both("đã có cặp khóa VAPID", &format!("the VAPID pair is there, its public key is {public}"))
}

/// Log: an address that will never come back; its subscriptions were deleted.
#[must_use]
pub const fn log_ended() -> &'static str {
    "Nơi nhận không còn nữa, đã xóa đăng ký của nó (an address has ended, its subscriptions are deleted)"
}
