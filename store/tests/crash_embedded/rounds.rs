//! The parent: starts children, kills them, and looks at what is left.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use keyglass_store::embedded::{Durability, Store};
use keyglass_store::{AtomicOperation, Clock, CommitOutcome, Database, OpenError, Versionstamp};

use crate::writer::{KEPT_ROWS, KEPT_VERSIONS, WRITERS, last_key, open, read_number, row, row_key};

/// The newest acknowledged commit of each writer.
type Acknowledged = BTreeMap<u64, (u64, Versionstamp)>;

pub fn run() {
    let rounds = std::env::var("KEYGLASS_CRASH_ROUNDS").map_or(20, |rounds| rounds.parse().unwrap());
    let seed = Clock::system().now().unsigned_abs();
    println!("killing {rounds} writers; seed {seed}");
    let mut random = Random(seed | 1);
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("store"), folder.path().join("copy"));
    let mut acknowledged = Acknowledged::new();
    let (mut num_refused, mut num_opened, mut num_commits) = (0, 0, 0);
    for round in 0..rounds {
        let durability = if random.below(2) == 0 { "sync" } else { "relaxed" };
        let lifetime = Duration::from_millis(10 + random.below(250));
        num_commits += kill_one(&path, durability, lifetime, &mut acknowledged);
        copy_folder(&path, &copy);
        if let Some(damage) = damage_newest_journal(&copy, &mut random) {
            println!("round {round}, {durability}: {damage}");
            match examine_damaged(&copy) {
                Ok(()) => num_opened += 1,
                Err(()) => num_refused += 1,
            }
        }
        fs::remove_dir_all(&copy).unwrap();
        // Now and then two children die before anybody looks.
        if random.below(3) != 0 || round + 1 == rounds {
            examine(&path, &acknowledged);
        }
    }
    assert!(num_commits > 0, "no commit was acknowledged in any round");
    println!(
        "{num_commits} acknowledged commits, none lost; of the damaged copies {num_opened} opened with a \
         consistent past and {num_refused} were refused"
    );
}

/// Starts a child, kills it, and notes what it acknowledged; answers with the number of commits.
fn kill_one(path: &Path, durability: &str, lifetime: Duration, acknowledged: &mut Acknowledged) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("--write-to")
        .arg(path)
        .arg(durability)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    #[expect(clippy::disallowed_methods, reason = "it ends with the program")]
    let reader = std::thread::spawn(move || output.lines().map_while(Result::ok).collect::<Vec<String>>());
    std::thread::sleep(lifetime);
    let died_by_itself = child.try_wait().unwrap();
    assert!(
        died_by_itself.is_none(),
        "the child ended by itself: {died_by_itself:?}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    let lines = reader.join().unwrap();
    let newest_before = acknowledged.values().map(|(_, versionstamp)| *versionstamp).max();
    for line in &lines {
        let fields: Vec<&str> = line.split(' ').collect();
        // The last line may be cut by the kill.
        let [writer, number, versionstamp] = fields[..] else {
            continue;
        };
        let Ok(versionstamp) = versionstamp.parse::<Versionstamp>() else {
            continue;
        };
        assert!(
            newest_before.is_none_or(|before| versionstamp > before),
            "a versionstamp came again"
        );
        let newest = acknowledged.entry(writer.parse().unwrap()).or_default();
        assert!(versionstamp > newest.1);
        *newest = (number.parse().unwrap(), versionstamp);
    }
    lines.len() as u64
}

/// Everything acknowledged is there, and all that is there is whole.
fn examine(path: &Path, acknowledged: &Acknowledged) {
    if !path.exists() {
        return;
    }
    let store = open(path, Durability::Relaxed);
    let numbers = examine_whole(&store);
    for (writer, (number, versionstamp)) in acknowledged {
        let last = numbers.get(writer).copied();
        assert!(
            last >= Some(*number),
            "writer {writer} lost commit {number}: {last:?} is the last"
        );
        if last == Some(*number) {
            let entry = store.get(&last_key(*writer)).unwrap().unwrap();
            assert_eq!(entry.versionstamp, *versionstamp);
        }
    }
    let newest = acknowledged.values().map(|(_, versionstamp)| *versionstamp).max();
    match store.commit(AtomicOperation::new()).unwrap() {
        CommitOutcome::Committed(versionstamp) => assert!(Some(versionstamp) > newest),
        CommitOutcome::Conflict(_) | CommitOutcome::MessagesChanged(_) => {
            panic!("there was no check to fail")
        }
    }
}

