//! Pages of one small ward in the structures of several families of portals: the same articles, the
//! same sidebars, a different frame each.

/// One article as its author wrote it.
pub(crate) struct Story {
    pub(crate) title: &'static str,
    /// As `(dd/MM/yyyy, HH:mm)`.
    pub(crate) date: (&'static str, &'static str),
    pub(crate) lead: &'static str,
    pub(crate) body: &'static [&'static str],
    pub(crate) author: &'static str,
}

/// Short notices and long reports, newest first.
pub(crate) const STORIES: &[Story] = &[
    Story {
        title: "Thông báo tạm ngừng cấp nước khu vực ngõ 12 phố Cầu Gỗ",
        date: ("05/09/2024", "16:30"),
        lead: "Để sửa đường ống, nhà máy tạm ngừng cấp nước từ 22 giờ ngày 6 tháng 9.",
        body: &["Các hộ dân chủ động trữ nước sinh hoạt.", "Trân trọng thông báo."],
        author: "",
    },
    Story {
        title: "Lịch tiêm chủng mở rộng tháng 9 tại trạm y tế phường",
        date: ("04/09/2024", "08:15"),
        lead: "Trạm y tế tiêm chủng cho trẻ dưới hai tuổi vào sáng thứ Tư hằng tuần.",
        body: &["Phụ huynh mang theo sổ tiêm và căn cước của một người lớn trong gia đình."],
        author: "",
    },
    Story {
        title: "Phường tổng kết phong trào toàn dân bảo vệ môi trường năm 2024",
        date: ("03/09/2024", "14:05"),
        lead: "Chiều 3 tháng 9, hội trường phường chật kín đại diện của mười sáu tổ dân phố về dự hội nghị tổng kết.",
        body: &[
            "Theo báo cáo, trong năm qua các tổ dân phố đã tổ chức 48 buổi tổng vệ sinh, thu gom hơn 12 tấn rác và trồng mới 350 cây xanh dọc hai bên bờ mương, vượt kế hoạch đề ra từ đầu năm.",
            "Tổ dân phố số 7 được nêu gương vì đã vận động toàn bộ hộ kinh doanh phân loại rác ngay tại nhà, đồng thời lắp thêm sáu camera để nhắc nhở người đổ rác không đúng giờ.",
            "Năm tới, phường đặt mục tiêu mỗi tuyến phố có ít nhất một điểm thu gom pin cũ, và mọi trường học trên địa bàn đều có vườn rau sạch do học sinh chăm sóc.",
            "Hội nghị đã trao giấy khen cho 12 tập thể và 30 cá nhân có thành tích nổi bật trong phong trào.",
        ],
        author: "Thu Hằng",
    },
    Story {
        title: "Công an phường cảnh báo cuộc gọi mạo danh nhân viên điện lực",
        date: ("02/09/2024", "09:40"),
        lead: "Nhiều người dân phản ánh nhận được cuộc gọi đòi chuyển tiền điện qua một tài khoản lạ.",
        body: &[
            "Kẻ gian thường xưng là nhân viên thu tiền, đọc đúng mã khách hàng rồi dọa cắt điện trong ngày nếu không chuyển tiền ngay.",
            "Công an phường đề nghị bà con không làm theo, ghi lại số máy gọi đến và báo cho cảnh sát khu vực.",
            "Trân trọng thông báo.",
        ],
        author: "",
    },
    Story {
        title: "Khai mạc hè sinh hoạt cho thiếu nhi tại nhà văn hóa số 3",
        date: ("01/09/2024", "17:20"),
        lead: "Hơn hai trăm em nhỏ tham gia buổi khai mạc với nhiều trò chơi dân gian.",
        body: &["Lớp vẽ, cờ vua và bơi lội mở các buổi chiều từ thứ Hai đến thứ Sáu, đăng ký tại nhà văn hóa trước ngày 10."],
        author: "Minh Đức",
    },
    Story {
        title: "Đối thoại với người dân về dự án mở rộng đường Nguyễn Khuyến",
        date: ("30/08/2024", "10:00"),
        lead: "Buổi đối thoại kéo dài hơn ba giờ, với hai mươi bảy ý kiến được nêu tại chỗ.",
        body: &[
            "Phần lớn ý kiến hỏi về mức bồi thường, thời điểm bàn giao mặt bằng và nơi tái định cư. Đại diện ban quản lý dự án cho biết giá đất áp dụng theo bảng giá mới, và mỗi hộ được chọn giữa nhận tiền hoặc nhận căn hộ.",
            "Về tiếng ồn khi thi công, nhà thầu cam kết không làm việc sau 22 giờ và dựng hàng rào cách âm ở hai đầu tuyến.",
            "Chủ tịch phường đề nghị niêm yết công khai toàn bộ bản đồ quy hoạch tại trụ sở trong ba mươi ngày để người dân xem và góp ý thêm.",
        ],
        author: "Thu Hằng",
    },
    Story {
        title: "Tuyển dân quân thường trực đợt hai năm 2024",
        date: ("29/08/2024", "15:45"),
        lead: "Công dân từ 18 đến 25 tuổi có thể đăng ký tại ban chỉ huy quân sự phường.",
        body: &["Hồ sơ nhận đến hết ngày 15 tháng 9, trong giờ hành chính."],
        author: "",
    },
    Story {
        title: "Họp tổ dân phố số 9 bàn việc lắp đèn chiếu sáng ngõ",
        date: ("28/08/2024", "19:30"),
        lead: "Cuộc họp diễn ra lúc 19 giờ 30 tối thứ Bảy tại nhà văn hóa số 2.",
        body: &["Mỗi hộ cử một người dự họp.", "Rất mong bà con có mặt đông đủ."],
        author: "",
    },
];

