//! What `why` and `letters` say of one entry on its way to one address.

use super::both;

/// No entry is called so.
#[must_use]
pub fn why_no_entry(wanted: &str) -> String {
    both(&format!("Không có bài nào là \"{wanted}\""), &format!("no entry is called \"{wanted}\""))
}

/// The entry, and since when it is known.
#[must_use]
pub fn why_entry(title: &str, source: &str, seen: &str) -> String {
    both(&format!("Bài \"{title}\" của nguồn {source}, thấy lần đầu {seen}"), &format!("known since {seen}"))
}

/// Several entries are called so.
#[must_use]
pub fn why_several(count: usize) -> String {
    both(&format!("Có {count} bài giống tên, đây là bài mới nhất"), &format!("{count} entries are called so, this is the newest"))
}

/// Its site took it back.
#[must_use]
pub fn why_withdrawn() -> String {
    both("Trang đã gỡ bài này nên không gửi nữa", "its site withdrew it, so it is not sent")
}

/// Nobody subscribed the address to the source.
#[must_use]
pub fn why_no_subscription(to: &str, source: &str) -> String {
    both(&format!("Không có đăng ký nào của {to} cho nguồn {source}"), &format!("no subscription of {to} has the source {source}"))
}

/// A subscription that has the source.
#[must_use]
pub fn why_subscription(feed: &str) -> String {
    both(&format!("Có đăng ký bản tin {feed}"), &format!("subscribed to {feed}"))
}

/// None of the wanted words is in it.
#[must_use]
pub fn why_lacks(words: &[String]) -> String {
    let words = words.join(", ");
    both(&format!("Bài không có từ nào trong include: {words}"), &format!("it says none of the words of include: {words}"))
}

/// An unwanted word is in it.
#[must_use]
pub fn why_has(word: &str) -> String {
    both(&format!("Bài có từ bị loại trong exclude: {word}"), &format!("it says a word of exclude: {word}"))
}

/// It is filed elsewhere.
#[must_use]
pub fn why_filed_elsewhere(categories: &[String]) -> String {
    let categories = categories.join(", ");
    both(&format!("Bài không thuộc mục nào trong categories: {categories}"), &format!("it is in none of categories: {categories}"))
}

/// It was there at the first visit.
#[must_use]
pub fn why_first_visit(welcome: usize) -> String {
    both(
        &format!("Bài có sẵn từ lần đọc đầu tiên; khi đó chỉ gửi {welcome} bài mới nhất (welcome)"),
        &format!("it was there at the first visit, of which only the newest {welcome} are sent (welcome)"),
    )
}

/// It is too old.
#[must_use]
pub fn why_old(published: &str) -> String {
    both(
        &format!("Bài ghi ngày {published}, quá cũ so với lúc thấy: vào bản tin nhưng không gửi cho ai"),
        &format!("it is dated {published}, long before it was seen: it goes to the feed and to nobody"),
    )
}

/// Its list was suddenly new.
#[must_use]
pub fn why_braked() -> String {
    both(
        "Lúc thấy bài, cả danh sách của trang đột nhiên mới (trang làm lại hoặc bị chiếm): vào bản tin nhưng không gửi",
        "the whole list was suddenly new when it was seen (rebuilt or taken over): it goes to the feed and to nobody",
    )
}

/// It is still being brought into the outbox.
#[must_use]
pub fn why_fans_out() -> String {
    both("Bài đang được chia dần cho rất nhiều nơi nhận", "it is being fanned out to very many")
}

/// Nothing was owed, and nothing tells why.
#[must_use]
pub fn why_never_owed() -> String {
    both(
        "Chưa từng được giao: đăng ký này có thể mới thêm hoặc mới đổi sau khi bài đến",
        "it was never owed: the subscription may have been added or changed after it came",
    )
}

/// Since when, and by which feed, it is owed.
#[must_use]
pub fn why_owed(feed: &str, since: &str, id: i64) -> String {
    both(&format!("Được giao từ {since} theo bản tin {feed} (tin số {id})"), &format!("owed since {since} by {feed}, letter {id}"))
}

/// It is urgent.
#[must_use]
pub fn why_urgent() -> String {
    both("Tin khẩn: đi trước mọi tin khác", "urgent: ahead of all else")
}

/// How often nobody knew whether it had arrived, and what was done about it at last.
#[must_use]
pub fn why_doubted(doubts: impl std::fmt::Display, cause: &str) -> String {
    both(&format!("Trước đó {doubts} lần không rõ đã đến hay chưa: {cause}"), &format!("before that it was in doubt, times: {doubts}"))
}

