//! An entry that is a part of a blob of kv-toolbox: what the whole is, and what can be done with it.

use egui::{Margin, RichText, Ui};

use super::PanelContext;
use super::entry::DrawnEntry;
use crate::action::DatabaseAction;
use crate::content::blob::BlobKey;
use crate::format;
use crate::model::target::Target;
use crate::theme;
use crate::widgets::button::quiet_button;

pub(super) fn show(ui: &mut Ui, drawn: &DrawnEntry<'_>, context: &mut PanelContext<'_>) {
    let Some((key, part)) = drawn
        .panel
        .entry()
        .and_then(|entry| BlobKey::of_entry(&entry.key))
    else {
        return;
    };
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::NONE
        .fill(tokens.color.field)
        .corner_radius(tokens.size.radius)
        .inner_margin(Margin::symmetric(10, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        let title = match part {
            Some(number) => format!("Part {} of a blob of kv-toolbox", format::count(number)),
            None => "What is known about a blob of kv-toolbox".to_owned(),
        };
        ui.label(
            RichText::new(title)
                .font(tokens.strong())
                .color(tokens.color.text),
        );
        let Some(blob) = drawn.preview.blob().filter(|blob| blob.key == key) else {
            ui.label(RichText::new("reading its parts…").color(tokens.color.dim));
            return;
        };
        ui.label(RichText::new(blob.title()).color(tokens.color.dim));
        if blob.num_lost > 0 {
            let lost = format::counted(blob.num_lost, "entry", "entries");
            let text = format!("{lost} more, after a gap or without bytes, cannot be read as parts");
            ui.label(RichText::new(text).color(tokens.color.warning));
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let export = ui.add_enabled(blob.num_parts > 0, quiet_button("Export blob…").small());
            let tooltip = "Write the bytes of all parts to a file";
            if export.on_hover_text(tooltip).clicked() {
                context.ask(DatabaseAction::ExportBlob(
                    key.clone(),
                    blob.key.file_name(&blob.facts),
                ));
            }
            let delete = ui.add_enabled(
                context.environment.writable,
                quiet_button("Delete all parts…").small(),
            );
            let tooltip = "Remove all parts and what is known about them, and nothing else below the key";
            if delete.on_hover_text(tooltip).clicked() {
                context.ask(DatabaseAction::AskDeleteAll(Target::Selected(key.entries())));
            }
        });
    });
}
