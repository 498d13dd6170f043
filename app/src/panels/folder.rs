//! What the entry panel shows of a folder of the tree that is no entry: what it holds and what can be done with it.

use egui::{RichText, Ui};
use keyglass_store::database::Counted;
use keyglass_store::key::EncodedKey;

use super::PanelContext;
use super::entry::DrawnEntry;
use crate::action::{Asked, DatabaseAction};
use crate::format;
use crate::model::query::Query;
use crate::model::target::Target;
use crate::theme::{self, icons};
use crate::widgets::button::{link_button, quiet_button};
use crate::widgets::key_text::key_chips;

/// Edits that are named one by one.
const NAMED_EDITS: usize = 5;

pub(super) fn show(
    ui: &mut Ui,
    drawn: &mut DrawnEntry<'_>,
    prefix: &EncodedKey,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    egui::Frame::NONE
        .inner_margin(tokens.size.padding)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            chips(ui, prefix, context);
            if drawn.is_uncounted {
                ui.horizontal(|ui| {
                    let text = "Its entries are not counted, because each read is paid for";
                    ui.label(RichText::new(text).color(tokens.color.dim));
                    if ui.add(link_button("Count")).clicked() {
                        context.ask(DatabaseAction::Count(prefix.clone()));
                    }
                });
            } else {
                ui.label(RichText::new(held(drawn.held)).color(tokens.color.dim));
            }
            ui.add_space(4.0);
            actions(ui, drawn, prefix, context);
            edits(ui, drawn, context);
        });
}

/// The parts of the prefix, of which each leads to what begins with it.
fn chips(ui: &mut Ui, prefix: &EncodedKey, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    match prefix.decode() {
        Ok(key) => {
            if let Some(part) = key_chips(ui, &key)
                && let Some(end) = prefix.part_ends().get(part)
            {
                let query = Query::prefix(prefix.truncated(*end));
                context.ask(DatabaseAction::List(query));
            }
        }
        Err(error) => {
            let text = RichText::new(prefix.to_string()).font(tokens.mono());
            ui.label(text.color(tokens.color.bad));
            ui.label(RichText::new(format!("This is no Deno KV key: {error}")).color(tokens.color.dim));
        }
    }
}

/// How many entries there are.
fn held(counted: Option<Counted>) -> String {
    match counted {
        None => "Counting its entries…".to_owned(),
        Some(counted) => {
            let about = if counted.complete { "" } else { "≥ " };
            let alive = format::counted(counted.alive(), "entry", "entries");
            let expired = format::expired(counted.expired);
            format!("{about}{alive}{expired} below, none under this key itself")
        }
    }
}

/// What can be done with all of it, whatever is selected in the table by now.
fn actions(ui: &mut Ui, drawn: &DrawnEntry<'_>, prefix: &EncodedKey, context: &mut PanelContext<'_>) {
    let below = Target::Below(prefix.clone());
    let is_listed = *drawn.listed == Query::prefix(prefix.clone());
    let offers: [(&str, &str, &str, bool, bool, Asked); 5] = [
        (
            "List",
            icons::TABLE,
            "List what is below in the table",
            !is_listed,
            false,
            DatabaseAction::List(Query::prefix(prefix.clone())).into(),
        ),
        (
            "Watch",
            icons::EYE,
            "Show every change at and below this key under Watch",
            true,
            false,
            DatabaseAction::Watch(prefix.clone()).into(),
        ),
        (
            "Export all…",
            icons::EXPORT,
            "Write what is below to a file",
            true,
            false,
            DatabaseAction::AskExport(below.clone()).into(),
        ),
        (
            "New entry here",
            icons::PLUS,
            "Write an entry under a new key that begins with these parts",
            true,
            true,
            DatabaseAction::NewEntryBelow(prefix.clone()).into(),
        ),
        (
            "Delete all…",
            icons::TRASH,
            "Remove what is below",
            true,
            true,
            DatabaseAction::AskDeleteAll(below).into(),
        ),
    ];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
        for (text, icon, tooltip, enabled, writes, action) in offers {
            let (enabled, reason) = match writes && !context.environment.writable {
                true => (false, "The database is read-only"),
                false => (enabled, "It is listed"),
            };
            let response = ui
                .add_enabled(enabled, quiet_button(text).icon(icon))
                .on_hover_text(tooltip)
                .on_disabled_hover_text(reason);
            if response.clicked() {
                context.ask(action);
            }
        }
    });
}

/// The edits that wait while the folder is shown, with a way back to each.
fn edits(ui: &mut Ui, drawn: &DrawnEntry<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let panel = &*drawn.panel;
    let waiting = panel.num_changed();
    if waiting == 0 {
        return;
    }
    ui.add_space(8.0);
    let (edits, verb) = (
        format::counted(waiting as u64, "edit", "edits"),
        if waiting == 1 { "waits" } else { "wait" },
    );
    ui.label(RichText::new(format!("{edits} {verb} to be saved")).color(tokens.color.warning));
    let renamed = panel.renames().map(|(key, _)| key);
    let mut keys: Vec<&EncodedKey> = panel
        .changed()
        .filter_map(|draft| draft.key())
        .chain(renamed)
        .collect();
    keys.sort();
    keys.dedup();
    for key in keys.into_iter().take(NAMED_EDITS) {
        let text = key.to_string();
        let link = ui.add(link_button(&text).small());
        if link.on_hover_text("Go on with this edit").clicked() {
            context.ask(DatabaseAction::GoTo(key.clone()));
        }
    }
    if panel.set_aside().next().is_some() {
        let link = ui.add_enabled(context.environment.writable, link_button("A new entry").small());
        if link.on_hover_text("Go on with the new entry").clicked() {
            context.ask(DatabaseAction::NewEntry);
        }
    }
}
