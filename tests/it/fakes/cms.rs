//! Sites as several kinds of software make them, with the same six articles.

use serde_json::json;

use super::portal::{Portal, Reply};

/// One article of the site.
pub(crate) struct Piece {
    pub(crate) path: String,
    pub(crate) title: &'static str,
    day: u32,
    lead: &'static str,
}

const TEXTS: [(&str, &str); 6] = [
    (
        "Tạm ngừng cấp nước tại tổ dân phố số 3",
        "Nước sạch tạm ngừng từ 22 giờ tối nay đến 5 giờ sáng mai để thay đoạn ống rò rỉ trên phố Hoa Gạo.",
    ),
    ("Lịch tiêm chủng mở rộng trong tháng mười", "Trạm y tế phường tổ chức tiêm chủng cho trẻ dưới năm tuổi vào sáng thứ Bảy tuần này."),
    (
        "Họp tổ dân phố bàn việc chỉnh trang ngõ xóm",
        "Bà con tổ dân phố số 7 bàn việc sơn lại tường và trồng hoa dọc ngõ trước dịp cuối năm.",
    ),
    (
        "Hội diễn văn nghệ quần chúng chào mừng ngày hội đại đoàn kết",
        "Mười hai tiết mục do bà con các tổ tự biên tự diễn đã được trình bày tại nhà văn hóa.",
    ),
    (
        "Thay đổi giờ thu gom rác trên địa bàn phường",
        "Từ tuần sau, xe thu gom rác đi qua các ngõ lúc sáu giờ tối mỗi ngày, kể cả Chủ nhật.",
    ),
    ("Ra quân dọn vệ sinh ngày Chủ nhật xanh", "Đoàn thanh niên cùng hội phụ nữ ra quân quét dọn các tuyến ngõ và bóc tờ rơi dán sai chỗ."),
];

/// The articles, newest first, below this folder.
pub(crate) fn pieces(folder: &str) -> Vec<Piece> {
    let path = |at: usize| format!("{folder}/bai-viet-cua-phuong-{}.html", 120 - at);
    TEXTS.iter().enumerate().map(|(at, (title, lead))| Piece { path: path(at), title, day: 27 - at as u32, lead }).collect()
}

impl Piece {
    fn body(&self) -> String {
        format!(
            "<p><strong>{lead}</strong></p><p>Ủy ban nhân dân phường đề nghị các tổ trưởng thông báo đến từng hộ, nhất là các hộ có người già và trẻ nhỏ, \
             để bà con chủ động sắp xếp công việc gia đình trong thời gian này.</p><p>Mọi thắc mắc xin liên hệ bộ phận một cửa trong giờ hành chính, \
             hoặc gặp trực tiếp tổ trưởng tổ dân phố số {day} để được giải đáp.</p>",
            lead = self.lead,
            day = self.day
        )
    }

    fn rfc822(&self) -> String {
        format!("{:02} Sep 2019 08:30:00 +0700", self.day)
    }

    fn page(&self, head: &str) -> String {
        format!(
            "<!DOCTYPE html><html lang='vi'><head><meta charset='utf-8'><title>{title}</title>{head}</head><body><div class='menu'>{MENU}</div>\
             <div class='bai'><h1>{title}</h1><p class='ngay'>Ngày đăng: {day:02}/09/2019 | 08:30</p><div class='noi-dung'>{body}</div></div>\
             <div class='chan-trang'>Ủy ban nhân dân phường Hoa Gạo</div></body></html>",
            title = self.title,
            day = self.day,
            body = self.body()
        )
    }

    fn item(&self) -> String {
        format!(
            "<li class='tin'><h3><a href='{path}'>{title}</a></h3><span class='ngay'>{day:02}/09/2019 08:30</span><p>{lead}</p></li>",
            path = self.path,
            title = self.title,
            day = self.day,
            lead = self.lead
        )
    }
}

