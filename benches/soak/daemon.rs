//! The real program as a child that can be killed.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A daemon; killed when dropped.
pub(crate) struct Daemon(Child);

impl Daemon {
    pub(crate) fn start(dir: &Path) -> Self {
        Self::with(dir, &["run"])
    }

    /// With these arguments; what it logs is in `log` beside its config.
    pub(crate) fn with(dir: &Path, args: &[&str]) -> Self {
        let log = File::options().create(true).append(true).open(dir.join("log")).unwrap();
        let child = command(dir, args).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Self(child)
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// SIGTERM; how long it took to end, `None` where it did not end well or took more than `limit`.
    pub(crate) async fn stop(mut self, limit: Duration) -> Option<Duration> {
        let began = Instant::now();
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        while began.elapsed() < limit {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.success().then(|| began.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        None
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loaphuong"));
    command.current_dir(dir).args(args).stdin(Stdio::null());
    command
}

/// What `letters` lists: given up, held or in doubt.
pub(crate) fn letters(dir: &Path) -> Vec<Value> {
    let output = command(dir, &["letters", "--json"]).output().unwrap();
    assert!(output.status.success(), "letters: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Sends again what was given up or is held.
pub(crate) fn retry(dir: &Path) {
    let output = command(dir, &["letters", "retry", "--all"]).output().unwrap();
    assert!(output.status.success(), "letters retry: {}", String::from_utf8_lossy(&output.stderr));
}
