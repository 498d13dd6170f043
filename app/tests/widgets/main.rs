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
#[cfg(test)]
mod row_scroller;
#[cfg(test)]
mod toasts;
#[cfg(test)]
mod value_tree;

use std::cell::RefCell;
use std::rc::Rc;

use egui::{Event, Key, Ui};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotResults};
use keyglass::panels::question::Answer;
use keyglass::theme::{self, ThemeChoice};
use keyglass::widgets::badge::badge;
use keyglass::widgets::button::plain_button;
use keyglass::widgets::chip::FilterChip;
use keyglass::widgets::choice::{document_tab, segmented};
use keyglass::widgets::code_editor::{CodeEditor, CodeError};
use keyglass::widgets::search_field::SearchField;
use keyglass::widgets::value_tree::{ValueTree, ValueTreeState};
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
