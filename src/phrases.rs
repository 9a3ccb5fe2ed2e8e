//! Every sentence said to people, Vietnamese and English, as functions.

use serde::Deserialize;

/// The language of fixed words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Language {
    /// Vietnamese.
    #[default]
    #[serde(rename = "vi")]
    Vi,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Language {
    /// The language tag (RFC 5646) for feeds and pages.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// One of two texts.
    #[must_use]
    pub const fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

/// A sentence for admins: Vietnamese first, English behind it.
#[must_use]
pub fn both(vi: &str, en: &str) -> String {
    format!("{vi} ({en})")
}

/// The button or link to the article on its own site.
#[must_use]
pub const fn read_original(language: Language) -> &'static str {
    language.pick("Xem bài gốc", "Read the original")
}

/// What stands where a text was cut.
#[must_use]
pub const fn read_on(language: Language) -> &'static str {
    language.pick("Đọc tiếp", "Read on")
}

/// The head of a list of several entries.
#[must_use]
pub fn digest_title(language: Language, feed_title: &str, count: usize) -> String {
    match language {
        Language::Vi => format!("{feed_title}: {count} tin mới"),
        Language::En => format!("{feed_title}: {count} new articles"),
    }
}

/// The label before attachments.
#[must_use]
pub const fn attachments(language: Language) -> &'static str {
    language.pick("Tài liệu đính kèm", "Attachments")
}

/// An environment variable that the config names is not set.
#[must_use]
pub fn secret_env_missing(name: &str) -> String {
    both(
        &format!("biến môi trường {name} chưa được đặt; hãy chạy: export {name}=…"),
        &format!("the environment variable {name} is not set"),
    )
}

/// A secret that is there, but empty.
#[must_use]
pub fn secret_empty() -> String {
    both("giá trị bí mật đang để trống", "the secret is empty")
}

/// A secret written into the config itself.
#[must_use]
pub fn secret_in_plain_text() -> String {
    both(
        "mã bí mật đang viết thẳng trong tệp cấu hình; nên dùng { file = \"…\" } hoặc { env = \"…\" }",
        "the secret stands in the config in plain text; prefer { file = \"…\" } or { env = \"…\" }",
    )
}

/// A secret's file that cannot be read.
#[must_use]
pub fn secret_file_unreadable(path: &std::path::Path, error: &std::io::Error) -> String {
    let path = path.display();
    both(&format!("không đọc được tệp bí mật {path}: {error}"), &format!("cannot read the secret file {path}: {error}"))
}

/// A secret's file that every user of the machine can read.
#[must_use]
pub fn secret_file_open(path: &std::path::Path) -> String {
    let path = path.display();
    both(
        &format!("mọi người dùng trên máy đều đọc được tệp bí mật {path}; hãy chạy: chmod 600 {path}"),
        &format!("every user of this machine can read the secret file {path}; run: chmod 600 {path}"),
    )
}

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
        &format!("cơ sở dữ liệu thuộc phiên bản mới hơn (lược đồ {found}, bản này chỉ biết đến {known}); chưa thay đổi gì; hãy cài loaphuong mới hơn"),
        &format!("the database is of a newer version (schema {found}, this build knows {known}); nothing was touched; install a newer loaphuong"),
    )
}

