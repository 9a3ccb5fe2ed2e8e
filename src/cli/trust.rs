//! `loaphuong trust`: an admin looked at a site that seemed taken over, and it is well.

use anyhow::Result;
use chrono::Utc;

use super::{Context, Exit};
use crate::config::SourcePlan;
use crate::incident::{self, Kind, Subject};
use crate::phrases;
use crate::store::{Access, Report, Store};

/// See [`super::Command::Trust`].
#[derive(clap::Args)]
pub(super) struct Args {
    /// Tên nguồn (the source's name)
    source: String,
}

pub(super) async fn trust(context: &Context, args: &Args) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let Some(plan) = config.sources.iter().find(|plan| plan.slug.as_str() == args.source) else {
        context.redactor.say(&phrases::config_no_feed(&args.source));
        return Exit::Wrong;
    };
    let store = match Store::open(&config.store, &config.dir, Access::Beside).await {
        Ok(store) => store,
        Err(error) => return context.refused(error),
    };
    match believe(&store, plan).await {
        Ok(was_held) => {
            context.redactor.say(&phrases::trusted(&args.source, was_held));
            Exit::Well
        }
        Err(error) => context.failed(&error),
    }
}

/// Ends what holds the source's news back; false where nothing did.
async fn believe(store: &Store, plan: &SourcePlan) -> Result<bool> {
    let subject = Subject { key: plan.slug.to_string(), title: plan.title.clone(), url: plan.home() };
    let open = store.incidents_of(&subject).await?;
    // Who says so needs not be told.
    let Some((change, _)) = incident::ended(&open, Kind::Replaced) else { return Ok(false) };
    store.report(Report { subject: &subject, office: None }, &[change], &[], Utc::now()).await?;
    Ok(true)
}
