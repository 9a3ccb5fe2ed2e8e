//! What is of an article's text and what is not, by made-up pages.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::tests::article;
use crate::html;
use crate::page::Page;

const LONG: &str = "Sáng nay, cán bộ và nhân dân khu phố đã cùng nhau dọn vệ sinh ngõ xóm, khơi thông cống rãnh, trồng thêm cây xanh ở sân nhà văn hóa. Ông tổ trưởng cho biết việc này được làm đều mỗi tháng một lần, có hơn năm mươi hộ tham gia, ai cũng vui vẻ.";

/// The text that is read from a page.
fn text(body: &str) -> String {
    let page = format!("<title>Ra quân dọn vệ sinh khu phố</title><body><h1>Ra quân dọn vệ sinh khu phố</h1>{body}</body>");
    let reading = article(&page);
    html::to_text(&reading.entries.first().unwrap().content_html)
}

fn check(body: &str, of_it: &[&str], not_of_it: &[&str]) {
    let text = text(body);
    of_it.iter().for_each(|part| assert!(text.contains(part), "{part:?} is missing: {text}"));
    not_of_it.iter().for_each(|part| assert!(!text.contains(part), "{part:?} is too much: {text}"));
}

#[test]
fn a_body_in_several_boxes_is_read_whole() {
    let section = |head: &str| {
        format!("<div class='khoi van-ban'><div><div><h2>{head}</h2><p>{LONG}</p><p>{LONG}</p><p>{LONG}</p></div></div></div>")
    };
    let sections = ["Phần thứ nhất", "Phần thứ hai", "Phần thứ ba"];
    let body: String = sections.iter().map(|head| section(head)).collect();
    check(&format!("<main>{body}</main>"), &sections, &[]);
}

#[test]
fn what_leads_to_the_body_keeps_its_headings() {
    let before = format!("<div><h2>Phần mở đầu</h2><p>Mở đầu: {LONG}</p></div><div><h2>Xem nhiều</h2></div>");
    check(&format!("{before}<section><p>{LONG}</p><p>{LONG}</p></section>"), &["Phần mở đầu", "Mở đầu"], &["Xem nhiều"]);
}

#[test]
fn what_stands_beside_the_body_under_another_name_is_not_read() {
    let body = format!("<div class=cot-giua><div><p>{LONG}</p><p>{LONG}</p><p>{LONG}</p></div></div>");
    let beside = format!("<div class=cot-phai><div><p>Giới thiệu: {LONG}</p></div></div>");
    check(&format!("<main>{body}{beside}</main>"), &["Sáng nay"], &["Giới thiệu"]);
}

#[test]
fn links_in_a_sentence_stay_and_a_line_of_links_goes() {
    let link = |name: &str| format!("<a href='/to/{}.html'>tổ dân phố {name} của phường</a>", name.to_lowercase());
    let links = ["Hoa", "Mai", "Lan"].map(link);
    let sentence = format!("<p>Tham gia có đông đủ bà con ở {}, nhân dân {} và {}.</p>", links[0], links[1], links[2]);
    check(&format!("<div><p>{LONG}</p>{sentence}<p>{LONG}</p></div>"), &["tổ dân phố Mai của phường", "tổ dân phố Lan của phường."], &[]);
    let line = format!("<p>{} | {} | {}</p>", links[0], links[1], links[2]);
    check(&format!("<div><p>{LONG}</p>{line}<p>{LONG}</p></div>"), &["Sáng nay"], &["tổ dân phố Mai"]);
}

#[test]
fn blocks_in_a_link_are_a_link() {
    let card = |at: usize| format!("<a href='https://bao.example/{at}'><h3>Tin của báo bạn</h3><p>Tóm tắt: {LONG}</p></a>");
    check(&format!("<div>{}{}<div><p>{LONG}</p></div></div>", card(1), card(2)), &["Sáng nay"], &["Tóm tắt"]);
}

#[test]
fn a_piece_of_two_paragraphs_is_no_piece_of_a_list() {
    let link = |at: usize| format!("<div class=doan><h4><a href='/tin/{at}.html'>Xem thêm tin cũ số {at}</a></h4></div>");
    let part = "<p>Chiều cùng ngày, đoàn viên thanh niên tiếp tục quét vôi các gốc cây dọc hai bên đường và thu gom rác ở bờ hồ.</p>";
    let piece = format!("<div class=doan>{part}{part}<span><a href='/tin/9.html'>Ảnh</a></span></div>");
    let body = format!("<div><p>{LONG}</p><p>{LONG}</p>{}{}{piece}{}</div>", link(1), link(2), link(3));
    check(&body, &["quét vôi các gốc cây"], &["tin cũ số 1"]);
}

#[test]
fn a_post_that_is_shown_in_the_text_is_of_it_with_its_date() {
    let post = "<div class=social-embed><blockquote><p>Cảm ơn bà con đã cùng làm sạch ngõ xóm hôm nay.</p>— Đoàn phường <a href='https://mxh.example/1'>05/09/2020</a></blockquote></div>";
    check(&format!("<div><p>{LONG}</p>{post}<p>{LONG}</p></div>"), &["Cảm ơn bà con", "05/09/2020"], &[]);
}

#[test]
fn a_line_about_newsletters_is_no_invitation_to_one() {
    let about = "I spent an evening on a list of all newsletters that are read in our ward.";
    let invitation = "Sign up for our newsletter, delivered every morning.";
    check(&format!("<div><p>{LONG}</p><p>{about}</p><p>{LONG}</p><p>{invitation}</p></div>"), &[about], &[invitation]);
}

