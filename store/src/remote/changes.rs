//! Changes of ranges, found by comparing them again and again with what they were.
//!
//! The protocol tells of ten keys at most, so ranges are read: at first soon after one another, then less and less often
//! while nothing happens. A range of so many entries that this would cost too much is not read whole: of such a one the
//! pages that were read last are compared, which is what somebody looks at, and what is committed through this database
//! is told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::select;
use tokio::sync::{broadcast, oneshot};
use tokio::time::sleep;

use super::compared::{Compared, Found};
use super::reading::{get_all, read_all};
use super::recent::Wanted;
use super::server::Server;
use crate::atomic::{AtomicOperation, MutationKind};
use crate::change::{Before, Change, FeedEvent};
use crate::error::DatabaseError;
use crate::key::{EncodedKey, Key, KeyPart, KeyRange};
use crate::limits::{LimitError, READ_KEY_BYTES};
use crate::subscription::{FeedSender, Wakes};
use crate::versionstamp::Versionstamp;

/// Between two looks: after a change, and at most.
pub(super) const SOON: Duration = Duration::from_secs(1);
pub(super) const SELDOM: Duration = Duration::from_secs(60);

/// Commits of this side, for feeds.
pub(super) type OwnCommits = broadcast::Sender<Arc<OwnCommit>>;

/// What a commit of this side may have changed.
pub(super) struct OwnCommit {
    keys: Vec<EncodedKey>,
    versionstamp: Versionstamp,
}

impl OwnCommit {
    pub(super) fn new(operation: &AtomicOperation, versionstamp: Versionstamp) -> Self {
        let keys = operation.mutations.iter().map(|mutation| match mutation.kind {
            MutationKind::SetSuffixVersionstampedKey { .. } => {
                let part = KeyPart::String(versionstamp.to_string());
                let suffix = Key::from_iter([part]).encode().unwrap_or_default();
                mutation.key.with_suffix(suffix.as_bytes())
            }
            _ => mutation.key.clone(),
        });
        let mut keys: Vec<EncodedKey> = keys.collect();
        keys.sort();
        keys.dedup();
        Self { keys, versionstamp }
    }

    /// Whether it may have changed this key.
    pub(super) fn changes(&self, key: &EncodedKey) -> bool {
        self.keys.binary_search(key).is_ok()
    }
}

/// A feed of changes.
pub(super) struct Comparing {
    server: Arc<Server>,
    compared: Vec<Compared>,
    /// Ranges that are too large to be compared whole.
    large: Vec<KeyRange>,
    /// What was read last; only of interest where there are large ranges.
    recent: Option<Wanted>,
    own: broadcast::Receiver<Arc<OwnCommit>>,
}

/// What a look found.
#[derive(Default)]
struct Seen {
    changes: BTreeMap<Versionstamp, Vec<Change>>,
    /// Whether a range has become too large, so that something may have been missed.
    has_outgrown: bool,
}

impl Comparing {
    /// Reads the ranges as they are now.
    pub(super) async fn begin(
        server: Arc<Server>,
        ranges: Vec<KeyRange>,
        own: broadcast::Receiver<Arc<OwnCommit>>,
    ) -> Result<Self, DatabaseError> {
        let is_long = |key: &EncodedKey| key.as_bytes().len() > READ_KEY_BYTES;
        if ranges
            .iter()
            .any(|range| is_long(&range.start) || is_long(&range.end))
        {
            return Err(LimitError::KeyForRead(READ_KEY_BYTES).into());
        }
        let mut comparing = Self {
            server,
            compared: ranges.into_iter().map(Compared::whole).collect(),
            large: Vec::new(),
            recent: None,
            own,
        };
        comparing.look().await?;
        Ok(comparing)
    }

