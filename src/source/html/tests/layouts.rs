//! Layouts of lists and articles that were once misread, each made small.

use super::*;

const TITLES: [&str; 6] = [
    "Phường ra quân dọn vệ sinh dọc bờ sông",
    "Lịch tiếp công dân của chủ tịch phường tháng mười",
    "Trao quà cho học sinh nghèo vượt khó đầu năm học",
    "Cải tạo hệ thống chiếu sáng các ngõ phía đông",
    "Khai trương thư viện cộng đồng tại nhà văn hóa",
    "Tập huấn sơ cứu cho dân quân và bảo vệ dân phố",
];

fn links(address: fn(usize) -> String, around: fn(&str) -> String) -> String {
    TITLES.iter().enumerate().map(|(at, title)| around(&format!("<a href='{}'>{title}</a>", address(at)))).collect()
}

fn found(html: &str) -> Vec<String> {
    list(html).next.iter().filter(|visit| visit.guid.is_some()).map(|visit| visit.url.to_string()).collect()
}

#[test]
fn columns_that_only_their_ids_tell_apart_are_two_lists() {
    let menu = "<p><a href='/tin-tuc-su-kien.html'>Tin tức - Sự kiện</a></p><p><a href='/van-ban-chi-dao.html'>Văn bản chỉ đạo</a></p><p><a href='/thu-tuc-hanh-chinh.html'>Thủ tục hành chính</a></p>";
    let news = links(|at| format!("/thong-bao/bai-so-hai-{at}.html"), |link| format!("<p>{link}</p>"));
    let all = found(&format!("<div id='trai'>{menu}</div><div id='giua'>{news}</div>"));
    assert!(all.len() == TITLES.len() && all.iter().all(|url| url.contains("/thong-bao/")), "{all:?}");
}

#[test]
fn the_first_piece_of_a_section_stands_beside_the_name_of_the_section() {
    let section = |of: usize, name: &str| {
        let address = |at: usize| format!("/Pages/NewsDetail.aspx?CatId={of}&NewsId={of}{at}7");
        let piece = |at: usize| format!("<a href='{}'>{}</a>", address(at), TITLES[at]);
        let rest: String = (1..5).map(|at| format!("<li>{}</li>", piece(at))).collect();
        let teaser = "Từ sáng sớm, hơn một trăm người dân cùng đoàn viên đã có mặt để thu gom rác.";
        format!(
            "<div class='cont'><div class='name'><a href='/Pages/News.aspx?CatId={of}'>{name}</a></div><div class='first'>{}<p>{teaser}</p></div><div class='rest'><ul>{rest}</ul></div></div>",
            piece(0)
        )
    };
    let all = found(&format!("{}{}", section(3, "Tin hoạt động của phường"), section(4, "Tin kinh tế - xã hội")));
    assert_eq!(all.len(), 10, "{all:?}");
    assert!(all.iter().all(|url| url.contains("NewsId")), "{all:?}");
}

#[test]
fn a_list_may_lead_to_one_other_site() {
    let piece = |link: &str| {
        format!(
            "<div class='tin'><h3>{link}</h3><span>05/09/2024</span><p>Sáng nay, tại hội trường, đông đủ bà con đã về dự và nêu nhiều ý kiến thiết thực với lãnh đạo.</p></div>"
        )
    };
    let dated = TITLES.iter().cycle().take(12).enumerate();
    let pieces: String =
        dated.map(|(at, title)| piece(&format!("<a href='https://quan.example.vn/tin/{at}-901{at}.html'>{title}</a>"))).collect();
    assert_eq!(found(&pieces).len(), 12);
    assert_eq!(found(&links(|_| "https://www.facebook.com/sharer?u=1".to_owned(), |link| format!("<p>{link}</p>"))).len(), 0);
}

#[test]
fn a_short_number_called_sid_belongs_to_the_address() {
    let address = |at: usize| format!("/Default.aspx?sname=xa&sid=1288&pageid=3301&id={at}04");
    let all = found(&links(address, |link| format!("<li>{link}</li>")));
    assert!(all.len() == TITLES.len() && all.iter().all(|url| url.contains("sid=1288")), "{all:?}");
}

