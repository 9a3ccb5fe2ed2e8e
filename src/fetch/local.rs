//! Folders of pasted articles, read as if they were a site.

use std::fmt::Write as _;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use url::Url;

use crate::page::{Page, Validators};
use crate::phrases;

use super::FetchError;

/// The media type of a folder's listing: one line a file, `name TAB mtime in unix ms TAB size in
/// bytes LF`, sorted by name.
const LISTING: &str = "application/vnd.loaphuong.folder";

/// The folders that the config names. Nothing outside of them is read.
#[derive(Default)]
pub(super) struct Folders(RwLock<Vec<PathBuf>>);

impl Folders {
    /// Lets this folder be read, and what lies in it.
    pub(super) fn permit(&self, folder: &Path) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(plain(folder));
    }

    /// Reads the listing of a folder, or one article.
    pub(super) async fn read(&self, url: &Url, cap: usize, now: DateTime<Utc>) -> Result<Page, FetchError> {
        let path = url.to_file_path().map_err(|()| FetchError::refused(phrases::fetch_address_unusable()))?;
        let path = plain(&path);
        let folder = self.holding(&path).ok_or_else(|| FetchError::refused(phrases::folder_not_named(&path)))?;
        let read = tokio::task::spawn_blocking(move || read(&folder, &path, cap)).await;
        let (media_type, body) = read.map_err(|e| FetchError::later(e.to_string()))??;
        let media_type = Some(media_type.to_owned());
        Ok(Page { url: url.clone(), fetched: now, media_type, charset: None, body, validators: Validators::default() })
    }

    fn holding(&self, path: &Path) -> Option<PathBuf> {
        let folders = self.0.read().unwrap_or_else(PoisonError::into_inner);
        folders.iter().find(|folder| path.starts_with(folder)).cloned()
    }
}

/// The absolute path without `.` and `..`, as URLs are written.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_default().components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

fn read(folder: &Path, path: &Path, cap: usize) -> Result<(&'static str, Bytes), FetchError> {
    let told = |e: io::Error| FetchError::refused(phrases::folder_unreadable(path, &e));
    let root = folder.canonicalize().map_err(|e| FetchError::refused(phrases::folder_unreadable(folder, &e)))?;
    let target = path.canonicalize().map_err(told)?;
    if !target.starts_with(&root) {
        return Err(FetchError::refused(phrases::folder_left(path, folder)));
    }
    let metadata = target.metadata().map_err(told)?;
    if metadata.is_dir() {
        return Ok((LISTING, listing(&root, &target).map_err(told)?));
    }
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let media_type = media_type(name).filter(|_| metadata.is_file());
    let media_type = media_type.ok_or_else(|| FetchError::refused(phrases::folder_other_file(path)))?;
    Ok((media_type, article(&target, cap).map_err(told)?.ok_or_else(|| FetchError::TooBig { cause: phrases::fetch_too_big(name, cap) })?))
}

/// The body, `None` where it is longer than `cap`.
fn article(path: &Path, cap: usize) -> io::Result<Option<Bytes>> {
    let mut body = Vec::new();
    File::open(path)?.take(cap as u64 + 1).read_to_end(&mut body)?;
    Ok((body.len() <= cap).then(|| body.into()))
}

fn listing(root: &Path, folder: &Path) -> io::Result<Bytes> {
    let mut files = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        // A name that is not Unicode, or that would break the lines below, cannot be listed.
        let name = file.file_name().into_string().ok().filter(|n| media_type(n).is_some() && !n.contains(char::is_control));
        files.extend(name.zip(inside(root, &file.path())));
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut lines = String::new();
    for (name, metadata) in files {
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{name}\t{modified}\t{}", metadata.len());
    }
    Ok(lines.into())
}

/// What a regular file is like; `None` for anything else, for a link that leaves the root, and
/// for one that vanished meanwhile.
fn inside(root: &Path, path: &Path) -> Option<Metadata> {
    let target = path.canonicalize().ok().filter(|target| target.starts_with(root))?;
    target.metadata().ok().filter(Metadata::is_file)
}

