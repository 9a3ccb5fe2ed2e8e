//! The real program as a child, measured from outside (Linux `/proc`).
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The daemon, stopped when dropped.
pub(crate) struct Daemon {
    child: Child,
    /// `http://127.0.0.1:port`.
    pub(crate) url: String,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Daemon {
    pub(crate) fn start(dir: &std::path::Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_loaphuong")).current_dir(dir).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = lines.by_ref().map(Result::unwrap).find(|line| line.contains("ready http")).unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: ready.split_once("ready ").unwrap().1.trim().to_owned() }
    }

    /// Seconds of CPU, and the most memory it had in MiB.
    pub(crate) fn used(&self) -> (f64, f64) {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
        (ticks / 100.0, peak.unwrap_or_default() / 1024.0)
    }

    /// Its memory in MiB, what it shares with others in parts.
    pub(crate) fn pss(&self) -> f64 {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id())).unwrap();
        let kib = rollup.lines().find_map(|l| l.strip_prefix("Pss:")?.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or_default() / 1024.0
    }
}