#[test]
fn the_number_of_a_page_may_stand_bare_behind_the_path() {
    let numbers = "<a href='/muc/3'>1</a><a href='/muc/3/2'>2</a><a href='/muc/3/3'>3</a><a href='/muc/3/2'>Trang sau</a>";
    assert_eq!(page_after("/muc/3", numbers).as_deref(), Some("/muc/3/2"));
    assert_eq!(page_after("/muc/3/2", numbers).as_deref(), Some("/muc/3/3"));
    assert_eq!(page_after("/muc/3/3", numbers), None);
    // Days of a calendar.
    assert_eq!(page_after("/lich/11/24", "<a href='/lich/11/1'>1</a><a href='/lich/11/25'>25</a>"), None);
}

#[test]
fn articles_may_be_called_by_one_digit_and_pages_of_the_list_are_none_of_them() {
    let titles = [
        "Phường phát động trồng cây đầu xuân",
        "Lịch cắt nước tại tổ dân phố số 3",
        "Khám sức khỏe cho người cao tuổi",
        "Cấp căn cước tại nhà",
    ];
    let pagers = [
        "<a href=/tin/page/2>2</a> <a href=/tin/page/3>Xem các tin cũ hơn của phường</a>",
        "<a href=?page=2>2</a> <a href=?page=3>Xem các tin cũ hơn của phường</a>",
    ];
    for (folder, ending) in [("/tin", ".html"), ("/news", ""), ("/tin-tuc", "")] {
        let address = |n: usize| format!("https://phuong.example.vn{folder}/{n}{ending}");
        let items: String = (0..8).map(|n| format!("<li><a href={folder}/{n}{ending}>{} đợt {n}</a></li>", titles[n % 4])).collect();
        for pager in pagers {
            let menu = "<a href=/muc/1>Giới thiệu chung</a> <a href=/muc/2>Cơ cấu tổ chức bộ máy</a> <a href=/muc/3>Văn bản pháp quy</a>";
            let html = format!("<div class=dau>{menu}</div><h2>Tin tức</h2><ul>{items}</ul><div>{pager}</div>");
            assert_eq!(found(&html), (0..8).map(address).collect::<Vec<_>>(), "{folder} {pager}");
            assert!(list(&html).next.iter().any(|visit| visit.guid.is_none()), "the next page: {pager}");
        }
    }
}

#[test]
fn a_section_with_a_number_is_no_article_beside_those_that_it_lists() {
    let items: String = (0..8).map(|n| format!("<li><a href=/bai/{n}>Tổ dân phố số {n} họp bàn việc trồng cây</a></li>")).collect();
    let html = format!("<title>Tin hoạt động của phường - Hoa Gạo</title><h1>Tin hoạt động của phường</h1><ul>{items}</ul>");
    let url = Url::parse("https://phuong.example.vn/chuyen-muc/3").unwrap();
    let source = build(&format!("{{ url = \"{url}\" }}")).unwrap();
    let reading = source.read(&Visit::listing(url.clone()), &Page { url, ..page(&html) });
    assert_eq!(reading.next.len(), 8, "{reading:?}");
}

#[test]
fn the_id_of_a_page_is_not_its_number() {
    let pager = "<a href='/Default.aspx?pageid=3301&page=2'>2</a><a href='/Default.aspx?pageid=3301&page=3'>3</a>";
    assert_eq!(page_after("/Default.aspx?pageid=3301", pager).as_deref(), Some("/Default.aspx?pageid=3301&page=2"));
    assert_eq!(page_after("/Default.aspx?pageid=3301&page=2", pager).as_deref(), Some("/Default.aspx?pageid=3301&page=3"));
}

