//! The ward of Hoa Gạo, which exists nowhere: its articles, and its pages as a common portal
//! renders them, with all that stands around the news.

use bytes::Bytes;

use super::ward_news::NEWS;

/// Articles on one list page.
const PER_PAGE: usize = 6;
const LIST: &str = "/tin-tuc";

/// The truth about an article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Article {
    /// `/tin-tuc/<slug>-<id>.html`.
    pub(crate) path: String,
    /// As in the `h1` and the list.
    pub(crate) title: String,
    /// With `+07:00`; the pages write it day first, to the minute.
    pub(crate) published_rfc3339: String,
    /// The bold first paragraph; also the list's summary.
    pub(crate) lead: String,
    /// What follows.
    pub(crate) body_paragraphs: Vec<String>,
    /// The line on the right at the end; none when empty.
    pub(crate) author: String,
    /// A picture's path; none when empty.
    pub(crate) image: String,
    /// A PDF's path; none when empty.
    pub(crate) attachment: String,
    /// The PDF's name on the page.
    pub(crate) attachment_title: String,
}

impl Article {
    /// An article without picture and attachment.
    pub(crate) fn new(path: &str, title: &str, published: &str, lead: &str, paragraphs: &[&str]) -> Self {
        let [path, title, published_rfc3339, lead] = [path, title, published, lead].map(str::to_owned);
        let body_paragraphs = paragraphs.iter().map(|p| (*p).to_owned()).collect();
        Self { path, title, published_rfc3339, lead, body_paragraphs, author: "Ban biên tập".to_owned(), ..Self::default() }
    }

    fn when(&self) -> chrono::DateTime<chrono::FixedOffset> {
        chrono::DateTime::parse_from_rfc3339(&self.published_rfc3339).unwrap()
    }

    /// `05/11/2026`.
    pub(crate) fn day_first(&self) -> String {
        self.when().format("%d/%m/%Y").to_string()
    }
}

/// The twelve articles, newest first.
pub(crate) fn ward_articles() -> Vec<Article> {
    NEWS.iter()
        .map(|news| {
            let article = Article::new(news.path, news.title, news.published, news.lead, news.body);
            let [author, image, attachment, attachment_title] =
                [news.author, news.image, news.attachment.0, news.attachment.1].map(str::to_owned);
            Article { author, image, attachment, attachment_title, ..article }
        })
        .collect()
}

/// Pictures and documents that the articles name: path, type, bytes.
pub(crate) fn files() -> Vec<(&'static str, &'static str, Bytes)> {
    let pictures = NEWS.iter().filter(|n| !n.image.is_empty()).map(|n| (n.image, "image/png", Bytes::from_static(PNG)));
    let papers = NEWS.iter().filter(|n| !n.attachment.0.is_empty()).map(|n| (n.attachment.0, "application/pdf", Bytes::from_static(PDF)));
    pictures.chain(papers).collect()
}

/// A dot.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
    0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0b, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63,
    0xf8, 0x0f, 0x04, 0x00, 0x09, 0xfb, 0x03, 0xfd, 0x68, 0xfa, 0x1c, 0xcc, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42,
    0x60, 0x82,
];
const PDF: &[u8] =
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// Every page of the site for these articles: path (with query) and HTML.
pub(crate) fn pages(articles: &[Article]) -> Vec<(String, String)> {
    let count = articles.len().div_ceil(PER_PAGE).max(1);
    let lists = (1..=count).map(|page| (list_path(page), list_page(articles, page, count)));
    let extra = [("/".to_owned(), list_page(articles, 1, count)), (format!("{LIST}?trang=1"), list_page(articles, 1, count))];
    let own = articles.iter().map(|article| (article.path.clone(), article_page(article, articles)));
    lists.chain(extra).chain(own).collect()
}

fn list_path(page: usize) -> String {
    if page == 1 { LIST.to_owned() } else { format!("{LIST}?trang={page}") }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn link(article: &Article) -> String {
    format!("<a href=\"{}\" title=\"{title}\">{title}</a>", article.path, title = escape(&article.title))
}

fn list_page(articles: &[Article], page: usize, count: usize) -> String {
    let items: String = articles.iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).map(list_item).collect();
    let pager: String = (1..=count).map(|n| pager_link(n, page)).collect();
    let next = if page < count {
        format!("<li><a class=\"next\" rel=\"next\" href=\"{}\">Sau »</a></li>", list_path(page + 1))
    } else {
        String::new()
    };
    let main = format!(
        "<h1 class=\"cat-title\">Tin tức - Sự kiện</h1>\n<ul class=\"news-list\">\n{items}</ul>\n<ul class=\"pagination\">{pager}{next}</ul>"
    );
    frame("Tin tức - Sự kiện", "", &main, articles)
}

fn pager_link(n: usize, current: usize) -> String {
    if n == current {
        format!("<li class=\"active\"><span>{n}</span></li>")
    } else {
        format!("<li><a href=\"{}\">{n}</a></li>", list_path(n))
    }
}

fn list_item(article: &Article) -> String {
    let thumb = if article.image.is_empty() {
        String::new()
    } else {
        format!("<a class=\"thumb\" href=\"{}\"><img src=\"{}\" alt=\"\"></a>", article.path, article.image)
    };
    format!(
        "<li class=\"news-item\">{thumb}<h3>{}</h3><span class=\"date\">{}</span><p class=\"sapo\">{}</p></li>\n",
        link(article),
        article.day_first(),
        escape(&article.lead),
    )
}

