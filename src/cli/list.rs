//! `loaphuong channels`, `recipes`, `completions`: what this build knows.

use clap::CommandFactory;

use super::{Cli, Exit, print};
use crate::channel;
use crate::source;

pub(super) fn channels() -> Exit {
    for kind in channel::KINDS {
        print(&format!("{}: {}\n\n{}\n\n", kind.name, kind.about, indent(kind.example)));
    }
    Exit::Well
}

pub(super) fn recipes() -> Exit {
    for recipe in source::recipe::RECIPES {
        print(&format!("{}: {}\n", recipe.name, recipe.about));
    }
    Exit::Well
}

pub(super) fn completions(shell: clap_complete::Shell) -> Exit {
    clap_complete::generate(shell, &mut Cli::command(), "loaphuong", &mut std::io::stdout());
    Exit::Well
}

fn indent(block: &str) -> String {
    block.trim().lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
