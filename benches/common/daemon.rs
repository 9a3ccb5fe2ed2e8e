//! The real program as a child, measured from outside (Linux `/proc`).
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The daemon, stopped when dropped.
pub(crate) struct Daemon {
    child: Child,
    /// `http://127.0.0.1:port`.
    pub(crate) url: String,
    /// From the start of the process until it said that it is ready.
    pub(crate) ready_after: Duration,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Daemon {
    pub(crate) fn start(dir: &std::path::Path) -> Self {
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_loaphuong")).current_dir(dir).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = lines.by_ref().map(Result::unwrap).find(|line| line.contains("ready http")).unwrap();
        let ready_after = began.elapsed();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: ready.split_once("ready ").unwrap().1.trim().to_owned(), ready_after }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Seconds of CPU, and the most memory it had in MiB.
    pub(crate) fn used(&self) -> (f64, f64) {
        (cpu_of(self.child.id()), self.memory("VmHWM:"))
    }

    /// A line of its memory in MiB.
    pub(crate) fn memory(&self, line: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let kib = status.lines().find_map(|l| l.strip_prefix(line)?.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or_default() / 1024.0
    }

    /// Its memory in MiB, what it shares with others in parts.
    pub(crate) fn pss(&self) -> f64 {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id())).unwrap();
        let kib = rollup.lines().find_map(|l| l.strip_prefix("Pss:")?.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or_default() / 1024.0
    }
}

/// Seconds of CPU of a process so far, in ticks of 10 ms.
pub(crate) fn cpu_of(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}
