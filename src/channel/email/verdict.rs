//! What a server's reply, or its silence, means for the outbox (RFC 5321 §4.2).

use std::time::Duration;

use super::NAME;
use crate::channel::SendError;
use crate::channel::status::REST;
use crate::phrases;

/// How far a letter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Connection, greeting, TLS.
    Connect,
    /// User and password.
    Login,
    /// `MAIL FROM`.
    From,
    /// `RCPT TO`.
    To,
    /// `DATA`.
    Data,
    /// The letter itself; from its last dot on it may have been taken.
    Content,
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) stage: Stage,
    /// The reply's code; none where there was no reply that could be read.
    pub(super) code: Option<u16>,
    /// In the server's words, without secrets.
    pub(super) told: String,
}

/// A server that does not know a sender yet takes the letter after some minutes (greylisting).
const GREYLISTED: Duration = Duration::from_secs(300);

impl Fault {
    /// What the outbox does next.
    pub(super) fn verdict(self) -> SendError {
        match self.code {
            Some(code) => self.replied(code),
            None => self.silent(),
        }
    }

    fn replied(self, code: u16) -> SendError {
        let said = &self.told;
        match (self.stage, code) {
            (_, 421) => SendError::Down { after: None, cause: phrases::platform_flood(NAME, said) },
            (Stage::Login, 500..) | (_, 530 | 534 | 535 | 538) => {
                SendError::Down { after: Some(REST), cause: phrases::platform_token(NAME, said) }
            }
            (Stage::Connect, 500..) => SendError::Down { after: Some(REST), cause: phrases::platform_refused(NAME, said) },
            (Stage::Connect | Stage::Login, _) => SendError::Down { after: None, cause: phrases::platform_flood(NAME, said) },
            // The sender is refused, whoever is written to.
            (Stage::From, 500..) => SendError::Down { after: Some(REST), cause: phrases::platform_refused(NAME, said) },
            (Stage::To, 450 | 451) => SendError::Retry { after: Some(GREYLISTED), cause: phrases::platform_flood(NAME, said) },
            // A full mailbox, by the old code (RFC 5321 §4.5.3.1.10).
            (Stage::To, 552) => SendError::Retry { after: None, cause: phrases::platform_flood(NAME, said) },
            (Stage::To, 500..) => SendError::Gone { cause: phrases::platform_no_such_place(NAME, said) },
            (Stage::Content, 552) => SendError::Refused { cause: phrases::platform_too_long(NAME, said) },
            (Stage::Data | Stage::Content, 500..) => SendError::Refused { cause: phrases::platform_refused(NAME, said) },
            (Stage::From | Stage::To | Stage::Data | Stage::Content, _) => {
                SendError::Retry { after: None, cause: phrases::platform_flood(NAME, said) }
            }
        }
    }

    fn silent(self) -> SendError {
        match self.stage {
            Stage::Connect | Stage::Login => SendError::Down { after: None, cause: phrases::platform_unreachable(NAME, &self.told) },
            Stage::From | Stage::To | Stage::Data => SendError::Retry { after: None, cause: phrases::platform_not_sent(NAME, &self.told) },
            Stage::Content => SendError::InDoubt { cause: phrases::platform_answer_lost(NAME, &self.told) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::scripted::word;

    #[test]
    fn each_reply_says_what_comes_next() {
        let check = |stage: Stage, code: u16, want: &str| {
            let fault = Fault { stage, code: Some(code).filter(|code| *code > 0), told: "x".into() };
            assert_eq!(word(&fault.verdict()), want, "{stage:?} {code}");
        };
        use Stage::{Connect, Content, Data, From, Login, To};
        for (stage, code, want) in [
            (Connect, 0, "down"),
            (Connect, 421, "down"),
            (Connect, 554, "down 600"),
            (Login, 0, "down"),
            (Login, 454, "down"),
            (Login, 535, "down 600"),
            (Login, 504, "down 600"),
            (From, 0, "retry"),
            (From, 451, "retry"),
            (From, 530, "down 600"),
            (From, 550, "down 600"),
            (To, 421, "down"),
            (To, 450, "retry 300"),
            (To, 451, "retry 300"),
            (To, 452, "retry"),
            (To, 550, "gone"),
            (To, 551, "gone"),
            (To, 552, "retry"),
            (To, 553, "gone"),
            (To, 530, "down 600"),
            (Data, 0, "retry"),
            (Data, 451, "retry"),
            (Data, 554, "refused"),
            (Content, 0, "doubt"),
            (Content, 451, "retry"),
            (Content, 452, "retry"),
            (Content, 552, "refused"),
            (Content, 554, "refused"),
        ] {
            check(stage, code, want);
        }
    }
}
