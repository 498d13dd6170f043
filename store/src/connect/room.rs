//! How many connections there is room for: each is a file of the process, which the system counts, and the database needs
//! files, too.

/// Connections at the same time; further ones wait until one ends.
const MOST: usize = 4096;

/// Connections at the same time, in this process: no more than half the files that it may have open. A program that wants
/// more raises that limit (`ulimit -n`) before it serves.
pub(super) fn connections() -> usize {
    let half = usize::try_from(files() / 2);
    half.map_or(MOST, |half| half.clamp(1, MOST))
}

/// How many files the process may have open.
#[cfg(unix)]
fn files() -> u64 {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn files() -> u64 {
    u64::MAX
}
