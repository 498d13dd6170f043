//! The cases.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

use clap::Parser;
use keyglass_store::Database;
use keyglass_store::open::OpenOptions;
use tempfile::TempDir;

use crate::Outcome;
use crate::display::{Display, Observer};
use crate::processor::{self, Spent};
use crate::program::Program;
use crate::{export, inside};

/// Entries of a folder that is looked at.
const ENTRIES: u32 = 50_000;
/// Bytes that an entry takes in a file of Deno's.
const ENTRY_BYTES: u64 = 200;
/// What the window watches: a key and a prefix, each of which every commit changes.
const WATCHED: [&str; 2] = [r#"["zero", "count"]"#, r#"["visits"]"#];
/// Entries of the folder that is exported, unless one is named.
const EXPORTED: u32 = 1_000_000;
/// Commits whose way to the screen is measured, one at a time.
const COMMITS: usize = 60;
/// How long each of them may take to be shown; less than a mark of a change stays.
const SHOWN_WITHIN: Duration = Duration::from_millis(1200);
/// Until the mark of a change has gone.
const MARK: Duration = Duration::from_millis(600);
/// How long nothing must be drawn for the window to be at rest.
const QUIET: Duration = Duration::from_millis(2500);
/// Rates of commits a second, 0 being none, that are kept for a while.
const RATES: [u32; 3] = [0, 30, 800];

/// Measures how soon the window shows what another program commits, and what that costs.
#[derive(Parser)]
struct Arguments {
    /// `deno`, `folder` or `export`; all of them if none is named
    cases: Vec<String>,
    /// Sizes of the files that Deno writes to
    #[arg(long = "size", value_delimiter = ',', default_value = "10MB,1GB")]
    sizes: Vec<Size>,
    /// Real Deno
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../.peers/node_modules/.bin/deno"))]
    deno: PathBuf,
    /// How long each rate of commits is kept
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// A folder to export instead of one that is made for it
    #[arg(long)]
    export: Option<PathBuf>,
    /// For this bench itself: shows the window on a new folder and commits as it is told
    #[arg(long, hide = true)]
    inside: Option<PathBuf>,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

/// The size of a file, as it is written and in bytes.
#[derive(Debug, Clone)]
struct Size {
    name: String,
    bytes: u64,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("MB", 1_000_000), ("GB", 1_000_000_000)];
        let read = units.into_iter().find_map(|(unit, bytes): (&str, u64)| {
            let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
            number.checked_mul(bytes)
        });
        let bytes = read.ok_or_else(|| format!("A size is a number with MB or GB behind it: {text}"))?;
        Ok(Self {
            name: text.to_owned(),
            bytes,
        })
    }
}

impl Size {
    fn entries(&self) -> u64 {
        self.bytes / ENTRY_BYTES
    }

    /// A file of this size in a folder, copied from one that Deno made the first time.
    fn file(&self, deno: &Path, folder: &Path) -> Outcome<PathBuf> {
        let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("live-{}.sqlite3", self.name));
        if !kept.exists() {
            println!("\nDeno makes a file of {} ...", self.name);
            let made = kept.with_extension("new");
            for suffix in ["", "-wal", "-shm"] {
                // What an earlier run did not finish.
                let _removed = fs::remove_file(format!("{}{suffix}", made.display()));
            }
            let mut program = Program::deno(deno, &made)?;
            program.ask(&format!("fill {}", self.entries()))?;
            program.close()?;
            fs::rename(&made, &kept)?;
        }
        let file = folder.join("kv.sqlite3");
        fs::copy(&kept, &file)?;
        Ok(file)
    }
}

pub fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    if let Some(folder) = arguments.inside {
        return inside::run(folder);
    }
    let is_chosen =
        |name: &str| arguments.cases.is_empty() || arguments.cases.iter().any(|case| case == name);
    let folder = tempfile::tempdir()?;
    println!("{}", processor::describe(folder.path(), &arguments.deno));
    let time = Duration::from_secs(arguments.seconds);
    let mut lines = Vec::new();
    if is_chosen("deno") {
        if arguments.deno.exists() {
            for size in &arguments.sizes {
                lines.extend(beside_deno(&arguments.deno, size, time)?);
            }
        } else {
            println!(
                "\nThe case deno is left out, because Deno is not there: {}",
                arguments.deno.display()
            );
        }
    }
    if is_chosen("folder") {
        lines.extend(own_folder(time)?);
    }
    if is_chosen("export") {
        let path = arguments
            .export
            .clone()
            .unwrap_or_else(|| folder.path().join("large.kg"));
        if arguments.export.is_none() {
            inside::fill(&path, EXPORTED)?;
        }
        let database = OpenOptions::new().open(&path.display().to_string())?;
        lines.extend(export::measure(&*database as &dyn Database, folder.path())?);
    }
    println!("\n{}", lines.join("\n"));
    Ok(())
}

/// The window, ended when this is dropped.
struct Window(Child);

impl Drop for Window {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _collected = self.0.wait();
    }
}

