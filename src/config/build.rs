//! From text to built things.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use chrono_tz::Tz;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use url::Url;

use super::blocks::Block;
use super::diagnose::{Diagnostic, File, Findings, meant, position};
use super::sections::{self, CHANNEL_KEYS, SOURCE_KEYS};
use super::{ChannelPlan, CombinedFeed, Config, Site, SourcePlan, listed};
use crate::channel;
use crate::entry::{Slug, SlugError};
use crate::fetch::{Allowed, Fetcher, Settings};
use crate::outbox::OnDoubt;
use crate::phrases;
use crate::schedule::{Quiet, Schedule};
use crate::secret;
use crate::source;
use crate::subscription::{Address, Filter, Subscription};

/// Larger files are no config.
const SIZE_LIMIT: u64 = 5 << 20;
const TABLES: &[&str] = &["sources", "channels", "subscriptions"];
const SECTIONS: &[&str] = &["include", "store", "site", "server", "feeds", "fetch", "sources", "channels", "subscriptions"];

/// A list of `Config` in the making.
struct Builder {
    dir: PathBuf,
    findings: Findings,
    zone: Tz,
    allow: Vec<Allowed>,
    /// Where each name was given, for "taken at".
    names: HashMap<(&'static str, String), String>,
    secrets: Vec<secret::Secret>,
}

/// The blocks of all files, in order.
#[derive(Default)]
struct Blocks<'i> {
    sources: Vec<Block<'i>>,
    channels: Vec<Block<'i>>,
    subscriptions: Vec<Block<'i>>,
}

pub(super) fn load(path: &Path) -> Result<Config, Vec<Diagnostic>> {
    let main = read(path, path)?;
    let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut builder = Builder { dir, findings: Findings::default(), zone: chrono_tz::Asia::Ho_Chi_Minh, allow: Vec::new(), names: HashMap::new(), secrets: Vec::new() };
    let mut files = vec![path.to_path_buf()];
    let included = builder.included(&main, path, &mut files);
    let config = builder.build(&main, &included, path, files);
    match config {
        Some(config) if builder.findings.errors.is_empty() => Ok(Config { warnings: builder.findings.warnings, secrets: builder.secrets, ..config }),
        Some(_) | None => Err(builder.findings.errors),
    }
}

fn read(path: &Path, shown: &Path) -> Result<Arc<File>, Vec<Diagnostic>> {
    let name = shown.display().to_string();
    let told = |message: String, place: String| vec![Diagnostic { place, excerpt: String::new(), message, hint: None }];
    let size = std::fs::metadata(path).map_err(|e| {
        let missing = e.kind() == std::io::ErrorKind::NotFound;
        told(if missing { phrases::config_missing_file(path) } else { phrases::config_unreadable(&e) }, name.clone())
    })?;
    if size.len() > SIZE_LIMIT {
        return Err(told(phrases::config_too_big(SIZE_LIMIT), name));
    }
    let bytes = std::fs::read(path).map_err(|e| told(phrases::config_unreadable(&e), name.clone()))?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let good = String::from_utf8_lossy(e.as_bytes().get(..e.utf8_error().valid_up_to()).unwrap_or_default()).into_owned();
        let (line, column) = position(&good, good.len());
        told(phrases::config_not_utf8(), format!("{name}:{line}:{column}"))
    })?;
    Ok(Arc::new(File { name, text: text.trim_start_matches('\u{feff}').to_owned() }))
}

