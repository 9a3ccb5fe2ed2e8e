//! Serving, beside nginx: the real program and nginx (one worker, `gzip_static`, the same bytes from
//! a file) take turns under wrk. `cargo bench --bench web [ROUNDS]`; says so and ends where nginx or
//! wrk is missing.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, clippy::print_stderr)]

#[path = "common/daemon.rs"]
mod daemon;
#[path = "common/http.rs"]
mod http;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use daemon::{Daemon, cpu_of};
use http::{etag, get};

const PATH: &str = "/feeds/phuong.rss";
const SENTENCE: &str = "Ủy ban nhân dân phường đề nghị bà con các tổ dân phố theo dõi và thực hiện đúng thời gian nêu trên. ";

/// What one run of wrk saw.
#[derive(Clone, Copy)]
struct Run {
    rate: f64,
    /// Microseconds of the server's CPU a request.
    cpu: f64,
    /// Milliseconds.
    p99: f64,
}

/// A server that takes its turn.
struct Server {
    name: &'static str,
    pid: u32,
    address: SocketAddr,
    etag: String,
}

fn main() {
    let Some(nginx) = ["nginx", "/usr/sbin/nginx"].into_iter().find(|name| Command::new(name).arg("-v").output().is_ok()) else {
        return println!("skipped: nginx is not installed");
    };
    if Command::new("wrk").arg("-v").output().is_err() {
        return println!("skipped: wrk is not installed");
    }
    let rounds = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(5);
    let dir = tempfile::tempdir().unwrap();
    ward(dir.path());
    let daemon = Daemon::start(dir.path());
    let (head, gzip) = loop {
        let (head, body) = get(daemon.address(), PATH, "Accept-Encoding: gzip\r\n");
        if head.starts_with("http/1.1 200") && body.len() > 2000 {
            break (head, body);
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let plain = get(daemon.address(), PATH, "").1;
    let other = Nginx::start(nginx, dir.path(), &plain, &gzip);
    let other_head = get(other.address, PATH, "Accept-Encoding: gzip\r\n").0;
    let servers = [
        Server { name: "loaphuong", pid: daemon.pid(), address: daemon.address(), etag: etag(&head) },
        Server { name: "nginx", pid: other.child.id(), address: other.address, etag: etag(&other_head) },
    ];
    println!("{} bytes, {} with gzip; {rounds} rounds in turn, the median of each", plain.len(), gzip.len());
    println!("{:<16} {:>12} {:>10} {:>14} {:>10}", "", "", "requests/s", "CPU/request", "p99");
    let cases: [(&str, bool, bool); 3] = [("200, gzip", true, false), ("304", true, true), ("200, plain", false, false)];
    for (what, is_gzip, has_it) in cases {
        let mut runs: [Vec<Run>; 2] = Default::default();
        for round in 0..rounds {
            for place in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
                runs[place].push(wrk(&servers[place], is_gzip, has_it));
            }
        }
        let [ours, theirs] = runs.map(median);
        for (server, run) in servers.iter().zip([ours, theirs]) {
            println!("{what:<16} {:>12} {:>10.0} {:>11.1} µs {:>7.2} ms", server.name, run.rate, run.cpu, run.p99);
        }
        println!(
            "{what:<16} {:>12} {:>9.2}x {:>13.2}x {:>9.2}x",
            "ratio",
            ours.rate / theirs.rate,
            ours.cpu / theirs.cpu,
            ours.p99 / theirs.p99
        );
    }
    println!("memory of the daemon: {:.0} MiB, at most {:.0}", daemon.memory("VmRSS:"), daemon.memory("VmHWM:"));
}

/// Thirty articles, read from a folder.
fn ward(dir: &Path) {
    std::fs::create_dir_all(dir.join("news")).unwrap();
    for number in 0..30 {
        let body: String = (0..8).map(|part| format!("{}. {}\n\n", part + number, SENTENCE.repeat(3))).collect();
        let text = format!("Thông báo số {number} về việc tạm ngừng cấp nước\n\n{SENTENCE}\n\n{body}");
        std::fs::write(dir.join(format!("news/2026-10-{:02}-thong-bao-{number}.txt", number % 28 + 1)), text).unwrap();
    }
    let limits = "limits = { feeds = 1000000000, connections = 1000 }";
    let config = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\ntrusted_proxies = []\n{limits}\n[[sources]]\nname = \"phuong\"\npath = \"news\"\nschedule = \"@yearly\"\n"
    );
    std::fs::write(dir.join("config.toml"), config).unwrap();
}

struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Nginx {
    fn start(program: &str, dir: &Path, plain: &[u8], gzip: &[u8]) -> Self {
        let root = dir.join("nginx");
        std::fs::create_dir_all(root.join("feeds")).unwrap();
        std::fs::write(root.join("feeds/phuong.rss"), plain).unwrap();
        std::fs::write(root.join("feeds/phuong.rss.gz"), gzip).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let at = root.display();
        let temporary: String =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].iter().map(|of| format!("{of}_temp_path {at}/{of};\n")).collect();
        let config = format!(
            "worker_processes 1; daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ {temporary} access_log off; sendfile on; tcp_nopush on; open_file_cache max=1000; keepalive_requests 100000000;\n\
             gzip_static on; gzip_vary on; types {{ application/rss+xml rss; }} charset utf-8;\n\
             server {{ listen {address}; root {at}; add_header Cache-Control \"public, max-age=300\"; }} }}\n"
        );
        std::fs::write(root.join("nginx.conf"), config).unwrap();
        let child = Command::new(program).arg("-c").arg(root.join("nginx.conf")).arg("-p").arg(&root).spawn().unwrap();
        while TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, address }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn wrk(server: &Server, is_gzip: bool, has_it: bool) -> Run {
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c32", "-d3s", "--latency"]);
    if is_gzip {
        command.args(["-H", "Accept-Encoding: gzip"]);
    }
    if has_it {
        command.arg("-H").arg(format!("If-None-Match: {}", server.etag));
    }
    let before = cpu_of(server.pid);
    let said = command.arg(format!("http://{}{PATH}", server.address)).output().unwrap();
    let cpu = cpu_of(server.pid) - before;
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(!said.contains("Non-2xx") && !said.contains("Socket errors"), "{}: {said}", server.name);
    let number = |line: &str| -> f64 { line.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect::<String>().parse().unwrap() };
    let after = |mark: &str| said.lines().find_map(|line| line.trim().strip_prefix(mark)).unwrap().trim();
    let requests = number(said.lines().find(|line| line.contains("requests in")).unwrap().trim());
    let p99 = after("99%");
    let scale = if p99.ends_with("us") {
        0.001
    } else if p99.ends_with("ms") {
        1.0
    } else {
        1000.0
    };
    Run { rate: number(after("Requests/sec:")), cpu: cpu * 1e6 / requests, p99: number(p99) * scale }
}

fn median(runs: Vec<Run>) -> Run {
    let middle = |of: fn(&Run) -> f64| {
        let mut all: Vec<f64> = runs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    Run { rate: middle(|r| r.rate), cpu: middle(|r| r.cpu), p99: middle(|r| r.p99) }
}
