//! A Workflows webhook that posts Adaptive Cards to a room of Microsoft Teams.

use serde_json::{Value, json};

use super::mishap::Mishap;
use super::platform::{Call, Reply, Rules, Seen};

/// The rules of one workflow.
pub(crate) struct Teams {
    /// Path and query with the signature.
    pub(crate) target: &'static str,
}

const LARGEST: usize = 28 * 1024;

fn no(status: u16, code: &str, text: &str) -> Reply {
    Reply::new(status, json!({ "error": { "code": code, "message": text } }))
}

impl Rules for Teams {
    fn carries(&self, call: &Call) -> bool {
        call.method == "POST"
    }

    fn judge(&self, call: &Call, seen: &mut Vec<Seen>) -> Result<Reply, Reply> {
        if call.target != self.target {
            return Err(no(401, "DirectApiAuthorizationRequired", "The request must be authenticated by Shared Access scheme."));
        }
        if call.method != "POST" {
            return Ok(no(405, "MethodNotAllowed", ""));
        }
        if call.body.len() > LARGEST {
            return Err(no(413, "RequestEntityTooLarge", "over 28 KB"));
        }
        let body = call.json().ok_or_else(|| no(400, "InvalidRequestContent", "not JSON"))?;
        let text = card(&body).map_err(|why| no(400, "TriggerInputSchemaMismatch", &why))?;
        seen.push(Seen { id: String::new(), place: String::new(), key: String::new(), title: String::new(), text });
        Ok(Reply::new(202, ""))
    }

    fn spoilt(&self, mishap: Mishap) -> Option<Reply> {
        match mishap {
            Mishap::ServerError => Some(no(500, "InternalServerError", "")),
            Mishap::Flood(seconds) => Some(no(429, "WorkflowRunThrottled", "").with("retry-after", seconds)),
            Mishap::Gone => Some(no(404, "WorkflowNotFound", "")),
            Mishap::BadToken | Mishap::Reset | Mishap::LostAnswer | Mishap::HtmlPage => None,
        }
    }
}

/// What the one card of a message shows; the reason where it would not be shown.
fn card(body: &Value) -> Result<String, String> {
    let attachments = body["attachments"].as_array().cloned().unwrap_or_default();
    let ([card], "message") = (attachments.as_slice(), body["type"].as_str().unwrap_or_default()) else {
        return Err("no message with one card".into());
    };
    let content = &card["content"];
    let kinds = (card["contentType"].as_str(), content["type"].as_str(), content["version"].as_str());
    if kinds != (Some("application/vnd.microsoft.card.adaptive"), Some("AdaptiveCard"), Some("1.4")) {
        return Err(format!("{kinds:?}"));
    }
    let actions = content["actions"].as_array().cloned().unwrap_or_default();
    let is_web = |url: &Value| url.as_str().is_some_and(|url| url.starts_with("http"));
    if actions.len() > 6 || actions.iter().any(|a| a["type"] != "Action.OpenUrl" || !is_web(&a["url"]) || !a["title"].is_string()) {
        return Err(format!("{actions:?}"));
    }
    let blocks = content["body"].as_array().filter(|blocks| !blocks.is_empty()).ok_or("an empty card")?;
    Ok(blocks.iter().map(block).collect::<Result<Vec<_>, _>>()?.join("\n"))
}

fn block(block: &Value) -> Result<String, String> {
    match block["type"].as_str() {
        Some("TextBlock") => block["text"].as_str().map(str::to_owned).ok_or_else(|| "no text".into()),
        Some("Image") if block["url"].as_str().is_some_and(|url| url.starts_with("http")) => Ok(String::new()),
        Some("RichTextBlock") => {
            let runs = block["inlines"].as_array().ok_or("no inlines")?;
            let run = |run: &Value| run["text"].as_str().filter(|text| !text.is_empty() && run["type"] == "TextRun").map(str::to_owned);
            runs.iter().map(run).collect::<Option<Vec<_>>>().map(|runs| runs.concat()).ok_or_else(|| format!("{runs:?}"))
        }
        other => Err(format!("a block of type {other:?}")),
    }
}
