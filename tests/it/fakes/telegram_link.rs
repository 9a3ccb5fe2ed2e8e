//! Which links Telegram takes.

/// The link as Telegram keeps it, or nothing when it refuses: http, https, tg or ton (none means
/// http), and a host with a dot in it or an IPv6 address.
pub(super) fn checked_link(url: &str) -> Option<String> {
    let url = url.trim();
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("http".to_owned(), url),
    };
    let whole = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    match scheme.as_str() {
        "tg" | "ton" => (!rest.is_empty()).then_some(whole),
        "http" | "https" => host(rest).is_some_and(good_host).then_some(whole),
        _ => None,
    }
}

/// The user of `tg://user?id=5`.
pub(super) fn mentioned_user(url: &str) -> Option<String> {
    let id = url.strip_prefix("tg://user?id=")?;
    id.parse::<u64>().is_ok_and(|id| id > 0).then(|| id.to_owned())
}

fn host(rest: &str) -> Option<&str> {
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    if place.starts_with('[') {
        return place.split_once(']').map(|(inside, _)| inside);
    }
    match place.split_once(':') {
        Some((host, port)) => port.parse::<u16>().is_ok().then_some(host),
        None => Some(place),
    }
}

fn good_host(host: &str) -> bool {
    let clean = !host.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"'\\".contains(c));
    let dotted = host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains("..");
    clean && (dotted || host.starts_with('['))
}
