//! Changes of ranges, found by comparing them again and again with what they were.
//!
//! The protocol tells of ten keys at most, so ranges are read: at first soon after one another, then less and less often
//! while nothing happens. Ranges of more entries than one request reads are not compared, because each look would cost as
//! much as reading them; of those only what is committed through this database is told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::select;
use tokio::sync::{broadcast, oneshot};
use tokio::time::sleep;

use super::reading::read_all;
use super::server::Server;
use crate::atomic::{AtomicOperation, MutationKind};
use crate::change::{Before, Change, FeedEvent};
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyPart, KeyRange};
use crate::limits::{LimitError, READ_ENTRIES, READ_KEY_BYTES};
use crate::subscription::{FeedSender, Wakes};
use crate::versionstamp::Versionstamp;

/// Between two looks: after a change, and at most.
const SOON: Duration = Duration::from_secs(1);
const SELDOM: Duration = Duration::from_secs(60);
/// Bytes of values that are remembered of one range.
const VALUE_BYTES: usize = 16 << 20;

/// Commits of this side, for feeds.
pub(super) type OwnCommits = broadcast::Sender<Arc<OwnCommit>>;

/// What a commit of this side may have changed.
pub(super) struct OwnCommit {
    pub(super) keys: Vec<EncodedKey>,
    pub(super) versionstamp: Versionstamp,
}

impl OwnCommit {
    pub(super) fn new(operation: &AtomicOperation, versionstamp: Versionstamp) -> Self {
        let keys = operation.mutations.iter().map(|mutation| match mutation.kind {
            MutationKind::SetSuffixVersionstampedKey { .. } => {
                let part = KeyPart::String(versionstamp.to_string());
                let suffix = crate::key::Key::from_iter([part]).encode();
                let suffix = suffix.unwrap_or_default();
                mutation.key.with_suffix(suffix.as_bytes())
            }
            _ => mutation.key.clone(),
        });
        let mut keys: Vec<EncodedKey> = keys.collect();
        keys.sort();
        keys.dedup();
        Self { keys, versionstamp }
    }
}

/// A feed of changes.
pub(super) struct Comparing {
    server: Arc<Server>,
    ranges: Vec<Compared>,
    own: broadcast::Receiver<Arc<OwnCommit>>,
}

