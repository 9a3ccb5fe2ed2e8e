//! One call to the Bot API: how its parameters arrive and how its answer leaves.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The parameters of a call. Inside the server every value is a string, so `null` is `"null"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params(pub(crate) BTreeMap<String, String>);

impl Params {
    /// The value as it came.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A number; nonsense reads as 0, absent as nothing.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.text(name).map(|value| value.parse().unwrap_or(0))
    }

    /// A truth value; nonsense reads as false.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|v| matches!(v.to_ascii_lowercase().as_str(), "true" | "yes" | "1"))
    }

    /// A JSON parameter.
    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, Refused> {
        let Some(text) = self.text(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        serde_json::from_str(text).map(Some).map_err(|_| bad(&format!("can't parse {} JSON object", name.replace('_', " "))))
    }

    /// Reads query and body as the server does: query, urlencoded, JSON or multipart.
    pub(super) fn read(query: &str, headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        let mut params = Self::default();
        params.add_form(query.as_bytes());
        let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/json" => params.add_json(body)?,
            "application/x-www-form-urlencoded" => params.add_form(body),
            "multipart/form-data" => params.add_multipart(kind, body)?,
            _ => {}
        }
        Ok(params)
    }

    fn add_form(&mut self, form: &[u8]) {
        self.0.extend(url::form_urlencoded::parse(form).into_owned());
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), Refused> {
        if body.is_empty() {
            return Ok(());
        }
        let object: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(|_| bad("can't parse JSON object"))?;
        self.0.extend(object.into_iter().map(|(name, value)| (name, flat(value))));
        Ok(())
    }

    fn add_multipart(&mut self, kind: &str, body: &[u8]) -> Result<(), Refused> {
        let broken = || bad("can't parse multipart form data");
        let boundary = parameter(kind, "boundary").ok_or_else(broken)?;
        let mark = format!("--{boundary}");
        let mut parts = split(body, mark.as_bytes()).into_iter().skip(1);
        let closed = parts.by_ref().find_map(|part| self.add_part(part).err());
        if closed == Some(PartEnd::Last) { Ok(()) } else { Err(broken()) }
    }

    /// One part; an uploaded file leaves `attach:` and its name.
    fn add_part(&mut self, part: &[u8]) -> Result<(), PartEnd> {
        if part.starts_with(b"--") {
            return Err(PartEnd::Last);
        }
        let at = part.windows(4).position(|w| w == b"\r\n\r\n").ok_or(PartEnd::Broken)?;
        let (head, value) = part.split_at(at);
        let value = value.get(4..).and_then(|v| v.strip_suffix(b"\r\n")).ok_or(PartEnd::Broken)?;
        let head = String::from_utf8_lossy(head).into_owned();
        let name = parameter(&head, "name").ok_or(PartEnd::Broken)?;
        let value = match parameter(&head, "filename") {
            Some(file) => format!("attach:{file}"),
            None => String::from_utf8(value.to_vec()).map_err(|_| PartEnd::Broken)?,
        };
        self.0.insert(name, value);
        Ok(())
    }
}

#[derive(PartialEq)]
enum PartEnd {
    Last,
    Broken,
}

fn flat(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    }
}

/// `name="value"` or `name=value` in a header.
fn parameter(header: &str, name: &str) -> Option<String> {
    header.split([';', '\n']).find_map(|piece| {
        let value = piece.trim().strip_prefix(name)?.strip_prefix('=')?;
        Some(value.trim_matches('"').to_owned())
    })
}

fn split<'a>(body: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.windows(mark.len()).position(|w| w == mark) {
        parts.push(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + mark.len()..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

/// An answer with `"ok": false`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// HTTP status and `error_code`.
    pub(crate) code: u16,
    /// With its prefix, such as `Bad Request: `.
    pub(crate) description: String,
    /// Seconds, with 429.
    pub(crate) retry_after: Option<u64>,
    /// The new id, when a group became a supergroup.
    pub(crate) migrate_to: Option<i64>,
}

/// Any refusal.
pub(super) fn refused(code: u16, description: impl Into<String>) -> Refused {
    Refused { code, description: description.into(), retry_after: None, migrate_to: None }
}

/// 400 `Bad Request: …`.
pub(super) fn bad(what: &str) -> Refused {
    refused(400, format!("Bad Request: {what}"))
}

/// 403 `Forbidden: …`.
pub(super) fn forbidden(what: &str) -> Refused {
    refused(403, format!("Forbidden: {what}"))
}

/// 429 with its seconds.
pub(super) fn too_many(seconds: u64) -> Refused {
    Refused { retry_after: Some(seconds), ..refused(429, format!("Too Many Requests: retry after {seconds}")) }
}

/// What a method gives.
pub(super) type Outcome = Result<Value, Refused>;

/// The outcome as an HTTP answer.
pub(super) fn answer(outcome: &Outcome) -> Response {
    match outcome {
        Ok(result) => reply(200, "application/json", json!({"ok": true, "result": result}).to_string()),
        Err(refused) => refusal(refused),
    }
}

fn refusal(refused: &Refused) -> Response {
    let mut body = json!({"ok": false, "error_code": refused.code, "description": refused.description});
    let parameters = match (refused.retry_after, refused.migrate_to) {
        (Some(seconds), _) => Some(json!({"retry_after": seconds})),
        (None, Some(chat)) => Some(json!({"migrate_to_chat_id": chat})),
        (None, None) => None,
    };
    if let (Some(parameters), Some(fields)) = (parameters, body.as_object_mut()) {
        fields.insert("parameters".into(), parameters);
    }
    let mut response = reply(refused.code, "application/json", body.to_string());
    if let Some(seconds) = refused.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Any body with a status and a type.
pub(super) fn reply(status: u16, kind: &'static str, body: String) -> Response {
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, kind)], Body::from(body)).into_response()
}
