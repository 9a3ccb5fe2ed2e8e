//! What both ways of talking on Zalo share: answers without buttons, and a platform that waits for
//! two seconds only.

use std::time::Duration;

use subtle::ConstantTimeEq as _;

use super::zalo_text::TEXT;
use super::{Desk, Does, Heard, Pushed, Reply};
use crate::phrases::{self, Language};
use crate::text;

/// What is not committed by then is not answered, and Zalo tells it again.
const QUICK: Duration = Duration::from_millis(1_500);

/// An answer in words alone: what its buttons would do is what people can write.
pub(super) fn in_words(reply: &Reply, language: Language) -> String {
    let (mut says, mut opens) = (Vec::new(), Vec::new());
    for choice in &reply.choices {
        let words = choice.label.trim_start_matches(|c: char| !c.is_alphanumeric());
        match &choice.does {
            Does::Tell(_) => says.push(format!("“{words}”")),
            Does::Open(url) => opens.push(format!("{words}: {url}")),
        }
    }
    let says = (!says.is_empty()).then(|| phrases::talk_you_can_say(language, &says.join(" · ")));
    let parts: Vec<String> = std::iter::once(reply.text.clone()).chain(opens).chain(says).collect();
    text::cut(&parts.join("\n\n"), TEXT)
}

/// Hands what was pushed to the desk, within the time that Zalo waits.
pub(super) async fn hand_over(desk: &dyn Desk, channel: &str, heard: Option<Heard>) -> Pushed {
    let Some(heard) = heard else { return Pushed::Taken };
    match tokio::time::timeout(QUICK, desk.hear(channel, vec![heard])).await {
        Ok(Ok(_)) => Pushed::Taken,
        Ok(Err(error)) => {
            tracing::error!(channel, error, "{}", phrases::log_store_failed());
            Pushed::Later
        }
        Err(_) => Pushed::Later,
    }
}

/// Whether both are the same, in a time that tells nothing of where they differ.
pub(super) fn same(given: &[u8], wanted: &[u8]) -> bool {
    given.ct_eq(wanted).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Choice;

    #[test]
    fn buttons_become_words_that_can_be_written() {
        let choice = |label: &str, does| Choice { label: label.to_owned(), does };
        let reply = Reply {
            text: "Xong rồi.".to_owned(),
            choices: vec![
                choice("📰 Tin mới", Does::Tell("n".to_owned())),
                choice("🔕 Thôi nhận Phường Hoa Gạo", Does::Tell("l:hoa-gao".to_owned())),
            ],
        };
        assert_eq!(in_words(&reply, Language::Vi), "Xong rồi.\n\nBạn có thể nhắn: “Tin mới” · “Thôi nhận Phường Hoa Gạo”");
        assert_eq!(in_words(&Reply { text: "a".repeat(3_000), choices: Vec::new() }, Language::Vi).chars().count(), TEXT);
    }
}
