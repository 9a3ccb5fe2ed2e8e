//! Why a page did not come.

use std::time::Duration;

use super::both;

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

/// A port where sites seldom are.
#[must_use]
pub fn fetch_port(host: &str, port: u16) -> String {
    both(
        &format!(
            "cổng {port} không phải cổng thường thấy của trang web (80, 443, 8000 đến 8999); nếu đúng ý bạn, hãy thêm \"{host}:{port}\" vào [fetch] allow"
        ),
        &format!(
            "sites are seldom at port {port} (80, 443, 8000 to 8999 are usual); if you mean it, add \"{host}:{port}\" to [fetch] allow"
        ),
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

/// A saved page over its size limit, in bytes.
#[must_use]
pub fn page_file_too_big(path: &dyn std::fmt::Display, limit: usize) -> String {
    let mib = limit >> 20;
    both(
        &format!("{path}: tệp lớn hơn {mib} MiB là mức tối đa của một trang, nên không đọc"),
        &format!("{path}: larger than {mib} MiB, the most that a page may have; not read"),
    )
}

/// A folder of saved pages that holds none.
#[must_use]
pub fn batch_empty(dir: &dyn std::fmt::Display) -> String {
    both(&format!("{dir}: thư mục không có trang nào để đọc"), &format!("{dir}: there is no page to read in this folder"))
}

/// A file of addresses that is no JSON, and where.
#[must_use]
pub fn addresses_broken(place: &str, error: &str) -> String {
    both(
        &format!("{place}: tệp địa chỉ không đúng dạng JSON {{\"tệp.html\": \"https://…\"}}, các trang được đọc không kèm địa chỉ"),
        &format!("{place}: not JSON of the form {{\"file.html\": \"https://…\"}}, pages are read without their addresses: {error}"),
    )
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
pub fn fetch_host_closed(host: &str, left: Duration) -> String {
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

/// A `Crawl-delay` that nobody waits for.
#[must_use]
pub fn robots_rest(host: &str, asked: Duration, left: Duration) -> String {
    let (asked, left) = (asked.as_secs(), left.as_secs());
    both(
        &format!("robots.txt của {host} xin nghỉ {asked} giây giữa hai lần tải; lần tải tới được sau {left} giây nữa"),
        &format!("robots.txt of {host} asks for {asked} s between two requests; the next may leave in {left} s"),
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
        &format!(
            "không kiểm tra được chứng thư bảo mật của {host}: máy chủ thường quên gửi chứng thư trung gian (hay gặp ở gov.vn); hãy báo đơn vị quản trị trang, hoặc ghi `ca_file = \"tệp.pem\"` (chứng thư còn thiếu) vào [[sources]] của trang"
        ),
        &format!(
            "cannot verify the certificate of {host}: servers often forget to send the intermediate one (common on gov.vn); tell its owner, or name the missing one by `ca_file = \"file.pem\"` in the [[sources]] of the site"
        ),
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
    both(
        &format!("{host} không nói TLS ở cổng này; thử http:// thay cho https://"),
        &format!("{host} does not speak TLS at this port; try http://"),
    )
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
