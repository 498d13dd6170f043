//! What a frame of the window costs the processor, without a display: `cargo bench -p keyglass --bench frames`.
//!
//! Prints percentiles for each case, and lines `frame NAME p95 MILLISECONDS` for programs. The whole window is
//! measured, not the panel alone. Names on the command line choose cases.

#![expect(clippy::print_stdout, reason = "what a bench has to say")]

mod requests;
mod synthetic;
mod window;

use std::sync::Arc;
use std::time::Duration;

use egui::Event;
use keyglass::action::{AppAction, DatabaseAction};
use keyglass::command::Command;
use keyglass::errand::{Errand, Read};
use keyglass::model::draft::parse_value;
use keyglass::model::entry_panel::ValueView;
use keyglass::model::middle::Middle;
use keyglass::model::query::Query;
use keyglass::model::requests::ROWS;
use keyglass::widgets::row_scroller::RowAlign;
use keyglass_store::Database as _;
use keyglass_store::value::StoredValue;

use synthetic::Synthetic;
use window::{Window, wheel};

/// Entries of the large databases.
const ENTRIES: u64 = 10_000_000;
/// Entries of each folder, where they lie in folders.
const GROUP: u64 = 100;
/// Frames of a case.
const FRAMES: usize = 1000;
/// What the wheel turns in a frame, in points.
const TURN: f32 = 200.0;
/// Requests that come in a frame: 2,500 a second.
const COMING: u64 = 40;
/// Characters of the large value.
const LARGE: usize = 64 << 10;

