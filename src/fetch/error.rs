//! Why no page came.

use std::fmt;
use std::time::Duration;

use super::gate::Rest;

/// Why no page came, told as what the watcher does next. `cause` is a sentence for the admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// Try again later.
    Later {
        /// What the server asked for, at most 24 hours; until then no request leaves for its host.
        after: Option<Duration>,
        /// The reason.
        cause: String,
    },
    /// Nothing was asked: robots.txt wants so long a pause since the last request to this host that
    /// nobody waits for it. To be asked when the rest is over.
    Rests {
        /// How long it is, and was asked to be.
        rest: Rest,
        /// The reason.
        cause: String,
    },
    /// The server says that the page is gone for good (410): pause the source.
    Gone {
        /// The reason.
        cause: String,
    },
    /// Not without a person: forbidden, not found, not a page, a private address, robots.txt.
    Refused {
        /// The HTTP status, where one was the reason.
        status: Option<u16>,
        /// The reason.
        cause: String,
    },
    /// Larger than a page may be.
    TooBig {
        /// The reason.
        cause: String,
    },
}

impl FetchError {
    pub(crate) fn later(cause: String) -> Self {
        Self::Later { after: None, cause }
    }

    pub(super) fn refused(cause: String) -> Self {
        Self::Refused { status: None, cause }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later { cause, .. }
            | Self::Rests { cause, .. }
            | Self::Gone { cause }
            | Self::Refused { cause, .. }
            | Self::TooBig { cause } => f.write_str(cause),
        }
    }
}

impl std::error::Error for FetchError {}
