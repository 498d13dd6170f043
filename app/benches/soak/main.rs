//! A window whose database changes without end: `cargo bench -p keyglass --bench soak -- [--minutes N] [--rate N]`.
//!
//! Another process commits over KV Connect to what the window serves, a thousand times a second unless told otherwise,
//! while tree, entry and a transaction with checks are shown, all keys are watched, requests are recorded, and the panels
//! of the middle take turns. Half of the time the window draws when it wants to, as where nobody touches it; in the other
//! half the wheel turns in each of sixty frames a second. For each panel it prints how much of the processor's time a
//! frame took, whatever else the machine did, and at the end how much memory there was in each tenth of the time, and
//! whether all changes and requests were shown or counted. Lines `soak NAME NUMBER` are for programs.

#![expect(clippy::print_stdout, reason = "what a bench has to say")]

mod account;
mod pace;
mod writer;

#[path = "../frames/window.rs"]
mod window;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use keyglass::action::DatabaseAction;
use keyglass::app::App;
use keyglass::command::Command;
use keyglass::errand::ServeChoice;
use keyglass::model::draft::{parse_key, parse_value};
use keyglass::model::middle::Middle;
use keyglass::model::transaction::OperationKind;
use keyglass_store::embedded::OpenOptions;
use keyglass_store::{AtomicOperation, EncodedKey, Enqueue};

use account::{memory, told};
use pace::Pace;
use window::{Window, wheel};
use writer::Writer;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How long a panel of the middle is shown each time.
const TURN: Duration = Duration::from_secs(5);
/// Between two frames while the wheel turns.
const FRAME: Duration = Duration::from_millis(16);
/// What the wheel turns in a frame, in points.
const WHEEL: f32 = 40.0;
/// The part of the time after which all is as large as it becomes.
const WARM_UP: f64 = 0.2;
const PANELS: [(&str, Middle); 5] = [
    ("table", Middle::Entries),
    ("timeline", Middle::Watch),
    ("queue", Middle::Queue),
    ("requests", Middle::Requests),
    ("find", Middle::Find),
];

/// A window whose database changes without end.
#[derive(Parser)]
struct Arguments {
    /// How long it changes
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Commits a second
    #[arg(long, default_value_t = 1000)]
    rate: u32,
    /// For this bench itself: commits to the server at this URL until its input ends
    #[arg(long, hide = true)]
    write: Option<String>,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    match &arguments.write {
        Some(url) => writer::run(url, arguments.rate),
        None => soak(&arguments),
    }
}

/// A window on a new folder that is served, with all panels in use.
fn begin(folder: &std::path::Path) -> Outcome<Window> {
    let path = folder.join("soak.kg");
    let mut window = Window::new(|clock| {
        let options = OpenOptions::new().clock(clock);
        Ok(Arc::new(options.create(path).map_err(|error| error.to_string())?))
    })?;
    window.until("the first rows", |app| {
        app.session()
            .is_some_and(|session| session.models.entries.is_complete())
    })?;
    window.ask(DatabaseAction::StartServing(ServeChoice {
        port: Some(0),
        read_only: false,
        token_file: None,
    }));
    window.until("the server", |app| {
        app.session()
            .is_some_and(|session| session.models.serving.served().is_some())
    })?;
    window.ask(DatabaseAction::Watch(EncodedKey::default()));
    window.ask(DatabaseAction::Show(Middle::Requests));
    window.ask(Command::ToggleTransaction);
    let session = window.app.session_mut().ok_or("No database")?;
    let transaction = &mut session.models.transaction;
    for number in 0..10 {
        let key = parse_key(&format!("['hot', {number}]"))?;
        transaction.add_check(&key, None);
        let (key, value) = (format!("['hot', {number}]"), format!("{{number: {number}}}"));
        transaction.add(OperationKind::Set, key, value);
    }
    transaction.add(
        OperationKind::Sum,
        "['visits']".to_owned(),
        "new Deno.KvU64(1n)".to_owned(),
    );
    window.ask(DatabaseAction::SelectEntry(parse_key("['hot', 0]")?));
    Ok(window)
}

/// Queues a message for much later, so that the queue has some.
fn queue_message(window: &Window) -> Outcome<()> {
    let message = Enqueue {
        payload: parse_value("{order: 41n, try: 1}")
            .map_err(|error| error.to_string())?
            .bytes,
        due_at: window.now() + 86_400_000,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    };
    let session = window.app.session().ok_or("No database")?;
    session
        .database()
        .commit(AtomicOperation::new().enqueue(message))?;
    Ok(())
}

