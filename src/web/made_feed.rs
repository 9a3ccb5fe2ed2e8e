//! Feeds that lie in no file: what of a feed says some words or is filed under a section
//! (`/feeds/tho-quan.atom?q=cat+dien&not=hoan`), and its archives (`/feeds/tho-quan.3.atom`).

use std::sync::Arc;

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use super::answer::answer;
use super::{Web, broken};
use crate::feed::{FILES, Format};
use crate::phrases;
use crate::publish::{FeedPlan, Publish, Wanted};
use crate::shelf::Sheet;
use crate::store::Words;
use crate::text;

/// Entries of a feed that is made, at most.
const MOST: usize = 200;
/// Letters of a question that count.
const LONGEST: usize = 200;
/// Readers may keep a search as long as a feed, and an archive for a day: it hardly ever changes.
const FOUND_KEPT: &str = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400";
const ARCHIVE_KEPT: &str = "public, max-age=86400, stale-while-revalidate=604800, stale-if-error=604800";

/// Answers when such a feed is asked for; `None` when it is a file that is.
pub(super) async fn made(web: &Arc<Web>, name: &str, uri: &Uri, method: &Method, headers: &HeaderMap) -> Option<Response> {
    let site = web.site();
    let publish = &site.publish;
    let asked = Asked::read(uri.query().unwrap_or_default());
    let (rest, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let (feed, number) = rest.split_once('.').map_or((rest, None), |(feed, number)| (feed, Some(number)));
    if !asked.is_search && number.is_none() {
        return None;
    }
    let plan = publish.feeds.iter().find(|plan| plan.slug.as_str() == feed)?;
    let Some(format) = FILES.iter().find(|format| format.extension == extension) else {
        return asked.is_search.then(|| refused(&phrases::feed_needs_extension(&extensions())));
    };
    let made = match number {
        Some(number) => archive(publish, plan, format, number.parse().ok()?).await,
        None => match asked.wanted(publish.entries) {
            Ok(wanted) => found(publish, plan, format, &asked, wanted).await,
            Err(why) => return Some(refused(&why)),
        },
    };
    match made {
        Ok(Some(sheet)) => Some(answer(web, name, sheet, method, headers).await),
        Ok(None) => None,
        Err(error) => Some(broken(&error)),
    }
}

fn refused(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, why.to_owned()).into_response()
}

fn extensions() -> Vec<&'static str> {
    FILES.iter().map(|format| format.extension).collect()
}

async fn archive(publish: &Publish, plan: &FeedPlan, format: &Format, number: u32) -> anyhow::Result<Option<Arc<Sheet>>> {
    let address = format!("{}.{number}.{}", plan.slug, format.extension);
    let sheet = |bytes| Sheet::made(format.served, ARCHIVE_KEPT, bytes, None);
    let make = async { Ok(publish.archive(plan, number).await?.map(|feed| (format.render)(&feed))) };
    publish.made.get(&plan.slug, &address, sheet, make).await
}

async fn found(publish: &Publish, plan: &FeedPlan, format: &Format, asked: &Asked, wanted: Wanted) -> anyhow::Result<Option<Arc<Sheet>>> {
    let query = asked.query(wanted.limit, wanted.before);
    let address = format!("{}.{}?{query}", plan.slug, format.extension);
    let sheet = |bytes| Sheet::made(format.served, FOUND_KEPT, bytes, None);
    let make = async {
        let next = |place| asked.query(wanted.limit, Some(place));
        let feed = publish.found(plan, &wanted, query.clone(), next).await?;
        Ok(Some((format.render)(&feed)))
    };
    publish.made.get(&plan.slug, &address, sheet, make).await
}

/// What the query of an address asks for, as it was written.
#[derive(Debug, Default)]
struct Asked {
    is_search: bool,
    q: String,
    not: String,
    category: String,
    n: Option<String>,
    before: Option<String>,
}

impl Asked {
    fn read(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).take(16) {
            let value = text::line(&value.chars().take(LONGEST).collect::<String>());
            match &*name {
                "q" => asked.q = value,
                "not" => asked.not = value,
                "category" => asked.category = value,
                "n" => asked.n = Some(value),
                "truoc" => asked.before = Some(value),
                // Readers add what they like to an address.
                _ => continue,
            }
            asked.is_search = true;
        }
        asked
    }

    /// What is looked for, or why that cannot be.
    fn wanted(&self, usual: usize) -> Result<Wanted, String> {
        let limit = match self.n.as_deref() {
            None => usual.min(MOST),
            Some(written) => {
                written.parse().ok().filter(|n| (1..=MOST).contains(n)).ok_or_else(|| phrases::feed_bad_number(written, MOST))?
            }
        };
        let before = match self.before.as_deref() {
            None => None,
            Some(written) => Some(written.parse().map_err(|_| phrases::feed_bad_place(written))?),
        };
        let asked = Words::parse(&self.q);
        if asked.is_empty() && !self.q.is_empty() {
            return Err(phrases::feed_no_words(&self.q));
        }
        let words = asked.without(&self.not);
        let category = Some(text::slug(&self.category)).filter(|slug| !slug.is_empty());
        if category.is_none() && !self.category.is_empty() {
            return Err(phrases::feed_no_words(&self.category));
        }
        let minus = if self.not.is_empty() { String::new() } else { format!("-({})", self.not) };
        let said = [self.q.as_str(), &self.category, &minus].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        Ok(Wanted { words, category, before, limit, said })
    }

    /// The query that asks for the same, in one form.
    fn query(&self, limit: usize, before: Option<i64>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", &self.q), ("not", &self.not), ("category", &self.category)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("n", &limit.to_string());
        if let Some(place) = before {
            query.append_pair("truoc", &place.to_string());
        }
        query.finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_in_one_form() {
        let asked = Asked::read("n=20&q=cắt++điện&utm_source=x&not=hoãn");
        assert_eq!(asked.query(20, None), "q=c%E1%BA%AFt+%C4%91i%E1%BB%87n&not=ho%C3%A3n&n=20");
        assert!(!Asked::read("utm_source=x").is_search);
        let wanted = asked.wanted(50).unwrap();
        assert_eq!((wanted.limit, wanted.words), (20, Words::parse("cat dien").without("hoan")));
    }

    #[test]
    fn what_cannot_be_looked_for_is_told() {
        for bad in ["q=%22", "n=0", "n=201", "n=x&q=a", "truoc=x", "category=%21"] {
            assert!(Asked::read(bad).wanted(50).is_err(), "{bad}");
        }
    }
}
