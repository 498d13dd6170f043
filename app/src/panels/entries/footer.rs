//! The line below the table: where one is, or how much is selected, and what can be done with it.

use egui::{Ui, vec2};

use super::super::copy_menu;
use super::{DrawnEntries, PanelContext};
use crate::action::{DatabaseAction, TransactionAction};
use crate::command::Command;
use crate::errand::ForEntries;
use crate::format;
use crate::theme::{self, icons};
use crate::widgets::button::link_button;
use crate::widgets::menu::{MenuEntry, fit_menu};

/// Between two buttons, in points.
const GAP: f32 = 10.0;
/// A footer that is less wide, in points, has a menu instead of buttons.
const NARROW: f32 = 340.0;

pub(super) fn show(ui: &mut Ui, drawn: &DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let rect = ui.available_rect_before_wrap();
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, line);
    let inner = rect.shrink2(vec2(tokens.size.padding, 1.0));
    ui.scope_builder(
        egui::UiBuilder::new()
            .max_rect(inner)
            .layout(egui::Layout::left_to_right(egui::Align::Center)),
        |ui| {
            // Buttons come first, since they are clicked; the text gets what they leave.
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = GAP;
                buttons(ui, drawn, context);
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    let text = egui::RichText::new(text(drawn)).color(tokens.color.dim);
                    ui.add(egui::Label::new(text).truncate());
                });
            });
        },
    );
}

/// What can be done with what is selected, or with what is listed.
fn buttons(ui: &mut Ui, drawn: &DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    if ui.available_width() < NARROW {
        let more = ui.add(link_button("Actions…"));
        egui::Popup::menu(&more).show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            menu(ui, drawn, context);
        });
        ask_for_more(ui, drawn, context);
        return;
    }
    context.command(ui, Command::DeleteSelection, link_button("Delete…"));
    context.command(ui, Command::WatchSelection, link_button("Watch"));
    if drawn.entries.many_selected() {
        let copy = ui.add(link_button("Copy…"));
        let copy = copy.on_hover_text("Copy the selected entries in one of many forms");
        egui::Popup::menu(&copy).show(|ui| copy_menu::forms(ui, context));
        context.command(ui, Command::ExportSelection, link_button("Export…"));
        let rows = ui.add_enabled(context.environment.writable, link_button("Transaction…"));
        let rows = rows.on_hover_text("Add rows for the selected entries to the transaction");
        let rows = rows.on_disabled_hover_text("The database is read-only");
        egui::Popup::menu(&rows).show(|ui| to_transaction(ui, context));
        ask_for_more(ui, drawn, context);
        return;
    }
    export_listed(ui, drawn, context, link_button("Export…"));
    ask_for_more(ui, drawn, context);
}

/// A button that reads or counts what is not read or counted of itself.
fn ask_for_more(ui: &mut Ui, drawn: &DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    let entries = &drawn.entries;
    let (text, tooltip, action) = if entries.many_selected() {
        if !entries.selection.tally.is_waiting() {
            return;
        }
        let tooltip = "Reads all of what is selected";
        ("Count", tooltip, DatabaseAction::CountSelected)
    } else if entries.reads_by_pages() {
        let tooltip = "Reads all of what is listed, which tells how many entries there are";
        ("Read all", tooltip, DatabaseAction::ReadAll)
    } else {
        return;
    };
    if ui.add(link_button(text)).on_hover_text(tooltip).clicked() {
        context.ask(action);
    }
}

/// A button for what is listed, as long as keys alone tell what that is. Whether it was clicked.
fn export_listed(
    ui: &mut Ui,
    drawn: &DrawnEntries<'_>,
    context: &mut PanelContext<'_>,
    button: impl egui::Widget,
) -> bool {
    let has_limit = drawn.entries.query.limit.is_some();
    let response = ui
        .add_enabled(!has_limit, button)
        .on_hover_text("Export what is listed to a file")
        .on_disabled_hover_text("Take off the limit, or select all, to export");
    if response.clicked() {
        context.ask(DatabaseAction::ExportListed);
    }
    response.clicked()
}

/// The same as a menu, where there is no room for buttons.
fn menu(ui: &mut Ui, drawn: &DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    let many = drawn.entries.many_selected();
    let delete = Command::DeleteSelection;
    let export = Command::ExportSelection;
    let mut clicked = false;
    if many {
        let entry = MenuEntry::new("Export…").icon(export.icon());
        clicked |= context.command(ui, export, entry).clicked();
        copy_menu::show(ui, context);
        let add = Command::AddToTransaction;
        let entry = MenuEntry::new("Add to transaction").icon(add.icon());
        clicked |= context.command(ui, add, entry).clicked();
    } else {
        let entry = MenuEntry::new("Export…").icon(export.icon());
        clicked |= export_listed(ui, drawn, context, entry);
    }
    let watch = Command::WatchSelection;
    let entry = MenuEntry::new("Watch").icon(watch.icon());
    clicked |= context.command(ui, watch, entry).clicked();
    let entry = MenuEntry::new("Delete…").icon(delete.icon()).danger();
    clicked |= context.command(ui, delete, entry).clicked();
    if clicked {
        ui.close();
    }
}

/// What becomes of each of the selected entries in the transaction.
fn to_transaction(ui: &mut Ui, context: &mut PanelContext<'_>) {
    fit_menu(ui, 190.0, 260.0);
    let queue = ("Queue each again", icons::REDO, ForEntries::Queue);
    let queue = context.environment.queue.then_some(queue);
    let each = [
        ("Check and set each", icons::PENCIL, ForEntries::Set),
        ("Check and delete each", icons::TRASH, ForEntries::Delete),
        ("Check each", icons::CHECK, ForEntries::Check),
    ];
    for (text, icon, each) in each.into_iter().chain(queue) {
        if ui.add(MenuEntry::new(text).icon(icon)).clicked() {
            context.ask(TransactionAction::AddSelected(each));
            ui.close();
        }
    }
}

/// How much is selected, or where one is.
fn text(drawn: &DrawnEntries<'_>) -> String {
    let entries = &drawn.entries;
    if let Some(missed) = &drawn.entries.type_ahead.missed {
        return format!("No key part here begins with {missed}");
    }
    if entries.many_selected() {
        let tally = &entries.selection.tally;
        if let Some(error) = tally.error() {
            return error.to_owned();
        }
        if tally.is_waiting() && tally.counted().is_none() {
            return "Selected, not counted".to_owned();
        }
        let counted = tally.shown();
        let about = if tally.counted().is_some() && !counted.complete {
            "≥ "
        } else {
            ""
        };
        if counted.expired > 0 && !entries.takes_expired_keys(entries.selection.keys()) {
            // How large the others are is not known.
            let (number, expired) = (format::count(counted.alive()), format::left_out(counted.expired));
            return format!("{about}{number} selected{expired}");
        }
        let number = format::count(counted.entries);
        return format!("{about}{number} selected · {}", format::bytes(counted.bytes));
    }
    if let Some(error) = &entries.error {
        return error.clone();
    }
    let about = if entries.is_complete() { "" } else { "≥ " };
    let rows = entries.num_rows();
    let told = match entries.selected.as_ref().and_then(|key| entries.row_of(key)) {
        Some(row) => format!(
            "Entry {} of {about}{}",
            format::count(row + 1),
            format::count(rows)
        ),
        None => format!("{about}{}", format::counted(rows, "entry", "entries")),
    };
    if drawn.num_expired == 0 || entries.query.limit.is_some() {
        return told;
    }
    // A blob is one row, of however many entries that have expired.
    format!("{told} · {} expired", format::count(drawn.num_expired))
}
