//! One source, channel or subscription from its block.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};
use url::Url;

use super::blocks::Block;
use super::build::Builder;
use super::diagnose::{File, Place, meant};
use super::sections::{self, CHANNEL_KEYS, SOURCE_KEYS};
use super::{ChannelPlan, Invite, Site, SourcePlan, listed};
use crate::channel::template::{Template, Templated};
use crate::channel::{self, Channel};
use crate::correction::Corrections;
use crate::entry::{Slug, SlugError};
use crate::fetch::{Fetcher, check_port, check_url};
use crate::incident::Office;
use crate::outbox::OnDoubt;
use crate::phrases;
use crate::schedule::{Quiet, Schedule};
use crate::secret;
use crate::source::{self, Source};
use crate::subscription::{Address, Filter, Subscription};
use crate::text;

/// A block that says no kind has an address, or a folder.
fn default_kind(block: &Block<'_>) -> &'static str {
    if block.table.contains_key("path") { "folder" } else { "html" }
}

impl Builder {
    /// A name of the right form that was not given before.
    pub(super) fn name(&mut self, what: &'static str, file: &Arc<File>, written: &Spanned<String>) -> Option<Slug> {
        let name = written.get_ref();
        let slug = match Slug::new(name) {
            Ok(slug) => slug,
            Err(e) => {
                let message = match e {
                    SlugError::Form => phrases::config_bad_name(name),
                    SlugError::Reserved => phrases::config_reserved_name(name),
                };
                self.findings.error(file, Some(written.span()), message, None);
                return None;
            }
        };
        if let Some(first) = self.names.insert((what, name.clone()), place(file, written)) {
            self.findings.error(file, Some(written.span()), phrases::config_twice(name, &first), None);
            return None;
        }
        Some(slug)
    }

    fn schedule(&mut self, file: &Arc<File>, written: Option<&Spanned<String>>) -> Option<Schedule> {
        let written = written?;
        if let Some(known) = self.schedules.get(written.get_ref()) {
            return Some(known.clone());
        }
        match Schedule::parse(written.get_ref(), self.zone) {
            Ok(schedule) => {
                self.schedules.insert(written.get_ref().clone(), schedule.clone());
                Some(schedule)
            }
            Err(e) => {
                self.findings.error(file, Some(written.span()), phrases::config_bad_schedule(written.get_ref(), &e), None);
                None
            }
        }
    }

    /// Whether a schedule asks a site more than once a minute.
    fn is_tight(&mut self, written: &str, schedule: &Schedule) -> bool {
        let tight = || schedule.shortest_pause(Utc::now()).is_some_and(|pause| pause < TimeDelta::minutes(1));
        *self.tight.entry(written.to_owned()).or_insert_with(tight)
    }

    pub(super) fn source(&mut self, mut block: Block<'_>) -> Option<SourcePlan> {
        let file = block.file.clone();
        let whole = Spanned::new(block.span.clone(), DeValue::Table(block.table.clone()));
        let text = toml::Table::deserialize(ValueDeserializer::from(whole)).unwrap_or_default();
        let common: Option<sections::Source> = block.split(SOURCE_KEYS).read(&mut self.findings, &[]);
        let told = common.as_ref().and_then(|c| c.kind.clone());
        let kind = told.unwrap_or_else(|| Spanned::new(block.span.clone(), default_kind(&block).to_owned()));
        let names: Vec<&str> = source::KINDS.iter().map(|k| k.name).collect();
        let Some(found) = source::KINDS.iter().find(|k| k.name == kind.get_ref()) else {
            self.findings.error(&file, Some(kind.span()), phrases::config_no_kind(kind.get_ref(), &names), meant(kind.get_ref(), &names));
            return None;
        };
        let slug = common.as_ref().and_then(|c| self.name("feed", &file, &c.name));
        self.former(&file, common.as_ref().map_or(&[], |c| &c.aliases), slug.as_ref());
        let schedule = self.schedule(&file, common.as_ref().and_then(|c| c.schedule.as_ref()));
        let loaded = RefCell::new(text.to_string());
        // A block with a bad name is read all the same, for its other mistakes.
        let stand_in = slug.clone().or_else(|| Slug::new("source").ok())?;
        let (dir, zone) = (self.dir.clone(), self.zone);
        let read_too = RefCell::new(Vec::new());
        let load = |path: &str| {
            read_too.borrow_mut().push(dir.join(path));
            let text = std::fs::read_to_string(dir.join(path)).map_err(|e| phrases::config_unreadable(&e))?;
            loaded.borrow_mut().push_str(&text);
            Ok(text)
        };
        let setting = source::Setting { name: &stand_in, dir: &dir, zone, load: &load };
        let place = ["url", "path"].iter().find_map(|key| block.table.get(*key)).map(Spanned::span);
        let written = block.table.get("url").and_then(|url| url.get_ref().as_str()).map(str::to_owned);
        let built = block.read_with(&mut self.findings, SOURCE_KEYS, |d| (found.build)(d, &setting));
        self.origin.files.extend(read_too.into_inner());
        let built = built?;
        if let Some(asked) = built.start().first().filter(|_| written.is_some_and(|url| text::mixes_alphabets(&url))) {
            self.findings.warning(&file, place.clone(), phrases::address_mixes_alphabets(asked.url.host_str().unwrap_or_default()));
        }
        self.starts(&file, place, built.as_ref());
        let common = common?;
        if let Some(written) = &common.ca_file {
            self.authority(&file, written, built.as_ref());
        }
        if let (Some(written), Some(s)) = (&common.schedule, &schedule) {
            let guarded = built.start().iter().any(|v| v.url.scheme() != "file" && !listed(&v.url, &self.allow));
            if guarded && self.is_tight(written.get_ref(), s) {
                self.findings.error(&file, Some(written.span()), phrases::config_too_often(written.get_ref()), None);
            }
        }
        let slug = slug?;
        let fingerprint = Sha256::digest(loaded.into_inner()).iter().map(|b| format!("{b:02x}")).collect();
        Some(SourcePlan {
            title: common.title.map_or_else(|| slug.to_string(), |title| text::line(&title)),
            slug,
            province: common.province.map(|province| text::line(&province)).filter(|province| !province.is_empty()),
            source: built,
            schedule,
            backfill: common.backfill,
            fingerprint,
            bounds: self.bounds,
            zone,
        })
    }

    /// Tells what the first visit would meet: an address that the guard refuses, a folder that is not there.
    fn starts(&mut self, file: &Arc<File>, place: Option<Range<usize>>, source: &dyn Source) {
        for visit in source.start() {
            if let Some(folder) = Some(&visit.url).filter(|url| url.scheme() == "file").and_then(|url| url.to_file_path().ok()) {
                if !folder.is_dir() {
                    self.findings.warning(file, place.clone(), phrases::config_no_folder(&folder));
                }
            } else if let Err(message) = check_url(&visit.url, &self.allow).and_then(|()| check_port(&visit.url, &self.allow)) {
                self.findings.error(file, place.clone(), message, None);
            }
        }
    }

    pub(super) fn channel(&mut self, mut block: Block<'_>, fetcher: &Arc<Fetcher>, site: &Site) -> Option<ChannelPlan> {
        let file = block.file.clone();
        let span = block.span.clone();
        let common: sections::Channel = block.split(CHANNEL_KEYS).read(&mut self.findings, &[])?;
        let name = self.name("channel", &file, &common.name);
        let names: Vec<&str> = channel::KINDS.iter().map(|k| k.name).collect();
        let kind = common.kind.get_ref();
        let Some(found) = channel::KINDS.iter().find(|k| k.name == kind) else {
            self.findings.error(&file, Some(common.kind.span()), phrases::config_no_kind(kind, &names), meant(kind, &names));
            return None;
        };
        let warnings = RefCell::new(Vec::new());
        let in_the_open = RefCell::new(Vec::new());
        let block_as_read = Block { file: file.clone(), span: span.clone(), table: block.table.clone() };
        let secrets = RefCell::new(Vec::new());
        let dir = self.dir.clone();
        let given_files = RefCell::new(Vec::new());
        let secret = |given: &secret::Given| {
            if let secret::Given::File(from) = given {
                given_files.borrow_mut().push(dir.join(&from.file));
            }
            let resolved = secret::resolve(given, &dir)?;
            match given {
                secret::Given::Text(text) => in_the_open.borrow_mut().push(text.clone()),
                secret::Given::Env(_) | secret::Given::File(_) => warnings.borrow_mut().extend(resolved.warning),
            }
            secrets.borrow_mut().push(resolved.secret.clone());
            Ok(resolved.secret)
        };
        let (base, language) = (&site.base_url, site.language);
        let setting =
            channel::Setting { name: common.name.get_ref(), guarded: fetcher.clone(), tls: fetcher.tls(), base, language, secret: &secret };
        let built = block.read_with(&mut self.findings, CHANNEL_KEYS, |d| (found.build)(d, &setting));
        self.secrets.extend(secrets.into_inner());
        // A token that is pasted anew is taken without a restart.
        self.origin.files.extend(given_files.into_inner());
        for place in block_as_read.places(&in_the_open.into_inner()) {
            self.findings.warning(&file, Some(place), phrases::secret_in_plain_text());
        }
        let mut warnings = warnings.into_inner();
        warnings.dedup();
        for warning in warnings {
            self.findings.warning(&file, Some(span.clone()), warning);
        }
        let channel = built?;
        if let Some(first) = channel.account().and_then(|account| self.names.insert(("account", account), place(&file, &common.name))) {
            self.findings.error(&file, Some(common.name.span()), phrases::zalo_account_twice(&first), None);
        }
        let channel = match &common.template {
            Some(written) => self.templated(&file, written, &common, channel)?,
            None => channel,
        };
        let pace = common.pace.map_or_else(|| channel.pace(), |p| p.over(channel.pace()));
        let on_doubt = match common.on_doubt {
            Some(sections::OnDoubt::Skip) => OnDoubt::Skip,
            Some(sections::OnDoubt::Resend) | None => OnDoubt::Resend,
        };
        let corrections = match common.corrections {
            Some(sections::Corrections::Edit) | None => Corrections::Edit,
            Some(sections::Corrections::Tell) => Corrections::Tell,
            Some(sections::Corrections::Off) => Corrections::Off,
        };
        Some(ChannelPlan { name: name?.to_string(), kind: found.name, channel, pace, on_doubt, corrections })
    }

    /// A channel whose messages a template lays out: the template itself, or the path of its file.
    fn templated(
        &mut self,
        file: &Arc<File>,
        written: &Spanned<String>,
        common: &sections::Channel,
        channel: Arc<dyn Channel>,
    ) -> Option<Arc<dyn Channel>> {
        let Some(face) = channel.face() else {
            self.findings.error(file, Some(written.span()), phrases::template_not_here(common.kind.get_ref()), None);
            return None;
        };
        let given = written.get_ref();
        let is_inline = given.contains("{{") || given.contains("{%") || given.contains('\n');
        let text = if is_inline { given.clone() } else { self.template_file(file, written)? };
        match Template::parse(text.clone(), face) {
            Ok(template) => Some(Arc::new(Templated { name: common.name.get_ref().clone(), channel, template })),
            Err(wrong) if is_inline => {
                self.findings.error(file, Some(written.span()), wrong.sentence(), None);
                None
            }
            Err(wrong) => {
                self.findings.error(&Arc::new(File { name: given.clone(), text }), wrong.range, wrong.message, None);
                None
            }
        }
    }

    fn template_file(&mut self, file: &Arc<File>, written: &Spanned<String>) -> Option<String> {
        let path = self.dir.join(written.get_ref());
        let read = std::fs::read_to_string(&path);
        self.origin.files.push(path);
        read.map_err(|e| self.findings.error(file, Some(written.span()), phrases::config_unreadable(&e), None)).ok()
    }

    pub(super) fn subscription(&mut self, block: Block<'_>, feeds: &[&str], channels: &[ChannelPlan]) -> Option<Subscription> {
        let file = block.file.clone();
        let read: sections::Subscription = block.read(&mut self.findings, &[])?;
        let schedule = self.schedule(&file, read.schedule.as_ref());
        let quiet = read.quiet.as_ref().and_then(|written| {
            let quiet = Quiet::parse(written.get_ref(), self.zone);
            if quiet.is_none() {
                self.findings.error(&file, Some(written.span()), phrases::config_bad_quiet(written.get_ref()), None);
            }
            quiet
        });
        let to = self.address(&file, &read.to, channels);
        let fallback = read.fallback.as_ref().and_then(|written| self.fallback(&file, written, to.as_ref(), channels));
        let name = read.feed.get_ref();
        if !feeds.contains(&name.as_str()) {
            self.findings.error(&file, Some(read.feed.span()), phrases::config_no_feed(name), meant(name, feeds));
            return None;
        }
        self.invite(&file, name, read.invite, to.as_ref(), channels);
        let burst = self.burst(&file, read.burst);
        let filter = Filter { include: read.include, exclude: read.exclude, categories: read.categories, urgent: read.urgent };
        Some(Subscription {
            feed: Slug::new(name).ok()?,
            to: to?,
            welcome: read.welcome as usize,
            schedule,
            digest: read.digest,
            quiet,
            filter,
            silent: read.silent,
            fallback,
            burst,
        })
    }

    /// Where people can join by themselves: as the admin wrote it, or as the channel knows it.
    fn invite(&mut self, file: &Arc<File>, feed: &str, written: Option<Spanned<String>>, to: Option<&Address>, channels: &[ChannelPlan]) {
        let Some(plan) = to.and_then(|to| channels.iter().find(|plan| plan.name == to.channel())) else { return };
        let url = match written {
            Some(written) => {
                let url = Url::parse(written.get_ref()).ok().filter(|url| matches!(url.scheme(), "https" | "http" | "mailto"));
                if url.is_none() {
                    self.findings.error(file, Some(written.span()), phrases::config_bad_invite(written.get_ref()), None);
                }
                url
            }
            None => to.and_then(|to| plan.channel.invite(to.chat())),
        };
        let (Some(url), Ok(feed)) = (url, Slug::new(feed)) else { return };
        let invite = Invite { feed, kind: plan.kind, url };
        if !self.invites.contains(&invite) {
            self.invites.push(invite);
        }
    }

    /// From how many on news becomes a list; each by itself unless the admin asks for it.
    fn burst(&mut self, file: &Arc<File>, given: Option<Spanned<usize>>) -> usize {
        let Some(given) = given else { return 0 };
        if *given.get_ref() > Subscription::MOST_BURST {
            self.findings.error(file, Some(given.span()), phrases::config_out_of_range(0, Subscription::MOST_BURST as u32), None);
        }
        *given.get_ref()
    }

    /// Where the admin hears of incidents.
    pub(super) fn office(&mut self, file: &Arc<File>, admin: &sections::Admin, site: &Site, channels: &[ChannelPlan]) -> Option<Office> {
        let to = self.address(file, admin.to.as_ref()?, channels)?;
        let fallback = admin.fallback.as_ref().and_then(|written| self.fallback(file, written, Some(&to), channels));
        let health = site.base_url.join("healthz").unwrap_or_else(|_| site.base_url.clone());
        Some(Office { to, fallback, zone: site.zone, health })
    }

    /// A second way is an address as the first is, and another one.
    fn fallback(&mut self, file: &Arc<File>, written: &Spanned<String>, to: Option<&Address>, channels: &[ChannelPlan]) -> Option<Address> {
        let fallback = self.address(file, written, channels)?;
        if to == Some(&fallback) {
            self.findings.error(file, Some(written.span()), phrases::config_fallback_itself(), None);
        }
        Some(fallback)
    }

    fn address(&mut self, file: &Arc<File>, written: &Spanned<String>, channels: &[ChannelPlan]) -> Option<Address> {
        let Some(address) = Address::parse(written.get_ref()) else {
            self.findings.error(file, Some(written.span()), phrases::config_bad_address(written.get_ref()), None);
            return None;
        };
        let known: Vec<&str> = channels.iter().map(|c| c.name.as_str()).collect();
        let Some(plan) = channels.iter().find(|c| c.name == address.channel()) else {
            // A channel whose own block is wrong was told about already.
            if !self.names.contains_key(&("channel", address.channel().to_owned())) {
                self.findings.error(
                    file,
                    Some(written.span()),
                    phrases::config_no_channel(address.channel()),
                    meant(address.channel(), &known),
                );
            }
            return None;
        };
        let chat = plan.channel.canonical(address.chat());
        match plan.channel.accepts(&chat) {
            Ok(()) => Some(Address::new(address.channel(), chat)),
            Err(message) => {
                self.findings.error(file, Some(written.span()), message, None);
                None
            }
        }
    }
}

fn place(file: &Arc<File>, written: &Spanned<String>) -> Place {
    Place { file: file.clone(), offset: written.span().start }
}
