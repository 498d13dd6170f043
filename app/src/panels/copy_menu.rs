//! The menu of all forms in which keys, values and entries are copied.

use egui::Ui;
use keyglass_store::key::EncodedKey;

use super::PanelContext;
use crate::command::Command;
use crate::execute::Action;
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
        ui.set_min_width(200.0);
        ui.set_max_width(220.0);
        for form in FORMS {
            let Some((command, text)) = form else {
                menu_separator(ui);
                continue;
            };
            let entry = ui.add(MenuEntry::new(text).icon(command.icon()));
            if let (true, Some(form)) = (entry.clicked(), command.copy_form()) {
                context.ask(Action::CopyAll(Target::Below(prefix.clone()), form));
                ui.close();
            }
        }
    });
}

/// All forms.
pub(super) fn forms(ui: &mut Ui, context: &mut PanelContext<'_>) {
    ui.set_min_width(200.0);
    ui.set_max_width(220.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    for form in FORMS {
        let Some((command, text)) = form else {
            menu_separator(ui);
            continue;
        };
        let entry = MenuEntry::new(text).icon(command.icon());
        if context.command(ui, command, entry).clicked() {
            ui.close();
        }
    }
}
