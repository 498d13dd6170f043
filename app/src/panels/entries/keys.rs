//! The keys of the table while it has the keyboard's focus.

use egui::{Event, EventFilter, Key, Modifiers, Response, Ui};

use super::{DrawnEntries, PanelContext};
use crate::action::DatabaseAction;
use crate::command::Command;

use crate::model::selection::{Reach, SelectRows};
use crate::widgets::row_scroller::{beside_gone_row, modifiers_of_moves, row_after_keys};

/// Does what the keys say. The row to bring into view, if they go to one.
pub(super) fn take(
    ui: &Ui,
    table: &Response,
    drawn: &mut DrawnEntries<'_>,
    page: u64,
    context: &mut PanelContext<'_>,
) -> Option<u64> {
    if !table.has_focus() {
        return None;
    }
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if Command::EditValue.enabled(context.environment).is_ok() && pressed(Modifiers::NONE, Key::Enter) {
        context.ask(Command::EditValue);
    }
    if drawn.entries.many_selected() && pressed(Modifiers::NONE, Key::Escape) {
        context.ask(DatabaseAction::SelectRows(SelectRows::One));
    }
    if pressed(Modifiers::NONE, Key::Delete) {
        context.ask(Command::DeleteSelection);
    }
    let current = drawn.entries.selected.clone();
    if pressed(Modifiers::CTRL, Key::Space)
        && let Some(key) = &current
    {
        context.ask(DatabaseAction::SelectRows(SelectRows::Toggle(key.clone())));
    }
    let typed = typed(ui);
    if !typed.is_empty() {
        context.ask(DatabaseAction::TypeAhead(typed));
    }
    let (shift, keep) = modifiers_of_moves(ui);
    let current_row = current.as_ref().and_then(|key| drawn.entries.row_of(key));
    let current_row = drawn.entries.reaching().or(current_row);
    if let (Some(key), None) = (&current, current_row) {
        // Its row is needed to count from.
        drawn.entries.show_key(key);
    }
    if current_row.is_some() {
        drawn.view.row = current_row;
    }
    let current_row = match current_row {
        None if drawn.is_selected_absent => beside_gone_row(ui, drawn.view.row),
        known => known,
    };
    let num_rows = drawn.entries.num_rows();
    let target = row_after_keys(ui, table, current_row, num_rows, page);
    // Escape leaves the selection first, and the table after that.
    let filter = EventFilter {
        vertical_arrows: true,
        horizontal_arrows: true,
        escape: drawn.entries.many_selected(),
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(table.id, filter));
    let target = target?;
    let then = if shift {
        Reach::Extend { keep }
    } else {
        Reach::Select
    };
    drawn.entries.reach(target, then);
    Some(target)
}

/// Asks for what a key led to, as soon as that row is loaded.
pub(super) fn follow(drawn: &mut DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    if let Some((key, then)) = drawn.entries.take_reached() {
        context.ask(match then {
            Reach::Select => DatabaseAction::SelectEntry(key),
            Reach::Extend { keep } => DatabaseAction::SelectRows(SelectRows::Extend { to: key, keep }),
            Reach::FromFirst => DatabaseAction::SelectRows(SelectRows::FromFirst(key)),
        });
    }
}

/// The letters that were typed.
fn typed(ui: &Ui) -> String {
    ui.input(|input| {
        let texts = input.events.iter().filter_map(|event| match event {
            Event::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    })
}