const MENU: &str =
    "<a href='/'>Trang chủ</a> <a href='/gioi-thieu'>Giới thiệu</a> <a href='/tin-tuc'>Tin tức</a> <a href='/lien-he'>Liên hệ</a>";

/// What a feed tells of each article.
#[derive(Clone, Copy)]
pub(crate) enum Telling {
    Whole,
    Teaser,
    Title,
}

/// A list page under `/tin-tuc` with its articles.
pub(crate) async fn site(head: &str) -> Portal {
    let portal = Portal::start().await;
    let pieces = pieces("/tin-tuc");
    let items: String = pieces.iter().map(Piece::item).collect();
    let page = |body: &str| {
        format!(
            "<!DOCTYPE html><html lang='vi'><head><meta charset='utf-8'><title>Tin tức - Phường Hoa Gạo</title><meta property='og:site_name' content='Phường Hoa Gạo'>{head}</head>\
             <body><div class='menu'>{MENU}</div>{body}<div class='chan-trang'>Ủy ban nhân dân phường Hoa Gạo</div></body></html>"
        )
    };
    portal.page("/tin-tuc", &page(&format!("<ul class='danh-sach'>{items}</ul>")));
    portal.page("/", &page("<p>Chào mừng bà con đến với trang của phường Hoa Gạo, nơi đăng các thông báo của phường.</p>"));
    portal.page("/gioi-thieu", &page(&format!("<h1>Giới thiệu</h1><p>{}</p>", "Phường Hoa Gạo có mười hai tổ dân phố. ".repeat(20))));
    for piece in &pieces {
        portal.page(&piece.path, &piece.page(""));
    }
    portal
}

/// An RSS feed of these articles; links start with `origin`.
pub(crate) fn rss(origin: &str, pieces: &[Piece], telling: Telling) -> Reply {
    let items: String = pieces
        .iter()
        .map(|piece| {
            let text = match telling {
                Telling::Whole => {
                    format!("<description>{}</description><content:encoded><![CDATA[{}]]></content:encoded>", piece.lead, piece.body())
                }
                Telling::Teaser => format!("<description><![CDATA[{}...]]></description>", piece.lead.chars().take(60).collect::<String>()),
                Telling::Title => String::new(),
            };
            let (title, path, date) = (piece.title, &piece.path, piece.rfc822());
            format!(
                "<item><title>{title}</title><link>{origin}{path}</link><guid>{origin}{path}</guid><pubDate>{date}</pubDate>{text}</item>"
            )
        })
        .collect();
    let feed = format!(
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>Phường Hoa Gạo</title>\
         <link>{origin}/</link><description>Tin</description>{items}</channel></rss>"
    );
    Reply::bytes("application/rss+xml", feed)
}

/// The answer of WordPress's API.
pub(crate) fn posts(origin: &str, pieces: &[Piece]) -> Reply {
    let posts: Vec<_> = pieces
        .iter()
        .map(|piece| {
            json!({
                "date_gmt": format!("2019-09-{:02}T01:30:00", piece.day), "modified_gmt": format!("2019-09-{:02}T01:30:00", piece.day),
                "guid": { "rendered": format!("{origin}/?p={}", piece.day) }, "link": format!("{origin}{}", piece.path),
                "title": { "rendered": piece.title }, "excerpt": { "rendered": format!("<p>{}</p>", piece.lead) },
                "content": { "rendered": piece.body(), "protected": false },
            })
        })
        .collect();
    Reply::bytes("application/json", json!(posts).to_string())
}

/// A news sitemap of these articles.
pub(crate) fn sitemap(origin: &str, pieces: &[Piece]) -> Reply {
    let urls: String = pieces
        .iter()
        .map(|piece| {
            format!(
                "<url><loc>{origin}{}</loc><news:news><news:publication_date>2019-09-{:02}T08:30:00+07:00</news:publication_date><news:title>{}</news:title></news:news></url>",
                piece.path, piece.day, piece.title
            )
        })
        .collect();
    let map = format!(
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>{urls}</urlset>"
    );
    Reply::bytes("application/xml", map)
}
