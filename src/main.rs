//! The command line of loaphuong.
fn main() {}
