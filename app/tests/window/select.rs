//! Several rows of the table selected, by mouse and keyboard.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::harness::{Window, commit, key, set};

const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL: Modifiers = Modifiers::COMMAND;

fn row(number: u32) -> String {
    format!(r#"["row", {number}]"#)
}

/// A window with this many rows.
fn window(rows: u32) -> Window {
    let keys: Vec<String> = (0..rows).map(row).collect();
    let pairs: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "12345")).collect();
    Window::on_folder(&pairs)
}

/// Clicks a row with modifiers held.
fn click(window: &mut Window, number: u32, modifiers: Modifiers) {
    window
        .harness
        .get_by_role_and_label(Role::Row, &row(number))
        .click_modifiers(modifiers);
    window.harness.run_ok();
}

/// The numbers of the rows that are selected.
fn selected(window: &Window) -> Vec<u32> {
    let selection = &window.models().entries.selection;
    (0..300)
        .filter(|number| window.database().get(&key(&row(*number))).unwrap().is_some())
        .filter(|number| selection.contains(&key(&row(*number))))
        .collect()
}

fn shown(window: &Window) -> String {
    let session = window.session();
    session.models.panel.key().unwrap().to_string()
}

/// Waits until the footer says this.
fn until_told(window: &mut Window, text: &str) {
    window.until(text, |app| {
        let tally = &app.session().unwrap().models.entries.selection.tally;
        tally.counted().is_some_and(|counted| counted.complete)
    });
    window.settle();
    let shown = window.models().entries.selection.tally.shown();
    assert!(window.shows(text), "{text}, but {shown:?}");
}

#[test]
fn clicks_with_ctrl_and_shift_take_rows_in_and_out() {
    let mut window = window(10);
    click(&mut window, 2, Modifiers::NONE);
    assert_eq!(selected(&window), [2]);
    assert!(window.shows("Entry 3 of 10"));
    click(&mut window, 5, CTRL);
    assert_eq!(selected(&window), [2, 5]);
    assert_eq!(shown(&window), row(5));
    click(&mut window, 7, CTRL | SHIFT);
    assert_eq!(selected(&window), [2, 5, 6, 7]);
    click(&mut window, 6, CTRL);
    assert_eq!(selected(&window), [2, 5, 7]);
    until_told(&mut window, "3 selected · 60 B");
    click(&mut window, 3, SHIFT);
    assert_eq!(selected(&window), [3, 4, 5, 6]);
    click(&mut window, 8, Modifiers::NONE);
    assert_eq!(selected(&window), [8]);
    assert!(window.shows("Entry 9 of 10"));
}

#[test]
fn shift_with_keys_that_move_extends_the_selection() {
    let mut window = window(300);
    click(&mut window, 2, Modifiers::NONE);
    window.press(SHIFT, Key::ArrowDown);
    window.press(SHIFT, Key::ArrowDown);
    assert_eq!(selected(&window), [2, 3, 4]);
    assert_eq!(shown(&window), row(4));
    window.press(SHIFT, Key::ArrowUp);
    assert_eq!(selected(&window), [2, 3]);
    window.press(SHIFT, Key::Home);
    assert_eq!(selected(&window), [0, 1, 2]);
    window.press(SHIFT, Key::End);
    window.settle();
    assert_eq!(selected(&window), (2..300).collect::<Vec<_>>());
    assert_eq!(shown(&window), row(299));
    until_told(&mut window, "298 selected · 5.8 KB");
    window.press(SHIFT, Key::PageUp);
    window.settle();
    assert!(selected(&window).len() > 200 && selected(&window).len() < 298);
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(selected(&window).len(), 1);
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.settle();
    assert_eq!(selected(&window).len(), 1);
}

#[test]
fn ctrl_space_takes_out_one_row_of_all() {
    let mut window = window(8);
    click(&mut window, 3, Modifiers::NONE);
    window.press(CTRL, Key::A);
    assert_eq!(selected(&window).len(), 8);
    until_told(&mut window, "8 selected · 160 B");
    window.press(Modifiers::CTRL, Key::Space);
    assert_eq!(selected(&window), [0, 1, 2, 4, 5, 6, 7]);
    until_told(&mut window, "7 selected · 140 B");
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(selected(&window), [3]);
}

#[test]
fn all_that_is_listed_is_selected_and_no_more() {
    let mut window = window(300);
    click(&mut window, 5, Modifiers::NONE);
    window.click(Role::Button, "limit");
    window.enter(Role::TextInput, "List option limit", "280");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    window.press(CTRL, Key::A);
    window.settle();
    assert_eq!(selected(&window), (0..280).collect::<Vec<_>>());
    window.click(Role::Button, "reverse");
    window.settle();
    window.press(CTRL, Key::A);
    window.settle();
    assert_eq!(selected(&window), (20..300).collect::<Vec<_>>());
    window.click(Role::Button, "Remove limit");
    window.settle();
    assert_eq!(selected(&window), [5]);
}

#[test]
fn a_selection_stays_through_changes_and_a_refresh() {
    let mut window = window(20);
    click(&mut window, 4, Modifiers::NONE);
    click(&mut window, 8, SHIFT);
    until_told(&mut window, "5 selected · 100 B");
    commit(&*window.database(), set(r#"["row", 5.5]"#, "12345"));
    commit(&*window.database(), set(r#"["row", -1]"#, "1"));
    window.until("the new rows", |app| {
        app.session().unwrap().models.entries.num_rows() == 22
    });
    window.press(Modifiers::NONE, Key::F5);
    window.settle();
    assert_eq!(selected(&window), [4, 5, 6, 7, 8]);
    window.pass(2000);
    window.until("the new count", |app| {
        app.session()
            .unwrap()
            .models
            .entries
            .selection
            .tally
            .shown()
            .entries
            == 6
    });
    assert!(window.shows("6 selected · 120 B"));
}

#[test]
fn letters_that_are_typed_find_a_row_far_away() {
    let mut window = window(2000);
    click(&mut window, 1, Modifiers::NONE);
    let type_letter = |window: &mut Window, letter: &str| {
        window.harness.event(egui::Event::Text(letter.to_owned()));
        window.settle();
    };
    type_letter(&mut window, "1");
    assert_eq!(shown(&window), row(10));
    type_letter(&mut window, "7");
    assert_eq!(shown(&window), row(17));
    type_letter(&mut window, "6");
    type_letter(&mut window, "4");
    assert_eq!(shown(&window), row(1764));
    // The row that was found is on screen.
    assert!(window.shows(&row(1764)));
    window.pass(1500);
    type_letter(&mut window, "2");
    assert_eq!(shown(&window), row(2));
    type_letter(&mut window, "x");
    assert_eq!(shown(&window), row(2));
    assert!(window.shows("No key part here begins with 2x"));
    window.press(Modifiers::NONE, Key::ArrowDown);
    assert!(window.shows("Entry 4 of 2,000"));
}
