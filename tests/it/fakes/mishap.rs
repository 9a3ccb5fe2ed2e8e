//! What can go wrong with a message, whatever the platform.

/// What goes wrong with the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// Not taken: the platform's own words for an inner error.
    ServerError,
    /// Not taken: the connection is reset.
    Reset,
    /// Taken, then the connection ends without an answer.
    LostAnswer,
    /// An HTML page that says back the request's address, as proxies do; taken or not.
    HtmlPage,
    /// Not taken: wait for so many seconds.
    Flood(u64),
    /// The token or key is refused.
    BadToken,
    /// The receiver has gone for good.
    Gone,
}
