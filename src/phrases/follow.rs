//! The pages that tell how to follow the news: "Theo dõi" and the poster.

use super::Said;

/// Follow: its name.
#[must_use]
pub const fn follow() -> Said {
    Said::new("Theo dõi", "Follow")
}

/// Follow: its heading.
#[must_use]
pub fn follow_title(feed: &str) -> Said {
    Said::made(format!("Theo dõi tin: {feed}"), format!("Follow the news of {feed}"))
}

/// Follow: what it is for.
#[must_use]
pub const fn follow_about() -> Said {
    Said::new(
        "Có tin mới là máy của bà con tự báo, không phải nhớ vào xem. Chọn một cách dưới đây; cách nào cũng miễn phí và bỏ lúc nào cũng được.",
        "Each new article comes to you by itself. Choose any way below; all are free, and you can stop at any time.",
    )
}

/// Follow: which feed.
#[must_use]
pub const fn follow_which() -> Said {
    Said::new("Bà con muốn theo dõi tin nào?", "Which news do you want to follow?")
}

/// Follow: the way by browser notifications.
#[must_use]
pub const fn follow_browser() -> Said {
    Said::new("Thông báo trên máy này", "Notifications on this device")
}

/// Follow: how they work.
#[must_use]
pub const fn follow_browser_how() -> Said {
    Said::new(
        "Không cần tài khoản, không cần cài gì. Bấm nút, rồi chọn “Cho phép” khi trình duyệt hỏi.",
        "No account and nothing to install. Press the button, then choose “Allow” when the browser asks.",
    )
}

/// Follow: the button.
#[must_use]
pub const fn follow_browser_on() -> Said {
    Said::new("Bật thông báo", "Turn notifications on")
}

/// Follow: the button once they are on.
#[must_use]
pub const fn follow_browser_off() -> Said {
    Said::new("Tắt thông báo", "Turn notifications off")
}

/// Follow: they are on.
#[must_use]
pub const fn follow_browser_is_on() -> Said {
    Said::new("Đã bật. Có tin mới, máy này sẽ báo.", "They are on. This device will tell you of news.")
}

/// Follow: they are off.
#[must_use]
pub const fn follow_browser_is_off() -> Said {
    Said::new("Đã tắt. Máy này không nhận thông báo nữa.", "They are off. This device gets no more notifications.")
}

/// Follow: the browser was told not to ask.
#[must_use]
pub const fn follow_browser_denied() -> Said {
    Said::new(
        "Trình duyệt đang chặn thông báo của trang này. Bấm vào biểu tượng bên trái địa chỉ trang, cho phép thông báo, rồi thử lại.",
        "Your browser blocks notifications of this site. Allow them by the sign beside the address, then try again.",
    )
}

/// Follow: something failed on the way.
#[must_use]
pub const fn follow_browser_failed() -> Said {
    Said::new("Chưa bật được. Xin thử lại sau ít phút.", "It did not work. Please try again in a few minutes.")
}

/// Follow: what comes before notifications on a phone that shows them only for sites on its home screen.
#[must_use]
pub const fn follow_home_screen() -> Said {
    Said::new(
        "Trên iPhone, iPad: bấm nút Chia sẻ, chọn “Thêm vào MH chính”, rồi mở trang này từ biểu tượng vừa thêm để bật thông báo.",
        "On an iPhone or iPad: press Share, choose “Add to Home Screen”, then open this page from the new icon to turn notifications on.",
    )
}

/// Follow: what a way is called, by the kind of its channel.
#[must_use]
pub fn follow_way(kind: &str) -> Said {
    match kind {
        "telegram" => Said::new("Telegram", "Telegram"),
        "telegram-bot" => Said::new("Telegram (nhắn riêng)", "Telegram (in private)"),
        "zalo-bot" | "zalo-oa" => Said::new("Zalo", "Zalo"),
        "email" => Said::new("Thư điện tử", "E-mail"),
        "facebook-page" => Said::new("Facebook", "Facebook"),
        "matrix" => Said::new("Matrix", "Matrix"),
        "ntfy" => Said::new("Ứng dụng ntfy", "The ntfy app"),
        "discord" => Said::new("Discord", "Discord"),
        "slack" => Said::new("Slack", "Slack"),
        "teams" => Said::new("Microsoft Teams", "Microsoft Teams"),
        _ => Said::new("Cách khác", "Another way"),
    }
}

