//! How much a Deno program feels of who writes the same file beside it: nobody, a second Deno, Keyglass with one commit
//! at a time, and Keyglass with an import, in turns; and how long the import holds the file at a time.
//!
//! `cargo bench -p keyglass-store --features deno-file --bench beside_deno [-- SECONDS [ROUNDS]]`, after `tests/run` has
//! installed Deno. Prints a table, and lines `beside_deno WHAT NUMBER` for programs.

#![cfg_attr(
    all(feature = "deno-file", target_os = "linux"),
    expect(clippy::print_stdout, reason = "a bench tells its figures")
)]

#[cfg(all(feature = "deno-file", target_os = "linux"))]
mod holds;

#[cfg(all(feature = "deno-file", target_os = "linux"))]
mod bench {
    use std::error::Error;
    use std::ops::ControlFlow;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use keyglass_store::deno_file::DenoFile;
    use keyglass_store::transfer::{self, Existing, ExportOptions, Format, ImportOptions};
    use keyglass_store::{
        AtomicOperation, Database, EncodedKey, Encoding, Key, KeyPart, KeyRange, StoredValue,
    };
    use tempfile::TempDir;

    use crate::holds;

    type Failure = Box<dyn Error>;

    /// Entries of one import, each with a value of this many bytes.
    const IMPORTED: u32 = 50_000;
    const VALUE_BYTES: usize = 200;
    /// Between two single commits.
    const PAUSE: Duration = Duration::from_millis(2);
    /// What others may feel of us, against what they feel of a second Deno.
    const AIM: f64 = 1.5;
    /// How long the file may be held at a time, in milliseconds.
    const AIMED_HOLD: u32 = 20;

