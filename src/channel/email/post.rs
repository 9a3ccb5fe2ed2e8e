//! Letters on their way: a few connections to the server, each used again while it lasts. Every
//! step is one command and its reply, so that a failure says whether the letter was handed over.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::server::{Server, Tls};
use super::verdict::{Fault, Stage};
use super::{Login, NAME};
use crate::channel::http::innermost;
use crate::channel::{Checked, SendError};
use crate::phrases;
use crate::secret::Secret;
use crate::subscription::Address;
use crate::text;

/// The longest that one letter takes.
pub(super) const TOTAL: Duration = Duration::from_secs(60);
const CONNECT: Duration = Duration::from_secs(10);
/// The longest wait for one reply. After the letter itself servers may think longer.
const STEP: Duration = Duration::from_secs(15);
const THINKING: Duration = Duration::from_secs(40);
/// More connections at once are taken for an attack by some servers.
const CONNECTIONS: usize = 4;
/// Servers close connections that say nothing for longer, or bring more letters.
const IDLE: Duration = Duration::from_secs(20);
const LETTERS: u32 = 100;

pub(super) struct Post {
    server: Server,
    login: Option<Login>,
    hello: ClientId,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<Line>>,
    places: Semaphore,
}

/// An open connection that has said who it is.
struct Line {
    connection: AsyncSmtpConnection,
    used: Instant,
    letters: u32,
}

impl Post {
    /// # Errors
    /// A sentence, when no TLS can be set up for this server.
    pub(super) fn new(server: Server, login: Option<Login>, domain: &str) -> Result<Self, String> {
        let tls = match server.tls {
            Tls::Wrapped | Tls::Starttls => {
                let built = TlsParameters::builder(server.host.clone()).build_rustls();
                Some(built.map_err(|error| phrases::platform_unreachable(NAME, &innermost(&error)))?)
            }
            Tls::None => None,
        };
        let hello = ClientId::Domain(domain.to_owned());
        Ok(Self { server, login, hello, tls, idle: Mutex::default(), places: Semaphore::new(CONNECTIONS) })
    }

    /// Hands one letter over.
    pub(super) async fn send(&self, from: &lettre::Address, to: &lettre::Address, letter: &[u8]) -> Result<(), SendError> {
        let _place = self.places.acquire().await;
        if let Some(mut line) = self.rested() {
            match self.hand_over(&mut line, from, to, letter).await {
                // The server closed it while it rested: nothing was said.
                Err(fault) if fault.stage == Stage::From && matches!(fault.code, None | Some(421)) => {}
                done => return self.after(line, done).await,
            }
        }
        let mut line = self.open().await.map_err(Fault::verdict)?;
        let done = self.hand_over(&mut line, from, to, letter).await;
        self.after(line, done).await
    }

    /// Whether the server lets us in, and would take letters for these; nobody gets one.
    pub(super) async fn check(&self, from: &lettre::Address, of: Vec<(Address, lettre::Address)>) -> Vec<Checked> {
        let mut line = match self.open().await {
            Ok(line) => line,
            Err(fault) => return vec![Checked { of: None, holds: Some(false), told: fault.verdict().cause() }],
        };
        let secret = line.connection.is_encrypted();
        let mut all = vec![Checked { of: None, holds: Some(true), told: phrases::check_mail_server(&self.server.host, secret) }];
        for (to, recipient) in of {
            let (holds, told) = match self.knock(&mut line, from, &recipient).await {
                Ok(()) => (Some(true), phrases::check_mail_accepted()),
                Err(fault) => (Some(false), fault.verdict().cause()),
            };
            all.push(Checked { of: Some(to), holds, told });
        }
        line.connection.quit().await.ok();
        all
    }

    async fn knock(&self, line: &mut Line, from: &lettre::Address, to: &lettre::Address) -> Result<(), Fault> {
        let named = self.name(line, from, to).await;
        self.step(Stage::From, STEP, line.connection.command(Rset)).await?;
        named
    }

    async fn name(&self, line: &mut Line, from: &lettre::Address, to: &lettre::Address) -> Result<(), Fault> {
        self.step(Stage::From, STEP, line.connection.command(Mail::new(Some(from.clone()), Vec::new()))).await?;
        self.step(Stage::To, STEP, line.connection.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        Ok(())
    }

    async fn hand_over(&self, line: &mut Line, from: &lettre::Address, to: &lettre::Address, letter: &[u8]) -> Result<(), Fault> {
        self.name(line, from, to).await?;
        self.step(Stage::Data, STEP, line.connection.command(Data)).await?;
        self.step(Stage::Content, THINKING, line.connection.message(letter)).await?;
        Ok(())
    }

    /// A line whose server still answers is used again.
    async fn after(&self, mut line: Line, done: Result<(), Fault>) -> Result<(), SendError> {
        line.letters += 1;
        line.used = Instant::now();
        let usable = match &done {
            Ok(()) => true,
            Err(fault) if fault.code.is_none_or(|code| code == 421) => false,
            Err(_) => self.step(Stage::From, STEP, line.connection.command(Rset)).await.is_ok(),
        };
        if usable && line.letters < LETTERS {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
        done.map_err(Fault::verdict)
    }

    fn rested(&self) -> Option<Line> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|line| line.used.elapsed() < IDLE);
        idle.pop()
    }

    async fn open(&self) -> Result<Line, Fault> {
        let wrapped = self.tls.clone().filter(|_| self.server.tls == Tls::Wrapped);
        let at = (self.server.host.as_str(), self.server.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(at, Some(CONNECT), &self.hello, wrapped, None);
        let mut connection = self.step(Stage::Connect, STEP, connecting).await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.server.tls == Tls::Starttls) {
            if !connection.can_starttls() {
                return Err(Fault { stage: Stage::Connect, code: None, told: phrases::email_no_starttls().to_owned() });
            }
            self.step(Stage::Connect, STEP, connection.starttls(tls, &self.hello)).await?;
        }
        if let Some((user, password)) = &self.login {
            let login = Credentials::new(user.clone(), password.expose().to_owned());
            self.step(Stage::Login, STEP, connection.auth(&[Mechanism::Plain, Mechanism::Login], &login)).await?;
        }
        Ok(Line { connection, used: Instant::now(), letters: 0 })
    }

    /// One step, bounded in time.
    async fn step<T>(&self, stage: Stage, most: Duration, doing: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
        match timeout(most, doing).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(Fault { stage, code: error.status().map(u16::from), told: self.told(&error) }),
            Err(_) => Err(Fault { stage, code: None, told: phrases::email_no_reply().to_owned() }),
        }
    }

    /// What the server said, on one line, and without what we said to it.
    fn told(&self, error: &Error) -> String {
        let said = text::cut(&text::line(&innermost(error)), 200);
        let said = error.status().map_or_else(|| said.clone(), |code| format!("{code} {said}"));
        let Some((user, password)) = &self.login else { return said };
        let plain = STANDARD.encode(format!("\0{user}\0{}", password.expose()));
        let word = STANDARD.encode(password.expose());
        [password.clone(), Secret::new(plain), Secret::new(word)].iter().fold(said, |said, secret| secret.strip(&said))
    }
}
