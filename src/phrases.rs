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
