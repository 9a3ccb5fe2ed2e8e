//! Discord's webhooks: execute, edit a message, look at the webhook.

use serde_json::{Value, json};

use super::mishap::Mishap;
use super::platform::{Call, Reply, Rules, Seen};

/// The rules of one webhook, `/api/webhooks/{id}/{token}`.
pub(crate) struct Discord {
    pub(crate) id: &'static str,
    pub(crate) token: &'static str,
}

/// `SUPPRESS_EMBEDS` and `SUPPRESS_NOTIFICATIONS`: what a webhook may set.
const FLAGS: u64 = 1 << 2 | 1 << 12;

fn no(status: u16, code: u64, text: &str) -> Reply {
    Reply::new(status, json!({ "code": code, "message": text })).with("content-type", "application/json")
}

impl Rules for Discord {
    fn carries(&self, call: &Call) -> bool {
        call.method == "POST" || call.method == "PATCH"
    }

    fn judge(&self, call: &Call, seen: &mut Vec<Seen>) -> Result<Reply, Reply> {
        let (method, path) = call.line();
        let Some((["api", "webhooks", id, token], rest)) = path.split_first_chunk::<4>() else { return Err(no(404, 0, "404: Not Found")) };
        if *id != self.id {
            return Err(no(404, 10_015, "Unknown Webhook"));
        }
        if *token != self.token {
            return Err(no(401, 50_027, "Invalid Webhook Token"));
        }
        match (method, rest) {
            ("GET", []) => Ok(Reply::new(200, json!({ "id": id, "type": 1, "name": "Loa phường", "channel_id": "42" }))),
            ("POST", []) => {
                let content = content(call)?;
                let id = format!("{}", 1_000_000_000_000_000_000_u64 + seen.len() as u64);
                seen.push(Seen { id: id.clone(), place: "42".into(), key: String::new(), title: String::new(), text: content });
                let told =
                    if call.query.get("wait").is_some_and(|wait| wait == "true") { json!({ "id": id }).to_string() } else { String::new() };
                Ok(Reply::new(if told.is_empty() { 204 } else { 200 }, told))
            }
            ("PATCH", ["messages", message]) => {
                let content = content(call)?;
                let there = seen.iter_mut().find(|seen| seen.id == *message).ok_or_else(|| no(404, 10_008, "Unknown Message"))?;
                there.text = content;
                Ok(Reply::new(200, json!({ "id": message })))
            }
            _ => Err(no(405, 0, "405: Method Not Allowed")),
        }
    }

    fn spoilt(&self, mishap: Mishap) -> Option<Reply> {
        match mishap {
            Mishap::ServerError => Some(no(500, 0, "500: Internal Server Error")),
            Mishap::Flood(seconds) => {
                let told = json!({ "message": "You are being rate limited.", "retry_after": seconds as f64, "global": false });
                Some(Reply::new(429, told).with("retry-after", seconds).with("x-ratelimit-scope", "user"))
            }
            Mishap::Gone => Some(no(404, 10_015, "Unknown Webhook")),
            // The key is the room's own: there is none of the channel.
            Mishap::BadToken | Mishap::Reset | Mishap::LostAnswer | Mishap::HtmlPage => None,
        }
    }
}

/// What a good message says.
fn content(call: &Call) -> Result<String, Reply> {
    let form = |why: &str| no(400, 50_035, &format!("Invalid Form Body: {why}"));
    let body = call.json().ok_or_else(|| no(400, 50_109, "The request body contains invalid JSON."))?;
    let content = body["content"].as_str().unwrap_or_default();
    let embeds = body["embeds"].as_array().cloned().unwrap_or_default();
    let is_web = |url: &Value| url.as_str().is_some_and(|url| url.starts_with("http://") || url.starts_with("https://"));
    match () {
        () if content.chars().count() > 2000 => Err(form("content: Must be 2000 or fewer in length.")),
        () if content.trim().is_empty() && embeds.is_empty() => Err(no(400, 50_006, "Cannot send an empty message")),
        () if embeds.len() > 10 => Err(form("embeds: Must be 10 or fewer in length.")),
        () if embeds.iter().any(|embed| !is_web(&embed["image"]["url"])) => Err(form("embeds: Not a well formed URL.")),
        () if body["allowed_mentions"]["parse"] != json!([]) => Err(form("this message may call everybody")),
        () if body["flags"].as_u64().unwrap_or_default() & !FLAGS != 0 => Err(form("flags: not permitted")),
        () if content.contains("@everyone") || content.contains("@here") => Err(form("a mass mention is shown")),
        () => Ok(content.to_owned()),
    }
}
