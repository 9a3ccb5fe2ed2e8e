//! `loaphuong add`: one address in, a source out.

use std::io::{BufRead, IsTerminal};

use url::Url;

use super::once::spinner;
use super::{Context, Exit, print};
use crate::config::Config;
use crate::config::edit::{self, Addition};
use crate::entry::{Slug, SlugError};
use crate::phrases;
use crate::sample::{self, Found, Trial};
use crate::source::discover;
use crate::text;

mod show;

/// What a site calls itself beside its own name, folded; no part of a short name.
const FORMALITIES: &[&str] = &[
    "cong thong tin dien tu",
    "trang thong tin dien tu",
    "cong thong tin",
    "trang thong tin",
    "trang chu",
    "tin tuc",
    "uy ban nhan dan",
    "ubnd",
];
/// A name is short enough to be typed.
const NAME: usize = 32;

/// See [`super::Command::Add`].
#[derive(clap::Args)]
pub(super) struct Args {
    /// Địa chỉ trang liệt kê tin, hoặc trang chủ (the page that lists the news, or the front page)
    url: String,
    /// Tên ngắn của nguồn (the source's short name)
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Tên cho người đọc (the name that people read)
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// Ghi luôn, không hỏi (write without asking)
    #[arg(long)]
    yes: bool,
    /// In ra JSON (print JSON)
    #[arg(long)]
    json: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The config has the source now.
    Written,
    /// Somebody said no.
    Declined,
    /// Nobody could be asked.
    Unasked,
    /// There is nothing to write.
    Nothing,
}

pub(super) async fn add(context: &Context, args: &Args) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let url = match checked(&config, args) {
        Ok(url) => url,
        Err(sentence) => {
            context.redactor.say(&sentence);
            return Exit::Wrong;
        }
    };
    if let Some(name) = known(&config, &url) {
        return already(context, args, &url, &name);
    }
    let found = look(args, &config, &url).await;
    if let Some(name) = found.best().and_then(|trial| known(&config, &trial.url)) {
        return already(context, args, &url, &name);
    }
    finish(context, args, &config, &found)
}

/// Looks for the best way. Who writes no scheme may mean a site that has only the old one.
async fn look(args: &Args, config: &Config, url: &Url) -> Found {
    let turning = spinner(&phrases::add_asking(&text::shown(url)));
    let asking = |page: &Url| turning.set_message(phrases::add_asking(&text::shown(page)));
    let mut found = sample::search(config, url, &asking).await;
    let mut plain = url.clone();
    if found.failure.is_some() && !args.url.contains("://") && plain.set_scheme("http").is_ok() {
        let second = sample::search(config, &plain, &asking).await;
        found = if second.failure.is_none() { second } else { found };
    }
    turning.finish_and_clear();
    found
}

/// The address, if it and the name can be used.
fn checked(config: &Config, args: &Args) -> Result<Url, String> {
    let written = args.url.trim();
    let whole = if written.contains("://") { written.to_owned() } else { format!("https://{written}") };
    let url = Url::parse(&whole).map_err(phrases::address_malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(phrases::address_wrong_scheme(url.scheme()));
    }
    let Some(name) = &args.name else { return Ok(url) };
    let slug = Slug::new(name).map_err(|error| match error {
        SlugError::Form => phrases::config_bad_name(name),
        SlugError::Reserved => phrases::config_reserved_name(name),
    })?;
    let taken = config.sources.iter().any(|s| s.slug == slug) || config.combined.iter().chain(&config.topics).any(|c| c.slug == slug);
    if taken { Err(phrases::config_twice(name, &config.path.display().to_string())) } else { Ok(url) }
}

/// The source that reads this address already.
fn known(config: &Config, url: &Url) -> Option<String> {
    let same = |other: &Url| discover::key(other) == discover::key(url);
    let reads = |plan: &&crate::config::SourcePlan| plan.source.start().iter().any(|visit| same(&visit.url));
    config.sources.iter().find(reads).map(|plan| plan.slug.to_string())
}

fn already(context: &Context, args: &Args, url: &Url, name: &str) -> Exit {
    context.redactor.say(&phrases::add_known(name));
    if args.json {
        print(&show::known(url, name));
    }
    Exit::Well
}

