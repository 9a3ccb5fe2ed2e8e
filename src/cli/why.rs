//! `loaphuong why`: why an article was delivered to an address, or not; beside a living daemon.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Context, Exit};
use crate::config::Config;
use crate::incident::{Kind, Subject, find};
use crate::phrases;
use crate::schedule::spoken;
use crate::store::{Access, Standing, Store, Stored, Story};
use crate::subscription::{Address, Objection, Subscription, Words};

/// An entry dated so long before it was seen was no news, see the brake.
const STALE: TimeDelta = TimeDelta::days(30);

/// See [`super::Command::Why`].
#[derive(clap::Args)]
pub(super) struct Args {
    /// Bài: địa chỉ, guid, số, hoặc một phần tiêu đề (an article: its address, guid, number, or part of its title)
    entry: String,
    /// Nơi nhận, kênh:chat (an address, channel:chat)
    address: String,
    /// Cho chương trình khác đọc (for programs)
    #[arg(long)]
    json: bool,
}

/// One step on the way from a site to a person: its name, whether it lets the entry pass, and what is to be said.
struct Stage {
    name: &'static str,
    passes: bool,
    told: String,
}

impl Stage {
    const fn good(name: &'static str, told: String) -> Self {
        Self { name, passes: true, told }
    }

    const fn stop(name: &'static str, told: String) -> Self {
        Self { name, passes: false, told }
    }
}

pub(super) async fn why(context: &Context, args: &Args) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    let Some(to) = Address::parse(&args.address) else {
        context.redactor.say(&phrases::config_bad_address(&args.address));
        return Exit::Wrong;
    };
    let store = match Store::open(&config.store, &config.dir, Access::Beside).await {
        Ok(store) => store,
        Err(error) => return context.refused(error),
    };
    let told = Teller { store: &store, config: &config, now: Utc::now() }.tell(&args.entry, &to).await;
    store.close().await;
    told.map_or_else(|error| context.failed(&error), |(about, stages)| show(context, about, &stages, args.json))
}

/// The same of one delivery, by its number; `None` where there is none.
pub(super) async fn of_letter(store: &Store, config: &Config, id: i64, json: bool) -> anyhow::Result<Option<String>> {
    let Some((story, entry)) = store.story_of(id).await? else { return Ok(None) };
    let teller = Teller { store, config, now: Utc::now() };
    let mut stages = vec![teller.known(&entry)];
    stages.extend(teller.delivery(&story).await?);
    Ok(Some(written(about(Some((story.entry, &entry)), &story.to, Some(&story)), &stages, json)))
}

fn show(context: &Context, about: Value, stages: &[Stage], json: bool) -> Exit {
    super::print(&context.redactor.strip(&written(about, stages, json)));
    Exit::Well
}

fn written(mut about: Value, stages: &[Stage], as_json: bool) -> String {
    if as_json {
        let stages: Vec<Value> = stages.iter().map(|s| json!({ "stage": s.name, "passes": s.passes, "told": s.told })).collect();
        if let Some(about) = about.as_object_mut() {
            about.insert("stages".to_owned(), Value::Array(stages));
        }
        return format!("{about}\n");
    }
    stages.iter().map(|s| format!("{} {}\n", if s.passes { "✓" } else { "✗" }, s.told)).collect()
}

fn about(entry: Option<(i64, &Stored)>, to: &Address, story: Option<&Story>) -> Value {
    json!({
        "entry": entry.map(|(number, e)| json!({
            "number": number,
            "guid": e.entry.guid.as_str(),
            "url": e.entry.url.as_ref().map(ToString::to_string),
            "title": e.entry.title,
            "source": e.source.as_str(),
        })),
        "address": to.to_string(),
        "delivered": story.is_some_and(|s| s.standing == Standing::Sent),
        "state": story.map(|s| s.standing.name()),
        "letter": story.map(|s| s.id),
        "doubts": story.map(|s| s.doubts),
        "due": story.filter(|s| s.standing == Standing::Due).map(|s| s.due.to_rfc3339()),
        "sent": story.filter(|s| s.standing == Standing::Sent).and_then(|s| s.settled).map(|t| t.to_rfc3339()),
        "message_ids": story.map(|s| s.sent.clone()).unwrap_or_default(),
    })
}

