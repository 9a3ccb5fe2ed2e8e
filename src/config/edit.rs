//! Adding a source to a config that people wrote: their comments and their order stay.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

use super::Config;
use crate::entry::Slug;
use crate::phrases;

/// Where learned recipes live, beside the config.
const RECIPES: &str = "recipes";
/// How often another name is tried for one that is taken.
const NAMES: u32 = 1_000;

/// A source to be added.
pub struct Addition {
    /// Its name.
    pub name: Slug,
    /// Its title.
    pub title: String,
    /// Its kind.
    pub kind: &'static str,
    /// The keys of its kind.
    pub keys: toml::Table,
    /// One line above the block, for people.
    pub comment: String,
    /// A recipe of its own; it becomes a file and the key `recipe`.
    pub recipe: Option<String>,
}

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// The config.
    pub config: PathBuf,
    /// The recipe's file, where there is one.
    pub recipe: Option<PathBuf>,
}

impl Addition {
    /// The block as it will stand in the config.
    #[must_use]
    pub fn block(&self) -> String {
        let mut document = DocumentMut::new();
        push(&mut document, self.table()).ok();
        document.to_string().trim_start().to_owned()
    }

    /// Where the recipe goes, relative to the config.
    #[must_use]
    pub fn recipe_path(&self) -> Option<String> {
        self.recipe.as_ref().map(|_| format!("{RECIPES}/{}.toml", self.name))
    }

    /// The recipe as it is written, with a word about itself.
    #[must_use]
    pub fn recipe_text(&self) -> Option<String> {
        self.recipe.as_ref().map(|text| format!("{}{}\n", phrases::recipe_header(&self.title, &self.comment), text.trim_end()))
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.insert("name", toml_edit::value(self.name.as_str()));
        table.insert("title", toml_edit::value(self.title.as_str()));
        table.insert("kind", toml_edit::value(self.kind));
        // The address comes first, whatever else there is.
        let (first, rest): (Vec<_>, Vec<_>) = self.keys.iter().partition(|(key, _)| *key == "url");
        for (key, value) in first.into_iter().chain(rest) {
            // The keys come from strings and flags; nothing else is among them.
            let flag = value.as_bool().map(toml_edit::value);
            table.insert(key, flag.unwrap_or_else(|| toml_edit::value(value.as_str().unwrap_or_default())));
        }
        if let Some(path) = self.recipe_path() {
            table.insert("recipe", toml_edit::value(path));
        }
        table.decor_mut().set_prefix(format!("\n# {}\n", self.comment));
        table
    }
}

/// A name that no feed of the config has yet: the wanted one, or with a number behind it.
#[must_use]
pub fn free_name(config: &Config, wanted: &str) -> Option<Slug> {
    let stem = wanted.get(..48).unwrap_or(wanted).trim_end_matches('-');
    let taken = |slug: &Slug| {
        config.sources.iter().any(|s| s.slug == *slug) || config.combined.iter().chain(&config.topics).any(|c| c.slug == *slug)
    };
    let beside = |slug: &Slug| config.dir.join(RECIPES).join(format!("{slug}.toml")).exists();
    let numbered = (2..NAMES).map(|n| format!("{stem}-{n}"));
    let names = std::iter::once(stem.to_owned()).chain(numbered).take_while(|_| !stem.is_empty());
    names.filter_map(|name| Slug::new(&name).ok()).find(|slug| !taken(slug) && !beside(slug))
}

/// Writes the block into the config, and its recipe beside it. The config is replaced in one
/// step, keeps its comments, mode and owner, and is only replaced by one that loads.
///
/// # Errors
/// A sentence for the admin; nothing was changed.
pub fn append(config: &Path, addition: &Addition) -> Result<Written, String> {
    let target = fs::canonicalize(config).map_err(|e| unwritable(config, &e))?;
    let before = fs::read_to_string(&target).map_err(|e| unwritable(config, &e))?;
    let after = edited(&before, addition)?;
    let recipe = write_recipe(&target, addition)?;
    let replaced = replace(&target, &before, &after);
    if let (Err(_), Some(path)) = (&replaced, &recipe) {
        fs::remove_file(path).ok();
    }
    replaced.map(|()| Written { config: config.to_path_buf(), recipe })
}

/// The config's text with the block in it.
fn edited(before: &str, addition: &Addition) -> Result<String, String> {
    let (mark, text) = before.strip_prefix('\u{feff}').map_or(("", before), |text| ("\u{feff}", text));
    let mut document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| e.to_string())?;
    push(&mut document, addition.table())?;
    let after = format!("{mark}{document}");
    // The editor writes its own lines with a bare line feed.
    Ok(if before.contains("\r\n") { after.replace("\r\n", "\n").replace('\n', "\r\n") } else { after })
}

/// Puts a table at the end of `sources`, which may be tables or an array in one line.
fn push(document: &mut DocumentMut, table: Table) -> Result<(), String> {
    match document.entry("sources").or_insert(Item::ArrayOfTables(ArrayOfTables::new())) {
        Item::ArrayOfTables(sources) => sources.push(table),
        Item::Value(Value::Array(sources)) => sources.push(table.into_inline_table()),
        Item::None | Item::Value(_) | Item::Table(_) => return Err(phrases::config_not_tables("sources")),
    }
    Ok(())
}

fn write_recipe(config: &Path, addition: &Addition) -> Result<Option<PathBuf>, String> {
    let (Some(relative), Some(text)) = (addition.recipe_path(), addition.recipe_text()) else { return Ok(None) };
    let path = config.with_file_name(relative);
    let folder = path.parent().unwrap_or(config).to_path_buf();
    if !folder.exists() {
        fs::create_dir_all(&folder).map_err(|e| unwritable(&folder, &e))?;
        take_after(&folder, config, 0o111);
    }
    let written = NamedTempFile::new_in(&folder).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        take_after(file.path(), config, 0);
        // Somebody else's file of that name stays.
        file.persist_noclobber(&path).map_err(|e| e.error)
    });
    written.map(|_| Some(path.clone())).map_err(|e| unwritable(&path, &e))
}

