//! `loaphuong try`: what production would read from a page or a file, sent nowhere.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};
use url::Url;

use super::{Context, Exit, print};
use crate::config::Config;
use crate::phrases;
use crate::sample::{Sample, View};

mod show;

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
    view: Option<Seen>,
    /// Địa chỉ thật của tệp (the address that a file came from)
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Đọc mọi tệp trong thư mục, mỗi tệp một dòng JSON (every file of a folder, as JSON Lines)
    #[arg(long, value_name = "DIR", conflicts_with = "pages")]
    batch: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Seen {
    List,
    Article,
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
    if let Some(dir) = &args.batch {
        return batch(context, args, &config, dir).await;
    }
    let mut read_all = true;
    let mut array = Vec::new();
    for target in &args.pages {
        let view = look(args, &config, target, args.url.clone()).await;
        read_all &= view.found_something();
        if !args.json {
            print(&show::text(target, &view, config.site.zone));
        }
        array.push(view);
    }
    if args.json {
        print(&format!("{:#}\n", as_json(args, &array)));
    }
    if read_all { Exit::Well } else { Exit::Failed }
}

/// One array of entries; of several pages each entry names its file. A list asked for as such stands alone.
fn as_json(args: &Args, views: &[View]) -> Value {
    if let (Some(Seen::List), [view]) = (args.view, views) {
        return show::list(view);
    }
    let several = views.len() > 1;
    let mut array = Vec::new();
    for (target, view) in args.pages.iter().zip(views) {
        for mut entry in show::entries(view) {
            if several && let Some(object) = entry.as_object_mut() {
                object.insert("file".to_owned(), json!(target));
            }
            array.push(entry);
        }
    }
    Value::Array(array)
}

async fn look(args: &Args, config: &Config, target: &str, url: Option<Url>) -> View {
    let sample = Sample { config, source: args.source.as_deref() };
    let wanted = args.view.map(|v| matches!(v, Seen::List));
    match Url::parse(target).ok().filter(|u| matches!(u.scheme(), "http" | "https")) {
        Some(address) => sample.address(&address, wanted).await,
        None => sample.file(Path::new(target), url, wanted).await,
    }
}

async fn batch(context: &Context, args: &Args, config: &Config, dir: &Path) -> Exit {
    let files = match files_of(dir) {
        Ok(files) => files,
        Err(error) => return context.failed(&error),
    };
    let addresses: std::collections::HashMap<String, Url> =
        std::fs::read(dir.join("urls.json")).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    for file in files {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let view = look(args, config, &file.to_string_lossy(), addresses.get(&name).cloned()).await;
        let objects = if matches!(args.view, Some(Seen::List)) { vec![show::list(&view)] } else { show::first_entry(&view) };
        for mut object in objects {
            if let Some(fields) = object.as_object_mut() {
                fields.insert("file".to_owned(), json!(name));
            }
            print(&format!("{object}\n"));
        }
    }
    Exit::Well
}

fn files_of(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(dir).map_err(|e| anyhow::anyhow!(phrases::config_unreadable(&format!("{}: {e}", dir.display()))))? {
        let path = file?.path();
        if path.is_file() && path.file_name().is_some_and(|n| n != "urls.json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