#[test]
fn a_base_of_the_same_site_counts() {
    let reading = list(
        "<base href='https://www.phuong.example.vn/xa/'><ul><li><a href='tin/bai-viet-dau-tien-10.html'>Bài viết đầu tiên của phường</a><li><a href='tin/bai-viet-thu-hai-11.html'>Bài viết thứ hai của phường</a></ul>",
    );
    assert!(reading.next.iter().any(|visit| visit.url.path() == "/xa/tin/bai-viet-dau-tien-10.html"), "{:?}", reading.next);
}

/// The text of an article whose page ends in `part`.
fn text_before(part: &str) -> String {
    let body = "<p>Ủy ban nhân dân phường mời bà con đến dự buổi họp bàn về việc mở rộng con đường dọc bờ sông.</p><p>Cuộc họp bắt đầu lúc tám giờ sáng chủ nhật tại nhà văn hóa.</p>";
    let reading = article(&format!("<h1>Thư mời họp bàn mở rộng đường</h1><div class='noi-dung'>{body}{part}</div>"));
    assert_eq!(reading.entries[0].attachments.len(), 1, "{part}");
    crate::html::to_text(&reading.entries[0].content_html)
}

#[test]
fn what_offers_files_is_no_text() {
    for part in [
        "<section><h2>Tài liệu đính kèm (1)</h2><ul><li><span>ke-hoach.docx</span><a href='/f/1.docx'>Tải về</a></li></ul></section>",
        "<table><caption>Tài liệu đính kèm:</caption><tr><th>Tệp</th><th>Mô tả</th><th>Kích thước</th></tr><tr><td><a href='/f/1.xls'>bieu.xls</a></td><td>Biểu tổng hợp</td><td>56 Kb</td></tr></table>",
        "<div><b>Tập tin đính kèm:</b><br><a href='/f/1.pdf'>van-ban.pdf</a> (Tải về: 35 lần)</div>",
    ] {
        assert!(text_before(part).ends_with("tại nhà văn hóa."), "{part}: {}", text_before(part));
    }
    let mention = "<p>Bà con xem trước bản vẽ trong <a href='/f/1.pdf'>tờ trình của phường</a> và gửi ý kiến về tổ trưởng trước thứ Sáu tuần này.</p>";
    assert!(text_before(mention).ends_with("trước thứ Sáu tuần này."));
}

#[test]
fn the_name_of_a_section_beside_a_date_is_no_other_article() {
    let info =
        "<dl><dd>Chuyên mục: <a href='/muc'>Tin tức và sự kiện của phường</a></dd><dd>Được đăng: Thứ Năm, 05 Tháng 9 2024 16:30</dd></dl>";
    let reading = article(&format!(
        "<h1>Thư mời họp bàn mở rộng đường</h1>{info}<p>Ủy ban nhân dân phường mời bà con đến dự buổi họp bàn về việc mở rộng con đường dọc bờ sông.</p>"
    ));
    assert_eq!(reading.entries[0].published.unwrap().to_rfc3339(), "2024-09-05T16:30:00+07:00");
}

#[test]
fn the_title_of_the_list_goes_before_the_name_of_the_site() {
    let source = build(&format!("{{ url = \"{HOME}\" }}")).unwrap();
    let url = Url::parse("https://phuong.example.vn/tin-tuc/bai-1.html").unwrap();
    let hint = Hint { title: Some("Thư mời họp bàn mở rộng đường".to_owned()), ..Hint::default() };
    let html = "<head><title>Cổng thông tin phường Ven Sông</title></head><div>Thư mời họp bàn mở rộng đường</div><p>Ủy ban nhân dân phường mời bà con đến dự buổi họp bàn về việc mở rộng con đường dọc bờ sông.</p>";
    let reading = source.read(&Visit { guid: Some(Guid::new(url.as_str())), url: url.clone(), hint }, &Page { url, ..page(html) });
    assert_eq!(reading.entries[0].title, "Thư mời họp bàn mở rộng đường");
}

