//! Saved filters.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::harness::Window;

fn window() -> Window {
    Window::on_folder(&[
        (r#"["orders", 1n]"#, "1"),
        (r#"["orders", 2n]"#, "2"),
        (r#"["orders", 3n]"#, "3"),
        (r#"["users", "ada"]"#, "4"),
    ])
}

fn num_rows(window: &Window) -> u64 {
    window.models().entries.num_rows()
}

/// Lists the last two orders and saves that as `late`.
fn save_late(window: &mut Window) {
    window.click(Role::TreeItem, r#""orders""#);
    window.settle();
    window.click(Role::Button, "start");
    window.enter(Role::TextInput, "List option start", r#"["orders", 2n]"#);
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(num_rows(window), 2);
    window.click(Role::Button, "Saved filters");
    assert!(window.shows(r#"Listed now: in ["orders"], start ["orders", 2n]"#));
    window.enter(Role::TextInput, "Name of the filter", "late");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(window.notices(), ["Filter saved: late"]);
}

#[test]
fn what_is_listed_is_saved_and_listed_again_even_after_a_restart() {
    let mut window = window();
    save_late(&mut window);
    // Its name stands in the filter bar while it is listed.
    assert!(window.shows("late"));
    window.click(Role::Button, "Remove in");
    window.settle();
    assert!(!window.shows("late"));
    window.click(Role::Button, "limit");
    window.enter(Role::TextInput, "List option limit", "3");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    window.pass(1500);
    window.settle();
    let mut window = window.after_crash();
    // What was listed without a name is listed again, too.
    assert_eq!(num_rows(&window), 3);
    window.choose("View", "Saved filters…");
    window.click(Role::Link, "late");
    window.settle();
    assert_eq!(num_rows(&window), 2);
    assert!(window.shows("late"));
}

#[test]
fn filters_are_renamed_replaced_and_removed() {
    let mut window = window();
    save_late(&mut window);
    window.choose("View", "Saved filters…");
    window.click(Role::Button, "Rename late");
    window.enter(Role::TextInput, "New name of the filter", "newest");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    let names = |window: &Window| {
        let session = window.session();
        let names = session.models.filters.iter().map(|filter| filter.name.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&window), ["newest"]);
    window.enter(Role::TextInput, "Name of the filter", "  ");
    window.click(Role::Button, "Save");
    assert!(window.shows("A filter needs a name"));
    window.enter(Role::TextInput, "Name of the filter", "newest");
    window.click(Role::Button, "Replace");
    window.settle();
    assert_eq!(names(&window), ["newest"]);
    window.choose("View", "Saved filters…");
    window.click(Role::Button, "Remove newest");
    window.settle();
    assert!(window.shows("No filter of this database is saved yet"));
    window.press(Modifiers::NONE, Key::Escape);
    window.settle();
    assert!(!window.shows("No filter of this database is saved yet"));
}

#[test]
fn a_removed_filter_comes_back_by_undo_in_the_dialog_and_in_the_notice() {
    let mut window = window();
    save_late(&mut window);
    let is_there = |window: &Window| {
        let session = window.session();
        session.models.filters.get("late").is_some()
    };
    for by_notice in [false, true] {
        window.choose("View", "Saved filters…");
        window.click(Role::Button, "Remove late");
        window.settle();
        assert!(!is_there(&window));
        if by_notice {
            window.click(Role::Button, "Close");
        }
        let undo = window.harness.get_all_by_role_and_label(Role::Link, "Undo");
        // Below the dialog stands the one of the notice.
        undo.last().unwrap().click();
        window.settle();
        assert!(is_there(&window));
        assert_eq!(window.notices().last().unwrap(), "Filter is back: late");
        window.press(Modifiers::NONE, Key::Escape);
        window.settle();
    }
}