/// The database's file is damaged.
#[must_use]
pub fn store_damaged(path: &std::path::Path, damage: &str) -> String {
    let path = path.display();
    both(
        &format!("cơ sở dữ liệu {path} bị hỏng: {damage}; tệp được giữ nguyên; hãy chép lại bản sao lưu, hoặc đổi tên tệp này để bắt đầu lại"),
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

/// An address in the config that is empty.
#[must_use]
pub fn address_empty() -> String {
    both("chưa điền địa chỉ trang web", "the address is empty")
}

/// An address without `https://`, with the address that was probably meant.
#[must_use]
pub fn address_without_scheme(meant: Option<&str>) -> String {
    let (vi, en) = ("địa chỉ phải bắt đầu bằng https:// hoặc http://", "an address starts with https:// or http://");
    match meant {
        Some(meant) => both(&format!("{vi}; có phải ý bạn là {meant}?"), &format!("{en}; did you mean {meant}?")),
        None => both(vi, en),
    }
}

/// An address of a kind that is never fetched, such as `ftp:`.
#[must_use]
pub fn address_wrong_scheme(scheme: &str) -> String {
    both(
        &format!("không đọc được địa chỉ loại {scheme}:, chỉ đọc được https:// và http://"),
        &format!("{scheme}: addresses cannot be read, only https:// and http://"),
    )
}

/// An address that no browser would open.
#[must_use]
pub fn address_malformed(error: &str) -> String {
    both(&format!("địa chỉ trang web viết chưa đúng: {error}"), &format!("this is not a web address: {error}"))
}

/// An address with a control character in it.
#[must_use]
pub fn address_control_character() -> String {
    both("địa chỉ có ký tự điều khiển hoặc xuống dòng; hãy gõ lại", "the address contains a control character or line break; type it anew")
}

/// An address longer than is sensible.
#[must_use]
pub fn address_too_long(limit: usize) -> String {
    both(&format!("địa chỉ dài quá {limit} ký tự"), &format!("the address is longer than {limit} bytes"))
}

/// An address with port 0.
#[must_use]
pub fn address_port_zero() -> String {
    both("cổng trong địa chỉ phải từ 1 đến 65535", "the port in an address is 1 to 65535")
}

/// A folder's path that is empty.
#[must_use]
pub fn folder_path_empty() -> String {
    both("chưa điền đường dẫn thư mục", "the path of the folder is empty")
}

/// A path that cannot be made absolute.
#[must_use]
pub fn folder_path_unusable(path: &str) -> String {
    both(&format!("không dùng được đường dẫn thư mục {path}"), &format!("the folder's path {path} cannot be used"))
}

/// An article's file with nothing in it.
#[must_use]
pub fn file_empty(name: &str) -> String {
    both(&format!("tệp {name} trống, chưa có bài"), &format!("the file {name} is empty"))
}

/// An article's file that is no text, such as a Word document with a wrong ending.
#[must_use]
pub fn file_not_text(name: &str) -> String {
    both(
        &format!("tệp {name} không phải văn bản; nếu là tệp Word, Excel hay PDF, hãy chép chữ sang tệp .txt"),
        &format!("the file {name} is not text; if it is a Word, Excel or PDF document, paste its text into a .txt file"),
    )
}

/// Two files that would be the same article.
#[must_use]
pub fn file_twice(name: &str, other: &str) -> String {
    both(
        &format!("tệp {name} trùng tên với {other}, chỉ đọc {other}; hãy đổi tên một trong hai"),
        &format!("{name} has the same name as {other}, only {other} is read; rename one of them"),
    )
}

/// A feed that cannot be read at all.
#[must_use]
pub fn feed_unreadable(error: &str) -> String {
    both(&format!("không đọc được bản tin RSS/Atom: {error}"), &format!("the feed cannot be read: {error}"))
}

/// A feed's entry in which there is nothing to show.
#[must_use]
pub fn feed_entry_empty() -> String {
    both("một mục trong bản tin không có tên, nội dung lẫn liên kết", "an entry of the feed has no title, text or link")
}

/// A feed's entry that relies on entities which the feed itself declares; they are never expanded.
#[must_use]
pub fn feed_entry_entities() -> String {
    both("một mục dùng ký hiệu tự định nghĩa (ENTITY) nên bị bỏ qua", "an entry uses entities that the feed itself declares, so it was left out")
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

/// A key that nobody reads.
#[must_use]
pub fn config_unknown_key(wrong: &str, known: &[&str]) -> String {
    let known = listed(known);
    both(&format!("không có khóa `{wrong}`; các khóa dùng được ở đây: {known}"), &format!("unknown field `{wrong}`, expected one of {known}"))
}

/// A value that is none of the known ones.
#[must_use]
pub fn config_unknown_value(wrong: &str, known: &[&str]) -> String {
    let known = listed(known);
    both(&format!("không hiểu giá trị `{wrong}`; các giá trị dùng được: {known}"), &format!("unknown value `{wrong}`, expected one of {known}"))
}

/// A key that must be there.
#[must_use]
pub fn config_missing_key(name: &str) -> String {
    both(&format!("thiếu khóa `{name}`"), &format!("missing field `{name}`"))
}

/// A value of the wrong type; both halves are the reader's own words.
#[must_use]
pub fn config_wrong_type(found: &str, expected: &str) -> String {
    both(&format!("sai kiểu giá trị: thấy {found}, cần {expected}"), &format!("invalid type: {found}, expected {expected}"))
}

/// A key given twice.
#[must_use]
pub fn config_duplicate_key() -> String {
    both("khóa này đã có ở trên; mỗi khóa chỉ viết một lần", "duplicate key: it was given before")
}

/// Text that is no TOML.
#[must_use]
pub fn config_syntax(message: &str) -> String {
    both(&format!("sai cú pháp TOML: {message}"), &format!("TOML syntax: {message}"))
}

/// A secret in none of its three forms.
#[must_use]
pub fn config_secret_form() -> String {
    both(
        "cần một trong ba dạng: { env = \"TÊN_BIẾN\" }, { file = \"đường/dẫn\" } hoặc \"giá trị\"",
        "expected { env = \"NAME\" }, { file = \"path\" } or \"text\"",
    )
}

/// The nearest known name.
#[must_use]
pub fn did_you_mean(name: &str) -> String {
    format!("gợi ý: có phải `{name}` không? (hint: did you mean `{name}`?)")
}

/// A time span that cannot be read.
#[must_use]
pub fn config_duration(written: &str) -> String {
    both(&format!("không hiểu khoảng thời gian \"{written}\"; ví dụ đúng: \"1s\", \"500ms\", \"2m\""), &format!("cannot read the duration \"{written}\"; write for example \"1s\", \"500ms\", \"2m\""))
}

/// No config where one was looked for.
#[must_use]
pub fn config_missing_file(path: &std::path::Path) -> String {
    let path = path.display();
    both(
        &format!("không thấy tệp cấu hình {path}; hãy chạy trong thư mục có config.toml, hoặc chỉ đường dẫn: loaphuong --config /đường/dẫn/config.toml"),
        &format!("there is no config at {path}; run in the folder that holds config.toml, or give --config PATH"),
    )
}

/// A config that cannot be read for another reason.
#[must_use]
pub fn config_unreadable(error: &dyn std::fmt::Display) -> String {
    both(&format!("không đọc được tệp: {error}"), &format!("cannot read the file: {error}"))
}

/// A config over its size limit.
#[must_use]
pub fn config_too_big(limit: u64) -> String {
    both(&format!("tệp cấu hình lớn hơn {} MiB", limit >> 20), &format!("the config is larger than {} MiB", limit >> 20))
}

/// A config that is not UTF-8.
#[must_use]
pub fn config_not_utf8() -> String {
    both("tệp không phải UTF-8; hãy lưu lại với bảng mã UTF-8", "the file is not UTF-8; save it as UTF-8")
}

/// A name that cannot be a slug.
#[must_use]
pub fn config_bad_name(name: &str) -> String {
    both(
        &format!("tên \"{name}\" không dùng được: chỉ gồm a-z, 0-9 và dấu -, dài 1 đến 64 ký tự"),
        &format!("the name \"{name}\" is not allowed: use a-z, 0-9 and -, 1 to 64 characters"),
    )
}

/// A name that the server keeps for itself.
#[must_use]
pub fn config_reserved_name(name: &str) -> String {
    both(&format!("tên \"{name}\" dành riêng cho máy chủ; hãy chọn tên khác"), &format!("the name \"{name}\" is reserved; choose another"))
}

/// A name given twice.
#[must_use]
pub fn config_twice(name: &str, first: &str) -> String {
    both(&format!("tên \"{name}\" đã dùng ở {first}"), &format!("the name \"{name}\" is taken at {first}"))
}

/// A feed that no source and no combined feed is.
#[must_use]
pub fn config_no_feed(name: &str) -> String {
    both(&format!("không có nguồn hay bảng tin nào tên \"{name}\""), &format!("there is no source or combined feed \"{name}\""))
}

/// A channel that is not there.
#[must_use]
pub fn config_no_channel(name: &str) -> String {
    both(&format!("không có kênh nào tên \"{name}\"; hãy thêm [[channels]] name = \"{name}\""), &format!("there is no channel \"{name}\"; add [[channels]] name = \"{name}\""))
}

/// An address without its two halves.
#[must_use]
pub fn config_bad_address(written: &str) -> String {
    both(
        &format!("\"{written}\" chưa phải địa chỉ nhận; cần \"tên-kênh:nơi-nhận\", ví dụ \"bot:@phuongthoquan\""),
        &format!("\"{written}\" is no address; expected \"channel:chat\", for example \"bot:@phuongthoquan\""),
    )
}

/// A kind that this build does not know.
#[must_use]
pub fn config_no_kind(kind: &str, known: &[&str]) -> String {
    let known = listed(known);
    both(&format!("không có loại `{kind}`; các loại có: {known}"), &format!("unknown kind `{kind}`, expected one of {known}"))
}

/// A key that lists something else than tables.
#[must_use]
pub fn config_not_tables(key: &str) -> String {
    both(&format!("`{key}` phải viết thành các khối [[{key}]]"), &format!("`{key}` must be written as [[{key}]] blocks"))
}

/// A zone that the tz database does not know.
#[must_use]
pub fn config_no_zone(written: &str) -> String {
    both(&format!("không có múi giờ \"{written}\"; ở Việt Nam dùng \"Asia/Ho_Chi_Minh\""), &format!("unknown time zone \"{written}\"; in Việt Nam use \"Asia/Ho_Chi_Minh\""))
}

/// A `base_url` or other web address that is none.
#[must_use]
pub fn config_bad_url(written: &str) -> String {
    both(&format!("\"{written}\" không phải địa chỉ web; cần dạng \"https://ten-mien.vn\""), &format!("\"{written}\" is no web address; expected \"https://name.vn\""))
}

/// A listen address that is none.
#[must_use]
pub fn config_bad_listen(written: &str) -> String {
    both(&format!("\"{written}\" không phải địa chỉ lắng nghe; ví dụ \"127.0.0.1:8080\""), &format!("\"{written}\" is no listen address; write for example \"127.0.0.1:8080\""))
}

/// A number outside its bounds.
#[must_use]
pub fn config_out_of_range(low: u32, high: u32) -> String {
    both(&format!("cần một số từ {low} đến {high}"), &format!("expected a number from {low} to {high}"))
}

/// Quiet hours that cannot be read.
#[must_use]
pub fn config_bad_quiet(written: &str) -> String {
    both(&format!("không hiểu giờ yên lặng \"{written}\"; viết dạng \"22:00-06:00\""), &format!("cannot read the quiet hours \"{written}\"; write \"22:00-06:00\""))
}

/// A schedule that cannot be read.
#[must_use]
pub fn config_bad_schedule(written: &str, error: &crate::schedule::ScheduleError) -> String {
    use crate::schedule::ScheduleError as E;
    let (vi, en) = match error {
        E::Fields(n) => (
            format!("cần 5 phần \"phút giờ ngày tháng thứ\" (hoặc 6, thêm giây ở đầu), đang có {n}"),
            format!("expected 5 fields \"minute hour day month weekday\" (or 6 with seconds in front), found {n}"),
        ),
        E::Extension(c) => (
            format!("không dùng được ký hiệu {c}, vì mỗi chương trình hiểu một khác; hãy viết rõ ngày hoặc thứ"),
            format!("{c} is not supported, as programs disagree about it; write the days out"),
        ),
        E::Field(field) => (format!("không hiểu phần \"{field}\""), format!("cannot read \"{field}\"")),
        E::Never => ("lịch này không bao giờ đến, vì ngày đó không có trong năm".to_owned(), "this schedule never comes: there is no such day".to_owned()),
    };
    both(&format!("lịch \"{written}\" không đúng: {vi}; ví dụ \"0 7,17 * * *\" là 7 giờ và 17 giờ mỗi ngày"), &format!("bad schedule \"{written}\": {en}"))
}

/// A schedule that would visit a stranger's site more than once a minute.
#[must_use]
pub fn config_too_often(written: &str) -> String {
    both(
        &format!("lịch \"{written}\" quá dày: mỗi trang chỉ được ghé nhiều nhất một phút một lần, trừ máy có trong [fetch] allow"),
        &format!("the schedule \"{written}\" is too tight: at most once a minute, but for hosts in [fetch] allow"),
    )
}

/// An include that finds nothing, or itself.
#[must_use]
pub fn config_include(pattern: &str, loops: bool) -> String {
    if loops {
        return both(&format!("include \"{pattern}\" lại gọi chính tệp đang đọc (vòng lặp)"), &format!("include \"{pattern}\" includes the file itself (a loop)"));
    }
    both(&format!("include \"{pattern}\" không thấy tệp nào"), &format!("include \"{pattern}\" finds no file"))
}

/// A key of a later version, understood and without effect.
#[must_use]
pub fn config_fallback_rests() -> String {
    both("`fallback` được ghi nhận nhưng bản này chưa dùng: tin sẽ chờ kênh chính", "`fallback` is noted but not used by this version: news waits for the main channel")
}

/// A pace of nothing, or less.
#[must_use]
pub fn pace_not_positive() -> String {
    both("tốc độ gửi phải lớn hơn 0", "a pace must be above 0")
}

/// Standard output that takes nothing any more.
#[must_use]
pub fn console_closed(error: &std::io::Error) -> String {
    both(&format!("không in ra màn hình được: {error}"), &format!("cannot print: {error}"))
}

/// An address of a webhook that is none.
#[must_use]
pub fn webhook_address() -> String {
    both(
        "địa chỉ webhook phải bắt đầu bằng https:// hoặc http:// và không chứa mật khẩu",
        "a webhook's address is an https:// or http:// URL without a password in it",
    )
}

/// A secret of a webhook that begins with `whsec_`, but does not go on in base64.
#[must_use]
pub fn webhook_secret_form() -> String {
    both("phần sau whsec_ của mã bí mật phải là base64", "what follows whsec_ in the secret must be base64")
}

/// A receiver that could not be reached, or gave no answer.
#[must_use]
pub fn webhook_unreachable(error: &str) -> String {
    both("không gửi được đến máy nhận, sẽ gửi lại", &format!("the receiver gave no answer, will be tried again: {error}"))
}

/// What a receiver answered.
#[must_use]
pub fn webhook_status(status: u16) -> String {
    match status {
        410 => both("máy nhận không muốn nhận tin nữa", "the receiver wants no more: HTTP 410"),
        300..=399 => both(
            "máy nhận chuyển sang địa chỉ khác; hãy ghi địa chỉ mới vào cấu hình",
            &format!("the receiver redirects, which is not followed: HTTP {status}"),
        ),
        _ => both(&format!("máy nhận trả lời mã lỗi {status}"), &format!("the receiver answered HTTP {status}")),
    }
}

/// An address that Telegram cannot have.
#[must_use]
pub fn telegram_address() -> String {
    both(
        "nơi nhận Telegram là một số như -1001234567890 hoặc @ten_kenh, thêm /17 nếu là chủ đề 17",
        "a Telegram chat is a number such as -1001234567890 or @name, with /17 for topic 17",
    )
}

/// The platform's server could not be reached: nothing was sent.
#[must_use]
pub fn telegram_unreachable(error: &str) -> String {
    both("không nối được tới máy chủ Telegram", &format!("cannot reach the Telegram server: {error}"))
}

/// The connection broke before anything was sent.
#[must_use]
pub fn telegram_not_sent(error: &str) -> String {
    both("mất kết nối trước khi gửi", &format!("the connection broke before sending: {error}"))
}

/// The answer was lost: perhaps delivered.
#[must_use]
pub fn telegram_answer_lost(error: &str) -> String {
    both("không nhận được trả lời của Telegram, tin có thể đã đến nơi", &format!("no answer from Telegram, perhaps delivered: {error}"))
}

/// An answer that is not the Bot API's.
#[must_use]
pub fn telegram_strange_answer(status: u16) -> String {
    both(
        "máy chủ Telegram trả lời không đúng dạng, tin có thể đã đến nơi",
        &format!("an answer that is not the Bot API's, perhaps delivered: HTTP {status}"),
    )
}

/// A redirect: something stands between us and Telegram, or `api` is wrong.
#[must_use]
pub fn telegram_redirected(status: u16) -> String {
    both("địa chỉ api không phải máy chủ Telegram", &format!("the api address redirects: HTTP {status}"))
}

/// The token was refused.
#[must_use]
pub fn telegram_token(said: &str) -> String {
    both("Telegram không nhận mã bot; hãy xem lại token", &format!("Telegram refuses the token: {said}"))
}

/// Too many messages.
#[must_use]
pub fn telegram_flood(said: &str) -> String {
    both("Telegram yêu cầu gửi chậm lại", &format!("Telegram asks to slow down: {said}"))
}

/// Telegram has a problem of its own.
#[must_use]
pub fn telegram_trouble(said: &str) -> String {
    both("máy chủ Telegram đang trục trặc", &format!("trouble at Telegram: {said}"))
}

/// Blocked, kicked, deleted.
#[must_use]
pub fn telegram_gone(said: &str) -> String {
    both(
        "nơi nhận đã chặn bot, đã đưa bot ra khỏi nhóm hoặc không còn nữa",
        &format!("the bot was blocked or removed, or the chat is gone: {said}"),
    )
}

/// The bot may not write there.
#[must_use]
pub fn telegram_no_right(said: &str) -> String {
    both(
        "bot chưa có quyền đăng tin ở nơi nhận; hãy cho bot làm quản trị viên có quyền đăng",
        &format!("the bot may not post there, make it an administrator: {said}"),
    )
}

/// The forum topic is closed.
#[must_use]
pub fn telegram_topic_closed(said: &str) -> String {
    both("chủ đề trong nhóm đã đóng; hãy mở lại hoặc đổi chủ đề", &format!("the topic is closed: {said}"))
}

/// No such chat.
#[must_use]
pub fn telegram_no_such_chat(said: &str) -> String {
    both(
        "Telegram không tìm thấy nơi nhận; hãy xem lại địa chỉ, và thêm bot vào kênh hoặc nhóm đó",
        &format!("no such chat, or the bot is not in it: {said}"),
    )
}

/// Too long, which is our own mistake.
#[must_use]
pub fn telegram_too_long(said: &str) -> String {
    both(
        "tin quá dài đối với Telegram: lỗi của chương trình, xin báo cho người phát triển",
        &format!("too long for Telegram, a bug of this program: {said}"),
    )
}

/// Anything else that Telegram refused.
#[must_use]
pub fn telegram_refused(said: &str) -> String {
    both("Telegram từ chối tin này", &format!("Telegram refused this message: {said}"))
}

/// A `store` that is neither engine.
#[must_use]
pub fn config_bad_store() -> String {
    both(
        "`store` phải là \"sqlite://đường/dẫn.db\" hoặc \"postgres://người-dùng@máy-chủ/tên\"",
        "`store` must be \"sqlite://path.db\" or \"postgres://user@host/name\"",
    )
}

/// The HTTP client could not be built.
#[must_use]
pub fn config_no_client(error: &str) -> String {
    both(&format!("không tạo được trình tải trang: {error}"), &format!("cannot build the HTTP client: {error}"))
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

/// A doubt after the one resend.
#[must_use]
pub fn doubt_given_up() -> String {
    both("hai lần gửi đều không rõ kết quả, không gửi nữa để khỏi lặp tin", "in doubt twice, not repeated again")
}

/// A doubt on a channel that never repeats.
#[must_use]
pub fn doubt_skipped() -> String {
    both("không rõ tin đã tới hay chưa; kênh này đặt on_doubt = \"skip\" nên không gửi lại", "perhaps delivered; on_doubt = \"skip\" forbids a resend")
}

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

/// Log: the database failed.
#[must_use]
pub fn log_store_failed() -> String {
    both("lỗi cơ sở dữ liệu, sẽ thử lại", "the database failed, trying again")
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

/// A page on which our own reader failed.
#[must_use]
pub fn page_broke_reader() -> String {
    both("trang này làm bộ đọc bị lỗi; xin báo lỗi cho nhóm phát triển", "this page broke the reader; please report it")
}

/// A page that took too long to understand.
#[must_use]
pub fn page_too_slow() -> String {
    both("trang này quá phức tạp, đọc lâu quá mức cho phép", "this page takes too long to read")
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
    both("không ghi được tệp bản tin, sẽ thử lại; hãy kiểm tra quyền ghi và dung lượng đĩa", "a feed file could not be written, trying again; check rights and disk space")
}

/// What a feed says of itself under its title.
#[must_use]
pub fn feed_about(language: Language, feed_title: &str) -> String {
    match language {
        Language::Vi => format!("{feed_title}: tin tức và thông báo mới nhất"),
        Language::En => format!("{feed_title}: the latest news and notices"),
    }
}

/// Page: the heading over the newest entries.
#[must_use]
pub const fn page_latest(language: Language) -> &'static str {
    language.pick("Tin mới nhất", "Latest news")
}

/// Page: nothing there yet.
#[must_use]
pub const fn page_no_news(language: Language) -> &'static str {
    language.pick("Chưa có tin nào. Xin quay lại sau.", "No news yet. Please come back later.")
}

/// Page: the heading over the feeds.
#[must_use]
pub const fn page_follow(language: Language) -> &'static str {
    language.pick("Theo dõi tin", "Follow the news")
}

/// Page: how feeds are used.
#[must_use]
pub const fn page_follow_how(language: Language) -> &'static str {
    language.pick(
        "Chép một địa chỉ dưới đây vào ứng dụng đọc tin (RSS) trên điện thoại hoặc máy tính; có tin mới là máy tự báo.",
        "Copy one of these addresses into any feed reader; it will tell you of each new article.",
    )
}

/// Page: nothing at this address.
#[must_use]
pub const fn page_missing(language: Language) -> &'static str {
    language.pick("Không tìm thấy trang", "Page not found")
}

