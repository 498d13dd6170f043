//! What was asked of an owner that is on a server.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::database::Metered;

/// Counted since the database was opened, on whatever connection.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    requests: AtomicU64,
    entries_read: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_received: AtomicU64,
    commits: AtomicU64,
}

impl Counts {
    pub(super) fn sent(&self, bytes: usize) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.bytes_sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.bytes_received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn entries(&self, number: usize) {
        self.entries_read.fetch_add(number as u64, Ordering::Relaxed);
    }

    pub(super) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Metered {
        Metered {
            requests: self.requests.load(Ordering::Relaxed),
            entries_read: self.entries_read.load(Ordering::Relaxed),
            bytes_sent: self.bytes_sent.load(Ordering::Relaxed),
            bytes_received: self.bytes_received.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
            ..Metered::default()
        }
    }
}
