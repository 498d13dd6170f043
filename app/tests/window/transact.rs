//! Composing and committing transactions.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use keyglass_store::AtomicOperation;
use keyglass_store::limits::Limits;

use crate::harness::{NOW, Window, commit, key, look, new_store, set};
use crate::pictures::{dismiss_toast, snapshot};
use keyglass::errand::ForEntries;
use keyglass::model::draft::parse_value;

const ADA: &str = r#"["users", "ada"]"#;

fn window() -> Window {
    let mut window = Window::on_folder(&[(ADA, "20")]);
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "21");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.settle();
    window
}

#[test]
fn a_transaction_of_check_and_set_commits_as_one() {
    let mut window = window();
    assert!(window.shows("passes now"));
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    let entry = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(entry.value.decode().unwrap().to_string(), "21");
    let stamp = window.session().models.transaction.committed();
    assert_eq!(stamp, Some(entry.versionstamp));
    window.settle();
    assert!(window.shows(&format!("Committed with versionstamp {}", entry.versionstamp)));
    // The edit that it held is stored, so nothing is left to save.
    assert!(!window.shows("Changed outside while you edit"));
    let session = window.session();
    assert_eq!(session.models.panel.num_changed(), 0);
}

#[test]
fn a_failed_check_is_named_and_can_be_rebased() {
    let mut window = window();
    commit(&*window.database(), set(ADA, "'faster'"));
    window.until("the change", |app| {
        app.session().unwrap().models.facts.changed_at.is_some()
    });
    window.settle();
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the refusal", |app| {
        !app.session().unwrap().models.transaction.failed.is_empty()
    });
    window.settle();
    assert!(window.shows("Not committed: one check failed"));
    assert_eq!(
        window
            .database()
            .get(&key(ADA))
            .unwrap()
            .unwrap()
            .value
            .decode()
            .unwrap()
            .to_string(),
        r#""faster""#
    );
    window.click(Role::Button, "Rebase checks…");
    window.settle();
    look(&mut window, "transaction-rebase");
    // What changed is shown before it is taken.
    assert!(window.shows("- 20") && window.shows("+ \"faster\""));
    window.click(Role::Button, "Take new versionstamps");
    window.settle();
    assert!(window.shows("passes now"));
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    assert_eq!(
        window
            .database()
            .get(&key(ADA))
            .unwrap()
            .unwrap()
            .value
            .decode()
            .unwrap()
            .to_string(),
        "21"
    );
}

#[test]
fn a_row_that_is_wrong_keeps_the_transaction_from_committing() {
    let mut window = window();
    window.click(Role::Link, "+ delete");
    window.session_mut().models.transaction.rows[2].texts.key = "[".to_owned();
    window.session_mut().models.transaction.rows[2].parse(&Limits::DENO);
    window.press(Modifiers::COMMAND, Key::Enter);
    window.settle();
    assert!(
        window.notices()[0].starts_with("Not committed: Row 3 (delete): "),
        "{:?}",
        window.notices()
    );
}

#[test]
fn a_value_of_many_lines_becomes_a_row_of_one_line() {
    let mut window = window();
    window.enter(
        Role::MultilineTextInput,
        "Value as JavaScript",
        "{name: 'Ada',\n tags: ['a long text that needs a line', 'and another one']}",
    );
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.settle();
    let rows = &window.session().models.transaction.rows;
    let text = &rows.last().unwrap().texts.value;
    assert!(
        !text.contains('\n') && text.starts_with("{name: \"Ada\", tags: ["),
        "{text}"
    );
}

/// A window on one counter, with the transaction shown.
fn counter() -> Window {
    let mut window = Window::on_folder(&[(ADA, "20"), (COUNTER, "new Deno.KvU64(1n)")]);
    window.press(Modifiers::COMMAND, Key::T);
    window.settle();
    window
}

const COUNTER: &str = r#"["counter"]"#;

/// Begins a row by the keyboard.
fn begin_row(window: &mut Window, kind: &str) {
    let name = format!("+ {kind}");
    window.harness.get_by_role_and_label(Role::Link, &name).focus();
    window.harness.run_ok();
    window.press(Modifiers::NONE, Key::Enter);
}

fn pressed(modifiers: Modifiers, key: Key) -> Event {
    Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers,
    }
}

/// Lets all of this happen within one frame.
fn at_once(window: &mut Window, events: impl IntoIterator<Item = Event>) {
    window.harness.input_mut().events.extend(events);
    // What waits for a later frame is taken in the next ones.
    for _ in 0..12 {
        window.harness.step();
    }
}

/// A key, a value and the commit, as fast as a machine types.
fn typed(key: &str, value: &str) -> [Event; 4] {
    [
        Event::Text(key.to_owned()),
        pressed(Modifiers::NONE, Key::Tab),
        Event::Text(value.to_owned()),
        pressed(Modifiers::COMMAND, Key::Enter),
    ]
}

fn value_of(window: &Window, of: &str) -> String {
    let entry = window.database().get(&key(of)).unwrap().unwrap();
    entry.value.decode().unwrap().to_string()
}

