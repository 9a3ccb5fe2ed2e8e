#![allow(clippy::unwrap_used)]

use crate::entry::{Entry, Guid};
use crate::html;
use crate::page::Page;
use crate::read;
use crate::source::Reading;

const MENU: &str = "<nav><a href='/'>Trang chủ</a> <a href='/gioi-thieu'>Giới thiệu</a></nav>";
const COOKIES: &str =
    "<div class='cookie-banner'><p>Trang này dùng cookie để ghi nhớ lựa chọn của bạn, và chia sẻ chúng với đối tác.</p></div>";
const FOOTER: &str = "<footer><p>Bản quyền thuộc Ủy ban nhân dân phường Hoa Gạo, số 1 phố Hoa Gạo.</p></footer>";

/// A page that is not to be looked at again.
struct NeverAgain;

impl super::Again for NeverAgain {
    fn document(&mut self) -> Option<dom_query::Document> {
        None
    }

    fn listing(&self, _document: &dom_query::Document) -> Reading {
        Reading::default()
    }
}

fn article(url: &str, body: &str) -> Reading {
    let html = format!("<html lang='vi'><head><title>Phường Hoa Gạo</title></head><body>{MENU}{body}{FOOTER}</body></html>");
    let page = Page::new(url.parse().unwrap(), "2026-11-23T00:00:00Z".parse().unwrap(), html);
    read::article(&page, chrono_tz::Asia::Ho_Chi_Minh)
}

fn text(reading: &Reading) -> String {
    html::to_text(&reading.entries.first().unwrap().content_html)
}

fn pieces(count: usize, one: impl Fn(usize) -> String) -> String {
    (1..=count).map(one).collect()
}

/// A piece of a list with its headline, its teaser and a button.
fn teaser(at: usize) -> String {
    format!(
        "<div class='tin'><h3><a href='/tin-tuc/viec-{at}'>Việc thứ {at} của tổ dân phố trong tuần này</a></h3>\
         <p>Cán bộ phường đến nhà văn hóa số {at} từ sáng sớm, bà con mang theo giấy tờ.</p>\
         <a class='nut' href='/tin-tuc/viec-{at}'>Xem chi tiết</a></div>"
    )
}

fn related(count: usize) -> String {
    let links = pieces(count, |at| format!("<li><a href='/tin-tuc/viec-cu-{at}'>Việc cũ thứ {at} của tổ dân phố tháng trước</a></li>"));
    format!("<div class='khac'><h2>Tin khác</h2><ul>{links}</ul></div>")
}

#[test]
fn a_list_is_read_whole() {
    let body = format!(
        "{COOKIES}<main><h1>Việc trong tuần</h1><p>Những việc mà phường làm cho bà con trong tuần này, từ thứ Hai.</p>{}</main>",
        pieces(9, teaser)
    );
    let text = text(&article("https://phuong.example.vn/viec-trong-tuan", &body));
    for want in ["Những việc mà phường làm", "Việc thứ 1 của", "nhà văn hóa số 9"] {
        assert!(text.contains(want), "{want} is not in {text}");
    }
    for other in ["cookie", "Giới thiệu", "Bản quyền", "Xem chi tiết"] {
        assert!(!text.contains(other), "{other} is in {text}");
    }
}

#[test]
fn a_list_has_no_date_of_its_own() {
    let dated = |at: usize| format!("{}<p class='ngay'>Đăng ngày {at}/11/2026</p>", teaser(at));
    let intro = "<div class='gioi-thieu'><p>Phường Hoa Gạo có mười hai tổ dân phố, nằm bên sông, nổi tiếng với nghề gốm và hoa gạo tháng Ba.</p></div>";
    let body = format!("<h1>Phường Hoa Gạo</h1>{intro}<div class='ds'>{}</div>", pieces(9, dated));
    let reading = article("https://phuong.example.vn/", &body);
    assert!(text(&reading).contains("nằm bên sông") && text(&reading).contains("Việc thứ 8 của"), "{}", text(&reading));
    assert_eq!(reading.entries.first().unwrap().published, None);
}