    /// Who writes beside the Deno that is measured.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Beside {
        Nobody,
        SecondDeno,
        SingleCommits,
        Import,
    }

    /// What was measured beside one of them, in milliseconds.
    struct Measured {
        beside: Beside,
        name: &'static str,
        /// Of Deno's commits, one a round.
        p99: Vec<f64>,
        holds: Vec<f64>,
    }

    impl Measured {
        fn of(beside: Beside, name: &'static str) -> Self {
            Self {
                beside,
                name,
                p99: Vec::new(),
                holds: Vec::new(),
            }
        }
    }

    /// What a Deno told of its commits, in milliseconds.
    struct Told {
        commits: u64,
        median: f64,
        p99: f64,
        /// How many failed with "database is locked".
        locked: u64,
    }

    fn deno(file: &Path, seconds: u64, name: &str) -> Result<Child, Failure> {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let program = home.join("../.peers/node_modules/deno/deno");
        let child = Command::new(program)
            .env("DENO_NO_UPDATE_CHECK", "1")
            .args(["run", "--allow-all", "--unstable-kv"])
            .arg(home.join("benches/beside_deno/latency.ts"))
            .arg(file)
            .args([&seconds.to_string(), name])
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(child)
    }

    fn told(child: Child) -> Result<Told, Failure> {
        let output = child.wait_with_output()?;
        let json: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let missing = |name: &str| format!("Deno told no {name}");
        let field = |name: &str| json.get(name).ok_or_else(|| missing(name));
        let count = |name: &str| field(name)?.as_u64().ok_or_else(|| missing(name));
        let time = |name: &str| field(name)?.as_f64().ok_or_else(|| missing(name));
        Ok(Told {
            commits: count("commits")?,
            median: time("p50")?,
            p99: time("p99")?,
            locked: count("locked")?,
        })
    }

    fn new_file(folder: &TempDir) -> Result<PathBuf, Failure> {
        let path = folder.path().join("kv.sqlite3");
        drop(DenoFile::create(&path)?);
        Ok(path)
    }

    fn operation(from: u32, number: u32) -> Result<AtomicOperation, Failure> {
        let mut operation = AtomicOperation::new();
        for n in from..from + number {
            let key = Key(vec![KeyPart::from("ours"), KeyPart::Number(f64::from(n))]);
            let value = StoredValue {
                encoding: Encoding::Bytes,
                bytes: vec![7; VALUE_BYTES].into(),
            };
            operation = operation.set(key.encode()?, value);
        }
        Ok(operation)
    }

    /// Lines to import, as an export makes them.
    fn lines() -> Result<Vec<u8>, Failure> {
        let folder = tempfile::tempdir()?;
        let database = DenoFile::open(&new_file(&folder)?)?;
        database.set_writable(true)?;
        for from in (0..IMPORTED).step_by(500) {
            database.commit(operation(from, 500)?)?;
        }
        let options = ExportOptions {
            ranges: vec![KeyRange::everything()],
            format: Format::Ndjson,
            expired: true,
        };
        let mut lines = Vec::new();
        transfer::export(
            &database,
            &options,
            &mut lines,
            &mut |_| ControlFlow::Continue(()),
        )?;
        Ok(lines)
    }

    /// Commits one entry at a time until it is told to stop; how many.
    fn write_singly(file: &Path, stop: &AtomicBool) -> Result<u64, Failure> {
        let database = DenoFile::open(file)?;
        database.set_writable(true)?;
        let mut commits = 0;
        while !stop.load(Ordering::Relaxed) {
            database.commit(operation(commits % 1000, 1)?)?;
            commits += 1;
            std::thread::sleep(PAUSE);
        }
        Ok(commits.into())
    }

    /// Imports the same lines again and again until it is told to stop; how many entries.
    fn import(file: &Path, lines: &[u8], stop: &AtomicBool) -> Result<u64, Failure> {
        let database = DenoFile::open(file)?;
        database.set_writable(true)?;
        let options = ImportOptions {
            existing: Existing::Overwrite,
            dry_run: false,
            prefix: EncodedKey::default(),
            expired: false,
            default_expiry: None,
        };
        let mut entries = 0;
        while !stop.load(Ordering::Relaxed) {
            let mut rest = lines;
            let report = transfer::import(&database, &mut rest, &options, &mut |_| {
                if stop.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
            entries += report.stored;
        }
        Ok(entries)
    }

    /// One round with one neighbour: what Deno told, how many commits or entries of ours there were, and how long they
    /// held the file.
    fn round(beside: Beside, lines: &[u8], seconds: u64) -> Result<(Told, u64, Vec<Duration>), Failure> {
        let folder = tempfile::tempdir()?;
        let file = new_file(&folder)?;
        match beside {
            Beside::Nobody => Ok((told(deno(&file, seconds, "first")?)?, 0, Vec::new())),
            Beside::SecondDeno => {
                let second = deno(&file, seconds, "second")?;
                let first = told(deno(&file, seconds, "first")?)?;
                Ok((first, told(second)?.commits, Vec::new()))
            }
            Beside::SingleCommits | Beside::Import => {
                let stop = AtomicBool::new(false);
                let (first, ours, holds) = std::thread::scope(|scope| {
                    let writer = scope.spawn(|| {
                        let written = match beside {
                            Beside::Import => import(&file, lines, &stop),
                            _ => write_singly(&file, &stop),
                        };
                        written.map_err(|error| error.to_string())
                    });
                    let watcher = scope.spawn(|| holds::watch(&file, &stop));
                    let first = deno(&file, seconds, "first").and_then(told);
                    stop.store(true, Ordering::Relaxed);
                    (first, writer.join(), watcher.join())
                });
                let lost = "a thread of the bench panicked";
                let ours = ours.map_err(|_panic| lost)??;
                Ok((first?, ours, holds.map_err(|_panic| lost)?))
            }
        }
    }

    /// What is in the middle, or at another share, of what was measured.
    fn at(sorted: &[f64], share: f64) -> f64 {
        let last = sorted.len().saturating_sub(1);
        let place = (last as f64 * share).round() as usize;
        sorted.get(place).copied().unwrap_or(0.0)
    }

    pub fn run() -> Result<(), Failure> {
        let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u64>().ok());
        let seconds = numbers.next().unwrap_or(10);
        let rounds = numbers.next().unwrap_or(5);
        let lines = lines()?;
        let mut measured = [
            Measured::of(Beside::Nobody, "nobody"),
            Measured::of(Beside::SecondDeno, "a second Deno"),
            Measured::of(Beside::SingleCommits, "single commits of ours"),
            Measured::of(Beside::Import, "an import of ours"),
        ];
        println!(
            "| round | beside | commits of Deno | median | 99 of 100 | failed as locked | of the other |"
        );
        println!("|---|---|---|---|---|---|---|");
        for number in 1..=rounds {
            for Measured {
                beside,
                name,
                p99,
                holds,
            } in &mut measured
            {
                let (told, other, held) = round(*beside, &lines, seconds)?;
                println!(
                    "| {number} | {name} | {} | {:.2} ms | {:.2} ms | {} | {other} |",
                    told.commits, told.median, told.p99, told.locked
                );
                p99.push(told.p99);
                holds.extend(held.iter().map(|held| held.as_secs_f64() * 1000.0));
            }
        }
        println!(
            "\n| how long we hold the file at a time (aim: {AIMED_HOLD} ms at most) | seen | median | 95 of 100 | 99 of \
             100 | most |"
        );
        println!("|---|---|---|---|---|---|");
        let mut told = Vec::new();
        for Measured { name, p99, holds, .. } in &mut measured {
            p99.sort_unstable_by(f64::total_cmp);
            holds.sort_unstable_by(f64::total_cmp);
            if holds.is_empty() {
                continue;
            }
            println!(
                "| {name} | {} | {:.2} ms | {:.2} ms | {:.2} ms | {:.2} ms |",
                holds.len(),
                at(holds, 0.5),
                at(holds, 0.95),
                at(holds, 0.99),
                at(holds, 1.0)
            );
            told.push(format!("beside_deno hold {name}: {:.2}", at(holds, 1.0)));
        }
        let second = measured
            .iter()
            .find(|measured| measured.beside == Beside::SecondDeno)
            .map_or(0.0, |measured| at(&measured.p99, 0.5));
        println!(
            "\n| 99 of 100 commits of Deno, in the middle of {rounds} rounds | | to a second Deno (aim: {AIM}) |"
        );
        println!("|---|---|---|");
        for Measured { name, p99, .. } in &measured {
            let p99 = at(p99, 0.5);
            println!("| beside {name} | {p99:.2} ms | {:.2} |", p99 / second);
            told.push(format!("beside_deno ratio {name}: {:.2}", p99 / second));
        }
        println!("\n{}", told.join("\n"));
        Ok(())
    }
}

#[cfg(all(feature = "deno-file", target_os = "linux"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    bench::run()
}

/// It reads `/proc/locks`.
#[cfg(not(all(feature = "deno-file", target_os = "linux")))]
fn main() {}