const MENU: &[&str] = &["Trang chủ", "Giới thiệu", "Tin tức", "Thủ tục hành chính", "Văn bản", "Hỏi đáp", "Lịch công tác", "Liên hệ"];

fn menu() -> String {
    let item = |name: &&str| format!("<li><a href=\"/muc/{}\">{name}</a></li>", name.len());
    format!("<ul>{}</ul>", MENU.iter().map(item).collect::<String>())
}

/// What stands beside every article and outweighs a short one.
fn sidebar() -> String {
    "<div class=\"box\"><h3>Chuyển đổi số</h3><p>Ứng dụng dịch vụ công trực tuyến giúp người dân nộp hồ sơ tại nhà, theo dõi tiến độ xử lý từng ngày và nhận kết quả qua bưu điện mà không phải đi lại nhiều lần.</p><a href=\"/dich-vu-cong\">Xem chi tiết</a></div>\
     <div class=\"box\"><h3>Gương sáng</h3><p><a href=\"/guong-sang-101.html\">Người trưởng ban công tác mặt trận tận tụy</a></p><p>Suốt mười năm qua, ông luôn có mặt ở mọi việc khó của tổ dân phố, từ hòa giải xích mích giữa hàng xóm đến vận động xây dựng quỹ khuyến học.</p></div>\
     <div class=\"box\">Đang truy cập: 27 — Tổng lượt truy cập: 1.208.331</div>"
        .to_owned()
}

const FOOTER: &str = "<p>Ủy ban nhân dân phường Hồng Lĩnh. Địa chỉ: số 1 phố Ven Hồ. Điện thoại: 024 0000 0000. Ghi rõ nguồn khi sử dụng lại thông tin từ trang này.</p>";

/// The address of an article.
pub(crate) fn address(at: usize) -> String {
    format!("https://honglinh.example.vn/tin-tuc/bai-viet-so-{}.html", 900 - at)
}

fn others(at: usize, line: impl Fn(usize, &Story) -> String) -> String {
    STORIES.iter().enumerate().filter(|(other, _)| *other > at).take(4).map(|(other, story)| line(other, story)).collect()
}

fn dated_links(at: usize) -> String {
    others(at, |other, story| format!("<li><a href=\"{}\">{}</a> <span>({})</span></li>", address(other), story.title, story.date.0))
}

fn teasers(at: usize) -> String {
    others(at, |other, story| {
        format!("<div class=\"item\"><h4><a href=\"{}\">{}</a></h4><p>{}</p></div>", address(other), story.title, story.lead)
    })
}

fn paragraphs(story: &Story) -> String {
    story.body.iter().map(|text| format!("<p>{text}</p>")).collect()
}