/// A copy whose journal was damaged holds a consistent past, or says that it is damaged.
fn examine_damaged(path: &Path) -> Result<(), ()> {
    match Store::open(path) {
        Ok(store) => {
            examine_whole(&store);
            Ok(())
        }
        Err(OpenError::Damaged { .. } | OpenError::Engine { .. }) => Err(()),
        Err(error) => panic!("{error}"),
    }
}

/// Checks that each writer's commits are there up to one, whole; answers with the last of each.
fn examine_whole(store: &Store) -> BTreeMap<u64, u64> {
    let mut numbers = BTreeMap::new();
    let mut num_messages = 0;
    let messages = store.queue(usize::MAX).unwrap();
    let payloads: HashSet<_> = messages.into_iter().map(|message| message.payload).collect();
    for writer in 0..WRITERS {
        let Some(last) = store.get(&last_key(writer)).unwrap() else {
            continue;
        };
        let number = read_number(&last.value);
        for kept in (number + 1).saturating_sub(KEPT_ROWS)..=number {
            let entry = store.get(&row_key(writer, kept)).unwrap();
            let entry = entry.unwrap_or_else(|| panic!("row {kept} of writer {writer} is missing"));
            assert_eq!(entry.value, row(writer, kept));
            if kept == number {
                assert_eq!(entry.versionstamp, last.versionstamp, "a commit is there in part");
            }
        }
        // What the newest commit replaced went into the history with it, and no more is kept than shall be.
        let past = store.versions(&last_key(writer), None, usize::MAX).unwrap();
        let kept: Vec<u64> = past.iter().map(|past| read_number(&past.entry.value)).collect();
        let first = number.saturating_sub(KEPT_VERSIONS.into());
        assert_eq!(kept, (first..number).rev().collect::<Vec<_>>());
        if let Some(newest) = past.first() {
            assert_eq!(
                newest.ended_by, last.versionstamp,
                "a version is kept without its commit"
            );
        }
        assert!(store.get(&row_key(writer, number + 1)).unwrap().is_none());
        if let Some(old) = number.checked_sub(KEPT_ROWS) {
            assert!(store.get(&row_key(writer, old)).unwrap().is_none());
        }
        for number in 0..=number {
            assert!(
                payloads.contains(format!("{writer} {number}").as_bytes()),
                "a message is lost"
            );
        }
        num_messages += number + 1;
        numbers.insert(writer, number);
    }
    assert_eq!(
        payloads.len() as u64,
        num_messages,
        "a message is there without its commit"
    );
    numbers
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let Ok(files) = fs::read_dir(from) else { return };
    for file in files {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy_folder(&file.path(), &target);
        } else {
            fs::copy(file.path(), target).unwrap();
        }
    }
}

/// Cuts the journal, or flips a bit, somewhere in what was written, and tells what it did.
fn damage_newest_journal(folder: &Path, random: &mut Random) -> Option<String> {
    let journals = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let number = |path: &PathBuf| path.file_stem()?.to_str()?.parse::<u64>().ok();
    let newest = journals
        .filter(|path| path.extension().is_some_and(|extension| extension == "jnl"))
        .max_by_key(number);
    let newest = newest?;
    let mut bytes = fs::read(&newest).unwrap();
    let written = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    if written == 0 {
        return None;
    }
    let at = random.below(written as u64) as usize;
    let what = if random.below(2) == 0 {
        bytes.truncate(at);
        "cut"
    } else {
        bytes[at] ^= 1 << random.below(8);
        "with a bit flipped"
    };
    fs::write(&newest, bytes).unwrap();
    Some(format!("{} of {written} bytes, {what} at {at}", newest.display()))
}

/// A small generator of the xorshift family; its quality does not matter here.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
