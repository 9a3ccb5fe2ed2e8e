//! `loaphuong letters`: what was given up, is held back or in doubt; beside a living daemon.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Result, bail};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{Context, Exit, why};
use crate::config::Config;
use crate::phrases;
use crate::schedule::spoken;
use crate::store::{Access, Dead, Store, Wanted};

/// Letters shown at most.
const SHOWN: usize = 500;
/// Letters that one command sends again or drops by a filter at most.
const TOUCHED: usize = 1_000_000;

/// See [`super::Command::Letters`].
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Chỉ tin của kênh này (only of this channel)
    #[arg(long, global = true)]
    channel: Option<String>,
    /// Chỉ tin của nguồn này (only of this source)
    #[arg(long, global = true)]
    source: Option<String>,
    /// Từ lúc: 2026-11-20, hoặc 7d là bảy ngày trước (owed since then)
    #[arg(long, global = true, value_name = "TIME")]
    since: Option<String>,
    /// Trước lúc (owed before then)
    #[arg(long, global = true, value_name = "TIME")]
    until: Option<String>,
    /// Với retry và drop: mọi tin (all letters, for retry and drop)
    #[arg(long, global = true)]
    all: bool,
    /// Cho chương trình khác đọc (for programs)
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum What {
    /// Xem danh sách (mặc định) — show the list (the default)
    List,
    /// Vì sao tin này chưa đến — why this letter did not arrive
    Why {
        /// Số của tin (number of a letter)
        id: i64,
    },
    /// Gửi lại: các số đã cho, mọi tin theo bộ lọc, hoặc --all — send again: these numbers, all that the filters name, or --all
    Retry {
        /// Số của tin (numbers of letters)
        ids: Vec<i64>,
    },
    /// Bỏ hẳn: các số đã cho, mọi tin theo bộ lọc, hoặc --all — forget: these numbers, all that the filters name, or --all
    Drop {
        /// Số của tin (numbers of letters)
        ids: Vec<i64>,
    },
}

impl Args {
    /// Whether letters are to be touched and nothing says which.
    fn is_about_nothing(&self, wanted: &Wanted) -> bool {
        let ids = match &self.what {
            Some(What::Retry { ids } | What::Drop { ids }) => ids,
            Some(What::List | What::Why { .. }) | None => return false,
        };
        ids.is_empty() && !self.all && !filters(wanted)
    }
}

/// Whether a filter is given.
fn filters(wanted: &Wanted) -> bool {
    let Wanted { channel, source, since, until } = wanted;
    channel.is_some() || source.is_some() || since.is_some() || until.is_some()
}

pub(super) async fn letters(context: &Context, args: &Args) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let wanted = match wanted(args, config.site.zone, Utc::now()) {
        Ok(wanted) => wanted,
        Err(error) => {
            context.failed(&error);
            return Exit::Wrong;
        }
    };
    if args.is_about_nothing(&wanted) {
        context.redactor.say(&phrases::letters_which());
        return Exit::Wrong;
    }
    let store = match Store::open(&config.store, &config.dir, Access::Beside).await {
        Ok(store) => store,
        Err(error) => return context.refused(error),
    };
    let said = answer(&store, &config, args, &wanted).await;
    store.close().await;
    match said {
        Ok(text) => {
            super::print(&format!("{}\n", context.redactor.strip(text.trim_end())));
            Exit::Well
        }
        Err(error) => context.failed(&error),
    }
}

async fn answer(store: &Store, config: &Config, args: &Args, wanted: &Wanted) -> Result<String> {
    match args.what.as_ref().unwrap_or(&What::List) {
        What::List => list(&store.letters(wanted, SHOWN).await?, config.site.zone, args.json),
        What::Why { id } => match why::of_letter(store, config, *id, args.json).await? {
            Some(told) => Ok(told),
            None => bail!(phrases::why_no_letter(*id)),
        },
        What::Retry { ids } => {
            let Some(ids) = named(store, ids, wanted).await? else { return Ok(phrases::letters_retried(0)) };
            retry(store, config, &ids).await
        }
        What::Drop { ids } => {
            let Some(ids) = named(store, ids, wanted).await? else { return Ok(phrases::letters_dropped(0)) };
            store.drop_letters(&ids).await.map(phrases::letters_dropped)
        }
    }
}

