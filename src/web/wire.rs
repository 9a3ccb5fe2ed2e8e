//! A connection whose client has to take what it asked for.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// Bytes a second at which a client has to read, beside the time it may stall.
const SLOWEST: u64 = 1024;

/// What a connection is at. A look at it now and then is cheaper than a timer for each request.
#[derive(Debug, Default)]
pub(super) struct Life {
    begun: AtomicU32,
    ended: AtomicU32,
    is_writing: AtomicBool,
    is_cut: AtomicBool,
}

impl Life {
    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Relaxed);
    }

    pub(super) fn end(&self) {
        self.ended.fetch_add(1, Relaxed);
    }

    /// Notes that a request was refused before all of it came.
    pub(super) fn cut(&self) {
        self.is_cut.store(true, Relaxed);
    }

    pub(super) fn is_cut(&self) -> bool {
        self.is_cut.load(Relaxed)
    }

    /// How many requests came; `None` while one is answered.
    pub(super) fn waits_after(&self) -> Option<u32> {
        let begun = self.begun.load(Relaxed);
        (begun == self.ended.load(Relaxed) && !self.is_writing.load(Relaxed)).then_some(begun)
    }
}

/// A socket that gives up on a client which stops reading.
pub(super) struct Wire {
    stream: TokioIo<TcpStream>,
    /// How long nothing may go out.
    patience: Duration,
    /// Runs while something waits to go out.
    end: Option<Pin<Box<Sleep>>>,
    life: Arc<Life>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, patience: Duration, life: Arc<Life>) -> Self {
        Self { stream: TokioIo::new(stream), patience, end: None, life }
    }

    /// The socket itself.
    pub(super) fn into_socket(self) -> TcpStream {
        self.stream.into_inner()
    }

    fn watched(&mut self, cx: &mut Context<'_>, wrote: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match wrote {
            Poll::Pending => {
                self.life.is_writing.store(true, Relaxed);
                let end = self.end.get_or_insert_with(|| Box::pin(sleep(self.patience)));
                ready!(end.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Ready(Ok(bytes)) => {
                if let Some(end) = &mut self.end {
                    let later = end.deadline() + Duration::from_micros(bytes as u64 * 1_000_000 / SLOWEST);
                    end.as_mut().reset(later);
                }
                Poll::Ready(Ok(bytes))
            }
            failed @ Poll::Ready(Err(_)) => failed,
        }
    }
}

impl Read for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watched(cx, wrote)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watched(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Called when all of an answer is out.
        if self.end.take().is_some() {
            self.life.is_writing.store(false, Relaxed);
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
