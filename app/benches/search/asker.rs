//! Asks the background threads as the window does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use keyglass::errand::{Answer, Find, Hit, Place, Search, Sift};
use keyglass::search::Pattern;
use keyglass::worker::{Notifier, Worker};
use keyglass_store::Database;
use keyglass_store::key::{EncodedKey, KeyRange};

use crate::Outcome;

/// How long nothing may be heard of a search.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a search runs before it is cancelled.
const BEFORE_CANCEL: Duration = Duration::from_millis(150);

/// The background threads of the database, and the ear for their replies.
pub struct Asker {
    worker: Worker,
    notifier: Notifier,
    woken: Receiver<()>,
    number: u64,
}

/// How long a search took.
#[derive(Clone, Copy)]
pub struct Took {
    /// Until the first match was told.
    pub first: Option<Duration>,
    /// Until the end.
    pub whole: Duration,
    /// Entries or keys that were looked at.
    pub looked_at: u64,
    /// Matches.
    pub found: usize,
}

impl Asker {
    pub fn start(database: &Arc<dyn Database>) -> Outcome<Self> {
        let (sender, woken) = bounded(1);
        let notifier = Notifier::new(Arc::new(move |_| {
            // One waiting wish to wake up is as good as many.
            let _full = sender.try_send(());
        }));
        let worker = Worker::start(Arc::clone(database), &notifier)?;
        Ok(Self {
            worker,
            notifier,
            woken,
            number: 0,
        })
    }

    /// Searches everything.
    pub fn find(&mut self, text: &str, is_expression: bool, place: Place) -> Outcome<Took> {
        self.find_hits(text, is_expression, place, |_| ())
    }

    /// Searches everything and hands over what is found.
    pub fn find_hits(
        &mut self,
        text: &str,
        is_expression: bool,
        place: Place,
        mut take: impl FnMut(Vec<Hit>),
    ) -> Outcome<Took> {
        let begun = Instant::now();
        let asked = self.ask(text, is_expression, place)?;
        let mut first = None;
        let mut num_found = 0;
        loop {
            for answer in self.answers()? {
                let Answer::Found {
                    search,
                    hits,
                    progress,
                } = answer
                else {
                    continue;
                };
                if search != asked {
                    continue;
                }
                let hits = hits?;
                if !hits.is_empty() && first.is_none() {
                    first = Some(begun.elapsed());
                }
                num_found += hits.len();
                take(hits);
                if progress.ended {
                    return Ok(Took {
                        first,
                        whole: begun.elapsed(),
                        looked_at: progress.looked_at,
                        found: num_found,
                    });
                }
            }
        }
    }

    fn ask(&mut self, text: &str, is_expression: bool, place: Place) -> Outcome<u64> {
        self.number += 1;
        let pattern = if is_expression {
            Pattern::regular_expression(text, false)?
        } else {
            Pattern::text(text, false)?
        };
        let search = Search {
            search: self.number,
            pattern,
            place,
            range: KeyRange::at_and_below(&EncodedKey::default()),
            expired: false,
        };
        self.worker.send(Find::Begin(Box::new(search)).into());
        Ok(self.number)
    }

    /// How long it takes until another search is told of after the one that runs was cancelled.
    pub fn cancel(&mut self) -> Outcome<Duration> {
        // Every value must be decoded for this one.
        self.ask(r"\d{9}\.99", true, Place::Both)?;
        std::thread::sleep(BEFORE_CANCEL);
        let begun = Instant::now();
        let next = self.ask("events", false, Place::Keys)?;
        loop {
            let is_next = |answer: &Answer| matches!(answer, Answer::Found { search, .. } if *search == next);
            if self.answers()?.iter().any(is_next) {
                let taken = begun.elapsed();
                self.number += 1;
                self.worker.send(Find::Stop { search: self.number }.into());
                return Ok(taken);
            }
        }
    }

    /// Filters the tree.
    pub fn filter(&mut self, text: &str) -> Outcome<Took> {
        self.number += 1;
        let asked = self.number;
        let begun = Instant::now();
        let sift = Sift::Begin {
            filter: asked,
            pattern: Box::new(Pattern::text(text, false)?),
        };
        self.worker.send(sift.into());
        let mut first = None;
        loop {
            for answer in self.answers()? {
                let Answer::Filtered { filter, nodes, state } = answer else {
                    continue;
                };
                if filter != asked {
                    continue;
                }
                if !nodes?.is_empty() && first.is_none() {
                    first = Some(begun.elapsed());
                }
                if state.ended {
                    return Ok(Took {
                        first,
                        whole: begun.elapsed(),
                        looked_at: state.looked_at,
                        found: state.found,
                    });
                }
            }
        }
    }

    /// Waits for what comes next.
    fn answers(&mut self) -> Outcome<Vec<Answer>> {
        self.woken
            .recv_timeout(PATIENCE)
            .map_err(|error| format!("Nothing was heard of the search for a minute ({error})"))?;
        self.notifier.clear();
        Ok(self.worker.answers().collect())
    }
}