/// A page that names its title nowhere else; above it the site's name and clock.
fn titled(title: &str) -> (String, Option<String>) {
    let reading = article(&format!(
        "<html lang='vi'><head><title>Tin tức - Phường Ven Sông</title></head><body><div class='banner'><h1 class='site-name'>CỔNG THÔNG TIN PHƯỜNG VEN SÔNG</h1><div class='dong-ho'>Thứ Bảy, 07/09/2024 10:15:22</div></div>{title}<div class='nd'><p>Ủy ban nhân dân phường mời bà con đến dự buổi họp bàn về việc mở rộng con đường dọc bờ sông.</p><p>Cuộc họp bắt đầu lúc tám giờ sáng chủ nhật tại nhà văn hóa.</p></div><h3>Tin khác</h3></body></html>"
    ));
    let entry = &reading.entries[0];
    (entry.title.clone(), entry.published.map(|at| at.format("%d/%m/%Y %H:%M").to_string()))
}

#[test]
fn the_title_is_the_line_above_the_text_that_looks_like_one() {
    let want = ("Thư mời họp bàn mở rộng đường".to_owned(), Some("05/09/2024 16:30".to_owned()));
    for title in [
        "<div class='title_detail'>Thư mời họp bàn mở rộng đường</div><div class='gio'>(05/09/2024 16:30)</div>",
        "<h3><a href='#'>Thư mời họp bàn mở rộng đường</a></h3><p>Ngày đăng: 05/09/2024 | 16:30</p>",
        "<div><font size='4'>Thư mời họp bàn mở rộng đường</font></div><div>(Ngày 05/09/2024 16:30)</div>",
        "<div class='chuyen-muc'>Tin hoạt động của phường</div><h4>Thư mời họp bàn mở rộng đường</h4><div>16:30 - 05/09/2024</div>",
    ] {
        assert_eq!(titled(title), want, "{title}");
    }
}

#[test]
fn a_card_that_a_script_opens_is_a_link() {
    let card = |at: usize, title: &str| {
        format!("<div class=the onclick=\"location.href='/News/Detail/{at}7'\"><img src=/a.png><h5>{title}</h5><p>1{at}/11/2026</p></div>")
    };
    let cards: String = TITLES.iter().enumerate().map(|(at, title)| card(at + 1, title)).collect();
    let reading = list(&format!("<div>{cards}</div>"));
    let told: Vec<_> = reading.next.iter().filter_map(|visit| Some((visit.url.path(), visit.hint.title.as_deref()?))).collect();
    assert!(told.len() == TITLES.len() && told.contains(&("/News/Detail/17", TITLES[0])), "{told:?}");
}

#[test]
fn each_piece_may_have_a_first_heading() {
    let pieces = links(|at| format!("/tabid/84/ArticleID/29{at}/Default.aspx"), |link| format!("<div class=bai><h1>{link}</h1></div>"));
    assert_eq!(found(&pieces).len(), TITLES.len());
}

#[test]
fn a_picture_that_says_nothing_is_called_as_the_heading_beside_it() {
    let piece = |(at, title): (usize, &&str)| format!("<li><a href='/bai/so-{at}'><img src=/a.png alt=anh></a><h4>{title}</h4></li>");
    let pieces: String = TITLES.iter().enumerate().map(piece).collect();
    let reading = list(&format!("<ul>{pieces}</ul>"));
    assert_eq!(reading.next.iter().filter_map(|visit| visit.hint.title.as_deref()).collect::<Vec<_>>(), TITLES);
}

#[test]
fn what_stands_before_a_heading_is_of_its_link() {
    let piece = |(at, title): (usize, &&str)| {
        format!("<span>1{at}/11/2026 08:00</span><h4>{title}</h4><p>Sáng nay, rất đông bà con đã đến. <a href='/c/29{at}'>Xem thêm</a></p>")
    };
    let pieces: String = TITLES.iter().enumerate().map(piece).collect();
    let reading = list(&format!("<div>{pieces}</div>"));
    let day = |visit: &Visit| visit.hint.published.map(|at| at.format("%-d").to_string()).unwrap_or_default();
    let told: Vec<_> = reading.next.iter().map(|visit| (visit.hint.title.clone().unwrap_or_default(), day(visit))).collect();
    let want: Vec<_> = TITLES.iter().enumerate().map(|(at, title)| ((*title).to_owned(), format!("1{at}"))).rev().collect();
    assert_eq!(told, want);
}