#[test]
fn a_page_of_short_sections_is_read_whole() {
    let about = |what: &str| {
        format!("{what} được tiếp nhận và trả kết quả tại bộ phận một cửa trong ngày làm việc, không thu thêm một khoản phí nào.")
    };
    let section =
        |what: &str| format!("<section class='dich-vu {}'><div><h3>{what}</h3><p>{}</p></div></section>", what.len(), about(what));
    let all = ["Khai sinh", "Chứng thực", "Kết hôn lần đầu", "Xác nhận cư trú", "Trợ cấp xã hội", "Đất đai", "Hộ kinh doanh"];
    let body: String = all.iter().map(|what| section(what)).collect();
    check(&format!("<main>{body}</main>"), &all.map(about).each_ref().map(String::as_str), &[]);
}

#[test]
fn a_short_notice_is_not_widened_to_what_stands_around_it() {
    let notice = "<div class=noi-dung><p>Cắt nước từ 8 giờ đến 17 giờ ngày thứ Bảy ở các ngõ số lẻ của đường Đê, bà con chủ động trữ nước dùng.</p></div>";
    let beside = |what: &str| format!("<div><div class=hop><p>{what}: {LONG}</p></div></div>");
    let beside = format!("{}<hr>{}", beside("Giới thiệu"), beside("Lịch tiếp dân"));
    check(&format!("<div>{notice}</div>{beside}"), &["Cắt nước"], &["Giới thiệu", "Lịch tiếp dân"]);
}

#[test]
fn an_article_of_a_forum_is_its_first_post_and_all_posts_are_the_whole_page() {
    let name = ["Hoa", "Mai", "Lan", "Cúc", "Đào"];
    let said = |name: &str| {
        format!("{name} nghĩ rằng nên xin phường thêm hai thùng rác ở đầu ngõ, chứ để như bây giờ thì mùa mưa bẩn lắm các bác ạ.")
    };
    let post = |name: &&str| {
        let head = format!("<h4><a href='/thanh-vien/{}'>{name}</a></h4>", name.len());
        format!("<article class=message><div class=cell>{head}</div><div class='message-body'><div>{}</div></div></article>", said(name))
    };
    let body: String = name.iter().map(post).collect();
    let thread = format!("<div>{body}</div>");
    let all = name.map(said);
    check(&thread, &[&all[0]], &[&all[1], &all[4]]);
    let url = "https://phuong.example.vn/xem?chu-de=ve-sinh".parse().unwrap();
    let page = Page::new(url, "2026-11-23T00:00:00Z".parse().unwrap(), format!("<h1>Ra quân dọn vệ sinh khu phố</h1>{thread}"));
    let whole = crate::read::article(&page, chrono_tz::Asia::Ho_Chi_Minh).entries.remove(0);
    let text = html::to_text(&whole.content_html);
    assert!(all.iter().all(|said| text.contains(said)), "{text}");
}

#[test]
fn a_picture_that_only_readers_without_scripts_get_is_shown() {
    let empty = "<img src='data:image/gif;base64,R0lGODlhAQABAA=='>";
    let hidden = format!("<p><span>{empty}<noscript><img srcset='/anh/a.jpg 640w' src='/anh/a.jpg'></noscript></span></p><p>{LONG}</p>");
    let reading = article(&format!("<h1>Ra quân dọn vệ sinh khu phố</h1><div><p>{LONG}</p>{hidden}</div>"));
    let images = &reading.entries[0].images;
    assert!(images.len() == 1 && images[0].url.path() == "/anh/a.jpg", "{images:?}");
}

#[test]
fn a_file_on_a_line_of_its_own_and_the_picture_of_a_button_are_no_text() {
    let file = "<img src=/anh/cham.gif> <a href='/tep/ke-hoach.docx'>Tải về: Kế hoạch</a>";
    check(&format!("<div>{LONG}<br><br>{file}<br></div>"), &["cống rãnh"], &["Tải về"]);
    check(&format!("<div>{LONG}<br>Xem <a href='/tep/ke-hoach.docx'>kế hoạch</a> này.<br></div>"), &["Xem kế hoạch này."], &[]);
    let print = "<p><a href='/index.php?print=1'><img src=/images/printButton.png alt=In></a></p>";
    let reading = article(&format!("<h1>Ra quân dọn vệ sinh khu phố</h1>{print}<div><p>{LONG}</p><p>{LONG}</p></div>"));
    assert!(reading.entries[0].images.is_empty(), "{:?}", reading.entries[0].images);
}

#[test]
fn a_page_with_more_text_than_any_article_is_none() {
    let page = |times: usize| {
        let html = format!(
            "<h1>Dọn vệ sinh khu phố</h1><p>Ngày đăng 17/09/2019 | 16:30</p><p>{LONG}</p>{}",
            "<p>chữ nghĩa dài dòng lắm</p>".repeat(times)
        );
        let page =
            Page::new("https://phuong.example.vn/don-ve-sinh-12.html".parse().unwrap(), "2026-11-23T00:00:00Z".parse().unwrap(), html);
        crate::read::article(&page, chrono_tz::Asia::Ho_Chi_Minh)
    };
    assert_eq!(page(10).entries.len(), 1);
    let book = page(150_000);
    assert!(book.entries.is_empty() && book.problems.len() == 1, "{:?}", book.problems);
}
