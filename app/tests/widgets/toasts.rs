//! Toasts: what they tell, and when they go.

use std::cell::RefCell;

use egui::pos2;
use egui_kittest::kittest::Queryable as _;
use keyglass::widgets::toasts::{Toast, ToastEvent, ToastKind};

use super::{dialogs, sharing, wait};

#[test]
fn a_toast_tells_of_its_button_and_goes_when_its_time_is_over() {
    let toasts = vec![
        Toast::new(1, ToastKind::Info, "Read again"),
        Toast::new(2, ToastKind::Good, "Committed").action("Undo"),
        Toast::new(3, ToastKind::Error, "Not saved").details("The key has changed."),
    ];
    let page = dialogs::Dialogs {
        toasts,
        ..Default::default()
    };
    let (mut harness, state) = sharing([600.0, 300.0], page, |ui, page| page.ui(ui));
    harness.run_ok();
    harness.get_by_label("Undo").click();
    harness.run_steps(2);
    assert_eq!(state.borrow().events, [ToastEvent::Action(2)]);
    harness.hover_at(pos2(10.0, 10.0));
    wait(&mut harness, 6.0);
    assert_eq!(
        state.borrow().events,
        [ToastEvent::Action(2), ToastEvent::Expired(1)]
    );
    harness.get_by_label("Dismiss Not saved").click();
    harness.run_steps(2);
    assert_eq!(state.borrow().events.last(), Some(&ToastEvent::Dismissed(3)));
    assert!(state.borrow().toasts.is_empty());
}

#[test]
fn failures_go_once_they_were_seen_and_what_waits_is_seen_after_them() {
    let toasts = (1..=5)
        .map(|id| Toast::new(id, ToastKind::Error, format!("Failure {id}")))
        .collect();
    let page = dialogs::Dialogs {
        toasts,
        ..Default::default()
    };
    let (mut harness, state) = sharing([600.0, 500.0], page, |ui, page| page.ui(ui));
    harness.run_steps(2);
    harness.get_by_label("2 more");
    wait(&mut harness, 32.0);
    let ids = |state: &RefCell<dialogs::Dialogs>| {
        state
            .borrow()
            .toasts
            .iter()
            .map(|toast| toast.id)
            .collect::<Vec<_>>()
    };
    // These have been out of sight so far.
    assert_eq!(ids(&state), [1, 2]);
    wait(&mut harness, 32.0);
    assert!(ids(&state).is_empty());
}

#[test]
fn a_toast_under_the_pointer_stays() {
    let toasts = vec![Toast::new(1, ToastKind::Info, "Read again")];
    let page = dialogs::Dialogs {
        toasts,
        ..Default::default()
    };
    let (mut harness, state) = sharing([600.0, 300.0], page, |ui, page| page.ui(ui));
    harness.run_steps(2);
    let center = harness.get_by_label("Dismiss Read again").rect().center();
    harness.hover_at(center);
    wait(&mut harness, 10.0);
    assert_eq!(state.borrow().events, []);
    harness.hover_at(pos2(10.0, 10.0));
    wait(&mut harness, 3.0);
    assert_eq!(state.borrow().events, [ToastEvent::Expired(1)]);
}
