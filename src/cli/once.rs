//! `loaphuong once`: one whole round, then exit.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Context, Exit, stop_signal};
use crate::phrases;

/// See [`super::Command::Once`].
#[derive(clap::Args)]
pub(super) struct Args {
    /// Chờ gửi xong nhiều nhất bao lâu, ví dụ 60s, 5m (how long to wait for sending)
    #[arg(long = "for", value_name = "TIME", default_value = "60s", value_parser = humantime::parse_duration)]
    limit: Duration,
}

pub(super) async fn once(context: &Context, args: &Args) -> Exit {
    let app = match context.app().await {
        Ok(app) => app,
        Err(exit) => return exit,
    };
    let stop = stop_signal();
    let turning = spinner(&phrases::once_under_way());
    let outcome = app.once(args.limit, &stop).await;
    turning.finish_and_clear();
    app.close().await;
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return context.failed(&error),
    };
    for round in &outcome.rounds {
        for problem in &round.problems {
            context.redactor.say(&format!("{}: {problem}", round.source));
        }
    }
    if let Some(cause) = &outcome.unpublished {
        context.redactor.say(&format!("{}: {cause}", phrases::log_publish_failed()));
    }
    for (channel, trouble) in &outcome.troubles {
        context.redactor.say(&format!("{channel}: {trouble}"));
    }
    let new = outcome.rounds.iter().map(|r| r.saved.new).sum();
    let changed = outcome.rounds.iter().map(|r| r.saved.changed).sum();
    context.redactor.say(&phrases::once_done(outcome.rounds.len(), new, changed, outcome.files, outcome.dead, outcome.held));
    if outcome.all_well() { Exit::Well } else { Exit::Failed }
}

/// Turns on a terminal; elsewhere nothing is drawn.
pub(super) fn spinner(words: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::default_spinner());
    bar.set_message(words.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