/// Real Deno writes to a file, and the window of another process shows it.
fn beside_deno(deno: &Path, size: &Size, time: Duration) -> Outcome<Vec<String>> {
    // Beside the file that is kept, because it may be larger than what holds temporary files.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let file = size.file(deno, folder.path())?;
    let mut program = Program::deno(deno, &file)?;
    program.ask(&format!("filled {}", size.entries()))?;
    let alone = program.run(0, time)?;
    let display = Display::start()?;
    let mut observer = Observer::connect(&display)?;
    watch_there(folder.path(), &file)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyglass"));
    at_home(&mut command, &folder, &display).arg(&file);
    let window = Window(command.spawn()?);
    observer.wait_for_window()?;
    let case = format!("deno-{}", size.name);
    observer.settle(QUIET)?;
    let mut lines = delays(&case, &mut program, &observer)?;
    if display.press(&observer, "ctrl+2") {
        observer.settle(QUIET)?;
        lines.extend(delays(&format!("{case}-timeline"), &mut program, &observer)?);
        display.press(&observer, "ctrl+1");
    } else {
        println!("\nThe timeline is left out, because xdotool is not there to show it.");
    }
    lines.extend(costs(&case, window.0.id(), &mut program, &observer, time)?);
    let beside = program.run(0, time)?;
    drop(window);
    let again = program.run(0, time)?;
    println!(
        "\nDeno as fast as it can: {alone:.0} commits a second without the window, {beside:.0} with it, {again:.0} \
         without it again"
    );
    lines.push(format!("live {case} alone {:.0}", alone.midpoint(again)));
    lines.push(format!("live {case} beside {beside:.0}"));
    Ok(lines)
}

/// Has the window watch a key and a prefix of a file when it opens it.
fn watch_there(home: &Path, file: &Path) -> Outcome<()> {
    let folder = home.join("keyglass");
    fs::create_dir_all(&folder)?;
    let session = serde_json::json!({ "watched": WATCHED });
    let state = serde_json::json!({ "sessions": { file.display().to_string(): session } });
    Ok(fs::write(folder.join("state.json"), state.to_string())?)
}

/// A thread of the window's own process commits to a folder.
fn own_folder(time: Duration) -> Outcome<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let display = Display::start()?;
    let mut observer = Observer::connect(&display)?;
    let mut command = Command::new(std::env::current_exe()?);
    at_home(&mut command, &folder, &display)
        .arg("--inside")
        .arg(folder.path().join("store.kg"));
    let mut program = Program::start(&mut command)?;
    observer.wait_for_window()?;
    program.ask(&format!("fill {ENTRIES}"))?;
    observer.settle(QUIET)?;
    let mut lines = delays("folder", &mut program, &observer)?;
    lines.extend(costs("folder", program.process(), &mut program, &observer, time)?);
    Ok(lines)
}

/// A process with a home folder of its own on a screen of its own.
fn at_home<'a>(command: &'a mut Command, folder: &TempDir, display: &Display) -> &'a mut Command {
    for name in [
        "HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
    ] {
        command.env(name, folder.path());
    }
    command
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
}

/// How long commits take to the screen, one at a time, in a window that is at rest.
fn delays(case: &str, program: &mut Program, observer: &Observer) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    let mut delays = Vec::new();
    let mut missed = 0;
    for at in 0..COMMITS {
        // Commits come at no fixed beat, so that none is in step with anything in the window.
        std::thread::sleep(MARK + Duration::from_millis(at as u64 * 37 % 100));
        program.tell("commit")?;
        let seen = observer.watch(SHOWN_WITHIN, true)?;
        let committed: f64 = program.answer()?.parse()?;
        match seen.changed {
            Some(changed) => {
                delays.push(changed.duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0 - committed);
            }
            None => missed += 1,
        }
    }
    delays.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (delays.len() as f64 * share) as usize;
        delays
            .get(place.min(delays.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0.0)
    };
    println!("\n| {case}: from the commit to the screen | least | median | 95 of 100 | most | not seen |");
    println!("|---|---|---|---|---|---|");
    println!(
        "| {COMMITS} commits, one at a time | {:.0} ms | {:.0} ms | {:.0} ms | {:.0} ms | {missed} |",
        at(0.0),
        at(0.5),
        at(0.95),
        at(1.0)
    );
    lines.push(format!("live {case} median {:.0}", at(0.5)));
    lines.push(format!("live {case} p95 {:.0}", at(0.95)));
    Ok(lines)
}

/// What it costs the window to follow commits at several rates, none being what it costs at rest.
fn costs(
    case: &str,
    window: u32,
    program: &mut Program,
    observer: &Observer,
    time: Duration,
) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    println!(
        "\n| {case}: commits a second | frames a second | of a core | drawing | following | reading | other |"
    );
    println!("|---|---|---|---|---|---|---|");
    for rate in RATES {
        observer.settle(QUIET)?;
        let before = processor::spent(window)?;
        if rate > 0 {
            program.tell(&format!("run {rate} {}", time.as_secs_f64()))?;
        }
        let seen = observer.watch(time, false)?;
        let spent = processor::between(&before, &processor::spent(window)?);
        let reached: f64 = if rate > 0 { program.answer()?.parse()? } else { 0.0 };
        let share = |time_spent: Duration| 100.0 * time_spent.as_secs_f64() / time.as_secs_f64();
        let of = |kind: &str| share(spent.get(kind).copied().unwrap_or_default());
        let all = share(window_only(&spent));
        println!(
            "| {reached:.0} | {:.1} | {all:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.1} % |",
            f64::from(seen.frames) / time.as_secs_f64(),
            of("drawing"),
            of("following"),
            of("reading"),
            of("other")
        );
        lines.push(format!("live {case} processor-{rate} {all:.1}"));
    }
    Ok(lines)
}

/// Without the thread that commits.
fn window_only(spent: &Spent) -> Duration {
    spent
        .iter()
        .filter(|(kind, _)| **kind != "the program")
        .map(|(_, time)| *time)
        .sum()
}
