//! From text to built things.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Tz;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::blocks::Block;
use super::diagnose::{Diagnostic, File, Findings, Place, meant, position};
use super::marks::{Marks, Origin};
use super::sections;
use super::{ChannelPlan, Config, Invite, Site, SourcePlan};
use crate::entry::Slug;
use crate::fetch::{Allowed, Fetcher, Settings};
use crate::phrases;
use crate::rhythm::Bounds;
use crate::schedule::Schedule;
use crate::secret;
use crate::text;
use crate::tls::Authorities;

/// Larger files are no config.
const SIZE_LIMIT: u64 = 5 << 20;
/// What is urgent to people who follow by themselves, unless an admin says otherwise.
const URGENT: [&str; 4] = ["công điện khẩn", "thông báo khẩn", "sơ tán khẩn cấp", "di dời khẩn cấp"];
/// Where the server is reached when the config does not say.
const BASE_URL: &str = "http://127.0.0.1:8080/";
const TABLES: &[&str] = &["sources", "channels", "subscriptions"];
const SECTIONS: &[&str] = &["include", "store", "site", "server", "feeds", "fetch", "hub", "admin", "sources", "channels", "subscriptions"];

/// A config in the making.
pub(super) struct Builder {
    pub(super) dir: PathBuf,
    pub(super) findings: Findings,
    pub(super) zone: Tz,
    pub(super) allow: Vec<Allowed>,
    pub(super) bounds: Bounds,
    /// Where each name was given, for "taken at".
    pub(super) names: HashMap<(&'static str, String), Place>,
    /// Schedules by what is written: thousands of sources share a few.
    pub(super) schedules: HashMap<String, Schedule>,
    /// Which of them leave less than a minute between two visits.
    pub(super) tight: HashMap<String, bool>,
    pub(super) secrets: Vec<secret::Secret>,
    pub(super) origin: Origin,
    /// Former names of feeds.
    pub(super) aliases: HashMap<String, Slug>,
    pub(super) invites: Vec<Invite>,
    /// What sources' `ca_file` say.
    pub(super) authorities: Authorities,
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
    let mut builder = Builder {
        dir,
        findings: Findings::default(),
        zone: chrono_tz::Asia::Ho_Chi_Minh,
        allow: Vec::new(),
        bounds: Bounds::default(),
        names: HashMap::new(),
        schedules: HashMap::new(),
        tight: HashMap::new(),
        secrets: Vec::new(),
        origin: Origin { files: vec![path.to_path_buf()], patterns: Vec::new() },
        aliases: HashMap::new(),
        invites: Vec::new(),
        authorities: Authorities::new(),
    };
    let included = builder.included(&main, path);
    let config = builder.build(&main, &included, path);
    match config {
        Some(config) if builder.findings.errors.is_empty() => {
            let (warnings, secrets, origin) = (builder.findings.warnings, builder.secrets, builder.origin);
            Ok(Config { warnings, secrets, marks: origin.marks(), origin, ..config })
        }
        Some(_) | None => Err(Findings::in_order(builder.findings.errors, &main.name)),
    }
}

fn read(path: &Path, shown: &Path) -> Result<Arc<File>, Vec<Diagnostic>> {
    let name = shown.display().to_string();
    let told = |message: String, place: String| vec![Diagnostic::at(place, message)];
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
    fn included(&mut self, main: &Arc<File>, path: &Path) -> Vec<Arc<File>> {
        let (root, _) = DeTable::parse_recoverable(&main.text);
        let Some(DeValue::Array(patterns)) = root.get_ref().get("include").map(Spanned::get_ref) else { return Vec::new() };
        let mut included = Vec::new();
        for pattern in patterns.iter() {
            let Some(written) = pattern.get_ref().as_str() else { continue };
            let absolute = self.dir.join(written).to_string_lossy().into_owned();
            let found: Vec<PathBuf> = glob::glob(&absolute).map(|paths| paths.filter_map(Result::ok).collect()).unwrap_or_default();
            self.origin.patterns.push(absolute);
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
                self.origin.files.push(one);
            }
        }
        included
    }

