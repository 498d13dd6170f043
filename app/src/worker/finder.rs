//! Searches keys and values for a pattern until it is done, full or told to stop: one thread reads, others look.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use keyglass_store::database::Database;
use keyglass_store::key::EncodedKey;
use keyglass_store::value::literal;
use keyglass_store::{DatabaseError, Entry};

use super::lane::spawn_lane;
use super::pages::{Page, PageReader};
use super::{Answers, Asked};
use crate::errand::{Answer, Find, FindProgress, HIT_LIMIT, Hit, ReadError, Search};
use crate::threads::{NoThread, spawn_scoped};

/// How often it says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// Characters of the preview of a value that was found by its key.
const PREVIEW_CHARS: usize = 200;
/// The most threads that look at what one thread reads.
const MOST_LOOKERS: usize = 8;

/// What a page came to.
#[derive(Default)]
struct LookedAt {
    entries: u64,
    /// Of these, those that were left out because they have expired.
    expired: u64,
    hits: Vec<Hit>,
}

/// Which page was looked at, and what it came to.
type Looked = (u64, Result<LookedAt, DatabaseError>);

/// Starts the thread. It works on the search whose number `current` holds, and on no other.
pub(super) fn spawn(
    database: Arc<dyn Database>,
    asked: Receiver<Asked<Find>>,
    answers: Answers,
    current: Arc<AtomicU64>,
) -> Result<(), NoThread> {
    spawn_lane(&answers.clone(), "finder", asked, move |errand| match errand {
        Find::Begin(search) => {
            if let Err(error) = find(&*database, &search, &answers, &current) {
                answers.answer(Answer::Found {
                    search: search.search,
                    hits: Err(error),
                    progress: FindProgress {
                        ended: true,
                        ..FindProgress::default()
                    },
                });
            }
        }
        Find::Forget(hits) => drop(hits),
        // The worker has told by the number.
        Find::Stop { .. } => {}
    })
}

fn find(
    database: &dyn Database,
    search: &Search,
    answers: &Answers,
    current: &AtomicU64,
) -> Result<(), ReadError> {
    let is_over = || current.load(Ordering::Acquire) != search.search;
    let reader = &PageReader::new(database, &is_over);
    let now = database.clock().now();
    // Reading takes little of a core where looking takes long.
    let num_lookers = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_LOOKERS);
    // Each ends when the other side of its channel does, so that nothing of it is kept here.
    std::thread::scope(|scope| {
        let (to_look_at, pages) = bounded(num_lookers + 1);
        let (to_tell, looked) = bounded(num_lookers + 1);
        spawn_scoped(scope, "finder reads", move || {
            reader.read(search.range.clone(), &to_look_at);
        })?;
        for _ in 0..num_lookers {
            let looker = Looker {
                search,
                now,
                is_over: &is_over,
                pages: pages.clone(),
                to_tell: to_tell.clone(),
            };
            spawn_scoped(scope, "finder looks", move || looker.run())?;
        }
        drop((pages, to_tell));
        Gathering::new(search, answers).collect(looked, is_over)
    })
}

/// Looks at pages, in whatever order they come.
struct Looker<'a, F> {
    search: &'a Search,
    /// What has expired by now, in milliseconds since the Unix epoch, is left out unless it was asked for.
    now: i64,
    is_over: &'a F,
    pages: Receiver<Page>,
    to_tell: Sender<Looked>,
}

impl<F: Fn() -> bool> Looker<'_, F> {
    fn run(&self) {
        for (page, entries) in &self.pages {
            let looked = match entries {
                Ok(entries) => {
                    let mut looked = LookedAt {
                        entries: entries.len() as u64,
                        ..LookedAt::default()
                    };
                    for entry in &entries {
                        // Large values take long, so that one of them is a step of its own.
                        if (self.is_over)() {
                            return;
                        }
                        if entry.has_expired(self.now) && !self.search.expired {
                            looked.expired += 1;
                        } else {
                            looked.hits.extend(look_at(self.search, entry));
                        }
                    }
                    Ok(looked)
                }
                Err(error) => Err(error),
            };
            if self.to_tell.send((page, looked)).is_err() {
                return;
            }
        }
    }
}

fn look_at(search: &Search, entry: &Entry) -> Option<Hit> {
    let Search { pattern, place, .. } = search;
    let in_key = if place.has_keys() {
        pattern.find_in_key(&entry.key)
    } else {
        None
    };
    let in_value = if place.has_values() {
        pattern.find_in_value(&entry.value)
    } else {
        None
    };
    if in_key.is_none() && in_value.is_none() {
        return None;
    }
    let preview = match in_value {
        Some(_) => literal::Preview::default(),
        None => literal::preview(&entry.value, PREVIEW_CHARS),
    };
    Some(Hit {
        // A key of its own, which does not hold on to the block that was read.
        key: EncodedKey::from_bytes(entry.key.as_bytes().to_vec()),
        in_key,
        in_value,
        preview,
        type_name: entry.value.type_name(),
        size: entry.value.bytes.len() as u64,
        expires_at: entry.expires_at,
    })
}

/// Puts what was found in order and tells it.
struct Gathering<'a> {
    search: &'a Search,
    answers: &'a Answers,
    /// What was found and not told yet.
    found: Vec<Hit>,
    num_found: usize,
    progress: FindProgress,
    told: Instant,
}

