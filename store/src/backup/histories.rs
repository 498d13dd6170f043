//! Random histories of a database, backed up again and again, broken off anywhere and gone on with, beside a model that
//! remembers every moment.
//!
//! `KEYGLASS_HISTORIES` says how many there are (200 if it is not set).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tempfile::TempDir;

use super::killing::kill_after;
use super::{Backup, BackupError, BackupOptions, BackupReport, RestoreOptions, State, back_up};
use crate::atomic::AtomicOperation;
use crate::clock::Clock;
use crate::database::{Capabilities, Database, ReadRange, Snapshot};
use crate::embedded::{Durability, OpenOptions, Store};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, Key, KeyPart, KeyRange};
use crate::transfer::Progress;
use crate::value::{Encoding, StoredValue};
use crate::versionstamp::Versionstamp;
use pass_through::{Alteration, Altered};

#[path = "../../tests/pass_through/mod.rs"]
mod pass_through;

/// 2026-11-23 12:00:00 UTC.
const BEGINNING: i64 = 1_795_435_200_000;
/// What stands under a key: its value, and when it expires.
type Held = (String, Option<i64>);
type Contents = BTreeMap<EncodedKey, Held>;

fn key(number: u32) -> EncodedKey {
    let parts = [
        KeyPart::String(format!("shelf {}", number % 3)),
        KeyPart::Number(f64::from(number)),
    ];
    Key(parts.to_vec()).encode().unwrap()
}

fn value(text: &str) -> StoredValue {
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: text.as_bytes().to_vec().into(),
    }
}

/// A database that changes, and every state that it ever had.
struct World {
    store: Store,
    time: Arc<AtomicI64>,
    random: Mutex<StdRng>,
    /// Each state with the moment from which on it was so.
    states: Mutex<Vec<(i64, Contents)>>,
    changes: AtomicU64,
}

impl World {
    fn tick(&self, milliseconds: i64) -> i64 {
        self.time.fetch_add(milliseconds, Ordering::AcqRel) + milliseconds
    }

    /// Changes one key, at a moment of its own.
    fn change(&self) {
        let mut random = self.random.lock().unwrap();
        let key = key(random.gen_range(0..18));
        let at = self.tick(1);
        let mut states = self.states.lock().unwrap();
        let mut contents = states.last().unwrap().1.clone();
        let number = self.changes.fetch_add(1, Ordering::AcqRel);
        let operation = if random.gen_ratio(1, 3) {
            contents.remove(&key);
            AtomicOperation::new().delete(key)
        } else {
            // Sometimes the same value once more, which only the versionstamp tells.
            let text = format!("value {}", if random.gen_ratio(1, 3) { 0 } else { number });
            let expires_at = random.gen_ratio(1, 4).then(|| at + random.gen_range(1..60));
            contents.insert(key.clone(), (text.clone(), expires_at));
            AtomicOperation::new().set_expiring(key, value(&text), expires_at)
        };
        self.store.commit(operation).unwrap();
        states.push((at, contents));
        self.tick(1);
    }

    /// Whether a key had no entry at some time before a moment and at some time after it: where others read without a view
    /// of one moment, nothing tells them of an entry that came and went.
    fn came_and_went(&self, key: &EncodedKey, moment: i64) -> bool {
        let states = self.states.lock().unwrap();
        let (before, after): (Vec<_>, Vec<_>) = states.iter().partition(|(since, _)| *since <= moment);
        let now = self.time.load(Ordering::Acquire);
        let is_absent = |(_, contents): &&(i64, Contents)| {
            contents
                .get(key)
                .is_none_or(|held| held.1.is_some_and(|at| at <= now))
        };
        before.iter().any(is_absent) && after.iter().any(is_absent)
    }

