//! The keys of a value tree while it has the keyboard's focus.

use egui::{Key, Modifiers, Rect, Response, Ui};
use keyglass_store::value::Value;

use super::drawn_row::text_at;
use super::order::place_of;
use super::rows::ValueRow;
use super::{ValueTreeEvent, ValueTreeState};
use crate::widgets::row_scroller::{RowAlign, row_after_keys};

/// What the keys are for.
pub(super) struct List<'l> {
    pub value: &'l Value,
    pub editable: bool,
    pub rows: &'l [ValueRow],
    pub response: &'l Response,
    pub page: u64,
}

/// Does what the keys say.
pub(super) fn take(ui: &Ui, state: &mut ValueTreeState, list: &List<'_>, events: &mut Vec<ValueTreeEvent>) {
    if !list.response.has_focus() {
        return;
    }
    let rows = list.rows;
    let is_selected = |row: &ValueRow| row.adds == state.on_add && state.selected.as_ref() == Some(&row.path);
    let index = rows.iter().position(is_selected);
    let row = index.and_then(|index| rows.get(index));
    // Before the arrows alone, which mean other rows.
    if let Some(row) = row.filter(|row| list.editable && !row.adds) {
        events.extend(moved(ui, list.value, row));
    }
    let current = index.map(|index| index as u64);
    let next = row_after_keys(ui, list.response, current, rows.len() as u64, list.page);
    if let Some(next) = next
        && let Some(row) = rows.get(next as usize)
    {
        state.select(row.path.clone());
        state.on_add = row.adds;
        state.scroll.scroll_to_row(next, RowAlign::Nearest);
    }
    let Some(row) = row else { return };
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if row.adds {
        if pressed(Key::Enter) {
            events.push(ValueTreeEvent::Add(row.path.clone()));
        }
        if pressed(Key::ArrowLeft) {
            state.on_add = false;
        }
        return;
    }
    if pressed(Key::ArrowRight) && row.open == Some(false) {
        state.toggle(&row.path);
    }
    if pressed(Key::ArrowLeft) {
        if row.open == Some(true) {
            state.toggle(&row.path);
        } else if let Some(parent) = row.path.parent() {
            let index = rows.iter().position(|row| !row.adds && row.path == parent);
            state
                .scroll
                .scroll_to_row(index.unwrap_or(0) as u64, RowAlign::Nearest);
            state.select(parent);
        }
    }
    if pressed(Key::Enter) {
        if row.open.is_some() {
            state.toggle(&row.path);
        } else if list.editable && row.is_text {
            state.edit(list.value, row.path.clone());
        } else if list.editable && row.date.is_some() {
            // The next frame knows where the row is.
            state.pick_date(row, Rect::NOTHING);
        }
    }
    if list.editable && row.is_named && pressed(Key::F2) {
        state.edit_name(list.value, row.path.clone());
    }
    if list.editable && !row.path.0.is_empty() && pressed(Key::Delete) {
        events.push(ValueTreeEvent::Remove(row.path.clone()));
    }
    let copied = ui.input(|input| input.events.contains(&egui::Event::Copy));
    if copied && let Some(text) = text_at(list.value, &row.path) {
        events.push(ValueTreeEvent::Copy(text));
    }
}

/// Alt with an arrow moves a part among its siblings.
fn moved(ui: &Ui, value: &Value, row: &ValueRow) -> Option<ValueTreeEvent> {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::ALT, key));
    let (up, down) = (pressed(Key::ArrowUp), pressed(Key::ArrowDown));
    let (place, number) = place_of(value, &row.path)?;
    let to = match (up, down) {
        (true, false) => place.checked_sub(1)?,
        (false, true) => Some(place + 1).filter(|to| *to < number)?,
        _ => return None,
    };
    Some(ValueTreeEvent::Move(row.path.clone(), to))
}
