//! Real Deno, installed by `tests/run` into `.peers`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::data::{Desk, test_data};
use crate::program::{Running, at_home, stdout_of};

/// `deno run` of a script of `tests/data`, allowed everything.
pub(crate) fn deno(desk: &Desk, script: &str) -> Command {
    run(desk, &test_data(script), &["--allow-all"])
}

/// `deno run` of any script, allowed what these flags say.
pub(crate) fn run(desk: &Desk, script: &Path, allowed: &[&str]) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.peers/node_modules/deno/deno");
    assert!(
        path.exists(),
        "Real Deno is not installed yet; `tests/run product` installs it and runs these tests: {}",
        path.display()
    );
    let mut command = Command::new(path);
    at_home(&mut command, desk);
    command
        .env("DENO_DIR", desk.path("deno"))
        .env("DENO_NO_UPDATE_CHECK", "1")
        .env("NO_COLOR", "1")
        .args(["run", "--unstable-kv"])
        .args(allowed)
        .arg(script);
    command
}

/// Deno that keeps `file` open and changes `["live", …]` in it every 100 ms, for some seconds.
pub(crate) fn write_live(desk: &Desk, file: &Path, seconds: u32) -> Running {
    Running::start(
        deno(desk, "live-writer.ts")
            .arg(file)
            .args(["100", &seconds.to_string()]),
    )
}

/// A database of exactly 100,000 entries, written by Deno.
#[cfg(target_os = "linux")]
pub(crate) fn make_wide(desk: &Desk) -> PathBuf {
    let file = desk.path("wide.sqlite3");
    stdout_of(deno(desk, "make-wide.ts").arg(&file));
    file
}

/// Compares an export in the interchange format with a golden file; returns what the comparison says.
pub(crate) fn compare_export(desk: &Desk, export: &Path, golden: &str) -> String {
    stdout_of(deno(desk, "compare-export.ts").arg(export).arg(test_data(golden)))
}

/// Makes a database of random values; returns the canonical text of each as Deno reads it, as JSON on a line.
pub(crate) fn random_values(desk: &Desk, file: &Path, seed: u32, count: usize) -> String {
    stdout_of(
        deno(desk, "random-values.ts")
            .arg(file)
            .args([seed.to_string(), count.to_string()]),
    )
}

/// Every entry of a database, as JSON on a line each.
pub(crate) fn read_all(desk: &Desk, file: &Path) -> String {
    stdout_of(deno(desk, "read-all.ts").arg(file))
}

/// Waits until keys of one part are gone, one after the other; returns when, as JSON on a line each.
pub(crate) fn wait_for_expiry(desk: &Desk, file: &Path, keys: &[&str]) -> String {
    stdout_of(deno(desk, "expire.ts").arg(file).args(keys))
}

/// Deno that takes messages from the queue until it is ended, and prints each as JSON on a line.
pub(crate) fn listen(desk: &Desk, file: &Path) -> Running {
    Running::start(deno(desk, "listen.ts").arg(file))
}

/// Deno that counts up in several writers at once; see `count.ts`.
pub(crate) fn count(desk: &Desk, file: &Path, writers: usize, rounds: usize) -> Running {
    Running::start(
        deno(desk, "count.ts")
            .arg(file)
            .args([writers.to_string(), rounds.to_string()]),
    )
}

/// Deno that counts up whenever it is its turn; see `take-turns.ts`.
pub(crate) fn take_turns(desk: &Desk, file: &Path, rounds: u32) -> Running {
    Running::start(deno(desk, "take-turns.ts").arg(file).arg(rounds.to_string()))
}

/// Reads values that Keyglass wrote; returns how many mean what they must, as a JSON object.
pub(crate) fn check_values(desk: &Desk, file: &Path) -> String {
    stdout_of(deno(desk, "check-values.ts").arg(file))
}