    /// What there was at a moment, without what had expired.
    fn contents_at(&self, moment: i64) -> Contents {
        let states = self.states.lock().unwrap();
        let mut contents = states
            .iter()
            .rev()
            .find(|(since, _)| *since <= moment)
            .map(|(_, contents)| contents.clone())
            .unwrap();
        contents.retain(|_, (_, expires_at)| expires_at.is_none_or(|at| at > moment));
        contents
    }
}

/// The database as somebody sees it who has no view of one moment: others write between any two entries that he reads.
struct Straddling {
    world: Arc<World>,
    is_consistent: bool,
    /// Of how many entries one is followed by a change; none if it is zero.
    every: u32,
}

impl Alteration for Straddling {
    fn behind(&self) -> &dyn Database {
        &self.world.store
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            consistent_snapshots: self.is_consistent,
            ..self.world.store.capabilities()
        }
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        if self.is_consistent {
            return self.world.store.snapshot();
        }
        Ok(Box::new(Straddled {
            world: Arc::clone(&self.world),
            every: self.every,
        }))
    }
}

struct Straddled {
    world: Arc<World>,
    every: u32,
}

impl Snapshot for Straddled {
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        assert!(!range.reverse);
        let mut entries = Vec::new();
        let mut rest = range.range.clone();
        while entries.len() < range.limit {
            let one = ReadRange {
                range: rest.clone(),
                limit: 1,
                reverse: false,
            };
            let Some(entry) = self.world.store.snapshot()?.read(&one)?.pop() else {
                break;
            };
            rest = rest.after(&entry.key, false);
            entries.push(entry);
            self.world.tick(1);
            let changes = self.every > 0 && self.world.random.lock().unwrap().gen_ratio(1, self.every);
            if changes {
                self.world.change();
            }
        }
        Ok(entries)
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        self.world.store.get(key)
    }

    fn versionstamp(&self) -> Option<Versionstamp> {
        None
    }
}

fn contents(database: &dyn Database, range: &KeyRange) -> Contents {
    let all = ReadRange {
        range: range.clone(),
        limit: usize::MAX,
        reverse: false,
    };
    let entries = database.snapshot().unwrap().read(&all).unwrap().into_iter();
    entries
        .map(|entry| {
            let text = String::from_utf8(entry.value.bytes.to_vec()).unwrap();
            (entry.key, (text, entry.expires_at))
        })
        .collect()
}

/// A store without waits for the disk, for what is no test of it.
fn quick_store(folder: &Path, time: &Arc<AtomicI64>) -> Store {
    let time = Arc::clone(time);
    let options = OpenOptions::new()
        .durability(Durability::Relaxed)
        .clock(Clock::from_fn(move || time.load(Ordering::Acquire)));
    options.create(folder).unwrap()
}

/// One history.
struct History<'a> {
    world: Arc<World>,
    target: &'a Store,
    folder: PathBuf,
    random: StdRng,
    /// States that the backup told of and that it must keep.
    told: Vec<State>,
    /// Those that were read as one moment each time.
    consistent: BTreeSet<u64>,
}

