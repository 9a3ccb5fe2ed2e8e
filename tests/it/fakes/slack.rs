//! Slack's incoming webhooks.

use serde_json::Value;

use super::mishap::Mishap;
use super::platform::{Call, Reply, Rules, Seen};

/// The rules of one webhook, `/services/…`.
pub(crate) struct Slack {
    pub(crate) path: &'static str,
}

impl Rules for Slack {
    fn carries(&self, call: &Call) -> bool {
        call.method == "POST"
    }

    fn judge(&self, call: &Call, seen: &mut Vec<Seen>) -> Result<Reply, Reply> {
        if call.method != "POST" {
            return Err(Reply::new(404, "no_service"));
        }
        if call.target != self.path {
            return Err(Reply::new(403, "invalid_token"));
        }
        let body = call.json().ok_or_else(|| Reply::new(400, "invalid_payload"))?;
        let (text, blocks) = (body["text"].as_str().unwrap_or_default(), body["blocks"].as_array().cloned().unwrap_or_default());
        if text.is_empty() && blocks.is_empty() {
            return Err(Reply::new(400, "no_text"));
        }
        let invalid = |why: String| Reply::new(400, format!("invalid_blocks: {why}"));
        if blocks.len() > 50 {
            return Err(invalid("over 50 blocks".into()));
        }
        let shown: Vec<String> = blocks.iter().map(shown).collect::<Result<_, _>>().map_err(invalid)?;
        mrkdwn(text).map_err(invalid)?;
        let text = if shown.is_empty() { text.to_owned() } else { shown.join("\n") };
        seen.push(Seen { id: String::new(), place: String::new(), key: String::new(), title: String::new(), text });
        Ok(Reply::new(200, "ok"))
    }

    fn spoilt(&self, mishap: Mishap) -> Option<Reply> {
        match mishap {
            Mishap::ServerError => Some(Reply::new(500, "rollup_error")),
            Mishap::Flood(seconds) => Some(Reply::new(429, "rate_limited").with("retry-after", seconds)),
            Mishap::Gone => Some(Reply::new(410, "channel_is_archived")),
            Mishap::BadToken | Mishap::Reset | Mishap::LostAnswer | Mishap::HtmlPage => None,
        }
    }
}

/// What a block shows; the reason where Slack would refuse it.
fn shown(block: &Value) -> Result<String, String> {
    match block["type"].as_str() {
        Some("section") => {
            let text = block["text"]["text"].as_str().unwrap_or_default();
            if !(1..=3000).contains(&text.chars().count()) {
                return Err(format!("a section of {} characters", text.chars().count()));
            }
            match block["text"]["type"].as_str() {
                Some("mrkdwn") => mrkdwn(text),
                Some("plain_text") => Ok(text.to_owned()),
                other => Err(format!("text of type {other:?}")),
            }
        }
        Some("image") => {
            let (url, alt) = (block["image_url"].as_str().unwrap_or_default(), block["alt_text"].as_str().unwrap_or_default());
            let good = url.starts_with("http") && url.len() <= 3000 && (1..=2000).contains(&alt.chars().count());
            if good { Ok(String::new()) } else { Err(format!("image {url:?} {alt:?}")) }
        }
        other => Err(format!("block {other:?}")),
    }
}

/// Text in Slack's markup, unescaped: the three characters stand for themselves only as entities,
/// and what stands in angle brackets is a link to the web, never a mention.
fn mrkdwn(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")].iter().find(|(entity, _)| rest.starts_with(entity));
        if let Some((entity, plain)) = entity {
            out.push_str(plain);
            rest = &rest[entity.len()..];
        } else if let Some((link, after)) = rest.strip_prefix("<http").and_then(|rest| rest.split_once('>')) {
            let label = link.split_once('|').map_or(link, |(_, label)| label);
            out.push_str(&mrkdwn(label)?);
            rest = after;
        } else {
            return Err(format!("unescaped at {rest:.40}"));
        }
    }
    Ok(out + rest)
}
