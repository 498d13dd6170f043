//! Undo and redo of what was committed here, and the list of it.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use keyglass::model::draft::parse_value;
use keyglass::undo_files;
use keyglass_store::{AtomicOperation, Encoding, KeyRange, ReadRange, StoredValue};

use crate::harness::{NOW, Window, commit, key, set};

const ADA: &str = r#"["users", "ada"]"#;
const CODE: &str = "Value as JavaScript";

fn window() -> Window {
    let mut window = Window::on_folder(&[(ADA, "20"), (r#"["users", "bob"]"#, "1")]);
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Code");
    window
}

fn stored(window: &Window, key_text: &str) -> Option<String> {
    let entry = window.database().get(&key(key_text)).unwrap();
    entry.map(|entry| entry.value.decode().unwrap().to_string())
}

fn until_notices(window: &mut Window, number: usize) {
    window.until("a notice", |app| app.notices().log().len() >= number);
    window.settle();
}

fn save(window: &mut Window, value: &str) {
    let before = window.notices().len();
    window.enter(Role::MultilineTextInput, CODE, value);
    window.press(Modifiers::COMMAND, Key::S);
    until_notices(window, before + 1);
    // Out of the text, so that the keys mean the commits.
    window.press(Modifiers::NONE, Key::Escape);
}

#[test]
fn commits_are_undone_and_redone_by_keys_in_their_order() {
    let mut window = window();
    save(&mut window, "21");
    save(&mut window, "22");
    // The second one waits for the first.
    window.press(Modifiers::COMMAND, Key::Z);
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 4);
    assert_eq!(stored(&window, ADA).unwrap(), "20");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    until_notices(&mut window, 5);
    assert_eq!(stored(&window, ADA).unwrap(), "21");
    window.press(Modifiers::COMMAND, Key::Y);
    until_notices(&mut window, 6);
    assert_eq!(stored(&window, ADA).unwrap(), "22");
    assert_eq!(window.notices()[5], format!("Redone: Changed {ADA}"));
    // Nothing is left to redo, and what was redone can be undone.
    window.press(Modifiers::COMMAND, Key::Y);
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 7);
    assert_eq!(window.notices().len(), 7);
    assert_eq!(stored(&window, ADA).unwrap(), "21");
}

#[test]
fn in_a_text_field_the_keys_mean_the_text() {
    let mut window = window();
    save(&mut window, "21");
    window
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, CODE)
        .click();
    window.harness.run_ok();
    window.press(Modifiers::COMMAND, Key::Z);
    window.settle();
    assert_eq!(stored(&window, ADA).unwrap(), "21");
    assert_eq!(window.notices().len(), 1);
}

#[test]
fn the_expiry_comes_back_as_it_was() {
    let mut window = window();
    let database = window.database();
    let expires_at = Some(NOW + 1_234_567);
    commit(
        &*database,
        AtomicOperation::new().set_expiring(key(ADA), parse_value("1").unwrap(), expires_at),
    );
    window.until("the change", |app| {
        let entry = app.session().unwrap().models.panel.entry();
        entry.is_some_and(|entry| entry.expires_at.is_some())
    });
    window.press(Modifiers::COMMAND, Key::Delete);
    window.click(Role::Button, "Delete");
    until_notices(&mut window, 1);
    assert_eq!(stored(&window, ADA), None);
    window.pass(60_000);
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 2);
    assert_eq!(database.get(&key(ADA)).unwrap().unwrap().expires_at, expires_at);
}