impl History<'_> {
    fn run(mut self) {
        let steps = self.random.gen_range(2..5);
        for _ in 0..steps {
            for _ in 0..self.random.gen_range(0..8) {
                self.world.change();
            }
            self.world.tick(i64::from(self.random.gen_range(0..20_u8)));
            self.back_up_until_whole();
        }
        self.look_at_all();
    }

    /// Backs up, broken off some times, until it is whole.
    fn back_up_until_whole(&mut self) {
        loop {
            let is_consistent = self.random.gen_bool(0.4);
            let source = Altered(Straddling {
                world: Arc::clone(&self.world),
                is_consistent,
                every: [0, 40, 8][self.random.gen_range(0..3)],
            });
            let mut left = self.random.gen_bool(0.3).then(|| self.random.gen_range(0..12));
            let mut progress = |_: Progress| match &mut left {
                Some(0) => ControlFlow::Break(()),
                Some(left) => {
                    *left -= 1;
                    ControlFlow::Continue(())
                }
                None => ControlFlow::Continue(()),
            };
            let kill = self.random.gen_bool(0.4).then(|| self.random.gen_range(0..9));
            kill_after(kill);
            let options = BackupOptions {
                keep: self.random.gen_bool(0.3).then(|| self.random.gen_range(0..200)),
                passes: self.random.gen_range(1..5),
                ..BackupOptions::default()
            };
            let before = self.told.last().map(|state| state.number);
            let result = back_up(&source, &self.folder, &options, &mut progress);
            kill_after(None);
            match result {
                Ok(report) if report.complete => {
                    let number = report.state.as_ref().unwrap().number;
                    let is_first = before.is_none_or(|before| before < number);
                    if is_consistent && (is_first || self.consistent.contains(&number)) {
                        self.consistent.insert(number);
                    } else {
                        self.consistent.remove(&number);
                    }
                    self.note(report, options.keep);
                    return;
                }
                Ok(_cancelled) => self.tear(),
                Err(BackupError::Io { .. }) => {}
                Err(error) => panic!("{error}"),
            }
            // What was whole still is, or what was being made is.
            match Backup::open(&self.folder) {
                Ok(backup) => {
                    let newest = backup.newest().unwrap().state.clone();
                    let verified = backup.verify(&mut |_| ControlFlow::Continue(())).unwrap();
                    assert!(verified.is_sound(), "{:?}", verified.problems);
                    assert!(before.is_none_or(|before| newest.number >= before));
                    let kept = numbers(&backup);
                    self.told.retain(|told| kept.contains(&told.number));
                    self.put_down(newest);
                }
                Err(BackupError::NoneWhole(_) | BackupError::NotFound(_)) => assert_eq!(before, None),
                Err(error) => panic!("{error}"),
            }
            self.world.tick(5);
        }
    }

    /// Cuts something off what was being read, as a power cut would.
    fn tear(&mut self) {
        let reading = self.folder.join("backup/reading");
        let Ok(file) = std::fs::File::options().write(true).open(reading) else {
            return;
        };
        let length = file.metadata().unwrap().len();
        file.set_len(length - length.min(self.random.gen_range(0..200)))
            .unwrap();
    }

    fn put_down(&mut self, state: State) {
        self.told.retain(|told| told.number != state.number);
        self.told.push(state);
    }

    fn note(&mut self, report: BackupReport, keep: Option<i64>) {
        assert!(!report.altered);
        let state = report.state.unwrap();
        let earlier = self.told.iter();
        let earlier = earlier
            .filter(|told| told.is_settled())
            .find(|told| told.number == state.number);
        let since = earlier.map_or(state.moment, |told| told.moment);
        assert_eq!(state.moment, since, "a state begins once");
        self.put_down(state);
        if keep.is_some() {
            let oldest = state_number(&self.told).saturating_sub(report.kept_states);
            self.told.retain(|told| told.number >= oldest);
        }
        assert_eq!(self.told.len() as u64, report.kept_states + 1);
    }

    /// Restores each state, all of it and a part.
    fn look_at_all(&mut self) {
        let backup = Backup::open(&self.folder).unwrap();
        let verified = backup.verify(&mut |_| ControlFlow::Continue(())).unwrap();
        assert!(verified.is_sound(), "{:?}", verified.problems);
        let told: Vec<_> = self.told.iter().map(|state| state.number).collect();
        assert_eq!(told, numbers(&backup));
        for state in &self.told {
            assert_eq!(backup.state_at(Some(state.moment)).unwrap().number, state.number);
            let mut ranges = vec![KeyRange::everything()];
            if self.random.gen_bool(0.5) {
                let shelf = KeyPart::String(format!("shelf {}", self.random.gen_range(0..3)));
                ranges.push(KeyRange::below(&Key(vec![shelf]).encode().unwrap()));
            }
            for range in ranges {
                self.restore(&backup, state, &range);
            }
        }
    }

    fn restore(&self, backup: &Backup, state: &State, range: &KeyRange) {
        let target = self.target;
        for number in [0, 1, 20] {
            let stray = AtomicOperation::new().set(key(number), value("of somebody else"));
            target.commit(stray).unwrap();
        }
        let everything = KeyRange::everything();
        let before = contents(target, &everything);
        let options = RestoreOptions {
            range: range.clone(),
            ..RestoreOptions::default()
        };
        let dry_run = RestoreOptions {
            dry_run: true,
            ..options.clone()
        };
        let go_on = &mut |_: Progress| ControlFlow::Continue(());
        let (planned, result) = backup.restore(state, target, &dry_run, None, go_on);
        result.unwrap();
        assert_eq!(contents(target, &everything), before);
        let (report, result) = backup.restore(state, target, &options, None, go_on);
        result.unwrap();
        assert_eq!(planned, report);
        let after = contents(target, &everything);
        let now = self.world.time.load(Ordering::Acquire);
        let settled = |contents: Contents| -> Contents {
            let alive = |held: &Held| held.1.is_none_or(|at| at > now);
            contents
                .into_iter()
                .filter(|(key, held)| {
                    alive(held) && range.contains(key) && !state.unsettled_named.contains(key)
                })
                .collect()
        };
        for moment in [state.moment, state.until] {
            // A state that nothing was seen to differ from holds at both.
            let mut expected = settled(self.world.contents_at(moment));
            if !self.consistent.contains(&state.number) {
                expected.retain(|key, _| after.contains_key(key) || !self.world.came_and_went(key, moment));
            }
            assert_eq!(
                settled(after.clone()),
                expected,
                "state {} at {moment}",
                state.number
            );
        }
        let outside = |contents: &Contents| -> Contents {
            let contents = contents.clone().into_iter();
            contents.filter(|(key, _)| !range.contains(key)).collect()
        };
        assert_eq!(outside(&after), outside(&before));
    }
}

