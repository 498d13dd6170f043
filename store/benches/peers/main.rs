//! The embedded store beside the engine inside Deno, `denokv_sqlite`, on the same work in the same run.
//!
//! `cargo bench -p keyglass-store --bench peers -- [--quick] [--rows N] [--rounds N] [--only NAME]...`
//! `cargo bench -p keyglass-store --bench peers -- --costs` shows instead what the embedded store's work costs at
//! 100 thousand, 1 million and 5 million entries.
//!
//! The two take turns, so that a busy machine slows both; the table gives medians over the rounds. Raw
//! rusqlite, without the threads that `denokv_sqlite` puts before it, tells a slow engine from a slow way to
//! it. For programs there is one line `ratio NAME X` for each measure, where more than 1 means that the
//! embedded store is better.

#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where it cannot go on"
)]

mod costs;
mod data;
mod deno;
mod embedded;
mod measure;
mod raw;
mod report;
mod workloads;

use std::process::ExitCode;

/// What to measure.
struct Settings {
    rows: u64,
    rounds: usize,
    seconds: f64,
    only: Vec<String>,
    folder: Option<String>,
    costs: bool,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if let (Some("--be-killed"), Some(folder)) = (arguments.next().as_deref(), arguments.next()) {
        costs::be_killed(folder.as_ref());
    }
    let Some(settings) = settings(std::env::args().skip(1)) else {
        eprintln!(
            "usage: peers [--quick | --costs] [--rows N] [--rounds N] [--folder PATH] [--only NAME]..."
        );
        return ExitCode::from(2);
    };
    if settings.costs {
        costs::run(&settings);
    } else {
        workloads::run(&settings);
    }
    ExitCode::SUCCESS
}

fn settings(mut arguments: impl Iterator<Item = String>) -> Option<Settings> {
    let mut settings = Settings {
        rows: 1_000_000,
        rounds: 5,
        seconds: 1.2,
        only: Vec::new(),
        folder: None,
        costs: false,
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Cargo says so itself.
            "--bench" => {}
            "--quick" => {
                settings.rows = 100_000;
                settings.rounds = 3;
                settings.seconds = 0.5;
            }
            "--rows" => settings.rows = arguments.next()?.parse().ok()?,
            "--rounds" => settings.rounds = arguments.next()?.parse().ok()?,
            "--costs" => settings.costs = true,
            "--folder" => settings.folder = Some(arguments.next()?),
            "--only" => settings.only.push(arguments.next()?),
            _ => return None,
        }
    }
    Some(settings)
}
