//! Pages that stand in an article's place: a login, a refusal, an error, "đang bảo trì". They are
//! never news, and the article is asked for again.

use crate::text;

/// A longer text is no notice of an error.
const NOTICE: usize = 200;
/// A longer text is some article, whatever it is called.
const SHORT: usize = 1_500;
/// What a page says instead of an article, folded.
const OUT_OF_ORDER: &[&str] = &[
    "dang bao tri",
    "he thong bao tri",
    "khong tim thay",
    "khong ton tai",
    "loi truy cap",
    "loi 404",
    "404 not found",
    "page not found",
    "under maintenance",
    "access denied",
    "forbidden",
    "tu choi truy cap",
    "truy cap bi tu choi",
    "khong co quyen truy cap",
    "vui long dang nhap",
    "dang nhap he thong",
    "phien lam viec",
    "dang qua tai",
    "request rejected",
    "checking your browser",
    "just a moment",
    "attention required",
    "runtime error",
    "server error",
    "internal error",
    "service unavailable",
];
/// What programs print when they break, folded; also below the right title.
const CRASH: &[&str] = &["fatal error", "sqlstate", "stack trace", "unhandled exception", "uncaught exception"];

/// Whether what a page shows is no article. `listed` is what the list calls the article: a page
/// that has the half of those words neither in its title nor in its text is another one.
pub(super) fn stands_here(title: &str, body: &str, listed: Option<&str>) -> bool {
    let chars = body.chars().count();
    if chars >= SHORT {
        return false;
    }
    let said = text::fold(&format!("{title} {body}"));
    let says = |words: &[&str]| words.iter().any(|words| said.contains(words));
    let expected = listed.is_some_and(|listed| is_about(&said, listed));
    chars < NOTICE && !expected && says(OUT_OF_ORDER) || says(CRASH) && said.contains(" line ") || listed.is_some() && !expected
}

fn is_about(said: &str, listed: &str) -> bool {
    let folded = text::fold(listed);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1).collect();
    let found = words.iter().filter(|word| said.contains(**word)).count();
    // "Xem chi tiết" says nothing of its article.
    words.len() < 4 || found * 2 >= words.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: Option<&str> = Some("Tạm ngừng cấp nước tại phố Hoa Gạo ngày 12/11");

    fn check(title: &str, body: &str, listed: Option<&str>, want: bool) {
        assert_eq!(stands_here(title, body, listed), want, "{title}: {body}");
    }

    #[test]
    fn walls_are_no_news() {
        check("Đăng nhập hệ thống", "Tên đăng nhập Mật khẩu", LISTED, true);
        check("Checking your browser before accessing", "This process is automatic.", LISTED, true);
        check("Cổng thông tin", "Hệ thống đang quá tải, xin quay lại sau.", None, true);
        check("Request Rejected", "Your support ID is 123", LISTED, true);
        check("Trang chủ", "Chào mừng bạn đến với trang của phường.", LISTED, true);
        let crash = "Fatal error: Uncaught PDOException: SQLSTATE[HY000] in /srv/index.php on line 12";
        check("Tạm ngừng cấp nước tại phố Hoa Gạo ngày 12/11", crash, LISTED, true);
    }

    #[test]
    fn articles_are() {
        check("Tạm ngừng cấp nước tại phố Hoa Gạo ngày 12/11", "Từ 8 giờ.", LISTED, false);
        check("Thông báo", "Công ty tạm ngừng cấp nước tại phố Hoa Gạo vào ngày 12.", LISTED, false);
        check(
            "Hướng dẫn đăng nhập hệ thống dịch vụ công",
            "Vui lòng đăng nhập bằng VNeID.",
            Some("Hướng dẫn đăng nhập hệ thống dịch vụ công"),
            false,
        );
        check("Họp tổ dân phố", "Mời bà con đến họp.", Some("Xem chi tiết"), false);
        check("Họp tổ dân phố", "Mời bà con đến họp.", None, false);
    }
}
