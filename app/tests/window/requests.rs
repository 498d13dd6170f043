//! What programs do with a served database, as the window shows it.

use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::model::requests::RequestsModel;
use keyglass_store::connect::ServeOptions;
use keyglass_store::requests::{LoggedOperation, LoggedOutcome, LoggedRequest};
use keyglass_store::{CommitOutcome, Database, FeedEvent, KeyRange, Versionstamp};

use crate::client::{Client, Written};
use crate::harness::{NOW, Window, key, look, set};
use crate::pictures::snapshot;
use crate::serve::{client, serve};

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;
const ORDER: &str = r#"["orders", 41n]"#;

fn requests(window: &Window) -> &RequestsModel {
    &window.models().requests
}

fn num_kept(window: &mut Window, number: usize) {
    window.until("the requests", |app| {
        app.session().unwrap().models.requests.num_kept() == number
    });
}

/// Chooses what may be shown.
fn pick(window: &mut Window, shown: &str, wanted: &str) {
    window.click(Role::Button, shown);
    window.click(Role::MenuItemCheckBox, wanted);
}

/// A served window that looks at requests.
fn looking() -> (Window, Client) {
    let mut window = Window::on_folder(&[(ADA, "{name: 'Ada'}"), (BOB, "{name: 'Bob'}")]);
    serve(&mut window, false);
    let client = client(&window, "Deno/2.9.6");
    window.press(Modifiers::COMMAND, Key::Num6);
    assert!(window.shows("No request yet. Each one shows here as it is answered."));
    (window, client)
}