impl<'a> Gathering<'a> {
    fn new(search: &'a Search, answers: &'a Answers) -> Self {
        Self {
            search,
            answers,
            found: Vec::new(),
            num_found: 0,
            progress: FindProgress::default(),
            told: Instant::now(),
        }
    }

    /// Takes all there is, or as much as is kept.
    fn collect(
        &mut self,
        looked: Receiver<Looked>,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<(), ReadError> {
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (page, looked) in looked {
            waiting.insert(page, looked);
            while let Some(looked) = waiting.remove(&next) {
                next += 1;
                self.take(looked?);
                self.tell();
                if self.progress.ended {
                    return Ok(());
                }
            }
        }
        // All have ended, of themselves or because something else is searched for.
        if !is_cancelled() {
            self.progress.ended = true;
            self.tell();
        }
        Ok(())
    }

    fn take(&mut self, looked: LookedAt) {
        let mut hits = looked.hits;
        hits.truncate(HIT_LIMIT - self.num_found);
        self.num_found += hits.len();
        self.found.append(&mut hits);
        self.progress.looked_at += looked.entries - looked.expired;
        self.progress.expired += looked.expired;
        self.progress.ended = self.num_found == HIT_LIMIT;
    }

    /// The first matches are told at once, then what has gathered now and then.
    fn tell(&mut self) {
        let is_first = self.num_found > 0 && self.num_found == self.found.len();
        if is_first || self.progress.ended || self.told.elapsed() >= PROGRESS_INTERVAL {
            self.told = Instant::now();
            self.answers.answer(Answer::Found {
                search: self.search.search,
                hits: Ok(std::mem::take(&mut self.found)),
                progress: self.progress,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crossbeam_channel::unbounded;
    use keyglass_store::key::KeyRange;

    use super::super::seek::tests::{database, key};
    use super::*;
    use crate::errand::Place;
    use crate::outstanding::Outstanding;
    use crate::search::Pattern;
    use crate::worker::Notifier;

    fn search(text: &str) -> Search {
        Search {
            search: 1,
            pattern: Pattern::text(text, false).unwrap(),
            place: Place::Both,
            range: KeyRange::everything(),
            expired: false,
        }
    }

    fn answers() -> (Answers, Receiver<Answer>) {
        #[expect(clippy::disallowed_methods, reason = "a test takes all of it")]
        let (sender, received) = unbounded();
        let notifier = Notifier::new(Arc::new(|_| ()));
        (
            Answers {
                sender,
                notifier,
                threads: Outstanding::default(),
                _under_way: None,
            },
            received,
        )
    }

    /// All that was told.
    fn told(received: &Receiver<Answer>) -> (Vec<Hit>, Vec<FindProgress>) {
        let mut all = (Vec::new(), Vec::new());
        for answer in received.try_iter() {
            if let Answer::Found { hits, progress, .. } = answer {
                all.0.extend(hits.unwrap());
                all.1.push(progress);
            }
        }
        all
    }

    #[test]
    fn what_several_threads_find_is_told_in_key_order_and_nothing_is_left_out() {
        let keys: Vec<String> = (10_000..16_000).map(|number| format!("[{number}]")).collect();
        let (_folder, store) = database(&keys);
        let (answers, received) = answers();
        find(&store, &search("77"), &answers, &AtomicU64::new(1)).unwrap();
        let (hits, progress) = told(&received);
        let found: Vec<String> = hits.iter().map(|hit| hit.key.to_string()).collect();
        let expected: Vec<String> = keys.into_iter().filter(|key| key.contains("77")).collect();
        assert_eq!(found, expected);
        let ended = FindProgress {
            looked_at: 6000,
            expired: 0,
            ended: true,
        };
        assert_eq!(progress.last(), Some(&ended));
        assert_eq!(progress.iter().filter(|progress| progress.ended).count(), 1);
    }

    #[test]
    fn a_search_that_nobody_waits_for_tells_nothing() {
        let (_folder, store) = database(&["[77]".to_owned()]);
        let (answers, received) = answers();
        find(&store, &search("77"), &answers, &AtomicU64::new(2)).unwrap();
        assert!(received.is_empty());
    }

    #[test]
    fn a_search_ends_with_as_many_hits_as_are_kept() {
        let search = search("77");
        let (answers, received) = answers();
        let entry = Entry {
            key: key("[77]"),
            value: crate::model::draft::parse_value("1").unwrap(),
            versionstamp: keyglass_store::Versionstamp::from_counter(1),
            expires_at: None,
        };
        let hit = look_at(&search, &entry).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test takes all of it")]
        let (to_tell, looked) = unbounded();
        // They come in any order.
        for page in [1, 0, 2] {
            to_tell
                .send((
                    page,
                    Ok(LookedAt {
                        entries: HIT_LIMIT as u64,
                        expired: 0,
                        hits: vec![hit.clone(); HIT_LIMIT / 2 + 1],
                    }),
                ))
                .unwrap();
        }
        Gathering::new(&search, &answers)
            .collect(looked, || false)
            .unwrap();
        let (hits, progress) = told(&received);
        assert_eq!(hits.len(), HIT_LIMIT);
        assert!(progress.last().unwrap().ended);
    }
}