#[test]
fn the_history_lists_steps_and_undoes_any_of_them() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::H);
    assert!(
        window
            .harness
            .query_by_label_contains("Nothing was committed from this window yet")
            .is_some()
    );
    save(&mut window, "21");
    window.press(Modifiers::COMMAND, Key::N);
    window.enter_key(r#"["users", "eve"]"#);
    window.enter(Role::MultilineTextInput, CODE, "5");
    window.press(Modifiers::COMMAND, Key::S);
    until_notices(&mut window, 2);
    // The older one, since it is another key.
    window.click(Role::Button, &format!("Undo: Changed {ADA}"));
    until_notices(&mut window, 3);
    assert_eq!(stored(&window, ADA).unwrap(), "20");
    assert_eq!(stored(&window, r#"["users", "eve"]"#).unwrap(), "5");
    window.click(Role::Button, &format!("Redo: Changed {ADA}"));
    until_notices(&mut window, 4);
    assert_eq!(stored(&window, ADA).unwrap(), "21");
    window.click(Role::Button, r#"Undo: Created ["users", "eve"]"#);
    until_notices(&mut window, 5);
    assert_eq!(stored(&window, r#"["users", "eve"]"#), None);
}

#[test]
fn a_refused_undo_stays_in_the_list_with_what_stands_there() {
    let mut window = window();
    save(&mut window, "21");
    commit(&*window.database(), set(ADA, "'theirs'"));
    window.settle();
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 2);
    assert_eq!(stored(&window, ADA).unwrap(), r#""theirs""#);
    window.press(Modifiers::COMMAND, Key::H);
    let reason = format!("Not undone: {ADA} is \"theirs\" now, version ");
    assert!(window.harness.query_by_label_contains(&reason).is_some());
    // Once more, when the key is gone.
    commit(&*window.database(), AtomicOperation::new().delete(key(ADA)));
    window.click(Role::Button, &format!("Undo: Changed {ADA}"));
    until_notices(&mut window, 3);
    assert!(window.shows(&format!("Not undone: {ADA} is absent now")));
    assert_eq!(stored(&window, ADA), None);
}

#[test]
fn a_transaction_is_undone_as_one_also_where_it_did_not_check() {
    let mut window = Window::on_folder(&[(r#"["n"]"#, "new Deno.KvU64(5n)"), (r#"["gone"]"#, "1")]);
    let session = window.session_mut();
    use keyglass::model::transaction::OperationKind;
    session.models.transaction.add(
        OperationKind::Sum,
        r#"["n"]"#.to_owned(),
        "new Deno.KvU64(2n)".to_owned(),
    );
    session
        .models
        .transaction
        .add(OperationKind::Delete, r#"["gone"]"#.to_owned(), String::new());
    session
        .models
        .transaction
        .add(OperationKind::Set, r#"["new"]"#.to_owned(), "true".to_owned());
    window.press(Modifiers::COMMAND, Key::Enter);
    until_notices(&mut window, 1);
    assert_eq!(stored(&window, r#"["n"]"#).unwrap(), "new Deno.KvU64(7n)");
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 2);
    assert_eq!(stored(&window, r#"["n"]"#).unwrap(), "new Deno.KvU64(5n)");
    assert_eq!(stored(&window, r#"["gone"]"#).unwrap(), "1");
    assert_eq!(stored(&window, r#"["new"]"#), None);
    window.press(Modifiers::COMMAND, Key::Y);
    until_notices(&mut window, 3);
    assert_eq!(stored(&window, r#"["n"]"#).unwrap(), "new Deno.KvU64(7n)");
    assert_eq!(stored(&window, r#"["gone"]"#), None);
}

#[test]
fn entries_that_cannot_be_read_are_put_back_byte_for_byte() {
    let mut window = Window::on_folder(&[(r#"["old", 1]"#, "1")]);
    let prefix = key(r#"["old"]"#);
    let everything = ReadRange {
        range: KeyRange::everything(),
        limit: usize::MAX,
        reverse: false,
    };
    let contents = |window: &Window| -> Vec<_> {
        let entries = window.database().snapshot().unwrap().read(&everything).unwrap();
        let entries = entries.into_iter();
        entries
            .map(|entry| (entry.key, entry.value, entry.expires_at))
            .collect()
    };
    for (suffix, encoding, bytes) in [
        (b"\x02a".as_slice(), 3, b"whole".as_slice()),
        (b"\x16\0\x05", 1, b"\xff\x0f\x22\x7f"),
        (b"\x15\x05", 2, b"123"),
        (b"\x15\x06", 99, b"any"),
    ] {
        let value = StoredValue {
            encoding: Encoding::from_number(encoding),
            bytes: bytes.to_vec().into(),
        };
        commit(
            &*window.database(),
            AtomicOperation::new().set(prefix.with_suffix(suffix), value),
        );
    }
    window.settle();
    let before = contents(&window);
    assert_eq!(before.len(), 5);
    delete_prefix(&mut window, r#""old""#);
    until_notices(&mut window, 1);
    assert_eq!(window.notices(), ["Deleted 5 entries"]);
    assert_eq!(contents(&window), []);
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 2);
    assert_eq!(window.notices()[1], "Undone: Deleted 5 entries");
    assert_eq!(contents(&window), before);
    window.press(Modifiers::COMMAND, Key::Y);
    until_notices(&mut window, 3);
    assert_eq!(contents(&window), []);
}

fn delete_prefix(window: &mut Window, node: &str) {
    window
        .harness
        .get_by_role_and_label(Role::TreeItem, node)
        .click_secondary();
    window.harness.run_ok();
    window.choose_beginning("Delete ");
    window.click(Role::Button, "Delete all");
}

#[test]
fn two_deletions_at_one_moment_are_undone_each_from_a_file_that_no_window_removes_meanwhile() {
    let (one, other) = (r#"["one", 1]"#, r#"["other", 1]"#);
    let mut window = Window::on_folder(&[(one, "1"), (other, "2")]);
    delete_prefix(&mut window, r#""one""#);
    until_notices(&mut window, 1);
    delete_prefix(&mut window, r#""other""#);
    until_notices(&mut window, 2);
    // Another window cleans up long after that.
    let deleted = window.folder.path().join("deleted");
    assert_eq!(undo_files::clean_up(&deleted, i64::MAX), 0);
    window.press(Modifiers::COMMAND, Key::Z);
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 4);
    assert_eq!(stored(&window, one).unwrap(), "1");
    assert_eq!(stored(&window, other).unwrap(), "2");
    let Window { harness, folder, .. } = window;
    drop(harness);
    assert_eq!(undo_files::clean_up(&deleted, i64::MAX), 2);
    drop(folder);
}

#[test]
fn a_deleted_prefix_is_put_back_and_deleted_again_but_for_what_changed() {
    let entries: Vec<String> = (0..250).map(|number| format!(r#"["old", {number}]"#)).collect();
    let pairs: Vec<(&str, &str)> = entries.iter().map(|key| (key.as_str(), "1")).collect();
    let mut window = Window::on_folder(&pairs);
    delete_prefix(&mut window, r#""old""#);
    until_notices(&mut window, 1);
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 2);
    assert_eq!(window.notices()[1], "Undone: Deleted 250 entries");
    assert_eq!(stored(&window, &entries[249]).unwrap(), "1");
    commit(&*window.database(), set(&entries[7], "2"));
    window.press(Modifiers::COMMAND, Key::Y);
    until_notices(&mut window, 3);
    assert_eq!(
        window.notices()[2],
        "Redone: Deleted 250 entries (249 entries deleted, 1 changed meanwhile and kept)"
    );
    assert_eq!(stored(&window, &entries[249]), None);
    assert_eq!(stored(&window, &entries[7]).unwrap(), "2");
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 4);
    assert_eq!(
        window.notices()[3],
        "Undone: Deleted 250 entries (249 entries put back, 1 there already)"
    );
    assert_eq!(stored(&window, &entries[249]).unwrap(), "1");
    assert_eq!(stored(&window, &entries[7]).unwrap(), "2");
}
