//! A change of very much, in short transactions: between two of them everything else is written.

use std::time::Duration;

/// Rows that one transaction changes.
pub(super) const TOGETHER: usize = 500;
/// SQLite gives a waiting process no turn: it must find the database free when it looks.
const BREATH: Duration = Duration::from_millis(20);

/// Lets others write; also the daemon that a command stands beside.
pub(super) async fn breathe() {
    tokio::time::sleep(BREATH).await;
}
