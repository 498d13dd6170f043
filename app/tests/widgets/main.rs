//! The house widgets, seen and used.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../examples/gallery/controls.rs"]
mod controls;
#[path = "../../examples/gallery/dialogs.rs"]
mod dialogs;
#[path = "../../examples/gallery/views.rs"]
mod views;
#[path = "../../examples/gallery/window/mod.rs"]
mod window;

#[cfg(test)]
mod hex_view;
#[cfg(test)]
mod long_text;

use std::cell::RefCell;
use std::rc::Rc;

use egui::{Event, Key, Modifiers, Ui, pos2, vec2};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotResults};
use keyglass::panels::question::Answer;
use keyglass::theme::{self, ThemeChoice};
use keyglass::widgets::badge::badge;
use keyglass::widgets::button::plain_button;
use keyglass::widgets::chip::FilterChip;
use keyglass::widgets::choice::{document_tab, segmented};
use keyglass::widgets::code_editor::{CodeEditor, CodeError};
use keyglass::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, row_after_keys};
use keyglass::widgets::search_field::SearchField;
use keyglass::widgets::toasts::{Toast, ToastEvent, ToastKind};
use keyglass::widgets::value_tree::{Step, ValuePath, ValueTree, ValueTreeEvent, ValueTreeState, apply};
use keyglass_store::value::Value;
use keyglass_store::value::literal::parse;

const THEMES: [(egui::Theme, &str); 2] = [(egui::Theme::Dark, "dark"), (egui::Theme::Light, "light")];

/// Seconds between two frames: two clicks in a row are a double click.
const STEP: f32 = 0.05;

/// Draws one page without a margin.
struct Shown(Box<dyn FnMut(&mut Ui)>);

impl eframe::App for Shown {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        (self.0)(ui);
    }
}

/// A window of `size` that shows `page` in a theme.
fn themed(
    size: [f32; 2],
    shown: egui::Theme,
    page: impl FnMut(&mut Ui) + 'static,
) -> Harness<'static, Shown> {
    Harness::builder()
        .with_size(size)
        .with_theme(shown)
        .with_step_dt(STEP)
        .with_context_setup(move |ctx| {
            let choice = match shown {
                egui::Theme::Dark => ThemeChoice::Dark,
                egui::Theme::Light => ThemeChoice::Light,
            };
            theme::install_fonts(ctx);
            theme::apply(ctx, choice, 1.0);
        })
        .build_eframe(|_| Shown(Box::new(page)))
}

/// A window that draws what is shared with the test.
fn sharing<T: 'static>(
    size: [f32; 2],
    state: T,
    draw: impl Fn(&mut Ui, &mut T) + 'static,
) -> (Harness<'static, Shown>, Rc<RefCell<T>>) {
    let state = Rc::new(RefCell::new(state));
    let drawn = Rc::clone(&state);
    let harness = themed(size, egui::Theme::Dark, move |ui| {
        egui::CentralPanel::default().show(ui, |ui| draw(ui, &mut drawn.borrow_mut()));
    });
    (harness, state)
}

/// Saves what a harness shows if a folder for pictures is given.
fn picture(harness: &mut Harness<'_, Shown>, name: &str) {
    if let Some(folder) = std::env::var_os("KEYGLASS_PICTURES") {
        let picture = harness.render().unwrap();
        picture.save(std::path::Path::new(&folder).join(name)).unwrap();
    }
}

fn type_text(harness: &mut Harness<'_, Shown>, text: &str) {
    harness.event(Event::Text(text.to_owned()));
    harness.run();
}

fn press(harness: &mut Harness<'_, Shown>, key: Key) {
    harness.key_press(key);
    harness.run();
}

fn wait(harness: &mut Harness<'_, Shown>, seconds: f32) {
    harness.run_steps((seconds / STEP) as usize);
}

fn double_click(harness: &mut Harness<'_, Shown>, label: &str) {
    harness.get_by_label(label).click();
    harness.get_by_label(label).click();
    harness.run();
}

#[test]
fn every_page_settles_in_both_themes() {
    for (theme, name) in THEMES {
        let mut page = controls::Controls::default();
        let mut harness = themed([900.0, 620.0], theme, move |ui| page.ui(ui));
        harness.run();
        picture(&mut harness, &format!("controls-{name}.png"));

        let mut page = views::Views::default();
        let mut harness = themed([1100.0, 620.0], theme, move |ui| page.ui(ui));
        harness.run();
        picture(&mut harness, &format!("views-{name}.png"));

        let mut page = window::Window::default();
        let mut harness = themed([1280.0, 800.0], theme, move |ui| page.ui(ui));
        harness.run();
        picture(&mut harness, &format!("window-{name}.png"));
    }
}

