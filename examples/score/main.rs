//! How well pages are read: `cargo run --release --example score -- DIR [--worst SET]`.
//!
//! DIR holds the sets (`extraction/`, `vietnamese/`); `sets.rs` says how they are laid out. Beside
//! this reader stand dom_smoothie and, where `python3 -c "import trafilatura"` works (`PYTHON`
//! names another interpreter, one of a venv), trafilatura. `--worst SET` prints the pages of one set
//! that are read worst, with what was missed and what was too much; `--half 0` or `1` takes every
//! second page, to tune on one half and look at the other.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, clippy::indexing_slicing)]

mod measure;
mod readers;
mod sets;

use std::path::Path;

use measure::Score;
use readers::{Read, Run};
use sets::{Measure, Set};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
    let Some(dir) = args.first() else {
        eprintln!("score DIR [--worst SET] [--half 0|1]");
        return;
    };
    let half = value("--half").and_then(|half| half.parse::<usize>().ok());
    let mut sets = sets::all(Path::new(dir));
    for set in &mut sets {
        let mut at = 0;
        set.cases.retain(|_| {
            at += 1;
            half.is_none_or(|half| at % 2 == half || set.is_site)
        });
    }
    if let Some(name) = value("--worst") {
        sets.iter().filter(|set| set.name == name).for_each(|set| worst(set, &readers::ours(set)));
        return;
    }
    println!(
        "{:<16} {:<12} {:>5}  {:>6} {:>6} {:>6}  {:>6} {:>6} {:>7} {:>5} {:>6}  {:>9}",
        "set", "reader", "pages", "body", "prec", "recall", "title", "day", "instant", "wrong", "author", "pages/cpu"
    );
    for set in &sets {
        row(set, "loaphuong", &readers::ours(set));
        row(set, "dom_smoothie", &readers::dom_smoothie(set));
        if let Some(run) = readers::trafilatura(set) {
            row(set, "trafilatura", &run);
        }
    }
}

fn row(set: &Set, reader: &str, run: &Run) {
    let score = Score::of(set, &run.reads);
    let has_bodies = set.cases.iter().any(|case| !case.body.is_empty());
    let share = |value: f64| if has_bodies { format!("{value:.4}") } else { "-".to_owned() };
    println!(
        "{:<16} {:<12} {:>5}  {:>6} {:>6} {:>6}  {:>6} {:>6} {:>7} {:>5} {:>6}  {:>9.1}",
        set.name,
        reader,
        set.cases.len(),
        share(score.f1(set)),
        share(score.precision()),
        share(score.recall()),
        score.title,
        score.day,
        score.instant,
        score.wrong,
        score.author,
        set.cases.len() as f64 / run.cpu.as_secs_f64().max(1e-9),
    );
}

/// The pages that cost most, worst first.
fn worst(set: &Set, run: &Run) {
    let mut rows: Vec<(f64, String)> = set.cases.iter().zip(&run.reads).map(|(case, read)| describe(set.measure, case, read)).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.iter().for_each(|(_, text)| println!("{text}"));
}

fn describe(measure: Measure, case: &sets::Case, read: &Read) -> (f64, String) {
    let (precision, recall) = measure::body(measure, &case.body, &read.text);
    let (missed, extra) = measure::difference(&case.body, &read.text);
    let mut text = format!("== {} p {precision:.3} r {recall:.3}\n", case.name);
    for (what, lines) in [("-", &missed), ("+", &extra)] {
        for line in lines.iter().take(6) {
            text.push_str(&format!("   {what} {}\n", line.chars().take(160).collect::<String>()));
        }
    }
    if let Some(title) = case.title.as_ref().filter(|title| !measure::same(title, read.title.as_deref())) {
        text.push_str(&format!("   title {title:?}\n      is {:?}\n", read.title));
    }
    if let Some(date) = case.date.as_ref().filter(|date| !measure::same_instant(date, read.published.as_deref())) {
        text.push_str(&format!("   date {date} is {:?}\n", read.published));
    }
    if !case.authors.is_empty() && !measure::same_author(&case.authors, read.author.as_deref()) {
        text.push_str(&format!("   author {:?} is {:?}\n", case.authors, read.author));
    }
    (2.0 * precision * recall / (precision + recall).max(1e-9), text)
}