#[test]
fn a_grid_of_products_is_read_with_its_prices() {
    const FORMS: [&str; 4] = [
        "Bình gốm tráng men lam vẽ cành đào",
        "Chum sành da lươn đựng rượu nếp",
        "Lọ hoa cổ cao khắc chìm lá sen",
        "Bộ ấm chén tử sa nung lò củi",
    ];
    let one = |at: usize| {
        let name = FORMS.get(at % FORMS.len()).unwrap();
        format!(
            "<li class='hang'><a href='/hang/gom-{at}'><img src='/{at}.jpg'></a><h2><a href='/hang/gom-{at}'>{name} số {at}</a></h2>\
             <span class='gia'>{at}50.000 đồng</span><a href='/gio/{at}'>Thêm vào giỏ</a></li>"
        )
    };
    let filter =
        "<div class='filters'><h4>Lọc theo giá</h4><ul><li><a href='?gia=1'>Rẻ</a></li><li><a href='?gia=2'>Đắt</a></li></ul></div>";
    let intro = "<p>Bình gốm do bà con làng nghề trong phường làm bằng tay, nung ở lò củi hai ngày hai đêm.</p>";
    let text = text(&article("https://hang.example.vn/gom", &format!("{filter}<h1>Gốm</h1>{intro}<ul>{}</ul>", pieces(12, one))));
    assert!(text.contains("lò củi hai ngày") && text.contains("Lọ hoa cổ cao") && text.contains("350.000 đồng"), "{text}");
    assert!(!text.contains("Lọc theo giá") && !text.contains("Thêm vào giỏ"), "{text}");
}

#[test]
fn a_notice_among_links_is_the_article() {
    let notice = "<h1>Tạm ngừng cấp nước tại phố Hoa Gạo</h1><p>Ngày đăng: 12/11/2026</p>\
                  <p>Từ 8 giờ đến 17 giờ ngày 13/11, phố Hoa Gạo tạm ngừng cấp nước để sửa đường ống, mong bà con thông cảm.</p>";
    for url in ["https://phuong.example.vn/tam-ngung-cap-nuoc-tai-pho-hoa-gao-1204.html", "https://phuong.example.vn/tin.aspx?id=1204"] {
        let reading = article(url, &format!("<div class='bai'>{notice}</div>{}", related(12)));
        assert!(text(&reading).contains("sửa đường ống") && !text(&reading).contains("Việc cũ"), "{url}: {}", text(&reading));
        assert!(reading.entries.first().unwrap().published.is_some(), "{url}");
    }
}

#[test]
fn a_thread_is_read_with_its_answers() {
    let answer = |at: usize| {
        format!(
            "<div class='tra-loi'><b>Bác Hòa {at}</b><p>Nhà tôi ở ngõ {at} cũng bị mất nước từ sáng, đã gọi tổ trưởng và được hẹn chiều nay.</p></div>"
        )
    };
    let question = "<div class='bai'><h1>Mất nước ở phố Hoa Gạo</h1><p>Ngày đăng: 12/11/2026</p><p>Có ai biết vì sao phố Hoa Gạo mất nước từ sáng không, và bao giờ thì có lại?</p></div>";
    let body = |kind: &str| {
        let told = format!("<script type='application/ld+json'>{{\"@type\":\"{kind}\"}}</script>");
        text(&article(
            "https://hoidap.example.vn/chu-de/mat-nuoc-o-pho-hoa-gao-1204.html",
            &format!("{told}{question}{}", pieces(8, answer)),
        ))
    };
    let thread = body("DiscussionForumPosting");
    assert!(thread.contains("bao giờ thì có lại") && thread.contains("ở ngõ 8"), "{thread}");
}

#[test]
fn a_feed_or_a_pasted_text_stays_as_it_is() {
    let html = format!("<main><p>Một dòng.</p>{}</main>", pieces(9, teaser));
    let mut page = Page::new("https://phuong.example.vn/".parse().unwrap(), "2026-11-23T00:00:00Z".parse().unwrap(), html);
    page.media_type = Some("text/plain".to_owned());
    let entry = Entry::new(Guid::new("1"), "Một dòng".to_owned());
    let reading = Reading { entries: vec![entry], ..Reading::default() };
    assert_eq!(super::complete(reading.clone(), None, &page, &mut NeverAgain), reading);
}
