//! What happens to a source over time, for the admin.

use super::{Language, both};

/// A source that has failed for long enough to be told.
#[must_use]
pub fn incident_failing() -> String {
    both(
        "nhiều lần liền không đọc được nguồn, bản tin cũ vẫn được giữ",
        "the source could not be read several times in a row, its last feed stays",
    )
}

/// More than half of a list is suddenly new.
#[must_use]
pub fn incident_relaunch() -> String {
    both(
        "quá nửa danh sách bỗng là bài mới nhưng mang ngày cũ, trang có thể vừa làm lại: bài được lưu, không gửi cho ai",
        "more than half of the list is suddenly new with old dates, the site was probably rebuilt: stored, sent to nobody",
    )
}

/// Nothing of a list is left, and all of it is new.
#[must_use]
pub fn incident_replaced() -> String {
    both(
        "không còn bài cũ nào trong danh sách, toàn bài mới và nhiều hơn hẳn mọi khi, trang có thể bị chiếm hoặc vừa làm lại: bài được lưu, từ nay không gửi cho ai cho đến khi bài cũ hiện lại; hãy mở trang xem, nếu đúng là tin của trang thì chạy: loaphuong trust <tên nguồn>",
        "no known article is left in the list, all are new and far more than ever, the site was taken over or rebuilt: stored, and sent to nobody from now on until the known articles are back; look at the site, and if it is well run: loaphuong trust <source>",
    )
}

/// A source reads its site in another way now.
#[must_use]
pub fn incident_healed() -> String {
    both(
        "trang đã đổi giao diện, cách đọc đã học không còn dùng được; đã tự chuyển sang cách đọc mới khớp với các bài đã biết",
        "the pages changed and the learned recipe no longer held; the source now reads them in a way that agrees with the known articles",
    )
}

/// A source whose pages changed beyond recognition.
#[must_use]
pub fn incident_held() -> String {
    both(
        "trang đã đổi và chưa cách đọc nào khớp với các bài đã biết: giữ nguyên bản tin cũ, chưa gửi gì; hãy xem lại trang và sửa khối [[sources]]",
        "the pages changed and nothing that is read agrees with the known articles: the last feed stays, nothing is sent; look at the site and change its [[sources]] block",
    )
}

/// A list that moved for good.
#[must_use]
pub fn incident_moved() -> String {
    both(
        "trang danh sách đã chuyển hẳn sang địa chỉ mới và được đọc ở đó; hãy ghi địa chỉ mới vào cấu hình",
        "the list has moved for good and is read at its new address; put that address into the config",
    )
}

/// A site whose robots.txt asks for a pause that nobody waits for.
#[must_use]
pub fn incident_slow() -> String {
    both(
        "trang xin nghỉ rất lâu giữa hai lần tải, nên mỗi lượt đọc kéo dài nhiều giờ và tin đến chậm; không mất tin nào; hãy hỏi đơn vị quản trị trang có thể giảm Crawl-delay trong robots.txt không",
        "the site asks for a very long pause between two requests, so a visit takes hours and news is late; none of it is lost; ask the site's owner whether Crawl-delay in robots.txt can be lowered",
    )
}

/// What such a site asks for, and what is done.
#[must_use]
pub fn site_rests(host: &str, asked: u64, kept: u64) -> String {
    both(
        &format!("robots.txt của {host} ghi Crawl-delay {asked} giây; chương trình tải mỗi lần một trang, cách nhau {kept} giây"),
        &format!("robots.txt of {host} says Crawl-delay {asked} s; one page is fetched every {kept} s"),
    )
}

/// A source can be read again.
#[must_use]
pub fn incident_over_failing() -> String {
    both("nguồn đã đọc được trở lại", "the source can be read again")
}

/// A source agrees with what was known again.
#[must_use]
pub fn incident_over_held() -> String {
    both("nguồn đã khớp trở lại với các bài đã biết", "the source agrees with the known articles again")
}

/// A list that was taken over is itself again.
#[must_use]
pub fn incident_over_replaced() -> String {
    both("danh sách đã trở lại, tin mới lại được gửi", "the list is itself again, its news is sent again")
}

/// Something else that is over.
#[must_use]
pub fn incident_over() -> String {
    both("việc đã qua", "it is over")
}