fn article_page(article: &Article, all: &[Article]) -> String {
    let title = escape(&article.title);
    let when = article.when().format("%d/%m/%Y | %H:%M");
    let related: String = all
        .iter()
        .filter(|other| other.path != article.path)
        .take(4)
        .map(|other| format!("<li>{} <span>({})</span></li>", link(other), other.day_first()))
        .collect();
    let main = format!(
        "<div class=\"breadcrumb\"><a href=\"/\">Trang chủ</a> » <a href=\"{LIST}\">Tin tức - Sự kiện</a> » <span>{title}</span></div>\n\
         <article class=\"detail\">\n<h1 class=\"title-detail\">{title}</h1>\n\
         <div class=\"info\">Ngày đăng {when} | Lượt xem: 12</div>\n\
         <div class=\"content-detail\">\n<p><strong>{}</strong></p>\n{}{}{}</div>\n{}</article>\n\
         <div class=\"related\"><h4>Tin liên quan</h4><ul>{related}</ul></div>",
        escape(&article.lead),
        body(article),
        attachment(article),
        author(article),
        share_bar(article),
    );
    frame(&article.title, &meta(article), &main, all)
}

fn meta(article: &Article) -> String {
    format!(
        "<meta name=\"description\" content=\"{}\">\n<meta property=\"og:title\" content=\"{}\">\n",
        escape(&article.lead),
        escape(&article.title)
    )
}

/// The picture stands after the first paragraph; on every second article it loads lazily.
fn body(article: &Article) -> String {
    let mut parts: Vec<String> =
        article.body_paragraphs.iter().map(|p| format!("<p style=\"text-align: justify;\">{}</p>\n", escape(p))).collect();
    if !article.image.is_empty() {
        let lazy = article.when().timestamp() / 86_400 % 2 == 0;
        let source = if lazy {
            format!("src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\" data-src=\"{}\"", article.image)
        } else {
            format!("src=\"{}\"", article.image)
        };
        parts.insert(
            1.min(parts.len()),
            format!("<p style=\"text-align: center;\"><img {source} alt=\"{}\" width=\"600\"></p>\n", escape(&article.title)),
        );
    }
    parts.concat()
}

fn attachment(article: &Article) -> String {
    if article.attachment.is_empty() {
        return String::new();
    }
    format!("<p class=\"file\">Tệp đính kèm: <a href=\"{}\">{}</a></p>\n", article.attachment, escape(&article.attachment_title))
}

fn author(article: &Article) -> String {
    if article.author.is_empty() {
        return String::new();
    }
    format!("<p style=\"text-align: right;\"><strong>{}</strong></p>\n", escape(&article.author))
}

fn share_bar(article: &Article) -> String {
    format!(
        "<div class=\"share\"><span>Chia sẻ:</span> <a href=\"https://www.facebook.com/sharer.php?u={0}\">Facebook</a> <a href=\"#\" class=\"zalo-share-button\">Zalo</a> \
         <a href=\"javascript:window.print()\">In trang</a></div>\n",
        article.path
    )
}

/// What stands around every page: menu, the box of featured news, sidebar, footer.
fn frame(title: &str, meta: &str, main: &str, articles: &[Article]) -> String {
    let featured: String = articles.iter().skip(1).take(1).map(|article| format!("<div class=\"item\">{}</div>", link(article))).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n<title>{} - UBND phường Hoa Gạo</title>\n{meta}</head>\n<body>\n\
         <header><a class=\"logo\" href=\"/\">Trang thông tin điện tử phường Hoa Gạo</a></header>\n{MENU}\
         <div class=\"hot-news\"><h4>Tin nổi bật</h4>{featured}</div>\n<main id=\"content\">\n{main}\n</main>\n{SIDEBAR}{FOOTER}</body>\n</html>\n",
        escape(title)
    )
}

const MENU: &str = "<nav class=\"menu\"><ul><li><a href=\"/\">Trang chủ</a></li><li><a href=\"/gioi-thieu\">Giới thiệu</a></li>\
<li><a href=\"/tin-tuc\">Tin tức - Sự kiện</a></li><li><a href=\"/van-ban\">Văn bản chỉ đạo điều hành</a></li>\
<li><a href=\"/thu-tuc-hanh-chinh\">Thủ tục hành chính</a></li><li><a href=\"/hoi-dap\">Hỏi đáp - Góp ý</a></li><li><a href=\"/lien-he\">Liên hệ</a></li></ul></nav>\n";

const SIDEBAR: &str = "<aside class=\"sidebar\"><div class=\"box\"><h4>Liên kết</h4><ul><li><a href=\"https://dichvucong.example.vn/\">Cổng dịch vụ công</a></li>\
<li><a href=\"https://thanhpho.example.vn/\">Cổng thông tin thành phố</a></li></ul></div>\
<div class=\"box\"><h4>Thống kê truy cập</h4><p>Đang truy cập: 7</p><p>Hôm nay: 342</p><p>Tổng lượt: 1.204.518</p></div></aside>\n";

const FOOTER: &str = "<footer><p>ỦY BAN NHÂN DÂN PHƯỜNG HOA GẠO</p><p>Địa chỉ: số 8 phố Hoa Gạo. Điện thoại: (024) 0000 0000</p>\
<p>Chịu trách nhiệm nội dung: Chủ tịch UBND phường. Cập nhật: 01/02/2026</p></footer>\n";
