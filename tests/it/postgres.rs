//! A PostgreSQL of our own for the store suite: Debian's binaries, a temporary folder, loopback.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// One server for the whole test binary; a watcher ends it when this process is gone, however it ends.
static SERVER: LazyLock<Option<Server>> = LazyLock::new(Server::start);
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Server {
    port: u16,
    bin: PathBuf,
}

/// The address of a new, empty database; `None` where PostgreSQL is not installed, which is said,
/// and is a failure where `LOAPHUONG_TEST_POSTGRES=required`.
pub(crate) fn database() -> Option<String> {
    let server = SERVER.as_ref()?;
    let name = format!("test{}", DATABASES.fetch_add(1, Ordering::SeqCst));
    let port = server.port.to_string();
    run(&server.bin, "createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "postgres", &name]);
    Some(format!("postgres://postgres@127.0.0.1:{port}/{name}"))
}

impl Server {
    fn start() -> Option<Self> {
        let Some(bin) = binaries() else {
            let required = std::env::var("LOAPHUONG_TEST_POSTGRES").is_ok_and(|v| v == "required");
            assert!(!required, "PostgreSQL's initdb is not installed, and LOAPHUONG_TEST_POSTGRES=required");
            eprintln!("skipped on PostgreSQL: initdb is not installed");
            return None;
        };
        let dir = tempfile::Builder::new().prefix("loaphuong-pg-").tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        if is_root() {
            let owned = Command::new("chown").args(["-R", "postgres"]).arg(dir.path()).status().unwrap();
            assert!(owned.success(), "chown to postgres");
        }
        let folder = data.to_str().unwrap();
        run(&bin, "initdb", &["-D", folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]);
        let port = free_port();
        let options = format!("-h 127.0.0.1 -p {port} -k '' -c fsync=off -c max_connections=200");
        let log = data.join("log");
        run(&bin, "pg_ctl", &["-D", folder, "-w", "-l", log.to_str().unwrap(), "-o", &options, "start"]);
        watch(&bin, &data, dir.keep().as_path());
        Some(Self { port, bin })
    }
}

/// Waits on a pipe that only this process holds open; when it closes, stops the server and clears up.
fn watch(bin: &Path, data: &Path, dir: &Path) {
    let (bin, data, dir) = (bin.display(), data.display(), dir.display());
    let stop = format!("cat >/dev/null; {} {bin}/pg_ctl -D {data} -m immediate -w stop >/dev/null 2>&1; rm -rf {dir}", as_postgres());
    let watcher = Command::new("sh").args(["-c", &stop]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Kept open until the process ends.
    std::mem::forget(watcher);
}

fn binaries() -> Option<PathBuf> {
    let versions = glob::glob("/usr/lib/postgresql/*/bin").ok()?.filter_map(Result::ok);
    versions.filter(|bin| bin.join("initdb").exists()).max()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn as_postgres() -> &'static str {
    if is_root() { "runuser -u postgres --" } else { "" }
}

fn run(bin: &Path, program: &str, args: &[&str]) {
    let path = bin.join(program);
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    // A server keeps what it inherits: an open pipe would make whoever reads it wait for ever.
    let status = command.args(args).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{program} {args:?}");
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
