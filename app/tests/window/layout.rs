//! Panels in narrow windows, and their sizes after a restart.

use egui::accesskit::Role;
use egui::{Event, Modifiers, PointerButton, Pos2, Rect, Theme, pos2};
use egui_kittest::kittest::Queryable as _;

use crate::harness::{Window, look};

fn tree(window: &Window) -> Rect {
    window.harness.get_by_role_and_label(Role::Tree, "Keys").rect()
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    for event in [
        Event::PointerMoved(from),
        button(from, true),
        Event::PointerMoved(from.lerp(to, 0.5)),
        Event::PointerMoved(to),
        button(to, false),
    ] {
        window.harness.event(event);
        window.harness.step();
    }
    window.harness.run_ok();
}

#[test]
fn in_a_narrow_window_nothing_stands_over_something_else() {
    let mut window = Window::on_shop([720.0, 520.0], Theme::Dark);
    window.click(Role::TreeItem, r#""audit""#);
    window.settle();
    look(&mut window, "narrow");
    let table = window
        .harness
        .get_by_role_and_label(Role::Table, "Entries")
        .rect();
    assert!(table.width() >= 270.0);
    let text = window.harness.get_by_label("12 entries").rect();
    let actions = window.harness.get_by_label("Actions…").rect();
    assert!(text.right() < actions.left() && actions.right() < table.right());
    window.click(Role::Link, "Actions…");
    window.click(Role::MenuItem, "Watch");
    window.settle();
    let session = window.session();
    assert_eq!(session.models.watch.watched().len(), 1);
}

#[test]
fn facts_without_room_are_left_out_of_the_status_line() {
    let window = Window::on_shop([720.0, 520.0], Theme::Dark);
    let status = |window: &Window, name: &str| {
        let shown = window.harness.query_by_label(name);
        shown.map(|node| node.rect())
    };
    let keys = status(&window, "1,946 keys").unwrap();
    let notices = status(&window, "0 notices").unwrap();
    assert!(keys.right() < notices.left());
    drop(window);
    let mut window = Window::on_shop([360.0, 520.0], Theme::Dark);
    look(&mut window, "very-narrow");
    assert!(status(&window, "1,946 keys").is_some());
    assert!(status(&window, "version 171").is_none());
}

#[test]
fn a_panel_gives_way_in_a_narrow_window_and_gets_its_width_back() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    let wide = tree(&window).width();
    window.harness.set_size([720.0, 600.0].into());
    window.settle();
    assert!(tree(&window).width() < wide - 50.0);
    window.harness.set_size([1280.0, 800.0].into());
    window.settle();
    assert_eq!(tree(&window).width(), wide);
}

#[test]
fn a_panel_that_was_dragged_has_its_width_after_a_restart() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    let before = tree(&window);
    drag(
        &mut window,
        pos2(before.right(), 500.0),
        pos2(before.right() + 90.0, 500.0),
    );
    let dragged = tree(&window).width();
    assert!((dragged - before.width() - 90.0).abs() < 3.0);
    window.pass(1500);
    window.settle();
    let window = window.after_crash();
    assert!((tree(&window).width() - dragged).abs() < 1.0);
}