fn media_type(name: &str) -> Option<&'static str> {
    let ending = name.rsplit_once('.').filter(|_| !name.starts_with('.'))?.1;
    match ending.to_ascii_lowercase().as_str() {
        "txt" => Some("text/plain"),
        "md" => Some("text/markdown"),
        "html" | "htm" => Some("text/html"),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use super::*;

    const CAP: usize = 100;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = File::create(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name), text).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_millis(1_568_712_600_123)).unwrap();
        }
        dir
    }

    async fn ask(folders: &Folders, path: &Path) -> Result<(String, String), FetchError> {
        let url = if path.is_dir() { Url::from_directory_path(path) } else { Url::from_file_path(path) };
        let page = folders.read(&url.unwrap(), CAP, DateTime::UNIX_EPOCH).await?;
        Ok((page.media_type.unwrap(), String::from_utf8(page.body.to_vec()).unwrap()))
    }

    fn permitting(path: &Path) -> Folders {
        let folders = Folders::default();
        folders.permit(&path.join("./x/.."));
        folders
    }

    #[tokio::test]
    async fn a_folder_lists_its_articles_by_name() {
        let dir =
            folder(&[("b.txt", "hai"), ("A tin.MD", "một"), (".an.txt", ""), ("c.pdf", ""), ("d\t.txt", ""), ("đ.htm", ""), ("txt", "")]);
        fs::create_dir(dir.path().join("e.txt")).unwrap();
        let time = 1_568_712_600_123_u64;
        let want = format!("A tin.MD\t{time}\t5\nb.txt\t{time}\t3\nđ.htm\t{time}\t0\n");
        let found = ask(&permitting(dir.path()), dir.path()).await.unwrap();
        assert_eq!(found, (LISTING.to_owned(), want));
    }

    #[tokio::test]
    async fn an_article_is_a_page_of_its_own_type() {
        let dir = folder(&[("a tin.txt", "một"), ("b.MD", "# hai"), ("c.htm", "<p>")]);
        for (name, media_type, body) in
            [("a tin.txt", "text/plain", "một"), ("b.MD", "text/markdown", "# hai"), ("c.htm", "text/html", "<p>")]
        {
            let found = ask(&permitting(dir.path()), &dir.path().join(name)).await.unwrap();
            assert_eq!(found, (media_type.to_owned(), body.to_owned()));
        }
    }

    #[tokio::test]
    async fn nothing_outside_is_read() {
        let (dir, outside) = (folder(&[("trong.txt", "trong")]), folder(&[("ngoai.txt", "ngoài")]));
        symlink(outside.path().join("ngoai.txt"), dir.path().join("lien-ket.txt")).unwrap();
        symlink(outside.path(), dir.path().join("thu-muc")).unwrap();
        symlink(dir.path().join("trong.txt"), dir.path().join("z.txt")).unwrap();
        let folders = permitting(dir.path());
        let names: Vec<_> = ask(&folders, dir.path()).await.unwrap().1.lines().map(|l| l.split('\t').next().unwrap().to_owned()).collect();
        assert_eq!(names, ["trong.txt", "z.txt"]);
        assert_eq!(ask(&folders, &dir.path().join("z.txt")).await.unwrap().1, "trong");
        let escaping = Url::parse(&format!("file://{}/x%2f..%2f..%2fetc%2fpasswd", dir.path().display())).unwrap();
        assert!(folders.read(&escaping, CAP, DateTime::UNIX_EPOCH).await.is_err());
        for path in [
            dir.path().join("lien-ket.txt"),
            dir.path().join("thu-muc"),
            dir.path().join("thu-muc/ngoai.txt"),
            outside.path().join("ngoai.txt"),
        ] {
            let refused = ask(&folders, &path).await.unwrap_err();
            assert!(matches!(refused, FetchError::Refused { .. }), "{}", path.display());
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_named() {
        let dir = folder(&[("dai.txt", &"x".repeat(CAP + 1)), ("vua.txt", &"x".repeat(CAP))]);
        let folders = permitting(dir.path());
        assert!(matches!(ask(&folders, &dir.path().join("dai.txt")).await, Err(FetchError::TooBig { .. })));
        assert_eq!(ask(&folders, &dir.path().join("vua.txt")).await.unwrap().1.len(), CAP);
        folders.permit(Path::new("/khong-co/tin"));
        for path in [dir.path().join("mat.txt"), "/khong-co/tin".into(), "/khong-co/tin/a.txt".into()] {
            let cause = ask(&folders, &path).await.unwrap_err().to_string();
            assert!(cause.contains(if path.starts_with("/khong-co") { "/khong-co/tin" } else { "mat.txt" }), "{cause}");
        }
    }
}
