//! Blobs of kv-toolbox, which are kept in parts.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use keyglass_store::value::Value;
use keyglass_store::{AtomicOperation, StoredValue};

use crate::copy::copied;
use crate::harness::{Window, commit, key, look};

/// The row of the whole blob.
const BLOB: &str = r#"["photo"], blob"#;
const FACTS: &str = r#"["photo", "__kv_toolbox_meta__"]"#;

fn part(number: usize) -> String {
    format!(r#"["photo", "__kv_toolbox_blob__", {number}]"#)
}

/// A window on a text that is kept in three parts, beside an entry that is none of them.
fn window() -> (Window, String) {
    let text: String = (0..150).map(|number| format!("line {number}\n")).collect();
    let mut window = Window::on_folder(&[
        (
            FACTS,
            "{kind: 'file', type: 'text/plain', name: 'lines.txt', size: 1240, lastModified: 0}",
        ),
        (r#"["photo"]"#, "'beside it'"),
        (r#"["photo", "other"]"#, "1"),
    ]);
    let database = window.database();
    for (index, bytes) in text.as_bytes().chunks(500).enumerate() {
        let stored = StoredValue::from_value(&Value::bytes(bytes.to_vec())).unwrap();
        commit(
            &*database,
            AtomicOperation::new().set(key(&part(index + 1)), stored),
        );
    }
    window.settle();
    (window, text)
}

/// Chooses from the menu of the blob's row.
fn choose(window: &mut Window, entry: &str) {
    window
        .harness
        .get_by_role_and_label(Role::Row, BLOB)
        .click_secondary();
    window.settle();
    window.click(Role::MenuItem, entry);
    window.settle();
}

/// The keys of all rows of the table.
fn rows(window: &Window) -> Vec<String> {
    let entries = &window.models().entries;
    (0..entries.num_rows())
        .map(|row| entries.row(row).unwrap().name().to_string())
        .collect()
}

fn stands(window: &Window, name: &str) -> bool {
    window.database().get(&key(name)).unwrap().is_some()
}

/// The list of the parts, and one of them shown.
fn show_part(window: &mut Window, number: usize) {
    choose(window, "List its parts");
    window.click(Role::Row, &part(number));
    window.settle();
}

#[test]
fn a_part_leads_to_the_whole_blob_which_is_previewed_and_exported() {
    let (mut window, text) = window();
    show_part(&mut window, 2);
    assert!(window.shows("Part 2 of a blob of kv-toolbox"));
    assert!(window.shows("3 parts, 1.2 KB, text/plain, lines.txt"));
    window.click(Role::RadioButton, "Preview");
    window.settle();
    assert!(window.shows("All parts · UTF-8 text, 1.2 KB"));
    look(&mut window, "blob");
    window.click(Role::Button, "Export blob…");
    window.until("the export", |app| !app.notices().log().is_empty());
    let path = window.folder.path().join("lines.txt");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(
        window.notices(),
        [format!("Exported a blob of 1.2 KB to {}", path.display())]
    );
    assert!(!window.folder.path().join("lines.txt.part").exists());
}

#[test]
fn all_parts_are_deleted_and_nothing_else_and_come_back_by_undo() {
    let (mut window, _) = window();
    show_part(&mut window, 2);
    window.click(Role::Button, "Delete all parts…");
    window.settle();
    window.click(Role::Button, "Delete all");
    window.until("the delete", |app| !app.notices().log().is_empty());
    for gone in [part(1), part(2), part(3), FACTS.to_owned()] {
        assert!(!stands(&window, &gone), "{gone}");
    }
    for kept in [r#"["photo"]"#, r#"["photo", "other"]"#] {
        assert!(stands(&window, kept), "{kept}");
    }
    window.settle();
    window.click(Role::Link, "Undo");
    window.until("the undo", |app| app.notices().log().len() == 2);
    for back in [part(1), part(3), FACTS.to_owned()] {
        assert!(stands(&window, &back), "{back}");
    }
}

#[test]
fn a_blob_with_a_gap_says_so() {
    let (mut window, _) = window();
    commit(&*window.database(), AtomicOperation::new().delete(key(&part(2))));
    window.settle();
    window.click(Role::Row, BLOB);
    window.settle();
    assert!(window.shows("1 part, 500 B, text/plain, lines.txt"));
    assert!(window.shows("1 entry more, after a gap or without bytes, cannot be read as parts"));
}

#[test]
fn a_blob_is_one_row_that_is_selected_and_changes_as_a_whole() {
    let (mut window, _) = window();
    let names = [r#"["photo"]"#, r#"["photo"]"#, r#"["photo", "other"]"#];
    assert_eq!(rows(&window), names);
    window.click(Role::Row, BLOB);
    window.settle();
    look(&mut window, "blob_row");
    assert!(window.shows("Part 1 of a blob of kv-toolbox"));
    assert!(window.shows("Entry 2 of 3"));
    let session = window.session();
    assert!(!session.models.entries.many_selected());
    let row = session.models.entries.row(1).unwrap();
    let blob = row.blob.as_ref().unwrap();
    assert_eq!(blob.title(), "3 parts, text/plain, lines.txt");
    assert_eq!((row.size, blob.is_exact), (1240, true));

    // A part that is added belongs to the row, and marks it.
    let more = StoredValue::from_value(&Value::bytes(vec![0; 60])).unwrap();
    commit(
        &*window.database(),
        AtomicOperation::new().set(key(&part(4)), more),
    );
    window.until("the part", |app| {
        let row = app.session().unwrap().models.entries.row(1);
        row.is_some_and(|row| row.blob.as_ref().is_some_and(|blob| blob.num_parts == 4))
    });
    let entries = &window.models().entries;
    let row = entries.row(1).unwrap();
    assert!(entries.is_changed(row));
    assert_eq!(rows(&window), names);
    // Three parts of 500 bytes are assumed, and the facts say otherwise.
    assert_eq!((row.size, row.blob.as_ref().unwrap().is_exact), (1560, false));
    window.pass(5_000);
    assert!(window.shows("Entry 2 of 3"));

    // Without its parts the facts stay, without those the row goes.
    let database = window.database();
    let gone = (1..=4).fold(AtomicOperation::new(), |operation, number| {
        operation.delete(key(&part(number)))
    });
    commit(&*database, gone);
    window.until("the facts", |app| {
        let row = app.session().unwrap().models.entries.row(1);
        row.is_some_and(|row| row.blob.as_ref().is_some_and(|blob| blob.num_parts == 0))
    });
    assert!(window.shows("Entry 2 of 3"));
    commit(&*database, AtomicOperation::new().delete(key(FACTS)));
    window.until("the end of the row", |app| {
        app.session().unwrap().models.entries.num_rows() == 2
    });
}

#[test]
fn the_row_of_a_blob_is_deleted_with_all_parts_and_nothing_else() {
    let (mut window, _) = window();
    choose(&mut window, r#"Delete the blob ["photo"]…"#);
    assert!(window.shows("Delete the blob with all its parts?"));
    window.until("the count", |app| {
        app.session().unwrap().asked.counted().is_some()
    });
    window.settle();
    window.click(Role::Button, "Delete all");
    window.until("the delete", |app| !app.notices().log().is_empty());
    window.settle();
    assert_eq!(rows(&window), [r#"["photo"]"#, r#"["photo", "other"]"#]);
    for gone in [part(1), part(2), part(3), FACTS.to_owned()] {
        assert!(!stands(&window, &gone), "{gone}");
    }
    window.click(Role::Link, "Undo");
    window.until("the row", |app| {
        app.session().unwrap().models.entries.num_rows() == 3
    });
}

#[test]
fn the_row_of_a_blob_is_selected_with_others_copied_by_its_own_key_and_exported() {
    let (mut window, text) = window();
    window.click(Role::Row, BLOB);
    window.settle();
    window.press(egui::Modifiers::SHIFT, egui::Key::ArrowDown);
    window.settle();
    let selection = &window.models().entries.selection;
    for inside in [
        part(1),
        part(3),
        FACTS.to_owned(),
        r#"["photo", "other"]"#.to_owned(),
    ] {
        assert!(selection.contains(&key(&inside)), "{inside}");
    }
    assert!(!selection.contains(&key(r#"["photo"]"#)));
    choose(&mut window, "Copy keys");
    window.until("the copy", |app| !app.notices().log().is_empty());
    assert_eq!(window.notices(), ["Copied 5 keys as JavaScript"]);

    window.press(egui::Modifiers::NONE, egui::Key::Escape);
    window.click(Role::Row, BLOB);
    window.settle();
    window
        .harness
        .get_by_role_and_label(Role::Row, BLOB)
        .click_secondary();
    window.settle();
    window
        .harness
        .get_by_role_and_label(Role::MenuItem, "Copy key")
        .click();
    assert_eq!(copied(&mut window), r#"["photo"]"#);
    choose(&mut window, "Export what it holds…");
    window.until("the export", |app| app.notices().log().len() == 3);
    let path = window.folder.path().join("lines.txt");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}
