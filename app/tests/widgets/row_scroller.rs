//! A billion rows, walked by keys, the wheel and the scroll bar.

use std::cell::RefCell;
use std::rc::Rc;

use egui::{Event, Key, Modifiers, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use keyglass::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, row_after_keys};

use super::{Shown, press, sharing};

type Rows = (ScrollPosition, Option<u64>, u64);

/// A billion rows, and which one is current.
fn billion() -> (Harness<'static, Shown>, Rc<RefCell<Rows>>) {
    let state: Rows = (ScrollPosition::default(), None, 1_000_000_000);
    sharing([300.0, 250.0], state, |ui, (position, current, rows)| {
        let mut clicked = None;
        let output = RowScroller::new(position, "Rows", *rows, 24.0).show(ui, |ui, row, rect| {
            let response = ui.interact(rect, ui.scope_id().with(row), egui::Sense::click());
            let text = format!("row {row}");
            response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::ListItem, true, &text));
            if response.clicked() {
                clicked = Some(row);
            }
        });
        if let Some(row) = clicked {
            *current = Some(row);
            output.response.request_focus();
        }
        if let Some(row) = row_after_keys(ui, &output.response, *current, *rows, output.page) {
            *current = Some(row);
            position.scroll_to_row(row, RowAlign::Nearest);
        }
    })
}

#[test]
fn a_billion_rows_are_walked_exactly_by_keys() {
    let (mut harness, state) = billion();
    harness.run();
    harness.get_by_label("row 2").click();
    harness.run();
    press(&mut harness, Key::ArrowDown);
    assert_eq!(state.borrow().1, Some(3));
    press(&mut harness, Key::End);
    assert_eq!(state.borrow().1, Some(999_999_999));
    press(&mut harness, Key::ArrowUp);
    press(&mut harness, Key::PageUp);
    assert_eq!(state.borrow().1, Some(999_999_998 - 9));
    harness.get_by_label("row 999999989");
    press(&mut harness, Key::Home);
    assert_eq!(state.borrow().1, Some(0));
}

#[test]
fn the_wheel_moves_by_what_it_says_deep_in_a_billion_rows() {
    let (mut harness, state) = billion();
    state.borrow_mut().0.scroll_to_row(900_000_000, RowAlign::Top);
    harness.run();
    harness.hover_at(pos2(100.0, 100.0));
    for _ in 0..16 {
        harness.event(Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -3.0),
            phase: egui::TouchPhase::Move,
            modifiers: Modifiers::NONE,
            source: egui::MouseWheelSource::Wheel,
        });
        harness.run();
    }
    assert_eq!(state.borrow().0.first_row(), 900_000_002);
}

#[test]
fn the_scroll_bar_leads_to_the_end() {
    let (mut harness, state) = billion();
    harness.run();
    harness.drag_at(pos2(288.0, 20.0));
    harness.run();
    harness.hover_at(pos2(288.0, 249.0));
    harness.run();
    harness.drop_at(pos2(288.0, 249.0));
    harness.run();
    assert!(state.borrow().0.first_row() > 999_999_980);
    // No row under the bar was clicked.
    harness.drag_at(pos2(288.0, 120.0));
    harness.run();
    harness.drop_at(pos2(288.0, 120.0));
    harness.run();
    assert!((400_000_000..600_000_000).contains(&state.borrow().0.first_row()));
    assert_eq!(state.borrow().1, None);
}
