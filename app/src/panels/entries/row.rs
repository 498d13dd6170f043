//! One row of the table.

use egui::accesskit::Role;
use egui::{Modifiers, Rect, Sense, Ui, WidgetInfo};
use keyglass_store::key::{EncodedKey, Key};

use super::super::copy_menu;
use super::super::keys_menu::MENU_WIDTH;
use super::columns::Columns;
use super::{DrawnEntries, PanelContext};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::content::row::EntryRow;
use crate::format;
use crate::model::columns::Column;
use crate::model::query::Query;
use crate::model::selection::SelectRows;
use crate::theme::{self, icons};
use crate::widgets::badge::paint_badge;
use crate::widgets::menu::{MenuEntry, fit_menu, menu_separator};
use crate::widgets::{context_menu, key_text, line_text, preview_text};

/// Entries that expire sooner are marked, in milliseconds.
const SOON: i64 = 3_600_000;

/// What became of a row.
pub(super) struct DrawnRow {
    /// Its name among the widgets.
    pub id: egui::Id,
    /// Arrows go on from here.
    pub is_current: bool,
    /// It was clicked.
    pub clicked: bool,
    /// How wide its key would be in full, in points.
    pub key_width: f32,
    /// Milliseconds until a text of the row changes.
    pub next_tick: Option<i64>,
}

#[expect(clippy::too_many_arguments, reason = "all that a row is drawn from")]
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    index: u64,
    row: &EntryRow,
    skip: usize,
    columns: &Columns,
    drawn: &DrawnEntries<'_>,
    context: &mut PanelContext<'_>,
) -> DrawnRow {
    let tokens = theme::tokens(ui);
    let id = ui.scope_id().with(("entry", row.key.as_bytes()));
    // Tab goes past all rows: the list has the keyboard.
    let response = ui.interact(rect, id, Sense::CLICK);
    let is_changed = drawn.entries.is_changed(row);
    let expired_at = row.expires_at.filter(|at| *at <= context.now);
    let selection = &drawn.entries.selection;
    let is_selected = selection.contains(&row.key)
        && (expired_at.is_none() || drawn.entries.takes_expired_keys(selection.keys()));
    // Where arrows go on from, among several selected rows.
    let selected = drawn.entries.selected.as_ref();
    let is_current = selected
        .is_some_and(|key| *key == row.key || row.blob.as_ref().is_some_and(|blob| blob.key.covers(key)));
    let is_marked = is_current && drawn.entries.many_selected();
    let name = row.name();
    response.widget_info(|| {
        let kind = if row.blob.is_some() { ", blob" } else { "" };
        WidgetInfo::selected(Role::Row, true, is_selected, format!("{name}{kind}"))
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_selected(is_selected);
        let value: String = row.preview.spans.iter().map(|(_, text)| text.as_str()).collect();
        let expired = expired_at.map(|at| format!(", {}", format::not_swept(at, context.now)));
        let expired = expired.unwrap_or_default();
        let size = format::bytes(row.size);
        let gone = if drawn.is_gone { ", as it was last" } else { "" };
        node.set_description(format!("{}, {size}{expired}{gone}, {value}", row.type_name));
    });
    let fill = if is_selected {
        Some(tokens.color.selection)
    } else if is_changed {
        Some(tokens.color.flash)
    } else if response.hovered() {
        Some(tokens.hover())
    } else {
        (index % 2 == 1).then(|| tokens.stripe())
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, 0.0, fill);
    }
    if is_changed
        && is_selected
        && let Some(place) = columns.rect(rect, Column::Key)
    {
        // Both are seen: what is selected, and that it changed.
        ui.painter()
            .rect_filled(rect.with_max_x(place.right()), 0.0, tokens.color.flash);
    }
    if is_marked {
        ui.painter()
            .rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, tokens.color.accent);
    }

    let job = match name.decode() {
        Ok(key) if expired_at.is_some() => {
            line_text::recoloured(rest_of(tokens, &key, skip), tokens.color.dim)
        }
        Ok(key) => rest_of(tokens, &key, skip),
        Err(_) => line_text::job(&name.to_string(), tokens.mono(), tokens.color.bad),
    };
    let full = line_text::layout(ui.painter(), job.clone(), f32::INFINITY)
        .size()
        .x;
    let mut is_cut = false;
    if let Some(place) = columns.rect(rect, Column::Key) {
        let key = line_text::layout_keeping_end(ui.painter(), job, place.width());
        is_cut = full > place.width();
        line_text::paint(ui.painter(), place, key);
    }
    let next_tick = cells(ui, rect, row, columns, (context.now, drawn.hides_expiry));
    let response = match expired_at {
        Some(at) => {
            let told = format::not_swept(at, context.now);
            response.on_hover_text(format!("{name}\n{told} ({})", format::utc(at)))
        }
        None if is_cut => response.on_hover_text(name.to_string()),
        None => response,
    };
    let clicked = response.clicked();
    if clicked {
        let modifiers = ui.input(|input| input.modifiers);
        context.ask(clicked_with(modifiers, row.key.clone()));
    }
    if response.secondary_clicked() && !is_selected {
        context.ask(DatabaseAction::SelectEntry(row.key.clone()));
    }
    let many = drawn.entries.many_selected();
    context_menu::show(&response, |ui| row_menu(ui, row, many, context));
    DrawnRow {
        id,
        is_current,
        clicked,
        key_width: full,
        next_tick,
    }
}

