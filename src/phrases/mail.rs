//! E-mail, the keys that the house makes itself, and the way out of a subscription.

use super::{Language, both};

/// A server of e-mail that is none.
#[must_use]
pub fn email_server(written: &str) -> String {
    both(
        &format!("máy chủ thư {written:?} không đúng; hãy ghi như mail.phuong.vn:587 hoặc smtps://mail.phuong.vn"),
        &format!("{written:?} is no mail server; write it as mail.ward.org:587 or smtps://mail.ward.org"),
    )
}

/// A server that would be talked to in the open.
#[must_use]
pub fn email_not_in_the_open(host: &str) -> String {
    both(
        &format!("không gửi thư hay mật khẩu đến {host} mà không mã hóa; hãy dùng tls = \"starttls\" hoặc \"wrapped\""),
        &format!("letters and passwords do not go to {host} in the open; use tls = \"starttls\" or \"wrapped\""),
    )
}

/// A sender's address that is none.
#[must_use]
pub fn email_from(written: &str) -> String {
    both(
        &format!("địa chỉ {written:?} không đúng; hãy ghi như \"Loa phường <loa@phuong.vn>\""),
        &format!("{written:?} is no address; write it as \"Ward news <news@ward.org>\""),
    )
}

/// A recipient's address that is none.
#[must_use]
pub fn email_address(written: &str) -> String {
    both(&format!("{written:?} không phải là địa chỉ thư điện tử"), &format!("{written:?} is no e-mail address"))
}

/// A user without a password, or the other way round.
#[must_use]
pub fn email_half_login() -> String {
    both("user và password phải có cả hai hoặc bỏ cả hai", "user and password go together")
}

/// A server without STARTTLS, where it is wanted.
#[must_use]
pub const fn email_no_starttls() -> &'static str {
    "no STARTTLS"
}

/// No reply in time.
#[must_use]
pub const fn email_no_reply() -> &'static str {
    "no reply in time"
}

/// More was said than any reply has to say.
#[must_use]
pub const fn email_endless() -> &'static str {
    "an endless reply"
}

/// All connections to the server were busy.
#[must_use]
pub const fn email_no_place() -> &'static str {
    "other letters took all connections for too long"
}

/// The words of the link to leave by.
#[must_use]
pub const fn email_leave(language: Language) -> &'static str {
    language.pick("Ngừng nhận thư này", "Unsubscribe")
}

/// The mail server lets us in.
#[must_use]
pub fn check_mail_server(host: &str, secret: bool) -> String {
    if secret {
        return both(
            &format!("máy chủ thư {host} cho vào, đường truyền được mã hóa"),
            &format!("the mail server {host} lets us in, encrypted"),
        );
    }
    both(
        &format!("máy chủ thư {host} cho vào, nhưng đường truyền KHÔNG mã hóa"),
        &format!("the mail server {host} lets us in, but NOT encrypted"),
    )
}

/// The mail server takes letters for an address.
#[must_use]
pub fn check_mail_accepted() -> String {
    both("máy chủ nhận chuyển thư đến địa chỉ này", "the server takes letters for this address")
}

/// Another process is making a key.
#[must_use]
pub fn house_key_in_the_making() -> String {
    both("tiến trình khác đang tạo khóa, sẽ thử lại", "another process is making the key, will be tried again")
}

/// The machine gives no random numbers.
#[must_use]
pub fn house_key_no_random() -> String {
    both("máy không cho số ngẫu nhiên để tạo khóa", "the machine gives no random numbers for a key")
}

/// A key that the store keeps and nobody can read.
#[must_use]
pub fn house_key_broken() -> String {
    both("khóa lưu trong kho tin bị hỏng", "the key kept in the store is broken")
}

/// Page: the question before leaving.
#[must_use]
pub fn page_leave(language: Language, feed: &str) -> String {
    match language {
        Language::Vi => format!("Ngừng nhận tin “{feed}”?"),
        Language::En => format!("Stop receiving “{feed}”?"),
    }
}

/// Page: the button to leave.
#[must_use]
pub const fn page_leave_button(language: Language) -> &'static str {
    language.pick("Ngừng nhận tin", "Unsubscribe")
}

/// Page: left.
#[must_use]
pub fn page_left(language: Language, feed: &str) -> String {
    match language {
        Language::Vi => format!("Đã ngừng gửi tin “{feed}” đến bạn."),
        Language::En => format!("You will receive no more of “{feed}”."),
    }
}

/// Why an address that the config names gets no more: its reader asked so.
#[must_use]
pub fn delivery_left() -> String {
    both("người nhận đã bấm ngừng nhận tin", "the reader has unsubscribed by the link")
}

/// Log: the reader of an address that the config names has left; only the admin can take it out.
#[must_use]
pub const fn log_left() -> &'static str {
    "Người nhận ghi trong cấu hình đã ngừng nhận tin; hãy xóa mục đăng ký đó (a reader named in the config has unsubscribed; take the subscription out)"
}
