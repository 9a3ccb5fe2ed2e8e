//! What the command line says.

use super::both;

/// The address is taken, or not ours.
#[must_use]
pub fn cannot_listen(address: std::net::SocketAddr) -> String {
    both(
        &format!("không mở được {address}; có thể chương trình khác đang dùng cổng này, hãy đổi [server] listen"),
        &format!("cannot listen on {address}; another program may use it, change [server] listen"),
    )
}

/// The runtime could not be started.
#[must_use]
pub fn no_runtime() -> String {
    both("máy không cấp đủ tài nguyên để khởi động", "the machine gives too few resources to start")
}

/// One source's round, as a plain line.
#[must_use]
pub fn round_line(title: &str, new: usize, changed: usize, cause: Option<&str>, next: &str) -> String {
    match cause {
        Some(cause) => format!("• {title}: chưa đọc được (not read): {cause}; ghé lại lúc {next}"),
        None => format!("• {title}: {new} bài mới, {changed} bài sửa ({new} new, {changed} changed); ghé lại lúc (next visit) {next}"),
    }
}

/// So many sources are named when the daemon starts; of more, their number is enough.
const NAMED: usize = 10;

/// What a daemon says when it runs.
#[must_use]
pub fn run_intro(config: &std::path::Path, sources: &[&str], feeds: &[String]) -> String {
    let config = config.display();
    if sources.is_empty() {
        return both(&format!("{config}: chưa có nguồn tin nào; hãy thêm một khối [[sources]]"), "no sources yet; add a [[sources]] block");
    }
    let feeds = feeds.iter().map(|f| format!("\n  {f}")).collect::<String>();
    let watched = match sources.split_at_checked(NAMED) {
        Some((named, others @ [_, ..])) => format!("{} và {} nguồn nữa (and {1} more)", named.join(", "), others.len()),
        Some(_) | None => sources.join(", "),
    };
    format!("Đang theo dõi (watching): {watched}\nBản tin (feeds):{feeds}")
}

/// Beside the spinner of `once`.
#[must_use]
pub fn once_under_way() -> String {
    both("đang đọc nguồn và gửi tin…", "reading and sending…")
}

/// What `once` did.
#[must_use]
pub fn once_done(sources: usize, new: usize, changed: usize, files: usize, dead: i64, held: usize) -> String {
    both(
        &format!(
            "Xong: {sources} nguồn, {new} bài mới, {changed} bài sửa, {files} tệp bản tin thay đổi, {dead} tin không gửi được, {held} tin còn chờ"
        ),
        &format!(
            "done: {sources} sources, {new} new, {changed} changed, {files} feed files changed, {dead} dead letters, {held} still waiting"
        ),
    )
}

/// A source that was held back is believed again, or never was held.
#[must_use]
pub fn trusted(source: &str, was_held: bool) -> String {
    if was_held {
        both(
            &format!("Đã tin lại nguồn {source}: bài mới từ nay được gửi; bài đã giữ vẫn ở trong bản tin, không gửi lại."),
            &format!("source {source} is believed again: what is new from now on is sent; what was held stays in its feed"),
        )
    } else {
        both(&format!("Nguồn {source} không bị giữ, không có gì phải làm."), &format!("source {source} is not held: nothing to do"))
    }
}

/// Beside the spinner of `feeds`.
#[must_use]
pub fn feeds_under_way() -> String {
    both("đang ghi bản tin…", "writing feeds…")
}

/// What `feeds` did.
#[must_use]
pub fn feeds_done(files: usize, dir: &std::path::Path) -> String {
    let dir = dir.display();
    both(&format!("Đã ghi {files} tệp thay đổi vào {dir}"), &format!("{files} changed files written to {dir}"))
}

/// A config without a mistake.
#[must_use]
pub fn check_good(sources: usize, channels: usize, subscriptions: usize) -> String {
    both(
        &format!("Cấu hình đúng: {sources} nguồn, {channels} kênh, {subscriptions} đăng ký nhận tin"),
        &format!("the config is right: {sources} sources, {channels} channels, {subscriptions} subscriptions"),
    )
}

/// When a source is visited next.
#[must_use]
pub fn check_next(title: &str, times: &[String]) -> String {
    both(&format!("{title}: các lần ghé tới: {}", times.join("; ")), "next visits")
}

/// No dead letters.
#[must_use]
pub fn letters_none() -> String {
    both("Không có tin nào bị kẹt.", "no dead letters")
}

/// A letter that was given up.
#[must_use]
pub fn letter_dead() -> String {
    both("thôi gửi", "dead")
}

/// A letter that waits for its address.
#[must_use]
pub fn letter_held() -> String {
    both("giữ lại", "held")
}

/// `letters retry` or `drop` without saying which.
#[must_use]
pub fn letters_which() -> String {
    both(
        "Tin nào? Viết số của tin (xem: loaphuong letters), lọc bằng --channel, --source, --since, --until, hoặc --all là mọi tin.",
        "which letters? give their numbers (see: loaphuong letters), a filter (--channel, --source, --since, --until), or --all",
    )
}

/// What `letters retry` did.
#[must_use]
pub fn letters_retried(count: u64) -> String {
    both(&format!("Sẽ gửi lại {count} tin."), &format!("{count} letters are sent again"))
}

/// Letters of a channel that the config does not have.
#[must_use]
pub fn letters_stranded(count: usize, channel: &str) -> String {
    both(
        &format!(
            "{count} tin của kênh {channel} không gửi lại được: cấu hình không có kênh này. Ghi lại [[channels]] rồi chạy lại lệnh, hoặc: loaphuong letters drop --channel {channel}"
        ),
        &format!("{count} letters of {channel} cannot be sent again: the config has no such channel; bring it back, or drop them"),
    )
}

/// What `letters drop` did.
#[must_use]
pub fn letters_dropped(count: u64) -> String {
    both(&format!("Đã bỏ {count} tin."), &format!("{count} letters dropped"))
}

/// The daemon is well.
#[must_use]
pub fn health_good() -> String {
    both("loaphuong đang chạy tốt", "loaphuong is well")
}

/// The daemon answers, but cannot work.
#[must_use]
pub fn health_bad() -> String {
    both("loaphuong đang chạy nhưng không dùng được cơ sở dữ liệu", "loaphuong runs but cannot use its database")
}

/// Nothing answers.
#[must_use]
pub fn health_unreachable(address: std::net::SocketAddr) -> String {
    both(
        &format!("không có trả lời từ {address}; loaphuong có đang chạy không?"),
        &format!("no answer from {address}; is loaphuong running?"),
    )
}

/// An entry without a date.
#[must_use]
pub fn no_date() -> String {
    both("không rõ ngày", "no date")
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn a_country_of_wards_is_told_by_its_number() {
        let wards: Vec<String> = (1..=3321).map(|n| format!("Phường {n}")).collect();
        let wards: Vec<&str> = wards.iter().map(String::as_str).collect();
        let told = |wards: &[&str]| run_intro(std::path::Path::new("config.toml"), wards, &[]);
        assert!(told(&wards).contains("Phường 10 và 3311 nguồn nữa (and 3311 more)\n"), "{}", told(&wards));
        assert!(told(wards.get(..10).unwrap_or_default()).contains("Phường 9, Phường 10\n"));
    }
}
