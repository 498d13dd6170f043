//! Drafts of transactions: their rows by mouse and by keyboard, their names, their files, and code that is pasted.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, AppAction, DatabasePath, PathPurpose, TransactionAction, TransactionPath};
use keyglass::model::draft::parse_value;
use keyglass::model::transaction::{OperationKind, TransactionDraft};
use keyglass_store::AtomicOperation;

use crate::harness::{NOW, Window, commit, key, look, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;
const COUNTER: &str = r#"["counter"]"#;

fn window() -> Window {
    let mut window = Window::on_folder(&[
        (ADA, "{name: 'Ada', credit: 20}"),
        (BOB, "{name: 'Bob', credit: 5}"),
        (COUNTER, "new Deno.KvU64(1n)"),
    ]);
    window.press(Modifiers::COMMAND, Key::T);
    window.settle();
    window
}

fn transaction(window: &mut Window) -> &mut TransactionDraft {
    &mut window.session_mut().models.transaction
}

fn add(window: &mut Window, kind: OperationKind, at: &str, value: &str) {
    transaction(window).add(kind, at.to_owned(), value.to_owned());
    window.settle();
}

fn rows(window: &Window) -> Vec<String> {
    let rows = &window.session().models.transaction.rows;
    let told = rows.iter().map(|row| {
        let off = if row.choices.is_off { "off " } else { "" };
        format!("{off}{} {} {}", row.kind.name(), row.texts.key, row.texts.value)
    });
    told.map(|row| row.trim_end().to_owned()).collect()
}

/// Three rows.
fn three() -> Window {
    let mut window = window();
    add(&mut window, OperationKind::Delete, "['a']", "");
    add(&mut window, OperationKind::Delete, "['b']", "");
    add(&mut window, OperationKind::Delete, "['c']", "");
    window
}

#[test]
fn rows_are_moved_doubled_switched_off_and_removed_by_keys_and_each_edit_is_undone() {
    let mut window = three();
    let focus = |window: &mut Window, name: &str| {
        window.harness.get_by_role_and_label(Role::Row, name).focus();
        window.settle();
    };
    focus(&mut window, "Row 1: delete ['a']");
    window.press(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(rows(&window), ["delete ['b']", "delete ['a']", "delete ['c']"]);
    // The keyboard goes with the row.
    window.press(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(rows(&window), ["delete ['b']", "delete ['c']", "delete ['a']"]);
    window.press(Modifiers::NONE, Key::Insert);
    window.press(Modifiers::NONE, Key::Space);
    assert_eq!(rows(&window)[2..], ["off delete ['a']", "delete ['a']"]);
    window.press(Modifiers::NONE, Key::Delete);
    assert_eq!(rows(&window), ["delete ['b']", "delete ['c']", "delete ['a']"]);
    for _ in 0..5 {
        window.click(Role::Button, "Undo the last edit of the rows");
    }
    assert_eq!(rows(&window), ["delete ['a']", "delete ['b']", "delete ['c']"]);
    window.click(Role::Button, "Do the edit of the rows again");
    assert_eq!(rows(&window)[0], "delete ['b']");
}

#[test]
fn a_row_is_dragged_to_another_place_and_its_menu_does_the_rest() {
    let mut window = three();
    let place = |window: &Window, name: &str| {
        let row = window.harness.get_by_role_and_label(Role::Row, name);
        row.rect().center()
    };
    let (from, to) = (
        place(&window, "Row 1: delete ['a']"),
        place(&window, "Row 3: delete ['c']"),
    );
    window.harness.drag_at(from);
    window.harness.run_ok();
    window.harness.hover_at(to);
    window.harness.run_ok();
    look(&mut window, "transaction-dragged");
    window.harness.drop_at(to);
    window.settle();
    assert_eq!(rows(&window), ["delete ['b']", "delete ['c']", "delete ['a']"]);
    window
        .harness
        .get_by_role_and_label(Role::Row, "Row 1: delete ['b']")
        .click_secondary();
    window.settle();
    look(&mut window, "transaction-menu");
    window.click(Role::MenuItem, "Switch off");
    assert_eq!(rows(&window)[0], "off delete ['b']");
    assert!(window.shows("switched off"));
}

#[test]
fn what_each_row_does_is_shown_before_it_is_committed() {
    let mut window = window();
    let expiring = AtomicOperation::new().set_expiring(
        key(ADA),
        parse_value("{name: 'Ada', credit: 20}").unwrap(),
        Some(NOW + 3_600_000),
    );
    commit(&*window.database(), expiring);
    add(&mut window, OperationKind::Set, ADA, "{name: 'Ada', credit: 25}");
    add(&mut window, OperationKind::Sum, COUNTER, "new Deno.KvU64(2n)");
    add(&mut window, OperationKind::Sum, COUNTER, "new Deno.KvU64(4n)");
    add(&mut window, OperationKind::Delete, "['nobody']", "");
    add(&mut window, OperationKind::Enqueue, "", "{mail: 'Ada'}");
    look(&mut window, "transaction-alive");
    assert!(window.shows("keeps expiry · credit: 20 → 25"));
    assert!(window.shows("1 of 2 on this key · 1 KvU64 → 3 KvU64"));
    assert!(window.shows("2 of 2 on this key · 3 KvU64 → 7 KvU64"));
    assert!(window.shows("is absent already") && window.shows("due at once"));
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    let entry = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(entry.expires_at, Some(NOW + 3_600_000));
    assert_eq!(window.database().queue(10).unwrap().len(), 1);
}

#[test]
fn a_row_is_edited_beside_the_transaction_by_the_editors_of_an_entry() {
    let mut window = window();
    add(&mut window, OperationKind::Set, ADA, "{name: 'Ada', credit: 25}");
    window
        .harness
        .get_by_role_and_label(Role::Row, "Row 1: set [\"users\", \"ada\"]")
        .focus();
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.shows("Row 1 · set"));
    window.enter(
        Role::MultilineTextInput,
        "Value of the row as JavaScript",
        "{\n  name: 'Ada',\n  credit: 30,\n}",
    );
    look(&mut window, "transaction-beside");
    assert!(window.shows("credit: 20 → 30"));
    window.click(Role::RadioButton, "Tree");
    look(&mut window, "transaction-beside-tree");
    window.enter_key(BOB);
    assert_eq!(window.session().models.transaction.rows[0].texts.key, BOB);
    window.click(Role::Button, "Done");
    assert!(!window.shows("Row 1 · set"));
    assert!(window.shows("credit: 5 → 30, name: \"Bob\" → \"Ada\""));
    // A value of several lines is no field of one line.
    assert!(
        window.shows("22 B · edit beside")
            || window.harness.query_all_by_role(Role::Link).any(|link| {
                link.accesskit_node()
                    .label()
                    .is_some_and(|label| label.ends_with("edit beside"))
            })
    );
}

#[test]
fn drafts_have_names_and_come_back_after_a_crash() {
    let mut window = three();
    window.click(Role::Link, "Draft 1 ▾");
    window.click(Role::MenuItem, "New draft");
    assert_eq!(rows(&window), Vec::<String>::new());
    add(&mut window, OperationKind::Set, ADA, "{");
    window.click(Role::Link, "Draft 2 ▾");
    look(&mut window, "transaction-drafts");
    window.enter(Role::TextInput, "Name of the draft", "Refund");
    window.press(Modifiers::NONE, Key::Enter);
    window.press(Modifiers::NONE, Key::Escape);
    assert!(window.shows("Refund ▾"));
    window.pass(2_000);
    let mut window = window.after_crash();
    window.until("the database", |app| app.session().is_some());
    window.settle();
    assert_eq!(rows(&window), [format!("set {ADA} {{")]);
    window.click(Role::Link, "Refund ▾");
    window.choose_beginning("Draft 1 · 3 rows");
    assert_eq!(rows(&window), ["delete ['a']", "delete ['b']", "delete ['c']"]);
    window.click(Role::Link, "Draft 1 ▾");
    window.click(Role::MenuItem, "Delete this draft");
    assert!(window.shows("Refund ▾"));
}

#[test]
fn code_is_pasted_and_what_could_not_be_read_is_told_line_by_line() {
    let mut window = window();
    window.click(Role::Link, "Draft 1 ▾");
    window.click(Role::MenuItem, "Paste Deno code…");
    let code = "const id = crypto.randomUUID();\nawait kv.atomic()\n  .check({ key: ['users', 'ada'], versionstamp: null })\n  .set(['users', id], 1)\n  .set(['users', 'eve'], { name: 'Eve' }, { expireIn: 60 * 1000 })\n  .commit();\n";
    window.enter(Role::MultilineTextInput, "Deno code", code);
    look(&mut window, "transaction-code");
    assert!(window.shows("2 rows; 2 parts could not be read:"));
    window.click(Role::Button, "Add rows");
    assert_eq!(
        rows(&window),
        [
            format!("check {ADA}"),
            "set [\"users\", \"eve\"] {name: \"Eve\"}".to_owned()
        ]
    );
    assert!(window.shows("expires 1 min after the commit · new key"));
}

#[test]
fn a_draft_is_saved_to_a_file_and_loaded_as_another_draft() {
    let mut window = three();
    let path = window.folder.path().join("refund.ndjson");
    let use_path = |window: &mut Window, purpose| {
        let database = window.session().id;
        let purpose = PathPurpose::On(database, DatabasePath::Transaction(purpose));
        let action = Action::App(AppAction::UsePath(purpose, path.clone()));
        let ctx = window.harness.ctx.clone();
        window.harness.state_mut().execute(action, &ctx);
        window.settle();
    };
    use_path(&mut window, TransactionPath::Save);
    window.until("the file", |app| {
        app.notices()
            .log()
            .iter()
            .any(|notice| notice.summary.starts_with("Saved the draft to "))
    });
    let text = std::fs::read_to_string(window.folder.path().join("refund.ndjson")).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    use_path(&mut window, TransactionPath::Load);
    window.until("the draft", |app| {
        app.session().unwrap().models.transaction.name() == "Draft 1 1"
    });
    assert_eq!(rows(&window).len(), 3);
    window.settle();
    assert!(window.shows("Draft 1 1 ▾"));
    std::fs::write(window.folder.path().join("refund.ndjson"), "nothing").unwrap();
    use_path(&mut window, TransactionPath::Load);
    window.until("the refusal", |app| {
        app.notices()
            .log()
            .iter()
            .any(|notice| notice.summary.starts_with("No draft was loaded: Line 1: "))
    });
}

#[test]
fn rows_come_from_many_entries_of_the_table_and_from_the_undo_list() {
    let mut window = window();
    window.click(Role::Row, ADA);
    window.settle();
    window.press(Modifiers::COMMAND, Key::A);
    window.settle();
    window.click(Role::Link, "Transaction…");
    window.click(Role::MenuItem, "Check and delete each");
    window.until("the rows", |app| {
        app.session().unwrap().models.transaction.rows.len() == 6
    });
    window.settle();
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    window.settle();
    transaction(&mut window).clear();
    let ctx = window.harness.ctx.clone();
    let database = window.session().id;
    let show = Action::command(keyglass::command::Command::ShowUndoList, Some(database));
    window.harness.state_mut().execute(show, &ctx);
    window.settle();
    window.click(Role::Link, "To transaction: Transaction: deleted 3 entries");
    let told = rows(&window);
    assert_eq!(told.len(), 6, "{told:?}");
    assert!(
        told.contains(&format!("set {ADA} {{name: \"Ada\", credit: 20}}")),
        "{told:?}"
    );
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    assert!(window.database().get(&key(ADA)).unwrap().is_some());
}

#[test]
fn commit_says_why_it_cannot() {
    let mut window = window();
    add(&mut window, OperationKind::Sum, COUNTER, "1");
    window.settle();
    assert!(window.shows("Row 1 (sum): Cannot sum KvU64 with Number"));
    commit(&*window.database(), set(COUNTER, "1"));
    window.until("the change", |app| {
        app.session().unwrap().models.facts.changed_at.is_some()
    });
    window.settle();
    assert!(!window.shows("Row 1 (sum): Cannot sum KvU64 with Number"));
}

/// A transaction of a small window, with one of its rows beside it.
fn beside(theme: egui::Theme) -> Window {
    let mut window = Window::on_shop([1100.0, 700.0], theme);
    window.until_loaded();
    window.press(Modifiers::COMMAND, Key::T);
    let ada = r#"["users", "ada"]"#;
    let stamp = window
        .database()
        .get(&key(ada))
        .unwrap()
        .map(|entry| entry.versionstamp);
    transaction(&mut window).add_check(&key(ada), stamp);
    transaction(&mut window).add_check(&key("['orders', 42n]"), None);
    add(&mut window, OperationKind::Set, ada, "{name: 'Ada', credit: 25}");
    let visits = r#"["visits", "home"]"#;
    add(&mut window, OperationKind::Sum, visits, "new Deno.KvU64(2n)");
    let id = transaction(&mut window).rows[2].id;
    let ctx = window.harness.ctx.clone();
    let database = window.session().id;
    let open = Action::On(database, TransactionAction::Open(id).into());
    window.harness.state_mut().execute(open, &ctx);
    window.settle();
    window
}

/// Code that is being pasted, of which not all can be read.
fn code(theme: egui::Theme) -> Window {
    let mut window = Window::on_shop([1100.0, 700.0], theme);
    window.until_loaded();
    window.press(Modifiers::COMMAND, Key::T);
    window.click(Role::Link, "Draft 1 ▾");
    window.click(Role::MenuItem, "Paste Deno code…");
    let code = "const id = crypto.randomUUID();\nawait kv.atomic()\n  .check({ key: [\"users\", \"eve\"], versionstamp: null })\n  .set([\"users\", \"eve\"], { name: \"Eve\", at: new Date(0) }, { expireIn: 60 * 1000 })\n  .set([\"users_by_id\", id], \"eve\")\n  .commit();\n";
    window.enter(Role::MultilineTextInput, "Deno code", code);
    window
}

#[test]
fn a_transaction_with_a_row_beside_it_looks_as_kept() {
    snapshot(&mut beside(egui::Theme::Dark), "draft-dark");
}

#[test]
fn a_transaction_with_a_row_beside_it_in_the_light_looks_as_kept() {
    snapshot(&mut beside(egui::Theme::Light), "draft-light");
}

#[test]
fn code_that_is_pasted_looks_as_kept() {
    snapshot(&mut code(egui::Theme::Dark), "draft-code-dark");
}

#[test]
fn code_that_is_pasted_in_the_light_looks_as_kept() {
    snapshot(&mut code(egui::Theme::Light), "draft-code-light");
}