#[test]
fn the_look_has_not_changed() {
    let mut results = SnapshotResults::new();
    for (theme, name) in THEMES {
        let mut harness = themed([420.0, 250.0], theme, move |ui| {
            egui::CentralPanel::default().show(ui, look);
        });
        harness.run();
        harness.snapshot(format!("widgets-{name}"));
        results.extend_harness(&mut harness);
    }
    results.unwrap();
}

/// A little of everything.
fn look(ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.add(keyglass::widgets::button::primary_button("Save"));
        ui.add(plain_button("Revert"));
        ui.add(badge("object"));
        segmented(ui, "View", &mut 0, &[(0, "Tree"), (1, "Code")]);
    });
    ui.horizontal(|ui| {
        FilterChip::new("limit").show(ui);
        FilterChip::ghost("start").show(ui);
        SearchField::new(&mut "orders".to_owned(), "Filter")
            .width(180.0)
            .show(ui);
    });
    let value = parse("{total: 9.75, items: ['magnet', 42n], at: new Date(0), paid: false}").unwrap();
    ValueTree::new(&mut ValueTreeState::default(), &value, 0)
        .editable(true)
        .show(ui);
}

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

#[test]
fn a_chip_closes_and_a_document_too() {
    let (mut harness, state) = sharing([400.0, 100.0], (false, false, false), |ui, state| {
        ui.horizontal(|ui| {
            let chip = FilterChip::new("limit").show(ui);
            state.0 |= chip.closed;
            state.1 |= chip.response.clicked();
            state.2 |= document_tab(ui, "shop", true, None).closed;
        });
    });
    harness.run();
    harness.get_by_label("Remove limit").click();
    harness.run();
    assert_eq!(*state.borrow(), (true, false, false));
    harness.get_by_label("limit").click();
    harness.get_by_label("Close shop").click();
    harness.run();
    assert_eq!(*state.borrow(), (true, true, true));
}

#[test]
fn a_segment_is_chosen_and_a_search_cleared_by_escape() {
    let state = (0, "orders".to_owned());
    let (mut harness, state) = sharing([400.0, 100.0], state, |ui, (chosen, text)| {
        segmented(ui, "View", chosen, &[(0, "Tree"), (1, "Hex")]);
        SearchField::new(text, "Filter").show(ui);
    });
    harness.run();
    harness.get_by_label("Hex").click();
    harness.run();
    assert_eq!(state.borrow().0, 1);
    harness.get_by_label("Filter").focus();
    harness.run();
    type_text(&mut harness, "!");
    assert!(state.borrow().1.contains('!'));
    press(&mut harness, Key::Escape);
    assert_eq!(state.borrow().1, "");
}

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

#[test]
fn a_question_that_destroys_is_not_confirmed_by_enter_alone() {
    let answers = [(Key::Enter, Answer::Cancelled), (Key::Escape, Answer::Cancelled)];
    for (key, expected) in answers {
        let page = dialogs::Dialogs {
            asking: true,
            toasts: Vec::new(),
            ..Default::default()
        };
        let (mut harness, state) = sharing([600.0, 300.0], page, |ui, page| page.ui(ui));
        harness.run();
        press(&mut harness, key);
        assert_eq!(state.borrow().answer, Some(expected));
    }
    let page = dialogs::Dialogs {
        asking: true,
        toasts: Vec::new(),
        ..Default::default()
    };
    let (mut harness, state) = sharing([600.0, 300.0], page, |ui, page| page.ui(ui));
    harness.run();
    picture(&mut harness, "confirm.png");
    harness.get_by_label("Delete").click();
    harness.run();
    assert_eq!(state.borrow().answer, Some(Answer::Confirmed));
}

#[test]
fn a_path_is_completed_refused_with_a_reason_and_chosen() {
    let page = dialogs::Dialogs {
        toasts: Vec::new(),
        ..Default::default()
    };
    let (mut harness, state) = sharing([700.0, 460.0], page, |ui, page| page.ui(ui));
    state.borrow_mut().ask_path();
    harness.run();
    picture(&mut harness, "path.png");
    type_text(&mut harness, "shop");
    press(&mut harness, Key::Tab);
    assert_eq!(state.borrow().path.as_ref().unwrap().text, "/data/shop.kg/");
    state.borrow_mut().path.as_mut().unwrap().text = "/data/nothing".to_owned();
    press(&mut harness, Key::Enter);
    harness.get_by_label("There is no database at /data/nothing");
    state.borrow_mut().path.as_mut().unwrap().text = "/data/".to_owned();
    harness.run();
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Enter);
    assert_eq!(state.borrow().path.as_ref().unwrap().text, "/data/kv.sqlite3");
    press(&mut harness, Key::Enter);
    assert_eq!(
        state.borrow().chosen.as_deref(),
        Some(std::path::Path::new("/data/kv.sqlite3"))
    );
}

