//! What became of a delivery, and of the database it stands in.

use super::both;

/// The database's file or folder cannot be used.
#[must_use]
pub fn store_unusable(path: &std::path::Path, error: &dyn std::fmt::Display) -> String {
    let path = path.display();
    both(
        &format!("không dùng được cơ sở dữ liệu {path}: {error}; hãy kiểm tra thư mục có tồn tại và có quyền ghi"),
        &format!("cannot use the database {path}: {error}; check that its folder exists and may be written"),
    )
}

/// The database was written by a newer loaphuong.
#[must_use]
pub fn store_newer(found: i64, known: i64) -> String {
    both(
        &format!(
            "cơ sở dữ liệu thuộc phiên bản mới hơn (lược đồ {found}, bản này chỉ biết đến {known}); chưa thay đổi gì; hãy cài loaphuong mới hơn"
        ),
        &format!(
            "the database is of a newer version (schema {found}, this build knows {known}); nothing was touched; install a newer loaphuong"
        ),
    )
}

/// The database's file is damaged.
#[must_use]
pub fn store_damaged(path: &std::path::Path, damage: &str) -> String {
    let path = path.display();
    both(
        &format!(
            "cơ sở dữ liệu {path} bị hỏng: {damage}; tệp được giữ nguyên; hãy chép lại bản sao lưu, hoặc đổi tên tệp này để bắt đầu lại"
        ),
        &format!("the database {path} is damaged: {damage}; the file was left as it is; restore a backup, or move it away to start anew"),
    )
}

/// The database cannot be opened for another reason.
#[must_use]
pub fn store_refused(error: &str) -> String {
    both(&format!("không mở được cơ sở dữ liệu: {error}"), &format!("cannot open the database: {error}"))
}

/// Another daemon runs on the same database.
#[must_use]
pub fn store_held(path: &std::path::Path, pid: &str) -> String {
    let path = path.display();
    both(
        &format!("một loaphuong khác (tiến trình {pid}) đang dùng {path}; hãy dừng nó trước"),
        &format!("another loaphuong (process {pid}) is using {path}; stop it first"),
    )
}

/// A send that took longer than allowed.
#[must_use]
pub fn send_timed_out() -> String {
    both("quá lâu không có trả lời, chưa rõ tin đã tới hay chưa", "no answer in time, perhaps delivered")
}

/// An entry of which no message could be made.
#[must_use]
pub fn nothing_to_send() -> String {
    both("bài không có nội dung để gửi", "the entry gives no message")
}

/// A group became a supergroup.
#[must_use]
pub fn address_moved() -> String {
    both("nhóm đã đổi sang địa chỉ mới, gửi lại ngay", "the group has a new address, sent again at once")
}

/// A doubt settled: it had not arrived.
#[must_use]
pub fn doubt_not_arrived() -> String {
    both("đã hỏi lại: tin chưa tới, gửi lại", "asked: it had not arrived, sent again")
}

/// A doubt that nothing can settle, resent once.
#[must_use]
pub fn doubt_resent() -> String {
    both("không rõ tin đã tới hay chưa, gửi lại một lần", "perhaps delivered, sent once more")
}

/// Two messages in a row whose outcome nobody can tell.
#[must_use]
pub fn channel_untold() -> String {
    both(
        "gửi liền mấy lần đều không rõ kết quả, kênh có vẻ đang trục trặc",
        "several messages in a row without a clear outcome, the channel seems to be in trouble",
    )
}

/// A doubt that waits for its channel.
#[must_use]
pub fn doubt_waits() -> String {
    both(
        "không rõ tin đã tới hay chưa; kênh đang trục trặc, khi kênh thông lại sẽ gửi lại một lần",
        "perhaps delivered; sent once more when the channel, which is in trouble, is tried again",
    )
}

/// A doubt after the one resend.
#[must_use]
pub fn doubt_given_up() -> String {
    both("hai lần gửi đều không rõ kết quả, không gửi nữa để khỏi lặp tin", "in doubt twice, not repeated again")
}

/// A doubt on a channel that never repeats.
#[must_use]
pub fn doubt_skipped() -> String {
    both(
        "không rõ tin đã tới hay chưa; kênh này đặt on_doubt = \"skip\" nên không gửi lại",
        "perhaps delivered; on_doubt = \"skip\" forbids a resend",
    )
}

/// A delivery that is no longer owed.
#[must_use]
pub fn delivery_withdrawn() -> String {
    both("trang nguồn đã gỡ bài nên không gửi nữa", "the site took the article back, so it is not sent any more")
}

/// What was owed to somebody who unsubscribed.
#[must_use]
pub fn delivery_unsubscribed() -> String {
    both("người nhận đã hủy theo dõi", "the receiver has unsubscribed")
}

/// What was owed to an address that is no longer in the config.
#[must_use]
pub fn address_unnamed() -> String {
    both("địa chỉ này không còn trong cấu hình", "this address is no longer in the config")
}

/// A channel has used up its messages of the month.
#[must_use]
pub fn budget_spent() -> String {
    both(
        "đã dùng hết số tin của tháng; tin được giữ lại đến tháng sau hoặc đi đường thứ hai",
        "the month's messages are used up; news is kept until next month or goes by the second way",
    )
}

/// A channel has used up its messages of the day.
#[must_use]
pub fn log_budget_put_off() -> String {
    both(
        "đã dùng hết số tin của hôm nay; tin thường chờ bản tin gộp, tin khẩn vẫn gửi",
        "today's share of the month's messages is used up; news waits for a list, urgent news still leaves",
    )
}
