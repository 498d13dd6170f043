//! Values and files: decoding and encoding beside `v8_valueserializer`, previews, and the interchange format from
//! and into an embedded store.
//!
//! `cargo bench -p keyglass-store --bench values -- [--quick] [--only codec|preview|transfer]`
//!
//! The two decoders take turns, so that a busy machine slows both; the tables give medians over the rounds. For
//! programs there is one line `figure NAME X` for each measure, and `ratio NAME X` where there is a peer: more than 1
//! means that ours is faster.

#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where it cannot go on"
)]

mod codec;
mod measure;
mod payloads;
mod preview;
mod transfer;

use std::process::ExitCode;
use std::time::Duration;

/// How much to measure.
struct Settings {
    rounds: usize,
    round: Duration,
    entries: u64,
    only: Option<String>,
}

impl Settings {
    fn wants(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }
}

fn main() -> ExitCode {
    let Some(settings) = settings(std::env::args().skip(1)) else {
        eprintln!("usage: values [--quick] [--only codec|preview|transfer]");
        return ExitCode::from(2);
    };
    if settings.wants("codec") {
        codec::run(&settings);
    }
    if settings.wants("preview") {
        preview::run(&settings);
    }
    if settings.wants("transfer") {
        transfer::run(&settings);
    }
    ExitCode::SUCCESS
}

fn settings(mut arguments: impl Iterator<Item = String>) -> Option<Settings> {
    let mut settings = Settings {
        rounds: 7,
        round: Duration::from_millis(150),
        entries: 1_000_000,
        only: None,
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Cargo says so itself.
            "--bench" => {}
            "--quick" => {
                settings.rounds = 3;
                settings.round = Duration::from_millis(60);
                settings.entries = 200_000;
            }
            "--only" => settings.only = Some(arguments.next()?),
            _ => return None,
        }
    }
    Some(settings)
}
