//! Blobs of kv-toolbox, which are kept in parts.

use egui::accesskit::Role;
use keyglass_store::value::Value;
use keyglass_store::{AtomicOperation, StoredValue};

use crate::harness::{Window, commit, key, look};

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
    window.click(Role::Row, &part(2));
    window.settle();
    (window, text)
}

#[test]
fn a_part_leads_to_the_whole_blob_which_is_previewed_and_exported() {
    let (mut window, text) = window();
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
    window.click(Role::Button, "Delete all parts…");
    window.settle();
    window.click(Role::Button, "Delete all");
    window.until("the delete", |app| !app.notices().log().is_empty());
    let stands = |window: &Window, name: &str| window.database().get(&key(name)).unwrap().is_some();
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
    window.click(Role::Row, FACTS);
    window.settle();
    assert!(window.shows("1 part, 500 B, text/plain, lines.txt"));
    assert!(window.shows("1 entry more, after a gap or without bytes, cannot be read as parts"));
}
