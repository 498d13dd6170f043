//! What is done with many entries at once.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use keyglass::content::key_set::KeySet;
use keyglass::model::query::Query;
use keyglass::model::selection::SelectRows;
use keyglass::model::watch::Watched;

use crate::harness::{Window, commit, key, look, set};

const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL: Modifiers = Modifiers::COMMAND;

fn row(number: u32) -> String {
    format!(r#"["row", {number}]"#)
}

/// A window with 20 rows of which 3 to 6 and 9 are selected.
fn window() -> Window {
    let keys: Vec<String> = (0..20).map(row).collect();
    let pairs: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "{a: 1n}")).collect();
    let mut window = Window::on_folder(&pairs);
    for (number, modifiers) in [(3, Modifiers::NONE), (6, SHIFT), (9, CTRL)] {
        window
            .harness
            .get_by_role_and_label(Role::Row, &row(number))
            .click_modifiers(modifiers);
        window.harness.run_ok();
    }
    window.until("the count", |app| {
        let tally = &app.session().unwrap().models.entries.selection.tally;
        tally.counted().is_some_and(|counted| counted.entries == 5)
    });
    window
}

fn left(window: &Window) -> Vec<u32> {
    let database = window.database();
    (0..20)
        .filter(|number| database.get(&key(&row(*number))).unwrap().is_some())
        .collect()
}

