//! Pictures of dialogs and menus, and of what the entry panel shows beside entries, in both themes.

use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use keyglass::action::Action;
use keyglass::command::Command;
use keyglass_store::value::Value;
use keyglass_store::{AtomicOperation, StoredValue};

use crate::harness::{Window, commit, key};
use crate::pictures::{dismiss_toast, snapshot};

const SIZE: [f32; 2] = [960.0, 620.0];
const ADA: &str = r#"["users", "ada"]"#;

fn on(entries: &[(&str, &str)]) -> Window {
    let mut window = Window::on_folder(entries);
    window.harness.ctx.set_theme(Theme::Dark);
    window.harness.set_size(SIZE.into());
    window.settle();
    window
}

fn on_users() -> Window {
    on(&[
        (ADA, "{name: 'Ada', home: &1 {city: 'Bath'}, work: *1}"),
        (r#"["users", "bob"]"#, "{name: 'Bob', credit: 3.5}"),
        (r#"["visits", "ada"]"#, "new Deno.KvU64(7n)"),
    ])
}

fn run(window: &mut Window, command: Command) {
    let front = window.harness.state().session().map(|session| session.id);
    let ctx = window.harness.ctx.clone();
    let action = Action::command(command, front);
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
}

/// The part of a blob, and the options of an export.
fn export() -> Window {
    let mut window = on(&[(
        r#"["photo", "__kv_toolbox_meta__"]"#,
        "{kind: 'file', type: 'text/plain', name: 'lines.txt', size: 20}",
    )]);
    let stored = StoredValue::from_value(&Value::bytes(b"line one\nline two\nrest".to_vec())).unwrap();
    let part = key(r#"["photo", "__kv_toolbox_blob__", 1]"#);
    let database = window.database();
    commit(&*database, AtomicOperation::new().set(part.clone(), stored));
    window.settle();
    window.pass(61_000);
    window.session_mut().go_to(part);
    window.settle();
    run(&mut window, Command::ExportDatabase);
    window
}

/// A folder of the tree, and saved filters.
fn filters() -> Window {
    let mut window = on_users();
    window.click(Role::TreeItem, r#""users""#);
    window.settle();
    for name in ["People", "Reversed people"] {
        run(&mut window, Command::ShowFilters);
        window.enter(Role::TextInput, "Name of the filter", name);
        window.click(Role::Button, "Save");
        window.settle();
        run(&mut window, Command::ReverseList);
    }
    // A click beside a dialog closes it.
    while dismiss_toast(&window) {
        window.settle();
    }
    run(&mut window, Command::ShowFilters);
    window
}

/// A new entry, and a path that is typed.
fn path() -> Window {
    let mut window = on_users();
    run(&mut window, Command::NewEntry);
    run(&mut window, Command::OpenPath);
    window.enter(Role::TextInput, "Path", "/projects/shop.kg");
    window
}

/// Bytes that are text.
fn preview() -> Window {
    let text = b"{\"name\": \"Ada\", \"credit\": 20, \"tags\": [\"early\", \"paid\"]}";
    let bytes: Vec<String> = text.iter().map(ToString::to_string).collect();
    let value = format!("new Uint8Array([{}])", bytes.join(", "));
    let mut window = on(&[(r#"["cache", "ada.json"]"#, &value)]);
    window.click(Role::Row, r#"["cache", "ada.json"]"#);
    window.settle();
    window.click(Role::RadioButton, "Preview");
    window
}

/// An entry with one object in two places whose key is written anew, and a question.
fn rename() -> Window {
    let mut window = on_users();
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Code");
    run(&mut window, Command::RenameEntry);
    run(&mut window, Command::DeleteSelection);
    window
}

/// In which forms the entry that is shown is copied.
fn copy_menu() -> Window {
    let mut window = on_users();
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::Link, "Copy as…");
    window
}

/// What can be done with a key of the tree.
fn keys_menu() -> Window {
    let mut window = on_users();
    let node = window.harness.get_by_role_and_label(Role::TreeItem, r#""users""#);
    node.click_secondary();
    window.settle();
    window
}

/// What can be done with something found.
fn found_menu() -> Window {
    let mut window = on_users();
    run(&mut window, Command::Find);
    window.enter(Role::TextInput, "Find in keys and values", "ada");
    let found = r#"["users", "ada"]"#;
    window.until_shown(found);
    window.settle();
    let row = window.harness.get_by_role_and_label(Role::Row, found);
    row.click_secondary();
    window.settle();
    window
}

/// What unlocking one of Deno's files means.
fn unlock() -> Window {
    let mut window = Window::on_shop(SIZE, Theme::Dark);
    run(&mut window, Command::Unlock);
    window
}

macro_rules! pictures {
    ($($test:ident: $scene:ident, $dark:literal, $light:literal;)*) => {
        $(#[test]
        fn $test() {
            let mut window = $scene();
            snapshot(&mut window, $dark);
            window.harness.ctx.set_theme(Theme::Light);
            snapshot(&mut window, $light);
        })*
    };
}

pictures! {
    an_export_and_a_blob_look_as_kept: export, "export-dark", "export-light";
    saved_filters_and_a_folder_look_as_kept: filters, "filters-dark", "filters-light";
    a_path_and_a_new_entry_look_as_kept: path, "path-dark", "path-light";
    what_bytes_hold_looks_as_kept: preview, "preview-dark", "preview-light";
    a_question_and_a_new_key_look_as_kept: rename, "rename-dark", "rename-light";
    the_forms_to_copy_look_as_kept: copy_menu, "copy-dark", "copy-light";
    the_menu_of_what_was_found_looks_as_kept: found_menu, "found-menu-dark", "found-menu-light";
    what_unlocking_means_looks_as_kept: unlock, "unlock-dark", "unlock-light";
    the_menu_of_a_key_looks_as_kept: keys_menu, "keys-menu-dark", "keys-menu-light";
}