/// It was sent.
#[must_use]
pub fn why_sent(at: &str, ids: &str) -> String {
    both(&format!("Đã gửi lúc {at}, mã tin: {ids}"), &format!("sent at {at} as {ids}"))
}

/// It waits for its time.
#[must_use]
pub fn why_later(until: &str, digest: bool) -> String {
    if digest {
        return both(&format!("Chờ vào danh sách gộp lúc {until}"), &format!("waits for the list at {until}"));
    }
    both(&format!("Chờ đến {until} theo lịch hoặc giờ nghỉ"), &format!("waits until {until} by its schedule or quiet hours"))
}

/// It waits for a list because its channel takes only so many messages a month.
#[must_use]
pub fn why_saved(until: &str, per_month: u32) -> String {
    both(
        &format!(
            "Chờ vào danh sách gộp lúc {until}: kênh này chỉ gửi được {per_month} tin mỗi tháng nên tin thường được gộp lại, tin khẩn vẫn đi ngay"
        ),
        &format!("waits for the list at {until}: its channel takes {per_month} messages a month, so that all but urgent news is gathered"),
    )
}

/// It was tried and waits for another try.
#[must_use]
pub fn why_retry(tries: i64, cause: &str, until: &str) -> String {
    both(&format!("Đã thử {tries} lần, sẽ thử lại lúc {until}: {cause}"), &format!("tried {tries} times, again at {until}"))
}

/// Others to the same address are ahead.
#[must_use]
pub fn why_turn(ahead: i64) -> String {
    both(&format!("Đang chờ lượt, trước nó còn {ahead} tin của nơi này"), &format!("waits for its turn, {ahead} ahead of it"))
}

/// Its address waits for its pace, or because the platform said so.
#[must_use]
pub fn why_paced(until: &str) -> String {
    both(&format!("Nơi nhận chờ nhịp gửi đến {until}"), &format!("its address waits for its pace until {until}"))
}

/// Its address refuses.
#[must_use]
pub fn why_suspended(times: i64, cause: &str, until: &str) -> String {
    both(
        &format!("Nơi nhận không cho gửi, {times} lần liền ({cause}); hỏi lại lúc {until}, hoặc: loaphuong letters retry"),
        &format!("its address refuses, {times} times in a row; asked again at {until}, or: loaphuong letters retry"),
    )
}

/// Its channel is down.
#[must_use]
pub fn why_down(since: &str, cause: &str) -> String {
    both(&format!("Kênh không gửi được từ {since}: {cause}"), &format!("its channel is down since {since}"))
}

/// It is under way.
#[must_use]
pub fn why_sending() -> String {
    both("Đang gửi", "under way")
}

/// Its answer was lost.
#[must_use]
pub fn why_doubt(cause: &str, until: &str) -> String {
    both(&format!("Có thể đã đến, có thể chưa ({cause}); xét lại lúc {until}"), &format!("perhaps delivered, looked into at {until}"))
}

/// It was given up.
#[must_use]
pub fn why_dead(at: &str, cause: &str) -> String {
    both(
        &format!("Thôi gửi lúc {at}: {cause}; gửi lại: loaphuong letters retry"),
        &format!("given up at {at}; to send it again: loaphuong letters retry"),
    )
}

/// It was dropped.
#[must_use]
pub fn why_dropped(cause: &str) -> String {
    both(&format!("Đã bỏ, không gửi nữa. {cause}"), "dropped, not sent any more")
}

/// It goes by the second way.
#[must_use]
pub fn why_diverted(to: &str) -> String {
    both(&format!("Đi đường thứ hai: {to}"), &format!("goes by the second way: {to}"))
}

/// It is here because the first way does not work.
#[must_use]
pub fn why_came_from(origin: &str) -> String {
    both(&format!("Đi thay cho {origin}"), &format!("instead of {origin}"))
}

/// No letter has this number.
#[must_use]
pub fn why_no_letter(id: i64) -> String {
    both(&format!("Không có tin nào số {id}"), &format!("there is no letter {id}"))
}

/// A time that cannot be read.
#[must_use]
pub fn why_bad_time(written: &str) -> String {
    both(
        &format!("không hiểu thời điểm \"{written}\"; cần 2026-11-20, 2026-11-20T08:00:00+07:00 hoặc 7d (bảy ngày trước)"),
        &format!("cannot read the time \"{written}\"; expected 2026-11-20, 2026-11-20T08:00:00+07:00 or 7d (seven days ago)"),
    )
}

/// A letter in doubt.
#[must_use]
pub fn letter_doubt() -> String {
    both("chưa rõ đã đến chưa", "in doubt")
}