impl Builder {
    /// The files that `include` names. Read first, so that all texts outlive their tables.
    fn included(&mut self, main: &Arc<File>, path: &Path, files: &mut Vec<PathBuf>) -> Vec<Arc<File>> {
        let (root, _) = DeTable::parse_recoverable(&main.text);
        let Some(DeValue::Array(patterns)) = root.get_ref().get("include").map(Spanned::get_ref) else { return Vec::new() };
        let mut included = Vec::new();
        for pattern in patterns.iter() {
            let Some(written) = pattern.get_ref().as_str() else { continue };
            let found: Vec<PathBuf> = glob::glob(&self.dir.join(written).to_string_lossy()).map(|paths| paths.filter_map(Result::ok).collect()).unwrap_or_default();
            let itself = |p: &PathBuf| std::fs::canonicalize(p).ok() == std::fs::canonicalize(path).ok();
            if found.is_empty() || found.iter().any(itself) {
                self.findings.error(main, Some(pattern.span()), phrases::config_include(written, !found.is_empty()), None);
                continue;
            }
            for one in found {
                match read(&one, &one) {
                    Ok(file) => included.push(file),
                    Err(errors) => self.findings.errors.extend(errors),
                }
                files.push(one);
            }
        }
        included
    }

    fn build(&mut self, main: &Arc<File>, included: &[Arc<File>], path: &Path, files: Vec<PathBuf>) -> Option<Config> {
        let mut root = self.parse(main, SECTIONS);
        let mut blocks = Blocks::default();
        self.collect(main, &mut root, &mut blocks);
        for file in included {
            let mut table = self.parse(file, TABLES);
            self.collect(file, &mut table, &mut blocks);
        }
        let site: sections::Site = self.section(main, &mut root, "site");
        let server: sections::Server = self.section(main, &mut root, "server");
        let feeds: sections::Feeds = self.section(main, &mut root, "feeds");
        let fetch: sections::Fetch = self.section(main, &mut root, "fetch");
        let store = self.store(main, &mut root);
        let contact = site.contact.clone();
        let site = self.site(main, site)?;
        self.zone = site.zone;
        self.allow.clone_from(&fetch.allow);
        let fetcher = self.fetcher(&site, contact, fetch)?;
        let sources: Vec<SourcePlan> = blocks.sources.into_iter().filter_map(|b| self.source(b)).collect();
        let combined = self.combined(main, feeds.combined, &sources);
        let channels: Vec<ChannelPlan> = blocks.channels.into_iter().filter_map(|b| self.channel(b, &fetcher)).collect();
        let known: Vec<&str> = sources.iter().map(|s| s.slug.as_str()).chain(combined.iter().map(|c| c.slug.as_str())).collect();
        let subscriptions = blocks.subscriptions.into_iter().filter_map(|b| self.subscription(b, &known, &channels)).collect();
        for file in sources.iter().flat_map(|s| s.source.start()).filter(|v| v.url.scheme() == "file") {
            if let Ok(folder) = file.url.to_file_path() {
                fetcher.permit_folder(&folder);
            }
        }
        Some(Config {
            path: path.to_path_buf(),
            dir: self.dir.clone(),
            store,
            listen: self.listen(main, server)?,
            site,
            feeds_dir: self.dir.join(feeds.dir.unwrap_or_else(|| "feeds".to_owned())),
            feed_entries: self.entries(main, feeds.entries),
            combined,
            sources,
            channels,
            subscriptions,
            fetcher: Arc::new(fetcher),
            warnings: Vec::new(),
            secrets: Vec::new(),
            files,
        })
    }

