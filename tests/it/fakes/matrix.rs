//! A homeserver of Matrix, as far as an account that writes needs one.

use serde_json::{Value, json};

use super::mishap::Mishap;
use super::platform::{Call, Reply, Rules, Seen};

/// A homeserver with one account and the rooms that it has joined; the alias is the first one's.
pub(crate) struct Matrix {
    pub(crate) token: &'static str,
    pub(crate) rooms: &'static [&'static str],
    pub(crate) alias: &'static str,
}

const ME: &str = "@loa:may.example";
/// An event, whole: what the server adds to the content takes some of it.
const LARGEST: usize = 65_536;
const ADDED: usize = 1_000;

fn no(status: u16, code: &str, text: &str) -> Reply {
    Reply::new(status, json!({ "errcode": code, "error": text }))
}

impl Rules for Matrix {
    fn carries(&self, call: &Call) -> bool {
        call.method == "PUT"
    }

    fn judge(&self, call: &Call, seen: &mut Vec<Seen>) -> Result<Reply, Reply> {
        let (method, path) = call.line();
        if call.query.contains_key("access_token") || call.bearer().is_empty() {
            return Err(no(401, "M_MISSING_TOKEN", "Missing access token"));
        }
        if call.bearer() != self.token {
            return Err(no(401, "M_UNKNOWN_TOKEN", "Invalid access token"));
        }
        let Some((["_matrix", "client", "v3"], path)) = path.split_first_chunk::<3>() else {
            return Err(no(404, "M_UNRECOGNIZED", "Unrecognized request"));
        };
        let in_room = |room: &&str| if self.rooms.contains(room) { Ok(()) } else { Err(no(403, "M_FORBIDDEN", "User not in room")) };
        match (method, path) {
            ("GET", ["account", "whoami"]) => Ok(Reply::new(200, json!({ "user_id": ME, "device_id": "LOA" }))),
            ("GET", ["joined_rooms"]) => Ok(Reply::new(200, json!({ "joined_rooms": self.rooms }))),
            ("GET", ["directory", "room", alias]) if *alias == self.alias => Ok(Reply::new(200, json!({ "room_id": self.rooms[0] }))),
            ("GET", ["directory", "room", _]) => Err(no(404, "M_NOT_FOUND", "Room alias not found")),
            ("GET", ["rooms", room, "state", "m.room.power_levels"]) => {
                in_room(room).map(|()| Reply::new(200, json!({ "users": { ME: 0 }, "events_default": 0 })))
            }
            ("PUT", ["rooms", room, "send", "m.room.message", transaction]) => {
                in_room(room)?;
                event(call, room, transaction, seen)
            }
            _ => Err(no(404, "M_UNRECOGNIZED", "Unrecognized request")),
        }
    }

    fn spoilt(&self, mishap: Mishap) -> Option<Reply> {
        match mishap {
            Mishap::ServerError => Some(no(500, "M_UNKNOWN", "Internal server error")),
            Mishap::Flood(seconds) => Some(no(429, "M_LIMIT_EXCEEDED", "Too Many Requests").with("retry-after", seconds)),
            Mishap::BadToken => Some(no(401, "M_UNKNOWN_TOKEN", "Access token has expired")),
            Mishap::Gone => Some(no(403, "M_FORBIDDEN", "User not in room")),
            Mishap::Reset | Mishap::LostAnswer | Mishap::HtmlPage => None,
        }
    }
}

/// The same transaction gives the same event, which is there once.
fn event(call: &Call, room: &str, transaction: &str, seen: &mut Vec<Seen>) -> Result<Reply, Reply> {
    let took = |id: &str| Ok(Reply::new(200, json!({ "event_id": id })));
    let content = call.json().ok_or_else(|| no(400, "M_NOT_JSON", "Content not JSON."))?;
    if call.body.len() + ADDED > LARGEST {
        return Err(no(413, "M_TOO_LARGE", "event too large"));
    }
    if let Some(there) = seen.iter().find(|seen| seen.key.split(' ').any(|key| key == transaction)) {
        return took(&there.id);
    }
    let text = words(&content).map_err(|why| no(400, "M_BAD_JSON", &why))?;
    let relation = &content["m.relates_to"];
    if relation["rel_type"] != "m.replace" {
        let id = format!("$event{}", seen.len());
        seen.push(Seen { id: id.clone(), place: room.to_owned(), key: transaction.to_owned(), title: String::new(), text });
        return took(&id);
    }
    let new = words(&content["m.new_content"]).map_err(|why| no(400, "M_BAD_JSON", &why))?;
    let there = seen.iter_mut().find(|seen| relation["event_id"] == seen.id.as_str());
    let there = there.ok_or_else(|| no(400, "M_UNKNOWN", "Can't relate to unknown event"))?;
    there.key = format!("{} {transaction}", there.key);
    there.text = new;
    took("$edit")
}

/// The plain words of a content; the reason where a client would show none.
fn words(content: &Value) -> Result<String, String> {
    let body = content["body"].as_str().filter(|body| !body.trim().is_empty()).ok_or("no body")?;
    if content["msgtype"] != "m.text" || content["m.mentions"] != json!({}) {
        return Err(format!("{} {}", content["msgtype"], content["m.mentions"]));
    }
    match (content["format"].as_str(), content["formatted_body"].as_str()) {
        (None, None) => Ok(body.to_owned()),
        (Some("org.matrix.custom.html"), Some(html)) if !html.contains("<script") => Ok(body.to_owned()),
        other => Err(format!("{other:?}")),
    }
}
