//! `loaphuong channel test`: whether a channel can be depended on, before anything does.

use std::sync::Arc;

use clap::Subcommand;

use super::{Context, Exit};
use crate::channel::Checked;
use crate::phrases;
use crate::store::{Access, Store};
use crate::subscription::Address;

/// See [`super::Command::Channel`].
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Thử một kênh: mã, quyền, nơi nhận; không ai thấy tin nào — prove token, rights and reach
    Test {
        /// Tên kênh trong cấu hình (the channel's name)
        name: String,
        /// Nơi nhận cần thử thêm (a further chat to try)
        #[arg(long, value_name = "CHAT")]
        to: Vec<String>,
    },
}

pub(super) async fn channel(context: &Context, args: &Args) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let What::Test { name, to } = &args.what;
    let Some(plan) = config.channels.iter().find(|plan| plan.name == *name) else {
        let known: Vec<&str> = config.channels.iter().map(|plan| plan.name.as_str()).collect();
        context.redactor.say(&phrases::check_no_channel(name, &known));
        return Exit::Wrong;
    };
    let mut addresses: Vec<Address> = Vec::new();
    let given = to.iter().map(|chat| Address::new(name, chat.trim_start_matches(&format!("{name}:"))));
    for address in config.subscriptions.iter().map(|s| s.to.clone()).filter(|to| to.channel() == name).chain(given) {
        if let Err(told) = plan.channel.accepts(address.chat()) {
            context.redactor.say(&format!("{address}: {told}"));
            return Exit::Wrong;
        }
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    // What a channel remembers is looked at; a store that is not there yet remembers nothing.
    if Store::exists(&config.store, &config.dir)
        && let Ok(store) = Store::open(&config.store, &config.dir, Access::Beside).await
    {
        plan.channel.attach(Arc::new(store));
    }
    let all = plan.channel.check(&addresses).await;
    super::print(&context.redactor.strip(&all.iter().map(line).collect::<String>()));
    if all.iter().any(|checked| checked.holds == Some(false)) { Exit::Failed } else { Exit::Well }
}

fn line(checked: &Checked) -> String {
    let mark = match checked.holds {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "?",
    };
    let of = checked.of.as_ref().map(|to| format!("{to}: ")).unwrap_or_default();
    format!("{mark} {of}{}\n", checked.told)
}