struct Teller<'a> {
    store: &'a Store,
    config: &'a Config,
    now: DateTime<Utc>,
}

impl Teller<'_> {
    fn zone(&self) -> Tz {
        self.config.site.zone
    }

    async fn tell(&self, wanted: &str, to: &Address) -> anyhow::Result<(Value, Vec<Stage>)> {
        let found = self.store.find_entries(wanted).await?;
        let Some((number, entry)) = found.first() else {
            return Ok((about(None, to, None), vec![Stage::stop("entry", phrases::why_no_entry(wanted))]));
        };
        let mut stages = vec![self.known(entry)];
        if found.len() > 1 {
            stages.push(Stage::good("entry", phrases::why_several(found.len())));
        }
        if entry.withdrawn {
            stages.push(Stage::stop("withdrawn", phrases::why_withdrawn()));
        }
        let story = self.store.story(*number, to).await?;
        match &story {
            Some(story) => stages.extend(self.delivery(story).await?),
            None => stages.extend(self.never_owed(*number, entry, to).await?),
        }
        Ok((about(Some((*number, entry)), to, story.as_ref()), stages))
    }

    fn known(&self, entry: &Stored) -> Stage {
        Stage::good("entry", phrases::why_entry(&entry.entry.title, entry.source.as_str(), &spoken(entry.seen, self.zone())))
    }

    /// Why there is no delivery.
    async fn never_owed(&self, number: i64, entry: &Stored, to: &Address) -> anyhow::Result<Vec<Stage>> {
        let own = self.store.subscriptions_of(to, self.zone()).await?;
        let all = self.config.subscriptions.iter().filter(|s| s.to == *to).cloned().chain(own);
        let having: Vec<Subscription> = all.filter(|s| self.config.sources_of(&s.feed).contains(&entry.source)).collect();
        if having.is_empty() {
            return Ok(vec![Stage::stop("subscription", phrases::why_no_subscription(&to.to_string(), entry.source.as_str()))]);
        }
        let words = Words::of(&entry.entry);
        let mut stages = Vec::new();
        let mut wanted = None;
        for subscription in &having {
            stages.push(Stage::good("subscription", phrases::why_subscription(subscription.feed.as_str())));
            match subscription.filter.objection(&words) {
                Some(objection) => stages.push(Stage::stop("filter", excluded(&objection))),
                None => wanted = Some(subscription),
            }
        }
        if let Some(subscription) = wanted {
            stages.push(self.held_back(number, entry, subscription).await?);
        }
        Ok(stages)
    }

    /// Why an entry that a subscription wants is not owed to it.
    async fn held_back(&self, number: i64, entry: &Stored, subscription: &Subscription) -> anyhow::Result<Stage> {
        if self.store.fans_out(number).await? {
            return Ok(Stage::stop("fan_out", phrases::why_fans_out()));
        }
        if self.store.first_read(&entry.source).await?.is_some_and(|first| entry.seen <= first) {
            return Ok(Stage::stop("first_visit", phrases::why_first_visit(subscription.welcome)));
        }
        if let Some(published) = entry.entry.published.filter(|t| entry.seen - t.with_timezone(&Utc) > STALE) {
            return Ok(Stage::stop("brake", phrases::why_old(&spoken(published.with_timezone(&Utc), self.zone()))));
        }
        let subject = Subject { key: entry.source.to_string(), title: String::new(), url: None };
        let open = self.store.incidents_of(&subject).await?;
        let braked =
            open.iter().any(|i| i.kind == Kind::Relaunch && i.since == entry.seen || i.kind == Kind::Replaced && i.since <= entry.seen);
        Ok(if braked { Stage::stop("brake", phrases::why_braked()) } else { Stage::stop("owed", phrases::why_never_owed()) })
    }

    /// How a delivery stands.
    async fn delivery(&self, story: &Story) -> anyhow::Result<Vec<Stage>> {
        let say = |at: DateTime<Utc>| spoken(at, self.zone());
        let cause = story.cause.clone().unwrap_or_default();
        let settled = story.settled.unwrap_or(story.owed_since);
        let mut stages = vec![Stage::good("owed", phrases::why_owed(story.feed.as_str(), &say(story.owed_since), story.id))];
        if let Some(origin) = &story.origin {
            stages.push(Stage::good("fallback", phrases::why_came_from(&origin.to_string())));
        }
        if story.urgent {
            stages.push(Stage::good("urgent", phrases::why_urgent()));
        }
        if story.standing == Standing::Sent && story.doubts > 0 {
            stages.push(Stage::good("doubted", phrases::why_doubted(story.doubts, &cause)));
        }
        match story.standing {
            Standing::Sent => stages.push(Stage::good("sent", phrases::why_sent(&say(settled), &story.sent.join(", ")))),
            Standing::Sending => stages.push(Stage::good("sending", phrases::why_sending())),
            Standing::InDoubt => stages.push(Stage::stop("doubt", phrases::why_doubt(&cause, &say(story.due)))),
            Standing::Dead => stages.push(Stage::stop("dead", phrases::why_dead(&say(settled), &cause))),
            Standing::Dropped => stages.push(Stage::stop("dropped", phrases::why_dropped(&cause))),
            Standing::Diverted => stages.extend(self.second_way(story).await?),
            Standing::Due => stages.extend(self.waiting(story).await?),
        }
        Ok(stages)
    }

    /// Why it is to go later; a list that nobody asked for saves a month's messages.
    fn later(&self, story: &Story) -> String {
        let until = spoken(story.due, self.zone());
        let asked = self.config.subscriptions.iter().any(|s| s.digest && s.to == story.to);
        let line = self.config.channels.iter().find(|c| c.name == story.to.channel());
        match line.and_then(|c| c.pace.per_month).filter(|_| story.digest && !asked) {
            Some(per_month) => phrases::why_saved(&until, per_month),
            None => phrases::why_later(&until, story.digest),
        }
    }

    async fn second_way(&self, story: &Story) -> anyhow::Result<Vec<Stage>> {
        let Some(fallback) = &story.fallback else { return Ok(Vec::new()) };
        let mut stages = vec![Stage::good("fallback", phrases::why_diverted(&fallback.to_string()))];
        if let Some(second) = self.store.story(story.entry, fallback).await?.filter(|second| second.standing != Standing::Diverted) {
            stages.extend(Box::pin(self.delivery(&second)).await?);
        }
        Ok(stages)
    }

    /// What a delivery that is due waits for.
    async fn waiting(&self, story: &Story) -> anyhow::Result<Vec<Stage>> {
        let say = |at: DateTime<Utc>| spoken(at, self.zone());
        let mut stages = Vec::new();
        let name = story.to.channel();
        let subject = Subject { key: format!("channel:{name}"), title: String::new(), url: None };
        if let Some(down) = find(&self.store.incidents_of(&subject).await?, Kind::Down) {
            stages.push(Stage::stop("channel", phrases::why_down(&say(down.since), &down.after)));
        }
        if story.refusals > 0 {
            let cause = story.refused.clone().unwrap_or_default();
            stages.push(Stage::stop("suspended", phrases::why_suspended(story.refusals, &cause, &say(story.ready))));
        }
        if story.due > self.now {
            let cause = story.cause.clone().filter(|_| story.attempt > 0);
            stages.push(match cause {
                Some(cause) => Stage::stop("retry", phrases::why_retry(story.attempt, &cause, &say(story.due))),
                None => Stage::stop("schedule", self.later(story)),
            });
        } else if story.refusals == 0 && story.ready > self.now {
            stages.push(Stage::stop("pace", phrases::why_paced(&say(story.ready))));
        }
        if stages.is_empty() {
            stages.push(Stage::stop("turn", phrases::why_turn(story.ahead)));
        }
        Ok(stages)
    }
}

fn excluded(objection: &Objection) -> String {
    match objection {
        Objection::Lacks(words) => phrases::why_lacks(words),
        Objection::Has(word) => phrases::why_has(word),
        Objection::FiledElsewhere(categories) => phrases::why_filed_elsewhere(categories),
    }
}
