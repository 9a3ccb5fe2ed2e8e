//! A ward whose notices go to three chats on each of some platforms.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::daemon::{Daemon, letters};
use crate::platform::{Kind, Platform};
use crate::tally::{Tally, tally};

/// Bytes are up to so long on their way, in each direction.
pub(crate) const FAR: Duration = Duration::from_millis(20);
/// Longer than a doubt rests and a first retry waits: where so long nothing arrives, nothing will.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Ward {
    dir: tempfile::TempDir,
    pub(crate) platforms: Vec<Platform>,
    /// How many notices each chat is owed.
    pub(crate) notices: usize,
}

impl Ward {
    /// Each chat has had one message, as in any chat that was in use before: where there is none,
    /// a platform cannot be asked what came after it.
    pub(crate) async fn new(kinds: &[Kind], notices: usize, rng: &mut fastrand::Rng) -> Self {
        let mut platforms = Vec::new();
        for kind in kinds {
            platforms.push(Platform::start(*kind, FAR, rng.fork()).await);
        }
        let ward = Self { dir: tempfile::tempdir().unwrap(), platforms, notices };
        ward.write("chao/chao.txt", "Phường chào bà con\n\nTin của phường đến bằng kênh này.\n");
        let hosts: Vec<String> = ward.platforms.iter().map(|one| format!("'{}'", one.wire.address)).collect();
        let blocks: String = ward.platforms.iter().map(Platform::block).collect();
        let head = format!("[server]\nlisten = '127.0.0.1:0'\n[fetch]\nallow = [{}]\n{blocks}", hosts.join(", "));
        ward.write("config.toml", &format!("{head}{}", ward.source("chao", 1)));
        ward.begin().await;
        for number in 1..=notices {
            let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(number as u64);
            let text = format!(
                "Thông báo số {number:03} về lịch cắt điện\n\nNgày đăng {} | 08:00\n\nTừ 8 giờ đến 11 giờ, các ngõ hai bên chợ tạm mất điện.\n",
                day.format("%d/%m/%Y")
            );
            ward.write(&format!("thong-bao/{number:03}.txt"), &text);
        }
        ward.write("config.toml", &format!("{head}{}{}", ward.source("chao", 1), ward.source("thong-bao", notices)));
        ward
    }

    async fn begin(&self) {
        let daemon = Daemon::start(self.path());
        let began = Instant::now();
        while self.platforms.iter().any(|one| one.texts().iter().any(Vec::is_empty)) {
            assert!(began.elapsed() < PATIENCE, "nothing came; see {}", self.path().join("log").display());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(daemon.stop(Duration::from_secs(10)).await.is_some(), "the first stop");
    }

    /// A source and its subscriptions.
    fn source(&self, name: &str, welcome: usize) -> String {
        let mut block = format!("[[sources]]\nname = '{name}'\nkind = 'folder'\npath = '{name}'\n");
        for to in self.platforms.iter().flat_map(Platform::addresses) {
            block.push_str(&format!("[[subscriptions]]\nfeed = '{name}'\nto = '{to}'\nwelcome = {welcome}\nburst = 0\n"));
        }
        block
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Leaves the folder to be looked at: where it is.
    pub(crate) fn keep(self) -> std::path::PathBuf {
        self.dir.keep()
    }

    fn write(&self, name: &str, text: &str) {
        write(self.path(), name, text);
    }

    /// Requests so far on all ways.
    pub(crate) fn requests(&self) -> usize {
        self.platforms.iter().map(|one| one.wire.requests()).sum()
    }

    /// How much was not seen yet.
    pub(crate) fn missing(&self) -> usize {
        self.platforms.iter().map(|one| tally(one, self.notices, &[]).missing).sum()
    }

    /// Of each channel, with what `letters` tells was given up.
    pub(crate) fn tallies(&self) -> Vec<(&'static str, Tally)> {
        let letters = if self.missing() == 0 { Vec::new() } else { letters(self.path()) };
        self.platforms.iter().map(|one| (one.name(), tally(one, self.notices, &letters))).collect()
    }

    /// Waits until something holds; false where nothing moves any more.
    pub(crate) async fn wait(&self, look: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let (mut last, mut since) = (self.requests(), Instant::now());
        while !done(self) {
            tokio::time::sleep(look).await;
            if self.requests() != last {
                (last, since) = (self.requests(), Instant::now());
            }
            if since.elapsed() > PATIENCE {
                return false;
            }
        }
        true
    }

    /// Waits until all has come or was given up; false where it never does.
    pub(crate) async fn settled(&self) -> bool {
        self.wait(Duration::from_millis(200), |ward| ward.tallies().iter().all(|(_, tally)| tally.lost() == 0)).await
    }

    /// Lets a daemon send the rest, and listens a little for what comes too often.
    pub(crate) async fn finish(&self) -> bool {
        let daemon = Daemon::start(self.path());
        let settled = self.settled().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        daemon.stop(Duration::from_secs(10)).await.is_some() && settled
    }
}

/// Writes a file, and its folder where there is none.
pub(crate) fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
