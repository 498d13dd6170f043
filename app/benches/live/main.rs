//! How soon the window shows what another program commits, and what that costs:
//! `cargo bench -p keyglass --bench live -- [CASE]... [--size SIZE,...] [--deno PROGRAM] [--seconds N]
//! [--export FOLDER]`.
//!
//! The real window stands on a screen of its own (Xvfb, drawn by software) and is looked at from outside: a commit is
//! shown when the pixels of its rows have changed for the last time. Processor time is what the system counted for the
//! window's threads, so others who use the machine distort only the times. Cases are `deno`, where real Deno writes to
//! files of 10 MB and of 1 GB, of which a key and a prefix are watched (looked at in the table first, and then in the
//! timeline, which xdotool brings to the front), `folder`, where a thread of the window's own process commits to a folder
//! of ours, and `export`. The files are made once and kept in `target/tmp`.
//! Prints tables, and lines `live CASE WHAT NUMBER` for programs.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what a bench has to say"
)]
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::disallowed_methods,
        reason = "the real window is measured, at the time and in the zone of the system"
    )
)]

#[cfg(target_os = "linux")]
mod display;
#[cfg(target_os = "linux")]
mod export;
#[cfg(target_os = "linux")]
mod inside;
#[cfg(target_os = "linux")]
mod measure;
#[cfg(target_os = "linux")]
mod processor;
#[cfg(target_os = "linux")]
mod program;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[cfg(target_os = "linux")]
fn main() -> Outcome<()> {
    measure::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> Outcome<()> {
    Err("This bench needs Linux: it looks at a screen of Xvfb and reads /proc".into())
}