/// Sends letters again whose channel is there; tells of the others, which nothing would take up.
async fn retry(store: &Store, config: &Config, ids: &[i64]) -> Result<String> {
    let (mut known, mut stranded) = (Vec::new(), BTreeMap::<String, usize>::new());
    for (id, channel) in store.channels_of(ids).await? {
        if config.channels.iter().any(|plan| plan.name == channel) {
            known.push(id);
        } else {
            *stranded.entry(channel).or_default() += 1;
        }
    }
    let revived = if known.is_empty() { 0 } else { store.revive(&known, Utc::now()).await? };
    let lines = stranded.iter().map(|(channel, count)| phrases::letters_stranded(*count, channel));
    Ok(std::iter::once(phrases::letters_retried(revived)).chain(lines).collect::<Vec<_>>().join("\n"))
}

/// The letters meant: those of the numbers and the filters together, all where neither is given;
/// `None` where that leaves nothing.
async fn named(store: &Store, ids: &[i64], wanted: &Wanted) -> Result<Option<Vec<i64>>> {
    if !filters(wanted) {
        return Ok(Some(ids.to_vec()));
    }
    let letters = store.letters(wanted, TOUCHED).await?;
    let meant: Vec<i64> = letters.iter().map(|l| l.id).filter(|id| ids.is_empty() || ids.contains(id)).collect();
    Ok(Some(meant).filter(|meant| !meant.is_empty()))
}

fn wanted(args: &Args, zone: Tz, now: DateTime<Utc>) -> Result<Wanted> {
    let read = |written: &Option<String>| written.as_ref().map(|w| time(w, zone, now)).transpose();
    Ok(Wanted { channel: args.channel.clone(), source: args.source.clone(), since: read(&args.since)?, until: read(&args.until)? })
}

/// A day, an instant, or a length of time before now.
fn time(written: &str, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(written) {
        return Ok(instant.with_timezone(&Utc));
    }
    let day = written.parse::<NaiveDate>().ok().and_then(|day| day.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest());
    if let Some(day) = day {
        return Ok(day.with_timezone(&Utc));
    }
    let ago = humantime::parse_duration(written).ok().and_then(|ago| TimeDelta::from_std(ago).ok());
    match ago.and_then(|ago| now.checked_sub_signed(ago)) {
        Some(instant) => Ok(instant),
        None => bail!(phrases::why_bad_time(written)),
    }
}

/// How a letter stands: its name for programs, and for people.
fn state(letter: &Dead) -> (&'static str, String) {
    match (letter.held, letter.in_doubt) {
        (true, _) => ("held", phrases::letter_held()),
        (false, true) => ("doubt", phrases::letter_doubt()),
        (false, false) => ("dead", phrases::letter_dead()),
    }
}

fn list(letters: &[Dead], zone: Tz, as_json: bool) -> Result<String> {
    if as_json {
        return Ok(Value::Array(letters.iter().map(object).collect()).to_string());
    }
    if letters.is_empty() {
        return Ok(phrases::letters_none());
    }
    let mut text = String::new();
    for name in ["dead", "held", "doubt"] {
        for letter in letters.iter().filter(|letter| state(letter).0 == name) {
            let (_, state) = state(letter);
            writeln!(text, "{}  {state}  {}  {}  {}\n    {}", letter.id, letter.to, letter.source, letter.title, letter.cause)?;
            writeln!(text, "    {}", spoken(letter.owed_since, zone))?;
        }
    }
    Ok(text)
}

fn object(letter: &Dead) -> Value {
    json!({
        "id": letter.id,
        "state": state(letter).0,
        "to": letter.to.to_string(),
        "source": letter.source.as_str(),
        "title": letter.title,
        "cause": letter.cause,
        "owed_since": letter.owed_since.to_rfc3339(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_day_an_instant_or_so_long_ago() {
        let (zone, now) = (chrono_tz::Asia::Ho_Chi_Minh, DateTime::UNIX_EPOCH + TimeDelta::seconds(1_795_000_000));
        let check = |written: &str, want: Option<&str>| {
            assert_eq!(time(written, zone, now).ok().map(|t| t.to_rfc3339()).as_deref(), want, "{written}");
        };
        check("2026-11-18", Some("2026-11-17T17:00:00+00:00"));
        check("2026-11-18T08:00:00+07:00", Some("2026-11-18T01:00:00+00:00"));
        check("1h", Some("2026-11-18T10:06:40+00:00"));
        check("hôm qua", None);
    }
}
