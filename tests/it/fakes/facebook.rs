//! The Graph API, as far as a page's posts need it.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::mishap::Mishap;
use super::platform::{Call, Reply, Rules, Seen};

/// One page with its token.
pub(crate) struct Facebook {
    pub(crate) page: &'static str,
    pub(crate) token: &'static str,
}

/// A post's text, in characters.
const LONGEST: usize = 63_206;

fn no(status: u16, code: i64, subcode: i64, text: &str) -> Reply {
    let error = json!({ "message": text, "type": "OAuthException", "code": code, "error_subcode": subcode, "fbtrace_id": "A1" });
    Reply::new(status, json!({ "error": error }))
}

impl Rules for Facebook {
    fn carries(&self, call: &Call) -> bool {
        call.method == "POST"
    }

    fn judge(&self, call: &Call, seen: &mut Vec<Seen>) -> Result<Reply, Reply> {
        let form: HashMap<String, String> = url::form_urlencoded::parse(&call.body).into_owned().collect();
        if call.target.contains("access_token") || call.target.contains(self.token) {
            return Err(no(400, 100, 0, "the token stands in the address"));
        }
        let given = form.get("access_token").map_or(call.bearer(), String::as_str);
        if given != self.token {
            return Err(no(400, 190, 463, "Error validating access token"));
        }
        let (method, path) = call.line();
        match (method, path.as_slice()) {
            ("GET", ["v25.0", "me"]) => Ok(Reply::new(200, json!({ "id": self.page, "name": "Phường Thổ Quan" }))),
            ("GET", ["v25.0", page, "feed"]) if *page == self.page => {
                let posts: Vec<Value> = seen.iter().rev().take(25).map(|seen| json!({ "id": seen.id, "message": seen.text })).collect();
                Ok(Reply::new(200, json!({ "data": posts })))
            }
            ("POST", ["v25.0", page, "feed"]) if *page == self.page => self.post(&form, seen),
            ("POST", ["v25.0", post]) => {
                let missing = || no(400, 100, 33, "Unsupported post request. Object does not exist");
                seen.iter_mut().find(|seen| seen.id == *post).ok_or_else(missing)?.text = message(&form)?;
                Ok(Reply::new(200, json!({ "success": true })))
            }
            _ => Err(no(400, 100, 33, "Unsupported request. Object does not exist")),
        }
    }

    fn spoilt(&self, mishap: Mishap) -> Option<Reply> {
        match mishap {
            Mishap::ServerError => Some(no(500, 2, 0, "An unexpected error has occurred. Please retry your request later.")),
            Mishap::BadToken => Some(no(400, 190, 460, "Error validating access token: The session has been invalidated")),
            Mishap::Gone => Some(no(400, 100, 33, "Unsupported post request. Object does not exist")),
            // It tells of a limit, but not for how long.
            Mishap::Flood(_) | Mishap::Reset | Mishap::LostAnswer | Mishap::HtmlPage => None,
        }
    }
}

impl Facebook {
    fn post(&self, form: &HashMap<String, String>, seen: &mut Vec<Seen>) -> Result<Reply, Reply> {
        let text = message(form)?;
        if form.get("link").is_some_and(|link| !link.starts_with("http")) {
            return Err(no(400, 1500, 0, "The url you supplied is invalid"));
        }
        // Not for what it is, but because it is there already.
        if seen.last().is_some_and(|last| last.text == text) {
            return Ok(no(400, 506, 1_455_006, "Duplicate status message"));
        }
        let id = format!("{}_{}", self.page, seen.len() + 1);
        seen.push(Seen { id: id.clone(), place: String::new(), key: String::new(), title: String::new(), text });
        Ok(Reply::new(200, json!({ "id": id })))
    }
}

fn message(form: &HashMap<String, String>) -> Result<String, Reply> {
    let text = form.get("message").map(String::as_str).unwrap_or_default();
    let good = (1..=LONGEST).contains(&text.chars().count());
    if good { Ok(text.to_owned()) } else { Err(no(400, 100, 0, "Missing message or attachment")) }
}