/// What stands right of the key. Milliseconds until one of the texts changes.
fn cells(
    ui: &mut Ui,
    rect: Rect,
    row: &EntryRow,
    columns: &Columns,
    (now, hides_expiry): (i64, bool),
) -> Option<i64> {
    let tokens = theme::tokens(ui);
    let left = row.expires_at.map(|at| at - now);
    let has_expired = left.is_some_and(|left| left <= 0);
    if let Some(place) = columns.rect(rect, Column::Value) {
        let mut job = preview_text::preview_job(tokens, &row.preview.spans);
        if has_expired {
            job = line_text::recoloured(job, tokens.color.dim);
        }
        if row.preview.truncated {
            line_text::append(&mut job, " …", &tokens.mono(), tokens.color.dim);
        }
        let value = line_text::layout(ui.painter(), job, place.width());
        line_text::paint(ui.painter(), place, value);
    }
    if let Some(place) = columns.rect(rect, Column::Type) {
        paint_badge(ui, place, row.type_name);
    }
    let right = |text: &str, place: Rect, color| {
        let job = line_text::job(text, tokens.mono(), color);
        let galley = line_text::layout(ui.painter(), job, place.width());
        line_text::paint_right(ui.painter(), place, galley);
    };
    if let Some(place) = columns.rect(rect, Column::Size) {
        let size = format::bytes(row.size);
        let is_exact = row.blob.as_ref().is_none_or(|blob| blob.is_exact);
        let size = if is_exact { size } else { format!("≈ {size}") };
        right(&size, place, tokens.color.dim);
    }
    if let Some(place) = columns.rect(rect, Column::Versionstamp) {
        // Its end tells commits apart, so that is what a narrow column shows.
        let stamp = row.versionstamp.to_string();
        let digit = line_text::job("0", tokens.mono(), tokens.color.dim);
        let digit = line_text::layout(ui.painter(), digit, f32::INFINITY).size().x;
        let fitting = (place.width() / digit.max(1.0)).floor() as usize;
        let text = match stamp.len().checked_sub(fitting) {
            None | Some(0) => stamp,
            Some(hidden) => format!("…{}", stamp.get(hidden + 1..).unwrap_or_default()),
        };
        right(&text, place, tokens.color.dim);
    }
    if let Some(place) = columns.rect(rect, Column::Expires) {
        let (text, color) = match left {
            // Not that it never does.
            None if hides_expiry => ("?".to_owned(), tokens.color.dim),
            None => ("–".to_owned(), tokens.color.dim),
            Some(..=0) => ("expired".to_owned(), tokens.color.warning),
            Some(left @ ..SOON) => (format::short_span(left), tokens.color.warning),
            Some(left) => (format::short_span(left), tokens.color.dim),
        };
        right(&text, place, color);
    }
    // Also where its column is hidden, an entry is shown as expired from that moment on.
    left.filter(|left| *left > 0).map(format::span_changes_in)
}

/// What a click means with the modifiers that are held.
fn clicked_with(modifiers: Modifiers, key: EncodedKey) -> DatabaseAction {
    if modifiers.shift {
        let keep = modifiers.command;
        DatabaseAction::SelectRows(SelectRows::Extend { to: key, keep })
    } else if modifiers.command {
        DatabaseAction::SelectRows(SelectRows::Toggle(key))
    } else {
        DatabaseAction::SelectEntry(key)
    }
}

/// A key below the prefix shown; the prefix itself in full.
fn rest_of(tokens: &theme::Tokens, key: &Key, skip: usize) -> egui::text::LayoutJob {
    if key.0.len() <= skip {
        key_text::key_job(tokens, key)
    } else {
        key_text::rest_job(tokens, key, skip)
    }
}

/// What can be done with a row, or with all selected ones if it is one of several.
fn row_menu(ui: &mut Ui, row: &EntryRow, many: bool, context: &mut PanelContext<'_>) {
    fit_menu(ui, 190.0, MENU_WIDTH);
    let command = |ui: &mut Ui, context: &mut PanelContext<'_>, command: Command, text: &str| {
        let mut entry = MenuEntry::new(text).icon(command.icon());
        if command.destroys() {
            entry = entry.danger();
        }
        if context.command(ui, command, entry).clicked() {
            ui.close();
        }
    };
    let named = |ui: &mut Ui, context: &mut PanelContext<'_>, about: Command| {
        let text = about.text_about(&context.environment.subject);
        command(ui, context, about, &text);
    };
    let blob = row.blob.as_ref().filter(|_| !many);
    command(
        ui,
        context,
        Command::CopyKey,
        if many { "Copy keys" } else { "Copy key" },
    );
    copy_menu::show(ui, context);
    named(ui, context, Command::WatchSelection);
    if let Some(blob) = blob {
        let entry = MenuEntry::new("Export what it holds…").icon(Command::ExportSelection.icon());
        if ui.add_enabled(blob.num_parts > 0, entry).clicked() {
            context.ask(DatabaseAction::ExportBlob(
                blob.key.clone(),
                blob.key.file_name(&blob.facts),
            ));
            ui.close();
        }
    }
    named(ui, context, Command::ExportSelection);
    if !many && blob.is_none() {
        named(ui, context, Command::DuplicateEntry);
        named(ui, context, Command::RenameEntry);
    }
    menu_separator(ui);
    named(ui, context, Command::DeleteSelection);
    if many {
        return;
    }
    menu_separator(ui);
    if let Some(blob) = blob
        && ui
            .add(MenuEntry::new("List its parts").icon(icons::TREE))
            .clicked()
    {
        context.ask(DatabaseAction::List(Query::prefix(
            blob.key.parts_prefix().clone(),
        )));
        ui.close();
    }
    if ui.add(MenuEntry::new("Show in tree").icon(icons::TREE)).clicked() {
        context.ask(DatabaseAction::GoTo(row.key.clone()));
        ui.close();
    }
}
