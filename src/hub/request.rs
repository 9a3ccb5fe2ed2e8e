//! What a subscriber posts, read into a wish or refused with a reason.

use axum::http::StatusCode;
use url::Url;

use super::topics::{NoTopic, Topics};
use crate::phrases;
use crate::secret::Secret;
use crate::store::{Mode, Wish};

/// For how long a subscriber follows that does not say so.
const LEASE: i64 = 10 * 24 * 3600;
const SHORTEST_LEASE: i64 = 3600;
const LONGEST_LEASE: i64 = 30 * 24 * 3600;
/// A secret is shorter than this, in bytes (WebSub §5.1).
const SECRET: usize = 200;
const LONGEST_CALLBACK: usize = 2_048;
/// Ports above the well-known ones where something else listens that must not be spoken to: those
/// of the Fetch standard, and of databases.
const OTHER_PORTS: &[u16] = &[
    1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5900, 6000, 6379, 6566,
    6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 9200, 9300, 10080, 11211, 27017,
];

/// Why a subscriber's request is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The answer's status.
    pub status: StatusCode,
    /// The reason, for whoever writes the subscriber.
    pub told: String,
}

impl Refused {
    fn bad(told: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, told }
    }
}

/// Reads the fields of a form (WebSub §5.1). Fields of other names are passed by, and of several
/// with one name the first counts.
///
/// # Errors
/// See [`Refused`].
pub fn read(form: &[u8], topics: &Topics) -> Result<Wish, Refused> {
    let fields: Vec<_> = url::form_urlencoded::parse(form).collect();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let needed = |name: &'static str| field(name).filter(|value| !value.is_empty()).ok_or_else(|| Refused::bad(phrases::hub_missing(name)));
    let mode = needed("hub.mode")?;
    let mode = Mode::asked(mode).ok_or_else(|| Refused::bad(phrases::hub_mode(mode == "publish")))?;
    let topic = topics.find(needed("hub.topic")?).map_err(|why| Refused::bad(no_topic(why)))?;
    let (callback, host) = callback(needed("hub.callback")?)?;
    let secret = field("hub.secret").filter(|secret| !secret.is_empty());
    if secret.is_some_and(|secret| secret.len() >= SECRET) {
        return Err(Refused::bad(phrases::hub_secret(SECRET)));
    }
    Ok(Wish {
        topic: topic.to_owned(),
        callback: callback.to_string(),
        host,
        mode,
        lease_seconds: lease(field("hub.lease_seconds")),
        secret: secret.map(Secret::new),
        sent: String::new(),
    })
}

fn no_topic(why: NoTopic) -> String {
    match why {
        NoTopic::Elsewhere => phrases::hub_topic_elsewhere(),
        NoTopic::Search => phrases::hub_topic_search(),
        NoTopic::NoFormat => phrases::hub_topic_no_format(),
        NoTopic::Unknown => phrases::hub_topic_unknown(),
    }
}

/// Where the subscriber is told, and its host. Whether that is a private address is checked by whoever dials it.
fn callback(written: &str) -> Result<(Url, String), Refused> {
    let bad = || Refused::bad(phrases::hub_callback(LONGEST_CALLBACK));
    let url = Url::parse(written).ok().filter(|_| written.len() <= LONGEST_CALLBACK).ok_or_else(bad)?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let host = url.host_str().filter(|_| is_plain && matches!(url.scheme(), "http" | "https")).ok_or_else(bad)?;
    let port = url.port_or_known_default().unwrap_or_default();
    let is_web = matches!(port, 80 | 443) || (port >= 1024 && !OTHER_PORTS.contains(&port));
    if !is_web {
        return Err(Refused::bad(phrases::hub_callback_port(port)));
    }
    let host = host.trim_end_matches('.').to_owned();
    Ok((url, host))
}