fn until_committed(window: &mut Window) {
    window.until("the commit", |app| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    window.settle();
}

#[test]
fn a_new_row_takes_what_is_typed_and_keys_of_one_frame_go_where_the_focus_has_gone() {
    let mut window = counter();
    begin_row(&mut window, "sum");
    at_once(&mut window, typed(COUNTER, "new Deno.KvU64(2n)"));
    until_committed(&mut window);
    let row = window.session().models.transaction.rows[0].clone();
    assert_eq!(
        (row.texts.key.as_str(), row.texts.value.as_str()),
        (COUNTER, "new Deno.KvU64(2n)")
    );
    assert_eq!(value_of(&window, COUNTER), "new Deno.KvU64(3n)");
    // All is selected in the field and not in the table.
    begin_row(&mut window, "delete");
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(Event::Text("['x']".to_owned()));
    window.harness.run_ok();
    let session = window.session();
    assert_eq!(session.models.transaction.rows[1].texts.key, "['x']");
    assert!(session.models.entries.selection.keys().is_empty());
}

#[test]
fn what_was_committed_is_committed_again_only_on_purpose() {
    let mut window = counter();
    begin_row(&mut window, "sum");
    at_once(&mut window, typed(COUNTER, "new Deno.KvU64(2n)"));
    until_committed(&mut window);
    look(&mut window, "transaction-committed");
    window.press(Modifiers::COMMAND, Key::Enter);
    window.press(Modifiers::COMMAND, Key::Enter);
    window.settle();
    assert_eq!(value_of(&window, COUNTER), "new Deno.KvU64(3n)");
    let told = window.notices();
    assert!(
        told.last()
            .unwrap()
            .starts_with("Nothing was committed: these rows"),
        "{told:?}"
    );
    window.click(Role::Button, "Use again");
    window.press(Modifiers::COMMAND, Key::Enter);
    until_committed(&mut window);
    assert_eq!(value_of(&window, COUNTER), "new Deno.KvU64(5n)");
    // An edit makes it another transaction.
    window.enter(Role::TextInput, "Value of the operation", "new Deno.KvU64(10n)");
    assert!(!window.shows("Use again"));
    window.press(Modifiers::COMMAND, Key::Enter);
    until_committed(&mut window);
    assert_eq!(value_of(&window, COUNTER), "new Deno.KvU64(15n)");
}

#[test]
fn what_was_committed_is_not_committed_by_the_next_run_either() {
    let mut window = counter();
    begin_row(&mut window, "sum");
    at_once(&mut window, typed(COUNTER, "new Deno.KvU64(2n)"));
    until_committed(&mut window);
    window.pass(2_000);
    let mut window = window.after_restart();
    window.until("the database", |app| app.session().is_some());
    window.settle();
    window.press(Modifiers::COMMAND, Key::Enter);
    window.settle();
    assert_eq!(value_of(&window, COUNTER), "new Deno.KvU64(3n)");
    assert!(window.shows("Use again"));
}

#[test]
fn checks_of_what_the_commit_wrote_itself_hold_when_it_is_used_again() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::Enter);
    until_committed(&mut window);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.settle();
    assert!(!window.shows("Use again"));
    assert!(window.shows("passes now"));
    window.press(Modifiers::COMMAND, Key::Enter);
    until_committed(&mut window);
    assert_eq!(value_of(&window, ADA), "21");
}

#[test]
fn a_set_that_is_committed_as_soon_as_it_is_typed_keeps_the_expiry() {
    let mut window = counter();
    let expiring =
        AtomicOperation::new().set_expiring(key(ADA), parse_value("20").unwrap(), Some(NOW + 86_400_000));
    commit(&*window.database(), expiring);
    begin_row(&mut window, "set");
    at_once(&mut window, typed(ADA, "21"));
    until_committed(&mut window);
    let entry = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(value_of(&window, ADA), "21");
    assert_eq!(entry.expires_at, Some(NOW + 86_400_000));
}

#[test]
fn a_type_that_does_not_fit_is_told_in_its_row() {
    let mut window = counter();
    begin_row(&mut window, "sum");
    at_once(&mut window, typed(COUNTER, "2").into_iter().take(3));
    window.settle();
    look(&mut window, "transaction-type");
    assert!(window.shows("Cannot sum KvU64 with Number"));
    window.press(Modifiers::COMMAND, Key::Enter);
    window.settle();
    assert_eq!(
        window.notices(),
        ["Not committed: Row 1 (sum): Cannot sum KvU64 with Number"]
    );
}

/// The review of what changed under a check.
fn rebasing(theme: Theme) -> Window {
    let folder = tempfile::tempdir().unwrap();
    let location = folder.path().join("shop.kg");
    let store = new_store(&location);
    commit(&store, set(ADA, "{name: 'Ada', credit: 20, since: 1842}"));
    drop(store);
    let location = location.to_string_lossy().into_owned();
    let mut window = Window::sized([1100.0, 700.0], theme, Some(location), folder);
    window.until_loaded();
    let session = window.harness.state_mut().session_mut().unwrap();
    let seen = session.database().get(&key(ADA)).unwrap().unwrap();
    let entries = [seen];
    session.models.transaction.add_entries(&entries, ForEntries::Set);
    window.press(Modifiers::COMMAND, Key::T);
    window.settle();
    commit(
        &*window.database(),
        set(ADA, "{name: 'Ada', credit: 25, since: 1842}"),
    );
    window.settle();
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the refusal", |app| {
        !app.session().unwrap().models.transaction.failed.is_empty()
    });
    while dismiss_toast(&window) {
        window.settle();
    }
    window.click(Role::Button, "Rebase checks…");
    window
}

#[test]
fn the_review_before_a_rebase_looks_as_kept() {
    snapshot(&mut rebasing(Theme::Dark), "rebase-dark");
}

#[test]
fn the_review_before_a_rebase_in_the_light_looks_as_kept() {
    snapshot(&mut rebasing(Theme::Light), "rebase-light");
}