    /// Reads what is compared.
    async fn look(&mut self) -> Result<Seen, DatabaseError> {
        self.turn_to_recent();
        let wanted: Vec<_> = self.compared.iter().map(Compared::wanted).collect();
        let pages = match wanted.is_empty() {
            true => Vec::new(),
            false => read_all(&self.server, wanted).await?,
        };
        let newest = self.server.newest().unwrap_or_default();
        let mut seen = Seen::default();
        let all = std::mem::take(&mut self.compared).into_iter().zip(pages);
        for (mut compared, page) in all {
            match compared.compare(page, newest) {
                Found::Changes(changes) => {
                    for change in changes {
                        seen.changes.entry(change.versionstamp).or_default().push(change);
                    }
                    self.compared.push(compared);
                }
                Found::TooMuch => {
                    seen.has_outgrown = true;
                    self.large.push(compared.range);
                    self.recent.get_or_insert_with(|| self.server.recent.want());
                }
            }
        }
        Ok(seen)
    }

    /// Compares of large ranges what was read last, and nothing else any more.
    fn turn_to_recent(&mut self) {
        let Some(recent) = &self.recent else { return };
        let pages = recent.pages();
        self.compared.retain(|compared| {
            let page = compared.page.as_ref();
            page.is_none_or(|page| pages.iter().any(|other| Arc::ptr_eq(page, other)))
        });
        for page in &pages {
            let is_page = |compared: &Compared| {
                let of = compared.page.as_ref();
                of.is_some_and(|of| Arc::ptr_eq(of, page))
            };
            if !self.compared.iter().any(is_page) {
                let parts = self.large.iter().filter_map(|range| Compared::page(page, range));
                self.compared.extend(parts);
            }
        }
    }

    /// What stands under the keys of a commit of this side, where that is not found by comparing.
    async fn look_at(&self, own: &OwnCommit) -> Result<Vec<Change>, DatabaseError> {
        let keys = own.keys.iter().filter(|key| {
            let mut compared = self.compared.iter().map(|compared| &compared.range);
            self.large.iter().any(|range| range.contains(key)) && !compared.any(|range| range.contains(key))
        });
        let keys: Vec<EncodedKey> = keys.cloned().collect();
        let found = get_all(&self.server, &keys).await?;
        let changes = keys.into_iter().zip(found).map(|(key, after)| Change {
            key,
            versionstamp: after
                .as_ref()
                .map_or(own.versionstamp, |entry| entry.versionstamp),
            before: Before::Unknown,
            after,
        });
        Ok(changes.collect())
    }

    /// Tells of changes until nobody listens.
    pub(super) async fn follow(mut self, sender: FeedSender, mut dropped: oneshot::Receiver<()>) {
        let mut pause = SOON;
        let mut is_gone = false;
        let send = |event| sender.send(event, &mut Wakes::default());
        loop {
            let own = select! {
                _ = &mut dropped => return,
                () = sleep(pause) => None,
                // Somebody looks at something else, or goes through all of it.
                () = news(self.recent.as_ref()) => {
                    pause = SOON;
                    continue;
                }
                own = self.own.recv() => match own {
                    Ok(own) => Some(own),
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        send(FeedEvent::Lagged { missed: None });
                        None
                    }
                    Err(broadcast::error::RecvError::Closed) => return,
                },
            };
            let looked = select! {
                _ = &mut dropped => return,
                looked = self.look_for(own.as_deref()) => looked,
            };
            match looked {
                Ok((seen, of_own)) => {
                    if std::mem::take(&mut is_gone) || seen.has_outgrown {
                        send(FeedEvent::Lagged { missed: None });
                    }
                    pause = match seen.changes.is_empty() && own.is_none() {
                        true => (pause * 3 / 2).min(SELDOM),
                        false => SOON,
                    };
                    let all = seen.changes.into_values().chain([of_own]);
                    all.for_each(|changes| send(FeedEvent::Changes(changes)));
                }
                Err(_unanswered) => {
                    if !std::mem::replace(&mut is_gone, true) {
                        send(FeedEvent::Gone);
                    }
                    pause = (pause * 2).min(SELDOM / 2);
                }
            }
        }
    }

    /// Looks, and at what a commit of this side changed.
    async fn look_for(&mut self, own: Option<&OwnCommit>) -> Result<(Seen, Vec<Change>), DatabaseError> {
        let seen = self.look().await?;
        let of_own = match own {
            Some(own) => self.look_at(own).await?,
            None => Vec::new(),
        };
        Ok((seen, of_own))
    }
}

async fn news(recent: Option<&Wanted>) {
    match recent {
        Some(recent) => recent.news().await,
        None => std::future::pending().await,
    }
}