/// Within bounds; what is no number of seconds is as good as none.
fn lease(written: Option<&str>) -> i64 {
    let told = written.and_then(|written| written.trim().parse::<i64>().ok()).filter(|seconds| *seconds > 0);
    told.map_or(LEASE, |seconds| seconds.clamp(SHORTEST_LEASE, LONGEST_LEASE))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::entry::Slug;

    fn topics() -> Topics {
        Topics::new("https://loa.example/phuong/".parse().unwrap(), [Slug::new("tho-quan").unwrap()].iter())
    }

    fn form(change: &[(&str, &str)]) -> Vec<u8> {
        let mut fields = vec![
            ("hub.mode", "subscribe"),
            ("hub.topic", "https://loa.example/phuong/feeds/tho-quan.atom"),
            ("hub.callback", "https://doc-tin.example/ws?k=1"),
            ("hub.verify", "async"),
        ];
        for (name, value) in change {
            fields.retain(|(known, _)| known != name);
            fields.push((*name, *value));
        }
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
    }

    fn check(change: &[(&str, &str)]) -> Result<Wish, String> {
        read(&form(change), &topics()).map_err(|refused| {
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
            refused.told
        })
    }

    #[test]
    fn a_whole_request_is_a_wish_and_fields_it_does_not_know_are_passed_by() {
        let wish = check(&[("hub.secret", "bí mật")]).unwrap();
        assert_eq!((wish.topic.as_str(), wish.host.as_str()), ("https://loa.example/phuong/feeds/tho-quan.atom", "doc-tin.example"));
        assert_eq!((wish.callback.as_str(), wish.mode), ("https://doc-tin.example/ws?k=1", Mode::Subscribe));
        assert_eq!(wish.secret.unwrap().expose(), "bí mật");
        assert_eq!(check(&[("hub.mode", "unsubscribe")]).unwrap().mode, Mode::Unsubscribe);
    }

    #[test]
    fn leases_are_bounded_and_what_is_no_lease_is_the_default() {
        let lease = |written: &str| check(&[("hub.lease_seconds", written)]).unwrap().lease_seconds;
        assert_eq!([lease("86400"), lease("1"), lease("315360000")], [86_400, 3_600, 2_592_000]);
        assert_eq!([lease("-1"), lease("abc"), lease(""), lease("0"), lease("99999999999999999999")], [864_000; 5]);
    }

    #[test]
    fn each_mistake_is_refused_with_its_reason() {
        let refused = |name: &str, value: &str, reason: &str| {
            let told = check(&[(name, value)]).unwrap_err();
            assert!(told.contains(reason), "{name}={value}: {told}");
        };
        refused("hub.mode", "", "hub.mode");
        refused("hub.mode", "publish", "publish");
        refused("hub.mode", "denied", "subscribe");
        refused("hub.topic", "https://khac.example/feeds/tho-quan.atom", "rel=\"self\"");
        refused("hub.topic", "http://loa.example/phuong/feeds/tho-quan.atom", "rel=\"self\"");
        refused("hub.topic", "không phải địa chỉ", "rel=\"self\"");
        refused("hub.topic", "https://loa.example/phuong/feeds/tho-quan.atom?q=cat+dien", "search");
        refused("hub.topic", "https://loa.example/phuong/feeds/tho-quan", "format");
        refused("hub.topic", "https://loa.example/phuong/feeds/khong-co.atom", "no such feed");
        refused("hub.callback", "", "hub.callback");
        refused("hub.callback", "ftp://doc-tin.example/", "http");
        refused("hub.callback", "https://me:pw@doc-tin.example/", "password");
        refused("hub.callback", "https://doc-tin.example/#x", "fragment");
        refused("hub.callback", &format!("https://doc-tin.example/{}", "x".repeat(2_048)), "2048");
        refused("hub.secret", &"x".repeat(200), "200");
        assert!(check(&[("hub.secret", &"x".repeat(199))]).is_ok());
    }

    #[test]
    fn callbacks_are_at_ports_of_the_web() {
        let at = |port: u16| check(&[("hub.callback", &format!("http://doc-tin.example:{port}/"))]).is_ok();
        assert!([80, 443, 3000, 8080, 8443, 49_152].into_iter().all(at));
        assert!(![22, 25, 81, 1023, 5432, 6379, 6667, 11_211].into_iter().any(at));
    }
}
