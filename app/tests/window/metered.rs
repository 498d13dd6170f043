//! A database whose every read is paid for: only what a person looks at or asks for is read.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use keyglass_store::value::Value;
use keyglass_store::{AtomicOperation, EncodedKey, StoredValue};

use crate::harness::{Window, key, look};
use crate::troubled::Trouble;

const ENTRIES: u64 = 100_000;
/// Entries of a few pages: what opening may read.
const SOME_PAGES: u64 = 2000;

fn window() -> (Window, Arc<Trouble>) {
    let value = StoredValue::from_value(&Value::from(true)).unwrap();
    let operations = (0..ENTRIES / 500).map(|group| {
        (0..500).fold(AtomicOperation::new(), |operation, number| {
            operation.set(key(&format!("['group', {group}, {number}]")), value.clone())
        })
    });
    Window::on_troubled_after(operations, Trouble::meter)
}

#[test]
fn opening_reads_some_pages_and_counts_nothing_until_a_person_asks() {
    let (mut window, trouble) = window();
    look(&mut window, "metered");
    assert!(trouble.entries_read() < SOME_PAGES, "{}", trouble.entries_read());
    assert!(window.shows("\u{2265} 256 entries"));

    // A folder that is looked at, a refresh, time that passes and a selection of everything change nothing of that.
    window.click(Role::DisclosureTriangle, "Expand \"group\"");
    window.press(Modifiers::NONE, Key::F5);
    window.pass(60_000);
    window.click(Role::Row, "[\"group\", 0, 0]");
    window.press(Modifiers::COMMAND, Key::A);
    window.until_shown("Selected, not counted");
    assert!(
        trouble.entries_read() < 2 * SOME_PAGES,
        "{}",
        trouble.entries_read()
    );
    look(&mut window, "metered-selected");

    window.click(Role::Link, "Count");
    // Each entry is paid for, and nobody knows how many there are.
    assert!(window.shows("Count the selected entries?"));
    window.click(Role::Button, "Cancel");
    assert!(trouble.entries_read() < 2 * SOME_PAGES);
    window.click(Role::Link, "Count");
    window.click(Role::Button, "Count");
    window.until("counted", |app| {
        let tally = &app.session().unwrap().models.entries.selection.tally;
        tally
            .counted()
            .is_some_and(|counted| counted.complete && counted.entries == ENTRIES)
    });
    look(&mut window, "metered-counted");
    assert!(!window.shows("Selected, not counted") && !window.shows("Count"));
    assert!(trouble.entries_read() >= ENTRIES);
}

#[test]
fn the_table_and_the_tree_are_read_whole_when_a_person_asks() {
    let (mut window, trouble) = window();
    window.click(Role::Link, "Count keys");
    window.click(Role::Button, "Count");
    window.until("counted", |app| {
        let tree = &app.session().unwrap().models.tree;
        let counted = tree.known_count(&EncodedKey::default());
        counted.is_some_and(|counted| counted.complete && counted.entries == ENTRIES)
    });
    let read = trouble.entries_read();
    assert!((ENTRIES..ENTRIES + SOME_PAGES).contains(&read), "{read}");
    window.click(Role::Link, "Read all");
    window.until("all rows", |app| {
        let entries = &app.session().unwrap().models.entries;
        entries.is_complete() && entries.num_rows() == ENTRIES
    });
    assert!(!window.shows("Read all"));
}