#[test]
fn each_request_shows_as_it_is_answered_and_says_what_it_was() {
    let (mut window, mut client) = looking();
    assert!(client.get(ADA));
    client.list(r#"["users"]"#, 100);
    assert_eq!(client.set(ORDER, "{total: 12.5}"), Written::Ok);
    assert_eq!(client.set_checked(ADA, None, "1"), Written::Conflict);
    num_kept(&mut window, 4);
    window.click(Role::Row, r#"read ["users", "ada"], 1 entry"#);
    assert!(window.shows(r#"await kv.get(["users", "ada"]);"#));
    assert!(window.shows(r#"[{ key: ["users", "ada"] }]"#));
    window.click(Role::Row, r#"write ["users", "ada"], conflict: 1 check"#);
    for text in ["Check 1 failed", "expected", "absent", "found"] {
        assert!(window.shows(text), "{text}");
    }
    let again = "await kv.atomic()\n  .check({ key: [\"users\", \"ada\"], versionstamp: null })\n  .set([\"users\", \"ada\"], 1)\n  .commit();";
    assert!(window.shows(again));
    look(&mut window, "requests-conflict");
    // A link shows the entry, and the requests stay.
    window
        .harness
        .get_all_by_role_and_label(Role::Link, ADA)
        .next()
        .unwrap()
        .click();
    window.settle();
    let session = window.session();
    assert_eq!(session.models.panel.entry().unwrap().key.to_string(), ADA);
    assert!(window.shows("Check 1 failed"));
    window.click(Role::Button, "Close the request");
    assert!(!window.shows("Check 1 failed"));
}

#[test]
fn arrow_keys_go_from_request_to_request() {
    let (mut window, mut client) = looking();
    for key in [ADA, BOB, ORDER] {
        client.get(key);
    }
    num_kept(&mut window, 3);
    window.click(Role::Row, r#"read ["orders", 41n], 0 entries"#);
    assert!(window.shows("await kv.get([\"orders\", 41n]);"));
    window.press(Modifiers::NONE, Key::ArrowDown);
    assert!(window.shows(r#"await kv.get(["users", "bob"]);"#));
    window.press(Modifiers::NONE, Key::End);
    assert!(window.shows(r#"await kv.get(["users", "ada"]);"#));
    window.click(Role::Button, "Close the request");
    assert_eq!(requests(&window).selected(), None);
}

#[test]
fn a_filter_hides_what_does_not_meet_it_and_what_is_shown_is_exported() {
    let (mut window, mut client) = looking();
    client.get(ADA);
    client.set(ORDER, "1");
    client.set_checked(ORDER, None, "2");
    num_kept(&mut window, 3);
    pick(&mut window, "All operations", "write");
    assert_eq!(requests(&window).num_shown(), 2);
    pick(&mut window, "All outcomes", "conflict");
    assert_eq!(requests(&window).num_shown(), 1);
    pick(&mut window, "conflict", "All outcomes");
    pick(&mut window, "write", "All operations");
    window.enter(Role::TextInput, "Key prefix", r#"["orders"]"#);
    assert_eq!(requests(&window).num_shown(), 2);
    window.enter(Role::TextInput, "Client", "node");
    assert!(window.shows("No request meets the filter"));
    window.enter(Role::TextInput, "Client", "deno");
    window.click(Role::Link, "Export…");
    window.until("the export", |app| {
        let mut told = app.notices().log().iter();
        told.any(|notice| notice.summary.starts_with("Exported 2 requests to "))
    });
    let title = window.models().facts.title.clone();
    let file = window.folder.path().join(format!("{title}-requests.ndjson"));
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["outcome"]["ok"], true);
    assert_eq!(lines[1]["outcome"]["failedChecks"][0]["key"], ORDER);
    assert_eq!(lines[1]["client"], "Deno/2.9.6");
}

#[test]
fn nothing_is_recorded_before_somebody_looks_and_while_it_pauses() {
    let mut window = Window::on_folder(&[(ADA, "1")]);
    serve(&mut window, false);
    let mut client = client(&window, "node");
    client.get(ADA);
    window.settle();
    assert!(!requests(&window).is_recording());
    window.click(Role::Tab, "Requests");
    client.get(ADA);
    num_kept(&mut window, 1);
    window.click(Role::Link, "Pause");
    assert!(!requests(&window).is_recording());
    client.get(ADA);
    window.click(Role::Link, "Go on");
    client.get(BOB);
    num_kept(&mut window, 2);
    assert_eq!(requests(&window).missed(), 0);
    // Also while something else is looked at.
    window.click(Role::Tab, "Entries");
    client.get(ADA);
    num_kept(&mut window, 3);
    window.press(Modifiers::COMMAND, Key::Num6);
    window.click(Role::Link, "Clear");
    assert_eq!(requests(&window).num_kept(), 0);
    assert!(window.shows("No request yet. Each one shows here as it is answered."));
}

#[test]
fn hot_prefixes_lead_to_their_requests() {
    let (mut window, mut client) = looking();
    for _ in 0..3 {
        client.get(ADA);
    }
    client.set(ORDER, "1");
    client.set_checked(ORDER, None, "2");
    num_kept(&mut window, 5);
    window.click(Role::RadioButton, "Hot prefixes");
    look(&mut window, "requests-prefixes");
    window.click(Role::Button, "Sort by conflicts");
    window.click(Role::Row, r#"["orders"]"#);
    assert_eq!(requests(&window).num_shown(), 2);
    assert_eq!(requests(&window).filter().prefix, r#"["orders"]"#);
}

#[test]
fn a_database_that_is_not_served_offers_to_be() {
    let mut window = Window::on_folder(&[(ADA, "1")]);
    assert!(!window.shows("Requests"));
    window.press(Modifiers::COMMAND, Key::Num6);
    window.click(Role::Button, "Serve…");
    assert!(window.shows("Programs may only read"));
}

#[test]
fn programs_and_the_window_change_the_same_key_and_the_timeline_has_every_commit_in_order() {
    const ROUNDS: usize = 30;
    const COUNTER: &str = r#"["counter"]"#;
    let (mut window, mut deno) = looking();
    let mut node = client(&window, "node");
    let counts = |client: &mut Client| {
        let mut conflicts = 0;
        for _ in 0..ROUNDS {
            loop {
                let seen = client.versionstamp(COUNTER);
                match client.set_checked(COUNTER, seen, "1") {
                    Written::Ok => break,
                    Written::Conflict => conflicts += 1,
                    Written::Refused(..) => panic!(),
                }
            }
        }
        conflicts
    };
    let database = window.database();
    let own = |database: &dyn Database| {
        for _ in 0..ROUNDS {
            loop {
                let seen = database.get(&key(COUNTER)).unwrap();
                let seen = seen.map(|entry| entry.versionstamp);
                let operation = set(COUNTER, "1").check(key(COUNTER), seen);
                if let CommitOutcome::Committed(_) = database.commit(operation).unwrap() {
                    break;
                }
            }
        }
    };
    let told = database.changes(vec![KeyRange::only(&key(COUNTER))]).unwrap();
    let conflicts = std::thread::scope(|scope| {
        let (deno, node) = (
            scope.spawn(|| counts(&mut deno)),
            scope.spawn(|| counts(&mut node)),
        );
        own(&*database);
        deno.join().unwrap() + node.join().unwrap()
    });
    // Each attempt is a read and a commit, and node's exchange of metadata came before.
    let attempts = 2 * ROUNDS + conflicts;
    num_kept(&mut window, 1 + 2 * attempts);
    let all: Vec<_> = requests(&window).all_shown().cloned().collect();
    let numbers = all.iter().map(|request| request.number);
    assert!(numbers.eq(0..all.len() as u64));
    let failed = all
        .iter()
        .filter(|request| matches!(request.outcome, LoggedOutcome::Conflict(_)));
    assert_eq!(failed.count(), conflicts);
    let mut of_programs = Vec::new();
    for name in ["Deno/2.9.6", "node"] {
        let own = all.iter().filter(|request| request.client.name == name);
        let stamps = own.filter_map(|request| match request.outcome {
            LoggedOutcome::Committed(stamp) => Some(stamp),
            _ => None,
        });
        let stamps: Vec<Versionstamp> = stamps.collect();
        assert_eq!(stamps.len(), ROUNDS);
        assert!(stamps.is_sorted(), "the commits of one program are not in order");
        of_programs.extend(stamps);
    }
    // What the database itself tells: all of them, once, and those of the window between.
    let changes = told.try_iter().flat_map(|event| match event {
        FeedEvent::Changes(changes) => changes,
        other => panic!("{other:?}"),
    });
    let changes: Vec<Versionstamp> = changes.map(|change| change.versionstamp).collect();
    assert_eq!(changes.len(), 3 * ROUNDS);
    assert!(changes.is_sorted());
    of_programs.retain(|stamp| changes.contains(stamp));
    of_programs.sort();
    of_programs.dedup();
    assert_eq!(of_programs.len(), 2 * ROUNDS);
}

/// What programs did in a minute, always the same.
fn a_minute(window: &Window) -> Vec<Arc<LoggedRequest>> {
    let options = ServeOptions::new().listen("127.0.0.1:0".parse().unwrap());
    let server = options.serve(window.database()).unwrap();
    let told = server.requests();
    let open = |name| Client::open(&server.url(), server.token().reveal(), name);
    let (mut deno, mut node) = (open("Deno/2.9.6"), open("node"));
    for round in 0..12 {
        deno.get(ADA);
        if round % 2 == 0 {
            node.list(r#"["users"]"#, 100);
            node.set(
                &format!("[\"orders\", {}n]", 40 + round),
                "{total: 12.5, paid: false}",
            );
        }
        if round % 5 == 4 {
            deno.set_checked(
                BOB,
                Some(Versionstamp::from_counter(round)),
                "{name: 'Bob', credit: 3.5}",
            );
        }
    }
    deno.watch(ADA);
    drop(server);
    let is_shown = |told: &Arc<LoggedRequest>| {
        // How many states it had by then is chance.
        told.num_places > 0 && !matches!(told.outcome, LoggedOutcome::Ended { .. })
    };
    let told: Vec<_> = told.try_iter().filter(is_shown).collect();
    let number = told.len() as u64;
    let all = told.into_iter().enumerate().map(|(index, told)| {
        let index = index as u64;
        let mut told = LoggedRequest::clone(&told);
        let port = if told.client.name == "node" { 50412 } else { 50398 };
        told.client.address = Some(([127, 0, 0, 1], port).into());
        told.at = NOW - i64::try_from((number - index) * 1700 % 58_000).unwrap();
        told.duration = Duration::from_micros(180 + index * 7919 % 2400);
        Arc::new(told)
    });
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|told| told.at);
    all
}

#[test]
fn a_plot_tells_what_was_in_the_second_that_is_pointed_at() {
    let mut window = Window::on_folder(&[(ADA, "{name: 'Ada'}")]);
    let minute = a_minute(&window);
    let session = window.session_mut();
    // All in the second that the middle of a plot stands for.
    for request in minute {
        let mut request = LoggedRequest::clone(&request);
        request.at = NOW - 29_000;
        session.models.requests.add(Arc::new(request));
    }
    window.press(Modifiers::COMMAND, Key::Num6);
    let at = |window: &Window, beginning: &str| {
        let plots = window.harness.query_all_by_role(Role::Image);
        let mut plots = plots.filter(|plot| {
            let name = plot.accesskit_node().label().unwrap_or_default();
            name.starts_with(beginning)
        });
        plots.next().unwrap().rect().center()
    };
    let reads = requests(&window)
        .all_shown()
        .filter(|told| told.operation == LoggedOperation::Read);
    let reads = format!("{} read", reads.count());
    let plot = at(&window, "Requests/s, at most ");
    window.harness.hover_at(plot);
    window.until_shown(&reads);
    assert!(window.shows("29 seconds ago") && window.shows("1 watch"));
    look(&mut window, "requests-hovered");
    let plot = at(&window, "Duration, at most ");
    window.harness.hover_at(plot);
    window.until("the percentiles", |_app| true);
    let labels = window.harness.query_all_by_role(Role::Label);
    let mut texts = labels.filter_map(|label| label.accesskit_node().value());
    assert!(texts.any(|text| text.starts_with("99 % within ")));
}

fn picture(theme: Theme, size: [f32; 2], name: &str) {
    let mut window = Window::on_folder(&[(ADA, "{name: 'Ada', credit: 20}"), (BOB, "{name: 'Bob'}")]);
    window.harness.ctx.set_theme(theme);
    window.harness.set_size(size.into());
    window.settle();
    let minute = a_minute(&window);
    let session = window.session_mut();
    for request in minute {
        session.models.requests.add(request);
    }
    window.press(Modifiers::COMMAND, Key::Num6);
    window
        .harness
        .get_all_by_role_and_label(Role::Row, r#"write ["users", "bob"], conflict: 1 check"#)
        .next()
        .unwrap()
        .click();
    window.settle();
    if name.starts_with("look") {
        look(&mut window, name);
    } else {
        snapshot(&mut window, name);
    }
}

#[test]
fn requests_are_pictured_in_the_dark() {
    picture(Theme::Dark, [1280.0, 800.0], "requests-dark");
}

#[test]
fn requests_are_pictured_in_the_light() {
    picture(Theme::Light, [1280.0, 800.0], "requests-light");
}

#[test]
fn requests_fit_into_a_small_window() {
    picture(Theme::Dark, [1100.0, 700.0], "look-requests-small");
}

#[test]
fn a_conflict_says_which_program_changed_the_key() {
    let (mut window, mut client) = looking();
    window.click(Role::TreeItem, "\"users\"");
    let session = window.harness.state_mut().session_mut().unwrap();
    let seen = session.database().get(&key(ADA)).unwrap().unwrap().versionstamp;
    session.models.transaction.add_check(&key(ADA), Some(seen));
    session
        .models
        .transaction
        .add_steps([keyglass_store::draft::Step::Delete { key: key(ADA) }]);
    window.settle();
    assert_eq!(client.set(ADA, "1"), Written::Ok);
    num_kept(&mut window, 1);
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the refusal", |app| {
        !app.session().unwrap().models.transaction.failed.is_empty()
    });
    let log = window.harness.state().notices().log();
    let details = &log.back().unwrap().details;
    let said = details
        .iter()
        .any(|line| line.starts_with(&format!("{ADA} was changed by Deno")));
    assert!(said, "{details:?}");
    let row = &window.models().transaction.failed_rows()[0];
    let session = window.harness.state().session().unwrap();
    assert!(
        session
            .client_of(&row.key, row.now.as_ref())
            .unwrap()
            .starts_with("Deno")
    );
}
