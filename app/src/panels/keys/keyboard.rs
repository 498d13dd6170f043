//! What keys do in the tree and in its filter.

use egui::{Key, Modifiers, Ui};

use super::{DrawnKeys, part_of};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::model::tree::{KeyTree, TreeRow, TreeRowKind};
use crate::panels::PanelContext;
use crate::widgets::row_scroller::{RowScrollerOutput, beside_gone_row, row_after_keys};

/// A pause after which typing looks for something else, in milliseconds.
const TYPE_AHEAD_PAUSE: i64 = 1000;
/// Rows that are looked through for what was typed, so that a frame stays short.
const TYPE_AHEAD_ROWS: usize = 5000;

/// Whether a key is pressed that leads from the filter to the tree.
pub(super) fn leaves_downwards(ui: &Ui) -> bool {
    [Key::ArrowDown, Key::Enter]
        .into_iter()
        .any(|key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)))
}

/// Selects the first row that the filter marks, or the first one at all.
pub(super) fn select_first_match(drawn: &DrawnKeys<'_>, context: &mut PanelContext<'_>) {
    let tree = &drawn.tree;
    let rows = (0..tree.num_rows()).take(TYPE_AHEAD_ROWS);
    let mut rows = rows.filter_map(|row| tree.row(row)).peekable();
    let first = rows.peek().cloned();
    let marked = rows.find(|row| {
        let part = part_of(row);
        part.is_some_and(|part| tree.find_filter(&part.to_string()).is_some())
    });
    if let Some(row) = marked.or(first) {
        select(row, context);
    }
}

/// Does what is pressed and typed in the tree, which has the keyboard's focus. The row that gets selected, if one does.
pub(super) fn take(
    ui: &Ui,
    drawn: &mut DrawnKeys<'_>,
    output: &RowScrollerOutput,
    context: &mut PanelContext<'_>,
) -> Option<u64> {
    let current = drawn.tree.selected_row();
    if let Some(row) = current.and_then(|at| drawn.tree.row(at)) {
        keys_of_row(ui, &row, drawn.tree, context);
    }
    if current.is_some() {
        drawn.view.row = current;
    }
    let gone_row = drawn
        .view
        .row
        .filter(|_| drawn.tree.selected.is_some() && current.is_none());
    let current = current.or_else(|| beside_gone_row(ui, gone_row));
    let num_rows = drawn.tree.num_rows();
    let target = row_after_keys(ui, &output.response, current, num_rows, output.page);
    let typed = type_ahead(ui, drawn, current, context.now);
    let target = target.or(typed)?;
    if let Some(row) = drawn.tree.row(target) {
        select(row, context);
    }
    Some(target)
}

fn select(row: TreeRow, context: &mut PanelContext<'_>) {
    if let TreeRowKind::Node { is_entry, folder } = row.kind {
        context.ask(DatabaseAction::SelectNode {
            prefix: row.prefix,
            is_entry,
            is_folder: folder.is_some(),
        });
    }
}

/// Left, Right and Enter on the selected node.
fn keys_of_row(ui: &Ui, row: &TreeRow, tree: &KeyTree, context: &mut PanelContext<'_>) {
    let TreeRowKind::Node { folder, .. } = row.kind else {
        return;
    };
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowRight) && folder == Some(false) {
        context.ask(DatabaseAction::SetExpanded(row.prefix.clone(), true));
    }
    if pressed(Key::ArrowLeft) {
        if folder == Some(true) {
            context.ask(DatabaseAction::SetExpanded(row.prefix.clone(), false));
        } else if row.part_start > 0 {
            let parent = row.prefix.truncated(row.part_start);
            let row = tree.row_of(&parent).and_then(|row| tree.row(row));
            let kind = row.map(|row| row.kind);
            context.ask(DatabaseAction::SelectNode {
                prefix: parent,
                is_entry: matches!(kind, Some(TreeRowKind::Node { is_entry: true, .. })),
                is_folder: true,
            });
        }
    }
    if pressed(Key::Enter) {
        match folder {
            Some(open) => context.ask(DatabaseAction::SetExpanded(row.prefix.clone(), !open)),
            None => context.ask(Command::EditValue),
        }
    }
}

/// The row whose part begins with what was typed in quick succession, from the selected row on.
fn type_ahead(ui: &Ui, drawn: &mut DrawnKeys<'_>, current: Option<u64>, now: i64) -> Option<u64> {
    let typed: String = ui.input(|input| {
        let texts = input.events.iter().filter_map(|event| match event {
            egui::Event::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    });
    if typed.is_empty() {
        return None;
    }
    let (text, at) = &mut drawn.view.type_ahead;
    let is_new = now - *at > TYPE_AHEAD_PAUSE;
    if is_new {
        text.clear();
    }
    text.push_str(&typed.to_lowercase());
    *at = now;
    let wanted = text.clone();
    let tree = &mut *drawn.tree;
    // A first letter goes on to the next match; further letters may still fit the row found so far.
    let start = current.map_or(0, |row| row + u64::from(is_new));
    let fits = |row: &TreeRow| {
        let name = part_of(row)
            .map(|part| part.to_string().to_lowercase())
            .unwrap_or_default();
        row.kind != TreeRowKind::More
            && (name.starts_with(&wanted) || name.trim_start_matches('"').starts_with(&wanted))
    };
    let num_rows = tree.num_rows();
    (start..num_rows)
        .chain(0..start.min(num_rows))
        .take(TYPE_AHEAD_ROWS)
        .find(|row| tree.row(*row).is_some_and(|row| fits(&row)))
}
