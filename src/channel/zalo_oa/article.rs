//! An entry as an article of an Official Account, within limits that are a little below the
//! documented ones: titles of exactly 150 characters were refused live, perhaps because the server
//! counts them with its marks escaped.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::super::{Notice, Noticed, plain, zalo_text};
use crate::phrases;
use crate::text;

/// UTF-16 units, never less than the characters that Zalo counts.
const TITLE: usize = 140;
const DESCRIPTION: usize = 250;
const AUTHOR: usize = 50;
/// Marks that may be counted as entities fill a title to this at most.
const ESCAPED_TITLE: usize = 145;
const ESCAPED_DESCRIPTION: usize = 290;
/// One block of text.
const BLOCK: usize = 4000;
/// Blocks of text; what is longer is read on the site.
const BLOCKS: usize = 20;
const PICTURES: usize = 10;
const CAPTION: usize = 200;

/// What is known of an article before it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Article {
    pub(super) title: String,
    author: String,
    description: String,
    /// Its own picture, where it has one.
    pub(super) cover: Option<Url>,
    texts: Vec<String>,
    pictures: Vec<Picture>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Picture {
    url: Url,
    caption: Option<String>,
}

impl Article {
    pub(super) fn of(noticed: &Noticed, notice: &Notice<'_>) -> Self {
        let entry = &noticed.entry;
        let title = cut_escaped(&plain::title(noticed, notice), TITLE, ESCAPED_TITLE);
        let lead = text::line(&plain::lead(entry));
        let description = cut_escaped(if plain::is_visible(&lead) { &lead } else { &title }, DESCRIPTION, ESCAPED_DESCRIPTION);
        let author = [noticed.source_title.as_str(), notice.feed_title].into_iter().map(text::line).find(|name| plain::is_visible(name));
        let cover = zalo_text::picture(entry);
        let pictures = entry.images.iter().filter(|image| Some(&image.url) != cover.as_ref()).take(PICTURES).map(|image| Picture {
            url: image.url.clone(),
            caption: image.title.as_deref().map(|title| text::cut(&text::line(title), CAPTION)).filter(|title| plain::is_visible(title)),
        });
        Self {
            author: text::cut(&author.unwrap_or_else(|| title.clone()), AUTHOR),
            texts: texts(noticed, notice),
            pictures: pictures.collect(),
            title,
            description,
            cover,
        }
    }

    /// The call's body, with this cover; `pictures` in the text where they are wanted.
    pub(super) fn body(&self, cover: &Url, pictures: bool) -> Value {
        let texts = self.texts.iter().map(|content| json!({ "type": "text", "content": content }));
        let shown = self.pictures.iter().filter(|_| pictures).map(|picture| match &picture.caption {
            Some(caption) => json!({ "type": "image", "url": picture.url, "caption": caption }),
            None => json!({ "type": "image", "url": picture.url }),
        });
        json!({
            "type": "normal",
            "title": self.title,
            "author": self.author,
            "cover": { "cover_type": "photo", "photo_url": cover, "status": "show" },
            "description": self.description,
            "body": texts.chain(shown).collect::<Vec<_>>(),
            // What is left out is hidden.
            "status": "show",
            "comment": "hide",
        })
    }

    /// The same for the same article, and for no other.
    pub(super) fn fingerprint(&self) -> String {
        let written = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(written).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The text in blocks, and where it comes from.
fn texts(noticed: &Noticed, notice: &Notice<'_>) -> Vec<String> {
    let mut blocks = text::split(&plain::whole(&noticed.entry), BLOCK);
    let cut = blocks.len() > BLOCKS;
    blocks.truncate(BLOCKS);
    let label = if cut { phrases::read_on(notice.language) } else { phrases::read_original(notice.language) };
    let files = noticed.entry.attachments.iter().map(|file| {
        let title = file.title.as_deref().map(text::line).filter(|title| plain::is_visible(title));
        title.map_or_else(|| file.url.to_string(), |title| format!("{title}: {}", file.url))
    });
    let files: Vec<String> = files.collect();
    if !files.is_empty() {
        blocks.push(format!("{}:\n{}", phrases::attachments(notice.language), files.join("\n")));
    }
    blocks.push(format!("{label}: {}", noticed.link));
    blocks
}

/// Cut so that it also fits where `&`, `<`, `>` and quotes are counted as entities.
fn cut_escaped(words: &str, limit: usize, escaped: usize) -> String {
    let mut limit = limit;
    loop {
        let cut = text::cut(words, limit);
        let over = escaped_len(&cut).saturating_sub(escaped);
        if over == 0 || limit == 0 {
            return cut;
        }
        limit = limit.min(text::utf16_len(&cut)).saturating_sub(over.div_ceil(5).max(1));
    }
}

fn escaped_len(words: &str) -> usize {
    let width = |c: char| match c {
        '&' | '\'' => 5,
        '<' | '>' => 4,
        '"' => 6,
        _ => c.len_utf16(),
    };
    words.chars().map(width).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::entry::{Entry, Guid};
    use crate::phrases::Language;

    fn article(title: &str, html: &str) -> Article {
        let link: Url = "https://thoquan.example/tin/1".parse().unwrap();
        let mut entry = Entry::new(Guid::new(link.as_str()), title);
        entry.content_html = html.to_owned();
        let entries = [Noticed { entry, link, source_title: "Phường Thổ Quan".repeat(9) }];
        let zone = chrono_tz::Asia::Ho_Chi_Minh;
        let notice = Notice {
            feed: None,
            feed_title: "Phường",
            entries: &entries,
            digest: false,
            silent: false,
            urgent: false,
            language: Language::Vi,
            zone,
        };
        Article::of(&entries[0], &notice)
    }

    #[test]
    fn titles_stay_below_the_limit_also_where_marks_are_entities() {
        for title in ["Thông báo ".repeat(40), "&".repeat(300), "\"Họp\" & <tổ> ".repeat(30), "Ngắn".to_owned()] {
            let made = article(&title, "");
            assert!(text::utf16_len(&made.title) <= TITLE && escaped_len(&made.title) < 150, "{}", made.title);
            assert!(!made.title.is_empty() && text::utf16_len(&made.author) <= AUTHOR);
        }
        assert_eq!(article("Ngắn", "").description, "Ngắn", "a description is never empty");
    }

    #[test]
    fn a_body_is_shown_and_ends_with_its_origin() {
        let made = article("Lịch cắt điện", &"<p>Ngõ 15 và ngõ 17 mất điện.</p>".repeat(1000));
        let body = made.body(&"https://thoquan.example/bia.jpg".parse().unwrap(), true);
        assert_eq!((body["status"].as_str(), body["cover"]["cover_type"].as_str()), (Some("show"), Some("photo")));
        let blocks = body["body"].as_array().unwrap();
        assert!(blocks.iter().all(|block| text::utf16_len(block["content"].as_str().unwrap()) <= BLOCK));
        assert_eq!(blocks.last().unwrap()["content"], "Xem bài gốc: https://thoquan.example/tin/1");
    }
}