/// A case: its name, the most milliseconds that a frame should take at the 95th percentile, and the work.
type Case = (&'static str, f64, fn() -> Result<Vec<Duration>, String>);

const CASES: [Case; 8] = [
    ("tree-scroll", 2.0, || tree(None, Motion::Wheel)),
    ("tree-jump", 2.0, || tree(None, Motion::Jump)),
    ("tree-folders-scroll", 2.0, || tree(Some(GROUP), Motion::Wheel)),
    ("table-scroll", 3.0, || table(Motion::Wheel)),
    ("table-jump", 3.0, || table(Motion::Jump)),
    ("typing-64k", 16.0, typing),
    ("requests-scroll", 3.0, || requests(0)),
    ("requests-coming", 4.0, || requests(COMING)),
];

/// How what is seen moves from frame to frame.
#[derive(Clone, Copy, PartialEq)]
enum Motion {
    /// As with a wheel turned fast.
    Wheel,
    /// To a place far away, as when the bar is dragged: nothing on screen was there before.
    Jump,
}

fn main() {
    let chosen: Vec<String> = std::env::args()
        .skip(1)
        .filter(|name| !name.starts_with("--"))
        .collect();
    let mut lines = Vec::new();
    println!("| frame | p50 ms | p95 ms | max ms | wanted p95 ms |");
    println!("|---|---|---|---|---|");
    for (name, wanted, run) in CASES {
        if !chosen.is_empty() && !chosen.iter().any(|chosen| chosen == name) {
            continue;
        }
        match run() {
            Ok(mut times) => {
                times.sort_unstable();
                let at = |share: f64| {
                    let index = (times.len() as f64 * share) as usize;
                    let time = times.get(index.min(times.len().saturating_sub(1)));
                    time.map_or(0.0, |time| time.as_secs_f64() * 1000.0)
                };
                let (middle, high, most) = (at(0.5), at(0.95), at(1.0));
                println!("| {name} | {middle:.2} | {high:.2} | {most:.2} | {wanted} |");
                lines.push(format!("frame {name} p95 {high:.2}"));
            }
            Err(error) => println!("| {name} | {error} | | | |"),
        }
    }
    println!("\n{}", lines.join("\n"));
}

fn database(group: Option<u64>) -> Result<Synthetic, String> {
    let values = [
        "{name: 'Ada Lovelace', credit: 20.5, tags: ['early', 'paid'], since: new Date(0)}",
        "{total: 1249n, lines: [{sku: 'anvil', number: 3}, {sku: 'rope', number: 1}], shipped: false}",
        "'a plain text of middling length, as comments are'",
        "new Map([['a', 1], ['b', new Set([1, 2])]])",
        "42",
    ];
    let values: Result<Vec<StoredValue>, String> = values
        .iter()
        .map(|text| parse_value(text).map_err(|error| error.to_string()))
        .collect();
    let lines: Vec<String> = (0..LARGE / 64)
        .map(|line| format!("{{id: {line}, text: 'some words of a line', price: {line}.25, kept: true}}"))
        .collect();
    let large = parse_value(&format!("[{}]", lines.join(", "))).map_err(|error| error.to_string())?;
    Ok(Synthetic::new(ENTRIES, group, large, values?))
}

/// A window on a synthetic database.
fn open(mut database: Synthetic) -> Result<Window, String> {
    Window::new(|clock| {
        database.clock = clock;
        Ok(Arc::new(database))
    })
}

fn tree(group: Option<u64>, motion: Motion) -> Result<Vec<Duration>, String> {
    let database = database(group)?;
    let prefix = database.prefix();
    let mut window = open(database.clone())?;
    window.until("the first rows and the end of background work", |app| {
        app.session()
            .is_some_and(|session| session.models.tree.is_loaded() && session.models.entries.is_complete())
    })?;
    // Loaded here, because a person would scroll for a while until all of it is there.
    let session = window.app.session_mut().ok_or("No database")?;
    let mut folders = vec![prefix];
    while let Some(folder) = folders.pop() {
        session.models.tree.set_expanded(&folder, true);
        loop {
            let wants = session.models.tree.take_wants();
            let mut pages = 0;
            for want in wants {
                if let Errand::Read(Read::Children {
                    ticket,
                    prefix,
                    after,
                    limit,
                }) = want
                {
                    let page = database
                        .children(&prefix, after.as_ref(), limit)
                        .map_err(|error| error.to_string())?;
                    folders.extend(
                        page.children
                            .iter()
                            .filter(|child| child.has_children)
                            .map(|child| child.prefix.clone()),
                    );
                    session
                        .models
                        .tree
                        .apply_children(ticket, &prefix, after.as_ref(), Ok(page));
                    pages += 1;
                }
            }
            if pages == 0 {
                break;
            }
            let end = session
                .models
                .tree
                .row_of(&folder)
                .map_or(0, |row| row + 1)
                .max(session.models.tree.num_rows().saturating_sub(1));
            session.models.tree.show(end..end + 1);
        }
    }
    let rows = session.models.tree.num_rows();
    if rows < ENTRIES {
        return Err(format!("Only {rows} rows were loaded"));
    }
    window.point_at(100.0, 400.0);
    let times = frames(&mut window, |window, step| {
        let views = window.app.views_mut()?;
        match step {
            Some(step) if motion == Motion::Jump => {
                let row = step * 7_777_777 % rows;
                views.keys.position.scroll_to_row(row, RowAlign::Top);
                None
            }
            Some(_) => Some(wheel(TURN)),
            None => {
                views.keys.position.scroll_to_row(rows / 2, RowAlign::Top);
                None
            }
        }
    });
    let views = window.app.views().ok_or("No database")?;
    if views.keys.position.first_row().abs_diff(rows / 2) < FRAMES as u64 {
        return Err("The tree did not scroll".to_owned());
    }
    Ok(times)
}

fn table(motion: Motion) -> Result<Vec<Duration>, String> {
    let database = database(None)?;
    let prefix = database.prefix();
    let mut window = open(database)?;
    window.ask(DatabaseAction::List(Query::prefix(prefix)));
    window.until("the whole table", |app| {
        app.session().is_some_and(|session| {
            session.models.entries.is_complete() && session.models.entries.num_rows() == ENTRIES
        })
    })?;
    window.point_at(600.0, 400.0);
    let times = frames(&mut window, |window, step| {
        let views = window.app.views_mut()?;
        match step {
            Some(step) if motion == Motion::Jump => {
                let row = step * 7_777_777 % ENTRIES;
                views.entries.position.scroll_to_row(row, RowAlign::Top);
                None
            }
            Some(_) => Some(wheel(TURN)),
            None => {
                views.entries.position.scroll_to_row(ENTRIES / 2, RowAlign::Top);
                None
            }
        }
    });
    let views = window.app.views().ok_or("No database")?;
    let first = views.entries.position.first_row();
    let session = window.app.session().ok_or("No database")?;
    if first.abs_diff(ENTRIES / 2) < FRAMES as u64 {
        return Err("The table did not scroll".to_owned());
    }
    if motion == Motion::Wheel && session.models.entries.row(first).is_none() {
        return Err("The table's rows were not loaded".to_owned());
    }
    Ok(times)
}

fn typing() -> Result<Vec<Duration>, String> {
    let database = database(None)?;
    let key = database.large_key().clone();
    let mut window = open(database)?;
    window.ask(DatabaseAction::SelectEntry(key));
    window.until("the entry", |app| {
        app.session().is_some_and(|session| {
            session.models.panel.entry().is_some() && session.models.entries.is_complete()
        })
    })?;
    window.ask(AppAction::ShowValueAs(ValueView::Code));
    window.ask(Command::EditValue);
    let times = frames(&mut window, |_, step| {
        step.map(|step| {
            let text = if step % 2 == 0 { "," } else { " " };
            vec![Event::Text(text.to_owned())]
        })
    });
    Ok(times)
}

/// The panel of requests with as many as it keeps, while so many come in each frame.
fn requests(coming: u64) -> Result<Vec<Duration>, String> {
    let mut window = open(database(None)?)?;
    window.until("the end of background work", |app| {
        app.session()
            .is_some_and(|session| session.models.entries.is_complete())
    })?;
    window.ask(DatabaseAction::Show(Middle::Requests));
    let mut number = 0;
    let mut add = move |window: &mut Window, how_many: u64| {
        let now = window.now();
        let session = window.app.session_mut()?;
        for _ in 0..how_many {
            session.models.requests.add(requests::request(number, now));
            number += 1;
        }
        Some(())
    };
    add(&mut window, ROWS as u64).ok_or("No database")?;
    window.point_at(600.0, 600.0);
    let times = frames(&mut window, |window, step| {
        add(window, coming)?;
        step.map(|_| wheel(TURN))
    });
    let session = window.app.session().ok_or("No database")?;
    match session.models.requests.num_kept() {
        ROWS => Ok(times),
        kept => Err(format!("Only {kept} requests were kept")),
    }
}

/// Measures frames, each after `events` was asked for its number's input; the first ones, which have none, are
/// not measured.
fn frames(
    window: &mut Window,
    mut events: impl FnMut(&mut Window, Option<u64>) -> Option<Vec<Event>>,
) -> Vec<Duration> {
    for _ in 0..20 {
        let input = events(window, None).unwrap_or_default();
        window.frame(input);
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut times = Vec::with_capacity(FRAMES);
    for step in 0..FRAMES {
        let input = events(window, Some(step as u64)).unwrap_or_default();
        times.push(window.frame(input));
        // Background threads bring rows between frames, as they do in a window.
        std::thread::sleep(Duration::from_millis(1));
    }
    times
}
