//! How fast the store is, and how large: see BENCHMARKS.md.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]
#![allow(clippy::print_stdout, reason = "what it finds is printed")]

mod commit;
mod read;
mod text;

use std::env;
use std::path::{Path, PathBuf};

const USAGE: &str = "usage: cargo bench -p chat-store --bench store -- [--dir DIR] CASE
  commit [SECONDS]   messages/s of 1, 16 and 64 senders, each waiting for its own
  paced [SECONDS]    how long 1,000 messages/s take to be stored
  read [ROWS]        size, pages, searches and pruning with so many rows in one room";

fn main() {
    // Cargo adds `--bench`.
    let mut args: Vec<_> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let mut dir = env::temp_dir();
    if args.first().is_some_and(|arg| arg == "--dir") {
        dir = PathBuf::from(args.get(1).expect(USAGE));
        args.drain(..2);
    }
    let number = args.get(1).map(|arg| arg.parse::<u64>().expect(USAGE));
    match args.first().map(String::as_str) {
        Some("commit") => commit::throughput(&dir, number.unwrap_or(5)),
        Some("paced") => commit::paced(&dir, number.unwrap_or(10)),
        Some("read") => read::read(&dir, number.unwrap_or(100_000)),
        None => all(&dir),
        Some(_) => println!("{USAGE}"),
    }
}

fn all(dir: &Path) {
    commit::throughput(dir, 2);
    commit::paced(dir, 4);
    read::read(dir, 100_000);
}
