//! One daemon per SQLite database: an advisory lock beside it, freed by the kernel when its holder dies.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::OpenError;
use crate::phrases;

/// Held until dropped.
pub(super) struct Lock {
    _file: File,
}

/// Takes the lock of the database at `path`. Never opens the database itself: closing it by plain
/// file calls would drop SQLite's own locks.
pub(super) fn take(path: &Path) -> Result<Lock, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let beside = PathBuf::from(name);
    let unusable = |e: std::io::Error| OpenError::Refused(phrases::store_unusable(path, &e));
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&beside).map_err(unusable)?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        let mut holder = String::new();
        file.read_to_string(&mut holder).map_err(unusable)?;
        return Err(OpenError::Held(phrases::store_held(path, holder.trim())));
    }
    file.set_len(0).map_err(unusable)?;
    write!(file, "{}", std::process::id()).map_err(unusable)?;
    Ok(Lock { _file: file })
}
