//! Values folded, walked and edited by keys and mouse.

use std::cell::RefCell;
use std::rc::Rc;

use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use keyglass::widgets::value_tree::{Step, ValuePath, ValueTree, ValueTreeEvent, ValueTreeState, apply};
use keyglass_store::value::Value;
use keyglass_store::value::literal::parse;

use super::{Shown, double_click, press, sharing, type_text};

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
