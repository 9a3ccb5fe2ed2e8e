//! The laws of the house (ARCHITECTURE.md), as tests.

use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 400;
/// Modules of the first two floors; they never touch the world.
const PURE: &[&str] = &[
    "text",
    "date",
    "schedule",
    "rhythm",
    "phrases",
    "charset",
    "html",
    "entry",
    "page",
    "subscription",
    "source",
    "read",
    "feed",
    "outbox",
    "judge",
    "brake",
    "incident",
];
const WORLD: &[&str] = &["tokio::", "reqwest::", "std::fs", "std::env", "Utc::now", "sqlx::", "std::process", "SystemTime::now"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The modules of `lib.rs`, in reading order.
fn order() -> Vec<String> {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let name = |line: &str| line.trim_start_matches("pub ").strip_prefix("mod ").map(|m| m.trim_end_matches(';').to_owned());
    lib.lines().filter_map(name).collect()
}

/// Every source file of the library with the module it belongs to, without test files.
fn files() -> Vec<(String, PathBuf, String)> {
    let all = glob::glob(root().join("src/**/*.rs").to_str().unwrap()).unwrap().map(Result::unwrap);
    let of = |path: PathBuf| {
        let inside = path.strip_prefix(root().join("src")).unwrap().to_str().unwrap().to_owned();
        let module = inside.split(['/', '.']).next().unwrap().to_owned();
        let is_test = inside.ends_with("tests.rs") || inside.contains("/tests/");
        let text = std::fs::read_to_string(&path).unwrap();
        (!is_test && module != "lib" && module != "main").then(|| (module, PathBuf::from(inside), text))
    };
    all.filter_map(of).collect()
}

/// What stands before the unit tests of a file, without comments.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules that a piece of code uses, grouped imports among them.
fn used(code: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names: Vec<String> = code.split("crate::").skip(1).map(name).filter(|n| !n.is_empty()).collect();
    for group in code.split("crate::{").skip(1) {
        let inside = group.split("};").next().unwrap_or_default();
        names.extend(inside.split(',').map(|part| name(part.trim())));
    }
    names
}

fn out_of_order(order: &[String], module: &str, code: &str) -> Vec<String> {
    let place = |name: &str| order.iter().position(|m| m == name);
    let own = place(module);
    used(code).into_iter().filter(|name| place(name).is_some_and(|p| own.is_some_and(|o| p > o))).collect()
}

fn worldly(code: &str) -> Vec<&'static str> {
    WORLD.iter().copied().filter(|word| code.contains(word)).collect()
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let order = order();
    assert!(order.len() > 20, "{order:?}");
    for (module, path, text) in files() {
        let broken = out_of_order(&order, &module, &code(&text));
        assert!(broken.is_empty(), "{} uses {broken:?}, which stand below {module} in lib.rs", path.display());
    }
}

#[test]
fn the_first_two_floors_never_touch_the_world() {
    for (module, path, text) in files().into_iter().filter(|(module, ..)| PURE.contains(&module.as_str())) {
        let broken = worldly(&code(&text));
        assert!(broken.is_empty(), "{} of {module} mentions {broken:?}", path.display());
    }
}

#[test]
fn files_stay_small() {
    for (_, path, text) in files() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_laws_can_be_broken() {
    let order: Vec<String> = ["entry", "store"].map(str::to_owned).to_vec();
    assert_eq!(out_of_order(&order, "entry", "use crate::store::Store;"), ["store"]);
    assert_eq!(out_of_order(&order, "entry", "use crate::{entry, store};"), ["store"]);
    assert!(out_of_order(&order, "store", "use crate::entry::Entry;").is_empty());
    assert_eq!(worldly("let now = Utc::now();"), ["Utc::now"]);
    assert_eq!(code("let a = 1;\n// tokio::spawn\n#[cfg(test)]\nuse tokio::main;"), "let a = 1;");
}

#[test]
fn nothing_names_a_registry_or_this_machine() {
    let forbidden = [
        ["crates", ".io"].concat(),
        ["/ro", "ot/"].concat(),
        ["pypi", ".org"].concat(),
        ["npmjs", ".com"].concat(),
        ["/wo", "rk/"].concat(),
    ];
    let all = glob::glob(root().join("**/*").to_str().unwrap()).unwrap().map(Result::unwrap);
    let ours = |path: &PathBuf| {
        let inside = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        path.is_file()
            && !["target", "fuzz/target", "fuzz/artifacts", "fuzz/Cargo.lock", "data", "feeds", ".git", "Cargo.lock"]
                .iter()
                .any(|skip| inside.starts_with(skip))
    };
    for path in all.filter(ours) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        for word in &forbidden {
            assert!(!text.contains(word.as_str()), "{} names {word}", path.display());
        }
    }
}