fn soak(arguments: &Arguments) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut window = begin(folder.path())?;
    let pace = Pace::of(&window.ctx);
    let served = window
        .app
        .session()
        .and_then(|session| session.models.serving.served());
    let served = served.ok_or("Not served")?;
    let mut writer = Writer::start(&served.url, served.token.reveal(), arguments.rate)?;
    let time = Duration::from_secs_f64(arguments.minutes * 60.0);
    let mut costs: BTreeMap<(&str, &str), Vec<Duration>> = BTreeMap::new();
    let mut memories: Vec<(f64, f64)> = Vec::new();
    let (begun, mut drawn) = (Instant::now(), Instant::now());
    let mut shown = None;
    while begun.elapsed() < time {
        let turn = (begun.elapsed().as_secs_f64() / TURN.as_secs_f64()) as usize;
        let (name, panel) = PANELS.get(turn % PANELS.len()).ok_or("No panel")?;
        let scrolls = !(turn / PANELS.len()).is_multiple_of(2);
        if shown != Some(turn) {
            shown = Some(turn);
            window.ask(DatabaseAction::Show(*panel));
            window.point_at(600.0, 200.0);
            queue_message(&window)?;
            memories.extend(memory().map(|memory| (begun.elapsed().div_duration_f64(time), memory)));
        }
        let events = if scrolls {
            std::thread::sleep(FRAME.saturating_sub(drawn.elapsed()));
            wheel(if turn.is_multiple_of(2) { WHEEL } else { -WHEEL })
        } else {
            pace.wait(drawn, FRAME);
            Vec::new()
        };
        let passed = i64::try_from(drawn.elapsed().as_millis())?;
        drawn += Duration::from_millis(u64::try_from(passed)?);
        let cost = window.frame_after(passed, events);
        let manner = if scrolls {
            "the wheel turns"
        } else {
            "nobody touches it"
        };
        costs.entry((*name, manner)).or_default().push(cost);
    }
    let done = writer.end()?;
    window.until("the last change", App::is_idle)?;
    report(arguments, &mut costs, &memories);
    println!(
        "\n{} commits with {} changes: {:.0} a second",
        done.commits,
        done.changes,
        done.commits as f64 / time.as_secs_f64()
    );
    let told = told(&window.app)?;
    println!(
        "{} changes and {} requests were shown or counted{}",
        told.changes,
        told.requests,
        if told.is_in_order { ", in order" } else { "" }
    );
    println!("soak lost {}", done.changes.abs_diff(told.changes));
    if told.changes != done.changes || told.requests < done.commits || !told.is_in_order {
        return Err("Not all was told, or not in order".into());
    }
    Ok(())
}

fn report(arguments: &Arguments, costs: &mut BTreeMap<(&str, &str), Vec<Duration>>, memories: &[(f64, f64)]) {
    println!(
        "{} commits a second are offered for {} minutes\n",
        arguments.rate, arguments.minutes
    );
    println!("| panel | | frames | p50 ms | p95 ms | p99 ms | max ms |");
    println!("|---|---|---|---|---|---|---|");
    let mut all = Vec::new();
    for ((panel, manner), times) in costs {
        row(panel, manner, times);
        all.append(times);
    }
    let p99 = row("all", "", &mut all);
    println!("\n| tenth of the time | memory, MB |\n|---|---|");
    for tenth in 0..10 {
        let of_tenth = memories.iter().filter(|(at, _)| (at * 10.0) as usize == tenth);
        let most = of_tenth.map(|(_, memory)| *memory).fold(0.0, f64::max);
        println!("| {} | {:.0} |", tenth + 1, most / 1e6);
    }
    let most = |from: f64, to: f64| {
        let memory = memories.iter().filter(|(at, _)| (from..to).contains(at));
        memory.map(|(_, memory)| *memory).fold(0.0, f64::max)
    };
    let half = WARM_UP + (1.0 - WARM_UP) / 2.0;
    let growth = most(half, 2.0) / most(WARM_UP, half) - 1.0;
    println!("\nsoak p99 {p99:.2}\nsoak growth {:.1} %", growth * 100.0);
}

/// Prints percentiles. Milliseconds at the 99th.
fn row(panel: &str, manner: &str, times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let at = |share: f64| {
        let index = (times.len() as f64 * share) as usize;
        let time = times.get(index.min(times.len().saturating_sub(1)));
        time.map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    println!(
        "| {panel} | {manner} | {} | {:.2} | {:.2} | {:.2} | {:.2} |",
        times.len(),
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    );
    at(0.99)
}