/// An incident as `check` shows it.
#[must_use]
pub fn incident_told(what: &str, since: &str, before: &str, after: &str) -> String {
    let part =
        |vi_en: &str, text: &str| if text.is_empty() { String::new() } else { format!("\n  {vi_en}: {}", text.replace('\n', "\n    ")) };
    format!("{what}; {since}{}{}", part(&both("trước", "before"), before), part(&both("nay", "now"), after))
}

/// A site whose articles are all gone at once.
#[must_use]
pub fn site_lost_articles() -> String {
    both(
        "mọi bài vừa hỏi lại đều không còn: coi là lỗi của trang, không coi là gỡ bài",
        "every article asked again is gone: taken as a failure of the site, not as withdrawals",
    )
}

/// A page that holds something else than it did.
#[must_use]
pub fn page_became_another(before: &str, after: &str) -> String {
    both(
        &format!("trang của bài \"{before}\" nay là \"{after}\" và ngắn hẳn đi nên chưa cập nhật"),
        &format!("the page of \"{before}\" now says \"{after}\" and is much shorter, so nothing was updated"),
    )
}

/// How a list was read by a recipe that no longer holds.
#[must_use]
pub fn read_by_recipe(found: usize) -> String {
    both(&format!("theo cách đã học: {found} bài"), &format!("by the learned recipe: {found} articles"))
}

/// How articles were read by a recipe that no longer holds.
#[must_use]
pub fn articles_by_recipe(collapsed: usize, all: usize) -> String {
    both(
        &format!("theo cách đã học, {collapsed} trên {all} bài mất ngày hoặc mất nội dung"),
        &format!("by the learned recipe {collapsed} of {all} articles lost their date or their text"),
    )
}

/// How they are read without it.
#[must_use]
pub fn articles_without(read: usize) -> String {
    both(&format!("không theo cách đã học: đọc đủ {read} bài"), &format!("without it: {read} articles read whole"))
}

/// The line that stands over what the admin is told by message.
#[must_use]
pub const fn admin_title(language: Language) -> &'static str {
    language.pick("Báo người quản trị", "For the admin")
}

/// Something began.
#[must_use]
pub fn admin_report(about: &str, what: &str) -> String {
    format!("⚠ {about}: {what}")
}

/// Something lasts.
#[must_use]
pub fn admin_remind(about: &str, what: &str) -> String {
    format!("⏳ {about}: {} – {what}", both("vẫn chưa xong", "still open"))
}

/// Something is over.
#[must_use]
pub fn admin_clear(about: &str, over: &str) -> String {
    format!("✅ {about}: {over}")
}

/// What stands below: since when, and how it was and is, where that is known.
#[must_use]
pub fn admin_lines(since: &str, before: &str, after: &str) -> Vec<String> {
    let part = |name: String, text: &str| (!text.is_empty()).then(|| format!("{name}: {}", text.replace('\n', "; ")));
    let since = format!("{}: {since}", both("từ lúc", "since"));
    [Some(since), part(both("trước", "before"), before), part(both("nay", "now"), after)].into_iter().flatten().collect()
}

/// A channel, as the admin hears of it.
#[must_use]
pub fn channel_called(name: &str) -> String {
    both(&format!("kênh {name}"), &format!("channel {name}"))
}

/// Nothing gets through on a channel.
#[must_use]
pub fn incident_down() -> String {
    both("mười phút liền không gửi được gì; tin được giữ lại", "nothing gets through for ten minutes; its news is kept")
}

/// Addresses refuse messages.
#[must_use]
pub fn incident_suspended() -> String {
    both(
        "có nơi nhận không cho gửi; tin được giữ lại và sẽ hỏi lại",
        "addresses refuse messages; their news is kept and they are asked again",
    )
}

/// How many addresses refuse, and some of them with their reasons.
#[must_use]
pub fn addresses_refuse(count: i64, some: &[String]) -> String {
    format!("{}\n{}", both(&format!("{count} nơi nhận"), &format!("{count} addresses")), some.join("\n"))
}

/// The platform lets addresses of a channel wait for long.
#[must_use]
pub fn incident_limited() -> String {
    both("nền tảng bắt nơi nhận chờ lâu; tin được giữ lại", "the platform lets addresses wait for long; their news is kept")
}