#[test]
fn the_selected_entries_are_deleted_with_one_notice_and_undone() {
    let mut window = window();
    window.press(Modifiers::NONE, Key::Delete);
    window.until("the count in the question", |app| {
        app.session().unwrap().asked.counted().is_some()
    });
    assert!(window.shows("Delete the selected entries?"));
    assert!(window.shows(r#"["row", 3] … ["row", 6]"#));
    assert!(window.shows(r#"["row", 9]"#));
    let question = "5 entries (160 B) will be removed, except those that change meanwhile. They are written to a \
                    file first, and Undo puts them back.";
    assert!(window.shows(question));
    window.click(Role::Button, "Delete all");
    window.until("the deletion", |app| !app.notices().log().is_empty());
    assert_eq!(window.notices(), ["Deleted 5 entries"]);
    assert_eq!(left(&window).len(), 15);
    assert!(!left(&window).contains(&9) && left(&window).contains(&7));
    window.until("the rows", |app| {
        app.session().unwrap().models.entries.num_rows() == 15
    });
    window.pass(2000);
    window.until("the empty selection", |app| {
        !app.session().unwrap().models.entries.many_selected()
    });
    window.press(CTRL, Key::Z);
    window.until("the undo", |app| app.notices().log().len() == 2);
    assert_eq!(left(&window).len(), 20);
    let restored = window.database().get(&key(&row(9))).unwrap().unwrap();
    assert_eq!(restored.value.decode().unwrap().to_string(), "{a: 1n}");
}

#[test]
fn a_deletion_that_is_not_confirmed_leaves_everything() {
    let mut window = window();
    window.press(CTRL, Key::A);
    window.press(CTRL | SHIFT, Key::Delete);
    window.until("the count in the question", |app| {
        app.session().unwrap().asked.counted().is_some()
    });
    assert!(window.shows("all keys"));
    window.click(Role::Button, "Cancel");
    assert_eq!(left(&window).len(), 20);
}

#[test]
fn only_the_selected_entries_are_exported() {
    let mut window = window();
    window.click(Role::Link, "Export…");
    assert!(window.shows("The selected entries"));
    window.until("the count", |app| {
        app.session().unwrap().asked.counted().is_some()
    });
    assert!(window.shows("(5 entries, 160 B)"));
    window.click(Role::Button, "Export…");
    window.until("the export", |app| !app.notices().log().is_empty());
    let text = std::fs::read_to_string(window.folder.path().join("test.ndjson")).unwrap();
    let numbers: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["key"][1]["value"].clone())
        .collect();
    assert_eq!(numbers, [3, 4, 5, 6, 9]);
}

#[test]
fn what_is_listed_between_bounds_is_exported_and_no_more() {
    let mut window = window();
    let session = window.session_mut();
    let query = Query {
        start: Some(key(&row(3))),
        end: Some(key(&row(5))),
        ..Query::default()
    };
    session.list(query.clone());
    session.select_rows(SelectRows::One);
    window.settle();
    window.click(Role::Link, "Export…");
    assert!(
        window.shows(&format!("Entries in {} …", row(3)))
            || window.shows(&format!("Entries in {} … {}", row(3), row(5)))
    );
    window.click(Role::Button, "Export…");
    window.until("the export", |app| !app.notices().log().is_empty());
    let text = std::fs::read_to_string(window.folder.path().join("test.ndjson")).unwrap();
    assert_eq!(text.lines().count(), 2);

    // Which entry is the last one within a limit is not known before all are read.
    let session = window.session_mut();
    session.list(Query {
        limit: Some(1),
        ..query
    });
    window.settle();
    let export = window.harness.get_by_role_and_label(Role::Link, "Export…");
    assert!(export.accesskit_node().is_disabled());
}

#[test]
fn the_selected_entries_are_watched() {
    let mut window = window();
    window.click(Role::Link, "Watch");
    window.settle();
    assert!(window.shows("5 entries"));
    commit(&*window.database(), set(&row(4), "2"));
    commit(&*window.database(), set(&row(8), "2"));
    window.until("the change", |app| {
        !app.session().unwrap().models.watch.rows().is_empty()
    });
    window.settle();
    let events = window.models().watch.events().count();
    assert_eq!(events, 1);
}

#[test]
fn any_number_of_selected_entries_is_watched_and_all_of_them_as_their_prefix() {
    let mut window = window();
    window
        .harness
        .get_by_role_and_label(Role::Row, &row(19))
        .click_modifiers(SHIFT);
    window.harness.run_ok();
    window.press(CTRL, Key::B);
    window.settle();
    look(&mut window, "watched");
    window.click(Role::Button, "Remove 11 entries");
    window.settle();
    window.press(CTRL, Key::Num1);
    window.settle();
    window.press(CTRL, Key::A);
    window.press(CTRL, Key::B);
    window.settle();
    let session = window.session();
    let watched: Vec<String> = session.models.watch.watched().iter().map(Watched::name).collect();
    assert_eq!(watched, ["all keys"]);
}

#[test]
fn a_row_of_several_has_a_menu_for_all_of_them() {
    let mut window = window();
    let open_menu = |window: &mut Window, number: u32| {
        window
            .harness
            .get_by_role_and_label(Role::Row, &row(number))
            .click_secondary();
        window.harness.run_ok();
    };
    open_menu(&mut window, 5);
    assert!(window.shows("Delete 5 selected entries…"));
    window.press(Modifiers::NONE, Key::Escape);
    open_menu(&mut window, 12);
    assert!(window.shows(&format!("Delete {}…", row(12))));
    let session = window.session();
    assert_eq!(
        *session.models.entries.selection.keys(),
        KeySet::only(&key(&row(12)))
    );
    window.until("the entry", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
    window.harness.run_ok();
    window.click(Role::MenuItem, &format!("Rename {}…", row(12)));
    let session = window.session();
    assert!(session.models.panel.rename().is_some());
}

#[test]
fn what_cannot_be_done_with_a_selection_says_why() {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    window.press(CTRL, Key::A);
    window.settle();
    let delete = window.harness.get_by_role_and_label(Role::Link, "Delete…");
    assert!(delete.accesskit_node().is_disabled());
    window.press(CTRL | SHIFT, Key::Delete);
    assert!(!window.shows("Delete the selected entries?"));
    window.until("the count", |app| {
        let tally = &app.session().unwrap().models.entries.selection.tally;
        tally.counted().is_some_and(|counted| counted.complete)
    });
    window.settle();
    assert!(
        window
            .harness
            .query_all_by_label_contains("1,946 selected · ")
            .next()
            .is_some()
    );
}
