//! The menu of all forms in which keys, values and entries are copied.

use egui::Ui;
use keyglass_store::key::EncodedKey;

use super::PanelContext;
use crate::action::{AppAction, DatabaseAction};
use crate::command::Command;
use crate::model::target::Target;
use crate::theme::icons;
use crate::widgets::menu::{MenuEntry, menu_separator, submenu};

/// What is copied, and in which form; `None` is a line.
const FORMS: [Option<(Command, &str)>; 13] = [
    Some((Command::CopyKey, "Key as JavaScript")),
    Some((Command::CopyKeyJson, "Key as JSON")),
    Some((Command::CopyKeyRust, "Key as Rust")),
    None,
    Some((Command::CopyValue, "Value as JavaScript")),
    Some((Command::CopyJson, "Value as JSON")),
    Some((Command::CopyValueRust, "Value as Rust")),
    None,
    Some((Command::CopyEntry, "Entry as JavaScript")),
    Some((Command::CopyEntryJson, "Entry as JSON line")),
    Some((Command::CopyDenoCode, "Entry as Deno code")),
    Some((Command::CopyRustCode, "Entry as Rust code")),
    Some((Command::CopyCommandLine, "Entry as command line")),
];

/// The entry `Copy as` of another menu.
pub(super) fn show(ui: &mut Ui, context: &mut PanelContext<'_>) {
    submenu(ui, "Copy as", icons::COPY, |ui| forms(ui, context));
}

/// The entry `Copy all as`, for everything at and below a prefix.
pub(super) fn below(ui: &mut Ui, prefix: &EncodedKey, context: &mut PanelContext<'_>) {
    submenu(ui, "Copy all as", icons::COPY, |ui| {
        each(ui, |ui, command, entry| {
            let is_chosen = ui.add(entry).clicked();
            if let (true, Some(form)) = (is_chosen, command.copy_form()) {
                context.ask(DatabaseAction::CopyAll(Target::Below(prefix.clone()), form));
            }
            is_chosen
        });
    });
}

/// All forms of what is selected, or else of what is shown.
pub(super) fn forms(ui: &mut Ui, context: &mut PanelContext<'_>) {
    each(ui, |ui, command, entry| {
        context.command(ui, command, entry).clicked()
    });
}

/// All forms of the entry that is shown, whatever is selected in the table.
pub(super) fn shown(ui: &mut Ui, key: &EncodedKey, context: &mut PanelContext<'_>) {
    each(ui, |ui, command, entry| {
        let Some(form) = command.copy_form() else {
            return false;
        };
        let response = ui
            .add_enabled(form.is_of_key() || context.environment.entry, entry)
            .on_disabled_hover_text("No entry is shown");
        if response.clicked() {
            context.ask(DatabaseAction::CopyShown(form));
        }
        response.clicked() || command == Command::CopyKeyRust && bytes(ui, key, context)
    });
}

/// The form of a key that only the entry panel offers. True if it was chosen.
fn bytes(ui: &mut Ui, key: &EncodedKey, context: &mut PanelContext<'_>) -> bool {
    let entry = ui.add(MenuEntry::new("Key as bytes").icon(icons::KEY));
    let tooltip = "Copy the key's bytes, by which the database orders it, in hexadecimal digits";
    let is_chosen = entry.on_hover_text(tooltip).clicked();
    if is_chosen {
        let digits: Vec<String> = key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        context.ask(AppAction::Copy(digits.join(" ")));
    }
    is_chosen
}

/// Adds each form by a function that tells whether it was chosen.
fn each(ui: &mut Ui, mut add: impl FnMut(&mut Ui, Command, MenuEntry<'_>) -> bool) {
    ui.set_min_width(200.0);
    ui.set_max_width(220.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    for form in FORMS {
        let Some((command, text)) = form else {
            menu_separator(ui);
            continue;
        };
        if add(ui, command, MenuEntry::new(text).icon(command.icon())) {
            ui.close();
        }
    }
}
