//! A mail server on loopback that lets in one user and takes letters for one domain. It speaks
//! SMTP byte by byte, and refuses what RFC 5321, 5322 and the rules for lists (RFC 8058) forbid.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::mishap::Mishap;
use super::smtp_letter::{self, Mail};

/// The only user and password.
pub(crate) const USER: &str = "loa";
pub(crate) const PASSWORD: &str = "MARKED-mail-password";
/// The domain whose people get letters.
pub(crate) const DOMAIN: &str = "dan.example";
/// The longest line of a command, and of a letter, with its end.
const COMMAND: usize = 512;
const LINE: usize = 1000;

#[derive(Default)]
struct State {
    letters: Vec<Mail>,
    refusals: Vec<String>,
    mishaps: VecDeque<Mishap>,
    /// Every connection so far.
    connections: usize,
}

/// See the module.
pub(crate) struct FakeSmtp {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl FakeSmtp {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state: Arc<Mutex<State>> = Arc::default();
        let task = Mutex::new(Some(tokio::spawn(accept(listener, state.clone()))));
        Self { address, state, task }
    }

    /// `127.0.0.1:port`.
    pub(crate) fn server(&self) -> String {
        self.address.to_string()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What was taken, oldest first.
    pub(crate) fn letters(&self) -> Vec<Mail> {
        self.state().letters.clone()
    }

    pub(crate) fn refusals(&self) -> Vec<String> {
        self.state().refusals.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state().connections
    }

    /// Spoils the next letter, or for a bad password the next login.
    pub(crate) fn fail_next(&self, mishap: Mishap) -> bool {
        let can = !matches!(mishap, Mishap::Flood(_));
        if can {
            self.state().mishaps.push_back(mishap);
        }
        can
    }

    pub(crate) async fn stop(&self) {
        let task = self.task.lock().unwrap().take();
        if let Some(task) = task {
            task.abort();
            task.await.ok();
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.lock().unwrap().connections += 1;
        let session = Session { stream: BufReader::new(stream), state: state.clone(), entered: false, from: None, to: None };
        connections.spawn(session.run());
    }
}

struct Session {
    stream: BufReader<TcpStream>,
    state: Arc<Mutex<State>>,
    entered: bool,
    from: Option<String>,
    to: Option<String>,
}

impl Session {
    async fn run(mut self) {
        self.say("220 mail.dan.example ESMTP").await;
        while let Some(line) = self.line(COMMAND).await {
            if !self.obey(line.trim_end_matches("\r\n")).await {
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn say(&mut self, reply: &str) -> bool {
        self.stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await.is_ok()
    }

    async fn refuse(&mut self, reply: &str, what: &str) -> bool {
        self.state().refusals.push(format!("{reply}: {what}"));
        self.say(reply).await
    }

    /// One line that ends as SMTP wants it; a lone line end, or a longer line, is refused.
    async fn line(&mut self, most: usize) -> Option<String> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).await.ok().filter(|length| *length > 0)?;
        if !line.ends_with(b"\r\n") || line.len() > most || line[..line.len() - 2].contains(&b'\r') {
            self.state().refusals.push(format!("line of {} bytes, or with a wrong end", line.len()));
        }
        Some(String::from_utf8_lossy(&line).into_owned())
    }

    /// The mishap for this moment, if one waits.
    fn mishap(&self, here: impl Fn(Mishap) -> bool) -> Option<Mishap> {
        let mut state = self.state();
        let here = state.mishaps.front().is_some_and(|next| here(*next));
        if here { state.mishaps.pop_front() } else { None }
    }

    async fn obey(&mut self, line: &str) -> bool {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" if rest.contains('.') => {
                self.say("250-mail.dan.example\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN").await
            }
            "AUTH" => self.auth(rest).await,
            "RSET" => {
                (self.from, self.to) = (None, None);
                self.say("250 2.0.0 flushed").await
            }
            "NOOP" => self.say("250 2.0.0 ok").await,
            "QUIT" => {
                self.say("221 2.0.0 bye").await;
                false
            }
            _ if !self.entered => self.refuse("530 5.7.0 authentication required", line).await,
            "MAIL" => match address(rest, "FROM:") {
                Some(from) if self.from.is_none() && from.ends_with("@phuong.example") => {
                    self.from = Some(from);
                    self.say("250 2.1.0 ok").await
                }
                _ => self.refuse("550 5.7.1 no such sender, or a letter is under way", line).await,
            },
            "RCPT" => self.recipient(line, rest).await,
            "DATA" if rest.is_empty() && self.to.is_some() => self.data().await,
            _ => self.refuse("503 5.5.1 bad sequence or unknown command", line).await,
        }
    }

    async fn auth(&mut self, rest: &str) -> bool {
        let (mechanism, first) = rest.split_once(' ').unwrap_or((rest, ""));
        let decoded = |text: &str| STANDARD.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        let given = match mechanism {
            "PLAIN" => decoded(first),
            _ => return self.refuse("504 5.5.4 mechanism", rest).await,
        };
        if self.mishap(|next| next == Mishap::BadToken).is_some() || given != format!("\0{USER}\0{PASSWORD}") {
            // Some servers say back what they were told.
            return self.say(&format!("535 5.7.8 refused: {first} {PASSWORD}")).await;
        }
        self.entered = true;
        self.say("235 2.7.0 welcome").await
    }

    async fn recipient(&mut self, line: &str, rest: &str) -> bool {
        if self.to.is_some() {
            return self.refuse("452 4.5.3 one recipient a letter", line).await;
        }
        match (address(rest, "TO:"), self.mishap(|next| matches!(next, Mishap::Gone | Mishap::ServerError | Mishap::Reset))) {
            (_, Some(Mishap::Gone)) => self.say("550 5.1.1 no such user").await,
            (_, Some(Mishap::ServerError)) => self.say("451 4.3.0 try again later").await,
            (_, Some(_)) => {
                self.stream.get_ref().set_zero_linger().unwrap();
                false
            }
            (Some(to), None) if self.from.is_some() && to.ends_with(&format!("@{DOMAIN}")) => {
                self.to = Some(to);
                self.say("250 2.1.5 ok").await
            }
            (_, None) => self.refuse("550 5.1.1 no such user here", line).await,
        }
    }

    async fn data(&mut self) -> bool {
        if self.mishap(|next| next == Mishap::HtmlPage).is_some() {
            return self.say(&format!("<html>Bad Gateway {PASSWORD}</html>")).await;
        }
        if !self.say("354 go on").await {
            return false;
        }
        let mut letter = String::new();
        loop {
            let Some(line) = self.line(LINE).await else { return false };
            match line.as_str() {
                ".\r\n" => break,
                line => letter.push_str(line.strip_prefix('.').unwrap_or(line)),
            }
        }
        let (from, to) = (self.from.take().unwrap_or_default(), self.to.take().unwrap_or_default());
        let mail = match smtp_letter::read(&from, &to, &letter) {
            Ok(mail) => mail,
            Err(wrong) => return self.refuse("554 5.6.0 not a letter of a list", &wrong).await,
        };
        let lost = self.mishap(|next| next == Mishap::LostAnswer).is_some();
        self.state().letters.push(mail);
        if lost { false } else { self.say("250 2.0.0 queued").await }
    }
}

/// `FROM:<a@b.example>` with nothing behind it that was not offered.
fn address(rest: &str, word: &str) -> Option<String> {
    let path = rest.strip_prefix(word)?.split(' ').next()?;
    Some(path.strip_prefix('<')?.strip_suffix('>')?.to_owned()).filter(|address| address.contains('@'))
}
