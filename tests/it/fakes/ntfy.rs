//! A server of ntfy with one token that may write and read everywhere.

use serde_json::{Value, json};

use super::mishap::Mishap;
use super::platform::{Call, Reply, Rules, Seen};

pub(crate) struct Ntfy {
    pub(crate) token: &'static str,
}

/// A message's text, in bytes.
const LONGEST: usize = 4096;

fn no(status: u16, code: u64, text: &str) -> Reply {
    Reply::new(status, json!({ "code": code, "http": status, "error": text, "link": "https://ntfy.sh/docs/publish/" }))
}

impl Rules for Ntfy {
    fn carries(&self, call: &Call) -> bool {
        call.method == "POST"
    }

    fn judge(&self, call: &Call, seen: &mut Vec<Seen>) -> Result<Reply, Reply> {
        let (method, path) = call.line();
        match (method, path.as_slice()) {
            ("GET", ["v1", "health"]) => return Ok(Reply::new(200, json!({ "healthy": true }))),
            _ if call.bearer() != self.token => return Err(no(401, 40_101, "unauthorized")),
            ("GET", [topic, "auth"]) if is_topic(topic) => return Ok(Reply::new(200, json!({ "success": true }))),
            ("GET", [topic, "json"]) if is_topic(topic) => {
                let since = call.query.get("since").map(String::as_str).unwrap_or_default();
                let after = seen.iter().position(|seen| seen.id == since).map_or(0, |at| at + 1);
                let kept = seen.iter().skip(after).filter(|seen| seen.place == *topic).map(|seen| format!("{}\n", message(seen)));
                return Ok(Reply::new(200, kept.collect::<String>()));
            }
            ("POST", [""]) => {}
            _ => return Err(no(404, 40_401, "page not found")),
        }
        let body: Value =
            serde_json::from_slice(&call.body).map_err(|_| no(400, 40_024, "invalid request: request body must be valid JSON"))?;
        published(&body)?;
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let id = format!("m{:011}", seen.len());
        seen.push(Seen { id, place: text("topic"), key: String::new(), title: text("title"), text: text("message") });
        Ok(Reply::new(200, message(&seen[seen.len() - 1])))
    }

    fn spoilt(&self, mishap: Mishap) -> Option<Reply> {
        match mishap {
            Mishap::ServerError => Some(no(500, 50_001, "internal server error")),
            Mishap::Flood(seconds) => Some(no(429, 42_901, "limit reached: too many requests").with("retry-after", seconds)),
            Mishap::BadToken => Some(no(401, 40_101, "unauthorized")),
            Mishap::Gone => Some(no(403, 40_301, "forbidden")),
            Mishap::Reset | Mishap::LostAnswer | Mishap::HtmlPage => None,
        }
    }
}

fn is_topic(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn message(seen: &Seen) -> String {
    json!({ "id": seen.id, "time": 1, "expires": 2, "event": "message", "topic": seen.place, "title": seen.title, "message": seen.text })
        .to_string()
}

fn published(body: &Value) -> Result<(), Reply> {
    let text = |key: &str| body[key].as_str().unwrap_or_default();
    let is_web = |key: &str| body[key].is_null() || text(key).starts_with("http");
    let known = ["topic", "title", "message", "click", "tags", "priority", "attach"];
    match () {
        () if !is_topic(text("topic")) => Err(no(400, 40_009, "invalid request: topic invalid")),
        () if text("message").len() > LONGEST => Err(no(413, 41_301, "attachment too large, or bandwidth limit reached")),
        () if text("message").trim().is_empty() => Err(no(400, 40_000, "this fake wants a message")),
        () if !is_web("attach") => Err(no(400, 40_013, "invalid request: attachment URL is invalid")),
        () if !is_web("click") => Err(no(400, 40_000, "click is no address")),
        () if !body["priority"].is_null() && !(1..=5).contains(&body["priority"].as_u64().unwrap_or_default()) => {
            Err(no(400, 40_007, "invalid request: priority invalid"))
        }
        () if body.as_object().is_none_or(|body| body.keys().any(|key| !known.contains(&key.as_str()))) => {
            Err(no(400, 40_024, "a field that is not known"))
        }
        () => Ok(()),
    }
}