    fn parse<'i>(&mut self, file: &'i Arc<File>, known: &[&str]) -> DeTable<'i> {
        let (root, errors) = DeTable::parse_recoverable(&file.text);
        for error in &errors {
            self.findings.toml(file, error, &[]);
        }
        let table = root.into_inner();
        for key in table.keys().filter(|k| !known.contains(&k.get_ref().as_ref())) {
            let hint = meant(key.get_ref(), known);
            self.findings.error(file, Some(key.span()), phrases::config_unknown_key(key.get_ref(), known), hint);
        }
        table
    }

    fn collect<'i>(&mut self, file: &Arc<File>, root: &mut DeTable<'i>, blocks: &mut Blocks<'i>) {
        for (key, into) in TABLES.iter().zip([&mut blocks.sources, &mut blocks.channels, &mut blocks.subscriptions]) {
            let Some(value) = root.remove(*key) else { continue };
            let span = value.span();
            let DeValue::Array(array) = value.into_inner() else {
                self.findings.error(file, Some(span), phrases::config_not_tables(key), None);
                continue;
            };
            for one in array {
                let span = one.span();
                match Block::new(file, one) {
                    Some(block) => into.push(block),
                    None => self.findings.error(file, Some(span), phrases::config_not_tables(key), None),
                }
            }
        }
    }

    fn section<T: serde::de::DeserializeOwned + Default>(&mut self, file: &Arc<File>, root: &mut DeTable<'_>, key: &str) -> T {
        let Some(value) = root.remove(key) else { return T::default() };
        let span = value.span();
        match Block::new(file, value) {
            Some(block) => block.read(&mut self.findings, &[]).unwrap_or_default(),
            None => {
                self.findings.error(file, Some(span), phrases::config_wrong_type(key, &format!("[{key}]")), None);
                T::default()
            }
        }
    }

    fn store(&mut self, file: &Arc<File>, root: &mut DeTable<'_>) -> String {
        let Some(value) = root.remove("store") else { return "sqlite://data/loaphuong.db".to_owned() };
        let known = ["sqlite:", "postgres://", "postgresql://"];
        match value.get_ref().as_str() {
            Some(url) if known.iter().any(|k| url.starts_with(k)) => {
                let password = Url::parse(url).ok().and_then(|u| u.password().map(secret::Secret::new));
                self.secrets.extend(password);
                url.to_owned()
            }
            Some(_) | None => {
                self.findings.error(file, Some(value.span()), phrases::config_bad_store(), None);
                String::new()
            }
        }
    }

    fn site(&mut self, file: &Arc<File>, site: sections::Site) -> Option<Site> {
        let zone = site.timezone.map(|written| {
            written.get_ref().parse().unwrap_or_else(|_| {
                self.findings.error(file, Some(written.span()), phrases::config_no_zone(written.get_ref()), None);
                self.zone
            })
        });
        let written = site.base_url.unwrap_or_else(|| Spanned::new(0..0, "http://127.0.0.1:8080".to_owned()));
        let with_slash = format!("{}/", written.get_ref().trim_end_matches('/'));
        let base_url = Url::parse(&with_slash).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.host().is_some());
        if base_url.is_none() {
            self.findings.error(file, Some(written.span()), phrases::config_bad_url(written.get_ref()), None);
        }
        let language = site.language.unwrap_or_default();
        Some(Site { title: site.title.unwrap_or_else(|| "Loa phường".to_owned()), base_url: base_url?, language, zone: zone.unwrap_or(self.zone) })
    }

    fn listen(&mut self, file: &Arc<File>, server: sections::Server) -> Option<SocketAddr> {
        let from_env = std::env::var("LOAPHUONG_LISTEN").ok().map(|v| Spanned::new(0..0, v));
        let written = from_env.or(server.listen).unwrap_or_else(|| Spanned::new(0..0, "127.0.0.1:8080".to_owned()));
        let named = written.get_ref().replace("localhost:", "127.0.0.1:");
        let parsed = named.parse().ok();
        if parsed.is_none() {
            self.findings.error(file, Some(written.span()), phrases::config_bad_listen(written.get_ref()), None);
        }
        parsed
    }

    fn entries(&mut self, file: &Arc<File>, entries: Option<Spanned<u32>>) -> usize {
        let Some(entries) = entries else { return 50 };
        if !(1..=10_000).contains(entries.get_ref()) {
            self.findings.error(file, Some(entries.span()), phrases::config_out_of_range(1, 10_000), None);
        }
        *entries.get_ref() as usize
    }

    fn fetcher(&mut self, site: &Site, contact: Option<String>, fetch: sections::Fetch) -> Option<Fetcher> {
        let contact = contact.map(|c| format!("; {c}")).unwrap_or_default();
        let user_agent = format!("loaphuong/{} (+{}{contact})", env!("CARGO_PKG_VERSION"), site.base_url);
        let mut settings = Settings::new(user_agent);
        settings.allow = fetch.allow;
        if let Some(pause) = fetch.pause {
            settings.pause = pause.0;
        }
        match Fetcher::new(settings) {
            Ok(fetcher) => Some(fetcher),
            Err(e) => {
                let message = phrases::config_no_client(&format!("{e:#}"));
                self.findings.errors.push(Diagnostic { place: "[fetch]".to_owned(), excerpt: String::new(), message, hint: None });
                None
            }
        }
    }

    /// A name of the right form that was not given before.
    fn name(&mut self, what: &'static str, file: &Arc<File>, written: &Spanned<String>) -> Option<Slug> {
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
        let (line, column) = position(&file.text, written.span().start);
        let place = format!("{}:{line}:{column}", file.name);
        if let Some(first) = self.names.insert((what, name.clone()), place) {
            self.findings.error(file, Some(written.span()), phrases::config_twice(name, &first), None);
            return None;
        }
        Some(slug)
    }

    fn schedule(&mut self, file: &Arc<File>, written: Option<&Spanned<String>>) -> Option<Schedule> {
        let written = written?;
        match Schedule::parse(written.get_ref(), self.zone) {
            Ok(schedule) => Some(schedule),
            Err(e) => {
                self.findings.error(file, Some(written.span()), phrases::config_bad_schedule(written.get_ref(), &e), None);
                None
            }
        }
    }

    fn source(&mut self, mut block: Block<'_>) -> Option<SourcePlan> {
        let file = block.file.clone();
        let whole = Spanned::new(block.span.clone(), DeValue::Table(block.table.clone()));
        let text = toml::Table::deserialize(ValueDeserializer::from(whole)).unwrap_or_default();
        let common: sections::Source = block.split(SOURCE_KEYS).read(&mut self.findings, &[])?;
        let kind = common.kind.clone().unwrap_or_else(|| Spanned::new(block.span.clone(), "html".to_owned()));
        let names: Vec<&str> = source::KINDS.iter().map(|k| k.name).collect();
        let Some(found) = source::KINDS.iter().find(|k| k.name == kind.get_ref()) else {
            self.findings.error(&file, Some(kind.span()), phrases::config_no_kind(kind.get_ref(), &names), meant(kind.get_ref(), &names));
            return None;
        };
        let slug = self.name("feed", &file, &common.name);
        let schedule = self.schedule(&file, common.schedule.as_ref());
        let loaded = RefCell::new(text.to_string());
        // A block with a bad name is read all the same, for its other mistakes.
        let stand_in = slug.clone().or_else(|| Slug::new("source").ok())?;
        let (dir, zone) = (self.dir.clone(), self.zone);
        let load = |path: &str| {
            let text = std::fs::read_to_string(dir.join(path)).map_err(|e| phrases::config_unreadable(&e))?;
            loaded.borrow_mut().push_str(&text);
            Ok(text)
        };
        let setting = source::Setting { name: &stand_in, dir: &dir, zone, load: &load };
        let built = block.read_with(&mut self.findings, SOURCE_KEYS, |d| (found.build)(d, &setting))?;
        if let (Some(written), Some(s)) = (&common.schedule, &schedule) {
            let guarded = built.start().iter().any(|v| v.url.scheme() != "file" && !listed(&v.url, &self.allow));
            let tight = s.shortest_pause(Utc::now()).is_some_and(|p| p < chrono::TimeDelta::minutes(1));
            if guarded && tight {
                self.findings.error(&file, Some(written.span()), phrases::config_too_often(written.get_ref()), None);
            }
        }
        let slug = slug?;
        let fingerprint = Sha256::digest(loaded.into_inner()).iter().map(|b| format!("{b:02x}")).collect();
        Some(SourcePlan { title: common.title.unwrap_or_else(|| slug.to_string()), slug, source: built, schedule, backfill: common.backfill, fingerprint })
    }

    fn combined(&mut self, file: &Arc<File>, combined: Vec<sections::Combined>, sources: &[SourcePlan]) -> Vec<CombinedFeed> {
        let known: Vec<&str> = sources.iter().map(|s| s.slug.as_str()).collect();
        let mut feeds = Vec::new();
        for one in combined {
            let slug = self.name("feed", file, &one.name);
            let mut members = Vec::new();
            for name in &one.sources {
                match name.get_ref().as_str() {
                    "*" => members.extend(sources.iter().map(|s| s.slug.clone())),
                    other => match sources.iter().find(|s| s.slug.as_str() == other) {
                        Some(s) => members.push(s.slug.clone()),
                        None => self.findings.error(file, Some(name.span()), phrases::config_no_feed(other), meant(other, &known)),
                    },
                }
            }
            feeds.extend(slug.map(|slug| CombinedFeed { title: one.title.unwrap_or_else(|| slug.to_string()), slug, sources: members }));
        }
        feeds
    }

    fn channel(&mut self, mut block: Block<'_>, fetcher: &Fetcher) -> Option<ChannelPlan> {
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
        let secrets = RefCell::new(Vec::new());
        let dir = self.dir.clone();
        let secret = |given: &secret::Given| {
            let resolved = secret::resolve(given, &dir)?;
            warnings.borrow_mut().extend(resolved.warning);
            secrets.borrow_mut().push(resolved.secret.clone());
            Ok(resolved.secret)
        };
        let setting = channel::Setting { name: common.name.get_ref(), guarded: &fetcher.guarded_client(), secret: &secret };
        let built = block.read_with(&mut self.findings, CHANNEL_KEYS, |d| (found.build)(d, &setting));
        self.secrets.extend(secrets.into_inner());
        let mut warnings = warnings.into_inner();
        warnings.dedup();
        for warning in warnings {
            self.findings.warning(&file, Some(span.clone()), warning);
        }
        let channel = built?;
        let pace = common.pace.map_or_else(|| channel.pace(), |p| p.over(channel.pace()));
        let on_doubt = match common.on_doubt {
            Some(sections::OnDoubt::Skip) => OnDoubt::Skip,
            Some(sections::OnDoubt::Resend) | None => OnDoubt::Resend,
        };
        Some(ChannelPlan { name: name?.to_string(), channel, pace, on_doubt })
    }

    fn subscription(&mut self, block: Block<'_>, feeds: &[&str], channels: &[ChannelPlan]) -> Option<Subscription> {
        let file = block.file.clone();
        let read: sections::Subscription = block.read(&mut self.findings, &[])?;
        if let Some(fallback) = &read.fallback {
            self.findings.warning(&file, Some(fallback.span()), phrases::config_fallback_rests());
            self.address(&file, fallback, channels);
        }
        let schedule = self.schedule(&file, read.schedule.as_ref());
        let quiet = read.quiet.as_ref().and_then(|written| {
            let quiet = Quiet::parse(written.get_ref(), self.zone);
            if quiet.is_none() {
                self.findings.error(&file, Some(written.span()), phrases::config_bad_quiet(written.get_ref()), None);
            }
            quiet
        });
        let to = self.address(&file, &read.to, channels);
        let name = read.feed.get_ref();
        if !feeds.contains(&name.as_str()) {
            self.findings.error(&file, Some(read.feed.span()), phrases::config_no_feed(name), meant(name, feeds));
            return None;
        }
        let filter = Filter { include: read.include, exclude: read.exclude, categories: read.categories };
        Some(Subscription { feed: Slug::new(name).ok()?, to: to?, welcome: read.welcome as usize, schedule, digest: read.digest, quiet, filter, silent: read.silent })
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
                self.findings.error(file, Some(written.span()), phrases::config_no_channel(address.channel()), meant(address.channel(), &known));
            }
            return None;
        };
        match plan.channel.accepts(address.chat()) {
            Ok(()) => Some(address),
            Err(message) => {
                self.findings.error(file, Some(written.span()), message, None);
                None
            }
        }
    }
}
