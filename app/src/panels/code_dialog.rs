//! The dialog in which code of Deno is pasted, of which rows of a transaction are made.

use egui::{RichText, Ui, vec2};

use super::PanelContext;
use super::dialog::heading;
use super::mark::Place;
use crate::action::{AppAction, TransactionAction};
use crate::format;
use crate::model::transaction::CodeDraft;
use crate::theme;
use crate::widgets::button::{plain_button, primary_button};
use crate::widgets::code_editor::CodeEditor;
use crate::widgets::dialog_frame::{button_row, dialog};

/// Height of the code, in points.
const CODE_HEIGHT: f32 = 260.0;
/// Height of what could not be read, in points.
const UNREAD_HEIGHT: f32 = 110.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut CodeDraft,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Paste Deno code", 640.0, |ui| {
        let tokens = theme::tokens(ui);
        heading(ui, "Paste Deno code", place);
        let text = "Calls such as kv.atomic().check(…).set(…).commit() and kv.set(…) become rows. Nothing is run: only literals are read.";
        ui.label(RichText::new(text).color(tokens.color.dim));
        let size = vec2(ui.available_width(), CODE_HEIGHT);
        ui.allocate_ui(size, |ui| {
            ui.set_min_size(size);
            let response = CodeEditor::new(&mut draft.text, "Deno code").plain().show(ui);
            if ui.memory(|memory| memory.focused().is_none()) {
                response.request_focus();
            }
            if response.changed() {
                draft.parse();
            }
        });
        let read = draft.read();
        let rows = read.rows.len() as u64;
        let mut told = format::counted(rows, "row", "rows");
        if !read.unread.is_empty() {
            let unread = format::counted(read.unread.len() as u64, "part", "parts");
            told = format!("{told}; {unread} could not be read:");
        }
        if !draft.text.trim().is_empty() {
            ui.label(told);
        }
        if !read.unread.is_empty() {
            egui::ScrollArea::vertical()
                .max_height(UNREAD_HEIGHT)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    for unread in &read.unread {
                        let text = format!("Line {}: {}: {}", unread.line, unread.text, unread.reason);
                        let label = RichText::new(&text)
                            .font(tokens.small())
                            .color(tokens.color.warning);
                        ui.add(egui::Label::new(label).truncate()).on_hover_text(text);
                    }
                });
        }
        ui.add_space(4.0);
        button_row(ui, |ui| {
            let add = ui.add_enabled(rows > 0, primary_button("Add rows"));
            let add = add.on_disabled_hover_text("No call of Deno KV was read");
            if ui.add(plain_button("Cancel")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
            let is_entered =
                ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, egui::Key::Enter));
            if add.clicked() || is_entered && rows > 0 {
                context.ask(TransactionAction::AddCode(Box::new(draft.clone())));
            }
        });
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}
