//! kill -9 while news comes in bursts, articles change after they were sent, and a chat throws the
//! bot out so that its news goes by the second way. Each life is a `loaphuong once`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::daemon::Daemon;
use crate::platform::{Kind, Platform};
use crate::tally::Tally;
use crate::ward::{FAR, write};

/// In the end all is well after so long: what was under way when its article changed is looked at
/// again after forty seconds, and a chat that refuses stays suspended meanwhile.
const PATIENCE: Duration = Duration::from_secs(180);
/// The last notice that came before the chat throws the bot out, of a hundred.
const THROWN_OUT: usize = 60;

pub(crate) struct Mixed {
    dir: tempfile::TempDir,
    telegram: Platform,
    webhook: Platform,
    /// Notices so far, and those of them that have another hour now.
    changed: Vec<bool>,
}

/// What a chat heard, by both ways together.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// How often each notice came, alone or in a list.
    news: BTreeMap<usize, usize>,
    /// How often its correction came.
    corrections: BTreeMap<usize, usize>,
    /// Notices that stand alone with the old hour although they changed.
    stale: usize,
    /// Notices that were changed under people's eyes without a word.
    untold: usize,
}

impl Mixed {
    pub(crate) async fn new(rng: &mut fastrand::Rng) -> Self {
        let telegram = Platform::start(Kind::Telegram, FAR, rng.fork()).await;
        let webhook = Platform::start(Kind::Webhook, FAR, rng.fork()).await;
        let mixed = Self { dir: tempfile::tempdir().unwrap(), telegram, webhook, changed: Vec::new() };
        write(mixed.dir.path(), "thong-bao/chao.txt", "Phường chào bà con\n\nTin của phường đến bằng kênh này.\n");
        let mut config = format!(
            "[server]\nlisten = '127.0.0.1:0'\n[fetch]\nallow = ['{}']\n{}{}[[sources]]\nname = 'thong-bao'\nkind = 'folder'\npath = 'thong-bao'\n",
            mixed.webhook.wire.address,
            mixed.telegram.block(),
            mixed.webhook.block()
        );
        for (first, second) in mixed.telegram.addresses().into_iter().zip(mixed.webhook.addresses()) {
            config.push_str(&format!(
                "[[subscriptions]]\nfeed = 'thong-bao'\nto = '{first}'\nfallback = '{second}'\nwelcome = 1\nburst = 3\n"
            ));
        }
        write(mixed.dir.path(), "config.toml", &config);
        mixed.round().await;
        assert!(mixed.telegram.texts().iter().all(|texts| texts.len() == 1), "the first round");
        mixed
    }

    fn publish(&mut self, number: usize, hour: usize) {
        // What is dated long before the last visit is news to nobody.
        let today = chrono::Utc::now().format("%d/%m/%Y");
        let minute = number % 60;
        let text = format!(
            "Thông báo số {number:03} về lịch cắt điện\n\nNgày đăng {today} | 00:{minute:02}\n\nTừ {hour} giờ ngày mai, các ngõ hai bên chợ tạm mất điện.\n"
        );
        // As an editor saves: whole.
        write(self.dir.path(), "viet-do", &text);
        std::fs::rename(self.dir.path().join("viet-do"), self.dir.path().join(format!("thong-bao/{number:03}.txt"))).unwrap();
    }

    fn more(&mut self, count: usize) {
        for _ in 0..count {
            self.changed.push(false);
            self.publish(self.changed.len(), 8);
        }
    }

    fn change_one(&mut self, rng: &mut fastrand::Rng) {
        let unchanged: Vec<usize> = (0..self.changed.len()).filter(|at| !self.changed[*at]).collect();
        if let Some(at) = rng.choice(unchanged) {
            self.changed[at] = true;
            self.publish(at + 1, 19);
        }
    }

    /// A life that ends by itself.
    async fn round(&self) {
        let mut daemon = Daemon::with(self.dir.path(), &["once", "--for", "10s"]);
        while !daemon.has_ended() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// A life that is killed.
    async fn life(&self, rng: &mut fastrand::Rng) {
        let wires = || self.telegram.wire.requests() + self.webhook.wire.requests();
        let (until, before) = (wires() + rng.usize(0..=24), Instant::now());
        let mut daemon = Daemon::with(self.dir.path(), &["once", "--for", "10s"]);
        while wires() < until && before.elapsed() < Duration::from_secs(3) && !daemon.has_ended() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(0..30))).await;
        daemon.kill();
    }

    /// Kills so often, and lets the rest come.
    pub(crate) async fn kills(&mut self, kills: usize, rng: &mut fastrand::Rng) -> bool {
        for killed in 1..=kills {
            self.more(rng.usize(0..=5));
            if rng.bool() {
                self.change_one(rng);
            }
            if killed == kills * THROWN_OUT / 100 {
                // What was in doubt just then nobody could ask for any more.
                self.settled().await;
                self.telegram.throw_out();
            }
            self.life(rng).await;
        }
        self.settled().await
    }

    async fn settled(&self) -> bool {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            self.round().await;
            let well = |heard: &Heard| heard.stale + heard.untold == 0 && heard.news.len() == self.changed.len();
            if self.heard().iter().all(well) {
                self.round().await;
                return true;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        false
    }

    /// What each chat heard; of the one that threw the bot out what was sent before stays as it was.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        let (first, second) = (self.telegram.texts(), self.webhook.texts());
        let mut all = Vec::new();
        for (chat, (first, second)) in first.iter().zip(&second).enumerate() {
            let mut heard = Heard::default();
            for text in first.iter().chain(second) {
                heard.listen(text);
            }
            if second.is_empty() {
                heard.look(&self.telegram.changes(chat), &self.changed);
            }
            all.push(heard);
        }
        all
    }

    /// As for any channel: the three chats by both ways together.
    pub(crate) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for heard in self.heard() {
            tally.owed += self.changed.len();
            tally.missing += self.changed.len() - heard.news.len();
            tally.twice += heard.news.values().chain(heard.corrections.values()).filter(|times| **times > 1).count();
        }
        tally
    }

    pub(crate) fn changes(&self) -> usize {
        self.changed.iter().filter(|changed| **changed).count()
    }
}

impl Heard {
    fn listen(&mut self, text: &str) {
        let mut known = std::collections::HashSet::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("Thông báo số ") {
            let number = after.get(..3).and_then(|digits| digits.parse().ok());
            let corrects = before.ends_with("Đính chính: ");
            if let Some(number) = number.filter(|number| known.insert((*number, corrects))) {
                *if corrects { &mut self.corrections } else { &mut self.news }.entry(number).or_default() += 1;
            }
            rest = after;
        }
    }

    /// Messages with one notice each: as they are, and as they were.
    fn look(&mut self, messages: &[(String, Vec<String>)], changed: &[bool]) {
        for (text, earlier) in messages {
            let [number] = crate::tally::numbers(text)[..] else { continue };
            if text.contains("Đính chính") || !text.contains("giờ ngày") {
                continue;
            }
            self.stale += usize::from(changed[number - 1] && !text.contains("19 giờ"));
            let changed_there = text.contains("19 giờ") && earlier.iter().any(|was| was.contains("8 giờ"));
            self.untold += usize::from(changed_there && !self.corrections.contains_key(&number));
        }
    }
}
