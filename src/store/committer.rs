//! Writes that arrive together share one commit, and each caller waits for its own: on SQLite
//! there is one writer, and a commit of its own for each would cap them at some hundred a second.

use anyhow::{Context, Result};
use async_trait::async_trait;
use sqlx::{Any, AnyPool, Transaction};
use tokio::sync::{mpsc, oneshot};

use super::{Engine, begin};

/// How many writes may share a commit.
const TOGETHER: usize = 256;

/// Something that is written in a transaction it shares with others.
#[async_trait]
pub(super) trait Write: Sized + Send + Sync + 'static {
    /// Writes all of them.
    async fn write(together: &[&Self], engine: Engine, tx: &mut Transaction<'static, Any>) -> Result<()>;
}

/// The way to the one task that commits.
pub(super) struct Committer<W>(mpsc::Sender<Request<W>>);

struct Request<W> {
    work: W,
    done: oneshot::Sender<Result<(), String>>,
}

impl<W: Write> Committer<W> {
    /// Starts the task; it ends when this is dropped.
    pub(super) fn start(engine: Engine, pool: AnyPool) -> Self {
        let (sender, mut requests) = mpsc::channel::<Request<W>>(TOGETHER);
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            while requests.recv_many(&mut waiting, TOGETHER).await > 0 {
                let outcome = commit(engine, &pool, &waiting).await.map_err(|e| format!("{e:#}"));
                for request in waiting.drain(..) {
                    // A caller that went away no longer needs the answer.
                    request.done.send(outcome.clone()).ok();
                }
            }
        });
        Self(sender)
    }

    /// Returns when it is committed.
    pub(super) async fn commit(&self, work: W) -> Result<()> {
        let (done, answer) = oneshot::channel();
        self.0.send(Request { work, done }).await.ok().context("store: closed")?;
        answer.await.context("store: closed")?.map_err(|e| anyhow::anyhow!(e))
    }
}

async fn commit<W: Write>(engine: Engine, pool: &AnyPool, requests: &[Request<W>]) -> Result<()> {
    let mut tx = begin(engine, pool).await?;
    W::write(&requests.iter().map(|request| &request.work).collect::<Vec<_>>(), engine, &mut tx).await?;
    tx.commit().await.context("store: commit")
}