/// A range as it was.
struct Compared {
    range: KeyRange,
    /// `None` where it holds more than is compared.
    was: Option<BTreeMap<EncodedKey, Entry>>,
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
        let ranges = ranges.into_iter().map(|range| Compared {
            range,
            was: Some(BTreeMap::new()),
        });
        let mut comparing = Self {
            server,
            ranges: ranges.collect(),
            own,
        };
        comparing.look().await?;
        Ok(comparing)
    }

    /// What changed since the last look, by commits, and whether a range has outgrown what is compared.
    async fn look(&mut self) -> Result<(BTreeMap<Versionstamp, Vec<Change>>, bool), DatabaseError> {
        let compared = self.ranges.iter().filter(|range| range.was.is_some());
        let wanted = compared.map(|compared| ReadRange {
            range: compared.range.clone(),
            // Enough to see that there are more than can be compared, and else what there is and some more.
            limit: match compared.was.as_ref().map_or(0, BTreeMap::len) {
                0 => READ_ENTRIES,
                known => (known + known / 4 + 8).min(READ_ENTRIES),
            },
            reverse: false,
        });
        let wanted: Vec<ReadRange> = wanted.collect();
        let limits: Vec<usize> = wanted.iter().map(|range| range.limit).collect();
        let mut found = match wanted.is_empty() {
            true => Vec::new(),
            false => read_all(&self.server, wanted).await?,
        };
        // Some of it may have grown since.
        for (page, limit) in found.iter_mut().zip(&limits) {
            if page.len() == *limit
                && *limit < READ_ENTRIES
                && let Some(last) = page.last()
            {
                let range = self
                    .ranges
                    .iter()
                    .find(|compared| compared.range.contains(&last.key));
                if let Some(compared) = range {
                    let rest = ReadRange {
                        range: compared.range.after(&last.key, false),
                        limit: READ_ENTRIES - limit,
                        reverse: false,
                    };
                    let mut rest = read_all(&self.server, vec![rest]).await?;
                    page.append(&mut rest.pop().unwrap_or_default());
                }
            }
        }
        let newest = self.server.newest().unwrap_or_default();
        let mut changes: BTreeMap<Versionstamp, Vec<Change>> = BTreeMap::new();
        let mut has_outgrown = false;
        let compared = self.ranges.iter_mut().filter(|range| range.was.is_some());
        for (compared, page) in compared.zip(found) {
            if page.len() >= READ_ENTRIES {
                compared.was = None;
                has_outgrown = true;
                continue;
            }
            for change in compared.compare(page, newest) {
                changes.entry(change.versionstamp).or_default().push(change);
            }
        }
        Ok((changes, has_outgrown))
    }

    /// What stands under the keys of a commit of this side, where that is not found by comparing.
    async fn look_at(&self, own: &OwnCommit) -> Result<Vec<Change>, DatabaseError> {
        let is_nameless = |key: &&EncodedKey| {
            self.ranges
                .iter()
                .any(|compared| compared.was.is_none() && compared.range.contains(key))
        };
        let keys: Vec<&EncodedKey> = own.keys.iter().filter(is_nameless).collect();
        let ranges = keys.iter().map(|key| ReadRange {
            range: KeyRange::only(key),
            limit: 1,
            reverse: false,
        });
        let found = read_all(&self.server, ranges.collect()).await?;
        let changes = keys.into_iter().zip(found).map(|(key, mut page)| {
            let after = page.pop();
            Change {
                key: key.clone(),
                versionstamp: after
                    .as_ref()
                    .map_or(own.versionstamp, |entry| entry.versionstamp),
                before: Before::Unknown,
                after,
            }
        });
        Ok(changes.collect())
    }

    /// Tells of changes until nobody listens.
    pub(super) async fn follow(mut self, sender: FeedSender, mut dropped: oneshot::Receiver<()>) {
        let mut pause = SOON;
        let mut is_gone = false;
        let send = |event| sender.send(event, &mut Wakes::default());
        loop {
            let is_comparing = self.ranges.iter().any(|range| range.was.is_some()) || is_gone;
            let own = select! {
                _ = &mut dropped => return,
                () = sleep(pause), if is_comparing => None,
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
                looked = async {
                    let (changes, has_outgrown) = self.look().await?;
                    let of_own = match &own {
                        Some(own) => self.look_at(own).await?,
                        None => Vec::new(),
                    };
                    Ok::<_, DatabaseError>((changes, has_outgrown, of_own))
                } => looked,
            };
            match looked {
                Ok((changes, has_outgrown, of_own)) => {
                    if std::mem::take(&mut is_gone) || has_outgrown {
                        send(FeedEvent::Lagged { missed: None });
                    }
                    pause = match changes.is_empty() && own.is_none() {
                        true => (pause * 3 / 2).min(SELDOM),
                        false => SOON,
                    };
                    changes
                        .into_values()
                        .chain([of_own])
                        .for_each(|changes| send(FeedEvent::Changes(changes)));
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
}

impl Compared {
    fn compare(&mut self, page: Vec<Entry>, newest: Versionstamp) -> Vec<Change> {
        let mut was = self.was.take().unwrap_or_default();
        let mut now = BTreeMap::new();
        let mut changes = Vec::new();
        let mut bytes = 0;
        for entry in page {
            let before = was.remove(&entry.key);
            let is_same = before
                .as_ref()
                .is_some_and(|before| before.versionstamp == entry.versionstamp);
            if !is_same {
                changes.push(Change {
                    key: entry.key.clone(),
                    versionstamp: entry.versionstamp,
                    before: before.map_or(Before::Absent, Before::Entry),
                    after: Some(entry.clone()),
                });
            }
            bytes += entry.value.bytes.len();
            now.insert(entry.key.clone(), entry);
        }
        let gone = was.into_values().map(|entry| Change {
            key: entry.key.clone(),
            versionstamp: newest,
            before: Before::Entry(entry),
            after: None,
        });
        changes.extend(gone);
        // More than can be remembered is not compared.
        self.was = (bytes <= VALUE_BYTES).then_some(now);
        changes
    }
}
