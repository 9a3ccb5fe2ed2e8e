//! A letter as bytes: the headers that lists carry, and both ways to read it.

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use url::Url;

use super::layout::Sheet;

/// What a letter is written with beside what it says.
pub(super) struct Letter<'a> {
    pub(super) from: &'a Mailbox,
    pub(super) reply_to: Option<&'a Mailbox>,
    pub(super) to: &'a lettre::Address,
    /// The same on every try.
    pub(super) key: &'a str,
    /// The page where the recipient leaves.
    pub(super) way_out: Option<Url>,
    /// And where they may write to leave.
    pub(super) mailto: Option<&'a lettre::Address>,
}

impl Letter<'_> {
    pub(super) fn written(&self, sheet: &Sheet) -> Result<Vec<u8>, String> {
        let domain = self.from.email.domain();
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, self.to.clone()))
            .subject(sheet.subject.clone())
            .date_now()
            .message_id(Some(format!("<{}@{domain}>", self.key)));
        if let Some(reply_to) = self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        for (name, value) in self.list_headers(sheet, domain) {
            builder =
                builder.raw_header(HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value));
        }
        let both = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, self.plain(sheet)))
            .singlepart(part(ContentType::TEXT_HTML, self.html(sheet)));
        builder.multipart(both).map(|letter| letter.formatted()).map_err(|error| error.to_string())
    }

    /// Headers in ASCII: names are slugs, addresses are encoded, and nothing of an article is in them.
    fn list_headers(&self, sheet: &Sheet, domain: &str) -> Vec<(&'static str, String)> {
        let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned()), ("Precedence", "bulk".to_owned())];
        if let Some(feed) = &sheet.feed {
            headers.push(("List-Id", format!("<{feed}.{domain}>")));
        }
        let mailto = self.mailto.map(|to| format!("<mailto:{to}?subject=huy>"));
        let ways: Vec<String> = self.way_out.iter().map(|url| format!("<{url}>")).chain(mailto).collect();
        if !ways.is_empty() {
            headers.push(("List-Unsubscribe", ways.join(",\r\n ")));
        }
        // One click is promised only over a way that nobody reads along (RFC 8058 §3.1).
        if self.way_out.as_ref().is_some_and(|url| url.scheme() == "https") {
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        headers
    }

    fn plain(&self, sheet: &Sheet) -> String {
        let way_out = self.way_out.as_ref().map(|url| format!("\n\n-- \n{}\n{}: {url}", sheet.list, sheet.leave));
        format!("{}{}\n", sheet.plain, way_out.unwrap_or_default())
    }

    fn html(&self, sheet: &Sheet) -> String {
        // An address of ours has no quotes in it.
        let link = |url: &Url| format!("<hr><p style=\"color:#555;font-size:13px\"><a href=\"{url}\">{}</a></p>\n", sheet.leave);
        let way_out = self.way_out.as_ref().map(link).unwrap_or_default();
        format!(
            "<!doctype html>\n<html><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\n\
             <body style=\"font-family:sans-serif;font-size:16px;line-height:1.5;max-width:640px;margin:0 auto;padding:8px\">\n\
             {}\n{way_out}</body></html>\n",
            sheet.html
        )
    }
}

fn part(kind: ContentType, text: String) -> SinglePart {
    SinglePart::builder().header(kind).body(text)
}
