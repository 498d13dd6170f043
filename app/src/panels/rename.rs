//! Writing another key for the entry that is shown.

use egui::{Margin, RichText, Ui, vec2};
use keyglass_store::Entry;
use keyglass_store::value::literal;

use super::key_editor::KeyPurpose;
use super::{PanelContext, key_editor};
use crate::action::DatabaseAction;
use crate::format;
use crate::model::entry_panel::EntryPanel;
use crate::theme;
use crate::widgets::button::{danger_button, plain_button, primary_button};
use crate::widgets::line_text;
use crate::widgets::preview_text::preview_job;

/// Characters of the value that stands in the way.
const PREVIEW_CHARS: usize = 80;

pub(super) fn show(ui: &mut Ui, panel: &mut EntryPanel, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let Some(shown) = panel.key().cloned() else { return };
    let limits = panel.limits;
    let Some(rename) = panel.rename_mut() else { return };
    ui.label(
        RichText::new("Rename to")
            .font(tokens.small())
            .color(tokens.color.dim),
    );
    let id = egui::Id::unique("new key of an entry").with(&shown);
    let output = key_editor::show(ui, &mut rename.key_draft, KeyPurpose::Rename, &limits, id);
    if output.changed {
        rename.key_changed();
    }
    ui.add_space(2.0);
    if let Some(standing) = &rename.standing {
        in_the_way(ui, standing);
    }
    let is_ready = rename.saving.is_none() && rename.key_draft.key(&limits).is_ok_and(|key| key != shown);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let overwrite = rename.standing.is_some();
        let (button, tooltip) = if overwrite {
            let tooltip = "Replace what stands under the new key, if it is still what is told above";
            (danger_button("Overwrite it"), tooltip)
        } else {
            (
                primary_button("Rename"),
                "Move value and expiry to the new key as one checked commit",
            )
        };
        let can_rename = is_ready && context.environment.writable;
        let button = ui.add_enabled(can_rename, button.small());
        // Overwriting is never asked for by a key alone.
        let entered = output.finished && can_rename && !overwrite;
        if button.on_hover_text(tooltip).clicked() || entered {
            context.ask(DatabaseAction::Rename { overwrite });
        }
        if ui.add(plain_button("Keep the key").small()).clicked() {
            context.ask(DatabaseAction::CancelRename);
        }
    });
}

/// What stands under the new key.
fn in_the_way(ui: &mut Ui, entry: &Entry) {
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::NONE
        .fill(tokens.color.flash)
        .corner_radius(tokens.size.radius)
        .inner_margin(Margin::symmetric(10, 6));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.0;
        let title = format!(
            "An entry stands there: {}, {}, version {}",
            entry.value.type_name(),
            format::bytes(entry.value.bytes.len() as u64),
            format::short_versionstamp(entry.versionstamp)
        );
        ui.label(RichText::new(title).color(tokens.color.text));
        let job = preview_job(tokens, &literal::preview(&entry.value, PREVIEW_CHARS).spans);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), egui::Sense::hover());
        line_text::paint(
            ui.painter(),
            rect,
            line_text::layout(ui.painter(), job, rect.width()),
        );
    });
    ui.add_space(4.0);
}