#[test]
fn what_turns_the_page_is_no_article() {
    let pieces = links(|at| format!("/?func=xem&id=58{at}"), |link| format!("<tr><td>{link} (12/11/2026)</td></tr>"));
    let all = found(&format!("<table>{pieces}<tr><td><a href='/?func=ds&id=58&trang=2'>Trang sau &gt;&gt;</a></td></tr></table>"));
    assert_eq!(all.len(), TITLES.len(), "{all:?}");
}

#[test]
fn a_date_behind_a_title_is_no_part_of_it() {
    let text = "<p>Sáng nay, rất đông bà con đã đến nhà văn hóa để bàn việc trồng cây dọc bờ kênh của tổ.</p>";
    let title = |heading: &str| article(&format!("<h1>{heading}</h1>{text}")).entries[0].title.clone();
    assert_eq!(title("Họp tổ dân phố số 5 <small>(12/11/2026)</small>"), "Họp tổ dân phố số 5");
    assert_eq!(title("Họp tổ dân phố số 5 (12/11/2026)"), "Họp tổ dân phố số 5 (12/11/2026)");
}

#[test]
fn below_the_picture_of_a_notice_the_list_of_others_is_not_read() {
    let html = "<h1>Thông báo cắt nước tổ dân phố số 5</h1><p>12/11/2026</p><div class=noidung><p><img src=/quet/1.jpg></p>\
        <h4>Tin cùng chuyên mục</h4><ul><li><a href=/b-2>Hai</a><li><a href=/b-3>Ba</a></ul></div>";
    let entry = &article(html).entries[0];
    assert!(entry.content_html.contains("<img") && !entry.content_html.contains("chuyên mục"), "{}", entry.content_html);
}

#[test]
fn a_name_in_a_table_is_of_the_table() {
    let row = |day: usize| format!("<tr><td>Sáng {day}/11</td><td>Tiếp công dân</td><td>Lê Hoa Sim</td></tr>");
    let rows: String = (10..14).map(row).collect();
    let html = format!(
        "<h1>Lịch tiếp công dân tháng mười một</h1><div class=noidung><p>Lãnh đạo phường tiếp công dân tại trụ sở.</p><table>{rows}</table></div>"
    );
    let entry = &article(&html).entries[0];
    assert_eq!((entry.author.as_deref(), entry.content_html.matches("Lê Hoa Sim").count()), (None, 4), "{}", entry.content_html);
}

#[test]
fn a_short_notice_is_not_outweighed_by_dated_teasers_below_it() {
    let teaser = "Sáng nay, rất đông bà con các tổ dân phố đã có mặt từ sớm để cùng tham gia, nhiều em nhỏ cũng theo ông bà ra xem. Ban tổ chức chuẩn bị nước uống và quà cho mọi người đến dự.";
    let piece = |(at, title): (usize, &&str)| {
        format!(
            "<div class=oi><a href='/bai/{title}-29{at}.html'>{title}</a><span>Thứ Sáu, 20/11/2026, 17:4{at}</span><p>{teaser}</p></div>"
        )
    };
    let pieces: String = TITLES.iter().enumerate().map(piece).collect();
    let notice = "<p>Mời bà con tổ 5 đến nhà văn hóa họp bàn việc trồng cây dọc bờ kênh vào tối thứ Bảy.</p><p>Cuộc họp bắt đầu lúc 19 giờ 30 và kết thúc trước 21 giờ.</p>";
    let page = format!(
        "<div class=nv><h2>Giấy mời họp tổ dân phố số 5</h2><div>Chủ nhật, 22/11/2026, 11:29</div><div class=nvb>{notice}</div><div class=nvo><div>Tin liên quan</div>{pieces}</div></div>"
    );
    let told = crate::html::to_text(&article(&page).entries[0].content_html);
    assert!(told.contains("19 giờ 30") && !told.contains("Ban tổ chức"), "{told}");
}