fn finish(context: &Context, args: &Args, config: &Config, found: &Found) -> Exit {
    let addition = found.best().and_then(|trial| addition(args, config, found, trial));
    let Some(addition) = addition else {
        tell(context, args, config, found, None, End::Nothing);
        return Exit::Failed;
    };
    if !args.json {
        print(&show::preview(found, &addition, config.site.zone));
    }
    let end = if args.yes { End::Written } else { ask(args) };
    if end == End::Written
        && let Err(sentence) = edit::append(&config.path, &addition)
    {
        context.redactor.say(&sentence);
        return Exit::Failed;
    }
    tell(context, args, config, found, Some(&addition), end);
    if end == End::Declined { Exit::Failed } else { Exit::Well }
}

fn ask(args: &Args) -> End {
    if args.json || !std::io::stdin().is_terminal() {
        return End::Unasked;
    }
    print(&phrases::add_question());
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).ok();
    let yes = ["c", "co", "y", "yes", "dung", "ok"].contains(&text::fold(&answer).as_str());
    if yes { End::Written } else { End::Declined }
}

fn tell(context: &Context, args: &Args, config: &Config, found: &Found, addition: Option<&Addition>, end: End) {
    if args.json {
        print(&show::json(found, addition, end == End::Written));
    }
    match (end, addition) {
        (End::Written, Some(addition)) => context.redactor.say(&phrases::add_written(addition.name.as_str(), &config.path)),
        (End::Declined, _) => context.redactor.say(&phrases::add_declined()),
        (End::Unasked, _) => context.redactor.say(&phrases::add_say_yes()),
        (End::Nothing | End::Written, _) => context.redactor.say(&show::advice(found)),
    }
}

fn addition(args: &Args, config: &Config, found: &Found, trial: &Trial) -> Option<Addition> {
    let host = &*text::shown_host(found.url.host_str().unwrap_or_default());
    let told = found.sight.as_ref().and_then(|sight| sight.title.clone());
    let title = args.title.clone().or(told.map(|title| site_title(&title))).unwrap_or_else(|| host.to_owned());
    let name = match &args.name {
        Some(name) => Slug::new(name).ok()?,
        None => edit::free_name(config, &short_name(&title, host))?,
    };
    Some(Addition {
        name,
        title,
        kind: trial.kind,
        keys: trial.keys.clone(),
        comment: phrases::add_comment(&text::shown(&found.url)),
        recipe: trial.recipe.clone(),
    })
}

/// A page's title without the name of its section.
fn site_title(title: &str) -> String {
    let parts = title.split(" - ").flat_map(|part| part.split(" – ")).flat_map(|part| part.split(" | "));
    let kept: Vec<&str> = parts.map(str::trim).filter(|part| !FORMALITIES.contains(&text::fold(part).as_str())).collect();
    Some(kept.join(" - ")).filter(|title| !title.is_empty()).unwrap_or_else(|| title.to_owned())
}

/// A name made of the title without its formalities, else of the host.
fn short_name(title: &str, host: &str) -> String {
    let mut folded = text::fold(title).replace(['-', '–', '|', ':'], " ");
    for words in FORMALITIES {
        folded = folded.replace(words, " ");
    }
    let slug = text::slug(&folded);
    let first = host.trim_start_matches("www.").split('.').next().unwrap_or_default();
    let numeric = host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let hosted = text::slug(if numeric { "nguon" } else { first });
    let usable = |name: &String| (3..=NAME).contains(&name.len()) && Slug::new(name).is_ok();
    [slug, hosted].into_iter().find(usable).unwrap_or_else(|| "nguon".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_sites_and_not_the_sections() {
        let check = |title: &str, want: &str| assert_eq!(site_title(title), want);
        check("Tin tức - UBND Phường Hoa Gạo", "UBND Phường Hoa Gạo");
        check("Trang chủ | Cổng thông tin điện tử – Phường Hoa Gạo", "Phường Hoa Gạo");
        check("Tin tức", "Tin tức");
        check("Phường Hoa Gạo - Hà Nội", "Phường Hoa Gạo - Hà Nội");
    }

    #[test]
    fn a_short_name_is_the_wards_own() {
        let check = |title: &str, host: &str, want: &str| assert_eq!(short_name(title, host), want, "{title}");
        check("Cổng thông tin điện tử Phường Thổ Quan", "thoquan.example.vn", "phuong-tho-quan");
        check("Tin tức - UBND phường Vĩnh Tuy", "vinhtuy.example.vn", "phuong-vinh-tuy");
        check("Trang chủ", "www.hoagao.example.vn", "hoagao");
        check("Phường Hoa Gạo, thành phố Hà Nội, nước Việt Nam", "hoagao.example.vn", "hoagao");
        check("", "127.0.0.1", "nguon");
        check("Feeds", "", "nguon");
    }
}
