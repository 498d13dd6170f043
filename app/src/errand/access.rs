//! What is asked of a database about itself, which may ask the disk or wait for a commit of that instant.

/// Whether a database can be written, and what else it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// What it can do now.
    Look,
    /// It shall not be written from here on, also not by commits that wait and jobs that run.
    Lock,
}
