//! The log of notices.

use egui::accesskit::Role;
use egui::{Key, Modifiers, OutputCommand, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use keyglass::action::{Action, AppAction};

use crate::harness::{Window, look};

/// A window without a database that has failed to open so many.
fn window(failures: usize) -> Window {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.kg");
    let mut window = Window::sized([1100.0, 700.0], Theme::Dark, None, folder);
    for _ in 0..failures {
        crate::databases::drop_file(&mut window, &missing);
        let told = window.notices().len() + 1;
        window.until("the refusal", |app| app.notices().log().len() == told);
    }
    window
}

#[test]
fn one_notice_is_copied_with_its_time() {
    let mut window = window(1);
    window.press(Modifiers::COMMAND, Key::Num4);
    look(&mut window, "notices");
    let summary = window.notices()[0].clone();
    let copy = format!("Copy {summary}");
    window.harness.get_by_role_and_label(Role::Button, &copy).click();
    window.harness.step();
    let commands = window.harness.output().platform_output.commands.clone();
    let copied = format!("2026-11-23 12:00:00 UTC {summary}");
    assert!(
        commands.contains(&OutputCommand::CopyText(copied)),
        "{commands:?}"
    );
}

#[test]
fn only_notices_in_sight_are_drawn_and_all_can_be_scrolled_to() {
    let mut window = window(1);
    let ctx = window.harness.ctx.clone();
    for number in 0..500 {
        let notice = Action::App(AppAction::Complain(format!("Notice {number}")));
        window.harness.state_mut().execute(notice, &ctx);
    }
    window.press(Modifiers::COMMAND, Key::Num4);
    window.settle();
    let drawn = |window: &Window| {
        let buttons = window.harness.query_all_by_role(Role::Button);
        let names = buttons.filter_map(|button| button.accesskit_node().label());
        names
            .filter(|name| name.starts_with("Copy Notice"))
            .collect::<Vec<_>>()
    };
    assert!(window.shows("501 notices"));
    let first = drawn(&window);
    assert!(
        first.contains(&"Copy Notice 499".to_owned()) && first.len() < 20,
        "{first:?}"
    );
    window.harness.hover_at(egui::pos2(500.0, 620.0));
    window.harness.run_ok();
    for _ in 0..40 {
        let wheel = egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, -500.0),
            phase: egui::TouchPhase::Move,
            modifiers: Modifiers::NONE,
            source: egui::MouseWheelSource::Wheel,
        };
        window.harness.event(wheel);
        window.harness.run_ok();
    }
    let last = drawn(&window);
    assert!(
        last.contains(&"Copy Notice 0".to_owned()) && last.len() < 20,
        "{last:?}"
    );
}

#[test]
fn a_failure_that_repeats_itself_is_one_toast() {
    let mut window = window(1);
    let summary = window.notices()[0].clone();
    let missing = window.folder.path().join("missing.kg");
    crate::databases::drop_file(&mut window, &missing);
    let again = format!("{summary} (2 times)");
    window.until("the second refusal", |app| app.notices().log()[0].told() == again);
    assert!(window.shows(&again));
    assert!(!window.shows(&summary));
}

/// Tells so many failures.
fn complain(window: &mut Window, number: usize) {
    let ctx = window.harness.ctx.clone();
    for number in 0..number {
        let notice = Action::App(AppAction::Complain(format!("Failure {number}")));
        window.harness.state_mut().execute(notice, &ctx);
    }
    window.settle();
}

#[test]
fn failures_that_wait_behind_others_are_counted_and_dismissed_at_once() {
    let mut window = window(0);
    complain(&mut window, 8);
    look(&mut window, "toasts");
    let shown = |window: &Window, number: usize| window.shows(&format!("Dismiss Failure {number}"));
    assert!((5..8).all(|number| shown(&window, number)));
    assert!(!(0..5).any(|number| shown(&window, number)));
    window.click(Role::Link, "5 more");
    // The log tells them all now.
    assert!(window.shows("Copy Failure 7"));
    assert!(!shown(&window, 7));
    window.press(Modifiers::COMMAND, Key::Num4);
    complain(&mut window, 5);
    window.click(Role::Link, "Dismiss all");
    assert!(!(0..8).any(|number| shown(&window, number)));
    assert_eq!(window.notices().len(), 13);
}