#[test]
fn a_literal_is_edited_and_its_error_told() {
    let (mut harness, state) = sharing([400.0, 200.0], "{a: }".to_owned(), |ui, text| {
        let error = parse(text).err().map(|error| CodeError::from(&error));
        CodeEditor::new(text, "Value as code")
            .error(error.as_ref())
            .show(ui);
    });
    harness.run();
    let message = parse("{a: }").unwrap_err().to_string();
    harness.get_by_label(&message);
    harness.get_by_label("Value as code").focus();
    harness.run();
    press(&mut harness, Key::ArrowLeft);
    type_text(&mut harness, "1");
    assert_eq!(*state.borrow(), "{a: 1}");
    assert!(harness.query_by_label(&message).is_none());
}

#[test]
fn a_long_error_of_a_code_editor_is_wrapped_then_scrolled_and_can_be_copied() {
    for (words, is_high) in [(40, false), (400, true)] {
        let message = vec!["expected"; words].join(" ");
        let error = CodeError {
            at: 0..0,
            message: message.clone(),
        };
        let (mut harness, _) = sharing([400.0, 200.0], "{}".to_owned(), move |ui, text| {
            CodeEditor::new(text, "Value as code")
                .error(Some(&error))
                .show(ui);
        });
        harness.run();
        let height = harness.get_by_label(&message).rect().height();
        assert_eq!(height > 150.0, is_high, "{height}");
        harness.get_by_label("Copy the error").click();
        harness.step();
        let done = &harness.output().platform_output.commands;
        assert!(done.contains(&egui::OutputCommand::CopyText(message)), "{done:?}");
    }
}

type Tree = (ValueTreeState, Value, Vec<ValueTreeEvent>);

fn tree(text: &str) -> (Harness<'static, Shown>, Rc<RefCell<Tree>>) {
    let state: Tree = (ValueTreeState::default(), parse(text).unwrap(), Vec::new());
    let (mut harness, state) = sharing([400.0, 300.0], state, |ui, (state, value, events)| {
        let output = ValueTree::new(state, value, 0).editable(true).show(ui);
        events.extend(output.events);
    });
    harness.run();
    (harness, state)
}

fn property(name: &str) -> ValuePath {
    ValuePath(vec![Step::Property(name.into())])
}

#[test]
fn a_primitive_is_edited_where_it_stands() {
    let (mut harness, state) = tree("{total: 9, note: 'x'}");
    double_click(&mut harness, "total: 9");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    type_text(&mut harness, "9.75");
    press(&mut harness, Key::Enter);
    assert_eq!(
        state.borrow().2,
        [ValueTreeEvent::Edit(property("total"), "9.75".to_owned())]
    );
    double_click(&mut harness, "note: \"x\"");
    type_text(&mut harness, "y");
    press(&mut harness, Key::Escape);
    assert_eq!(state.borrow().2.len(), 1);
}

#[test]
fn a_value_is_folded_walked_and_grown_by_keys_and_mouse() {
    let (mut harness, state) = tree("{items: ['magnet'], last: 1}");
    harness.get_by_label("items: Array").click();
    harness.run();
    press(&mut harness, Key::ArrowLeft);
    assert!(harness.query_by_label("0: \"magnet\"").is_none());
    press(&mut harness, Key::ArrowRight);
    press(&mut harness, Key::ArrowDown);
    let first = property("items").with(Step::Index(0));
    assert_eq!(state.borrow().0.selected(), Some(&first));
    press(&mut harness, Key::Delete);
    press(&mut harness, Key::ArrowLeft);
    assert_eq!(state.borrow().0.selected(), Some(&property("items")));
    harness.get_by_label("Add element").click();
    harness.run();
    let expected = [
        ValueTreeEvent::Remove(property("items").with(Step::Index(0))),
        ValueTreeEvent::Add(property("items")),
    ];
    assert_eq!(state.borrow().2, expected);
}

#[test]
fn a_property_is_renamed_by_its_key() {
    let (mut harness, state) = tree("{total: 9}");
    harness.get_by_label("total: 9").click();
    harness.run();
    press(&mut harness, Key::F2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    type_text(&mut harness, "sum");
    press(&mut harness, Key::Enter);
    let event = ValueTreeEvent::Rename(property("total"), "sum".to_owned());
    assert_eq!(state.borrow().2.as_slice(), std::slice::from_ref(&event));
    let edited = apply(&state.borrow().1, &event).unwrap();
    assert_eq!(edited.value.to_string(), "{sum: 9}");
    assert_eq!(edited.path, property("sum"));
}

#[test]
fn the_copy_key_gives_the_selected_part_as_a_literal() {
    let (mut harness, state) = tree("{items: ['magnet'], last: 1n}");
    harness.get_by_label("last: 1n").click();
    harness.run();
    harness.event(Event::Copy);
    harness.run();
    assert_eq!(state.borrow().2, [ValueTreeEvent::Copy("1n".to_owned())]);
}