/// Page: back to the front.
#[must_use]
pub const fn page_home(language: Language) -> &'static str {
    language.pick("Về trang đầu", "Go to the front page")
}

/// Page: the database did not answer.
#[must_use]
pub fn page_failed() -> String {
    both("Tạm thời chưa xem được, xin thử lại sau ít phút.", "Not available right now, please try again in a few minutes.")
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

/// A CSS selector in a recipe that cannot be read.
#[must_use]
pub fn selector_invalid(selector: &str) -> String {
    both(&format!("bộ chọn CSS viết sai: `{selector}`"), &format!("not a CSS selector: `{selector}`"))
}

/// A recipe's own file that cannot be read as one.
#[must_use]
pub fn recipe_invalid(path: &str, error: &str) -> String {
    both(&format!("tệp công thức {path} viết sai"), &format!("the recipe {path} is wrong: {error}"))
}

/// A page nested too deep, or too large, to be read.
#[must_use]
pub fn page_too_complex() -> String {
    both(
        "trang quá lớn hoặc mã HTML lồng quá sâu nên không đọc",
        "the page is too large or its HTML is nested too deep, so it was not read",
    )
}

/// A page that only shows other pages.
#[must_use]
pub fn page_of_frames() -> String {
    both(
        "trang này chỉ gồm các khung (frame); hãy mở trang bằng trình duyệt và lấy địa chỉ của khung có danh sách tin",
        "this page is made of frames only; use the address of the frame that has the news list",
    )
}

/// A list page without a single article.
#[must_use]
pub fn list_empty() -> String {
    both(
        "không thấy bài nào trên trang danh sách; hãy xem lại địa chỉ, hoặc viết công thức riêng cho trang này",
        "no article found on the list page; check its address, or write a recipe for the site",
    )
}

/// A list page with more articles than are followed.
#[must_use]
pub fn list_too_long(found: usize, limit: usize) -> String {
    both(
        &format!("danh sách dài bất thường: {found} bài, chỉ đọc {limit} bài đầu"),
        &format!("an unusually long list of {found} articles, the first {limit} were taken"),
    )
}

/// A page that should hold an article and does not.
#[must_use]
pub fn article_unreadable() -> String {
    both(
        "không đọc được bài trên trang này (trang báo lỗi, bảo trì hoặc không có nội dung)",
        "no article could be read on this page (an error page, under maintenance, or empty)",
    )
}

/// The address is taken, or not ours.
#[must_use]
pub fn cannot_listen(address: std::net::SocketAddr) -> String {
    both(
        &format!("không mở được {address}; có thể chương trình khác đang dùng cổng này, hãy đổi [server] listen"),
        &format!("cannot listen on {address}; another program may use it, change [server] listen"),
    )
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
    both("thay đổi ở store, [server] listen hoặc [feeds] dir chỉ có hiệu lực sau khi khởi động lại", "a change of store, [server] listen or [feeds] dir takes effect after a restart")
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

/// What a daemon says when it runs.
#[must_use]
pub fn run_intro(config: &std::path::Path, sources: &[&str], feeds: &[String]) -> String {
    let config = config.display();
    if sources.is_empty() {
        return both(&format!("{config}: chưa có nguồn tin nào; hãy thêm một khối [[sources]]"), "no sources yet; add a [[sources]] block");
    }
    let feeds = feeds.iter().map(|f| format!("\n  {f}")).collect::<String>();
    format!("Đang theo dõi (watching): {}\nBản tin (feeds):{feeds}", sources.join(", "))
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
        &format!("Xong: {sources} nguồn, {new} bài mới, {changed} bài sửa, {files} tệp bản tin thay đổi, {dead} tin không gửi được, {held} tin còn chờ"),
        &format!("done: {sources} sources, {new} new, {changed} changed, {files} feed files changed, {dead} dead letters, {held} still waiting"),
    )
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

/// What `letters retry` did.
#[must_use]
pub fn letters_retried(count: u64) -> String {
    both(&format!("Sẽ gửi lại {count} tin."), &format!("{count} letters are sent again"))
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
    both(&format!("không có trả lời từ {address}; loaphuong có đang chạy không?"), &format!("no answer from {address}; is loaphuong running?"))
}

/// An entry without a date.
#[must_use]
pub fn no_date() -> String {
    both("không rõ ngày", "no date")
}

/// A line of `[fetch] allow` that is no host, address or network.
#[must_use]
pub fn fetch_allow_unreadable(written: &str) -> String {
    both(
        &format!("không hiểu \"{written}\"; hãy viết như 192.168.1.5, 127.0.0.1:8090, 10.0.0.0/8 hoặc noi-bo.local:8080"),
        &format!("cannot read \"{written}\"; write 192.168.1.5, 127.0.0.1:8090, 10.0.0.0/8 or intranet.local:8080"),
    )
}

/// An address inside a private network that the config does not allow.
#[must_use]
pub fn fetch_private(host: &str, port: u16) -> String {
    both(
        &format!("địa chỉ {host} nằm trong mạng nội bộ nên không được tải; nếu đúng ý bạn, hãy thêm \"{host}:{port}\" vào [fetch] allow"),
        &format!("{host} is inside a private network; if you mean it, add \"{host}:{port}\" to [fetch] allow"),
    )
}

/// A name that leads into a private network.
#[must_use]
pub fn fetch_private_name(host: &str) -> String {
    both(
        &format!("tên miền {host} trỏ vào mạng nội bộ nên không được tải; nếu đúng ý bạn, hãy thêm \"{host}\" vào [fetch] allow"),
        &format!("the name {host} leads into a private network; if you mean it, add \"{host}\" to [fetch] allow"),
    )
}

/// An address that is neither http nor https.
#[must_use]
pub fn fetch_scheme(scheme: &str) -> String {
    both(
        &format!("chỉ tải được địa chỉ bắt đầu bằng https:// hoặc http://, không tải \"{scheme}:\""),
        &format!("only https:// and http:// addresses can be fetched, not \"{scheme}:\""),
    )
}

/// An address without a host, with port 0, or longer than any real one.
#[must_use]
pub fn fetch_address_unusable() -> String {
    both("địa chỉ không dùng được: thiếu tên máy chủ, cổng bằng 0 hoặc quá dài", "unusable address: no host, port 0, or too long")
}

/// A name that the resolver does not know.
#[must_use]
pub fn fetch_name_unknown(host: &str, why: &str) -> String {
    both(&format!("không tìm thấy tên miền {host}: {why}"), &format!("the name {host} was not found: {why}"))
}

/// A name whose servers do not answer.
#[must_use]
pub fn fetch_name_slow(host: &str) -> String {
    both(&format!("hỏi tên miền {host} quá lâu không có trả lời"), &format!("looking up {host} took too long"))
}

/// A server that takes no connection.
#[must_use]
pub fn fetch_unreachable(host: &str, why: &str) -> String {
    both(&format!("không kết nối được tới {host}: {why}"), &format!("cannot connect to {host}: {why}"))
}

/// A server that did not finish in time.
#[must_use]
pub fn fetch_slow(host: &str) -> String {
    both(&format!("{host} trả lời quá chậm, đã hết thời gian chờ"), &format!("{host} did not answer completely in time"))
}

/// An answer that broke off or makes no sense.
#[must_use]
pub fn fetch_broken(host: &str, why: &str) -> String {
    both(&format!("{host} trả lời dở dang hoặc sai quy cách: {why}"), &format!("the answer of {host} is cut short or malformed: {why}"))
}

/// An error that gives no reason.
#[must_use]
pub const fn fetch_without_reason() -> &'static str {
    "không rõ lý do (no reason given)"
}

/// A body larger than allowed.
#[must_use]
pub fn fetch_too_big(what: &str, cap: usize) -> String {
    let mib = cap >> 20;
    both(&format!("{what}: nội dung lớn hơn {mib} MiB nên đã dừng tải"), &format!("{what}: larger than {mib} MiB, stopped"))
}

/// A status that is not a page.
#[must_use]
pub fn fetch_status(host: &str, status: u16) -> String {
    let (vi, en) = match status {
        401 | 403 => ("từ chối cho xem trang này", "refuses this page"),
        404 => ("không có trang này", "does not have this page"),
        429 => ("báo bị hỏi quá nhiều", "is asked too often"),
        451 => ("không được phép cho xem trang này theo luật", "may not show this page for legal reasons"),
        500..=599 => ("đang gặp lỗi hoặc bảo trì", "has an error or is under maintenance"),
        _ => ("trả lời khác thường", "answers in an unusual way"),
    };
    both(&format!("{host} {vi}: HTTP {status}"), &format!("{host} {en}: HTTP {status}"))
}

/// 410.
#[must_use]
pub fn fetch_gone(host: &str) -> String {
    both(&format!("{host} báo trang này đã bị gỡ hẳn: HTTP 410"), &format!("{host} says that this page is gone for good: HTTP 410"))
}

/// An answer without a body.
#[must_use]
pub fn fetch_empty(host: &str) -> String {
    both(&format!("{host} trả về trang trống"), &format!("{host} sent an empty page"))
}

/// 304 to a request that was not conditional.
#[must_use]
pub fn fetch_not_modified_unasked(host: &str) -> String {
    both(&format!("{host} báo \"không đổi\" dù không được hỏi: HTTP 304"), &format!("{host} says 304 to an unconditional request"))
}

/// A file where a page was expected.
#[must_use]
pub fn fetch_not_a_page(host: &str, kind: &str) -> String {
    both(&format!("{host} gửi tệp {kind}, không phải trang tin"), &format!("{host} sent {kind}, which is not a page"))
}

/// A content coding that is not decoded.
#[must_use]
pub fn fetch_coding(host: &str, coding: &str) -> String {
    both(&format!("{host} nén trang theo kiểu không đọc được: {coding}"), &format!("{host} sent an unreadable content coding: {coding}"))
}

/// A host that asked for silence.
#[must_use]
pub fn fetch_host_closed(host: &str, left: std::time::Duration) -> String {
    let seconds = left.as_secs();
    both(&format!("{host} yêu cầu chờ, còn {seconds} giây"), &format!("{host} asked us to wait, {seconds} s left"))
}

/// A machine that cannot speak TLS.
#[must_use]
pub fn fetch_no_client() -> String {
    both(
        "không khởi tạo được kết nối HTTPS; hãy kiểm tra gói ca-certificates và [site] contact",
        "cannot set up HTTPS; check the package ca-certificates and [site] contact",
    )
}

/// A redirect without a readable address.
#[must_use]
pub fn redirect_nowhere(host: &str) -> String {
    both(&format!("{host} chuyển hướng tới địa chỉ không đọc được"), &format!("{host} redirects to an unreadable address"))
}

/// A redirect from https to http.
#[must_use]
pub fn redirect_downgrade(host: &str) -> String {
    both(
        &format!("{host} chuyển từ https về http, không an toàn nên không theo"),
        &format!("{host} redirects from https back to http, which is not followed"),
    )
}

/// Redirects that come back.
#[must_use]
pub fn redirect_circle(host: &str) -> String {
    both(&format!("{host} chuyển hướng vòng tròn"), &format!("{host} redirects in a circle"))
}

/// Redirects without end.
#[must_use]
pub fn redirect_too_many(host: &str, most: usize) -> String {
    both(&format!("{host} chuyển hướng quá {most} lần"), &format!("{host} redirects more than {most} times"))
}

/// robots.txt forbids the page.
#[must_use]
pub fn robots_forbids(host: &str, line: &str) -> String {
    both(
        &format!("robots.txt của {host} không cho máy đọc trang này: {line}; hãy xin phép đơn vị quản trị trang"),
        &format!("robots.txt of {host} forbids this page: {line}; ask the site's owner"),
    )
}

/// robots.txt cannot be read now.
#[must_use]
pub fn robots_unreachable(host: &str, status: u16) -> String {
    both(
        &format!("chưa đọc được robots.txt của {host} (HTTP {status}) nên tạm chưa tải trang"),
        &format!("robots.txt of {host} cannot be read (HTTP {status}), so nothing is fetched for now"),
    )
}

/// An expired certificate.
#[must_use]
pub fn tls_expired(host: &str) -> String {
    both(
        &format!("chứng thư bảo mật của {host} đã hết hạn; đơn vị quản trị trang cần gia hạn"),
        &format!("the certificate of {host} has expired; its owner must renew it"),
    )
}

/// A certificate of tomorrow.
#[must_use]
pub fn tls_not_yet(host: &str) -> String {
    both(
        &format!("chứng thư bảo mật của {host} chưa có hiệu lực; hãy xem lại đồng hồ của máy này"),
        &format!("the certificate of {host} is not valid yet; check this machine's clock"),
    )
}

/// A certificate for another name.
#[must_use]
pub fn tls_other_name(host: &str) -> String {
    both(
        &format!("chứng thư bảo mật của {host} cấp cho tên miền khác; hãy xem lại địa chỉ (có hoặc không có www)"),
        &format!("the certificate of {host} is for another name; check the address (with or without www)"),
    )
}

/// A chain that ends nowhere.
#[must_use]
pub fn tls_unknown_issuer(host: &str) -> String {
    both(
        &format!("không kiểm tra được chứng thư bảo mật của {host}: máy chủ thường quên gửi chứng thư trung gian (hay gặp ở gov.vn); hãy báo đơn vị quản trị trang"),
        &format!("cannot verify the certificate of {host}: servers often forget to send the intermediate one (common on gov.vn); tell its owner"),
    )
}

/// TLS 1.0 or 1.1.
#[must_use]
pub fn tls_too_old(host: &str) -> String {
    both(
        &format!("{host} chỉ dùng kiểu mã hoá cũ, không an toàn; cần ít nhất TLS 1.2"),
        &format!("{host} speaks only outdated encryption; TLS 1.2 is needed"),
    )
}

/// No TLS at that port.
#[must_use]
pub fn tls_not_spoken(host: &str) -> String {
    both(&format!("{host} không nói TLS ở cổng này; thử http:// thay cho https://"), &format!("{host} does not speak TLS at this port; try http://"))
}

/// Any other TLS failure.
#[must_use]
pub fn tls_failed(host: &str, why: &str) -> String {
    both(&format!("kết nối bảo mật TLS tới {host} thất bại: {why}"), &format!("TLS to {host} failed: {why}"))
}

/// A `file:` address outside of the folders that the config names.
#[must_use]
pub fn folder_not_named(path: &std::path::Path) -> String {
    let path = path.display();
    both(&format!("{path} không nằm trong thư mục tin nào của cấu hình"), &format!("{path} is in no folder that the config names"))
}

/// A link that leads out of its folder.
#[must_use]
pub fn folder_left(path: &std::path::Path, folder: &std::path::Path) -> String {
    let (path, folder) = (path.display(), folder.display());
    both(&format!("{path} dẫn ra ngoài thư mục {folder} nên không được đọc"), &format!("{path} leads out of {folder}"))
}

/// A folder or file that cannot be read.
#[must_use]
pub fn folder_unreadable(path: &std::path::Path, error: &std::io::Error) -> String {
    let path = path.display();
    both(&format!("không đọc được {path}: {error}"), &format!("cannot read {path}: {error}"))
}

/// A file that is no article.
#[must_use]
pub fn folder_other_file(path: &std::path::Path) -> String {
    let path = path.display();
    both(&format!("{path} không phải bài viết .txt, .md hoặc .html"), &format!("{path} is no .txt, .md or .html article"))
}

/// Bytes that are no page: an archive, a picture, an unknown charset.
#[must_use]
pub fn page_not_text() -> String {
    both("đây không phải một trang văn bản, hoặc bảng mã chữ không đọc được", "this is no page of text, or its charset cannot be read")
}
