//! Changes that come fast, and for long: each is shown or counted, in order, and nothing grows with them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::scope;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, DatabaseAction};
use keyglass::model::draft::parse_value;
use keyglass::model::middle::Middle;
use keyglass::model::requests::ROWS;
use keyglass::model::transaction::CheckState;
use keyglass::model::watch::{TIMELINE_ROWS, TimelineRow};
use keyglass_store::database::Database;
use keyglass_store::{AtomicOperation, Enqueue, StoredValue, Value};

use crate::client::{Client, Written};
use crate::harness::{NOW, Window, commit, key, look};
use crate::serve::{client, serve};
use crate::told::all_are_told;

/// How long programs commit.
const TIME: Duration = Duration::from_secs(60);
/// Until all is as large as it becomes.
const WARM_UP: Duration = Duration::from_secs(24);
/// Programs, and the commits a second that all of them offer.
const PROGRAMS: u64 = 8;
const RATE: u64 = 1000;
/// Keys that change all the time, and others.
const HOT: u64 = 20;
const COLD: u64 = 2000;
/// Between two frames, as while changes do not cease.
const FRAME: Duration = Duration::from_millis(250);
/// By how much more memory may be used in the last third than in the one before.
const GROWTH: f64 = 1.15;

const WATCHED_CHECK: &str = r#"["hot", 0]"#;

/// What programs have done.
#[derive(Default)]
struct Done {
    ends: AtomicBool,
    changes: AtomicU64,
    requests: AtomicU64,
}

/// Has programs end, also where a test fails.
struct Ends<'a>(&'a Done);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.ends.store(true, Ordering::Relaxed);
    }
}

/// Commits at the rate that is its share, or as fast as it can, until it shall end.
fn program(mut client: Client, name: u64, done: &Done) {
    let begun = Instant::now();
    for number in 0.. {
        let due = Duration::from_secs_f64(number as f64 * PROGRAMS as f64 / RATE as f64);
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        if done.ends.load(Ordering::Relaxed) {
            return;
        }
        let turn = number * PROGRAMS + name;
        let key = match number % 2 {
            0 => format!(r#"["hot", {}]"#, turn / 2 % HOT),
            _ => format!(r#"["cold", {}]"#, turn % COLD),
        };
        let value = format!(
            "{{number: {number}, name: 'a thing in the shop', text: '{}'}}",
            "x".repeat(100)
        );
        match number % 25 {
            0 => drop(client.get(&key)),
            // It is there.
            5 => assert_eq!(client.set_checked(WATCHED_CHECK, None, &value), Written::Conflict),
            _ => {
                assert_eq!(client.set(&key, &value), Written::Ok);
                done.changes.fetch_add(1, Ordering::Relaxed);
            }
        }
        done.requests.fetch_add(1, Ordering::Relaxed);
    }
}

/// Bytes of this process that are in memory, where the system tells.
fn memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn ask(window: &mut Window, action: DatabaseAction) {
    let id = window.harness.state().session().unwrap().id;
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(Action::On(id, action), &ctx);
}

fn watch_all(window: &mut Window) {
    window.press(Modifiers::COMMAND, Key::Num2);
    window.click(Role::Link, "Watch all keys");
}

#[test]
fn a_thousand_commits_a_second_are_shown_or_counted_and_memory_stays_flat() {
    let mut window = Window::on_folder(&[(WATCHED_CHECK, "0")]);
    serve(&mut window, false);
    window.click(Role::Row, WATCHED_CHECK);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    assert!(window.shows("passes now"));
    watch_all(&mut window);
    let clients: Vec<Client> = (0..PROGRAMS)
        .map(|number| client(&window, &format!("program {number}")))
        .collect();
    ask(&mut window, DatabaseAction::Show(Middle::Requests));
    window.settle();
    assert!(window.models().requests.is_recording());
    let done = Done::default();
    let mut measured = Vec::new();
    let mut messages = 0;
    scope(|scope| {
        let _ends = Ends(&done);
        for (client, name) in clients.into_iter().zip(0..) {
            let done = &done;
            scope.spawn(move || program(client, name, done));
        }
        let begun = Instant::now();
        let mut second = 0;
        let mut told = 0;
        while begun.elapsed() < TIME {
            let now = i64::try_from(begun.elapsed().as_millis()).unwrap();
            window.let_go_on(now - told);
            told = now;
            window.harness.step();
            if begun.elapsed().as_secs() > second {
                second += 1;
                measured.extend(memory().map(|memory| (begun.elapsed(), memory)));
                let panels = [
                    Middle::Entries,
                    Middle::Watch,
                    Middle::Queue,
                    Middle::Requests,
                    Middle::Find,
                ];
                ask(
                    &mut window,
                    DatabaseAction::Show(panels[second as usize % panels.len()]),
                );
                let message = Enqueue {
                    payload: StoredValue::from_value(&Value::from(second as f64))
                        .unwrap()
                        .bytes,
                    due_at: NOW + 1_000_000_000,
                    keys_if_undelivered: Vec::new(),
                    backoff_schedule: None,
                };
                commit(&*window.database(), AtomicOperation::new().enqueue(message));
                messages += 1;
            }
            std::thread::sleep(FRAME);
        }
    });
    window.settle();
    ask(&mut window, DatabaseAction::Show(Middle::Watch));
    window.settle();
    look(&mut window, "soak");

    let (changes, requests) = (done.changes.into_inner(), done.requests.into_inner());
    println!("{changes} changes, {requests} requests, memory in kB: {measured:.0?}");
    all_are_told(&window, changes);
    assert!(window.models().watch.rows().len() <= TIMELINE_ROWS);
    let log = &window.models().requests;
    assert_eq!(log.num_come() + log.missed(), requests);
    assert!(log.num_kept() <= ROWS);
    let kept: Vec<u64> = (0..log.num_shown())
        .map(|row| log.newest(row).unwrap().1.number)
        .collect();
    assert!(kept.is_sorted_by(|newer, older| newer > older));
    assert_eq!(window.models().queue.count(), Some(messages));
    let stands = window.database().get(&key(WATCHED_CHECK)).unwrap();
    assert_eq!(window.models().panel.entry(), stands.as_ref());
    let transaction = &window.models().transaction;
    let check = transaction.rows.first().unwrap();
    assert!(matches!(transaction.check_state(check), CheckState::Fails));

    let half = WARM_UP + (TIME - WARM_UP) / 2;
    let most = |from: Duration, to: Duration| {
        let memory = measured.iter().filter(|(at, _)| (from..to).contains(at));
        memory.map(|(_, memory)| *memory).fold(0.0, f64::max)
    };
    let (first, second) = (most(WARM_UP, half), most(half, TIME * 2));
    assert!(second <= first * GROWTH, "{first} kB, and then {second} kB");
}

/// Commits on several threads, each its own keys, and each commit all of them; how many changes those are.
fn burst(database: &dyn Database, commits: u64) -> u64 {
    const THREADS: u64 = 4;
    const KEYS: u64 = 25;
    scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for number in 0..commits / THREADS {
                    let operation = (0..KEYS).fold(AtomicOperation::new(), |operation, at| {
                        let value = parse_value(&format!("{{number: {number}}}")).unwrap();
                        operation.set(key(&format!("['stock', {thread}, {at}]")), value)
                    });
                    commit(database, operation);
                }
            });
        }
    });
    commits * KEYS
}

