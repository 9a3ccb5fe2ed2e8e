//! `loaphuong letters`: what was given up or is held back; beside a living daemon.

use std::fmt::Write;

use clap::Subcommand;

use super::{Context, Exit};
use crate::phrases;
use crate::schedule::spoken;
use crate::store::{Access, Store};

/// Letters shown at most.
const SHOWN: usize = 500;

/// See [`super::Command::Letters`].
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Xem danh sách (mặc định) — show the list (the default)
    List,
    /// Gửi lại: các số đã cho, hoặc tất cả — send again: these numbers, or all
    Retry {
        /// Số của tin (numbers of letters)
        ids: Vec<i64>,
    },
    /// Bỏ hẳn: các số đã cho, hoặc tất cả — forget: these numbers, or all
    Drop {
        /// Số của tin (numbers of letters)
        ids: Vec<i64>,
    },
}

pub(super) async fn letters(context: &Context, args: &Args) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let store = match Store::open(&config.store, &config.dir, Access::Beside).await {
        Ok(store) => store,
        Err(error) => return context.refused(error),
    };
    let said = match args.what.as_ref().unwrap_or(&What::List) {
        What::List => list(&store, config.site.zone).await,
        What::Retry { ids } => store.revive(ids, chrono::Utc::now()).await.map(phrases::letters_retried),
        What::Drop { ids } => store.drop_letters(ids).await.map(phrases::letters_dropped),
    };
    store.close().await;
    match said {
        Ok(text) => {
            super::print(&format!("{}\n", context.redactor.strip(text.trim_end())));
            Exit::Well
        }
        Err(error) => context.failed(&error),
    }
}

async fn list(store: &Store, zone: chrono_tz::Tz) -> anyhow::Result<String> {
    let letters = store.dead_letters(SHOWN).await?;
    if letters.is_empty() {
        return Ok(phrases::letters_none());
    }
    let mut text = String::new();
    for letter in letters {
        let state = if letter.held { phrases::letter_held() } else { phrases::letter_dead() };
        writeln!(text, "{}  {state}  {}  {}  {}\n    {}", letter.id, letter.to, letter.source, letter.title, letter.cause)?;
        writeln!(text, "    {}", spoken(letter.owed_since, zone))?;
    }
    Ok(text)
}
