//! The one request that renews a pair. Its refresh token works once: whatever is not surely
//! "not sent" or "refused" may have used it up.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::channel::http::{Answer, Fault, Http};
use crate::phrases;
use crate::secret::Secret;

/// What asking for a new pair gave. Texts hold no secrets.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Renewal {
    /// The new pair; the old refresh token is used up.
    Pair {
        /// `access_token`.
        access: String,
        /// `refresh_token`.
        refresh: String,
        /// `expires_in`.
        lasts: Value,
    },
    /// The request did not leave, or was refused for what has nothing to do with the pair.
    NotDone(String),
    /// The way there is disturbed; the token is probably as it was.
    Disturbed(String),
    /// The answer was lost.
    Unknown(String),
    /// The refresh token is used up or unknown: only a person can help.
    Ended(String),
}

#[derive(Deserialize)]
struct Reply {
    access_token: Option<String>,
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    error: Value,
    #[serde(default)]
    error_name: Value,
    #[serde(default)]
    error_description: Value,
}

/// An answer that takes longer is taken for lost.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The refresh token is not known (any more).
const INVALID: i64 = -14014;

/// Asks for a new pair.
pub(super) async fn renew(http: &Http, server: &Url, app: &str, secret: &Secret, refresh: &str) -> Renewal {
    let mut url = server.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v4", "oa", "access_token"]);
    }
    let form = [("app_id", app), ("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = http
        .client()
        .post(url)
        .header("secret_key", secret.expose())
        .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .timeout(TIMEOUT)
        .body(body);
    match http.send(request).await {
        Ok(answer) => read(&answer, |text| Secret::new(refresh).strip(&http.strip(text))),
        Err(Fault::Unreached(why) | Fault::Unwritten(why)) => Renewal::NotDone(phrases::platform_unreachable("Zalo OAuth", &why)),
        Err(Fault::Lost(why)) => Renewal::Unknown(why),
    }
}

fn read(answer: &Answer, strip: impl Fn(&str) -> String) -> Renewal {
    let status = format!("HTTP {}", answer.status);
    if answer.body.iter().all(u8::is_ascii_whitespace) {
        // What Zalo says of a token that was used before.
        return if answer.status == 200 { Renewal::Ended(phrases::zalo_refresh_used()) } else { Renewal::Disturbed(status) };
    }
    let Ok(reply) = serde_json::from_slice::<Reply>(&answer.body) else {
        // A page of a gateway, or half an answer.
        return if answer.status == 200 { Renewal::Unknown(status) } else { Renewal::Disturbed(status) };
    };
    if let (Some(access), Some(refresh)) = (filled(reply.access_token), filled(reply.refresh_token)) {
        return Renewal::Pair { access, refresh, lasts: reply.expires_in };
    }
    let code = reply.error.as_i64().or_else(|| reply.error.as_str()?.trim().parse().ok());
    let words = [&reply.error_name, &reply.error_description].into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let said = strip(&format!("{} {words}", code.unwrap_or_default()));
    match code {
        Some(INVALID) => Renewal::Ended(said),
        Some(0) | None => Renewal::Unknown(said),
        Some(_) => Renewal::NotDone(phrases::zalo_refresh_refused(&said)),
    }
}

/// An empty token must never replace a real one.
fn filled(token: Option<String>) -> Option<String> {
    token.filter(|token| !token.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, want: &str) {
        let got = read(&Answer { status, retry_after: None, left: None, body: body.as_bytes().to_vec() }, str::to_owned);
        let kind = match &got {
            Renewal::Pair { .. } => "pair",
            Renewal::NotDone(_) => "not done",
            Renewal::Disturbed(_) => "disturbed",
            Renewal::Unknown(_) => "unknown",
            Renewal::Ended(_) => "ended",
        };
        assert_eq!(kind, want, "{status} {body}: {got:?}");
    }

    #[test]
    fn each_answer_says_what_became_of_the_refresh_token() {
        check(200, "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":\"90000\"}", "pair");
        check(200, "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":90000}", "pair");
        check(200, "", "ended");
        check(200, "\r\n", "ended");
        check(200, "{\"error\":-14014,\"error_name\":\"Invalid refresh token.\"}", "ended");
        check(200, "{\"error\":\"-14014\",\"error_name\":\"Invalid refresh token.\"}", "ended");
        check(200, "{\"error\":-14002,\"error_name\":\"Invalid app id\"}", "not done");
        check(200, "{\"access_token\":\"\",\"refresh_token\":\"\"}", "unknown");
        check(200, "{\"access_to", "unknown");
        check(200, "{}", "unknown");
        check(504, "<html>504</html>", "disturbed");
        check(502, "", "disturbed");
    }
}
