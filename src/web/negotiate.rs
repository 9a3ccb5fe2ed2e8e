//! What a client takes: weighted lists (RFC 9110 §12.4.2), codings and media types.

use axum::http::HeaderMap;
use axum::http::header::{self, HeaderName};

use crate::feed::{FORMATS, Format};
use crate::shelf::Coding;

/// Longer lists are nobody's.
const LONGEST: usize = 64;

/// A choice with its weight in thousandths.
struct Choice<'a> {
    name: &'a str,
    weight: u16,
}

/// The choices of a header, in order.
fn choices<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Choice<'a>> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).take(LONGEST).filter_map(choice)
}

fn choice(written: &str) -> Option<Choice<'_>> {
    let mut parts = written.split(';');
    let name = parts.next()?.trim();
    let weight = parts.filter_map(|part| part.split_once('=')).find(|(key, _)| key.trim().eq_ignore_ascii_case("q"));
    let weight = weight.map_or(1000, |(_, value)| thousandths(value.trim()));
    (!name.is_empty()).then_some(Choice { name, weight })
}

fn thousandths(written: &str) -> u16 {
    // Never outside, and what is no number is no wish.
    written.parse::<f32>().map_or(0, |q| (q.clamp(0.0, 1.0) * 1000.0).round() as u16)
}

/// The coding to answer in, of those that are there; `None` where the client refuses each (406).
pub(super) fn coding(headers: &HeaderMap, is_coded: bool) -> Option<Coding> {
    if !headers.contains_key(header::ACCEPT_ENCODING) {
        return Some(Coding::Identity);
    }
    let (mut told, mut any) = ([None; 4], None);
    for choice in choices(headers, &header::ACCEPT_ENCODING) {
        let is = |name: &str| choice.name.eq_ignore_ascii_case(name);
        let named = Coding::ALL.iter().position(|coding| is(coding.name()) || (*coding == Coding::Gzip && is("x-gzip")));
        match named.and_then(|place| told.get_mut(place)) {
            Some(weight) => *weight = Some(choice.weight),
            None if choice.name == "*" => any = Some(choice.weight),
            None => {}
        }
    }
    let offered = Coding::ALL.iter().zip(told).filter(|(coding, _)| is_coded || **coding == Coding::Identity);
    let weighed = offered.filter_map(|(coding, told)| match (coding, told.or(any)) {
        // Always acceptable unless it is excluded, and the last resort unless it is named.
        (Coding::Identity, None) => Some((*coding, 0)),
        (_, None | Some(0)) => None,
        (_, Some(weight)) => Some((*coding, weight)),
    });
    // Of equals the first, which is the smallest.
    weighed.reduce(|best, other| if other.1 > best.1 { other } else { best }).map(|(coding, _)| coding)
}

/// What is at an address without an extension.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// A feed in a format.
    Feed(&'static Format),
    /// The page for people.
    Page,
}

/// Other names of a format, for clients that know no better.
fn aliases(format: &Format) -> &'static [&'static str] {
    match format.extension {
        "json" => &["application/json"],
        _ => &["application/xml", "text/xml"],
    }
}

/// The shape that a client likes best; `None` where it takes none (406).
pub(super) fn shape(headers: &HeaderMap) -> Option<Shape> {
    let formats = FORMATS.iter().map(|format| (Shape::Feed(format), format.media_type, aliases(format)));
    if !headers.contains_key(header::ACCEPT) {
        return formats.map(|(shape, ..)| shape).next();
    }
    let page: (Shape, &str, &'static [&'static str]) = (Shape::Page, "text/html", &["application/xhtml+xml"]);
    let weighed = formats.chain([page]).map(|(shape, name, others)| {
        let other = others.iter().filter_map(|other| named(headers, other).filter(|(near, _)| *near == EXACT)).max();
        let weights = [named(headers, name), other].into_iter().flatten().map(|(_, weight)| weight);
        (shape, weights.max().unwrap_or_default())
    });
    let best = weighed.reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.filter(|(_, weight)| *weight > 0).map(|(shape, _)| shape)
}

/// How closely a range names a media type, at the closest.
const EXACT: u8 = 2;

/// The range that names a media type most closely, and its weight (RFC 9110 §12.5.1).
fn named(headers: &HeaderMap, media_type: &str) -> Option<(u8, u16)> {
    let whole = media_type.split('/').next().unwrap_or_default();
    let near = |range: &str| match range {
        "*/*" => Some(0),
        range if range.eq_ignore_ascii_case(media_type) => Some(EXACT),
        range if range.strip_suffix("/*").is_some_and(|part| part.eq_ignore_ascii_case(whole)) => Some(1),
        _ => None,
    };
    choices(headers, &header::ACCEPT).filter_map(|choice| Some((near(choice.name)?, choice.weight))).max()
}

/// Whether a reader asks for what is new alone (RFC 3229: `A-IM: feed`).
pub(super) fn wants_news(headers: &HeaderMap) -> bool {
    choices(headers, &HeaderName::from_static("a-im")).any(|choice| choice.name.eq_ignore_ascii_case("feed") && choice.weight > 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn told(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_smallest_coding_of_those_that_are_liked_best() {
        let cases = [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip, zstd", Some("zstd")),
            ("GZIP;q=0.5", Some("gzip")),
            ("x-gzip", Some("gzip")),
            ("br;q=0.2, gzip; q=0.8", Some("gzip")),
            ("gzip;q=0", Some("identity")),
            ("deflate", Some("identity")),
            ("identity;q=0.5, gzip;q=0.3", Some("identity")),
            ("*", Some("br")),
            ("br;q=0, *;q=0.1", Some("zstd")),
            ("", Some("identity")),
            ("gzip;q=0, identity;q=0", None),
            ("deflate, *;q=0", None),
            ("gzip;q=nonsense", Some("identity")),
            ("gzip;q=7", Some("gzip")),
        ];
        for (accept, want) in cases {
            assert_eq!(coding(&told(header::ACCEPT_ENCODING, accept), true).map(Coding::name), want, "{accept}");
        }
        assert_eq!(coding(&HeaderMap::new(), true), Some(Coding::Identity));
        assert_eq!(coding(&told(header::ACCEPT_ENCODING, "gzip"), false), Some(Coding::Identity), "too small to gain");
        assert_eq!(coding(&told(header::ACCEPT_ENCODING, "gzip, identity;q=0"), false), None);
    }

    #[test]
    fn the_shape_that_is_named_most_closely() {
        let shaped = |accept: &str| match shape(&told(header::ACCEPT, accept)) {
            Some(Shape::Feed(format)) => format.extension,
            Some(Shape::Page) => "html",
            None => "none",
        };
        let cases = [
            ("application/atom+xml", "atom"),
            ("application/feed+json, application/json;q=0.9, */*;q=0.1", "json"),
            ("application/json", "json"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
            ("application/rss+xml;q=0.4, application/atom+xml;q=0.6", "atom"),
            ("*/*", "rss"),
            ("application/*", "rss"),
            ("application/rss+xml;q=0, */*", "atom"),
            ("image/png", "none"),
        ];
        for (accept, want) in cases {
            assert_eq!(shaped(accept), want, "{accept}");
        }
    }
}