/// Follow: how it works, by the kind of its channel.
#[must_use]
pub fn follow_way_how(kind: &str) -> Said {
    match kind {
        "telegram-bot" => Said::new(
            "Máy đã có Telegram: bấm nút (hoặc quét mã), rồi bấm “Bắt đầu”. Sau đó nhắn gì cho bot cũng được: tìm tin, xem tin mới, thôi nhận.",
            "With Telegram on your phone: press the button or scan the code, then press “Start”. Then write to the bot as you like: search, newest, stop.",
        ),
        "telegram" => Said::new(
            "Máy đã có Telegram: bấm nút (hoặc quét mã), rồi bấm “Tham gia” ở cuối màn hình.",
            "With Telegram on your phone: press the button or scan the code, then press “Join”.",
        ),
        "zalo-bot" | "zalo-oa" => Said::new(
            "Máy đã có Zalo: bấm nút (hoặc quét mã bằng Zalo), rồi bấm “Quan tâm” hoặc “Tham gia”.",
            "With Zalo on your phone: press the button or scan the code with Zalo, then press “Follow” or “Join”.",
        ),
        "email" => Said::new(
            "Bấm nút để xin nhận tin bằng thư. Mỗi thư đều có liên kết để thôi nhận.",
            "Press the button to ask for the news by mail. Each letter has a link to leave.",
        ),
        "facebook-page" => {
            Said::new("Bấm nút, rồi bấm “Theo dõi” trên trang Facebook.", "Press the button, then “Follow” on the Facebook page.")
        }
        "ntfy" => Said::new(
            "Cài ứng dụng ntfy (miễn phí), rồi bấm nút hoặc quét mã.",
            "Install the free ntfy app, then press the button or scan the code.",
        ),
        _ => Said::new("Bấm nút hoặc quét mã, rồi làm theo hướng dẫn.", "Press the button or scan the code, and go on from there."),
    }
}

/// Follow: the button to it.
#[must_use]
pub fn follow_open(kind: &str) -> Said {
    let way = follow_way(kind);
    Said::made(format!("Mở {}", way.vi), format!("Open {}", way.en))
}

/// Follow: the way by feed readers.
#[must_use]
pub const fn follow_reader() -> Said {
    Said::new("Ứng dụng đọc tin (RSS)", "A feed reader (RSS)")
}

/// Follow: how feed readers work.
#[must_use]
pub const fn follow_reader_how() -> Said {
    Said::new(
        "Một ứng dụng gom tin từ nhiều trang về một chỗ, không cần tài khoản: Feeder (Android), NetNewsWire (iPhone), Thunderbird (máy tính). Cài ứng dụng, bấm dấu cộng, rồi dán địa chỉ này hoặc quét mã.",
        "An app that gathers the news of many sites, without an account: Feeder (Android), NetNewsWire (iPhone), Thunderbird (computers). Install one, press plus, and paste this address or scan the code.",
    )
}

/// Follow: the label of the field with the feed's address.
#[must_use]
pub const fn follow_address() -> Said {
    Said::new("Địa chỉ bản tin", "Address of the feed")
}

/// Follow: the feed in its other shapes.
#[must_use]
pub const fn follow_shapes() -> Said {
    Said::new("Dạng khác", "Other formats")
}

/// Follow: the link to the poster.
#[must_use]
pub const fn follow_poster() -> Said {
    Said::new("In áp phích có mã QR", "Print a poster with a QR code")
}

/// Follow: what a code leads to, for those who cannot see it.
#[must_use]
pub fn follow_code(address: &str) -> Said {
    Said::made(format!("Mã QR của địa chỉ {address}"), format!("QR code of the address {address}"))
}

/// Poster: above the title.
#[must_use]
pub const fn poster_call() -> Said {
    Said::new("Tin của phường, ngay trên điện thoại của bà con", "The news of your ward, on your phone")
}

/// Poster: what to do.
#[must_use]
pub const fn poster_steps() -> [Said; 3] {
    [
        Said::new("Mở máy ảnh hoặc Zalo trên điện thoại.", "Open the camera or Zalo on your phone."),
        Said::new("Đưa vào mã vuông này, bấm vào địa chỉ hiện ra.", "Point it at this code and press the address that appears."),
        Said::new("Chọn cách nhận tin tiện nhất với mình.", "Choose the way that suits you best."),
    ]
}

/// Poster: what it brings.
#[must_use]
pub const fn poster_examples() -> Said {
    Said::new(
        "Cắt điện, cắt nước, tiêm chủng, họp tổ dân phố, lịch tiếp dân: có tin là biết ngay. Miễn phí.",
        "Power and water cuts, vaccinations, meetings: you know at once. Free of charge.",
    )
}

/// Poster: for those without a camera.
#[must_use]
pub const fn poster_typed() -> Said {
    Said::new("Hoặc gõ vào trình duyệt", "Or type into your browser")
}
