//! What was read last, which is most likely what somebody looks at.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::server::lock;
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::key::KeyRange;

/// Pages that are remembered.
const PAGES: usize = 4;
/// Entries of a page that is remembered: fewer are looked up, not looked at, and more are gone through.
const ENTRIES: std::ops::RangeInclusive<usize> = 32..=600;

/// The newest pages, none of which overlap, as long as somebody wants them.
#[derive(Default)]
pub(super) struct Recent {
    wanted: AtomicUsize,
    pages: Mutex<VecDeque<Arc<Page>>>,
    news: Notify,
}

/// What was read.
pub(super) struct Page {
    /// Of which keys it is all.
    pub(super) range: KeyRange,
    /// In key order.
    pub(super) entries: Vec<Entry>,
}

/// Wants pages to be remembered until it is dropped.
pub(super) struct Wanted(Arc<Recent>);

impl Recent {
    /// Remembers pages from now on.
    pub(super) fn want(self: &Arc<Self>) -> Wanted {
        self.wanted.fetch_add(1, Ordering::AcqRel);
        Wanted(Arc::clone(self))
    }

    /// Takes note of what was read.
    pub(super) fn saw(&self, wanted: &ReadRange, entries: &[Entry]) {
        if self.wanted.load(Ordering::Acquire) == 0 || !ENTRIES.contains(&wanted.limit.min(601)) {
            return;
        }
        let mut range = wanted.range.clone();
        if entries.len() >= wanted.limit
            && let Some(last) = entries.last()
        {
            // What is behind the last one was not read.
            match wanted.reverse {
                true => range.start = last.key.clone(),
                false => range.end = last.key.with_suffix(&[0]),
            }
        }
        let mut entries = entries.to_vec();
        if wanted.reverse {
            entries.reverse();
        }
        let mut pages = lock(&self.pages);
        pages.retain(|page| page.range.end <= range.start || range.end <= page.range.start);
        pages.push_front(Arc::new(Page { range, entries }));
        pages.truncate(PAGES);
        drop(pages);
        self.news.notify_waiters();
    }

    /// The newest first.
    pub(super) fn pages(&self) -> Vec<Arc<Page>> {
        lock(&self.pages).iter().cloned().collect()
    }
}

impl Wanted {
    pub(super) fn pages(&self) -> Vec<Arc<Page>> {
        self.0.pages()
    }

    /// Waits until something is read.
    pub(super) async fn news(&self) {
        self.0.news.notified().await;
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        if self.0.wanted.fetch_sub(1, Ordering::AcqRel) == 1 {
            lock(&self.0.pages).clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::EncodedKey;
    use crate::value::{Encoding, StoredValue};
    use crate::versionstamp::Versionstamp;

    fn key(number: u8) -> EncodedKey {
        EncodedKey::from_bytes(vec![number])
    }

    fn read(from: u8, to: u8, limit: usize, reverse: bool) -> (ReadRange, Vec<Entry>) {
        let range = KeyRange {
            start: key(from),
            end: key(to),
        };
        let wanted = ReadRange {
            range,
            limit,
            reverse,
        };
        let mut numbers: Vec<u8> = (from..to).collect();
        if reverse {
            numbers.reverse();
        }
        let entries = numbers.into_iter().take(limit).map(|number| Entry {
            key: key(number),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: bytes::Bytes::new(),
            },
            versionstamp: Versionstamp::default(),
            expires_at: None,
        });
        (wanted, entries.collect())
    }

    fn ranges(recent: &Recent) -> Vec<(EncodedKey, EncodedKey)> {
        let pages = recent.pages().into_iter();
        pages
            .map(|page| (page.range.start.clone(), page.range.end.clone()))
            .collect()
    }

    #[test]
    fn pages_are_remembered_while_somebody_wants_them_and_tell_what_they_are_all_of() {
        let recent = Arc::new(Recent::default());
        let see = |from, to, limit, reverse| {
            let (wanted, entries) = read(from, to, limit, reverse);
            recent.saw(&wanted, &entries);
        };
        see(1, 90, 40, false);
        assert!(ranges(&recent).is_empty());
        let wanted = recent.want();
        see(1, 90, 40, false);
        see(100, 200, 40, true);
        see(200, 210, 40, false);
        // These are looked up.
        see(220, 230, 1, false);
        assert_eq!(
            ranges(&recent),
            [
                (key(200), key(210)),
                (key(160), key(200)),
                (key(1), key(40).with_suffix(&[0]))
            ]
        );
        assert!(
            wanted.pages()[1]
                .entries
                .is_sorted_by(|one, next| one.key < next.key)
        );
        // What is read again takes the place of what overlaps it.
        see(30, 90, 200, false);
        assert_eq!(ranges(&recent).len(), 3);
        assert_eq!(ranges(&recent)[0], (key(30), key(90)));
        drop(wanted);
        assert!(ranges(&recent).is_empty());
    }
}
