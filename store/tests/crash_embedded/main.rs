//! Kills a process that commits, again and again, and looks at what it leaves.
//!
//! The child commits from several threads and prints each commit once it is acknowledged. It is killed at a
//! random moment. After that every acknowledged commit must be there whole, none may be there in part,
//! versionstamps must go on increasing, and the queue must hold every message. In a copy of what it left, the
//! newest journal is then cut or damaged at a random place: the copy must refuse to open, or hold a
//! consistent past.
//!
//! `KEYGLASS_CRASH_ROUNDS` says how many children are killed (20 if it is not set).
//!
//! It has a `main` of its own because the child is this program too; to a test runner that asks with `--list` it
//! answers as the usual test programs do.

#[cfg(test)]
mod rounds;
#[cfg(test)]
mod writer;

fn main() {
    #[cfg(test)]
    match std::env::args().nth(1).as_deref() {
        Some("--write-to") => writer::run(std::env::args().skip(2)),
        Some("--list") if std::env::args().any(|argument| argument == "--ignored") => {}
        Some("--list") => println!("a_killed_process_loses_no_acknowledged_commit: test"),
        _ => rounds::run(),
    }
}
