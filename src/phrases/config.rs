//! What is wrong with a config, and with the secrets it names.

use super::both;

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

fn listed(names: &[&str]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

/// A key that nobody reads.
#[must_use]
pub fn config_unknown_key(wrong: &str, known: &[&str]) -> String {
    let known = listed(known);
    both(
        &format!("không có khóa `{wrong}`; các khóa dùng được ở đây: {known}"),
        &format!("unknown field `{wrong}`, expected one of {known}"),
    )
}

/// A value that is none of the known ones.
#[must_use]
pub fn config_unknown_value(wrong: &str, known: &[&str]) -> String {
    let known = listed(known);
    both(
        &format!("không hiểu giá trị `{wrong}`; các giá trị dùng được: {known}"),
        &format!("unknown value `{wrong}`, expected one of {known}"),
    )
}

/// A key that must be there.
#[must_use]
pub fn config_missing_key(name: &str) -> String {
    both(&format!("thiếu khóa `{name}`"), &format!("missing field `{name}`"))
}

/// A value of the wrong type; both halves are the reader's own words.
#[must_use]
pub fn config_wrong_type(found: &str, expected: &str) -> String {
    let number = ["u16", "u32", "u64", "usize"].contains(&expected);
    let (vi, en) = if number { ("một số nguyên", "a whole number") } else { (expected, expected) };
    both(&format!("sai kiểu giá trị: thấy {found}, cần {vi}"), &format!("invalid type: {found}, expected {en}"))
}

/// A key given twice; `first` is the line where it stood before, where that was found.
#[must_use]
pub fn config_duplicate_key(first: Option<usize>) -> String {
    let (vi, en) =
        first.map_or(("ở trên".to_owned(), "before".to_owned()), |line| (format!("ở dòng {line}"), format!("in line {line}")));
    both(&format!("khóa này đã có {vi}; mỗi khóa chỉ viết một lần"), &format!("duplicate key: it was given {en}"))
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

/// A `ca_file` without certificates that can be used; `why` in the words of a library.
#[must_use]
pub fn config_bad_certificates(why: Option<&str>) -> String {
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    both(
        &format!("tệp này không có chứng thư dùng được (cần dạng PEM: -----BEGIN CERTIFICATE-----){why}"),
        &format!("no certificate in this file can be used (expected PEM: -----BEGIN CERTIFICATE-----){why}"),
    )
}

/// A `ca_file` of a source that is no site.
#[must_use]
pub fn config_no_host() -> String {
    both(
        "`ca_file` chỉ dùng cho nguồn có địa chỉ web (`url`); hãy bỏ khóa này",
        "`ca_file` is for sources with a web address (`url`); take this key out",
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
    both(
        &format!("không hiểu khoảng thời gian \"{written}\"; ví dụ đúng: \"1s\", \"500ms\", \"2m\""),
        &format!("cannot read the duration \"{written}\"; write for example \"1s\", \"500ms\", \"2m\""),
    )
}

/// No config where one was looked for.
#[must_use]
pub fn config_missing_file(path: &std::path::Path) -> String {
    let path = path.display();
    both(
        &format!(
            "không thấy tệp cấu hình {path}; hãy chạy trong thư mục có config.toml, hoặc chỉ đường dẫn: loaphuong --config /đường/dẫn/config.toml"
        ),
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

/// A topic that holds everything.
#[must_use]
pub fn config_empty_topic() -> String {
    both(
        "chủ đề chưa nói gì: hãy thêm include, exclude hoặc categories (muốn lấy tất cả thì dùng [[feeds.combined]])",
        "the topic says nothing: add include, exclude or categories (for everything there is [[feeds.combined]])",
    )
}

/// There are more mistakes than are shown.
#[must_use]
pub fn config_more(more: usize) -> String {
    both(
        &format!("còn {more} lỗi nữa, thường cùng một nguyên nhân: hãy sửa các lỗi trên rồi chạy lại loaphuong check"),
        &format!("{more} more mistakes, mostly of the same cause: mend those above and run loaphuong check again"),
    )
}

/// A name given twice.
#[must_use]
pub fn config_twice(name: &str, first: &dyn std::fmt::Display) -> String {
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
    both(
        &format!("không có kênh nào tên \"{name}\"; hãy thêm [[channels]] name = \"{name}\""),
        &format!("there is no channel \"{name}\"; add [[channels]] name = \"{name}\""),
    )
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
    both(
        &format!("không có múi giờ \"{written}\"; ở Việt Nam dùng \"Asia/Ho_Chi_Minh\""),
        &format!("unknown time zone \"{written}\"; in Việt Nam use \"Asia/Ho_Chi_Minh\""),
    )
}

/// A `base_url` or other web address that is none.
#[must_use]
pub fn config_bad_url(written: &str) -> String {
    both(
        &format!("\"{written}\" không phải địa chỉ web; cần dạng \"https://ten-mien.vn\""),
        &format!("\"{written}\" is no web address; expected \"https://name.vn\""),
    )
}

/// Where people are to join, which is no address that they could open.
#[must_use]
pub fn config_bad_invite(written: &str) -> String {
    both(
        &format!("\"{written}\" không mở được; cần dạng \"https://zalo.me/g/…\" hoặc \"mailto:vanphong@ten-mien.vn\""),
        &format!("\"{written}\" cannot be opened; expected \"https://zalo.me/g/…\" or \"mailto:office@name.vn\""),
    )
}

/// A listen address that is none.
#[must_use]
pub fn config_bad_listen(written: &str) -> String {
    both(
        &format!("\"{written}\" không phải địa chỉ lắng nghe; ví dụ \"127.0.0.1:8080\""),
        &format!("\"{written}\" is no listen address; write for example \"127.0.0.1:8080\""),
    )
}

/// Config: not an address or a network.
#[must_use]
pub fn config_bad_network(written: &str) -> String {
    both(
        &format!("`{written}` không phải là địa chỉ IP hoặc dải địa chỉ, ví dụ \"127.0.0.1\" hoặc \"10.0.0.0/8\""),
        &format!("`{written}` is no IP address and no network, such as \"127.0.0.1\" or \"10.0.0.0/8\""),
    )
}

/// A number outside its bounds.
#[must_use]
pub fn config_out_of_range(low: u32, high: u32) -> String {
    both(&format!("cần một số từ {low} đến {high}"), &format!("expected a number from {low} to {high}"))
}

/// Quiet hours that cannot be read.
#[must_use]
pub fn config_bad_quiet(written: &str) -> String {
    both(
        &format!("không hiểu giờ yên lặng \"{written}\"; viết dạng \"22:00-06:00\""),
        &format!("cannot read the quiet hours \"{written}\"; write \"22:00-06:00\""),
    )
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
        E::Never => (
            "lịch này không bao giờ đến, vì ngày đó không có trong năm".to_owned(),
            "this schedule never comes: there is no such day".to_owned(),
        ),
    };
    both(
        &format!("lịch \"{written}\" không đúng: {vi}; ví dụ \"0 7,17 * * *\" là 7 giờ và 17 giờ mỗi ngày"),
        &format!("bad schedule \"{written}\": {en}"),
    )
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
        return both(
            &format!("include \"{pattern}\" lại gọi chính tệp đang đọc (vòng lặp)"),
            &format!("include \"{pattern}\" includes the file itself (a loop)"),
        );
    }
    both(&format!("include \"{pattern}\" không thấy tệp nào"), &format!("include \"{pattern}\" finds no file"))
}

/// A second way that is the first.
#[must_use]
pub fn config_fallback_itself() -> String {
    both("`fallback` trùng với `to`: hãy ghi một địa chỉ khác", "`fallback` is the same as `to`: name another address")
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

/// A folder of articles that is not there (yet).
#[must_use]
pub fn config_no_folder(path: &std::path::Path) -> String {
    let path = path.display();
    both(
        &format!("chưa có thư mục {path}: hãy tạo thư mục này rồi thả bài vào"),
        &format!("there is no folder {path} yet: make it and drop articles there"),
    )
}

/// Bounds of visits that cannot be.
#[must_use]
pub fn config_bad_bounds() -> String {
    both(
        "every_min phải từ 1 phút trở lên và every_max không nhỏ hơn every_min, nhiều nhất 30 ngày, ví dụ every_min = \"5m\", every_max = \"6h\"",
        "every_min must be a minute or more and every_max not less than every_min, at most 30 days, e.g. every_min = \"5m\", every_max = \"6h\"",
    )
}
