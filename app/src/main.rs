//! Keyglass: a native inspector for Deno KV databases.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyglass::cli::run()
}
