//! The frame about the panels: theme, text size, panels that fold away, the status line.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;

use crate::harness::Window;

#[test]
fn the_theme_is_chosen_in_a_menu_and_stays() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    assert_eq!(window.harness.ctx.theme(), Theme::Dark);
    window.click(Role::Button, "View");
    window.click(Role::MenuItemCheckBox, "Light theme");
    assert_eq!(window.harness.ctx.theme(), Theme::Light);
    assert_eq!(kept(&mut window), "Light");
    window.click(Role::Button, "View");
    window.click(Role::MenuItemCheckBox, "Follow the system's theme");
    assert_eq!(kept(&mut window), "System");
}

/// The theme that the settings name.
fn kept(window: &mut Window) -> serde_json::Value {
    window.pass(1500);
    let state = std::fs::read(window.folder.path().join("settings/state.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&state).unwrap()["theme"].take()
}

#[test]
fn the_text_grows_and_shrinks_within_bounds_and_stays() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    let height = |window: &Window| {
        let row = window.harness.get_by_role_and_label(Role::TreeItem, r#""a""#);
        row.rect().height() * window.harness.ctx.zoom_factor()
    };
    let usual = height(&window);
    for _ in 0..2 {
        window.press(Modifiers::COMMAND, Key::Plus);
    }
    assert!((height(&window) / usual - 1.2).abs() < 0.01);
    window.pass(1500);
    let mut window = window.after_restart();
    window.until("the database", |app| app.session().is_some());
    window.settle();
    assert!((height(&window) / usual - 1.2).abs() < 0.01);
    for _ in 0..30 {
        window.press(Modifiers::COMMAND, Key::Plus);
    }
    assert_eq!(height(&window), 2.0 * usual);
    for _ in 0..30 {
        window.press(Modifiers::COMMAND, Key::Minus);
    }
    assert_eq!(height(&window), 0.75 * usual);
    window.press(Modifiers::COMMAND, Key::Num0);
    assert_eq!(height(&window), usual);
}

#[test]
fn panels_fold_away_and_stay_so_until_they_are_needed() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    let width = |window: &Window| window.harness.get_by_role(Role::Table).rect().width();
    let narrow = width(&window);
    for panel in ["Keys panel", "Entry panel"] {
        window.click(Role::Button, "View");
        window.click(Role::MenuItemCheckBox, panel);
    }
    assert!(window.harness.query_by_role(Role::Tree).is_none());
    assert!(width(&window) > narrow + 600.0);
    window.pass(1500);
    let mut window = window.after_restart();
    window.until("the database", |app| app.session().is_some());
    window.settle();
    assert!(window.harness.query_by_role(Role::Tree).is_none());
    // What is asked of a panel brings it back.
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    window.press(Modifiers::COMMAND, Key::N);
    window.settle();
    assert!(window.harness.query_by_role(Role::Tree).is_some());
    assert!(window.shows("New entry"));
}

#[test]
fn the_status_line_says_what_is_open() {
    let mut window = Window::on_shop([1280.0, 800.0], Theme::Dark);
    window.until("the count", |app| {
        app.session()
            .unwrap()
            .models
            .facts
            .statistics
            .versionstamp
            .is_some()
    });
    window.settle();
    for fact in ["shop · Deno file, read-only", "1,946 keys", "0 notices"] {
        assert!(window.shows(fact), "{fact}");
    }
    window.press(Modifiers::COMMAND, Key::W);
    assert!(window.shows("No database is open"));
}

#[test]
fn in_a_small_window_the_side_panels_leave_room_for_the_table() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    window.harness.set_size(egui::vec2(720.0, 480.0));
    window.settle();
    let width = |window: &Window| window.harness.get_by_role(Role::Table).rect().width();
    assert!(width(&window) >= 250.0, "{}", width(&window));
    window.pass(1500);
    window.harness.set_size(egui::vec2(1280.0, 800.0));
    // What the small window took is not what was chosen.
    let mut window = window.after_restart();
    window.until("the database", |app| app.session().is_some());
    window.settle();
    assert_eq!(width(&window).round(), 660.0);
}
