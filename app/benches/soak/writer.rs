//! The process that commits: this bench, started once more.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use keyglass::model::draft::{parse_key, parse_value};
use keyglass_store::connect::Token;
use keyglass_store::open::OpenOptions;
use keyglass_store::{AtomicOperation, CommitOutcome, Database};

use crate::Outcome;

/// Commits under way at the same time.
const THREADS: u64 = 16;
/// Keys that change all the time, and others.
const HOT: u64 = 20;
const COLD: u64 = 5000;
/// Where the token is, which is no argument.
const TOKEN: &str = "KEYGLASS_SOAK_TOKEN";

/// What was committed.
pub struct Done {
    pub commits: u64,
    pub changes: u64,
}

/// The process, which ends when this is dropped.
pub struct Writer(Child);

impl Writer {
    pub fn start(url: &str, token: &str, rate: u32) -> Outcome<Self> {
        let child = Command::new(std::env::current_exe()?)
            .args(["--write", url, "--rate", &rate.to_string()])
            .env(TOKEN, token)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self(child))
    }

    /// Has it end, and asks what it has done.
    pub fn end(&mut self) -> Outcome<Done> {
        drop(self.0.stdin.take());
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let (commits, changes) = line.trim_end().split_once(' ').ok_or("the writer has failed")?;
        Ok(Done {
            commits: commits.parse()?,
            changes: changes.parse()?,
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Commits at this rate until the input ends, and prints how many commits and changes those were.
pub fn run(url: &str, rate: u32) -> Outcome<()> {
    let token = Token::of_server(&std::env::var(TOKEN)?)?;
    let database = OpenOptions::new().token(token).write_files(true).open(url)?;
    let (ends, commits, changes) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (database, ends, commits, changes) = (Arc::clone(&database), &ends, &commits, &changes);
                scope.spawn(move || {
                    let begun = Instant::now();
                    for turn in 0_u64.. {
                        let due = turn as f64 * THREADS as f64 / f64::from(rate.max(1));
                        std::thread::sleep(Duration::from_secs_f64(due).saturating_sub(begun.elapsed()));
                        if ends.load(Ordering::Relaxed) {
                            break;
                        }
                        changes.fetch_add(commit(&*database, turn * THREADS + thread)?, Ordering::Relaxed);
                        commits.fetch_add(1, Ordering::Relaxed);
                    }
                    Outcome::Ok(())
                })
            })
            .collect();
        std::io::stdin().read_to_end(&mut Vec::new())?;
        ends.store(true, Ordering::Relaxed);
        for thread in threads {
            thread
                .join()
                .map_err(|_panic| "a thread of the writer failed")??;
        }
        Outcome::Ok(())
    })?;
    println!("{} {}", commits.into_inner(), changes.into_inner());
    Ok(())
}

/// One commit: a key that changes all the time and one that seldom does. How many changes it makes.
fn commit(database: &dyn Database, turn: u64) -> Outcome<u64> {
    let text = "x".repeat(100);
    let hot = format!("{{number: {turn}, credit: {}, text: '{text}'}}", turn % 50);
    let cold = format!("{{name: 'a thing in the shop', tags: ['new', 'small'], count: {turn}}}");
    let operation = AtomicOperation::new()
        .set(
            parse_key(&format!("['hot', {}]", turn % HOT))?,
            parse_value(&hot).map_err(|error| error.to_string())?,
        )
        .set(
            parse_key(&format!("['cold', {}]", turn % COLD))?,
            parse_value(&cold).map_err(|error| error.to_string())?,
        );
    match database.commit(operation)? {
        CommitOutcome::Committed(_) => Ok(2),
        other => Err(format!("not committed: {other:?}").into()),
    }
}