/// Replaces the config in one step, if the new one loads and nobody changed the old one meanwhile.
fn replace(config: &Path, before: &str, after: &str) -> Result<(), String> {
    let folder = config.parent().unwrap_or(config);
    let told = |e: std::io::Error| unwritable(config, &e);
    let mut file = NamedTempFile::new_in(folder).map_err(told)?;
    file.write_all(after.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(told)?;
    Config::load(file.path()).map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    if fs::read_to_string(config).map_err(told)? != before {
        return Err(phrases::config_changed_meanwhile(config));
    }
    take_after(file.path(), config, 0);
    file.persist(config).map_err(|e| told(e.error))?;
    // The new name is safe once its folder is.
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(told)
}

/// Gives a new file the mode of the config, and its owner where we may: the daemon reads both.
fn take_after(path: &Path, config: &Path, more: u32) {
    let Ok(like) = fs::metadata(config) else { return };
    let readers = (like.mode() & 0o444) >> 2;
    fs::set_permissions(path, fs::Permissions::from_mode((like.mode() & 0o7777) | (readers & more))).ok();
    std::os::unix::fs::chown(path, Some(like.uid()), Some(like.gid())).ok();
}

fn unwritable(path: &Path, error: &std::io::Error) -> String {
    phrases::config_unwritable(path, error)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn addition(recipe: Option<&str>) -> Addition {
        let mut keys = toml::Table::new();
        keys.insert("url".to_owned(), "https://hoagao.example/tin-tuc".into());
        Addition {
            name: Slug::new("hoa-gao").unwrap(),
            title: "Phường \"Hoa Gạo\"".to_owned(),
            kind: "html",
            keys,
            comment: "https://hoagao.example/tin-tuc".to_owned(),
            recipe: recipe.map(str::to_owned),
        }
    }

    fn house(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        fs::write(&path, text).unwrap();
        (dir, path)
    }

    #[test]
    fn comments_and_order_stay() {
        let before = "# đầu\nstore = \"sqlite://x.db\"\n[[sources]] # một\nname = \"a\"\npath = \"news\"\n\n# kênh\n[[channels]]\nname = \"c\" # cuối\nkind = \"console\"\n";
        let after = edited(before, &addition(None)).unwrap();
        let block = "\n# https://hoagao.example/tin-tuc\n[[sources]]\nname = \"hoa-gao\"\ntitle = 'Phường \"Hoa Gạo\"'\nkind = \"html\"\nurl = \"https://hoagao.example/tin-tuc\"\n";
        assert_eq!(after, before.replace("\n\n# kênh", &format!("\n{block}\n# kênh")));
    }

    #[test]
    fn every_form_of_sources_takes_one_more() {
        for before in [
            "",
            "sources = []\n",
            "sources = [{ name = \"a\", path = \"news\" }]\n",
            "[site]\ntitle = \"x\"\n",
            "\u{feff}[site]\r\ntitle = \"x\"\r\n",
        ] {
            let (_dir, path) = house(before);
            append(&path, &addition(None)).unwrap_or_else(|e| panic!("{before:?}: {e}"));
            let config = Config::load(&path).unwrap_or_else(|e| panic!("{before:?}: {}", e[0]));
            assert_eq!(config.sources.last().unwrap().slug.as_str(), "hoa-gao");
            let after = fs::read_to_string(&path).unwrap();
            assert_eq!(after.matches("\r\n").count(), if before.contains('\r') { after.matches('\n').count() } else { 0 });
        }
        assert!(edited("sources = 1\n", &addition(None)).is_err());
    }

    #[test]
    fn mode_and_link_stay_and_the_recipe_lies_beside() {
        let (dir, path) = house("");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        let link = dir.path().join("link.toml");
        std::os::unix::fs::symlink("config.toml", &link).unwrap();
        let written = append(&link, &addition(Some("[article]\ntitle = \"h1\"\n"))).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o604);
        let recipe = fs::read_to_string(written.recipe.unwrap()).unwrap();
        assert!(recipe.starts_with("# ") && recipe.ends_with("[article]\ntitle = \"h1\"\n"), "{recipe}");
        assert!(fs::read_to_string(&path).unwrap().contains("recipe = \"recipes/hoa-gao.toml\""));
    }

    #[test]
    fn a_config_that_would_not_load_is_left_alone() {
        let before = "[[sources]]\nname = \"hoa-gao\"\npath = \"news\"\n";
        let (dir, path) = house(before);
        let refused = append(&path, &addition(Some("[article]\n"))).unwrap_err();
        assert!(refused.contains("hoa-gao"), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        assert!(!dir.path().join("recipes/hoa-gao.toml").exists());
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let (dir, path) = house("[[sources]]\nname = \"hoa-gao\"\npath = \"news\"\n");
        fs::create_dir(dir.path().join("recipes")).unwrap();
        fs::write(dir.path().join("recipes/hoa-gao-2.toml"), "").unwrap();
        let config = Config::load(&path).unwrap_or_else(|e| panic!("{}", e[0]));
        let check = |wanted: &str, want: Option<&str>| assert_eq!(free_name(&config, wanted).as_ref().map(Slug::as_str), want);
        check("hoa-gao", Some("hoa-gao-3"));
        check("vinh-tuy", Some("vinh-tuy"));
        check("tin", Some("tin-2"));
        check("", None);
    }
}
