//! The command line: one file per command. Exit 0 all well, 1 something failed, 2 the config or
//! the call is wrong, 3 another daemon holds the store.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand, ValueEnum};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::app::{App, machine_clock};
use crate::config::Config;
use crate::phrases;
use crate::redact::Redactor;
use crate::store::OpenError;
use crate::watch::Round;

mod add;
mod channel;
mod check;
mod feeds;
mod health;
mod letters;
mod list;
mod once;
mod run;
mod trust;
mod try_page;
mod why;

/// Loa phường: đọc tin trên trang của phường, làm bản tin RSS và gửi vào Telegram, kênh khác.
///
/// loaphuong reads a ward's news pages, publishes feeds and pushes each new article to chat.
#[derive(Parser)]
#[command(name = "loaphuong", version, disable_help_subcommand = true)]
struct Cli {
    /// Tệp cấu hình (the config file)
    #[arg(long, global = true, env = "LOAPHUONG_CONFIG", default_value = "config.toml", value_name = "PATH")]
    config: PathBuf,
    /// Dạng nhật ký trên stderr (form of the log on stderr)
    #[arg(long, global = true, default_value = "plain", value_name = "FORM")]
    log: LogForm,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogForm {
    Plain,
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Chạy liên tục: đọc tin, phát bản tin, gửi tin (mặc định) — run until stopped (the default)
    Run,
    /// Làm một vòng rồi thoát: đọc mọi nguồn, ghi bản tin, gửi tin đến hạn — one whole round, then exit
    Once(once::Args),
    /// Đọc cấu hình và nói hết mọi chỗ sai, không làm gì khác — say everything wrong with the config
    Check,
    /// Đọc thử một trang hay tệp, không gửi đi đâu — show what would be read from a page or file
    Try(try_page::Args),
    /// Thêm một nguồn tin: tự tìm cách đọc trang, cho xem trước rồi ghi vào cấu hình — add a site as a source
    Add(add::Args),
    /// Ghi lại mọi tệp bản tin — write all feed files again
    Feeds,
    /// Tin không gửi được: xem, gửi lại, bỏ — dead letters: list, retry, drop
    Letters(letters::Args),
    /// Vì sao một bài đã đến hay chưa đến một nơi — why an article was delivered to an address, or not
    Why(why::Args),
    /// Tin lại một nguồn đã bị giữ vì trông như bị chiếm — take a source's news for its own again after it looked taken over
    Trust(trust::Args),
    /// Thử một kênh trước khi dùng — try a channel before anything depends on it
    Channel(channel::Args),
    /// Các loại kênh dùng được và cách khai báo — the kinds of channels and how to set them up
    Channels,
    /// Các khuôn đọc trang có sẵn — the page recipes that are built in
    Recipes,
    /// Hỏi xem loaphuong đang chạy có khỏe không — ask a running daemon how it is
    Health,
    /// In phần gợi ý lệnh cho bash, zsh, fish… — print shell completions
    Completions {
        /// Loại vỏ lệnh (the shell)
        shell: clap_complete::Shell,
    },
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Well = 0,
    Failed = 1,
    Wrong = 2,
    Held = 3,
}

/// What every command has.
struct Context {
    config: PathBuf,
    redactor: Redactor,
    log: LogForm,
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Files that hold chat ids and tokens are for their owner alone.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o027));
    let context = Context { config: cli.config, redactor: Redactor::default(), log: cli.log };
    context.redactor.guard_panics();
    start_log(&context);
    let command = cli.command.unwrap_or(Command::Run);
    let Ok(runtime) = tokio::runtime::Builder::new_multi_thread().enable_all().build() else {
        context.redactor.say(&phrases::no_runtime());
        return ExitCode::from(Exit::Failed as u8);
    };
    let exit = runtime.block_on(command_of(&context, command));
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    ExitCode::from(exit as u8)
}

async fn command_of(context: &Context, command: Command) -> Exit {
    match command {
        Command::Run => run::run(context).await,
        Command::Once(args) => once::once(context, &args).await,
        Command::Check => check::check(context).await,
        Command::Try(args) => try_page::try_pages(context, &args).await,
        Command::Add(args) => add::add(context, &args).await,
        Command::Feeds => feeds::feeds(context).await,
        Command::Letters(args) => letters::letters(context, &args).await,
        Command::Why(args) => why::why(context, &args).await,
        Command::Trust(args) => trust::trust(context, &args).await,
        Command::Channel(args) => channel::channel(context, &args).await,
        Command::Channels => list::channels(),
        Command::Recipes => list::recipes(),
        Command::Health => health::health(context).await,
        Command::Completions { shell } => list::completions(shell),
    }
}

fn start_log(context: &Context) {
    let default = if context.log == LogForm::Json { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("LOAPHUONG_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(context.redactor.clone()).with_target(false).with_ansi(false);
    let started = match context.log {
        LogForm::Plain => builder.try_init(),
        LogForm::Json => builder.json().try_init(),
    };
    // Only an embedding program can have started one before.
    started.ok();
}

impl Context {
    /// The config, or everything that is wrong with it on stderr.
    fn load(&self) -> Result<Config, Exit> {
        match Config::load(&self.config) {
            Ok(config) => {
                self.redactor.hide(&config.secrets);
                Ok(config)
            }
            Err(errors) => {
                for error in &errors {
                    self.redactor.say(&error.to_string());
                }
                Err(Exit::Wrong)
            }
        }
    }

    /// The whole house, with a plain line for each round of a source that brought something.
    async fn app(&self) -> Result<App, Exit> {
        let config = self.load()?;
        for warning in &config.warnings {
            self.redactor.say(&warning.to_string());
        }
        let titles = config.sources.iter().map(|s| (s.slug.clone(), s.title.clone())).collect::<std::collections::HashMap<_, _>>();
        let (redactor, zone, plain) = (self.redactor.clone(), config.site.zone, self.log == LogForm::Plain);
        let told = move |round: &Round| {
            if plain && (round.saved.new + round.saved.changed > 0 || round.cause.is_some()) {
                redactor.say(&phrases::round_line(
                    titles.get(&round.source).map_or(round.source.as_str(), String::as_str),
                    round.saved.new,
                    round.saved.changed,
                    round.cause.as_deref(),
                    &crate::schedule::spoken(round.next, zone),
                ));
            }
        };
        App::new(config, machine_clock(), self.redactor.clone(), Arc::new(told)).await.map_err(|e| self.refused(e))
    }

    fn refused(&self, error: OpenError) -> Exit {
        match error {
            OpenError::Held(sentence) => {
                self.redactor.say(&sentence);
                Exit::Held
            }
            OpenError::Refused(sentence) => {
                self.redactor.say(&sentence);
                Exit::Failed
            }
        }
    }

    fn failed(&self, error: &anyhow::Error) -> Exit {
        self.redactor.say(&format!("{error:#}"));
        Exit::Failed
    }
}

/// Cancelled by Ctrl-C or SIGTERM.
fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        token.cancel();
    });
    stop
}

/// Writes to stdout what was asked for; a closed stdout ends quietly.
fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).ok();
}
