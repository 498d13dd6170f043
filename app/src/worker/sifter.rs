//! Goes through all keys for the tree's filter until it is done, full or told to stop: one thread reads, another looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use keyglass_store::Entry;
use keyglass_store::database::Database;
use keyglass_store::key::{EncodedKey, KeyRange};

use super::lane::spawn_lane;
use super::pages::{Page, PageReader};
use super::{Answers, Asked};
use crate::errand::{Answer, ReadError, SieveState, SievedNode, Sift};
use crate::model::tree::MATCH_LIMIT;
use crate::model::tree::sieve::Sieve;
use crate::search::Pattern;
use crate::threads::{NoThread, spawn_scoped};

/// Nodes that are told at once at most.
const BATCH: usize = 2000;
/// How often it says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// Pages that wait to be looked at.
const PAGES_AHEAD: usize = 2;

/// Starts the thread. It works on the filter whose number `current` holds, and on no other.
pub(super) fn spawn(
    database: Arc<dyn Database>,
    asked: Receiver<Asked<Sift>>,
    answers: Answers,
    current: Arc<AtomicU64>,
) -> Result<(), NoThread> {
    spawn_lane(&answers.clone(), "sifter", asked, move |errand| match errand {
        Sift::Begin { filter, pattern } => {
            if let Err(error) = sift(&*database, filter, *pattern, &answers, &current) {
                answers.answer(Answer::Filtered {
                    filter,
                    nodes: Err(error),
                    state: SieveState {
                        ended: true,
                        ..SieveState::default()
                    },
                });
            }
        }
        // The worker has told by the number.
        Sift::Stop { .. } => {}
    })
}

fn sift(
    database: &dyn Database,
    filter: u64,
    pattern: Pattern,
    answers: &Answers,
    current: &AtomicU64,
) -> Result<(), ReadError> {
    let is_over = || current.load(Ordering::Acquire) != filter;
    let reader = &PageReader::new(database, &is_over);
    std::thread::scope(|scope| {
        let (to_look_at, pages) = bounded(PAGES_AHEAD);
        spawn_scoped(scope, "sifter reads", move || {
            reader.read(KeyRange::at_and_below(&EncodedKey::default()), &to_look_at);
        })?;
        let mut sifting = Sifting {
            filter,
            sieve: Sieve::new(pattern),
            found: Vec::new(),
            told: None,
            answers,
        };
        sifting.take_all(pages, reader, &is_over)
    })
}

struct Sifting<'a> {
    filter: u64,
    sieve: Sieve,
    /// What was found and not told yet.
    found: Vec<SievedNode>,
    told: Option<Instant>,
    answers: &'a Answers,
}

impl Sifting<'_> {
    fn take_all(
        &mut self,
        pages: Receiver<Page>,
        reader: &PageReader<'_>,
        is_over: &dyn Fn() -> bool,
    ) -> Result<(), ReadError> {
        for (_, entries) in pages {
            if is_over() {
                return Ok(());
            }
            let entries = entries?;
            self.take(&entries);
            if self.sieve.state().found >= MATCH_LIMIT {
                break;
            }
            if let Some(resume) = self.sieve.resume() {
                reader.resume_at(resume);
            }
            let is_due = self.told.is_none_or(|told| told.elapsed() >= PROGRESS_INTERVAL);
            if is_due || self.found.len() >= BATCH {
                self.tell(false);
            }
        }
        if !is_over() {
            self.tell(true);
        }
        Ok(())
    }

    fn take(&mut self, entries: &[Entry]) {
        let mut left = entries;
        while let Some((entry, after)) = left.split_first() {
            if self.sieve.state().found >= MATCH_LIMIT {
                return;
            }
            self.sieve.take(&entry.key, &mut self.found);
            left = after;
            // What lies below a match is shown with it.
            if let Some(resume) = self.sieve.resume() {
                let skipped = left.partition_point(|entry| entry.key < resume);
                left = left.get(skipped..).unwrap_or_default();
            }
        }
    }

    fn tell(&mut self, ended: bool) {
        self.told = Some(Instant::now());
        self.answers.answer(Answer::Filtered {
            filter: self.filter,
            nodes: Ok(std::mem::take(&mut self.found)),
            state: SieveState {
                ended,
                ..self.sieve.state()
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::unbounded;
    use keyglass_store::database::ReadRange;

    use super::super::seek::tests::database;
    use super::*;
    use crate::outstanding::Outstanding;
    use crate::worker::Notifier;

    #[test]
    fn what_is_left_out_below_a_match_changes_nothing_of_what_is_told() {
        let keys: Vec<String> = (0..5000)
            .map(|number| match number % 3 {
                0 => format!(r#"["shelf {}", {number}, "book"]"#, number / 1500),
                1 => format!(r#"["shelf {}"]"#, number / 900),
                _ => format!(r#"["case", "shelf {}", {number}n]"#, number % 7),
            })
            .collect();
        let (_folder, store) = database(&keys);
        let read = ReadRange {
            range: KeyRange::everything(),
            limit: usize::MAX,
            reverse: false,
        };
        let entries = store.snapshot().unwrap().read(&read).unwrap();
        for text in ["shelf 1", "book", "77", "nothing"] {
            let pattern = Pattern::text(text, false).unwrap();
            let mut sieve = Sieve::new(pattern.clone());
            let mut expected = Vec::new();
            for entry in &entries {
                sieve.take(&entry.key, &mut expected);
            }
            #[expect(clippy::disallowed_methods, reason = "a test takes all of it")]
            let (sender, received) = unbounded();
            let notifier = Notifier::new(Arc::new(|_| ()));
            let answers = Answers {
                sender,
                notifier,
                threads: Outstanding::default(),
                _under_way: None,
            };
            sift(&store, 1, pattern, &answers, &AtomicU64::new(1)).unwrap();
            let mut told = Vec::new();
            let mut last = SieveState::default();
            for answer in received.try_iter() {
                if let Answer::Filtered { nodes, state, .. } = answer {
                    told.extend(nodes.unwrap());
                    last = state;
                }
            }
            assert_eq!(told, expected, "{text}");
            assert!(last.ended && last.looked_at <= entries.len() as u64);
        }
    }
}