/// How many wait, and for how long the one that waits the longest.
#[must_use]
pub fn addresses_wait(count: &str, to: &str, until: &str, cause: &str) -> String {
    format!(
        "{}\n{to}: {}: {cause}",
        both(&format!("{count} nơi nhận"), &format!("{count} addresses")),
        both(&format!("đến {until}"), &format!("until {until}"))
    )
}

/// Nobody has to wait any more.
#[must_use]
pub fn incident_over_limited() -> String {
    both("không còn nơi nhận nào phải chờ lâu", "no address has to wait for long any more")
}

/// A channel rests for moments, and that is most of the time.
#[must_use]
pub fn incident_throttled() -> String {
    both("nền tảng cứ chốc chốc lại bắt kênh ngừng; tin đến chậm", "the platform makes the channel stop again and again; news is late")
}

/// How long it rested of the last minutes, and what can be done.
#[must_use]
pub fn channel_rested(rested: i64, window: i64, channel: &str) -> String {
    both(
        &format!(
            "kênh phải nghỉ {rested} trong {window} phút vừa qua; nếu nhật ký ghi 429 (gửi quá nhanh) thì giảm pace của kênh {channel}"
        ),
        &format!("it rested {rested} of the last {window} minutes; if the log says 429 (too many), lower the pace of channel {channel}"),
    )
}

/// It goes on without such rests.
#[must_use]
pub fn incident_over_throttled() -> String {
    both("kênh gửi đều trở lại", "the channel sends steadily again")
}

/// A channel's messages of the month are used up.
#[must_use]
pub fn incident_spent() -> String {
    both("số tin của tháng đã dùng hết", "the month's messages are used up")
}

/// Those for news are, the rest is for what is urgent.
#[must_use]
pub fn news_spent(left: u32) -> String {
    both(
        &format!("phần của tin thường đã hết: tin thường chờ tháng sau, còn {left} tin cho tin khẩn"),
        &format!("the part for news is used up: news waits for next month, {left} messages are left for what is urgent"),
    )
}

/// A month with messages of its own has begun.
#[must_use]
pub fn incident_over_spent() -> String {
    both("lại có tin để gửi trong tháng này", "there are messages for this month again")
}

/// Deliveries were given up.
#[must_use]
pub fn incident_dead() -> String {
    both("có tin đã chịu, không gửi nữa", "deliveries were given up")
}

/// How many, the last of them, and what can be done.
#[must_use]
pub fn letters_given_up(count: &str, last: i64, title: &str, to: &str, cause: &str, channel: &str) -> String {
    format!(
        "{}: \"{title}\", {to}: {cause}\n{}: loaphuong letters --channel {channel}",
        both(&format!("{count} tin, sau cùng là tin {last}"), &format!("{count} letters, the last is number {last}")),
        both("xem, gửi lại hoặc bỏ", "see, send again or drop them")
    )
}

/// All of them were sent again or dropped.
#[must_use]
pub fn incident_over_dead() -> String {
    both("không còn tin nào đã chịu", "no letter is left that was given up")
}

/// The disk, as the admin hears of it.
#[must_use]
pub fn disk_called() -> String {
    both("ổ đĩa", "the disk")
}

/// It is full, or nearly.
#[must_use]
pub fn incident_full() -> String {
    both(
        "sắp đầy hoặc đã đầy: tin mới có thể chưa ghi và chưa gửi được; không tin nào mất, có chỗ là chạy tiếp",
        "full, or nearly: news may not be stored or sent; nothing is lost, and all goes on when there is room",
    )
}

/// There is room again.
#[must_use]
pub fn incident_over_full() -> String {
    both("đã có chỗ trở lại", "has room again")
}

/// Where, how much is left, and what can be done.
#[must_use]
pub fn disk_left(dir: &std::path::Path, megabytes: u64) -> String {
    let dir = dir.display();
    both(
        &format!("nơi chứa {dir} còn {megabytes} MB; hãy xóa bớt tệp hoặc tăng dung lượng"),
        &format!("{megabytes} MB are left where {dir} stands; delete files or make it larger"),
    )
}

/// It was full, and that could not be written down.
#[must_use]
pub fn disk_was_full() -> String {
    both("ổ đĩa đã đầy một lúc, nên khi đó không báo được", "it was full for a while, which could not be told then")
}

/// A number that is told, or that it is more.
#[must_use]
pub fn counted(count: i64, most: i64) -> String {
    if count > most { format!("> {most}") } else { count.to_string() }
}
