//! Letters on their way: a few connections to the server, each used again while it lasts. Every
//! step is one command and its reply, so that a failure says whether the letter was handed over.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::bounded::{Bounded, Room};
use super::server::{Server, Tls};
use super::verdict::{Fault, Stage};
use super::{Login, NAME};
use crate::channel::http::innermost;
use crate::channel::{Checked, SendError};
use crate::phrases;
use crate::secret::Secret;
use crate::subscription::Address;
use crate::text;

/// How long a letter may take at most.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For one address of the server to answer.
    address: Duration,
    /// For one reply.
    step: Duration,
    /// For all that comes before the letter itself, a free connection among it: until then nothing
    /// can have been delivered, so the time must end here and not in a doubt.
    before: Duration,
    /// For the letter and what the server thinks of it.
    letter: Duration,
    /// For making a connection fit for the next letter.
    tidying: Duration,
}

const PATIENCE: Patience = Patience {
    address: Duration::from_secs(6),
    step: Duration::from_secs(15),
    before: Duration::from_secs(25),
    letter: Duration::from_secs(30),
    tidying: Duration::from_secs(3),
};
/// The longest that one letter takes: less than a send may take, or its outcome would be lost.
pub(super) const TOTAL: Duration = Duration::from_secs(58);
/// The longest that a look at the server and all recipients takes.
const LOOK: Duration = Duration::from_secs(60);
/// More connections at once are taken for an attack by some servers.
const CONNECTIONS: usize = 4;
/// Servers close connections that say nothing for longer, or bring more letters.
const IDLE: Duration = Duration::from_secs(20);
const LETTERS: u32 = 100;

pub(super) struct Post {
    server: Server,
    login: Option<Login>,
    hello: ClientId,
    /// For TLS from the first byte, and for TLS after a word in the open.
    tls: TlsConnector,
    starttls: Option<TlsParameters>,
    idle: Mutex<Vec<Line>>,
    places: Semaphore,
    patience: Patience,
}

/// An open connection that has said who it is.
struct Line {
    connection: AsyncSmtpConnection,
    room: Room,
    used: Instant,
    letters: u32,
}

impl Post {
    /// # Errors
    /// A sentence, when no TLS can be set up for this server.
    pub(super) fn new(server: Server, login: Option<Login>, domain: &str, tls: &ClientConfig) -> Result<Self, String> {
        let starttls = match server.tls {
            Tls::Starttls => {
                let built = TlsParameters::builder(server.host.clone()).build_rustls();
                Some(built.map_err(|error| phrases::platform_unreachable(NAME, &innermost(&error)))?)
            }
            Tls::Wrapped | Tls::None => None,
        };
        let (hello, tls) = (ClientId::Domain(domain.to_owned()), TlsConnector::from(Arc::new(tls.clone())));
        Ok(Self { server, login, hello, tls, starttls, idle: Mutex::default(), places: Semaphore::new(CONNECTIONS), patience: PATIENCE })
    }

    /// Hands one letter over.
    pub(super) async fn send(&self, from: &lettre::Address, to: &lettre::Address, letter: &[u8]) -> Result<(), SendError> {
        let before = Instant::now() + self.patience.before;
        let Ok(_place) = timeout_at(before, self.places.acquire()).await else {
            return Err(SendError::Retry { after: None, cause: phrases::platform_not_sent(NAME, phrases::email_no_place()) });
        };
        if let Some(mut line) = self.rested() {
            match self.hand_over(&mut line, from, to, letter, before).await {
                // The server closed it while it rested: nothing was said.
                Err(fault) if fault.stage == Stage::From && matches!(fault.code, None | Some(421)) => {}
                done => return self.after(line, done).await,
            }
        }
        let mut line = self.open(before).await.map_err(Fault::verdict)?;
        let done = self.hand_over(&mut line, from, to, letter, before).await;
        self.after(line, done).await
    }

    /// Whether the server lets us in, and would take letters for these; nobody gets one.
    pub(super) async fn check(&self, from: &lettre::Address, of: Vec<(Address, lettre::Address)>) -> Vec<Checked> {
        let end = Instant::now() + LOOK;
        let mut line = match self.open(end).await {
            Ok(line) => line,
            Err(fault) => return vec![Checked { of: None, holds: Some(false), told: fault.verdict().cause() }],
        };
        let secret = self.server.tls != Tls::None;
        let mut all = vec![Checked { of: None, holds: Some(true), told: phrases::check_mail_server(&self.server.host, secret) }];
        for (to, recipient) in of {
            let (holds, told) = match self.knock(&mut line, from, &recipient, end).await {
                Ok(()) => (Some(true), phrases::check_mail_accepted()),
                Err(fault) => (Some(false), fault.verdict().cause()),
            };
            all.push(Checked { of: Some(to), holds, told });
        }
        timeout(self.patience.tidying, line.connection.quit()).await.ok();
        all
    }

