//! A letter as a strict receiver reads it: headers unfolded and decoded, both parts decoded, and
//! everything there that a letter of a list must have.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A letter that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) to: String,
    /// Decoded, by name in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) plain: String,
    pub(crate) html: String,
}

impl Mail {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// Reads a letter from what stood between `DATA` and the dot.
pub(crate) fn read(from: &str, to: &str, letter: &str) -> Result<Mail, String> {
    if !letter.is_ascii() {
        return Err("bytes above 127 without 8BITMIME".into());
    }
    let (head, body) = letter.split_once("\r\n\r\n").ok_or("no empty line after the headers")?;
    let headers = headers(head)?;
    let told = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
    for name in ["from", "to", "subject", "date", "message-id", "mime-version", "list-id", "list-unsubscribe"] {
        if told(name).trim().is_empty() {
            return Err(format!("no {name}"));
        }
    }
    let check = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {headers:?}")) };
    check(told("from").contains(from) && told("to").trim_matches(['<', '>']) == to, "envelope and headers differ")?;
    check(chrono::DateTime::parse_from_rfc2822(told("date")).is_ok(), "date")?;
    let id = told("message-id");
    check(id.starts_with('<') && id.ends_with('>') && id.matches('@').count() == 1 && !id.contains(' '), "message-id")?;
    check(told("auto-submitted") == "auto-generated" && told("precedence") == "bulk", "auto-submitted, precedence")?;
    check(told("list-unsubscribe").starts_with("<https://"), "list-unsubscribe")?;
    check(told("list-unsubscribe-post") == "List-Unsubscribe=One-Click", "list-unsubscribe-post")?;
    check(!told("subject").contains(['\r', '\n']), "subject")?;
    let kind = told("content-type");
    check(kind.starts_with("multipart/alternative"), "content-type")?;
    let boundary = kind.split_once("boundary=").map(|(_, b)| b.split(';').next().unwrap_or(b).trim_matches('"')).ok_or("no boundary")?;
    let (plain, html) = parts(body, boundary)?;
    let mail = Mail { to: to.to_owned(), plain, html, headers: headers.clone() };
    let way_out = mail.header("list-unsubscribe").trim_start_matches('<').split('>').next().unwrap_or_default();
    check(mail.plain.contains(way_out) && mail.html.contains(way_out), "the way out stands in both texts")?;
    Ok(mail)
}

fn headers(head: &str) -> Result<HashMap<String, String>, String> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        if line.len() > 998 {
            return Err(format!("a header line of {} bytes", line.len()));
        }
        match (line.starts_with([' ', '\t']), all.last_mut()) {
            (true, Some((_, value))) => value.push_str(line),
            _ => {
                let (name, value) = line.split_once(": ").ok_or_else(|| format!("no header: {line}"))?;
                all.push((name.to_ascii_lowercase(), value.to_owned()));
            }
        }
    }
    let mut headers = HashMap::new();
    for (name, value) in all {
        if headers.insert(name.clone(), words(&value)).is_some() {
            return Err(format!("two headers {name}"));
        }
    }
    Ok(headers)
}

/// RFC 2047: encoded words; blanks between two of them are nothing.
fn words(value: &str) -> String {
    let mut out = String::new();
    let mut after_encoded = false;
    for word in value.split([' ', '\t']).filter(|word| !word.is_empty()) {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|w| w.strip_suffix("?=")).and_then(|w| STANDARD.decode(w).ok());
        match &encoded {
            Some(bytes) if after_encoded => out.push_str(&String::from_utf8_lossy(bytes)),
            Some(bytes) => out.push_str(&format!("{}{}", if out.is_empty() { "" } else { " " }, String::from_utf8_lossy(bytes))),
            None => out.push_str(&format!("{}{word}", if out.is_empty() { "" } else { " " })),
        }
        after_encoded = encoded.is_some();
    }
    out
}

fn parts(body: &str, boundary: &str) -> Result<(String, String), String> {
    let marked = format!("\r\n{body}");
    let between = format!("\r\n--{boundary}");
    let mut pieces = marked.split(&between).skip(1);
    let (plain, html, end) = (pieces.next(), pieces.next(), pieces.next());
    if !end.is_some_and(|end| end.starts_with("--")) || pieces.next().is_some() {
        return Err("two parts are wanted".into());
    }
    let text = |piece: Option<&str>, kind: &str| {
        let piece = piece.unwrap_or_default().trim_start_matches("\r\n");
        let (head, content) = piece.split_once("\r\n\r\n").ok_or("no part")?;
        let headers = headers(head)?;
        if !headers.get("content-type").is_some_and(|told| told.starts_with(kind) && told.contains("utf-8")) {
            return Err(format!("{kind}: {headers:?}"));
        }
        decoded(content, headers.get("content-transfer-encoding").map(String::as_str).unwrap_or("7bit"))
    };
    Ok((text(plain, "text/plain")?, text(html, "text/html")?))
}

fn decoded(content: &str, encoding: &str) -> Result<String, String> {
    let bytes = match encoding {
        "7bit" => content.as_bytes().to_vec(),
        "base64" => STANDARD.decode(content.replace("\r\n", "")).map_err(|e| e.to_string())?,
        "quoted-printable" => quoted(content)?,
        other => return Err(format!("encoding {other}")),
    };
    if content.split("\r\n").any(|line| encoding != "7bit" && line.len() > 76) {
        return Err("an encoded line above 76 bytes".into());
    }
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

fn quoted(content: &str) -> Result<Vec<u8>, String> {
    let joined = content.replace("=\r\n", "");
    let mut out = Vec::new();
    let mut rest = joined.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'=' {
            out.push(byte);
            continue;
        }
        let hex = [rest.next().unwrap_or(b'x'), rest.next().unwrap_or(b'x')];
        let hex = String::from_utf8_lossy(&hex).into_owned();
        out.push(u8::from_str_radix(&hex, 16).map_err(|_| format!("={hex}"))?);
    }
    Ok(out)
}
