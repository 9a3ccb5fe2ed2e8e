//! Feeds of several sources, and feeds of a topic.

use std::sync::Arc;

use toml::Spanned;

use super::build::Builder;
use super::diagnose::{File, meant};
use super::sections;
use super::{CombinedFeed, SourcePlan};
use crate::entry::Slug;
use crate::phrases;
use crate::subscription::Filter;
use crate::text;

impl Builder {
    pub(super) fn combined(&mut self, file: &Arc<File>, combined: Vec<sections::Combined>, sources: &[SourcePlan]) -> Vec<CombinedFeed> {
        let mut feeds = Vec::new();
        for one in combined {
            let slug = self.name("feed", file, &one.name);
            self.former(file, &one.aliases, slug.as_ref());
            let members = self.members(file, &one.sources, sources);
            let title = one.title.as_deref().map(text::line);
            feeds.extend(slug.map(|slug| CombinedFeed {
                title: title.unwrap_or_else(|| slug.to_string()),
                slug,
                sources: members,
                content: one.content,
                filter: None,
            }));
        }
        feeds
    }

    pub(super) fn topics(&mut self, file: &Arc<File>, topics: Vec<sections::Topic>, sources: &[SourcePlan]) -> Vec<CombinedFeed> {
        let mut feeds = Vec::new();
        for one in topics {
            let slug = self.name("feed", file, &one.name);
            self.former(file, &one.aliases, slug.as_ref());
            let members = self.members(file, &one.sources, sources);
            let filter = Filter { include: one.include, exclude: one.exclude, categories: one.categories, urgent: Vec::new() };
            if filter == Filter::default() {
                self.findings.error(file, Some(one.name.span()), phrases::config_empty_topic(), None);
            }
            let title = one.title.as_deref().map(text::line);
            feeds.extend(slug.map(|slug| CombinedFeed {
                title: title.unwrap_or_else(|| slug.to_string()),
                slug,
                sources: members,
                content: one.content,
                filter: Some(filter),
            }));
        }
        feeds
    }

    /// The sources that are named; `*` names all.
    fn members(&mut self, file: &Arc<File>, named: &[Spanned<String>], sources: &[SourcePlan]) -> Vec<Slug> {
        let known: Vec<&str> = sources.iter().map(|s| s.slug.as_str()).collect();
        let mut members = Vec::new();
        for name in named {
            match name.get_ref().as_str() {
                "*" => members.extend(sources.iter().map(|s| s.slug.clone())),
                other => match sources.iter().find(|s| s.slug.as_str() == other) {
                    Some(s) => members.push(s.slug.clone()),
                    None => self.findings.error(file, Some(name.span()), phrases::config_no_feed(other), meant(other, &known)),
                },
            }
        }
        members
    }
}
