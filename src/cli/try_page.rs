//! `loaphuong try`: what production would read from a page or a file, sent nowhere.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use url::Url;

use super::{Context, Exit, print};
use crate::config::Config;
use crate::phrases;
use crate::sample::{Batch, Sample, Saved, Shape, View};

pub(super) mod show;

/// The file in a batch's folder that tells the addresses of the others.
const ADDRESSES: &str = "urls.json";

/// See [`super::Command::Try`].
#[derive(clap::Args)]
pub(super) struct Args {
    /// Địa chỉ trang hoặc tệp (addresses of pages, or files)
    #[arg(required_unless_present = "batch")]
    pages: Vec<String>,
    /// Đọc như nguồn này trong cấu hình (read as this source of the config would)
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// In ra JSON (print JSON)
    #[arg(long)]
    json: bool,
    /// Đọc như trang danh sách hay bài viết (read as a list or as an article)
    #[arg(long = "as", value_name = "WHAT")]
    shape: Option<Seen>,
    /// Địa chỉ thật của tệp (the address that a file came from)
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Đọc mọi tệp trong thư mục, mỗi tệp một dòng JSON (every file of a folder, as JSON Lines)
    #[arg(long, value_name = "DIR", conflicts_with_all = ["pages", "url"])]
    batch: Option<PathBuf>,
    /// Các tệp cùng một trang web: học khuôn của trang rồi mới đọc (the files are of one site and teach its frame)
    #[arg(long)]
    site: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Seen {
    List,
    Article,
}

impl Args {
    fn shape(&self) -> Option<Shape> {
        self.shape.map(|seen| match seen {
            Seen::List => Shape::List,
            Seen::Article => Shape::Article,
        })
    }
}

pub(super) async fn try_pages(context: &Context, args: &Args) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    if let Some(name) = &args.source
        && !config.sources.iter().any(|s| s.slug.as_str() == name)
    {
        context.redactor.say(&phrases::config_no_feed(name));
        return Exit::Wrong;
    }
    let sample = Sample { config: &config, source: args.source.as_deref() };
    if let Some(dir) = &args.batch {
        return batch(context, args, sample, dir);
    }
    let views = if args.site { site(args, sample) } else { each(args, sample).await };
    tell(context, args, &config, &views);
    if views.iter().all(View::found_something) { Exit::Well } else { Exit::Failed }
}

/// Looks at one page after the other, articles of lists included.
async fn each(args: &Args, sample: Sample<'_>) -> Vec<View> {
    let mut views = Vec::new();
    for target in &args.pages {
        views.push(match web_address(target) {
            Some(address) => sample.address(&address, args.shape()).await,
            None => sample.file(Path::new(target), args.url.clone(), args.shape()).await,
        });
    }
    views
}

/// Looks at files of one site.
fn site(args: &Args, sample: Sample<'_>) -> Vec<View> {
    let files: Vec<Saved> = args.pages.iter().map(|path| Saved { path: PathBuf::from(path), url: args.url.clone() }).collect();
    let mut views = Vec::new();
    Batch { sample, shape: args.shape() }.site(&files, |_, view| views.push(view));
    views
}

fn tell(context: &Context, args: &Args, config: &Config, views: &[View]) {
    if !args.json {
        for (target, view) in args.pages.iter().zip(views) {
            print(&show::text(target, view, config.site.zone));
        }
        return;
    }
    // An entry carries its own problems; those of a page without one would be lost.
    for problem in views.iter().filter(|view| view.entries.is_empty()).flat_map(|view| &view.problems) {
        context.redactor.say(&format!("{}: {}", problem.url, problem.what));
    }
    print(&show::json(&args.pages, views, args.shape()));
}

fn web_address(target: &str) -> Option<Url> {
    Url::parse(target).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn batch(context: &Context, args: &Args, sample: Sample<'_>, dir: &Path) -> Exit {
    let addresses = addresses(context, dir);
    let files = match files_of(dir) {
        Ok(files) => files,
        Err(error) => {
            context.failed(&error);
            return Exit::Wrong;
        }
    };
    if files.is_empty() {
        context.redactor.say(&phrases::batch_empty(&dir.display()));
        return Exit::Wrong;
    }
    let files: Vec<Saved> = files.into_iter().map(|path| Saved { url: addresses.get(&name(&path)).cloned(), path }).collect();
    let batch = Batch { sample, shape: args.shape() };
    let told = |file: &Saved, view: View| print(&show::row(&name(&file.path), &view, args.shape()));
    if args.site {
        batch.site(&files, told)
    } else {
        batch.each(&files, told)
    }
    Exit::Well
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What `urls.json` says; an address in it that is none is told and left out.
fn addresses(context: &Context, dir: &Path) -> HashMap<String, Url> {
    let Ok(bytes) = std::fs::read(dir.join(ADDRESSES)) else { return HashMap::new() };
    let told: HashMap<String, serde_json::Value> = serde_json::from_slice(&bytes).unwrap_or_else(|error| {
        let place = format!("{}:{}:{}", dir.join(ADDRESSES).display(), error.line(), error.column());
        context.redactor.say(&phrases::addresses_broken(&place, &error.to_string()));
        HashMap::new()
    });
    let parsed = |file: &str, told: &serde_json::Value| {
        let address = told.as_str().and_then(web_address);
        if address.is_none() {
            context.redactor.say(&format!("{ADDRESSES}: {file}: {told}: {}", phrases::fetch_address_unusable()));
        }
        address
    };
    told.iter().filter_map(|(file, told)| Some((file.clone(), parsed(file, told)?))).collect()
}

/// The files of a folder in the order of their names, hidden ones left out.
fn files_of(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(dir).map_err(|e| anyhow::anyhow!(phrases::config_unreadable(&format!("{}: {e}", dir.display()))))? {
        let path = file?.path();
        let name = name(&path);
        if path.is_file() && name != ADDRESSES && !name.starts_with('.') {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
