//! Reading ahead for whoever goes through many entries, page after page.
//!
//! The first pages are read as they are asked for. Whoever asks for a third one that follows them goes through all of it:
//! from there on a request reads as much as one can, and the next is under way while what came is used.

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam_channel::Receiver;
use tokio::runtime::Handle;

use super::reading::read_all;
use super::server::Server;
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::KeyRange;
use crate::limits::READ_ENTRIES;

/// How many pages follow each other before anything is read ahead.
const FOLLOWING: u32 = 2;

/// What was read ahead of a range.
#[derive(Default)]
pub(super) struct Ahead {
    /// What follows the last page, and in which direction.
    next: Option<(KeyRange, bool)>,
    /// How many pages have followed each other.
    following: u32,
    /// Entries that come next.
    there: VecDeque<Entry>,
    /// What comes behind them, if it is under way.
    coming: Option<Receiver<Result<Vec<Entry>, DatabaseError>>>,
    /// What is left behind all that; `None` at the end.
    left: Option<KeyRange>,
}

impl Ahead {
    /// The page that is wanted, if it is read ahead.
    pub(super) fn read(
        &mut self,
        wanted: &ReadRange,
        server: &Arc<Server>,
        runtime: &Handle,
    ) -> Option<Result<Vec<Entry>, DatabaseError>> {
        let is_next = self
            .next
            .as_ref()
            .is_some_and(|(range, reverse)| *range == wanted.range && *reverse == wanted.reverse);
        if !is_next || wanted.limit == 0 || wanted.limit >= READ_ENTRIES {
            *self = Self::default();
            return None;
        }
        self.following += 1;
        if self.following < FOLLOWING {
            return None;
        }
        if self.following == FOLLOWING {
            self.left = Some(wanted.range.clone());
        }
        while self.there.len() < wanted.limit {
            if self.coming.is_none() {
                self.send_for(wanted.reverse, server, runtime);
            }
            let Some(coming) = self.coming.take() else { break };
            match coming.recv() {
                Ok(Ok(entries)) => self.take(entries, wanted.reverse),
                Ok(Err(error)) => {
                    // The same page can be asked for again.
                    *self = Self::default();
                    return Some(Err(error));
                }
                Err(_ended) => {
                    *self = Self::default();
                    return None;
                }
            }
        }
        let page: Vec<Entry> = self.there.drain(..wanted.limit.min(self.there.len())).collect();
        if self.coming.is_none() && self.there.len() < READ_ENTRIES / 2 {
            self.send_for(wanted.reverse, server, runtime);
        }
        self.follow(wanted, &page);
        Some(Ok(page))
    }

    /// Takes note of a page.
    pub(super) fn follow(&mut self, wanted: &ReadRange, page: &[Entry]) {
        let last = page.last().filter(|_| page.len() >= wanted.limit);
        self.next = last.map(|last| (wanted.range.after(&last.key, wanted.reverse), wanted.reverse));
    }

    fn send_for(&mut self, reverse: bool, server: &Arc<Server>, runtime: &Handle) {
        let Some(range) = self.left.clone().filter(|range| !range.is_empty()) else {
            return;
        };
        let (done, coming) = crossbeam_channel::bounded(1);
        let server = Arc::clone(server);
        runtime.spawn(async move {
            let wanted = ReadRange {
                range,
                limit: READ_ENTRIES,
                reverse,
            };
            let read = read_all(&server, vec![wanted]).await;
            let read = read.map(|mut pages| pages.pop().unwrap_or_default());
            let _somebody_waits = done.send(read);
        });
        self.coming = Some(coming);
    }

    fn take(&mut self, entries: Vec<Entry>, reverse: bool) {
        let last = entries.last().filter(|_| entries.len() >= READ_ENTRIES);
        self.left = match (last, self.left.take()) {
            (Some(last), Some(left)) => Some(left.after(&last.key, reverse)),
            _ => None,
        };
        self.there.extend(entries);
    }
}