#[test]
fn ten_thousand_changes_in_a_second_are_summed_up_by_key() {
    let mut window = Window::on_folder(&[]);
    watch_all(&mut window);
    let database = window.database();
    let mut changes = 0;
    // The window's clock stands still, so all of it is one second.
    for _ in 0..5 {
        changes += burst(&*database, 80);
        window.harness.step();
    }
    window.settle();
    assert_eq!(changes, 10_000);
    all_are_told(&window, changes);
    // Two hundred have rows of their own; after that each key has one at most.
    let rows = window.models().watch.rows();
    assert!(rows.len() <= 300, "{}", rows.len());
    assert!(rows.iter().all(|row| matches!(row, TimelineRow::Change(_))));
    assert_eq!(window.models().entries.num_rows(), 100);
    look(&mut window, "burst");
    let labels = window.harness.query_all_by_role(Role::Row);
    let mut texts = labels.filter_map(|row| row.accesskit_node().label());
    assert!(texts.any(|text| text.contains(r#"["stock""#)));
}

#[test]
fn more_changes_than_may_wait_are_counted_and_what_is_there_is_read_again() {
    let mut window = Window::on_folder(&[]);
    watch_all(&mut window);
    // Nothing is drawn meanwhile.
    let unseen = burst(&*window.database(), 1200);
    assert_eq!(unseen, 30_000);
    window.settle();
    let missing = window.models().watch.rows()[0].sentence().unwrap();
    assert!(missing.ends_with("changes were missed here"), "{missing}");
    // The oldest row.
    window.harness.hover_at(egui::pos2(640.0, 400.0));
    window.harness.run_ok();
    window.harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, -1e6),
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
        source: egui::MouseWheelSource::Wheel,
    });
    window.settle();
    assert!(window.shows(&missing));
    look(&mut window, "burst-missed");
    window.let_go_on(1000);
    let later = burst(&*window.database(), 40);
    window.settle();
    all_are_told(&window, unseen + later);
    // What is listed is what stands there now.
    ask(&mut window, DatabaseAction::Show(Middle::Entries));
    window.settle();
    let entries = &window.models().entries;
    assert_eq!(entries.num_rows(), 100);
    let row = entries.row(99).unwrap();
    let stands = window.database().get(&row.key).unwrap().unwrap();
    assert_eq!(row.versionstamp, stands.versionstamp);
}
