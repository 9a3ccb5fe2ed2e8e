//! How the files of a config look on the disk: how a running daemon notices that one was
//! changed, added or removed. Looking again and again serves every editor, network share and
//! symlink swap alike.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a config was read from.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// Every file that was read.
    pub(super) files: Vec<PathBuf>,
    /// What `include` says: a new file that fits belongs to the config, too.
    pub(super) patterns: Vec<String>,
}

/// How the files of a config look. Equal marks: nothing changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(Vec<(PathBuf, Option<Mark>)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    changed: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl Origin {
    /// Looks at every file; links are followed.
    pub(super) fn marks(&self) -> Marks {
        let fitting = self.patterns.iter().filter_map(|pattern| glob::glob(pattern).ok()).flatten().filter_map(Result::ok);
        let mut paths: Vec<PathBuf> = self.files.iter().cloned().chain(fitting).collect();
        paths.sort();
        paths.dedup();
        let mark = |path: PathBuf| {
            let mark = mark(&path);
            (path, mark)
        };
        Marks(paths.into_iter().map(mark).collect())
    }
}

fn mark(path: &Path) -> Option<Mark> {
    let seen = std::fs::metadata(path).ok()?;
    Some(Mark { changed: seen.modified().ok(), length: seen.len(), inode: seen.ino() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_way_to_change_a_config_shows() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for folder in ["wards", "v1", "v2"] {
            std::fs::create_dir(at(folder)).unwrap();
        }
        std::fs::write(at("config.toml"), "a").unwrap();
        std::fs::write(at("v1/recipe.toml"), "a").unwrap();
        std::fs::write(at("v2/recipe.toml"), "a").unwrap();
        symlink("v1", at("current")).unwrap();
        let patterns = vec![at("wards/*.toml").display().to_string()];
        let origin = Origin { files: vec![at("config.toml"), at("current/recipe.toml")], patterns };
        let mut before = origin.marks();
        assert_eq!(origin.marks(), before);
        let mut check = |what: &str| {
            let now = origin.marks();
            assert_ne!(now, before, "{what}");
            before = now;
        };
        std::fs::write(at("config.toml"), "ab").unwrap();
        check("written in place");
        std::fs::write(at("new"), "cd").unwrap();
        std::fs::rename(at("new"), at("config.toml")).unwrap();
        check("replaced");
        std::fs::write(at("wards/b.toml"), "").unwrap();
        check("a new ward");
        std::fs::remove_file(at("wards/b.toml")).unwrap();
        check("a ward removed");
        symlink("v2", at("next")).unwrap();
        std::fs::rename(at("next"), at("current")).unwrap();
        check("a link swapped");
    }
}
