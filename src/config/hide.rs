//! What is told about a config must not tell its secrets, also where they stand under a wrong key.

use std::sync::LazyLock;

use regex::Regex;

/// Keys of a channel whose values are no secret.
const OPEN: &[&str] = &[
    "name",
    "kind",
    "api",
    "oauth",
    "ops_chat",
    "on_doubt",
    "corrections",
    "preview",
    "template",
    "pace",
    "app_id",
    "oa_id",
    "url",
    "homeserver",
    "server",
    "user",
    "from",
    "tls",
    "reply_to",
    "unsubscribe",
    "subject",
];

static LITERAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#""([^"]{4,})"|'([^']{4,})'"#).ok());
/// Telegram's tokens, signing secrets, a room's address, and long mixtures of letters and digits.
static SECRET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:\d{3,}:\S+|whsec_\S+|https?://\S+|[\w+=-]*[A-Za-z][\w+=-]*\d[\w+=-]{18,})$").ok());

/// One line of a config at `offset`, its secret value starred.
pub(super) fn line(text: &str, offset: usize, line: &str) -> String {
    let Some((key, value)) = line.split_once('=').filter(|(key, value)| is_closed(text, offset, key, value)) else {
        return line.to_owned();
    };
    let starred: String = value.chars().map(|c| if c.is_alphanumeric() { '*' } else { c }).collect();
    format!("{key}={starred}")
}

/// A sentence about the place at `offset` without the secrets of its block.
pub(super) fn sentence(text: &str, offset: usize, sentence: &str) -> String {
    let block = block(text, offset);
    let closed = block.lines().filter_map(|line| line.split_once('=')).filter(|(key, value)| is_closed(text, offset, key, value));
    closed.fold(sentence.to_owned(), |told, (_, value)| {
        let literals = LITERAL.iter().flat_map(|literal| literal.captures_iter(value)).filter_map(|found| found.get(1).or(found.get(2)));
        // A path or the name of a variable is shown, unless the secret itself was written there.
        let named = value.trim_start().starts_with('{');
        let secret = literals.map(|found| found.as_str()).filter(|text| !named || looks_secret(text));
        secret.fold(told, |told, secret| told.replace(secret, "***"))
    })
}

fn looks_secret(text: &str) -> bool {
    SECRET.as_ref().is_some_and(|secret| secret.is_match(text))
}

/// A database address with a password, and whatever a channel does not say openly.
fn is_closed(text: &str, offset: usize, key: &str, value: &str) -> bool {
    let key = key.trim();
    let block = block(text, offset);
    key == "store" && value.contains('@')
        || (block.starts_with("[[channels]]") || block.starts_with("[channels.")) && !OPEN.contains(&key) && !key.starts_with('#')
}

/// The table that `offset` stands in, from its header to the next.
fn block(text: &str, offset: usize) -> &str {
    let rest = text.get(..offset).and_then(|_| text.get(offset..)).unwrap_or_default();
    let end_of_line = rest.find('\n').map_or(text.len(), |at| offset + at);
    let before = text.get(..end_of_line).unwrap_or(text);
    let start = before.rfind("\n[").map_or(0, |at| at + 1);
    let end = text.get(end_of_line..).and_then(|behind| behind.find("\n[")).map_or(text.len(), |at| end_of_line + at);
    text.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "store = \"postgrs://u:mật-khẩu@h/db\"\n[[channels]]\nname = \"bot\"\ntokn = \"123456:AA-bb\"\n\
        secret = { file = \"whsec_abc\" }\n[[sources]]\nname = \"phuong-1\"\n";

    fn check(needle: &str, want: &str) {
        let offset = CONFIG.find(needle).unwrap_or_default();
        let shown = CONFIG.get(offset..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        assert_eq!(line(CONFIG, offset, shown), want);
    }

    #[test]
    fn a_token_under_a_wrong_key_is_not_quoted() {
        check("tokn", "tokn = \"******:**-**\"");
        check("secret", "secret = { **** = \"*****_***\" }");
        check("store", "store = \"*******://*:***-****@*/**\"");
        check("name = \"bot\"", "name = \"bot\"");
        check("name = \"phuong-1\"", "name = \"phuong-1\"");
    }

    #[test]
    fn an_address_of_a_room_is_not_quoted() {
        let config = "[[channels]]\nname = \"d\"\nroms = { chung = \"https://chat.example/1/abc\" }\n\
            [channels.rooms]\nbi-thu = \"https://chat.example/2/def\"\n";
        let told = "at https://chat.example/1/abc or https://chat.example/2/def";
        let at = |needle: &str| config.find(needle).unwrap_or_default();
        assert_eq!(sentence(config, at("roms"), told), "at *** or https://chat.example/2/def");
        assert_eq!(sentence(config, at("bi-thu"), told), "at https://chat.example/1/abc or ***");
        assert_eq!(line(config, at("bi-thu"), "bi-thu = \"https://chat.example/2/def\""), "bi-thu = \"*****://****.*******/*/***\"");
    }

    #[test]
    fn a_sentence_names_paths_but_no_secret() {
        let at = CONFIG.find("[[channels]]").unwrap_or_default();
        assert_eq!(sentence(CONFIG, at, "string \"123456:AA-bb\", /etc/whsec_abc"), "string \"***\", /etc/***");
        let plain = "[[channels]]\ntoken = { file = \"secrets/telegram\" }\n";
        assert_eq!(sentence(plain, 0, "cannot read secrets/telegram"), "cannot read secrets/telegram");
    }
}
