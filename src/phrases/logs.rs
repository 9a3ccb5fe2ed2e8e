//! What the log says.

use super::both;

/// Log: nothing gets through on a channel.
#[must_use]
pub fn log_channel_down() -> String {
    both("kênh đang không gửi được, tin được giữ lại", "the channel is down, its news is kept")
}

/// Log: a channel works again.
#[must_use]
pub fn log_channel_up() -> String {
    both("kênh đã gửi được trở lại", "the channel works again")
}

/// Log: news goes by the second way of its subscription.
#[must_use]
pub fn log_diverted() -> String {
    both("tin đi đường thứ hai (fallback)", "news goes by the second way (fallback)")
}

/// Log: a channel has another name in the config.
#[must_use]
pub fn log_channel_renamed() -> String {
    both("kênh đã đổi tên: việc gửi còn dở chuyển sang tên mới", "a channel was renamed: what is owed on it goes along")
}

/// Log: the database failed.
#[must_use]
pub fn log_store_failed() -> String {
    both("lỗi cơ sở dữ liệu, sẽ thử lại", "the database failed, trying again")
}

/// Log: the database works again.
#[must_use]
pub fn log_store_works() -> String {
    both("cơ sở dữ liệu đã ghi được trở lại", "the database works again")
}

/// Log: an outcome could not be committed.
#[must_use]
pub fn log_settle_failed() -> String {
    both("chưa ghi được kết quả gửi, đang ghi lại (không gửi lại)", "an outcome is not committed yet, trying again (nothing is sent again)")
}

/// Log: sent.
#[must_use]
pub fn log_sent() -> String {
    both("đã gửi", "sent")
}

/// Log: sent later.
#[must_use]
pub fn log_later() -> String {
    both("chưa gửi được, sẽ gửi sau", "not sent, later")
}

/// Log: in doubt.
#[must_use]
pub fn log_in_doubt() -> String {
    both("chưa rõ tin đã tới hay chưa", "perhaps delivered")
}

/// Log: given up.
#[must_use]
pub fn log_dead() -> String {
    both("thôi không gửi nữa; xem: loaphuong letters", "given up; see: loaphuong letters")
}

/// Log: something on a page could not be read.
#[must_use]
pub fn log_problem() -> String {
    both("có chỗ không đọc được", "something could not be read")
}

/// Log: a source could not be read.
#[must_use]
pub fn log_poll_failed() -> String {
    both("không đọc được nguồn, bản tin cũ vẫn được giữ", "the source could not be read, its last feed stays")
}

/// Log: a source was read.
#[must_use]
pub fn log_polled() -> String {
    both("đã đọc nguồn", "the source was read")
}

/// Log: a feed file could not be written.
#[must_use]
pub fn log_publish_failed() -> String {
    both(
        "không ghi được tệp bản tin, sẽ thử lại; hãy kiểm tra quyền ghi và dung lượng đĩa",
        "a feed file could not be written, trying again; check rights and disk space",
    )
}

/// Log: a page could not be answered.
#[must_use]
pub fn log_page_failed() -> String {
    both("không trả lời được một yêu cầu", "a request could not be answered")
}

/// Log: a connection could not be accepted.
#[must_use]
pub fn log_accept_failed() -> String {
    both("không nhận được kết nối mới", "a connection could not be accepted")
}

/// Log: work under way did not end in time.
#[must_use]
pub fn log_slow_stop() -> String {
    both("có việc chưa xong khi dừng, sẽ làm tiếp lần sau", "some work did not end in time, it is taken up at the next start")
}

/// Log: a changed config is in force.
#[must_use]
pub fn log_config_taken() -> String {
    both("đã nhận cấu hình mới", "the new config is in force")
}

/// Log: a changed config is wrong.
#[must_use]
pub fn log_config_refused() -> String {
    both("cấu hình mới có lỗi nên chưa dùng, vẫn chạy theo cấu hình cũ", "the changed config is wrong and was not taken, the old one stays")
}

/// Log: a change that needs a restart.
#[must_use]
pub fn log_needs_restart() -> String {
    both(
        "thay đổi ở store, [server] listen hoặc [feeds] dir chỉ có hiệu lực sau khi khởi động lại",
        "a change of store, [server] listen or [feeds] dir takes effect after a restart",
    )
}

/// Log: an address refuses us.
#[must_use]
pub fn log_suspended() -> String {
    both(
        "nơi nhận không cho gửi; tin được giữ lại, sẽ hỏi lại sau vài giờ, hoặc: loaphuong letters retry",
        "an address refuses messages; its news is kept and it is asked again in some hours, or: loaphuong letters retry",
    )
}

/// Log: an address takes messages again.
#[must_use]
pub fn log_accepts_again() -> String {
    both("nơi nhận đã cho gửi lại", "an address takes messages again")
}

/// Log: times were found that only a wrong clock can have set.
#[must_use]
pub fn log_clock_was_wrong() -> String {
    both(
        "đồng hồ máy từng chạy sai; những gì hẹn quá xa được gửi ngay",
        "the clock was wrong for a while; what lay too far ahead is due now",
    )
}

/// Log: a message was refused for what this program made of it, and sent in a simpler form.
#[must_use]
pub fn log_message_eased() -> String {
    both(
        "tin bị từ chối vì cách trình bày nên đã gửi bản đơn giản hơn; đây là lỗi của chương trình, xin báo cho người phát triển",
        "a message was refused for its form and sent in a simpler one; this is a bug of the program, please report it",
    )
}

/// Log: a probe by change hit another message of ours.
#[must_use]
pub fn log_probe_overwrote() -> String {
    both(
        "dò bằng cách sửa đã sửa nhầm một tin khác của bot; nơi này sẽ không dò như vậy nữa. Xin xem tin này, và tắt edit_probe nếu một nhóm có nhiều nơi nhận hoặc bot còn chương trình khác dùng",
        "a probe by change has changed another message of the bot; this chat is not probed so any more. Look at this message, and switch edit_probe off where a chat has several addresses or another program uses the bot",
    )
}
