//! What an admin is told about a config: every fault has a file, and the exact words beside it.

use std::path::{Path, PathBuf};

use loaphuong::config::{Config, SHIPPED};

use crate::house::House;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config")
}

fn told(path: &Path) -> String {
    match Config::load(path) {
        Ok(_) => "(no error)\n".to_owned(),
        Err(errors) => errors.iter().map(|e| format!("{e}\n")).collect(),
    }
}

#[test]
fn every_fault_is_told_in_these_words() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut wrong = Vec::new();
    let mut faults = 0;
    for file in std::fs::read_dir(fixtures()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        faults += 1;
        let folder = format!("{}/", fixtures().display());
        let got = told(&path).replace(&folder, "");
        let golden = path.with_extension("txt");
        if std::env::var("UPDATE_GOLDEN").is_ok() {
            std::fs::write(&golden, &got).unwrap();
        }
        if std::fs::read_to_string(&golden).unwrap_or_default() != got {
            wrong.push(format!("{}:\n{got}", path.display()));
        }
    }
    assert!(faults > 30, "{faults}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The examples of the shipped config are lines that begin with `#` and no blank.
fn switched_on() -> String {
    let mut store_seen = false;
    let on = SHIPPED.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest,
        _ => line,
    });
    let once = on.filter(|line| !line.starts_with("store = ") || !std::mem::replace(&mut store_seen, true));
    once.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_config_loads_as_it_is_and_with_every_example_switched_on() {
    let house = House::new(SHIPPED);
    let config = house.config();
    assert_eq!((config.sources.len(), config.subscriptions.len()), (1, 1));
    let all = switched_on();
    assert_ne!(all, SHIPPED);
    let house = House::new(&all);
    for secret in all.split("file = \"").skip(1).filter_map(|l| l.split('"').next()) {
        house.write(secret, secret_of(secret));
    }
    house.write("certs/vinh-tuy.pem", include_str!("../fixtures/tls/intermediate.pem"));
    house.write("wards/vinh-tuy.toml", "[[sources]]\nname = \"them\"\nkind = \"folder\"\npath = \"them\"\n");
    let config = read_with_examples(&house);
    assert!(config.sources.len() > 2 && config.channels.len() > 2, "{} {}", config.sources.len(), config.channels.len());
}

/// A room's secret is an address, all others are tokens.
fn secret_of(name: &str) -> &'static str {
    if name.to_lowercase().contains("discord") { "https://chat.example/hooks/1\n" } else { "123456:AAexample-token-for-a-test\n" }
}

/// Examples that name an environment variable get it by a file instead: the environment is shared by all tests.
fn read_with_examples(house: &House) -> Config {
    let text = house.read("config.toml");
    let filed: String =
        text.split("env = \"").enumerate().map(|(n, part)| if n == 0 { part.to_owned() } else { format!("file = \"env-{part}") }).collect();
    for name in filed.split("file = \"env-").skip(1).filter_map(|l| l.split('"').next()) {
        house.write(&format!("env-{name}"), secret_of(name));
    }
    house.write("config.toml", &filed);
    house.config()
}

#[test]
fn mistakes_in_an_included_file_are_placed_there() {
    let house = House::new("include = [\"wards/*.toml\"]\n");
    house.write("wards/b.toml", "[[sources]]\nname = \"b\"\nkind = \"folder\"\npath = \"b\"\n");
    house.write("wards/c.toml", "\n[[sources]]\nnam = \"c\"\nkind = \"folder\"\npath = \"c\"\n");
    let told = told(&house.path().join("config.toml"));
    assert!(told.contains("wards/c.toml:3:1"), "{told}");
    house.write("wards/c.toml", "[[sources]]\nname = \"c\"\nkind = \"folder\"\npath = \"c\"\n");
    assert_eq!(house.config().sources.len(), 2);
}

#[test]
fn files_that_editors_leave_are_read() {
    for text in ["", "\u{feff}[site]\r\ntitle = \"Loa\"\r\n", "# chỉ có ghi chú\n"] {
        assert!(House::new(text).config().sources.is_empty());
    }
    let house = House::new("");
    std::fs::write(house.path().join("config.toml"), b"[site]\ntitle = \"\xff\xfe\"\n").unwrap();
    let sentence = told(&house.path().join("config.toml"));
    assert!(sentence.contains("config.toml:2:10") && sentence.contains("UTF-8"), "{sentence}");
    std::fs::write(house.path().join("config.toml"), "# x\n".repeat(2_000_000)).unwrap();
    assert!(told(&house.path().join("config.toml")).contains("5 MiB"));
    std::fs::remove_file(house.path().join("config.toml")).unwrap();
    assert!(told(&house.path().join("config.toml")).contains("--config"));
}

#[test]
fn a_source_is_new_when_its_block_or_its_recipe_changes() {
    let block =
        |path: &str, recipe: &str| format!("[[sources]]\nname = \"a\"\nurl = \"https://a.example/{path}\"\nrecipe = \"{recipe}\"\n");
    let print = |house: &House| house.config().sources[0].fingerprint.clone();
    let house = House::new(&block("tin", "auto"));
    let first = print(&house);
    assert_eq!(print(&house), first);
    house.write("config.toml", &format!("# dời xuống\n\n{}", block("tin", "auto")));
    assert_eq!(print(&house), first, "its place in the file does not matter");
    house.write("config.toml", &block("tin-tuc", "auto"));
    assert_ne!(print(&house), first);
    house.write("cong.toml", "[list]\nentry = \"li\"\n");
    house.write("config.toml", &block("tin", "./cong.toml"));
    let with_recipe = print(&house);
    house.write("cong.toml", "[list]\nentry = \"div\"\n");
    assert_ne!(print(&house), with_recipe);
}

#[test]
fn secrets_in_the_open_are_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let channel = |token: &str| format!("[[channels]]\nname = \"bot\"\nkind = \"telegram\"\ntoken = {token}\n");
    let warnings = |house: &House| house.config().warnings.iter().map(ToString::to_string).collect::<String>();
    let house = House::new(&channel("\"123456:AAplain\""));
    let plain = warnings(&house);
    assert!(plain.contains("config.toml:4:9") && plain.contains("{ file =") && !plain.contains("AAplain"), "{plain}");
    house.write("config.toml", &channel("{ file = \"token\" }"));
    house.write("token", "\u{feff}123456:AAfile\r\n");
    std::fs::set_permissions(house.path().join("token"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(warnings(&house).contains("chmod 600"));
    std::fs::set_permissions(house.path().join("token"), std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(warnings(&house), "");
}

#[test]
fn every_ward_of_the_country_fits_in_one_config() {
    let all: String = (0..3321).map(|n| format!("[[sources]]\nname = \"w{n}\"\nurl = \"https://w{n}.example/\"\n")).collect();
    assert_eq!(House::new(&all).config().sources.len(), 3321);
}

#[test]
fn a_mistake_in_every_block_is_told_some_times_and_then_counted() {
    let all: String = (0..300).map(|n| format!("[[sources]]\nname = \"w{n}\"\nurl = \"http://127.0.0.1:9/{n}\"\n")).collect();
    let house = House::new(&all);
    let told = told(&house.path().join("config.toml"));
    assert_eq!(told.matches("[fetch] allow").count(), 2 * 50, "in both languages: {told}");
    assert!(told.contains("config.toml:3:7") && told.contains("còn 250 lỗi nữa") && told.contains("250 more mistakes"), "{told}");
}
