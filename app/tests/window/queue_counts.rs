//! How many messages were in which state, over time.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass_store::value::Value;
use keyglass_store::{AtomicOperation, Enqueue, StoredValue};

use crate::harness::{NOW, Window, commit};
use crate::pictures::snapshot;

fn message(due_in: i64) -> Enqueue {
    let payload = StoredValue::from_value(&Value::from("hello")).unwrap();
    Enqueue {
        payload: payload.bytes,
        due_at: NOW + due_in,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    }
}

/// Queues messages that are due so long after the beginning, in milliseconds.
fn enqueue(window: &mut Window, due_in: &[i64]) {
    let all = due_in.iter().copied().map(message);
    commit(
        &*window.database(),
        all.fold(AtomicOperation::new(), AtomicOperation::enqueue),
    );
    window.settle();
    // It is not counted again at once.
    pass(window, 1_000);
}

/// A window in which a queue filled and was emptied.
fn window(theme: Theme) -> Window {
    let (mut window, trouble) = Window::on_troubled(&[]);
    window.harness.ctx.set_theme(theme);
    window.harness.set_size(egui::vec2(1100.0, 700.0));
    window.press(Modifiers::COMMAND, Key::Num3);
    window.settle();
    enqueue(&mut window, &[40_000, 50_000, 60_000]);
    pass(&mut window, 9_000);
    enqueue(&mut window, &[0, 0]);
    pass(&mut window, 9_000);
    enqueue(&mut window, &[90_000, 90_000]);
    pass(&mut window, 9_000);
    let listener = trouble.listen();
    for _ in 0..2 {
        listener
            .receive(Duration::ZERO)
            .unwrap()
            .unwrap()
            .finish()
            .unwrap();
    }
    window.settle();
    pass(&mut window, 15_000);
    pass(&mut window, 10_000);
    window
}

fn pass(window: &mut Window, milliseconds: i64) {
    window.pass(milliseconds);
    window.settle();
}

/// How many were ready, delayed and running so long after the beginning, in milliseconds.
fn counts(window: &Window, after: i64) -> [u64; 3] {
    window.models().queue_counts.at(NOW + after).unwrap().messages
}

fn told(window: &Window) -> bool {
    window.shows("Messages over time: 2 ready, 3 delayed, 0 running")
}

#[test]
fn messages_are_counted_by_state_as_they_come_fall_due_and_go() {
    let window = window(Theme::Dark);
    assert_eq!(counts(&window, 5_000), [0, 3, 0]);
    assert_eq!(counts(&window, 15_000), [2, 3, 0]);
    assert_eq!(counts(&window, 25_000), [2, 5, 0]);
    assert_eq!(counts(&window, 35_000), [0, 5, 0]);
    // What falls due is counted though nothing changed.
    assert_eq!(counts(&window, 46_000), [1, 4, 0]);
    assert!(window.shows("Messages over time: 2 ready, 3 delayed, 0 running"));
}

#[test]
fn a_moment_is_shown_by_the_pointer_and_by_keys() {
    let mut window = window(Theme::Dark);
    let now = "Messages over time: 2 ready, 3 delayed, 0 running";
    let plot = window.harness.get_by_role_and_label(Role::Image, now).rect();
    assert!(told(&window));
    // A minute is shown: five seconds after the beginning.
    let early = egui::pos2(plot.left() + plot.width() * 5.0 / 60.0, plot.center().y);
    window.harness.hover_at(early);
    // A tooltip comes after the pointer has rested for a while.
    (0..400).for_each(|_| window.harness.step());
    let labels = window.harness.query_all_by_role(Role::Label);
    let mut texts = labels.filter_map(|label| label.accesskit_node().value());
    assert!(texts.any(|text| text.ends_with("UTC: 0 ready, 3 delayed, 0 running")));
    drop(texts);
    assert!(told(&window), "the pointer alone changes nothing");
    window.harness.event(egui::Event::PointerButton {
        pos: early,
        button: egui::PointerButton::Primary,
        pressed: true,
        modifiers: Modifiers::NONE,
    });
    window.harness.run_ok();
    window.harness.event(egui::Event::PointerButton {
        pos: early,
        button: egui::PointerButton::Primary,
        pressed: false,
        modifiers: Modifiers::NONE,
    });
    window.settle();
    assert!(window.shows("Messages over time: 0 ready, 3 delayed, 0 running"));
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.settle();
    assert!(window.shows("Messages over time: 2 ready, 3 delayed, 0 running"));
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.settle();
    assert!(window.shows("Messages over time: 2 ready, 5 delayed, 0 running"));
    window.press(Modifiers::NONE, Key::ArrowLeft);
    window.press(Modifiers::NONE, Key::ArrowLeft);
    window.settle();
    assert!(window.shows("Messages over time: 0 ready, 3 delayed, 0 running"));
    window.press(Modifiers::NONE, Key::Escape);
    window.settle();
    assert!(told(&window));
}

#[test]
fn a_queue_that_was_never_used_has_no_plot() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    window.press(Modifiers::COMMAND, Key::Num3);
    window.settle();
    assert!(window.models().queue_counts.samples().is_empty());
}

#[test]
fn the_plot_of_a_queue_looks_as_kept() {
    snapshot(&mut window(Theme::Dark), "queue-counts-dark");
}

#[test]
fn the_plot_of_a_queue_in_the_light_looks_as_kept() {
    snapshot(&mut window(Theme::Light), "queue-counts-light");
}
