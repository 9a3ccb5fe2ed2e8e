//! Feed files on the disk: each replaced whole, and only when its bytes differ.

use std::collections::HashSet;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use super::file_name;
use crate::feed::{FILES, Feed};

/// Up to so many files are brought to the disk one by one.
const FEW: usize = 16;

/// How a file looks without reading it: its size, and when it was written.
pub(super) type Mark = (u64, SystemTime);

/// A feed whose files are in their places.
pub(super) struct Written {
    pub(super) feed: Feed,
    /// In the order of [`FILES`].
    pub(super) files: Vec<File>,
}

/// A file as it is on the disk.
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    /// When its bytes last changed.
    pub(super) modified: Option<SystemTime>,
}

/// What came of writing feeds.
pub(super) struct Outcome {
    pub(super) feeds: Vec<Written>,
    /// How many files changed.
    pub(super) changed: usize,
}

/// A file that is written and not yet in its place.
struct Fresh {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

pub(super) fn mark(path: &Path) -> Option<Mark> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.len(), file.modified().ok()?))
}

/// Makes the folder, readable for whatever web server hands its files on.
fn stand(dir: &Path) -> Result<()> {
    if !dir.exists() {
        std::fs::create_dir_all(dir).with_context(|| format!("{}", dir.display()))?;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Writes files by their names in the folder, each whole and only when its bytes differ; returns
/// how many changed.
pub(super) fn put(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<usize> {
    stand(dir)?;
    let mut fresh = Vec::new();
    for (name, bytes) in files {
        let path = dir.join(name);
        path.parent().map_or(Ok(()), stand)?;
        fresh.extend(prepare(&path, bytes).with_context(|| format!("{}", path.display()))?.1);
    }
    let changed = fresh.len();
    replace(fresh, dir).with_context(|| format!("{}", dir.display()))?;
    Ok(changed)
}

/// Removes files by their names in the folder, where they are.
pub(super) fn remove(dir: &Path, names: impl IntoIterator<Item = String>) -> Result<()> {
    for path in names.into_iter().map(|name| dir.join(name)) {
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e).with_context(|| format!("{}", path.display())),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

pub(super) fn write(feeds: Vec<Feed>, dir: &Path) -> Result<Outcome> {
    stand(dir)?;
    let (mut fresh, mut written) = (Vec::new(), Vec::with_capacity(feeds.len()));
    for feed in feeds {
        let mut files = Vec::with_capacity(FILES.len());
        for format in FILES {
            let path = dir.join(file_name(&feed.slug, format));
            let bytes = (format.render)(&feed);
            let (modified, new) = prepare(&path, &bytes).with_context(|| format!("{}", path.display()))?;
            fresh.extend(new);
            files.push(File { bytes, modified });
        }
        written.push(Written { feed, files });
    }
    let changed = fresh.len();
    replace(fresh, dir).with_context(|| format!("{}", dir.display()))?;
    Ok(Outcome { feeds: written, changed })
}

/// Writes a file beside the one it is to replace, unless the bytes are these already; tells when
/// they changed.
fn prepare(path: &Path, bytes: &[u8]) -> Result<(Option<SystemTime>, Option<Fresh>)> {
    let before = mark(path).map(|(_, modified)| modified);
    if before.is_some() && std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok((before, None));
    }
    let dir = path.parent().context("no folder")?;
    let mut file = tempfile::Builder::new().prefix(".tmp-").tempfile_in(dir)?;
    file.write_all(bytes)?;
    // For whatever web server hands them on; the daemon's umask is for its database.
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    let modified = file.as_file().metadata()?.modified()?;
    let modified = later(modified, before);
    file.as_file().set_modified(modified)?;
    Ok((Some(modified), Some(Fresh { file, path: path.to_path_buf() })))
}

/// HTTP tells seconds: bytes that change twice in one, or after the clock was set back, would
/// look unchanged to a reader that asks by time.
fn later(modified: SystemTime, before: Option<SystemTime>) -> SystemTime {
    let seconds = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    match before {
        Some(before) if seconds(modified) <= seconds(before) => before + Duration::from_secs(1),
        Some(_) | None => modified,
    }
}

/// Puts files in their places, each whole: readers see the old bytes or the new ones, also after a
/// power cut. Many are brought to the disk by one call for all.
fn replace(fresh: Vec<Fresh>, dir: &Path) -> Result<()> {
    if fresh.is_empty() {
        return Ok(());
    }
    let folder = std::fs::File::open(dir)?;
    if fresh.len() > FEW {
        rustix::fs::syncfs(&folder)?;
    } else {
        fresh.iter().try_for_each(|one| one.file.as_file().sync_all())?;
    }
    let folders: HashSet<PathBuf> = fresh.iter().filter_map(|one| one.path.parent().map(Path::to_path_buf)).collect();
    for one in fresh {
        one.file.persist(&one.path)?;
    }
    folders.iter().try_for_each(|folder| std::fs::File::open(folder)?.sync_all())?;
    Ok(())
}

/// Removes what a killed process left half written.
///
/// # Errors
/// When the folder cannot be read or a file cannot be removed.
pub fn sweep(dir: &Path) -> Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    for file in std::fs::read_dir(dir)? {
        let file = file?;
        if file.file_name().to_string_lossy().starts_with(".tmp-") {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_change_twice_in_a_second_have_two_times() {
        let at = |ms: u64| SystemTime::UNIX_EPOCH + Duration::from_millis(ms);
        for (modified, before, want) in
            [(5_400, None, 5_400), (5_400, Some(4_900), 5_400), (5_400, Some(5_100), 6_100), (5_400, Some(9_000), 10_000)]
        {
            assert_eq!(later(at(modified), before.map(at)), at(want), "{modified} {before:?}");
        }
    }
}