/// A family by its name, and how it shows an article.
pub(crate) type Family = (&'static str, fn(usize, &Story) -> String);

/// Every family.
pub(crate) const FAMILIES: &[Family] = &[
    ("liferay", liferay),
    ("vnpt", vnpt),
    ("ims", ims),
    ("sharepoint", sharepoint),
    ("joomla", joomla),
    ("drupal", drupal),
    ("wordpress", wordpress),
    ("tables", tables),
    ("department", department),
    ("joomla25", joomla25),
    ("trail", trail),
    ("created", created),
    ("forum", forum),
    ("hashed", hashed),
];

/// The list of a site; every family has the same plain one.
pub(crate) fn list() -> String {
    let item = |(at, story): (usize, &Story)| {
        format!("<li><h3><a href=\"{}\">{}</a></h3><span>{}</span><p>{}</p></li>", address(at), story.title, story.date.0, story.lead)
    };
    let items: String = STORIES.iter().enumerate().map(item).collect();
    shell("Tin tức", &format!("<ul class=\"news\">{items}</ul>"))
}

fn shell(title: &str, content: &str) -> String {
    format!(
        "<html><head><title>{title} - Phường Hồng Lĩnh</title></head><body><div id=\"banner\"><h1>Cổng thông tin điện tử phường Hồng Lĩnh</h1></div><div class=\"top\">{}</div><div class=\"cols\"><div class=\"left\">{}</div><div class=\"center\">{content}</div></div><div class=\"bottom\">{FOOTER}</div></body></html>",
        menu(),
        sidebar()
    )
}

fn liferay(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    shell(
        story.title,
        &format!(
            "<div class=\"portlet-asset-publisher\"><h1 class=\"portlet-title\">Xuất bản thông tin</h1><div class=\"asset-full-content\"><h3 class=\"header-title\"><span>{}</span></h3><div class=\"metadata-entry\">{day} {time}</div><div class=\"asset-content\"><div class=\"journal-content-article\"><p><strong>{}</strong></p>{}</div></div><div class=\"social\"><a href=\"https://www.facebook.com/sharer\">Chia sẻ</a></div><div class=\"asset-links\"><h2>Tin liên quan</h2><ul>{}</ul></div></div></div>",
            story.title,
            story.lead,
            paragraphs(story),
            dated_links(at)
        ),
    )
}

fn vnpt(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    let by = if story.author.is_empty() {
        String::new()
    } else {
        format!("<p style=\"text-align: right\"><strong>{}</strong></p>", story.author)
    };
    shell(
        story.title,
        &format!(
            "<div class=\"detail\"><div class=\"tieude\">{}</div><div class=\"thongtin\"><span>Ngày đăng: {day} {time}</span> <span>Lượt xem: {}</span> <a href=\"javascript:print()\">In trang</a></div><div class=\"sapo\">{}</div><div class=\"noidung\">{}{by}</div><div class=\"danhgia\"><p>Đánh giá bài viết</p><p>Click để đánh giá bài viết</p></div><div class=\"khac\"><div class=\"tit\">Tin đã đưa</div>{}</div></div>",
            story.title,
            31 * at + 7,
            story.lead,
            paragraphs(story),
            teasers(at)
        ),
    )
}

fn ims(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    shell(
        story.title,
        &format!(
            "<h1 data-role=\"title\">{}</h1><div class=\"meta\"><span data-role=\"publishdate\">{day} {time}</span></div><h2 data-role=\"sapo\">{}</h2><div data-role=\"content\">{}</div><div class=\"like\">Thích</div><div class=\"box-category\"><h3>Cùng chuyên mục</h3>{}</div>",
            story.title,
            story.lead,
            paragraphs(story),
            teasers(at)
        ),
    )
}

fn sharepoint(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    shell(
        story.title,
        &format!(
            "<div id=\"ctl00_PlaceHolderMain\"><table class=\"ms-main\"><tr><td><div class=\"NewsTitle\">{}</div></td></tr><tr><td><div class=\"NewsDate\">{day} {time}</div></td></tr><tr><td><div class=\"ms-rtestate-field\"><div><b>{}</b></div>{}</div></td></tr><tr><td><div class=\"OtherNews\"><b>Tin khác</b><ul>{}</ul></div></td></tr></table></div>",
            story.title,
            story.lead,
            story.body.iter().map(|text| format!("<div>{text}</div>")).collect::<String>(),
            dated_links(at)
        ),
    )
}

fn joomla(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    shell(
        story.title,
        &format!(
            "<div class=\"item-page\"><h2 itemprop=\"headline\">{}</h2><ul class=\"actions\"><li class=\"print-icon\"><a href=\"#\">In</a></li><li class=\"email-icon\"><a href=\"#\">Email</a></li></ul><dl class=\"article-info\"><dt>Chi tiết</dt><dd class=\"published\">Được đăng: {day} {time}</dd><dd class=\"hits\">Lượt xem: {}</dd></dl><div itemprop=\"articleBody\"><p>{}</p>{}</div><ul class=\"pager\"><li><a href=\"/truoc\">Trang trước</a></li></ul><h3>Các tin khác</h3><ul>{}</ul></div>",
            story.title,
            17 * at + 3,
            story.lead,
            paragraphs(story),
            dated_links(at)
        ),
    )
}

fn drupal(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    shell(
        story.title,
        &format!(
            "<h1 class=\"page-header\">{}</h1><article class=\"node node-article\"><footer class=\"submitted\">Gửi bởi quantri vào T4, {day} - {time}</footer><div class=\"field-name-body\"><p>{}</p>{}</div><ul class=\"links inline\"><li><a href=\"/user/login\">Đăng nhập để bình luận</a></li></ul></article><div class=\"view-related\"><h2>Bài viết liên quan</h2>{}</div>",
            story.title,
            story.lead,
            paragraphs(story),
            teasers(at)
        ),
    )
}

fn wordpress(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    shell(
        story.title,
        &format!(
            "<article class=\"post type-post hentry\"><header><h1 class=\"entry-title\">{}</h1><div class=\"entry-meta\">Đăng ngày {day} {time}</div></header><div class=\"entry-content\"><p>{}</p>{}<div class=\"sharedaddy\"><h3>Chia sẻ:</h3><ul><li><a href=\"?share=facebook\">Facebook</a></li></ul></div></div></article><div id=\"jp-relatedposts\"><h3>Có thể bạn quan tâm</h3>{}</div><nav class=\"post-navigation\"><a href=\"/cu\">Bài cũ</a></nav>",
            story.title,
            story.lead,
            paragraphs(story),
            teasers(at)
        ),
    )
}

/// No class, no id, fonts and tables: the pages of 2005.
fn tables(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    let lines: String = story.body.iter().map(|text| format!("{text}<br><br>")).collect();
    format!(
        "<html><head><title>Phường Hồng Lĩnh</title></head><body><table width=\"100%\"><tr><td colspan=\"3\"><img src=\"/banner.jpg\"><marquee>Chào mừng quý vị</marquee></td></tr><tr><td width=\"20%\">{}{}</td><td><table><tr><td><font size=\"4\"><b>{}</b></font></td></tr><tr><td><i>(Cập nhật lúc {time} ngày {day})</i></td></tr><tr><td><b>{}</b></td></tr><tr><td><font face=\"Arial\">{lines}</font></td></tr><tr><td><b>Các tin khác:</b><ul>{}</ul></td></tr></table></td><td>{}</td></tr><tr><td colspan=\"3\">{FOOTER}</td></tr></table></body></html>",
        menu(),
        sidebar(),
        story.title,
        story.lead,
        dated_links(at),
        sidebar(),
    )
}

/// The body's own class stands in a sidebar too, and other articles look like this one.
fn department(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    let pictures = "<div class=\"journal-content-article\"><table><tr><td><a href=\"/duong-day-nong\"><img src=\"/anh/1.png\"></a></td></tr></table></div>";
    shell(
        story.title,
        &format!(
            "<div class=\"asset-full-content\"><h2 class=\"header-title\">{}</h2><div class=\"block_timer\">{day} | {time}</div><div class=\"asset-summary-detail\">{}</div><div class=\"asset-content\"><div class=\"journal-content-article\">{}</div></div></div><div class=\"tin-lien-quan\"><h3>Tin liên quan</h3>{}</div>{pictures}",
            story.title,
            story.lead,
            paragraphs(story),
            teasers(at)
        ),
    )
}

/// Date, change and author stand in the same element as the text.
fn joomla25(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    let by = if story.author.is_empty() { String::new() } else { format!("<dd class=\"createdby\">Viết bởi {}</dd>", story.author) };
    shell(
        story.title,
        &format!(
            "<div class=\"item-page\"><h2><a href=\"{}\">{}</a></h2><dl class=\"article-info\"><dd class=\"category-name\">Chuyên mục: <a href=\"/tin-tuc\">Tin tức sự kiện</a></dd><dd class=\"published\">Được đăng: {day} {time}</dd><dd class=\"modified\">Cập nhật lần cuối: 20/09/2024 07:1{at}</dd>{by}<dd class=\"hits\">Lượt xem: {}</dd></dl><p>{}</p>{}</div><div class=\"relateditems\"><h3>Các bài viết khác</h3><ul>{}</ul></div>",
            address(at),
            story.title,
            11 * at + 5,
            story.lead,
            paragraphs(story),
            dated_links(at)
        ),
    )
}

/// The date stands in the way to the article, the title in no heading, and the page is called as its site.
fn trail(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    shell(
        "Cổng thông tin",
        &format!(
            "<div class=\"duong-dan\">Trang chủ &gt; Tin tức &gt; Hoạt động <span>Aa {} | {day} {time}</span></div><div class=\"td\">{}</div><div class=\"chucnang\"><a>Thích {}</a> <a>Tăng cỡ chữ</a> <a>Cỡ chữ mặc định</a> <a>Giảm cỡ chữ</a></div><div class=\"noi-dung\"><p>{}</p>{}</div><h4>Tin cùng chuyên mục</h4><div class=\"row\">{}</div>",
            43 * at + 9,
            story.title,
            at + 2,
            story.lead,
            paragraphs(story),
            teasers(at)
        ),
    )
}

/// The day it was written down stands before the day it was published.
fn created(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    shell(
        story.title,
        &format!(
            "<div class=\"post\"><h1 class=\"entry\">{}</h1><div class=\"info\">Ngày tạo: 20/08/2024 07:3{at} | Ngày xuất bản: {day} {time} | Lượt xem: {}</div><div class=\"trich\">{}</div><div class=\"content-post\">{}</div></div><div class=\"more-posts\"><div class=\"hd\">CÓ THỂ BẠN QUAN TÂM</div>{}</div>",
            story.title,
            29 * at + 4,
            story.lead,
            paragraphs(story),
            teasers(at)
        ),
    )
}

/// The article is the first post; others answer it, most of them in one line.
fn forum(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    let post = |number: usize, who: &str, head: &str, when: &str, said: &str| {
        format!(
            "<div id=\"p{number}\" class=\"post bg{}\"><dl class=\"postprofile\"><dt><img class=\"avatar\" src=\"/av/{}.png\"><a href=\"/memberlist.php?u={number}\" class=\"username\">{who}</a></dt><dd>Tham gia: 12/03/2019 08:11</dd></dl><div class=\"postbody\"><h3>{head}</h3><p class=\"who\">Bài viết bởi {who} » {when}</p><div class=\"content\">{said}</div><div class=\"signature\">Chung tay xây dựng quê hương</div></div></div>",
            number % 2 + 1,
            number % 5
        )
    };
    let answers: String = (0..at % 3 + 1)
        .map(|n| {
            let said = ["Cảm ơn phường đã báo sớm.", "Tổ 7 có áp dụng không ạ, bác nào biết thì chỉ giúp em với?"][(at + n) % 2];
            post(at * 10 + n + 50, "Hà Vân Sim", &format!("Re: {}", story.title), "27/09/2024 20:15", said)
        })
        .collect();
    let first =
        post(at + 20, "Ban biên tập", story.title, &format!("{day} {time}"), &format!("<p>{}</p>{}", story.lead, paragraphs(story)));
    shell(
        &format!("{} - Diễn đàn Hồng Lĩnh", story.title),
        &format!(
            "<h2 class=\"topic-title\"><a href=\"{}\">{}</a></h2><div class=\"bar\">{} bài viết</div>{first}{answers}<p><a href=\"/tin-tuc\">Quay về Thông báo</a></p>",
            address(at),
            story.title,
            at % 3 + 2
        ),
    )
}

/// Names that a build tool made, and a lead between title and body on some pages only.
fn hashed(at: usize, story: &Story) -> String {
    let (day, time) = story.date;
    let apart = at.is_multiple_of(2);
    let lead = if apart { format!("<div class=\"css-19a2401\">{}</div>", story.lead) } else { String::new() };
    let first = if apart { String::new() } else { format!("<p>{}</p>", story.lead) };
    shell(
        story.title,
        &format!(
            "<div class=\"css-7x33410\"><div class=\"css-k10020\">{}</div><div class=\"css-8812ab\"><div class=\"css-2201cd\">{time} · {day}</div><div>{} lượt xem</div></div>{lead}<div class=\"css-55019f\">{first}{}</div></div><div class=\"css-90113e\"><div>Bài viết khác</div>{}</div>",
            story.title,
            31 * at + 7,
            paragraphs(story),
            teasers(at)
        ),
    )
}
