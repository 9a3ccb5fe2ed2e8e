//! What can go wrong between a bot and Telegram.

use axum::response::Response;

use super::telegram_call::{Outcome, Refused, answer, refused, reply, too_many};
use super::wire::{Gate, Wire, hang_up};

/// A fault. Those marked (taken) happen after the message was taken: it exists, the bot cannot know.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// 500 as JSON.
    Status500,
    /// 502 as an HTML page that echoes the URL with the token.
    Html502,
    /// 504 as an HTML page that echoes the URL with the token.
    Html504,
    /// 429 with these seconds, once. A wait that the fake keeps up is `flood_wait`.
    TooMany(u64),
    /// Any JSON refusal: code and description (with its prefix).
    Refuse(u16, &'static str),
    /// (taken) The connection ends in order without an answer.
    LostAnswer,
    /// (taken) The connection ends in the middle of the answer.
    CutAnswer,
    /// (taken) A complete HTTP answer whose JSON is cut in half.
    HalfJson,
    /// (taken) A 200 with an HTML page.
    HtmlAnswer,
    /// The connection is reset, the message was not taken.
    Reset,
    /// Hangs before it is taken; once the gate opens it is taken, even if the client has gone.
    Hold(Gate),
    /// (taken) Hangs before the answer.
    HoldAnswer(Gate),
    /// (taken) The message is taken, then the inner fault answers, such as `Html504`.
    Taken(Box<Fault>),
}

impl Fault {
    /// This fault, but the message was taken before.
    pub(crate) fn after_taking(self) -> Self {
        Self::Taken(Box::new(self))
    }

    /// Lives through the fault; `run` takes the message, `target` is the request's path.
    pub(super) async fn happen(self, target: &str, wire: &Wire, run: impl Fn() -> Outcome) -> Response {
        match self {
            Self::Hold(gate) => {
                gate.wait().await;
                answer(&run())
            }
            Self::HoldAnswer(gate) => {
                let outcome = run();
                gate.wait().await;
                answer(&outcome)
            }
            Self::Taken(inner) => {
                let outcome = run();
                inner.spoil(target, wire, &outcome).await
            }
            taken @ (Self::LostAnswer | Self::CutAnswer | Self::HalfJson | Self::HtmlAnswer) => {
                let outcome = run();
                taken.spoil(target, wire, &outcome).await
            }
            other @ (Self::Status500 | Self::Html502 | Self::Html504 | Self::TooMany(_) | Self::Refuse(..) | Self::Reset) => {
                other.spoil(target, wire, &Ok(true.into())).await
            }
        }
    }

    /// The spoilt answer.
    async fn spoil(self, target: &str, wire: &Wire, outcome: &Outcome) -> Response {
        match self {
            Self::Status500 => answer(&Err(refused(500, "Internal Server Error: restart"))),
            Self::Html502 => page(502, "Bad Gateway", target),
            Self::Html504 => page(504, "Gateway Time-out", target),
            Self::TooMany(seconds) => answer(&Err(too_many(seconds))),
            Self::Refuse(code, description) => answer(&Err(refused(code, description))),
            Self::CutAnswer => cut(wire, outcome).await,
            Self::HalfJson => reply(200, "application/json", half(outcome).0),
            Self::HtmlAnswer => page(200, "Welcome", target),
            Self::Reset => {
                wire.reset_on_close();
                hang_up()
            }
            Self::LostAnswer | Self::Hold(_) | Self::HoldAnswer(_) | Self::Taken(_) => hang_up(),
        }
    }

    /// Whether it can strike before the body is read.
    pub(super) fn is_reset(&self) -> bool {
        matches!(self, Self::Reset)
    }
}

fn page(status: u16, title: &str, target: &str) -> Response {
    let body =
        format!("<html><head><title>{status} {title}</title></head><body><h1>{title}</h1><p>POST {target}</p><hr>nginx</body></html>");
    reply(status, "text/html", body)
}

/// Half of the answer, and the whole length.
fn half(outcome: &Outcome) -> (String, usize) {
    let whole = match outcome {
        Ok(result) => serde_json::json!({"ok": true, "result": result}).to_string(),
        Err(Refused { code, description, .. }) => {
            serde_json::json!({"ok": false, "error_code": code, "description": description}).to_string()
        }
    };
    let length = whole.len();
    (whole.chars().take(whole.chars().count() / 2).collect(), length)
}

async fn cut(wire: &Wire, outcome: &Outcome) -> Response {
    let (half, length) = half(outcome);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{half}");
    wire.write(head.as_bytes()).await;
    hang_up()
}
