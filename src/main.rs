//! The command line of loaphuong; see `loaphuong --help`.

fn main() -> std::process::ExitCode {
    loaphuong::cli::main()
}
