//! Attachments of which the page does not say what and how large they are: their servers are asked.

use std::collections::HashSet;

use anyhow::Result;
use chrono::{DateTime, Utc};
use url::Url;

use crate::entry::{Enclosure, Entry, Guid};
use crate::fetch::FetchError;
use crate::page::About;
use crate::store::Due;

use super::Watch;
use super::harvest::Harvest;

/// How many files are asked about in one round.
const AT_ONCE: usize = 20;
impl Watch {
    /// Completes the attachments of what was read, newest first: by what is remembered of them,
    /// else by asking. What there is no room for, or was none at earlier visits, is asked at the next
    /// ones. Whatever a server answers, the article stays as it is.
    pub(super) async fn ask_files(&self, due: &Due, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<()> {
        let wanted = wanted(harvest.entries.iter().chain(&harvest.seen.corrected));
        if wanted.is_empty() && due.files.is_empty() || !harvest.is_site {
            return Ok(());
        }
        let urls: Vec<Url> = wanted.iter().map(|(url, _)| url.clone()).collect();
        let mut told = self.store.files(&due.source, &urls, now).await?;
        let unknown: Vec<(Url, Guid)> = wanted.into_iter().filter(|(url, _)| !told.contains_key(url)).collect();
        let waiting = due.files.iter().filter(|url| !urls.contains(url));
        let asked: Vec<&Url> = unknown.iter().map(|(url, _)| url).chain(waiting).take(AT_ONCE).collect();
        harvest.seen.files = self.ask(&asked, now).await;
        told.extend(harvest.seen.files.iter().cloned());
        harvest.seen.waiting = unknown.into_iter().filter(|(url, _)| !told.contains_key(url)).collect();
        for file in harvest.entries.iter_mut().chain(&mut harvest.seen.corrected).flat_map(|entry| &mut entry.attachments) {
            if let Some(about) = told.get(&file.url) {
                about.complete(file);
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
                Err(FetchError::Rests { .. }) => {
                    silent.insert(url.host_str());
                }
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

/// The files that something is to be found out about, each once, with the entry that has it first.
fn wanted<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<(Url, Guid)> {
    let mut seen = HashSet::new();
    let files = entries.flat_map(|entry| entry.attachments.iter().map(|file| (file, &entry.guid)));
    let unknown = files.filter(|(file, _)| file.length.is_none() || file.media_type == Enclosure::UNKNOWN);
    unknown.filter(|(file, _)| seen.insert(&file.url)).map(|(file, guid)| (file.url.clone(), guid.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unknown_file_is_wanted_once() {
        let file = |url: &str, length| {
            Url::parse(url).ok().map(|url| Enclosure { url, media_type: "application/pdf".into(), length, title: None })
        };
        let mut entry = Entry::new(crate::entry::Guid::new("1"), "Tin");
        let urls = [("https://a.example/1.pdf", None), ("https://a.example/1.pdf", None), ("https://a.example/2.pdf", Some(3))];
        entry.attachments.extend(urls.iter().filter_map(|(url, length)| file(url, *length)));
        assert_eq!(wanted([&entry].into_iter()).iter().map(|(url, _)| url.as_str()).collect::<Vec<_>>(), ["https://a.example/1.pdf"]);
    }
}
