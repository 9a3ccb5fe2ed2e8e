//! Attachments of which the page does not say what and how large they are: their servers are asked.

use std::collections::HashSet;

use anyhow::Result;
use chrono::{DateTime, Utc};
use url::Url;

use crate::entry::{Enclosure, Entry, Slug};
use crate::fetch::FetchError;
use crate::page::About;

use super::Watch;
use super::harvest::Harvest;

/// How many files are asked about in one round.
const AT_ONCE: usize = 20;
/// Types that a server gives where it knows nothing better, or that are no file but a page about it.
const VAGUE: &[&str] = &[
    "application/octet-stream",
    "binary/octet-stream",
    "application/download",
    "application/x-download",
    "application/force-download",
    "application/zip",
    "application/x-zip-compressed",
    "text/plain",
];
/// A type of which nothing is known.
const UNKNOWN: &str = "application/octet-stream";

impl Watch {
    /// Completes the attachments of what was read, newest first: by what is remembered of them,
    /// else by asking. Whatever a server answers, the article stays as it is.
    pub(super) async fn ask_files(&self, source: &Slug, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<()> {
        let wanted = wanted(harvest.entries.iter().chain(&harvest.seen.corrected));
        if wanted.is_empty() || !harvest.is_site {
            return Ok(());
        }
        let mut told = self.store.files(source, &wanted, now).await?;
        let unknown: Vec<&Url> = wanted.iter().filter(|url| !told.contains_key(*url)).take(AT_ONCE).collect();
        harvest.seen.files = self.ask(&unknown, now).await;
        told.extend(harvest.seen.files.iter().cloned());
        for file in harvest.entries.iter_mut().chain(&mut harvest.seen.corrected).flat_map(|entry| &mut entry.attachments) {
            if let Some(about) = told.get(&file.url) {
                complete(file, about);
            }
        }
        Ok(())
    }

    /// Asks about each; a host that does not answer is not asked again in this round.
    async fn ask(&self, files: &[&Url], now: DateTime<Utc>) -> Vec<(Url, About)> {
        let (mut told, mut silent) = (Vec::new(), HashSet::new());
        for url in files {
            if silent.contains(&url.host_str()) {
                continue;
            }
            match self.fetcher.head(url, now).await {
                Ok(about) => told.push(((*url).clone(), about)),
                Err(error) => {
                    tracing::debug!(%url, %error, "HEAD");
                    if matches!(error, FetchError::Later { .. }) {
                        silent.insert(url.host_str());
                    }
                    told.push(((*url).clone(), About::default()));
                }
            }
        }
        told
    }
}

/// The files that something is to be found out about, each once.
fn wanted<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Url> {
    let mut seen = HashSet::new();
    let files = entries.flat_map(|entry| &entry.attachments).filter(|file| file.length.is_none() || file.media_type == UNKNOWN);
    files.filter(|file| seen.insert(&file.url)).map(|file| file.url.clone()).collect()
}

/// Takes what a server told of a file. An answer that is a page tells nothing of it.
fn complete(file: &mut Enclosure, about: &About) {
    let told = about.media_type.as_deref().unwrap_or(UNKNOWN);
    if matches!(told, "text/html" | "application/xhtml+xml") {
        return;
    }
    if !VAGUE.contains(&told) || file.media_type == UNKNOWN {
        told.clone_into(&mut file.media_type);
    }
    file.length = about.length.or(file.length);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(known: &str, told: &str, want: &str, length: Option<u64>) {
        let Ok(url) = Url::parse("https://hoa-gao.example/tep") else { return };
        let mut file = Enclosure { url, media_type: known.to_owned(), length: None, title: None };
        complete(&mut file, &About { media_type: Some(told.to_owned()), length: Some(7) });
        assert_eq!((file.media_type.as_str(), file.length), (want, length), "{known} {told}");
    }

    #[test]
    fn a_servers_word_on_a_file_is_taken_where_it_says_something() {
        check(UNKNOWN, "application/pdf", "application/pdf", Some(7));
        check("application/msword", "application/pdf", "application/pdf", Some(7));
        check("application/pdf", UNKNOWN, "application/pdf", Some(7));
        check(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/zip",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Some(7),
        );
        check(UNKNOWN, "application/zip", "application/zip", Some(7));
        check("application/pdf", "text/html", "application/pdf", None);
    }

    #[test]
    fn each_unknown_file_is_wanted_once() {
        let file = |url: &str, length| {
            Url::parse(url).ok().map(|url| Enclosure { url, media_type: "application/pdf".into(), length, title: None })
        };
        let mut entry = Entry::new(crate::entry::Guid::new("1"), "Tin");
        let urls = [("https://a.example/1.pdf", None), ("https://a.example/1.pdf", None), ("https://a.example/2.pdf", Some(3))];
        entry.attachments.extend(urls.iter().filter_map(|(url, length)| file(url, *length)));
        assert_eq!(wanted([&entry].into_iter()).iter().map(Url::as_str).collect::<Vec<_>>(), ["https://a.example/1.pdf"]);
    }
}