fn numbers(backup: &Backup) -> Vec<u64> {
    let states = backup.states().unwrap();
    states.iter().map(|state| state.number).collect()
}

fn state_number(told: &[State]) -> u64 {
    told.last().unwrap().number
}

#[test]
fn every_state_of_random_histories_comes_back_as_it_was_however_often_backing_up_is_broken_off() {
    let number = std::env::var("KEYGLASS_HISTORIES").map_or(200, |number| number.parse().unwrap());
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let folder = TempDir::new().unwrap();
                let time = Arc::new(AtomicI64::new(BEGINNING));
                let store = quick_store(&folder.path().join("source"), &time);
                let target = quick_store(&folder.path().join("target"), &time);
                loop {
                    let seed = next.fetch_add(1, Ordering::AcqRel);
                    if seed >= number {
                        return;
                    }
                    for held in contents(&store, &KeyRange::everything()).into_keys() {
                        store.commit(AtomicOperation::new().delete(held)).unwrap();
                    }
                    let since = time.fetch_add(1, Ordering::AcqRel);
                    let world = World {
                        store: store.clone(),
                        time: Arc::clone(&time),
                        random: Mutex::new(StdRng::seed_from_u64(seed)),
                        states: Mutex::new(vec![(since, Contents::new())]),
                        changes: AtomicU64::new(1),
                    };
                    let backup = folder.path().join(format!("backup-{seed}"));
                    let history = History {
                        world: Arc::new(world),
                        target: &target,
                        folder: backup.clone(),
                        random: StdRng::seed_from_u64(!seed),
                        told: Vec::new(),
                        consistent: BTreeSet::new(),
                    };
                    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| history.run()));
                    if let Err(panic) = ran {
                        eprintln!("history {seed} went wrong");
                        std::panic::resume_unwind(panic);
                    }
                    std::fs::remove_dir_all(backup).unwrap();
                }
            });
        }
    });
}