    fn build(&mut self, main: &Arc<File>, included: &[Arc<File>], path: &Path) -> Option<Config> {
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
        let hub: sections::Hub = self.section(main, &mut root, "hub");
        let admin: sections::Admin = self.section(main, &mut root, "admin");
        let store = self.store(main, &mut root);
        let contact = site.contact.clone();
        let site = self.site(main, site)?;
        self.zone = site.zone;
        self.allow.clone_from(&fetch.allow);
        self.bounds = self.bounds(main, &fetch);
        let sources: Vec<SourcePlan> = blocks.sources.into_iter().filter_map(|b| self.source(b)).collect();
        let fetcher = Arc::new(self.fetcher(&site, contact, fetch)?);
        let combined = self.combined(main, feeds.combined, &sources);
        let topics = self.topics(main, feeds.topic, &sources);
        let channels: Vec<ChannelPlan> = blocks.channels.into_iter().filter_map(|b| self.channel(b, &fetcher, &site)).collect();
        let known: Vec<&str> = sources.iter().map(|s| s.slug.as_str()).chain(combined.iter().map(|c| c.slug.as_str())).collect();
        let subscriptions = blocks.subscriptions.into_iter().filter_map(|b| self.subscription(b, &known, &channels)).collect();
        let office = self.office(main, &admin, &site, &channels);
        for file in sources.iter().flat_map(|s| s.source.start()).filter(|v| v.url.scheme() == "file") {
            if let Ok(folder) = file.url.to_file_path() {
                fetcher.permit_folder(&folder);
            }
        }
        let hub = self.hub(main, hub);
        Some(Config {
            path: path.to_path_buf(),
            dir: self.dir.clone(),
            store,
            door: self.door(main, &server),
            listen: self.listen(main, server)?,
            aliases: std::mem::take(&mut self.aliases),
            site,
            feeds_dir: self.dir.join(feeds.dir.unwrap_or_else(|| "feeds".to_owned())),
            feed_entries: self.entries(main, feeds.entries),
            feed_content: feeds.content,
            feed_pages: feeds.html,
            hub,
            combined,
            topics,
            sources,
            channels,
            subscriptions,
            invites: std::mem::take(&mut self.invites),
            office,
            fetcher,
            warnings: Vec::new(),
            secrets: Vec::new(),
            marks: Marks::default(),
            origin: Origin::default(),
        })
    }

    fn parse<'i>(&mut self, file: &'i Arc<File>, known: &[&str]) -> DeTable<'i> {
        let (root, errors) = DeTable::parse_recoverable(&file.text);
        for error in &errors {
            self.findings.toml(file, error, &(0..0), &[]);
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
        let written = site.base_url.unwrap_or_else(|| Spanned::new(0..0, BASE_URL.to_owned()));
        let with_slash = format!("{}/", written.get_ref().trim_end_matches('/'));
        let base_url = Url::parse(&with_slash).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.host().is_some());
        if base_url.is_none() {
            self.findings.error(file, Some(written.span()), phrases::config_bad_url(written.get_ref()), None);
        }
        let language = site.language.unwrap_or_default();
        let icon = site.icon.and_then(|written| {
            let url = Url::parse(written.get_ref()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            if url.is_none() {
                self.findings.error(file, Some(written.span()), phrases::config_bad_url(written.get_ref()), None);
            }
            url
        });
        Some(Site {
            title: site.title.map_or_else(|| "Loa phường".to_owned(), |title| text::line(&title)),
            // With a stand-in, so that what is wrong further down is told as well.
            base_url: base_url.or_else(|| Url::parse(BASE_URL).ok())?,
            language,
            zone: zone.unwrap_or(self.zone),
            rights: site.rights.as_deref().map(text::line).filter(|rights| !rights.is_empty()),
            icon,
            images: site.images.unwrap_or_default(),
            urgent: site.urgent.unwrap_or_else(|| URGENT.map(str::to_owned).to_vec()),
        })
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

    /// How far apart visits may be: a minute at least, and in order.
    fn bounds(&mut self, file: &Arc<File>, fetch: &sections::Fetch) -> Bounds {
        let known = Bounds::default();
        let told = |written: &Option<Spanned<sections::Span>>| written.as_ref().and_then(|w| TimeDelta::from_std(w.get_ref().0).ok());
        let (min, max) = (told(&fetch.every_min), told(&fetch.every_max));
        // One that is given alone moves the other with it.
        let min = min.unwrap_or_else(|| max.map_or(known.min, |max| known.min.min(max)));
        let max = max.unwrap_or_else(|| known.max.max(min));
        let written = fetch.every_min.as_ref().or(fetch.every_max.as_ref()).map(Spanned::span);
        if min < TimeDelta::minutes(1) || max < min || max > TimeDelta::days(30) {
            self.findings.error(file, written, phrases::config_bad_bounds(), None);
            return known;
        }
        Bounds { min, max }
    }

    fn fetcher(&mut self, site: &Site, contact: Option<String>, fetch: sections::Fetch) -> Option<Fetcher> {
        let contact = contact.map(|c| format!("; {c}")).unwrap_or_default();
        let user_agent = format!("loaphuong/{} (+{}{contact})", env!("CARGO_PKG_VERSION"), site.base_url);
        let mut settings = Settings::new(user_agent);
        settings.allow = fetch.allow;
        settings.authorities = std::mem::take(&mut self.authorities);
        if let Some(pause) = fetch.pause {
            settings.pause = pause.0;
        }
        match Fetcher::new(settings) {
            Ok(fetcher) => Some(fetcher),
            Err(e) => {
                let message = phrases::config_no_client(&format!("{e:#}"));
                self.findings.errors.push(Diagnostic::at("[fetch]".to_owned(), message));
                None
            }
        }
    }
}
