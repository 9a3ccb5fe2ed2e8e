//! What the hub tells subscribers and the admin.

use super::both;

/// A field that is missing.
#[must_use]
pub fn hub_missing(name: &str) -> String {
    both(&format!("thiếu {name}"), &format!("{name} is missing"))
}

/// A mode that subscribers cannot ask for.
#[must_use]
pub fn hub_mode(is_publish: bool) -> String {
    if is_publish {
        return both(
            "hub này chỉ phát bản tin của chính máy này và tự biết khi nào tin đổi; không cần hub.mode=publish",
            "this hub serves the feeds of this server alone and knows by itself when they change; there is no need of hub.mode=publish",
        );
    }
    both("hub.mode phải là subscribe hoặc unsubscribe", "hub.mode must be subscribe or unsubscribe")
}

/// A topic of another server.
#[must_use]
pub fn hub_topic_elsewhere() -> String {
    both(
        "hub.topic phải là địa chỉ một bản tin của máy này, viết đúng như trong Link rel=\"self\" của bản tin",
        "hub.topic must be the address of a feed of this server, written as in its Link rel=\"self\"",
    )
}

/// A search as a topic.
#[must_use]
pub fn hub_topic_search() -> String {
    both(
        "bản tin theo từ khóa không đăng ký qua hub được; hãy đăng ký bản tin đầy đủ (bỏ phần sau dấu ?) rồi tự lọc",
        "a search has no hub; follow the whole feed (without what stands behind the ?) and filter it yourself",
    )
}

/// A topic without a format.
#[must_use]
pub fn hub_topic_no_format() -> String {
    both(
        "địa chỉ này không nói rõ định dạng; hãy dùng địa chỉ trong Link rel=\"self\", ví dụ có đuôi .atom",
        "this address names no format; use that of Link rel=\"self\", such as the one that ends in .atom",
    )
}

/// A topic that does not exist.
#[must_use]
pub fn hub_topic_unknown() -> String {
    both("không có bản tin này", "there is no such feed")
}

/// A callback that is none.
#[must_use]
pub fn hub_callback(longest: usize) -> String {
    both(
        &format!("hub.callback phải là địa chỉ http hoặc https, không có mật khẩu, không có phần #, dài nhất {longest} ký tự"),
        &format!("hub.callback must be an http or https address without password or fragment, of at most {longest} characters"),
    )
}

/// A callback at a port of something else.
#[must_use]
pub fn hub_callback_port(port: u16) -> String {
    both(
        &format!("hub.callback không được dùng cổng {port}; hãy dùng 80, 443 hoặc một cổng web từ 1024 trở lên"),
        &format!("hub.callback may not be at port {port}; use 80, 443 or a web port from 1024 on"),
    )
}

/// A callback that leads into a private network.
#[must_use]
pub fn hub_callback_private() -> String {
    both("hub.callback nằm trong mạng nội bộ", "hub.callback is inside a private network")
}

/// A secret that is too long.
#[must_use]
pub fn hub_secret(limit: usize) -> String {
    both(&format!("hub.secret phải ngắn hơn {limit} byte"), &format!("hub.secret must be shorter than {limit} bytes"))
}

/// A form that is none.
#[must_use]
pub fn hub_not_a_form() -> String {
    both("hãy gửi dạng application/x-www-form-urlencoded", "post it as application/x-www-form-urlencoded")
}

/// Too much waits to be verified.
#[must_use]
pub fn hub_busy() -> String {
    both("đang có nhiều yêu cầu chờ xác minh, hãy thử lại sau", "many requests wait to be verified, try again later")
}

/// There is no room for more subscribers.
#[must_use]
pub fn hub_full() -> String {
    both("bản tin này hoặc máy chủ của bạn đã có quá nhiều đăng ký", "this feed or your host has too many subscribers already")
}

/// A request that was taken.
#[must_use]
pub fn hub_accepted() -> String {
    both("đã nhận, sẽ hỏi lại hub.callback để xác minh", "accepted, hub.callback will be asked to confirm it")
}

/// Log: the store or the disk failed.
#[must_use]
pub fn log_hub_failed() -> String {
    both("hub chưa làm được, sẽ thử lại", "the hub failed, trying again")
}

/// Log: a subscriber was asked.
#[must_use]
pub fn log_hub_verified() -> String {
    both("đã hỏi bên đăng ký", "a subscriber was asked")
}

/// Log: a subscriber did not take the content.
#[must_use]
pub fn log_hub_ping_failed() -> String {
    both("bên đăng ký chưa nhận bản tin", "a subscriber did not take the content")
}

/// Log: the named hub did not take an announcement.
#[must_use]
pub fn log_hub_unreached() -> String {
    both("hub ghi ở [hub] url chưa nhận tin báo", "the hub of [hub] url did not take an announcement")
}