    async fn knock(&self, line: &mut Line, from: &lettre::Address, to: &lettre::Address, end: Instant) -> Result<(), Fault> {
        let named = self.name(line, from, to, end).await;
        self.step(&line.room, Stage::From, end, line.connection.command(Rset)).await?;
        named
    }

    async fn name(&self, line: &mut Line, from: &lettre::Address, to: &lettre::Address, before: Instant) -> Result<(), Fault> {
        let Line { connection, room, .. } = line;
        self.step(room, Stage::From, before, connection.command(Mail::new(Some(from.clone()), Vec::new()))).await?;
        self.step(room, Stage::To, before, connection.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        Ok(())
    }

    async fn hand_over(
        &self,
        line: &mut Line,
        from: &lettre::Address,
        to: &lettre::Address,
        letter: &[u8],
        before: Instant,
    ) -> Result<(), Fault> {
        self.name(line, from, to, before).await?;
        let Line { connection, room, .. } = line;
        self.step(room, Stage::Data, before, connection.command(Data)).await?;
        self.within(room, Stage::Content, self.patience.letter, connection.message(letter)).await?;
        Ok(())
    }

    /// A line whose server still answers is used again.
    async fn after(&self, mut line: Line, done: Result<(), Fault>) -> Result<(), SendError> {
        line.letters += 1;
        line.used = Instant::now();
        let usable = match &done {
            Ok(()) => true,
            Err(fault) if fault.code.is_none_or(|code| code == 421) => false,
            Err(_) => self.within(&line.room, Stage::From, self.patience.tidying, line.connection.command(Rset)).await.is_ok(),
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

    async fn open(&self, before: Instant) -> Result<Line, Fault> {
        let room = Room::new();
        let mut connection = self.step(&room, Stage::Connect, before, self.greeted(room.clone())).await?;
        if let Some(tls) = self.starttls.clone() {
            if !connection.can_starttls() {
                return Err(Fault { stage: Stage::Connect, code: None, told: phrases::email_no_starttls().to_owned() });
            }
            self.step(&room, Stage::Connect, before, connection.starttls(tls, &self.hello)).await?;
        }
        if let Some((user, password)) = &self.login {
            let login = Credentials::new(user.clone(), password.expose().to_owned());
            self.step(&room, Stage::Login, before, connection.auth(&[Mechanism::Plain, Mechanism::Login], &login)).await?;
        }
        Ok(Line { connection, room, used: Instant::now(), letters: 0 })
    }
    /// A connection whose server has said who it is.
    async fn greeted(&self, room: Room) -> Result<AsyncSmtpConnection, Why> {
        let tcp = self.reached().await?;
        let peer = tcp.peer_addr()?;
        let stream: Box<dyn AsyncTokioStream> = match self.server.tls {
            Tls::Wrapped => {
                let name = ServerName::try_from(self.server.host.clone()).map_err(io::Error::other)?;
                Box::new(Bounded::new(self.tls.connect(name, tcp).await?, peer, room))
            }
            Tls::Starttls | Tls::None => Box::new(Bounded::new(tcp, peer, room)),
        };
        Ok(AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await?)
    }

    /// The first of the server's addresses that answers.
    async fn reached(&self) -> io::Result<TcpStream> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in lookup_host((self.server.host.as_str(), self.server.port)).await? {
            match timeout(self.patience.address, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last)
    }

    /// One step of what comes before a letter.
    async fn step<T, E: Into<Why>>(
        &self,
        room: &Room,
        stage: Stage,
        before: Instant,
        doing: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Fault> {
        let left = before.saturating_duration_since(Instant::now());
        self.within(room, stage, self.patience.step.min(left), doing).await
    }

    /// One step, bounded in time and in what the server may say.
    async fn within<T, E: Into<Why>>(
        &self,
        room: &Room,
        stage: Stage,
        most: Duration,
        doing: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Fault> {
        room.renew();
        match timeout(most, doing).await {
            Ok(done) => done.map_err(|error| self.fault(stage, &error.into())),
            Err(_) => Err(Fault { stage, code: None, told: phrases::email_no_reply().to_owned() }),
        }
    }

    fn fault(&self, stage: Stage, why: &Why) -> Fault {
        match why {
            Why::Unreached(error) => Fault { stage, code: None, told: innermost(error) },
            Why::Said(error) => Fault { stage, code: error.status().map(u16::from), told: self.told(error) },
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

/// Why a step failed.
enum Why {
    /// No connection came about.
    Unreached(io::Error),
    /// It was refused, or the connection went.
    Said(Error),
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        Self::Unreached(error)
    }
}

impl From<Error> for Why {
    fn from(error: Error) -> Self {
        Self::Said(error)
    }
}

#[cfg(test)]
mod tests;
