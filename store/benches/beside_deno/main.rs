//! How much a Deno program feels of who writes the same file beside it: nobody, a second Deno, or Keyglass, one commit
//! at a time and in bulk; and how long at most Deno or a bulk of ours keeps a third one from writing.
//!
//! `cargo bench -p keyglass-store --features deno-file --bench beside_deno [-- SECONDS]`, after `tests/run` has installed
//! Deno.

#![cfg_attr(
    feature = "deno-file",
    expect(clippy::print_stdout, reason = "a bench tells its figures")
)]

#[cfg(feature = "deno-file")]
mod bench {
    use std::error::Error;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use keyglass_store::deno_file::DenoFile;
    use keyglass_store::{AtomicOperation, Database, Encoding, Key, KeyPart, StoredValue};

    type Failure = Box<dyn Error>;

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

    fn operation(from: u32, number: u32) -> Result<AtomicOperation, Failure> {
        let mut operation = AtomicOperation::new();
        for n in from..from + number {
            let key = Key(vec![KeyPart::from("ours"), KeyPart::Number(f64::from(n))]);
            let value = StoredValue {
                encoding: Encoding::Bytes,
                bytes: vec![7; 200].into(),
            };
            operation = operation.set(key.encode()?, value);
        }
        Ok(operation)
    }

    /// Commits so many entries at a time until it is told to stop.
    fn write(file: &Path, number: u32, pause: Duration, stop: &AtomicBool) -> Result<u32, String> {
        let database = DenoFile::open(file).map_err(|error| error.to_string())?;
        database.set_writable(true).map_err(|error| error.to_string())?;
        let mut commits = 0;
        while !stop.load(Ordering::Relaxed) {
            let operation = operation(commits % 1000 * number, number).map_err(|error| error.to_string())?;
            database.commit(operation).map_err(|error| error.to_string())?;
            commits += 1;
            std::thread::sleep(pause);
        }
        Ok(commits)
    }

    /// The longest time in which nobody else could begin to write.
    fn longest_hold(file: &Path, stop: &AtomicBool) -> Result<Duration, String> {
        let connection = rusqlite::Connection::open(file).map_err(|error| error.to_string())?;
        connection
            .busy_timeout(Duration::ZERO)
            .map_err(|error| error.to_string())?;
        let (mut longest, mut since) = (Duration::ZERO, None::<Instant>);
        while !stop.load(Ordering::Relaxed) {
            if connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok() {
                since = None;
            } else {
                longest = longest.max(since.get_or_insert_with(Instant::now).elapsed());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(longest)
    }

    pub fn run() -> Result<(), Failure> {
        let seconds = std::env::args()
            .filter_map(|argument| argument.parse().ok())
            .next();
        let seconds = seconds.unwrap_or(10);
        let folder = tempfile::tempdir()?;
        let new_file = |name: &str| -> Result<PathBuf, Failure> {
            let path = folder.path().join(format!("{name}.sqlite3"));
            drop(DenoFile::create(&path)?);
            Ok(path)
        };
        let told = |beside: &str, child: Child| -> Result<(), Failure> {
            let output = child.wait_with_output()?;
            println!(
                "{beside:<28} {}",
                String::from_utf8_lossy(&output.stdout).trim_end()
            );
            Ok(())
        };
        let file = new_file("alone")?;
        told("alone", deno(&file, seconds, "first")?)?;
        let file = new_file("two")?;
        let second = deno(&file, seconds, "second")?;
        told("beside a second Deno", deno(&file, seconds, "first")?)?;
        second.wait_with_output()?;
        for (beside, number, pause) in [
            ("beside single commits", 1, Duration::from_millis(2)),
            ("beside a bulk of 100 each", 100, Duration::ZERO),
            ("beside a bulk of 300 each", 300, Duration::ZERO),
        ] {
            let file = new_file(&number.to_string())?;
            let stop = AtomicBool::new(false);
            let (commits, longest) = std::thread::scope(|scope| {
                let writer = scope.spawn(|| write(&file, number, pause, &stop));
                let watcher = scope.spawn(|| longest_hold(&file, &stop));
                let child = deno(&file, seconds, "first").and_then(|child| told(beside, child));
                stop.store(true, Ordering::Relaxed);
                let ended = (writer.join(), watcher.join());
                child.map(|()| ended)
            })?;
            let lost = "a thread of the bench panicked";
            let (commits, longest) = (commits.map_err(|_panic| lost)??, longest.map_err(|_panic| lost)??);
            println!("  {commits} commits of ours; one of both held the file for at most {longest:.1?}");
        }
        Ok(())
    }
}

#[cfg(feature = "deno-file")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("Milliseconds that a commit of Deno takes, every second one with a check:");
    bench::run()
}

#[cfg(not(feature = "deno-file"))]
fn main() {}
