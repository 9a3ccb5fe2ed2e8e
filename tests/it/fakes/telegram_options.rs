//! `reply_markup` and `link_preview_options`, checked as the server checks them.

use serde_json::{Value, json};

use super::telegram_call::{Params, Refused, bad};
use super::telegram_link::checked_link;

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Button {
    /// What it says.
    pub(crate) text: String,
    /// Where it leads.
    pub(crate) url: Option<String>,
    /// What it sends back to the bot.
    pub(crate) data: Option<String>,
}

/// The inline keyboard in `reply_markup`, row by row.
pub(super) fn buttons(params: &Params) -> Result<Vec<Vec<Button>>, Refused> {
    let Some(text) = params.text("reply_markup").filter(|t| !t.is_empty()) else { return Ok(Vec::new()) };
    let broken = || bad("can't parse reply keyboard markup JSON object");
    let markup: Value = serde_json::from_str(text).map_err(|_| broken())?;
    if !markup.is_object() {
        return Err(bad("object expected as reply markup"));
    }
    let Some(rows) = markup.get("inline_keyboard") else { return Ok(Vec::new()) };
    let rows = rows.as_array().ok_or_else(|| bad("field \"inline_keyboard\" must be of type Array"))?;
    rows.iter().map(row).collect::<Result<Vec<_>, _>>().map(|rows| rows.into_iter().filter(|r| !r.is_empty()).collect())
}

fn row(row: &Value) -> Result<Vec<Button>, Refused> {
    let row = row.as_array().ok_or_else(|| bad("field \"inline_keyboard\" must be an Array of Arrays"))?;
    row.iter().map(button).collect()
}

fn button(button: &Value) -> Result<Button, Refused> {
    let word = |key: &str| button.get(key).and_then(Value::as_str).map(str::to_owned);
    let no = |why: &str| bad(&format!("can't parse inline keyboard button: {why}"));
    let text = word("text").ok_or_else(|| no("can't find field \"text\""))?;
    let (url, data) = (word("url"), word("callback_data"));
    if text.trim().is_empty() {
        return Err(bad("inline keyboard button text must be non-empty"));
    }
    match (&url, &data) {
        (Some(url), _) if checked_link(url).is_none() => {
            Err(bad(&format!("inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")))
        }
        (_, Some(data)) if data.is_empty() || data.len() > 64 => Err(bad("BUTTON_DATA_INVALID")),
        (None, None) => Err(no("Text buttons are unallowed in the inline keyboard")),
        (Some(_), _) | (None, Some(_)) => Ok(Button { text, url, data }),
    }
}

/// `link_preview_options`, or the older `disable_web_page_preview`.
pub(super) fn preview(params: &Params) -> Result<Option<Value>, Refused> {
    let options = params.json("link_preview_options")?;
    match &options {
        Some(Value::Object(_)) => Ok(options),
        Some(_) => Err(bad("object expected as link preview options")),
        None if params.flag("disable_web_page_preview") => Ok(Some(json!({"is_disabled": true}))),
        None => Ok(None),
    }
}

impl Button {
    /// As the Bot API writes it.
    pub(super) fn to_json(&self) -> Value {
        match (&self.url, &self.data) {
            (Some(url), _) => json!({"text": self.text, "url": url}),
            (None, Some(data)) => json!({"text": self.text, "callback_data": data}),
            (None, None) => json!({"text": self.text}),
        }
    }
}
